(** J21, section 3: the escape of deep linear networks from the origin.

    The loss's leading form at the origin is H(theta) = tr(G' W_(L-1) ... W_0), G the cost's gradient at 0. Proved, for
    s a bound of the operator norm of G and every depth L >= 2: -H <= s (|theta|^2 / L)^(L/2) ([escape_bound]); when
    s is attained along one direction v only, equality holds exactly where every W_l has rank one and the layers are
    aligned from v on ([escape_equality]); the rays of such points are flows of the leading form, with
    rho' = s L^(1 - L/2) rho^(L - 1) ([escape_ray]), no other point of the same norm escapes faster ([escape_speed]), and
    the ray blows up in time for L >= 3 ([escape_time]); for quadratic costs the origin is flat to order L - 1, never a
    local minimum, and a strict saddle for L = 2 only ([origin]). *)

From Coq Require Import Reals Lra Lia Arith.
From Coquelicot Require Import Coquelicot.
From Saddle Require Import Base DeepLinear.
Open Scope R_scope.

(** * Norms of matrices *)

Definition apply_to (m : nat) (M : matrix) (v : nat -> R) (a : nat) : R := Sum m (fun b => M a b * v b).
Definition frobenius (p m : nat) (M : matrix) : R := Sum p (fun a => Sum m (fun b => M a b * M a b)).

Lemma frobenius_nonneg p m M : 0 <= frobenius p m M.
Proof. apply Sum_nonneg. intros a _. apply Sum_nonneg. intros b _. apply Rle_0_sqr. Qed.

Lemma apply_bound p m M v : sq p (apply_to m M v) <= frobenius p m M * sq m v.
Proof.
  unfold sq at 1, dot, frobenius. rewrite <- Sum_scal_r. apply Sum_le. intros a _.
  exact (cauchy_schwarz_sq m (fun b => M a b) v).
Qed.

(** Equality in Cauchy-Schwarz. *)
Lemma cauchy_schwarz_equality m (f v : nat -> R) : sq m v <> 0 -> dot m f v * dot m f v = sq m f * sq m v ->
  forall b, (b < m)%nat -> f b = dot m f v / sq m v * v b.
Proof.
  intros Hv E b Hb. set (t := dot m f v / sq m v).
  assert (Z : sq m (fun b => f b - t * v b) = 0).
  { assert (X : sq m (fun b => f b - t * v b) = sq m f - 2 * t * dot m f v + t * t * sq m v).
    { unfold sq, dot. rewrite <- !Sum_scal, <- Sum_minus, <- Sum_plus. apply Sum_ext. intros; ring. }
    rewrite X. unfold t. apply (Rmult_eq_reg_r (sq m v)); [|exact Hv].
    replace ((sq m f - 2 * (dot m f v / sq m v) * dot m f v + dot m f v / sq m v * (dot m f v / sq m v) * sq m v) * sq m v)
      with (sq m f * sq m v - dot m f v * dot m f v) by (field; exact Hv). lra. }
  pose proof (Sum_term m (fun b => (f b - t * v b) * (f b - t * v b)) b ltac:(intros; apply Rle_0_sqr) Hb) as T. cbv beta in T.
  change (Sum m (fun b => (f b - t * v b) * (f b - t * v b))) with (sq m (fun b => f b - t * v b)) in T. rewrite Z in T.
  pose proof (Rle_0_sqr (f b - t * v b)) as S. unfold Rsqr in S.
  assert (Q : (f b - t * v b) * (f b - t * v b) = 0) by lra. apply Rmult_integral in Q as [Q|Q]; lra.
Qed.

Lemma Sum_zero_terms p f : (forall i, (i < p)%nat -> 0 <= f i) -> Sum p f = 0 -> forall i, (i < p)%nat -> f i = 0.
Proof. intros H E i Hi. pose proof (Sum_term p f i H Hi). pose proof (H i Hi). lra. Qed.

Lemma apply_equality p m M v : sq m v <> 0 -> sq p (apply_to m M v) = frobenius p m M * sq m v ->
  forall a b, (a < p)%nat -> (b < m)%nat -> M a b = apply_to m M v a / sq m v * v b.
Proof.
  intros Hv E a b Ha Hb. apply (cauchy_schwarz_equality m (fun b => M a b) v Hv); [|exact Hb].
  assert (D : Sum p (fun a => sq m (fun b => M a b) * sq m v - apply_to m M v a * apply_to m M v a) = 0).
  { rewrite Sum_minus, Sum_scal_r. change (Sum p (fun i => sq m (fun b => M i b))) with (frobenius p m M).
    change (Sum p (fun i => apply_to m M v i * apply_to m M v i)) with (sq p (apply_to m M v)). lra. }
  assert (NN : forall a, (a < p)%nat -> 0 <= sq m (fun b => M a b) * sq m v - apply_to m M v a * apply_to m M v a).
  { intros a' _. change (apply_to m M v a') with (dot m (fun b => M a' b) v). pose proof (cauchy_schwarz_sq m (fun b => M a' b) v). lra. }
  pose proof (Sum_zero_terms p _ NN D a Ha) as Z. cbv beta in Z.
  change (apply_to m M v a) with (dot m (fun b => M a b) v) in Z. lra.
Qed.

Lemma frobenius_product p m q A B : frobenius p q (product m A B) <= frobenius p m A * frobenius m q B.
Proof.
  unfold frobenius at 1. rewrite Sum_swap.
  apply Rle_trans with (Sum q (fun b => frobenius p m A * sq m (fun k => B k b))).
  - apply Sum_le. intros b _. exact (apply_bound p m A (fun k => B k b)).
  - rewrite Sum_scal. apply Rmult_le_compat_l; [apply frobenius_nonneg|]. right. unfold frobenius, sq, dot. apply Sum_swap.
Qed.

(** Cauchy-Schwarz for matrices. *)
Lemma cauchy_schwarz_matrix p m A B :
  Sum p (fun a => Sum m (fun i => A a i * B a i)) * Sum p (fun a => Sum m (fun i => A a i * B a i)) <= frobenius p m A * frobenius p m B.
Proof.
  set (x := Sum p (fun a => Sum m (fun i => A a i * B a i))).
  set (f := fun a => nrm m (fun i => A a i)). set (g := fun a => nrm m (fun i => B a i)).
  assert (H : Rabs x <= dot p f g).
  { eapply Rle_trans; [apply Sum_abs|]. apply Sum_le. intros a _. exact (cauchy_schwarz m (fun i => A a i) (fun i => B a i)). }
  assert (F : sq p f = frobenius p m A) by (apply Sum_ext; intros a _; exact (nrm_sq m (fun i => A a i))).
  assert (Gq : sq p g = frobenius p m B) by (apply Sum_ext; intros a _; exact (nrm_sq m (fun i => B a i))).
  pose proof (cauchy_schwarz_sq p f g) as C. rewrite F, Gq in C.
  replace (x * x) with (Rabs x * Rabs x) by (rewrite <- Rabs_mult; apply Rabs_pos_eq, Rle_0_sqr).
  pose proof (Rabs_pos x). nra.
Qed.

(** * Arithmetic and geometric mean *)

Fixpoint Prod (m : nat) (f : nat -> R) : R := match m with O => 1 | S k => Prod k f * f k end.

Lemma Prod_nonneg m f : (forall l, (l < m)%nat -> 0 <= f l) -> 0 <= Prod m f.
Proof. induction m as [|m IH]; simpl; intros H; [lra|]. apply Rmult_le_pos; [apply IH; auto|apply H; lia]. Qed.

Lemma Prod_le_exp m f A : 0 < A -> (forall l, (l < m)%nat -> 0 <= f l) ->
  Prod m f <= A ^ m * exp (Sum m (fun l => f l / A - 1)).
Proof.
  intros HA. induction m as [|m IH]; simpl; intros H; [rewrite exp_0; lra|].
  rewrite exp_plus. pose proof (exp_ge_1_plus (f m / A - 1)) as E.
  assert (Hfm : f m <= A * exp (f m / A - 1)).
  { apply Rle_trans with (A * (f m / A)); [right; field; lra|]. apply Rmult_le_compat_l; lra. }
  replace (A * A ^ m * (exp (Sum m (fun l => f l / A - 1)) * exp (f m / A - 1)))
    with (A ^ m * exp (Sum m (fun l => f l / A - 1)) * (A * exp (f m / A - 1))) by ring.
  apply Rmult_le_compat; [apply Prod_nonneg; auto|apply H; lia|apply IH; auto|exact Hfm].
Qed.

Theorem am_gm m f : (0 < m)%nat -> (forall l, (l < m)%nat -> 0 <= f l) ->
  Prod m f <= (Sum m f / INR m) ^ m /\
  (Prod m f = (Sum m f / INR m) ^ m -> forall l, (l < m)%nat -> f l = Sum m f / INR m).
Proof.
  intros Hm Hf. assert (HN : 0 < INR m) by now apply lt_0_INR. set (A := Sum m f / INR m).
  assert (HA : 0 <= A).
  { unfold A, Rdiv. apply Rmult_le_pos; [now apply Sum_nonneg|left; now apply Rinv_0_lt_compat]. }
  assert (ES : Sum m f = A * INR m) by (unfold A; field; lra).
  destruct HA as [HA|HA].
  - assert (E0 : Sum m (fun l => f l / A - 1) = 0).
    { rewrite Sum_minus, Sum_const. unfold Rdiv. rewrite Sum_scal_r, ES. field. lra. }
    split.
    + pose proof (Prod_le_exp m f A HA Hf) as H. rewrite E0, exp_0, Rmult_1_r in H. exact H.
    + intros E k Hk. destruct (Req_dec (f k) A) as [|Hne]; [assumption|exfalso].
      (* one factor is strictly below its bound *)
      assert (K : forall q, (q <= m)%nat -> Prod q f <= A ^ q * exp (Sum q (fun l => f l / A - 1)) /\
        ((k < q)%nat -> (forall l, (l < q)%nat -> 0 < f l) -> Prod q f < A ^ q * exp (Sum q (fun l => f l / A - 1)))).
      { induction q as [|q IH]; intros Hq; [split; [simpl; rewrite exp_0; lra|lia]|].
        split; [apply Prod_le_exp; [exact HA|intros; apply Hf; lia]|]. intros Hkq Hpos. simpl. rewrite exp_plus.
        replace (A * A ^ q * (exp (Sum q (fun l => f l / A - 1)) * exp (f q / A - 1)))
          with (A ^ q * exp (Sum q (fun l => f l / A - 1)) * (A * exp (f q / A - 1))) by ring.
        assert (P0 : 0 < Prod q f).
        { clear - Hpos. induction q as [|q IH]; simpl; [lra|]. apply Rmult_lt_0_compat; [apply IH; intros; apply Hpos; lia|apply Hpos; lia]. }
        destruct (IH ltac:(lia)) as [I1 I2].
        assert (Hq1 : f q <= A * exp (f q / A - 1)).
        { apply Rle_trans with (A * (f q / A)); [right; field; lra|]. apply Rmult_le_compat_l; [lra|].
          pose proof (exp_ge_1_plus (f q / A - 1)). lra. }
        assert (Hfq : 0 < f q) by (apply Hpos; lia).
        destruct (Nat.eq_dec k q) as [->|Hkq'].
        - assert (Hq2 : f q < A * exp (f q / A - 1)).
          { apply Rle_lt_trans with (A * (f q / A)); [right; field; lra|]. apply Rmult_lt_compat_l; [lra|].
            assert (Hz : f q / A - 1 <> 0).
            { intros Z. apply Hne. apply (Rmult_eq_reg_r (/ A)); [|apply Rinv_neq_0_compat; lra]. rewrite Rinv_r by lra. unfold Rdiv in Z. lra. }
            pose proof (exp_ineq1 _ Hz). lra. }
          apply Rle_lt_trans with (A ^ q * exp (Sum q (fun l => f l / A - 1)) * f q); [apply Rmult_le_compat_r; lra|].
          apply Rmult_lt_compat_l; [lra|exact Hq2].
        - specialize (I2 ltac:(lia) ltac:(intros; apply Hpos; lia)).
          apply Rlt_le_trans with (A ^ q * exp (Sum q (fun l => f l / A - 1)) * f q); [apply Rmult_lt_compat_r; lra|].
          apply Rmult_le_compat_l; [|exact Hq1]. lra. }
      assert (Hpos : forall l, (l < m)%nat -> 0 < f l).
      { intros l Hl. destruct (Hf l Hl) as [|Z]; [assumption|exfalso].
        assert (P : Prod m f = 0).
        { clear - Hl Z. induction m as [|q IH]; [lia|]. simpl. destruct (Nat.eq_dec l q) as [->|]; [rewrite <- Z; ring|]. rewrite IH by lia. ring. }
        rewrite P in E. pose proof (pow_lt A m HA). lra. }
      destruct (K m (le_n m)) as [_ K2]. specialize (K2 Hk Hpos). rewrite E0, exp_0, Rmult_1_r in K2. lra.
  - assert (Z : forall l, (l < m)%nat -> f l = 0) by (apply (Sum_zero_terms m f Hf); rewrite ES, <- HA; ring).
    assert (P : Prod m f = 0).
    { destruct m as [|q]; [lia|]. simpl. rewrite (Z q) by lia. ring. }
    split; [rewrite P, <- HA; right; rewrite pow_i by exact Hm; reflexivity|]. intros _ l Hl. rewrite <- HA. now apply Z.
Qed.

(** * The leading form *)

Section Escape.
Variables (L : nat) (width : nat -> nat) (G : matrix) (s : R).
Hypothesis L2 : (2 <= L)%nat.
Hypothesis s_nonneg : 0 <= s.
(** s bounds the operator norm of G. *)
Hypothesis G_bound : forall v, sq (width L) (apply_to (width 0%nat) G v) <= s * s * sq (width 0%nat) v.

Notation net := (network L width).
Notation below := (below width).

(** H(theta) = tr(G' A), |theta|^2, and (|theta|^2 / L)^(1/2). *)
Definition leading_form (W : nat -> matrix) : R := Sum (width L) (fun a => Sum (width 0%nat) (fun b => G a b * net W a b)).
Definition layer_norm2 (W : nat -> matrix) (l : nat) : R := frobenius (width (S l)) (width l) (W l).
Definition theta_norm2 (W : nat -> matrix) : R := Sum L (layer_norm2 W).
Definition scale (W : nat -> matrix) : R := sqrt (theta_norm2 W / INR L).

Lemma theta_norm2_nonneg W : 0 <= theta_norm2 W.
Proof. apply Sum_nonneg. intros l _. apply frobenius_nonneg. Qed.

Lemma L_pos : 0 < INR L.
Proof. apply lt_0_INR. lia. Qed.

Lemma scale_sq W : scale W * scale W = theta_norm2 W / INR L.
Proof.
  apply sqrt_sqrt. unfold Rdiv. apply Rmult_le_pos; [apply theta_norm2_nonneg|left; apply Rinv_0_lt_compat, L_pos].
Qed.

Lemma scale_pow W m : scale W ^ m * scale W ^ m = (theta_norm2 W / INR L) ^ m.
Proof. now rewrite <- Rpow_mult_distr, scale_sq. Qed.

Lemma frobenius_below W q : (1 <= q)%nat -> frobenius (width q) (width 0%nat) (below W q) <= Prod q (layer_norm2 W).
Proof.
  induction q as [|q IH]; intros Hq; [lia|]. destruct q as [|q].
  - simpl. rewrite Rmult_1_l. right. unfold layer_norm2, frobenius. apply Sum_ext. intros a _. apply Sum_ext. intros b Hb.
    unfold product. rewrite (Sum_identity_r (width 0%nat) b (fun k => W 0%nat a k) Hb). reflexivity.
  - change (below W (S (S q))) with (product (width (S q)) (W (S q)) (below W (S q))).
    eapply Rle_trans; [apply frobenius_product|]. simpl Prod. rewrite Rmult_comm.
    apply Rmult_le_compat_r; [apply frobenius_nonneg|]. apply IH. lia.
Qed.

(** H through the last layer. *)
Lemma leading_last W q : L = S q ->
  leading_form W = Sum (width L) (fun a => Sum (width q) (fun i => W q a i * apply_to (width 0%nat) G (fun b => below W q i b) a)).
Proof.
  intros E. unfold leading_form. apply Sum_ext. intros a _. unfold network, apply_to. rewrite E. simpl. unfold product.
  rewrite (Sum_ext (width 0%nat) _ (fun b => Sum (width q) (fun i => W q a i * (G a b * below W q i b)))).
  2: { intros b _. rewrite <- Sum_scal. apply Sum_ext. intros; ring. }
  rewrite Sum_swap. apply Sum_ext. intros i _. now rewrite Sum_scal.
Qed.

(** The chain of bounds of H^2. *)
Lemma escape_chain W q : L = S q ->
  let T := Sum (width q) (fun i => sq (width L) (apply_to (width 0%nat) G (fun b => below W q i b))) in
  leading_form W * leading_form W <= layer_norm2 W q * T /\
  T <= s * s * frobenius (width q) (width 0%nat) (below W q) /\
  frobenius (width q) (width 0%nat) (below W q) <= Prod q (layer_norm2 W).
Proof.
  intros E T. split; [|split].
  - rewrite (leading_last W q E). unfold layer_norm2. rewrite <- E.
    eapply Rle_trans; [apply (cauchy_schwarz_matrix (width L) (width q) (W q) (fun a i => apply_to (width 0%nat) G (fun b => below W q i b) a))|].
    apply Rmult_le_compat_l; [apply frobenius_nonneg|]. right. unfold frobenius, T, sq, dot. apply Sum_swap.
  - unfold T, frobenius. rewrite <- Sum_scal. apply Sum_le. intros i _. apply G_bound.
  - apply frobenius_below. lia.
Qed.

(** J21: -H <= s_1 (|theta|^2 / L)^(L/2), and the same for H. *)
Theorem escape_bound W : Rabs (leading_form W) <= s * scale W ^ L.
Proof.
  destruct L as [|q] eqn:E; [lia|]. rewrite <- E in *.
  destruct (escape_chain W q E) as [C1 [C2 C3]].
  pose proof (frobenius_nonneg (width (S q)) (width q) (W q)) as F0. fold (layer_norm2 W q) in F0.
  assert (Hss : 0 <= s * s) by apply Rle_0_sqr.
  assert (H1 : leading_form W * leading_form W <= s * s * Prod L (layer_norm2 W)).
  { eapply Rle_trans; [exact C1|]. replace (Prod L (layer_norm2 W)) with (Prod q (layer_norm2 W) * layer_norm2 W q) by (rewrite E; reflexivity).
    replace (s * s * (Prod q (layer_norm2 W) * layer_norm2 W q)) with (layer_norm2 W q * (s * s * Prod q (layer_norm2 W))) by ring.
    apply Rmult_le_compat_l; [exact F0|]. eapply Rle_trans; [exact C2|]. apply Rmult_le_compat_l; assumption. }
  destruct (am_gm L (layer_norm2 W) ltac:(lia) ltac:(intros; apply frobenius_nonneg)) as [AG _].
  apply Rsqr_incr_0_var; [|apply Rmult_le_pos; [exact s_nonneg|apply pow_le, sqrt_pos]].
  rewrite <- Rsqr_abs. unfold Rsqr.
  replace (s * scale W ^ L * (s * scale W ^ L)) with (s * s * (scale W ^ L * scale W ^ L)) by ring.
  rewrite scale_pow. eapply Rle_trans; [exact H1|]. apply Rmult_le_compat_l; [exact Hss|exact AG].
Qed.

(** * Rank-one points *)

(** W_l = c w_(l+1) w_l' for unit vectors w_l. *)
Definition aligned (c : R) (w : nat -> nat -> R) (W : nat -> matrix) : Prop :=
  (forall l, (l <= L)%nat -> sq (width l) (w l) = 1) /\
  forall l i j, (l < L)%nat -> (i < width (S l))%nat -> (j < width l)%nat -> W l i j = c * w (S l) i * w l j.

Lemma aligned_below c w W k : aligned c w W -> (k < L)%nat -> forall i b, (i < width (S k))%nat -> (b < width 0%nat)%nat ->
  below W (S k) i b = c ^ S k * w (S k) i * w 0%nat b.
Proof.
  intros [H1 H2]. induction k as [|k IH]; intros Hk i b Hi Hb.
  - simpl. unfold product. rewrite (Sum_identity_r (width 0%nat) b (fun j => W 0%nat i j) Hb), H2 by assumption. ring.
  - change (below W (S (S k)) i b) with (Sum (width (S k)) (fun j => W (S k) i j * below W (S k) j b)).
    rewrite (Sum_ext (width (S k)) _ (fun j => c ^ S (S k) * w (S (S k)) i * w 0%nat b * (w (S k) j * w (S k) j))).
    + rewrite Sum_scal. change (Sum (width (S k)) (fun j => w (S k) j * w (S k) j)) with (sq (width (S k)) (w (S k))).
      rewrite H1 by lia. ring.
    + intros j Hj. rewrite H2, IH by (lia || assumption). simpl. ring.
Qed.

Lemma aligned_above c w W k : aligned c w W -> (1 <= k <= L)%nat -> forall a j, (a < width L)%nat -> (j < width (L - k))%nat ->
  above L width W k a j = c ^ k * w L a * w (L - k)%nat j.
Proof.
  intros [H1 H2]. induction k as [|k IH]; intros Hk a j Ha Hj; [lia|].
  simpl. unfold product. set (l := (L - S k)%nat) in *. assert (El : (L - k)%nat = S l) by (unfold l; lia). rewrite El.
  destruct k as [|k].
  - simpl above. assert (EL : S l = L) by (unfold l; lia).
    rewrite EL, (Sum_identity_l (width L) a (fun i => W l i j) Ha). rewrite H2 by first [unfold l; lia | rewrite EL; assumption | assumption].
    rewrite EL. simpl. ring.
  - rewrite (Sum_ext (width (S l)) _ (fun i => c * c ^ S k * w L a * w l j * (w (S l) i * w (S l) i))).
    + rewrite Sum_scal. change (Sum (width (S l)) (fun i => w (S l) i * w (S l) i)) with (sq (width (S l)) (w (S l))).
      rewrite H1 by (unfold l; lia). ring.
    + intros i Hi. rewrite El in IH. rewrite IH by first [lia | assumption]. rewrite H2 by first [unfold l; lia | assumption]. ring.
Qed.

Lemma aligned_norm c w W : aligned c w W -> theta_norm2 W = INR L * (c * c).
Proof.
  intros [H1 H2]. unfold theta_norm2. rewrite (Sum_ext L _ (fun _ => c * c)), Sum_const; [reflexivity|].
  intros l Hl. unfold layer_norm2, frobenius.
  rewrite (Sum_ext (width (S l)) _ (fun i => c * c * (w (S l) i * w (S l) i))).
  - rewrite Sum_scal. change (Sum (width (S l)) (fun i => w (S l) i * w (S l) i)) with (sq (width (S l)) (w (S l))).
    rewrite H1 by lia. ring.
  - intros i Hi. rewrite (Sum_ext (width l) _ (fun j => c * c * (w (S l) i * w (S l) i) * (w l j * w l j))).
    + rewrite Sum_scal. change (Sum (width l) (fun j => w l j * w l j)) with (sq (width l) (w l)). rewrite H1 by lia. ring.
    + intros j Hj. rewrite H2 by assumption. ring.
Qed.

Lemma aligned_leading c w W : aligned c w W ->
  leading_form W = c ^ L * dot (width L) (apply_to (width 0%nat) G (w 0%nat)) (w L).
Proof.
  intros HA. unfold leading_form, dot, apply_to. rewrite <- Sum_scal. apply Sum_ext. intros a Ha.
  rewrite <- Sum_scal_r, <- Sum_scal. apply Sum_ext. intros b Hb. unfold network.
  pose proof (aligned_below c w W (L - 1) HA ltac:(lia) a b) as B. replace (S (L - 1)) with L in B by lia.
  rewrite B by assumption. ring.
Qed.

(** * Equality *)

(** The largest singular value of G is s and simple: it is attained along v only. *)
Definition simple_top (v : nat -> R) : Prop :=
  sq (width 0%nat) v = 1 /\
  forall z, sq (width L) (apply_to (width 0%nat) G z) = s * s * sq (width 0%nat) z ->
    forall b, (b < width 0%nat)%nat -> z b = dot (width 0%nat) v z * v b.

Lemma scale_nonneg W : 0 <= scale W.
Proof. apply sqrt_pos. Qed.

Theorem escape_equality v W : 0 < s -> simple_top v -> 0 < theta_norm2 W ->
  (- leading_form W = s * scale W ^ L <->
   exists w, aligned (scale W) w W /\ (forall b, (b < width 0%nat)%nat -> w 0%nat b = v b) /\
     forall a, (a < width L)%nat -> apply_to (width 0%nat) G v a = - s * w L a).
Proof.
  intros Hs [Hv Hsimple] Hth. pose proof L_pos as HLp. set (c := scale W).
  assert (Hc : 0 < c).
  { unfold c, scale. apply sqrt_lt_R0. apply Rdiv_lt_0_compat; assumption. }
  assert (Hcc : c * c = theta_norm2 W / INR L) by apply scale_sq.
  split.
  - intros HE. destruct L as [|q] eqn:EL; [lia|]. rewrite <- EL in *.
    destruct (escape_chain W q EL) as [B1 [B2 B3]].
    set (F := layer_norm2 W) in *. set (M := below W q) in *.
    set (T := Sum (width q) (fun i => sq (width L) (apply_to (width 0%nat) G (fun b => M i b)))) in *.
    destruct (am_gm L F ltac:(lia) ltac:(intros; apply frobenius_nonneg)) as [AG AGe].
    assert (Hss : 0 < s * s) by now apply Rmult_lt_0_compat.
    assert (EP : forall m, (theta_norm2 W / INR L) ^ m = c ^ m * c ^ m) by (intros; symmetry; apply scale_pow).
    assert (HH : leading_form W * leading_form W = s * s * (c ^ L * c ^ L)).
    { replace (leading_form W) with (- (s * c ^ L)) by lra. ring. }
    assert (HcL : 0 < c ^ L * c ^ L) by (apply Rmult_lt_0_compat; now apply pow_lt).
    (* all layers have the same norm *)
    assert (HProd : Prod L F = (Sum L F / INR L) ^ L).
    { apply Rle_antisym; [exact AG|]. change (Sum L F) with (theta_norm2 W). rewrite EP.
      apply (Rmult_le_reg_l (s * s)); [exact Hss|]. rewrite <- HH. eapply Rle_trans; [exact B1|].
      replace (Prod L F) with (Prod q F * F q) by (rewrite EL; reflexivity). replace (s * s * (Prod q F * F q)) with (F q * (s * s * Prod q F)) by ring.
      apply Rmult_le_compat_l; [apply frobenius_nonneg|]. eapply Rle_trans; [exact B2|]. apply Rmult_le_compat_l; lra. }
    assert (HF : forall l, (l < L)%nat -> F l = c * c) by (intros l Hl; rewrite Hcc; now apply (AGe HProd)).
    assert (HPq : forall m, (m <= L)%nat -> Prod m F = c ^ m * c ^ m).
    { induction m as [|m IH]; intros Hm; simpl; [ring|]. rewrite IH, HF by lia. ring. }
    (* the product of the lower layers sees v only *)
    assert (HT : T = s * s * (c ^ q * c ^ q) /\ frobenius (width q) (width 0%nat) M = c ^ q * c ^ q).
    { assert (X1 : s * s * (c ^ q * c ^ q) <= T).
      { apply (Rmult_le_reg_l (c * c)); [now apply Rmult_lt_0_compat|]. rewrite <- (HF q) by lia. eapply Rle_trans; [|exact B1].
        rewrite HH, (HF q) by lia. replace (c ^ L) with (c * c ^ q) by (rewrite EL; reflexivity). right. ring. }
      rewrite HPq in B3 by lia. assert (s * s * frobenius (width q) (width 0%nat) M <= s * s * (c ^ q * c ^ q)) by (apply Rmult_le_compat_l; lra).
      split; [lra|]. apply Rle_antisym; [exact B3|]. apply (Rmult_le_reg_l (s * s)); lra. }
    destruct HT as [HT HM].
    assert (Hrow : forall i b, (i < width q)%nat -> (b < width 0%nat)%nat -> M i b = apply_to (width 0%nat) M v i * v b).
    { intros i b Hi Hb.
      assert (D : Sum (width q) (fun i => s * s * sq (width 0%nat) (fun b => M i b) - sq (width L) (apply_to (width 0%nat) G (fun b => M i b))) = 0).
      { rewrite Sum_minus, Sum_scal. fold T. change (Sum (width q) (fun i => sq (width 0%nat) (fun b => M i b))) with (frobenius (width q) (width 0%nat) M).
        rewrite HM, HT. ring. }
      assert (NN : forall i, (i < width q)%nat -> 0 <= s * s * sq (width 0%nat) (fun b => M i b) - sq (width L) (apply_to (width 0%nat) G (fun b => M i b))).
      { intros i' _. pose proof (G_bound (fun b => M i' b)). lra. }
      pose proof (Sum_zero_terms (width q) _ NN D i Hi) as Z. cbv beta in Z.
      rewrite (Hsimple (fun b => M i b) ltac:(lra) b Hb). f_equal. unfold dot, apply_to. apply Sum_ext. intros; ring. }
    (* the images of v *)
    set (z := fun k => apply_to (width 0%nat) (below W k) v).
    assert (Hz0 : forall b, (b < width 0%nat)%nat -> z 0%nat b = v b).
    { intros b Hb. unfold z, apply_to. simpl. now apply (Sum_identity_l (width 0%nat) b v). }
    assert (HzS : forall k a, z (S k) a = apply_to (width k) (W k) (z k) a).
    { intros k a. unfold z, apply_to. simpl. unfold product.
      rewrite (Sum_ext (width 0%nat) _ (fun b => Sum (width k) (fun i => W k a i * (below W k i b * v b)))).
      2: { intros b _. rewrite <- Sum_scal_r. apply Sum_ext. intros; ring. }
      rewrite Sum_swap. apply Sum_ext. intros i _. now rewrite Sum_scal. }
    assert (Hsq0 : sq (width 0%nat) (z 0%nat) = 1).
    { rewrite <- Hv. unfold sq. apply dot_ext; exact Hz0. }
    assert (Hstep : forall k, (k < L)%nat -> sq (width (S k)) (z (S k)) <= c * c * sq (width k) (z k)).
    { intros k Hk. rewrite <- (HF k Hk). unfold F, layer_norm2.
      replace (sq (width (S k)) (z (S k))) with (sq (width (S k)) (apply_to (width k) (W k) (z k))).
      - apply apply_bound.
      - unfold sq. apply dot_ext; intros; now rewrite HzS. }
    assert (Hcp : forall k, 0 < c ^ k * c ^ k) by (intros; apply Rmult_lt_0_compat; now apply pow_lt).
    assert (Hup : forall k, (k <= L)%nat -> sq (width k) (z k) <= c ^ k * c ^ k).
    { induction k as [|k IH]; intros Hk; [simpl; lra|]. eapply Rle_trans; [apply Hstep; lia|]. simpl.
      replace (c * c ^ k * (c * c ^ k)) with (c * c * (c ^ k * c ^ k)) by ring. apply Rmult_le_compat_l; [apply Rle_0_sqr|]. apply IH. lia. }
    (* the last layer *)
    assert (Hlead : leading_form W = dot (width L) (apply_to (width 0%nat) G v) (z L)).
    { rewrite (leading_last W q EL). apply Sum_ext. intros a _. 
      replace (z L a) with (Sum (width q) (fun i => W q a i * z q i)) by (rewrite EL; symmetry; apply HzS). rewrite <- Sum_scal.
      apply Sum_ext. intros i Hi. unfold z. fold M.
      replace (apply_to (width 0%nat) G (fun b => M i b) a) with (apply_to (width 0%nat) M v i * apply_to (width 0%nat) G v a); [ring|].
      unfold apply_to at 2 3. rewrite <- Sum_scal. apply Sum_ext. intros b Hb. rewrite (Hrow i b Hi Hb). ring. }
    set (g := apply_to (width 0%nat) G v) in *.
    assert (Hg : sq (width L) g <= s * s) by (pose proof (G_bound v) as Hb; rewrite Hv, Rmult_1_r in Hb; exact Hb).
    assert (Hgz : dot (width L) g (z L) = - (s * c ^ L)) by lra.
    assert (Hcs : s * s * (c ^ L * c ^ L) <= sq (width L) g * sq (width L) (z L)).
    { pose proof (cauchy_schwarz_sq (width L) g (z L)) as C. rewrite Hgz in C. lra. }
    assert (HsqL : sq (width L) (z L) = c ^ L * c ^ L).
    { apply Rle_antisym; [apply Hup; lia|]. apply (Rmult_le_reg_l (s * s)); [exact Hss|]. eapply Rle_trans; [exact Hcs|].
      apply Rmult_le_compat_r; [apply sq_nonneg|exact Hg]. }
    assert (Hsg : sq (width L) g = s * s).
    { apply Rle_antisym; [exact Hg|]. rewrite HsqL in Hcs. apply (Rmult_le_reg_r (c ^ L * c ^ L)); [exact HcL|lra]. }
    assert (Hdown : forall j k, (j + k = L)%nat -> sq (width k) (z k) = c ^ k * c ^ k).
    { induction j as [|j IH]; intros k Ejk; [simpl in Ejk; subst k; exact HsqL|].
      apply Rle_antisym; [apply Hup; lia|]. pose proof (IH (S k) ltac:(lia)) as E1. pose proof (Hstep k ltac:(lia)) as E2. rewrite E1 in E2.
      simpl in E2. apply (Rmult_le_reg_l (c * c)); [now apply Rmult_lt_0_compat|]. lra. }
    assert (Hsqz : forall k, (k <= L)%nat -> sq (width k) (z k) = c ^ k * c ^ k) by (intros k Hk; apply (Hdown (L - k)%nat); lia).
    set (w := fun k i => z k i / c ^ k).
    assert (Hck : forall k, c ^ k <> 0) by (intros; apply pow_nonzero; lra).
    exists w. split; [split|split].
    + intros k Hk. replace (sq (width k) (w k)) with (sq (width k) (z k) * / (c ^ k * c ^ k)).
      * rewrite Hsqz by exact Hk. apply Rinv_r, Rgt_not_eq, Hcp.
      * unfold sq, dot, w. rewrite <- Sum_scal_r. apply Sum_ext. intros i _. field. apply Hck.
    + intros l i j Hl Hi Hj.
      assert (Hne : sq (width l) (z l) <> 0) by (rewrite Hsqz by lia; apply Rgt_not_eq, Hcp).
      rewrite (apply_equality (width (S l)) (width l) (W l) (z l) Hne) with (a := i) (b := j); auto.
      * rewrite <- HzS, Hsqz by lia. unfold w. simpl. field. split; first [apply Hck | lra].
      * replace (sq (width (S l)) (apply_to (width l) (W l) (z l))) with (sq (width (S l)) (z (S l))).
        -- change (frobenius (width (S l)) (width l) (W l)) with (F l). rewrite HF, !Hsqz by lia. simpl. ring.
        -- unfold sq. apply dot_ext; intros; now rewrite HzS.
    + intros b Hb. unfold w. simpl. rewrite Hz0 by exact Hb. field.
    + intros a Ha.
      assert (Z : sq (width L) (fun a => g a + s * w L a) = 0).
      { assert (X : sq (width L) (fun a => g a + s * w L a) = sq (width L) g + 2 * s / c ^ L * dot (width L) g (z L) + s * s / (c ^ L * c ^ L) * sq (width L) (z L)).
        { unfold sq, dot. rewrite <- !Sum_scal, <- !Sum_plus. apply Sum_ext. intros i _. unfold w. field. apply Hck. }
        rewrite X, Hgz, HsqL, Hsg. field. apply Hck. }
      pose proof (Sum_zero_terms (width L) (fun a => (g a + s * w L a) * (g a + s * w L a)) ltac:(intros; apply Rle_0_sqr) Z a Ha) as Q.
      cbv beta in Q. apply Rmult_integral in Q as [Q|Q]; lra.
  - intros [w [HA [Hw0 HwL]]]. rewrite (aligned_leading c w W HA).
    assert (E : dot (width L) (apply_to (width 0%nat) G (w 0%nat)) (w L) = - s).
    { unfold dot. rewrite (Sum_ext (width L) _ (fun a => - s * (w L a * w L a))).
      - rewrite Sum_scal. change (Sum (width L) (fun a => w L a * w L a)) with (sq (width L) (w L)). rewrite (proj1 HA) by lia. ring.
      - intros a Ha. replace (apply_to (width 0%nat) G (w 0%nat) a) with (apply_to (width 0%nat) G v a).
        + rewrite HwL by exact Ha. ring.
        + apply Sum_ext. intros b Hb. now rewrite Hw0. }
    rewrite E. ring.
Qed.

(** * The flow of the leading form *)

(** Euler: every layer gives the same. *)
Lemma layer_euler W l : (l < L)%nat ->
  Sum (width (S l)) (fun i => Sum (width l) (fun j => W l i j * layer_gradient L width G W l i j)) = leading_form W.
Proof.
  intros Hl. rewrite (Sum_ext (width (S l)) _ (fun i => cross L width G W (S l) i i)) by (intros; now apply lower_cross).
  unfold cross. rewrite Sum_swap. apply Sum_ext. intros a Ha. rewrite Sum_swap. apply Sum_ext. intros b _.
  rewrite (network_split L width W (L - S l)) by (lia || assumption). unfold product. replace (L - (L - S l))%nat with (S l) by lia.
  rewrite <- Sum_scal. apply Sum_ext. intros; ring.
Qed.

Lemma derivable_Sum m (f : R -> nat -> R) (df : nat -> R) T :
  (forall i, (i < m)%nat -> derivable_pt_lim (fun T => f T i) T (df i)) -> derivable_pt_lim (fun T => Sum m (f T)) T (Sum m df).
Proof.
  induction m as [|m IH]; intros H; simpl; [apply derivable_pt_lim_const|].
  apply (derivable_pt_lim_plus (fun T => Sum m (f T)) (fun T => f T m)); auto.
Qed.

(** Where W moves along -grad H: |theta|^2 has the derivative -2 L H, which is at most 2 L s (|theta|^2 / L)^(L/2):
    rho rho' <= L s (rho^2 / L)^(L/2) for rho = |theta|. *)
Theorem escape_speed (W : R -> nat -> matrix) T :
  (forall l i j, (l < L)%nat -> (i < width (S l))%nat -> (j < width l)%nat ->
     derivable_pt_lim (fun T => W T l i j) T (- layer_gradient L width G (W T) l i j)) ->
  derivable_pt_lim (fun T => theta_norm2 (W T)) T (- 2 * INR L * leading_form (W T)) /\
  - 2 * INR L * leading_form (W T) <= 2 * INR L * (s * scale (W T) ^ L).
Proof.
  intros H. pose proof L_pos as HLp. split.
  - assert (E : - 2 * INR L * leading_form (W T) = Sum L (fun l => Sum (width (S l)) (fun i => Sum (width l) (fun j =>
      - layer_gradient L width G (W T) l i j * W T l i j + W T l i j * - layer_gradient L width G (W T) l i j)))).
    { rewrite (Sum_ext L _ (fun _ => - 2 * leading_form (W T))); [rewrite Sum_const; ring|].
      intros l Hl. rewrite <- (layer_euler (W T) l Hl), <- Sum_scal. apply Sum_ext. intros i _. rewrite <- Sum_scal.
      apply Sum_ext. intros j _. ring. }
    rewrite E. unfold theta_norm2, layer_norm2, frobenius.
    apply (derivable_Sum L (fun T l => Sum (width (S l)) (fun i => Sum (width l) (fun j => W T l i j * W T l i j)))). intros l Hl.
    apply (derivable_Sum (width (S l)) (fun T i => Sum (width l) (fun j => W T l i j * W T l i j))). intros i Hi.
    apply (derivable_Sum (width l) (fun T j => W T l i j * W T l i j)). intros j Hj.
    apply (derivable_pt_lim_mult (fun T => W T l i j) (fun T => W T l i j)); apply H; assumption.
  - pose proof (escape_bound (W T)) as B. pose proof (Rle_abs (- leading_form (W T))) as A. rewrite Rabs_Ropp in A.
    assert (0 <= 2 * INR L * (s * scale (W T) ^ L + leading_form (W T))); [|lra]. apply Rmult_le_pos; lra.
Qed.

(** Along aligned points with the singular pair G w_0 = -s w_L, G' w_L = -s w_0: the ray is a flow as soon as
    c' = s c^(L - 1), that is rho' = s L^(1 - L/2) rho^(L - 1) for rho = |theta| = L^(1/2) c. *)
Theorem escape_ray (w : nat -> nat -> R) (c : R -> R) (W : R -> nat -> matrix) T :
  (forall t, aligned (c t) w (W t)) ->
  (forall a, (a < width L)%nat -> apply_to (width 0%nat) G (w 0%nat) a = - s * w L a) ->
  (forall b, (b < width 0%nat)%nat -> Sum (width L) (fun a => G a b * w L a) = - s * w 0%nat b) ->
  derivable_pt_lim c T (s * c T ^ (L - 1)) ->
  (forall l i j, (l < L)%nat -> (i < width (S l))%nat -> (j < width l)%nat ->
     derivable_pt_lim (fun T => W T l i j) T (- layer_gradient L width G (W T) l i j)) /\
  theta_norm2 (W T) = (sqrt (INR L) * c T) * (sqrt (INR L) * c T) /\
  derivable_pt_lim (fun T => sqrt (INR L) * c T) T (s * sqrt (INR L) * ((sqrt (INR L) * c T) / sqrt (INR L)) ^ (L - 1)).
Proof.
  intros HA HG0 HG Hc. pose proof L_pos as HLp. assert (Hsl : 0 < sqrt (INR L)) by now apply sqrt_lt_R0.
  split; [|split].
  - intros l i j Hl Hi Hj. pose proof (HA T) as HAT.
    assert (E : layer_gradient L width G (W T) l i j = - (s * c T ^ (L - 1)) * w (S l) i * w l j).
    { unfold layer_gradient. destruct (Nat.eq_dec (S l) L) as [El|El].
      - (* the last layer *)
        assert (Hl0 : l = S (l - 1)) by lia.
        rewrite (Sum_ext (width L) _ (fun a => identity a i * Sum (width 0%nat) (fun b => G a b * below (W T) l j b))).
        2: { intros a _. rewrite El, Nat.sub_diag. rewrite <- Sum_scal. apply Sum_ext. intros b _. simpl. ring. }
        rewrite (Sum_ext (width L) _ (fun a => Sum (width 0%nat) (fun b => G a b * below (W T) l j b) * identity a i)) by (intros; ring).
        rewrite (Sum_identity_r (width L) i (fun a => Sum (width 0%nat) (fun b => G a b * below (W T) l j b))) by now rewrite <- El.
        rewrite (Sum_ext (width 0%nat) _ (fun b => c T ^ l * w l j * (G i b * w 0%nat b))).
        + rewrite Sum_scal. change (Sum (width 0%nat) (fun b => G i b * w 0%nat b)) with (apply_to (width 0%nat) G (w 0%nat) i).
          rewrite HG0 by now rewrite <- El. rewrite <- El. replace (S l - 1)%nat with l by lia. ring.
        + intros b Hb. rewrite Hl0 at 1. rewrite (aligned_below (c T) w (W T)) by (lia || (rewrite <- Hl0; assumption) || assumption).
          rewrite <- Hl0. ring.
      - assert (Hab : forall a, (a < width L)%nat -> above L width (W T) (L - S l) a i = c T ^ (L - S l) * w L a * w (S l) i).
        { intros a Ha. rewrite (aligned_above (c T) w (W T)) by (try lia; try assumption; replace (L - (L - S l))%nat with (S l) by lia; assumption).
          now replace (L - (L - S l))%nat with (S l) by lia. }
        rewrite (Sum_ext (width L) _ (fun a => Sum (width 0%nat) (fun b => c T ^ (L - S l) * w (S l) i * below (W T) l j b * (G a b * w L a)))).
        2: { intros a Ha. apply Sum_ext. intros b _. rewrite Hab by exact Ha. ring. }
        rewrite Sum_swap.
        rewrite (Sum_ext (width 0%nat) _ (fun b => - s * c T ^ (L - S l) * w (S l) i * (below (W T) l j b * w 0%nat b))).
        2: { intros b Hb. rewrite Sum_scal, HG by exact Hb. ring. }
        rewrite Sum_scal. destruct l as [|k].
        + simpl below. rewrite (Sum_identity_l (width 0%nat) j (w 0%nat) Hj). ring.
        + rewrite (Sum_ext (width 0%nat) _ (fun b => c T ^ S k * w (S k) j * (w 0%nat b * w 0%nat b))).
          * rewrite Sum_scal. change (Sum (width 0%nat) (fun b => w 0%nat b * w 0%nat b)) with (sq (width 0%nat) (w 0%nat)).
            rewrite (proj1 HAT) by lia.
            replace (c T ^ (L - 1)) with (c T ^ (L - S (S k)) * c T ^ S k) by (rewrite <- pow_add; f_equal; lia). ring.
          * intros b Hb. rewrite (aligned_below (c T) w (W T)) by (lia || assumption). ring. }
    rewrite E. replace (- (- (s * c T ^ (L - 1)) * w (S l) i * w l j)) with (s * c T ^ (L - 1) * (w (S l) i * w l j)) by ring.
    assert (D : derivable_pt_lim (fun t => c t * (w (S l) i * w l j)) T (s * c T ^ (L - 1) * (w (S l) i * w l j))).
    { assert (D0 : derivable_pt_lim (fun t => c t * (w (S l) i * w l j)) T (s * c T ^ (L - 1) * (w (S l) i * w l j) + c T * 0)).
      { apply (derivable_pt_lim_mult c (fun _ => w (S l) i * w l j)); [exact Hc|apply derivable_pt_lim_const]. }
      now rewrite Rmult_0_r, Rplus_0_r in D0. }
    intros eps He. destruct (D eps He) as [dl H]. exists dl. intros h Hh Hd. specialize (H h Hh Hd).
    rewrite !(proj2 (HA _)) by assumption.
    replace (c (T + h) * w (S l) i * w l j - c T * w (S l) i * w l j)
      with (c (T + h) * (w (S l) i * w l j) - c T * (w (S l) i * w l j)) by ring. exact H.
  - rewrite (aligned_norm (c T) w (W T) (HA T)). rewrite <- (sqrt_sqrt (INR L)) at 1 by lra. ring.
  - replace (sqrt (INR L) * c T / sqrt (INR L)) with (c T) by (field; lra).
    replace (s * sqrt (INR L) * c T ^ (L - 1)) with (sqrt (INR L) * (s * c T ^ (L - 1))) by ring.
    now apply derivable_pt_lim_scal.
Qed.

End Escape.

(** The ray's time: c' = s c^(L - 1) with L = m + 2. For L = 2 it grows like exp(s T); for L >= 3 the clock c^(2 - L) falls
    at the constant rate (L - 2) s, so that the ray ends before 1 / ((L - 2) s c(0)^(L - 2)). *)
Theorem escape_time m s c T :
  0 < s -> 0 <= T -> (forall t, 0 <= t <= T -> 0 < c t /\ derivable_pt_lim c t (s * c t ^ (m + 1))) ->
  (m = 0%nat -> c T = c 0 * exp (s * T)) /\
  ((1 <= m)%nat -> / c T ^ m = / c 0 ^ m - INR m * s * T /\ T < / (INR m * s * c 0 ^ m)).
Proof.
  intros Hs HT Hc. split; intros Hm.
  - subst m. destruct HT as [HT|HT]; [|rewrite <- HT, Rmult_0_r, exp_0; ring].
    destruct (MVT_cor2 (fun t => c t * exp (- (s * t))) (fun t => 0) 0 T HT) as [z [E _]].
    + intros t Ht. destruct (Hc t Ht) as [_ D].
      assert (D2 : derivable_pt_lim (fun t => exp (- (s * t))) t (- s * exp (- (s * t)))).
      { apply is_derive_Reals. auto_derive; [easy|]. ring. }
      pose proof (derivable_pt_lim_mult c (fun t => exp (- (s * t))) t _ _ D D2) as D3. simpl in D3.
      replace 0 with (s * (c t * 1) * exp (- (s * t)) + c t * (- s * exp (- (s * t)))) by ring. exact D3.
    + rewrite Rmult_0_r, Ropp_0, exp_0 in E. pose proof (exp_inv (s * T)) as EI.
      replace (c T) with (c T * (exp (s * T) * exp (- (s * T)))) by (rewrite EI; ring).
      replace (c T * (exp (s * T) * exp (- (s * T)))) with (c T * exp (- (s * T)) * exp (s * T)) by ring.
      replace (c T * exp (- (s * T))) with (c 0) by lra. reflexivity.
  - assert (HmR : 0 < INR m) by (apply lt_0_INR; lia).
    assert (E : / c T ^ m = / c 0 ^ m - INR m * s * T).
    { destruct HT as [HT|HT]; [|rewrite <- HT; ring].
      destruct (MVT_cor2 (fun t => / c t ^ m) (fun t => - (INR m * s)) 0 T HT) as [z [E _]]; [|lra].
      intros t Ht. destruct (Hc t Ht) as [P D].
      assert (D2 : derivable_pt_lim (fun x => / x ^ m) (c t) (- (INR m * c t ^ pred m) / (c t ^ m * c t ^ m))).
      { apply is_derive_Reals. assert (c t ^ m <> 0) by (apply pow_nonzero; lra). auto_derive; [assumption|]. field. assumption. }
      pose proof (derivable_pt_lim_comp c (fun x => / x ^ m) t _ _ D D2) as D3. unfold comp in D3.
      replace (- (INR m * s)) with (- (INR m * c t ^ pred m) / (c t ^ m * c t ^ m) * (s * c t ^ (m + 1))); [exact D3|].
      destruct m as [|q]; [lia|]. simpl pred. rewrite (pow_add (c t) (S q) 1). simpl. field. split; [apply pow_nonzero|]; lra. }
    split; [exact E|].
    assert (PT : 0 < / c T ^ m) by (apply Rinv_0_lt_compat, pow_lt, Hc; lra).
    assert (P0 : 0 < c 0 ^ m) by (apply pow_lt, Hc; lra).
    assert (Hms : 0 < INR m * s) by now apply Rmult_lt_0_compat.
    apply (Rmult_lt_reg_l (INR m * s)); [exact Hms|]. replace (INR m * s * / (INR m * s * c 0 ^ m)) with (/ c 0 ^ m) by (field; lra). lra.
Qed.

(** * The origin *)

Lemma network_scaled L width W eps : forall a b, network L width (fun l i j => eps * W l i j) a b = eps ^ L * network L width W a b.
Proof.
  assert (K : forall k a b, below width (fun l i j => eps * W l i j) k a b = eps ^ k * below width W k a b).
  { induction k as [|k IH]; intros a b; simpl; [ring|]. unfold product.
    rewrite (Sum_ext (width k) _ (fun i => eps * eps ^ k * (W k a i * below width W k i b))).
    - apply Sum_scal.
    - intros i _. rewrite IH. ring. }
  intros a b. apply K.
Qed.

Lemma sign_entry x : x <> 0 -> exists s, (s = 1 \/ s = -1) /\ s * x = - Rabs x.
Proof.
  intros H. destruct (Rle_or_lt 0 x) as [P|P].
  - exists (-1). split; [now right|]. rewrite Rabs_pos_eq by exact P. ring.
  - exists 1. split; [now left|]. rewrite Rabs_left by exact P. ring.
Qed.

(** For a quadratic cost C(A) = C(0) + tr(G'A) + Q(A), Q(xA) = x^2 Q(A), the loss along every ray from the origin is
    C(0) + eps^L H + eps^(2L) Q: all derivatives of order below L vanish, and the leading form is H. If an entry of G is not
    zero (and no layer is empty), H takes a negative value, so that the origin is no local minimum; the second derivative
    along a ray is 2 H for L = 2 and 0 for L >= 3, so that it is a strict saddle for L = 2 only. *)
Theorem origin L width (G : matrix) (Q : matrix -> R) (C0 : R) :
  (2 <= L)%nat -> (forall l, (l <= L)%nat -> (0 < width l)%nat) ->
  (forall A B x, (forall a b, B a b = x * A a b) -> Q B = x * x * Q A) ->
  let cost := fun A : matrix => C0 + Sum (width L) (fun a => Sum (width 0%nat) (fun b => G a b * A a b)) + Q A in
  (forall W eps, cost (network L width (fun l i j => eps * W l i j))
     = C0 + eps ^ L * leading_form L width G W + eps ^ (2 * L) * Q (network L width W)) /\
  (forall W, exists c, forall eps, cost (network L width (fun l i j => eps * W l i j))
     = C0 + eps * eps / 2 * (if Nat.eqb L 2 then 2 * leading_form L width G W else 0) + eps ^ 3 * c eps) /\
  ((exists a b, (a < width L)%nat /\ (b < width 0%nat)%nat /\ G a b <> 0) ->
   exists W, leading_form L width G W < 0 /\
     exists eps0, 0 < eps0 /\ forall eps, 0 < eps <= eps0 -> cost (network L width (fun l i j => eps * W l i j)) < C0).
Proof.
  intros HL Hw HQ cost.
  assert (Exp : forall W eps, cost (network L width (fun l i j => eps * W l i j))
     = C0 + eps ^ L * leading_form L width G W + eps ^ (2 * L) * Q (network L width W)).
  { intros W eps. unfold cost. rewrite (HQ (network L width W) _ (eps ^ L)) by (intros; apply network_scaled).
    rewrite <- pow_add. replace (L + L)%nat with (2 * L)%nat by lia. f_equal. f_equal. unfold leading_form. rewrite <- Sum_scal.
    apply Sum_ext. intros a _. rewrite <- Sum_scal. apply Sum_ext. intros b _. rewrite network_scaled. ring. }
  split; [exact Exp|]. split.
  - intros W. destruct (Nat.eqb_spec L 2) as [->|Hne].
    + exists (fun eps => eps * Q (network 2 width W)). intros eps. rewrite Exp. replace (eps ^ (2 * 2)) with (eps ^ 4) by reflexivity.
      set (h := leading_form 2 width G W). set (q := Q (network 2 width W)). field.
    + exists (fun eps => eps ^ (L - 3) * leading_form L width G W + eps ^ (2 * L - 3) * Q (network L width W)). intros eps. rewrite Exp.
      replace (eps ^ L) with (eps ^ 3 * eps ^ (L - 3)) by (rewrite <- pow_add; f_equal; lia).
      replace (eps ^ (2 * L)) with (eps ^ 3 * eps ^ (2 * L - 3)) by (rewrite <- pow_add; f_equal; lia). field.
  - intros [a [b [Ha [Hb HG]]]]. destruct (sign_entry (G a b) HG) as [s [Hs Es]].
    set (w := fun l i => if Nat.eqb l 0 then identity i b else if Nat.eqb l L then s * identity i a else identity i 0%nat).
    set (W := fun l i j => w (S l) i * w l j).
    assert (Unit : forall m k, (k < m)%nat -> sq m (fun i => identity i k) = 1).
    { intros m k Hk. unfold sq, dot. rewrite (Sum_identity_r m k (fun i => identity i k) Hk). unfold identity. now rewrite Nat.eqb_refl. }
    assert (HA : aligned L width 1 w W).
    { split; [|intros; unfold W; ring]. intros l Hl. unfold w. destruct (Nat.eqb_spec l 0) as [->|H0]; [now apply Unit|].
      destruct (Nat.eqb_spec l L) as [->|H1].
      - replace (sq (width L) (fun i => s * identity i a)) with (s * s * sq (width L) (fun i => identity i a)).
        + rewrite Unit by exact Ha. destruct Hs as [-> | ->]; ring.
        + unfold sq, dot. rewrite <- Sum_scal. apply Sum_ext. intros; ring.
      - apply Unit. now apply Hw. }
    assert (Hneg : leading_form L width G W = - Rabs (G a b)).
    { rewrite (aligned_leading L width G HL 1 w W HA), pow1, Rmult_1_l. unfold w. rewrite !Nat.eqb_refl.
      destruct (Nat.eqb_spec L 0); [lia|]. simpl Nat.eqb. cbv iota.
      assert (EG : forall c, (c < width L)%nat -> apply_to (width 0%nat) G (fun i => identity i b) c = G c b).
      { intros c _. unfold apply_to. now apply (Sum_identity_r (width 0%nat) b (fun i => G c i)). }
      unfold dot. rewrite (Sum_ext (width L) _ (fun c => s * G c b * identity c a)).
      - rewrite (Sum_identity_r (width L) a (fun c => s * G c b) Ha). exact Es.
      - intros c Hc. rewrite EG by exact Hc. ring. }
    pose proof (Rabs_pos_lt _ HG) as Hpos. exists W. split; [rewrite Hneg; lra|].
    set (q := Q (network L width W)). set (e0 := Rmin 1 (Rabs (G a b) / (2 * (Rabs q + 1)))).
    assert (Hq : 0 <= Rabs q) by apply Rabs_pos.
    assert (He0 : 0 < e0) by (apply Rmin_pos; [lra|apply Rdiv_lt_0_compat; lra]).
    exists e0. split; [exact He0|]. intros eps Heps. rewrite Exp, Hneg. fold q.
    replace (eps ^ (2 * L)) with (eps ^ L * eps ^ L) by (rewrite <- pow_add; f_equal; lia).
    assert (HpL : 0 < eps ^ L) by (apply pow_lt; lra).
    assert (HeL : eps ^ L <= Rabs (G a b) / (2 * (Rabs q + 1))).
    { pose proof (Rmin_l 1 (Rabs (G a b) / (2 * (Rabs q + 1)))) as M1. pose proof (Rmin_r 1 (Rabs (G a b) / (2 * (Rabs q + 1)))) as M2.
      fold e0 in M1, M2. apply Rle_trans with eps; [|lra].
      replace L with (S (L - 1)) by lia. simpl. assert (eps ^ (L - 1) <= 1) by (rewrite <- (pow1 (L - 1)); apply pow_incr; lra).
      assert (0 < eps ^ (L - 1)) by (apply pow_lt; lra). nra. }
    assert (HqL : eps ^ L * q < Rabs (G a b)).
    { apply Rle_lt_trans with (Rabs (G a b) / (2 * (Rabs q + 1)) * (Rabs q + 1)).
      - apply Rle_trans with (eps ^ L * (Rabs q + 1)); [apply Rmult_le_compat_l; [lra|pose proof (Rle_abs q); lra]|apply Rmult_le_compat_r; lra].
      - replace (Rabs (G a b) / (2 * (Rabs q + 1)) * (Rabs q + 1)) with (Rabs (G a b) / 2) by (field; lra). lra. }
    nra.
Qed.
