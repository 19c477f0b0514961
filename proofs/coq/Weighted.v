(** PF23, remark on the initialisation: uneven starts u_i = sqrt 2 alpha^(kappa_i) ([weighted_theorem_2]).

    The limit is the path of the columns x_i / kappa_i, its saddles divided by kappa_i; in the data's own columns the
    thresholds of the dual variable are +-kappa_i, and the end has the least sum kappa_i |beta_i| ([weighted_minimum]). *)

From Coq Require Import Reals Lra Lia Arith Classical.
From Coquelicot Require Import Coquelicot.
From Saddle Require Import Base Setting Rate Convergence Theorem2 MinimumL1 Links.
Open Scope R_scope.

(** * The link of a coordinate *)

Definition everywhere (s : R) : Prop := True.

Lemma sinh_link_ok kappa kap e size : 0 < kappa -> 0 < kap <= 1 -> 0 < e <= 1 -> 0 <= size ->
  exists L0, 0 < L0 /\ forall L, L0 <= L -> link_ok everywhere (fun s => kappa * link L s) (fun s => kappa * link_slope L s)
    (fun s => kappa * link_potential L s) kap e size.
Proof.
  intros Hk Hkap He Hsize. set (q := size / kappa).
  assert (Hq : 0 <= q) by (unfold q, Rdiv; apply Rmult_le_pos; [lra|left; now apply Rinv_0_lt_compat]).
  set (M := kappa * (C_rational q + 1 / 8) + kappa * (2 * (q * q) + 1) / 2 + 1 / 2 + kappa / (2 * kap)).
  assert (HCq : 0 <= C_rational q) by (unfold C_rational; pose proof (Rle_0_sqr q) as H; unfold Rsqr in H; lra).
  assert (Hqq : 0 <= q * q) by apply Rle_0_sqr.
  assert (T1 : 0 <= kappa * (C_rational q + 1 / 8)) by (apply Rmult_le_pos; lra).
  assert (T2 : 0 <= kappa * (2 * (q * q) + 1) / 2) by (unfold Rdiv; apply Rmult_le_pos; [apply Rmult_le_pos|]; lra).
  assert (T4 : 0 <= kappa / (2 * kap)) by (unfold Rdiv; apply Rmult_le_pos; [lra|left; apply Rinv_0_lt_compat; lra]).
  assert (HM : 0 < M) by (unfold M; lra).
  exists (M / e). assert (HL0 : 0 < M / e) by (apply Rdiv_lt_0_compat; lra). split; [exact HL0|]. intros L HL.
  assert (HLp : 0 < L) by lra. assert (Hil : 0 < / L) by now apply Rinv_0_lt_compat.
  assert (HML : forall z, z <= M -> z * / L <= e).
  { intros z Hz. apply Rle_trans with (M * / L); [apply Rmult_le_compat_r; lra|].
    apply (Rmult_le_reg_r L); [exact HLp|]. rewrite Rmult_assoc, Rinv_l, Rmult_1_r by lra.
    apply Rle_trans with (e * (M / e)); [right; field; lra|apply Rmult_le_compat_l; lra]. }
  assert (Hscale : forall b, Rabs b <= size -> Rabs (b / kappa) <= q).
  { intros b Hb. unfold q, Rdiv. rewrite Rabs_mult, (Rabs_pos_eq (/ kappa)) by (left; now apply Rinv_0_lt_compat).
    apply Rmult_le_compat_r; [left; now apply Rinv_0_lt_compat|exact Hb]. }
  assert (Hkb : forall b, kappa * Rabs (b / kappa) = Rabs b).
  { intros b. unfold Rdiv. rewrite Rabs_mult, (Rabs_pos_eq (/ kappa)) by (left; now apply Rinv_0_lt_compat). field. lra. }
  split.
  - intros s _. split; [exact I|]. rewrite link_neg. ring.
  - intros s _ Hs. apply Rmult_le_pos; [lra|]. apply link_pos; lra.
  - intros s _. split.
    + apply derivable_pt_lim_scal. apply link_derivative.
    + pose proof (link_slope_pos L s HLp). apply Rmult_le_pos; lra.
  - intros s _. apply derivable_pt_lim_scal. now apply link_potential_derivative.
  - intros sg s b _ Hs Hb Hsz.
    assert (Hb' : s * (b / kappa) = Rabs (b / kappa)).
    { apply (Rmult_eq_reg_l kappa); [|lra]. rewrite Hkb, <- Hb. field. lra. }
    pose proof (coordinate_bound L sg s (b / kappa) (C_rational (Rabs (b / kappa))) HLp Hs Hb'
      (fun x => C_rational_ok _ (Rabs_pos _) x)) as H.
    assert (Hc : C_rational (Rabs (b / kappa)) <= C_rational q).
    { unfold C_rational. pose proof (Hscale b Hsz). pose proof (Rabs_pos (b / kappa)).
      assert (Rabs (b / kappa) * Rabs (b / kappa) <= q * q) by (apply Rmult_le_compat; lra). lra. }
    assert (Ht : tail_error L <= 1 / 8).
    { unfold tail_error. pose proof exp_m1_le_half. pose proof (exp_pos (-1)).
      assert (exp (- (4 * L)) <= exp 0) by (apply exp_mono; lra). rewrite exp_0 in *. pose proof (exp_pos (- (4 * L))). nra. }
    apply Rle_trans with (kappa * ((C_rational q + 1 / 8) / L)).
    + replace (- ((sg - s) * (kappa * link L sg - b))) with (kappa * - ((sg - s) * (link L sg - b / kappa))) by (field; lra).
      apply Rmult_le_compat_l; [lra|]. eapply Rle_trans; [exact H|]. unfold Rdiv. apply Rmult_le_compat_r; lra.
    + pose proof (HML (kappa * (C_rational q + 1 / 8)) ltac:(unfold M; lra)) as B.
      pose proof (Rabs_pos (kappa * link L sg)). unfold Rdiv in *. nra.
  - intros s b _ Hsz. pose proof (young L s (b / kappa) HLp) as Y. unfold entropy in Y.
    apply (Rmult_le_compat_l kappa) in Y; [|lra].
    replace (kappa * (s * (b / kappa) - link_potential L s)) with (s * b - kappa * link_potential L s) in Y by (field; lra).
    rewrite Rmult_plus_distr_l, Hkb in Y.
    assert (Hbb : b / kappa * (b / kappa) <= q * q).
    { replace (b / kappa * (b / kappa)) with (Rabs (b / kappa) * Rabs (b / kappa)) by (rewrite <- Rabs_mult; apply Rabs_pos_eq, Rle_0_sqr).
      pose proof (Hscale b Hsz). pose proof (Rabs_pos (b / kappa)). apply Rmult_le_compat; lra. }
    assert (kappa * ((2 * (b / kappa * (b / kappa)) + 1) / (2 * L)) <= e); [|lra].
    eapply Rle_trans; [|apply (HML (kappa * (2 * (q * q) + 1) / 2)); unfold M; lra].
    replace (kappa * ((2 * (b / kappa * (b / kappa)) + 1) / (2 * L))) with (kappa * (2 * (b / kappa * (b / kappa)) + 1) / 2 * / L) by (field; lra).
    apply Rmult_le_compat_r; [lra|]. unfold Rdiv at 1 4. apply Rmult_le_compat_r; [lra|]. apply Rmult_le_compat_l; lra.
  - intros s _. pose proof (link_potential_le L s HLp) as P. rewrite Rabs_mult, (Rabs_pos_eq kappa) by lra.
    apply Rle_trans with (kappa * (Rabs (link L s) / (2 * L))); [apply Rmult_le_compat_l; lra|].
    pose proof (HML (1 / 2) ltac:(unfold M; lra)) as B. pose proof (Rabs_pos (link L s)).
    replace (kappa * (Rabs (link L s) / (2 * L))) with (1 / 2 * / L * (kappa * Rabs (link L s))) by (field; lra).
    assert (0 <= kappa * Rabs (link L s)) by (apply Rmult_le_pos; lra). nra.
  - intros s _ Hs. pose proof (link_small L s HLp) as P. rewrite Rabs_mult, (Rabs_pos_eq kappa) by lra.
    assert (exp (- (2 * (L * (1 - Rabs s)))) <= exp (- (L * kap))) by (apply exp_mono; nra).
    pose proof (exp_neg_le_inv (L * kap) ltac:(nra)).
    apply Rle_trans with (kappa * (/ (L * kap) / 2)); [apply Rmult_le_compat_l; lra|].
    replace (kappa * (/ (L * kap) / 2)) with (kappa / (2 * kap) * / L) by (field; lra). apply HML. unfold M. lra.
Qed.

Section Weighted.
Variables (n d : nat) (X : nat -> nat -> R) (y : nat -> R) (kappa : nat -> R).
Hypothesis npos : (0 < n)%nat.
Hypothesis kappa_pos : forall i, (i < d)%nat -> 0 < kappa i.

(** The columns x_i / kappa_i. *)
Definition weighted_columns (j i : nat) : R := X j i / kappa i.

Lemma weighted_dual w i : dual n weighted_columns w i = dual n X w i / kappa i.
Proof. unfold dual, weighted_columns, Rdiv. rewrite <- Sum_scal_r. apply Sum_ext. intros; ring. Qed.

Lemma weighted_fit b j : fit d weighted_columns (fun i => kappa i * b i) j = fit d X b j.
Proof. apply Sum_ext. intros i Hi. unfold weighted_columns. pose proof (kappa_pos i Hi). field. lra. Qed.

Theorem weighted_theorem_2 K jump saddle :
  limit_path n d weighted_columns y K jump saddle ->
  (forall k c u, (k <= K)%nat -> covers K jump k c -> jump k < u < c ->
     independent n d weighted_columns
       (face n d weighted_columns y (dwell_start n d weighted_columns y jump saddle k) (saddle k) (jump k) u)) ->
  forall k c u v, (k <= K)%nat -> covers K jump k c -> (jump k < u \/ k = 0%nat /\ 0 <= u) -> u <= v -> v < c ->
    forall eps, 0 < eps -> exists Lambda0, 0 < Lambda0 /\
      forall Lambda, Lambda0 <= Lambda -> forall uu vv,
        network_flow_from n d X y (fun i => exp (- (Lambda * kappa i))) uu vv ->
        forall t, u <= t <= v -> forall i, (i < d)%nat ->
          Rabs (uu (Lambda * t) i * vv (Lambda * t) i - saddle k i / kappa i) < eps.
Proof.
  intros HP HI k c u v Hk Hcov Hu Huv Hv eps Heps.
  (* the least weight turns beta_i kappa_i back into beta_i *)
  destruct (finite_min d (fun i q => q <= kappa i)) as [kmin [Hkmin Hkm]].
  { intros i q q' H Hq. lra. }
  { intros i Hi. exists (kappa i). split; [now apply kappa_pos|lra]. }
  assert (Heps' : 0 < eps * kmin) by now apply Rmult_lt_0_compat.
  destruct (links_converge n d weighted_columns y npos K jump saddle HP HI k c u v Hk Hcov Hu Huv Hv (eps * kmin) Heps')
    as [kap [e [size [Hkap [He [Hsize H]]]]]].
  destruct (finite_min d (fun i q => forall Lambda, / q <= Lambda -> link_ok everywhere (fun s => kappa i * link (Lambda * kappa i) s)
    (fun s => kappa i * link_slope (Lambda * kappa i) s) (fun s => kappa i * link_potential (Lambda * kappa i) s) kap e size)) as [q0 [Hq0 Hok]].
  { intros i q q' Hq Hqq Lambda HL. apply Hq. eapply Rle_trans; [|exact HL]. apply Rinv_le_contravar; lra. }
  { intros i Hi. pose proof (kappa_pos i Hi) as Hki.
    destruct (sinh_link_ok (kappa i) kap e size Hki Hkap He Hsize) as [L0 [HL0 HL]].
    exists (kappa i / L0). assert (0 < kappa i / L0) by (apply Rdiv_lt_0_compat; lra). split; [assumption|].
    intros Lambda HLa. apply HL. apply (Rmult_le_compat_r (kappa i)) in HLa; [|lra].
    replace (/ (kappa i / L0) * kappa i) with L0 in HLa by (field; lra). exact HLa. }
  exists (/ q0). assert (Hiq : 0 < / q0) by now apply Rinv_0_lt_compat. split; [exact Hiq|].
  intros Lambda HLam uu vv HF t Ht i Hi. assert (HL : 0 < Lambda) by lra. assert (Hil : 0 < / Lambda) by now apply Rinv_0_lt_compat.
  destruct (network_to_dual n d X y _ _ _ HF) as [w [Hw Hb]].
  set (f := fun i s => kappa i * link (Lambda * kappa i) s).
  set (om := fun t j => / Lambda * w (Lambda * t) j).
  assert (Hbeta : forall t, 0 <= t -> forall i, (i < d)%nat ->
    kappa i * hadamard (uu (Lambda * t)) (vv (Lambda * t)) i = link_beta n weighted_columns f (om t) i).
  { intros t' Ht' i' Hi'. pose proof (kappa_pos i' Hi') as Hki. rewrite Hb by (auto; apply Rmult_le_pos; lra).
    unfold link_beta, f, om, link. rewrite weighted_dual, dual_scal. f_equal.
    rewrite <- exp_plus. f_equal; [f_equal; ring|]. f_equal. field. split; lra. }
  assert (Hflow : link_flow n d weighted_columns y everywhere f om).
  { split; [|split].
    - intros j Hj. destruct (Hw j Hj) as [_ H1]. eapply C1_ext.
      + unfold om. apply C1_scal, (C1_time Lambda _ _ HL H1).
      + reflexivity.
      + intros t' Ht'. cbv beta. rewrite <- Rmult_assoc, Rinv_l, Rmult_1_l by lra. unfold res. f_equal. f_equal.
        rewrite <- weighted_fit. apply fit_ext. intros i' Hi'. apply Hbeta; [lra|exact Hi'].
    - intros j Hj. unfold om. destruct (Hw j Hj) as [H0 _]. rewrite Rmult_0_r, H0. ring.
    - intros; exact I. }
  assert (Ht0 : 0 <= t).
  { destruct Hu as [Hu|[_ Hu]]; [|lra].
    pose proof (path_times n d weighted_columns y npos K jump saddle k (limit_path_until _ _ _ _ _ _ _ HP) Hk). lra. }
  pose proof (H everywhere f (fun i s => kappa i * link_slope (Lambda * kappa i) s) (fun i s => kappa i * link_potential (Lambda * kappa i) s)
    ltac:(intros i' Hi'; apply Hok; auto) om Hflow t Ht i Hi) as R.
  rewrite <- Hbeta in R by assumption. unfold hadamard in R. pose proof (kappa_pos i Hi) as Hki.
  set (z := uu (Lambda * t) i * vv (Lambda * t) i) in *.
  replace (kappa i * z - saddle k i) with (kappa i * (z - saddle k i / kappa i)) in R by (field; lra).
  rewrite Rabs_mult, (Rabs_pos_eq (kappa i)) in R by lra. pose proof (Hkm i Hi).
  apply (Rmult_lt_reg_l (kappa i)); [exact Hki|]. eapply Rlt_le_trans; [exact R|]. rewrite Rmult_comm. apply Rmult_le_compat_r; lra.
Qed.

(** The dual variable of the limit, in the data's own columns, has the thresholds +-kappa_i. *)
Theorem weighted_thresholds p b a c : dwell n d weighted_columns y p b a c ->
  forall t, a <= t <= c -> forall i, (i < d)%nat ->
    Rabs (dual n X (line n d weighted_columns y p b a t) i) <= kappa i /\
    dual n X (line n d weighted_columns y p b a t) i * (b i / kappa i) = kappa i * Rabs (b i / kappa i).
Proof.
  intros Hd t Ht i Hi. destruct (Hd t Ht i Hi) as [H1 H2]. pose proof (kappa_pos i Hi) as Hk.
  rewrite weighted_dual in H1, H2. set (z := dual n X _ i) in *. assert (Hik : 0 < / kappa i) by now apply Rinv_0_lt_compat.
  split.
  - unfold Rdiv in H1. rewrite Rabs_mult, (Rabs_pos_eq (/ kappa i)) in H1 by lra.
    apply (Rmult_le_compat_r (kappa i)) in H1; [|lra]. rewrite Rmult_assoc, Rinv_l in H1 by lra. lra.
  - unfold Rdiv. rewrite Rabs_mult, (Rabs_pos_eq (/ kappa i)) by lra. rewrite <- H2. field. lra.
Qed.

(** Its end has the least weighted l1 norm among the global minimisers of the loss. *)
Theorem weighted_minimum K jump saddle :
  limit_path n d weighted_columns y K jump saddle ->
  (forall i, (i < d)%nat -> grad n d X y (fun i => saddle K i / kappa i) i = 0) /\
  forall c, (forall i, (i < d)%nat -> grad n d X y c i = 0) ->
    Sum d (fun i => kappa i * Rabs (saddle K i / kappa i)) <= Sum d (fun i => kappa i * Rabs (c i)).
Proof.
  intros HP.
  assert (G : forall b i, (i < d)%nat -> grad n d weighted_columns y (fun i => kappa i * b i) i = grad n d X y b i / kappa i).
  { intros b i Hi. unfold grad. rewrite weighted_dual. unfold Rdiv. rewrite <- Ropp_mult_distr_l. f_equal. f_equal.
    apply dual_ext. intros j _. unfold res. now rewrite weighted_fit. }
  assert (Ge : forall b b' i, (forall i, (i < d)%nat -> b i = b' i) -> grad n d weighted_columns y b i = grad n d weighted_columns y b' i).
  { intros b b' i E. unfold grad. f_equal. apply dual_ext. intros j _. unfold res. now rewrite (fit_ext d weighted_columns b b' E). }
  split.
  - intros i Hi. pose proof (lp_end _ _ _ _ _ _ _ HP i Hi) as Z. pose proof (kappa_pos i Hi) as Hk.
    rewrite (Ge _ (fun i => kappa i * (saddle K i / kappa i))) in Z.
    2: { intros l Hl. pose proof (kappa_pos l Hl). field. lra. }
    rewrite G in Z by exact Hi. apply (Rmult_eq_reg_r (/ kappa i)); [rewrite Rmult_0_l; exact Z|].
    apply Rinv_neq_0_compat. lra.
  - intros c Hc. pose proof (minimum_l1 n d weighted_columns y npos K jump saddle HP (fun i => kappa i * c i)) as M.
    assert (Hcrit : forall i, (i < d)%nat -> grad n d weighted_columns y (fun i => kappa i * c i) i = 0).
    { intros i Hi. rewrite G, Hc by exact Hi. unfold Rdiv. ring. }
    specialize (M Hcrit). eapply Rle_trans; [|eapply Rle_trans; [exact M|]].
    + right. apply Sum_ext. intros i Hi. pose proof (kappa_pos i Hi) as Hk.
      unfold Rdiv. rewrite Rabs_mult, (Rabs_pos_eq (/ kappa i)) by (left; now apply Rinv_0_lt_compat). field. lra.
    + right. apply Sum_ext. intros i Hi. pose proof (kappa_pos i Hi) as Hk. rewrite Rabs_mult, (Rabs_pos_eq (kappa i)) by lra. reflexivity.
Qed.

End Weighted.
