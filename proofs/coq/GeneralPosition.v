(** PF23, Assumption 1 (general position) and what follows from it alone: Theorem 2 as it stands in the paper.

    Proved: columns whose signed versions lie on one hyperplane are independent ([general_position_independent]); so the
    faces of every path are, the minimisers of Algorithm 1 are unique ([unique_minimiser]), its output is unique
    ([algorithm_unique]), and the flow converges to it, the end being the only global minimiser of least l1 norm
    ([pf23]); the number of saddles is at most min(2^d, sum of the C(d, k) with k <= n) ([termination]). *)

From Coq Require Import Reals Lra Lia Arith List Classical.
From Coquelicot Require Import Coquelicot.
From Saddle Require Import Base Setting Rate Theorem2 Algorithm Minimisers Termination MinimumL1.
Open Scope R_scope.

(** * More vectors than dimensions are dependent *)

Lemma support_size_pos d b : (0 < support_size d b)%nat -> exists i, (i < d)%nat /\ b i <> 0.
Proof.
  induction d as [|m IH]; simpl; intros H; [lia|]. destruct (Req_EM_T (b m) 0) as [E|E].
  - destruct IH as [i [Hi Hb]]; [lia|]. exists i. split; [lia|exact Hb].
  - exists m. split; [lia|exact E].
Qed.

Definition without (k : nat) (b : nat -> R) (i : nat) : R := if Nat.eqb i k then 0 else b i.

Lemma support_size_without d b k : (support_size d b <= S (support_size d (without k b)))%nat.
Proof.
  assert (K : (support_size d b <= support_size d (without k b) + (if Nat.ltb k d then 1 else 0))%nat).
  { induction d as [|m IH]; simpl support_size; [lia|].
    replace (without k b m) with (if Nat.eqb m k then 0 else b m) by reflexivity.
    destruct (Nat.eqb_spec m k) as [->|Hne].
    - rewrite Nat.ltb_irrefl in IH. destruct (Nat.ltb_spec k (S k)); [|lia].
      destruct (Req_EM_T (b k) 0), (Req_EM_T 0 0); try lia; now contradiction n.
    - assert (E : Nat.ltb k (S m) = Nat.ltb k m).
      { destruct (Nat.ltb_spec k (S m)), (Nat.ltb_spec k m); try reflexivity; lia. }
      rewrite E. destruct (Req_EM_T (b m) 0); lia. }
  destruct (Nat.ltb k d); lia.
Qed.

Lemma dependent n : forall d X b, (n < support_size d b)%nat -> exists h,
  (forall i, (i < d)%nat -> b i = 0 -> h i = 0) /\ (exists i, (i < d)%nat /\ h i <> 0) /\
  forall j, (j < n)%nat -> fit d X h j = 0.
Proof.
  induction n as [|n IH]; intros d X b Hs.
  - destruct (support_size_pos d b Hs) as [k [Hk Hb]]. exists (unit_vector k). split; [|split; [|intros; lia]].
    + intros i Hi E. unfold unit_vector. destruct (Nat.eqb_spec i k) as [->|]; [contradiction|reflexivity].
    + exists k. split; [exact Hk|]. unfold unit_vector. rewrite Nat.eqb_refl. lra.
  - destruct (classic (exists k, (k < d)%nat /\ b k <> 0 /\ X n k <> 0)) as [[k [Hk [Hb HX]]]|Hno].
    + set (X' := fun j i => X j i - X j k * X n i / X n k).
      destruct (IH d X' (without k b)) as [h [H1 [[l [Hl Hhl]] H2]]].
      { pose proof (support_size_without d b k). lia. }
      assert (Hhk : h k = 0) by (apply H1; [exact Hk|]; unfold without; now rewrite Nat.eqb_refl).
      set (q := - fit d X h n / X n k).
      assert (E : forall j, fit d X (fun i => h i + q * unit_vector k i) j = fit d X h j + q * X j k).
      { intros j. rewrite fit_plus. f_equal. rewrite (fit_scal d X). f_equal.
        apply (fit_unit 1 d X); [lia|exact Hk]. }
      exists (fun i => h i + q * unit_vector k i). split; [|split].
      * intros i Hi Z. unfold unit_vector. destruct (Nat.eqb_spec i k) as [->|Hne]; [contradiction|].
        rewrite H1; [ring|exact Hi|]. unfold without. apply Nat.eqb_neq in Hne. now rewrite Hne.
      * exists l. split; [exact Hl|]. assert (Hne : l <> k) by (intros ->; contradiction). unfold unit_vector.
        apply Nat.eqb_neq in Hne. rewrite Hne, Rmult_0_r, Rplus_0_r. exact Hhl.
      * intros j Hj. rewrite E. destruct (Nat.eq_dec j n) as [->|Hne].
        { unfold q. field. exact HX. }
        pose proof (H2 j ltac:(lia)) as Z. rewrite <- Z. unfold q, X', fit, Rdiv.
        rewrite (Sum_ext d (fun i => (X j i - X j k * X n i * / X n k) * h i)
          (fun i => X j i * h i - (X j k * / X n k) * (X n i * h i))) by (intros; ring).
        rewrite Sum_minus, Sum_scal. ring.
    + destruct (IH d X b ltac:(lia)) as [h [H1 [H2 H3]]]. exists h. split; [exact H1|]. split; [exact H2|].
      intros j Hj. destruct (Nat.eq_dec j n) as [->|Hne]; [|apply H3; lia]. apply Sum_zero. intros i Hi.
      destruct (Req_dec (b i) 0) as [E|E]; [rewrite H1 by assumption; ring|].
      destruct (Req_dec (X n i) 0) as [->|E']; [ring|]. exfalso. apply Hno. now exists i.
Qed.

Section GeneralPosition.
Variables (n d : nat) (X : nat -> nat -> R) (y : nat -> R).
Hypothesis npos : (0 < n)%nat.
Notation fit := (fit d X).
Notation grad := (grad n d X y).
Notation loss := (loss n d X y).
Notation dual := (dual n X).
Notation minimiser := (minimiser n d X y).
Notation linearly_independent := (linearly_independent n d X).
Notation limit_path := (limit_path n d X y).
Notation algorithm_1 := (algorithm_1 n d X y).
Notation converges_to := (converges_to n d X y).

Lemma independent_size b : linearly_independent (support_of b) -> (support_size d b <= n)%nat.
Proof.
  intros HF. destruct (Nat.le_gt_cases (support_size d b) n) as [|H]; [assumption|exfalso].
  destruct (dependent n d X b H) as [h [H1 [[i [Hi Hh]] H2]]]. apply Hh.
  destruct (Req_dec (b i) 0) as [E|E]; [now apply H1|].
  apply (HF h); auto. intros k Hk Hn. apply H1; [exact Hk|]. unfold support_of in Hn. now apply NNPP.
Qed.

(** * General position *)

Fixpoint count (m : nat) (A : nat -> bool) : nat :=
  match m with O => O | S k => count k A + (if A k then 1 else 0) end.

(** PF23, Assumption 1: the affine span of at most min(n, d) signed columns holds no other signed column. *)
Definition general_position : Prop :=
  forall (A : nat -> bool) (sigma c : nat -> R) (k : nat) (tau : R),
    (count d A <= Nat.min n d)%nat -> (k < d)%nat -> A k = false ->
    (forall i, (i < d)%nat -> sigma i = 1 \/ sigma i = -1) -> tau = 1 \/ tau = -1 ->
    Sum d (fun i => if A i then c i else 0) = 1 ->
    ~ (forall j, (j < n)%nat -> Sum d (fun i => if A i then c i * (sigma i * X j i) else 0) = tau * X j k).

Lemma count_le m A b : (forall i, (i < m)%nat -> A i = true -> b i <> 0) -> (count m A <= support_size m b)%nat.
Proof.
  induction m as [|m IH]; simpl; intros H; [lia|]. assert (count m A <= support_size m b)%nat by (apply IH; intros; apply H; auto; lia).
  destruct (A m) eqn:E; [|lia]. destruct (Req_EM_T (b m) 0); [|lia]. exfalso. now apply (H m (Nat.lt_succ_diag_r m)).
Qed.

Lemma count_le_all m A : (count m A <= m)%nat.
Proof. induction m as [|m IH]; simpl; [lia|]. destruct (A m); lia. Qed.

Lemma least (P : nat -> Prop) : (exists m, P m) -> exists m, P m /\ forall k, P k -> (m <= k)%nat.
Proof.
  intros [m0 H0]. apply NNPP. intros Hno.
  assert (K : forall m k, (k <= m)%nat -> ~ P k).
  { induction m as [|m IH]; intros k Hk HP.
    - apply Hno. exists k. split; [exact HP|]. intros; lia.
    - destruct (Nat.eq_dec k (S m)) as [->|]; [|apply (IH k); [lia|exact HP]].
      apply Hno. exists (S m). split; [exact HP|]. intros l Hl. destruct (Nat.le_gt_cases (S m) l); [assumption|].
      exfalso. apply (IH l); [lia|exact Hl]. }
  exact (K m0 m0 (le_n m0) H0).
Qed.

(** Columns that touch the cube's boundary at one w are independent. *)
Theorem general_position_independent w : general_position -> linearly_independent (fun i => Rabs (dual w i) = 1).
Proof.
  intros HG h0 Hh0 Hz0 i0 Hi0 Hf0. destruct (Req_dec (h0 i0) 0) as [|Hne0]; [assumption|exfalso].
  set (F := fun i => Rabs (dual w i) = 1) in *.
  (* a relation of least support *)
  destruct (least (fun m => exists h, support_size d h = m /\ (forall i, (i < d)%nat -> ~ F i -> h i = 0) /\
    (forall j, (j < n)%nat -> fit h j = 0) /\ exists i, (i < d)%nat /\ h i <> 0)) as [m [[h [Hm [Hh [Hz [k [Hk Hne]]]]]] Hleast]].
  { exists (support_size d h0), h0. split; [reflexivity|]. split; [exact Hh0|]. split; [exact Hz0|]. now exists i0. }
  set (A := fun i => if Nat.eqb i k then false else if Req_EM_T (h i) 0 then false else true).
  assert (HA : forall i, A i = true -> i <> k /\ h i <> 0).
  { intros i E. unfold A in E. destruct (Nat.eqb_spec i k); [discriminate|]. destruct (Req_EM_T (h i) 0); [discriminate|now split]. }
  assert (HA' : forall i, i <> k -> h i <> 0 -> A i = true).
  { intros i E E'. unfold A. apply Nat.eqb_neq in E. rewrite E. destruct (Req_EM_T (h i) 0); [contradiction|reflexivity]. }
  assert (Hsize : (support_size d (without k h) < support_size d h)%nat).
  { apply (support_size_lt d h (without k h) k); auto.
    - intros i Hi E. unfold without. destruct (Nat.eqb i k); [reflexivity|exact E].
    - unfold without. now rewrite Nat.eqb_refl. }
  assert (Hfree : linearly_independent (support_of (without k h))).
  { intros g Hg Hgz i Hi _. destruct (Req_dec (g i) 0) as [|Hgi]; [assumption|exfalso].
    assert (Hgh : forall l, (l < d)%nat -> without k h l = 0 -> g l = 0).
    { intros l Hl E. apply Hg; [exact Hl|]. unfold support_of. now intros Hn. }
    pose proof (support_size_le d (without k h) g Hgh) as L1.
    assert (m <= support_size d g)%nat; [|lia]. apply Hleast. exists g. split; [reflexivity|]. split; [|split; [exact Hgz|now exists i]].
    intros l Hl Hn. apply Hgh; [exact Hl|]. unfold without. destruct (Nat.eqb l k); [reflexivity|now apply Hh]. }
  (* the signs *)
  set (sigma := fun i => if Req_EM_T (dual w i) (-1) then -1 else 1).
  assert (Hsig : forall i, sigma i = 1 \/ sigma i = -1) by (intros i; unfold sigma; destruct (Req_EM_T _ _); auto).
  assert (Hsd : forall i, (i < d)%nat -> h i <> 0 -> dual w i = sigma i).
  { intros i Hi Hn. assert (HF : F i) by (apply NNPP; intros Hn'; apply Hn; now apply Hh).
    unfold F in HF. unfold sigma. destruct (Req_EM_T (dual w i) (-1)) as [|E]; [assumption|].
    unfold Rabs in HF. destruct (Rcase_abs (dual w i)); lra. }
  assert (Hss : forall i, sigma i * sigma i = 1) by (intros i; destruct (Hsig i) as [-> | ->]; ring).
  assert (Hbal : Sum d (fun i => sigma i * h i) = 0).
  { transitivity (dot d (dual w) h).
    - apply Sum_ext. intros i Hi. destruct (Req_dec (h i) 0) as [->|E]; [ring|]. now rewrite (Hsd i Hi E).
    - rewrite <- adjoint. apply Sum_zero. intros j Hj. rewrite Hz by exact Hj. ring. }
  assert (Hsplit : forall f : nat -> R, Sum d (fun i => if A i then f i * h i else 0) = Sum d (fun i => f i * h i) - f k * h k).
  { intros f. rewrite (Sum_ext d (fun i => if A i then f i * h i else 0) (fun i => f i * h i - f i * (h k * unit_vector k i))).
    - rewrite Sum_minus. f_equal. pose proof (dot_single n d npos f (fun i => h k * unit_vector k i) k Hk) as D. unfold dot in D.
      rewrite D; [unfold unit_vector; rewrite Nat.eqb_refl; ring|]. intros i Hi. unfold unit_vector. apply Nat.eqb_neq in Hi. rewrite Hi. ring.
    - intros i Hi. unfold unit_vector. destruct (Nat.eqb_spec i k) as [->|E].
      + destruct (A k) eqn:EA; [destruct (HA k EA) as [Hc _]; now contradiction Hc|ring].
      + destruct (Req_dec (h i) 0) as [Z|Z]; [rewrite Z; destruct (A i); ring|]. rewrite (HA' i E Z). ring. }
  assert (Hsk : sigma k * h k <> 0).
  { intros E. apply Rmult_integral in E as [E|E]; [destruct (Hsig k) as [E'|E']; rewrite E' in E; lra|contradiction]. }
  apply (HG A sigma (fun i => - (sigma i * h i) / (sigma k * h k)) k (sigma k)).
  - apply Nat.min_glb; [|apply count_le_all]. eapply Nat.le_trans; [|apply (independent_size _ Hfree)].
    apply count_le. intros i Hi E. destruct (HA i E) as [E1 E2]. unfold without. apply Nat.eqb_neq in E1. now rewrite E1.
  - exact Hk.
  - unfold A. now rewrite Nat.eqb_refl.
  - intros; apply Hsig.
  - apply Hsig.
  - rewrite (Sum_ext d _ (fun i => if A i then (- sigma i / (sigma k * h k)) * h i else 0)).
    2: { intros i _. destruct (A i); [field; split; [exact Hne|]|reflexivity]. intros E. apply Hsk. rewrite E. ring. }
    rewrite Hsplit. rewrite (Sum_ext d _ (fun i => (- / (sigma k * h k)) * (sigma i * h i))).
    2: { intros. field. split; [exact Hne|]. intros E. apply Hsk. rewrite E. ring. }
    rewrite Sum_scal, Hbal. field. split; [exact Hne|]. intros E. apply Hsk. rewrite E. ring.
  - intros j Hj. rewrite (Sum_ext d _ (fun i => if A i then (- X j i / (sigma k * h k)) * h i else 0)).
    2: { intros i _. destruct (A i); [|reflexivity]. unfold Rdiv.
         replace (- (sigma i * h i) * / (sigma k * h k) * (sigma i * X j i)) with (sigma i * sigma i * (- X j i * / (sigma k * h k) * h i)) by ring.
         rewrite Hss. ring. }
    rewrite Hsplit. rewrite (Sum_ext d _ (fun i => (- / (sigma k * h k)) * (X j i * h i))) by (intros; unfold Rdiv; ring).
    rewrite Sum_scal. change (Sum d (fun i => X j i * h i)) with (fit h j). rewrite Hz by exact Hj.
    assert (E0 : sigma k <> 0) by (intros E; apply Hsk; rewrite E; ring).
    replace (sigma k * X j k) with (sigma k * sigma k * X j k / sigma k) by (field; exact E0). rewrite Hss. field. now split.
Qed.

Theorem general_position_faces p b a u : general_position -> independent n d X (face n d X y p b a u).
Proof. intros HG. apply independent_constant; [exact npos|]. now apply general_position_independent. Qed.

(** The minimisers of Algorithm 1 are unique. *)
Theorem unique_minimiser w b c :
  general_position -> (forall i, (i < d)%nat -> Rabs (dual w i) <= 1) ->
  minimiser (dual w) b -> minimiser (dual w) c -> forall i, (i < d)%nat -> b i = c i.
Proof.
  intros HG Hw [Fb Mb] [Fc Mc]. pose proof (N_pos n npos) as HN.
  assert (Hmid : feasible d (dual w) (fun i => (b i + c i) / 2)).
  { intros i Hi. destruct (Fb i Hi) as [A1 [A2 A3]], (Fc i Hi) as [B1 [B2 B3]]. repeat split; intros E;
      try specialize (A1 E); try specialize (A2 E); try specialize (A3 E); try specialize (B1 E); try specialize (B2 E); try specialize (B3 E); lra. }
  assert (Hfit : sq n (fit (fun i => b i - c i)) = 0).
  { apply Rle_antisym; [|apply sq_nonneg]. rewrite (parallelogram n d X y npos).
    pose proof (Mb _ Hmid). pose proof (Mb _ Fc). pose proof (Mc _ Fb).
    assert (8 * N n * (loss (fun i => (b i + c i) / 2) - (loss b + loss c) / 2) >= 0); [|lra].
    apply Rle_ge, Rmult_le_pos; lra. }
  intros i Hi. apply Rminus_diag_uniq. destruct (classic (Rabs (dual w i) = 1)) as [Hf|Hf].
  - apply (general_position_independent w HG (fun i => b i - c i)); auto.
    + intros k Hk Hn. pose proof (Hw k Hk). destruct (Fb k Hk) as [_ [_ A3]], (Fc k Hk) as [_ [_ B3]].
      rewrite A3, B3 by lra. ring.
    + apply sq_zero. exact Hfit.
  - pose proof (Hw i Hi). destruct (Fb i Hi) as [_ [_ A3]], (Fc i Hi) as [_ [_ B3]]. rewrite A3, B3 by lra. ring.
Qed.

(** * Uniqueness of the limit path *)

(** Two limit paths with independent faces agree at every time that is a jump time of neither. *)
Theorem limit_path_unique K jump saddle K' jump' saddle' k c k' c' t :
  converges_to K jump saddle -> converges_to K' jump' saddle' ->
  (k <= K)%nat -> covers K jump k c -> jump k < t < c ->
  (k' <= K')%nat -> covers K' jump' k' c' -> jump' k' < t < c' ->
  forall i, (i < d)%nat -> saddle k i = saddle' k' i.
Proof.
  intros H H' Hk Hc Ht Hk' Hc' Ht' i Hi. apply Rminus_diag_uniq. apply Rabs_eq_0. apply Rle_antisym; [|apply Rabs_pos].
  apply le_epsilon. intros eps He.
  destruct (H k c t t Hk Hc ltac:(left; lra) ltac:(lra) ltac:(lra) (eps / 2) ltac:(lra)) as [L1 [HL1 A1]].
  destruct (H' k' c' t t Hk' Hc' ltac:(left; lra) ltac:(lra) ltac:(lra) (eps / 2) ltac:(lra)) as [L2 [HL2 A2]].
  set (L := Rmax L1 L2). pose proof (Rmax_l L1 L2). pose proof (Rmax_r L1 L2). fold L in H0, H1.
  destruct (flow_exists n d X y npos L ltac:(lra)) as [u [v HF]].
  pose proof (A1 L H0 u v HF t ltac:(lra) i Hi) as B1. pose proof (A2 L H1 u v HF t ltac:(lra) i Hi) as B2.
  set (z := u (L * t) i * v (L * t) i) in *.
  replace (saddle k i - saddle' k' i) with ((z - saddle' k' i) - (z - saddle k i)) by ring.
  pose proof (Rabs_triang (z - saddle' k' i) (- (z - saddle k i))) as T. rewrite Rabs_Ropp in T. unfold Rminus in *. lra.
Qed.

Theorem general_position_converges K jump saddle :
  general_position -> limit_path K jump saddle -> converges_to K jump saddle.
Proof.
  intros HG HP. apply pf23_theorem_2; [exact npos|exact HP|]. intros. now apply general_position_faces.
Qed.

Lemma dwell_end K jump saddle k : limit_path K jump saddle -> (k <= K)%nat ->
  exists c, jump k < c /\ covers K jump k c /\ ((k < K)%nat -> c = jump (S k)).
Proof.
  intros HP Hk. destruct (Nat.eq_dec k K) as [->|Hne].
  - exists (jump K + 1). split; [lra|]. split; [now right|]. intros; lia.
  - exists (jump (S k)). split; [apply (lp_times _ _ _ _ _ _ _ HP); lia|]. split; [left; split; [lia|lra]|reflexivity].
Qed.

Lemma loss_ext b c : (forall i, (i < d)%nat -> b i = c i) -> loss b = loss c.
Proof. intros H. apply loss_of_fit. intros j _. now apply fit_ext. Qed.

(** Algorithm 1 has one output. *)
Theorem algorithm_unique K jump saddle K' jump' saddle' :
  general_position -> algorithm_1 K jump saddle -> algorithm_1 K' jump' saddle' ->
  K = K' /\ forall k, (k <= K)%nat -> jump k = jump' k /\ forall i, (i < d)%nat -> saddle k i = saddle' k i.
Proof.
  intros HG HA HA'.
  (* the first path does not stay behind *)
  assert (Ahead : forall K jump saddle K' jump' saddle', algorithm_1 K jump saddle -> algorithm_1 K' jump' saddle' ->
    forall k, (k <= K)%nat -> (k < K')%nat -> jump k = jump' k -> (forall i, (i < d)%nat -> saddle k i = saddle' k i) ->
    (k < K)%nat /\ jump (S k) <= jump' (S k)).
  { clear K jump saddle K' jump' saddle' HA HA'. intros K jump saddle K' jump' saddle' HA HA' k Hk Hk' Ej Es.
    pose proof (algorithm_limit_path n d X y npos _ _ _ HA) as HP. pose proof (algorithm_limit_path n d X y npos _ _ _ HA') as HP'.
    pose proof (lp_times _ _ _ _ _ _ _ HP' k Hk') as Hlt'.
    assert (Hno : forall c, covers K jump k c -> ~ jump' (S k) < c).
    { intros c Hc Hlt.
      destruct (dwell_end K' jump' saddle' (S k) HP' ltac:(lia)) as [c' [Hc1 [Hc2 _]]].
      set (t := (jump' (S k) + Rmin c c') / 2).
      assert (Ht : jump' (S k) < t < Rmin c c') by (unfold t; pose proof (Rmin_glb_lt c c' (jump' (S k)) Hlt Hc1); lra).
      pose proof (Rmin_l c c'). pose proof (Rmin_r c c').
      assert (E : forall i, (i < d)%nat -> saddle k i = saddle' (S k) i).
      { apply (limit_path_unique K jump saddle K' jump' saddle' k c (S k) c' t); try assumption; try lra; try lia;
          now apply general_position_converges. }
      pose proof (loss_falls n d X y npos K' jump' saddle' k (proj1 HA') Hk') as L.
      rewrite <- (loss_ext _ _ E), (loss_ext _ _ Es) in L. lra. }
    destruct (Nat.eq_dec k K) as [->|Hne].
    - exfalso. apply (Hno (jump' (S K) + 1)); [now right|lra].
    - split; [lia|]. destruct (Rle_or_lt (jump (S k)) (jump' (S k))) as [|L]; [assumption|exfalso].
      apply (Hno (jump (S k))); [left; split; [lia|lra]|exact L]. }
  assert (Same : forall k, (k <= K)%nat -> (k <= K')%nat /\ jump k = jump' k /\ forall i, (i < d)%nat -> saddle k i = saddle' k i).
  { induction k as [|k IH]; intros Hk.
    - destruct (a1_start _ _ _ _ _ _ _ (proj1 HA)) as [E1 E2]. destruct (a1_start _ _ _ _ _ _ _ (proj1 HA')) as [E1' E2'].
      split; [lia|]. split; [now rewrite E1, E1'|]. intros i Hi. now rewrite E2, E2'.
    - destruct (IH ltac:(lia)) as [Hk' [Ej Es]].
      assert (Es' : forall i, (i < d)%nat -> saddle' k i = saddle k i) by (intros i Hi; symmetry; now apply Es).
      destruct (Ahead K' jump' saddle' K jump saddle HA' HA k Hk' ltac:(lia) (eq_sym Ej) Es') as [Hk2 L1].
      destruct (Ahead K jump saddle K' jump' saddle' HA HA' k ltac:(lia) Hk2 Ej Es) as [_ L2].
      assert (Ej' : jump (S k) = jump' (S k)) by lra.
      split; [lia|]. split; [exact Ej'|].
      pose proof (algorithm_limit_path n d X y npos _ _ _ HA) as HP. pose proof (algorithm_limit_path n d X y npos _ _ _ HA') as HP'.
      destruct (dwell_end K jump saddle (S k) HP ltac:(lia)) as [c [Hc1 [Hc2 _]]].
      destruct (dwell_end K' jump' saddle' (S k) HP' ltac:(lia)) as [c' [Hc1' [Hc2' _]]].
      set (t := (jump (S k) + Rmin c c') / 2).
      assert (Ht : jump (S k) < t < Rmin c c').
      { unfold t. pose proof (Rmin_glb_lt c c' (jump (S k)) Hc1 ltac:(lra)). lra. }
      pose proof (Rmin_l c c'). pose proof (Rmin_r c c').
      apply (limit_path_unique K jump saddle K' jump' saddle' (S k) c (S k) c' t); try assumption; try lra; try lia;
        now apply general_position_converges. }
  assert (EK : K = K').
  { destruct (Same K (le_n K)) as [H1 [Ej Es]]. destruct (Nat.eq_dec K K') as [|Hne]; [assumption|exfalso].
    destruct (Ahead K jump saddle K' jump' saddle' HA HA' K (le_n K) ltac:(lia) Ej Es) as [H _]. lia. }
  split; [exact EK|]. intros k Hk. now apply Same.
Qed.

(** PF23, Theorem 2, from Assumption 1 alone. *)
Theorem pf23 : general_position ->
  exists K jump saddle,
    (* Algorithm 1 ends, after fewer than 2^d jumps, and this is its only output *)
    algorithm_1 K jump saddle /\ (K < 2 ^ d)%nat /\
    (forall K' jump' saddle', algorithm_1 K' jump' saddle' ->
       K = K' /\ forall k, (k <= K)%nat -> jump k = jump' k /\ forall i, (i < d)%nat -> saddle k i = saddle' k i) /\
    (* the flow exists and converges to it *)
    (forall Lambda, 0 < Lambda -> exists u v, network_flow n d X y (exp (- Lambda)) u v) /\
    converges_to K jump saddle /\
    (* its end is the only global minimiser of the loss with the least l1 norm *)
    (forall c, (forall i, (i < d)%nat -> grad c i = 0) ->
       Sum d (fun i => Rabs (saddle K i)) <= Sum d (fun i => Rabs (c i)) /\
       (Sum d (fun i => Rabs (c i)) <= Sum d (fun i => Rabs (saddle K i)) -> forall i, (i < d)%nat -> c i = saddle K i)).
Proof.
  intros HG. destruct (algorithm_terminates n d X y npos) as [K [jump [saddle [HA HK]]]]. exists K, jump, saddle.
  pose proof (algorithm_limit_path n d X y npos _ _ _ HA) as HP.
  split; [exact HA|]. split; [exact HK|]. split; [intros; now apply algorithm_unique|].
  split; [intros; now apply flow_exists|]. split; [now apply general_position_converges|].
  intros c Hc. split; [now apply (minimum_l1 n d X y npos K jump saddle)|].
  intros Hle. apply (minimum_l1_unique n d X y npos K jump saddle (jump K + 1)); auto; [lra|]. now apply general_position_faces.
Qed.

(** * The number of saddles *)

Fixpoint binomial (a k : nat) : nat :=
  match a, k with
  | _, O => 1
  | O, S _ => 0
  | S a', S k' => binomial a' k' + binomial a' k
  end.

(** The number of sets of at most r out of a. *)
Fixpoint small_sets (a r : nat) : nat := match r with O => binomial a 0 | S q => small_sets a q + binomial a r end.

Lemma binomial_0_r a : binomial a 0 = 1%nat.
Proof. now destruct a. Qed.

Lemma small_sets_0_l r : small_sets 0 r = 1%nat.
Proof. induction r as [|r IH]; simpl in *; lia. Qed.

Lemma small_sets_S a r : small_sets (S a) (S r) = (small_sets a (S r) + small_sets a r)%nat.
Proof.
  induction r as [|r IH].
  - simpl. rewrite binomial_0_r. lia.
  - change (small_sets (S a) (S (S r))) with (small_sets (S a) (S r) + binomial (S a) (S (S r)))%nat. rewrite IH.
    change (small_sets a (S (S r))) with (small_sets a (S r) + binomial a (S (S r)))%nat.
    change (binomial (S a) (S (S r))) with (binomial a (S r) + binomial a (S (S r)))%nat.
    change (small_sets a (S r)) with (small_sets a r + binomial a (S r))%nat. lia.
Qed.

Fixpoint small_codes (a r : nat) : list nat :=
  match a with
  | O => 0%nat :: nil
  | S m => small_codes m r ++ match r with O => nil | S q => List.map (fun c => (c + 2 ^ m)%nat) (small_codes m q) end
  end.

Lemma small_codes_length a r : length (small_codes a r) = small_sets a r.
Proof.
  revert r. induction a as [|a IH]; intros r; [simpl; now rewrite small_sets_0_l|].
  simpl small_codes. rewrite app_length, IH. destruct r as [|r].
  - simpl. rewrite binomial_0_r. lia.
  - rewrite map_length, IH, small_sets_S. reflexivity.
Qed.

Lemma small_codes_spec a r b : (support_size a b <= r)%nat -> List.In (support_code a b) (small_codes a r).
Proof.
  revert r. induction a as [|a IH]; intros r H; [now left|]. simpl in *. apply List.in_or_app.
  destruct (Req_EM_T (b a) 0).
  - left. rewrite Nat.add_0_r. apply IH. lia.
  - right. destruct r as [|r]; [lia|]. apply (List.in_map (fun c => (c + 2 ^ a)%nat)). apply IH. lia.
Qed.

(** PF23: Algorithm 1 visits at most min(2^d, sum of the C(d, k) with k <= n) saddles, the one at zero included, and ends
    at a global minimum of the loss. *)
Theorem termination K jump saddle : general_position -> algorithm_1 K jump saddle ->
  (S K <= Nat.min (2 ^ d) (small_sets d n))%nat /\ forall c, loss (saddle K) <= loss c.
Proof.
  intros HG [HA Hend]. pose proof (jumps_bound n d X y npos K jump saddle HA) as H2. split.
  - apply Nat.min_glb; [lia|].
    assert (Hsmall : forall k, (k <= K)%nat -> (support_size d (saddle k) <= n)%nat).
    { intros k Hk. apply independent_size. set (w := dwell_start n d X y jump saddle k).
      intros h Hh Hz. pose proof (general_position_independent w HG h) as I. intros i Hi Hs.
      assert (Hin : forall l, (l < d)%nat -> saddle k l <> 0 -> Rabs (dual w l) = 1).
      { intros l Hl Hne. destruct (algorithm_kkt_state n d X y npos K jump saddle HA k Hk l Hl) as [S1 [S2 _]].
        change (s_at_jump n d X y jump saddle k l) with (dual w l) in S1, S2. pose proof (Rabs_pos_lt _ Hne) as P.
        assert (E : Rabs (dual w l) * Rabs (saddle k l) = Rabs (saddle k l)) by (rewrite <- Rabs_mult, S2; apply Rabs_pos_eq, Rabs_pos).
        apply (Rmult_eq_reg_r (Rabs (saddle k l))); lra. }
      apply I; [|exact Hz|exact Hi|now apply Hin]. intros l Hl Hn. apply Hh; [exact Hl|]. unfold support_of. intros Hne.
      apply Hn. now apply Hin. }
    rewrite <- (small_codes_length d n).
    assert (ND : List.NoDup (List.map (fun k => support_code d (saddle k)) (List.seq 0 (S K)))).
    { apply (List.NoDup_nth _ (support_code d (saddle 0%nat))). rewrite List.map_length, List.seq_length. intros i j Hi Hj E.
      rewrite !(List.map_nth (fun k => support_code d (saddle k))), !List.seq_nth in E by assumption. simpl in E.
      destruct (Nat.lt_trichotomy i j) as [H|[H|H]]; [|exact H|].
      - exfalso. apply (supports_differ n d X y npos K jump saddle i j HA); auto; lia.
      - exfalso. apply (supports_differ n d X y npos K jump saddle j i HA); auto; lia. }
    assert (IN : List.incl (List.map (fun k => support_code d (saddle k)) (List.seq 0 (S K))) (small_codes d n)).
    { intros z Hz. apply List.in_map_iff in Hz. destruct Hz as [k [<- Hk]]. apply List.in_seq in Hk. apply small_codes_spec, Hsmall. lia. }
    pose proof (List.NoDup_incl_length ND IN) as Hlen. rewrite List.map_length, List.seq_length in Hlen. exact Hlen.
  - intros c. pose proof (loss_quadratic n d X y npos (saddle K) c) as Q. pose proof (N_pos n npos) as HN.
    assert (Z : dot d (grad (saddle K)) (fun i => c i - saddle K i) = 0).
    { apply Sum_zero. intros i Hi. rewrite Hend by exact Hi. ring. }
    assert (0 <= sq n (fit (fun i => c i - saddle K i)) / (2 * N n)).
    { apply Rmult_le_pos; [apply sq_nonneg|]. left; apply Rinv_0_lt_compat; lra. }
    lra.
Qed.

End GeneralPosition.
