(** J21, section 2: deep linear networks A = W_(L-1) ... W_0, their gradient flow for every differentiable cost, and
    its symmetries.

    Layer l has [width l] inputs and [width (l+1)] outputs. Proved: the gradient ([deep_gradient]); balancedness,
    W_(l+1)' W_(l+1) - W_l W_l' is constant ([deep_balancedness]); isometries of the hidden layers, so rotations and
    the adding of zero neurons, carry flows to flows ([isometry_equivariance]; [rotation_equivariance],
    [zero_padding]). *)

From Coq Require Import Reals Lra Lia Arith.
From Coquelicot Require Import Coquelicot.
From Saddle Require Import Base.
Open Scope R_scope.

Definition matrix := nat -> nat -> R.

(** The entries of a product, the inner dimension being m. *)
Definition product (m : nat) (A B : matrix) : matrix := fun i j => Sum m (fun k => A i k * B k j).

Definition identity : matrix := fun i j => if Nat.eqb i j then 1 else 0.

Lemma Sum_identity_l m i (f : nat -> R) : (i < m)%nat -> Sum m (fun k => identity i k * f k) = f i.
Proof.
  intros Hi. induction m as [|m IH]; [lia|]. simpl. unfold identity at 2. destruct (Nat.eqb_spec i m) as [->|Hne].
  - rewrite Sum_zero; [ring|]. intros k Hk. unfold identity. destruct (Nat.eqb_spec m k); [lia|ring].
  - rewrite IH by lia. ring.
Qed.

Lemma Sum_identity_r m i (f : nat -> R) : (i < m)%nat -> Sum m (fun k => f k * identity k i) = f i.
Proof.
  intros Hi. rewrite <- (Sum_identity_l m i f Hi). apply Sum_ext. intros k _. unfold identity.
  rewrite (Nat.eqb_sym k i). ring.
Qed.

Lemma product_assoc m q A B C i j : product m A (product q B C) i j = product q (product m A B) C i j.
Proof.
  unfold product.
  rewrite (Sum_ext m _ (fun k => Sum q (fun l => A i k * B k l * C l j))).
  2: { intros k _. rewrite <- Sum_scal. apply Sum_ext. intros; ring. }
  rewrite Sum_swap. apply Sum_ext. intros l _. now rewrite Sum_scal_r.
Qed.

Section Network.
Variables (L : nat) (width : nat -> nat).

(** W_(l-1) ... W_0 and W_(L-1) ... W_(L-k). *)
Fixpoint below (W : nat -> matrix) (l : nat) : matrix :=
  match l with O => identity | S k => product (width k) (W k) (below W k) end.
Fixpoint above (W : nat -> matrix) (k : nat) : matrix :=
  match k with O => identity | S q => product (width (L - q)) (above W q) (W (L - S q)%nat) end.

(** The network's matrix A. *)
Definition network (W : nat -> matrix) : matrix := below W L.

Lemma below_ext W W' l : (forall k i j, (k < l)%nat -> (i < width (S k))%nat -> (j < width k)%nat -> W k i j = W' k i j) ->
  forall i j, (i < width l)%nat -> below W l i j = below W' l i j.
Proof.
  induction l as [|l IH]; intros H i j Hi; [reflexivity|]. simpl. unfold product. apply Sum_ext. intros k Hk.
  rewrite (H l i k), (IH ltac:(intros; apply H; lia || assumption) k j Hk) by (lia || assumption). reflexivity.
Qed.

Lemma above_ext W W' k : (k <= L)%nat ->
  (forall l i j, (L - k <= l < L)%nat -> (i < width (S l))%nat -> (j < width l)%nat -> W l i j = W' l i j) ->
  forall a j, (j < width (L - k))%nat -> above W k a j = above W' k a j.
Proof.
  induction k as [|k IH]; intros Hk H a j Hj; [reflexivity|]. simpl. unfold product. apply Sum_ext. intros i Hi.
  rewrite (IH ltac:(lia) ltac:(intros; apply H; lia || assumption) a i Hi).
  rewrite (H (L - S k)%nat i j); [reflexivity|lia| |exact Hj]. now replace (S (L - S k)) with (L - k)%nat by lia.
Qed.

(** A = (W_(L-1) ... W_l) (W_(l-1) ... W_0). *)
Lemma network_split W k : (k <= L)%nat -> forall a b, (a < width L)%nat ->
  network W a b = product (width (L - k)) (above W k) (below W (L - k)) a b.
Proof.
  induction k as [|k IH]; intros Hk a b Ha.
  - rewrite Nat.sub_0_r. unfold product. simpl. now rewrite (Sum_identity_l (width L) a (fun c => below W L c b) Ha).
  - rewrite IH by (lia || assumption). simpl above.
    rewrite <- product_assoc. unfold product at 1 2. apply Sum_ext. intros i _. f_equal.
    replace (L - k)%nat with (S (L - S k)) by lia. reflexivity.
Qed.

(** * The gradient *)

(** For the cost's gradient G at A: (W_(L-1) ... W_(l+1))' G (W_(l-1) ... W_0)', entry by entry. *)
Definition layer_gradient (G : matrix) (W : nat -> matrix) (l i j : nat) : R :=
  Sum (width L) (fun a => Sum (width 0) (fun b => above W (L - S l) a i * G a b * below W l j b)).

(** One entry of one layer changed by x. *)
Definition change_entry (W : nat -> matrix) (l i j : nat) (x : R) : nat -> matrix :=
  fun l' i' j' => if (Nat.eqb l' l && Nat.eqb i' i && Nat.eqb j' j)%bool then W l' i' j' + x else W l' i' j'.

Lemma change_entry_other W l i j x l' i' j' : l' <> l -> change_entry W l i j x l' i' j' = W l' i' j'.
Proof. intros H. unfold change_entry. destruct (Nat.eqb_spec l' l); [contradiction|reflexivity]. Qed.

Lemma change_entry_same W l i j x i' j' : change_entry W l i j x l i' j' = W l i' j' + x * (identity i' i * identity j j').
Proof.
  unfold change_entry, identity. rewrite Nat.eqb_refl, (Nat.eqb_sym j j').
  destruct (Nat.eqb i' i), (Nat.eqb j' j); simpl; ring.
Qed.

(** A is affine in each entry. *)
Lemma network_affine W l i j x : (l < L)%nat -> (i < width (S l))%nat -> (j < width l)%nat ->
  forall a b, (a < width L)%nat ->
  network (change_entry W l i j x) a b = network W a b + x * (above W (L - S l) a i * below W l j b).
Proof.
  intros Hl Hi Hj a b Ha. set (V := change_entry W l i j x). set (k := (L - S l)%nat).
  rewrite !(network_split _ k) by (unfold k; lia || assumption).
  replace (L - k)%nat with (S l) by (unfold k; lia). simpl below.
  unfold product at 1 3.
  rewrite (Sum_ext (width (S l)) _ (fun c => above W k a c * product (width l) (W l) (below W l) c b
    + x * (above W k a c * identity c i) * below W l j b)).
  - rewrite Sum_plus. f_equal. rewrite Sum_scal_r, Sum_scal. rewrite (Sum_identity_r (width (S l)) i (fun c => above W k a c) Hi). ring.
  - intros c Hc. assert (EA : above V k a c = above W k a c).
    { apply above_ext; [unfold k; lia| |replace (L - k)%nat with (S l) by (unfold k; lia); exact Hc].
      intros l' i' j' Hl' _ _. apply change_entry_other. unfold k in Hl'. lia. }
    assert (EB : product (width l) (V l) (below V l) c b = product (width l) (W l) (below W l) c b + x * identity c i * below W l j b).
    { unfold product. rewrite (Sum_ext (width l) (fun e => V l c e * below V l e b)
        (fun e => W l c e * below W l e b + x * identity c i * (identity j e * below W l e b))).
      - rewrite Sum_plus, Sum_scal. f_equal. now rewrite (Sum_identity_l (width l) j (fun e => below W l e b) Hj).
      - intros e He. unfold V. rewrite change_entry_same.
        rewrite (below_ext (change_entry W l i j x) W l) by (try exact He; intros; apply change_entry_other; lia). ring. }
    rewrite EA, EB. ring.
Qed.

(** The cost C has the gradient G at A: its derivative along every matrix M is the sum of G_ab M_ab. *)
Definition cost_gradient (C : matrix -> R) (A G : matrix) : Prop :=
  (forall B B' : matrix, (forall a b, (a < width L)%nat -> (b < width 0)%nat -> B a b = B' a b) -> C B = C B') /\
  forall M : matrix, derivable_pt_lim (fun x => C (fun a b => A a b + x * M a b)) 0
    (Sum (width L) (fun a => Sum (width 0) (fun b => G a b * M a b))).

(** The gradient of the loss C(A) in the entry (i, j) of layer l. *)
Theorem deep_gradient C G W l i j :
  cost_gradient C (network W) G -> (l < L)%nat -> (i < width (S l))%nat -> (j < width l)%nat ->
  derivable_pt_lim (fun x => C (network (change_entry W l i j x))) 0 (layer_gradient G W l i j).
Proof.
  intros [Hext HC] Hl Hi Hj. set (M := fun a b => above W (L - S l) a i * below W l j b).
  assert (E : layer_gradient G W l i j = Sum (width L) (fun a => Sum (width 0) (fun b => G a b * M a b))).
  { unfold layer_gradient, M. apply Sum_ext. intros a _. apply Sum_ext. intros b _. ring. }
  rewrite E. intros eps He. destruct (HC M eps He) as [dl H]. exists dl. intros h Hh Hd. specialize (H h Hh Hd).
  assert (EC : forall x, C (network (change_entry W l i j x)) = C (fun a b => network W a b + x * M a b)).
  { intros x. apply Hext. intros a b Ha _. now apply network_affine. }
  rewrite !EC. exact H.
Qed.

(** * The gradient flow *)

(** [G A] is the gradient of the cost at A. *)
Definition deep_flow (G : matrix -> matrix) (W : R -> nat -> matrix) : Prop :=
  forall l i j, (l < L)%nat -> (i < width (S l))%nat -> (j < width l)%nat ->
    C1 (fun T => W T l i j) (fun T => - layer_gradient (G (network (W T))) (W T) l i j).

Definition cross (G : matrix) (W : nat -> matrix) (l i j : nat) : R :=
  Sum (width L) (fun a => Sum (width 0) (fun b => above W (L - l) a i * G a b * below W l j b)).

Lemma upper_cross G W l i j : (S l <= L)%nat ->
  Sum (width (S l)) (fun k => W l k i * layer_gradient G W l k j) = cross G W l i j.
Proof.
  intros Hl. unfold layer_gradient, cross.
  rewrite (Sum_ext (width (S l)) _ (fun k => Sum (width L) (fun a => Sum (width 0) (fun b => above W (L - S l) a k * W l k i * (G a b * below W l j b))))).
  2: { intros k _. rewrite <- Sum_scal. apply Sum_ext. intros a _. rewrite <- Sum_scal. apply Sum_ext. intros b _. ring. }
  rewrite Sum_swap. apply Sum_ext. intros a _. rewrite Sum_swap. apply Sum_ext. intros b _.
  rewrite Sum_scal_r. replace (L - l)%nat with (S (L - S l)) by lia. simpl above. unfold product.
  replace (L - (L - S l))%nat with (S l) by lia. replace (L - S (L - S l))%nat with l by lia. ring.
Qed.

Lemma lower_cross G W l i j : (l < L)%nat ->
  Sum (width l) (fun k => W l j k * layer_gradient G W l i k) = cross G W (S l) i j.
Proof.
  intros Hl. unfold layer_gradient, cross.
  rewrite (Sum_ext (width l) _ (fun k => Sum (width L) (fun a => Sum (width 0) (fun b => above W (L - S l) a i * G a b * (W l j k * below W l k b))))).
  2: { intros k _. rewrite <- Sum_scal. apply Sum_ext. intros a _. rewrite <- Sum_scal. apply Sum_ext. intros b _. ring. }
  rewrite Sum_swap. apply Sum_ext. intros a _. rewrite Sum_swap. apply Sum_ext. intros b _.
  rewrite Sum_scal. reflexivity.
Qed.

(** The entry (i, j) of W_(l+1)' W_(l+1) - W_l W_l'. *)
Definition imbalance (W : nat -> matrix) (l i j : nat) : R :=
  Sum (width (S (S l))) (fun k => W (S l) k i * W (S l) k j) - Sum (width l) (fun k => W l i k * W l j k).

Theorem deep_balancedness G W l i j :
  deep_flow G W -> (S l < L)%nat -> (i < width (S l))%nat -> (j < width (S l))%nat ->
  forall T, 0 <= T -> imbalance (W T) l i j = imbalance (W 0) l i j.
Proof.
  intros HF Hl Hi Hj T HT. apply (C1_constant (fun T => imbalance (W T) l i j) 0 T); [|lra|exact HT].
  unfold imbalance. set (g := fun T => layer_gradient (G (network (W T))) (W T)).
  eapply C1_ext.
  - apply C1_minus.
    + apply (C1_Sum (width (S (S l))) (fun T k => W T (S l) k i * W T (S l) k j)
        (fun T k => - g T (S l) k i * W T (S l) k j + W T (S l) k i * - g T (S l) k j)).
      intros k Hk. apply (C1_mult (fun T => W T (S l) k i) _ (fun T => W T (S l) k j)); apply HF; assumption.
    + apply (C1_Sum (width l) (fun T k => W T l i k * W T l j k) (fun T k => - g T l i k * W T l j k + W T l i k * - g T l j k)).
      intros k Hk. apply (C1_mult (fun T => W T l i k) _ (fun T => W T l j k)); apply HF; (assumption || lia).
  - reflexivity.
  - intros t _. cbv beta.
    assert (E1 : Sum (width (S (S l))) (fun k => - g t (S l) k i * W t (S l) k j + W t (S l) k i * - g t (S l) k j)
      = - (cross (G (network (W t))) (W t) (S l) j i + cross (G (network (W t))) (W t) (S l) i j)).
    { rewrite <- !upper_cross by lia. rewrite <- Sum_plus, <- Sum_opp. apply Sum_ext. intros k _. unfold g. ring. }
    assert (E2 : Sum (width l) (fun k => - g t l i k * W t l j k + W t l i k * - g t l j k)
      = - (cross (G (network (W t))) (W t) (S l) i j + cross (G (network (W t))) (W t) (S l) j i)).
    { rewrite <- !lower_cross by lia. rewrite <- Sum_plus, <- Sum_opp. apply Sum_ext. intros k _. unfold g. ring. }
    rewrite E1, E2. ring.
Qed.

End Network.

(** * Symmetries *)

(** J_(l+1) W_l J_l' for matrices J_l of [width' l] rows and [width l] columns. *)
Definition embed (width : nat -> nat) (J : nat -> matrix) (W : nat -> matrix) : nat -> matrix :=
  fun l i j => Sum (width (S l)) (fun k => Sum (width l) (fun m => J (S l) i k * W l k m * J l j m)).

(** J_l' J_l = 1 in every layer, and J is the identity at both ends. *)
Definition isometries (L : nat) (width width' : nat -> nat) (J : nat -> matrix) : Prop :=
  (forall l i j, (l <= L)%nat -> (i < width l)%nat -> (j < width l)%nat ->
     Sum (width' l) (fun k => J l k i * J l k j) = identity i j) /\
  width' 0%nat = width 0%nat /\ width' L = width L /\
  (forall i j, (i < width 0)%nat -> (j < width 0)%nat -> J 0%nat i j = identity i j) /\
  (forall i j, (i < width L)%nat -> (j < width L)%nat -> J L i j = identity i j).

Section Symmetry.
Variables (L : nat) (width width' : nat -> nat) (J : nat -> matrix).
Hypothesis HJ : isometries L width width' J.

Lemma embed_below W l : (l <= L)%nat -> forall i b, (i < width' l)%nat -> (b < width 0)%nat ->
  below width' (embed width J W) l i b = Sum (width l) (fun k => J l i k * below width W l k b).
Proof.
  destruct HJ as [HI [Hw0 [HwL [HJ0 HJL]]]]. induction l as [|l IH]; intros Hl i b Hi Hb.
  - simpl. rewrite Hw0 in Hi. rewrite (Sum_identity_r (width 0) b (fun k => J 0%nat i k) Hb). symmetry. now apply HJ0.
  - simpl. unfold product at 1.
    rewrite (Sum_ext (width' l) _ (fun c => Sum (width l) (fun q => embed width J W l i c * J l c q * below width W l q b))).
    2: { intros c Hc. rewrite IH by (lia || assumption). rewrite <- Sum_scal. apply Sum_ext. intros; ring. }
    rewrite Sum_swap.
    transitivity (Sum (width l) (fun q => Sum (width (S l)) (fun k => J (S l) i k * W l k q) * below width W l q b)).
    + apply Sum_ext. intros q Hq. rewrite Sum_scal_r. f_equal. unfold embed.
      rewrite (Sum_ext (width' l) _ (fun c => Sum (width (S l)) (fun k => Sum (width l) (fun m => J (S l) i k * W l k m * (J l c m * J l c q))))).
      2: { intros c _. rewrite <- Sum_scal_r. apply Sum_ext. intros k _. rewrite <- Sum_scal_r. apply Sum_ext. intros m _. ring. }
      rewrite Sum_swap. apply Sum_ext. intros k _. rewrite Sum_swap.
      rewrite (Sum_ext (width l) _ (fun m => J (S l) i k * W l k m * identity m q)).
      2: { intros m Hm. rewrite Sum_scal. f_equal. apply HI; (lia || assumption). }
      now rewrite (Sum_identity_r (width l) q (fun m => J (S l) i k * W l k m) Hq).
    + unfold product.
      rewrite (Sum_ext (width l) _ (fun q => Sum (width (S l)) (fun k => J (S l) i k * (W l k q * below width W l q b)))).
      2: { intros q _. rewrite <- Sum_scal_r. apply Sum_ext. intros; ring. }
      rewrite Sum_swap. apply Sum_ext. intros k _. now rewrite Sum_scal.
Qed.

Lemma embed_above W k : (k <= L)%nat -> forall a j, (a < width L)%nat -> (j < width' (L - k))%nat ->
  above L width' (embed width J W) k a j = Sum (width (L - k)) (fun i => above L width W k a i * J (L - k)%nat j i).
Proof.
  destruct HJ as [HI [Hw0 [HwL [HJ0 HJL]]]]. induction k as [|k IH]; intros Hk a j Ha Hj.
  - rewrite Nat.sub_0_r in *. simpl. rewrite (Sum_identity_l (width L) a (fun i => J L j i) Ha).
    rewrite HwL in Hj. rewrite HJL by assumption. unfold identity. now rewrite Nat.eqb_sym.
  - simpl. unfold product at 1. set (l := (L - S k)%nat) in *. replace (L - k)%nat with (S l) by (unfold l; lia).
    assert (El : (L - k)%nat = S l) by (unfold l; lia). rewrite El in IH.
    rewrite (Sum_ext (width' (S l)) _ (fun c => Sum (width (S l)) (fun i => above L width W k a i * J (S l) c i * embed width J W l c j))).
    2: { intros c Hc. rewrite IH by (lia || assumption). now rewrite Sum_scal_r. }
    rewrite Sum_swap.
    transitivity (Sum (width (S l)) (fun i => above L width W k a i * Sum (width l) (fun m => W l i m * J l j m))).
    + apply Sum_ext. intros i Hi.
      rewrite (Sum_ext (width' (S l)) _ (fun c => Sum (width (S l)) (fun q => Sum (width l) (fun m => above L width W k a i * (W l q m * J l j m) * (J (S l) c i * J (S l) c q))))).
      2: { intros c _. unfold embed. rewrite <- Sum_scal. apply Sum_ext. intros q _. rewrite <- Sum_scal. apply Sum_ext. intros m _. ring. }
      rewrite Sum_swap.
      rewrite (Sum_ext (width (S l)) _ (fun q => identity i q * (above L width W k a i * Sum (width l) (fun m => W l q m * J l j m)))).
      2: { intros q Hq. rewrite Sum_swap. rewrite (Sum_ext (width l) _ (fun m => identity i q * above L width W k a i * (W l q m * J l j m))).
           - rewrite Sum_scal. ring.
           - intros m _. rewrite Sum_scal, HI by (unfold l; lia || assumption). ring. }
      now rewrite (Sum_identity_l (width (S l)) i (fun q => above L width W k a i * Sum (width l) (fun m => W l q m * J l j m)) Hi).
    + unfold product.
      rewrite (Sum_ext (width (S l)) _ (fun i => Sum (width l) (fun m => above L width W k a i * W l i m * J l j m))).
      2: { intros i _. rewrite <- Sum_scal. apply Sum_ext. intros; ring. }
      rewrite Sum_swap. apply Sum_ext. intros m _. now rewrite Sum_scal_r.
Qed.

Lemma embed_network W a b : (a < width L)%nat -> (b < width 0)%nat ->
  network L width' (embed width J W) a b = network L width W a b.
Proof.
  intros Ha Hb. pose proof HJ as [_ [_ [HwL [_ HJL]]]]. unfold network.
  rewrite embed_below by (rewrite ?HwL; auto).
  rewrite (Sum_ext (width L) _ (fun k => identity a k * below width W L k b)) by (intros k Hk; now rewrite HJL).
  now rewrite (Sum_identity_l (width L) a (fun k => below width W L k b) Ha).
Qed.

Lemma embed_gradient G W l i j : (l < L)%nat -> (i < width' (S l))%nat -> (j < width' l)%nat ->
  layer_gradient L width' G (embed width J W) l i j = embed width J (layer_gradient L width G W) l i j.
Proof.
  intros Hl Hi Hj. pose proof HJ as [_ [Hw0 [HwL _]]]. unfold layer_gradient, embed. fold (embed width J W). rewrite Hw0, HwL.
  assert (El : (L - (L - S l))%nat = S l) by lia.
  transitivity (Sum (width L) (fun a => Sum (width 0) (fun b => Sum (width (S l)) (fun k => Sum (width l) (fun m =>
    J (S l) i k * (above L width W (L - S l) a k * G a b * below width W l m b) * J l j m))))).
  - apply Sum_ext. intros a Ha. apply Sum_ext. intros b Hb.
    rewrite embed_above by (rewrite ?El; lia || assumption). rewrite El. rewrite embed_below by (lia || assumption).
    rewrite <- !Sum_scal_r. apply Sum_ext. intros k _. rewrite <- Sum_scal. apply Sum_ext. intros m _. ring.
  - rewrite (Sum_ext (width L) _ (fun a => Sum (width (S l)) (fun k => Sum (width 0) (fun b => Sum (width l) (fun m =>
      J (S l) i k * (above L width W (L - S l) a k * G a b * below width W l m b) * J l j m))))) by (intros; apply Sum_swap).
    rewrite Sum_swap. apply Sum_ext. intros k _.
    rewrite (Sum_ext (width L) _ (fun a => Sum (width l) (fun m => Sum (width 0) (fun b =>
      J (S l) i k * (above L width W (L - S l) a k * G a b * below width W l m b) * J l j m)))) by (intros; apply Sum_swap).
    rewrite Sum_swap. apply Sum_ext. intros m _. rewrite <- Sum_scal, <- Sum_scal_r. apply Sum_ext. intros a _.
    rewrite <- Sum_scal, <- Sum_scal_r. reflexivity.
Qed.

(** The same function, the embedded gradient, and so the embedded flow. *)
Theorem isometry_equivariance :
  (forall W a b, (a < width L)%nat -> (b < width 0)%nat -> network L width' (embed width J W) a b = network L width W a b) /\
  (forall G W l i j, (l < L)%nat -> (i < width' (S l))%nat -> (j < width' l)%nat ->
     layer_gradient L width' G (embed width J W) l i j = embed width J (layer_gradient L width G W) l i j) /\
  (forall G W, (forall A B : matrix, (forall a b, (a < width L)%nat -> (b < width 0)%nat -> A a b = B a b) ->
       forall a b, (a < width L)%nat -> (b < width 0)%nat -> G A a b = G B a b) ->
     deep_flow L width G W -> deep_flow L width' G (fun T => embed width J (W T))).
Proof.
  split; [intros; now apply embed_network|]. split; [intros; now apply embed_gradient|].
  intros G W HG HF l i j Hl Hi Hj. pose proof HJ as [_ [Hw0 [HwL _]]]. eapply C1_ext.
  - apply (C1_Sum (width (S l)) (fun T k => Sum (width l) (fun m => J (S l) i k * W T l k m * J l j m))
      (fun T k => Sum (width l) (fun m => J (S l) i k * - layer_gradient L width (G (network L width (W T))) (W T) l k m * J l j m))).
    intros k Hk. apply (C1_Sum (width l) (fun T m => J (S l) i k * W T l k m * J l j m)
      (fun T m => J (S l) i k * - layer_gradient L width (G (network L width (W T))) (W T) l k m * J l j m)).
    intros m Hm. eapply C1_ext.
    + apply C1_scal, (HF l k m Hl Hk Hm).
    + intros t. cbv beta. instantiate (1 := J (S l) i k * J l j m). ring.
    + intros t _. cbv beta. ring.
  - reflexivity.
  - intros t _. cbv beta.
    assert (E : layer_gradient L width' (G (network L width' (embed width J (W t)))) (embed width J (W t)) l i j
      = layer_gradient L width' (G (network L width (W t))) (embed width J (W t)) l i j).
    { unfold layer_gradient. rewrite Hw0, HwL. apply Sum_ext. intros a Ha. apply Sum_ext. intros b Hb.
      rewrite (HG (network L width' (embed width J (W t))) (network L width (W t))); [reflexivity| |exact Ha|exact Hb].
      intros a' b' Ha' Hb'. now apply embed_network. }
    rewrite E, embed_gradient by assumption. unfold embed. rewrite <- Sum_opp. apply Sum_ext. intros k _.
    rewrite <- Sum_opp. apply Sum_ext. intros m _. ring.
Qed.
End Symmetry.

(** Rotations of the hidden layers. *)
Theorem rotation_equivariance L width R :
  (forall l i j, (l <= L)%nat -> (i < width l)%nat -> (j < width l)%nat ->
     Sum (width l) (fun k => R l k i * R l k j) = identity i j) ->
  (forall i j, (i < width 0%nat)%nat -> (j < width 0%nat)%nat -> R 0%nat i j = identity i j) ->
  (forall i j, (i < width L)%nat -> (j < width L)%nat -> R L i j = identity i j) ->
  (forall W a b, (a < width L)%nat -> (b < width 0%nat)%nat -> network L width (embed width R W) a b = network L width W a b) /\
  (forall G W l i j, (l < L)%nat -> (i < width (S l))%nat -> (j < width l)%nat ->
     layer_gradient L width G (embed width R W) l i j = embed width R (layer_gradient L width G W) l i j) /\
  (forall G W, (forall A B : matrix, (forall a b, (a < width L)%nat -> (b < width 0%nat)%nat -> A a b = B a b) ->
       forall a b, (a < width L)%nat -> (b < width 0%nat)%nat -> G A a b = G B a b) ->
     deep_flow L width G W -> deep_flow L width G (fun T => embed width R (W T))).
Proof. intros H1 H2 H3. apply (isometry_equivariance L width width R). repeat split; auto. Qed.

(** Zero neurons added to the hidden layers. *)
Theorem zero_padding L width width' :
  (forall l, (l <= L)%nat -> (width l <= width' l)%nat) -> width' 0%nat = width 0%nat -> width' L = width L ->
  isometries L width width' (fun _ => identity) /\
  forall W l i j, embed width (fun _ => identity) W l i j
    = if (Nat.ltb i (width (S l)) && Nat.ltb j (width l))%bool then W l i j else 0.
Proof.
  intros Hle H0 HL. split.
  - split; [|repeat split; auto]. intros l i j Hl Hi Hj. pose proof (Hle l Hl).
    rewrite (Sum_identity_r (width' l) j (fun k => identity k i)) by lia. unfold identity. now rewrite Nat.eqb_sym.
  - intros W l i j. unfold embed.
    destruct (Nat.ltb_spec i (width (S l))) as [Hi|Hi], (Nat.ltb_spec j (width l)) as [Hj|Hj]; simpl.
    + rewrite (Sum_ext (width (S l)) _ (fun k => identity i k * W l k j)).
      * now apply (Sum_identity_l (width (S l)) i (fun k => W l k j)).
      * intros k _. rewrite (Sum_ext (width l) _ (fun m => (identity i k * W l k m) * identity m j)).
        -- now apply (Sum_identity_r (width l) j (fun m => identity i k * W l k m)).
        -- intros m _. unfold identity at 2 4. rewrite (Nat.eqb_sym j m). ring.
    + apply Sum_zero. intros k _. apply Sum_zero. intros m Hm. unfold identity at 2. destruct (Nat.eqb_spec j m); [lia|ring].
    + apply Sum_zero. intros k Hk. apply Sum_zero. intros m _. unfold identity at 1. destruct (Nat.eqb_spec i k); [lia|ring].
    + apply Sum_zero. intros k Hk. apply Sum_zero. intros m _. unfold identity at 1. destruct (Nat.eqb_spec i k); [lia|ring].
Qed.
