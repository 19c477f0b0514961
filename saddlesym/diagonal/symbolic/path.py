"""Jump times along a given sequence of signed active sets, with the region where it is the path.

A sequence of sign vectors σ¹, σ², … (the signs of the successive saddles) fixes
every number of PF23's Algorithm 1 as a rational function of the parameters: the
saddle is the constrained minimiser of its support, and the coordinate that
enters next, reaching the bound ±1 that its sign names, fixes the jump time.
What is left are inequalities between rational functions.  They are returned
with the path, as polynomials, and they say when the sequence is the one that the
flow takes, as long as every minimiser is a single point.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any, TypeAlias

import sympy
from flint import fmpq_mat

from saddlesym.diagonal.path.trajectory import SaddlePath
from saddlesym.diagonal.problem import DiagonalProblem
from saddlesym.diagonal.symbolic.network import DiagonalGiven
from saddlesym.diagonal.symbolic.problem import SymbolicProblem, Values, evaluate, sympy_column
from saddlesym.diagonal.symbolic.signs import Condition, SignConditions
from saddlesym.errors import BadInputError
from saddlesym.exact.documents.results import Documented, Fields, entry
from saddlesym.exact.functions.latex import aligned
from saddlesym.exact.functions.rational_functions import RationalFunction
from saddlesym.exact.functions.trees import tree
from saddlesym.exact.scalars import to_fmpq
from saddlesym.exact.vectors import RationalVector

Signs: TypeAlias = tuple[int, ...]


@dataclass(frozen=True)
class SymbolicJump(Documented):
    """One jump of a symbolic path, and the saddle it leads to.

    Attributes:
        time: accelerated time of the jump.
        signs: signs of the new saddle (d), 0 off its support.
        beta: the new saddle (d × 1).
        dual: s at this time (d × 1).
        gradient: ∇L at the new saddle (d × 1).
        loss: L there.
        entered: indices that became non-zero.
        left: indices that became zero.
    """

    time: sympy.Expr
    signs: Signs
    beta: sympy.ImmutableMatrix = field(repr=False)
    dual: sympy.ImmutableMatrix = field(repr=False)
    gradient: sympy.ImmutableMatrix = field(repr=False)
    loss: sympy.Expr = field(repr=False)
    entered: tuple[int, ...]
    left: tuple[int, ...]

    @property
    def support(self) -> tuple[int, ...]:
        """Indices of the active set after the jump."""
        return tuple(i for i, s in enumerate(self.signs) if s)

    def to_dict(self) -> dict[str, Any]:
        """JSON-ready, expressions as text and as trees; indices are 0-based."""
        trees = {name: tree(getattr(self, name)) for name in _EXPRESSIONS}
        return {"kind": self._kind} | self.entry() | {"trees": trees}

    @classmethod
    def _read(cls, given: Fields) -> SymbolicJump:
        trees = Fields(given("trees", dict[str, Any]), given.seen)
        kinds = sympy.Expr, *[sympy.ImmutableMatrix] * 3, sympy.Expr
        expressions = {name: trees(name, kind) for name, kind in zip(_EXPRESSIONS, kinds, strict=True)}
        columns = {name: given(name, Signs) for name in ("signs", "entered", "left")}
        return cls(**expressions, **columns)

    def entry(self) -> dict[str, Any]:
        """The jump within the document of a path, expressions as text alone."""
        return {
            "time": str(self.time),
            "signs": list(self.signs),
            "beta": [str(e) for e in self.beta],
            "dual": [str(e) for e in self.dual],
            "gradient": [str(e) for e in self.gradient],
            "loss": str(self.loss),
            "entered": list(self.entered),
            "left": list(self.left),
        }


@dataclass(frozen=True)
class SymbolicPath(Documented):
    """Saddles and jump times along a sequence of signed active sets, as expressions.

    Attributes:
        problem: the problem it belongs to.
        jumps: in order; the initial saddle β = 0 at t = 0 is not listed.
        conditions: when the flow takes this sequence; see :func:`symbolic_path`.
        complete: whether the last saddle is a global minimum at all parameters; otherwise
            the path only begins with this sequence.
    """

    problem: SymbolicProblem
    jumps: tuple[SymbolicJump, ...]
    conditions: tuple[Condition, ...] = field(repr=False)
    complete: bool

    @property
    def signs(self) -> tuple[Signs, ...]:
        """The sequence: signs of every saddle."""
        return tuple(jump.signs for jump in self.jumps)

    @property
    def is_impossible(self) -> bool:
        """Whether some condition fails at all parameters."""
        return any(c.truth is False for c in self.conditions)

    def times(self) -> list[sympy.Expr]:
        """Accelerated jump times."""
        return [jump.time for jump in self.jumps]

    def saddles(self) -> list[sympy.ImmutableMatrix]:
        """The saddles (d × 1) after each jump."""
        return [jump.beta for jump in self.jumps]

    def region(self) -> Any:
        """The conjunction of all conditions, as a SymPy Boolean in the parameters.

        At its boundary points :meth:`holds_at` may be stricter.
        """
        return sympy.And(*(c.relation for c in self.conditions))

    def holds_at(self, values: Values) -> bool:
        """Whether the conditions hold at exact values of all parameters, and name one path.

        Where a coordinate just touches its bound, conditions with ≥ allow that a saddle
        is one of many minimisers.  So at every jump M must also be definite on E, the
        coordinates with ``|s_i| = 1`` and ``∇L(β)_i = 0``; where it is singular the
        answer is False.

        Raises:
            BadInputError: a value is missing, or M is no Gram matrix there.
        """
        problem = self.problem.at(values)
        where = self.problem.substitution(values)
        return all(c.holds(where) for c in self.conditions) and self._has_definite_blocks(problem, values)

    def _has_definite_blocks(self, problem: DiagonalProblem, values: Values) -> bool:
        """Whether M is definite on E at every jump.

        All minimisers under the signs of s share ∇L, so by complementarity they live on E.
        """
        time, dual = Fraction(0), [Fraction(0)] * problem.d
        gradient = problem.gradient(dual)
        for jump_time, beta in self.at(values):
            dual = [s - (jump_time - time) * g for s, g in zip(dual, gradient, strict=True)]
            time, gradient = jump_time, problem.gradient(beta)
            tight = [i for i in range(problem.d) if abs(dual[i]) == 1 and gradient[i] == 0]
            block = fmpq_mat([[to_fmpq(problem.M[i][j]) for j in tight] for i in tight])
            if block.det() == 0:
                return False
        return True

    def at(self, values: Values) -> list[tuple[Fraction, RationalVector]]:
        """Times and saddles at exact values of all parameters, whether or not the conditions hold.

        Raises:
            BadInputError: a value is missing, or an expression divides by zero there.
        """
        where = self.problem.substitution(values)
        return [
            (evaluate(jump.time, where), RationalVector.of([evaluate(e, where) for e in jump.beta]))
            for jump in self.jumps
        ]

    def lambdify(self, modules: Any = "math") -> Callable[..., Any]:
        """A numerical function of the parameters that gives ``(times, saddles)`` as lists."""
        return self.problem.lambdify([self.times(), [list(b) for b in self.saddles()]], modules)

    def latex(self) -> str:
        """Times, saddles and conditions as an ``aligned`` block of LaTeX."""
        lines: list[tuple[str, Any]] = []
        for k, jump in enumerate(self.jumps, start=1):
            lines.append((f"t_{{{k}}}", jump.time))
            lines += [(rf"\beta^{{({k})}}_{{{i + 1}}}", jump.beta[i]) for i in jump.support]
        body = aligned(lines)
        if not self.conditions:
            return body
        relations = r",\quad ".join(c.latex() for c in self.conditions)
        return f"{body}\n\\qquad\\text{{where}}\\quad {relations}"

    def to_dict(self) -> dict[str, Any]:
        """JSON-ready, expressions as text; indices are 0-based."""
        return {
            "kind": self._kind,
            "problem": entry(self.problem),
            "jumps": [jump.entry() for jump in self.jumps],
            "conditions": [c.entry() for c in self.conditions],
            "complete": self.complete,
        }

    @classmethod
    def _read(cls, given: Fields) -> SymbolicPath:
        """Derived again from the problem and the signs."""
        return symbolic_path(given("problem", SymbolicProblem), given.each("jumps", _Signed))

    def __repr__(self) -> str:
        end = "complete" if self.complete else "a beginning"
        return (
            f"SymbolicPath({' -> '.join(signed_set(s) for s in self.signs) or 'no jumps'},"
            f" {len(self.conditions)} conditions, {end})"
        )


class _Signed(Documented):
    """The signs of a jump."""

    @classmethod
    def _read(cls, given: Fields) -> Any:
        return given("signs", tuple[int, ...])


_EXPRESSIONS = ("time", "beta", "dual", "gradient", "loss")


def signed_set(signs: Signs) -> str:
    """A signed active set for people, 0-based: ``{+0, -2}``."""
    return "{" + ", ".join(f"{'+' if s > 0 else '-'}{i}" for i, s in enumerate(signs) if s) + "}"


def sign_sequence(path: SaddlePath) -> tuple[Signs, ...]:
    """The signs of the successive saddles of an exact path."""
    return tuple(jump.beta.signs() for jump in path.jumps)


def symbolic_path(
    problem: DiagonalGiven, sequence: Sequence[Sequence[int] | Mapping[int, int]]
) -> SymbolicPath:
    """Symbolic jump times along a sequence of signed active sets, and when it is the true one.

    Args:
        problem: a dimension d (generic M and r), a family, or concrete data.
        sequence: for every jump the signs of the saddle it leads to: +1, −1 or 0 per
            column, or a mapping from column (0-based) to sign.

    Returns:
        The path with its conditions.  They are stated for parameters where, at every
        jump, M is definite on E: the coordinates with ``|s_i| = 1`` and zero gradient at
        the new saddle.  Definite M is enough; and while one coordinate enters at a time, E can be
        singular only where one that is active neither before nor after the jump touches
        its bound.  There, if one coordinate enters at every jump and the path is
        ``complete``, the conditions are necessary and sufficient for the exact path to
        have these saddles; if several enter at once, they are sufficient.  When the path
        is not complete they say that it begins so, leaving out the boundary case of a
        further coordinate that touches its bound at the last jump.  Where E is singular
        the conditions may hold though the minimiser is a set or another sequence is the
        path; :meth:`SymbolicPath.holds_at` checks this too.

    Raises:
        BadInputError: not a sequence of sign vectors, or a step that no flow can take
            (nothing enters, a sign changes while active, a coordinate enters that never
            reaches its bound).
        DegenerateProblemError: M is singular at all parameters on one of the supports, or
            on one of them with the coordinates that touch their bounds at all parameters.

    Source: PF23, Algorithm 1, run with symbols.

    >>> path = symbolic_path(2, [{0: 1}, {0: 1, 1: 1}])
    >>> path.times()
    [1/r_1, (m_11 - m_12)/(m_11*r_2 - m_12*r_1)]
    >>> for condition in path.conditions: print(condition)
    m_11 > 0
    m_11*m_22 - m_12**2 > 0
    r_1 > 0
    r_1 - r_2 > 0
    r_1 + r_2 >= 0
    m_11*r_2 - m_12*r_1 > 0
    -m_12*r_2 + m_22*r_1 > 0
    """
    loss = SymbolicProblem.of(problem)
    states = [_signs(step, loss.d, k) for k, step in enumerate(sequence)]
    known = SignConditions(loss.field)
    for signs in states:
        block = loss.block(_support(signs))
        known.require(block.determinant, ">", f"M is definite on {signed_set(signs)}")
    walk = list(_walk(loss, states, known))
    last = loss.block(_support(states[-1]) if states else ())
    complete = all(g.is_zero for g in last.gradient)
    jumps = tuple(jump for jump, _ in walk)
    if not complete and walk:
        _touch_nothing_else(known, states, walk[-1][1], len(walk))
    return SymbolicPath(loss, jumps, known.result(), complete)


def _walk(
    loss: SymbolicProblem, states: Sequence[Signs], known: SignConditions
) -> Iterator[tuple[SymbolicJump, list[RationalFunction]]]:
    """The jumps with the dual at each, recording the conditions on the way."""
    field_ = loss.field
    time, dual = field_.zero, [field_.zero] * loss.d
    old: Signs = (0,) * loss.d
    for k, new in enumerate(states, start=1):
        before, after = loss.block(_support(old)), loss.block(_support(new))
        entered = tuple(i for i in range(loss.d) if new[i] and not old[i])
        left = tuple(i for i in range(loss.d) if old[i] and not new[i])
        if any(old[i] * new[i] < 0 for i in range(loss.d)):
            raise _impossible(k, old, new, "changes the sign of an active coordinate")
        pivot = next((j for j in entered if not before.gradient[j].is_zero), None)
        if pivot is None:
            raise _impossible(k, old, new, "lets no coordinate with a non-zero gradient enter")
        bound, slope = new[pivot], before.gradient[pivot]
        known.require(-slope * bound, ">", f"jump {k}: s_{pivot + 1} moves towards {bound:+d}")
        if k > 1:
            known.require(1 - dual[pivot] * bound, ">", f"jump {k}: it comes after jump {k - 1}")
        wait = (dual[pivot] - bound) / slope
        time = time + wait
        dual = [s - wait * g for s, g in zip(dual, before.gradient, strict=True)]
        for i in range(loss.d):
            if new[i] and not old[i]:
                known.require(dual[i] - new[i], "=", f"jump {k}: {i + 1} reaches its bound with {pivot + 1}")
            elif not old[i]:
                for side in (1, -1):
                    known.require(1 - dual[i] * side, ">=", f"jump {k}: |s_{i + 1}| <= 1")
        loss.block(_always_tight(new, dual, after.gradient))  # refuses a singular one
        for i in range(loss.d):
            if new[i]:
                known.require(after.beta[i] * new[i], ">", f"jump {k}: sign of beta_{i + 1}")
            elif old[i]:
                known.require(after.gradient[i] * old[i], ">=", f"jump {k}: {i + 1} stays away (KKT)")
        yield (
            SymbolicJump(
                time.sympy(),
                new,
                sympy_column(after.beta),
                sympy_column(dual),
                sympy_column(after.gradient),
                loss.block_loss(after).sympy(),
                entered,
                left,
            ),
            dual,
        )
        old = new


def _always_tight(
    signs: Signs, dual: Sequence[RationalFunction], gradient: Sequence[RationalFunction]
) -> tuple[int, ...]:
    """The support, and what is at its bound with zero gradient at all parameters."""
    return tuple(
        i
        for i, (sign, s, g) in enumerate(zip(signs, dual, gradient, strict=True))
        if sign or (g.is_zero and ((s - 1).is_zero or (s + 1).is_zero))
    )


def _touch_nothing_else(
    known: SignConditions, states: Sequence[Signs], dual: Sequence[RationalFunction], k: int
) -> None:
    """At the end of a beginning, coordinates off both supports stay strictly inside."""
    before: Signs = states[k - 2] if k > 1 else (0,) * len(dual)
    for i, s in enumerate(dual):
        if not states[k - 1][i] and not before[i]:
            for side in (1, -1):
                known.require(1 - s * side, ">", f"jump {k}: |s_{i + 1}| < 1")


def _support(signs: Signs) -> tuple[int, ...]:
    return tuple(i for i, s in enumerate(signs) if s)


def _signs(step: Sequence[int] | Mapping[int, int], d: int, k: int) -> Signs:
    try:
        given = dict(step) if isinstance(step, Mapping) else dict(enumerate(step))
    except TypeError:
        given = {-1: 0}
    fits = set(given) <= set(range(d)) and (isinstance(step, Mapping) or len(given) == d)
    if not fits or any(s not in (-1, 0, 1) for s in given.values()):
        raise BadInputError(
            f"step {k + 1} of the sequence is {step}",
            needed=f"signs +1, -1 or 0 for {d} columns, or a mapping from column to sign",
        )
    return tuple(int(given.get(i, 0)) for i in range(d))


def _impossible(k: int, old: Signs, new: Signs, why: str) -> BadInputError:
    return BadInputError(
        f"jump {k} from {signed_set(old)} to {signed_set(new)} {why}",
        needed="a sequence that a flow can take",
    )
