"""Minimisers of the loss over an active set, and over a set of signs.

The *constrained minimiser* of an active set S minimises L over vectors with
support in S.  The *sign-constrained minimiser* minimises it over ``b_i ≥ 0``
where a sign is +1, ``b_i ≤ 0`` where it is −1, ``b_i = 0`` elsewhere: the point
that the flow jumps to (PF23, Algorithm 1).  It is non-negative least squares
after a change of signs, solved here exactly by Lawson and Hanson's active-set
method.  Each of its steps lands on the minimiser of a new, linearly independent
support with a strictly lower loss, so that in exact arithmetic it ends on every
input, degenerate ones included.

Floating point only proposes a support.  One exact solve then proves it, by the
conditions of Karush, Kuhn and Tucker, or the exact method goes on from there.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from flint import fmpq, fmpq_mat, fmpz, fmpz_mat

from saddlesym.diagonal.quadratic import QuadraticForm
from saddlesym.errors import BadInputError, DegenerateProblemError, NonUniqueMinimiserError
from saddlesym.exact.documents.results import Documented
from saddlesym.exact.linear.rational import kernel
from saddlesym.exact.scalars import fraction
from saddlesym.exact.vectors import RationalVector

if TYPE_CHECKING:
    from saddlesym.diagonal.problem import DiagonalProblem


@dataclass(frozen=True)
class ConstrainedMinimiser(Documented):
    """The minimiser of L over vectors with support in an active set.

    Attributes:
        active: the active set S that was asked for.
        beta: the minimiser (d), ``β_S = M_SS⁻¹ r_S``.
        gradient: ∇L there (d), zero on S.
        loss: L there.
    """

    active: tuple[int, ...]
    beta: RationalVector
    gradient: RationalVector
    loss: Fraction


@dataclass(frozen=True)
class SignConstrainedMinimiser(Documented):
    """The minimiser of L over vectors with prescribed signs, with its certificate.

    Attributes:
        signs: +1, −1 or 0 (coefficient held at zero) per column.
        beta: the minimiser (d).
        gradient: ∇L there (d): zero where β is not, and ``signs_i · gradient_i ≥ 0``
            wherever a sign was given, which is the KKT certificate.
        loss: L there.
        separator: None when the columns with zero gradient are independent, which
            proves that the minimiser is unique; else a vector c (d) on those columns
            with ``(Mc)_i = 0`` on the support and ``signs_i (Mc)_i > 0`` on the others,
            which proves it too.
    """

    signs: tuple[int, ...]
    beta: RationalVector
    gradient: RationalVector
    loss: Fraction
    separator: RationalVector | None = None

    @property
    def support(self) -> tuple[int, ...]:
        """Indices of the non-zero coefficients."""
        return self.beta.support()


@dataclass(frozen=True)
class Vertex:
    """A minimiser in the integer units of a QuadraticForm: the point B/Δ on a support.

    Attributes:
        support: sorted indices with non-zero B.
        b: the integers B.
        delta: the positive integer Δ.
        slope: ``ΓB − Δρ`` (d × 1).
        separator: certificate of uniqueness, when independence alone does not give it.
    """

    support: tuple[int, ...]
    b: tuple[fmpz, ...]
    delta: fmpz
    slope: fmpz_mat
    separator: RationalVector | None = None


def constrained_minimiser(problem: DiagonalProblem, active: Sequence[int]) -> ConstrainedMinimiser:
    """Minimise L over vectors with support in ``active``, exactly.

    Args:
        active: indices (0-based) of the active set S.

    Raises:
        BadInputError: an index out of range, or given twice.
        DegenerateProblemError: M_SS is singular, so that the minimisers form an
            affine set; ``columns`` names dependent columns.

    Source: PF23, section 3 (critical points).

    >>> from saddlesym import DiagonalProblem
    >>> problem = DiagonalProblem([[2, 1], [0, 1]], [4, 1])
    >>> constrained_minimiser(problem, [1]).beta
    (0, 5/2)
    """
    S = tuple(sorted(active))
    if len(set(S)) != len(S) or (S and not 0 <= S[0] <= S[-1] < problem.d):
        raise BadInputError(
            f"active set {list(active)}", needed=f"distinct indices from 0 to {problem.d - 1}"
        )
    form = problem.quadratic
    solution = form.solve(S)
    if solution is None:
        relation = kernel(form.block(S))[0]
        columns = tuple(i for i, c in zip(S, relation, strict=True) if c != 0)
        raise DegenerateProblemError(
            f"columns {problem.names(columns)} are linearly dependent, so the minimisers"
            " over this active set form an affine set",
            columns=columns,
            needed="an active set with independent columns",
            hint="leave one of them out",
        )
    b, delta = solution
    return ConstrainedMinimiser(
        S,
        form.beta_vector(S, b, delta),
        form.gradient_vector(form.slope(S, b, delta), delta),
        fraction(form.loss(S, b, delta)),
    )


def sign_constrained_minimiser(
    problem: DiagonalProblem,
    signs: Sequence[int] | Mapping[int, int],
    *,
    start: Sequence[int] = (),
) -> SignConstrainedMinimiser:
    """Minimise L over vectors with prescribed signs, exactly, with a KKT certificate.

    Args:
        signs: +1, −1 or 0 per column, or a mapping from column to sign (others 0).
        start: a support to start from (a warm start); it changes the work, not the answer.

    Raises:
        NonUniqueMinimiserError: more than one minimiser; ``columns`` are undetermined.

    Source: PF23, Algorithm 1 (inner problem).

    >>> from saddlesym import DiagonalProblem
    >>> problem = DiagonalProblem([[1, 0], [0, 1]], [2, -1])
    >>> sign_constrained_minimiser(problem, [1, 1]).beta
    (2, 0)
    """
    given = dict(signs) if isinstance(signs, Mapping) else dict(enumerate(signs))
    if any(s not in (-1, 0, 1) for s in given.values()) or not set(given) <= set(range(problem.d)):
        raise BadInputError(f"signs {signs}", needed=f"+1, -1 or 0 for columns from 0 to {problem.d - 1}")
    full = tuple(given.get(j, 0) for j in range(problem.d))
    form = problem.quadratic
    vertex = minimise(form, {i: s for i, s in enumerate(full) if s}, start)
    if isinstance(vertex, Undetermined):
        raise NonUniqueMinimiserError(
            f"the minimiser with these signs is not unique in columns {problem.names(vertex.columns)}",
            columns=vertex.columns,
            needed="columns in general position",
            hint="drop one of them",
        )
    return SignConstrainedMinimiser(
        full,
        form.beta_vector(vertex.support, vertex.b, vertex.delta),
        form.gradient_vector(vertex.slope, vertex.delta),
        fraction(form.loss(vertex.support, vertex.b, vertex.delta)),
        vertex.separator,
    )


@dataclass(frozen=True)
class Undetermined:
    """What :func:`minimise` answers when the minimiser is a set.

    Attributes:
        columns: the columns along which it can move.
    """

    columns: tuple[int, ...]


def minimise(
    form: QuadraticForm, signs: Mapping[int, int], start: Sequence[int] = (), *, guess: bool = True
) -> Vertex | Undetermined:
    """The sign-constrained minimiser in integer units.

    Args:
        signs: ±1 for every column that may be non-zero.
        start: support whose own minimiser is known to have these signs.
        guess: whether to let floating point propose the support.
    """
    return _with_uniqueness(form, signs, some_minimiser(form, signs, start, guess=guess))


def some_minimiser(
    form: QuadraticForm, signs: Mapping[int, int], start: Sequence[int] = (), *, guess: bool = True
) -> Vertex:
    """A sign-constrained minimiser of independent support, be it the only one or not."""
    vertex = _proved_guess(form, signs, start) if guess else None
    return _lawson_hanson(form, signs, start) if vertex is None else vertex


def _vertex(form: QuadraticForm, support: Sequence[int]) -> Vertex | None:
    """The minimiser on a support; None when its columns are dependent."""
    solution = form.solve(support)
    if solution is None:
        return None
    b, delta = solution
    kept = [(i, e) for i, e in zip(support, b, strict=True) if e != 0]
    return Vertex(tuple(i for i, _ in kept), tuple(e for _, e in kept), delta, form.slope(support, b, delta))


def _proved_guess(form: QuadraticForm, signs: Mapping[int, int], start: Sequence[int]) -> Vertex | None:
    """A support proposed in floating point, if the exact KKT conditions confirm it."""
    order = sorted(signs)
    try:
        matrix, right = form.float_problem(order, [signs[i] for i in order])
    except OverflowError:
        return None
    import numpy as np

    with np.errstate(all="ignore"):  # a guess that overflows is no guess; the exact method decides
        chosen = _float_support(matrix, right, [order.index(i) for i in start if i in signs])
    vertex = _vertex(form, [order[k] for k in sorted(chosen)])
    if vertex is None or not _feasible(vertex, signs):
        return None
    return vertex if not _violations(vertex, signs) else None


def _feasible(vertex: Vertex, signs: Mapping[int, int]) -> bool:
    return all(signs[i] * e > 0 for i, e in zip(vertex.support, vertex.b, strict=True))


def _violations(vertex: Vertex, signs: Mapping[int, int]) -> list[int]:
    """Columns along which moving off zero, with the given sign, lowers the loss."""
    return [i for i, s in signs.items() if s * vertex.slope[i, 0] < 0]


def _float_support(matrix: Any, right: Any, start: Sequence[int]) -> list[int]:
    """Lawson and Hanson in float64 on a normalised problem; a proposal, nothing more."""
    import numpy as np

    m = len(right)
    passive = list(start)
    b = np.zeros(m)
    tolerance = 1e-11 * (float(np.abs(right).max(initial=0.0)) or 1.0)
    try:
        if passive:
            b[passive] = np.linalg.solve(matrix[np.ix_(passive, passive)], right[passive])
        for _ in range(3 * m + 3):
            w = right - matrix @ b
            w[passive] = -np.inf
            if len(passive) == m or w.max() <= tolerance:
                break
            j = int(w.argmax())
            passive.append(j)
            while passive:
                z = np.linalg.solve(matrix[np.ix_(passive, passive)], right[passive])
                if not np.isfinite(z).all():
                    return passive
                if z.min() > 0:
                    b[:] = 0.0
                    b[passive] = z
                    break
                old = b[passive]
                blocked = z <= 0
                step = float(np.min(old[blocked] / (old[blocked] - z[blocked] + 1e-300)))
                new = old + step * (z - old)
                new[blocked & (new <= tolerance)] = 0.0
                if step == 0.0:
                    new[blocked] = 0.0
                b[passive] = new
                passive = [i for i in passive if b[i] > 0.0]
    except np.linalg.LinAlgError:
        pass
    return passive


def _lawson_hanson(form: QuadraticForm, signs: Mapping[int, int], start: Sequence[int]) -> Vertex:
    """The exact active-set method, from a support whose minimiser has the right signs."""
    started = _vertex(form, sorted(i for i in start if i in signs))
    if started is None or not _feasible(started, signs):
        started = _vertex(form, [])
    assert started is not None
    vertex = started
    while violated := _violations(vertex, signs):
        entering = max(violated, key=lambda i: abs(vertex.slope[i, 0]))
        point = {i: fmpq(e, vertex.delta) for i, e in zip(vertex.support, vertex.b, strict=True)}
        point[entering] = fmpq(0)
        # the new column has a non-zero gradient, so it is independent of the support
        while True:
            target = _vertex(form, sorted(point))
            assert target is not None
            goal = {i: fmpq(e, target.delta) for i, e in zip(target.support, target.b, strict=True)}
            blocked = [i for i in point if signs[i] * goal.get(i, fmpq(0)) <= 0]
            if not blocked:
                break
            step = min(point[i] / (point[i] - goal.get(i, fmpq(0))) for i in blocked)
            moved = {i: x + step * (goal.get(i, fmpq(0)) - x) for i, x in point.items()}
            point = {i: x for i, x in moved.items() if x != 0}
        vertex = target
    return vertex


def _with_uniqueness(form: QuadraticForm, signs: Mapping[int, int], vertex: Vertex) -> Vertex | Undetermined:
    """Decide whether the minimiser is the only one, and keep the reason.

    All minimisers have the same Xβ and so the same gradient; they differ by a
    vector h on the columns with zero gradient, with ``Xh = 0`` and the right sign
    where β is zero.  Modulo the (independent) support this asks for non-negative
    h, not zero, in the kernel of the Schur complement K, decided by the minimum of
    ``½ hᵀ(K + 11ᵀ)h − 1ᵀh``: zero residual gives h, any other gives a separator.
    """
    support = set(vertex.support)
    idle = [i for i in signs if i not in support and vertex.slope[i, 0] == 0]
    if not idle:
        return vertex
    face = sorted([*support, *idle])
    if form.rank_of(face) == len(face):
        return vertex
    P, k = list(vertex.support), len(idle)
    flip = fmpq_mat(k, k, [fmpq(signs[i]) if i == j else fmpq(0) for i in idle for j in idle])
    cross = fmpq_mat(_rectangle(form, P, idle)) * flip
    lift = fmpq_mat(form.block(P)).solve(cross) if P else fmpq_mat(0, k)
    schur = flip * fmpq_mat(form.block(idle)) * flip - cross.transpose() * lift
    point = _in_kernel(schur, range(k))
    if sum(point.rationals(), fmpq(0)) == 1:
        return Undetermined(tuple(sorted(_moving(schur, point, lift, P, idle))))
    h = flip * point.column()
    on_support = lift * flip * h if P else fmpq_mat(0, 1)
    # the direction is h on the idle columns and −(flip-corrected) lift on the support
    direction = dict(zip(idle, h.entries(), strict=True))
    direction |= {i: -x for i, x in zip(P, on_support.entries(), strict=True)}
    # in β units c_j = q_j·c'_j, so that (Mc)_i has the sign of (Γc')_i
    c = RationalVector.of(form.bounds[j] * direction.get(j, fmpq(0)) for j in range(form.size))
    return Vertex(vertex.support, vertex.b, vertex.delta, vertex.slope, c)


def _in_kernel(schur: fmpq_mat, counted: Iterable[int]) -> RationalVector:
    """The minimum h ≥ 0 of ``½ hᵀ(K + eeᵀ)h − eᵀh``, e the indicator of the coordinates that count.

    ``eᵀh = 1`` exactly when some h ≥ 0 with Kh = 0 has ``eᵀh > 0``, and then h is one.
    """
    k, count = schur.nrows(), set(counted)
    e = fmpq_mat(k, 1, [fmpq(int(i in count)) for i in range(k)])
    inner = QuadraticForm.from_gram(schur + e * e.transpose(), e, fmpq(0))
    best = _lawson_hanson(inner, dict.fromkeys(range(k), 1), ())
    return inner.beta_vector(best.support, best.b, best.delta)


def _moving(
    schur: fmpq_mat, point: RationalVector, lift: fmpq_mat, support: Sequence[int], idle: Sequence[int]
) -> list[int]:
    """All columns whose coefficients are not the same in all minimisers.

    The sum of the h found has the largest support U that an h ≥ 0 with Kh = 0 can have, so that
    the directions span all of ``{h on U: Kh = 0}``; a column of the support moves along one of them
    unless its row of the lift vanishes on that space.
    """
    free = set[int]()
    while found := set(point.support()) - free:
        free |= found
        left = [i for i in range(len(idle)) if i not in free]
        if not left:
            break
        point = _in_kernel(schur, left)
        if sum((point.rationals()[i] for i in left), fmpq(0)) != 1:
            break
    columns = sorted(free)
    entries = [schur[i, j] for i in range(schur.nrows()) for j in columns]
    kernel, _ = fmpq_mat(schur.nrows(), len(columns), entries).numer_denom()[0].nullspace()
    rows = fmpq_mat(lift.nrows(), len(columns), [lift[i, j] for i in range(lift.nrows()) for j in columns])
    shifts = (rows * fmpq_mat(kernel)).tolist() if support else []  # beyond the nullity the kernel is zero
    moved = [i for i, shift in zip(support, shifts, strict=True) if any(shift)]
    return moved + [idle[j] for j in columns]


def _rectangle(form: QuadraticForm, rows: Sequence[int], columns: Sequence[int]) -> fmpz_mat:
    both = sorted({*rows, *columns})
    block = form.block(both)
    place = {i: k for k, i in enumerate(both)}
    entries = [block[place[i], place[j]] for i in rows for j in columns]
    return fmpz_mat(len(rows), len(columns), entries)
