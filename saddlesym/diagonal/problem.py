"""A regression problem with exact data: the loss of a diagonal linear network."""

from __future__ import annotations

from collections.abc import Sequence
from copy import copy
from fractions import Fraction
from functools import cached_property
from pathlib import Path
from typing import Any

from flint import fmpq, fmpq_mat

from saddlesym.data.gaps import quoted
from saddlesym.data.reading import Missing, Reading
from saddlesym.diagonal.given import exact_data, exact_gram, feature_names, read_problem
from saddlesym.diagonal.preparation import constant_columns, deviations, prepared
from saddlesym.diagonal.squared_loss import SquaredLoss
from saddlesym.errors import BadInputError, DegenerateProblemError
from saddlesym.exact.documents.results import Documented, Fields, read
from saddlesym.exact.linear.matrices import public_matrix
from saddlesym.exact.rounding import Rounding, notation, notations
from saddlesym.exact.scalars import Floats, fraction, to_fmpq
from saddlesym.exact.text import encodable, exact_string
from saddlesym.grids import Cell, Displayed, Grid, Math, Name


class DiagonalProblem(SquaredLoss, Displayed, Documented):
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

    #: What the file holds and the problem does not, in words; and the SHA-256 of the file.
    left_out: tuple[str, ...] = ()
    source_digest: str = ""
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
        self._raw_X, self._raw_y = exact_data(X, y, floats)
        self._gram_input: tuple[fmpq_mat, fmpq_mat, fmpq] | None = None
        self.n: int = self._raw_X.nrows()
        self.d: int = self._raw_X.ncols()
        self._notations = (*notations(X, self.d), notation(y))
        self.is_centred = False
        self.scale: tuple[Fraction, ...] | None = None
        self.source = source
        self.feature_names = _names_of(X, feature_names, self.d)

    @classmethod
    def from_csv(
        cls,
        path: str | Path,
        target: str | int | None = None,
        *,
        header: bool | None = None,
        floats: Floats = "decimal",
        decimal: str = ".",
        drop_columns: Sequence[str | int] = (),
        drop_missing: Missing | None = None,
    ) -> DiagonalProblem:
        """Read a CSV, ``.npy`` or ``.npz`` file, or a shipped example by its name.

        Cells are separated by commas, semicolons, tabs, ``|`` or white space; gzip may have
        packed the file.

        Args:
            path: file, ``"-"`` for standard input, or the name of an example such as ``"diabetes"``.
            target: name or 0-based index of the target column; default the last.
            header: whether the first line holds names; default: decided from it.
            floats: what a float in a NumPy file means, as for the class.
            decimal: the decimal mark, ``"."`` or ``","``.
            drop_columns: columns to leave out, by name or 0-based index (a row index, text).
            drop_missing: leave out the ``"rows"`` or the ``"columns"`` that lack a value.

        Raises:
            BadInputError: says which line and column, and what is wrong there.

        >>> DiagonalProblem.from_csv("diabetes", drop_columns=["age"]).feature_names[:3]
        ('sex', 'bmi', 'bp')
        """
        return read_problem(cls, path, target, Reading(header, floats, decimal, drop_columns, drop_missing))

    @classmethod
    def from_npz(
        cls, path: str | Path, *, floats: Floats = "decimal", drop_missing: Missing | None = None
    ) -> DiagonalProblem:
        """Read arrays ``X`` and ``y`` (or ``M`` and ``r``) from a NumPy ``.npz`` file.

        Names may stand beside them in an array ``feature_names``; other arrays are not unpacked.
        """
        return read_problem(cls, path, None, Reading(floats=floats, drop_missing=drop_missing), ("npz",))

    @classmethod
    def from_gram(
        cls,
        M: Any,
        r: Any,
        *,
        loss_at_zero: Any = 0,
        feature_names: Sequence[str] | None = None,
        floats: Floats = "decimal",
        symmetrise: bool = False,
    ) -> DiagonalProblem:
        """The problem ``L(β) = ½βᵀMβ − rᵀβ + loss_at_zero``, given without data.

        Args:
            M: symmetric positive semidefinite (d × d), the Gram matrix XᵀX/n; the column names
                of a data frame become the feature names.
            r: vector (d) in the range of M, the correlations Xᵀy/n.
            loss_at_zero: yᵀy/(2n); losses are relative to it when it is left at 0.
            symmetrise: take (M + Mᵀ)/2, for entries that rounding made differ.

        Raises:
            BadInputError: M not symmetric or not positive semidefinite, or r not
                in its range (L would have no minimum).

        >>> DiagonalProblem.from_gram([[2, 1], [1, 2]], [1, "1/2"]).gradient([1, 0])[0]
        Fraction(1, 1)
        """
        matrix, right = exact_gram(M, r, floats, symmetrise)
        problem = cls.__new__(cls)
        problem._gram_input = (matrix, right, to_fmpq(loss_at_zero, floats))
        problem.n, problem.d = 1, matrix.nrows()
        problem.is_centred, problem.scale, problem.source = False, None, ""
        problem.feature_names = _names_of(M, feature_names, problem.d)
        return problem

    def centred(self) -> DiagonalProblem:
        """The problem with the exact means of y and of every column taken off."""
        return self._prepared(True, self.scale)

    def scaled(self, decimals: int = 3, *, drop_constant: bool = False) -> DiagonalProblem:
        """The problem with every column divided by a rational standard deviation.

        The stand-in is the population standard deviation rounded to ``decimals``
        places, and to three significant digits when it is too small for that; it
        is recorded in ``scale``.

        Args:
            decimals: places (0 to 1000) of the rounded standard deviations.
            drop_constant: leave out constant columns, as :meth:`without_constant` does.

        Raises:
            DegenerateProblemError: a column is constant.
        """
        if drop_constant:
            return self.without_constant().scaled(decimals)
        self._need_data("scaling")
        if constant := constant_columns(self._raw_X):
            raise DegenerateProblemError(
                f"column {self.names(constant)} is constant, so its standard deviation is zero",
                columns=constant,
                needed="columns that vary",
                hint="--drop-constant, or drop_constant=True",
            )
        return self._prepared(self.is_centred, deviations(self._raw_X, decimals))

    def without_constant(self) -> DiagonalProblem:
        """The problem without the columns that are constant; what was left out is in ``left_out``.

        Raises:
            DegenerateProblemError: all columns are constant.

        >>> DiagonalProblem([[1, 5], [2, 5]], [1, 2]).without_constant().left_out
        ("constant column 'x1'",)
        """
        self._need_data("leaving out columns")
        constant = constant_columns(self._raw_X)
        if not constant:
            return self
        if len(constant) == self.d:
            raise DegenerateProblemError(
                "all columns are constant", columns=constant, needed="one that varies"
            )
        kept = [j for j in range(self.d) if j not in set(constant)]
        problem = copy(self)
        problem.d = len(kept)
        problem._raw_X = fmpq_mat([[row[j] for j in kept] for row in self._raw_X.tolist()])
        problem.feature_names = tuple(self.feature_names[j] for j in kept)
        problem._notations = self._notations and tuple(self._notations[j] for j in (*kept, self.d))
        problem.scale = self.scale and tuple(self.scale[j] for j in kept)
        what = f"constant column{'' if len(constant) == 1 else 's'} "
        problem.left_out = (*self.left_out, what + self.names(constant))
        return problem

    def _prepared(self, centred: bool, scale: tuple[Fraction, ...] | None) -> DiagonalProblem:
        self._need_data("centring")
        problem = copy(self)
        problem.is_centred, problem.scale = centred, scale
        return problem

    @cached_property
    def _data(self) -> tuple[fmpq_mat, fmpq_mat]:
        """X (n × d) and y (n × 1) as used, after centring and scaling."""
        if not self.is_centred and self.scale is None:
            return self._raw_X, self._raw_y
        return prepared(self._raw_X, self._raw_y, self.is_centred, self.scale)

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

    def names(self, columns: Sequence[int]) -> str:
        """Names of some columns, quoted, for a message."""
        return quoted([self.feature_names[j] for j in columns])

    def to_dict(self) -> dict[str, Any]:
        """The data as given and what was done to them, with their names, as JSON-ready exact strings."""
        return {"kind": self._kind, "features": list(self.feature_names)} | self.data_document()

    def data_document(self) -> dict[str, Any]:
        """The data within a document that names their columns."""
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
    def from_dict(cls, document: Any, feature_names: Sequence[str] | None = None) -> DiagonalProblem:
        """The inverse of :meth:`to_dict`, and of the data within another document.

        Args:
            document: of JSON.
            feature_names: of the columns; default those in the document, if any.

        Raises:
            BadInputError: a field is missing, of the wrong kind or out of range.
        """
        problem: DiagonalProblem = read(cls, document, feature_names=feature_names)
        return problem

    @classmethod
    def _read(cls, given: Fields, feature_names: Sequence[str] | None = None) -> DiagonalProblem:
        names = given("features", tuple[str, ...] | None, None) if feature_names is None else feature_names
        if "M" in given:
            constant = given("loss_at_zero", fmpq, fmpq(0))
            return cls.from_gram(
                given("M", _ROWS), given("r", _ENTRIES), loss_at_zero=constant, feature_names=names
            )
        problem = cls(given("X", _ROWS), given("y", _ENTRIES), names)
        problem.source = given("source", str, "")
        problem._notations = None
        scale = given("scale", tuple[Fraction, ...] | None, None)
        if scale is not None and (len(scale) != problem.d or min(scale) <= 0):
            raise BadInputError("scale does not fit X", needed="one positive number per column")
        return problem._prepared(given("centred", bool, False), scale)

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


_ENTRIES = tuple[fmpq, ...]
_ROWS = tuple[_ENTRIES, ...]


def _names_of(table: Any, names: Sequence[str] | None, d: int) -> tuple[str, ...]:
    """The names given, or else those of a data frame."""
    return feature_names(getattr(table, "columns", None) if names is None else names, d)
