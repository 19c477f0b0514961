"""``saddlesym check``: re-verify a saved result from its data alone."""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from saddlesym.cli.data import data_options, load_problem
from saddlesym.errors import BadInputError, shown

if TYPE_CHECKING:
    from saddlesym.diagonal.certificate import Certificate, Claim


@click.command()
@click.argument("file")
@click.option("--data", metavar="DATA", help="The data the result should belong to (file or example).")
@data_options
@click.option("--json", "as_json", is_flag=True, help="One JSON document.")
def check(file: str, data: str | None, as_json: bool, **options: Any) -> int:
    """Re-verify a result saved with --json; "-" reads standard input.

    Every claim is decided in exact arithmetic, from the data alone, by code that
    shares nothing with the solver. Exit status 0 when all hold, 1 when one is false, 3 when
    none is false but one was not checked (numerical evidence kept beside a result does not count).
    Of the results of saddlesym deep, those of deep saddles can be checked.
    """
    document = _read(Path(file))
    if document.get("kind") == "deep saddles":
        return _show(_certify_deep(document, data), as_json)
    if document.get("kind") == "study":
        return _show(_certify_study(document, data), as_json)
    problem = None
    if data is not None:
        problem = load_problem(data, **options)
    elif "problem" not in document:
        raise BadInputError(f"{shown(file)} does not hold its data", needed="--data DATA")
    return _show(_certify_whole(document, problem), as_json)


def _show(certificate: Certificate, as_json: bool) -> int:
    if as_json:
        json.dump(certificate.to_dict(), sys.stdout, indent=1)
        sys.stdout.write("\n")
    else:
        for claim in certificate.claims:
            where = f"  [{claim.detail}]" if claim.detail else ""
            sys.stdout.write(f"{claim.verdict}  {claim.text}{where}\n")
        sys.stdout.write(f"{certificate.summary}.\n")
    return 3 if certificate.holds is None else 0 if certificate.holds else 1


def _read(path: Path) -> dict[str, Any]:
    try:
        document = json.loads(sys.stdin.buffer.read() if str(path) == "-" else path.read_bytes())
    except OSError as error:
        raise BadInputError(f"{shown(str(path))} cannot be read ({error.strerror})") from None
    except (ValueError, RecursionError) as error:
        raise BadInputError(
            f"{shown(str(path))} is not JSON ({shown(error, 60)})", needed="a result saved with --json"
        ) from None
    kinds = {
        "saddle path": "jumps",
        "saddles": "saddles",
        "deep saddles": "saddles",
        "saddle graph": "nodes",
        "exploration": "path",
        "study": "paths",
    }
    if (
        not isinstance(document, dict)
        or "alpha" in document  # a flow, which has jumps too
        or not any(
            content in document and document.get("kind", kind) == kind for kind, content in kinds.items()
        )
    ):
        raise BadInputError(
            f"{shown(str(path))} holds no result that its data decide",
            needed="a path, saddles, a graph, an exploration or a study, saved with --json; "
            "of the deep commands, saddlesym deep saddles alone",
        )
    return document


#: The parts of an exploration that are results of their own.
_PARTS = ("path", "saddles", "graph")


def _certify_whole(document: dict[str, Any], problem: Any) -> Certificate:
    """The claims of a result, or of every part of an exploration."""
    from saddlesym.diagonal.certificate import Certificate

    if document.get("kind") != "exploration":
        return _certify(document, problem)
    shared: dict[str, Any] = {key: document[key] for key in ("features", "problem") if key in document}
    claims: list[Claim] = []
    for part in _PARTS:
        content = document.get(part)
        if part == "graph" and content is None:
            continue  # too large to be written out, or there is none
        if not isinstance(content, dict):
            raise BadInputError(
                f"the exploration has no {part}", needed="the result.json of saddlesym explore"
            )
        found = _certify({**content, **shared}, problem)
        claims += [replace(claim, text=f"{part}: {claim.text}") for claim in found.claims]
    return Certificate(tuple(claims))


def _certify_study(document: dict[str, Any], data: str | None) -> Certificate:
    """The claims of every path that a study kept."""
    from saddlesym.diagonal.certificate import Certificate

    if data is not None:
        raise BadInputError("--data with a study", needed="no --data: a study holds its own")
    paths = document["paths"]
    if not isinstance(paths, dict) or not all(isinstance(path, dict) for path in paths.values()):
        raise BadInputError("the paths of the study are damaged", needed="the result.json of a study")
    if not paths:
        raise BadInputError("this study keeps no path to check", needed="one that does")
    claims: list[Claim] = []
    for name, path in paths.items():
        if "problem" not in path:
            raise BadInputError(f"the path {shown(name)} does not hold its data", needed="its problem")
        found = _certify(path, None)
        claims += [replace(claim, text=f"{name}: {claim.text}") for claim in found.claims]
    return Certificate(tuple(claims))


def _certify(document: dict[str, Any], problem: Any) -> Certificate:
    from saddlesym.diagonal.certificate import Certificate, Claim, certify
    from saddlesym.diagonal.problem import DiagonalProblem
    from saddlesym.diagonal.saddle_certificate import certify_saddles
    from saddlesym.diagonal.trajectory import SaddlePath

    names = document.get("features")
    if not (isinstance(names, list) and all(isinstance(name, str) for name in names)):
        raise BadInputError("the file names no features", needed="a list of column names")
    claims: list[Claim] = []
    if problem is None:
        problem = _problem(document["problem"], names, DiagonalProblem)
    else:
        same = names == list(problem.feature_names)
        claims.append(Claim("the features are those of the given data", same))
        if "problem" in document:
            recorded = _problem(document["problem"], names, DiagonalProblem)
            same = _comparable(recorded) == _comparable(problem)
            claims.append(Claim("the recorded data and their preparation are the given ones", same))
    if "saddles" in document:
        found = certify_saddles({**document, "problem": problem.to_dict()})
    elif "nodes" in document:
        from saddlesym.graph.certificate import certify_graph

        found = certify_graph({**document, "problem": problem.to_dict()})
    else:
        path = SaddlePath.from_dict(document, problem)
        found = certify(path)
        claims.append(_decimals(document["jumps"], path))
    return Certificate((*claims, *found.claims))


def _certify_deep(document: dict[str, Any], data: str | None) -> Certificate:
    from saddlesym.data.table import read_matrix
    from saddlesym.deep.cost import QuadraticCost
    from saddlesym.diagonal.certificate import Certificate, Claim
    from saddlesym.graph.deep_certificate import certify_deep_saddles

    certificate = certify_deep_saddles(document)
    if data is None:
        return certificate
    recorded = {**document["problem"]["cost"], "name": "", "target": None}
    given = {**QuadraticCost.whitened(read_matrix(data).rows).to_dict(), "name": "", "target": None}
    return Certificate(
        (Claim("the recorded target is the given one", recorded == given), *certificate.claims)
    )


def _problem(recorded: Any, names: Any, kind: Any) -> Any:
    try:
        return kind.from_dict(recorded, names)
    except (KeyError, TypeError, AttributeError) as error:
        raise BadInputError(
            f"the recorded data are damaged ({type(error).__name__}: {shown(error)})",
            needed="X and y, or M and r",
        ) from None


def _comparable(problem: Any) -> dict[str, Any]:
    return {key: value for key, value in problem.to_dict().items() if key != "source"}


def _decimals(entries: list[dict[str, Any]], path: Any) -> Claim:
    """The claim that every printed decimal is the nearest one to its exact time."""
    from saddlesym.diagonal.certificate import Claim, decimal_is_nearest

    wrong = [
        k
        for k, (entry, jump) in enumerate(zip(entries, path.jumps, strict=True), 1)
        if "time_decimal" in entry and not decimal_is_nearest(str(entry["time_decimal"]), jump.time)
    ]
    return Claim("printed decimals are the nearest to the exact times", not wrong,
                 f"at jump {wrong[0]}" if wrong else "")  # fmt: skip
