"""J21's main theorem on one instance: the escape from the origin is the path of a width-one network.

The wide flow starts at α times a direction.  Near the origin only the leading form of
the loss counts, and the weights leave along the top singular pair (u_1, v_1) of −∇C(0):
W_l ≈ ρ·w_l w_{l−1}ᵀ with w_L = u_1, w_0 = v_1 and hidden unit vectors w_l of the
flow's own.  A rotation of each hidden layer that takes w_l to the first unit vector
turns them into the weights of a width-one network padded with zeros.  That network is started
on its unstable manifold, and both are compared from the time on at which the product passes
the same height.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from flint import arb, arb_mat

from saddlesym.deep.escape import escape
from saddlesym.deep.flow.direction import gaussian_direction
from saddlesym.deep.flow.flow import deep_linear_flow
from saddlesym.deep.flow.ranks import Sample
from saddlesym.deep.flow.solution import follow
from saddlesym.deep.flow.units import OwnUnits
from saddlesym.deep.flow.view import View
from saddlesym.deep.problem import DeepLinearProblem
from saddlesym.errors import BadInputError
from saddlesym.exact.balls import dyadic
from saddlesym.exact.documents.results import Documented
from saddlesym.exact.linear.matrices import Matrix
from saddlesym.exact.precision import workprec
from saddlesym.exact.scalars import rational
from saddlesym.exact.scale import InitialScale

#: Heights of the product, as parts of its plateau, at which the two are compared; matched at the middle one.
HEIGHTS = ("1/20", "1/4", "1/2", "3/4", "9/10")
#: The width-one path is started at this scale to find its end, and at 10^-_FAR at most for itself.
_ROUGH, _FAR = "1e-4", 20


@dataclass(frozen=True)
class FirstPathError(Documented):
    """How far the escape at one scale is from the path of the width-one network.

    Attributes:
        alpha: α, as given.
        error: the largest ‖θ_α(T_α + T) − R·I(θ¹(T))‖_F over the compared times.
        size: the largest ‖θ¹‖_F there.
    """

    alpha: str
    error: float
    size: float


def first_path_errors(
    problem: DeepLinearProblem,
    alphas: Sequence[str] = ("1e-10", "1e-20", "1e-40"),
    *,
    digits: int = 20,
    seed: int = 0,
) -> tuple[FirstPathError, ...]:
    """Distance of the escape from the origin to the path of the width-one network, for some α.

    The width-one path starts at the square of the least α (1e-20 at most) times the optimal direction.
    Time is shifted and the hidden layers are rotated once, where the top singular value passes
    half of the first plateau; what is left is measured in all weights at five times.

    Args:
        problem: a problem whose ∇C(0) has a simple top singular value.
        alphas: scales, as text.
        digits: digits of all flows.
        seed: of the direction.

    Raises:
        BadInputError: no scales, or one so large that the flow starts above the heights compared.
        DegenerateProblemError: ∇C(0) = 0, or its top singular value is repeated.

    Source: J21, main theorem.  For L = 2 the transverse modes stand at α^{1 − s_2/s_1} when
    the first one rises, which is the order of the error.
    """
    if not alphas:
        raise BadInputError("no scales", needed="at least one alpha")
    scales = [InitialScale.read(alpha) for alpha in alphas]
    least = max(float(s.log_inverse()) for s in scales) / 2.302585092994046
    units = OwnUnits.of(problem)
    thin = problem.widths[0], *(1,) * len(problem.hidden), problem.widths[-1]
    narrow = DeepLinearProblem(units.problem.cost, thin)
    best = _optimal_direction(problem, digits + 60)
    end = deep_linear_flow(narrow, _ROUGH, digits=digits, direction=best)
    plateau = end.plateaus[-1].singular_values[0].arb.mid()
    tiny = InitialScale.read(f"1e-{max(_FAR, round(2 * least))}")

    def risen(trace: Sequence[Sample]) -> bool:
        return trace[-1].values[0] > 0.92 * float(plateau)

    heights = [rational(h) for h in HEIGHTS]
    narrow_units = OwnUnits.of(narrow)
    solution, trace = follow(narrow_units, tiny, best, digits, None, risen)
    path = _Passages(View(narrow_units, tiny, digits, solution), trace, plateau, heights)
    out = []
    for scale in scales:
        weights = gaussian_direction(problem, seed)
        solution, trace = follow(units, scale, weights, digits, None, path.passed(float(plateau) / 2))
        if not trace[0].values[0] < float(plateau) / 2 <= max(s.values[0] for s in trace):
            raise BadInputError(
                f"alpha={scale}: the flow does not rise through half of the first plateau",
                needed="a smaller alpha",
            )
        view = View(units, scale, digits, solution)
        wide = _Passages(view, trace, plateau, heights[2:3])
        found = _distance(scale, wide, path)
        one = 2.0**units.layer
        out.append(replace(found, error=found.error * one, size=found.size * one))
    return tuple(out)


def _optimal_direction(problem: DeepLinearProblem, digits: int) -> list[Matrix]:
    """(v_1ᵀ, 1, …, 1, u_1) to some digits, as rationals."""
    u, v = ([rational(dyadic(x.arb)) for x in side] for side in escape(problem).pair(digits))
    inner: list[Matrix] = [((rational(1),),)] * (problem.depth - 2)
    return [(tuple(v),), *inner, tuple((x,) for x in u)]


class _Passages:
    """A solution around the times at which the top singular value of A passes some heights."""

    def __init__(self, view: View, trace: Sequence[Sample], plateau: arb, heights: Sequence[object]) -> None:
        self.view = view
        with workprec(view.bits):
            self.times = [
                view.passage(trace, 0, plateau * arb(rational(h).numerator) / rational(h).denominator)
                for h in heights
            ]

    def passed(self, height: float) -> Callable[[Sequence[Sample]], bool]:
        """Whether a flow is as long past a height as this one at the end is past its middle one."""
        span = float(self.times[-1] - self.times[len(self.times) // 2])

        def passed(trace: Sequence[Sample]) -> bool:
            up = next((s for s in trace if s.values[0] >= height), None)
            return up is not None and trace[-1].time > up.time + span

        return passed

    def weights(self, time: arb) -> list[arb_mat]:
        """W_1, …, W_L at a natural time; a flow that came to rest stays where it is."""
        return self.view.solution.layers(self.view.within(time.mid()))


def _distance(scale: InitialScale, wide: _Passages, path: _Passages) -> FirstPathError:
    middle = path.times[len(path.times) // 2]
    with workprec(max(wide.view.bits, path.view.bits)):
        R = _hidden_vectors(wide.weights(wide.times[0]), path.weights(middle))
        if wide.times[0] + (path.times[0] - middle) < 0:
            raise BadInputError(
                f"alpha={scale}: the flow starts above {HEIGHTS[0]} of the first plateau",
                needed="a smaller alpha",
            )
        error, size = 0.0, 0.0
        for moment in path.times:
            here = path.weights(moment)
            there = wide.weights(wide.times[0] + (moment - middle))
            padded = _padded(here, R)
            error = max(error, float(_norm([a - b for a, b in zip(there, padded, strict=True)])))
            size = max(size, float(_norm(here)))
    return FirstPathError(str(scale), error, size)


def _hidden_vectors(wide: Sequence[arb_mat], narrow: Sequence[arb_mat]) -> list[arb_mat]:
    """Unit vectors w_1, …, w_{L−1} (columns): where the layers send the input of the narrow network."""
    out = []
    image = narrow[0].transpose()
    for layer in wide[:-1]:
        image = layer * image
        image = image * (1 / _norm([image]))
        out.append(image)
    # the narrow hidden numbers are positive, so that the signs agree
    return out


def _padded(narrow: Sequence[arb_mat], R: Sequence[arb_mat]) -> list[arb_mat]:
    """R·I(θ¹): the narrow weights in the directions w_l of the wide network."""
    out = [R[0] * narrow[0]]
    for k in range(1, len(narrow) - 1):
        out.append(R[k] * R[k - 1].transpose() * narrow[k][0, 0])
    out.append(narrow[-1] * R[-1].transpose())
    return out


def _norm(matrices: Sequence[arb_mat]) -> arb:
    return sum((x * x for m in matrices for x in m.entries()), arb(0)).mid().sqrt()
