"""The transition graph of strictly convex data, checked by Coq's kernel: ``kernel_graph_certificate``."""

from __future__ import annotations

from pathlib import Path

from flint import fmpz_mat

from saddlesym.diagonal.path.transitions import mask_of, members
from saddlesym.errors import BadInputError
from saddlesym.exact.linear.rational import solve
from saddlesym.graph.diagonal import SaddleGraph
from saddlesym.kernel.certificate import KernelCertificate, run_kernel
from saddlesym.kernel.coq_file import data_text, group_text, points_text, title_text
from saddlesym.kernel.integers import IntegerData, IntegerPoint, LeftInverse
from saddlesym.progress import Listener

#: Most columns: the checker solves for every active set, and tries every pair of saddles.
MAX_COLUMNS = 6

_WORDS = (
    "The saddles listed are all β with β_i ∇L(β)_i = 0 for every i, each with its active columns; and an"
    " edge leads from b to c exactly where c is the minimiser of L on the columns active at b or c, under the"
    " signs in which b stands, or is drawn by −∇L(b) (the transition rule)."
)


def kernel_graph_certificate(
    graph: SaddleGraph, *, run: bool = True, progress: Listener | None = None
) -> KernelCertificate:
    """Let Coq's kernel check that a transition graph is complete and right.

    That orbits of the flow obey the transition rule is not part of the theorem; what the rule says of
    every pair of saddles is.

    Args:
        graph: all saddles and all transitions of data with at most six columns, which are independent.
        run: whether to run ``coqc``, where it is installed; otherwise the file is only written.
        progress: called with what is done, and how much of how much.

    Raises:
        BadInputError: the graph is not the full one, or the data are larger or not strictly convex.

    Source: the transition rule (``transition-rule``; HS22), in ``proofs/coq/Graph.v``.

    >>> from saddlesym import DiagonalProblem, transition_graph
    >>> graph = transition_graph(DiagonalProblem([[-3, -1], [-1, 0]], [-1, 1]), elementary=False)
    >>> kernel_graph_certificate(graph, run=False)
    KernelCertificate(NOT CHECKED: coqc was not run)
    """
    d = graph.problem.d
    if d > MAX_COLUMNS:
        raise BadInputError(f"{d} columns", needed=f"at most {MAX_COLUMNS}")
    if graph.elementary or graph.reachable_only or graph.max_support < d:
        needed = "transition_graph(problem, elementary=False)"
        raise BadInputError("the graph leaves out saddles or transitions", needed=needed)
    data = IntegerData.of(graph.problem)
    inverse = LeftInverse.of(data, tuple(range(d)))
    if inverse is None:
        raise BadInputError("the columns are dependent", needed="independent ones (strictly convex data)")
    source = _graph_file(graph, data, inverse)
    found = KernelCertificate(None, "coqc was not run", _theorem(data), source, _WORDS)
    return run_kernel(found, 2.0, "", progress) if run else found


def _theorem(data: IntegerData) -> str:
    return (
        "Theorem graph_is_right :\n"
        f"  certified_graph {data.n} {data.d} (features the_data) (responses the_data)\n"
        "    (saddle the_data the_points) the_nodes the_edges."
    )


def _graph_file(graph: SaddleGraph, data: IntegerData, inverse: LeftInverse) -> str:
    masks = sorted(mask_of(graph.support(k)) for k in range(len(graph)))
    pairs = sorted((mask_of(graph.support(s)), mask_of(graph.support(t))) for s, t in graph.pairs())
    points = [_point(data, members(mask)) for mask in range(2**data.d)]
    name = Path(graph.problem.source).name
    return f"""(** Written by saddlesym: the transition graph{title_text(name)}. *)
From Coq Require Import Reals List ZArith QArith.
From Saddle Require Import Checker Graph.
Import ListNotations.
Open Scope Z_scope.

{data_text(data)}
(** Where the slopes of the active columns vanish, for every set of them (bit i: column i): numerators over a
    denominator, times the denominators of the columns. *)
Definition the_points : saddles :=
  [{points_text(points)}].

(** The saddles and the transitions, by active columns. *)
Definition the_nodes : list nat := [{"; ".join(map(str, masks))}]%nat.
Definition the_edges : list (nat * nat) := [{"; ".join(f"({s}, {t})" for s, t in pairs)}]%nat.

Definition the_inverse : independents :=
  {group_text(inverse, data.d)}.

Lemma accepted : check_graph {data.n} {data.d} the_data the_points the_inverse the_nodes the_edges = true.
Proof. vm_cast_no_check (eq_refl true). Qed.

{_theorem(data)}
Proof. exact (checked_graph _ _ _ _ _ _ _ accepted). Qed.

Print Assumptions graph_is_right.
"""


def _point(data: IntegerData, support: tuple[int, ...]) -> IntegerPoint:
    """Where the slopes of these columns vanish, 0 elsewhere."""
    right = fmpz_mat(len(support), 1, [data.corr[i] for i in support])
    solution = solve(data.targets_over * data.block(support), right)
    assert solution is not None
    entries = dict(zip(support, solution[0].entries(), strict=True))
    return [int(entries.get(i, 0)) for i in range(data.d)], int(solution[1])
