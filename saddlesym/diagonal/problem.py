"""A regression problem with exact data: the loss of a diagonal linear network."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from functools import cached_property
from pathlib import Path
from typing import Any

from flint import fmpq, fmpq_mat, fmpz

from saddlesym.diagonal.quadratic import QuadraticForm
from saddlesym.display import Cell, Displayed, Grid, Math, Name
from saddlesym.errors import BadInputError, DegenerateProblemError, shown
from saddlesym.exact.linalg import is_positive_semidefinite
from saddlesym.exact.matrices import public_matrix
from saddlesym.exact.rounding import Rounding, notation, notations
from saddlesym.exact.scalars import Floats, exact_rows, exact_vector, fraction, read_exact, to_fmpq
from saddlesym.exact.text import encodable, exact_string
from saddlesym.exact.values import Uncached
from saddlesym.exact.vectors import RationalVector
from saddlesym.memory import FRACTION, RATIONAL, require_memory
from saddlesym.tables import read_csv, read_npz


class DiagonalProblem(Uncached, Displayed):
    """The loss ``L(β) = ‖Xβ − y‖² / (2n)`` with exact rational data.

    Args:
        X: data (n × d): rows of numbers, an array, or a data frame whose column
            names become the feature names.
        y: targets (n).
        feature_names: names of the d columns; default ``x0, x1, …``.
        floats: what a float stands for, ``"decimal"`` (shortest decimal that
            prints it) or ``"binary"``.

    Raises:
        BadInputError: shapes that do not fit, or entries that are no finite numbers.

    Source: PF23, section 1; the network is β = u ⊙ v.

    >>> problem = DiagonalProblem([[2, 0], [0, 3]], [3, -1])
    >>> problem.M
    ((Fraction(2, 1), Fraction(0, 1)), (Fraction(0, 1), Fraction(9, 2)))
    >>> problem.loss([0, 0]), problem.gradient([0, 0])[0]
    (Fraction(5, 2), Fraction(-3, 1))
    """

    _notations: tuple[str, ...] | None = None

    def __init__(
        self,
        X: Any,
        y: Any,
        feature_names: Sequence[str] | None = None,
        *,
        floats: Floats = "decimal",
        source: str = "",
    ) -> None:
        rows, target = exact_rows(X, "X", floats), exact_vector(y, "y", floats)
        if not rows or not rows[0]:
            raise BadInputError("X is empty", needed="at least one row and one column")
        if len(target) != len(rows):
            raise BadInputError(
                f"X has {len(rows)} rows but y has {len(target)} entries",
                needed="one entry of y per row of X",
            )
        if feature_names is None and hasattr(X, "columns"):
            feature_names = [str(name) for name in X.columns]
        n, d = len(rows), len(rows[0])
        self._raw_X = fmpq_mat(n, d, [q for row in rows for q in row])
        self._raw_y = fmpq_mat(n, 1, target)
        self._gram_input: tuple[fmpq_mat, fmpq_mat, fmpq] | None = None
        self.n: int = n
        self.d: int = d
        self._notations = (*notations(X, self.d), notation(y))
        self.is_centred = False
        self.scale: tuple[Fraction, ...] | None = None
        self.source = source
        self.feature_names = _checked_names(feature_names, d)

    @classmethod
    def from_csv(
        cls,
        path: str | Path,
        target: str | int | None = None,
        *,
        header: bool | None = None,
    ) -> DiagonalProblem:
        """Read a CSV file, or a shipped example by its name.

        Args:
            path: file, or the name of an example such as ``"diabetes"``.
            target: name or 0-based index of the target column; default the last.
            header: whether the first line holds names; default: decided from it.

        >>> DiagonalProblem.from_csv("diabetes").feature_names[:3]
        ('age', 'sex', 'bmi')
        """
        table = read_csv(path, header=header)
        X, y, names = table.split(target)
        return cls(X, y, names, source=table.source)

    @classmethod
    def from_npz(cls, path: str | Path, *, floats: Floats = "decimal") -> DiagonalProblem:
        """Read arrays ``X`` and ``y`` (or ``M`` and ``r``) from a NumPy ``.npz`` file."""
        arrays = read_npz(path)
        names = None
        if "feature_names" in arrays:
            names = [str(name) for name in arrays["feature_names"].ravel()]
        if "X" in arrays and "y" in arrays:
            return cls(arrays["X"], arrays["y"], names, floats=floats, source=str(path))
        if "M" in arrays and "r" in arrays:
            problem = cls.from_gram(arrays["M"], arrays["r"], feature_names=names, floats=floats)
            problem.source = str(path)
            return problem
        raise BadInputError(
            f"{shown(path)} holds the arrays {', '.join(map(shown, sorted(arrays))) or '(none)'}",
            needed="arrays named X and y (or M and r)",
        )

    @classmethod
    def from_gram(
        cls,
        M: Any,
        r: Any,
        *,
        loss_at_zero: Any = 0,
        feature_names: Sequence[str] | None = None,
        floats: Floats = "decimal",
    ) -> DiagonalProblem:
        """The problem ``L(β) = ½βᵀMβ − rᵀβ + loss_at_zero``, given without data.

        Args:
            M: symmetric positive semidefinite (d × d), the Gram matrix XᵀX/n.
            r: vector (d) in the range of M, the correlations Xᵀy/n.
            loss_at_zero: yᵀy/(2n); losses are relative to it when it is left at 0.

        Raises:
            BadInputError: M not symmetric or not positive semidefinite, or r not
                in its range (L would have no minimum).

        >>> DiagonalProblem.from_gram([[2, 1], [1, 2]], [1, "1/2"]).gradient([1, 0])[0]
        Fraction(1, 1)
        """
        rows, vector = exact_rows(M, "M", floats), exact_vector(r, "r", floats)
        d = len(rows)
        if d == 0 or len(rows[0]) != d or len(vector) != d:
            shape = f"{d} × {len(rows[0]) if rows else 0}"
            raise BadInputError(
                f"M is {shape} and r has {len(vector)} entries",
                needed="M square and r of the same size",
            )
        for i in range(d):
            for j in range(i):
                if rows[i][j] != rows[j][i]:
                    raise BadInputError(f"M[{i}, {j}] differs from M[{j}, {i}]", needed="M symmetric")
        matrix, right = fmpq_mat(d, d, [q for row in rows for q in row]), fmpq_mat(d, 1, vector)
        if not is_positive_semidefinite(matrix.numer_denom()[0]):
            raise BadInputError(
                "M has a negative eigenvalue", needed="a Gram matrix XᵀX/n", hint="pass X and y"
            )
        augmented = fmpq_mat(d, d + 1, [q for row, x in zip(rows, vector, strict=True) for q in (*row, x)])
        if augmented.rank() > matrix.rank():
            raise BadInputError(
                "r is not in the range of M, so L has no minimum", needed="r = Xᵀy/n for the X of M"
            )
        problem = cls.__new__(cls)
        problem._gram_input = (matrix, right, to_fmpq(loss_at_zero, floats))
        problem.n, problem.d = 1, d
        problem.is_centred, problem.scale, problem.source = False, None, ""
        problem.feature_names = _checked_names(feature_names, d)
        return problem

    @property
    def has_data(self) -> bool:
        """Whether the problem knows X and y, not only M and r."""
        return self._gram_input is None

    def centred(self) -> DiagonalProblem:
        """The problem with the exact means of y and of every column taken off."""
        return self._prepared(True, self.scale)

    def scaled(self, decimals: int = 3) -> DiagonalProblem:
        """The problem with every column divided by a rational standard deviation.

        The stand-in is the population standard deviation rounded to ``decimals``
        places, and to three significant digits when it is too small for that; it
        is recorded in ``scale``.

        Raises:
            DegenerateProblemError: a column is constant.
        """
        self._need_data("scaling")
        deviations = []
        variances = self._variances()
        constant = [j for j, v in enumerate(variances) if v == 0]
        if constant:
            names = ", ".join(shown(self.feature_names[j]) for j in constant)
            raise DegenerateProblemError(
                f"column {names} is constant, so its standard deviation is zero",
                columns=tuple(constant),
                needed="columns that vary",
                hint="drop it",
            )
        for variance in variances:
            places = decimals
            while (rounded := _rounded_root(variance, places)) < fmpq(100, fmpz(10) ** places):
                places += 1
            deviations.append(fraction(rounded))
        return self._prepared(self.is_centred, tuple(deviations))

    def _need_data(self, what: str) -> None:
        if not self.has_data:
            raise BadInputError(
                f"{what} needs the data, and this problem was given by M and r",
                needed="X and y",
                hint="DiagonalProblem(X, y)",
            )

    def _variances(self) -> list[fmpq]:
        out = []
        for column in self._raw_X.transpose().tolist():
            mean = sum(column, fmpq(0)) / self.n
            out.append(sum(((q - mean) * (q - mean) for q in column), fmpq(0)) / self.n)
        return out

    def _prepared(self, centred: bool, scale: tuple[Fraction, ...] | None) -> DiagonalProblem:
        self._need_data("centring")
        problem = DiagonalProblem.__new__(DiagonalProblem)
        problem._raw_X, problem._raw_y, problem._gram_input = self._raw_X, self._raw_y, None
        problem.n, problem.d, problem.source = self.n, self.d, self.source
        problem.feature_names = self.feature_names
        problem.is_centred, problem.scale = centred, scale
        problem._notations = self._notations
        return problem

    @cached_property
    def _data(self) -> tuple[fmpq_mat, fmpq_mat]:
        """X (n × d) and y (n × 1) as used, after centring and scaling."""
        if not self.is_centred and self.scale is None:
            return self._raw_X, self._raw_y
        columns, target = self._raw_X.transpose().tolist(), self._raw_y.entries()
        if self.is_centred:
            columns, target = [_centred(c) for c in columns], _centred(target)
        if self.scale is not None:
            columns = [[q / to_fmpq(unit) for q in c] for c, unit in zip(columns, self.scale, strict=True)]
        X = fmpq_mat(self.d, self.n, [q for c in columns for q in c]).transpose()
        return X, fmpq_mat(self.n, 1, target)

    @cached_property
    def rounding(self) -> Rounding | None:
        """How far the data that are meant may lie from those given, by how these were written.

        None when that is not known: for M and r, and for a saved result.

        >>> DiagonalProblem([[1], [2]], ["0.25", "0.5"]).rounding
        Rounding(X=(Fraction(0, 1),), y=Fraction(1, 200))
        """
        if self._notations is None:
            return None
        columns = [*self._raw_X.transpose().tolist(), self._raw_y.entries()]
        return Rounding.of(columns, self._notations, self.is_centred, self.scale)

    @cached_property
    def quadratic(self) -> QuadraticForm:
        """The integer form of the loss, for the exact kernels."""
        if self._gram_input is not None:
            return QuadraticForm.from_gram(*self._gram_input)
        return QuadraticForm.from_data(*self._data)

    @cached_property
    def _gram(self) -> tuple[fmpq_mat, fmpq_mat, fmpq]:
        if self._gram_input is not None:
            return self._gram_input
        X, _ = self._data
        require_memory(self.d**2 * RATIONAL, f"the Gram matrix of {self.d} columns")
        return X.transpose() * X / self.n, *self._correlations

    @cached_property
    def _correlations(self) -> tuple[fmpq_mat, fmpq]:
        """r (d × 1) and L(0)."""
        if self._gram_input is not None:
            return self._gram_input[1:]
        X, y = self._data
        return X.transpose() * y / self.n, (y.transpose() * y)[0, 0] / (2 * self.n)

    @property
    def _is_wide(self) -> bool:
        """Whether products with X and Xᵀ are cheaper than one with M."""
        return self._gram_input is None and self.n < self.d

    @cached_property
    def M(self) -> tuple[tuple[Fraction, ...], ...]:
        """XᵀX/n (d × d).

        Raises:
            BudgetError: more of it than fits into memory.
        """
        require_memory(self.d**2 * (RATIONAL + FRACTION), f"M for {self.d} columns", "problem.gradient(beta)")
        return public_matrix(self._gram[0])

    @property
    def squares(self) -> tuple[Fraction, ...]:
        """The diagonal of M (d), the mean square of every column, without the rest of M."""
        if self._gram_input is not None:
            return tuple(fraction(self._gram_input[0][i, i]) for i in range(self.d))
        columns = self._data[0].transpose().tolist()
        return tuple(fraction(sum((q * q for q in column), fmpq(0)) / self.n) for column in columns)

    @cached_property
    def r(self) -> tuple[Fraction, ...]:
        """Xᵀy/n (d)."""
        return tuple(map(fraction, self._correlations[0].entries()))

    @property
    def X(self) -> tuple[tuple[Fraction, ...], ...]:
        """The data as used (n × d), after centring and scaling."""
        self._need_data("X")
        return public_matrix(self._data[0])

    @property
    def y(self) -> tuple[Fraction, ...]:
        """The targets as used (n), after centring."""
        self._need_data("y")
        return tuple(map(fraction, self._data[1].entries()))

    def _point(self, beta: Sequence[Any] | RationalVector) -> fmpq_mat:
        vector = beta if isinstance(beta, RationalVector) else RationalVector.of(exact_vector(beta, "beta"))
        if len(vector) != self.d:
            raise BadInputError(f"beta has {len(vector)} entries", needed=f"{self.d} entries")
        return vector.column()

    def loss(self, beta: Sequence[Any] | RationalVector) -> Fraction:
        """L(β), exact, for any rational β (d)."""
        b = self._point(beta)
        if self._is_wide:
            X, y = self._data
            residual = X * b - y
            return fraction((residual.transpose() * residual)[0, 0] / (2 * self.n))
        M, r, constant = self._gram
        return fraction((b.transpose() * (M * b / 2 - r))[0, 0] + constant)

    def residual(self, beta: Sequence[Any] | RationalVector) -> RationalVector:
        """Xβ − y (n), exact, for any rational β (d)."""
        self._need_data("a residual")
        X, y = self._data
        return RationalVector(*(X * self._point(beta) - y).numer_denom())

    def gradient(self, beta: Sequence[Any] | RationalVector) -> RationalVector:
        """∇L(β) = Mβ − r (d), exact, for any rational β (d)."""
        b = self._point(beta)
        if self._is_wide:
            X, y = self._data
            gradient = X.transpose() * (X * b - y) / self.n
        else:
            M, r, _ = self._gram
            gradient = M * b - r
        return RationalVector(*gradient.numer_denom())

    def names(self, columns: Sequence[int]) -> str:
        """Names of some columns, quoted, for a message."""
        return ", ".join(shown(self.feature_names[j]) for j in columns)

    def to_dict(self) -> dict[str, Any]:
        """The data as given and what was done to them, as JSON-ready exact strings."""
        if self._gram_input is not None:
            M, r, constant = self._gram_input
            return {
                "M": [[str(q) for q in row] for row in M.tolist()],
                "r": [str(q) for q in r.entries()],
                "loss_at_zero": str(constant),
            }
        return {
            "source": encodable(self.source),
            "X": [[str(q) for q in row] for row in self._raw_X.tolist()],
            "y": [str(q) for q in self._raw_y.entries()],
            "centred": self.is_centred,
            "scale": None if self.scale is None else [exact_string(q) for q in self.scale],
        }

    @classmethod
    def from_dict(
        cls, document: dict[str, Any], feature_names: Sequence[str] | None = None
    ) -> DiagonalProblem:
        """The inverse of :meth:`to_dict`.

        Raises:
            BadInputError: a value is not what it should be.
            KeyError, TypeError: the document has another form.
        """
        if "M" in document:
            return cls.from_gram(
                [[read_exact(q) for q in row] for row in document["M"]],
                [read_exact(q) for q in document["r"]],
                loss_at_zero=read_exact(document.get("loss_at_zero", "0")),
                feature_names=feature_names,
            )
        centred = document.get("centred", False)
        if type(centred) is not bool:
            raise BadInputError(f"centred is {shown(centred)}", needed="true or false")
        X = [[read_exact(q) for q in row] for row in document["X"]]
        problem = cls(X, [read_exact(q) for q in document["y"]], feature_names)
        problem.source = str(document.get("source", ""))
        scale = document.get("scale")
        if scale is not None:
            scale = tuple(fraction(read_exact(q)) for q in scale)
            if len(scale) != problem.d or min(scale) <= 0:
                raise BadInputError("scale does not fit X", needed="one positive number per column")
        return problem._prepared(centred, scale)

    def _given(self) -> tuple[Any, ...]:
        """What makes a problem: its data, their names, and what was done to them."""
        data = self._gram_input or (self._raw_X, self._raw_y)
        return *data, self.feature_names, self.is_centred, self.scale

    def __eq__(self, other: object) -> bool:
        """Whether both hold the same data, prepared the same way; where they were read does not matter."""
        return self._given() == other._given() if isinstance(other, DiagonalProblem) else NotImplemented

    def __hash__(self) -> int:
        return hash((self.n, self.feature_names, self.is_centred, self.scale))

    def grid(self, limit: int | None = None) -> Grid:
        """The data as used: a row of X and y per sample, or of M and r per column."""
        matrix, last = (self.X, self.y) if self.has_data else (self.M, self.r)
        rows: tuple[tuple[Cell, ...], ...] = tuple(
            (k, *row, target) for k, (row, target) in enumerate(zip(matrix, last, strict=True))
        )
        names: list[Cell] = [Name(name) for name in self.feature_names]
        header = ("row", *names, Math("y" if self.has_data else "r"))
        return Grid(repr(self), header, rows[:limit], more=len(rows) - len(rows[:limit]))

    def __repr__(self) -> str:
        size = f"n={self.n}, d={self.d}" if self.has_data else f"d={self.d}, given by M and r"
        done = [word for word, on in (("centred", self.is_centred), ("scaled", self.scale)) if on]
        return f"DiagonalProblem({', '.join([size, *done])})"


def _checked_names(names: Sequence[str] | None, d: int) -> tuple[str, ...]:
    if names is None:
        return tuple(f"x{j}" for j in range(d))
    out = tuple(map(str, names))
    if len(out) != d:
        raise BadInputError(f"{len(out)} feature names for {d} columns", needed="one name per column")
    if len(set(out)) != d:
        twice = next(name for name in out if out.count(name) > 1)
        raise BadInputError(f"the feature name {shown(twice)} appears twice", needed="distinct names")
    return out


def _centred(values: list[fmpq]) -> list[fmpq]:
    mean = sum(values, fmpq(0)) / len(values)
    return [q - mean for q in values]


def _rounded_root(value: fmpq, places: int) -> fmpq:
    """√value rounded to so many decimal places, halves up, without floats."""
    doubled = (4 * value * fmpz(10) ** (2 * places)).floor()
    twice = fmpz(doubled).isqrt()  # ⌊2·10^places·√value⌋
    return fmpq((twice + 1) // 2, fmpz(10) ** places)
