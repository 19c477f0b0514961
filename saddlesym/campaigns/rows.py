"""The rows of one block: each instance from the seed and its number, each measure exact and then rounded."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from flint import fmpq

from saddlesym.campaigns.specification import Campaign, GridCell, InstanceBlock, Measure
from saddlesym.diagonal.problem import DiagonalProblem
from saddlesym.errors import DegenerateProblemError, NonUniqueMinimiserError, SaddlesymError
from saddlesym.exact.scalars import fraction
from saddlesym.exact.text import exact_string
from saddlesym.laboratory.language.quantities import Subject, UndefinedError

#: What may become of an instance.
OK, NONE, NOT_UNIQUE, DEGENERATE, UNDECIDED = "ok", "no instance", "not unique", "degenerate", "undecided"


def measured_rows(campaign: Campaign, block: InstanceBlock) -> dict[str, list[Any]]:
    """The columns of a block: those of :data:`saddlesym.campaigns.specification.FIXED`, and the measures.

    A number is rounded once to the nearest float; where the path cannot be computed, or the data do
    not have the quantity, it is None and ``status`` says why.

    >>> campaign = Campaign.of({"ensemble": {"name": "integer", "n": 2, "d": 2}, "instances": 3,
    ...                         "measures": {"jumps": "jumps", "flip": "flips > 0"}})
    >>> measured_rows(campaign, next(campaign.blocks()))["jumps"]
    [2.0, 2.0, 1.0]
    """
    return measured_rows_of_cell(campaign.cells[block.cell], campaign.measures, campaign.seed, block)


def measured_rows_of_cell(
    cell: GridCell, measures: Sequence[Measure], seed: int, block: InstanceBlock
) -> dict[str, list[Any]]:
    """As :func:`measured_rows`, from no more of the campaign than it takes."""
    laws = [(one, one.law(dict(cell.parameters))) for one in measures]
    columns: dict[str, list[Any]] = {name: [] for name in ("number", "cell", "n", "d", "status")}
    for one, _ in laws:
        columns[one.name] = []
        if one.exact:
            columns[f"{one.name}_exact"] = []
    for k in range(block.start, block.stop):
        problem = cell.ensemble.instance(seed, k)
        columns["number"].append(k)
        columns["cell"].append(block.cell)
        regression = problem if isinstance(problem, DiagonalProblem) else None
        columns["n"].append(regression.n if regression is not None and regression.has_data else None)
        columns["d"].append(None if regression is None else regression.d)
        status = OK if regression is not None else NONE
        subject = None if regression is None else Subject(regression)
        for one, law in laws:
            value, why = (None, status) if subject is None or status != OK else _value(law.value, subject)
            status = why
            columns[one.name].append(value if isinstance(value, bool | None) else float(fraction(value)))
            if one.exact:
                text = None if value is None else str(value).lower() if isinstance(value, bool) else None
                columns[f"{one.name}_exact"].append(exact_string(value) if isinstance(value, fmpq) else text)
        columns["status"].append(status)
    return columns


def _value(measure: Callable[[Subject], Any], subject: Subject) -> tuple[Any, str]:
    """The value with OK; or None, and what is in the way: OK again where only this quantity is not there."""
    try:
        return measure(subject), OK
    except UndefinedError:
        return None, OK
    except NonUniqueMinimiserError:
        return None, NOT_UNIQUE
    except DegenerateProblemError:
        return None, DEGENERATE
    except SaddlesymError:
        return None, UNDECIDED
