(** Own theorem: PF23, Theorem 2 for every depth D >= 3 ([depth_theorem_2]).

    The network is beta = a^D - b^D (coordinatewise), with a = b = alpha at the start. In the time
    t = D (D - 2) alpha^(D - 2) T it converges to the same path as for D = 2: its link is
    f(s) = alpha^D ((1 - s)^(-p) - (1 + s)^(-p)), p = D / (D - 2), on -1 < s < 1 ([depth_to_dual]). Its flow exists for
    all data and all times ([depth_flow_exists]). *)

From Coq Require Import Reals Lra Lia Arith Classical.
From Coquelicot Require Import Coquelicot.
From Saddle Require Import Base Setting Rate Convergence Theorem2 Algorithm Links Existence Termination.
Open Scope R_scope.

(** * The link *)

(** x^(-p) for x > 0. *)
Definition inverse_power (p x : R) : R := exp (- (p * ln x)).
Definition power_link (p eps s : R) : R := eps * (inverse_power p (1 - s) - inverse_power p (1 + s)).
Definition power_slope (p eps s : R) : R := eps * (p * (inverse_power p (1 - s) / (1 - s)) + p * (inverse_power p (1 + s) / (1 + s))).
Definition power_potential (p eps s : R) : R :=
  eps / (p - 1) * (inverse_power (p - 1) (1 - s) + inverse_power (p - 1) (1 + s) - 2).
Definition unit_interval (s : R) : Prop := -1 < s < 1.

Lemma inverse_power_pos p x : 0 < inverse_power p x.
Proof. apply exp_pos. Qed.

Lemma inverse_power_mono p x z : 0 <= p -> 0 < x <= z -> inverse_power p z <= inverse_power p x.
Proof.
  intros Hp [Hx Hz]. unfold inverse_power. apply exp_mono.
  assert (ln x <= ln z) by (destruct Hz as [Hz| ->]; [left; now apply ln_increasing|lra]). nra.
Qed.

Lemma inverse_power_1 p : inverse_power p 1 = 1.
Proof. unfold inverse_power. rewrite ln_1, Rmult_0_r, Ropp_0. apply exp_0. Qed.

Lemma inverse_power_lower p x : 0 < x -> inverse_power (p - 1) x = x * inverse_power p x.
Proof.
  intros Hx. unfold inverse_power. rewrite <- (exp_ln x Hx) at 2. rewrite <- exp_plus. f_equal. ring.
Qed.

Lemma power_link_odd p eps s : power_link p eps (- s) = - power_link p eps s.
Proof. unfold power_link. replace (1 - - s) with (1 + s) by ring. replace (1 + - s) with (1 - s) by ring. ring. Qed.

Lemma power_potential_even p eps s : power_potential p eps (- s) = power_potential p eps s.
Proof. unfold power_potential. replace (1 - - s) with (1 + s) by ring. replace (1 + - s) with (1 - s) by ring. ring. Qed.

Theorem power_link_ok p kap e size : 1 < p -> 0 < kap <= 1 -> 0 < e <= 1 ->
  exists eps0, 0 < eps0 /\ forall eps, 0 < eps <= eps0 ->
    link_ok unit_interval (power_link p eps) (power_slope p eps) (power_potential p eps) kap e size.
Proof.
  intros Hp Hkap He.
  set (A := inverse_power p e). set (B := inverse_power (p - 1) (e * (p - 1))). set (C := inverse_power p (kap / 2)).
  assert (HA : 0 < A) by apply inverse_power_pos. assert (HB : 0 < B) by apply inverse_power_pos. assert (HC : 0 < C) by apply inverse_power_pos.
  exists (Rmin (Rmin 1 (e / A)) (Rmin (e * (p - 1) / B) (e / C))).
  assert (Hpos : 0 < e * (p - 1)) by (apply Rmult_lt_0_compat; lra).
  split; [repeat apply Rmin_pos; try lra; apply Rdiv_lt_0_compat; lra|].
  intros eps [Heps Hmin].
  assert (E1 : eps <= 1) by (eapply Rle_trans; [exact Hmin|]; eapply Rle_trans; [apply Rmin_l|apply Rmin_l]).
  assert (E2 : eps * A <= e).
  { apply Rle_trans with (e / A * A); [|right; field; lra]. apply Rmult_le_compat_r; [lra|].
    eapply Rle_trans; [exact Hmin|]; eapply Rle_trans; [apply Rmin_l|apply Rmin_r]. }
  assert (E3 : eps * B <= e * (p - 1)).
  { apply Rle_trans with (e * (p - 1) / B * B); [|right; field; lra]. apply Rmult_le_compat_r; [lra|].
    eapply Rle_trans; [exact Hmin|]; eapply Rle_trans; [apply Rmin_r|apply Rmin_l]. }
  assert (E4 : eps * C <= e).
  { apply Rle_trans with (e / C * C); [|right; field; lra]. apply Rmult_le_compat_r; [lra|].
    eapply Rle_trans; [exact Hmin|]; eapply Rle_trans; [apply Rmin_r|apply Rmin_r]. }
  assert (Hlow : forall s, 0 <= s -> s < 1 -> 0 <= power_link p eps s <= eps * inverse_power p (1 - s) /\
    eps * (inverse_power p (1 - s) - 1) <= power_link p eps s).
  { intros s Hs0 Hs1. unfold power_link. pose proof (inverse_power_pos p (1 + s)).
    pose proof (inverse_power_mono p (1 - s) (1 + s) ltac:(lra) ltac:(lra)).
    pose proof (inverse_power_mono p 1 (1 + s) ltac:(lra) ltac:(lra)). rewrite inverse_power_1 in *.
    split; [split; [apply Rmult_le_pos; lra|apply Rmult_le_compat_l; lra]|apply Rmult_le_compat_l; lra]. }
  assert (Hsteep : forall s, 0 <= s -> s < 1 -> (1 - s) * power_link p eps s <= e * (power_link p eps s + 1)).
  { intros s Hs0 Hs1. destruct (Hlow s Hs0 Hs1) as [[L1 L2] _].
    destruct (Rle_or_lt (1 - s) e) as [H|H]; [nra|].
    assert (inverse_power p (1 - s) <= A) by (apply inverse_power_mono; lra).
    assert (eps * inverse_power p (1 - s) <= eps * A) by (apply Rmult_le_compat_l; lra). nra. }
  split.
  - intros s [H1 H2]. split; [unfold unit_interval; lra|]. apply power_link_odd.
  - intros s [H1 H2] H. now apply Hlow.
  - intros s [H1 H2]. split.
    + apply is_derive_Reals. unfold power_link, power_slope, inverse_power. auto_derive; [lra|]. unfold Rminus. field. lra.
    + unfold power_slope. pose proof (inverse_power_pos p (1 - s)). pose proof (inverse_power_pos p (1 + s)).
      assert (0 < inverse_power p (1 - s) / (1 - s)) by (apply Rdiv_lt_0_compat; lra).
      assert (0 < inverse_power p (1 + s) / (1 + s)) by (apply Rdiv_lt_0_compat; lra).
      apply Rmult_le_pos; [lra|]. assert (0 < p * (inverse_power p (1 - s) / (1 - s))) by (apply Rmult_lt_0_compat; lra).
      assert (0 < p * (inverse_power p (1 + s) / (1 + s))) by (apply Rmult_lt_0_compat; lra). lra.
  - intros s [H1 H2].
    assert (H : derivable_pt_lim (power_potential p eps) s
      (eps / (p - 1) * ((p - 1) * (inverse_power (p - 1) (1 - s) / (1 - s)) - (p - 1) * (inverse_power (p - 1) (1 + s) / (1 + s))))).
    { apply is_derive_Reals. unfold power_potential, inverse_power. auto_derive; [lra|]. unfold Rminus. field. lra. }
    rewrite !inverse_power_lower in H by lra.
    replace (eps / (p - 1) * ((p - 1) * ((1 - s) * inverse_power p (1 - s) / (1 - s)) - (p - 1) * ((1 + s) * inverse_power p (1 + s) / (1 + s))))
      with (power_link p eps s) in H by (unfold power_link; field; lra).
    exact H.
  - assert (K : forall sg s b, unit_interval sg -> Rabs s <= 1 -> s * b = Rabs b -> 0 <= sg ->
      - ((sg - s) * (power_link p eps sg - b)) <= e * (Rabs (power_link p eps sg) + 1)).
    { intros sg s b [H1 H2] Hs Hb Hp0. destruct (Hlow sg Hp0 H2) as [[L1 _] _]. rewrite (Rabs_pos_eq (power_link p eps sg)) by exact L1.
      pose proof (Hsteep sg Hp0 H2) as H3. apply Rabs_le_between in Hs.
      replace (- ((sg - s) * (power_link p eps sg - b))) with ((s - sg) * power_link p eps sg + (sg * b - s * b)) by ring. rewrite Hb.
      assert (sg * b <= Rabs b) by (pose proof (Rle_abs b); pose proof (Rabs_pos b); nra).
      assert ((s - sg) * power_link p eps sg <= (1 - sg) * power_link p eps sg) by (apply Rmult_le_compat_r; lra). lra. }
    intros sg s b [H1 H2] Hs Hb _. destruct (Rle_or_lt 0 sg) as [H|H]; [apply K; auto; now split|].
    pose proof (K (- sg) (- s) (- b)) as K'. rewrite power_link_odd, !Rabs_Ropp in K'.
    replace (- ((sg - s) * (power_link p eps sg - b))) with (- ((- sg - - s) * (- power_link p eps sg - - b))) by ring.
    apply K'; [unfold unit_interval; lra|exact Hs|rewrite <- Hb; ring|lra].
  - intros s b [H1 H2] _.
    assert (Hpsi : 0 <= power_potential p eps s).
    { unfold power_potential. apply Rmult_le_pos; [left; apply Rdiv_lt_0_compat; lra|].
      pose proof (exp_ge_1_plus (- ((p - 1) * ln (1 - s)))) as X1. pose proof (exp_ge_1_plus (- ((p - 1) * ln (1 + s)))) as X2.
      assert (L : ln (1 - s) + ln (1 + s) <= 0).
      { rewrite <- ln_mult by lra. rewrite <- ln_1. assert (0 < (1 - s) * (1 + s)) by (apply Rmult_lt_0_compat; lra).
        destruct (Req_dec ((1 - s) * (1 + s)) 1) as [->|]; [lra|]. left. apply ln_increasing; [assumption|]. nra. }
      unfold inverse_power. assert (0 <= (p - 1) * - (ln (1 - s) + ln (1 + s))) by (apply Rmult_le_pos; lra). lra. }
    assert (s * b <= Rabs b); [|lra]. pose proof (Rle_abs b). pose proof (Rle_abs (- b)) as Q. rewrite Rabs_Ropp in Q. nra.
  - assert (K : forall s, unit_interval s -> 0 <= s -> power_potential p eps s <= e * (Rabs (power_link p eps s) + 1)).
    { intros s [H1 H2] Hs. destruct (Hlow s Hs H2) as [[L1 L2] L3]. rewrite (Rabs_pos_eq (power_link p eps s)) by exact L1.
      assert (Q1 : inverse_power (p - 1) (1 + s) <= 1).
      { eapply Rle_trans; [apply (inverse_power_mono (p - 1) 1 (1 + s)); lra|]. rewrite inverse_power_1. lra. }
      assert (Hep : 0 < eps / (p - 1)) by (apply Rdiv_lt_0_compat; lra).
      apply Rle_trans with (eps / (p - 1) * inverse_power (p - 1) (1 - s)).
      { unfold power_potential. apply Rmult_le_compat_l; lra. }
      destruct (Rle_or_lt (1 - s) (e * (p - 1))) as [H|H].
      - rewrite inverse_power_lower by lra. pose proof (inverse_power_pos p (1 - s)).
        apply Rle_trans with (e * (eps * inverse_power p (1 - s))).
        + apply Rle_trans with (eps / (p - 1) * (e * (p - 1) * inverse_power p (1 - s))).
          * apply Rmult_le_compat_l; [lra|]. apply Rmult_le_compat_r; lra.
          * right. field. lra.
        + apply Rmult_le_compat_l; lra.
      - assert (inverse_power (p - 1) (1 - s) <= B) by (apply inverse_power_mono; lra).
        apply Rle_trans with (eps / (p - 1) * B); [apply Rmult_le_compat_l; lra|].
        apply Rle_trans with e; [|nra]. apply (Rmult_le_reg_r (p - 1)); [lra|].
        replace (eps / (p - 1) * B * (p - 1)) with (eps * B) by (field; lra). exact E3. }
    intros s Hs. destruct (Rle_or_lt 0 s) as [H|H]; [now apply K|].
    pose proof (K (- s)) as K'. rewrite power_link_odd, Rabs_Ropp, power_potential_even in K'.
    apply K'; [destruct Hs; unfold unit_interval; lra|lra].
  - assert (K : forall s, 0 <= s -> s <= 1 - kap / 2 -> Rabs (power_link p eps s) <= e).
    { intros s H1 H2. destruct (Hlow s H1 ltac:(lra)) as [[L1 L2] _]. rewrite Rabs_pos_eq by exact L1.
      assert (inverse_power p (1 - s) <= C) by (apply inverse_power_mono; lra).
      assert (eps * inverse_power p (1 - s) <= eps * C) by (apply Rmult_le_compat_l; lra). lra. }
    intros s [H1 H2] Hs. destruct (Rle_or_lt 0 s) as [H|H].
    + rewrite (Rabs_pos_eq s) in Hs by exact H. now apply K.
    + rewrite (Rabs_left s) in Hs by exact H. rewrite <- (Rabs_Ropp (power_link p eps s)), <- power_link_odd. apply K; lra.
Qed.

(** * The network *)

Section Network.
Variables (n d : nat) (X : nat -> nat -> R) (y : nat -> R).
Hypothesis npos : (0 < n)%nat.
Notation fit := (fit d X).
Notation res := (res n d X y).
Notation dual := (dual n X).
Notation grad := (grad n d X y).
Notation loss := (loss n d X y).

Section OneDepth.
Variable m : nat.
Hypothesis mpos : (1 <= m)%nat.

(** Depth D = m + 2. *)
Definition depth_beta (a b : nat -> R) (i : nat) : R := a i ^ (m + 2) - b i ^ (m + 2).

(** The gradient flow of L(a^D - b^D) from a = b = alpha. *)
Record depth_flow (alpha : R) (a b : R -> nat -> R) : Prop := {
  df_a0 : forall i, (i < d)%nat -> a 0 i = alpha;
  df_b0 : forall i, (i < d)%nat -> b 0 i = alpha;
  df_a : forall i, (i < d)%nat -> C1 (fun T => a T i)
    (fun T => - (INR (m + 2) * a T i ^ (m + 1) * grad (depth_beta (a T) (b T)) i));
  df_b : forall i, (i < d)%nat -> C1 (fun T => b T i)
    (fun T => INR (m + 2) * b T i ^ (m + 1) * grad (depth_beta (a T) (b T)) i) }.

(** It is one: the partial derivative of L(a^D - b^D) by a_k; that by b_k has the other sign. *)
Lemma depth_derivative a b k : (k < d)%nat ->
  derivable_pt_lim (fun x => loss (depth_beta (update a k x) b)) (a k) (INR (m + 2) * a k ^ (m + 1) * grad (depth_beta a b) k) /\
  derivable_pt_lim (fun x => loss (depth_beta a (update b k x))) (b k) (- (INR (m + 2) * b k ^ (m + 1) * grad (depth_beta a b) k)).
Proof.
  intros Hk. destruct (shift_loss n d X y npos (depth_beta a b) k Hk) as [q [_ E]]. set (g := grad (depth_beta a b) k) in *.
  assert (K : forall (F : R -> R) (c : nat -> R) (s : R), (forall x, F x = loss (shift_coordinate (depth_beta a b) k (s * (x ^ (m + 2) - c k ^ (m + 2))))) ->
    derivable_pt_lim F (c k) (s * (INR (m + 2) * c k ^ (m + 1) * g))).
  { intros F c s HFx. set (z := c k) in *.
    assert (D : derivable_pt_lim (fun x => loss (depth_beta a b) + (s * (x ^ (m + 2) - z ^ (m + 2)) * g
      + s * (x ^ (m + 2) - z ^ (m + 2)) * (s * (x ^ (m + 2) - z ^ (m + 2))) * q)) z (s * (INR (m + 2) * z ^ (m + 1) * g))).
    { apply is_derive_Reals. auto_derive; [easy|]. replace (Init.Nat.pred (m + 2)) with (m + 1)%nat by lia. ring. }
    intros eps He. destruct (D eps He) as [dl H]. exists dl. intros h Hh Hl.
    pose proof (E (s * ((z + h) ^ (m + 2) - z ^ (m + 2)))) as E1. pose proof (E (s * (z ^ (m + 2) - z ^ (m + 2)))) as E2.
    specialize (H h Hh Hl). rewrite !HFx.
    replace (loss (shift_coordinate (depth_beta a b) k (s * ((z + h) ^ (m + 2) - z ^ (m + 2)))))
      with (loss (depth_beta a b) + (s * ((z + h) ^ (m + 2) - z ^ (m + 2)) * g
        + s * ((z + h) ^ (m + 2) - z ^ (m + 2)) * (s * ((z + h) ^ (m + 2) - z ^ (m + 2))) * q)) by lra.
    replace (loss (shift_coordinate (depth_beta a b) k (s * (z ^ (m + 2) - z ^ (m + 2)))))
      with (loss (depth_beta a b) + (s * (z ^ (m + 2) - z ^ (m + 2)) * g
        + s * (z ^ (m + 2) - z ^ (m + 2)) * (s * (z ^ (m + 2) - z ^ (m + 2))) * q)) by lra.
    exact H. }
  split.
  - replace (INR (m + 2) * a k ^ (m + 1) * g) with (1 * (INR (m + 2) * a k ^ (m + 1) * g)) by ring.
    apply (K (fun x => loss (depth_beta (update a k x) b)) a). intros x. unfold Setting.loss. f_equal. apply Sum_ext. intros j _.
    assert (F1 : fit (depth_beta (update a k x) b) j = fit (shift_coordinate (depth_beta a b) k (1 * (x ^ (m + 2) - a k ^ (m + 2)))) j).
    { apply fit_ext. intros i _. unfold depth_beta, update, shift_coordinate. destruct (Nat.eqb_spec i k) as [->|]; ring. }
    now rewrite F1.
  - replace (- (INR (m + 2) * b k ^ (m + 1) * g)) with (-1 * (INR (m + 2) * b k ^ (m + 1) * g)) by ring.
    apply (K (fun x => loss (depth_beta a (update b k x))) b). intros x. unfold Setting.loss. f_equal. apply Sum_ext. intros j _.
    assert (F1 : fit (depth_beta a (update b k x)) j = fit (shift_coordinate (depth_beta a b) k (-1 * (x ^ (m + 2) - b k ^ (m + 2)))) j).
    { apply fit_ext. intros i _. unfold depth_beta, update, shift_coordinate. destruct (Nat.eqb_spec i k) as [->|]; ring. }
    now rewrite F1.
Qed.

(** The unit of the accelerated time. *)
Definition depth_time (alpha : R) : R := INR (m + 2) * INR m * alpha ^ m.

Lemma continuity_pow (f : R -> R) k t : continuity_pt f t -> continuity_pt (fun t => f t ^ k) t.
Proof.
  intros H. apply (continuity_pt_comp f (fun x => x ^ k)); [exact H|].
  apply derivable_continuous_pt. exists (INR k * f t ^ pred k). apply derivable_pt_lim_pow.
Qed.

Lemma continuity_Sum q (f : R -> nat -> R) t : (forall i, (i < q)%nat -> continuity_pt (fun T => f T i) t) ->
  continuity_pt (fun T => Sum q (f T)) t.
Proof.
  induction q as [|q IH]; intros H; simpl.
  - apply continuity_pt_const. intros ? ?. reflexivity.
  - apply (continuity_pt_plus (fun T => Sum q (f T)) (fun T => f T q)); auto.
Qed.

Lemma continuity_times c (f : R -> R) t : continuity_pt f t -> continuity_pt (fun T => c * f T) t.
Proof.
  intros H. apply (continuity_pt_mult (fun _ => c) f); [|exact H]. apply continuity_pt_const. intros ? ?. reflexivity.
Qed.

Section OneFlow.
Variables (alpha : R) (a b : R -> nat -> R).
Hypothesis Halpha : 0 < alpha.
Hypothesis HF : depth_flow alpha a b.
Let be (T : R) : nat -> R := depth_beta (a T) (b T).

Lemma be_continuous i t : (i < d)%nat -> 0 <= t -> continuity_pt (fun T => be T i) t.
Proof.
  intros Hi Ht. unfold be, depth_beta.
  apply (continuity_pt_minus (fun T => a T i ^ (m + 2)) (fun T => b T i ^ (m + 2))); apply continuity_pow.
  - now apply (proj1 (df_a _ _ _ HF i Hi)).
  - now apply (proj1 (df_b _ _ _ HF i Hi)).
Qed.

Lemma res_continuous j t : 0 <= t -> continuity_pt (fun T => res (be T) j) t.
Proof.
  intros Ht. unfold Setting.res, Rdiv.
  apply (continuity_pt_mult (fun T => y j - fit (be T) j) (fun _ => / N n)).
  - apply (continuity_pt_minus (fun _ => y j) (fun T => fit (be T) j)).
    + apply continuity_pt_const. intros ? ?. reflexivity.
    + apply (continuity_Sum d (fun T i => X j i * be T i)). intros i Hi. apply continuity_times. now apply be_continuous.
  - apply continuity_pt_const. intros ? ?. reflexivity.
Qed.

Lemma grad_continuous i t : 0 <= t -> continuity_pt (fun T => grad (be T) i) t.
Proof.
  intros Ht. unfold Setting.grad. apply (continuity_pt_opp (fun T => dual (res (be T)) i)).
  apply (continuity_Sum n (fun T j => X j i * res (be T) j)). intros j _. apply continuity_times. now apply res_continuous.
Qed.

(** A positive solution of c' = s D c^(D - 1) g stays positive, and c^(2 - D) is then linear in the integral of g. *)
Lemma stays_positive (c h : R -> R) (s : R) :
  (forall t, 0 <= t -> continuity_pt h t) -> c 0 = alpha -> C1 c (fun T => s * (INR (m + 2) * c T ^ (m + 1) * h T)) ->
  forall T, 0 <= T -> 0 < c T.
Proof.
  intros Hh H0 Hc. destruct (C1_primitive (fun T => s * INR (m + 2) * (c T ^ m * h T))) as [P [HP0 HP]].
  { intros t Ht. apply continuity_times. apply (continuity_pt_mult (fun T => c T ^ m) h); [|now apply Hh].
    apply continuity_pow. now apply (proj1 Hc). }
  intros T HT.
  assert (E : c T * exp (- P T) = alpha).
  { rewrite (C1_constant (fun T => c T * exp (- P T)) 0 T); [| |lra|exact HT].
    - rewrite HP0, Ropp_0, exp_0, H0. ring.
    - eapply C1_ext.
      + apply (C1_mult _ _ _ _ Hc (C1_comp exp exp _ _ derivable_pt_lim_exp (C1_opp _ _ HP))).
      + reflexivity.
      + intros t _. cbv beta. rewrite (pow_add (c t) m 1). ring. }
  pose proof (exp_pos (- P T)) as He. destruct (Rle_or_lt (c T) 0) as [H|H]; [|exact H]. exfalso. nra.
Qed.

Lemma inverse_linear (c z h : R -> R) (s : R) :
  (forall t, 0 <= t -> continuity_pt h t) -> c 0 = alpha -> C1 c (fun T => s * (INR (m + 2) * c T ^ (m + 1) * h T)) ->
  z 0 = 0 -> C1 z (fun T => - h T) -> forall T, 0 <= T -> / c T ^ m = / alpha ^ m * (1 + s * (depth_time alpha * z T)).
Proof.
  intros Hh H0 Hc Hz0 Hz T HT. pose proof (stays_positive c h s Hh H0 Hc) as Hpos.
  assert (Hap : 0 < alpha ^ m) by now apply pow_lt.
  assert (Hinv : C1 (fun T => / c T ^ m) (fun T => - (INR m * c T ^ pred m) / (c T ^ m * c T ^ m) * (s * (INR (m + 2) * c T ^ (m + 1) * h T)))).
  { apply (C1_comp_on (fun x => 0 < x) (fun x => / x ^ m) (fun x => - (INR m * x ^ pred m) / (x ^ m * x ^ m))); [|exact Hpos|exact Hc].
    intros x Hx. apply is_derive_Reals. assert (x ^ m <> 0) by (apply pow_nonzero; lra). auto_derive; [assumption|]. field. assumption. }
  assert (E : / c T ^ m - s * INR m * INR (m + 2) * z T = / c 0 ^ m - s * INR m * INR (m + 2) * z 0).
  { apply (C1_constant (fun T => / c T ^ m - s * INR m * INR (m + 2) * z T) 0 T); [|lra|exact HT].
    eapply C1_ext.
    - apply (C1_minus _ _ _ _ Hinv (C1_scal (s * INR m * INR (m + 2)) _ _ Hz)).
    - reflexivity.
    - intros t Ht. cbv beta. pose proof (Hpos t ltac:(lra)) as Hct. destruct m as [|q] eqn:Eq; [lia|]. simpl pred.
      replace (c t ^ (S q + 1)) with (c t ^ S q * c t) by (rewrite (pow_add (c t) (S q) 1); ring).
      replace (c t ^ S q) with (c t * c t ^ q) by reflexivity. field. split; [apply pow_nonzero|]; lra. }
  rewrite H0, Hz0 in E. unfold depth_time. apply (Rplus_eq_reg_r (- (s * INR m * INR (m + 2) * z T))).
  replace (/ c T ^ m + - (s * INR m * INR (m + 2) * z T)) with (/ c T ^ m - s * INR m * INR (m + 2) * z T) by ring. rewrite E.
  field. lra.
Qed.

Lemma power_of (c x : R) : 0 < c -> 0 < alpha -> / c ^ m = / alpha ^ m * x ->
  0 < x /\ c ^ (m + 2) = alpha ^ (m + 2) * inverse_power (INR (m + 2) / INR m) x.
Proof.
  intros Hc Ha E. assert (Hm : 0 < INR m) by (apply lt_0_INR; lia).
  assert (Hcm : 0 < / c ^ m) by (apply Rinv_0_lt_compat; now apply pow_lt).
  assert (Ham : 0 < / alpha ^ m) by (apply Rinv_0_lt_compat; now apply pow_lt).
  assert (Hx : 0 < x) by (rewrite E in Hcm; apply (Rmult_lt_reg_l (/ alpha ^ m)); [exact Ham|lra]).
  split; [exact Hx|].
  assert (L : - (INR m * ln c) = - (INR m * ln alpha) + ln x).
  { assert (Lp : forall q, 0 < q -> ln (/ q ^ m) = - (INR m * ln q)).
    { intros q Hq. rewrite ln_Rinv by now apply pow_lt. now rewrite ln_pow. }
    rewrite <- (Lp c Hc), <- (Lp alpha Ha), E. now apply ln_mult. }
  assert (Lc : ln c = ln alpha - ln x / INR m).
  { apply (Rmult_eq_reg_l (INR m)); [|lra]. replace (INR m * (ln alpha - ln x / INR m)) with (INR m * ln alpha - ln x) by (field; lra). lra. }
  rewrite <- (exp_ln (c ^ (m + 2))) by now apply pow_lt. rewrite <- (exp_ln (alpha ^ (m + 2))) by now apply pow_lt.
  rewrite !ln_pow by assumption. unfold inverse_power. rewrite <- exp_plus. f_equal. rewrite Lc. field. lra.
Qed.

(** The flow in its dual variable. *)
Theorem depth_to_dual : exists omega,
  link_flow n d X y unit_interval (fun _ => power_link (INR (m + 2) / INR m) (alpha ^ (m + 2))) omega /\
  forall t, 0 <= t -> forall i, (i < d)%nat ->
    depth_beta (a (t / depth_time alpha)) (b (t / depth_time alpha)) i
    = link_beta n X (fun _ => power_link (INR (m + 2) / INR m) (alpha ^ (m + 2))) (omega t) i.
Proof.
  assert (Hm : 0 < INR m) by (apply lt_0_INR; lia). assert (Hm2 : 0 < INR (m + 2)) by (apply lt_0_INR; lia).
  assert (Hap : 0 < alpha ^ m) by now apply pow_lt.
  set (c := depth_time alpha). assert (Hc : 0 < c) by (unfold c, depth_time; repeat apply Rmult_lt_0_compat; assumption).
  assert (Hw : exists w : R -> nat -> R, forall j, (j < n)%nat -> w 0 j = 0 /\ C1 (fun T => w T j) (fun T => res (be T) j)).
  { assert (K : forall q, exists w : R -> nat -> R, forall j, (j < q)%nat -> w 0 j = 0 /\ C1 (fun T => w T j) (fun T => res (be T) j)).
    { induction q as [|q [w IH]]; [exists (fun _ _ => 0); intros; lia|].
      destruct (C1_primitive (fun T => res (be T) q)) as [P [HP0 HP]]; [intros; now apply res_continuous|].
      exists (fun T j => if Nat.eqb j q then P T else w T j). intros j Hj.
      destruct (Nat.eqb_spec j q) as [->|Hne]; [split; auto|]. apply IH. lia. }
    apply K. }
  destruct Hw as [w Hw].
  assert (Hz : forall i, C1 (fun T => dual (w T) i) (fun T => - grad (be T) i)).
  { intros i. eapply C1_ext.
    - apply (C1_Sum n (fun T j => X j i * w T j) (fun T j => X j i * res (be T) j)). intros j Hj. apply C1_scal. now apply Hw.
    - reflexivity.
    - intros t _. unfold Setting.grad. now rewrite Ropp_involutive. }
  assert (Hz0 : forall i, dual (w 0) i = 0).
  { intros i. apply Sum_zero. intros j Hj. destruct (Hw j Hj) as [-> _]. ring. }
  assert (Hval : forall T i, 0 <= T -> (i < d)%nat -> unit_interval (c * dual (w T) i) /\
    be T i = power_link (INR (m + 2) / INR m) (alpha ^ (m + 2)) (c * dual (w T) i)).
  { intros T i HT Hi.
    assert (Ha : C1 (fun T => a T i) (fun T => -1 * (INR (m + 2) * a T i ^ (m + 1) * grad (be T) i))).
    { apply (C1_ext _ _ _ _ (df_a _ _ _ HF i Hi)); [reflexivity|]. intros. unfold be. ring. }
    assert (Hb : C1 (fun T => b T i) (fun T => 1 * (INR (m + 2) * b T i ^ (m + 1) * grad (be T) i))).
    { apply (C1_ext _ _ _ _ (df_b _ _ _ HF i Hi)); [reflexivity|]. intros. unfold be. ring. }
    assert (Hg : forall t, 0 <= t -> continuity_pt (fun T => grad (be T) i) t) by (intros; now apply grad_continuous).
    pose proof (stays_positive (fun T => a T i) (fun T => grad (be T) i) (-1) Hg (df_a0 _ _ _ HF i Hi) Ha T HT) as Pa.
    pose proof (stays_positive (fun T => b T i) (fun T => grad (be T) i) 1 Hg (df_b0 _ _ _ HF i Hi) Hb T HT) as Pb.
    pose proof (inverse_linear (fun T => a T i) (fun T => dual (w T) i) (fun T => grad (be T) i) (-1) Hg (df_a0 _ _ _ HF i Hi) Ha (Hz0 i) (Hz i) T HT) as Ia.
    pose proof (inverse_linear (fun T => b T i) (fun T => dual (w T) i) (fun T => grad (be T) i) 1 Hg (df_b0 _ _ _ HF i Hi) Hb (Hz0 i) (Hz i) T HT) as Ib.
    fold c in Ia, Ib. cbv beta in Pa, Pb, Ia, Ib.
    destruct (power_of (a T i) _ Pa Halpha Ia) as [Xa Ea]. destruct (power_of (b T i) _ Pb Halpha Ib) as [Xb Eb].
    split; [unfold unit_interval; lra|]. unfold be, depth_beta, power_link. rewrite Ea, Eb.
    replace (1 + -1 * (c * dual (w T) i)) with (1 - c * dual (w T) i) by ring.
    replace (1 + 1 * (c * dual (w T) i)) with (1 + c * dual (w T) i) by ring. ring. }
  exists (fun t j => c * w (t / c) j).
  assert (Hic : 0 < / c) by now apply Rinv_0_lt_compat.
  assert (Htc : forall t, 0 <= t -> 0 <= t / c) by (intros; unfold Rdiv; apply Rmult_le_pos; lra).
  assert (Hdual : forall t i, dual (fun j => c * w (t / c) j) i = c * dual (w (t / c)) i) by (intros; apply dual_scal).
  assert (Hbe : forall t, 0 <= t -> forall i, (i < d)%nat -> be (t / c) i
    = link_beta n X (fun _ => power_link (INR (m + 2) / INR m) (alpha ^ (m + 2))) (fun j => c * w (t / c) j) i).
  { intros t Ht i Hi. unfold link_beta. rewrite Hdual. now apply Hval; [apply Htc|]. }
  split; [|exact Hbe]. split; [|split].
  - intros j Hj. destruct (Hw j Hj) as [_ H1]. eapply C1_ext.
    + apply C1_scal. apply (C1_time (/ c) _ _ Hic H1).
    + intros t. cbv beta. now rewrite (Rmult_comm (/ c) t).
    + intros t Ht. cbv beta. rewrite <- Rmult_assoc, Rinv_r, Rmult_1_l by lra. unfold Setting.res. f_equal. f_equal.
      apply fit_ext. intros i Hi. rewrite (Rmult_comm (/ c) t). apply (Hbe t ltac:(lra) i Hi).
  - intros j Hj. destruct (Hw j Hj) as [H0 _]. unfold Rdiv. rewrite Rmult_0_l, H0. ring.
  - intros t Ht i Hi. rewrite Hdual. now apply Hval; [apply Htc|].
Qed.

End OneFlow.

(** * Existence *)

Lemma power_link_grows p eps : 1 < p -> 0 < eps ->
  link_grows unit_interval (power_link p eps) (power_slope p eps) (power_potential p eps).
Proof.
  intros Hp Heps. destruct (power_link_ok p 1 1 0 Hp ltac:(lra) ltac:(lra)) as [eps0 [Heps0 Hok]].
  set (e := Rmin eps eps0). assert (He : 0 < e <= eps0) by (unfold e; split; [apply Rmin_pos; lra|apply Rmin_r]).
  pose proof (Hok e He) as OK.
  (* the link with eps is a multiple of the one with e *)
  assert (Sc : forall s, power_link p eps s = eps / e * power_link p e s /\ power_slope p eps s = eps / e * power_slope p e s
    /\ power_potential p eps s = eps / e * power_potential p e s).
  { intros s. assert (E : eps = eps / e * e) by (field; lra). unfold power_link, power_slope, power_potential, Rdiv.
    repeat split; rewrite E at 1; unfold Rdiv; ring. }
  assert (Hq : 0 < eps / e) by (apply Rdiv_lt_0_compat; lra).
  assert (Der : forall (F Fe : R -> R) s l, (forall s, F s = eps / e * Fe s) -> derivable_pt_lim Fe s l -> derivable_pt_lim F s (eps / e * l)).
  { intros F Fe s l HFe D. pose proof (derivable_pt_lim_scal Fe (eps / e) s l D) as D'. intros eta Heta. destruct (D' eta Heta) as [dl H].
    exists dl. intros h Hh Hd. specialize (H h Hh Hd). unfold mult_real_fct in H. now rewrite !HFe. }
  split.
  - intros s r [H1 H2] Hs. apply Rabs_le_between in Hs. unfold unit_interval. lra.
  - intros s _. apply power_link_odd.
  - intros s Hs. destruct (link_slope_ok _ _ _ _ _ _ _ OK s Hs) as [D H]. destruct (Sc s) as [_ [E _]]. rewrite E. split.
    + apply (Der _ (power_link p e)); [intros; apply Sc|exact D].
    + apply Rmult_le_pos; lra.
  - intros s r [H1 H2] Hs. unfold power_slope. apply Rmult_le_compat_l; [lra|].
    set (h := fun x => p * (inverse_power p x / x)).
    (* h(1 - s) + h(1 + s), h convex and falling, is even and grows with |s| *)
    assert (Hh : forall x, 0 < x -> h x = p * inverse_power (p + 1) x).
    { intros x Hx. unfold h, Rdiv. f_equal. replace (inverse_power p x) with (inverse_power (p + 1 - 1) x) by (f_equal; ring).
      rewrite inverse_power_lower by exact Hx. field. lra. }
    change (h (1 - s) + h (1 + s) <= h (1 - r) + h (1 + r)).
    assert (Hev : h (1 - s) + h (1 + s) = h (1 - Rabs s) + h (1 + Rabs s)).
    { destruct (Rle_or_lt 0 s) as [P|P]; [now rewrite Rabs_pos_eq|]. rewrite Rabs_left by exact P.
      replace (1 - - s) with (1 + s) by ring. replace (1 + - s) with (1 - s) by ring. ring. }
    rewrite Hev. pose proof (Rabs_pos s) as Ha. set (x := Rabs s) in *.
    destruct Hs as [Hs|Hs]; [|rewrite Hs; lra].
    set (dh := fun t => p * ((p + 1) * (inverse_power (p + 1) (1 - t) / (1 - t)) - (p + 1) * (inverse_power (p + 1) (1 + t) / (1 + t)))).
    destruct (MVT_cor2 (fun t => p * inverse_power (p + 1) (1 - t) + p * inverse_power (p + 1) (1 + t)) dh x r Hs) as [c [E Hc]].
    + intros c Hc. apply is_derive_Reals. unfold inverse_power, dh. auto_derive; [lra|]. unfold Rminus, inverse_power. field. lra.
    + rewrite !Hh by lra. assert (0 <= dh c).
      { unfold dh. apply Rmult_le_pos; [lra|]. rewrite <- Rmult_minus_distr_l. apply Rmult_le_pos; [lra|].
        pose proof (inverse_power_mono (p + 1) (1 - c) (1 + c) ltac:(lra) ltac:(lra)) as M. pose proof (inverse_power_pos (p + 1) (1 + c)).
        assert (inverse_power (p + 1) (1 + c) / (1 + c) <= inverse_power (p + 1) (1 - c) / (1 - c)); [|lra].
        unfold Rdiv. apply Rmult_le_compat; [lra|left; apply Rinv_0_lt_compat; lra|exact M|apply Rinv_le_contravar; lra]. }
      assert (0 <= dh c * (r - x)) by (apply Rmult_le_pos; lra). lra.
  - split.
    + unfold power_potential. rewrite Rminus_0_r, Rplus_0_r, inverse_power_1. ring.
    + intros s Hs. destruct (Sc s) as [E _]. rewrite E. apply (Der _ (power_potential p e)); [intros; apply Sc|].
      now apply (link_potential_ok _ _ _ _ _ _ _ OK).
  - intros c. set (q := (Rabs c + 1) / eps * (p + 1) + 2). assert (Hcp : 0 <= Rabs c) by apply Rabs_pos.
    assert (Hqp : 0 < (Rabs c + 1) / eps) by (apply Rdiv_lt_0_compat; lra).
    assert (Hq2 : 2 <= q) by (unfold q; assert (0 < (Rabs c + 1) / eps * (p + 1)) by (apply Rmult_lt_0_compat; lra); lra).
    (* x^(1 - p) = q at x = q^(1 / (1 - p)) *)
    set (x := exp (- (ln q / (p - 1)))).
    assert (Hlq : 0 < ln q) by (rewrite <- ln_1; apply ln_increasing; lra).
    assert (Hx : 0 < x < 1).
    { unfold x. split; [apply exp_pos|]. assert (0 < ln q / (p - 1)) by (apply Rdiv_lt_0_compat; lra).
      apply Rlt_le_trans with (exp 0); [apply exp_increasing; lra|rewrite exp_0; lra]. }
    assert (Ex : inverse_power (p - 1) x = q).
    { unfold inverse_power, x. rewrite ln_exp. replace (- ((p - 1) * - (ln q / (p - 1)))) with (ln q) by (field; lra). apply exp_ln. lra. }
    assert (Ep : q <= inverse_power p x).
    { rewrite <- Ex, inverse_power_lower by lra. pose proof (inverse_power_pos p x). nra. }
    exists (1 - x). split; [lra|]. split; [unfold unit_interval; lra|].
    pose proof (Rle_abs c) as Hc.
    assert (Eq : eps * (q - 1) = (Rabs c + 1) * (p + 1) + eps) by (unfold q; field; lra).
    split.
    + unfold power_link. replace (1 - (1 - x)) with x by ring.
      assert (inverse_power p (1 + (1 - x)) <= 1).
      { eapply Rle_trans; [apply (inverse_power_mono p 1 (1 + (1 - x))); lra|]. rewrite inverse_power_1. lra. }
      apply Rle_trans with (eps * (q - 1)); [|apply Rmult_le_compat_l; lra]. rewrite Eq. nra.
    + unfold power_potential. replace (1 - (1 - x)) with x by ring. rewrite Ex. pose proof (inverse_power_pos (p - 1) (1 + (1 - x))) as I0.
      assert (Hep : 0 < eps / (p - 1)) by (apply Rdiv_lt_0_compat; lra).
      apply Rlt_le_trans with (eps / (p - 1) * (q - 2)).
      * replace (eps / (p - 1) * (q - 2)) with ((Rabs c + 1) * ((p + 1) / (p - 1))) by (unfold q; field; split; lra).
        assert (1 < (p + 1) / (p - 1)).
        { apply (Rmult_lt_reg_r (p - 1)); [lra|]. replace ((p + 1) / (p - 1) * (p - 1)) with (p + 1) by (field; lra). lra. }
        nra.
      * apply Rmult_le_compat_l; lra.
Qed.

Lemma root_power alpha x : 0 < alpha -> 0 < x ->
  (alpha * inverse_power (/ INR m) x) ^ m = alpha ^ m / x /\
  (alpha * inverse_power (/ INR m) x) ^ (m + 2) = alpha ^ (m + 2) * inverse_power (INR (m + 2) / INR m) x.
Proof.
  intros Ha Hx. assert (Hm : 0 < INR m) by (apply lt_0_INR; lia).
  assert (E : forall k, inverse_power (/ INR m) x ^ k = exp (- (INR k / INR m * ln x))).
  { intros k. rewrite <- (exp_ln (inverse_power (/ INR m) x ^ k)) by (apply pow_lt, inverse_power_pos).
    rewrite ln_pow by apply inverse_power_pos. unfold inverse_power. rewrite ln_exp. f_equal. field. lra. }
  split.
  - rewrite Rpow_mult_distr, E. unfold Rdiv. f_equal. rewrite Rinv_r, Rmult_1_l, exp_Ropp, exp_ln by lra. reflexivity.
  - rewrite Rpow_mult_distr, E. reflexivity.
Qed.

(** The flow exists for all data and all times. *)
Theorem depth_flow_exists alpha : 0 < alpha -> exists a b, depth_flow alpha a b.
Proof.
  intros Ha. assert (Hm : 0 < INR m) by (apply lt_0_INR; lia). assert (Hm2 : 0 < INR (m + 2)) by (apply lt_0_INR; lia).
  set (p := INR (m + 2) / INR m).
  assert (Hp : 1 < p).
  { unfold p. apply (Rmult_lt_reg_r (INR m)); [exact Hm|]. unfold Rdiv. rewrite Rmult_assoc, Rinv_l, Rmult_1_r, Rmult_1_l by lra.
    apply lt_INR. lia. }
  destruct (algorithm_terminates n d X y npos) as [K [jump [saddle [[_ Hend] _]]]].
  destruct (link_flow_exists n d X y npos (saddle K) Hend unit_interval (fun _ => power_link p (alpha ^ (m + 2)))
    (fun _ => power_slope p (alpha ^ (m + 2))) (fun _ => power_potential p (alpha ^ (m + 2)))) as [om [Hom [Hom0 Hdom]]].
  { intros i _. apply power_link_grows; [exact Hp|now apply pow_lt]. }
  set (c := depth_time alpha). assert (Hap : 0 < alpha ^ m) by now apply pow_lt.
  assert (Hc : 0 < c) by (unfold c, depth_time; repeat apply Rmult_lt_0_compat; assumption).
  set (z := fun T i => dual (om (c * T)) i).
  set (a := fun T i => alpha * inverse_power (/ INR m) (1 - z T i)). set (b := fun T i => alpha * inverse_power (/ INR m) (1 + z T i)).
  assert (Hz1 : forall T i, 0 <= T -> (i < d)%nat -> -1 < z T i < 1).
  { intros T i HT Hi. unfold z. apply (Hdom (c * T)); [apply Rmult_le_pos; lra|exact Hi]. }
  assert (Hbeta : forall T i, 0 <= T -> (i < d)%nat -> depth_beta (a T) (b T) i = link_beta n X (fun _ => power_link p (alpha ^ (m + 2))) (om (c * T)) i).
  { intros T i HT Hi. pose proof (Hz1 T i HT Hi). unfold depth_beta, a, b, link_beta. fold (z T i).
    destruct (root_power alpha (1 - z T i) Ha ltac:(lra)) as [_ ->].
    destruct (root_power alpha (1 + z T i) Ha ltac:(lra)) as [_ ->]. unfold power_link. fold p. ring. }
  assert (Hz : forall i, C1 (fun T => z T i) (fun T => c * - grad (depth_beta (a T) (b T)) i)).
  { intros i. eapply C1_ext.
    - apply (C1_time c (fun t => dual (om t) i)); [exact Hc|].
      apply (C1_Sum n (fun t j => X j i * om t j) (fun t j => X j i * res (link_beta n X (fun _ => power_link p (alpha ^ (m + 2))) (om t)) j)).
      intros j Hj. apply C1_scal. now apply Hom.
    - reflexivity.
    - intros T HT. cbv beta. f_equal. unfold Setting.grad. rewrite Ropp_involutive. apply Sum_ext. intros j _. f_equal.
      unfold Setting.res. f_equal. f_equal. apply fit_ext. intros k Hk. symmetry. apply Hbeta; [lra|exact Hk]. }
  assert (Hz0 : forall i, z 0 i = 0).
  { intros i. unfold z. rewrite Rmult_0_r. apply Sum_zero. intros j Hj. rewrite Hom0 by exact Hj. ring. }
  assert (Hroot : forall s i, (i < d)%nat -> s = 1 \/ s = -1 ->
    C1 (fun T => alpha * inverse_power (/ INR m) (1 + s * z T i))
       (fun T => s * INR (m + 2) * (alpha * inverse_power (/ INR m) (1 + s * z T i)) ^ (m + 1) * grad (depth_beta (a T) (b T)) i)).
  { intros s i Hi Hs.
    assert (D : forall x, -1 < x < 1 -> derivable_pt_lim (fun x => alpha * inverse_power (/ INR m) (1 + s * x)) x
      (alpha * (- s / INR m * (inverse_power (/ INR m) (1 + s * x) / (1 + s * x))))).
    { intros x Hx. apply is_derive_Reals. unfold inverse_power. destruct Hs as [-> | ->].
      - auto_derive; [lra|]. field. split; lra.
      - auto_derive; [lra|]. field. split; lra. }
    eapply C1_ext.
    - apply (C1_comp_on (fun x => -1 < x < 1) (fun x => alpha * inverse_power (/ INR m) (1 + s * x))
        (fun x => alpha * (- s / INR m * (inverse_power (/ INR m) (1 + s * x) / (1 + s * x)))) (fun T => z T i) (fun T => c * - grad (depth_beta (a T) (b T)) i)
        D (fun T HT => Hz1 T i HT Hi) (Hz i)).
    - reflexivity.
    - intros T HT. cbv beta. pose proof (Hz1 T i ltac:(lra) Hi) as Hzz. set (x := 1 + s * z T i).
      assert (Hx : 0 < x) by (unfold x; destruct Hs as [-> | ->]; lra).
      destruct (root_power alpha x Ha Hx) as [E _]. set (r := inverse_power (/ INR m) x) in *.
      rewrite (pow_add (alpha * r) m 1), E. unfold c, depth_time. simpl pow at 3. field. split; lra. }
  exists a, b. split.
  - intros i Hi. unfold a. rewrite Hz0, Rminus_0_r, inverse_power_1. ring.
  - intros i Hi. unfold b. rewrite Hz0, Rplus_0_r, inverse_power_1. ring.
  - intros i Hi. eapply C1_ext; [apply (Hroot (-1) i Hi); now right| |].
    + intros T. unfold a. f_equal. f_equal. ring.
    + intros T HT. cbv beta. unfold a. replace (1 + -1 * z T i) with (1 - z T i) by ring. fold (a T i). unfold a. ring.
  - intros i Hi. eapply C1_ext; [apply (Hroot 1 i Hi); now left| |].
    + intros T. unfold b. f_equal. f_equal. ring.
    + intros T HT. cbv beta. unfold b. replace (1 + 1 * z T i) with (1 + z T i) by ring. fold (b T i). unfold b. ring.
Qed.

(** PF23, Theorem 2, at depth D = m + 2. *)
Theorem depth_theorem_2 K jump saddle :
  limit_path n d X y K jump saddle ->
  (forall k c u, (k <= K)%nat -> covers K jump k c -> jump k < u < c ->
     independent n d X (face n d X y (dwell_start n d X y jump saddle k) (saddle k) (jump k) u)) ->
  forall k c u v, (k <= K)%nat -> covers K jump k c -> (jump k < u \/ k = 0%nat /\ 0 <= u) -> u <= v -> v < c ->
    forall eps, 0 < eps -> exists alpha0, 0 < alpha0 /\
      forall alpha, 0 < alpha <= alpha0 -> forall a b, depth_flow alpha a b ->
        forall t, u <= t <= v -> forall i, (i < d)%nat ->
          Rabs (depth_beta (a (t / depth_time alpha)) (b (t / depth_time alpha)) i - saddle k i) < eps.
Proof.
  intros HP HI k c u v Hk Hcov Hu Huv Hv eps Heps. set (p := INR (m + 2) / INR m).
  assert (Hm : 0 < INR m) by (apply lt_0_INR; lia).
  assert (Hp : 1 < p).
  { unfold p. apply (Rmult_lt_reg_r (INR m)); [exact Hm|]. unfold Rdiv. rewrite Rmult_assoc, Rinv_l, Rmult_1_r, Rmult_1_l by lra.
    apply lt_INR. lia. }
  destruct (links_converge n d X y npos K jump saddle HP HI k c u v Hk Hcov Hu Huv Hv eps Heps) as [kap [e [size [Hkap [He [_ H]]]]]].
  destruct (power_link_ok p kap e size Hp Hkap He) as [eps0 [Heps0 Hok]].
  exists (Rmin 1 eps0). split; [apply Rmin_pos; lra|]. intros alpha [Ha Ha0] a b HF t Ht i Hi.
  pose proof (Rmin_l 1 eps0). pose proof (Rmin_r 1 eps0).
  assert (Hpow : 0 < alpha ^ (m + 2) <= eps0).
  { split; [now apply pow_lt|]. replace (m + 2)%nat with (S (m + 1)) by lia. simpl.
    assert (alpha ^ (m + 1) <= 1) by (rewrite <- (pow1 (m + 1)); apply pow_incr; lra).
    assert (0 < alpha ^ (m + 1)) by now apply pow_lt. nra. }
  destruct (depth_to_dual alpha a b Ha HF) as [omega [Hom E]].
  assert (Ht0 : 0 <= t).
  { destruct Hu as [Hu|[_ Hu]]; [|lra]. pose proof (path_times n d X y npos K jump saddle k (limit_path_until n d X y _ _ _ HP) Hk). lra. }
  rewrite (E t Ht0 i Hi).
  apply (H unit_interval (fun _ => power_link p (alpha ^ (m + 2))) (fun _ => power_slope p (alpha ^ (m + 2)))
    (fun _ => power_potential p (alpha ^ (m + 2)))); auto.
Qed.

End OneDepth.
End Network.
