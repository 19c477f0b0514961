"""Surplus hidden width taken out exactly: a hidden layer never leaves the span of its start.

A hidden layer l is met by the rows of ``Z_l = (W_{l+1}; W_lᵀ)`` alone, and the flow commutes with
rotations of hidden layers.  Let the columns of Q (n_l × r) be an orthonormal basis of the row space
of Z_l at the start.  With W_{l+1} Q and Qᵀ W_l in place of W_{l+1} and W_l the layer has width r, A is the
same at all times, and the layers of the network given are found again by Q.  For two layers r is at
most n_0 + n_2, whatever the width.

Source: J21, section 2 (rotations of hidden layers, and inclusion of a narrower network).
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import TypeAlias

from flint import arb, arb_mat, fmpq, fmpq_mat

from saddlesym.exact.linear.matrices import Matrix, flint_matrix

#: Frame of balls.
HiddenFrame: TypeAlias = "tuple[tuple[arb, ...], ...]"


def reduced(weights: Sequence[Matrix]) -> tuple[list[arb_mat], tuple[HiddenFrame | None, ...]]:
    """Weights of the narrowest network with the same A, at FLINT's precision, and the frames Q.

    Args:
        weights: (W_1, …, W_L), exact.

    Returns:
        The weights, and for each hidden layer its Q (n_l × r), or None where nothing is surplus.

    >>> narrow, frames = reduced([[[1], [2], [2]], [[2, 1, 2]]])
    >>> narrow[0].nrows(), narrow[1].ncols(), len(frames[0][0])
    (2, 2, 2)
    >>> (narrow[1] * narrow[0])[0, 0].contains(8)
    True
    """
    exact = [flint_matrix(w) for w in weights]
    frames = [_frame(_stacked(lower, upper)) for lower, upper in pairwise(exact)]
    out = []
    for k, w in enumerate(exact):
        one = arb_mat(w)
        if k < len(frames) and (left := frames[k]) is not None:
            one = left.transpose() * one
        if k > 0 and (right := frames[k - 1]) is not None:
            one = one * right
        out.append(one)
    return out, tuple(None if Q is None else tuple(map(tuple, Q.tolist())) for Q in frames)


def widened(layers: Sequence[arb_mat], frames: Sequence[HiddenFrame | None]) -> list[arb_mat]:
    """The layers of the network given, from those of the narrow one."""
    found = [None if rows is None else arb_mat([list(row) for row in rows]) for rows in frames]
    out = []
    for k, narrow in enumerate(layers):
        w = narrow
        if k < len(found) and (left := found[k]) is not None:
            w = left * w
        if k > 0 and (right := found[k - 1]) is not None:
            w = w * right.transpose()
        out.append(w)
    return out


def _stacked(lower: fmpq_mat, upper: fmpq_mat) -> fmpq_mat:
    """(W_{l+1}; W_lᵀ)."""
    return fmpq_mat([*upper.tolist(), *lower.transpose().tolist()])


def _frame(stacked: fmpq_mat) -> arb_mat | None:
    """An orthonormal basis, in columns, of the row space; None where that is the whole space."""
    width = stacked.ncols()
    if stacked.nrows() >= width and stacked.rank() == width:
        return None
    reduced_rows, rank = stacked.transpose().rref()
    if rank == width:
        return None
    rows = stacked.tolist()
    return arb_mat(_orthonormal([rows[j] for j in _pivots(reduced_rows, rank)])).transpose()


def _orthonormal(rows: Sequence[Sequence[fmpq]]) -> list[list[arb]]:
    """Gram and Schmidt's rows, each projected twice, which is enough (Kahan; Parlett 1980, section 6.9)."""
    found: list[list[arb]] = []
    for row in rows:
        v = [arb(q) for q in row]
        for _ in range(2):
            for q in found:
                part = _dot(v, q).mid()
                v = [(x - part * y).mid() for x, y in zip(v, q, strict=True)]
            length = _dot(v, v).mid().sqrt()
            v = [(x / length).mid() for x in v]
        found.append(v)
    return found


def _dot(a: Sequence[arb], b: Sequence[arb]) -> arb:
    return sum((x * y for x, y in zip(a, b, strict=True)), arb(0))


def _pivots(echelon: fmpq_mat, rank: int) -> list[int]:
    """Columns of the leading entries."""
    return [next(j for j in range(echelon.ncols()) if echelon[i, j] != 0) for i in range(rank)]
