"""The exact saddle path: PF23, Algorithm 1 (the limit of vanishing initialisation).

Between jumps β rests at a saddle and the dual variable s moves on a straight
line along −∇L(β).  A jump happens when some s_i with ∇L(β)_i ≠ 0 reaches ±1; β
then becomes the minimiser of L under the signs that s shows.  On rational data
every number is rational.  Here s is kept as integers over one denominator, so
that no gcd of its entries, ten thousands of digits long, is taken on the way.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from flint import arb, fmpq, fmpz, fmpz_mat

from saddlesym.diagonal.path.data_precision import Stop
from saddlesym.diagonal.path.minimiser import Undetermined, Vertex, minimise
from saddlesym.diagonal.path.trajectory import Hit, Jump, L1Certificate, SaddlePath
from saddlesym.diagonal.problem import DiagonalProblem
from saddlesym.diagonal.quadratic import QuadraticForm
from saddlesym.errors import BadInputError, NonUniqueMinimiserError, require, shown
from saddlesym.exact.linear.rational import common_divisor, solve
from saddlesym.exact.scalars import fraction, rational, whole_number
from saddlesym.exact.text import abbreviated
from saddlesym.exact.vectors import RationalVector
from saddlesym.progress import Listener, Progress


def saddle_path(
    problem: DiagonalProblem,
    *,
    until: Any = None,
    max_jumps: int | None = None,
    stop_loss: Any = None,
    stop_residual: Any = None,
    data_precision: Any = None,
    progress: Listener | None = None,
) -> SaddlePath:
    """The successive saddles and jump times of the limit α → 0, exact.

    Args:
        problem: the data.
        until: stop after the last jump at or before this accelerated time.
        max_jumps: stop after this many jumps.
        stop_loss: stop at the first saddle whose loss is at most that.
        stop_residual: stop at the first saddle with no residual ``|(Xβ − y)_i|`` greater than that.
        data_precision: stop at the first saddle whose residuals are within the rounding of
            the data: True for the rounding with which they were written (half a unit of
            the last place), or the most by which one of their numbers may be wrong; see
            :mod:`saddlesym.diagonal.path.data_precision`.
        progress: called with every jump as it is found.

    Returns:
        The path; ``complete`` unless a stop criterion cut it off.  Columns that
        are equal or opposite act as one and share its coefficient equally, as
        the flow does.

    Raises:
        BadInputError: a negative time or number of jumps, or a stop that makes no sense.
        NonUniqueMinimiserError: at some jump the minimiser is a set.  Times, s
            and loss would go on being unique, the coefficients would not.  The
            error carries ``columns``, ``time`` and the ``path`` before it.

    Source: PF23, Theorem 2 and Algorithm 1; the same path as the inverse scale
    space flow of BMBO13.

    >>> problem = DiagonalProblem([[2, 0], [0, 3]], [3, -1])
    >>> path = saddle_path(problem)
    >>> path.times()
    [Fraction(1, 3), Fraction(2, 3)]
    >>> path.final
    (3/2, -1/3)
    """
    require(problem, DiagonalProblem, "greedy_path, for a product of matrices")
    limit = None if until is None else rational(until)
    if limit is not None and limit < 0:
        raise BadInputError(f"time limit {shown(until)} is negative", needed="a time t >= 0")
    if max_jumps is not None:
        max_jumps = whole_number(max_jumps, "max_jumps")
    stop = Stop.of(problem, stop_loss, stop_residual, data_precision)
    jumps: list[Jump] = []
    walk = iter_jumps(problem)
    while (max_jumps is None or len(jumps) < max_jumps) and not _stopped(problem, stop, jumps):
        try:
            jump = next(walk, None)
        except NonUniqueMinimiserError as error:
            error.path = cut_off(problem, jumps)
            if limit is not None and error.time is not None and error.time > limit:
                return cut_off(problem, jumps, limit)
            raise
        if jump is None:
            return finished(problem, jumps)
        if limit is not None and jump.time > limit:
            return cut_off(problem, jumps, limit)
        jumps.append(jump)
        if progress is not None:
            progress(Progress(len(jumps), what="jumps", latest=jump))
    last = jumps[-1].gradient if jumps else problem.gradient([0] * problem.d)
    return cut_off(problem, jumps) if last.support() else finished(problem, jumps)


def _stopped(problem: DiagonalProblem, stop: Stop, jumps: Sequence[Jump]) -> bool:
    """Whether the saddle after these jumps is where to stop."""
    if stop == Stop():
        return False
    if jumps:
        return bool(stop.reached(problem, jumps[-1].beta, jumps[-1].loss))
    zero = RationalVector.of([0] * problem.d)
    return bool(stop.reached(problem, zero, problem.loss(zero)))


def cut_off(problem: DiagonalProblem, jumps: Sequence[Jump], horizon: Fraction | None = None) -> SaddlePath:
    """The path as far as these jumps, known up to ``horizon`` (default: the last of them)."""
    last = jumps[-1].time if jumps else Fraction(0)
    return SaddlePath(problem, tuple(jumps), complete=False, horizon=last if horizon is None else horizon)


def finished(problem: DiagonalProblem, jumps: Sequence[Jump]) -> SaddlePath:
    """The complete path, with the certificate that its end has minimal ℓ1 norm."""
    d = problem.d
    beta = jumps[-1].beta if jumps else RationalVector.of([0] * d)
    dual = jumps[-1].dual if jumps else RationalVector.of([0] * d)
    norm = sum(map(abs, beta), Fraction(0))
    certificate = L1Certificate(_combination(problem.quadratic, dual, beta.support()), dual, norm)
    return SaddlePath(problem, tuple(jumps), complete=True, certificate=certificate)


def _combination(form: QuadraticForm, dual: RationalVector, start: Sequence[int]) -> RationalVector:
    """c with ``Mc = s``, supported on a basis of the columns (s lies in the range of M)."""
    basis = form.basis(start)
    # with c_j = bound_j z_j the equation Mc = s is Γz = gram_unit · (bound_i s_i)
    scaled = [p * form.bounds[i] for i, p in enumerate(dual.numerators.entries())]
    solution = solve(form.block(basis), fmpz_mat(len(basis), 1, [scaled[i] for i in basis]))
    assert solution is not None
    entries = [fmpz(0)] * form.size
    for i, entry in zip(basis, solution[0].entries(), strict=True):
        entries[i] = entry * form.bounds[i]
    unit = form.gram_unit / dual.denominator
    return RationalVector(fmpz_mat(form.size, 1, entries) * unit.p, solution[1] * unit.q)


@dataclass(frozen=True)
class _Groups:
    """Columns that are equal or opposite act as one.

    Attributes:
        leader: for every column, the first column of its group.
        sign: ±1, the sign of a column relative to its leader.
        count: for every leader, the number of columns in its group.
    """

    leader: list[int]
    sign: list[int]
    count: dict[int, int]

    @classmethod
    def of(cls, form: QuadraticForm) -> _Groups:
        seen: dict[tuple[Any, ...], tuple[int, int]] = {}
        leader: list[int] = []
        sign: list[int] = []
        count: dict[int, int] = {}
        for j in range(form.size):
            column, orientation = form.fingerprint(j)
            first, its_orientation = seen.setdefault(column, (j, orientation))
            leader.append(first)
            sign.append(orientation * its_orientation)
            count[first] = count.get(first, 0) + 1
        return cls(leader, sign, count)

    @property
    def trivial(self) -> bool:
        """Whether every column is its own group."""
        return len(self.count) == len(self.leader)

    def led(self, signs: dict[int, int]) -> dict[int, int]:
        """The signs of the leaders alone."""
        return signs if self.trivial else {i: s for i, s in signs.items() if self.leader[i] == i}

    def shared(self, vertex: Vertex) -> tuple[Sequence[int], Sequence[fmpz], fmpz]:
        """Support, B and Δ with every leader's coefficient shared in its group."""
        if self.trivial:
            return vertex.support, vertex.b, vertex.delta
        value = dict(zip(vertex.support, vertex.b, strict=True))
        common = fmpz(1)
        for leader in value:
            common = common.lcm(fmpz(self.count[leader]))
        support = [j for j, leader in enumerate(self.leader) if leader in value]
        b = [value[self.leader[j]] * self.sign[j] * (common // self.count[self.leader[j]]) for j in support]
        return support, b, vertex.delta * common


def iter_jumps(problem: DiagonalProblem) -> Iterator[Jump]:
    """The jumps one by one, each as soon as it is known; see :func:`saddle_path`."""
    form = problem.quadratic
    groups = _Groups.of(form)
    vertex = Vertex((), (), fmpz(1), form.slope((), (), fmpz(1)))
    sigma, denominator, time = fmpz_mat(form.size, 1), fmpz(1), fmpq(0)
    signs: dict[int, int] = {}  # coordinates with |s_i| = 1
    active: dict[int, int] = {}  # the support with its signs
    last_sign: dict[int, int] = {}  # of every coordinate that was ever active
    while content := common_divisor(vertex.slope.entries()):
        slope = _divided(vertex.slope, content)
        moving = slope.entries()
        hits, ratio = _next_hits(form, moving, sigma.entries(), denominator)
        time += form.time_unit * ratio * vertex.delta / (content * denominator)
        sigma = sigma * ratio.q - slope * ratio.p
        denominator *= ratio.q
        # at a vertex of the dual polytope the bounds alone determine σ, and the
        # digits gathered on the way cancel here
        divisor = common_divisor(sigma.entries(), denominator)
        sigma, denominator = _divided(sigma, divisor), denominator // divisor
        signs = {i: s for i, s in signs.items() if moving[i] == 0}
        signs |= {i: -1 if moving[i] > 0 else 1 for i in hits}
        found = minimise(form, groups.led(signs), vertex.support)
        if isinstance(found, Undetermined):
            raise _not_unique(problem, found, time)
        vertex = found
        support, b, delta = groups.shared(vertex)
        before, active = active, {i: signs[i] for i in support}
        entered = tuple(i for i in support if i not in before)
        yield Jump(
            time=fraction(time),
            beta=form.beta_vector(support, b, delta),
            dual=form.dual_vector(sigma, denominator),
            gradient=form.gradient_vector(vertex.slope, vertex.delta),
            loss=fraction(form.loss(vertex.support, vertex.b, vertex.delta)),
            hits=tuple(Hit(i, signs[i]) for i in hits),
            entered=entered,
            left=tuple(sorted(before.keys() - active.keys())),
            flipped=tuple(i for i in entered if last_sign.get(i, active[i]) != active[i]),
            separator=vertex.separator,
        )
        last_sign |= active


def _divided(vector: fmpz_mat, divisor: fmpz) -> fmpz_mat:
    """An integer vector with a common divisor of its entries taken out."""
    if divisor == 1:
        return vector
    return fmpz_mat(vector.nrows(), 1, [entry // divisor for entry in vector.entries()])


def _next_hits(
    form: QuadraticForm, slope: Sequence[fmpz], sigma: Sequence[fmpz], denominator: fmpz
) -> tuple[list[int], fmpq]:
    """The coordinates that reach their bound first, and when.

    Coordinate i needs ``(bound_i + sign(C_i) σ_i) / |C_i|``.  Balls decide all
    but near ties, which are compared exactly.

    Returns:
        indices, and that least ratio times the denominator of σ, in lowest terms.
    """
    gaps: list[tuple[int, fmpz, fmpz]] = []
    for i, c in enumerate(slope):
        if c > 0:
            gaps.append((i, form.bounds[i] * denominator + sigma[i], c))
        elif c < 0:
            gaps.append((i, form.bounds[i] * denominator - sigma[i], -c))
    balls = [arb(gap) / arb(speed) for _, gap, speed in gaps]
    least = balls[0]
    for ball in balls[1:]:
        least = least.min(ball)
    near = [gaps[k] for k, ball in enumerate(balls) if not ball > least]
    ratios = [(fmpq(gap, speed), i) for i, gap, speed in near]
    ratio = min(q for q, _ in ratios)
    return [i for q, i in ratios if q == ratio], ratio


def _not_unique(problem: DiagonalProblem, found: Undetermined, time: fmpq) -> NonUniqueMinimiserError:
    error = NonUniqueMinimiserError(
        f"at t = {abbreviated(time)} the minimiser is not unique: the coefficients of columns"
        f" {problem.names(found.columns)} can be traded against each other",
        columns=found.columns,
        needed="columns in general position",
        hint="drop one of these columns, or stop the path before this time",
    )
    error.time = fraction(time)
    return error
