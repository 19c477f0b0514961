"""A regression problem whose entries are symbols, or rational functions of a few parameters.

The symbolic twin of :class:`saddlesym.diagonal.problem.DiagonalProblem`: the
same loss, with M and r (or X and y) generic, or a family such as two columns of
correlation ρ.  All derivations of the package start from it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from itertools import product
from typing import Any, TypeAlias

import sympy

from saddlesym.diagonal.problem import DiagonalProblem
from saddlesym.errors import BadInputError, DegenerateProblemError, shown
from saddlesym.exact.documents.results import Documented, Fields
from saddlesym.exact.functions.expressions import read_expression
from saddlesym.exact.functions.rational_functions import (
    RationalFunction,
    RationalFunctionField,
    bound_determinant,
    bound_parameters,
)
from saddlesym.exact.scalars import rational, to_fmpq
from saddlesym.exact.vectors import to_sympy

FunctionRows: TypeAlias = tuple[tuple[RationalFunction, ...], ...]
Values: TypeAlias = Mapping[Any, Any]


@dataclass(frozen=True)
class ActiveBlock:
    """The constrained minimiser of an active set, as rational functions of the parameters.

    Attributes:
        active: the active set S, sorted.
        beta: ``β_S = M_SS⁻¹ r_S``, zero elsewhere (d).
        gradient: ``Mβ − r`` (d), identically zero on S.
        determinant: det M_SS.
    """

    active: tuple[int, ...]
    beta: tuple[RationalFunction, ...]
    gradient: tuple[RationalFunction, ...]
    determinant: RationalFunction


class SymbolicProblem(Documented):
    """The loss ``L(β) = ½βᵀMβ − rᵀβ + L(0)`` with entries that depend on real parameters.

    Built by :meth:`generic`, :meth:`generic_data`, :meth:`from_gram`, :meth:`from_data`
    or :meth:`of`.  M stands for a Gram matrix XᵀX/n: it is positive semidefinite at
    every admissible value of the parameters (checked by :meth:`at`).

    Source: PF23, section 1.

    >>> family = SymbolicProblem.from_gram([[1, "rho"], ["rho", 1]], [1, "1/2"], ["rho"])
    >>> family.gradient([1, 0])
    Matrix([
    [        0],
    [rho - 1/2]])
    >>> family.at({"rho": "1/4"}).M[0]
    (Fraction(1, 1), Fraction(1, 4))
    """

    def __init__(
        self,
        field: RationalFunctionField,
        gram: FunctionRows,
        correlations: Sequence[RationalFunction],
        loss_at_zero: RationalFunction,
        data: tuple[FunctionRows, tuple[RationalFunction, ...]] | None = None,
    ) -> None:
        self.field = field
        self.gram, self.correlations = gram, tuple(correlations)
        self.constant, self.data = loss_at_zero, data
        self.d: int = len(self.correlations)
        self._blocks: dict[tuple[int, ...], ActiveBlock] = {}

    @classmethod
    def generic(cls, d: int) -> SymbolicProblem:
        """All entries of M and r are symbols ``m_ij`` (i ≤ j) and ``r_i``, counted from 1; L(0) = 0.

        >>> SymbolicProblem.generic(2).M
        Matrix([
        [m_11, m_12],
        [m_12, m_22]])
        """
        _positive(d, "d")
        bound_parameters(d * (d + 3) // 2)
        join = "" if d < 10 else "_"
        pairs = [(i, j) for i in range(d) for j in range(i, d)]
        names = [f"m_{i + 1}{join}{j + 1}" for i, j in pairs] + [f"r_{i + 1}" for i in range(d)]
        field = RationalFunctionField(names)
        entry = dict(zip(pairs, field.generators[: len(pairs)], strict=True))
        gram = tuple(tuple(entry[min(i, j), max(i, j)] for j in range(d)) for i in range(d))
        return cls(field, gram, field.generators[len(pairs) :], field.zero)

    @classmethod
    def generic_data(cls, n: int, d: int) -> SymbolicProblem:
        """All entries of X (n × d) and y (n) are symbols ``x_ij`` and ``y_i``, counted from 1."""
        _positive(n, "n")
        _positive(d, "d")
        bound_parameters(n * (d + 1))
        join = "" if max(n, d) < 10 else "_"
        X = [[f"x_{i + 1}{join}{j + 1}" for j in range(d)] for i in range(n)]
        y = [f"y_{i + 1}" for i in range(n)]
        return cls.from_data(X, y, [name for row in X for name in row] + y)

    @classmethod
    def from_gram(
        cls, M: Any, r: Any, parameters: Sequence[str] = (), *, loss_at_zero: Any = 0
    ) -> SymbolicProblem:
        """A family given by M = XᵀX/n (d × d) and r = Xᵀy/n (d).

        Args:
            M: rows of numbers, expression texts (see
                :func:`saddlesym.exact.functions.expressions.parse_expression`) or SymPy expressions.
            r: as M.
            parameters: names of the parameters that occur.
            loss_at_zero: yᵀy/(2n); losses are relative to it when it is left at 0.

        Raises:
            BadInputError: an entry that cannot be read, M not square or not symmetric.
        """
        field = RationalFunctionField(_names(parameters))
        gram, vector = _rows(M, "M", field), _vector(r, "r", field)
        if any(len(row) != len(gram) for row in gram) or len(vector) != len(gram):
            raise BadInputError(
                f"M has {len(gram)} rows and r has {len(vector)} entries",
                needed="M square and r of the same size",
            )
        for i, j in product(range(len(gram)), repeat=2):
            if gram[i][j] != gram[j][i]:
                raise BadInputError(f"M[{i}, {j}] differs from M[{j}, {i}]", needed="M symmetric")
        return cls(field, gram, vector, _entry(loss_at_zero, "loss_at_zero", field))

    @classmethod
    def from_data(cls, X: Any, y: Any, parameters: Sequence[str] = ()) -> SymbolicProblem:
        """A family given by data X (n × d) and targets y (n); entries as in :meth:`from_gram`."""
        field = RationalFunctionField(_names(parameters))
        rows, target = _rows(X, "X", field), _vector(y, "y", field)
        if any(len(row) != len(rows[0]) for row in rows) or len(target) != len(rows):
            raise BadInputError(
                f"X has {len(rows)} rows and y has {len(target)} entries",
                needed="rows of equal length and one entry of y per row",
            )
        n, columns = len(rows), list(zip(*rows, strict=True))

        def mean(a: Sequence[RationalFunction], b: Sequence[RationalFunction]) -> RationalFunction:
            return sum((p * q for p, q in zip(a, b, strict=True)), field.zero) / n

        gram = tuple(tuple(mean(a, b) for b in columns) for a in columns)
        return cls(field, gram, [mean(a, target) for a in columns], mean(target, target) / 2, (rows, target))

    @classmethod
    def of(cls, problem: int | DiagonalProblem | SymbolicProblem) -> SymbolicProblem:
        """The generic problem of a dimension, or a concrete problem without parameters."""
        if isinstance(problem, SymbolicProblem):
            return problem
        if isinstance(problem, DiagonalProblem):
            constant = problem.loss([0] * problem.d)
            return cls.from_gram(problem.M, problem.r, loss_at_zero=constant)
        return cls.generic(problem)

    @property
    def parameters(self) -> tuple[sympy.Symbol, ...]:
        """The parameters, as real SymPy symbols."""
        return self.field.symbols

    @property
    def M(self) -> sympy.Matrix:
        """XᵀX/n (d × d)."""
        return sympy.Matrix(self.d, self.d, [e.sympy() for row in self.gram for e in row])

    @property
    def r(self) -> sympy.Matrix:
        """Xᵀy/n (d × 1)."""
        return sympy_column(self.correlations)

    @property
    def loss_at_zero(self) -> sympy.Expr:
        """L(0)."""
        return self.constant.sympy()

    @cached_property
    def _M(self) -> sympy.ImmutableMatrix:
        return sympy.ImmutableMatrix(self.M)

    def loss(self, beta: Sequence[Any]) -> sympy.Expr:
        """L(β) for SymPy expressions β (d), not simplified."""
        b = self._point(beta)
        return (b.T * self._M * b)[0] / 2 - (self.r.T * b)[0] + self.loss_at_zero

    def gradient(self, beta: Sequence[Any]) -> sympy.Matrix:
        """∇L(β) = Mβ − r (d × 1) for SymPy expressions β (d), not simplified."""
        return sympy.Matrix(self._M * self._point(beta) - self.r)

    def _point(self, beta: Sequence[Any]) -> sympy.Matrix:
        if len(beta) != self.d:
            raise BadInputError(f"beta has {len(beta)} entries", needed=f"{self.d} entries")
        return sympy.Matrix([b if isinstance(b, sympy.Expr) else to_sympy(to_fmpq(b)) for b in beta])

    def block(self, active: Sequence[int]) -> ActiveBlock:
        """The constrained minimiser of an active set (kept for reuse).

        Raises:
            BadInputError: an index out of range, or given twice.
            DegenerateProblemError: M_SS is singular for all values of the parameters.
            BudgetError: its entries are too large to be written down.
        """
        S = tuple(sorted(active))
        if len(set(S)) != len(S) or not set(S) <= set(range(self.d)):
            raise BadInputError(f"active set {list(active)}", needed=f"distinct ones from 0 to {self.d - 1}")
        if S not in self._blocks:
            self._blocks[S] = self._solved(S)
        return self._blocks[S]

    def _solved(self, S: tuple[int, ...]) -> ActiveBlock:
        bound_determinant([[self.gram[i][j] for j in S] for i in S])
        # elimination without exchanges: the pivots of a definite block are not zero
        rows = [[self.gram[i][j] for j in S] + [self.correlations[i]] for i in S]
        determinant = self.field.one
        for k in range(len(S)):
            pivot = rows[k][k]
            if pivot.is_zero:
                raise DegenerateProblemError(
                    f"M_SS is singular for the active set {list(S)} at all parameters, so its"
                    " minimisers form an affine set",
                    columns=S[: k + 1],
                    needed="an active set with independent columns",
                    hint=f"leave out one of {list(S[: k + 1])}",
                )
            determinant = determinant * pivot
            rows[k] = [e / pivot for e in rows[k]]
            for i in range(len(S)):
                factor = rows[i][k]
                if i != k and not factor.is_zero:
                    rows[i] = [a - factor * b for a, b in zip(rows[i], rows[k], strict=True)]
        beta = [self.field.zero] * self.d
        for i, row in zip(S, rows, strict=True):
            beta[i] = row[-1]
        gradient = [
            sum((self.gram[i][j] * beta[j] for j in S), self.field.zero) - self.correlations[i]
            for i in range(self.d)
        ]
        return ActiveBlock(S, tuple(beta), tuple(gradient), determinant)

    def block_loss(self, block: ActiveBlock) -> RationalFunction:
        """L at a constrained minimiser: ``L(0) − ½ rᵀβ``, since Mβ = r on the active set."""
        inner = (a * b for a, b in zip(self.correlations, block.beta, strict=True))
        return self.constant - sum(inner, self.field.zero) / 2

    def substitution(self, values: Values) -> dict[sympy.Symbol, sympy.Rational]:
        """Exact values for all parameters, by name or symbol, as a SymPy substitution."""
        given = {getattr(key, "name", key): value for key, value in values.items()}
        if set(given) != set(self.field.names):
            missing = [n for n in self.field.names if n not in given]
            unknown = [n for n in given if n not in self.field.names]
            what = [
                f"{word} {', '.join(map(shown, names))}"
                for word, names in (("no value for", missing), ("unknown parameter", unknown))
                if names
            ]
            raise BadInputError(
                "; ".join(what), needed=f"values for {', '.join(self.field.names) or 'nothing'}"
            )
        return {symbol: to_sympy(to_fmpq(given[symbol.name])) for symbol in self.parameters}

    def at(self, values: Values) -> DiagonalProblem:
        """The problem at exact values of all parameters.

        Raises:
            BadInputError: a value is missing, an entry divides by zero there, or M is no
                Gram matrix there.
        """
        where = self.substitution(values)

        def numbers(entries: Sequence[RationalFunction]) -> list[Fraction]:
            return [evaluate(e.sympy(), where) for e in entries]

        if self.data is not None:
            rows, target = self.data
            return DiagonalProblem([numbers(row) for row in rows], numbers(target))
        return DiagonalProblem.from_gram(
            [numbers(row) for row in self.gram],
            numbers(self.correlations),
            loss_at_zero=numbers([self.constant])[0],
        )

    def lambdify(self, expression: Any, modules: Any = "math") -> Callable[..., Any]:
        """A numerical function of the parameters, in their order, from an expression or matrix of them.

        Args:
            expression: what to evaluate.
            modules: as for ``sympy.lambdify``: ``"math"``, ``"numpy"``, ``"mpmath"``, …
        """
        return sympy.lambdify(self.parameters, expression, modules)  # type: ignore[no-any-return]

    def to_dict(self) -> dict[str, Any]:
        """JSON-ready: the parameters, and the entries as texts that the constructors read back.

        They are those of X and y where the problem was given so, else of M, r and L(0).
        """
        parameters: dict[str, Any] = {"kind": self._kind, "parameters": list(self.field.names)}
        if self.data is not None:
            return parameters | {"X": _texts(self.data[0]), "y": _texts([self.data[1]])[0]}
        entries = {"M": _texts(self.gram), "r": _texts([self.correlations])[0]}
        return parameters | entries | {"loss_at_zero": str(self.loss_at_zero)}

    @classmethod
    def _read(cls, given: Fields) -> SymbolicProblem:
        texts = tuple[str, ...]
        names = given("parameters", texts, ())
        if "X" in given:
            return cls.from_data(given("X", tuple[texts, ...]), given("y", texts), names)
        zero = given("loss_at_zero", str, "0")
        return cls.from_gram(given("M", tuple[texts, ...]), given("r", texts), names, loss_at_zero=zero)

    def _key(self) -> tuple[Any, ...]:
        return self.field, self.gram, self.correlations, self.constant, self.data

    def __eq__(self, other: object) -> bool:
        return self._key() == other._key() if isinstance(other, SymbolicProblem) else NotImplemented

    def __hash__(self) -> int:
        return hash(self._key())

    def __repr__(self) -> str:
        return f"SymbolicProblem(d={self.d}, parameters=({', '.join(self.field.names)}))"


def _texts(rows: Sequence[Sequence[RationalFunction]]) -> list[list[str]]:
    return [[str(e.sympy()) for e in row] for row in rows]


def sympy_column(entries: Sequence[RationalFunction]) -> sympy.ImmutableMatrix:
    """Rational functions as an immutable SymPy column."""
    return sympy.ImmutableMatrix(len(entries), 1, [e.sympy() for e in entries])


def evaluate(expression: sympy.Expr, where: Mapping[sympy.Symbol, sympy.Rational]) -> Fraction:
    """A rational function at a rational point.

    Raises:
        BadInputError: it divides by zero there.
    """
    value = expression.xreplace(dict(where))
    if not isinstance(value, sympy.Rational):
        raise BadInputError(f"{shown(expression)} divides by zero at these parameters", needed="other values")
    return rational(value)


def _positive(value: Any, name: str) -> None:
    if not isinstance(value, int) or isinstance(value, bool) or value < 1:
        raise BadInputError(f"{name} = {shown(value)}", needed="a positive integer")


def _names(parameters: Sequence[str]) -> tuple[str, ...]:
    """Parameter names; one text may list several, separated by commas or blanks."""
    if isinstance(parameters, str):
        return tuple(re.split(r"[,\s]+", parameters.strip())) if parameters.strip() else ()
    return tuple(getattr(p, "name", p) for p in parameters)


def _entry(value: Any, place: str, field: RationalFunctionField) -> RationalFunction:
    try:
        if isinstance(value, str):
            return read_expression(value, field)
        if isinstance(value, sympy.Expr):
            return field.from_sympy(value)
        return field.constant(to_fmpq(value))
    except BadInputError as error:
        raise error.at(place) from None


def _vector(values: Any, name: str, field: RationalFunctionField) -> tuple[RationalFunction, ...]:
    items = _listed(values, name)
    return tuple(_entry(value, f"{name}[{i}]", field) for i, value in enumerate(items))


def _rows(values: Any, name: str, field: RationalFunctionField) -> FunctionRows:
    if isinstance(values, sympy.MatrixBase):
        values = values.tolist()
    rows = [_vector(row, f"{name}[{i}]", field) for i, row in enumerate(_listed(values, name))]
    if not rows or not rows[0]:
        raise BadInputError(f"{name} is empty", needed="at least one row and one column")
    return tuple(rows)


def _listed(values: Any, name: str) -> list[Any]:
    if isinstance(values, str | bytes) or not hasattr(values, "__iter__"):
        raise BadInputError(f"{name} is of type {type(values).__name__}", needed="a list of entries")
    return list(values)
