(** PF23, Algorithm 1: it has an output for all data, and ends after fewer than 2^d jumps ([algorithm_terminates]).

    The loss falls strictly at every jump ([loss_falls]); a saddle minimises the loss over its support; so no two
    saddles have the same support ([jumps_bound]). Independence of columns is not assumed. *)

From Coq Require Import Reals Lra Lia Arith List Classical.
From Coquelicot Require Import Coquelicot.
From Saddle Require Import Base Setting Rate Theorem2 Algorithm Minimisers Existence.
Open Scope R_scope.

Section Termination.
Variables (n d : nat) (X : nat -> nat -> R) (y : nat -> R).
Hypothesis npos : (0 < n)%nat.
Notation fit := (fit d X).
Notation grad := (grad n d X y).
Notation loss := (loss n d X y).
Notation feasible := (feasible d).
Notation minimiser := (minimiser n d X y).
Notation s_at_jump := (s_at_jump n d X y).
Notation dwell_start := (dwell_start n d X y).
Notation algorithm_run := (algorithm_run n d X y).
Notation algorithm_1 := (algorithm_1 n d X y).

Lemma s_next jump saddle k i :
  s_at_jump jump saddle (S k) i = s_at_jump jump saddle k i - (jump (S k) - jump k) * grad (saddle k) i.
Proof. exact (line_s_at_jump n d X y jump saddle k (jump (S k)) i). Qed.

(** At the end of a dwell its saddle satisfies the new sign constraints. *)
Lemma old_saddle_feasible K jump saddle k :
  algorithm_run K jump saddle -> (k < K)%nat -> feasible (s_at_jump jump saddle (S k)) (saddle k).
Proof.
  intros HA Hk i Hi. destruct (a1_next _ _ _ _ _ _ _ HA k Hk) as [Ht [_ Hn]].
  assert (G : kkt_state (s_at_jump jump saddle k i) (grad (saddle k) i) (saddle k i)).
  { apply (algorithm_kkt_state n d X y npos K); auto; lia. }
  destruct (stays_in_cube _ _ _ (jump (S k) - jump k) G ltac:(lra) ltac:(intros Hg; now apply Hn)) as [H1 H2].
  rewrite <- s_next in H1, H2. set (s := s_at_jump jump saddle (S k) i) in *. set (b := saddle k i) in *.
  pose proof (Rabs_pos b) as Hb. repeat split; intros E.
  - rewrite E in H2. lra.
  - rewrite E in H2. lra.
  - destruct (Req_dec b 0) as [|Hne]; [assumption|exfalso]. pose proof (Rabs_pos_lt b Hne) as P.
    assert (E2 : Rabs s * Rabs b = Rabs b) by (rewrite <- Rabs_mult, H2; apply Rabs_pos_eq, Rabs_pos). nra.
Qed.

Theorem loss_falls K jump saddle k :
  algorithm_run K jump saddle -> (k < K)%nat -> loss (saddle (S k)) < loss (saddle k).
Proof.
  intros HA Hk. destruct (Rlt_or_le (loss (saddle (S k))) (loss (saddle k))) as [|L]; [assumption|exfalso].
  destruct (a1_next _ _ _ _ _ _ _ HA k Hk) as [Ht [[i [Hi [Hg Hs]]] _]].
  pose proof (a1_saddle _ _ _ _ _ _ _ HA k Hk) as [_ Hm].
  pose proof (old_saddle_feasible K jump saddle k HA Hk) as HF.
  destruct (algorithm_kkt_state n d X y npos K jump saddle HA k ltac:(lia) i Hi) as [S1 [_ [S3 _]]].
  assert (Hb : saddle k i = 0) by (apply Rmult_integral in S3 as [|]; [contradiction|assumption]).
  apply (no_descent n d X y npos (s_at_jump jump saddle (S k)) (saddle k) i Hi) with (lim := 1); [|exact Hg|lra|].
  - split; [exact HF|]. intros c Hc. eapply Rle_trans; [exact L|now apply Hm].
  - intros h Hh. apply shift_feasible; [exact HF|]. rewrite Hb, Rplus_0_l, s_next.
    set (s := s_at_jump jump saddle k i) in *. set (g := grad (saddle k) i) in *. set (dl := jump (S k) - jump k) in *.
    assert (Hd : 0 < dl) by (unfold dl; lra). apply Rabs_le_between in S1.
    assert (Hgp : g < 0 \/ 0 < g) by (destruct (Rtotal_order g 0) as [|[|]]; auto; contradiction).
    repeat split; intros E.
    + assert (g < 0) by (destruct Hgp; [assumption|nra]). rewrite sign_eq_m1 by assumption. lra.
    + assert (0 < g) by (destruct Hgp; [nra|assumption]). rewrite sign_eq_1 by assumption. lra.
    + lra.
Qed.

Lemma loss_falls_far K jump saddle k l :
  algorithm_run K jump saddle -> (k < l)%nat -> (l <= K)%nat -> loss (saddle l) < loss (saddle k).
Proof.
  intros HA. induction l as [|l IH]; intros Hkl Hl; [lia|].
  pose proof (loss_falls K jump saddle l HA ltac:(lia)) as H.
  destruct (Nat.eq_dec k l) as [->|]; [exact H|]. pose proof (IH ltac:(lia) ltac:(lia)). lra.
Qed.

(** A saddle minimises the loss over the vectors with its support. *)
Lemma least_on_support b c :
  (forall i, (i < d)%nat -> grad b i * b i = 0) -> (forall i, (i < d)%nat -> b i = 0 -> c i = 0) -> loss b <= loss c.
Proof.
  intros Hb Hc. pose proof (loss_quadratic n d X y npos b c) as Q. pose proof (N_pos n npos) as HN.
  assert (0 <= sq n (fit (fun i => c i - b i)) / (2 * N n)).
  { apply Rmult_le_pos; [apply sq_nonneg|]. left; apply Rinv_0_lt_compat; lra. }
  assert (dot d (grad b) (fun i => c i - b i) = 0); [|lra]. apply Sum_zero. intros i Hi.
  destruct (Rmult_integral _ _ (Hb i Hi)) as [E|E]; [rewrite E; ring|rewrite E, (Hc i Hi E); ring].
Qed.

Lemma pigeonhole (f : nat -> nat) m K :
  (forall k, (k <= K)%nat -> (f k < m)%nat) -> (forall k l, (k < l)%nat -> (l <= K)%nat -> f k <> f l) -> (K < m)%nat.
Proof.
  intros Hf Hd. assert (N : NoDup (map f (seq 0 (S K)))).
  { apply (NoDup_nth _ (f 0%nat)). rewrite map_length, seq_length. intros i j Hi Hj E.
    rewrite !map_nth, !seq_nth in E by assumption. simpl in E. destruct (Nat.lt_trichotomy i j) as [H|[H|H]]; [|exact H|].
    - exfalso. apply (Hd i j); auto; lia.
    - exfalso. apply (Hd j i); auto; lia. }
  assert (I : incl (map f (seq 0 (S K))) (seq 0 m)).
  { intros z Hz. apply in_map_iff in Hz. destruct Hz as [k [<- Hk]]. apply in_seq in Hk. apply in_seq.
    pose proof (Hf k ltac:(lia)). lia. }
  pose proof (NoDup_incl_length N I) as H. rewrite map_length, !seq_length in H. lia.
Qed.

Theorem supports_differ K jump saddle k l :
  algorithm_run K jump saddle -> (k < l)%nat -> (l <= K)%nat -> support_code d (saddle k) <> support_code d (saddle l).
Proof.
  intros HA Hkl Hl E. pose proof (loss_falls_far K jump saddle k l HA Hkl Hl) as H.
  assert (loss (saddle k) <= loss (saddle l)); [|lra]. apply least_on_support.
  - intros i Hi. now destruct (algorithm_kkt_state n d X y npos K jump saddle HA k ltac:(lia) i Hi) as [_ [_ [S3 _]]].
  - intros i Hi. now apply (support_code_inj d _ _ E).
Qed.

Theorem jumps_bound K jump saddle : algorithm_run K jump saddle -> (K < 2 ^ d)%nat.
Proof.
  intros HA. apply (pigeonhole (fun k => support_code d (saddle k))).
  - intros k _. apply support_code_lt.
  - intros k l Hkl Hl. now apply (supports_differ K jump saddle).
Qed.

(** * One more turn of the loop *)

(** The time that coordinate i needs to reach its bound. *)
Definition reach (s g : R) : R := (1 + s * sign g) / Rabs g.

Lemma reach_spec s g b : kkt_state s g b -> g <> 0 ->
  0 < reach s g /\ Rabs (s - reach s g * g) = 1 /\ forall x, 0 < x < reach s g -> Rabs (s - x * g) <> 1.
Proof.
  intros [H1 [_ [_ H4]]] Hg. apply Rabs_le_between in H1. unfold reach.
  destruct (Rtotal_order g 0) as [G|[G|G]]; [|contradiction|].
  - rewrite sign_eq_m1, Rabs_left by assumption.
    assert (Hs : s < 1).
    { destruct (Req_dec s 1) as [->|]; [|lra]. rewrite Rabs_R1 in H4. specialize (H4 eq_refl). lra. }
    split; [apply Rdiv_lt_0_compat; lra|]. split.
    + replace (s - (1 + s * -1) / - g * g) with 1 by (field; lra). apply Rabs_R1.
    + intros x [Hx1 Hx2]. apply (Rmult_lt_compat_r (- g)) in Hx2; [|lra].
      replace ((1 + s * -1) / - g * - g) with (1 - s) in Hx2 by (field; lra).
      assert (0 < x * - g) by (apply Rmult_lt_0_compat; lra). unfold Rabs. destruct (Rcase_abs _); lra.
  - rewrite sign_eq_1, Rabs_pos_eq by lra.
    assert (Hs : -1 < s).
    { destruct (Req_dec s (-1)) as [->|]; [|lra]. rewrite Rabs_left in H4 by lra. specialize (H4 ltac:(lra)). lra. }
    split; [apply Rdiv_lt_0_compat; lra|]. split.
    + replace (s - (1 + s * 1) / g * g) with (-1) by (field; lra). rewrite Rabs_left; lra.
    + intros x [Hx1 Hx2]. apply (Rmult_lt_compat_r g) in Hx2; [|lra].
      replace ((1 + s * 1) / g * g) with (1 + s) in Hx2 by (field; lra).
      assert (0 < x * g) by (apply Rmult_lt_0_compat; lra). unfold Rabs. destruct (Rcase_abs _); lra.
Qed.

Lemma dwell_start_ext jump saddle jump' saddle' k :
  (forall k', (k' <= k)%nat -> jump' k' = jump k') -> (forall k', (k' < k)%nat -> saddle' k' = saddle k') ->
  dwell_start jump' saddle' k = dwell_start jump saddle k.
Proof.
  induction k as [|k IH]; intros Hj Hs; [reflexivity|]. simpl.
  rewrite IH, (Hj k), (Hj (S k)), (Hs k) by (intros; (apply Hj || apply Hs || idtac); lia). reflexivity.
Qed.

Lemma minimiser_ext s s' b : (forall i, (i < d)%nat -> s' i = s i) -> minimiser s b -> minimiser s' b.
Proof.
  intros E [H1 H2]. split.
  - intros i Hi. rewrite E by exact Hi. now apply H1.
  - intros c Hc. apply H2. intros i Hi. rewrite <- E by exact Hi. now apply Hc.
Qed.

Lemma one_more_turn K jump saddle :
  algorithm_run K jump saddle -> (exists i, (i < d)%nat /\ grad (saddle K) i <> 0) ->
  exists jump' saddle', algorithm_run (S K) jump' saddle'.
Proof.
  intros HA Hg. set (s := s_at_jump jump saddle K). set (g := grad (saddle K)).
  assert (HS : forall i, (i < d)%nat -> kkt_state (s i) (g i) (saddle K i)).
  { intros i Hi. apply (algorithm_kkt_state n d X y npos K jump saddle HA K (le_n K) i Hi). }
  destruct (finite_argmin d (fun i => g i <> 0) (fun i => reach (s i) (g i)) Hg) as [k0 [Hk0 [Hgk Hmin]]].
  set (delta := reach (s k0) (g k0)) in *.
  destruct (reach_spec _ _ _ (HS k0 Hk0) Hgk) as [Hd [Hr _]]. fold delta in Hd, Hr.
  destruct (minimiser_exists n d X y npos (fun i => s i - delta * g i)) as [b Hb].
  set (jump' := fun k => if Nat.leb k K then jump k else jump K + delta).
  set (saddle' := fun k => if Nat.leb k K then saddle k else b).
  assert (Ej : forall k, (k <= K)%nat -> jump' k = jump k).
  { intros k Hk. unfold jump'. apply Nat.leb_le in Hk. now rewrite Hk. }
  assert (Es : forall k, (k <= K)%nat -> saddle' k = saddle k).
  { intros k Hk. unfold saddle'. apply Nat.leb_le in Hk. now rewrite Hk. }
  assert (Ej' : jump' (S K) = jump K + delta).
  { unfold jump'. destruct (Nat.leb_spec (S K) K); [lia|reflexivity]. }
  assert (Es' : saddle' (S K) = b).
  { unfold saddle'. destruct (Nat.leb_spec (S K) K); [lia|reflexivity]. }
  assert (Ed : forall k, (k <= K)%nat -> s_at_jump jump' saddle' k = s_at_jump jump saddle k).
  { intros k Hk. unfold Algorithm.s_at_jump. rewrite (dwell_start_ext jump saddle); [reflexivity| |]; intros; [apply Ej|apply Es]; lia. }
  exists jump', saddle'. split.
  - rewrite Ej, Es by lia. apply (a1_start _ _ _ _ _ _ _ HA).
  - intros k Hk. destruct (Nat.eq_dec k K) as [->|Hne].
    + rewrite Ej', Ed, Es, (Ej K) by lia. fold s g.
      replace (jump K + delta - jump K) with delta by ring. split; [lra|]. split.
      * exists k0. repeat split; assumption.
      * intros i Hi Hgi x Hx. destruct (reach_spec _ _ _ (HS i Hi) Hgi) as [_ [_ H]]. apply H.
        pose proof (Hmin i Hi Hgi). lra.
    + rewrite Ed, Es, (Ej k), (Ej (S k)) by lia. apply (a1_next _ _ _ _ _ _ _ HA). lia.
  - intros k Hk. destruct (Nat.eq_dec k K) as [->|Hne].
    + rewrite Es'. apply (minimiser_ext (fun i => s i - delta * g i)); [|exact Hb]. intros i Hi.
      rewrite s_next, Ed, Ej', Es, (Ej K) by lia. fold s g. ring.
    + rewrite (Es (S k)), Ed by lia. apply (a1_saddle _ _ _ _ _ _ _ HA). lia.
Qed.

(** Algorithm 1 has an output for all data. *)
Theorem algorithm_terminates : exists K jump saddle, algorithm_1 K jump saddle /\ (K < 2 ^ d)%nat.
Proof.
  assert (H : forall m K jump saddle, algorithm_run K jump saddle -> (2 ^ d <= K + m)%nat ->
    exists K jump saddle, algorithm_1 K jump saddle).
  { induction m as [|m IH]; intros K jump saddle HA Hm.
    - pose proof (jumps_bound K jump saddle HA). lia.
    - destruct (classic (exists i, (i < d)%nat /\ grad (saddle K) i <> 0)) as [Hg|Hg].
      + destruct (one_more_turn K jump saddle HA Hg) as [jump' [saddle' HA']]. apply (IH (S K) jump' saddle' HA'). lia.
      + exists K, jump, saddle. split; [exact HA|]. intros i Hi. apply NNPP. intros Hne. apply Hg. now exists i. }
  destruct (H (2 ^ d)%nat 0%nat (fun _ => 0) (fun _ _ => 0)) as [K [jump [saddle HA]]].
  - split; [split; reflexivity| |]; intros; lia.
  - lia.
  - exists K, jump, saddle. split; [exact HA|]. apply (jumps_bound K jump saddle), HA.
Qed.

(** So the loss has a global minimum, and the network's flow exists for all data, all times and all positive starts. *)
Theorem flow_exists_from start : (forall i, (i < d)%nat -> 0 < start i) -> exists u v, network_flow_from n d X y start u v.
Proof.
  intros Hs. destruct algorithm_terminates as [K [jump [saddle [[_ Hend] _]]]].
  exact (network_flow_exists n d X y npos (saddle K) Hend start Hs).
Qed.

Theorem flow_exists Lambda : 0 < Lambda -> exists u v, network_flow n d X y (exp (- Lambda)) u v.
Proof. intros _. apply flow_exists_from. intros. apply exp_pos. Qed.

End Termination.
