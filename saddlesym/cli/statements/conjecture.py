"""``saddlesym conjecture``: a sentence of one's own, tested, or refuted by its smallest counterexample."""

from __future__ import annotations

import os
import re
import sys
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from saddlesym.cli.data import data_options, load_problem
from saddlesym.cli.writing.output import counted, keep_as_partial, plain, result_stream
from saddlesym.cli.writing.tables import print_table
from saddlesym.cli.writing.targets import output_name
from saddlesym.errors import BadInputError, shown

if TYPE_CHECKING:
    from saddlesym.laboratory.conjecture import Conjecture
    from saddlesym.laboratory.refutation import Space
    from saddlesym.laboratory.search import Search

#: Characters of a law, a name or a reason on the terminal.
_SHOWN = 400


@click.command()
@click.argument("law", required=False)
@click.option("--data", metavar="DATA", help="Test it on these data, and look nowhere else.")
@click.option(
    "--box", "box", metavar="SIZE,LARGEST",
    help="All integer data with n·d ≤ SIZE and |entries| ≤ LARGEST, smallest first.",
)  # fmt: skip
@click.option(
    "--walls", type=click.IntRange(1, 10**6), metavar="N",
    help="Degenerate data around N instances: ties, gradients and coefficients that vanish.",
)  # fmt: skip
@click.option("--random", "count", type=click.IntRange(1, 10**8), metavar="N", help="N random instances.")
@click.option(
    "--climb", "climbs", type=click.IntRange(1, 10**6), metavar="N",
    help="N climbs: data changed step by step towards where the law is false.",
)  # fmt: skip
@click.option(
    "--ensemble", metavar="NAME:n=..,d=..", help="What is random in --random and --walls; see --vocabulary."
)
@click.option(
    "--assume", "assumes", multiple=True, metavar="ID", help="An assumption of the law; may be repeated."
)
@click.option(
    "--seed", type=click.IntRange(0), default=1, show_default=True, metavar="N", help="Of what is random."
)
@click.option(
    "--jobs", type=click.IntRange(1, 1024), metavar="N", help="Processes. Default: one per processor."
)
@click.option(
    "--budget", type=click.FloatRange(0, 1e9, min_open=True), metavar="SECONDS",
    help="Stop then, and say how far it came. Default: as long as it takes.",
)  # fmt: skip
@click.option(
    "--shrink/--no-shrink", default=None,
    help="Make a counterexample smaller that is not the smallest. Default: unless it is DATA.",
)  # fmt: skip
@click.option(
    "--json", "as_json", is_flag=True, is_eager=True, help="One JSON document, which `check` re-checks."
)
@click.option("-o", "--output", metavar="FILE", callback=output_name, help="Write that document there too.")
@click.option("--page", "folder", metavar="DIR", help="Write a page of it, with its document, into a folder.")
@click.option("--vocabulary", is_flag=True, help="List the quantities, the ensembles, and the assumptions.")
@data_options
def conjecture(
    law: str | None,
    data: str | None,
    box: str | None,
    walls: int | None,
    count: int | None,
    climbs: int | None,
    ensemble: str | None,
    assumes: tuple[str, ...],
    seed: int,
    jobs: int | None,
    budget: float | None,
    shrink: bool | None,
    as_json: bool,
    output: str | None,
    folder: str | None,
    vocabulary: bool,
    **options: Any,
) -> int:
    """Search for the smallest counterexample to LAW.

    LAW is a law such as "jumps <= d + 1" (words: --vocabulary; grammar: docs/conjectures.md), a
    Python file FILE.py or FILE.py:NAME that makes a Conjecture (it is run), or the id of a piece of
    folklore.

    Searched are, unless --box, --walls, --random or --climb say otherwise, all integer data of the box
    6,2, walls around 100 data sets, 500 random data sets, and 20 climbs. A law that no data refute is
    not proved.

    Exit status: 1 refuted, with the data; 0 not refuted, with what was searched; 3 undecided; 130
    after Ctrl-C, with what was searched before.
    """
    from saddlesym.laboratory.sources import conjecture_of

    if vocabulary:
        _print_vocabulary()
        return 0
    if law is None:
        raise click.UsageError("Missing argument 'LAW'.")
    if folder is not None:
        from saddlesym.report.files import check_folder

        check_folder(folder)
    asked = conjecture_of(law, assumes)
    if data is None and any(value not in (None, False, (), "decimal", ".") for value in options.values()):
        raise click.UsageError("options that prepare data need --data DATA")
    where = Where(box, walls, count, climbs, ensemble)
    if data is not None and where != Where():
        raise click.UsageError(
            "--data with --box, --walls, --random, --climb or --ensemble: give one of them"
        )
    spaces = where.spaces(asked, seed) if data is None else _given(asked, data, options)
    limits: dict[str, Any] = {"jobs": jobs or os.cpu_count() or 1, "budget": budget, "seed": seed}
    search, cut = _searched(asked, spaces, shrink=data is None if shrink is None else shrink, **limits)
    for target in [None] * as_json + [output] * (output is not None):
        _write(search, target, cut)
    if not as_json:
        _print(search)
    if folder is not None:
        _write_page(search, folder, law)
    if cut:
        sys.stdout.flush()
        click.echo("saddlesym: interrupted: what was searched before is kept", err=True)
        return 130
    return search.exit_status


def _given(asked: Conjecture, data: str, options: dict[str, Any]) -> tuple[Space, ...]:
    from saddlesym.laboratory.refutation import GivenData

    if asked.deep:
        from saddlesym.data.table import read_matrix
        from saddlesym.deep.problem import DeepLinearProblem

        return (GivenData((DeepLinearProblem.whitened(read_matrix(data).rows),)),)
    return (GivenData((load_problem(data, **options),)),)


class Where(NamedTuple):
    """What the options name to be searched."""

    box: str | None = None
    walls: int | None = None
    random: int | None = None
    climbs: int | None = None
    ensemble: str | None = None

    def spaces(self, asked: Conjecture, seed: int) -> tuple[Space, ...] | None:
        """In the order box, walls, random, climbs; None, for the usual ones, where none is named."""
        from saddlesym.laboratory.boxes import IntegerBox
        from saddlesym.laboratory.climbs import Climbs
        from saddlesym.laboratory.ensembles import Ensemble, RandomData
        from saddlesym.laboratory.language.evaluation import TextLaw
        from saddlesym.laboratory.refutation import random_data
        from saddlesym.laboratory.walls import Walls

        if self.ensemble is not None and self.walls is None and self.random is None:
            raise click.UsageError("--ensemble needs --random or --walls")
        drawn = None if self.ensemble is None else Ensemble.read(self.ensemble)
        if self == Where():
            return None
        if asked.deep and (self.box, self.walls, self.climbs) != (None, None, None):
            raise BadInputError(
                "--box, --walls or --climb for deep networks", needed="--random N --ensemble family:NAME"
            )
        out: list[Space] = []
        if self.box is not None:
            match = re.fullmatch(r"\s*([0-9]{1,4})\s*[,:]\s*([0-9]{1,4})\s*", self.box)
            if match is None:
                raise BadInputError(f"the box {shown(self.box)}", needed="SIZE,LARGEST, such as 6,2")
            out.append(IntegerBox(int(match[1]), int(match[2])))
        if self.walls is not None:
            out.append(
                Walls(count=self.walls, seed=seed) if drawn is None else Walls(drawn, self.walls, seed)
            )
        if self.random is not None:
            out.append(RandomData(drawn or random_data(asked, seed).ensemble, self.random, seed))
        if self.climbs is not None:
            if not isinstance(asked.law, TextLaw):
                raise BadInputError("--climb for a law in Python", needed="a law as text, which has a margin")
            out.append(Climbs(asked.law, self.climbs, seed=seed))
        return tuple(out)


def _searched(asked: Conjecture, spaces: tuple[Space, ...] | None, **settings: Any) -> tuple[Search, bool]:
    """The outcome, and whether Ctrl-C ended it."""
    from saddlesym.cli.progress import progress_bar
    from saddlesym.laboratory.refutation import Interrupted, refute

    with progress_bar() as show:
        try:
            return refute(asked, spaces, progress=show, **settings), False
        except Interrupted as interrupted:
            return interrupted.search, True


def _write(search: Search, output: str | None, cut: bool) -> None:
    import json

    with result_stream(output) as stream:
        if cut:
            tried = search.tally.tried
            keep_as_partial(
                stream, f"interrupted after {counted(tried, 'data set')}; what was searched is kept"
            )
        json.dump(search.to_dict(), stream, indent=1)
        stream.write("\n")


def _print(search: Search) -> None:
    from saddlesym.theorems.evidence.verdict import Verdict

    one = search.conjecture
    sentence = plain(one.name, _SHOWN) + (f": {plain(one.says, _SHOWN)}" if one.says != one.name else "")
    rows = [
        [plain(part.space, _SHOWN), str(part.tally.tried), str(part.tally[Verdict.HOLDS]),
         str(part.tally[Verdict.UNDECIDED]), str(part.tally[Verdict.SKIPPED])]
        for part in search.searched
    ]  # fmt: skip
    print_table(sentence, ["searched", "data", "held", "undecided", "skipped"], rows, {1, 2, 3, 4})
    found, tally = search.counterexample, search.tally
    lines = [plain(search.headline, 100_000)]
    if found is not None:
        lines += [f"  {plain(found.detail, _SHOWN)}"] if found.detail else []
        lines += [f"  {plain(found.smallest, _SHOWN)}"]
    if tally[Verdict.SKIPPED] and Verdict.SKIPPED in tally.reasons:
        lines.append(f"Skipped, for instance: {plain(tally.reasons[Verdict.SKIPPED], _SHOWN)}")
    if search.partial:
        lines.append("The search did not come to its end.")
    elif found is None and tally[Verdict.HOLDS]:
        lines.append("That proves nothing about other data.")
    sys.stdout.write("\n".join(lines) + "\n")


def _write_page(search: Search, folder: str, law: str) -> None:
    from saddlesym.report.conjectured import conjecture_page, conjecture_twin
    from saddlesym.report.files import write_folder

    written = write_folder(conjecture_page(search, law), conjecture_twin(search), folder)
    click.echo(f"The page: {os.path.join(folder, written.name)}", err=True)


def _print_vocabulary() -> None:
    from saddlesym.laboratory.ensembles import SORTS
    from saddlesym.laboratory.language.quantities import QUANTITIES
    from saddlesym.theorems.assumptions import assumptions

    rows = [[one.written, one.says, one.part] for one in QUANTITIES.values()]
    print_table("Quantities of laws", ["quantity", "what it is", "of the"], rows, set())
    rows = [
        [name, sort.says, ", ".join(f"{key}={one.default}" for key, one in sort.parameters.items())]
        for name, sort in SORTS.items()
    ]
    print_table("Ensembles, with n=2..4,d=2..4 and", ["ensemble", "what it is", "parameters"], rows, set())
    rows = [[one.id, one.sentence] for one in assumptions().values()]
    print_table("Assumptions", ["assumption", "what it says"], rows, set())
