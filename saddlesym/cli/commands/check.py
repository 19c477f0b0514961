"""``saddlesym check``: re-verify a saved result from its data alone."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import click

from saddlesym.cli.data import data_options, load_problem
from saddlesym.cli.document import read_document
from saddlesym.cli.writing.output import plain
from saddlesym.errors import BadInputError, BudgetError, shown

if TYPE_CHECKING:
    from saddlesym.diagonal.problem import DiagonalProblem
    from saddlesym.exact.forms import Seen
    from saddlesym.recheck.path import Certificate, Claim
    from saddlesym.recheck.work import Work


@click.command()
@click.argument("file")
@click.option("--data", metavar="DATA", help="The data the result should belong to (file or example).")
@data_options
@click.option(
    "--effort",
    type=click.IntRange(1, 10_000),
    default=1,
    metavar="N",
    help="N times the usual bound (some two minutes, 512 MiB of text) on what is worked at.",
)
@click.option("--json", "as_json", is_flag=True, help="One JSON document.")
def check(file: str, data: str | None, effort: int, as_json: bool, **options: Any) -> int:
    """Re-verify a result saved with --json (.json or .json.gz); "-" reads standard input.

    Every claim is decided in exact arithmetic, from the data alone, by code that
    shares nothing with the solver. Exit status 0 when all hold, 1 when one is false, 3 when
    none is false but one was not checked (numerical evidence kept beside a result does not count).
    A partial result, of a command that was interrupted, is checked as far as it goes, and gives 3.
    Of the results of saddlesym deep, those of deep saddles can be checked.
    """
    from saddlesym.recheck.work import SECONDS

    document = read_document(file, effort)
    checker = _Checker(SECONDS * effort)
    try:
        if document.get("kind") == "deep saddles":
            found = checker.deep(document, data)
        elif document.get("kind") == "conjecture":
            found = checker.conjecture(document, data)
        elif (kind := _kind(document, file)) == "study":
            found = checker.study(document, data)
        else:
            problem = None
            if data is not None:
                problem = load_problem(data, **options)
            elif "problem" not in document:
                raise BadInputError(f"{shown(file)} does not hold its data", needed="--data DATA")
            found = checker.whole(document, kind, problem)
    except BudgetError as error:
        raise BudgetError(
            f"{shown(file)}: to check it takes {error}", hint="--effort 10, or a smaller problem"
        ) from None
    return _show(found, as_json)


def _show(certificate: Certificate, as_json: bool) -> int:
    if as_json:
        json.dump(certificate.to_dict(), sys.stdout, indent=1)
        sys.stdout.write("\n")
    else:
        for claim in certificate.claims:
            where = f"  [{plain(claim.detail, 300)}]" if claim.detail else ""
            sys.stdout.write(f"{claim.verdict}  {plain(claim.text, 300)}{where}\n")
        if certificate.given:
            named = ", ".join(plain(name, 60) for name in certificate.given[:_NAMED])
            more = len(certificate.given) - _NAMED
            sys.stdout.write(
                f"Taken as given, not checked: {named}{f' and {more} more' if more > 0 else ''}.\n"
            )
        sys.stdout.write(f"{certificate.summary}.\n")
    return 3 if certificate.holds is None else 0 if certificate.holds else 1


#: Most fields that are named as not checked.
_NAMED = 20

#: What each kind of result holds besides its kind.
_CONTENTS = {
    "saddle path": "jumps",
    "saddles": "saddles",
    "saddle graph": "nodes",
    "exploration": "path",
    "study": "paths",
}


def _kind(document: dict[str, Any], file: str) -> str:
    """The kind of a result, by its content where it does not say.

    Raises:
        BadInputError: it is none that can be checked.
    """
    kinds = [
        kind
        for kind, content in _CONTENTS.items()
        if content in document and document.get("kind", kind) == kind
    ]
    if not kinds or "alpha" in document:  # a flow, which has jumps too
        raise BadInputError(
            f"{shown(file)} holds no result that its data decide",
            needed="a path, saddles, a graph, an exploration, a study or a conjecture, saved with --json; "
            "of the deep commands, saddlesym deep saddles alone",
        )
    return kinds[0]


#: The parts of an exploration that are results of their own, and the kind of each.
_PARTS = {"path": "saddle path", "saddles": "saddles", "graph": "saddle graph"}
_CUT = "the result is whole"


def _only(document: dict[str, Any], kind: str) -> None:
    """Refuse a result that is of another kind, or also holds what makes one of another kind."""
    contents = {name: _CONTENTS[name] for name in _PARTS.values()}
    others = [content for name, content in contents.items() if name != kind and content in document]
    if document.get("kind", kind) != kind or contents[kind] not in document or others:
        found = others[0] if others else document.get("kind", "no kind")
        raise BadInputError(
            f"what should be a {kind} holds {shown(str(found))}",
            needed=f"{contents[kind]}, and of these kinds that alone",
        )


class _Checker:
    """One run of the command: what may still be spent, and which fields were not looked at."""

    def __init__(self, seconds: float) -> None:
        from saddlesym.exact.forms import Seen
        from saddlesym.recheck.work import Work

        self.work: Work = Work(seconds)
        self.seen: Seen = Seen()

    def _certificate(
        self, document: dict[str, Any], claims: list[Claim], *, data: bool = False
    ) -> Certificate:
        from saddlesym.recheck.forms.diagonal import is_partial
        from saddlesym.recheck.path import Certificate, Claim

        if is_partial(document):
            claims.append(Claim(_CUT, None, "it was interrupted"))
        given = [name for name in self.seen.unchecked if not (data and name == "features")]
        return Certificate(tuple(claims), tuple(given))

    def whole(self, document: dict[str, Any], kind: str, problem: DiagonalProblem | None) -> Certificate:
        """The claims of a result, or of every part of an exploration."""
        from saddlesym.exact.forms import fits
        from saddlesym.recheck.forms.diagonal import exploration

        if kind != "exploration":
            claims = list(self._claims(document, kind, problem))
            return self._certificate(document, claims, data=problem is not None)
        fits(document, exploration, "the result.json of an exploration", self.seen)
        shared: dict[str, Any] = {key: document[key] for key in ("features", "problem") if key in document}
        claims = []
        for part in _PARTS:
            content = document.get(part)
            if content is None and (part == "graph" or document.get("partial")):
                continue  # too large to be written out, or there is none
            if content is None:
                raise BadInputError(
                    f"the exploration has no {part}", needed="the result.json of saddlesym explore"
                )
            if any(content.get(key, value) != value for key, value in shared.items()):
                raise BadInputError(f"features or data of its {part} are others", needed="one set of data")
            with self._at(part):
                claims += [
                    replace(claim, text=f"{part}: {claim.text}")
                    for claim in self._claims({**content, **shared}, _PARTS[part], problem)
                ]
        return self._certificate(document, claims, data=problem is not None)

    def study(self, document: dict[str, Any], data: str | None) -> Certificate:
        """The claims of every path that a study kept."""
        from saddlesym.exact.forms import fits
        from saddlesym.recheck.forms.diagonal import study

        if data is not None:
            raise BadInputError("--data with a study", needed="no --data: a study holds its own")
        fits(document, study, "the result.json of a study", self.seen)
        if not document["paths"]:
            raise BadInputError("this study keeps no path to check", needed="one that does")
        claims: list[Claim] = []
        for name, path in document["paths"].items():
            if "problem" not in path:
                raise BadInputError(f"the path {shown(name)} does not hold its data", needed="its problem")
            with self._at("paths", plain(name)):
                claims += [
                    replace(claim, text=f"{plain(name)}: {claim.text}")
                    for claim in self._claims(path, "saddle path", None)
                ]
        return self._certificate(document, claims)

    def conjecture(self, document: dict[str, Any], data: str | None) -> Certificate:
        """The claims of a counterexample: its path, saddles or graph, and that the law is false there."""
        from saddlesym.exact.forms import fits
        from saddlesym.laboratory.recheck import form, law_claims
        from saddlesym.recheck.path import all_hold

        if data is not None:
            raise BadInputError("--data with a conjecture", needed="no --data: a counterexample is its data")
        fits(document, form, "a conjecture of saddlesym", self.seen)
        found, problem = document["counterexample"], None
        claims: list[Claim] = []
        if found is not None and "features" in found:
            problem = self._problem(found["problem"], found["features"])
            shared = {key: found[key] for key in ("features", "problem")}
            for part in (part for part in _PARTS if part in found):
                with self._at("counterexample", part):
                    claims += [
                        replace(claim, text=f"{part}: {claim.text}")
                        for claim in self._claims({**found[part], **shared}, _PARTS[part], None)
                    ]
        known = all_hold(claim.holds for claim in claims) is not False
        claims += law_claims(document, problem, self.work, certified=known)
        return self._certificate(document, claims)

    def deep(self, document: dict[str, Any], data: str | None) -> Certificate:
        """The claims of a list of deep saddles."""
        from saddlesym.data.table import read_matrix
        from saddlesym.deep.cost import QuadraticCost
        from saddlesym.exact.forms import fits
        from saddlesym.recheck.deep.saddles import certify_deep_saddles
        from saddlesym.recheck.forms.graph import deep_saddles
        from saddlesym.recheck.path import Claim

        fits(document, deep_saddles, "a document of deep saddles", self.seen)
        claims: list[Claim] = []
        if data is not None:
            recorded = {**document["problem"]["cost"], "name": "", "target": None}
            given = {
                **QuadraticCost.whitened(read_matrix(data).rows).data_document(),
                "name": "",
                "target": None,
            }
            claims.append(Claim("the recorded target is the given one", recorded == given))
        claims += certify_deep_saddles(document, self.work).claims
        return self._certificate(document, claims)

    @contextmanager
    def _at(self, *place: str) -> Iterator[None]:
        """Fields are named from a place within the document."""
        before, self.seen.place = self.seen.place, [*self.seen.place, *place]
        yield
        self.seen.place = before

    def _claims(
        self, document: dict[str, Any], kind: str, problem: DiagonalProblem | None
    ) -> Iterator[Claim]:
        from saddlesym.diagonal.path.trajectory import SaddlePath
        from saddlesym.exact.forms import fits
        from saddlesym.recheck.forms import diagonal as result_forms
        from saddlesym.recheck.forms import graph as graph_forms
        from saddlesym.recheck.graph import certify_graph
        from saddlesym.recheck.metered import MeteredQuadratic
        from saddlesym.recheck.path import Claim, certify
        from saddlesym.recheck.saddles import certify_saddles

        forms = {
            "saddle path": result_forms.path,
            "saddles": result_forms.saddles,
            "saddle graph": graph_forms.graph,
        }
        _only(document, kind)
        fits(document, forms[kind], "a result of saddlesym", self.seen)
        names = document.get("features")
        if names is None:
            raise BadInputError("the file names no features", needed="a list of column names")
        if problem is None:
            problem = self._problem(document["problem"], names)
        else:
            same = names == list(problem.feature_names)
            yield Claim("the features are those of the given data", same)
            if "problem" in document:
                recorded = self._problem(document["problem"], names)
                same = _comparable(recorded) == _comparable(problem)
                yield Claim("the recorded data and their preparation are the given ones", same)
        exact = {**document, "problem": problem.data_document()}
        if kind == "saddles":
            yield from certify_saddles(exact, self.work).claims
        elif kind == "saddle graph":
            yield from certify_graph(exact, self.work).claims
        else:
            quadratic = MeteredQuadratic(exact["problem"], self.work)
            path = SaddlePath.from_dict(document, problem, quadratic.gradient)
            yield _decimals(document["jumps"], path)
            yield from certify(path, quadratic).claims

    def _problem(self, recorded: dict[str, Any], names: list[str]) -> DiagonalProblem:
        from saddlesym.diagonal.problem import DiagonalProblem
        from saddlesym.recheck.work import cleared_bits

        if "M" in recorded:  # that it is positive semidefinite is seen by elimination
            d = len(recorded["M"])
            self.work.elimination(d, d, cleared_bits(recorded["M"]))
        try:
            return DiagonalProblem.from_dict(recorded, names)
        except (KeyError, TypeError, AttributeError) as error:
            raise BadInputError(
                f"the recorded data are damaged ({type(error).__name__}: {shown(error)})",
                needed="X and y, or M and r",
            ) from None


def _comparable(problem: Any) -> dict[str, Any]:
    return {key: value for key, value in problem.data_document().items() if key != "source"}


def _decimals(entries: list[dict[str, Any]], path: Any) -> Claim:
    """The claim that every printed decimal is the nearest one to its exact time."""
    from saddlesym.recheck.path import Claim, decimal_is_nearest

    wrong = [
        k
        for k, (entry, jump) in enumerate(zip(entries, path.jumps, strict=True), 1)
        if "time_decimal" in entry and not decimal_is_nearest(str(entry["time_decimal"]), jump.time)
    ]
    return Claim("printed decimals are the nearest to the exact times", not wrong,
                 f"at jump {wrong[0]}" if wrong else "")  # fmt: skip
