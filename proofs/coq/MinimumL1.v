(** PF23, Theorem 2, last part; W20: the path ends at a global minimiser of the loss with the least l1 norm. *)

From Coq Require Import Reals Lra Lia Arith.
From Saddle Require Import Base Setting Rate.
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
End Minimum.
