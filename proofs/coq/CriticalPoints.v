(** PF23, section 3: the critical points of F(u, v) = L(u v) and its Hessian there.

    Proved: the partial derivatives of F and where they vanish ([critical_points]); on independent columns the
    minimiser of L is unique and L exceeds it by a square ([constrained_minimiser]); the second-order expansion of F
    ([hessian_expansion]); the splitting of the Hessian at a critical point: eigenvalues +-g_i off the active set,
    index #{i : g_i <> 0}, and its radical ([hessian_splitting]); a critical point that is no global minimum is a
    strict saddle and no local minimum ([strict_saddle]). *)

From Coq Require Import Reals Lra Lia Arith Classical.
From Coquelicot Require Import Coquelicot.
From Saddle Require Import Base Setting Rate Theorem2 Algorithm Minimisers Termination.
Open Scope R_scope.

Section CriticalPoints.
Variables (n d : nat) (X : nat -> nat -> R) (y : nat -> R).
Hypothesis npos : (0 < n)%nat.
Notation N := (N n).
Notation fit := (fit d X).
Notation grad := (grad n d X y).
Notation loss := (loss n d X y).
Notation F := (network_loss n d X y).

(** All partial derivatives of F are zero. *)
Definition critical (u v : nat -> R) : Prop := forall k, (k < d)%nat ->
  derivable_pt_lim (fun x => F (update u k x) v) (u k) 0 /\ derivable_pt_lim (fun x => F u (update v k x)) (v k) 0.

Lemma F_comm u v : F u v = F v u.
Proof.
  unfold network_loss. apply loss_of_fit. intros j _. apply fit_ext. intros i _. unfold hadamard. ring.
Qed.

Lemma network_loss_derivative_v u v k : (k < d)%nat ->
  derivable_pt_lim (fun x => F u (update v k x)) (v k) (grad (hadamard u v) k * u k).
Proof.
  intros Hk. pose proof (network_loss_derivative_u n d X y npos v u k Hk) as H.
  assert (E : grad (hadamard v u) k = grad (hadamard u v) k).
  { unfold Setting.grad. f_equal. apply dual_ext. intros j _. unfold res. f_equal. f_equal.
    apply fit_ext. intros i _. unfold hadamard. ring. }
  rewrite E in H. intros eps He. destruct (H eps He) as [dl Hd]. exists dl. intros h Hh Hl.
  rewrite !(F_comm u). now apply Hd.
Qed.

(** PF23: (u, v) is critical exactly when u_i = v_i = 0 or grad L(beta)_i = 0 for every i; then beta minimises L over
    the vectors with its support. *)
Theorem critical_points u v :
  (critical u v <-> forall i, (i < d)%nat -> (u i = 0 /\ v i = 0) \/ grad (hadamard u v) i = 0) /\
  (critical u v -> forall c, (forall i, (i < d)%nat -> hadamard u v i = 0 -> c i = 0) -> loss (hadamard u v) <= loss c).
Proof.
  assert (A : critical u v -> forall i, (i < d)%nat -> (u i = 0 /\ v i = 0) \/ grad (hadamard u v) i = 0).
  { intros H i Hi. destruct (H i Hi) as [H1 H2].
    pose proof (uniqueness_limite _ _ _ _ H1 (network_loss_derivative_u n d X y npos u v i Hi)) as E1.
    pose proof (uniqueness_limite _ _ _ _ H2 (network_loss_derivative_v u v i Hi)) as E2.
    symmetry in E1, E2. apply Rmult_integral in E1 as [E1|E1]; [now right|].
    apply Rmult_integral in E2 as [E2|E2]; [now right|]. now left. }
  split; [split; [exact A|]|].
  - intros H k Hk. pose proof (network_loss_derivative_u n d X y npos u v k Hk) as H1.
    pose proof (network_loss_derivative_v u v k Hk) as H2.
    destruct (H k Hk) as [[E1 E2]|E].
    + rewrite E2, Rmult_0_r in H1. rewrite E1, Rmult_0_r in H2. rewrite E2. rewrite E1. rewrite E1 in H1. rewrite E2 in H2. now split.
    + rewrite E, Rmult_0_l in H1, H2. now split.
  - intros H c Hc. apply (least_on_support n d X y npos); [|exact Hc]. intros i Hi.
    destruct (A H i Hi) as [[E1 E2]|E]; [unfold hadamard; rewrite E1; ring|rewrite E; ring].
Qed.

(** * Minimisers on a set of independent columns *)

Theorem constrained_minimiser S : linearly_independent n d X S ->
  exists b, (forall i, (i < d)%nat -> ~ S i -> b i = 0) /\ (forall i, (i < d)%nat -> S i -> grad b i = 0) /\
    forall c, (forall i, (i < d)%nat -> ~ S i -> c i = 0) ->
      loss c = loss b + sq n (fit (fun i => c i - b i)) / (2 * N) /\
      ((forall i, (i < d)%nat -> S i -> grad c i = 0) \/ loss c <= loss b -> forall i, (i < d)%nat -> c i = b i).
Proof.
  intros HS. pose proof (N_pos n npos) as HN.
  destruct (least_squares_exists n d X y npos (fun i x => S i \/ x = 0)
    ltac:(intros i x Hi H; destruct (classic (S i)) as [|Hn]; [now left|right];
          destruct (Req_dec x 0) as [|Hx]; [assumption|exfalso];
          destruct (H (Rabs x / 2) ltac:(pose proof (Rabs_pos_lt x Hx); lra)) as [x' [[H1|H1] H2]]; [contradiction|];
          rewrite H1 in H2; replace (0 - x) with (- x) in H2 by ring; rewrite Rabs_Ropp in H2; pose proof (Rabs_pos_lt x Hx); lra)
    ltac:(intros i a b Hi [Ha|Ha] [Hb|Hb]; auto; right; lra) S (independent_constant n d X npos S HS)
    ltac:(intros i x Hi [H|H] Hn; [contradiction|exact H])
    ltac:(exists (fun _ => 0); intros i Hi; now right)) as [b [Hin Hmin]].
  assert (Hoff : forall i, (i < d)%nat -> ~ S i -> b i = 0) by (intros i Hi Hn; now destruct (Hin i Hi)).
  assert (Hg : forall i, (i < d)%nat -> S i -> grad b i = 0).
  { intros k Hk Sk. destruct (Req_dec (grad b k) 0) as [|Hne]; [assumption|exfalso].
    destruct (shift_loss n d X y npos b k Hk) as [m [Hm E]]. set (g := grad b k) in *.
    pose proof (Hmin (shift_coordinate b k (- g / (m + 1)))) as L.
    assert (Hfeas : forall i, (i < d)%nat -> S i \/ shift_coordinate b k (- g / (m + 1)) i = 0).
    { intros i Hi. unfold shift_coordinate. destruct (Nat.eqb_spec i k) as [->|]; [now left|now apply Hin]. }
    specialize (L Hfeas). pose proof (E (- g / (m + 1))) as E'.
    assert (Hgg : 0 < g * g) by (assert (0 <= g * g) by apply Rle_0_sqr; assert (g * g <> 0) by (intros Z; apply Rmult_integral in Z as [|]; contradiction); lra).
    assert (E2 : - g / (m + 1) * g + - g / (m + 1) * (- g / (m + 1)) * m = - (g * g) / ((m + 1) * (m + 1))) by (field; lra).
    rewrite E2 in E'. assert (0 < g * g / ((m + 1) * (m + 1))) by (apply Rdiv_lt_0_compat; [exact Hgg|apply Rmult_lt_0_compat; lra]).
    unfold Rdiv in *. lra. }
  exists b. split; [exact Hoff|]. split; [exact Hg|]. intros c Hc.
  assert (Hdot : forall a e, (forall i, (i < d)%nat -> S i -> grad a i = 0) -> (forall i, (i < d)%nat -> ~ S i -> e i = 0) -> dot d (grad a) e = 0).
  { intros a e Ha He. apply Sum_zero. intros i Hi. destruct (classic (S i)); [rewrite Ha by assumption; ring|rewrite He by assumption; ring]. }
  assert (Hdiff : forall i, (i < d)%nat -> ~ S i -> c i - b i = 0) by (intros i Hi Hn; rewrite Hc, Hoff by assumption; ring).
  assert (Eq : loss c = loss b + sq n (fit (fun i => c i - b i)) / (2 * N)).
  { pose proof (loss_quadratic n d X y npos b c) as Q. rewrite (Hdot b _ Hg Hdiff) in Q. lra. }
  split; [exact Eq|]. intros Hor.
  assert (Hsq : sq n (fit (fun i => c i - b i)) = 0).
  { pose proof (sq_nonneg n (fit (fun i => c i - b i))) as H0.
    assert (H1 : sq n (fit (fun i => c i - b i)) / (2 * N) <= 0).
    { destruct Hor as [Hgc|Hle]; [|lra].
      pose proof (loss_quadratic n d X y npos c b) as Q.
      rewrite (Hdot c (fun i => b i - c i) Hgc) in Q by (intros i Hi Hn; rewrite Hc, Hoff by assumption; ring).
      assert (0 <= sq n (fit (fun i => b i - c i)) / (2 * N)) by (apply Rmult_le_pos; [apply sq_nonneg|left; apply Rinv_0_lt_compat; lra]).
      lra. }
    apply (Rmult_le_compat_r (2 * N)) in H1; [|lra]. unfold Rdiv in H1. rewrite Rmult_assoc, Rinv_l in H1 by lra. lra. }
  intros i Hi. apply Rminus_diag_uniq. destruct (classic (S i)) as [Si|Sn]; [|now apply Hdiff].
  apply (HS (fun i => c i - b i)); auto. now apply sq_zero.
Qed.

(** * The Hessian *)

(** The second derivative of F at (u, v), as a bilinear form. *)
Definition hessian (u v p q p' q' : nat -> R) : R :=
  dot n (fit (fun i => u i * q i + v i * p i)) (fit (fun i => u i * q' i + v i * p' i)) / N
  + Sum d (fun i => grad (hadamard u v) i * (p i * q' i + q i * p' i)).

(** F along a line: the factor of t^2 / 2 is the Hessian. *)
Theorem hessian_expansion u v p q : exists c3 c4, forall t,
  F (fun i => u i + t * p i) (fun i => v i + t * q i)
  = F u v + t * Sum d (fun i => grad (hadamard u v) i * (v i * p i + u i * q i))
    + t * t / 2 * hessian u v p q p q + t * t * t * c3 + t * t * t * t * c4.
Proof.
  pose proof (N_pos n npos) as HN. set (a := fun i => u i * q i + v i * p i). set (b := fun i => p i * q i).
  exists (dot n (fit a) (fit b) / N), (sq n (fit b) / (2 * N)). intros t.
  unfold network_loss. set (g := hadamard u v).
  set (c := hadamard (fun i => u i + t * p i) (fun i => v i + t * q i)).
  replace (loss c) with (loss g + (loss c - loss g)) by ring. rewrite (loss_quadratic n d X y npos).
  assert (E : forall i, c i - g i = t * a i + t * t * b i) by (intros i; unfold c, g, a, b, hadamard; ring).
  rewrite (dot_ext d (grad g) (fun i => c i - g i) (grad g) (fun i => t * a i + t * t * b i)) by auto.
  assert (E2 : sq n (fit (fun i => c i - g i)) = t * t * sq n (fit a) + (2 * t * t * t * dot n (fit a) (fit b) + t * t * t * t * sq n (fit b))).
  { unfold sq, dot. rewrite <- !Sum_scal, <- !Sum_plus. apply Sum_ext. intros j _.
    rewrite (fit_ext d X (fun i => c i - g i) (fun i => t * a i + t * t * b i)) by auto.
    rewrite fit_plus, !fit_scal. ring. }
  rewrite E2. unfold hessian. fold a g. fold (sq n (fit a)).
  assert (E3 : dot d (grad g) (fun i => t * a i + t * t * b i) = t * Sum d (fun i => grad g i * (v i * p i + u i * q i)) + t * t * Sum d (fun i => grad g i * b i)).
  { unfold dot. rewrite <- !Sum_scal, <- Sum_plus. apply Sum_ext. intros i _. unfold a. ring. }
  assert (E4 : Sum d (fun i => grad g i * (p i * q i + q i * p i)) = 2 * Sum d (fun i => grad g i * b i)).
  { rewrite <- Sum_scal. apply Sum_ext. intros i _. unfold b. ring. }
  rewrite E3, E4. field. lra.
Qed.

Section AtCriticalPoint.
Variables (u v : nat -> R).
Hypothesis Hcrit : critical u v.
Let g := grad (hadamard u v).

(** The active coordinates: u_i or v_i is not zero. *)
Definition active (i : nat) : Prop := u i <> 0 \/ v i <> 0.

Lemma inactive i : (i < d)%nat -> g i <> 0 -> u i = 0 /\ v i = 0.
Proof. intros Hi Hg. destruct (proj1 (proj1 (critical_points u v)) Hcrit i Hi) as [H|H]; [exact H|contradiction]. Qed.

(** As many free numbers as there are coordinates with a slope: the pairs (p_i, q_i) = q_i (- sign g_i, 1). *)
Definition descending (p q : nat -> R) : Prop :=
  forall i, (i < d)%nat -> p i = - sign (g i) * q i /\ (g i = 0 -> q i = 0).

(** As many equations. *)
Definition not_descending (p q : nat -> R) : Prop := forall i, (i < d)%nat -> g i <> 0 -> p i = sign (g i) * q i.

Lemma sign_sq x : x <> 0 -> sign x * sign x = 1.
Proof. intros H. unfold sign. destruct (total_order_T 0 x) as [[G|G]|G]; lra. Qed.

Lemma sign_abs x : x * sign x = Rabs x.
Proof.
  unfold sign. destruct (total_order_T 0 x) as [[G|G]|G].
  - rewrite Rabs_pos_eq; lra.
  - rewrite <- G, Rabs_R0. ring.
  - rewrite Rabs_left; lra.
Qed.

Lemma fit_zero a j : (forall i, (i < d)%nat -> a i = 0) -> fit a j = 0.
Proof. intros H. apply Sum_zero. intros i Hi. rewrite H by exact Hi. ring. Qed.

Lemma unit_fit (w : nat -> R) k c j : (k < d)%nat -> w k = 0 -> fit (fun i => w i * (c * unit_vector k i)) j = 0.
Proof.
  intros Hk E. apply fit_zero. intros i Hi. unfold unit_vector. destruct (Nat.eqb_spec i k) as [->|]; [rewrite E; ring|ring].
Qed.

Lemma hessian_unit k a b p' q' : (k < d)%nat -> u k = 0 -> v k = 0 ->
  hessian u v (fun i => a * unit_vector k i) (fun i => b * unit_vector k i) p' q' = g k * (a * q' k + b * p' k).
Proof.
  intros Hk Eu Ev. unfold hessian.
  assert (E1 : dot n (fit (fun i => u i * (b * unit_vector k i) + v i * (a * unit_vector k i))) (fit (fun i => u i * q' i + v i * p' i)) = 0).
  { apply Sum_zero. intros j _. rewrite (fit_plus d X (fun i => u i * (b * unit_vector k i))), !unit_fit by assumption. ring. }
  rewrite E1. unfold Rdiv. rewrite Rmult_0_l, Rplus_0_l.
  pose proof (dot_single n d npos (fun i => g i * (a * q' i + b * p' i)) (unit_vector k) k Hk) as D. unfold dot in D.
  rewrite (Sum_ext d _ (fun i => g i * (a * q' i + b * p' i) * unit_vector k i)).
  - rewrite D; [unfold unit_vector; rewrite Nat.eqb_refl; ring|].
    intros i Hi. unfold unit_vector. apply Nat.eqb_neq in Hi. now rewrite Hi.
  - intros i _. fold g. ring.
Qed.

(** The splitting. Its index is the number of i with g_i <> 0, its nullity #active + 2 #{i inactive : g_i = 0}. *)
Theorem hessian_splitting : linearly_independent n d X active ->
  (* off the active set: eigenvectors (e_i, +-e_i), eigenvalues +-g_i *)
  (forall i e p' q', (i < d)%nat -> u i = 0 -> v i = 0 -> e = 1 \/ e = -1 ->
     hessian u v (unit_vector i) (fun l => e * unit_vector i l) p' q' = e * g i * (p' i + e * q' i)) /\
  (* every direction is the sum of two, orthogonal for the Hessian ... *)
  (forall p q, exists p1 q1 p2 q2, descending p1 q1 /\ not_descending p2 q2 /\
     (forall i, (i < d)%nat -> p i = p1 i + p2 i /\ q i = q1 i + q2 i) /\ hessian u v p1 q1 p2 q2 = 0) /\
  (* ... which is negative definite on the one *)
  (forall p q, descending p q -> hessian u v p q p q = - 2 * Sum d (fun i => Rabs (g i) * (q i * q i))) /\
  (* and positive on the other *)
  (forall p q, not_descending p q -> 0 <= hessian u v p q p q) /\
  (* its radical *)
  (forall p q, (forall p' q', hessian u v p q p' q' = 0) <->
     forall i, (i < d)%nat -> u i * q i + v i * p i = 0 /\ (g i <> 0 -> p i = 0 /\ q i = 0)).
Proof.
  intros HS. pose proof (N_pos n npos) as HN.
  assert (Hdesc0 : forall p q, descending p q -> forall i, (i < d)%nat -> u i * q i + v i * p i = 0).
  { intros p q H i Hi. destruct (H i Hi) as [E1 E2]. destruct (Req_dec (g i) 0) as [Z|Z].
    - rewrite (E2 Z) in E1. rewrite E1, (E2 Z). ring.
    - destruct (inactive i Hi Z) as [-> ->]. ring. }
  split; [|split; [|split; [|split]]].
  - intros i e p' q' Hi Eu Ev He.
    assert (E : hessian u v (unit_vector i) (fun l => e * unit_vector i l) p' q'
      = hessian u v (fun l => 1 * unit_vector i l) (fun l => e * unit_vector i l) p' q').
    { unfold hessian. f_equal.
      - f_equal. apply dot_ext; [|reflexivity]. intros j _. apply fit_ext. intros l _. ring.
      - apply Sum_ext. intros l _. ring. }
    rewrite E, hessian_unit by assumption. destruct He as [-> | ->]; ring.
  - intros p q.
    set (q1 := fun i => if Req_EM_T (g i) 0 then 0 else (q i - sign (g i) * p i) / 2).
    set (p1 := fun i => - sign (g i) * q1 i).
    assert (Hd : descending p1 q1).
    { intros i Hi. split; [reflexivity|]. intros Z. unfold q1. destruct (Req_EM_T (g i) 0); [reflexivity|contradiction]. }
    exists p1, q1, (fun i => p i - p1 i), (fun i => q i - q1 i). split; [exact Hd|]. split; [|split; [intros; split; ring|]].
    + intros i Hi Hg. unfold p1, q1. destruct (Req_EM_T (g i) 0); [contradiction|].
      replace (sign (g i) * (q i - (q i - sign (g i) * p i) / 2)) with ((sign (g i) * q i + sign (g i) * sign (g i) * p i) / 2) by field.
      replace (p i - - sign (g i) * ((q i - sign (g i) * p i) / 2)) with (p i + (sign (g i) * q i - sign (g i) * sign (g i) * p i) / 2) by field.
      rewrite (sign_sq _ Hg). field.
    + unfold hessian.
      assert (E : dot n (fit (fun i => u i * q1 i + v i * p1 i)) (fit (fun i => u i * (q i - q1 i) + v i * (p i - p1 i))) = 0).
      { apply Sum_zero. intros j _. rewrite fit_zero; [ring|]. now apply Hdesc0. }
      rewrite E. unfold Rdiv. rewrite Rmult_0_l, Rplus_0_l. apply Sum_zero. intros i Hi. fold g.
      destruct (Req_dec (g i) 0) as [Z|Z]; [rewrite Z; ring|]. unfold p1, q1. destruct (Req_EM_T (g i) 0) as [Z'|_]; [contradiction|].
      pose proof (sign_sq _ Z) as S2. set (s := sign (g i)) in *.
      replace (- s * ((q i - s * p i) / 2) * (q i - (q i - s * p i) / 2) + (q i - s * p i) / 2 * (p i - - s * ((q i - s * p i) / 2)))
        with ((1 - s * s) * (q i - s * p i) * p i / 2) by field. rewrite S2. field.
  - intros p q H. unfold hessian.
    assert (E : dot n (fit (fun i => u i * q i + v i * p i)) (fit (fun i => u i * q i + v i * p i)) = 0).
    { apply Sum_zero. intros j _. rewrite fit_zero; [ring|]. now apply Hdesc0. }
    rewrite E. unfold Rdiv. rewrite Rmult_0_l, Rplus_0_l, <- Sum_scal. apply Sum_ext. intros i Hi. fold g.
    destruct (H i Hi) as [-> _]. rewrite <- (sign_abs (g i)). ring.
  - intros p q H. unfold hessian. apply Rplus_le_le_0_compat.
    + apply Rmult_le_pos; [apply sq_nonneg|left; now apply Rinv_0_lt_compat].
    + apply Sum_nonneg. intros i Hi. fold g. destruct (Req_dec (g i) 0) as [Z|Z]; [rewrite Z; lra|].
      rewrite (H i Hi Z). replace (g i * (sign (g i) * q i * q i + q i * (sign (g i) * q i))) with (2 * (g i * sign (g i)) * (q i * q i)) by ring.
      rewrite sign_abs. pose proof (Rabs_pos (g i)). apply Rmult_le_pos; [lra|apply Rle_0_sqr].
  - intros p q. split.
    + intros H.
      assert (Z : forall i, (i < d)%nat -> g i <> 0 -> p i = 0 /\ q i = 0).
      { intros i Hi Hg. destruct (inactive i Hi Hg) as [Eu Ev].
        assert (Sym : forall a b, hessian u v p q a b = hessian u v a b p q).
        { intros a b. unfold hessian. f_equal; [f_equal; apply dot_comm|]. apply Sum_ext. intros; ring. }
        split.
        - pose proof (H (fun l => 0 * unit_vector i l) (fun l => 1 * unit_vector i l)) as E.
          rewrite Sym, hessian_unit in E by assumption. assert (E' : g i * p i = 0) by lra. apply Rmult_integral in E' as [|]; [contradiction|assumption].
        - pose proof (H (fun l => 1 * unit_vector i l) (fun l => 0 * unit_vector i l)) as E.
          rewrite Sym, hessian_unit in E by assumption. assert (E' : g i * q i = 0) by lra. apply Rmult_integral in E' as [|]; [contradiction|assumption]. }
      intros i Hi. split; [|now apply Z].
      assert (Hsq : sq n (fit (fun i => u i * q i + v i * p i)) = 0).
      { pose proof (H p q) as E. unfold hessian in E.
        assert (E0 : Sum d (fun i => grad (hadamard u v) i * (p i * q i + q i * p i)) = 0).
        { apply Sum_zero. intros k Hk. fold g. destruct (Req_dec (g k) 0) as [Y|Y]; [rewrite Y; ring|]. destruct (Z k Hk Y) as [-> ->]. ring. }
        rewrite E0, Rplus_0_r in E. apply Rmult_integral in E as [E|E]; [exact E|]. exfalso. now apply (Rinv_neq_0_compat N); [lra|]. }
      destruct (classic (active i)) as [Ha|Ha].
      * apply (HS (fun i => u i * q i + v i * p i)); auto.
        { intros k Hk Hn. unfold active in Hn. apply not_or_and in Hn. destruct Hn as [H1 H2].
          apply NNPP in H1, H2. rewrite H1, H2. ring. }
        { now apply sq_zero. }
      * unfold active in Ha. apply not_or_and in Ha. destruct Ha as [H1 H2]. apply NNPP in H1, H2. rewrite H1, H2. ring.
    + intros H p' q'. unfold hessian.
      assert (E : dot n (fit (fun i => u i * q i + v i * p i)) (fit (fun i => u i * q' i + v i * p' i)) = 0).
      { apply Sum_zero. intros j _. rewrite fit_zero; [ring|]. intros i Hi. now apply H. }
      rewrite E. unfold Rdiv. rewrite Rmult_0_l, Rplus_0_l. apply Sum_zero. intros i Hi. fold g.
      destruct (Req_dec (g i) 0) as [Y|Y]; [rewrite Y; ring|]. destruct (H i Hi) as [_ H2]. destruct (H2 Y) as [-> ->]. ring.
Qed.

(** No spurious minima: a critical point that is no global minimum is a strict saddle, and F falls along
    u_i = t, v_i = - t sign g_i. *)
Theorem strict_saddle : (exists c, loss c < F u v) ->
  exists i, (i < d)%nat /\ u i = 0 /\ v i = 0 /\ g i <> 0 /\
    hessian u v (unit_vector i) (fun l => - sign (g i) * unit_vector i l) (unit_vector i) (fun l => - sign (g i) * unit_vector i l)
      = - 2 * Rabs (g i) /\ - 2 * Rabs (g i) < 0 /\
    exists t0, 0 < t0 /\ forall t, 0 < t <= t0 ->
      F (fun l => u l + t * unit_vector i l) (fun l => v l - t * sign (g i) * unit_vector i l) < F u v.
Proof.
  intros [c Hc]. assert (Hex : exists i, (i < d)%nat /\ g i <> 0).
  { apply NNPP. intros Hno. unfold network_loss in Hc.
    pose proof (loss_quadratic n d X y npos (hadamard u v) c) as Q. pose proof (N_pos n npos) as HN.
    assert (Z : dot d (grad (hadamard u v)) (fun i => c i - hadamard u v i) = 0).
    { apply Sum_zero. intros i Hi. fold g. assert (E : g i = 0) by (apply NNPP; intros Hn; apply Hno; now exists i). rewrite E. ring. }
    assert (0 <= sq n (fit (fun i => c i - hadamard u v i)) / (2 * N)).
    { apply Rmult_le_pos; [apply sq_nonneg|]. left; apply Rinv_0_lt_compat; lra. }
    lra. }
  destruct Hex as [i [Hi Hg]]. destruct (inactive i Hi Hg) as [Eu Ev].
  pose proof (Rabs_pos_lt _ Hg) as Hgp.
  exists i. split; [exact Hi|]. split; [exact Eu|]. split; [exact Ev|]. split; [exact Hg|]. split; [|split; [lra|]].
  - assert (E : hessian u v (unit_vector i) (fun l => - sign (g i) * unit_vector i l) (unit_vector i) (fun l => - sign (g i) * unit_vector i l)
      = hessian u v (fun l => 1 * unit_vector i l) (fun l => - sign (g i) * unit_vector i l) (unit_vector i) (fun l => - sign (g i) * unit_vector i l)).
    { unfold hessian. f_equal.
      - f_equal. apply dot_ext; [|reflexivity]. intros j _. apply fit_ext. intros l _. ring.
      - apply Sum_ext. intros l _. ring. }
    rewrite E, hessian_unit by assumption. unfold unit_vector. rewrite Nat.eqb_refl, <- (sign_abs (g i)). ring.
  - destruct (shift_loss n d X y npos (hadamard u v) i Hi) as [m [Hm E]]. fold g in E.
    set (t0 := Rmin 1 (Rabs (g i) / (m + 1)) / 2).
    assert (Hmin : 0 < Rmin 1 (Rabs (g i) / (m + 1))) by (apply Rmin_pos; [lra|apply Rdiv_lt_0_compat; lra]).
    exists t0. split; [unfold t0; lra|]. intros t Ht.
    assert (E1 : F (fun l => u l + t * unit_vector i l) (fun l => v l - t * sign (g i) * unit_vector i l)
      = loss (shift_coordinate (hadamard u v) i (- (t * t) * sign (g i)))).
    { unfold network_loss. apply loss_of_fit. intros j _. apply fit_ext. intros l _. unfold hadamard, shift_coordinate, unit_vector.
      destruct (Nat.eqb_spec l i) as [->|]; [rewrite Eu, Ev; ring|ring]. }
    rewrite E1. unfold network_loss. pose proof (E (- (t * t) * sign (g i))) as E2.
    assert (E3 : - (t * t) * sign (g i) * g i + - (t * t) * sign (g i) * (- (t * t) * sign (g i)) * m = t * t * (t * t * m - Rabs (g i))).
    { rewrite <- (sign_abs (g i)).
      replace (- (t * t) * sign (g i) * (- (t * t) * sign (g i)) * m) with (t * t * (t * t) * m * (sign (g i) * sign (g i))) by ring.
      rewrite (sign_sq _ Hg). ring. }
    rewrite E3 in E2.
    assert (Htt : 0 < t * t) by (apply Rmult_lt_0_compat; lra).
    assert (Htm : t * t * m < Rabs (g i)).
    { pose proof (Rmin_l 1 (Rabs (g i) / (m + 1))) as R1. pose proof (Rmin_r 1 (Rabs (g i) / (m + 1))) as R2. unfold t0 in Ht.
      assert (t * t <= t) by nra. assert (Hlt : t < Rabs (g i) / (m + 1)) by lra.
      apply (Rmult_lt_compat_r (m + 1)) in Hlt; [|lra]. replace (Rabs (g i) / (m + 1) * (m + 1)) with (Rabs (g i)) in Hlt by (field; lra). nra. }
    nra.
Qed.

End AtCriticalPoint.
End CriticalPoints.
