"""Heteroclinic transitions between saddles, decided exactly from signs alone.

As α → 0 a jump follows ``β' = −2|β| ⊙ ∇L(β)``.  From the saddle of support S an
orbit runs to the saddle of support T exactly when β_T is the minimiser of L on
S ∪ T under the signs that β_S has on S and along which L falls elsewhere
(theorem ``transition-rule``; the invasion graph of HS22 for a symmetric definite
interaction matrix).  That condition compares nothing but signs: of β_S and β_T on
their supports, and of the gradients off them.  One exact linear solve per active
set therefore decides all transitions; none is needed per transition.

Active sets are bit masks here: bit i stands for column i.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from flint import fmpz_mat

from saddlesym.diagonal.path.minimiser import Undetermined, Vertex, minimise
from saddlesym.diagonal.problem import DiagonalProblem
from saddlesym.errors import BadInputError, DegenerateProblemError
from saddlesym.exact.documents.results import Documented
from saddlesym.exact.linear.rational import solve

#: Block pivots before the walk to a minimiser changes one index at a time.
_BLOCK_PIVOTS = 6


def members(mask: int) -> tuple[int, ...]:
    """The columns of a bit mask, in order.

    >>> members(0b1101)
    (0, 2, 3)
    """
    return tuple(bit.bit_length() - 1 for bit in _bits(mask))


def mask_of(columns: Sequence[int]) -> int:
    """The bit mask of some columns.

    >>> mask_of((0, 2, 3)) == 0b1101
    True
    """
    return sum(1 << i for i in set(columns))


def _bits(mask: int) -> Iterator[int]:
    """The bits of a mask, lowest first."""
    while mask:
        bit = mask & -mask
        mask ^= bit
        yield bit


class SignTable:
    """The sign in which every coordinate stands, or is drawn, at each critical point.

    At the critical point β of an active set S, coordinate i has the sign of β_i
    when i ∈ S and of −∇L(β)_i when i ∉ S.  Entries are computed when first asked
    for, each by one exact solve, and kept.
    """

    def __init__(self, problem: DiagonalProblem) -> None:
        self.form = problem.quadratic
        self._known: dict[int, tuple[int, int] | None] = {}

    def at(self, active: int) -> tuple[int, int] | None:
        """Masks of the positive and of the negative signs; None when M_SS is singular."""
        try:
            return self._known[active]
        except KeyError:
            signs = self._known[active] = self._solved(active)
            return signs

    def _solved(self, active: int) -> tuple[int, int] | None:
        support = members(active)
        solution = self.form.solve(support)
        if solution is None:
            return None
        b, delta = solution
        positive = negative = 0
        for i, entry in zip(support, b, strict=True):
            if entry > 0:
                positive |= 1 << i
            elif entry < 0:
                negative |= 1 << i
        for i, c in enumerate(self.form.slope(support, b, delta).entries()):
            if c < 0:
                positive |= 1 << i
            elif c > 0:
                negative |= 1 << i
        return positive, negative

    def is_saddle(self, active: int) -> bool:
        """Whether M_SS is regular and no entry of ``β_S = M_SS⁻¹ r_S`` vanishes."""
        signs = self.at(active)
        return signs is not None and not active & ~(signs[0] | signs[1])

    def morse_index(self, saddle: int) -> int:
        """Of a saddle: the number of non-zero gradient entries."""
        signs = self.at(saddle)
        assert signs is not None
        return ((signs[0] | signs[1]) & ~saddle).bit_count()

    def minimiser(self, up: int, down: int, start: int | None = None) -> int | Undetermined:
        """Support of the minimiser of L with ``β ≥ 0`` on ``up``, ``≤ 0`` on ``down``, 0 elsewhere.

        On a face with independent columns this is a linear complementarity problem
        with a positive definite matrix.  Principal pivots solve it: first all
        violated indices change side at once, then, should that not settle, the
        last violated one alone, which always ends (Murty, 1974).

        Args:
            up: columns with β ≥ 0.
            down: columns with β ≤ 0.
            start: where the pivots begin, known to be independent; default the face.
        """
        face = up | down
        if start is None and self.at(face) is None:
            signs = {i: 1 if up >> i & 1 else -1 for i in members(face)}
            found = minimise(self.form, signs)
            return found if isinstance(found, Undetermined) else mask_of(found.support)
        active, pivots = face if start is None else start, 0
        while True:
            signs_here = self.at(active)
            assert signs_here is not None  # principal blocks of a definite matrix are definite
            positive, negative = signs_here
            wrong = (positive & down | negative & up) & active
            wrong |= (positive & up | negative & down) & ~active
            if not wrong:
                return active & (positive | negative)
            active ^= wrong if pivots < _BLOCK_PIVOTS else 1 << wrong.bit_length() - 1
            pivots += 1

    def elementary_targets(self, source: int) -> list[int]:
        """The target of the elementary transition along each unstable column of a saddle.

        A column with non-zero gradient is independent of the active ones, so the
        target is unique, whatever the rank of the data.
        """
        signs = self.at(source)
        assert signs is not None
        positive, negative = signs
        targets = []
        for bit in _bits((positive | negative) & ~source):
            face = source | bit
            there = self.at(face)
            assert there is not None
            # mostly all of the face stays active with the signs it has here
            if face & (there[0] & ~positive | there[1] & ~negative | ~(there[0] | there[1])):
                found = self.minimiser(positive & face, negative & face)
                assert isinstance(found, int)
                targets.append(found)
            else:
                targets.append(face)
        return targets

    def bordered_targets(self, source: int) -> list[int]:
        """As :meth:`elementary_targets`, without a solve for every face.

        One solve with all unstable columns on the right gives ``B = Δ b_S`` and
        ``W = Δ Γ_SS⁻¹ Γ_S·``.  With column j switched on the minimiser of the face moves
        along ``−W_j`` until ``γ_j`` vanishes: with ``s_j = ΔΓ_jj − Γ_jS W_j > 0`` and
        ``C_j = Δ γ_j`` its entries on S have the signs of ``s_j B + C_j W_j``.
        """
        signs = self.at(source)
        assert signs is not None
        positive, negative = signs
        bits = list(_bits((positive | negative) & ~source))
        support, unstable = members(source), [bit.bit_length() - 1 for bit in bits]
        shared = self.form.cross_block(support, unstable)
        rho = [self.form.rho[i] for i in support]
        rows = [[r, *row] for r, row in zip(rho, shared.tolist(), strict=True)]
        right = fmpz_mat(rows) if rows else fmpz_mat(0, len(unstable) + 1)
        solution = solve(self.form.block(support), right)
        assert solution is not None
        (table, delta), crossed = (solution[0].tolist(), solution[1]), shared.tolist()
        targets = []
        for k, (bit, j) in enumerate(zip(bits, unstable, strict=True), 1):
            column = [(row[0], row[k], cross[k - 1]) for row, cross in zip(table, crossed, strict=True)]
            slope, height = -delta * self.form.rho[j], delta * self.form.diagonal[j]
            for b, w, g in column:
                slope, height = slope + g * b, height - g * w
            wrong = zero = 0
            for i, (b, w, _) in zip(support, column, strict=True):
                moved = height * b + slope * w
                if moved == 0:
                    zero |= 1 << i
                elif (moved > 0) != (b > 0):
                    wrong |= 1 << i
            face = source | bit
            if wrong:
                found = self.minimiser(positive & face, negative & face, face ^ wrong)
                assert isinstance(found, int)
                targets.append(found)
            else:
                targets.append(face ^ zero)
        return targets

    def connects(self, source: int, target: int) -> bool:
        """The transition rule for two saddles; undetermined faces are not excluded here."""
        here, there = self.at(source), self.at(target)
        assert here is not None
        assert there is not None
        (p, n), (P, N) = here, there
        clash = target & (P & ~p | N & ~n) | source & ~target & (P & p | N & n)
        return bool(target & ~source) and not clash

    def undetermined(self, source: int, target: int) -> bool:
        """Whether L has more minimisers than the target on the face of two connected saddles.

        All minimisers share their gradient, so they differ only on the target and on
        the *idle* columns of the source, those where it vanishes at the target.
        """
        here, there = self.at(source), self.at(target)
        assert here is not None
        assert there is not None
        idle = source & ~target & ~(there[0] | there[1])
        if not idle or self.at(target | idle) is not None:
            return False
        # β is non-zero on the target, so one idle column that depends on it can be traded against it
        if any(self.at(target | 1 << j) is None for j in members(idle)):
            return True
        return isinstance(self.face_minimiser(source, target), Undetermined)

    def face_minimiser(self, source: int, target: int) -> Vertex | Undetermined:
        """The minimiser on the face of two saddles under the signs drawn at the first."""
        here = self.at(source)
        assert here is not None
        signs = {i: 1 if here[0] >> i & 1 else -1 for i in members(source | target)}
        return minimise(self.form, signs, members(target))


@dataclass(frozen=True)
class Transition(Documented):
    """A heteroclinic transition from one saddle to another.

    Attributes:
        source: support of the saddle that is left.
        target: support of the saddle that is reached; its loss is lower.
        entered: the columns switched on, target ∖ source.
        left: the columns switched off, source ∖ target.
        rates: growth rates of the entered columns at the source in natural time
            T as α → 0, ``2|∇L(β)_j|``.
    """

    source: tuple[int, ...]
    target: tuple[int, ...]
    entered: tuple[int, ...]
    left: tuple[int, ...]
    rates: tuple[Fraction, ...]

    @property
    def elementary(self) -> bool:
        """Whether one column alone is switched on."""
        return len(self.entered) == 1

    def to_dict(self) -> dict[str, Any]:
        """JSON-ready, exact numbers as strings."""
        return super().to_dict() | {"elementary": self.elementary}


def transition_between(
    problem: DiagonalProblem, source: Sequence[int], target: Sequence[int]
) -> Transition | None:
    """The heteroclinic transition between two saddles, or None when there is none.

    Args:
        problem: the data.
        source: support (0-based indices) of the saddle to leave.
        target: support of the saddle to reach.

    Raises:
        BadInputError: one of them is not the support of a saddle.
        DegenerateProblemError: the minimiser on the face of both supports is a
            set, so that signs alone do not tell which of its points is reached.

    Source: PF23, Theorem 3; HS22 (invasion graph).

    >>> from saddlesym import DiagonalProblem
    >>> problem = DiagonalProblem([[-3, -1], [-1, 0]], [-1, 1])
    >>> transition_between(problem, [0], [1]).left
    (0,)
    >>> transition_between(problem, [0], [0, 1]) is None
    True
    """
    table = SignTable(problem)
    S, T = (_saddle_mask(problem, table, columns) for columns in (source, target))
    if not table.connects(S, T):
        return None
    found = table.face_minimiser(S, T)
    if isinstance(found, Undetermined):
        columns = found.columns
        raise DegenerateProblemError(
            f"on the face of both supports the minimiser can be moved along columns {problem.names(columns)}",
            columns=columns,
            needed="a unique minimiser on the face",
            hint="drop one of these columns",
        )
    return _transitions(problem, S, [T])[0]


def elementary_transitions(problem: DiagonalProblem, source: Sequence[int]) -> tuple[Transition, ...]:
    """The elementary transitions from a saddle: one for each unstable direction.

    Args:
        problem: the data.
        source: support (0-based indices) of the saddle to leave.

    Raises:
        BadInputError: not the support of a saddle.

    >>> from saddlesym import DiagonalProblem
    >>> problem = DiagonalProblem([[2, 0], [0, 3]], [3, -1])
    >>> [t.target for t in elementary_transitions(problem, [])]
    [(0,), (1,)]
    """
    table = SignTable(problem)
    S = _saddle_mask(problem, table, source)
    return tuple(_transitions(problem, S, table.bordered_targets(S)))


def _saddle_mask(problem: DiagonalProblem, table: SignTable, columns: Sequence[int]) -> int:
    inside = all(type(i) is int and 0 <= i < problem.d for i in columns)
    if not inside or not table.is_saddle(mask_of(columns)):
        raise BadInputError(
            f"active set {list(columns)}",
            needed=f"the support of a saddle, indices from 0 to {problem.d - 1}",
            hint="saddles(problem) lists them",
        )
    return mask_of(columns)


def _transitions(problem: DiagonalProblem, source: int, targets: Sequence[int]) -> list[Transition]:
    form, support = problem.quadratic, members(source)
    solution = form.solve(support)
    assert solution is not None
    gradient = form.gradient_vector(form.slope(support, *solution), solution[1])
    out = []
    for target in targets:
        entered, left = members(target & ~source), members(source & ~target)
        rates = tuple(2 * abs(gradient[j]) for j in entered)
        out.append(Transition(support, members(target), entered, left, rates))
    return out
