"""Parts of the matrix A that a cost does not couple.

Rows and columns of A are the vertices of a graph.  Its edges are either the observed
entries (where the mask is 1) or only those where B = −∇C(0) is not zero; K couples columns.
Each connected part is a cost of its own.

- Parts by *observed entries* are independent for ever: with L = 2 the rows of
  Z = [W_2; W_1ᵀ] that belong to one of them obey equations that do not contain the others.
- Parts by *B* are independent in the limit α → 0: if A vanishes outside them, so does ∇C(A).
"""

from __future__ import annotations

from dataclasses import dataclass

import networkx as nx

from saddlesym.deep.cost import QuadraticCost
from saddlesym.exact.documents.results import Documented
from saddlesym.exact.linear.matrices import Matrix


@dataclass(frozen=True)
class CostBlock(Documented):
    """Rows and columns of A that a cost couples.

    Attributes:
        rows: 0-based.
        columns: 0-based.
    """

    rows: tuple[int, ...]
    columns: tuple[int, ...]


def cost_blocks(cost: QuadraticCost) -> tuple[CostBlock, ...]:
    """The parts that B and K couple, without those where B = 0.

    >>> cost_blocks(QuadraticCost.whitened([[2, 0, 0], [0, 1, 1]]))
    (CostBlock(rows=(0,), columns=(0,)), CostBlock(rows=(1,), columns=(1, 2)))
    """
    return _parts(cost, cost.B)


def observed_parts(cost: QuadraticCost) -> tuple[CostBlock, ...]:
    """The parts that observed entries and K couple, without unobserved rows and columns.

    >>> observed_parts(QuadraticCost.whitened([[2, 0], [0, 1]]))
    (CostBlock(rows=(0, 1), columns=(0, 1)),)
    """
    return _parts(cost, cost.mask)


def restricted(cost: QuadraticCost, block: CostBlock) -> QuadraticCost:
    """The cost on the entries of one block; its constant is C(0), as before."""

    def cut(matrix: Matrix, rows: tuple[int, ...]) -> Matrix:
        return tuple(tuple(matrix[i][j] for j in block.columns) for i in rows)

    mask, K, B = cut(cost.mask, block.rows), cut(cost.K, block.columns), cut(cost.B, block.rows)
    return QuadraticCost(mask, K, B, cost.constant)


def _parts(cost: QuadraticCost, entries: Matrix) -> tuple[CostBlock, ...]:
    n_out, n_in = cost.shape
    graph = nx.Graph()
    for i in range(n_out):
        graph.add_edges_from((("row", i), ("column", j)) for j in range(n_in) if entries[i][j] != 0)
    for j in range(n_in):
        graph.add_edges_from((("column", j), ("column", k)) for k in range(j) if cost.K[j][k] != 0)
    found = []
    for part in nx.connected_components(graph):
        rows = tuple(sorted(i for kind, i in part if kind == "row"))
        columns = tuple(sorted(j for kind, j in part if kind == "column"))
        if rows:
            found.append(CostBlock(rows, columns))
    return tuple(sorted(found, key=lambda block: block.rows))
