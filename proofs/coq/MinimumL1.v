(** PF23, Theorem 2, last part; W20: the path ends at a global minimiser of the loss with the least l1 norm
    ([minimum_l1]); where the columns at their bound are independent, at the only one ([minimum_l1_unique]). *)

From Coq Require Import Reals Lra Lia Arith.
From Coquelicot Require Import Coquelicot.
From Saddle Require Import Base Setting Rate Theorem2.
Open Scope R_scope.

Section Minimum.
Variables (n d : nat) (X : nat -> nat -> R) (y : nat -> R).
Hypothesis npos : (0 < n)%nat.

(** Critical points of L fit the data alike. *)
Lemma common_fit b c :
  (forall i, (i < d)%nat -> grad n d X y b i = 0) -> (forall i, (i < d)%nat -> grad n d X y c i = 0) ->
  forall j, (j < n)%nat -> fit d X b j = fit d X c j.
Proof.
  intros Hb Hc j Hj. pose proof (N_pos n npos) as HN.
  pose proof (loss_quadratic n d X y npos b c) as Q1. pose proof (loss_quadratic n d X y npos c b) as Q2.
  assert (Z : forall g e, (forall i, (i < d)%nat -> g i = 0) -> dot d g e = 0).
  { intros g e H. apply Sum_zero. intros i Hi. rewrite H by exact Hi. ring. }
  rewrite Z in Q1, Q2 by assumption.
  assert (E : sq n (fit d X (fun i => b i - c i)) = sq n (fit d X (fun i => c i - b i))).
  { apply Sum_ext. intros k _. rewrite !fit_minus. ring. }
  rewrite E in Q2. pose proof (sq_nonneg n (fit d X (fun i => c i - b i))) as H0.
  assert (H1 : sq n (fit d X (fun i => c i - b i)) / (2 * N n) = 0) by lra.
  assert (H2 : sq n (fit d X (fun i => c i - b i)) = 0).
  { apply (Rmult_eq_reg_r (/ (2 * N n))); [unfold Rdiv in H1; lra|]. apply Rgt_not_eq, Rinv_0_lt_compat. lra. }
  pose proof (Sum_term n (fun j => fit d X (fun i => c i - b i) j * fit d X (fun i => c i - b i) j) j
    ltac:(intros; apply Rle_0_sqr) Hj) as T. cbv beta in T.
  change (Sum n (fun j => fit d X (fun i => c i - b i) j * fit d X (fun i => c i - b i) j))
    with (sq n (fit d X (fun i => c i - b i))) in T. rewrite H2, fit_minus in T.
  pose proof (Rle_0_sqr (fit d X c j - fit d X b j)) as S. unfold Rsqr in S.
  assert (E2 : (fit d X c j - fit d X b j) * (fit d X c j - fit d X b j) = 0) by lra.
  apply Rmult_integral in E2 as [E2|E2]; lra.
Qed.

(** The end of a limit path has the least l1 norm among the global minimisers. *)
Theorem minimum_l1 K jump saddle :
  limit_path n d X y K jump saddle ->
  forall c, (forall i, (i < d)%nat -> grad n d X y c i = 0) ->
  Sum d (fun i => Rabs (saddle K i)) <= Sum d (fun i => Rabs (c i)).
Proof.
  intros HP c Hc. set (w := line n d X y (dwell_start n d X y jump saddle K) (saddle K) (jump K) (jump K)).
  pose proof (lp_last _ _ _ _ _ _ _ HP (jump K) ltac:(lra)) as H. fold w in H.
  replace (Sum d (fun i => Rabs (saddle K i))) with (dot d (dual n X w) (saddle K)).
  2: { apply Sum_ext. intros i Hi. now apply H. }
  rewrite <- adjoint. rewrite (dot_ext n w (fit d X (saddle K)) w (fit d X c)); [|reflexivity|].
  - rewrite adjoint. apply Sum_le. intros i Hi. destruct (H i Hi) as [H1 _].
    eapply Rle_trans; [apply Rle_abs|]. rewrite Rabs_mult. pose proof (Rabs_pos (c i)). nra.
  - apply common_fit; [apply (lp_end _ _ _ _ _ _ _ HP)|exact Hc].
Qed.

Lemma sum_abs_equal (s c : nat -> R) :
  (forall i, (i < d)%nat -> Rabs (s i) <= 1) -> Sum d (fun i => Rabs (c i)) <= dot d s c ->
  forall i, (i < d)%nat -> s i * c i = Rabs (c i).
Proof.
  intros Hs H i Hi.
  assert (T : forall k, (k < d)%nat -> 0 <= Rabs (c k) - s k * c k).
  { intros k Hk. pose proof (Rle_abs (s k * c k)) as A. rewrite Rabs_mult in A. pose proof (Hs k Hk). pose proof (Rabs_pos (c k)). nra. }
  pose proof (Sum_term d (fun k => Rabs (c k) - s k * c k) i T Hi) as Q. cbv beta in Q.
  rewrite Sum_minus in Q. unfold dot in H. pose proof (T i Hi). lra.
Qed.

(** ... and no other global minimiser has so small a norm. *)
Theorem minimum_l1_unique K jump saddle u :
  limit_path n d X y K jump saddle -> jump K < u ->
  independent n d X (face n d X y (dwell_start n d X y jump saddle K) (saddle K) (jump K) u) ->
  forall c, (forall i, (i < d)%nat -> grad n d X y c i = 0) ->
  Sum d (fun i => Rabs (c i)) <= Sum d (fun i => Rabs (saddle K i)) ->
  forall i, (i < d)%nat -> c i = saddle K i.
Proof.
  intros HP Hu [q [Hq HI]] c Hc Hle i Hi.
  set (w := line n d X y (dwell_start n d X y jump saddle K) (saddle K) (jump K) u) in *.
  assert (Hd : forall i, (i < d)%nat -> Rabs (dual n X w i) <= 1 /\ dual n X w i * saddle K i = Rabs (saddle K i)).
  { apply (path_dwell n d X y K jump saddle K u HP); [now right|lra]. }
  assert (Hfit : forall j, (j < n)%nat -> fit d X c j = fit d X (saddle K) j).
  { apply common_fit; [exact Hc|apply (lp_end _ _ _ _ _ _ _ HP)]. }
  assert (Hsc : forall k, (k < d)%nat -> dual n X w k * c k = Rabs (c k)).
  { apply sum_abs_equal; [intros k Hk; now apply Hd|]. eapply Rle_trans; [exact Hle|]. right.
    rewrite <- adjoint, (dot_ext n w (fit d X c) w (fit d X (saddle K))) by auto. rewrite adjoint.
    apply Sum_ext. intros k Hk. symmetry. now apply Hd. }
  set (h := fun k => c k - saddle K k).
  assert (Hoff : forall b : R, forall k, Rabs (dual n X w k) <= 1 -> Rabs (dual n X w k) <> 1 -> dual n X w k * b = Rabs b -> b = 0).
  { intros b k H1 H2 H3. destruct (Req_dec b 0) as [|Hb]; [assumption|exfalso]. pose proof (Rabs_pos_lt b Hb) as P.
    assert (E : Rabs (dual n X w k) * Rabs b = Rabs b) by (rewrite <- Rabs_mult, H3; apply Rabs_pos_eq, Rabs_pos).
    apply H2. nra. }
  assert (Hh : forall k, (k < d)%nat -> ~ face n d X y (dwell_start n d X y jump saddle K) (saddle K) (jump K) u k -> h k = 0).
  { intros k Hk Hn. destruct (Hd k Hk) as [H1 H2]. unfold h.
    rewrite (Hoff (c k) k H1 Hn (Hsc k Hk)), (Hoff (saddle K k) k H1 Hn H2). ring. }
  assert (Hz : sq n (fit d X h) = 0).
  { apply Sum_zero. intros j Hj. unfold h. rewrite fit_minus, Hfit by exact Hj. ring. }
  destruct (Req_dec (Rabs (dual n X w i)) 1) as [Hf|Hf].
  - pose proof (HI h Hh i Hi Hf) as H. rewrite Hz, Rmult_0_r in H. pose proof (Rle_0_sqr (h i)) as S. unfold Rsqr in S.
    assert (E : h i * h i = 0) by lra. apply Rmult_integral in E as [E|E]; unfold h in E; lra.
  - pose proof (Hh i Hi Hf) as E. unfold h in E. lra.
Qed.

End Minimum.
