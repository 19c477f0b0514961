"""The training flow of a deep linear network from scale α, to any number of digits.

It knows nothing of saddles: plateaus and jumps are found in the flow itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property
from itertools import count, pairwise
from math import ceil, inf, log
from typing import Any

from flint import arb, arb_mat, fmpq_mat

from saddlesym.deep.flow.direction import gaussian_direction, growing_part, hidden_span, read_direction
from saddlesym.deep.flow.integrator.solution import MatrixSolution
from saddlesym.deep.flow.ranks import Sample, growth_size, in_given_units, rests, steps_ahead
from saddlesym.deep.flow.solution import follow
from saddlesym.deep.flow.units import OwnUnits, times_power
from saddlesym.deep.flow.view import RankJump, RankPlateau, View, accelerated_unit
from saddlesym.deep.problem import DeepLinearProblem
from saddlesym.errors import BadInputError, BudgetError, DegenerateProblemError, shown
from saddlesym.exact.balls import Ball
from saddlesym.exact.documents.results import Documented, Fields
from saddlesym.exact.linear.matrices import Matrix, strings
from saddlesym.exact.precision import USUAL_DIGITS, workprec
from saddlesym.exact.scalars import rational, to_fmpq
from saddlesym.exact.scale import InitialScale
from saddlesym.exact.text import exact_string
from saddlesym.exact.values import at_times
from saddlesym.grids import Displayed, Drawn, Grid, Math
from saddlesym.progress import Listener

MIN_DIGITS, MAX_DIGITS = 5, 1000
#: Steps after which a flow is given up.
MAX_STEPS = 20_000
#: The precision of leaps grows with ln(1/α), and that of all steps where entries are not observed.
MAX_LOG = 25_000.0
#: With more layers steps follow the fastest mode: at least so many for each α^{−(L−2)} of natural time.
_STEPS_A_UNIT = 2.0
#: Plateaus are looked for after every so many steps while a rank is waited for.
_LOOK = 8
#: … and it is over where log2 of the speed of A is this much above its least.
_RISEN = 4.0
#: Powers of two by which α may exceed the unit of the weights.
_WIDE = 5
#: The number of steps ahead is known to a factor of three.
_SURELY = 4
_LN2 = log(2.0)


@dataclass(frozen=True)
class DeepLinearFlow(Displayed, Drawn, Documented):
    """A gradient flow of all layers from α times a direction.  Not certified: radii are estimates.

    Accelerated time is t = T/ln(1/α) for two layers and t = α^{L−2}·T for more.

    Attributes:
        problem: the problem it belongs to.
        scale: α.
        digits: digits aimed at; every radius is 10^-digits·(1 + |number|) in units of the data,
            powers of two near one for data near one; of singular values 10^-digits times the number.
        direction: the weights at the start over α (W_1 first), exact.
        seed: of a random direction; None otherwise.
        jumps: new singular values, in order of rank.
        plateaus: where A hardly moves, in order of time, the start included.
        settled: whether the flow came to rest.
        units: the data's own; those of the solution.
        solution: the piecewise polynomial behind it, in natural time of these units.
        trace: the flow in floating point, for pictures.
        until: the last time asked for; None for none.
        max_rank: the rank after whose plateau the flow was to stop; None for none.
    """

    problem: DeepLinearProblem
    scale: InitialScale
    digits: int
    direction: tuple[Matrix, ...] = field(repr=False)
    seed: int | None
    jumps: tuple[RankJump, ...]
    plateaus: tuple[RankPlateau, ...]
    units: OwnUnits = field(repr=False, compare=False)
    solution: MatrixSolution = field(repr=False, compare=False)
    trace: tuple[Sample, ...] = field(repr=False, compare=False)
    until: Fraction | None = None
    max_rank: int | None = None

    @property
    def certified(self) -> bool:
        """False: errors are controlled, not enclosed."""
        return False

    @property
    def settled(self) -> bool:
        """Whether the flow came to rest: in a unit of natural time nothing changes by 10^-digits."""
        return self.solution.settled

    @property
    def steps(self) -> int:
        """Number of steps, leaps included."""
        return len(self.solution.steps) - 1

    @property
    def leaps(self) -> int:
        """Number of leaps over times in which A stands still."""
        return sum(step.kind == "leap" for step in self.solution.steps)

    @property
    def ranks(self) -> tuple[int, ...]:
        """The ranks visited, plateau after plateau."""
        return tuple(plateau.rank for plateau in self.plateaus)

    @cached_property
    def view(self) -> View:
        """The solution in the notions of the network, in own units."""
        span = hidden_span(self.problem, self.direction)
        return View(self.units, self.scale, self.digits, self.solution, span)

    @property
    def log_inverse_scale(self) -> Ball:
        """Λ = ln(1/α)."""
        with workprec(self.view.bits):
            return Ball(self.scale.log_inverse())

    @property
    def natural_unit(self) -> float:
        """One unit of accelerated time in natural time: ln(1/α), or α^{−(L−2)}."""
        return float(self.view.unit) * 2.0**-self.units.speed

    @property
    def end(self) -> Ball:
        """The last accelerated time."""
        with workprec(self.view.bits):
            end = self.solution.end / self.view.unit
            asked = end if self.until is None else arb(to_fmpq(self.until))
            return Ball(asked if asked < end else end)

    def times(self) -> list[Ball]:
        """Accelerated jump times."""
        return [jump.time for jump in self.jumps]

    def _time(self, t: Any) -> arb:
        exact = t.arb if isinstance(t, Ball) else arb(to_fmpq(rational(t)))
        if exact < 0 or exact.mid() > self.end.arb.upper():
            raise BadInputError(
                f"time {shown(t)} lies outside the computed flow",
                needed=f"0 <= t <= {self.end.arb.str(8, radius=False)}",
                hint="a later until",
            )
        return self.view.natural(exact)

    def weights(self, t: Any, *, numpy: bool = False) -> Any:
        """(W_1, …, W_L) at accelerated time t, each a tuple of rows.

        Args:
            t: one time, or a list or an array of them, which gives as many values.
            numpy: a float array of midpoints for each layer, times first, in place of balls.

        Raises:
            BadInputError: a time outside the computed flow; so for all that take times.
        """
        return at_times(self._weights, t, numpy, parts=True)

    def _weights(self, t: Any) -> tuple[tuple[tuple[Ball, ...], ...], ...]:
        with workprec(self.view.bits):
            layers = self.solution.layers(self._time(t))
            return tuple(self._rows(w, self.units.layer) for w in layers)

    def _rows(self, matrix: arb_mat, exponent: int) -> tuple[tuple[Ball, ...], ...]:
        return tuple(tuple(times_power(x, exponent) for x in row) for row in self.view.rows(matrix))

    def A(self, t: Any, *, numpy: bool = False) -> Any:
        """A = W_L ⋯ W_1 (n_L × n_0) at accelerated time t, or at each of several."""
        return at_times(self._end_to_end, t, numpy)

    def _end_to_end(self, t: Any) -> tuple[tuple[Ball, ...], ...]:
        with workprec(self.view.bits):
            return self._rows(self.view.product(self._time(t)), self.units.product)

    def singular_values(self, t: Any, *, numpy: bool = False) -> Any:
        """Singular values of A at accelerated time t, with relative digits however small they are."""
        return at_times(self._singular_values, t, numpy)

    def _singular_values(self, t: Any) -> tuple[Ball, ...]:
        with workprec(self.view.bits):
            return tuple(times_power(s, self.units.product) for s in self.view.singular(self._time(t)))

    def loss(self, t: Any, *, numpy: bool = False) -> Any:
        """C(A) at accelerated time t, or at each of several."""
        return at_times(self._loss, t, numpy)

    def _loss(self, t: Any) -> Ball:
        with workprec(self.view.bits):
            return times_power(self.view.loss(self._time(t)), self.units.loss)

    def balancedness(self, t: Any, *, numpy: bool = False) -> Any:
        """W_{l+1}ᵀW_{l+1} − W_lW_lᵀ for l = 1, …, L − 1; conserved by the exact flow."""
        return at_times(self._balancedness, t, numpy, parts=True)

    def _balancedness(self, t: Any) -> tuple[tuple[tuple[Ball, ...], ...], ...]:
        with workprec(self.view.bits):
            layers = self.solution.layers(self._time(t))
            return tuple(self._rows(b, 2 * self.units.layer) for b in _balance(layers))

    def balancedness_drift(self, t: Any = None) -> float:
        """The largest change of an entry of the balancedness from the start to t (default: the end)."""
        with workprec(self.view.bits):
            time = arb(self.solution.end) if t is None else self._time(t)
            now, start = (_balance(self.solution.layers(x)) for x in (time, arb(0)))
            moved = (abs(x).mid() for a, b in zip(now, start, strict=True) for x in (a - b).entries())
            return float(max(moved)) * 4.0**self.units.layer

    def grid(self, limit: int | None = None) -> Grid:
        """One row per jump: its rank, its time, and the singular value that rises."""
        rows = tuple((jump.rank, jump.time, jump.singular_value) for jump in self.jumps[:limit])
        header = ("rank", Math("t_k", "t"), Math("\\sigma", "singular value"))
        return Grid(repr(self), header, rows, more=len(self.jumps) - len(rows))

    def to_dict(self) -> dict[str, Any]:
        """JSON-ready: the problem, what was asked for and what was found; numbers as decimal strings."""
        return {
            "kind": self._kind,
            "alpha": str(self.scale),
            "digits": self.digits,
            "until": None if self.until is None else exact_string(self.until),
            "max_rank": self.max_rank,
            "certified": self.certified,
            "problem": self.problem.data_document(),
            "seed": self.seed,
            "direction": None if self.seed is not None else [strings(w) for w in self.direction],
            "settled": self.settled,
            "time_unit": self.problem.time_unit,
            "end": _decimal(self.end, self.digits),
            "jumps": [
                {
                    "rank": jump.rank,
                    "time": _decimal(jump.time, self.digits),
                    "singular_value": _decimal(jump.singular_value, self.digits),
                }
                for jump in self.jumps
            ],
            "plateaus": [
                {
                    "rank": plateau.rank,
                    "time": _decimal(plateau.time, self.digits),
                    "loss": _decimal(plateau.loss, self.digits),
                    "singular_values": [_decimal(s, self.digits) for s in plateau.singular_values],
                }
                for plateau in self.plateaus
            ],
            "balancedness_drift": f"{self.balancedness_drift():.3e}",
            "steps": self.steps,
            "leaps": self.leaps,
        }

    @classmethod
    def _read(cls, given: Fields) -> DeepLinearFlow:
        """The flow followed again."""
        seed, direction = given("seed", int | None), given("direction", tuple[Matrix, ...] | None, None)
        if (seed is None) == (direction is None):
            raise BadInputError("a seed and a direction, or neither", needed="one of them")
        return deep_linear_flow(
            given("problem", DeepLinearProblem),
            given("alpha", InitialScale),
            digits=given("digits", int),
            until=given("until", Fraction | None, None),
            direction=direction,
            seed=seed or 0,
            max_rank=given("max_rank", int | None, None),
            max_steps=min(5 * max(given("steps", int), 0) // 4 + 50, MAX_STEPS),
        )

    def __repr__(self) -> str:
        told = f"{self.digits} digits, not certified, ranks {'→'.join(map(str, self.ranks))}"
        return f"DeepLinearFlow(alpha={self.scale}, {told}, {len(self.jumps)} jumps, {self.steps} steps)"


def deep_linear_flow(
    problem: DeepLinearProblem,
    alpha: Any = "1e-50",
    *,
    digits: int = USUAL_DIGITS,
    until: Any = None,
    direction: Sequence[Any] | None = None,
    seed: int = 0,
    max_rank: int | None = None,
    max_steps: int = MAX_STEPS,
    progress: Listener | None = None,
) -> DeepLinearFlow:
    """Gradient flow of a deep linear network from α times a direction, to many digits.

    Args:
        problem: cost and widths.
        alpha: α as text, Decimal, Fraction or float, below 1.  With more than two layers
            the number of steps grows like α^{−(L−2)} once a first singular value is up: at depth 3
            a 3×3 target takes 81, 209, 660 steps at 0.1, 0.03, 0.01; 1e-4 is out of reach.
        digits: digits aimed at; estimated, not proved.
        until: last accelerated time; default: until the flow rests.
        direction: (W_1, …, W_L) over α; default a seeded Gaussian one.
        seed: of the Gaussian direction.
        max_rank: stop once the plateau of this rank is over.
        max_steps: give up after this many steps.
        progress: called with the steps so far and the accelerated time.

    Raises:
        BadInputError: α, digits, until, direction, seed or max_rank out of range.
        DegenerateProblemError: the flow does not move: ∇C(0) = 0, or the direction is critical; or, with
            two layers, the direction lies on the stable manifold of the origin.
        BudgetError: more than ``max_steps`` steps, or as many to be foreseen on a plateau.

    Source: theory of J21; the integrator is :mod:`saddlesym.deep.flow.integrator.integrate`.

    >>> problem = DeepLinearProblem.whitened([[2, 0], [0, 1]])
    >>> found = deep_linear_flow(problem, "1e-40", digits=12)
    >>> found.ranks, [round(float(t), 1) for t in found.times()]
    ((0, 1, 2), [0.5, 1.0])
    >>> [round(float(p.loss), 6) for p in found.plateaus]
    [2.5, 0.5, 0.0]
    """
    scale = InitialScale.read(alpha)
    if isinstance(digits, bool) or not isinstance(digits, int) or not MIN_DIGITS <= digits <= MAX_DIGITS:
        raise BadInputError(f"digits={shown(digits)}", needed=f"{MIN_DIGITS} <= digits <= {MAX_DIGITS}")
    end = None if until is None else rational(until)
    if end is not None and end <= 0:
        raise BadInputError(f"until={shown(until)}", needed="a positive accelerated time")
    if max_rank is not None and not 1 <= max_rank <= problem.max_rank:
        raise BadInputError(f"max_rank={shown(max_rank)}", needed=f"1 <= max_rank <= {problem.max_rank}")
    units = OwnUnits.of(problem)
    log_inverse = float(scale.log_inverse()) + units.layer * _LN2  # of α in own units
    if log_inverse < -_WIDE * _LN2:
        raise BadInputError(
            f"alpha={shown(scale.text)} is too large for data of this size", needed=f"alpha < 2^{units.layer}"
        )
    if log_inverse * (1 if problem.depth == 2 else 40 * (problem.depth - 1)) > MAX_LOG:
        raise BadInputError(
            f"alpha={shown(scale.text)} is too small at depth {problem.depth}", needed="a larger alpha"
        )
    log_steps = (problem.depth - 2) * log_inverse + log(_STEPS_A_UNIT)
    if problem.depth > 2 and end is None and log_steps > log(max_steps):
        decades = ceil(log_steps / log(10)) - 1
        raise BudgetError(
            f"depth {problem.depth} from alpha={shown(scale.text)} takes 1e{decades} steps or more",
            needed=f"at most max_steps={max_steps}",
            hint=f"alpha {0.1 ** (3 / (problem.depth - 2)):.2g} or larger, or an end before the first jump",
        )
    if problem.flint_gradient_at_origin() == fmpq_mat(*problem.cost.shape):
        raise DegenerateProblemError(
            "the gradient of the cost vanishes at the origin", needed="∇C(0) ≠ 0", hint="another target"
        )
    drawn = direction is None
    weights = gaussian_direction(problem, seed) if direction is None else read_direction(problem, direction)
    if problem.depth == 2:
        growing_part(units.problem, weights)  # raises where there is none
    log2_start, size = -problem.depth * log_inverse / _LN2, growth_size(units.problem.cost)

    looks = count(1)
    last = inf if end is None else float(to_fmpq(end) * accelerated_unit(units, scale))

    def done(trace: Sequence[Sample]) -> bool:
        if next(looks) % _LOOK:
            return False
        if problem.depth > 2:
            ahead = steps_ahead(trace, problem.depth, problem.max_rank, log2_start, size, last)
            if ahead > _SURELY * max_steps:
                raise BudgetError(
                    f"a plateau would take about {ahead:.1g} steps or more",
                    needed=f"{max_steps} at most: they grow like alpha^-{problem.depth - 2}",
                    hint="a larger alpha, or an earlier end",
                )
        if max_rank is None:
            return False
        speed = next(s.log2_speed for s in reversed(trace) if s.log2_speed is not None)
        return any(
            rest.rank >= max_rank and (trace[rest.index].log2_speed or 0.0) + _RISEN < speed
            for rest in rests(trace, log2_start, size, False)
        )

    solution, trace = follow(units, scale, weights, digits, end, done, max_steps, progress)
    view = View(units, scale, digits, solution, hidden_span(problem, weights))
    with workprec(view.bits):
        jumps, plateaus = view.detect(trace, log2_start, size)
        jumps = tuple(jump.in_given_units(units) for jump in jumps)
        plateaus = tuple(plateau.in_given_units(units) for plateau in plateaus)
    shown_trace = tuple(in_given_units(sample, units) for sample in trace)
    return DeepLinearFlow(
        problem, scale, digits, weights, seed if drawn else None, jumps, plateaus, units, solution,
        shown_trace, end, max_rank,
    )  # fmt: skip


def _balance(layers: Sequence[arb_mat]) -> list[arb_mat]:
    return [upper.transpose() * upper - lower * lower.transpose() for lower, upper in pairwise(layers)]


def _decimal(ball: Ball, digits: int) -> str:
    return ball.decimal(digits)[0]
