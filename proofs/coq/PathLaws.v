(** PF23, section 4; BMBO13: laws of the limit path.

    Proved: the dual variable is a subgradient of the l1 norm and moves with the negative gradient, so that the path is
    the inverse scale space flow ([inverse_scale_space]), with complementarity and the sign of the gradient at every
    jump ([subdifferential]); the loss falls at every jump and the dual objective y'w rises along every dwell
    ([loss_and_dual_objective]); w moves by steepest feasible ascent of y'w ([dual_steepest_ascent]); orthogonal
    designs ([orthogonal_designs]); the average of the path solves the lasso (B25; [lasso_average]). *)

From Coq Require Import Reals Lra Lia Arith Classical.
From Coquelicot Require Import Coquelicot.
From Saddle Require Import Base Setting Rate Convergence Theorem2 Algorithm Minimisers Termination.
Open Scope R_scope.

Section PathLaws.
Variables (n d : nat) (X : nat -> nat -> R) (y : nat -> R).
Hypothesis npos : (0 < n)%nat.
Notation N := (N n).
Notation fit := (fit d X).
Notation res := (res n d X y).
Notation dual := (dual n X).
Notation grad := (grad n d X y).
Notation loss := (loss n d X y).
Notation line := (line n d X y).
Notation dwell := (dwell n d X y).
Notation dwell_start := (dwell_start n d X y).
Notation limit_path := (limit_path n d X y).
Notation algorithm_run := (algorithm_run n d X y).

(** s is a subgradient of the l1 norm at b. *)
Definition l1_subgradient (s b : nat -> R) : Prop :=
  forall c, Sum d (fun i => Rabs (b i)) + dot d s (fun i => c i - b i) <= Sum d (fun i => Rabs (c i)).

Lemma subgradient_iff s b :
  l1_subgradient s b <-> forall i, (i < d)%nat -> Rabs (s i) <= 1 /\ s i * b i = Rabs (b i).
Proof.
  split.
  - intros H i Hi.
    assert (One : forall x, Rabs (b i) + s i * (x - b i) <= Rabs x).
    { intros x. pose proof (H (update b i x)) as E. unfold dot in E.
      assert (E1 : Sum d (fun k => Rabs (update b i x k)) = Sum d (fun k => Rabs (b k)) + (Rabs x - Rabs (b i))).
      { rewrite <- (Rmult_1_l (Rabs x - Rabs (b i))).
        assert (D : Sum d (fun k => Rabs (update b i x k) - Rabs (b k)) = 1 * (Rabs x - Rabs (b i))).
        { pose proof (dot_single n d npos (fun _ => 1) (fun k => Rabs (update b i x k) - Rabs (b k)) i Hi) as D. unfold dot in D.
          rewrite (Sum_ext d _ (fun k => 1 * (Rabs (update b i x k) - Rabs (b k)))) by (intros; ring). rewrite D.
          - unfold update. rewrite Nat.eqb_refl. reflexivity.
          - intros k Hk. unfold update. apply Nat.eqb_neq in Hk. rewrite Hk. ring. }
        rewrite Sum_minus in D. lra. }
      assert (E2 : Sum d (fun k => s k * (update b i x k - b k)) = s i * (x - b i)).
      { pose proof (dot_single n d npos s (fun k => update b i x k - b k) i Hi) as D. unfold dot in D. rewrite D.
        - unfold update. rewrite Nat.eqb_refl. reflexivity.
        - intros k Hk. unfold update. apply Nat.eqb_neq in Hk. rewrite Hk. ring. }
      rewrite E1, E2 in E. lra. }
    assert (Hs : Rabs (s i) <= 1).
    { pose proof (One (b i + 1)) as A. pose proof (One (b i + -1)) as B.
      pose proof (Rabs_triang (b i) 1) as T1. pose proof (Rabs_triang (b i) (-1)) as T2.
      rewrite Rabs_R1 in T1. rewrite (Rabs_left (-1)) in T2 by lra. apply Rabs_le. lra. }
    split; [exact Hs|]. apply Rle_antisym.
    + eapply Rle_trans; [apply Rle_abs|]. rewrite Rabs_mult. pose proof (Rabs_pos (b i)). nra.
    + pose proof (One 0) as Z. rewrite Rabs_R0 in Z. lra.
  - intros H c. unfold dot. rewrite <- Sum_plus. apply Sum_le. intros i Hi. destruct (H i Hi) as [H1 H2].
    pose proof (Rle_abs (s i * c i)) as A. rewrite Rabs_mult in A. pose proof (Rabs_pos (c i)). nra.
Qed.

(** BMBO13: p = X'w starts at 0, has the velocity X'(y - X beta)/n = - grad L(beta), and is a subgradient of the l1 norm
    at beta; on the last dwell for ever. *)
Theorem inverse_scale_space K jump saddle : limit_path K jump saddle ->
  (forall i, dual (dwell_start jump saddle 0) i = 0) /\
  forall k c, (k <= K)%nat -> covers K jump k c -> forall t, jump k <= t <= c ->
    l1_subgradient (dual (line (dwell_start jump saddle k) (saddle k) (jump k) t)) (saddle k) /\
    forall i, derivable_pt_lim (fun t => dual (line (dwell_start jump saddle k) (saddle k) (jump k) t) i) t (dual (res (saddle k)) i).
Proof.
  intros HP. split; [intros i; apply Sum_zero; intros; simpl; ring|]. intros k c Hk Hcov t Ht. split.
  - apply subgradient_iff. intros i Hi. now apply (path_dwell n d X y K jump saddle k c HP Hcov t Ht i Hi).
  - intros i. set (p := dwell_start jump saddle k). set (r := dual (res (saddle k)) i).
    assert (D : derivable_pt_lim (fun t => dual p i + (t - jump k) * r) t r).
    { apply is_derive_Reals. auto_derive; [easy|ring]. }
    intros eps He. destruct (D eps He) as [dl H]. exists dl. intros h Hh Hd. specialize (H h Hh Hd).
    unfold line. rewrite !dual_plus, !dual_scal. exact H.
Qed.

(** PF23, Algorithm 1, Karush-Kuhn-Tucker. *)
Theorem subdifferential K jump saddle : algorithm_run K jump saddle ->
  (forall i, (i < d)%nat -> s_at_jump n d X y jump saddle 0 i = 0) /\
  (forall k i, (k < K)%nat -> s_at_jump n d X y jump saddle (S k) i
     = s_at_jump n d X y jump saddle k i - (jump (S k) - jump k) * grad (saddle k) i) /\
  (forall k, (k < K)%nat -> forall t, jump k <= t <= jump (S k) ->
     l1_subgradient (fun i => s_at_jump n d X y jump saddle k i - (t - jump k) * grad (saddle k) i) (saddle k)) /\
  (forall k i, (k <= K)%nat -> (i < d)%nat -> grad (saddle k) i * saddle k i = 0 /\
     (Rabs (s_at_jump n d X y jump saddle k i) = 1 -> 0 <= s_at_jump n d X y jump saddle k i * grad (saddle k) i)).
Proof.
  intros HA. split; [|split; [|split]].
  - intros i _. apply Sum_zero. intros; simpl; ring.
  - intros k i _. apply s_next.
  - intros k Hk t Ht. apply subgradient_iff. intros i Hi. destruct (a1_next _ _ _ _ _ _ _ HA k Hk) as [_ [_ Hn]].
    apply stays_in_cube; [now apply (algorithm_kkt_state n d X y npos K jump saddle HA k ltac:(lia))|lra|].
    intros Hg x Hx. apply Hn; auto; lra.
  - intros k i Hk Hi. destruct (algorithm_kkt_state n d X y npos K jump saddle HA k Hk i Hi) as [_ [_ [H3 H4]]]. now split.
Qed.

Lemma residual_product b : (forall i, (i < d)%nat -> grad b i * b i = 0) ->
  dot n y (res b) = sq n (fun j => y j - fit b j) / N.
Proof.
  intros H. pose proof (N_pos n npos) as HN.
  assert (Z : dot n (fit b) (fun j => y j - fit b j) = 0).
  { pose proof (grad_dot n d X y b b) as G. unfold dot at 1 in G. rewrite Sum_zero in G by exact H.
    rewrite dot_comm. apply (Rmult_eq_reg_r (/ N)); [|apply Rinv_neq_0_compat; lra]. unfold Rdiv in G. lra. }
  unfold sq, dot, Rdiv in *. unfold Setting.res, Rdiv.
  rewrite (Sum_ext n (fun i => y i * ((y i - fit b i) * / N)) (fun i => y i * (y i - fit b i) * / N)) by (intros; ring).
  rewrite Sum_scal_r. f_equal.
  rewrite (Sum_ext n (fun i => (y i - fit b i) * (y i - fit b i)) (fun i => y i * (y i - fit b i) - fit b i * (y i - fit b i))) by (intros; ring).
  rewrite Sum_minus, Z. ring.
Qed.

Theorem loss_and_dual_objective K jump saddle : algorithm_run K jump saddle ->
  (forall k, (k < K)%nat -> loss (saddle (S k)) < loss (saddle k)) /\
  forall k, (k <= K)%nat -> (exists i, (i < d)%nat /\ grad (saddle k) i <> 0) ->
    0 < sq n (fun j => y j - fit (saddle k) j) / N /\
    forall t, derivable_pt_lim (fun t => dot n y (line (dwell_start jump saddle k) (saddle k) (jump k) t)) t
      (sq n (fun j => y j - fit (saddle k) j) / N).
Proof.
  intros HA. pose proof (N_pos n npos) as HN. split; [intros k Hk; now apply (loss_falls n d X y npos K jump saddle)|].
  intros k Hk [i [Hi Hg]].
  assert (Hr : dot n y (res (saddle k)) = sq n (fun j => y j - fit (saddle k) j) / N).
  { apply residual_product. intros l Hl. now apply (algorithm_kkt_state n d X y npos K jump saddle HA k Hk l Hl). }
  split.
  - apply Rdiv_lt_0_compat; [|exact HN]. destruct (sq_nonneg n (fun j => y j - fit (saddle k) j)) as [H|H]; [exact H|exfalso].
    symmetry in H. apply Hg. unfold Setting.grad. rewrite <- Ropp_0. f_equal. apply Sum_zero. intros j Hj.
    unfold Setting.res. rewrite (sq_zero n _ H j Hj). unfold Rdiv. ring.
  - intros t. rewrite <- Hr. set (p := dwell_start jump saddle k).
    assert (D : derivable_pt_lim (fun t => dot n y p + (t - jump k) * dot n y (res (saddle k))) t (dot n y (res (saddle k)))).
    { apply is_derive_Reals. auto_derive; [easy|ring]. }
    assert (E : forall t, dot n y (line p (saddle k) (jump k) t) = dot n y p + (t - jump k) * dot n y (res (saddle k))).
    { intros t'. unfold dot, line. rewrite <- Sum_scal, <- Sum_plus. apply Sum_ext. intros; ring. }
    intros eps He. destruct (D eps He) as [dl H]. exists dl. intros h Hh Hd. specialize (H h Hh Hd). now rewrite !E.
Qed.

(** The directions into the polytope |X'w| <= 1 at w. *)
Definition tangent (w z : nat -> R) : Prop :=
  forall i, (i < d)%nat -> (dual w i = 1 -> dual z i <= 0) /\ (dual w i = -1 -> 0 <= dual z i).

(** The velocity (y - X beta)/n is the projection of y/n onto the tangent cone: it is in the cone, and y/n minus it makes
    no acute angle with any other direction. *)
Theorem dual_steepest_ascent p b a c t : a <= t < c -> dwell p b a c ->
  tangent (line p b a t) (res b) /\
  forall z, tangent (line p b a t) z -> dot n (fun j => y j / N - res b j) (fun j => z j - res b j) <= 0.
Proof.
  intros Ht Hd. pose proof (N_pos n npos) as HN.
  assert (Hline : forall t', forall i, dual (line p b a t') i = dual (line p b a t) i + (t' - t) * dual (res b) i).
  { intros t' i. unfold line. rewrite !dual_plus, !dual_scal. ring. }
  split.
  - intros i Hi. destruct (Hd c ltac:(lra) i Hi) as [Hc _]. rewrite Hline in Hc. apply Rabs_le_between in Hc.
    split; intros E; rewrite E in Hc; apply (Rmult_le_reg_l (c - t)); lra.
  - intros z Hz. assert (E : forall j, y j / N - res b j = fit b j / N) by (intros j; unfold Setting.res; field; lra).
    rewrite (dot_ext n _ (fun j => z j - res b j) (fun j => fit b j / N) (fun j => z j - res b j)) by auto.
    assert (E2 : dot n (fun j => fit b j / N) (fun j => z j - res b j) = (dot d (dual z) b - dot d (dual (res b)) b) / N).
    { rewrite <- !adjoint. unfold dot, Rdiv. rewrite <- Sum_minus, <- Sum_scal_r. apply Sum_ext. intros; ring. }
    rewrite E2.
    assert (Z0 : dot d (dual (res b)) b = 0).
    { apply Sum_zero. intros i Hi. pose proof (at_rest n d X y p b a c i ltac:(lra) Hd Hi) as R. unfold Setting.grad in R. lra. }
    assert (Z1 : dot d (dual z) b <= 0).
    { unfold dot. rewrite <- (Sum_zero d (fun _ => 0)) by auto. apply Sum_le. intros i Hi.
      destruct (Hd t ltac:(lra) i Hi) as [H1 H2]. destruct (Hz i Hi) as [T1 T2]. set (s := dual (line p b a t) i) in *.
      destruct (Req_dec (b i) 0) as [->|Hb]; [lra|]. pose proof (Rabs_pos_lt _ Hb) as Hbp. apply Rabs_le_between in H1.
      destruct (Rle_or_lt 0 (b i)) as [P|P].
      - rewrite Rabs_pos_eq in H2 by exact P. assert (s = 1) by (apply (Rmult_eq_reg_r (b i)); lra). specialize (T1 H). nra.
      - rewrite Rabs_left in H2 by exact P. assert (s = -1) by (apply (Rmult_eq_reg_r (b i)); lra). specialize (T2 H). nra. }
    rewrite Z0. apply (Rmult_le_reg_r N); [exact HN|]. unfold Rdiv. rewrite Rmult_assoc, Rinv_l by lra. lra.
Qed.

(** * Orthogonal designs *)

Definition gram (i l : nat) : R := Sum n (fun j => X j i * X j l) / N.
Definition correlation (i : nat) : R := Sum n (fun j => X j i * y j) / N.

Lemma grad_gram b i : grad b i = Sum d (fun l => gram i l * b l) - correlation i.
Proof.
  unfold Setting.grad, Setting.dual, correlation, gram. rewrite (Sum_ext n (fun j => X j i * res b j) (fun j => X j i * y j * / N - X j i * fit b j * / N)).
  - rewrite Sum_minus, !Sum_scal_r. unfold Rdiv.
    assert (E : Sum n (fun j => X j i * fit b j) = Sum d (fun l => Sum n (fun j => X j i * X j l) * b l)).
    { unfold Setting.fit. rewrite (Sum_ext n _ (fun j => Sum d (fun l => X j i * X j l * b l))).
      - rewrite Sum_swap. apply Sum_ext. intros l _. now rewrite Sum_scal_r.
      - intros j _. rewrite <- Sum_scal. apply Sum_ext. intros; ring. }
    rewrite E, (Sum_ext d (fun l => Sum n (fun j => X j i * X j l) * / N * b l) (fun l => Sum n (fun j => X j i * X j l) * b l * / N)) by (intros; ring).
    rewrite Sum_scal_r. ring.
  - intros j _. unfold Setting.res, Rdiv. ring.
Qed.

(** Where M = X'X/n is diagonal, coordinate i jumps once, at 1/|r_i|, to r_i / M_ii. *)
Theorem orthogonal_designs K jump saddle : limit_path K jump saddle ->
  (forall i l, (i < d)%nat -> (l < d)%nat -> i <> l -> gram i l = 0) -> (forall i, (i < d)%nat -> 0 < gram i i) ->
  forall k c t i, (k <= K)%nat -> covers K jump k c -> jump k < t < c -> (i < d)%nat -> correlation i <> 0 ->
    (t < / Rabs (correlation i) -> saddle k i = 0) /\ (/ Rabs (correlation i) < t -> saddle k i = correlation i / gram i i).
Proof.
  intros HP Hdiag Hpos k c t i Hk Hcov Ht Hi Hr.
  set (r := correlation i) in *. set (m := gram i i). assert (Hm : 0 < m) by now apply Hpos. assert (Hrp : 0 < Rabs r) by now apply Rabs_pos_lt.
  set (e := sign r). assert (Her : e * r = Rabs r) by (unfold e; rewrite <- (Rmult_comm r); unfold sign; destruct (total_order_T 0 r) as [[G|G]|G];
    [rewrite Rabs_pos_eq; lra|exfalso; lra|rewrite Rabs_left; lra]).
  assert (Hee : e * e = 1) by (unfold e, sign; destruct (total_order_T 0 r) as [[G|G]|G]; lra).
  assert (Hg : forall b, - grad b i = r - m * b i).
  { intros b. rewrite grad_gram. fold r. pose proof (dot_single n d npos (gram i) (fun l => b l * unit_vector i l) i Hi) as D. unfold dot in D.
    rewrite (Sum_ext d (fun l => gram i l * b l) (fun l => gram i l * (b l * unit_vector i l))).
    - rewrite D; [unfold unit_vector; rewrite Nat.eqb_refl; fold m; ring|]. intros l Hl. unfold unit_vector. apply Nat.eqb_neq in Hl. rewrite Hl. ring.
    - intros l Hl. unfold unit_vector. destruct (Nat.eqb_spec l i) as [->|Hne]; [ring|]. rewrite Hdiag by auto. ring. }
  (* one dwell, in the direction of the sign of r *)
  assert (Step : forall p b a c, dwell p b a c -> a < c -> e * dual p i = Rmin (Rabs r * a) 1 -> 0 <= a ->
    (forall t, a <= t <= c -> e * dual (line p b a t) i = Rmin (Rabs r * t) 1) /\
    (forall t, a < t < c -> (Rabs r * t < 1 -> b i = 0) /\ (1 < Rabs r * t -> b i = r / m))).
  { intros p b a c' Hd Hac Hp Ha.
    assert (Hl : forall t, e * dual (line p b a t) i = e * dual p i + (t - a) * (Rabs r - m * (e * b i))).
    { intros t'. unfold line. rewrite dual_plus, dual_scal. pose proof (Hg b) as G. unfold Setting.grad in G.
      rewrite Ropp_involutive in G. rewrite G, <- Her. ring. }
    assert (Hb : forall t, a <= t <= c' -> e * dual (line p b a t) i <= 1 /\ (e * dual (line p b a t) i) * (e * b i) = Rabs (b i)).
    { intros t' Ht'. destruct (Hd t' Ht' i Hi) as [H1 H2]. split.
      - eapply Rle_trans; [apply Rle_abs|]. rewrite Rabs_mult. replace (Rabs e) with 1; [lra|].
        unfold e, sign. destruct (total_order_T 0 r) as [[G|G]|G]; [rewrite Rabs_R1; reflexivity|exfalso; lra|rewrite Rabs_left; lra].
      - replace (e * dual (line p b a t') i * (e * b i)) with (e * e * (dual (line p b a t') i * b i)) by ring. rewrite Hee, H2. ring. }
    destruct (Rlt_or_le (Rabs r * a) 1) as [H|H].
    - rewrite Rmin_left in Hp by lra.
      (* still on its way: b_i = 0 *)
      assert (Hb0 : b i = 0).
      { destruct (Hb a ltac:(lra)) as [_ E]. rewrite Hl in E. rewrite Rminus_eq_0, Rmult_0_l, Rplus_0_r, Hp in E.
        destruct (Req_dec (b i) 0) as [|Hn]; [assumption|exfalso]. pose proof (Rabs_pos_lt _ Hn) as Q.
        assert (Rabs (e * b i) = Rabs (b i)).
        { rewrite Rabs_mult. replace (Rabs e) with 1; [ring|]. unfold e, sign. destruct (total_order_T 0 r) as [[G|G]|G];
            [rewrite Rabs_R1; reflexivity|exfalso; lra|rewrite Rabs_left; lra]. }
        pose proof (Rle_abs (e * b i)). assert (0 <= Rabs r * a) by (apply Rmult_le_pos; lra). nra. }
      assert (Hlin : forall t, e * dual (line p b a t) i = Rabs r * t) by (intros t'; rewrite Hl, Hp, Hb0; ring).
      assert (Hc1 : Rabs r * c' <= 1) by (rewrite <- Hlin; apply Hb; lra).
      split.
      + intros t' Ht'. rewrite Hlin, Rmin_left; [reflexivity|]. apply Rle_trans with (Rabs r * c'); [apply Rmult_le_compat_l; lra|exact Hc1].
      + intros t' Ht'. split; [intros; exact Hb0|]. intros Hgt. assert (Rabs r * t' <= Rabs r * c') by (apply Rmult_le_compat_l; lra). lra.
    - rewrite Rmin_right in Hp by lra.
      destruct (Hb c' ltac:(lra)) as [B1 _]. rewrite Hl, Hp in B1.
      assert (Hneg : Rabs r - m * (e * b i) <= 0) by (apply (Rmult_le_reg_l (c' - a)); lra).
      assert (Hbpos : 0 < e * b i) by (assert (0 < m * (e * b i)) by lra; apply (Rmult_lt_reg_l m); lra).
      assert (HbR : Rabs (b i) = e * b i).
      { assert (E2 : b i = e * (e * b i)) by (replace (e * (e * b i)) with (e * e * b i) by ring; rewrite Hee; ring).
        rewrite E2 at 1. rewrite Rabs_mult, (Rabs_pos_eq (e * b i)) by lra. replace (Rabs e) with 1; [ring|].
        unfold e, sign. destruct (total_order_T 0 r) as [[G|G]|G]; [rewrite Rabs_R1; reflexivity|exfalso; lra|rewrite Rabs_left; lra]. }
      assert (Hone : forall t, a <= t <= c' -> e * dual (line p b a t) i = 1).
      { intros t' Ht'. destruct (Hb t' Ht') as [_ E]. rewrite HbR in E. apply (Rmult_eq_reg_r (e * b i)); lra. }
      assert (Hz : Rabs r = m * (e * b i)).
      { pose proof (Hone c' ltac:(lra)) as E. rewrite Hl, Hp in E. assert (E3 : (c' - a) * (Rabs r - m * (e * b i)) = 0) by lra.
        apply Rmult_integral in E3 as [E3|E3]; lra. }
      split.
      + intros t' Ht'. rewrite Hone by exact Ht'. rewrite Rmin_right; [reflexivity|].
        apply Rle_trans with (Rabs r * a); [exact H|apply Rmult_le_compat_l; lra].
      + intros t' Ht'. assert (Rabs r * a <= Rabs r * t') by (apply Rmult_le_compat_l; lra). split; [intros; lra|]. intros _.
        assert (E4 : e * r = e * (m * b i)) by (rewrite Her, Hz; ring).
        assert (E5 : r = m * b i).
        { replace r with (e * e * r) by (rewrite Hee; ring). rewrite Rmult_assoc, E4. replace (e * (e * (m * b i))) with (e * e * (m * b i)) by ring. rewrite Hee. ring. }
        rewrite E5. field. lra. }
  assert (Start : forall k, (k <= K)%nat -> e * dual (dwell_start jump saddle k) i = Rmin (Rabs r * jump k) 1).
  { induction k0 as [|k0 IH]; intros Hk0.
    - rewrite (lp_start _ _ _ _ _ _ _ HP), Rmult_0_r, Rmin_left by lra.
      replace (dual (dwell_start jump saddle 0) i) with 0; [ring|]. symmetry. apply Sum_zero. intros; simpl; ring.
    - pose proof (lp_times _ _ _ _ _ _ _ HP k0 ltac:(lia)) as Hj.
      pose proof (path_times n d X y npos K jump saddle k0 (limit_path_until n d X y _ _ _ HP) ltac:(lia)) as H0.
      destruct (Step (dwell_start jump saddle k0) (saddle k0) (jump k0) (jump (S k0)) (lp_dwell _ _ _ _ _ _ _ HP k0 ltac:(lia)) Hj
        (IH ltac:(lia)) H0) as [A _]. apply (A (jump (S k0))). lra. }
  pose proof (path_times n d X y npos K jump saddle k (limit_path_until n d X y _ _ _ HP) Hk) as H0.
  destruct (Step (dwell_start jump saddle k) (saddle k) (jump k) c (path_dwell n d X y K jump saddle k c HP Hcov) ltac:(lra) (Start k Hk) H0) as [_ B].
  destruct (B t Ht) as [B1 B2]. split; intros Hcmp.
  - apply B1. apply (Rmult_lt_compat_l (Rabs r)) in Hcmp; [|exact Hrp]. rewrite Rinv_r in Hcmp by lra. exact Hcmp.
  - apply B2. apply (Rmult_lt_compat_l (Rabs r)) in Hcmp; [|exact Hrp]. rewrite Rinv_r in Hcmp by lra. exact Hcmp.
Qed.

(** * The average of the path and the lasso *)

(** The integral of the path up to the time [jump k]. *)
Fixpoint accumulated (jump : nat -> R) (saddle : nat -> nat -> R) (k i : nat) : R :=
  match k with O => 0 | S m => accumulated jump saddle m i + (jump (S m) - jump m) * saddle m i end.

(** The average of the path over [0, t], t in dwell k. *)
Definition average (jump : nat -> R) (saddle : nat -> nat -> R) (k : nat) (t : R) (i : nat) : R :=
  (accumulated jump saddle k i + (t - jump k) * saddle k i) / t.

Lemma dwell_start_accumulated jump saddle k j : jump 0%nat = 0 ->
  dwell_start jump saddle k j = (jump k * y j - fit (accumulated jump saddle k) j) / N.
Proof.
  intros H0. pose proof (N_pos n npos) as HN. induction k as [|k IH].
  - simpl. rewrite H0. unfold Setting.fit. rewrite Sum_zero by (intros; simpl; ring). field. lra.
  - simpl. unfold Rate.line, Setting.res. rewrite IH.
    assert (E : fit (accumulated jump saddle (S k)) j = fit (accumulated jump saddle k) j + (jump (S k) - jump k) * fit (saddle k) j).
    { simpl accumulated. rewrite (fit_plus d X (accumulated jump saddle k) (fun i => (jump (S k) - jump k) * saddle k i)). now rewrite (fit_scal d X). }
    simpl accumulated in E. rewrite E. field. lra.
Qed.

(** B25: -t grad L(average) = s(t); and while no coordinate has left or changed its sign, the average solves the lasso with
    the parameter 1/t. *)
Theorem lasso_average K jump saddle k c t : limit_path K jump saddle -> (k <= K)%nat -> covers K jump k c ->
  jump k <= t <= c -> 0 < t ->
  (forall i, dual (line (dwell_start jump saddle k) (saddle k) (jump k) t) i = - (t * grad (average jump saddle k t) i)) /\
  ((forall k' i, (k' <= k)%nat -> (i < d)%nat -> saddle k' i <> 0 -> 0 < saddle k' i * saddle k i) ->
   forall b, loss (average jump saddle k t) + Sum d (fun i => Rabs (average jump saddle k t i)) / t <= loss b + Sum d (fun i => Rabs (b i)) / t).
Proof.
  intros HP Hk Hcov Ht Ht0. pose proof (N_pos n npos) as HN. set (a := average jump saddle k t).
  set (s := dual (line (dwell_start jump saddle k) (saddle k) (jump k) t)).
  assert (Hs : forall i, s i = - (t * grad a i)).
  { intros i. unfold s, Setting.grad. rewrite Ropp_mult_distr_r_reverse, Ropp_involutive, <- dual_scal. apply dual_ext. intros j _.
    unfold line, Setting.res. rewrite dwell_start_accumulated by exact (lp_start _ _ _ _ _ _ _ HP).
    assert (E : t * fit a j = fit (accumulated jump saddle k) j + (t - jump k) * fit (saddle k) j).
    { rewrite <- (fit_scal d X (t - jump k)), <- fit_plus, <- (fit_scal d X t). apply fit_ext. intros l _. unfold a, average. field. lra. }
    replace (t * ((y j - fit a j) / N)) with ((t * y j - t * fit a j) / N) by (field; lra). rewrite E. field. lra. }
  split; [exact Hs|]. intros Hsign b.
  assert (Hd : forall i, (i < d)%nat -> Rabs (s i) <= 1 /\ s i * saddle k i = Rabs (saddle k i)).
  { intros i Hi. exact (path_dwell n d X y K jump saddle k c HP Hcov t Ht i Hi). }
  (* s is a subgradient at every earlier saddle, and so at their average *)
  assert (Hpast : forall k' i, (k' <= k)%nat -> (i < d)%nat -> s i * saddle k' i = Rabs (saddle k' i)).
  { intros k' i Hk' Hi. destruct (Req_dec (saddle k' i) 0) as [->|Hne]; [rewrite Rabs_R0; ring|].
    pose proof (Hsign k' i Hk' Hi Hne) as Hp. destruct (Hd i Hi) as [H1 H2]. apply Rabs_le_between in H1.
    destruct (Rle_or_lt 0 (saddle k i)) as [P|P].
    - assert (P' : 0 < saddle k i) by (destruct P as [P|P]; [exact P|rewrite <- P in Hp; lra]).
      rewrite Rabs_pos_eq in H2 by lra. assert (Es : s i = 1) by (apply (Rmult_eq_reg_r (saddle k i)); lra).
      assert (0 < saddle k' i) by (apply (Rmult_lt_reg_r (saddle k i)); lra). rewrite Es, Rabs_pos_eq by lra. ring.
    - rewrite Rabs_left in H2 by exact P. assert (Es : s i = -1) by (apply (Rmult_eq_reg_r (saddle k i)); lra).
      assert (saddle k' i < 0) by (apply (Rmult_lt_reg_r (- saddle k i)); lra). rewrite Es, Rabs_left by lra. ring. }
  assert (Hacc : forall m i, (m <= k)%nat -> (i < d)%nat -> Rabs (accumulated jump saddle m i) <= s i * accumulated jump saddle m i).
  { induction m as [|m IH]; intros i Hm Hi; simpl; [rewrite Rabs_R0; lra|].
    pose proof (lp_times _ _ _ _ _ _ _ HP m ltac:(lia)) as Hj. pose proof (IH i ltac:(lia) Hi) as I. pose proof (Hpast m i ltac:(lia) Hi) as Q.
    eapply Rle_trans; [apply Rabs_triang|]. rewrite Rabs_mult, (Rabs_pos_eq (jump (S m) - jump m)) by lra. rewrite <- Q. lra. }
  assert (Hit : 0 < / t) by now apply Rinv_0_lt_compat.
  assert (Ha : forall i, (i < d)%nat -> Rabs (a i) <= s i * a i).
  { intros i Hi. unfold a, average, Rdiv. rewrite Rabs_mult, (Rabs_pos_eq (/ t)) by lra. rewrite <- Rmult_assoc.
    apply Rmult_le_compat_r; [lra|]. pose proof (Hacc k i (le_n k) Hi) as A. pose proof (Hpast k i (le_n k) Hi) as Q.
    eapply Rle_trans; [apply Rabs_triang|]. rewrite Rabs_mult, (Rabs_pos_eq (t - jump k)) by lra. rewrite <- Q. lra. }
  pose proof (loss_quadratic n d X y npos a b) as Q.
  assert (0 <= sq n (fit (fun i => b i - a i)) / (2 * N)).
  { apply Rmult_le_pos; [apply sq_nonneg|]. left; apply Rinv_0_lt_compat; lra. }
  assert (E : dot d (grad a) (fun i => b i - a i) = (dot d s a - dot d s b) / t).
  { unfold dot, Rdiv. rewrite <- Sum_minus, <- Sum_scal_r. apply Sum_ext. intros i _. rewrite Hs. field. lra. }
  assert (H1 : Sum d (fun i => Rabs (a i)) <= dot d s a) by (apply Sum_le; intros i Hi; now apply Ha).
  assert (H2 : dot d s b <= Sum d (fun i => Rabs (b i))).
  { apply Sum_le. intros i Hi. eapply Rle_trans; [apply Rle_abs|]. rewrite Rabs_mult. pose proof (Rabs_pos (b i)). destruct (Hd i Hi) as [S1 _]. nra. }
  rewrite E in Q.
  assert (Sum d (fun i => Rabs (a i)) / t <= dot d s a / t) by (unfold Rdiv; apply Rmult_le_compat_r; lra).
  assert (dot d s b / t <= Sum d (fun i => Rabs (b i)) / t) by (unfold Rdiv; apply Rmult_le_compat_r; lra).
  unfold Rdiv in *. lra.
Qed.

End PathLaws.
