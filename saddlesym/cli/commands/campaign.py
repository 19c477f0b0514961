"""``saddlesym campaign``: measures over many random instances, on a cluster, kept as Parquet."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from saddlesym.cli.progress import progress_bar
from saddlesym.cli.writing.formats import result_options
from saddlesym.cli.writing.output import counted, plain, write_figure, write_json
from saddlesym.cli.writing.tables import print_table
from saddlesym.errors import BadInputError

if TYPE_CHECKING:
    from saddlesym.campaigns.storage import Store
    from saddlesym.campaigns.summary import Summary


@click.command()
@click.argument("file")
@click.option("--folder", metavar="DIR", help="Folder of the rows. Default: campaigns/NAME.")
@click.option("--jobs", type=click.IntRange(1), help="Worker processes here. Default: the processors.")
@click.option("--scheduler", metavar="ADDRESS", help="A Dask cluster of yours, such as tcp://host:8786.")
@click.option("--instances", type=click.IntRange(1), help="In each cell; in place of what FILE says.")
@click.option("--summary", metavar="TEXT", help='Such as "avg(jumps), max(dwell) by n, d".')
@click.option("--histogram", metavar="MEASURE", help="Draw this measure with --plot.")
@result_options
def campaign(
    file: str,
    folder: str | None,
    jobs: int | None,
    scheduler: str | None,
    instances: int | None,
    summary: str | None,
    histogram: str | None,
    plot: str | None,
    as_json: bool,
    output: str | None,
) -> int:
    """Measure quantities over many random instances, as FILE says.

    FILE is a TOML file, or a shipped campaign. Finished blocks of rows are kept as Parquet in DIR: what was
    interrupted or killed goes on from there when the same command is given again, and what is finished is
    only summarised.
    """
    from dataclasses import replace

    from saddlesym.campaigns.run import needs_extras, run_campaign
    from saddlesym.campaigns.specification import read_campaign
    from saddlesym.campaigns.summary import summarise

    needs_extras()
    if plot is not None and (summary is None) == (histogram is None):
        raise click.UsageError("--plot needs --summary or --histogram")
    if histogram is not None and plot is None:
        raise click.UsageError("--histogram needs --plot")
    one = read_campaign(file)
    if instances is not None:
        one = replace(one, instances=instances)
    if histogram is not None and histogram not in [m.name for m in one.measures]:
        raise BadInputError(
            f"--histogram {plain(histogram)}", needed=f"one of {', '.join(m.name for m in one.measures)}"
        )
    target = folder or os.path.join("campaigns", Path(file).stem)
    with progress_bar() as show:
        store = run_campaign(
            one,
            target,
            jobs=jobs or os.cpu_count() or 1,
            scheduler=scheduler,
            progress=show,
            on_start=lambda link: click.echo(f"saddlesym: dashboard at {link}", err=True),
        )
    found = summarise(store, summary or _usual(store))
    if plot is not None:
        write_figure(_figure(store, found, histogram), plot)
    if as_json:
        write_json(_document(store, found), output)
        return 0
    _print(store, found)
    return 0


def _usual(store: Store) -> str:
    """What is summed up when nothing is asked: the means, by what the grid varies."""
    varied = [
        name
        for name in dict(store.campaign.cells[0].parameters)
        if len({dict(cell.parameters)[name] for cell in store.campaign.cells}) > 1
    ]
    means = ", ".join(f'avg("{m.name}"::DOUBLE) AS "{m.name}"' for m in store.campaign.measures)
    words = f"count(*) AS instances, count(*) FILTER (status = 'ok') AS ok, {means}"
    return f"{words} by {', '.join(varied)}" if varied else words


def _figure(store: Store, found: Summary, histogram: str | None) -> Any:
    from saddlesym.figures.campaigns import draw_histogram, draw_summary

    if histogram is None:
        return draw_summary(found)
    values = store.rows().column(histogram).to_pylist()
    return draw_histogram([float(x) for x in values if x is not None], histogram)


def _document(store: Store, found: Summary) -> dict[str, Any]:
    return {
        "kind": "campaign summary",
        "campaign": store.campaign.to_dict(),
        "folder": str(store.folder),
        "columns": list(found.columns),
        "groups": found.groups,
        "rows": [[value if isinstance(value, int | float | str | None) else str(value) for value in row]
                 for row in found.rows],
    }  # fmt: skip


def _print(store: Store, found: Summary) -> None:
    title = plain(store.campaign.title, 100) or "Campaign"
    print_table(
        f"{title}: {counted(store.campaign.total, 'instance')}",
        list(found.columns),
        [
            [f"{value:.6g}" if isinstance(value, float) else plain(str(value)) for value in row]
            for row in found.rows
        ],
        set(range(len(found.columns))),
    )
    click.echo(f"\nThe rows are in {plain(str(store.folder), 200)}/part-*.parquet.")
