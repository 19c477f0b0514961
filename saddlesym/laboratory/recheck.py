"""Re-checking a counterexample from its data: the law is read again and held against certified results.

The path, the saddles and the graph on which a law is false are certified without the solver by
:mod:`saddlesym.recheck`; here the law is evaluated on these recorded results, and nothing is solved.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from saddlesym.diagonal.path.trajectory import SaddlePath
from saddlesym.diagonal.problem import DiagonalProblem
from saddlesym.errors import BadInputError
from saddlesym.exact.forms import Seen, flag, listed, one_of, optional, record, text, whole
from saddlesym.graph.queries import Adjacency
from saddlesym.laboratory.language.evaluation import TextLaw
from saddlesym.laboratory.language.quantities import GraphView, Subject, UndefinedError
from saddlesym.recheck.forms.diagonal import partial
from saddlesym.recheck.path import Claim
from saddlesym.recheck.work import Work, cleared_bits
from saddlesym.theorems.evidence.check import UndecidedError


def _object(value: Any, _seen: Seen) -> None:
    record({})(value, Seen())


_COUNTEREXAMPLE = record(
    {"detail": text, "smallest": text, "problem": _object},
    {
        "features": listed(text),
        "path": _object,
        "saddles": _object,
        "graph": _object,
        "found": _object,
    },
    given=("smallest", "found"),
)
_COUNTS = ("tried", "holds", "fails", "undecided", "skipped")
_SPACE = record({"space": text, "whole": flag, **dict.fromkeys(_COUNTS, whole)})
#: The form of a saved search for a counterexample.
form = record(
    {
        "kind": one_of("conjecture"),
        "name": text,
        "says": text,
        "law": optional(text),
        "about": text,
        "assumes": listed(text),
        "verdict": one_of("REFUTED", "HOLDS", "UNDECIDED"),
        **dict.fromkeys(_COUNTS, whole),
        "reasons": _object,
        "searched": listed(_SPACE),
        "symmetries": text,
        "counterexample": optional(_COUNTEREXAMPLE),
    },
    {"partial": partial},
    given=("name", "says", "about", *_COUNTS, "reasons", "searched", "symmetries"),
)


def law_claims(
    document: Mapping[str, Any], data: DiagonalProblem | None, work: Work, *, certified: bool = True
) -> Iterator[Claim]:
    """The claims of a search beyond its certified results.

    Args:
        document: of :meth:`saddlesym.laboratory.search.Search.to_dict`, its form seen to.
        data: the recorded data of the counterexample; None without one, or for deep networks.
        work: what may still be spent.
        certified: whether no claim about the recorded path, saddles or graph is false.
    """
    found, law = document["counterexample"], document["law"]
    yield Claim(
        "the verdict is REFUTED exactly where there is a counterexample",
        (document["verdict"] == "REFUTED") == (found is not None),
    )
    for one in document["assumes"]:
        yield Claim(f"the assumption {one} holds on these data", None, "assumptions are not checked again")
    if found is None:
        yield Claim("the law holds on all data that were tried", None, "they are not kept: search again")
    elif law is None or data is None:
        yield Claim("the law is false on these data", None, "it is not written in the language of laws")
    elif not certified:
        yield Claim("the law is false on these data", None, "what is recorded of them is false")
    else:
        yield from _decided(TextLaw(law), found, data, work)


def _decided(law: TextLaw, found: Mapping[str, Any], data: DiagonalProblem, work: Work) -> Iterator[Claim]:
    text = "the law is false on these data"
    if missing := sorted(part for part in law.parts if part not in found):
        yield Claim(text, False, f"the {missing[0]} that it speaks of is not recorded")
        return
    if law.eliminates:
        saddles = 1 + (len(found["path"]["jumps"]) if "path" in found else 0)
        for _ in range(saddles):
            work.elimination(data.d, data.d, cleared_bits([[str(q) for q in row] for row in data.M]))
    subject = Subject(data)
    # what the law does not speak of is never computed
    if "path" in law.parts:
        path = SaddlePath.from_dict({**found["path"], "problem": None}, data)
        subject.path = path
        if not path.complete:
            yield Claim(text, None, "the path does not come to its end")
            return
    if "saddles" in law.parts:
        if found["saddles"]["max_support"] < data.d or not found["saddles"]["complete"]:
            yield Claim(text, None, "not all saddles are recorded")
            return
        entries = found["saddles"]["saddles"]
        subject.stationary = [(entry["kind"] == "saddle", entry["morse_index"]) for entry in entries]
    if "graph" in law.parts:
        graph = found["graph"]
        if not graph["elementary"] or graph["reachable_only"] or graph["max_support"] < data.d:
            yield Claim(text, None, "another graph is recorded than laws speak of")
            return
        subject.graph = _view(graph)
    try:
        facts = list(law(subject))
    except (UndefinedError, UndecidedError) as error:
        yield Claim(text, False if isinstance(error, UndefinedError) else None, error.given)
        return
    false = [fact for fact in facts if fact.holds is False]
    yield Claim(text, bool(false), "" if false else "it is true")
    if false:
        yield Claim("the recorded values are those of the law", found["detail"] == false[0].what)


def _view(graph: Mapping[str, Any]) -> GraphView:
    """The recorded graph, as laws look at it."""
    nodes = graph["nodes"]
    edges = sorted((edge["source"], edge["target"]) for edge in graph["edges"])
    origin = next((node["id"] for node in nodes if not node["support"]), None)
    size = len(nodes)
    if origin is None or any(not (0 <= a < size and 0 <= b < size) for a, b in edges):
        raise BadInputError(
            "the graph has no origin, or an edge without ends", needed="the graph of the program"
        )
    minima = tuple(node["id"] for node in nodes if node["morse_index"] == 0)
    return GraphView(Adjacency(size, [a for a, _ in edges], [b for _, b in edges]), origin, minima)
