(** PF23, Algorithm 1, inner step: the sign-constrained minimiser of the loss exists, for all data ([minimiser_exists]).

    Where the columns are independent a minimising sequence is a Cauchy sequence (parallelogram law); in general
    every feasible point has the fit of a feasible one with independent support (Caratheodory), and there are
    finitely many supports. Also: columns that are independent are so with a constant ([independent_constant]). *)

From Coq Require Import Reals Lra Lia Arith Classical.
From Coquelicot Require Import Coquelicot.
From Saddle Require Import Base Setting Rate Theorem2 Algorithm.
Open Scope R_scope.

(** * Finite sets *)

Lemma finite_choice {A : Type} (a : A) (n : nat) (P : nat -> A -> Prop) :
  (forall i, (i < n)%nat -> exists x, P i x) -> exists f, forall i, (i < n)%nat -> P i (f i).
Proof.
  induction n as [|n IH]; intros H; [exists (fun _ => a); intros; lia|].
  destruct IH as [f Hf]; [intros; apply H; lia|]. destruct (H n ltac:(lia)) as [x Hx].
  exists (fun i => if Nat.eqb i n then x else f i). intros i Hi.
  destruct (Nat.eqb_spec i n) as [->|]; [exact Hx|]. apply Hf. lia.
Qed.

Lemma finite_argmin (n : nat) (P : nat -> Prop) (f : nat -> R) :
  (exists i, (i < n)%nat /\ P i) ->
  exists k, (k < n)%nat /\ P k /\ forall i, (i < n)%nat -> P i -> f k <= f i.
Proof.
  induction n as [|n IH]; intros [i [Hi HP]]; [lia|].
  destruct (classic (exists i, (i < n)%nat /\ P i)) as [Hex|Hno].
  - destruct (IH Hex) as [k [Hk [HPk Hmin]]]. destruct (classic (P n)) as [Hn|Hn].
    + destruct (Rle_or_lt (f k) (f n)) as [L|L].
      * exists k. split; [lia|]. split; [exact HPk|]. intros l Hl Hpl.
        destruct (Nat.eq_dec l n) as [->|]; [exact L|]. apply Hmin; [lia|exact Hpl].
      * exists n. split; [lia|]. split; [exact Hn|]. intros l Hl Hpl. destruct (Nat.eq_dec l n) as [->|]; [lra|].
        assert (f k <= f l) by (apply Hmin; [lia|exact Hpl]). lra.
    + exists k. split; [lia|]. split; [exact HPk|]. intros l Hl Hpl.
      destruct (Nat.eq_dec l n) as [->|]; [contradiction|]. apply Hmin; [lia|exact Hpl].
  - assert (i = n) by (destruct (Nat.eq_dec i n); [assumption|exfalso; apply Hno; exists i; split; [lia|exact HP]]). subst i.
    exists n. split; [lia|]. split; [exact HP|]. intros l Hl Hpl.
    destruct (Nat.eq_dec l n) as [->|]; [lra|]. exfalso. apply Hno. exists l. split; [lia|exact Hpl].
Qed.

(** The support of b as a number below 2^d. *)
Fixpoint support_code (d : nat) (b : nat -> R) : nat :=
  match d with O => O | S m => support_code m b + (if Req_EM_T (b m) 0 then 0 else 2 ^ m) end.

Lemma support_code_lt d b : (support_code d b < 2 ^ d)%nat.
Proof. induction d as [|m IH]; simpl; [lia|]. destruct (Req_EM_T (b m) 0); lia. Qed.

Lemma support_code_inj d b c : support_code d b = support_code d c -> forall i, (i < d)%nat -> (b i = 0 <-> c i = 0).
Proof.
  induction d as [|m IH]; simpl; intros H i Hi; [lia|].
  pose proof (support_code_lt m b). pose proof (support_code_lt m c).
  destruct (Nat.eq_dec i m) as [->|]; [|apply IH; [destruct (Req_EM_T (b m) 0), (Req_EM_T (c m) 0); lia|lia]].
  destruct (Req_EM_T (b m) 0), (Req_EM_T (c m) 0); split; intros; try lra; lia.
Qed.

Fixpoint support_size (d : nat) (b : nat -> R) : nat :=
  match d with O => O | S m => support_size m b + (if Req_EM_T (b m) 0 then 0 else 1) end.

Lemma support_size_le d b c : (forall i, (i < d)%nat -> b i = 0 -> c i = 0) -> (support_size d c <= support_size d b)%nat.
Proof.
  induction d as [|m IH]; simpl; intros H; [lia|].
  assert (support_size m c <= support_size m b)%nat by (apply IH; intros; apply H; auto; lia).
  destruct (Req_EM_T (b m) 0) as [E|E], (Req_EM_T (c m) 0) as [E'|E']; try lia. exfalso. apply E'. apply H; auto.
Qed.

Lemma support_size_lt d b c k :
  (forall i, (i < d)%nat -> b i = 0 -> c i = 0) -> (k < d)%nat -> b k <> 0 -> c k = 0 -> (support_size d c < support_size d b)%nat.
Proof.
  induction d as [|m IH]; simpl; intros H Hk Hb Hc; [lia|].
  assert (L : (support_size m c <= support_size m b)%nat) by (apply support_size_le; intros; apply H; auto; lia).
  destruct (Nat.eq_dec k m) as [->|].
  - destruct (Req_EM_T (b m) 0), (Req_EM_T (c m) 0); try contradiction; lia.
  - assert (support_size m c < support_size m b)%nat by (apply IH; auto; lia).
    destruct (Req_EM_T (b m) 0) as [E|E], (Req_EM_T (c m) 0) as [E'|E']; try lia. exfalso. apply E'. apply H; auto.
Qed.

(** * A closed convex set over independent columns *)

Section LeastSquares.
Variables (n d : nat) (X : nat -> nat -> R) (y : nat -> R).
Hypothesis npos : (0 < n)%nat.
Notation N := (N n).
Notation fit := (fit d X).
Notation grad := (grad n d X y).
Notation loss := (loss n d X y).
Notation independent := (independent n d X).

(** The set of the b whose coordinates b i satisfy C i. *)
Variable C : nat -> R -> Prop.
Hypothesis C_closed : forall i x, (i < d)%nat -> (forall eps, 0 < eps -> exists x', C i x' /\ Rabs (x' - x) <= eps) -> C i x.
Hypothesis C_middle : forall i a b, (i < d)%nat -> C i a -> C i b -> C i ((a + b) / 2).
Let inside (b : nat -> R) := forall i, (i < d)%nat -> C i (b i).
Variable F : nat -> Prop.
Hypothesis HF : independent F.
Hypothesis C_off : forall i x, (i < d)%nat -> C i x -> ~ F i -> x = 0.

Lemma loss_nonneg b : 0 <= loss b.
Proof.
  unfold Setting.loss. pose proof (N_pos n npos). apply Rmult_le_pos; [apply sq_nonneg|]. left. apply Rinv_0_lt_compat. lra.
Qed.

Lemma parallelogram a b :
  sq n (fit (fun i => a i - b i)) = 8 * N * ((loss a + loss b) / 2 - loss (fun i => (a i + b i) / 2)).
Proof.
  pose proof (N_pos n npos) as HN. unfold Setting.loss, sq, dot.
  rewrite (Sum_ext n (fun j => (y j - fit (fun i => (a i + b i) / 2) j) * (y j - fit (fun i => (a i + b i) / 2) j))
    (fun j => / 2 * ((y j - fit a j) * (y j - fit a j)) + (/ 2 * ((y j - fit b j) * (y j - fit b j))
       + - / 4 * (fit (fun i => a i - b i) j * fit (fun i => a i - b i) j)))).
  - rewrite !Sum_plus, !Sum_scal. field. lra.
  - intros j _. rewrite fit_minus.
    assert (E : fit (fun i => (a i + b i) / 2) j = (fit a j + fit b j) / 2).
    { unfold Setting.fit. unfold Rdiv. rewrite <- Sum_plus, <- Sum_scal_r. apply Sum_ext. intros; field. }
    rewrite E. field.
Qed.

Theorem least_squares_exists : (exists b, inside b) -> exists b, inside b /\ forall c, inside c -> loss b <= loss c.
Proof.
  intros [b0 Hb0]. destruct HF as [cF [HcF HI]]. pose proof (N_pos n npos) as HN.
  destruct (completeness (fun r => exists b, inside b /\ r = - loss b)) as [m' [Hub Hlub]].
  { exists 0. intros r [b [_ ->]]. pose proof (loss_nonneg b). lra. }
  { exists (- loss b0), b0. now split. }
  set (m := - m').
  assert (Hm : forall b, inside b -> m <= loss b).
  { intros b Hb. pose proof (Hub (- loss b) ltac:(exists b; now split)). unfold m. lra. }
  assert (Hnear : forall eps, 0 < eps -> exists b, inside b /\ loss b < m + eps).
  { intros eps He. apply NNPP. intros Hno. assert (m' <= m' - eps); [|lra]. apply Hlub. intros r [b [Hb ->]].
    destruct (Rle_or_lt (m + eps) (loss b)) as [L|L]; [unfold m in L; lra|]. exfalso. apply Hno. now exists b. }
  set (q := 8 * cF * N).
  assert (Hq : 0 <= q) by (unfold q; apply Rmult_le_pos; lra).
  assert (Hclose : forall eps a b, inside a -> inside b -> loss a < m + eps -> loss b < m + eps ->
    forall i, (i < d)%nat -> (a i - b i) * (a i - b i) <= q * eps).
  { intros eps a b Ha Hb La Lb i Hi. destruct (classic (F i)) as [Hf|Hf].
    - assert (P : sq n (fit (fun i => a i - b i)) <= 8 * N * eps).
      { rewrite parallelogram. apply Rmult_le_compat_l; [lra|].
        assert (m <= loss (fun i => (a i + b i) / 2)) by (apply Hm; intros k Hk; apply C_middle; auto). lra. }
      eapply Rle_trans; [apply (HI (fun i => a i - b i)); auto|].
      + intros k Hk Hn. rewrite (C_off k (a k)), (C_off k (b k)) by auto. ring.
      + unfold q. replace (8 * cF * N * eps) with (cF * (8 * N * eps)) by ring. now apply Rmult_le_compat_l.
    - rewrite (C_off i (a i)), (C_off i (b i)) by auto. pose proof (Hm a Ha). assert (0 <= q * eps) by (apply Rmult_le_pos; lra). lra. }
  assert (Hdiff : forall eta, 0 < eta -> exists eps, 0 < eps /\ forall a b, inside a -> inside b -> loss a < m + eps -> loss b < m + eps ->
    forall i, (i < d)%nat -> Rabs (a i - b i) <= eta).
  { intros eta He. exists (eta * eta / (q + 1)). assert (0 < eta * eta) by now apply Rmult_lt_0_compat.
    split; [apply Rdiv_lt_0_compat; lra|]. intros a b Ha Hb La Lb i Hi.
    pose proof (Hclose _ a b Ha Hb La Lb i Hi) as K.
    apply Rsqr_incr_0_var; [|lra]. rewrite <- Rsqr_abs. unfold Rsqr. eapply Rle_trans; [exact K|].
    apply (Rmult_le_reg_r (q + 1)); [lra|]. replace (q * (eta * eta / (q + 1)) * (q + 1)) with (q * (eta * eta)) by (field; lra).
    apply Rle_trans with ((q + 1) * (eta * eta)); [apply Rmult_le_compat_r; lra|lra]. }
  (* the coordinates of near minimisers converge *)
  destruct (finite_choice 0 d (fun i x => forall eta, 0 < eta -> exists eps, 0 < eps /\
    forall a, inside a -> loss a < m + eps -> Rabs (a i - x) <= eta)) as [b Hb].
  { intros i Hi.
    destruct (completeness (fun x => exists eps, 0 < eps /\ forall a, inside a -> loss a < m + eps -> x <= a i)) as [x [Hx1 Hx2]].
    - destruct (Hdiff 1 ltac:(lra)) as [eps [He Hd]]. destruct (Hnear eps He) as [a [Ha La]]. exists (a i + 1).
      intros z [eps' [He' Hz]]. destruct (Hnear (Rmin eps eps') ltac:(now apply Rmin_pos)) as [a' [Ha' La']].
      pose proof (Rmin_l eps eps'). pose proof (Rmin_r eps eps').
      pose proof (Hz a' Ha' ltac:(lra)). pose proof (Hd a' a Ha' Ha ltac:(lra) La i Hi) as D. apply Rabs_le_between in D. lra.
    - destruct (Hdiff 1 ltac:(lra)) as [eps [He Hd]]. destruct (Hnear eps He) as [a [Ha La]]. exists (a i - 1), eps. split; [exact He|].
      intros a' Ha' La'. pose proof (Hd a a' Ha Ha' La La' i Hi) as D. apply Rabs_le_between in D. lra.
    - exists x. intros eta Heta. destruct (Hdiff eta Heta) as [eps [He Hd]]. exists eps. split; [exact He|]. intros a Ha La.
      apply Rabs_le. split.
      + assert (x <= a i + eta); [|lra]. apply Hx2. intros z [eps' [He' Hz]].
        destruct (Hnear (Rmin eps eps') ltac:(now apply Rmin_pos)) as [a' [Ha' La']].
        pose proof (Rmin_l eps eps'). pose proof (Rmin_r eps eps').
        pose proof (Hz a' Ha' ltac:(lra)). pose proof (Hd a' a Ha' Ha ltac:(lra) La i Hi) as D. apply Rabs_le_between in D. lra.
      + assert (a i - eta <= x); [|lra]. apply Hx1. exists eps. split; [exact He|]. intros a' Ha' La'.
        pose proof (Hd a a' Ha Ha' La La' i Hi) as D. apply Rabs_le_between in D. lra. }
  exists b. split.
  - intros i Hi. apply C_closed; [exact Hi|]. intros eta Heta. destruct (Hb i Hi eta Heta) as [eps [He H]].
    destruct (Hnear eps He) as [a [Ha La]]. exists (a i). split; [now apply Ha|now apply H].
  - intros c Hc. apply Rle_trans with m; [|now apply Hm]. apply le_epsilon. intros e He.
    set (G := Sum d (fun i => Rabs (grad b i))).
    assert (HG : 0 <= G) by (apply Sum_nonneg; intros; apply Rabs_pos).
    set (eta := e / (2 * (G + 1))). assert (Heta : 0 < eta) by (apply Rdiv_lt_0_compat; lra).
    destruct (finite_min d (fun i eps => forall a, inside a -> loss a < m + eps -> Rabs (a i - b i) <= eta)) as [eps [Heps Hall]].
    + intros i k k' H Hk a Ha La. apply H; auto. lra.
    + intros i Hi. apply (Hb i Hi eta Heta).
    + destruct (Hnear (Rmin eps (e / 2)) ltac:(apply Rmin_pos; lra)) as [a [Ha La]].
      pose proof (Rmin_l eps (e / 2)). pose proof (Rmin_r eps (e / 2)).
      pose proof (loss_quadratic n d X y npos b a) as Q.
      assert (0 <= sq n (fit (fun i => a i - b i)) / (2 * N)).
      { apply Rmult_le_pos; [apply sq_nonneg|]. left; apply Rinv_0_lt_compat; lra. }
      assert (- dot d (grad b) (fun i => a i - b i) <= e / 2); [|lra].
      apply Rle_trans with (Sum d (fun i => Rabs (grad b i) * eta)).
      * unfold dot. rewrite <- Sum_opp. apply Sum_le. intros i Hi.
        eapply Rle_trans; [apply Rle_abs|]. rewrite Rabs_Ropp, Rabs_mult. apply Rmult_le_compat_l; [apply Rabs_pos|].
        apply Hall; auto; lra.
      * rewrite Sum_scal_r. fold G. unfold eta. apply (Rmult_le_reg_r (2 * (G + 1))); [lra|].
        replace (G * (e / (2 * (G + 1))) * (2 * (G + 1))) with (G * e) by (field; lra). nra.
Qed.

End LeastSquares.

(** * Independence, said without a constant *)

Section Free.
Variables (n d : nat) (X : nat -> nat -> R).
Hypothesis npos : (0 < n)%nat.
Notation fit := (fit d X).

(** The columns with an index in F are linearly independent. *)
Definition linearly_independent (F : nat -> Prop) : Prop :=
  forall h, (forall i, (i < d)%nat -> ~ F i -> h i = 0) -> (forall j, (j < n)%nat -> fit h j = 0) ->
    forall i, (i < d)%nat -> F i -> h i = 0.

Definition unit_vector (k i : nat) : R := if Nat.eqb i k then 1 else 0.

Lemma fit_unit k j : (k < d)%nat -> fit (unit_vector k) j = X j k.
Proof.
  intros Hk. unfold Setting.fit. pose proof (dot_single n d npos (fun i => X j i) (unit_vector k) k Hk) as H.
  unfold dot in H. rewrite H.
  - unfold unit_vector. rewrite Nat.eqb_refl. ring.
  - intros i Hi. unfold unit_vector. apply Nat.eqb_neq in Hi. now rewrite Hi.
Qed.

Lemma fit_scal c b j : fit (fun i => c * b i) j = c * fit b j.
Proof. unfold Setting.fit. rewrite <- Sum_scal. apply Sum_ext. intros; ring. Qed.

Lemma sq_zero f : sq n f = 0 -> forall j, (j < n)%nat -> f j = 0.
Proof.
  intros H j Hj. pose proof (Sum_term n (fun j => f j * f j) j ltac:(intros; apply Rle_0_sqr) Hj) as T. cbv beta in T.
  change (Sum n (fun j => f j * f j)) with (sq n f) in T. rewrite H in T.
  pose proof (Rle_0_sqr (f j)) as S. unfold Rsqr in S. assert (E : f j * f j = 0) by lra. now apply Rmult_integral in E as [E|E].
Qed.

Lemma sq_scal c f : sq n (fun j => c * f j) = c * c * sq n f.
Proof. unfold sq, dot. rewrite <- Sum_scal. apply Sum_ext. intros; ring. Qed.

Lemma sq_sum_le f g : sq n (fun j => f j + g j) <= 2 * sq n f + 2 * sq n g.
Proof.
  unfold sq, dot. rewrite <- !Sum_scal, <- Sum_plus. apply Sum_le. intros j _.
  pose proof (Rle_0_sqr (f j - g j)) as H. unfold Rsqr in H. nra.
Qed.

Theorem independent_constant F : linearly_independent F -> independent n d X F.
Proof.
  intros HF.
  assert (K : forall m, (m <= d)%nat -> independent n d X (fun i => F i /\ (i < m)%nat)).
  { induction m as [|m IH]; intros Hm.
    - exists 0. split; [lra|]. intros h _ i _ [_ H]. lia.
    - destruct (classic (F m)) as [Fm|Fm].
      2: { destruct (IH ltac:(lia)) as [c [Hc H]]. exists c. split; [exact Hc|]. intros h Hh i Hi [Fi Hlt].
           assert (i <> m) by (intros ->; contradiction).
           apply H; auto; [|split; [exact Fi|lia]]. intros k Hk Hn. apply Hh; [exact Hk|]. intros [Fk Hlt']. apply Hn. split; [exact Fk|].
           assert (k <> m) by (intros ->; contradiction). lia. }
      set (Fm' := fun i => F i /\ (i < m)%nat) in *.
      set (col := fun j => X j m).
      destruct (least_squares_exists n d X (fun j => - col j) npos (fun i x => Fm' i \/ x = 0)
        ltac:(intros i x Hi H; destruct (classic (Fm' i)) as [|Hn]; [now left|right];
              destruct (Req_dec x 0) as [|Hx]; [assumption|exfalso];
              destruct (H (Rabs x / 2) ltac:(pose proof (Rabs_pos_lt x Hx); lra)) as [x' [[H1|H1] H2]]; [contradiction|];
              rewrite H1 in H2; replace (0 - x) with (- x) in H2 by ring; rewrite Rabs_Ropp in H2; pose proof (Rabs_pos_lt x Hx); lra)
        ltac:(intros i a b Hi [Ha|Ha] [Hb|Hb]; auto; right; lra) Fm' (IH ltac:(lia))
        ltac:(intros i x Hi [H|H] Hn; [contradiction|exact H])
        ltac:(exists (fun _ => 0); intros i Hi; now right)) as [h0 [Hin Hmin]].
      set (delta := sq n (fun j => - col j - fit h0 j)) in *.
      assert (Hm0 : h0 m = 0) by (destruct (Hin m ltac:(lia)) as [[_ H]|H]; [lia|exact H]).
      assert (Hd : 0 < delta).
      { destruct (sq_nonneg n (fun j => - col j - fit h0 j)) as [H|H]; [exact H|exfalso]. symmetry in H.
        assert (Z : forall j, (j < n)%nat -> fit (fun i => h0 i + unit_vector m i) j = 0).
        { intros j Hj. rewrite fit_plus, fit_unit by lia. pose proof (sq_zero _ H j Hj) as E. cbv beta in E. unfold col in E. lra. }
        pose proof (HF (fun i => h0 i + unit_vector m i)) as HF'.
        assert (E : h0 m + unit_vector m m = 0).
        { apply HF'; [|exact Z|lia|exact Fm]. intros i Hi Hn. unfold unit_vector. destruct (Nat.eqb_spec i m) as [->|]; [contradiction|].
          destruct (Hin i Hi) as [[H1 _]|H1]; [contradiction|rewrite H1; ring]. }
        unfold unit_vector in E. rewrite Nat.eqb_refl, Hm0 in E. lra. }
      assert (Hdist : forall h, (forall i, (i < d)%nat -> ~ Fm' i -> h i = 0) -> delta <= sq n (fun j => col j + fit h j)).
      { intros h Hh. pose proof (N_pos n npos) as HN.
        assert (L : loss n d X (fun j => - col j) h0 <= loss n d X (fun j => - col j) h).
        { apply Hmin. intros i Hi. destruct (classic (Fm' i)); [now left|right; now apply Hh]. }
        unfold loss in L. fold delta in L. apply (Rmult_le_reg_r (/ (2 * N n))); [apply Rinv_0_lt_compat; lra|].
        replace (sq n (fun j => col j + fit h j)) with (sq n (fun j => - col j - fit h j)); [exact L|].
        unfold sq, dot. apply Sum_ext. intros; ring. }
      destruct (IH ltac:(lia)) as [c [Hc HI]].
      exists (/ delta + c * (2 + 2 * sq n col / delta)).
      assert (Hid : 0 < / delta) by now apply Rinv_0_lt_compat.
      pose proof (sq_nonneg n col) as Hcol.
      assert (Hcd : 0 <= sq n col / delta) by (apply Rmult_le_pos; lra).
      assert (Hc2 : 0 <= c * (2 + 2 * sq n col / delta)).
      { apply Rmult_le_pos; [exact Hc|]. unfold Rdiv in *. lra. }
      split; [lra|]. intros h Hh i Hi [Fi Hlt].
      set (h' := fun i => h i - h m * unit_vector m i).
      assert (Hfit : forall j, fit h j = h m * col j + fit h' j).
      { intros j. unfold h'. rewrite fit_minus, fit_scal, fit_unit by lia. unfold col. ring. }
      assert (Hh' : forall i, (i < d)%nat -> ~ Fm' i -> h' i = 0).
      { intros k Hk Hn. unfold h', unit_vector. destruct (Nat.eqb_spec k m) as [->|Hne]; [ring|].
        rewrite Hh; [ring|exact Hk|]. intros [Fk Hk2]. apply Hn. split; [exact Fk|lia]. }
      pose proof (sq_nonneg n (fit h)) as Hq.
      assert (Hmm : h m * h m * delta <= sq n (fit h)).
      { destruct (Req_dec (h m) 0) as [->|Hne]; [lra|].
        pose proof (Hdist (fun i => / h m * h' i) ltac:(intros k Hk Hn; cbv beta; rewrite (Hh' k Hk Hn); ring)) as D.
        apply Rle_trans with (h m * h m * sq n (fun j => col j + fit (fun i => / h m * h' i) j)).
        - apply Rmult_le_compat_l; [apply Rle_0_sqr|exact D].
        - rewrite <- sq_scal. right. unfold sq, dot. apply Sum_ext. intros j _. rewrite Hfit, fit_scal. field. exact Hne. }
      assert (Hm2 : h m * h m <= / delta * sq n (fit h)).
      { apply (Rmult_le_reg_r delta); [exact Hd|]. replace (/ delta * sq n (fit h) * delta) with (sq n (fit h)) by (field; lra). exact Hmm. }
      destruct (Nat.eq_dec i m) as [->|Hne].
      + rewrite Rmult_plus_distr_r. assert (0 <= c * (2 + 2 * sq n col / delta) * sq n (fit h)) by now apply Rmult_le_pos. lra.
      + assert (Hi' : h i = h' i).
        { unfold h', unit_vector. apply Nat.eqb_neq in Hne. rewrite Hne. ring. }
        rewrite Hi'. eapply Rle_trans; [apply (HI h' Hh' i Hi); split; [exact Fi|lia]|].
        assert (Hs : sq n (fit h') <= (2 + 2 * sq n col / delta) * sq n (fit h)).
        { replace (sq n (fit h')) with (sq n (fun j => fit h j + - h m * col j)).
          2: { unfold sq, dot. apply Sum_ext. intros j _. rewrite Hfit. ring. }
          eapply Rle_trans; [apply sq_sum_le|]. rewrite sq_scal.
          replace (- h m * - h m * sq n col) with (h m * h m * sq n col) by ring.
          assert (h m * h m * sq n col <= / delta * sq n (fit h) * sq n col) by now apply Rmult_le_compat_r.
          unfold Rdiv. lra. }
        rewrite Rmult_plus_distr_r, Rmult_assoc.
        assert (c * sq n (fit h') <= c * ((2 + 2 * sq n col / delta) * sq n (fit h))) by now apply Rmult_le_compat_l.
        assert (0 <= / delta * sq n (fit h)) by (apply Rmult_le_pos; lra). lra. }
  destruct (K d (le_n d)) as [c [Hc H]]. exists c. split; [exact Hc|]. intros h Hh i Hi Fi. apply H; [|exact Hi|now split].
  intros k Hk Hn. apply Hh; [exact Hk|]. intros Fk. apply Hn. now split.
Qed.

End Free.

(** * The sign-constrained minimiser *)

Section Minimiser.
Variables (n d : nat) (X : nat -> nat -> R) (y : nat -> R).
Hypothesis npos : (0 < n)%nat.
Notation fit := (fit d X).
Notation loss := (loss n d X y).
Notation feasible := (feasible d).
Notation minimiser := (minimiser n d X y).

Definition support_of (b : nat -> R) (i : nat) : Prop := b i <> 0.

(** Caratheodory. *)
Lemma caratheodory s b : feasible s b ->
  exists b', feasible s b' /\ (forall j, (j < n)%nat -> fit b' j = fit b j) /\ linearly_independent n d X (support_of b').
Proof.
  assert (K : forall m b, (support_size d b < m)%nat -> feasible s b ->
    exists b', feasible s b' /\ (forall j, (j < n)%nat -> fit b' j = fit b j) /\ linearly_independent n d X (support_of b')).
  { induction m as [|m IH]; intros c Hsize Hc; [lia|].
    destruct (classic (linearly_independent n d X (support_of c))) as [Hf|Hf]; [exists c; split; [exact Hc|split; [reflexivity|exact Hf]]|].
    assert (Hex : exists h, (forall i, (i < d)%nat -> c i = 0 -> h i = 0) /\ (forall j, (j < n)%nat -> fit h j = 0) /\
      exists i, (i < d)%nat /\ h i <> 0).
    { apply NNPP. intros Hno. apply Hf. intros h H1 H2 i Hi _. destruct (Req_dec (h i) 0) as [|Hne]; [assumption|exfalso].
      apply Hno. exists h. split; [|split; [exact H2|now exists i]]. intros k Hk E. apply H1; [exact Hk|]. unfold support_of. now intros Hn. }
    destruct Hex as [h [Hoff [Hz Hne]]].
    destruct (finite_argmin d (fun i => h i <> 0) (fun i => Rabs (c i / h i)) Hne) as [k [Hk [Hhk Hmin]]].
    set (t := c k / h k) in *. set (c' := fun i => c i - t * h i).
    assert (Hth : forall i, (i < d)%nat -> Rabs (t * h i) <= Rabs (c i)).
    { intros i Hi. destruct (Req_dec (h i) 0) as [->|Hn]; [rewrite Rmult_0_r, Rabs_R0; apply Rabs_pos|].
      replace (c i) with (c i / h i * h i) at 1 by (field; exact Hn). rewrite !Rabs_mult.
      apply Rmult_le_compat_r; [apply Rabs_pos|]. now apply Hmin. }
    assert (Hfeas : feasible s c').
    { intros i Hi. destruct (Hc i Hi) as [F1 [F2 F3]]. pose proof (Hth i Hi) as T. unfold c'. split; [|split].
      - intros E. pose proof (F1 E) as P. rewrite (Rabs_pos_eq (c i)) in T by exact P. pose proof (Rle_abs (t * h i)). lra.
      - intros E. pose proof (F2 E) as P. rewrite (Rabs_left1 (c i)) in T by exact P.
        pose proof (Rle_abs (- (t * h i))) as A. rewrite Rabs_Ropp in A. lra.
      - intros E. pose proof (F3 E) as P. rewrite P, (Hoff i Hi P). ring. }
    destruct (IH c') as [b' [H1 [H2 H3]]]; [|exact Hfeas|].
    - assert (support_size d c' < support_size d c)%nat; [|lia].
      apply (support_size_lt d c c' k); [|exact Hk| |].
      + intros i Hi E. unfold c'. rewrite E, (Hoff i Hi E). ring.
      + intros E. apply Hhk. exact (Hoff k Hk E).
      + unfold c', t. field. exact Hhk.
    - exists b'. split; [exact H1|]. split; [|exact H3]. intros j Hj. rewrite H2 by exact Hj. unfold c'.
      rewrite fit_minus, fit_scal, Hz by exact Hj. ring. }
  apply (K (S (support_size d b))). lia.
Qed.

Lemma loss_of_fit b c : (forall j, (j < n)%nat -> fit b j = fit c j) -> loss b = loss c.
Proof.
  intros H. unfold Setting.loss. f_equal. unfold sq, dot. apply Sum_ext. intros j Hj. cbv beta. now rewrite H.
Qed.

Lemma independent_ext F G : (forall i, (i < d)%nat -> (F i <-> G i)) -> independent n d X F -> independent n d X G.
Proof.
  intros H [c [Hc HI]]. exists c. split; [exact Hc|]. intros h Hh i Hi Gi. apply HI; auto; [|now apply H].
  intros k Hk Hn. apply Hh; auto. intros Gk. apply Hn. now apply H.
Qed.

(** PF23, Algorithm 1: its minimisers exist. *)
Theorem minimiser_exists s : exists b, minimiser s b.
Proof.
  set (C := fun (b : nat -> R) i x => ((s i = 1 -> 0 <= x) /\ (s i = -1 -> x <= 0) /\ (Rabs (s i) < 1 -> x = 0)) /\ (b i = 0 -> x = 0)).
  assert (Hclosed : forall b i x, (forall eps, 0 < eps -> exists x', C b i x' /\ Rabs (x' - x) <= eps) -> C b i x).
  { intros b i x H. destruct (Req_dec x 0) as [->|Hx]; [unfold C; repeat split; intros; lra|].
    destruct (H (Rabs x / 2) ltac:(pose proof (Rabs_pos_lt x Hx); lra)) as [x' [[[H1 [H2 H3]] H4] H5]].
    assert (Hx' : Rabs (x' - x) < Rabs x) by (pose proof (Rabs_pos_lt x Hx); lra).
    unfold Rabs in Hx'. unfold C. repeat split; intros E; try specialize (H1 E); try specialize (H2 E); try specialize (H3 E); try specialize (H4 E);
      destruct (Rcase_abs (x' - x)), (Rcase_abs x); lra. }
  assert (Hmid : forall b i x x', C b i x -> C b i x' -> C b i ((x + x') / 2)).
  { intros b i x x' [[A1 [A2 A3]] A4] [[B1 [B2 B3]] B4]. unfold C. repeat split; intros E;
      try specialize (A1 E); try specialize (A2 E); try specialize (A3 E); try specialize (A4 E);
      try specialize (B1 E); try specialize (B2 E); try specialize (B3 E); try specialize (B4 E); lra. }
  (* one minimiser for each support *)
  set (good := fun q c => exists b, support_code d b = q /\ linearly_independent n d X (support_of b) /\
    (forall i, (i < d)%nat -> C b i (c i)) /\ forall e, (forall i, (i < d)%nat -> C b i (e i)) -> loss c <= loss e).
  destruct (finite_choice (fun _ => 0) (2 ^ d) (fun q c => (exists b, support_code d b = q /\ linearly_independent n d X (support_of b)) -> good q c)) as [f Hf].
  { intros q _. destruct (classic (exists b, support_code d b = q /\ linearly_independent n d X (support_of b))) as [[b [Hq Hb]]|Hno].
    2: { exists (fun _ => 0). intros H. contradiction. }
    destruct (least_squares_exists n d X y npos (C b) ltac:(intros; now apply Hclosed) ltac:(intros; now apply Hmid) (support_of b)
      (independent_constant n d X npos _ Hb)) as [c [H1 H2]].
    - intros i x Hi [_ H] Hn. apply H. unfold support_of in Hn. now apply NNPP.
    - exists (fun _ => 0). intros i _. unfold C. repeat split; intros; lra.
    - exists c. intros _. exists b. split; [exact Hq|split; [exact Hb|split; [exact H1|exact H2]]]. }
  destruct (finite_argmin (2 ^ d) (fun q => exists b, support_code d b = q /\ linearly_independent n d X (support_of b)) (fun q => loss (f q))) as [q [Hq [HP Hmin]]].
  { exists (support_code d (fun _ => 0)). split; [apply support_code_lt|]. exists (fun _ => 0). split; [reflexivity|].
    intros h _ _ i _ H. unfold support_of in H. lra. }
  exists (f q). destruct (Hf q Hq HP) as [b [_ [_ [Hin _]]]]. split.
  - intros i Hi. now destruct (Hin i Hi).
  - intros c Hc. destruct (caratheodory s c Hc) as [c' [H1 [H2 H3]]].
    rewrite <- (loss_of_fit c' c H2). set (q' := support_code d c').
    assert (HP' : exists b, support_code d b = q' /\ linearly_independent n d X (support_of b)) by (exists c'; now split).
    eapply Rle_trans; [apply (Hmin q' (support_code_lt d c') HP')|].
    destruct (Hf q' (support_code_lt d c') HP') as [b' [E [_ [_ Hm]]]]. apply Hm. intros i Hi. split; [now apply H1|].
    intros Z. now apply (support_code_inj d b' c' E i Hi).
Qed.

End Minimiser.
