"""Results behave as Python objects: they pickle, compare by value, and come back from their documents."""

from __future__ import annotations

import copy
import json
import pickle
import random
from typing import Any

import pytest
from documents import alternatives, at, changed, places, without
from results import PUBLIC, instances

import saddlesym
from saddlesym import BadInputError, BudgetError, SaddlesymError


def one(name: str) -> Any:
    found = instances().get(name)
    assert found, f"tests/results.py has no {name}"
    return found[0]


@pytest.mark.parametrize("name", PUBLIC)
def test_results_come_back_as_themselves(name: str) -> None:
    """From a pickle, a copy, and their document; there is an instance of every public class."""
    result = one(name)
    document = result.to_dict()
    written = json.loads(json.dumps(document, allow_nan=False))
    assert type(written["kind"]) is str
    for again in (
        pickle.loads(pickle.dumps(result)),
        copy.deepcopy(result),
        type(result).from_dict(written),
    ):
        assert type(again) is type(result)
        assert again == result
        assert hash(again) == hash(result)
        assert again.to_dict() == document


@pytest.mark.parametrize("name", PUBLIC)
def test_all_instances_come_back(name: str) -> None:
    for result in instances()[name][1:8]:
        assert type(result).from_dict(json.loads(json.dumps(result.to_dict()))) == result
        assert pickle.loads(pickle.dumps(result)) == result


def test_kinds_tell_results_apart() -> None:
    """No two classes write the same kind, and none reads what another one wrote.

    Of evidence it is the kind of the evidence.
    """
    kinds = {name: one(name).to_dict()["kind"] for name in PUBLIC if name != "Evidence"}
    assert len(set(kinds.values())) == len(kinds)
    path = one("SaddlePath").to_dict()
    with pytest.raises(BadInputError, match="kind is 'saddle path'; needed: flow"):
        saddlesym.diagonal.Flow.from_dict(path)
    with pytest.raises(BadInputError, match="kind is 'rounded saddle path'"):
        saddlesym.SaddlePath.from_dict(one("SaddlePath").to_dict(exact=False))


#: Reading them follows flows, loads proofs or makes symbols: fewer documents are tried.
_COSTLY = {"DeepFlow", "Exploration", "Recovery", "PathInterval", "SymbolicPath", "DeepLinearFlow", "Flow"}


#: What says how much work that is, within bounds that have tests of their own.
_WORK = frozenset(
    {"digits", "alpha", "until", "depth", "settled", "leaping", "max_rank", "widths", "M", "kappa"}
)


@pytest.mark.parametrize("name", PUBLIC)
def test_a_strangers_document_is_read_or_refused_in_one_line(name: str) -> None:
    rng = random.Random(name)
    document = json.loads(json.dumps(one(name).to_dict()))
    cls = type(one(name))
    tries = [None, [], "x", 3, {}, {"kind": "other"}]
    costly = name in _COSTLY
    there = [place for place in places(document) if place and not (costly and _WORK.intersection(place))]
    for _ in range(4 if costly else 40):
        place = rng.choice(there)
        value = rng.choice(alternatives(at(document, place)))
        missing = isinstance(place[-1], str) and rng.random() < 0.3
        tries.append(without(document, place) if missing else changed(document, place, value))
    for strange in tries:
        try:
            found = cls.from_dict(strange)
        except SaddlesymError as error:
            assert "\n" not in str(error)
        else:
            assert type(found) is cls


@pytest.mark.parametrize(
    ("name", "place", "value", "told"),
    [
        ("Saddle", ("loss",), "__import__('os').system('true')", "not a saddle: loss is"),
        ("Saddle", ("beta", 0), 0.5, r"beta\[0\] is 0.5; needed: an exact number as text"),
        ("SaddlePath", ("jumps", 1, "time"), None, r"jumps\[1\].time is null"),
        ("SaddlePath", ("complete",), 1, "complete is 1; needed: true or false"),
        ("SaddlePath", ("problem", "y", 0), "1e999999999", "no more than 2000000 zeros"),
        ("Transition", ("source",), [True], r"source\[0\] is true; needed: a whole number"),
        ("Ball", ("hex", 0), "0x1p999999999", "mantissa and power of two"),
        ("Ball", ("mid",), "7", "needed: the bits of its midpoint and radius"),
        ("SaddleGraph", ("edges", 0, "target"), 99, "ids that are not those of the nodes"),
        ("SaddleGraph", ("nodes", 1, "support"), [7], "a support that is none"),
        ("DeepSaddle", ("counts",), [5, 5], "counts"),
        ("RealRoot", ("polynomial",), ["1", "2", "1"], "a polynomial that is reducible"),
        ("Flow", ("jumps", 0, "time"), "0.9", "jump 1 is at t = 0.9 in the document"),
        ("Flow", ("alpha",), "2", "is not below 1"),
        ("Flow", ("digits",), 10**9, "needed: 5 <= digits <= 10000"),
        ("DeepFlow", ("depth",), 10**6, "needed: 2 <= depth <= 20"),
        ("Condition", ("tree",), ["eval", "1"], "needed: Add, Mul, Pow"),
        ("Condition", ("tree",), {"symbol": "x; import os"}, "a symbol with its name"),
        ("Evidence", ("verdict",), "HOLDS!", "verdict is 'HOLDS!'"),
        ("ProofRun", ("id",), "../../secret", "there is no proof file"),
        ("QuadraticCost", ("K", 0, 0), "-1", "K has a negative eigenvalue"),
        ("WideNetwork", ("layers", 0, 0), [], "rows of equal length"),
    ],
)
def test_what_does_not_fit_is_named(name: str, place: tuple[Any, ...], value: Any, told: str) -> None:
    document = json.loads(json.dumps(one(name).to_dict()))
    with pytest.raises(BadInputError, match=told):
        type(one(name)).from_dict(changed(document, place, value))


@pytest.mark.parametrize("name", ["Flow", "DeepFlow", "DeepLinearFlow"])
def test_a_flow_is_followed_no_further_than_its_document_says(name: str) -> None:
    flow = one(name)
    document = flow.to_dict()
    assert document["problem"]
    with pytest.raises(BudgetError):
        type(flow).from_dict(document | {"steps": -(10**9), "digits": 60})
