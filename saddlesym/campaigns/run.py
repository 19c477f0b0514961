"""Running a campaign on a Dask cluster: a local one, or the user's."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import Any

from saddlesym.campaigns.rows import measured_rows_of_cell
from saddlesym.campaigns.specification import Campaign, InstanceBlock
from saddlesym.campaigns.storage import Store
from saddlesym.errors import BadInputError, SaddlesymError, shown
from saddlesym.exact.scalars import whole_number
from saddlesym.progress import Listener, Progress

#: Blocks that are under way for each worker: enough that none waits, few enough that memory stays flat.
_AHEAD = 3
#: How often the block of a worker that died is done again.
_RETRIES = 3
#: Seconds that a scheduler may take to answer.
_PATIENCE = 10


class ClusterError(SaddlesymError):
    """The cluster went away; what was finished is kept, and the same command goes on from there."""


def needs_extras() -> None:
    """Refuse in one line where the packages that campaigns need are not installed.

    Raises:
        BadInputError: one of them is not there.
    """
    from importlib.util import find_spec

    missing = [name for name in ("distributed", "pyarrow", "duckdb") if find_spec(name) is None]
    if missing:
        raise BadInputError(
            f"campaigns need {', '.join(missing)}",
            needed="the extra packages of campaigns",
            hint='pip install "saddlesym[campaigns]"',
        )


def run_campaign(
    campaign: Campaign,
    folder: str | Path,
    *,
    jobs: int = 1,
    scheduler: str | None = None,
    progress: Listener | None = None,
    on_start: Callable[[str], object] | None = None,
) -> Store:
    """Compute all rows that are not there yet, and keep each block as it is finished.

    Args:
        campaign: what to compute.
        folder: for the rows; that of an earlier run is gone on with.
        jobs: worker processes of a local cluster; not used with ``scheduler``.
        scheduler: address of the user's cluster, such as ``tcp://host:8786``.
        progress: called with the number of rows that are there and of all.
        on_start: called with the address of the dashboard.

    Returns:
        The store, whole.

    Raises:
        BadInputError: the folder holds something else, or no scheduler answers.
        ClusterError: the scheduler or all workers went away.
    """
    needs_extras()
    store = Store(folder, campaign)
    kept = store.finished()
    todo = [block for block in campaign.blocks() if block.number not in kept]
    done = campaign.total - sum(block.stop - block.start for block in todo)
    tell = progress or (lambda _moment: None)
    tell(Progress(done, campaign.total, "instances"))
    if not todo:
        return store
    with _client(jobs, scheduler) as client:
        from distributed import as_completed

        if on_start is not None:
            on_start(client.dashboard_link)
        ahead = _AHEAD * max(1, len(client.scheduler_info()["workers"]))
        waiting = iter(todo)
        blocks = {_submitted(client, campaign, block): block for block in islice(waiting, ahead)}
        running = as_completed(blocks)
        for future in running:
            block = blocks.pop(future)
            store.keep(block, _result(future))
            done += block.stop - block.start
            tell(Progress(done, campaign.total, "instances"))
            for following in islice(waiting, 1):
                another = _submitted(client, campaign, following)
                blocks[another] = following
                running.add(another)
    return store


def _submitted(client: Any, campaign: Campaign, block: InstanceBlock) -> Any:
    """The work of a block, with all that it needs: nothing is lost with a worker but that work."""
    cell = campaign.cells[block.cell]
    return client.submit(
        measured_rows_of_cell, cell, campaign.measures, campaign.seed, block, pure=False, retries=_RETRIES
    )


def _result(future: Any) -> Any:
    from asyncio import CancelledError as Cancelled
    from concurrent.futures import CancelledError

    from distributed import KilledWorker
    from distributed.client import FutureCancelledError
    from distributed.comm.core import CommClosedError

    try:
        return future.result()
    except (KilledWorker, CommClosedError, FutureCancelledError, CancelledError, Cancelled, OSError) as error:
        raise ClusterError(
            f"the cluster went away: {' '.join(str(error).split())[:120] or type(error).__name__}",
            needed="a scheduler and at least one worker that live",
            hint="the same command again; what was finished is kept",
        ) from None


@contextmanager
def _client(jobs: int, scheduler: str | None) -> Iterator[Any]:
    """A client of the user's cluster, or of one that lives as long as this."""
    import dask
    from distributed import Client, LocalCluster

    for name in [*logging.root.manager.loggerDict, "tornado.application"]:
        if name.startswith(("distributed", "tornado")):  # it is said once, in one line
            logging.getLogger(name).setLevel(logging.CRITICAL + 1)
    if scheduler is not None:
        try:
            client = Client(scheduler, timeout=_PATIENCE)
        except (OSError, ValueError, TypeError) as error:
            why = " ".join(str(error).split())[:100]
            raise BadInputError(
                f"no scheduler answers at {shown(scheduler)} ({why})",
                needed="the address of a Dask scheduler",
                hint="dask scheduler; dask worker tcp://ADDRESS:8786",
            ) from None
        with client:
            yield client
        return
    workers = whole_number(jobs, "jobs", 1)
    # a worker that dies is started again by its nanny; nothing else of the cluster is kept
    settings = {
        "distributed.worker.multiprocessing-method": "spawn",
        "logging": {"distributed": "critical", "distributed.worker.state_machine": "critical"},
    }
    with (
        dask.config.set(settings),
        LocalCluster(n_workers=workers, threads_per_worker=1, dashboard_address="127.0.0.1:0") as cluster,
        Client(cluster) as client,
    ):
        yield client
