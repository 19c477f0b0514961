"""Re-checking a saved list of deep saddles from the data alone.

Nothing here comes from the solver.  Singular values are judged by exact division and
changes of sign, losses by interval arithmetic over ℚ, index and nullity by the
Hessian itself: in singular coordinates all layers of the balanced critical point are
diagonal, so ∇²𝓛 falls apart into blocks of the entries (p, q) and (q, p) of all layers,
whose inertia is computed exactly.  For that, σ is replaced by t^L with whole numbers
t in the same order; an eigenvalue of a block changes sign only where two singular
values meet (``exchange_block``), so the order is all that counts.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from itertools import combinations, pairwise, product
from math import prod
from typing import Any

from flint import fmpq_mat, fmpq_poly, fmpz_mat

from saddlesym.diagonal.certificate import Certificate, Claim, all_hold
from saddlesym.errors import BadInputError, shown
from saddlesym.exact.matrices import identity, inner
from saddlesym.exact.scalars import fraction, read_exact

#: Most sets of modes that are enumerated to see that none is missing.
MAX_SETS = 2**20
#: Most layers: a block of the Hessian has two rows for each.
MAX_DEPTH = 100
#: A ball says something when its radius is no more than this part of what it is about.
_SHARP = Fraction(1, 5)

Interval = tuple[Fraction, Fraction]


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

    @property
    def owners(self) -> tuple[int, ...]:
        """For each mode the number of its distinct singular value."""
        return tuple(k for k, m in enumerate(self.multiplicities) for _ in range(m))

    def limit(self, max_rank: int | None) -> int:
        """The greatest number of modes."""
        sizes = [*self.widths, sum(self.multiplicities)]
        return min(sizes if max_rank is None else [*sizes, max_rank])


def certify_deep_saddles(document: dict[str, Any]) -> Certificate:
    """Decide every claim of a document of ``saddlesym deep saddles --json``.

    Raises:
        BadInputError: the document does not have the expected form.
    """
    try:
        spectrum = _read(document)
        claims = [*_problem_claims(spectrum, document), *_spectrum_claims(spectrum)]
        claims += [*_saddle_claims(spectrum, document), *_transition_claims(spectrum, document)]
        return Certificate((*claims, Claim("every ball has a digit at least", _sharp(spectrum, document))))
    except BadInputError:
        raise
    except (KeyError, TypeError, AttributeError, IndexError, ValueError, ZeroDivisionError) as error:
        raise BadInputError(
            f"not a document of deep saddles ({type(error).__name__}: {shown(error)})",
            needed="the JSON that `saddlesym deep saddles --json` writes",
        ) from None


def _read(document: dict[str, Any]) -> _Spectrum:
    if document["kind"] != "deep saddles":
        raise BadInputError(f"a document of kind {shown(document['kind'])}", needed="deep saddles")
    problem = document["problem"]
    cost, widths = problem["cost"], tuple(problem["widths"])
    B, mask, K = (_table(cost[key]) for key in ("B", "mask", "K"))
    n_out, n_in = B.nrows(), B.ncols()
    whitened = all(q == 1 for q in mask.entries()) and identity(n_in) == K
    fits = (mask.nrows(), mask.ncols()) == (n_out, n_in) and widths[:1] + widths[-1:] == (n_in, n_out)
    if not whitened or not fits or len(widths) < 3 or not all(type(w) is int and w > 0 for w in widths):
        raise BadInputError("the recorded problem", needed="whitened squared error and widths that fit it")
    if len(widths) > MAX_DEPTH + 1:
        raise BadInputError(f"{len(widths) - 1} layers", needed=f"{MAX_DEPTH} at most to be checked")
    values = document["singular_values"]["values"]
    if sum(_whole(v["multiplicity"]) for v in values) > min(n_out, n_in):
        raise BadInputError("more singular values than the target can have", needed=f"{min(n_out, n_in)}")
    return _Spectrum(
        B,
        widths,
        fraction(read_exact(cost["constant"])) - fraction(inner(B, B) / 2),
        tuple(fmpq_poly([read_exact(c) for c in v["square"]["polynomial"]]) for v in values),
        tuple(_whole(v["square"]["index"]) for v in values),
        tuple(_whole(v["multiplicity"]) for v in values),
        tuple(_interval(v["value"]) for v in values),
    )


def _table(rows: Any) -> fmpq_mat:
    entries = [[read_exact(text) for text in row] for row in rows]
    return fmpq_mat(len(entries), len(entries[0]), [q for row in entries for q in row])


def _whole(value: Any) -> int:
    if type(value) is not int or value < 0:
        raise BadInputError(f"{shown(value)}", needed="a whole number")
    return value


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
        power = p**m
        divides = divides and whole and not (left % power).coeffs()
        if divides:
            left = left // power
    complete = all(c == 0 for c in left.coeffs()[:-1])  # a power of x is left: the zero singular values
    yield Claim("the factors and multiplicities make up the characteristic polynomial", divides and complete)
    signs = True
    for members in by_factor.values():
        ordered = sorted(members, key=lambda k: s.intervals[k])
        signs = signs and [s.indices[k] for k in ordered] == list(range(len(members)))
        signs = signs and all(_changes_sign(s.polynomials[k], s.intervals[k]) for k in members)
    yield Claim("each interval holds a root, and roots of one factor are in order", signs)
    falling = all(low > high for (low, _), (_, high) in pairwise(s.intervals))
    yield Claim(
        "singular values are positive, distinct and fall", falling and all(i[0] > 0 for i in s.intervals)
    )


def _changes_sign(p: fmpq_poly, interval: Interval) -> bool:
    low, high = (fraction(p(read_exact(str(end * end)))) for end in interval)
    return low * high < 0 or (low == 0 and interval[0] == interval[1])


def _saddle_claims(s: _Spectrum, document: dict[str, Any]) -> list[Claim]:
    entries, max_rank = document["saddles"], document["max_rank"]
    limit = s.limit(None if max_rank is None else _whole(max_rank))
    answers = [_entry_claims(s, k, entry) for k, entry in enumerate(entries)]
    claims = []
    for text in _TEXTS:
        verdicts = [answer[text] for answer in answers]
        holds = all_hold(verdicts)
        undecided = "" if holds is False else ": exact_loss agrees to all digits, which proves nothing"
        claims.append(Claim(text, holds, "" if holds else f"at saddle {verdicts.index(holds)}{undecided}"))
    total = prod(m + 1 for m in s.multiplicities)
    whole = f"every set of at most {limit} modes is listed once"
    if total > MAX_SETS:
        return [*claims, Claim(whole, None, f"{total} sets of modes")]
    wanted = {c for c in product(*(range(m + 1) for m in s.multiplicities)) if sum(c) <= limit}
    found = [tuple(entry["counts"]) for entry in entries]
    return [*claims, Claim(whole, set(found) == wanted and len(found) == len(wanted))]


_NAMES = ("whitened", "data", "completion", "quadratic")
_TEXTS = (
    "ids, modes, ranks and dimensions are those of the sets",
    "losses are half the sums of the squares left out",
    "Morse index and nullity are those of the Hessian",
    "minima and strict saddles are called so",
)


def _entry_claims(s: _Spectrum, k: int, entry: dict[str, Any]) -> dict[str, bool | None]:
    counts = tuple(map(_whole, entry["counts"]))
    if len(counts) != len(s.multiplicities) or any(
        c > m for c, m in zip(counts, s.multiplicities, strict=True)
    ):
        return dict.fromkeys(_TEXTS, False)
    owners = s.owners
    modes = [mode for mode, owner in enumerate(owners) if mode - owners.index(owner) < counts[owner]]
    left = [m - c for c, m in zip(counts, s.multiplicities, strict=True)]
    dimension = sum(c * free for c, free in zip(counts, left, strict=True))
    described = [entry["id"], entry["modes"], entry["rank"], entry["dimension"]]
    index, nullity = _inertia(s, tuple(modes))
    free = [j for j in range(len(owners)) if j not in modes]
    ordered = not any(owners[j] < owners[i] for i in modes for j in free)
    minimum = len(modes) == min(*s.widths, len(owners)) and ordered
    kind = "minimum" if minimum else "strict" if index > 0 else "non-strict"
    answers = (
        described == [k, modes, len(modes), dimension],
        _loss_holds(s, left, entry),
        [entry["morse_index"], entry["nullity"]] == [index, nullity],
        entry["strictness"] == kind,
    )
    return dict(zip(_TEXTS, answers, strict=True))


def _loss_holds(s: _Spectrum, left: list[int], entry: dict[str, Any]) -> bool | None:
    """Whether loss and exact loss of a saddle are right.

    A factor of which conjugates are left unequally often need not give an irrational sum (5 ± √2 ± √3
    do not), so that an exact loss is then refuted by the intervals, or not decided: None.
    """
    pairs = list(zip(left, s.intervals, strict=True))
    low, high = (s.floor + sum((c * ends[k] ** 2 for c, ends in pairs), Fraction(0)) / 2 for k in (0, 1))
    claimed = _interval(entry["loss"])
    if claimed[0] > high or claimed[1] < low:
        return False
    exact = None if entry["exact_loss"] is None else fraction(read_exact(entry["exact_loss"]))
    total = s.floor
    for p in {tuple(p.coeffs()) for p in s.polynomials}:
        taken = {c for c, q in zip(left, s.polynomials, strict=True) if tuple(q.coeffs()) == p}
        if len(taken) > 1:
            if exact is None:
                return True
            return None if _within(exact, (low, high)) and _within(exact, claimed) else False
        total -= taken.pop() * fraction(p[-2] / p[-1]) / 2
    return exact == total and _within(total, claimed)


def _within(value: Fraction, interval: Interval) -> bool:
    return interval[0] <= value <= interval[1]


#: A singular coordinate: t of its singular value (0 for none), whether it is in S, and in which layers it is.
_Coordinate = tuple[int, bool, tuple[bool, ...]]


def _inertia(s: _Spectrum, modes: tuple[int, ...]) -> tuple[int, int]:
    """Morse index and nullity of ∇²𝓛 at the balanced critical point, block by block."""
    chosen = set(modes)
    order = [*modes, *(j for j in range(len(s.owners)) if j not in chosen)]  # S uses the first hidden units
    kinds: Counter[_Coordinate] = Counter()
    # beyond the modes, coordinates between two widths are alike
    steps = sorted({len(order), *(w for w in s.widths if w > len(order))})
    runs = [(p, 1) for p in range(len(order))] + [(a, b - a) for a, b in pairwise(steps)]
    for p, number in runs:
        t = len(s.multiplicities) - s.owners[order[p]] if p < len(order) else 0
        kinds[t, p < len(modes), tuple(p < w for w in s.widths)] += number
    blocks: list[tuple[_Coordinate, _Coordinate | None, int]] = [(kind, None, n) for kind, n in kinds.items()]
    blocks += [(kind, kind, n * (n - 1) // 2) for kind, n in kinds.items()]
    blocks += [(a, b, m * n) for (a, m), (b, n) in combinations(kinds.items(), 2)]
    index = nullity = 0
    for a, b, times in blocks:
        if times:
            negative, zero = _block_inertia(a, b)
            index, nullity = index + times * negative, nullity + times * zero
    return index, nullity


@lru_cache(maxsize=100_000)
def _block_inertia(a: _Coordinate, b: _Coordinate | None) -> tuple[int, int]:
    """Negative and zero eigenvalues of the block of the entries (p, q) and (q, p) of all layers.

    Args:
        a: the coordinate p.
        b: the coordinate q; None for q = p.
    """
    ends = (a,) if b is None else (a, b)
    places = ((0, 0),) if b is None else ((0, 1), (1, 0))
    L = len(a[2]) - 1
    weight = [t if used else 0 for t, used, _ in ends]
    excess = [w**L - t**L for w, (t, _, _) in zip(weight, ends, strict=True)]
    variables = [
        (layer, i, j)
        for layer in range(1, L + 1)
        for i, j in places
        if ends[i][2][layer] and ends[j][2][layer - 1]
    ]

    def second(x: tuple[int, int, int], y: tuple[int, int, int]) -> int:
        """∂²𝓛 by the entries x and y: from ½‖dA‖², and from ⟨∇C, d²A⟩."""
        (k, i, j), (m, *other) = x, y
        total = 0
        if [i, j] == other:  # both move the entry (i, j) of A
            total += weight[i] ** (2 * L - k - m) * weight[j] ** (k + m - 2)
        if k != m and [j, i] == other:
            (high, end, middle), (low, _, _) = (x, y) if k > m else (y, x)
            if ends[end][2][0] and ends[end][2][L]:
                outside, inside = (L - high) + (low - 1), high - low - 1
                total += excess[end] * weight[end] ** outside * weight[middle] ** inside
        return total

    n = len(variables)
    if n == 0:
        return 0, 0
    ascending = fmpz_mat(n, n, [second(x, y) for x in variables for y in variables]).charpoly().coeffs()
    zero = next(k for k, c in enumerate(ascending) if c != 0)
    signs = [c * (-1) ** k for k, c in enumerate(ascending) if c != 0]  # of the polynomial at −x
    return sum((x > 0) != (y > 0) for x, y in pairwise(signs)), zero


def _transition_claims(s: _Spectrum, document: dict[str, Any]) -> Iterator[Claim]:
    sets = [tuple(entry["counts"]) for entry in document["saddles"]]
    path = [sets[_whole(k)] for k in document["visited"]]
    grown, room, counts = [(0,) * len(s.multiplicities)], min(s.widths), [0] * len(s.multiplicities)
    for k, m in enumerate(s.multiplicities):
        counts[k] = min(m, room)
        room -= counts[k]
        if counts[k] and tuple(counts) in sets:
            grown.append(tuple(counts))
    yield Claim("the visited saddles are the truncations of A*", path == grown)
    steps = set(pairwise(path))
    late = [
        k
        for k, (entry, here) in enumerate(zip(document["saddles"], sets, strict=True))
        if not _time_holds(s, entry["time"], path.index(here) - 1 if here in path[1:] else None)
    ]
    yield Claim(
        "jump times are those of aligned modes in that unit", not late, f"at saddle {late[0]}" if late else ""
    )
    listed, right = [], True
    for entry in document["transitions"]:
        a, b = sets[_whole(entry["source"])], sets[_whole(entry["target"])]
        gained, lost = _difference(a, b), _difference(b, a)
        listed.append((a, b))
        right = right and a != b and _dominates(b, a)
        right = right and [entry["entered"], entry["left"]] == [gained, lost]
        flags = entry["growth"], entry["elementary"], entry["visited"]
        right = right and flags == (not lost, len(gained) == 1, (a, b) in steps)
    yield Claim("each transition exchanges modes for greater ones or adds some", right)
    wanted = {
        (a, b)
        for a in sets
        for b in _targets(a, set(sets), document["elementary"])
        if a != b and _dominates(b, a)
    } | steps
    yield Claim("no transition is missing", set(listed) == wanted and len(listed) == len(wanted))


def _targets(a: tuple[int, ...], sets: set[tuple[int, ...]], elementary: Any) -> set[tuple[int, ...]]:
    if elementary is not True:
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


def _time_holds(s: _Spectrum, time: Any, value: int | None) -> bool:
    if time is None or value is None:
        return time is value
    low, high = _interval(time)
    speed = max(1, len(s.widths) - 3)  # L − 2 beyond two layers
    return low * speed * s.intervals[value][0] <= 1 <= high * speed * s.intervals[value][1]
