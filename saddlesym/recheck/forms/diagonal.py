"""The forms of saved paths and saddles (see :mod:`saddlesym.exact.forms`)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from saddlesym.exact.forms import (
    MisfitError,
    Seen,
    exact,
    flag,
    listed,
    one_of,
    optional,
    pair,
    record,
    table,
    text,
    whole,
)

numbers = listed(exact)
columns = listed(whole)
signs = listed(one_of(-1, 0, 1))

_DATA = record(
    {"X": table, "y": numbers},
    {"centred": flag, "scale": optional(numbers), "source": text},
    given=("source",),
)
_MOMENTS = record({"M": table, "r": numbers}, {"loss_at_zero": exact})


def problem(value: Any, seen: Seen) -> None:
    """Data, X and y, or their moments, M and r."""
    (_MOMENTS if type(value) is dict and "M" in value else _DATA)(value, seen)


#: Set by the program on what it had not finished when it was interrupted.
partial = one_of(True)

_JUMP = record(
    {
        "time": exact,
        "beta": numbers,
        "dual": numbers,
        "loss": exact,
        "hit": listed(pair(whole, one_of(-1, 1))),
        "entered": columns,
        "left": columns,
        "flipped": columns,
    },
    {"time_decimal": text, "separator": numbers},
)
_L1_PROOF = record({"combination": numbers, "dual": numbers, "l1_norm": exact})
path = record(
    {"jumps": listed(_JUMP), "complete": flag, "horizon": optional(exact)},
    {
        "kind": one_of("saddle path"),
        "features": listed(text),
        "certificate": _L1_PROOF,
        "problem": problem,
        "partial": partial,
    },
    given=("features",),
)

_EVERY = {"support": columns, "loss": exact, "gradient": numbers, "morse_index": whole, "nullity": whole}
_ENTRIES = {
    "saddle": record({**_EVERY, "kind": text, "signs": signs, "beta": numbers}),
    "family": record(
        {**_EVERY, "kind": text, "dimension": whole, "point": numbers, "directions": listed(numbers)}
    ),
}


def _entry(value: Any, seen: Seen) -> None:
    if type(value) is not dict or "kind" not in value:
        raise MisfitError(value, "a saddle or a family")
    one_of(*_ENTRIES)(value["kind"], seen)
    _ENTRIES[value["kind"]](value, seen)


_POSITION = record({"holds": flag, "columns": columns, "signs": signs, "coefficients": numbers})
saddles = record(
    {"problem": problem, "saddles": listed(_entry), "max_support": whole, "complete": flag},
    {
        "kind": one_of("saddles"),
        "features": listed(text),
        "general_position": _POSITION,
        "partial": partial,
    },
    given=("features",),
)


def _object(value: Any, _seen: Seen) -> None:
    if type(value) is not dict:
        raise MisfitError(value, "an object")


def _paths(value: Any, _seen: Seen) -> None:
    if type(value) is not dict or not all(type(path) is dict for path in value.values()):
        raise MisfitError(value, "the paths of the study by name")


#: What each part holds is looked at on its own, together with the data that all of them share.
exploration = record(
    {"kind": text, "features": listed(text)},
    {
        "problem": problem,
        "path": _object,
        "saddles": _object,
        "graph": optional(_object),
        "partial": partial,
    },
    given=("features",),
)
study = record({"kind": text, "paths": _paths}, {"partial": partial})


def is_partial(document: Mapping[str, Any]) -> bool:
    """Whether a command was interrupted that made a result, by its mark or by the list of saddles."""
    return "partial" in document or ("saddles" in document and document.get("complete") is False)
