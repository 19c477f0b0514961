(** The transition graph of strictly convex data, by a checker in integers ([checked_graph]): the saddles listed are
    all critical points, and an edge is listed exactly where the transition rule holds.

    A critical point of F(u, v) = L(u o v) with b = u o v satisfies b_i grad_i(b) = 0. Where the columns of X are
    independent there is one for each set of active columns. The rule: an orbit runs from b to c, as alpha -> 0,
    where c minimises L on the columns active at b or c, under the signs in which b stands, or is drawn. That orbits
    obey the rule is argued in proofs/transition_rule.py, and not part of what is checked here. *)

From Coq Require Import Reals Lra Lia Arith List ZArith Bool.
From Coquelicot Require Import Coquelicot.
From Saddle Require Import Base Setting Rate Theorem2 Algorithm Checker GramMatrix.
Import ListNotations.
Open Scope R_scope.

(** * What is said *)

Section Rule.
Variables (n d : nat) (X : nat -> nat -> R) (y : nat -> R).
Notation grad := (grad n d X y).

(** The signs in which b stands, and in which it is drawn, on the columns active at b or c. *)
Definition drawn (b c : nat -> R) (i : nat) : R :=
  if Req_EM_T (b i) 0 then if Req_EM_T (c i) 0 then 0 else - sign (grad b i) else sign (b i).

Definition transition (b c : nat -> R) : Prop := minimiser n d X y (drawn b c) c.
End Rule.

(** Saddles are numbered by their active columns: column i is active at saddle m where bit i of m is set. *)
Record certified_graph n d (X : nat -> nat -> R) (y : nat -> R) (point : nat -> nat -> R)
    (nodes : list nat) (edges : list (nat * nat)) : Prop := {
  graph_active : forall m, In m nodes -> forall i, (i < d)%nat -> point m i <> 0 <-> Nat.testbit m i = true;
  graph_saddles : forall b, (forall i, (i < d)%nat -> b i * grad n d X y b i = 0) <->
    exists m, In m nodes /\ forall i, (i < d)%nat -> b i = point m i;
  graph_edges : forall m m', In (m, m') edges <->
    In m nodes /\ In m' nodes /\ m <> m' /\ transition n d X y (point m) (point m') }.

(** * The program *)

Section Program.
Open Scope Z_scope.
Variables (n d : nat) (D : data).

(** A saddle with its slopes. *)
Definition sloped (M : list (list Z)) (r : list Z) (b : list Z * positive) : list Z * list Z := (fst b, slopes d D M r b).

Definition stands (m : nat) (b : list Z * list Z) : bool :=
  all d (fun i => if Nat.testbit m i then at_ (snd b) i =? 0 else at_ (fst b) i =? 0).

Definition is_node (m : nat) (b : list Z * list Z) : bool :=
  all d (fun i => if Nat.testbit m i then negb (at_ (fst b) i =? 0) else true).

(** Karush, Kuhn and Tucker for the target under the signs drawn. *)
Definition rule (b c : list Z * list Z) : bool :=
  all d (fun i =>
    let bi := at_ (fst b) i in let ci := at_ (fst c) i in let gi := at_ (snd c) i in
    let s := if bi =? 0 then if ci =? 0 then 0 else - Z.sgn (at_ (snd b) i) else Z.sgn bi in
    if s =? 0 then ci =? 0 else (0 <=? s * ci) && (0 <=? s * gi) && ((ci =? 0) || (gi =? 0))).

Definition is_edge (table : list (list Z * list Z)) (mm : nat * nat) : bool :=
  negb (Nat.eqb (fst mm) (snd mm)) && rule (nth (fst mm) table (nil, nil)) (nth (snd mm) table (nil, nil)).

Definition pairs (nodes : list nat) : list (nat * nat) := flat_map (fun m => map (fun m' => (m, m')) nodes) nodes.

Fixpoint same_nodes (a b : list nat) : bool :=
  match a, b with nil, nil => true | x :: a', z :: b' => Nat.eqb x z && same_nodes a' b' | _, _ => false end.
Fixpoint same_edges (a b : list (nat * nat)) : bool :=
  match a, b with
  | nil, nil => true
  | (x, x') :: a', (z, z') :: b' => Nat.eqb x z && Nat.eqb x' z' && same_edges a' b'
  | _, _ => false
  end.

Definition check_graph (s : saddles) (f : independents) (nodes : list nat) (edges : list (nat * nat)) : bool :=
  let M := gram n d D in let r := corr n d D in
  let table := map (sloped M r) s in
  negb (Nat.eqb n 0)
  && all d (fun i => nth i (members f) false) && left_inverse d M f
  && Nat.eqb (length s) (2 ^ d)
  && forallb (fun m => stands m (nth m table (nil, nil))) (seq 0 (2 ^ d))
  && same_nodes (filter (fun m => is_node m (nth m table (nil, nil))) (seq 0 (2 ^ d))) nodes
  && same_edges (filter (is_edge table) (pairs nodes)) edges.
End Program.

(** * Soundness *)

Lemma same_nodes_sound a : forall b, same_nodes a b = true -> a = b.
Proof.
  induction a as [|x a IH]; intros [|z b]; simpl; try easy. rewrite andb_true_iff, Nat.eqb_eq. intros [-> H].
  f_equal. now apply IH.
Qed.

Lemma same_edges_sound a : forall b, same_edges a b = true -> a = b.
Proof.
  induction a as [|[x x'] a IH]; intros [|[z z'] b]; simpl; try easy. rewrite !andb_true_iff, !Nat.eqb_eq. intros [[-> ->] H].
  f_equal. now apply IH.
Qed.

(** The set of the first d columns where P holds, as a number. *)
Fixpoint number (d : nat) (P : nat -> bool) : nat :=
  match d with O => 0 | S k => number k P + (if P k then 2 ^ k else 0) end.

Lemma number_small d P : (number d P < 2 ^ d)%nat.
Proof. induction d as [|d IH]; simpl; [lia|]. destruct (P d); lia. Qed.

Lemma number_bit d P i : (i < d)%nat -> Nat.testbit (number d P) i = P i.
Proof.
  induction d as [|d IH]; intros Hi; [lia|]. simpl. pose proof (number_small d P) as Hs. destruct (Nat.eq_dec i d) as [->|Hne].
  - destruct (P d).
    + rewrite Nat.testbit_true. replace ((number d P + 2 ^ d) / 2 ^ d)%nat with 1%nat; [reflexivity|].
      apply (Nat.div_unique _ _ _ (number d P)); lia.
    + rewrite Nat.testbit_false, Nat.add_0_r, Nat.div_small by exact Hs. reflexivity.
  - destruct (P d); [|rewrite Nat.add_0_r; apply IH; lia].
    rewrite <- (IH ltac:(lia)). rewrite <- (Nat.mul_1_l (2 ^ d)), Nat.add_comm.
    replace d with (i + S (d - S i))%nat at 1 by lia.
    assert (E : ((1 * 2 ^ (i + S (d - S i)) + number d P) / 2 ^ i = 2 * 2 ^ (d - S i) + number d P / 2 ^ i)%nat).
    { rewrite Nat.pow_add_r, Nat.pow_succ_r', Nat.add_comm.
      replace (1 * (2 ^ i * (2 * 2 ^ (d - S i))))%nat with ((2 * 2 ^ (d - S i)) * 2 ^ i)%nat by ring.
      rewrite Nat.div_add by (apply Nat.pow_nonzero; lia). lia. }
    assert (E2 : forall a, Nat.testbit a i = Nat.odd (a / 2 ^ i)).
    { intros a. rewrite <- Nat.shiftr_div_pow2, <- Nat.bit0_odd, Nat.shiftr_spec by lia. now rewrite Nat.add_0_l. }
    rewrite !E2, E, Nat.odd_add, Nat.odd_mul. apply xorb_false_l.
Qed.

Lemma sign_cases x : (x = 0 /\ sign x = 0) \/ (0 < x /\ sign x = 1) \/ (x < 0 /\ sign x = -1).
Proof. unfold sign. destruct (total_order_T 0 x) as [[H|H]|H]; [right; left|left|right; right]; lra. Qed.

Section Sound.
Variables (n d : nat) (D : data).
Hypothesis npos : (0 < n)%nat.
Let X := features D.
Let y := responses D.
Notation N := (N n).
Notation fit := (fit d X).
Notation grad := (grad n d X y).
Notation loss := (loss n d X y).

(** Karush, Kuhn and Tucker are enough, and needed. *)
Lemma kkt_minimiser s c : (forall i, (i < d)%nat -> s i = 0 \/ s i = 1 \/ s i = -1) ->
  minimiser n d X y s c <->
  forall i, (i < d)%nat -> (s i = 0 -> c i = 0) /\ (s i <> 0 -> 0 <= s i * c i /\ 0 <= s i * grad c i /\ grad c i * c i = 0).
Proof.
  intros Hs. split.
  - intros Hm i Hi. pose proof Hm as [Hf _]. destruct (Hf i Hi) as [F1 [F2 F3]]. split.
    + intros E. apply F3. rewrite E, Rabs_R0. lra.
    + intros Hne. assert (H1 : Rabs (s i) = 1).
      { destruct (Hs i Hi) as [E|[E|E]]; [contradiction|rewrite E, Rabs_right; lra|rewrite E, Rabs_left; lra]. }
      repeat split.
      * destruct (Hs i Hi) as [E|[E|E]]; [contradiction| |]; rewrite E; [pose proof (F1 E)|pose proof (F2 E)]; lra.
      * now apply (kkt_sign n d X y npos s c i Hi Hm).
      * apply (kkt_slack n d X y npos s c i Hi); [rewrite H1; lra|exact Hm].
  - intros H. split.
    + intros i Hi. destruct (H i Hi) as [H0 H1]. repeat split; intros E.
      * destruct (H1 ltac:(lra)) as [A _]. rewrite E in A. lra.
      * destruct (H1 ltac:(lra)) as [A _]. rewrite E in A. lra.
      * apply H0. destruct (Hs i Hi) as [A|[A|A]]; [exact A| |]; rewrite A in E; [rewrite Rabs_right in E|rewrite Rabs_left in E]; lra.
    + intros x Hx. pose proof (loss_quadratic n d X y npos c x) as Q.
      assert (0 <= dot d (grad c) (fun i => x i - c i)).
      { apply Sum_nonneg. intros i Hi. destruct (H i Hi) as [H0 H1]. destruct (Hx i Hi) as [F1 [F2 F3]].
        destruct (Hs i Hi) as [E|[E|E]].
        - rewrite (H0 E), F3 by (rewrite E, Rabs_R0; lra). lra.
        - destruct (H1 ltac:(lra)) as [_ [A B]]. rewrite E in A. pose proof (F1 E).
          replace (grad c i * (x i - c i)) with (grad c i * x i) by lra. apply Rmult_le_pos; lra.
        - destruct (H1 ltac:(lra)) as [_ [A B]]. rewrite E in A. pose proof (F2 E).
          replace (grad c i * (x i - c i)) with (- grad c i * - x i) by lra. apply Rmult_le_pos; lra. }
      assert (0 <= sq n (fit (fun i => x i - c i)) / (2 * N)).
      { pose proof (N_pos n npos). apply Rmult_le_pos; [apply sq_nonneg|]. left; apply Rinv_0_lt_compat; lra. }
      unfold loss in Q |- *. lra.
Qed.

(** Two points whose slopes vanish on a set of independent columns, and which vanish off it, are equal. *)
Lemma one_point (P : nat -> bool) b c : independent n d X (fun _ => True) ->
  (forall i, (i < d)%nat -> if P i then grad b i = 0 else b i = 0) ->
  (forall i, (i < d)%nat -> if P i then grad c i = 0 else c i = 0) -> forall i, (i < d)%nat -> b i = c i.
Proof.
  intros [q [Hq HI]] Hb Hc i Hi. pose proof (N_pos n npos) as HN.
  pose proof (loss_quadratic n d X y npos b c) as Q1. pose proof (loss_quadratic n d X y npos c b) as Q2.
  assert (Z : forall g h e, (forall i, (i < d)%nat -> if P i then g i = 0 else h i = 0 /\ e i = 0) -> dot d g (fun i => h i - e i) = 0).
  { intros g h e H. apply Sum_zero. intros j Hj. specialize (H j Hj). destruct (P j); [rewrite H; ring|]. destruct H as [-> ->]. ring. }
  rewrite Z in Q1, Q2.
  2: { intros j Hj. specialize (Hb j Hj). specialize (Hc j Hj). destruct (P j); [exact Hc|now split]. }
  2: { intros j Hj. specialize (Hb j Hj). specialize (Hc j Hj). destruct (P j); [exact Hb|now split]. }
  assert (E : sq n (fit (fun i => b i - c i)) = sq n (fit (fun i => c i - b i))).
  { apply Sum_ext. intros k _. rewrite !fit_minus. ring. }
  rewrite E in Q2. pose proof (sq_nonneg n (fit (fun i => c i - b i))) as H0.
  assert (H1 : sq n (fit (fun i => c i - b i)) / (2 * N) = 0) by lra.
  assert (H2 : sq n (fit (fun i => c i - b i)) = 0).
  { apply (Rmult_eq_reg_r (/ (2 * N))); [unfold Rdiv in H1; lra|]. apply Rgt_not_eq, Rinv_0_lt_compat. lra. }
  pose proof (HI (fun i => c i - b i) ltac:(intros j _ H; contradiction (H I)) i Hi I) as H3. cbv beta in H3.
  rewrite H2, Rmult_0_r in H3. pose proof (Rle_0_sqr (c i - b i)) as H4. unfold Rsqr in H4.
  assert (E2 : (c i - b i) * (c i - b i) = 0) by lra. apply Rmult_integral in E2 as [E2|E2]; lra.
Qed.

Variables (s : saddles) (f : independents) (nodes : list nat) (edges : list (nat * nat)).
Let M := gram n d D.
Let r := corr n d D.
Let table := map (sloped d D M r) s.
Notation point := (saddle D s).
Notation num m i := (at_ (fst (nth m table (nil, nil))) i).
Notation slp m i := (at_ (snd (nth m table (nil, nil))) i).
Hypothesis size : length s = (2 ^ d)%nat.

Lemma table_entry m : (m < 2 ^ d)%nat -> nth m table (nil, nil) = sloped d D M r (nth m s (nil, 1%positive)).
Proof.
  intros Hm. unfold table. rewrite (nth_indep _ (nil, nil) (sloped d D M r (nil, 1%positive))) by (rewrite map_length; lia).
  apply map_nth.
Qed.

Lemma scaled m i : (m < 2 ^ d)%nat -> (i < d)%nat ->
  exists p q, 0 < p /\ 0 < q /\ point m i = p * IZR (num m i) /\ IZR (slp m i) = q * grad (point m) i.
Proof.
  intros Hm Hi. rewrite table_entry by exact Hm. set (b := nth m s (nil, 1%positive)).
  exists (IZR (column_over D i) / IZR (Zpos (snd b))), (clock n D b * IZR (column_over D i)).
  pose proof (pos_IZR (snd b)) as H1. pose proof (delta_pos D i) as H2. pose proof (clock_pos n D npos b) as H3.
  repeat split.
  - unfold Rdiv. apply Rmult_lt_0_compat; [exact H2|now apply Rinv_0_lt_compat].
  - now apply Rmult_lt_0_compat.
  - unfold saddle, vector. fold b. unfold sloped, at_. cbn [fst]. field. lra.
  - unfold sloped. cbn [snd]. unfold M, r. rewrite (slopes_sound n d D npos b i Hi). unfold saddle. fold b. fold X y. ring.
Qed.

Lemma sign_scaled p x : 0 < p -> sign (p * IZR x) = IZR (Z.sgn x).
Proof.
  intros Hp. destruct x as [|z|z]; simpl Z.sgn.
  - rewrite Rmult_0_r. destruct (sign_cases 0) as [[_ E]|[[A _]|[A _]]]; lra.
  - assert (0 < p * IZR (Zpos z)) by (apply Rmult_lt_0_compat; [lra|now apply IZR_lt]).
    destruct (sign_cases (p * IZR (Zpos z))) as [[A _]|[[_ E]|[A _]]]; lra.
  - assert (IZR (Zneg z) < 0) by now apply IZR_lt. assert (0 < p * - IZR (Zneg z)) by (apply Rmult_lt_0_compat; lra).
    destruct (sign_cases (p * IZR (Zneg z))) as [[A _]|[[A _]|[_ E]]]; lra.
Qed.

Lemma zero_scaled p x : 0 < p -> p * IZR x = 0 <-> x = 0%Z.
Proof.
  intros Hp. split; [|intros ->; ring]. intros H. apply Rmult_integral in H as [H|H]; [lra|now apply eq_IZR].
Qed.

Lemma sign_prod_nonneg z p x : 0 < p -> 0 <= IZR z * (p * IZR x) <-> (0 <= z * x)%Z.
Proof.
  intros Hp. replace (IZR z * (p * IZR x)) with (p * IZR (z * x)) by (rewrite mult_IZR; ring). split; intros H.
  - apply le_IZR. apply (Rmult_le_reg_l p); lra.
  - apply IZR_le in H. apply Rmult_le_pos; lra.
Qed.

Lemma rule_sound m m' : (m < 2 ^ d)%nat -> (m' < 2 ^ d)%nat ->
  rule d (nth m table (nil, nil)) (nth m' table (nil, nil)) = true <-> transition n d X y (point m) (point m').
Proof.
  intros Hm Hm'. unfold transition.
  set (sg := fun i => (if num m i =? 0 then if num m' i =? 0 then 0 else - Z.sgn (slp m i) else Z.sgn (num m i))%Z).
  assert (Hd : forall i, (i < d)%nat -> drawn n d X y (point m) (point m') i = IZR (sg i)).
  { intros i Hi. destruct (scaled m i Hm Hi) as [p [q [Hp [Hq [E1 E2]]]]]. destruct (scaled m' i Hm' Hi) as [p' [q' [Hp' [Hq' [E1' E2']]]]].
    unfold drawn, sg. destruct (Z.eqb_spec (num m i) 0) as [Z|Z].
    - destruct (Req_EM_T (point m i) 0) as [_|H]; [|exfalso; apply H; rewrite E1; now apply zero_scaled].
      destruct (Z.eqb_spec (num m' i) 0) as [Z'|Z'].
      + destruct (Req_EM_T (point m' i) 0) as [_|H]; [reflexivity|exfalso; apply H; rewrite E1'; now apply zero_scaled].
      + destruct (Req_EM_T (point m' i) 0) as [H|_]; [exfalso; apply Z'; rewrite E1' in H; now apply zero_scaled in H|].
        rewrite opp_IZR. f_equal. replace (grad (point m) i) with (/ q * IZR (slp m i)) by (rewrite E2; field; lra).
        apply sign_scaled. now apply Rinv_0_lt_compat.
    - destruct (Req_EM_T (point m i) 0) as [H|_]; [exfalso; apply Z; rewrite E1 in H; now apply zero_scaled in H|].
      rewrite E1. now apply sign_scaled. }
  assert (Hsg : forall i, (i < d)%nat -> (sg i = 0 \/ sg i = 1 \/ sg i = -1)%Z).
  { intros i _. unfold sg. destruct (num m i =? 0)%Z; [destruct (num m' i =? 0)%Z|]; try lia; destruct (Z.sgn_spec (slp m i)); destruct (Z.sgn_spec (num m i)); lia. }
  rewrite kkt_minimiser.
  2: { intros i Hi. rewrite Hd by exact Hi. destruct (Hsg i Hi) as [E|[E|E]]; rewrite E; auto. }
  assert (Hone : forall i, (i < d)%nat ->
    (if sg i =? 0 then num m' i =? 0 else (0 <=? sg i * num m' i) && (0 <=? sg i * slp m' i) && ((num m' i =? 0) || (slp m' i =? 0)))%Z = true <->
    (drawn n d X y (point m) (point m') i = 0 -> point m' i = 0) /\
    (drawn n d X y (point m) (point m') i <> 0 -> 0 <= drawn n d X y (point m) (point m') i * point m' i /\
      0 <= drawn n d X y (point m) (point m') i * grad (point m') i /\ grad (point m') i * point m' i = 0)).
  { intros i Hi. rewrite Hd by exact Hi. destruct (scaled m' i Hm' Hi) as [p' [q' [Hp' [Hq' [E1' E2']]]]].
    assert (E3 : grad (point m') i = / q' * IZR (slp m' i)) by (rewrite E2'; field; lra).
    assert (Hiq : 0 < / q') by now apply Rinv_0_lt_compat. rewrite E1', E3.
    destruct (Z.eqb_spec (sg i) 0) as [E|E].
    - rewrite E, Z.eqb_eq. rewrite zero_scaled by exact Hp'. split; [intros H; split; [auto|intros C; now contradiction C]|intros [H _]; now apply H].
    - rewrite !andb_true_iff, !Z.leb_le, orb_true_iff, !Z.eqb_eq. rewrite !sign_prod_nonneg by assumption.
      assert (E4 : / q' * IZR (slp m' i) * (p' * IZR (num m' i)) = 0 <-> num m' i = 0%Z \/ slp m' i = 0%Z).
      { split.
        - intros A. apply Rmult_integral in A as [A|A]; [right|left]; apply zero_scaled in A; assumption.
        - intros [A|A]; rewrite A; ring. }
      rewrite E4. split.
      + intros [[A B] C]. split; [intros Z; apply eq_IZR in Z; contradiction|intros _; repeat split; assumption].
      + intros [_ H]. destruct H as [A [B C]]; [intros Z; apply eq_IZR in Z; contradiction|]. repeat split; assumption. }
  unfold rule. split.
  - intros H i Hi. apply Hone; [exact Hi|]. exact (all_true _ _ H i Hi).
  - intros H. unfold all. apply forallb_forall. intros i Hin. apply in_seq in Hin. apply Hone; [lia|]. apply H. lia.
Qed.

Hypothesis convex : independent n d X (fun _ => True).
Hypothesis standing : forall m, (m < 2 ^ d)%nat -> stands d m (nth m table (nil, nil)) = true.
Hypothesis listed : filter (fun m => is_node d m (nth m table (nil, nil))) (seq 0 (2 ^ d)) = nodes.
Hypothesis drawn_edges : filter (is_edge d table) (pairs nodes) = edges.

Lemma node_spec m : In m nodes <-> (m < 2 ^ d)%nat /\ is_node d m (nth m table (nil, nil)) = true.
Proof. rewrite <- listed, filter_In, in_seq. split; intros [H1 H2]; split; auto; lia. Qed.

Lemma point_stands m i : (m < 2 ^ d)%nat -> (i < d)%nat ->
  if Nat.testbit m i then grad (point m) i = 0 else point m i = 0.
Proof.
  intros Hm Hi. pose proof (all_true _ _ (standing m Hm) i Hi) as T. cbv beta in T.
  destruct (scaled m i Hm Hi) as [p [q [Hp [Hq [E1 E2]]]]]. destruct (Nat.testbit m i); apply Z.eqb_eq in T.
  - rewrite T in E2. symmetry in E2. apply Rmult_integral in E2 as [E2|E2]; [lra|exact E2].
  - rewrite E1, T. ring.
Qed.

Lemma node_active m : In m nodes -> forall i, (i < d)%nat -> point m i <> 0 <-> Nat.testbit m i = true.
Proof.
  intros H i Hi. apply node_spec in H. destruct H as [Hm H]. pose proof (all_true _ _ H i Hi) as T. cbv beta in T.
  pose proof (point_stands m i Hm Hi) as S. destruct (scaled m i Hm Hi) as [p [q [Hp [Hq [E1 _]]]]].
  destruct (Nat.testbit m i).
  - split; [reflexivity|]. intros _ E. rewrite E1 in E. apply zero_scaled in E; [|exact Hp]. rewrite E in T. discriminate.
  - split; [intros C; contradiction|discriminate].
Qed.

Theorem graph_sound : certified_graph n d X y point nodes edges.
Proof.
  split.
  - exact node_active.
  - intros b. split.
    + intros Hb. set (m := number d (fun i => if Req_EM_T (b i) 0 then false else true)).
      pose proof (number_small d (fun i => if Req_EM_T (b i) 0 then false else true)) as Hm. fold m in Hm.
      assert (Hbit : forall i, (i < d)%nat -> Nat.testbit m i = if Req_EM_T (b i) 0 then false else true) by (intros; now apply number_bit).
      assert (E : forall i, (i < d)%nat -> b i = point m i).
      { apply (one_point (Nat.testbit m)); [exact convex| |intros i Hi; now apply point_stands].
        intros i Hi. rewrite Hbit by exact Hi. destruct (Req_EM_T (b i) 0) as [H|H]; [exact H|].
        specialize (Hb i Hi). apply Rmult_integral in Hb as [Hb|Hb]; [contradiction|exact Hb]. }
      exists m. split; [|exact E]. apply node_spec. split; [exact Hm|]. unfold is_node, all. apply forallb_forall.
      intros i Hin. apply in_seq in Hin. assert (Hi : (i < d)%nat) by lia. rewrite Hbit by exact Hi.
      destruct (Req_EM_T (b i) 0) as [H|H]; [reflexivity|]. apply negb_true_iff, Z.eqb_neq. intros Z. apply H.
      destruct (scaled m i Hm Hi) as [p [q [Hp [_ [E1 _]]]]]. rewrite E by exact Hi. rewrite E1, Z. ring.
    + intros [m [Hin E]] i Hi. apply node_spec in Hin. destruct Hin as [Hm _]. pose proof (point_stands m i Hm Hi) as S.
      assert (G : grad b i = grad (point m) i).
      { unfold Setting.grad. f_equal. apply dual_ext. intros j _. unfold res. do 2 f_equal. apply fit_ext. exact E. }
      rewrite G, (E i Hi). destruct (Nat.testbit m i); rewrite S; ring.
  - intros m m'. rewrite <- drawn_edges, filter_In. unfold pairs. rewrite in_flat_map. unfold is_edge. cbn [fst snd].
    rewrite andb_true_iff, negb_true_iff, Nat.eqb_neq. split.
    + intros [[a [Ha Hin]] [Hne HR]]. apply in_map_iff in Hin. destruct Hin as [a' [E Ha']]. injection E as -> ->.
      pose proof (proj1 (node_spec m) Ha) as [L1 _]. pose proof (proj1 (node_spec m') Ha') as [L2 _].
      split; [exact Ha|]. split; [exact Ha'|]. split; [exact Hne|]. now apply rule_sound.
    + intros [H1 [H2 [H3 H4]]]. pose proof (proj1 (node_spec m) H1) as [L1 _]. pose proof (proj1 (node_spec m') H2) as [L2 _].
      split; [|split; [exact H3|now apply rule_sound]].
      exists m. split; [exact H1|]. apply in_map_iff. now exists m'.
Qed.
End Sound.

Theorem checked_graph n d D s f nodes edges : check_graph n d D s f nodes edges = true ->
  certified_graph n d (features D) (responses D) (saddle D s) nodes edges.
Proof.
  unfold check_graph. cbv zeta. rewrite !andb_true_iff. intros [[[[[[H1 H2] H3] H4] H5] H6] H7].
  apply negb_true_iff, Nat.eqb_neq in H1. apply Nat.eqb_eq in H4. assert (Hn : (0 < n)%nat) by lia.
  apply (graph_sound n d D Hn); auto.
  - apply (left_inverse_sound n d D Hn f); [exact H3|now left|]. intros i Hi _. exact (all_true _ _ H2 i Hi).
  - intros m Hm. rewrite forallb_forall in H5. apply H5, in_seq. lia.
  - now apply same_nodes_sound.
  - now apply same_edges_sound.
Qed.
