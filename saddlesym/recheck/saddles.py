"""Re-checking a list of saddles from the data alone (see :mod:`saddlesym.recheck.path`)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import combinations, pairwise, product
from math import inf
from typing import Any

from flint import fmpq, fmpq_mat

from saddlesym.errors import BadInputError, shown
from saddlesym.exact.forms import fits
from saddlesym.exact.scalars import read_exact
from saddlesym.exact.vectors import RationalVector
from saddlesym.recheck.forms import diagonal as result_forms
from saddlesym.recheck.loss import RecheckedLoss
from saddlesym.recheck.metered import MeteredQuadratic
from saddlesym.recheck.path import Certificate, Claim, within_budget
from saddlesym.recheck.work import Work, number_of_sets


def certify_saddles(document: dict[str, Any], work: Work | None = None) -> Certificate:
    """Decide every claim of a document of ``saddlesym saddles --json``.

    Checked are that each point is critical with exactly its support, its loss,
    gradient, Morse index and nullity, that families are what they are called,
    and that no active set up to ``max_support`` is missing.

    Args:
        document: of JSON.
        work: what may be spent; by default there is no bound.

    Raises:
        BadInputError: the document does not have the expected form.
    """
    fits(document, result_forms.saddles, "a saddles document")
    try:
        return Certificate(tuple(within_budget(_claims(document, work or Work(inf)))))
    except (TypeError, IndexError, ValueError) as error:
        if isinstance(error, BadInputError):
            raise
        raise BadInputError(
            f"not a saddles document ({type(error).__name__}: {shown(error)})",
            needed="the JSON that `saddlesym saddles --json` writes",
        ) from None


def _claims(document: dict[str, Any], work: Work) -> Iterator[Claim]:
    quadratic = MeteredQuadratic(document["problem"], work)
    entries, limit, d = document["saddles"], document["max_support"], quadratic.r.nrows()
    failed: dict[str, str] = {}
    for k, entry in enumerate(entries):
        for text, holds in _entry_claims(quadratic, entry, limit):
            if not holds:
                failed.setdefault(text, f"at saddle {k + 1}, support {shown(entry['support'])}")
    for text in _TEXTS:
        yield Claim(text, text not in failed, failed.get(text, ""))
    yield Claim("max_support is no more than there are columns", limit <= d)
    supports = [tuple(entry["support"]) for entry in entries]
    twice = len(set(supports)) < len(supports)
    if not result_forms.is_partial(document):
        yield _missing(quadratic, supports, min(limit, d), twice)
    else:
        yield Claim("no active set is listed twice", not twice)
    if "general_position" in document:
        yield _position_claim(quadratic, document["general_position"])


#: Most sets of signed columns that are looked at to confirm general position.
MAX_SIGNED_SETS = 20_000


def _position_claim(quadratic: MeteredQuadratic, answer: dict[str, Any]) -> Claim:
    """General position: its witness when it fails, every set of signed columns when it holds.

    Signed columns are affinely dependent exactly when ``σ_i σ_j M_ij + 1`` is singular.
    """
    d = quadratic.r.nrows()
    if not answer["holds"]:
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
    if answer["columns"] or answer["signs"] or answer["coefficients"]:
        return Claim(text, False, "a dependence is given")
    if d <= quadratic.rows and quadratic.block(range(d)).rank() == d:
        return Claim(text, True)
    top = min(quadratic.rows, d) + 1
    if number_of_sets(d, min(top, d), MAX_SIGNED_SETS, signed=True) > MAX_SIGNED_SETS:
        return Claim(text, None, "too many sets of columns")
    for size in range(2, min(top, d) + 1):
        for T in combinations(range(d), size):
            block = quadratic.block(T)
            quadratic.work.spend(2**size * 1e-6 * size**3)
            for signs in product((1, -1), repeat=size - 1):
                s = (1, *signs)
                entries = [s[a] * s[b] * block[a, b] + 1 for a in range(size) for b in range(size)]
                if fmpq_mat(size, size, entries).rank() < size:
                    return Claim(text, False, f"columns {list(T)} with signs {list(s)}")
    return Claim(text, True)


_TEXTS = (
    "the support is where the point is not zero, of at most max_support columns",
    "∇L is as listed, and zero on the support",
    "the loss is exact",
    "Morse index and nullity follow from the gradient and the rank of M_SS",
    "families are the whole affine set of their active set",
)


def _entry_claims(quadratic: RecheckedLoss, entry: dict[str, Any], limit: int) -> list[tuple[str, bool]]:
    support, d = entry["support"], quadratic.r.nrows()
    family = entry["kind"] == "family"
    point = RationalVector.read(entry["point" if family else "beta"])
    if len(point) != d or any(a >= b for a, b in pairwise((-1, *support, d))):
        return [(text, False) for text in _TEXTS]
    gradient = quadratic.gradient(point)
    rank = quadratic.block(support).rank() if support else 0
    index = sum(1 for q in gradient if q != 0)
    nullity = 2 * len(support) - rank + 2 * (d - len(support) - index)
    exact_support = len(support) <= limit and set(point.support()) <= set(support)
    if family:
        directions = [RationalVector.read(v) for v in entry["directions"]]
        whole = entry["dimension"] == len(directions) == len(support) - rank > 0 and all(
            len(v) == d and set(v.support()) <= set(support) and not any(quadratic.times_M(v))
            for v in directions
        )
        basis = (
            fmpq_mat(len(directions), d, [q for v in directions for q in v.rationals()]) if whole else None
        )
        whole = basis is not None and basis.rank() == len(directions)
        exact_support = (
            exact_support and whole and all(any(v[i] != 0 for v in (point, *directions)) for i in support)
        )
    else:
        exact_support = exact_support and list(point.support()) == support
        exact_support = exact_support and list(point.signs()) == entry["signs"]
        whole = rank == len(support)
    critical = gradient == RationalVector.read(entry["gradient"]).rationals()
    critical = critical and all(gradient[i] == 0 for i in support)
    inertia = (entry["morse_index"], entry["nullity"]) == (index, nullity)
    values = (exact_support, critical, quadratic.loss(point) == read_exact(entry["loss"]),
              inertia, whole)  # fmt: skip
    return list(zip(_TEXTS, values, strict=True))


#: Most active sets that are looked at to see that none is missing.
MAX_SETS = 2**22


def _missing(
    quadratic: MeteredQuadratic, listed: Sequence[tuple[int, ...]], limit: int, twice: bool
) -> Claim:
    """Whether each active set that has a critical point is listed, and once."""
    text = f"no active set of up to {limit} columns is missing, or listed twice"
    if twice:
        return Claim(text, False, "listed twice")
    seen, d = set(listed), quadratic.r.nrows()
    total = number_of_sets(d, limit, MAX_SETS)
    if total > MAX_SETS:
        return Claim(text, None, "too many active sets")
    quadratic.work.steps(total)
    for size in range(limit + 1):
        for S in combinations(range(d), size):
            if S not in seen and _has_critical_point(quadratic, S):
                return Claim(text, False, f"active set {list(S)}")
    return Claim(text, True)


def _has_critical_point(quadratic: RecheckedLoss, S: tuple[int, ...]) -> bool:
    """Whether some minimiser over the active set S is non-zero on all of S.

    Coordinate i vanishes at all of them exactly when ``β_i = 0`` follows from the equations
    ``M_SS β = r_S``, that is when it is a row of their reduced echelon form.
    """
    if not S:
        return True
    k = len(S)
    rows = [[*row, quadratic.r[i, 0]] for i, row in zip(S, quadratic.block(S).tolist(), strict=True)]
    echelon, rank = fmpq_mat(k, k + 1, [q for row in rows for q in row]).rref()
    return all(sum(1 for q in row if q != 0) > 1 for row in echelon.tolist()[:rank])
