"""Small saved results of every kind, changed in one place, and whether what they then say is true.

The truth is found by solving the data of the changed document again, with code that shares
nothing with the certificates.
"""

from __future__ import annotations

import contextlib
import io
import json
import random
from collections.abc import Iterator, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

from saddlesym import DiagonalProblem, path_of_shape, saddle_path, saddles, transition_graph
from saddlesym.cli.main import main
from saddlesym.deep.problem import DeepLinearProblem
from saddlesym.exact.scalars import fraction, parse_rational, read_exact
from saddlesym.exact.text import exact_string

FLIP = "a,b,y\n-3,-1,-1\n-1,0,1\n"
TIED = "a,b,c,y\n1,2,1,2\n3,1,-1,5\n"
TWINS = "a,b,c,y\n3,3,1,2\n1,1,2,-3\n"
UNREACHABLE = "a,b,c,y\n2,-2,0,0\n2,-3,1,1\n-2,3,0,-2\n"
MATRIX = "2,1\n0,1\n1,1\n"


def run(*arguments: object) -> tuple[int, str, str]:
    """Exit status, output and messages of the program, in this process."""
    out, err = io.TextIOWrapper(io.BytesIO(), "utf-8"), io.TextIOWrapper(io.BytesIO(), "utf-8")
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        status = main([str(argument) for argument in arguments])
        out.flush()
        err.flush()
    return status, out.buffer.getvalue().decode(), err.buffer.getvalue().decode()


def documents(folder: Path) -> dict[str, dict[str, Any]]:
    """One of each kind, as the program writes them; explorations and studies are put together from them."""
    data = {"flip": FLIP, "tied": TIED, "twins": TWINS, "unreachable": UNREACHABLE, "matrix": MATRIX}
    for name, text in data.items():
        (folder / f"{name}.csv").write_text(text, encoding="utf-8")
    commands = {
        "path": ("path", "flip.csv", "--json"),
        "centred path": ("path", "tied.csv", "--centre", "--scale", "--json"),
        "twin path": ("path", "twins.csv", "--json"),
        "cut path": ("path", "flip.csv", "--until", "1", "--json"),
        "saddles": ("saddles", "flip.csv", "--json", "--general-position"),
        "families": ("saddles", "tied.csv", "--json", "--general-position"),
        "small saddles": ("saddles", "tied.csv", "--json", "--max-support", "1"),
        "graph": ("graph", "flip.csv", "--json", "--check", "path", "--digits", "8", "--chain", "0,1"),
        "full graph": ("graph", "flip.csv", "--json", "--full", "--kappa", "1,1/2"),
        "reachable graph": ("graph", "flip.csv", "--json", "--reachable"),
        "no shape": ("graph", "unreachable.csv", "--json", "--full", "--chain", "0,3,1,2,4"),
        "deep saddles": ("deep", "saddles", "matrix.csv", "--json"),
        "deep graph": ("deep", "saddles", "matrix.csv", "--depth", "3", "--full", "--json"),
    }
    out = {}
    with contextlib.chdir(folder):
        for name, command in commands.items():
            status, text, err = run(*command)
            assert status == 0, (name, err)
            out[name] = json.loads(text)
    gram = DiagonalProblem.from_gram([[2, 1], [1, 2]], [1, "1/2"], loss_at_zero=1)
    out["gram path"] = saddle_path(gram).to_dict()
    parts = {part: json.loads(json.dumps(out[part])) for part in ("path", "saddles", "full graph")}
    for part in parts.values():
        del part["problem"]
    out["exploration"] = {
        "kind": "exploration", "features": out["path"]["features"], "settings": {"digits": 6}, "limits": [],
        "path": parts["path"], "saddles": parts["saddles"], "graph": parts["full graph"], "flows": [],
        "recovery": None, "agreements": [], "verdicts": {}, "problem": out["path"]["problem"],
        "provenance": {"file": "flip.csv"}, "versions": {"saddlesym": "0"},
    }  # fmt: skip
    out["study"] = {
        "kind": "study", "study": "flips", "quick": True, "claims": [{"claim": "c", "verdict": "HOLDS"}],
        "paths": {"one": out["path"]}, "versions": {"saddlesym": "0"},
    }  # fmt: skip
    out["partial saddles"] = {**out["saddles"], "saddles": out["saddles"]["saddles"][:2], "complete": False}
    out["partial path"] = {**out["cut path"], "partial": True}
    return out


Place = tuple[Any, ...]


def places(value: Any, place: Place = ()) -> Iterator[Place]:
    """Where there is something in a document, containers included."""
    yield place
    if isinstance(value, dict | list):
        for key, item in value.items() if isinstance(value, dict) else enumerate(value):
            yield from places(item, (*place, key))


def at(document: Any, place: Place) -> Any:
    for key in place:
        document = document[key]
    return document


def changed(document: dict[str, Any], place: Place, value: Any) -> dict[str, Any]:
    """A copy with another value at a place; ``...`` takes it away."""
    copy = json.loads(json.dumps(document))
    inside = at(copy, place[:-1])
    if value is ...:
        del inside[place[-1]]
    else:
        inside[place[-1]] = value
    return copy


def alternatives(value: Any) -> list[Any]:
    """Other values, near and far."""
    if isinstance(value, bool):
        return [not value, int(value), str(value), None]
    if isinstance(value, int):
        return [value + 1, value - 1, float(value), str(value), bool(value), 10**30, None, [value]]
    if value is None:
        return [0, False, "", "0", [], 1, "1/2"]
    if isinstance(value, str):
        try:
            number = fraction(read_exact(value))
        except ValueError:
            return [value + "?", "", 0, None, value[::-1] + "\u202e"]
        near = [number + 1, -number, number + Fraction(1, 10**60), number * 2]
        return [*map(exact_string, near), 0.5, 0.0, 0, "nan", "1e9999", None, True, [value]]
    if isinstance(value, list):
        more = [[], None, {}, [*value, 0], [*value, "0"]]
        return more + ([value[:-1], value[::-1], [*value, value[-1]], value[1:]] if value else [])
    return [None, [], "x", 0, {}]


def same(one: Any, other: Any) -> bool:
    """Whether two documents say the same: numbers by value, of the same type."""
    if isinstance(one, str) and isinstance(other, str):
        if one == other:
            return True
        try:
            return bool(parse_rational(one) == parse_rational(other))
        except ValueError:
            return False
    if type(one) is not type(other):
        return False
    if isinstance(one, list):
        return len(one) == len(other) and all(map(same, one, other))
    if isinstance(one, dict):
        return set(one) == set(other) and all(same(one[key], other[key]) for key in one)
    return bool(one == other)


#: Proofs that are not unique, and what says nothing about the data: the certificate names or decides them.
_FREE = {"certificate", "separator", "time_decimal", "features", "problem", "partial", "kind", "chain_of_shape",
         "shape_of_chain", "check", "point", "directions"}  # fmt: skip


def _less(value: Any, free: set[str] = _FREE) -> Any:
    if isinstance(value, dict):
        return {key: _less(item, free) for key, item in value.items() if key not in free}
    return [_less(item, free) for item in value] if isinstance(value, list | tuple) else value


def without(value: Any, names: Sequence[str], place: tuple[str, ...] = ()) -> Any:
    """A document without the fields that a certificate says it has not looked at."""
    if isinstance(value, list):
        return [without(item, names, place) for item in value]
    if not isinstance(value, dict):
        return value
    kept = {"features", "problem", "check"}  # the data have to be there, whatever they are called
    return {
        key: without(item, names, (*place, key))
        for key, item in value.items()
        if key in kept or ".".join((*place, key)) not in names
    }


def is_true(document: dict[str, Any]) -> bool:
    """Whether a document says what solving its own data again says."""
    if document.get("kind") == "exploration":
        shared = {key: document[key] for key in ("features", "problem")}
        return all(
            is_true({**document[part], **shared})
            for part in ("path", "saddles", "graph")
            if document.get(part)
        )
    if document.get("kind") == "study":
        return all(is_true(path) for path in document["paths"].values())
    if document.get("kind") == "deep saddles":
        return _deep_is_true(document)
    problem = DiagonalProblem.from_dict(document["problem"])
    if "saddles" in document:
        limit = document["max_support"]
        told = _less(document["saddles"])
        known = json.loads(json.dumps(_less([s.to_dict() for s in saddles(problem, max_support=limit)])))
        if document["complete"]:
            return (
                limit <= problem.d
                and len(told) == len(known)
                and all(any(same(a, b) for b in known) for a in told)
            )
        return all(any(same(a, b) for b in known) for a in told)
    if "nodes" in document:
        graph = transition_graph(
            problem,
            elementary=document["elementary"],
            reachable=document["reachable_only"],
            max_support=document["max_support"],
        )
        known = json.loads(json.dumps(graph.to_dict()))
        for name in ("chain_of_shape", "shape_of_chain"):
            answer = document.get(name)
            if answer and "kappa" in answer:
                shape = path_of_shape(problem, answer["kappa"]).to_dict()
                length = len(answer["supports"])
                if not same([list(s) for s in shape["supports"]][:length], answer["supports"]) or not same(
                    list(shape["times"])[: length - 1], answer["times"]
                ):
                    return False
        return document["max_support"] <= problem.d and same(_less(known), _less(document))
    known = _less(json.loads(json.dumps(saddle_path(problem, until=document["horizon"]).to_dict())))
    told = _less(document)
    for jump in (*known["jumps"], *told["jumps"]):
        jump["hit"].sort()  # in any order
    return same(known, told)


def _deep_is_true(document: dict[str, Any]) -> bool:
    graph = transition_graph(
        DeepLinearProblem.from_dict(document["problem"]),
        elementary=document["elementary"],
        max_rank=document["max_rank"],
    )
    known = json.loads(json.dumps(graph.to_dict(60)))
    free = {"kind", "problem", "loss", "time", "value", "polynomial", "exact_loss"}
    sides = _less(known, free), _less(document, free)
    for side in sides:
        side["transitions"].sort(key=lambda edge: (edge["source"], edge["target"]))  # in any order
    if not same(*sides):
        return False
    for one, other in zip(known["saddles"], document["saddles"], strict=True):
        if one["exact_loss"] is not None and not same(one["exact_loss"], other["exact_loss"]):
            return False
        for key in ("loss", "time"):
            if (one[key] is None) != (other[key] is None):
                return False
            if one[key] is not None and not _meet(one[key], other[key]):
                return False
    values = known["singular_values"]["values"], document["singular_values"]["values"]
    return all(_meet(one["value"], other["value"]) for one, other in zip(*values, strict=True))


def _meet(one: dict[str, str], other: dict[str, str]) -> bool:
    gap = abs(read_exact(one["mid"]) - read_exact(other["mid"]))
    return bool(gap <= read_exact(one["radius"]) + read_exact(other["radius"]))


def ways(document: dict[str, Any], rng: random.Random, share: float = 1.0) -> Iterator[tuple[Place, Any]]:
    """Changes of one place each, of every place; of the values that a place can take, a share and one at least."""
    for place in places(document):
        if not place:
            continue
        others = alternatives(at(document, place))
        if isinstance(place[-1], str):
            others.append(...)
        kept = [value for value in others if rng.random() < share] or [rng.choice(others)]
        for value in kept:
            yield place, value
