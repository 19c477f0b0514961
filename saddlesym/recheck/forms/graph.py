"""The forms of saved graphs and deep saddles (see :mod:`saddlesym.exact.forms`)."""

from __future__ import annotations

from typing import Any

from saddlesym.exact.forms import (
    Seen,
    exact,
    flag,
    listed,
    one_of,
    optional,
    pair,
    positive,
    record,
    table,
    text,
    whole,
)
from saddlesym.recheck.forms.diagonal import columns, numbers, partial, problem, signs

_NODE = record({
    "id": whole, "support": columns, "signs": signs, "beta": numbers, "loss": exact, "morse_index": whole,
    "visited": flag, "time": optional(exact),
})  # fmt: skip
_EDGE = record({
    "source": whole, "target": whole, "entered": columns, "left": columns, "rates": numbers,
    "elementary": flag, "visited": flag,
})  # fmt: skip
_SHAPE = record({"kappa": numbers, "supports": listed(columns), "times": numbers}, {"kind": one_of("shape")})
_CONDITION = record(
    {"text": text, "strict": flag, "coefficients": numbers, "multiplier": exact}, given=("text",)
)
_NO_SHAPE = record(
    {
        "supports": listed(columns),
        "reason": text,
        "step": optional(whole),
        "conditions": listed(_CONDITION),
    },
    {"kind": one_of("no shape")},
    given=("reason",),
)


def _shape_or_none(value: Any, seen: Seen) -> None:
    (_SHAPE if type(value) is dict and "kappa" in value else _NO_SHAPE)(value, seen)


#: What the orbit of a pair of saddles can have done.
VERDICTS = ("confirmed", "contradicted", "undecided")
_ORBIT = record(
    {
        "source": columns,
        "target": columns,
        "edge": flag,
        "verdict": one_of(*VERDICTS),
        "distance": text,
        "arc_length": text,
        "note": text,
    },
    given=("verdict", "distance", "arc_length", "note"),
)
_ORBITS = record(
    {"digits": positive, "checked": listed(_ORBIT)}, {"kind": one_of("transition check")}, given=("digits",)
)

graph = record(
    {
        "elementary": flag,
        "max_support": whole,
        "reachable_only": flag,
        "visited": columns,
        "path_note": text,
        "dependent_active_sets": optional(whole),
        "undetermined": listed(pair(whole, whole)),
        "cut": optional(whole),
        "problem": problem,
        "nodes": listed(_NODE),
        "edges": listed(_EDGE),
    },
    {
        "kind": one_of("saddle graph"),
        "features": listed(text),
        "chain_of_shape": _SHAPE,
        "shape_of_chain": _shape_or_none,
        "check": _ORBITS,
        "partial": partial,
    },
    given=("features",),
)

_BALL = record({"mid": exact, "radius": exact})
_COST = record(
    {
        "name": one_of("whitened", "data", "completion", "quadratic"),
        "mask": table,
        "K": table,
        "B": table,
        "constant": exact,
        "target": optional(table),
    }
)
_SINGULAR_VALUE = record({
    "multiplicity": whole,
    "square": record({"polynomial": numbers, "index": whole}),
    "value": _BALL,
})  # fmt: skip
_DEEP_SADDLE = record({
    "id": whole, "modes": columns, "counts": columns, "rank": whole, "dimension": whole, "loss": _BALL,
    "exact_loss": optional(exact), "strictness": one_of("strict", "non-strict", "minimum"),
    "morse_index": whole, "nullity": whole, "time": optional(_BALL),
})  # fmt: skip
_TRANSITION = record({
    "source": whole, "target": whole, "entered": columns, "left": columns, "growth": flag,
    "elementary": flag, "visited": flag,
})  # fmt: skip
deep_saddles = record(
    {
        "kind": one_of("deep saddles"),
        "problem": record({"cost": _COST, "widths": listed(positive)}, {"source": text}, given=("source",)),
        "singular_values": record({"rank": whole, "values": listed(_SINGULAR_VALUE)}),
        "elementary": flag,
        "visited": columns,
        "max_rank": optional(whole),
        "time_unit": text,
        "saddles": listed(_DEEP_SADDLE),
        "transitions": listed(_TRANSITION),
    },
    {"partial": partial},
)
