"""Campaigns: rows fixed by the seed alone, kept block by block, whatever dies on the way."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from saddlesym import BadInputError, DiagonalProblem, saddle_path
from saddlesym.campaigns.rows import measured_rows
from saddlesym.campaigns.run import run_campaign
from saddlesym.campaigns.specification import Campaign, InstanceBlock, read_campaign, shipped_campaigns
from saddlesym.campaigns.storage import Store
from saddlesym.campaigns.summary import summarise
from saddlesym.cli.main import main
from saddlesym.progress import Progress

pyarrow = pytest.importorskip("pyarrow")
pytest.importorskip("distributed")
pytest.importorskip("duckdb")

SMALL = {
    "title": "small",
    "instances": 24,
    "seed": 3,
    "block": 5,
    "ensemble": {"name": "gaussian", "digits": 2, "d": 3},
    "grid": {"n": [2, 4]},
    "measures": {
        "jumps": "jumps",
        "flip": "flips > 0",
        "last": "time(final)",
        "third": "time(3)",
        "wide": "size(final) == $d",
    },
    "exact": ["last"],
}


def filled(campaign: Campaign, folder: Path) -> Store:
    """The same by a plain loop: no cluster, no order but that of the blocks."""
    store = Store(folder, campaign)
    for block in campaign.blocks():
        store.keep(block, measured_rows(campaign, block))
    return store


@pytest.fixture(scope="module")
def plain(tmp_path_factory):
    return filled(Campaign.of(SMALL), tmp_path_factory.mktemp("plain"))


def test_rows_are_those_of_the_instances(plain):
    rows = plain.rows().to_pylist()
    assert len(rows) == 48
    for row in rows:
        cell = plain.campaign.cells[row["cell"]]
        problem = cell.ensemble.instance(3, row["number"])
        assert isinstance(problem, DiagonalProblem)
        path = saddle_path(problem)
        assert (row["n"], row["d"]) == (problem.n, 3)
        assert row["jumps"] == len(path.jumps)
        assert row["flip"] == any(jump.flipped for jump in path.jumps)
        assert row["last"] == float(path.jumps[-1].time)
        assert row["last_exact"] == str(path.jumps[-1].time)
        assert row["third"] == (float(path.jumps[2].time) if len(path.jumps) > 2 else None)
        assert row["wide"] == (len(path.jumps[-1].support) == 3)
        assert row["status"] == "ok"
    assert {row["cell"] for row in rows} == {0, 1}


def test_data_whose_path_is_not_unique_are_rows_too():
    content = {
        "instances": 80,
        "ensemble": {"name": "integer", "n": 3, "d": 5, "size": 1},
        "measures": {"jumps": "jumps"},
    }
    columns = measured_rows(Campaign.of(content), InstanceBlock(0, 0, 0, 80))
    assert set(columns["status"]) == {"ok", "not unique"}
    for status, jumps in zip(columns["status"], columns["jumps"], strict=True):
        assert (jumps is None) == (status != "ok")


def test_a_cluster_gives_the_same_rows_and_a_finished_campaign_starts_none(plain, tmp_path, monkeypatch):
    seen = []
    store = run_campaign(
        plain.campaign,
        tmp_path / "c",
        jobs=1,
        progress=lambda moment: seen.append((moment.done, moment.total)),
    )
    assert store.rows().equals(plain.rows())
    assert seen[0] == (0, 48)
    assert seen[-1] == (48, 48)
    assert [path.read_bytes() for path in sorted((tmp_path / "c").glob("part*"))] == [
        path.read_bytes() for path in sorted(plain.folder.glob("part*"))
    ]
    monkeypatch.setattr("saddlesym.campaigns.run._client", None)
    assert run_campaign(plain.campaign, tmp_path / "c").rows().equals(plain.rows())


def test_a_cluster_of_the_user_on_the_loopback_survives_the_death_of_a_worker(plain, tmp_path):
    """``dask scheduler`` and ``dask worker`` as processes; one of the two workers is killed on the way."""
    address_file = tmp_path / "scheduler.json"
    scheduler = started("distributed.cli.dask_scheduler", "--host", "127.0.0.1", "--port", "0", "--no-dashboard",
                        "--scheduler-file", str(address_file))  # fmt: skip
    workers: list[subprocess.Popen[bytes]] = []
    try:
        address = wait_for(lambda: json.loads(address_file.read_text())["address"])
        workers = [
            started("distributed.cli.dask_worker", address, "--nthreads", "1", "--no-dashboard", "--no-nanny")
            for _ in range(2)
        ]
        done = []

        def note(moment: Progress) -> None:
            done.append(moment.done)
            if len(done) == 3:
                workers[0].send_signal(signal.SIGKILL)

        store = run_campaign(plain.campaign, tmp_path / "c", scheduler=address, progress=note)
        assert store.rows().equals(plain.rows())
    finally:
        for process in (*workers, scheduler):
            process.kill()
            process.wait()


def started(module: str, *arguments: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", module, *arguments],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
    )  # fmt: skip


def wait_for(value, seconds: float = 60):
    end = time.monotonic() + seconds
    while True:
        try:
            return value()
        except (OSError, ValueError, KeyError):
            if time.monotonic() > end:
                raise
            time.sleep(0.1)


def test_a_killed_run_goes_on_where_it_was(plain, tmp_path):
    """kill -9 of everything, after some blocks: the same command ends with the same rows."""
    folder = tmp_path / "c"
    spec = tmp_path / "small.toml"
    spec.write_text(as_toml(SMALL), encoding="utf-8")
    command = [
        sys.executable,
        "-m",
        "saddlesym",
        "campaign",
        str(spec),
        "--folder",
        str(folder),
        "--jobs",
        "1",
    ]
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    run = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=environment,
                           start_new_session=True)  # fmt: skip
    wait_for((folder / "part-00000001.parquet").stat, 120)
    os.killpg(run.pid, signal.SIGKILL)
    run.wait()
    kept = {path.name: path.stat().st_mtime_ns for path in folder.glob("part*")}
    (folder / ".part-00000009.parquet.1").write_bytes(b"half")  # what a kill while writing leaves
    store = run_campaign(read_campaign(spec), folder, jobs=1)
    assert store.rows().equals(plain.rows())
    assert {name: (folder / name).stat().st_mtime_ns for name in kept} == kept
    assert not list(folder.glob(".part*"))


def as_toml(content: dict) -> str:
    head = {key: value for key, value in content.items() if not isinstance(value, dict)}
    lines = [f"{key} = {json.dumps(value)}" for key, value in head.items()]
    for key, table in content.items():
        if isinstance(table, dict):
            lines += [f"[{key}]", *(f"{name} = {json.dumps(value)}" for name, value in table.items())]
    return "\n".join(lines)


def test_a_scheduler_that_goes_away_is_one_line_and_what_is_done_is_kept(plain, tmp_path, capsys):
    address_file = tmp_path / "scheduler.json"
    scheduler = started("distributed.cli.dask_scheduler", "--host", "127.0.0.1", "--port", "0", "--no-dashboard",
                        "--scheduler-file", str(address_file))  # fmt: skip
    address = wait_for(lambda: json.loads(address_file.read_text())["address"])
    worker = started(
        "distributed.cli.dask_worker", address, "--nthreads", "1", "--no-dashboard", "--no-nanny"
    )
    spec = tmp_path / "small.toml"
    spec.write_text(as_toml(SMALL | {"block": 2, "instances": 400}), encoding="utf-8")
    folder = tmp_path / "c"
    command = [sys.executable, "-m", "saddlesym", "campaign", str(spec), "--folder", str(folder)]
    run = subprocess.Popen([*command, "--scheduler", address], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                           env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])})  # fmt: skip
    try:
        wait_for((folder / "part-00000003.parquet").stat, 120)
        scheduler.kill()
        worker.kill()
        out, err = run.communicate(timeout=120)
    finally:
        for process in (run, worker, scheduler):
            process.kill()
            process.wait()
    assert run.returncode == 2
    assert out == b""
    assert b"the cluster went away" in err
    assert b"Traceback" not in err
    assert Store(folder, read_campaign(spec)).finished() >= {0, 1, 2, 3}


def test_nobody_at_the_address(tmp_path, monkeypatch):
    monkeypatch.setattr("saddlesym.campaigns.run._PATIENCE", 1)
    with pytest.raises(BadInputError, match="no scheduler answers"):
        run_campaign(Campaign.of(SMALL), tmp_path / "c", scheduler="tcp://127.0.0.1:1")


def test_summaries_against_a_plain_count(plain):
    rows = plain.rows().to_pylist()
    found = summarise(plain, "avg(jumps), count(*) FILTER (flip) by n")
    assert found.columns[0] == "n"
    for n, mean, flips in found.rows:
        some = [row for row in rows if row["n"] == n]
        assert mean == pytest.approx(sum(row["jumps"] for row in some) / len(some), rel=1e-14)
        assert flips == sum(row["flip"] for row in some)
    assert summarise(plain, "max(last)").rows == ((max(row["last"] for row in rows),),)


@pytest.mark.parametrize(
    "text",
    [
        "nothing(",
        "avg(no_such_column) by n",
        "1; DROP TABLE rows",
        "* FROM read_csv('/etc/passwd'); SELECT 1",
        "(SELECT max(column0) FROM read_csv('/etc/hostname'))",
        '1 by "; SELECT 1',
        "count(*) by nothing",
        "x" * 3000,
        "",
    ],
)
def test_what_is_no_summary_is_refused(plain, text, tmp_path):
    with pytest.raises(BadInputError, match="needed"):
        summarise(plain, text)


def test_a_folder_of_something_else_is_left_alone(plain, tmp_path):
    (tmp_path / "mine.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(BadInputError, match="other files"):
        Store(tmp_path, plain.campaign)
    assert (tmp_path / "mine.txt").read_text(encoding="utf-8") == "mine"
    with pytest.raises(BadInputError, match="another campaign"):
        Store(plain.folder, Campaign.of(SMALL | {"seed": 4}))


@pytest.mark.parametrize(
    "change",
    [
        {"measures": {"n": "jumps"}},
        {"measures": {"a_exact": "jumps"}},
        {"measures": {"A b": "jumps"}},
        {"measures": {"a": "__import__('os')"}},
        {"measures": {"a": "jumps + $nothing"}},
        {"measures": {"a": 3}},
        {"measures": {}},
        {"ensemble": {"name": "nothing"}},
        {"ensemble": "gaussian"},
        {"grid": {"n": []}},
        {"grid": {"name": ["gaussian"]}},
        {"grid": {"n": list(range(1, 200)), "digits": list(range(1, 31)), "d": list(range(1, 20))}},
        {"instances": 0},
        {"instances": 10**9},
        {"block": 0},
        {"surprise": 1},
        {"exact": ["nothing"]},
    ],
)
def test_what_is_no_campaign_is_refused_in_one_line(change):
    with pytest.raises(BadInputError, match="needed"):
        Campaign.of(SMALL | {"exact": []} | change)


def test_shipped_campaigns_are_read_and_their_measures_measure():
    assert set(shipped_campaigns()) == {"dwells", "sign-flips", "sparse-recovery"}
    for name in shipped_campaigns():
        campaign = read_campaign(name)
        last = len(campaign.cells) - 1
        columns = measured_rows(campaign, InstanceBlock(0, last, 0, 3))
        assert columns["status"] == ["ok"] * 3
        for one in campaign.measures:
            assert None not in columns[one.name]


def test_the_command_on_what_is_finished(plain, tmp_path, capsys):
    spec = tmp_path / "small.toml"
    spec.write_text(as_toml(SMALL), encoding="utf-8")
    base = ["campaign", str(spec), "--folder", str(plain.folder)]
    assert main(base) == 0
    out = capsys.readouterr().out
    assert "small: 48 instances" in out
    assert main([*base, "--summary", "avg(jumps) AS mean by n", "--plot", str(tmp_path / "a.svg")]) == 0
    assert main([*base, "--summary", "avg(jumps) by n, d", "--plot", str(tmp_path / "b.svg")]) == 0
    assert main([*base, "--histogram", "jumps", "--plot", str(tmp_path / "c.svg")]) == 0
    for name in "abc":
        assert (tmp_path / f"{name}.svg").read_text(encoding="utf-8").startswith("<?xml")
    capsys.readouterr()
    assert main([*base, "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert document["kind"] == "campaign summary"
    assert document["columns"][0] == "n"
    for bad in (["--plot", "x.svg"], ["--histogram", "jumps"], ["--histogram", "x", "--plot", "x.svg"],
                ["--summary", "nonsense("]):  # fmt: skip
        assert main([*base, *bad]) == 2
    assert main(["campaign", str(tmp_path / "none.toml")]) == 2
