"""What users hand over as a regression problem: X and y, or M and r, checked and made exact."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from flint import fmpq, fmpq_mat

from saddlesym.data.reading import Content, Reading
from saddlesym.data.table import holds_moments, names_of, read_moments, read_table
from saddlesym.errors import BadInputError, shown
from saddlesym.exact.linear.rational import is_positive_semidefinite
from saddlesym.exact.scalars import Floats, exact_rows, exact_vector, fraction
from saddlesym.exact.text import decimal_string

if TYPE_CHECKING:
    from saddlesym.diagonal.problem import DiagonalProblem


def exact_data(X: Any, y: Any, floats: Floats) -> tuple[fmpq_mat, fmpq_mat]:
    """X (n × d) and y (n × 1) as FLINT matrices.

    Raises:
        BadInputError: shapes that do not fit, entries that are no finite numbers, or a frame and
            a series whose rows have different labels.
    """
    rows, target = exact_rows(X, "X", floats), exact_vector(y, "y", floats)
    if not rows or not rows[0]:
        raise BadInputError("X is empty", needed="at least one row and one column")
    if len(target) != len(rows):
        raise BadInputError(
            f"X has {len(rows)} rows but y has {len(target)} entries",
            needed="one entry of y per row of X",
        )
    _same_labels(_labels(X), _labels(y), "X and y", "y.loc[X.index], or y.to_numpy() to go by position")
    n, d = len(rows), len(rows[0])
    return fmpq_mat(n, d, [q for row in rows for q in row]), fmpq_mat(n, 1, target)


def exact_gram(M: Any, r: Any, floats: Floats, symmetrise: bool) -> tuple[fmpq_mat, fmpq_mat]:
    """M (d × d) and r (d × 1) as FLINT matrices.

    Raises:
        BadInputError: M is not symmetric or not positive semidefinite, or r is not in its range.
    """
    rows, vector = exact_rows(M, "M", floats), exact_vector(r, "r", floats)
    d = len(rows)
    if d == 0 or len(rows[0]) != d or len(vector) != d:
        shape = f"{d} × {len(rows[0]) if rows else 0}"
        raise BadInputError(
            f"M is {shape} and r has {len(vector)} entries",
            needed="M square and r of the same size",
        )
    columns = _named(getattr(M, "columns", None))
    _same_labels(_named(_labels(M)), columns, "the rows and columns of M", "M.loc[M.columns]")
    _same_labels(
        _named(_labels(r)), columns, "M and r", "r.loc[M.columns], or r.to_numpy() to go by position"
    )
    matrix, right = fmpq_mat(d, d, [q for row in rows for q in row]), fmpq_mat(d, 1, vector)
    if symmetrise:
        matrix = (matrix + matrix.transpose()) / 2
    elif matrix != matrix.transpose():
        raise _not_symmetric(rows)
    if not is_positive_semidefinite(matrix.numer_denom()[0]):
        raise BadInputError(
            "M has a negative eigenvalue",
            needed="a Gram matrix XᵀX/n",
            hint="X and y; a singular M that was rounded can have one",
        )
    augmented = fmpq_mat(
        d, d + 1, [q for row, x in zip(matrix.tolist(), vector, strict=True) for q in (*row, x)]
    )
    if augmented.rank() > matrix.rank():
        raise BadInputError(
            "r is not in the range of M, so L has no minimum", needed="r = Xᵀy/n for the X of M"
        )
    return matrix, right


def _not_symmetric(rows: Sequence[Sequence[fmpq]]) -> BadInputError:
    i, j = next((i, j) for i in range(len(rows)) for j in range(i) if rows[i][j] != rows[j][i])
    worst = max(abs(rows[i][j] - rows[j][i]) for i in range(len(rows)) for j in range(i))
    return BadInputError(
        f"M[{i}, {j}] differs from M[{j}, {i}] (entries do by up to {decimal_string(fraction(worst), 2)})",
        needed="M symmetric",
        hint="symmetrise=True or (M + M.T) / 2, if that is rounding",
    )


def _labels(values: Any) -> Any:
    """The labels of the rows of a data frame or series."""
    labels = getattr(values, "index", None)
    return labels if hasattr(labels, "equals") else None


def _named(labels: Any) -> Any:
    """Labels that are names: numbers from 0 stand there when nobody gave any."""
    return None if getattr(labels, "start", None) == 0 and getattr(labels, "step", None) == 1 else labels


def _same_labels(one: Any, other: Any, which: str, remedy: str) -> None:
    """Refuse labels that differ: what belongs together is not told by position then."""
    if one is None or other is None or not hasattr(other, "equals") or one.equals(other):
        return
    k = next((k for k, (a, b) in enumerate(zip(one, other, strict=True)) if a != b), 0)
    raise BadInputError(
        f"the labels of {which} differ, at {k}: {shown(one[k])} and {shown(other[k])}",
        needed="the same labels in the same order",
        hint=remedy,
    )


def read_problem(
    cls: type[DiagonalProblem],
    path: str | Path,
    target: str | int | None,
    reading: Reading,
    kinds: Sequence[str] = ("text", "npy", "npz"),
) -> DiagonalProblem:
    """The problem that a file holds: X and y, or M and r.

    Raises:
        BadInputError: it holds neither, or is of another kind.
    """
    content = Content.of(path)
    if content.kind not in kinds:
        raise BadInputError(f"{content.name} is not an .npz archive", needed="arrays X and y")
    if content.kind == "npz" and holds_moments(content):
        if target is not None:
            raise BadInputError("--target with M and r", needed="none: r stands for the target")
        arrays = read_moments(content, reading)
        names = names_of(arrays)
        problem = cls.from_gram(arrays["M"], arrays["r"], feature_names=names, floats=reading.floats)
        problem.source, problem.source_digest = content.source, content.digest
        return problem
    table = read_table(content, target, reading)
    X, y, columns = table.split()
    problem = cls(X, y, columns, source=table.source)
    problem.source_digest, problem.left_out = table.digest, table.left_out
    problem._notations = table.notations
    return problem


def feature_names(names: Sequence[Any] | None, d: int) -> tuple[str, ...]:
    """d different names; ``x0, x1, …`` without any.

    >>> feature_names(None, 2)
    ('x0', 'x1')
    """
    if names is None:
        return tuple(f"x{j}" for j in range(d))
    if isinstance(names, str) or not isinstance(names, Iterable):
        raise BadInputError(f"feature_names={shown(names)}", needed="a list of names, one per column")
    out = tuple(map(str, names))
    if len(out) != d:
        raise BadInputError(f"{len(out)} feature names for {d} columns", needed="one name per column")
    twice = [name for name, count in Counter(out).items() if count > 1]
    if twice:
        raise BadInputError(f"the feature name {shown(twice[0])} appears twice", needed="distinct names")
    return out
