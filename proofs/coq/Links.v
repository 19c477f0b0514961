(** Own theorem: PF23, Theorem 2 for every network whose flow has the form beta_i = f_i((X'w)_i), w' = (y - X beta)/n.

    The depth and the shape of the start enter through the links f_i alone. What is asked of a link is said by
    [link_ok]: it is odd and increasing, small inside (-1, 1), and steep at the bounds +-1, up to an error e that tends
    to 0 with the scale of the start. Then beta(t) converges to the same path of saddles ([links_converge]).
    Depth.v and Weighted.v give the links of depth D >= 2 and of uneven starts. *)

From Coq Require Import Reals Lra Lia Arith Classical.
From Coquelicot Require Import Coquelicot.
From Saddle Require Import Base Setting Rate Convergence Theorem2.
Open Scope R_scope.

(** A link f with slope df and potential psi, on the domain dom, has the error e at the distance kap from the bounds,
    for saddles of size at most size. *)
Record link_ok (dom : R -> Prop) (f df psi : R -> R) (kap e size : R) : Prop := {
  link_odd : forall s, dom s -> dom (- s) /\ f (- s) = - f s;
  link_nonneg : forall s, dom s -> 0 <= s -> 0 <= f s;
  link_slope_ok : forall s, dom s -> derivable_pt_lim f s (df s) /\ 0 <= df s;
  link_potential_ok : forall s, dom s -> derivable_pt_lim psi s (f s);
  link_steep : forall sg s b, dom sg -> Rabs s <= 1 -> s * b = Rabs b -> Rabs b <= size ->
    - ((sg - s) * (f sg - b)) <= e * (Rabs (f sg) + 1);
  link_young : forall s b, dom s -> Rabs b <= size -> s * b - psi s <= Rabs b + e;
  link_potential_small : forall s, dom s -> psi s <= e * (Rabs (f s) + 1);
  link_inside : forall s, dom s -> Rabs s <= 1 - kap / 2 -> Rabs (f s) <= e }.

Lemma C1_comp_on (dom : R -> Prop) phi dphi f df :
  (forall x, dom x -> derivable_pt_lim phi x (dphi x)) -> (forall t, 0 <= t -> dom (f t)) -> C1 f df ->
  C1 (fun t => phi (f t)) (fun t => dphi (f t) * df t).
Proof.
  intros Hp Hdom [Hf Hf']. split; intros t Ht.
  - apply (continuity_pt_comp f phi); auto. apply derivable_continuous_pt. exists (dphi (f t)). now apply Hp, Hdom.
  - apply (derivable_pt_lim_comp f phi); auto. apply Hp, Hdom. lra.
Qed.


Section Flow.
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

Definition link_beta (f : nat -> R -> R) (w : nat -> R) (i : nat) : R := f i (dual w i).

(** omega' = (y - X beta)/n with beta_i = f_i((X'omega)_i), from omega = 0, inside the domain of the links. *)
Definition link_flow (dom : R -> Prop) (f : nat -> R -> R) (omega : R -> nat -> R) : Prop :=
  (forall j, (j < n)%nat -> C1 (fun t => omega t j) (fun t => res (link_beta f (omega t)) j)) /\
  (forall j, (j < n)%nat -> omega 0 j = 0) /\
  (forall t, 0 <= t -> forall i, (i < d)%nat -> dom (dual (omega t) i)).

Section OneLink.
Variables (dom : R -> Prop) (f df psi : nat -> R -> R) (kap e size : R).
Hypothesis OK : forall i, (i < d)%nat -> link_ok dom (f i) (df i) (psi i) kap e size.
Hypothesis He : 0 < e <= 1.
Hypothesis Hkap : 0 < kap <= 1.
Variable om : R -> nat -> R.
Hypothesis HF : link_flow dom f om.

Let be (t : R) : nat -> R := link_beta f (om t).

Lemma lf_dom t i : 0 <= t -> (i < d)%nat -> dom (dual (om t) i).
Proof. intros Ht Hi. now apply (proj2 (proj2 HF)). Qed.

Lemma lf_C1_dual i : C1 (fun t => dual (om t) i) (fun t => - grad (be t) i).
Proof.
  eapply C1_ext.
  - apply (C1_Sum n (fun t j => X j i * om t j) (fun t j => X j i * res (be t) j)).
    intros j Hj. apply C1_scal. now apply (proj1 HF).
  - reflexivity.
  - intros t _. unfold Setting.grad. now rewrite Ropp_involutive.
Qed.

Lemma lf_loss s t : 0 <= s -> s <= t -> loss (be t) <= loss (be s).
Proof.
  intros Hs Hst. pose proof (N_pos n npos) as HN.
  set (db := fun t i => df i (dual (om t) i) * - grad (be t) i).
  assert (Hb : forall i, (i < d)%nat -> C1 (fun t => be t i) (fun t => db t i)).
  { intros i Hi. unfold be, link_beta, db.
    apply (C1_comp_on dom (f i) (df i)); [|intros; now apply lf_dom|apply lf_C1_dual].
    intros x Hx. apply (link_slope_ok _ _ _ _ _ _ _ (OK i Hi) x Hx). }
  assert (Hl : C1 (fun t => loss (be t)) (fun t => dot d (grad (be t)) (db t))).
  { eapply C1_ext.
    - unfold Setting.loss. apply (C1_mult _ _ _ _ (C1_sq n (fun t j => y j - fit (be t) j) (fun t j => 0 - fit (db t) j)
        ltac:(intros j Hj; apply C1_minus; [apply C1_const|]; apply (C1_Sum d (fun t i => X j i * be t i) (fun t i => X j i * db t i));
              intros i Hi; apply C1_scal, Hb, Hi)) (C1_const (/ (2 * N)))).
    - reflexivity.
    - intros t0 Ht0. cbv beta. rewrite (grad_dot n d X y). unfold dot.
      rewrite (Sum_ext n (fun i => (y i - fit (be t0) i) * (0 - fit (db t0) i))
        (fun i => - ((y i - fit (be t0) i) * fit (db t0) i))) by (intros; ring).
      rewrite Sum_opp. field. lra. }
  apply (C1_decreasing _ _ s t Hl Hs Hst). intros x Hx.
  unfold dot, db. rewrite <- (Sum_zero d (fun _ => 0)) by auto. apply Sum_le. intros i Hi.
  destruct (link_slope_ok _ _ _ _ _ _ _ (OK i Hi) (dual (om x) i) (lf_dom x i ltac:(lra) Hi)) as [_ H].
  set (g := grad _ i). nra.
Qed.

Lemma lf_start i : (i < d)%nat -> be 0 i = 0.
Proof.
  intros Hi. unfold be, link_beta.
  assert (E : dual (om 0) i = 0) by (apply Sum_zero; intros j Hj; rewrite (proj1 (proj2 HF)) by exact Hj; ring).
  pose proof (lf_dom 0 i ltac:(lra) Hi) as D. rewrite E in *.
  destruct (link_odd _ _ _ _ _ _ _ (OK i Hi) 0 D) as [_ E']. rewrite Ropp_0 in E'. lra.
Qed.

Lemma lf_residual t : 0 <= t -> nrm n (fun j => y j - fit (be t) j) <= nrm n y.
Proof.
  intros Ht. pose proof (N_pos n npos) as HN.
  pose proof (lf_loss 0 t ltac:(lra) Ht) as H. unfold Setting.loss in H.
  assert (E : sq n (fun j => y j - fit (be 0) j) = sq n y).
  { unfold sq, dot. apply Sum_ext. intros j _. unfold Setting.fit.
    rewrite Sum_zero; [ring|]. intros i Hi. rewrite lf_start by exact Hi. ring. }
  rewrite E in H. apply sqrt_le_1_alt.
  apply (Rmult_le_reg_r (/ (2 * N))); [apply Rinv_0_lt_compat; lra|exact H].
Qed.

Lemma lf_omega t : 0 <= t -> nrm n (om t) <= t * nrm n y / N.
Proof.
  intros Ht. pose proof (N_pos n npos) as HN. set (c := om t).
  assert (H : dot n c (om t) <= dot n c (om 0) + nrm n c * (nrm n y / N) * (t - 0)).
  { apply (C1_le (fun t => dot n c (om t)) (fun t => dot n c (res (be t)))); [|lra|exact Ht|].
    - apply (C1_Sum n (fun t j => c j * om t j) (fun t j => c j * res (be t) j)).
      intros j Hj. apply C1_scal. now apply (proj1 HF).
    - intros s Hs. unfold Setting.res.
      replace (dot n c (fun j => (y j - fit (be s) j) / N)) with (dot n c (fun j => y j - fit (be s) j) / N).
      2: { unfold dot, Rdiv. rewrite <- Sum_scal_r. apply Sum_ext. intros; ring. }
      unfold Rdiv. rewrite <- Rmult_assoc. apply Rmult_le_compat_r; [left; now apply Rinv_0_lt_compat|].
      eapply Rle_trans; [apply dot_le|]. apply Rmult_le_compat_l; [apply nrm_nonneg|].
      apply lf_residual. lra. }
  assert (E0 : dot n c (om 0) = 0).
  { apply Sum_zero. intros j Hj. rewrite (proj1 (proj2 HF) j Hj). ring. }
  assert (Ec : dot n c (om t) = nrm n c * nrm n c) by (rewrite nrm_sq; reflexivity).
  rewrite E0, Ec in H. pose proof (nrm_nonneg n c) as Hc. pose proof (nrm_nonneg n y) as Hy.
  assert (0 <= t * nrm n y / N).
  { unfold Rdiv. apply Rmult_le_pos; [now apply Rmult_le_pos|]. left; now apply Rinv_0_lt_compat. }
  destruct (Req_dec (nrm n c) 0) as [Z|Z]; [rewrite Z; lra|].
  apply (Rmult_le_reg_l (nrm n c)); [lra|]. unfold Rdiv in *. nra.
Qed.

Lemma lf_sign t i : 0 <= t -> (i < d)%nat -> Rabs (be t i) <= 2 * (dual (om t) i * be t i) + 1.
Proof.
  intros Ht Hi. pose proof (lf_dom t i Ht Hi) as D. unfold be, link_beta. set (s := dual (om t) i) in *.
  assert (Hp : s * f i s = Rabs s * Rabs (f i s)).
  { destruct (Rle_or_lt 0 s) as [H|H].
    - rewrite (Rabs_pos_eq s), (Rabs_pos_eq (f i s)) by (try exact H; now apply (link_nonneg _ _ _ _ _ _ _ (OK i Hi))). reflexivity.
    - destruct (link_odd _ _ _ _ _ _ _ (OK i Hi) s D) as [D' E].
      pose proof (link_nonneg _ _ _ _ _ _ _ (OK i Hi) (- s) D' ltac:(lra)) as H'. rewrite E in H'.
      rewrite (Rabs_left s), (Rabs_left1 (f i s)) by lra. ring. }
  rewrite Hp. pose proof (Rabs_pos (f i s)). destruct (Rle_or_lt (1 / 2) (Rabs s)) as [H1|H1]; [nra|].
  pose proof (link_inside _ _ _ _ _ _ _ (OK i Hi) s D ltac:(lra)). pose proof (Rabs_pos s).
  assert (0 <= Rabs s * Rabs (f i s)) by (apply Rmult_le_pos; lra). lra.
Qed.

Lemma lf_l1 t : 0 <= t -> Sum d (fun i => Rabs (be t i)) <= 4 * t * sq n y / N + INR d.
Proof.
  intros Ht. pose proof (N_pos n npos) as HN.
  apply Rle_trans with (Sum d (fun i => 2 * (dual (om t) i * be t i) + 1)).
  { apply Sum_le. intros i Hi. now apply lf_sign. }
  rewrite Sum_plus, Sum_scal, Sum_const.
  assert (H : Sum d (fun i => dual (om t) i * be t i) <= t * nrm n y / N * (2 * nrm n y)).
  { change (dot d (dual (om t)) (be t) <= t * nrm n y / N * (2 * nrm n y)). rewrite <- adjoint.
    eapply Rle_trans; [apply dot_le|].
    apply Rmult_le_compat; try apply nrm_nonneg; [now apply lf_omega|].
    replace (nrm n (fit (be t))) with (nrm n (fun j => y j + - 1 * (y j - fit (be t) j))).
    2: { unfold nrm, sq, dot. f_equal. apply Sum_ext. intros; ring. }
    eapply Rle_trans; [apply nrm_triangle|].
    assert (nrm n (fun j => - 1 * (y j - fit (be t) j)) = nrm n (fun j => y j - fit (be t) j)).
    { unfold nrm, sq, dot. f_equal. apply Sum_ext. intros; ring. }
    pose proof (lf_residual t Ht). lra. }
  replace (4 * t * sq n y / N) with (2 * (t * nrm n y / N * (2 * nrm n y))).
  2: { rewrite <- (nrm_sq n y). field. lra. }
  lra.
Qed.

(** * Distance to the path *)

Definition growth (v : R) := 4 * v * sq n y / N + 2 * INR d.

Lemma growth_nonneg v : 0 <= v -> 0 <= growth v.
Proof.
  intros Hv. pose proof (N_pos n npos) as HN. pose proof (pos_INR d). unfold growth.
  assert (0 <= 4 * v * sq n y / N); [|lra]. unfold Rdiv. apply Rmult_le_pos; [|left; now apply Rinv_0_lt_compat].
  apply Rmult_le_pos; [lra|apply sq_nonneg].
Qed.

Lemma lf_dwell p b a c v : 0 <= a -> dwell p b a c -> (forall i, (i < d)%nat -> Rabs (b i) <= size) ->
  forall t, a <= t <= c -> t <= v ->
    distance n (om t) (line p b a t) <= distance n (om a) (line p b a a) + e * growth v * (t - a).
Proof.
  intros Ha Hd Hb t Ht Hv. pose proof (N_pos n npos) as HN.
  apply (C1_le (fun t => distance n (om t) (line p b a t))
    (fun t => N / 2 * (2 * dot n (fun j => om t j - line p b a t j) (fun j => res (be t) j - res b j))));
    [|lra|lra|].
  - unfold distance. apply C1_scal. apply (C1_sq n (fun t j => om t j - line p b a t j) (fun t j => res (be t) j - res b j)).
    intros j Hj. apply C1_minus; [now apply (proj1 HF)|apply C1_line; exact npos].
  - intros s Hs. rewrite (energy_rate n d X y npos).
    match goal with |- N / 2 * (2 * (- ?D / N)) <= _ =>
      replace (N / 2 * (2 * (- D / N))) with (- D) by (field; lra) end.
    apply Rle_trans with (Sum d (fun i => e * (Rabs (be s i) + 1))).
    + unfold dot. rewrite <- Sum_opp. apply Sum_le. intros i Hi.
      rewrite dual_minus. destruct (Hd s ltac:(lra) i Hi) as [H1 H2].
      apply (link_steep _ _ _ _ _ _ _ (OK i Hi)); auto. apply lf_dom; [lra|exact Hi].
    + rewrite Sum_scal, Sum_plus, Sum_const. apply Rmult_le_compat_l; [lra|].
      pose proof (lf_l1 s ltac:(lra)) as L. unfold growth.
      assert (4 * s * sq n y / N <= 4 * v * sq n y / N); [|lra].
      unfold Rdiv. apply Rmult_le_compat_r; [left; now apply Rinv_0_lt_compat|].
      apply Rmult_le_compat_r; [apply sq_nonneg|lra].
Qed.

Lemma lf_path K jump saddle k v :
  limit_path K jump saddle -> (k <= K)%nat -> jump k <= v ->
  (forall k' i, (k' < k)%nat -> (i < d)%nat -> Rabs (saddle k' i) <= size) ->
  distance n (om (jump k)) (dwell_start jump saddle k) <= e * growth v * jump k.
Proof.
  intros HP. induction k as [|k IH]; intros Hk Hv Hm.
  - rewrite (lp_start _ _ _ _ _ _ _ HP). simpl. unfold distance, sq, dot.
    rewrite Sum_zero; [lra|]. intros j Hj. rewrite (proj1 (proj2 HF)) by exact Hj. ring.
  - pose proof (path_times n d X y npos K jump saddle k (limit_path_until n d X y _ _ _ HP) ltac:(lia)) as Ht. pose proof (lp_times _ _ _ _ _ _ _ HP k ltac:(lia)) as Ht'.
    pose proof (lf_dwell (dwell_start jump saddle k) (saddle k) (jump k) (jump (S k)) v Ht (lp_dwell _ _ _ _ _ _ _ HP k ltac:(lia))
      ltac:(intros; apply Hm; auto; lia) (jump (S k)) ltac:(lra) Hv) as D.
    assert (E : distance n (om (jump k)) (line (dwell_start jump saddle k) (saddle k) (jump k) (jump k)) = distance n (om (jump k)) (dwell_start jump saddle k)).
    { unfold distance, sq, dot. f_equal. apply Sum_ext. intros j _. now rewrite line_at. }
    rewrite E in D. specialize (IH ltac:(lia) ltac:(lra) ltac:(intros; apply Hm; auto; lia)).
    simpl. eapply Rle_trans; [exact D|]. lra.
Qed.

Lemma lf_distance K jump saddle k c v t :
  limit_path K jump saddle -> (k <= K)%nat -> covers K jump k c -> v <= c ->
  (forall k' i, (k' <= k)%nat -> (i < d)%nat -> Rabs (saddle k' i) <= size) -> jump k <= t <= v ->
  sq n (fun j => om t j - line (dwell_start jump saddle k) (saddle k) (jump k) t j) <= e * (2 * growth v * v / N).
Proof.
  intros HP Hk Hcov Hvc Hm Ht. pose proof (N_pos n npos) as HN.
  pose proof (path_times n d X y npos K jump saddle k (limit_path_until n d X y _ _ _ HP) Hk) as Hjk.
  pose proof (lf_path K jump saddle k v HP Hk ltac:(lra) ltac:(intros; apply Hm; auto; lia)) as D0.
  pose proof (lf_dwell (dwell_start jump saddle k) (saddle k) (jump k) c v Hjk (path_dwell n d X y _ _ _ _ _ HP Hcov)
    ltac:(intros; apply Hm; auto; lia) t ltac:(lra) ltac:(lra)) as D.
  assert (E : distance n (om (jump k)) (line (dwell_start jump saddle k) (saddle k) (jump k) (jump k)) = distance n (om (jump k)) (dwell_start jump saddle k)).
  { unfold distance, sq, dot. f_equal. apply Sum_ext. intros j _. now rewrite line_at. }
  rewrite E in D. unfold distance in D at 1. pose proof (growth_nonneg v ltac:(lra)) as HG.
  assert (B : N / 2 * sq n (fun j => om t j - line (dwell_start jump saddle k) (saddle k) (jump k) t j) <= e * growth v * v).
  { eapply Rle_trans; [exact D|]. assert (0 <= e * growth v) by (apply Rmult_le_pos; lra).
    assert (e * growth v * t <= e * growth v * v) by (apply Rmult_le_compat_l; lra). lra. }
  apply (Rmult_le_reg_l (N / 2)); [lra|].
  replace (N / 2 * (e * (2 * growth v * v / N))) with (e * growth v * v) by (field; lra). exact B.
Qed.

(** * The loss gap *)

Definition lf_divergence (b w : nat -> R) := Sum d (fun i => Rabs (b i) + e - dual w i * b i + psi i (dual w i)).

Lemma lf_divergence_nonneg b t : 0 <= t -> (forall i, (i < d)%nat -> Rabs (b i) <= size) -> 0 <= lf_divergence b (om t).
Proof.
  intros Ht Hb. apply Sum_nonneg. intros i Hi.
  pose proof (link_young _ _ _ _ _ _ _ (OK i Hi) (dual (om t) i) (b i) (lf_dom t i Ht Hi) (Hb i Hi)). lra.
Qed.

Lemma lf_C1_divergence b :
  C1 (fun t => lf_divergence b (om t)) (fun t => - dot d (grad (be t)) (fun i => be t i - b i)).
Proof.
  eapply C1_ext.
  - apply (C1_Sum d (fun t i => Rabs (b i) + e - dual (om t) i * b i + psi i (dual (om t) i))
      (fun t i => 0 - (- grad (be t) i * b i + dual (om t) i * 0) + be t i * - grad (be t) i)).
    intros i Hi. pose proof (lf_C1_dual i) as Hs. apply C1_plus.
    + apply C1_minus; [apply C1_const|]. apply (C1_mult _ _ _ _ Hs (C1_const (b i))).
    + apply (C1_comp_on dom (psi i) (f i)); [|intros; now apply lf_dom|exact Hs].
      intros x Hx. now apply (link_potential_ok _ _ _ _ _ _ _ (OK i Hi)).
  - reflexivity.
  - intros t _. unfold dot. rewrite <- Sum_opp. apply Sum_ext. intros i _. ring.
Qed.

Lemma lf_gap b a t : (forall i, (i < d)%nat -> Rabs (b i) <= size) -> 0 <= a -> a < t ->
  loss (be t) - loss b <= lf_divergence b (om a) / (t - a).
Proof.
  intros Hb Ha Hat. set (l := loss (be t) - loss b). pose proof (N_pos n npos) as HN.
  assert (D : lf_divergence b (om t) + l * t <= lf_divergence b (om a) + l * a).
  { apply (C1_decreasing (fun s => lf_divergence b (om s) + l * s)
      (fun s => - dot d (grad (be s)) (fun i => be s i - b i) + l * 1)); [|exact Ha|lra|].
    - apply C1_plus; [apply lf_C1_divergence|]. apply C1_scal, C1_id.
    - intros s Hs. pose proof (loss_quadratic n d X y npos (be s) b) as Q.
      pose proof (lf_loss s t ltac:(lra) ltac:(lra)) as M.
      assert (0 <= sq n (fit (fun i => b i - be s i)) / (2 * N)).
      { apply Rmult_le_pos; [apply sq_nonneg|]. left; apply Rinv_0_lt_compat; lra. }
      assert (E : dot d (grad (be s)) (fun i => b i - be s i) = - dot d (grad (be s)) (fun i => be s i - b i)).
      { unfold dot. rewrite <- Sum_opp. apply Sum_ext. intros; ring. }
      rewrite E in Q. unfold l. lra. }
  pose proof (lf_divergence_nonneg b t ltac:(lra) Hb).
  apply (Rmult_le_reg_r (t - a)); [lra|]. unfold Rdiv. rewrite Rmult_assoc, Rinv_l, Rmult_1_r by lra. lra.
Qed.

Lemma lf_divergence_start p b a c v : 0 <= a <= c -> a <= v -> dwell p b a c ->
  lf_divergence b (om a) <= nrm n (fun j => om a j - line p b a a j) * nrm n (fit b) + e * (growth v + INR d).
Proof.
  intros Hac Hv Hd. pose proof (N_pos n npos) as HN.
  apply Rle_trans with (Sum d (fun i => (dual (line p b a a) i - dual (om a) i) * b i + e * (Rabs (be a i) + 2))).
  - apply Sum_le. intros i Hi. destruct (Hd a ltac:(lra) i Hi) as [_ H2].
    pose proof (link_potential_small _ _ _ _ _ _ _ (OK i Hi) (dual (om a) i) (lf_dom a i ltac:(lra) Hi)) as H3.
    change (f i (dual (om a) i)) with (be a i) in H3. lra.
  - rewrite (Sum_plus d (fun i => (dual (line p b a a) i - dual (om a) i) * b i)), Sum_scal, (Sum_plus d (fun i => Rabs (be a i))), Sum_const.
    apply Rplus_le_compat.
    + replace (Sum d (fun i => (dual (line p b a a) i - dual (om a) i) * b i))
        with (- dot n (fun j => om a j - line p b a a j) (fit b)).
      2: { rewrite adjoint. unfold dot. rewrite <- Sum_opp. apply Sum_ext. intros i _. rewrite dual_minus. ring. }
      pose proof (cauchy_schwarz n (fun j => om a j - line p b a a j) (fit b)) as H5.
      pose proof (Rle_abs (- dot n (fun j => om a j - line p b a a j) (fit b))). rewrite Rabs_Ropp in *. lra.
    + apply Rmult_le_compat_l; [lra|]. pose proof (lf_l1 a ltac:(lra)) as L. unfold growth.
      assert (4 * a * sq n y / N <= 4 * v * sq n y / N); [|lra].
      unfold Rdiv. apply Rmult_le_compat_r; [left; now apply Rinv_0_lt_compat|].
      apply Rmult_le_compat_r; [apply sq_nonneg|lra].
Qed.

End OneLink.

(** * The theorem *)

(** For every compact without jump times and every tolerance there is an error e of the links that will do. *)
Definition links_converge_to (K : nat) (jump : nat -> R) (saddle : nat -> nat -> R) : Prop :=
  forall k c u v, (k <= K)%nat -> covers K jump k c -> (jump k < u \/ k = 0%nat /\ 0 <= u) -> u <= v -> v < c ->
    forall eps, 0 < eps -> exists kap e size, 0 < kap <= 1 /\ 0 < e <= 1 /\ 0 <= size /\
      forall dom f df psi, (forall i, (i < d)%nat -> link_ok dom (f i) (df i) (psi i) kap e size) ->
        forall omega, link_flow dom f omega ->
          forall t, u <= t <= v -> forall i, (i < d)%nat -> Rabs (link_beta f (omega t) i - saddle k i) < eps.

Lemma saddle_size K (saddle : nat -> nat -> R) :
  exists size, 0 <= size /\ forall k i, (k <= K)%nat -> (i < d)%nat -> Rabs (saddle k i) <= size.
Proof.
  exists (Sum (S K) (fun k => Sum d (fun i => Rabs (saddle k i)))). split.
  - apply Sum_nonneg. intros. apply Sum_nonneg. intros; apply Rabs_pos.
  - intros k i Hk Hi. eapply Rle_trans; [apply (Sum_term d (fun i => Rabs (saddle k i)) i); [intros; apply Rabs_pos|exact Hi]|].
    apply (Sum_term (S K) (fun k => Sum d (fun i => Rabs (saddle k i)))); [|lia].
    intros. apply Sum_nonneg. intros; apply Rabs_pos.
Qed.

Lemma links_inside K jump saddle k c u v eps :
  limit_path K jump saddle -> (k <= K)%nat -> covers K jump k c -> jump k < u -> u <= v -> v < c ->
  independent n d X (face n d X y (dwell_start jump saddle k) (saddle k) (jump k) u) -> 0 < eps ->
  exists kap e size, 0 < kap <= 1 /\ 0 < e <= 1 /\ 0 <= size /\
    forall dom f df psi, (forall i, (i < d)%nat -> link_ok dom (f i) (df i) (psi i) kap e size) ->
      forall omega, link_flow dom f omega ->
        forall t, u <= t <= v -> forall i, (i < d)%nat -> Rabs (link_beta f (omega t) i - saddle k i) < eps.
Proof.
  intros HP HkK Hcov Hu Huv Hv [cF [HcF HPinv]] Heps. pose proof (N_pos n npos) as HN.
  set (p := dwell_start jump saddle k) in *. set (b := saddle k) in *. set (a := jump k) in *.
  assert (Ha : 0 <= a) by exact (path_times n d X y npos K jump saddle k (limit_path_until n d X y _ _ _ HP) HkK).
  pose proof (path_dwell n d X y _ _ _ _ _ HP Hcov) as Hd. fold p b a in Hd.
  destruct (stays_away n d X y p b a c u v Hu Huv Hv Hd) as [kap0 [Hkap0 Haway0]].
  set (kap := Rmin kap0 1).
  assert (Hkap : 0 < kap <= 1) by (unfold kap; split; [apply Rmin_pos; lra|apply Rmin_r]).
  assert (Hkk : kap <= kap0) by apply Rmin_l.
  destruct (saddle_size K saddle) as [size [Hsize Hsz]].
  (* constants *)
  set (G := growth v). assert (HG : 0 <= G) by (apply growth_nonneg; lra).
  set (D2 := 2 * G * v / N). set (S1 := Sum d (fun i => nrm n (col X i))). set (sD := sqrt D2).
  set (K1 := sD * nrm n (fit b) + (G + INR d)). set (K2 := Sum d (fun i => Rabs (grad b i))).
  set (K3 := 2 * N * (K1 / (u - a) + K2)). set (K4 := sq n (fun j => Sum d (fun i => Rabs (X j i)))).
  set (K5 := cF * (2 * K3 + 2 * K4)).
  assert (HD2 : 0 <= D2).
  { unfold D2, Rdiv. apply Rmult_le_pos; [|left; now apply Rinv_0_lt_compat]. repeat apply Rmult_le_pos; lra. }
  assert (HsD : 0 <= sD) by apply sqrt_pos.
  assert (HS1 : 0 <= S1) by (apply Sum_nonneg; intros; apply nrm_nonneg).
  assert (HSD : 0 <= S1 * sD) by now apply Rmult_le_pos.
  assert (HK1 : 0 <= K1).
  { unfold K1. pose proof (pos_INR d). pose proof (Rmult_le_pos _ _ HsD (nrm_nonneg n (fit b))). lra. }
  assert (Hiu : 0 < / (u - a)) by (apply Rinv_0_lt_compat; lra).
  assert (HK1' : 0 <= K1 / (u - a)) by (unfold Rdiv; apply Rmult_le_pos; lra).
  assert (HK2 : 0 <= K2) by (apply Sum_nonneg; intros; apply Rabs_pos).
  assert (HK3 : 0 <= K3) by (unfold K3; apply Rmult_le_pos; lra).
  assert (HK4 : 0 <= K4) by apply sq_nonneg.
  assert (HK5 : 0 <= K5) by (unfold K5; apply Rmult_le_pos; lra).
  set (rho := Rmin 1 (Rmin (kap / (2 * (S1 * sD + 1))) (eps * eps / (2 * (K5 + 1))))).
  assert (Hee : 0 < eps * eps) by now apply Rmult_lt_0_compat.
  assert (Hrho : 0 < rho).
  { unfold rho. apply Rmin_pos; [lra|]. apply Rmin_pos; apply Rdiv_lt_0_compat; lra. }
  assert (Hrho1 : rho <= 1) by apply Rmin_l.
  assert (Hrho2 : S1 * sD * rho <= kap / 2).
  { assert (rho <= kap / (2 * (S1 * sD + 1))) by (eapply Rle_trans; [apply Rmin_r|apply Rmin_l]).
    apply Rle_trans with ((S1 * sD + 1) * (kap / (2 * (S1 * sD + 1)))).
    - apply Rmult_le_compat; lra.
    - right. field. lra. }
  assert (Hrho3 : (K5 + 1) * rho < eps * eps).
  { assert (rho <= eps * eps / (2 * (K5 + 1))) by (eapply Rle_trans; [apply Rmin_r|apply Rmin_r]).
    apply Rle_lt_trans with ((K5 + 1) * (eps * eps / (2 * (K5 + 1)))); [apply Rmult_le_compat_l; lra|].
    replace ((K5 + 1) * (eps * eps / (2 * (K5 + 1)))) with (eps * eps / 2) by (field; lra). lra. }
  set (e := rho * rho). assert (He : 0 < e <= 1) by (unfold e; split; [now apply Rmult_lt_0_compat|nra]).
  assert (Her : e <= rho) by (unfold e; nra).
  exists kap, e, size. split; [exact Hkap|]. split; [exact He|]. split; [exact Hsize|].
  intros dom f df psi OK om HF t Ht. set (B := link_beta f (om t)).
  assert (Hsz' : forall k' i, (k' <= k)%nat -> (i < d)%nat -> Rabs (saddle k' i) <= size) by (intros; apply Hsz; auto; lia).
  assert (Hbs : forall i, (i < d)%nat -> Rabs (b i) <= size) by (intros; apply Hsz; auto).
  (* the dual variable *)
  assert (Hdist : forall t, a <= t <= v -> nrm n (fun j => om t j - line p b a t j) <= sD * rho).
  { intros t' Ht'. unfold nrm.
    replace (sD * rho) with (sqrt (e * D2)).
    - apply sqrt_le_1_alt. unfold D2.
      apply (lf_distance dom f df psi kap e size OK He Hkap om HF K jump saddle k c v t' HP HkK Hcov); auto; lra.
    - unfold e. rewrite sqrt_mult by (try exact HD2; apply Rle_0_sqr). rewrite sqrt_square by lra. unfold sD. ring. }
  assert (Hclose : forall t, a <= t <= v -> forall i, (i < d)%nat -> Rabs (dual (om t) i - dual (line p b a t) i) <= kap / 2).
  { intros t' Ht' i Hi. rewrite <- dual_minus. eapply Rle_trans; [apply dual_le|].
    assert (nrm n (col X i) <= S1) by (apply (Sum_term d (fun i => nrm n (col X i))); auto; intros; apply nrm_nonneg).
    pose proof (Hdist t' Ht'). pose proof (nrm_nonneg n (fun j => om t' j - line p b a t' j)).
    apply Rle_trans with (S1 * (sD * rho)); [|lra]. apply Rmult_le_compat; auto using nrm_nonneg. }
  (* inactive coordinates *)
  assert (Hin : forall i, (i < d)%nat -> (grad b i = 0 /\ forall s, Rabs (dual (line p b a s) i) = 1) \/ Rabs (B i) <= e).
  { intros i Hi. destruct (Haway0 i Hi) as [H|H]; [now left|right]. unfold B, link_beta.
    apply (link_inside _ _ _ _ _ _ _ (OK i Hi)); [apply (lf_dom dom f om HF); auto; lra|].
    pose proof (Hclose t ltac:(lra) i Hi). pose proof (H t Ht).
    replace (dual (om t) i) with (dual (line p b a t) i + (dual (om t) i - dual (line p b a t) i)) by ring.
    eapply Rle_trans; [apply Rabs_triang|]. lra. }
  (* the loss, and then X (beta - b) *)
  assert (Hstart : lf_divergence psi e b (om a) <= K1 * rho).
  { pose proof (lf_divergence_start dom f df psi kap e size OK He Hkap om HF p b a c v ltac:(lra) ltac:(lra) Hd) as H. fold G in H.
    pose proof (Hdist a ltac:(lra)) as H1. pose proof (nrm_nonneg n (fit b)) as H2.
    assert (nrm n (fun j => om a j - line p b a a j) * nrm n (fit b) <= sD * rho * nrm n (fit b)) by (apply Rmult_le_compat_r; lra).
    pose proof (pos_INR d). assert (e * (G + INR d) <= rho * (G + INR d)) by (apply Rmult_le_compat_r; lra).
    unfold K1. lra. }
  assert (Hgap : loss B - loss b <= K1 / (u - a) * rho).
  { eapply Rle_trans; [apply (lf_gap dom f df psi kap e size OK om HF b a t Hbs Ha); lra|].
    pose proof (lf_divergence_nonneg dom f df psi kap e size OK om HF b a Ha Hbs) as H0.
    unfold Rdiv. replace (K1 * / (u - a) * rho) with (K1 * rho * / (u - a)) by ring.
    apply Rmult_le_compat; try lra; [left; apply Rinv_0_lt_compat; lra|apply Rinv_le_contravar; lra]. }
  assert (Hlin : - dot d (grad b) (fun i => B i - b i) <= K2 * rho).
  { unfold K2. rewrite <- Sum_scal_r. unfold dot. rewrite <- Sum_opp. apply Sum_le. intros i Hi.
    pose proof (at_rest n d X y p b a c i ltac:(lra) Hd Hi) as Hr.
    replace (- (grad b i * (B i - b i))) with (- (grad b i * B i) + grad b i * b i) by ring. rewrite Hr, Rplus_0_r.
    destruct (Hin i Hi) as [[Hg _]|H]; [rewrite Hg, Rabs_R0; lra|].
    eapply Rle_trans; [apply Rle_abs|]. rewrite Rabs_Ropp, Rabs_mult. apply Rmult_le_compat_l; [apply Rabs_pos|lra]. }
  assert (Hfit : sq n (fit (fun i => B i - b i)) <= K3 * rho).
  { pose proof (loss_quadratic n d X y npos b B) as Q.
    assert (H : sq n (fit (fun i => B i - b i)) / (2 * N) <= (K1 / (u - a) + K2) * rho) by lra.
    apply (Rmult_le_reg_r (/ (2 * N))); [apply Rinv_0_lt_compat; lra|]. unfold K3.
    replace (2 * N * (K1 / (u - a) + K2) * rho * / (2 * N)) with ((K1 / (u - a) + K2) * rho) by (field; lra). exact H. }
  (* from X (beta - b) to beta - b on the face *)
  set (s0 := fun i => Rabs (dual (line p b a u) i)).
  set (off := fun i => if Req_EM_T (s0 i) 1 then 0 else B i).
  set (h := fun i => if Req_EM_T (s0 i) 1 then B i - b i else 0).
  assert (Hoff : forall i, (i < d)%nat -> s0 i <> 1 -> b i = 0 /\ Rabs (B i) <= e).
  { intros i Hi Hs. destruct (Hd u ltac:(lra) i Hi) as [H1 H2]. split.
    - fold (s0 i) in H1. destruct (Req_dec (b i) 0) as [|Hb]; [assumption|exfalso].
      assert (Hb' : 0 < Rabs (b i)) by now apply Rabs_pos_lt.
      assert (H3 : s0 i * Rabs (b i) = Rabs (b i)).
      { unfold s0. rewrite <- Rabs_mult, H2. apply Rabs_pos_eq, Rabs_pos. }
      apply Hs. nra.
    - destruct (Hin i Hi) as [[_ H]|H]; [exfalso; apply Hs; apply H|exact H]. }
  assert (Hsplit : forall j, fit h j = fit (fun i => B i - b i) j + - 1 * fit off j).
  { intros j. unfold Setting.fit. rewrite <- (Sum_scal d (-1)), <- Sum_plus. apply Sum_ext. intros i Hi.
    unfold h, off. destruct (Req_EM_T (s0 i) 1) as [|Hne]; [ring|].
    destruct (Hoff i Hi Hne) as [-> _]. ring. }
  assert (Ho : sq n (fit off) <= K4 * rho).
  { apply Rle_trans with (e * e * K4).
    - unfold K4. apply sq_le_scal; [|intros j; apply Sum_nonneg; intros; apply Rabs_pos|lra].
      intros j _. unfold Setting.fit. eapply Rle_trans; [apply Sum_abs|].
      rewrite <- Sum_scal. apply Sum_le. intros i Hi. rewrite Rabs_mult, Rmult_comm.
      apply Rmult_le_compat_r; [apply Rabs_pos|]. unfold off. destruct (Req_EM_T (s0 i) 1) as [|Hne].
      + rewrite Rabs_R0. lra.
      + now apply Hoff.
    - assert (e * e <= rho) by nra. rewrite (Rmult_comm K4). apply Rmult_le_compat_r; lra. }
  assert (Hh : sq n (fit h) <= (2 * K3 + 2 * K4) * rho).
  { apply Rle_trans with (2 * sq n (fit (fun i => B i - b i)) + 2 * sq n (fit off)); [|lra].
    unfold sq, dot. rewrite <- !Sum_scal, <- Sum_plus. apply Sum_le. intros j _. rewrite Hsplit.
    set (x := fit (fun i => B i - b i) j). set (z := fit off j). pose proof (Rle_0_sqr (x + z)) as Hz. unfold Rsqr in Hz. nra. }
  intros i Hi. change (link_beta f (om t) i) with (B i).
  assert (Hsq : (B i - b i) * (B i - b i) <= (K5 + 1) * rho).
  { rewrite Rmult_plus_distr_r. destruct (Req_EM_T (s0 i) 1) as [Hf|Hf].
    - assert (Hh0 : h i * h i <= cF * sq n (fit h)).
      { apply HPinv; auto. intros i' _ Hn. unfold h. destruct (Req_EM_T (s0 i') 1) as [E|]; [|reflexivity].
        exfalso. apply Hn. exact E. }
      assert (Hhi : h i = B i - b i) by (unfold h; destruct (Req_EM_T (s0 i) 1); [reflexivity|contradiction]).
      rewrite <- Hhi. eapply Rle_trans; [exact Hh0|].
      assert (cF * sq n (fit h) <= K5 * rho) by (unfold K5; rewrite Rmult_assoc; now apply Rmult_le_compat_l). lra.
    - destruct (Hoff i Hi Hf) as [Eb Hb]. rewrite Eb, Rminus_0_r.
      assert (0 <= K5 * rho) by (apply Rmult_le_pos; lra).
      replace (B i * B i) with (Rabs (B i) * Rabs (B i)) by (rewrite <- Rabs_mult; apply Rabs_pos_eq, Rle_0_sqr).
      pose proof (Rabs_pos (B i)). nra. }
  apply Rsqr_incrst_0; [|apply Rabs_pos|lra]. rewrite <- Rsqr_abs. unfold Rsqr. lra.
Qed.

(** Near the start nothing has moved: |s| <= 1/2. *)
Lemma links_start : exists t0, 0 < t0 /\ forall dom f df psi kap e size,
  (forall i, (i < d)%nat -> link_ok dom (f i) (df i) (psi i) kap e size) -> 0 < kap <= 1 -> 0 < e <= 1 ->
  forall omega, link_flow dom f omega ->
  forall t, 0 <= t <= t0 -> forall i, (i < d)%nat -> Rabs (link_beta f (omega t) i) <= e.
Proof.
  pose proof (N_pos n npos) as HN. set (S := Sum d (fun i => nrm n (col X i)) * (nrm n y / N)).
  assert (Hy : 0 <= nrm n y / N).
  { unfold Rdiv. apply Rmult_le_pos; [apply nrm_nonneg|]. left; now apply Rinv_0_lt_compat. }
  assert (HS : 0 <= S).
  { unfold S. apply Rmult_le_pos; [|exact Hy]. apply Sum_nonneg. intros; apply nrm_nonneg. }
  exists (/ (2 * (S + 1))). split; [apply Rinv_0_lt_compat; lra|].
  intros dom f df psi kap e size OK Hkap He omega HF t Ht i Hi.
  apply (link_inside _ _ _ _ _ _ _ (OK i Hi)); [apply (lf_dom dom f omega HF); auto; lra|].
  assert (Hs : Rabs (dual (omega t) i) <= 1 / 2); [|lra].
  eapply Rle_trans; [apply dual_le|]. pose proof (lf_omega dom f df psi kap e size OK omega HF t ltac:(lra)) as B.
  apply Rle_trans with (S * t).
  - unfold S. replace (Sum d (fun i => nrm n (col X i)) * (nrm n y / N) * t) with
      (Sum d (fun i => nrm n (col X i)) * (t * nrm n y / N)) by (field; lra).
    apply Rmult_le_compat; auto using nrm_nonneg.
    apply (Sum_term d (fun i => nrm n (col X i))); [intros; apply nrm_nonneg|exact Hi].
  - apply Rle_trans with (S * / (2 * (S + 1))); [apply Rmult_le_compat_l; lra|].
    apply (Rmult_le_reg_r (2 * (S + 1))); [lra|]. rewrite Rmult_assoc, Rinv_l by lra. lra.
Qed.

Lemma link_ok_weaker dom f df psi kap e size kap' e' size' :
  kap <= kap' -> 0 <= e <= e' -> size' <= size -> link_ok dom f df psi kap e size -> link_ok dom f df psi kap' e' size'.
Proof.
  intros Hk He Hs [H1 H2 H3 H4 H5 H6 H7 H8]. split; auto.
  - intros sg s b D A E L. eapply Rle_trans; [apply H5; auto; lra|]. apply Rmult_le_compat_r; [pose proof (Rabs_pos (f sg))|]; lra.
  - intros s b D L. pose proof (H6 s b D ltac:(lra)). lra.
  - intros s D. eapply Rle_trans; [apply H7; auto|]. apply Rmult_le_compat_r; [pose proof (Rabs_pos (f s))|]; lra.
  - intros s D L. pose proof (H8 s D ltac:(lra)). lra.
Qed.

Theorem links_converge K jump saddle :
  limit_path K jump saddle ->
  (forall k c u, (k <= K)%nat -> covers K jump k c -> jump k < u < c ->
     independent n d X (face n d X y (dwell_start jump saddle k) (saddle k) (jump k) u)) ->
  links_converge_to K jump saddle.
Proof.
  intros HP HI k c u v Hk Hcov [Hu|[-> Hu]] Huv Hv eps Heps.
  { apply (links_inside K jump saddle k c); auto. apply (HI k c u); auto. lra. }
  pose proof (lp_start _ _ _ _ _ _ _ HP) as H0. destruct links_start as [t0 [Ht0 Hsmall]].
  assert (Hb : forall i, (i < d)%nat -> saddle 0%nat i = 0).
  { intros i Hi. destruct (path_dwell n d X y _ _ _ _ _ HP Hcov 0 ltac:(lra) i Hi) as [_ E].
    assert (Z : dual (line (dwell_start jump saddle 0) (saddle 0%nat) (jump 0%nat) 0) i = 0).
    { apply Sum_zero. intros j Hj. unfold line. simpl. rewrite H0. ring. }
    rewrite Z in E. destruct (Req_dec (saddle 0%nat i) 0) as [|Hn]; [assumption|]. pose proof (Rabs_pos_lt _ Hn). lra. }
  assert (Hmin : 0 < Rmin t0 c) by (apply Rmin_pos; lra).
  set (u' := Rmin t0 c / 2). set (v' := Rmax v u').
  assert (Hv' : v' < c) by (pose proof (Rmin_r t0 c); unfold v', u'; apply Rmax_lub_lt; lra).
  destruct (links_inside K jump saddle 0 c u' v' eps HP Hk Hcov) as [kap [e [size [Hkap [He [Hsz H]]]]]];
    [rewrite H0; unfold u'; lra|apply Rmax_r|exact Hv'| |exact Heps|].
  { apply (HI 0%nat c u' Hk Hcov). rewrite H0. pose proof (Rmin_r t0 c). unfold u'. lra. }
  exists kap, (Rmin e (eps / 2)), size. pose proof (Rmin_l e (eps / 2)). pose proof (Rmin_r e (eps / 2)).
  assert (He' : 0 < Rmin e (eps / 2)) by (apply Rmin_pos; lra).
  split; [exact Hkap|]. split; [lra|]. split; [exact Hsz|]. intros dom f df psi OK omega HF t Ht i Hi.
  destruct (Rle_or_lt t u') as [Hs|Hs].
  - rewrite Hb, Rminus_0_r by exact Hi. eapply Rle_lt_trans.
    + apply (Hsmall dom f df psi kap (Rmin e (eps / 2)) size OK Hkap ltac:(lra) omega HF t); [|exact Hi].
      pose proof (Rmin_l t0 c). unfold u' in Hs. lra.
    + lra.
  - apply (H dom f df psi) with (omega := omega); auto.
    + intros i' Hi'. apply (link_ok_weaker dom (f i') (df i') (psi i') kap (Rmin e (eps / 2)) size); auto; lra.
    + unfold v'. pose proof (Rmax_l v u'). lra.
Qed.

End Flow.
