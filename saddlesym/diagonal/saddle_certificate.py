"""Re-checking a list of saddles from the data alone (see :mod:`.certificate`)."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations, product
from math import comb
from typing import Any

from flint import fmpq, fmpq_mat

from saddlesym.diagonal.certificate import Certificate, Claim, Quadratic
from saddlesym.errors import BadInputError, shown
from saddlesym.exact.scalars import read_exact
from saddlesym.exact.vectors import RationalVector


def certify_saddles(document: dict[str, Any]) -> Certificate:
    """Decide every claim of a document of ``saddlesym saddles --json``.

    Checked are that each point is critical with exactly its support, its loss,
    gradient, Morse index and nullity, that families are what they are called,
    and that no active set up to ``max_support`` is missing.

    Raises:
        BadInputError: the document does not have the expected form.
    """
    try:
        quadratic = Quadratic(document["problem"])
        entries = document["saddles"]
        limit = document["max_support"]
        if not (type(limit) is int and limit >= 0):
            raise BadInputError(f"max_support is {shown(limit)}", needed="a size >= 0")
        failed: dict[str, str] = {}
        for k, entry in enumerate(entries):
            for text, holds in _claims(quadratic, entry):
                if not holds:
                    failed.setdefault(text, f"at saddle {k + 1}, support {entry['support']}")
    except (KeyError, TypeError, AttributeError, IndexError, ValueError) as error:
        if isinstance(error, BadInputError):
            raise
        raise BadInputError(
            f"not a saddles document ({type(error).__name__}: {shown(error)})",
            needed="the JSON that `saddlesym saddles --json` writes",
        ) from None
    claims = [Claim(text, text not in failed, failed.get(text, "")) for text in _TEXTS]
    if document.get("complete") is not True:
        claims.append(Claim("the list does not claim to be complete", True))
    else:
        missing = _missing(quadratic, [tuple(entry["support"]) for entry in entries], limit)
        detail = "" if missing is None else f"active set {list(missing)}"
        claims.append(Claim(f"no active set of up to {limit} columns is missing", missing is None, detail))
    if "general_position" in document:
        claims.append(_position_claim(quadratic, document["general_position"]))
    return Certificate(tuple(claims))


#: Most sets of signed columns that are looked at to confirm general position.
MAX_SIGNED_SETS = 20_000


def _position_claim(quadratic: Quadratic, answer: dict[str, Any]) -> Claim:
    """General position: its witness when it fails, every set of signed columns when it holds.

    Signed columns are affinely dependent exactly when ``σ_i σ_j M_ij + 1`` is singular.
    """
    d = quadratic.r.nrows()
    if answer["holds"] is not True:
        vector, total = [fmpq(0)] * d, fmpq(0)
        for i, sign, text in zip(answer["columns"], answer["signs"], answer["coefficients"], strict=True):
            vector[i] = sign * read_exact(text)
            total += read_exact(text)
        shown_dependent = any(vector) and total == 0 and len(set(answer["columns"])) == len(answer["columns"])
        zero = all(q == 0 for q in quadratic.times_M(RationalVector.of(vector)))
        small = len(answer["columns"]) <= min(quadratic.rows, d) + 1
        text = "the columns are not in general position, by the dependence given"
        return Claim(text, bool(shown_dependent and zero and small and set(answer["signs"]) <= {1, -1}))
    text = "the columns are in general position"
    if quadratic.block(range(d)).rank() == d:
        return Claim(text, True)
    top = min(quadratic.rows, d) + 1
    if sum(comb(d, k) << (k - 1) for k in range(1, min(top, d) + 1)) > MAX_SIGNED_SETS:
        return Claim(text, None, "too many sets of columns")
    for size in range(2, min(top, d) + 1):
        for T in combinations(range(d), size):
            block = quadratic.block(T)
            for signs in product((1, -1), repeat=size - 1):
                s = (1, *signs)
                entries = [s[a] * s[b] * block[a, b] + 1 for a in range(size) for b in range(size)]
                if fmpq_mat(size, size, entries).rank() < size:
                    return Claim(text, False, f"columns {list(T)} with signs {list(s)}")
    return Claim(text, True)


_TEXTS = (
    "the support is where the point is not zero",
    "∇L is as listed, and zero on the support",
    "the loss is exact",
    "Morse index and nullity follow from the gradient and the rank of M_SS",
    "families are the whole affine set of their active set",
)


def _claims(quadratic: Quadratic, entry: dict[str, Any]) -> list[tuple[str, bool]]:
    support = entry["support"]
    if any(type(i) is not int for i in (*support, entry["morse_index"], entry["nullity"])):
        raise TypeError("indices must be integers")
    family = entry["kind"] == "family"
    point = RationalVector.read(entry["point" if family else "beta"])
    gradient = quadratic.gradient(point)
    rank = quadratic.block(support).rank() if support else 0
    index = sum(1 for q in gradient if q != 0)
    nullity = 2 * len(support) - rank + 2 * (len(gradient) - len(support) - index)
    inside = set(point.support()) <= set(support)
    signs = entry.get("signs", list(point.signs()))
    whole = True
    if family:
        directions = [RationalVector.read(v) for v in entry["directions"]]
        whole = entry["dimension"] == len(directions) == len(support) - rank and all(
            set(v.support()) <= set(support) and all(q == 0 for q in quadratic.times_M(v)) for v in directions
        )
        basis = fmpq_mat(len(directions), len(gradient), [q for v in directions for q in v.rationals()])
        whole = whole and basis.rank() == len(directions)
        exact_support = all(any(v[i] != 0 for v in (point, *directions)) for i in support)
    else:
        exact_support = list(point.support()) == support and list(point.signs()) == signs
        whole = rank == len(support)
    critical = gradient == RationalVector.read(entry["gradient"]).rationals()
    critical = critical and all(gradient[i] == 0 for i in support)
    inertia = (entry["morse_index"], entry["nullity"]) == (index, nullity)
    values = (inside and exact_support, critical, quadratic.loss(point) == read_exact(entry["loss"]),
              inertia, whole)  # fmt: skip
    return list(zip(_TEXTS, values, strict=True))


def _missing(quadratic: Quadratic, listed: Sequence[tuple[int, ...]], limit: int) -> tuple[int, ...] | None:
    """An active set that is listed twice, or is not listed and should be."""
    seen = set(listed)
    if len(seen) != len(listed):
        return next(S for S in listed if listed.count(S) > 1)
    d = quadratic.r.nrows()
    for size in range(min(limit, d) + 1):
        for S in combinations(range(d), size):
            if S not in seen and _has_critical_point(quadratic, S):
                return S
    return None


def _has_critical_point(quadratic: Quadratic, S: tuple[int, ...]) -> bool:
    """Whether some minimiser over the active set S is non-zero on all of S.

    Coordinate i vanishes at all of them exactly when ``β_i = 0`` follows from the
    equations ``M_SS β = r_S``, that is when adding it raises no rank.
    """
    if not S:
        return True
    k = len(S)
    rows = [[*row, quadratic.r[i, 0]] for i, row in zip(S, quadratic.block(S).tolist(), strict=True)]
    rank = fmpq_mat(k, k + 1, [q for row in rows for q in row]).rank()
    for place in range(k):
        unit = [fmpq(int(j == place)) for j in range(k)] + [fmpq(0)]
        if fmpq_mat(k + 1, k + 1, [q for row in [*rows, unit] for q in row]).rank() == rank:
            return False
    return True
