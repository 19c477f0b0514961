(** What the programs of Checker.v compute from the data: the Gram matrix, the gradient of the loss ([slopes_sound]),
    and that a rounded left inverse shows columns independent ([left_inverse_sound]). *)

From Coq Require Import Reals Lra Lia Arith List ZArith QArith Qreals Bool.
From Coquelicot Require Import Coquelicot.
From Saddle Require Import Base Setting Rate Convergence Theorem2 Checker.
Import ListNotations.
Open Scope R_scope.

(** * Lists and integers *)

Lemma nth_table {A} d (f : nat -> A) i a : (i < d)%nat -> nth i (table d f) a = f i.
Proof.
  intros H. unfold table. rewrite (nth_indep _ a (f 0%nat)) by (now rewrite map_length, seq_length).
  rewrite map_nth, seq_nth by exact H. reflexivity.
Qed.

Lemma length_table {A} d (f : nat -> A) : length (table d f) = d.
Proof. unfold table. now rewrite map_length, seq_length. Qed.

Lemma all_true d f : all d f = true -> forall i, (i < d)%nat -> f i = true.
Proof. unfold all. rewrite forallb_forall. intros H i Hi. apply H, in_seq. lia. Qed.

Lemma first_false_none l : first_false l = None -> forall c b, In (c, b) l -> b = true.
Proof.
  induction l as [|[c' b'] l IH]; simpl; [easy|]. destruct b'; [|discriminate].
  intros H c b [E|E]; [now injection E|now apply (IH H c)].
Qed.

Lemma Sum_first n f : Sum (S n) f = f 0%nat + Sum n (fun i => f (S i)).
Proof. induction n as [|n IH]; [simpl; ring|]. change (Sum (S (S n)) f) with (Sum (S n) f + f (S n)). rewrite IH. simpl. ring. Qed.

Lemma dot_list_sound a : forall b,
  IZR (dot_list a b) = Sum (length a) (fun i => IZR (at_ a i) * IZR (at_ b i)).
Proof.
  induction a as [|x a IH]; intros b; [reflexivity|]. change (length (x :: a)) with (S (length a)).
  rewrite Sum_first. destruct b as [|z b].
  - cbn [dot_list]. rewrite (Sum_zero _ (fun i => IZR (at_ (x :: a) (S i)) * IZR (at_ [] (S i)))).
    + unfold at_. cbn [nth]. ring.
    + intros i _. unfold at_ at 2. cbn [nth]. ring.
  - cbn [dot_list]. rewrite plus_IZR, mult_IZR, IH. reflexivity.
Qed.

Lemma sum_list_sound d f : IZR (fold_right Z.add 0%Z (table d f)) = Sum d (fun i => IZR (f i)).
Proof.
  revert f. induction d as [|d IH]; intros f; [reflexivity|]. rewrite Sum_first. unfold table. cbn [seq map fold_right].
  rewrite plus_IZR. f_equal. rewrite <- seq_shift, map_map. apply (IH (fun i => f (S i))).
Qed.

Lemma largest_sound g i : IZR (Z.abs (at_ g i)) <= IZR (largest g).
Proof.
  apply IZR_le. revert i. unfold at_, largest. induction g as [|x g IH]; intros [|i]; simpl; try lia.
  specialize (IH i). lia.
Qed.

Lemma largest_nonneg g : (0 <= largest g)%Z.
Proof. unfold largest. induction g; simpl; lia. Qed.

Lemma pos_IZR q : 0 < IZR (Zpos q).
Proof. now apply IZR_lt. Qed.

Lemma sgn_cases g : g <> 0%Z ->
  (IZR (Z.sgn g) = 1 /\ 0 < IZR g) \/ (IZR (Z.sgn g) = -1 /\ IZR g < 0).
Proof.
  intros H. destruct g as [|q|q]; [contradiction| |]; simpl Z.sgn; [left|right]; (split; [reflexivity|now apply IZR_lt]).
Qed.

Lemma finite_max (d : nat) (h : nat -> R) : (0 < d)%nat ->
  exists k, (k < d)%nat /\ forall i, (i < d)%nat -> Rabs (h i) <= Rabs (h k).
Proof.
  induction d as [|m IH]; intros Hd; [lia|]. destruct m as [|m'].
  - exists 0%nat. split; [lia|]. intros i Hi. replace i with 0%nat by lia. lra.
  - destruct (IH ltac:(lia)) as [k [Hk H]]. destruct (Rle_or_lt (Rabs (h k)) (Rabs (h (S m')))) as [E|E].
    + exists (S m'). split; [lia|]. intros i Hi. destruct (Nat.eq_dec i (S m')) as [->|]; [lra|].
      pose proof (H i ltac:(lia)). lra.
    + exists k. split; [lia|]. intros i Hi. destruct (Nat.eq_dec i (S m')) as [->|]; [lra|]. apply H. lia.
Qed.

(** * Gram matrix, gradient, independent columns *)

Section Data.
Variables (n d : nat) (D : data).
Hypothesis npos : (0 < n)%nat.
Let X := features D.
Let y := responses D.
Notation N := (N n).
Notation fit := (fit d X).
Notation res := (res n d X y).
Notation dual := (Setting.dual n X).
Notation grad := (grad n d X y).
Let delta i := IZR (column_over D i).
Let eps := IZR (Zpos (targets_over D)).
Let M := gram n d D.
Let r := corr n d D.

Lemma delta_pos i : 0 < delta i. Proof. apply pos_IZR. Qed.
Lemma eps_pos : 0 < eps. Proof. apply pos_IZR. Qed.

Lemma column_entry i j : (j < n)%nat -> IZR (at_ (column n D i) j) = delta i * X j i.
Proof.
  intros Hj. unfold at_ at 1, column. rewrite nth_table by exact Hj.
  unfold X, features, at_. fold (delta i). field. apply Rgt_not_eq, delta_pos.
Qed.

Lemma target_entry j : (j < n)%nat -> IZR (at_ (target n D) j) = eps * y j.
Proof.
  intros Hj. unfold at_ at 1, target. rewrite nth_table by exact Hj.
  unfold y, responses, at_. fold eps. field. apply Rgt_not_eq, eps_pos.
Qed.

Lemma gram_row i : (i < d)%nat -> nth i M nil = table d (fun l => dot_list (column n D i) (column n D l)).
Proof.
  intros Hi. unfold M, gram. cbv zeta.
  rewrite (nth_indep _ nil (map (dot_list (column n D 0)) (table d (column n D)))) by (now rewrite map_length, length_table).
  rewrite (map_nth (fun a => map (dot_list a) (table d (column n D)))). rewrite nth_table by exact Hi.
  unfold table. now rewrite map_map.
Qed.

Lemma gram_entry i l :
  (i < d)%nat -> (l < d)%nat -> IZR (at_ (nth i M nil) l) = delta i * delta l * Sum n (fun j => X j i * X j l).
Proof.
  intros Hi Hl. rewrite gram_row by exact Hi. unfold at_. rewrite nth_table by exact Hl.
  rewrite dot_list_sound. unfold column at 1. rewrite length_table, <- Sum_scal. apply Sum_ext. intros j Hj.
  rewrite !column_entry by exact Hj. ring.
Qed.

Lemma corr_entry i : (i < d)%nat -> IZR (at_ r i) = delta i * eps * Sum n (fun j => X j i * y j).
Proof.
  intros Hi. unfold r, corr. cbv zeta. unfold at_. rewrite nth_table by exact Hi.
  rewrite dot_list_sound. unfold column at 1. rewrite length_table, <- Sum_scal. apply Sum_ext. intros j Hj.
  rewrite column_entry, target_entry by exact Hj. ring.
Qed.

(** X'(X h) by the Gram matrix. *)
Lemma gram_apply h i : (i < d)%nat ->
  Sum d (fun l => IZR (at_ (nth i M nil) l) * h l) = delta i * dual (fit (fun l => delta l * h l)) i.
Proof.
  intros Hi.
  rewrite (Sum_ext d _ (fun l => delta i * Sum n (fun j => X j i * (X j l * (delta l * h l))))).
  2: { intros l Hl. rewrite gram_entry by assumption. rewrite <- (Sum_scal n (delta i)), <- Sum_scal, <- Sum_scal_r.
       apply Sum_ext. intros; ring. }
  rewrite Sum_scal, Sum_swap. f_equal. unfold Setting.dual.
  apply Sum_ext. intros j _. unfold Setting.fit. now rewrite <- Sum_scal.
Qed.

Definition clock (b : list Z * positive) : R := IZR (unit_of_gradient n D * Zpos (snd b)).

Lemma clock_value b : clock b = N * eps * IZR (Zpos (snd b)).
Proof. unfold clock, unit_of_gradient, Setting.N. rewrite !mult_IZR, <- INR_IZR_INZ. reflexivity. Qed.

Lemma clock_pos b : 0 < clock b.
Proof.
  rewrite clock_value. pose proof (N_pos n npos). pose proof eps_pos. pose proof (pos_IZR (snd b)).
  repeat apply Rmult_lt_0_compat; assumption.
Qed.

Lemma slopes_sound b i : (i < d)%nat ->
  IZR (at_ (slopes d D M r b) i) = clock b * (delta i * grad (vector D b) i).
Proof.
  intros Hi. unfold at_ at 1, slopes. rewrite nth_table by exact Hi.
  rewrite minus_IZR, !mult_IZR, corr_entry by exact Hi. fold eps. rewrite dot_list_sound.
  replace (length (nth i M nil)) with d by (rewrite gram_row by exact Hi; now rewrite length_table).
  set (q := IZR (Zpos (snd b))). assert (Hq : 0 < q) by apply pos_IZR.
  rewrite gram_apply by exact Hi. rewrite clock_value. fold q. pose proof (N_pos n npos) as HN.
  assert (E : N * grad (vector D b) i = dual (fit (vector D b)) i - Sum n (fun j => X j i * y j)).
  { unfold Setting.grad, Setting.dual, Setting.res, Rdiv. rewrite <- Sum_opp, <- Sum_scal, <- Sum_minus.
    apply Sum_ext. intros j _. field. lra. }
  assert (E2 : dual (fit (fun l => delta l * IZR (at_ (fst b) l))) i = q * dual (fit (vector D b)) i).
  { unfold Setting.dual, Setting.fit. rewrite <- Sum_scal. apply Sum_ext. intros j _.
    transitivity (X j i * (q * Sum d (fun l => X j l * vector D b l))); [|ring]. f_equal. rewrite <- Sum_scal.
    apply Sum_ext. intros l _. unfold vector, at_. fold (delta l) q. field. lra. }
  rewrite E2. transitivity (delta i * eps * q * (N * grad (vector D b) i)); [rewrite E; ring|ring].
Qed.

Lemma left_inverse_sound f (G : nat -> Prop) :
  left_inverse d M f = true -> (forall i, G i \/ ~ G i) ->
  (forall i, (i < d)%nat -> G i -> nth i (members f) false = true) -> independent n d X G.
Proof.
  intros H Hdec HG. set (F := fun i => nth i (members f) false).
  set (one := IZR (Zpos (inverse_over f))). assert (H1 : 0 < one) by apply pos_IZR.
  set (Z := fun i l => IZR (at_ (nth i (inverse f) nil) l) / one).
  set (P := fun i j => Sum d (fun l => Z i l * delta l * X j l)).
  set (c := Sum d (fun i => sq n (P i))). assert (Hc : 0 <= c) by (apply Sum_nonneg; intros; apply sq_nonneg).
  set (big := Sum d (fun i => delta i * delta i)).
  assert (Hbig : 0 <= big) by (apply Sum_nonneg; intros i' _; exact (Rle_0_sqr (delta i'))).
  exists (big * (4 * c)). split; [apply Rmult_le_pos; lra|]. intros h0 Hh0 i Hi _.
  set (h := fun i => h0 i / delta i).
  assert (Hback : forall i, h0 i = delta i * h i) by (intros i'; unfold h; field; apply Rgt_not_eq, delta_pos).
  assert (Hh : forall i, (i < d)%nat -> ~ G i -> h i = 0) by (intros i' Hi' Hn; unfold h, Rdiv; rewrite Hh0 by assumption; ring).
  assert (Hscaled : h i * h i <= 4 * c * sq n (fit h0) -> h0 i * h0 i <= big * (4 * c) * sq n (fit h0)).
  { intros E. rewrite Hback. replace (delta i * h i * (delta i * h i)) with (delta i * delta i * (h i * h i)) by ring.
    rewrite (Rmult_assoc big). apply Rmult_le_compat; [exact (Rle_0_sqr (delta i))|exact (Rle_0_sqr (h i))| |exact E].
    apply (Sum_term d (fun i => delta i * delta i)); [intros i' _; exact (Rle_0_sqr (delta i'))|exact Hi]. }
  apply Hscaled. clear Hscaled.
  destruct (finite_max d h ltac:(lia)) as [k [Hk Hmax]]. set (a := Rabs (h k)) in *.
  assert (Ha : h i * h i <= a * a).
  { replace (h i * h i) with (Rabs (h i) * Rabs (h i)) by (rewrite <- Rabs_mult; apply Rabs_pos_eq, Rle_0_sqr).
    apply Rmult_le_compat; auto using Rabs_pos. }
  eapply Rle_trans; [exact Ha|]. pose proof (sq_nonneg n (fit h0)) as Hf.
  destruct (Req_dec (h k) 0) as [E0|E0].
  { unfold a. rewrite E0, Rabs_R0, Rmult_0_l. apply Rmult_le_pos; lra. }
  assert (HF : forall m, (m < d)%nat -> h m <> 0 -> F m = true).
  { intros m Hm Hne. apply HG; [exact Hm|]. destruct (Hdec m) as [|Hn]; [assumption|]. exfalso. now apply Hne, Hh. }
  set (ZM := fun m => Sum d (fun l => IZR (at_ (nth m M nil) l) * Z k l)).
  set (e := fun m => if F m then Rabs (ZM m - (if Nat.eqb k m then 1 else 0)) else 0).
  assert (He : Sum d e <= / 2).
  { unfold left_inverse in H. pose proof (all_true _ _ H k Hk) as H2. cbv beta zeta in H2.
    fold (F k) in H2. rewrite (HF k Hk E0) in H2. apply Z.leb_le, IZR_le in H2.
    rewrite mult_IZR, sum_list_sound in H2. fold one in H2.
    apply (Rmult_le_reg_r one); [exact H1|]. rewrite <- Sum_scal_r.
    match type of H2 with 2 * ?S <= _ => replace (Sum d (fun m => e m * one)) with S; [lra|] end.
    apply Sum_ext. intros m Hm. unfold e. fold (F m). destruct (F m); [|ring].
    rewrite abs_IZR, minus_IZR, dot_list_sound.
    replace (length (nth m M nil)) with d by (rewrite gram_row by exact Hm; now rewrite length_table).
    replace (Rabs (ZM m - (if Nat.eqb k m then 1 else 0)) * one) with (Rabs ((ZM m - (if Nat.eqb k m then 1 else 0)) * one))
      by (rewrite Rabs_mult, (Rabs_pos_eq one) by lra; reflexivity).
    f_equal. rewrite Rmult_minus_distr_r. f_equal.
    - unfold ZM. rewrite <- Sum_scal_r. apply Sum_ext. intros l _. unfold Z. field. lra.
    - destruct (Nat.eqb k m); [fold one|]; simpl; ring. }
  assert (Hrow : Sum d (fun m => ZM m * h m) = dot n (P k) (fit h0)).
  { transitivity (Sum d (fun l => Z k l * (delta l * dual (fit h0) l))).
    - rewrite (Sum_ext d (fun l => Z k l * (delta l * dual (fit h0) l))
        (fun l => Sum d (fun m => Z k l * (IZR (at_ (nth l M nil) m) * h m)))).
      2: { intros l Hl. rewrite Sum_scal, gram_apply by assumption. do 2 f_equal. apply Sum_ext. intros j _. f_equal.
           apply fit_ext. intros; apply Hback. }
      rewrite Sum_swap. apply Sum_ext. intros m Hm. unfold ZM. rewrite <- Sum_scal_r. apply Sum_ext. intros l Hl.
      rewrite !gram_entry by assumption. rewrite (Sum_ext n (fun j => X j m * X j l) (fun j => X j l * X j m)) by (intros; ring).
      ring.
    - unfold dot, P, Setting.dual.
      rewrite (Sum_ext d _ (fun l => Sum n (fun j => Z k l * delta l * X j l * fit h0 j))).
      2: { intros l _. rewrite <- !Sum_scal. apply Sum_ext. intros; ring. }
      rewrite Sum_swap. apply Sum_ext. intros j _. now rewrite Sum_scal_r. }
  assert (Hdelta : Sum d (fun m => (if Nat.eqb k m then 1 else 0) * h m) = h k).
  { clear - Hk. induction d as [|m IH]; [lia|]. simpl. destruct (Nat.eqb_spec k m) as [->|Hne].
    + rewrite Sum_zero; [ring|]. intros j Hj. destruct (Nat.eqb_spec m j); [lia|ring].
    + rewrite IH by lia. ring. }
  assert (Hclose : Rabs (dot n (P k) (fit h0) - h k) <= a / 2).
  { rewrite <- Hrow, <- Hdelta, <- Sum_minus. eapply Rle_trans; [apply Sum_abs|].
    assert (Ha0 : 0 <= a) by apply Rabs_pos.
    apply Rle_trans with (Sum d (fun m => e m * a)).
    - apply Sum_le. intros m Hm. rewrite <- Rmult_minus_distr_r, Rabs_mult. unfold e.
      destruct (Req_dec (h m) 0) as [->|Hne].
      + rewrite Rabs_R0, Rmult_0_r. apply Rmult_le_pos; [destruct (F m); [apply Rabs_pos|lra]|exact Ha0].
      + rewrite (HF m Hm Hne). apply Rmult_le_compat_l; [apply Rabs_pos|now apply Hmax].
    - rewrite Sum_scal_r. apply Rle_trans with (/ 2 * a); [now apply Rmult_le_compat_r|lra]. }
  set (q := dot n (P k) (fit h0)) in *.
  assert (Hq : a <= 2 * Rabs q).
  { assert (a <= Rabs q + a / 2); [|lra]. unfold a at 1. replace (h k) with (q - (q - h k)) by ring.
    eapply Rle_trans; [apply Rabs_triang|]. rewrite Rabs_Ropp. lra. }
  pose proof (cauchy_schwarz_sq n (P k) (fit h0)) as Hcs. fold q in Hcs.
  assert (Hkc : sq n (P k) <= c) by (apply (Sum_term d (fun i => sq n (P i))); auto; intros; apply sq_nonneg).
  assert (Hqq : Rabs q * Rabs q = q * q) by (rewrite <- Rabs_mult; apply Rabs_pos_eq, Rle_0_sqr).
  assert (sq n (P k) * sq n (fit h0) <= c * sq n (fit h0)) by (now apply Rmult_le_compat_r).
  assert (a * a <= 4 * (q * q)).
  { rewrite <- Hqq. assert (0 <= a) by apply Rabs_pos.
    apply Rle_trans with (2 * Rabs q * (2 * Rabs q)); [apply Rmult_le_compat; assumption|lra]. }
  lra.
Qed.
End Data.
