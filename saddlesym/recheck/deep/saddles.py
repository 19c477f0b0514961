"""Re-checking a saved list of deep saddles from the data alone.

Nothing here comes from the solver.  Singular values are judged by exact division and
changes of sign, losses and times by intervals over ℚ that are made tight enough to see
whether the ball of the document contains them, index and nullity by the Hessian itself.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from itertools import accumulate, pairwise, product
from math import inf, prod
from operator import le
from typing import Any

from flint import fmpq_mat, fmpq_poly

from saddlesym.errors import BadInputError, shown
from saddlesym.exact.forms import fits
from saddlesym.exact.linear.matrices import identity, inner
from saddlesym.exact.scalars import fraction, read_exact
from saddlesym.recheck.deep.inertia import Inertia
from saddlesym.recheck.deep.values import Interval, SignChange, contained, exact_sum
from saddlesym.recheck.forms import graph as result_forms
from saddlesym.recheck.path import Certificate, Claim, all_hold, within_budget
from saddlesym.recheck.work import Work, cleared_bits

#: Most sets of modes that are enumerated to see that none is missing.
MAX_SETS = 2**20
#: Most layers: a block of the Hessian has two rows for each.
MAX_DEPTH = 100
#: A ball says something when its radius is no more than this part of what it is about.
_SHARP = Fraction(1, 5)


@dataclass(frozen=True)
class _Spectrum:
    """The target, the widths, and what the document says of the singular values."""

    target: fmpq_mat
    widths: tuple[int, ...]
    floor: Fraction
    polynomials: tuple[fmpq_poly, ...]
    indices: tuple[int, ...]
    multiplicities: tuple[int, ...]
    intervals: tuple[Interval, ...]
    values: tuple[SignChange, ...]
    work: Work

    @cached_property
    def owners(self) -> tuple[int, ...]:
        """For each mode the number of its distinct singular value."""
        return tuple(k for k, m in enumerate(self.multiplicities) for _ in range(m))

    @cached_property
    def inertia(self) -> Inertia:
        """Of the sets of modes."""
        return Inertia(self.owners, self.widths, self.work)

    def limit(self, max_rank: int | None) -> int:
        """The greatest number of modes."""
        sizes = [*self.widths, sum(self.multiplicities)]
        return min(sizes if max_rank is None else [*sizes, max_rank])


def certify_deep_saddles(document: dict[str, Any], work: Work | None = None) -> Certificate:
    """Decide every claim of a document of ``saddlesym deep saddles --json``.

    Args:
        document: of JSON.
        work: what may be spent; by default there is no bound.

    Raises:
        BadInputError: the document does not have the expected form.
    """
    fits(document, result_forms.deep_saddles, "a document of deep saddles")
    try:
        return Certificate(tuple(within_budget(_claims(document, work or Work(inf)))))
    except BadInputError:
        raise
    except (KeyError, TypeError, AttributeError, IndexError, ValueError, ZeroDivisionError) as error:
        raise BadInputError(
            f"not a document of deep saddles ({type(error).__name__}: {shown(error)})",
            needed="the JSON that `saddlesym deep saddles --json` writes",
        ) from None


def _claims(document: dict[str, Any], work: Work) -> Iterator[Claim]:
    spectrum = _read(document, work)
    yield from _problem_claims(spectrum, document)
    yield from _spectrum_claims(spectrum)
    yield from _saddle_claims(spectrum, document)
    yield from _transition_claims(spectrum, document)
    yield Claim("every ball has a digit at least", _sharp(spectrum, document))


def _read(document: dict[str, Any], work: Work) -> _Spectrum:
    problem = document["problem"]
    cost, widths = problem["cost"], tuple(problem["widths"])
    bits = cleared_bits(cost["B"])
    work.matrix(len(cost["B"]), len(cost["B"][0]), bits)
    B, mask, K = (_table(cost[key]) for key in ("B", "mask", "K"))
    n_out, n_in = B.nrows(), B.ncols()
    whitened = all(q == 1 for q in mask.entries()) and (K.nrows(), K.ncols()) == (n_in, n_in)
    whitened = whitened and identity(n_in) == K
    fits = (mask.nrows(), mask.ncols()) == (n_out, n_in) and widths[:1] + widths[-1:] == (n_in, n_out)
    if not whitened or not fits or len(widths) < 3:
        raise BadInputError("the recorded problem", needed="whitened squared error and widths that fit it")
    if len(widths) > MAX_DEPTH + 1:
        raise BadInputError(f"{len(widths) - 1} layers", needed=f"{MAX_DEPTH} at most to be checked")
    values = document["singular_values"]["values"]
    k = min(n_out, n_in)
    if sum(v["multiplicity"] for v in values) > k:
        raise BadInputError("more singular values than the target can have", needed=f"{k}")
    if any(len(v["square"]["polynomial"]) > k + 1 for v in values):
        raise BadInputError("a factor of too high a degree", needed=f"{k} at most")
    # the characteristic polynomial of BᵀB
    work.products(k * k * max(n_out, n_in), bits, bits)
    work.products(k**4, 64, 2 * k * bits)
    polynomials = tuple(fmpq_poly([read_exact(c) for c in v["square"]["polynomial"]]) for v in values)
    intervals = tuple(_interval(v["value"]) for v in values)
    return _Spectrum(
        B,
        widths,
        fraction(read_exact(cost["constant"])) - fraction(inner(B, B) / 2),
        polynomials,
        tuple(v["square"]["index"] for v in values),
        tuple(v["multiplicity"] for v in values),
        intervals,
        tuple(SignChange(p, interval, work) for p, interval in zip(polynomials, intervals, strict=True)),
        work,
    )


def _table(rows: Any) -> fmpq_mat:
    entries = [[read_exact(text) for text in row] for row in rows]
    return fmpq_mat(len(entries), len(entries[0]), [q for row in entries for q in row])


def _interval(ball: dict[str, str]) -> Interval:
    mid, radius = (fraction(read_exact(ball[key])) for key in ("mid", "radius"))
    if radius < 0:
        raise BadInputError(f"radius {shown(ball['radius'])}", needed="0 or more")
    return mid - radius, mid + radius


def _problem_claims(s: _Spectrum, document: dict[str, Any]) -> Iterator[Claim]:
    cost, total = document["problem"]["cost"], document["singular_values"]["rank"]
    distance = cost["name"] in ("whitened", "completion")  # from a target, at which the cost is 0
    fits = cost["target"] is None if cost["name"] == "data" else cost["name"] in _NAMES
    if distance or cost["target"] is not None:
        fits = fits and cost["target"] is not None and _table(cost["target"]) == s.target
    if distance or cost["name"] == "data":
        fits = fits and (s.floor == 0 if distance else s.floor >= 0)
    yield Claim("name, target and constant of the cost belong to its gradient", fits)
    yield Claim("the rank is the sum of the multiplicities", total == sum(s.multiplicities))
    unit = "ln(1/alpha)" if len(s.widths) == 3 else "1/alpha^(L-2)"
    yield Claim("the unit of time is that of the depth", document["time_unit"] == unit)


def _sharp(s: _Spectrum, document: dict[str, Any]) -> bool:
    """Whether no ball is so wide that it says nothing; losses beside that of the origin."""
    entries = document["saddles"]
    balls = [*s.intervals, *(_interval(e["time"]) for e in entries if e["time"] is not None)]
    losses = [_interval(entry["loss"]) for entry in entries]
    most = s.floor
    for m, (_, high) in zip(s.multiplicities, s.intervals, strict=True):
        most += Fraction(m, 2) * high * high
    sharp = all(high - low <= _SHARP * (low + high) for low, high in balls)
    return sharp and all(high - low <= 2 * _SHARP * abs(most) for low, high in losses)


def _spectrum_claims(s: _Spectrum) -> Iterator[Claim]:
    a = s.target if s.target.ncols() <= s.target.nrows() else s.target.transpose()
    left = (a.transpose() * a).charpoly()
    by_factor: dict[tuple[Any, ...], list[int]] = {}
    for k, p in enumerate(s.polynomials):
        by_factor.setdefault(tuple(p.coeffs()), []).append(k)
    divides = True
    for members in by_factor.values():
        p, m = s.polynomials[members[0]], s.multiplicities[members[0]]
        whole = len(members) == p.degree() > 0 and {s.multiplicities[k] for k in members} == {m} != {0}
        divides = divides and whole and p.degree() * m <= left.degree() and not (left % p**m).coeffs()
        if divides:
            left = left // p**m
    complete = all(c == 0 for c in left.coeffs()[:-1])  # a power of x is left: the zero singular values
    yield Claim("the factors and multiplicities make up the characteristic polynomial", divides and complete)
    signs = True
    for members in by_factor.values():
        ordered = sorted(members, key=lambda k: s.intervals[k])
        signs = signs and [s.indices[k] for k in ordered] == list(range(len(members)))
        signs = signs and all(s.values[k].enclosed for k in members)
    yield Claim("each interval holds a root, and roots of one factor are in order", signs)
    falling = all(low > high for (low, _), (_, high) in pairwise(s.intervals))
    yield Claim(
        "singular values are positive, distinct and fall", falling and all(i[0] > 0 for i in s.intervals)
    )


def _saddle_claims(s: _Spectrum, document: dict[str, Any]) -> Iterator[Claim]:
    entries, max_rank = document["saddles"], document["max_rank"]
    limit = s.limit(max_rank)
    answers = [_entry_claims(s, k, entry) for k, entry in enumerate(entries)]
    for text in _TEXTS:
        verdicts = [answer[text] for answer in answers]
        holds = all_hold(verdicts)
        undecided = "" if holds is False else ": exact_loss agrees to all digits, which proves nothing"
        yield Claim(text, holds, "" if holds else f"at saddle {verdicts.index(holds)}{undecided}")
    found = [tuple(entry["counts"]) for entry in entries]
    if "partial" in document:
        once = len(set(found)) == len(found) and all(sum(counts) <= limit for counts in found)
        yield Claim(f"sets are of at most {limit} modes, none listed twice", once)
        return
    total = prod(m + 1 for m in s.multiplicities)
    whole = f"every set of at most {limit} modes is listed once"
    if total > MAX_SETS:
        yield Claim(whole, None, f"{shown(total)} sets of modes")
        return
    s.work.steps(total * len(s.multiplicities))
    wanted = {c for c in product(*(range(m + 1) for m in s.multiplicities)) if sum(c) <= limit}
    yield Claim(whole, set(found) == wanted and len(found) == len(wanted))


_NAMES = ("whitened", "data", "completion", "quadratic")
_TEXTS = (
    "ids, modes, ranks and dimensions are those of the sets",
    "losses are half the sums of the squares left out",
    "Morse index and nullity are those of the Hessian",
    "minima and strict saddles are called so",
)


def _entry_claims(s: _Spectrum, k: int, entry: dict[str, Any]) -> dict[str, bool | None]:
    counts, owners = tuple(entry["counts"]), s.owners
    if not _counts_fit(s, counts):
        return dict.fromkeys(_TEXTS, False)
    starts = accumulate((0, *s.multiplicities[:-1]))
    modes = [start + i for start, c in zip(starts, counts, strict=False) for i in range(c)]
    left = [m - c for c, m in zip(counts, s.multiplicities, strict=True)]
    dimension = sum(c * free for c, free in zip(counts, left, strict=True))
    described = [entry["id"], entry["modes"], entry["rank"], entry["dimension"]]
    index, nullity = s.inertia.of(modes)
    last = max((owners[i] for i in modes), default=0)
    ordered = not any(left[:last])  # no greater singular value is left out
    minimum = len(modes) == min(*s.widths, len(owners)) and ordered
    kind = "minimum" if minimum else "strict" if index > 0 else "non-strict"
    answers = (
        described == [k, modes, len(modes), dimension],
        _loss_holds(s, left, entry),
        [entry["morse_index"], entry["nullity"]] == [index, nullity],
        entry["strictness"] == kind,
    )
    return dict(zip(_TEXTS, answers, strict=True))


def _counts_fit(s: _Spectrum, counts: tuple[int, ...]) -> bool:
    return len(counts) == len(s.multiplicities) and all(map(le, counts, s.multiplicities))


def _loss_holds(s: _Spectrum, left: list[int], entry: dict[str, Any]) -> bool | None:
    """Whether loss and exact loss of a saddle are right.

    A factor of which conjugates are left unequally often need not give an irrational sum (5 ± √2 ± √3
    do not), so that an exact loss is then refuted by the intervals, or not decided: None.
    """
    claimed = _interval(entry["loss"])
    exact = None if entry["exact_loss"] is None else fraction(read_exact(entry["exact_loss"]))
    squares = exact_sum(s.polynomials, left)
    if squares is not None:
        total = s.floor + squares / 2
        return exact == total and _within(total, claimed)
    pairs = [(c, value) for c, value in zip(left, s.values, strict=True) if c]

    def enclosure() -> Interval:
        low, high = (sum((c * v.interval[k] ** 2 for c, v in pairs), Fraction(0)) for k in (0, 1))
        return s.floor + low / 2, s.floor + high / 2

    holds = contained([value for _, value in pairs], enclosure, claimed)
    if exact is None or holds is False:
        return holds
    return None if _within(exact, enclosure()) and _within(exact, claimed) else False


def _within(value: Fraction, interval: Interval) -> bool:
    return interval[0] <= value <= interval[1]


_PATH_TEXTS = (
    "the visited saddles are the truncations of A*",
    "jump times are those of aligned modes in that unit",
    "each transition exchanges modes for greater ones or adds some",
    "no transition is missing",
)


def _transition_claims(s: _Spectrum, document: dict[str, Any]) -> Iterator[Claim]:
    sets = [tuple(entry["counts"]) for entry in document["saddles"]]
    if not all(_counts_fit(s, counts) for counts in sets):
        yield from (Claim(text, False, "there are no such sets of modes") for text in _PATH_TEXTS)
        return
    path = [sets[k] for k in document["visited"]]
    grown, room, counts = [(0,) * len(s.multiplicities)], min(s.widths), [0] * len(s.multiplicities)
    listed = set(sets)
    for k, m in enumerate(s.multiplicities):
        counts[k] = min(m, room)
        room -= counts[k]
        if counts[k] and tuple(counts) in listed:
            grown.append(tuple(counts))
    yield Claim(_PATH_TEXTS[0], path == grown)
    reached = {here: k - 1 for k, here in enumerate(path) if k}
    times = [_time_holds(s, entry["time"], reached.get(here))
             for entry, here in zip(document["saddles"], sets, strict=True)]  # fmt: skip
    timely = all_hold(times)
    yield Claim(_PATH_TEXTS[1], timely, "" if timely else f"at saddle {times.index(timely)}")
    steps, told, right = set(pairwise(path)), [], True
    for entry in document["transitions"]:
        a, b = sets[entry["source"]], sets[entry["target"]]
        gained, lost = _difference(a, b), _difference(b, a)
        told.append((a, b))
        right = right and a != b and _dominates(b, a)
        right = right and [list(entry["entered"]), list(entry["left"])] == [gained, lost]
        flags = entry["growth"], entry["elementary"], entry["visited"]
        right = right and flags == (not lost, len(gained) == 1, (a, b) in steps)
    yield Claim(_PATH_TEXTS[2], right)
    if "partial" in document:
        return
    elementary, k = document["elementary"], len(s.multiplicities)
    s.work.steps(len(sets) * (k * k if elementary else len(sets)) * k)
    wanted = {
        (a, b) for a in sets for b in _targets(a, listed, elementary) if a != b and _dominates(b, a)
    } | steps
    yield Claim(_PATH_TEXTS[3], set(told) == wanted and len(told) == len(wanted))


def _targets(a: tuple[int, ...], sets: set[tuple[int, ...]], elementary: bool) -> set[tuple[int, ...]]:
    if not elementary:
        return sets
    near = set()
    for up in range(len(a)):
        for down in (None, *range(len(a))):
            if down != up:
                near.add(tuple(c + (k == up) - (k == down) for k, c in enumerate(a)))
    return near & sets


def _difference(a: tuple[int, ...], b: tuple[int, ...]) -> list[int]:
    return [k for k in range(len(a)) for _ in range(b[k] - a[k])]


def _dominates(b: tuple[int, ...], a: tuple[int, ...]) -> bool:
    return all(sum(b[: k + 1]) >= sum(a[: k + 1]) for k in range(len(a)))


def _time_holds(s: _Spectrum, time: Any, value: int | None) -> bool | None:
    if time is None or value is None:
        return time is value
    claimed, speed = _interval(time), max(1, len(s.widths) - 3)  # L − 2 beyond two layers
    sigma = s.values[value]
    if claimed[0] == claimed[1] > 0:
        sigma.pin(1 / (speed * claimed[0]))

    def enclosure() -> Interval:
        low, high = sigma.interval
        return 1 / (speed * high), 1 / (speed * low)

    return contained([sigma], enclosure, claimed) if sigma.interval[0] > 0 else False
