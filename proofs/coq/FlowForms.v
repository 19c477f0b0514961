(** PF23, section 2; W20: forms of the training flow at a finite scale alpha.

    Proved: the Lotka-Volterra form ([lotka_volterra]); the mirror flow of the hyperbolic entropy ([mirror_flow]); the
    convex gradient flow of the dual variable ([dual_convex_flow]); the entropy tends to the l1 norm
    ([potential_limit]); the explicit rate with constants in closed form, for s = X'w itself ([explicit_rate_of_s]). *)

From Coq Require Import Reals Lra Lia Arith.
From Coquelicot Require Import Coquelicot.
From Saddle Require Import Base Setting Rate.
Open Scope R_scope.

Section Forms.
Variables (n d : nat) (X : nat -> nat -> R) (y : nat -> R).
Hypothesis npos : (0 < n)%nat.
Notation N := (N n).
Notation fit := (fit d X).
Notation res := (res n d X y).
Notation dual := (dual n X).
Notation grad := (grad n d X y).
Notation network_flow := (network_flow n d X y).

(** p = (u + v)^2 / 2 and q = (u - v)^2 / 2. *)
Theorem lotka_volterra alpha u v : network_flow alpha u v -> forall i, (i < d)%nat ->
  let p := fun T => (u T i + v T i) * (u T i + v T i) / 2 in
  let q := fun T => (u T i - v T i) * (u T i - v T i) / 2 in
  let g := fun T => grad (hadamard (u T) (v T)) i in
  C1 p (fun T => - 2 * p T * g T) /\ C1 q (fun T => 2 * q T * g T) /\
  (forall T, hadamard (u T) (v T) i = (p T - q T) / 2) /\
  (forall T, 0 <= T -> p T * q T = alpha ^ 4) /\ p 0 = alpha ^ 2 /\ q 0 = alpha ^ 2.
Proof.
  intros H i Hi p q g. pose proof (nf_u _ _ _ _ _ _ _ H i Hi) as Hu. pose proof (nf_v _ _ _ _ _ _ _ H i Hi) as Hv.
  split; [|split; [|split; [|split]]].
  - eapply C1_ext.
    + exact (C1_scal (/ 2) _ _ (C1_mult _ _ _ _ (C1_plus _ _ _ _ Hu Hv) (C1_plus _ _ _ _ Hu Hv))).
    + intros T. unfold p. simpl. field.
    + intros T _. unfold p, g. simpl. field.
  - eapply C1_ext.
    + exact (C1_scal (/ 2) _ _ (C1_mult _ _ _ _ (C1_minus _ _ _ _ Hu Hv) (C1_minus _ _ _ _ Hu Hv))).
    + intros T. unfold q. simpl. field.
    + intros T _. unfold q, g. simpl. field.
  - intros T. unfold p, q, hadamard. field.
  - intros T HT. pose proof (balanced n d X y _ _ _ H T HT i Hi) as B.
    unfold p, q. replace ((u T i + v T i) * (u T i + v T i) / 2 * ((u T i - v T i) * (u T i - v T i) / 2))
      with ((u T i * u T i - v T i * v T i) * (u T i * u T i - v T i * v T i) / 4) by field. rewrite B. field.
  - unfold p, q. rewrite (nf_u0 _ _ _ _ _ _ _ H i Hi), (nf_v0 _ _ _ _ _ _ _ H i Hi). pose proof (sqrt_sqrt 2 ltac:(lra)) as S.
    split; simpl; nra.
Qed.

(** * The hyperbolic entropy *)

Definition hyperbolic_entropy (alpha b : R) : R := / 2 * (b * arcsinh (b / alpha ^ 2) - sqrt (b ^ 2 + alpha ^ 4) + alpha ^ 2).

Lemma sqrt_scaled alpha b : 0 < alpha -> sqrt ((b / alpha ^ 2) ^ 2 + 1) = sqrt (b ^ 2 + alpha ^ 4) / alpha ^ 2.
Proof.
  intros Ha. assert (Ha2 : 0 < alpha ^ 2) by now apply pow_lt.
  replace ((b / alpha ^ 2) ^ 2 + 1) with ((b ^ 2 + alpha ^ 4) / (alpha ^ 2 * alpha ^ 2)) by (field; lra).
  rewrite sqrt_div_alt by now apply Rmult_lt_0_compat. rewrite sqrt_square by lra. reflexivity.
Qed.

Lemma root_pos alpha b : 0 < alpha -> 0 < sqrt (b ^ 2 + alpha ^ 4).
Proof.
  intros Ha. apply sqrt_lt_R0. pose proof (pow_lt alpha 4 Ha). pose proof (pow2_ge_0 b). lra.
Qed.

Lemma arcsinh_scaled_derivative alpha b : 0 < alpha ->
  derivable_pt_lim (fun b => arcsinh (b / alpha ^ 2)) b (/ sqrt (b ^ 2 + alpha ^ 4)).
Proof.
  intros Ha. assert (Ha2 : 0 < alpha ^ 2) by now apply pow_lt. pose proof (root_pos alpha b Ha).
  assert (D : derivable_pt_lim (fun b => b / alpha ^ 2) b (/ alpha ^ 2)).
  { apply is_derive_Reals. auto_derive; [easy|]. field. lra. }
  pose proof (derivable_pt_lim_comp _ arcsinh b _ _ D (derivable_pt_lim_arcsinh (b / alpha ^ 2))) as C. unfold comp in C.
  rewrite sqrt_scaled in C by exact Ha.
  replace (/ sqrt (b ^ 2 + alpha ^ 4)) with (/ (sqrt (b ^ 2 + alpha ^ 4) / alpha ^ 2) * / alpha ^ 2) by (field; lra). exact C.
Qed.

(** The gradient of the entropy is arcsinh(b / alpha^2) / 2, and it moves with - grad L. *)
Theorem mirror_flow alpha : 0 < alpha ->
  (forall b, derivable_pt_lim (hyperbolic_entropy alpha) b (/ 2 * arcsinh (b / alpha ^ 2))) /\
  forall u v, network_flow alpha u v -> forall T, 0 < T -> forall i, (i < d)%nat ->
    derivable_pt_lim (fun T => / 2 * arcsinh (hadamard (u T) (v T) i / alpha ^ 2)) T (- grad (hadamard (u T) (v T)) i).
Proof.
  intros Ha. split.
  - intros b. pose proof (root_pos alpha b Ha) as Hr. pose proof (arcsinh_scaled_derivative alpha b Ha) as D.
    assert (D1 : derivable_pt_lim (fun b => b * arcsinh (b / alpha ^ 2)) b (1 * arcsinh (b / alpha ^ 2) + b * / sqrt (b ^ 2 + alpha ^ 4))).
    { apply (derivable_pt_lim_mult (fun b => b) (fun b => arcsinh (b / alpha ^ 2))); [apply derivable_pt_lim_id|exact D]. }
    assert (D2 : derivable_pt_lim (fun b => sqrt (b ^ 2 + alpha ^ 4) - alpha ^ 2) b (b / sqrt (b ^ 2 + alpha ^ 4))).
    { apply is_derive_Reals. pose proof (pow_lt alpha 4 Ha). pose proof (pow2_ge_0 b). auto_derive; [simpl in *; lra|].
      simpl in *. field. lra. }
    pose proof (derivable_pt_lim_scal _ (/ 2) _ _ (derivable_pt_lim_minus _ _ _ _ _ D1 D2)) as D3.
    replace (/ 2 * arcsinh (b / alpha ^ 2)) with
      (/ 2 * (1 * arcsinh (b / alpha ^ 2) + b * / sqrt (b ^ 2 + alpha ^ 4) - b / sqrt (b ^ 2 + alpha ^ 4))) by (field; lra).
    intros eps He. destruct (D3 eps He) as [dl H]. exists dl. intros h Hh Hd. specialize (H h Hh Hd).
    unfold mult_real_fct, minus_fct in H. unfold hyperbolic_entropy.
    match type of H with Rabs (?A / h - _) < eps => match goal with |- Rabs (?B / h - _) < eps => replace B with A by ring end end. exact H.
  - intros u v HF T HT i Hi. set (b := fun T => hadamard (u T) (v T) i). set (g := grad (hadamard (u T) (v T)) i).
    pose proof (proj2 (nf_u _ _ _ _ _ _ _ HF i Hi) T HT) as Du. pose proof (proj2 (nf_v _ _ _ _ _ _ _ HF i Hi) T HT) as Dv.
    assert (Db : derivable_pt_lim b T (- (g * v T i) * v T i + u T i * - (g * u T i))) by exact (derivable_pt_lim_mult _ _ _ _ _ Du Dv).
    pose proof (derivable_pt_lim_comp b _ T _ _ Db (arcsinh_scaled_derivative alpha (b T) Ha)) as C.
    pose proof (derivable_pt_lim_scal _ (/ 2) _ _ C) as D.
    pose proof (balanced n d X y _ _ _ HF T ltac:(lra) i Hi) as B.
    assert (E : u T i * u T i + v T i * v T i = 2 * sqrt (b T ^ 2 + alpha ^ 4)).
    { rewrite <- (sqrt_square (u T i * u T i + v T i * v T i)) by nra.
      replace 2 with (sqrt (2 * 2)) by (apply sqrt_square; lra). rewrite <- sqrt_mult_alt by lra. f_equal.
      replace (alpha ^ 4) with ((alpha * alpha) * (alpha * alpha)) by ring.
      replace (alpha * alpha) with ((u T i * u T i - v T i * v T i) / 2) by lra. unfold b, hadamard. field. }
    pose proof (root_pos alpha (b T) Ha) as Hr.
    replace (- g) with (/ 2 * (/ sqrt (b T ^ 2 + alpha ^ 4) * (- (g * v T i) * v T i + u T i * - (g * u T i)))); [exact D|].
    replace (- (g * v T i) * v T i + u T i * - (g * u T i)) with (- g * (u T i * u T i + v T i * v T i)) by ring. rewrite E. field. lra.
Qed.

(** * The convex flow of the dual variable *)

Definition dual_beta (alpha : R) (w : nat -> R) (i : nat) : R := alpha * alpha * sinh (2 * dual w i).
Definition dual_potential (alpha : R) (w : nat -> R) : R :=
  (alpha ^ 2 / 2 * Sum d (fun i => cosh (2 * dual w i)) - dot n y w) / N.

Lemma cosh_tangent a b : cosh a + sinh a * (b - a) <= cosh b.
Proof.
  unfold cosh, sinh.
  assert (E1 : exp b = exp a * exp (b - a)) by (rewrite <- exp_plus; f_equal; ring).
  assert (E2 : exp (- b) = exp (- a) * exp (- (b - a))) by (rewrite <- exp_plus; f_equal; ring).
  pose proof (exp_ge_1_plus (b - a)). pose proof (exp_ge_1_plus (- (b - a))). pose proof (exp_pos a). pose proof (exp_pos (- a)).
  rewrite E1, E2. nra.
Qed.

(** Training is the gradient flow of a convex function in data space. *)
Theorem dual_convex_flow alpha : 0 < alpha ->
  (* the gradient of the potential is - (y - X beta) / n *)
  (forall w k, (k < n)%nat ->
     derivable_pt_lim (fun x => dual_potential alpha (update w k x)) (w k) (- res (dual_beta alpha w) k)) /\
  (* it is convex *)
  (forall a b, dual_potential alpha a + dot n (fun j => - res (dual_beta alpha a) j) (fun j => b j - a j) <= dual_potential alpha b) /\
  (* and the training flow is its gradient flow *)
  forall u v, network_flow alpha u v -> exists w : R -> nat -> R,
    (forall j, (j < n)%nat -> w 0 j = 0 /\ C1 (fun T => w T j) (fun T => res (dual_beta alpha (w T)) j)) /\
    forall T, 0 <= T -> forall i, (i < d)%nat -> hadamard (u T) (v T) i = dual_beta alpha (w T) i /\
      / 2 * arcsinh (hadamard (u T) (v T) i / alpha ^ 2) = dual (w T) i.
Proof.
  intros Ha. pose proof (N_pos n npos) as HN. assert (Ha2 : 0 < alpha * alpha) by now apply Rmult_lt_0_compat. split; [|split].
  - intros w k Hk.
    assert (Hup : forall x i, dual (update w k x) i = dual w i + X k i * (x - w k)).
    { intros x i. unfold Setting.dual.
      pose proof (dot_single n n npos (fun j => X j i) (fun j => update w k x j - w j) k Hk) as D. unfold dot in D.
      rewrite (Sum_ext n (fun j => X j i * update w k x j) (fun j => X j i * w j + X j i * (update w k x j - w j))) by (intros; ring).
      rewrite Sum_plus, D; [unfold update; rewrite Nat.eqb_refl; reflexivity|].
      intros j Hj. unfold update. apply Nat.eqb_neq in Hj. rewrite Hj. ring. }
    assert (Hy : forall x, dot n y (update w k x) = dot n y w + y k * (x - w k)).
    { intros x. pose proof (dot_single n n npos y (fun j => update w k x j - w j) k Hk) as D.
      unfold dot in *. rewrite (Sum_ext n (fun j => y j * update w k x j) (fun j => y j * w j + y j * (update w k x j - w j))) by (intros; ring).
      rewrite Sum_plus, D; [unfold update; rewrite Nat.eqb_refl; reflexivity|].
      intros j Hj. unfold update. apply Nat.eqb_neq in Hj. rewrite Hj. ring. }
    assert (Dsum : forall m, (m <= d)%nat -> derivable_pt_lim (fun x => Sum m (fun i => cosh (2 * (dual w i + X k i * (x - w k))))) (w k)
      (Sum m (fun i => 2 * X k i * sinh (2 * dual w i)))).
    { induction m as [|m IH]; intros Hm; simpl; [apply derivable_pt_lim_const|].
      apply (derivable_pt_lim_plus (fun x => Sum m (fun i => cosh (2 * (dual w i + X k i * (x - w k))))) (fun x => cosh (2 * (dual w m + X k m * (x - w k))))).
      - apply IH. lia.
      - apply is_derive_Reals. unfold cosh, sinh. auto_derive; [easy|].
        replace (w k + - w k) with 0 by ring. rewrite Rmult_0_r, Rplus_0_r. field. }
    assert (D : derivable_pt_lim (fun x => (alpha ^ 2 / 2 * Sum d (fun i => cosh (2 * (dual w i + X k i * (x - w k)))) - (dot n y w + y k * (x - w k))) / N) (w k)
      ((alpha ^ 2 / 2 * Sum d (fun i => 2 * X k i * sinh (2 * dual w i)) - y k) / N)).
    { assert (D1 : derivable_pt_lim (fun x => dot n y w + y k * (x - w k)) (w k) (y k)) by (apply is_derive_Reals; auto_derive; [easy|ring]).
      pose proof (derivable_pt_lim_scal _ (alpha ^ 2 / 2) _ _ (Dsum d (le_n d))) as D2.
      pose proof (derivable_pt_lim_scal _ (/ N) _ _ (derivable_pt_lim_minus _ _ _ _ _ D2 D1)) as D3.
      replace ((alpha ^ 2 / 2 * Sum d (fun i => 2 * X k i * sinh (2 * dual w i)) - y k) / N)
        with (/ N * (alpha ^ 2 / 2 * Sum d (fun i => 2 * X k i * sinh (2 * dual w i)) - y k)) by (field; lra).
      intros eps He. destruct (D3 eps He) as [dl H]. exists dl. intros h Hh Hd. specialize (H h Hh Hd).
      unfold mult_real_fct, minus_fct in H.
      match type of H with Rabs (?A / h - _) < eps => match goal with |- Rabs (?B / h - _) < eps => replace B with A by (field; lra) end end. exact H. }
    assert (E : (alpha ^ 2 / 2 * Sum d (fun i => 2 * X k i * sinh (2 * dual w i)) - y k) / N = - res (dual_beta alpha w) k).
    { unfold Setting.res. assert (E1 : fit (dual_beta alpha w) k = alpha ^ 2 / 2 * Sum d (fun i => 2 * X k i * sinh (2 * dual w i))).
      { unfold Setting.fit, dual_beta. rewrite <- Sum_scal. apply Sum_ext. intros i _. field. }
      rewrite E1. field. lra. }
    rewrite <- E. intros eps He. destruct (D eps He) as [dl H]. exists dl. intros h Hh Hd. specialize (H h Hh Hd).
    unfold dual_potential. rewrite !Hy.
    rewrite (Sum_ext d (fun i => cosh (2 * dual (update w k (w k + h)) i)) (fun i => cosh (2 * (dual w i + X k i * (w k + h - w k))))) by (intros; now rewrite Hup).
    rewrite (Sum_ext d (fun i => cosh (2 * dual (update w k (w k)) i)) (fun i => cosh (2 * (dual w i + X k i * (w k - w k))))) by (intros; now rewrite Hup).
    exact H.
  - intros a b. unfold dual_potential. set (A := Sum d (fun i => cosh (2 * dual a i))). set (B := Sum d (fun i => cosh (2 * dual b i))).
    set (e := fun j => b j - a j).
    assert (HS : A + 2 * dot d (fun i => sinh (2 * dual a i)) (dual e) <= B).
    { unfold A, B, dot. rewrite <- Sum_scal, <- Sum_plus. apply Sum_le. intros i _. unfold e. rewrite dual_minus.
      pose proof (cosh_tangent (2 * dual a i) (2 * dual b i)). lra. }
    assert (E1 : dot n (fun j => - res (dual_beta alpha a) j) e = (alpha ^ 2 * dot d (fun i => sinh (2 * dual a i)) (dual e) - dot n y e) / N).
    { assert (E2 : dot n (fit (dual_beta alpha a)) e = alpha ^ 2 * dot d (fun i => sinh (2 * dual a i)) (dual e)).
      { rewrite dot_comm, adjoint, dot_comm. unfold dot, dual_beta. rewrite <- Sum_scal. apply Sum_ext. intros; ring. }
      rewrite <- E2. unfold dot, Setting.res, Rdiv. rewrite <- Sum_minus, <- Sum_scal_r. apply Sum_ext. intros; ring. }
    change (dot n (fun j => - res (dual_beta alpha a) j) (fun j => b j - a j)) with (dot n (fun j => - res (dual_beta alpha a) j) e). rewrite E1.
    assert (E3 : dot n y b = dot n y a + dot n y e) by (unfold dot, e; rewrite <- Sum_plus; apply Sum_ext; intros; ring).
    rewrite E3. apply (Rmult_le_reg_r N); [exact HN|].
    replace (((alpha ^ 2 / 2 * A - dot n y a) / N + (alpha ^ 2 * dot d (fun i => sinh (2 * dual a i)) (dual e) - dot n y e) / N) * N)
      with (alpha ^ 2 / 2 * (A + 2 * dot d (fun i => sinh (2 * dual a i)) (dual e)) - dot n y a - dot n y e) by (field; lra).
    replace ((alpha ^ 2 / 2 * B - (dot n y a + dot n y e)) / N * N) with (alpha ^ 2 / 2 * B - dot n y a - dot n y e) by (field; lra).
    assert (0 <= alpha ^ 2 / 2) by (simpl; lra). assert (alpha ^ 2 / 2 * (A + 2 * dot d (fun i => sinh (2 * dual a i)) (dual e)) <= alpha ^ 2 / 2 * B) by (now apply Rmult_le_compat_l). lra.
  - intros u v HF. destruct (network_to_dual n d X y _ _ _ HF) as [w [Hw Hb]]. exists w. split.
    + intros j Hj. destruct (Hw j Hj) as [H0 H1]. split; [exact H0|]. apply (C1_ext _ _ _ _ H1); [reflexivity|].
      intros T HT. unfold Setting.res. f_equal. f_equal. apply fit_ext. intros i Hi. apply Hb; [lra|exact Hi].
    + intros T HT i Hi. pose proof (Hb T HT i Hi) as E. split; [exact E|]. rewrite E.
      replace (alpha * alpha * sinh (2 * dual (w T) i) / alpha ^ 2) with (sinh (2 * dual (w T) i)) by (field; lra).
      rewrite arcsinh_sinh. field.
Qed.

(** * The entropy tends to the l1 norm *)

Lemma arcsinh_neg x : arcsinh (- x) = - arcsinh x.
Proof. rewrite <- (sinh_arcsinh x) at 1. rewrite <- sinh_neg. apply arcsinh_sinh. Qed.

Theorem potential_limit Lambda size b : 0 < Lambda -> (forall i, (i < d)%nat -> Rabs (b i) <= size) ->
  Rabs (Sum d (fun i => hyperbolic_entropy (exp (- Lambda)) (b i)) / Lambda - Sum d (fun i => Rabs (b i)))
    <= INR d * ((1 + 2 * size + 2 * (size * size)) / 2) / Lambda.
Proof.
  intros HL Hb. set (alpha := exp (- Lambda)). assert (Ha : 0 < alpha) by apply exp_pos.
  assert (Ha1 : alpha <= 1) by (unfold alpha; rewrite <- exp_0; apply exp_mono; lra).
  assert (Ha2 : 0 < alpha ^ 2 <= 1) by (split; [now apply pow_lt|simpl; nra]).
  assert (K : forall c, 0 <= c <= size -> Rabs (hyperbolic_entropy alpha c - c * Lambda) <= (1 + 2 * size + 2 * (size * size)) / 2).
  { intros c Hc. unfold hyperbolic_entropy. set (r := sqrt (c ^ 2 + alpha ^ 4)).
    pose proof (root_pos alpha c Ha) as Hr. fold r in Hr.
    assert (Hrr : r * r = c * c + alpha ^ 2 * alpha ^ 2).
    { unfold r. rewrite sqrt_sqrt; [ring|]. pose proof (pow_lt alpha 4 Ha). pose proof (pow2_ge_0 c). lra. }
    assert (Hr1 : alpha ^ 2 <= r) by (apply Rsqr_incr_0_var; unfold Rsqr; nra).
    assert (Hr2 : r <= c + alpha ^ 2) by (apply Rsqr_incr_0_var; unfold Rsqr; nra).
    assert (Hln : arcsinh (c / alpha ^ 2) = 2 * Lambda + ln (c + r)).
    { unfold arcsinh. rewrite sqrt_scaled by exact Ha. fold r.
      replace (c / alpha ^ 2 + r / alpha ^ 2) with ((c + r) * / alpha ^ 2) by (field; lra).
      rewrite ln_mult by (try apply Rinv_0_lt_compat; lra). rewrite ln_Rinv, ln_pow by lra. unfold alpha. rewrite ln_exp. simpl. ring. }
    assert (Hup : c * ln (c + r) <= size * (2 * size + 1)).
    { destruct (Rle_or_lt (ln (c + r)) 0) as [Z|Z]; [nra|]. pose proof (exp_ge_1_plus (ln (c + r))) as E. rewrite exp_ln in E by lra.
      apply Rmult_le_compat; lra. }
    assert (Hlo : -1 <= c * ln (c + r)).
    { destruct (Rle_or_lt c 0) as [Z|Z]; [replace c with 0 by lra; lra|].
      pose proof (exp_ge_1_plus (- ln (c + r))) as E. rewrite exp_Ropp, exp_ln in E by lra.
      assert (c * / (c + r) <= 1).
      { apply (Rmult_le_reg_r (c + r)); [lra|]. rewrite Rmult_assoc, Rinv_l by lra. lra. }
      assert (c * (1 - / (c + r)) <= c * ln (c + r)) by (apply Rmult_le_compat_l; lra). lra. }
    rewrite Hln. replace (/ 2 * (c * (2 * Lambda + ln (c + r)) - r + alpha ^ 2) - c * Lambda) with (/ 2 * (c * ln (c + r) - r + alpha ^ 2)) by field.
    apply Rabs_le. split; nra. }
  assert (K2 : forall c, Rabs c <= size -> Rabs (hyperbolic_entropy alpha c - Rabs c * Lambda) <= (1 + 2 * size + 2 * (size * size)) / 2).
  { intros c Hc. destruct (Rle_or_lt 0 c) as [P|P].
    - rewrite (Rabs_pos_eq c) in * by exact P. apply K. lra.
    - rewrite (Rabs_left c) in * by exact P. replace (hyperbolic_entropy alpha c) with (hyperbolic_entropy alpha (- c)); [apply K; lra|].
      unfold hyperbolic_entropy. replace (- c / alpha ^ 2) with (- (c / alpha ^ 2)) by (field; lra). rewrite arcsinh_neg.
      replace ((- c) ^ 2) with (c ^ 2) by ring. ring. }
  assert (Hil : 0 < / Lambda) by now apply Rinv_0_lt_compat.
  replace (Sum d (fun i => hyperbolic_entropy alpha (b i)) / Lambda - Sum d (fun i => Rabs (b i)))
    with (Sum d (fun i => hyperbolic_entropy alpha (b i) - Rabs (b i) * Lambda) / Lambda).
  2: { rewrite Sum_minus, Sum_scal_r. field. lra. }
  unfold Rdiv at 1 2. rewrite Rabs_mult, (Rabs_pos_eq (/ Lambda)) by lra. apply Rmult_le_compat_r; [lra|].
  eapply Rle_trans; [apply Sum_abs|]. rewrite <- Sum_const. apply Sum_le. intros i Hi. apply K2. now apply Hb.
Qed.

(** * The explicit rate in closed form *)

(** 1/(4e) off the support, |ln(2b)/2| |1/2 - b| on it. *)
Definition C_log (b : R) : R := if Req_EM_T b 0 then exp (- 1) / 4 else Rabs (ln (2 * b) / 2) * Rabs (1 / 2 - b).

Lemma admissible_C_log : admissible C_log.
Proof.
  intros b x Hb. unfold C_log. destruct (Req_EM_T b 0) as [->|Hne].
  - pose proof (y_exp_bound x). lra.
  - assert (Hbp : 0 < b) by lra. set (x0 := - (ln (2 * b) / 2)).
    assert (E0 : exp (- (2 * x0)) / 2 = b).
    { unfold x0. replace (- (2 * - (ln (2 * b) / 2))) with (ln (2 * b)) by field. rewrite exp_ln by lra. field. }
    replace (Rabs (ln (2 * b) / 2)) with (Rabs x0) by (unfold x0; apply Rabs_Ropp).
    assert (HC : 0 <= Rabs x0 * Rabs (1 / 2 - b)) by (apply Rmult_le_pos; apply Rabs_pos).
    assert (Mono : forall a c, a <= c -> exp (- (2 * c)) <= exp (- (2 * a))) by (intros; apply exp_mono; lra).
    destruct (Rle_or_lt x 0) as [Hx|Hx], (Rle_or_lt x x0) as [Hx0|Hx0].
    + pose proof (Mono x x0 Hx0). assert (x * (exp (- (2 * x)) / 2 - b) <= 0) by nra. lra.
    + (* x0 < x <= 0 *)
      pose proof (Mono x 0 Hx) as M1. rewrite Rmult_0_r, Ropp_0, exp_0 in M1.
      pose proof (Mono x0 x ltac:(lra)) as M2. rewrite (Rabs_left x0), (Rabs_left1 (1 / 2 - b)) by lra.
      replace (x * (exp (- (2 * x)) / 2 - b)) with (- x * (b - exp (- (2 * x)) / 2)) by ring. apply Rmult_le_compat; lra.
    + (* 0 < x <= x0 *)
      pose proof (Mono 0 x ltac:(lra)) as M1. rewrite Rmult_0_r, Ropp_0, exp_0 in M1.
      pose proof (Mono x x0 Hx0) as M2. pose proof (Rle_abs (1 / 2 - b)). rewrite (Rabs_pos_eq x0) by lra. apply Rmult_le_compat; lra.
    + pose proof (Mono x0 x ltac:(lra)). assert (x * (exp (- (2 * x)) / 2 - b) <= 0) by nra. lra.
Qed.

(** z' M^+ z for z in the range of X' is the least upper bound of 2 z'b - b' M b, M = X'X/n; so this bounds the norm of
    s^alpha - s in M^+ by (2 C t / Lambda)^(1/2). *)
Theorem explicit_rate_of_s Cmax Lambda omega K jump saddle k c :
  0 < Lambda -> dual_flow n d X y Lambda omega -> limit_path n d X y K jump saddle -> (k <= K)%nat -> covers K jump k c ->
  (forall k', (k' <= k)%nat -> rate_constant d C_log Lambda (saddle k') <= Cmax) ->
  forall t, jump k <= t <= c -> forall b,
    2 * dot d (fun i => dual (omega t) i - dual (line n d X y (dwell_start n d X y jump saddle k) (saddle k) (jump k) t) i) b
      - sq n (fit b) / N <= 2 * Cmax * t / Lambda.
Proof.
  intros HL HF HP Hk Hcov Hm t Ht b. pose proof (N_pos n npos) as HN.
  pose proof (explicit_rate n d X y npos C_log Cmax Lambda omega K jump saddle k c admissible_C_log HL HF HP Hk Hcov Hm t Ht) as R.
  set (e := fun j => omega t j - line n d X y (dwell_start n d X y jump saddle k) (saddle k) (jump k) t j) in *.
  eapply Rle_trans; [|exact R].
  assert (E : dot d (fun i => dual (omega t) i - dual (line n d X y (dwell_start n d X y jump saddle k) (saddle k) (jump k) t) i) b = dot n e (fit b)).
  { rewrite adjoint. apply dot_ext; [|reflexivity]. intros i _. unfold e. now rewrite dual_minus. }
  rewrite E. assert (Q : 0 <= sq n (fun j => N * e j - fit b j)) by apply sq_nonneg.
  assert (Q2 : sq n (fun j => N * e j - fit b j) = N * N * sq n e - 2 * N * dot n e (fit b) + sq n (fit b)).
  { unfold sq, dot. rewrite <- !Sum_scal, <- Sum_minus, <- Sum_plus. apply Sum_ext. intros; ring. }
  rewrite Q2 in Q. apply (Rmult_le_reg_l N); [exact HN|].
  replace (N * (2 * dot n e (fit b) - sq n (fit b) / N)) with (2 * N * dot n e (fit b) - sq n (fit b)) by (field; lra). lra.
Qed.

End Forms.
