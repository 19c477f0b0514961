(** The checker of Checker.v is sound: what it accepts is a limit path of the data (or one up to a horizon) whose
    faces have independent columns, with jump times in the intervals claimed ([accepted_path], [accepted_until]). *)

From Coq Require Import Reals Lra Lia Arith List ZArith QArith Qreals Bool.
From Coquelicot Require Import Coquelicot.
From Saddle Require Import Base Setting Rate Convergence Theorem2 Checker GramMatrix.
Import ListNotations.
Open Scope R_scope.

Ltac to_reals H :=
  repeat first [rewrite plus_IZR in H | rewrite minus_IZR in H | rewrite mult_IZR in H | rewrite abs_IZR in H].

(** * The walk *)

Lemma near_bound e m ex s : Rabs (e * s - m) <= ex -> e * s <= m + ex /\ m - ex <= e * s.
Proof. intros H. apply Rabs_le_between in H. lra. Qed.

Section Walk.
Variables (n d : nat) (D : data) (K : nat) (p : path).
Hypothesis npos : (0 < n)%nat.
Let X := features D.
Let y := responses D.
Notation fit := (fit d X).
Notation res := (res n d X y).
Notation dual := (Setting.dual n X).
Notation grad := (grad n d X y).
Notation line := (line n d X y).
Let M := gram n d D.
Let r := corr n d D.
Notation sad := (saddle D (points p)).
Notation delta i := (IZR (column_over D i)).
Notation sl k := (slopes d D M r (point p k)).
Notation clk k := (clock n D (point p k)).

Lemma slope k i : (i < d)%nat -> IZR (at_ (sl k) i) = clk k * (delta i * grad (sad k) i).
Proof. intros Hi. now apply slopes_sound. Qed.

Lemma column_over_pos i : 0 < delta i.
Proof. apply pos_IZR. Qed.

(** The state knows the dual variable. *)
Definition near (st : state) (i : nat) (s : R) : Prop :=
  let (mid, exact) := coordinate st i in Rabs (IZR (unit st) * (delta i * s) - IZR mid) <= IZR (error st exact).

Lemma touches_sound st b q i s : (0 < unit st)%Z -> near st i s -> touches D st b i = true ->
  Rabs s <= 1 /\ s * (delta i * IZR b / IZR (Zpos q)) = Rabs (delta i * IZR b / IZR (Zpos q)).
Proof.
  intros HE Hn H. unfold touches, near, bound in *. destruct (coordinate st i) as [mid ex].
  apply near_bound in Hn. assert (HE' : 0 < IZR (unit st)) by now apply IZR_lt.
  pose proof (pos_IZR q) as Hq. pose proof (column_over_pos i) as Hd.
  assert (Hde : 0 < delta i * IZR (unit st)) by now apply Rmult_lt_0_compat.
  replace (IZR (unit st) * (delta i * s)) with (delta i * IZR (unit st) * s) in Hn by ring.
  destruct (Z.eqb_spec b 0) as [->|Hb].
  - apply Z.leb_le, IZR_le in H. rewrite plus_IZR, abs_IZR, mult_IZR in H.
    pose proof (Rle_abs (IZR mid)). pose proof (Rle_abs (- IZR mid)). rewrite Rabs_Ropp in *.
    split.
    + apply Rabs_le. split; apply (Rmult_le_reg_l (delta i * IZR (unit st))); lra.
    + unfold Rdiv. rewrite Rmult_0_r, Rmult_0_l, Rabs_R0. ring.
  - apply andb_true_iff in H. destruct H as [-> H]. apply Z.eqb_eq in H. simpl in Hn.
    assert (E : s = IZR (Z.sgn b)).
    { apply (Rmult_eq_reg_l (delta i * IZR (unit st))); [|lra]. rewrite H, !mult_IZR in Hn. lra. }
    assert (Hdq : 0 < delta i / IZR (Zpos q)) by (unfold Rdiv; apply Rmult_lt_0_compat; [exact Hd|now apply Rinv_0_lt_compat]).
    replace (delta i * IZR b / IZR (Zpos q)) with (delta i / IZR (Zpos q) * IZR b) by (field; lra).
    rewrite Rabs_mult, (Rabs_pos_eq (delta i / _)) by lra.
    destruct (sgn_cases b Hb) as [[E2 G]|[E2 G]]; rewrite E, E2.
    + split; [rewrite Rabs_pos_eq; lra|]. rewrite Rabs_pos_eq by lra. ring.
    + split; [rewrite Rabs_left; lra|]. rewrite Rabs_left by lra. ring.
Qed.

(** The unit of the state k, and the exact length of dwell k: until the arriving coordinate is at its bound. *)
Fixpoint unit_at (k : nat) : Z :=
  match k with
  | O => 1%Z
  | S k' => let h := the_hint p k' in
      let u := (Zpos (scale h) * unit_at k')%Z in if Pos.eqb (cancels h) 1 then u else (u / Zpos (cancels h))%Z
  end.
Definition unit_before (k : nat) : Z := (Zpos (scale (the_hint p k)) * unit_at k)%Z.

Definition duration (k : nat) (w : nat -> R) : R :=
  let h := the_hint p k in
  if Nat.ltb (arrives h) d then (dual w (arrives h) + IZR (Z.sgn (at_ (sl k) (arrives h)))) / grad (sad k) (arrives h)
  else IZR (move h) * clk k / IZR (unit_before k).

Fixpoint trace (k : nat) : R * (nat -> R) :=
  match k with
  | O => (0, fun _ => 0)
  | S k' => let (t, w) := trace k' in (t + duration k' w, line w (sad k') t (t + duration k' w))
  end.

(** The jump times of the path, by the coordinates that arrive. *)
Definition exact_times (k : nat) : R := if Nat.leb k K then fst (trace k) else time (lower_times p) k.

Lemma line_dual w b a t i : dual (line w b a t) i = dual w i - (t - a) * grad b i.
Proof. unfold Rate.line, Setting.grad. rewrite dual_plus, dual_scal. ring. Qed.

Lemma dwell_start_trace k : (k <= K)%nat ->
  dwell_start n d X y exact_times sad k = snd (trace k).
Proof.
  induction k as [|k IH]; intros Hk; [reflexivity|]. cbn [dwell_start]. rewrite IH by lia.
  unfold exact_times. rewrite (proj2 (Nat.leb_le (S k) K)), (proj2 (Nat.leb_le k K)) by lia.
  cbn [trace]. destruct (trace k) as [t w]. reflexivity.
Qed.

Definition known (st : state) (w : nat -> R) : Prop :=
  (0 < unit st)%Z /\ (0 <= radius st)%Z /\ forall i, (i < d)%nat -> near st i (dual w i).
Definition knows (st : state) (k : nat) : Prop := unit st = unit_at k /\ known st (snd (trace k)).

Lemma error_nonneg st ex : (0 <= radius st)%Z -> 0 <= IZR (error st ex).
Proof. intros H. apply IZR_le. unfold error. destruct ex; lia. Qed.

Lemma knows_start : knows (start d) 0.
Proof.
  unfold knows, known. cbn [unit_at trace fst snd]. repeat split; try (simpl; lia).
  intros i Hi. unfold near, coordinate, start. cbn [Checker.dual]. rewrite nth_table by exact Hi. cbn [unit error].
  replace (dual (fun _ => 0) i) with 0 by (symmetry; apply Sum_zero; intros; ring).
  simpl. rewrite Rabs_right; lra.
Qed.

(** The length of the dwell, in the units of the next state. *)
Lemma move_bounds st k : knows st k -> (0 < move (the_hint p k))%Z -> (0 <= slack (the_hint p k))%Z ->
  arrival d D st (sl k) (the_hint p k) = true ->
  exists rho, IZR (move (the_hint p k)) <= rho <= IZR (move (the_hint p k)) + IZR (slack (the_hint p k)) /\
    IZR (unit_before k) * duration k (snd (trace k)) = rho * clk k /\
    ((arrives (the_hint p k) < d)%nat ->
       at_ (sl k) (arrives (the_hint p k)) <> 0%Z /\
       dual (snd (trace k)) (arrives (the_hint p k)) - duration k (snd (trace k)) * grad (sad k) (arrives (the_hint p k))
         = - IZR (Z.sgn (at_ (sl k) (arrives (the_hint p k))))).
Proof.
  intros [HU [HE [Hr Hn]]] Hm Hs Ha. set (h := the_hint p k) in *.
  assert (HEr : 0 < IZR (unit st)) by now apply IZR_lt. pose proof (clock_pos n D npos (point p k)) as Hc.
  assert (HU' : IZR (unit_before k) = IZR (Zpos (scale h)) * IZR (unit st)).
  { unfold unit_before. fold h. now rewrite HU, mult_IZR. }
  pose proof (pos_IZR (scale h)) as Hsc.
  unfold arrival in Ha. unfold duration. fold h. destruct (Nat.ltb_spec (arrives h) d) as [Hi|Hi].
  2: { exists (IZR (move h)). apply IZR_le in Hs. split; [lra|]. split; [|lia]. field.
       rewrite HU'. apply Rgt_not_eq, Rmult_lt_0_compat; lra. }
  specialize (Hn _ Hi). unfold near in Hn. unfold bound in Ha. destruct (coordinate st (arrives h)) as [mid ex].
  pose proof (column_over_pos (arrives h)) as Hd. rewrite !andb_true_iff in Ha. destruct Ha as [[Hg H1] H2]. apply negb_true_iff, Z.eqb_neq in Hg.
  pose proof (slope k _ Hi) as Hsl. set (g := at_ (sl k) (arrives h)) in *. set (gr := grad (sad k) (arrives h)) in *.
  set (s := dual (snd (trace k)) (arrives h)) in *.
  assert (Hgr : gr <> 0).
  { intros E. rewrite E, !Rmult_0_r in Hsl. now apply eq_IZR in Hsl. }
  exists (IZR (unit_before k) * ((s + IZR (Z.sgn g)) / gr) / clk k).
  split; [|split; [field; lra|]].
  2: { intros _. split; [exact Hg|]. field. exact Hgr. }
  apply Z.leb_le, IZR_le in H1, H2.
  to_reals H1. to_reals H2.
  rewrite HU'. apply near_bound in Hn.
  set (C := IZR (Zpos (scale h))) in *. set (E := IZR (unit st)) in *. set (e := IZR (error st ex)) in *.
  set (dl := delta (arrives h)) in *.
  assert (Hn' : C * (E * (dl * s)) <= C * IZR mid + C * e /\ C * IZR mid - C * e <= C * (E * (dl * s))).
  { split.
    - replace (C * IZR mid + C * e) with (C * (IZR mid + e)) by ring. apply Rmult_le_compat_l; lra.
    - replace (C * IZR mid - C * e) with (C * (IZR mid - e)) by ring. apply Rmult_le_compat_l; lra. }
  replace (C * E * ((s + IZR (Z.sgn g)) / gr) / clk k) with (C * E * (dl * (s + IZR (Z.sgn g))) / IZR g).
  2: { rewrite Hsl. field. repeat split; lra || exact Hgr. }
  destruct (sgn_cases g Hg) as [[Es Hpos]|[Es Hneg]]; rewrite Es in *.
  - rewrite Rabs_pos_eq in H1, H2 by lra. split.
    + apply (Rmult_le_reg_r (IZR g)); [lra|]. unfold Rdiv. rewrite (Rmult_assoc _ (/ IZR g)), Rinv_l by lra. lra.
    + apply (Rmult_le_reg_r (IZR g)); [lra|]. unfold Rdiv. rewrite (Rmult_assoc _ (/ IZR g)), Rinv_l by lra. lra.
  - rewrite Rabs_left in H1, H2 by lra.
    replace (C * E * (dl * (s + -1)) / IZR g) with (C * E * (dl * (1 - s)) / - IZR g) by (field; lra). split.
    + apply (Rmult_le_reg_r (- IZR g)); [lra|]. unfold Rdiv. rewrite (Rmult_assoc _ (/ - IZR g)), Rinv_l by lra. lra.
    + apply (Rmult_le_reg_r (- IZR g)); [lra|]. unfold Rdiv. rewrite (Rmult_assoc _ (/ - IZR g)), Rinv_l by lra. lra.
Qed.

Lemma trace_next k : fst (trace (S k)) = fst (trace k) + duration k (snd (trace k)) /\
  forall i, dual (snd (trace (S k))) i = dual (snd (trace k)) i - duration k (snd (trace k)) * grad (sad k) i.
Proof.
  cbn [trace]. destruct (trace k) as [t w]. cbn [fst snd]. split; [reflexivity|]. intros i. rewrite line_dual. ring.
Qed.

Lemma next_sound st k : knows st k -> (0 < move (the_hint p k))%Z -> (0 <= slack (the_hint p k))%Z ->
  arrival d D st (sl k) (the_hint p k) = true ->
  known (next d D st (sl k) (the_hint p k)) (snd (trace (S k))) /\ unit (next d D st (sl k) (the_hint p k)) = unit_before k /\
  exists rho, IZR (move (the_hint p k)) <= rho <= IZR (move (the_hint p k)) + IZR (slack (the_hint p k)) /\
    IZR (unit_before k) * duration k (snd (trace k)) = rho * clk k.
Proof.
  intros HK Hm Hs Ha. destruct (move_bounds st k HK Hm Hs Ha) as [rho [Hrho [Hdur Harr]]].
  destruct HK as [HU [HE [Hr Hn]]]. destruct (trace_next k) as [HT HD].
  set (h := the_hint p k) in *. set (w := snd (trace k)) in *. set (tau := duration k w) in *.
  pose proof (clock_pos n D npos (point p k)) as Hc. pose proof (pos_IZR (scale h)) as Hsc.
  assert (HEr : 0 < IZR (unit st)) by now apply IZR_lt.
  assert (HU' : unit_before k = (Zpos (scale h) * unit st)%Z) by (unfold unit_before; fold h; now rewrite HU).
  assert (HU'r : IZR (unit_before k) = IZR (Zpos (scale h)) * IZR (unit st)) by (rewrite HU'; apply mult_IZR).
  set (C := IZR (Zpos (scale h))) in *. set (E := IZR (unit st)) in *.
  assert (HCE : 0 < C * E) by now apply Rmult_lt_0_compat.
  assert (Hm' : 0 < IZR (move h)) by now apply IZR_lt. apply IZR_le in Hs as Hs'.
  split; [split; [|split]|split; [symmetry; exact HU'|exists rho; now split]].
  - cbn [next unit]. cbv zeta. lia.
  - cbn [next radius]. cbv zeta. pose proof (largest_nonneg (sl k)). apply Z.add_nonneg_nonneg; apply Z.mul_nonneg_nonneg; lia.
  - intros i Hi. rewrite HD. specialize (Hn i Hi). unfold near in *.
    set (g := at_ (sl k) i) in *. pose proof (slope k i Hi) as Hsl. fold g in Hsl. set (s := dual w i) in *.
    set (dl := delta i) in *. assert (Hmove : C * E * (dl * (s - tau * grad (sad k) i)) = C * (E * (dl * s)) - rho * IZR g).
    { rewrite Hsl. transitivity (C * E * (dl * s) - C * E * tau * (dl * grad (sad k) i)); [ring|].
      rewrite <- HU'r, Hdur. rewrite HU'r. ring. }
    assert (Hbig : Rabs (IZR g) <= IZR (largest (sl k))).
    { rewrite <- abs_IZR. apply largest_sound. }
    pose proof (largest_nonneg (sl k)) as Hl0. apply IZR_le in Hl0 as Hl0'.
    unfold coordinate at 1. cbn [next Checker.dual]. rewrite nth_table by exact Hi. fold (coordinate st i).
    destruct (coordinate st i) as [mid ex]. cbv zeta. fold g.
    pose proof (error_nonneg st ex Hr) as He.
    assert (Hscaled : Rabs (C * (E * (dl * s)) - C * IZR mid) <= C * IZR (error st ex)).
    { rewrite <- Rmult_minus_distr_l, Rabs_mult, (Rabs_pos_eq C) by lra. apply Rmult_le_compat_l; [lra|exact Hn]. }
    set (st' := next d D st (sl k) h).
    assert (Hu' : IZR (unit st') = C * E) by (unfold st'; cbn [next unit]; cbv zeta; now rewrite mult_IZR).
    assert (Hr' : IZR (radius st') = C * IZR (radius st) + IZR (slack h) * IZR (largest (sl k))).
    { unfold st'. cbn [next radius]. cbv zeta. now rewrite plus_IZR, !mult_IZR. }
    assert (Hmore : C * IZR (radius st) <= IZR (radius st')).
    { rewrite Hr'. pose proof (Rmult_le_pos _ _ Hs' Hl0'). lra. }
    destruct (Z.eqb_spec g 0) as [E0|E0].
    + change (nth i (Checker.dual st) (0%Z, true)) with (coordinate st i). rewrite Hu', Hmove, E0, Rmult_0_r, Rminus_0_r, mult_IZR. fold C.
      eapply Rle_trans; [exact Hscaled|]. unfold error. destruct ex; [lra|]. lra.
    + destruct (Nat.eqb_spec i (arrives h)) as [Ei|Ei].
      * destruct (Harr ltac:(lia)) as [_ H]. rewrite <- Ei in H. fold g s in H. rewrite Hu', H.
        rewrite !mult_IZR, opp_IZR. cbn [error]. fold C E dl.
        right. replace (C * E * (dl * - IZR (Z.sgn g)) - - IZR (Z.sgn g) * (dl * (C * E))) with 0 by ring. apply Rabs_R0.
      * rewrite Hu', Hmove, minus_IZR, !mult_IZR. fold C.
        replace (C * (E * (dl * s)) - rho * IZR g - (C * IZR mid - IZR (move h) * IZR g))
          with ((C * (E * (dl * s)) - C * IZR mid) + (IZR (move h) - rho) * IZR g) by ring.
        eapply Rle_trans; [apply Rabs_triang|]. rewrite Rabs_mult, (Rabs_left1 (IZR (move h) - rho)) by lra.
        destruct ex; cbn [andb].
        -- cbn [error] in Hscaled. rewrite Rmult_0_r in Hscaled. destruct (Z.eqb_spec (slack h) 0) as [Es|Es].
           ++ rewrite Es in Hrho. cbn [error]. replace (- (IZR (move h) - rho)) with 0 by lra. lra.
           ++ cbn [error]. rewrite Hr'. apply IZR_le in Hr. pose proof (Rmult_le_pos C (IZR (radius st)) ltac:(lra) Hr).
              assert (- (IZR (move h) - rho) * Rabs (IZR g) <= IZR (slack h) * IZR (largest (sl k))).
              { apply Rmult_le_compat; auto using Rabs_pos; lra. } lra.
        -- cbn [error] in *. rewrite Hr'.
           assert (- (IZR (move h) - rho) * Rabs (IZR g) <= IZR (slack h) * IZR (largest (sl k))).
           { apply Rmult_le_compat; auto using Rabs_pos; lra. } lra.
Qed.

(** ** What an accepted dwell says *)

Lemma divided_sound e st w0 : known st w0 -> divides d e st (divided e st) = true -> known (divided e st) w0.
Proof.
  intros [HE [Hr Hn]] H. unfold divides in H. destruct (Pos.eqb_spec e 1) as [->|He].
  - now split.
  - rewrite !andb_true_iff in H. destruct H as [[H1 H2] H3]. apply Z.eqb_eq in H1, H2. split; [|split].
    + nia.
    + nia.
    + intros i Hi. specialize (Hn i Hi). pose proof (all_true _ _ H3 i Hi) as T. cbv beta in T. unfold near in *.
      destruct (coordinate st i) as [mid ex]. destruct (coordinate (divided e st) i) as [mid' ex'].
      rewrite andb_true_iff in T. destruct T as [T1 T2]. apply Z.eqb_eq in T1. apply eqb_prop in T2. subst ex'.
      assert (E : IZR (error st ex) = IZR (Zpos e) * IZR (error (divided e st) ex)).
      { rewrite <- mult_IZR. f_equal. unfold error. destruct ex; [ring|now rewrite H1]. }
      rewrite E, <- T1, <- H2, !mult_IZR in Hn. pose proof (pos_IZR e) as Hp.
      apply (Rmult_le_reg_l (IZR (Zpos e))); [exact Hp|].
      replace (IZR (Zpos e) * Rabs (IZR (unit (divided e st)) * (delta i * dual w0 i) - IZR mid'))
        with (Rabs (IZR (Zpos e) * IZR (unit (divided e st)) * (delta i * dual w0 i) - IZR (Zpos e) * IZR mid')); [exact Hn|].
      rewrite <- (Rabs_pos_eq (IZR (Zpos e))) at 3 by lra. rewrite <- Rabs_mult. f_equal. ring.
Qed.

Notation w k := (snd (trace k)).
Definition fits (s b : nat -> R) : Prop := forall i, (i < d)%nat -> Rabs (s i) <= 1 /\ s i * b i = Rabs (b i).

Lemma all_touch_sound st k : known st (w k) -> forall k', all_touch d D st (fst (point p k')) = true -> fits (dual (w k)) (sad k').
Proof.
  intros [HE [_ Hn]] k' H i Hi. pose proof (all_true _ _ H i Hi) as T. cbv beta in T.
  exact (touches_sound st _ _ i _ HE (Hn i Hi) T).
Qed.

Lemma between_sound q q' : let (x, den) := between q q' in 0 < IZR den /\ Q2R q' - Q2R q = IZR x / IZR den.
Proof.
  unfold between, Q2R. pose proof (pos_IZR (Qden q)). pose proof (pos_IZR (Qden q')). split.
  - rewrite mult_IZR. now apply Rmult_lt_0_compat.
  - rewrite minus_IZR, !mult_IZR. field. lra.
Qed.

Lemma enclosed_sound k : (0 < unit_before k)%Z -> enclosed n D p k (unit_before k) (the_hint p k) = true ->
  (exists rho, IZR (move (the_hint p k)) <= rho <= IZR (move (the_hint p k)) + IZR (slack (the_hint p k)) /\
    IZR (unit_before k) * duration k (w k) = rho * clk k) ->
  time (lower_times p) (S k) - time (lower_times p) k <= duration k (w k) <= time (upper_times p) (S k) - time (upper_times p) k.
Proof.
  intros HE H [rho [Hrho Hdur]]. unfold enclosed, time in *. cbv zeta in H.
  pose proof (between_sound (nth k (lower_times p) 0%Q) (nth (S k) (lower_times p) 0%Q)) as B1.
  pose proof (between_sound (nth k (upper_times p) 0%Q) (nth (S k) (upper_times p) 0%Q)) as B2.
  destruct (between (nth k (lower_times p) 0%Q) _) as [lo lo_den]. destruct (between (nth k (upper_times p) 0%Q) _) as [hi hi_den].
  destruct B1 as [P1 ->]. destruct B2 as [P2 ->]. apply andb_true_iff in H. destruct H as [H1 H2].
  apply Z.leb_le, IZR_le in H1, H2.
  rewrite (mult_IZR lo), (mult_IZR (move (the_hint p k) * _)), (mult_IZR (move (the_hint p k))) in H1.
  rewrite (mult_IZR hi), (mult_IZR ((move (the_hint p k) + _) * _)), (mult_IZR (move (the_hint p k) + _)), plus_IZR in H2.
  fold (clk k) in H1, H2. apply IZR_lt in HE. pose proof (clock_pos n D npos (point p k)) as Hc.
  set (u := IZR (unit_before k)) in *. set (tau := duration k (w k)) in *. split.
  - apply (Rmult_le_reg_r (u * IZR lo_den)); [now apply Rmult_lt_0_compat|].
    replace (IZR lo / IZR lo_den * (u * IZR lo_den)) with (IZR lo * u) by (field; lra).
    replace (tau * (u * IZR lo_den)) with (u * tau * IZR lo_den) by ring. rewrite Hdur.
    eapply Rle_trans; [exact H1|]. apply Rmult_le_compat_r; [lra|]. apply Rmult_le_compat_r; lra.
  - apply (Rmult_le_reg_r (u * IZR hi_den)); [now apply Rmult_lt_0_compat|].
    replace (IZR hi / IZR hi_den * (u * IZR hi_den)) with (IZR hi * u) by (field; lra).
    replace (tau * (u * IZR hi_den)) with (u * tau * IZR hi_den) by ring. rewrite Hdur.
    eapply Rle_trans; [|exact H2]. apply Rmult_le_compat_r; [lra|]. apply Rmult_le_compat_r; lra.
Qed.

(** The columns at their bound during the dwell are among those of an independent group. *)
Definition face_of (k : nat) (i : nat) : Prop := grad (sad k) i = 0 /\ Rabs (dual (w k) i) = 1.

Hypothesis groups_independent : forall m, (m < length (groups p))%nat -> left_inverse d M (the_group p m) = true.

Lemma inside_sound st k m : knows st k -> inside d D p st (sl k) m = true ->
  forall G : nat -> Prop, (forall i, G i \/ ~ G i) -> (forall i, (i < d)%nat -> G i -> face_of k i) -> independent n d X G.
Proof.
  intros [_ [HE [_ Hn]]] H G Hdec HG. unfold inside in H. cbv zeta in H. apply andb_true_iff in H. destruct H as [Hm H].
  apply Nat.ltb_lt in Hm. apply (left_inverse_sound n d D npos (the_group p m)); [now apply groups_independent|exact Hdec|].
  intros i Hi Gi. destruct (HG i Hi Gi) as [Hg Hs]. pose proof (all_true _ _ H i Hi) as T. cbv beta in T.
  replace (on_face D st (sl k) i) with true in T; [exact T|]. symmetry. unfold on_face, bound.
  specialize (Hn i Hi). unfold near in Hn. destruct (coordinate st i) as [mid ex]. apply near_bound in Hn.
  apply andb_true_iff. split.
  - apply Z.eqb_eq, eq_IZR. rewrite slope, Hg by exact Hi. ring.
  - apply Z.leb_le, le_IZR. rewrite plus_IZR, abs_IZR, mult_IZR.
    pose proof (Rle_abs (IZR mid)). pose proof (Rle_abs (- IZR mid)). rewrite Rabs_Ropp in *.
    unfold Rabs in Hs. destruct (Rcase_abs _) in Hs.
    + replace (dual (w k) i) with (-1) in Hn by lra. lra.
    + rewrite Hs in Hn. lra.
Qed.

Record dwell_facts (k : nat) : Prop := {
  df_time : fst (trace k) < fst (trace (S k));
  df_start : fits (dual (w k)) (sad k);
  df_end : fits (dual (w (S k))) (sad k);
  df_enclosed : time (lower_times p) (S k) - time (lower_times p) k <= duration k (w k) <= time (upper_times p) (S k) - time (upper_times p) k;
  df_face : forall G : nat -> Prop, (forall i, G i \/ ~ G i) -> (forall i, (i < d)%nat -> G i -> face_of k i) -> independent n d X G }.

Lemma check_dwell_sound k st st' : knows st k -> check_dwell n d D M r p k st = inl st' ->
  knows st' (S k) /\ dwell_facts k.
Proof.
  intros HK H. unfold check_dwell in H. cbv zeta in H. destruct (first_false _) eqn:E in H; [discriminate|].
  injection H as <-. pose proof (first_false_none _ E) as T.
  assert (T1 : all_touch d D st (fst (point p k)) = true) by (apply (T (DualAtStart k)); left; reflexivity).
  assert (T2 : ((0 <? move (the_hint p k)) && (0 <=? slack (the_hint p k)))%Z = true) by (apply (T (TimeAdvances k)); right; left; reflexivity).
  assert (T3 : arrival d D st (sl k) (the_hint p k) = true) by (apply (T (Arrival k)); do 2 right; left; reflexivity).
  set (st1 := next d D st (sl k) (the_hint p k)) in *.
  assert (T4 : divides d (cancels (the_hint p k)) st1 (divided (cancels (the_hint p k)) st1) = true)
    by (apply (T (Cancels k)); do 3 right; left; reflexivity).
  assert (T5 : all_touch d D (divided (cancels (the_hint p k)) st1) (fst (point p k)) = true)
    by (apply (T (DualAtEnd k)); do 4 right; left; reflexivity).
  assert (T6 : enclosed n D p k (unit st1) (the_hint p k) = true) by (apply (T (TimeEnclosed k)); do 5 right; left; reflexivity).
  assert (T7 : inside d D p st (sl k) (group (the_hint p k)) = true) by (apply (T (FaceInGroup k)); do 6 right; left; reflexivity).
  clear T E. apply andb_true_iff in T2. destruct T2 as [T2 T2']. apply Z.ltb_lt in T2. apply Z.leb_le in T2'.
  destruct (next_sound st k HK T2 T2' T3) as [HK1 [HU1 Hrho]]. fold st1 in HK1, HU1. rewrite HU1 in T6.
  assert (HUp : (0 < unit_before k)%Z) by (rewrite <- HU1; apply (proj1 HK1)).
  pose proof (divided_sound _ _ _ HK1 T4) as HK2. split; [split; [|exact HK2]|].
  - cbn [unit_at]. cbv zeta. fold (unit_before k). unfold divided. rewrite <- HU1. now destruct (Pos.eqb _ 1).
  - assert (Hpos : 0 < duration k (w k)).
    { destruct Hrho as [rho [Hr Hd]]. apply IZR_lt in HUp, T2. pose proof (clock_pos n D npos (point p k)) as Hc.
      apply (Rmult_lt_reg_l (IZR (unit_before k))); [exact HUp|]. rewrite Rmult_0_r, Hd. apply Rmult_lt_0_compat; lra. }
    split.
    + rewrite (proj1 (trace_next k)). lra.
    + now apply (all_touch_sound st k (proj2 HK)).
    + now apply (all_touch_sound _ (S k) HK2).
    + now apply enclosed_sound.
    + now apply (inside_sound st k (group (the_hint p k))).
Qed.

Lemma check_dwells_sound m : forall k st st', knows st k -> check_dwells n d D M r p m k st = inl st' ->
  knows st' (k + m) /\ forall k', (k <= k' < k + m)%nat -> dwell_facts k'.
Proof.
  induction m as [|m IH]; intros k st st' HK H.
  - injection H as <-. split; [now rewrite Nat.add_0_r|lia].
  - cbn [check_dwells] in H. destruct (check_dwell n d D M r p k st) as [st1|c] eqn:E; [|discriminate].
    destruct (check_dwell_sound k st st1 HK E) as [HK1 HF]. destruct (IH (S k) st1 st' HK1 H) as [HK2 HF2].
    split; [replace (k + S m)%nat with (S k + m)%nat by lia; exact HK2|]. intros k' Hk'.
    destruct (Nat.eq_dec k' k) as [->|]; [exact HF|apply HF2; lia].
Qed.

(** ** The path *)

Lemma fits_between s s' b x : 0 <= x <= 1 ->
  (Rabs s <= 1 /\ s * b = Rabs b) -> (Rabs s' <= 1 /\ s' * b = Rabs b) ->
  Rabs (s + x * (s' - s)) <= 1 /\ (s + x * (s' - s)) * b = Rabs b.
Proof.
  intros Hx [H1 H2] [H3 H4]. apply Rabs_le_between in H1, H3. split; [apply Rabs_le; nra|].
  replace ((s + x * (s' - s)) * b) with (s * b + x * (s' * b - s * b)) by ring. rewrite H2, H4. ring.
Qed.

Lemma at_bound_between s s' x : 0 < x < 1 -> Rabs s <= 1 -> Rabs s' <= 1 ->
  Rabs (s + x * (s' - s)) = 1 -> s' = s /\ Rabs s = 1.
Proof.
  intros Hx H1 H2 H. apply Rabs_le_between in H1, H2. unfold Rabs in H. destruct (Rcase_abs _) in H.
  - assert (s' = s /\ s = -1) as [-> ->] by nra. split; [reflexivity|]. rewrite Rabs_left; lra.
  - assert (s' = s /\ s = 1) as [-> ->] by nra. split; [reflexivity|]. rewrite Rabs_right; lra.
Qed.

Notation times := exact_times.
Notation start_of k := (dwell_start n d X y times sad k).

Lemma exact_times_trace k : (k <= K)%nat -> times k = fst (trace k).
Proof. intros H. unfold exact_times. now rewrite (proj2 (Nat.leb_le k K) H). Qed.

Lemma exact_times_beyond k : (K < k)%nat -> times k = time (lower_times p) k.
Proof. intros H. unfold exact_times. now rewrite (proj2 (Nat.leb_gt k K) H). Qed.

Lemma on_dwell k t : (k < K)%nat -> dwell_facts k -> times k <= t <= times (S k) -> forall i,
  exists x, 0 <= x <= 1 /\ (t < times (S k) -> x < 1) /\ (times k < t -> 0 < x) /\
    dual (line (start_of k) (sad k) (times k) t) i = dual (w k) i + x * (dual (w (S k)) i - dual (w k) i).
Proof.
  intros Hk HF Ht i. pose proof (df_time k HF) as Hlt. destruct (trace_next k) as [HT HD].
  rewrite dwell_start_trace by lia. rewrite !exact_times_trace in * by lia.
  set (a := fst (trace k)) in *. set (c := fst (trace (S k))) in *. set (x := (t - a) / (c - a)). exists x.
  assert (Hx : x * (c - a) = t - a) by (unfold x; field; lra). repeat split.
  - unfold x, Rdiv. apply Rmult_le_pos; [lra|]. left; apply Rinv_0_lt_compat; lra.
  - apply (Rmult_le_reg_r (c - a)); lra.
  - intros. apply (Rmult_lt_reg_r (c - a)); lra.
  - intros. apply (Rmult_lt_reg_r (c - a)); lra.
  - rewrite line_dual, HD, <- Hx. replace (duration k (w k)) with (c - a) by lra. ring.
Qed.

Lemma facts_dwell k : (k < K)%nat -> dwell_facts k -> dwell n d X y (start_of k) (sad k) (times k) (times (S k)).
Proof.
  intros Hk HF t Ht i Hi. destruct (on_dwell k t Hk HF Ht i) as [x [Hx [_ [_ ->]]]].
  apply fits_between; [exact Hx|now apply (df_start k HF)|now apply (df_end k HF)].
Qed.

Lemma facts_independent k u : (k < K)%nat -> dwell_facts k -> times k < u < times (S k) ->
  independent n d X (face n d X y (start_of k) (sad k) (times k) u).
Proof.
  intros Hk HF Hu. apply (df_face k HF); [intros; apply Req_dec|]. intros i Hi Hf.
  destruct (on_dwell k u Hk HF ltac:(lra) i) as [x [_ [Hx1 [Hx2 E]]]]. unfold face in Hf. rewrite E in Hf.
  destruct (at_bound_between _ _ _ (conj (Hx2 ltac:(lra)) (Hx1 ltac:(lra)))
    (proj1 (df_start k HF i Hi)) (proj1 (df_end k HF i Hi)) Hf) as [E1 E2].
  split; [|exact E2]. destruct (trace_next k) as [HT HD]. rewrite HD in E1. pose proof (df_time k HF) as Hlt.
  assert (H0 : duration k (w k) * grad (sad k) i = 0) by lra. apply Rmult_integral in H0 as [H0|H0]; [lra|exact H0].
Qed.

Lemma facts_until : (forall k, (k < K)%nat -> dwell_facts k) -> path_until n d X y K times sad.
Proof.
  intros HF. split.
  - rewrite exact_times_trace by lia. reflexivity.
  - intros k Hk. rewrite !exact_times_trace by lia. now apply df_time, HF.
  - intros k Hk. now apply facts_dwell; [|apply HF].
Qed.

Lemma facts_enclosed : starts_at_zero p = true -> (forall k, (k < K)%nat -> dwell_facts k) ->
  forall k, (k <= K)%nat -> time (lower_times p) k <= times k <= time (upper_times p) k.
Proof.
  intros H0 HF. induction k as [|k IH]; intros Hk.
  - rewrite exact_times_trace by lia. cbn [trace fst]. unfold starts_at_zero in H0. apply andb_true_iff in H0.
    destruct H0 as [H1 H2]. apply Z.leb_le, IZR_le in H1, H2. unfold time, Q2R. split.
    + rewrite <- (Rmult_0_l (/ IZR (Zpos (Qden (nth 0 (lower_times p) 0%Q))))).
      apply Rmult_le_compat_r; [left; apply Rinv_0_lt_compat, pos_IZR|exact H1].
    + rewrite <- (Rmult_0_l (/ IZR (Zpos (Qden (nth 0 (upper_times p) 0%Q))))).
      apply Rmult_le_compat_r; [left; apply Rinv_0_lt_compat, pos_IZR|exact H2].
  - specialize (IH ltac:(lia)). pose proof (df_enclosed k (HF k ltac:(lia))) as HD. destruct (trace_next k) as [HT _].
    rewrite exact_times_trace in IH |- * by lia. lra.
Qed.

Lemma differ_sound m b b' : differ m b b' = true -> exists i, (i < m)%nat /\ vector D b i <> vector D b' i.
Proof.
  induction m as [|m IH]; [discriminate|]. cbn [differ]. destruct (Z.eqb_spec (at_ (fst b) m * Zpos (snd b')) (at_ (fst b') m * Zpos (snd b))) as [E|E].
  - intros H. destruct (IH H) as [i [Hi Hne]]. exists i. split; [lia|exact Hne].
  - intros _. exists m. split; [lia|]. intros Heq. apply E, eq_IZR. rewrite !mult_IZR. unfold vector in Heq.
    fold (at_ (fst b) m) (at_ (fst b') m) in Heq. pose proof (pos_IZR (snd b)). pose proof (pos_IZR (snd b')).
    pose proof (column_over_pos m) as Hd. apply (Rmult_eq_reg_l (delta m)); [|lra].
    transitivity (delta m * IZR (at_ (fst b) m) / IZR (Zpos (snd b)) * IZR (Zpos (snd b)) * IZR (Zpos (snd b'))); [field; lra|].
    rewrite Heq. field. lra.
Qed.

Lemma common_sound J : check_common n d M p J = None ->
  starts_at_zero p = true /\ (forall k, (k < J)%nat -> exists i, (i < d)%nat /\ sad k i <> sad (S k) i).
Proof.
  intros H. unfold check_common in H. pose proof (first_false_none _ H) as T. split.
  - apply (T StartsAtZero). right. left. reflexivity.
  - intros k Hk. apply differ_sound. apply (T (SaddleChanges k)). right. right. cbn [app]. apply in_or_app. left.
    unfold check_changes, table. apply in_map_iff. exists k. split; [reflexivity|apply in_seq; lia].
Qed.

Lemma last_sound st : knows st K -> (forall k, (k < K)%nat -> dwell_facts k) -> check_last d D M r p K st = None ->
  limit_path n d X y K times sad /\ forall u, times K < u ->
    independent n d X (face n d X y (start_of K) (sad K) (times K) u).
Proof.
  intros HK HF H. unfold check_last in H. cbv zeta in H. pose proof (first_false_none _ H) as T.
  assert (T1 : all d (fun i => (at_ (sl K) i =? 0)%Z) = true) by (apply (T GradientVanishes); left; reflexivity).
  assert (T2 : all_touch d D st (fst (point p K)) = true) by (apply (T DualAtLast); right; left; reflexivity).
  assert (T3 : inside d D p st (sl K) (last_group p) = true) by (apply (T FaceOfLast); do 2 right; left; reflexivity).
  clear T H. pose proof (facts_until HF) as [U1 U2 U3].
  assert (G : forall i, (i < d)%nat -> grad (sad K) i = 0).
  { intros i Hi. pose proof (all_true _ _ T1 i Hi) as E. cbv beta in E. apply Z.eqb_eq in E.
    pose proof (slope K i Hi) as S. rewrite E in S. symmetry in S. pose proof (clock_pos n D npos (point p K)).
    pose proof (column_over_pos i). apply Rmult_integral in S as [S|S]; [lra|]. apply Rmult_integral in S as [S|S]; [lra|exact S]. }
  pose proof (all_touch_sound st K (proj2 HK) K T2) as HB.
  assert (L : forall t i, (i < d)%nat -> dual (line (start_of K) (sad K) (times K) t) i = dual (w K) i).
  { intros t i Hi. rewrite dwell_start_trace, line_dual, G by (lia || assumption). ring. }
  split; [split|]; auto.
  - intros t _ i Hi. rewrite L by exact Hi. now apply HB.
  - intros u Hu. apply (inside_sound st K (last_group p) HK T3); [intros; apply Req_dec|]. intros i Hi Hf.
    unfold face in Hf. rewrite L in Hf by exact Hi. split; [now apply G|exact Hf].
Qed.
End Walk.

(** * The two theorems *)

Lemma common_rows n d D p J : check_common n d (gram n d D) p J = None -> (0 < n)%nat.
Proof.
  intros H. unfold check_common in H. pose proof (first_false_none _ H SomeData (negb (Nat.eqb n 0)) ltac:(left; reflexivity)) as T.
  apply negb_true_iff, Nat.eqb_neq in T. lia.
Qed.

Lemma common_groups n d D p J : check_common n d (gram n d D) p J = None ->
  forall m, (m < length (groups p))%nat -> left_inverse d (gram n d D) (the_group p m) = true.
Proof.
  intros H m Hm. unfold check_common in H. apply (first_false_none _ H (ColumnsIndependent m)).
  right. right. cbn [app]. apply in_or_app. right. apply in_map_iff. exists m. split; [reflexivity|apply in_seq; lia].
Qed.

Definition times_within K (jump lower upper : nat -> R) : Prop :=
  forall k, (k <= K)%nat -> lower k <= jump k <= upper k.

Section Accepted.
Variables (n d : nat) (D : data) (K : nat) (p : path).
Notation X := (features D).
Notation y := (responses D).
Notation sad := (saddle D (points p)).

Theorem accepted_path : check n d D K p = true -> (0 < n)%nat /\ exists jump,
  times_within K jump (time (lower_times p)) (time (upper_times p)) /\
  (forall k, (K < k)%nat -> jump k = time (lower_times p) k) /\ limit_path n d X y K jump sad /\
  (forall k, (k < K)%nat -> exists i, (i < d)%nat /\ sad k i <> sad (S k) i) /\ converges_to n d X y K jump sad /\
  forall u, jump K < u -> independent n d X (face n d X y (dwell_start n d X y jump sad K) (sad K) (jump K) u).
Proof.
  unfold check, refused. cbv zeta. destruct (check_common n d (gram n d D) p K) eqn:E; [discriminate|].
  destruct (check_dwells _ _ _ _ _ _ K 0 _) as [st|c] eqn:E2; [|discriminate].
  destruct (check_last _ _ _ _ _ _ _) eqn:E3; [discriminate|]. intros _.
  pose proof (common_rows _ _ _ _ _ E) as Hn. split; [exact Hn|]. pose proof (common_groups _ _ _ _ _ E) as HG.
  destruct (check_dwells_sound n d D p Hn HG K 0 (start d) st (knows_start n d D p Hn) E2) as [HK HF0]. simpl in HK.
  assert (HF : forall k, (k < K)%nat -> dwell_facts n d D p k) by (intros; apply HF0; lia). clear HF0.
  destruct (common_sound n d D p Hn K E) as [T0 Hj].
  destruct (last_sound n d D K p Hn HG st HK HF E3) as [HP HI].
  exists (exact_times n d D K p). split; [|split; [|split; [exact HP|split; [exact Hj|split; [|exact HI]]]]].
  - intros k Hk. now apply facts_enclosed.
  - intros k Hk. now apply exact_times_beyond.
  - apply pf23_theorem_2; [exact Hn|exact HP|]. intros k c u Hk Hcov Hu.
    destruct Hcov as [[HkK Hc]| ->].
    + apply facts_independent; auto. lra.
    + apply HI. lra.
Qed.

Theorem accepted_until : check_until n d D K p = true -> (0 < n)%nat /\ exists jump,
  times_within K jump (time (lower_times p)) (time (upper_times p)) /\
  (forall k, (K < k)%nat -> jump k = time (lower_times p) k) /\ path_until n d X y K jump sad /\
  (forall k, (S k < K)%nat -> exists i, (i < d)%nat /\ sad k i <> sad (S k) i) /\ converges_until n d X y K jump sad.
Proof.
  unfold check_until, refused_until. cbv zeta. destruct (check_common n d (gram n d D) p (pred K)) eqn:E; [discriminate|].
  destruct (check_dwells _ _ _ _ _ _ K 0 _) as [st|c] eqn:E2; [|discriminate].
  intros _.
  pose proof (common_rows _ _ _ _ _ E) as Hn. split; [exact Hn|]. pose proof (common_groups _ _ _ _ _ E) as HG.
  destruct (check_dwells_sound n d D p Hn HG K 0 (start d) st (knows_start n d D p Hn) E2) as [HK HF0]. simpl in HK.
  assert (HF : forall k, (k < K)%nat -> dwell_facts n d D p k) by (intros; apply HF0; lia). clear HF0.
  destruct (common_sound n d D p Hn (pred K) E) as [T0 Hj].
  pose proof (facts_until n d D K p Hn HF) as HP.
  exists (exact_times n d D K p). split; [|split; [|split; [exact HP|split]]].
  - intros k Hk. now apply facts_enclosed.
  - intros k Hk. now apply exact_times_beyond.
  - intros k Hk. apply Hj. lia.
  - apply convergence_until; [exact Hn|exact HP|]. intros k u Hk Hu. apply facts_independent; auto.
Qed.
End Accepted.
