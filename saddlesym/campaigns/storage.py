"""Finished blocks as Parquet files, with a manifest: what is there is whole, and a rerun goes on from it."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from saddlesym import __version__
from saddlesym.campaigns.specification import FIXED, Campaign, InstanceBlock
from saddlesym.errors import BadInputError, shown

MANIFEST = "manifest.json"
_PART = re.compile(r"part-([0-9]{8})\.parquet")


class Store:
    """The folder of a campaign.

    Args:
        folder: made if it is not there.
        campaign: what its rows belong to.

    Raises:
        BadInputError: the folder holds something else, or another campaign.
    """

    def __init__(self, folder: str | Path, campaign: Campaign) -> None:
        self.folder, self.campaign = Path(folder), campaign
        if self.folder.exists() and not self.folder.is_dir():
            raise BadInputError(f"{shown(str(folder))} is no folder", needed="a folder for the rows")
        manifest = self.folder / MANIFEST
        if manifest.exists():
            self._check(manifest)
        elif self.folder.exists() and any(self.folder.iterdir()):
            raise BadInputError(
                f"{shown(str(folder))} holds other files", needed="a new folder, or that of this campaign"
            )
        self.folder.mkdir(parents=True, exist_ok=True)
        for left in self.folder.glob(".part-*"):  # of a run that was killed while it wrote
            left.unlink(missing_ok=True)
        if not manifest.exists():
            _write(manifest, json.dumps(self._manifest(), indent=1).encode())

    def _manifest(self) -> dict[str, Any]:
        return {
            "kind": "campaign",
            "digest": self.campaign.digest(),
            "versions": row_versions(),
            **self.campaign.to_dict(),
        }

    def _check(self, manifest: Path) -> None:
        try:
            found = json.loads(manifest.read_text(encoding="utf-8"))
            digest = found["digest"]
        except (ValueError, KeyError, TypeError, OSError):
            raise BadInputError(f"{shown(str(manifest))} is damaged", needed="a new folder") from None
        if digest != self.campaign.digest():
            raise BadInputError(
                f"{shown(str(self.folder))} holds another campaign",
                needed="the folder of this one, or a new one",
                hint="the ensemble, grid, measures, instances, seed and block must be the same",
            )

    def path(self, block: int) -> Path:
        """The file of a block."""
        return self.folder / f"part-{block:08d}.parquet"

    def finished(self) -> set[int]:
        """Numbers of the blocks that are there; a file appears only when all of it is written."""
        names = (_PART.fullmatch(path.name) for path in self.folder.iterdir())
        return {int(match[1]) for match in names if match}

    def keep(self, block: InstanceBlock, columns: Mapping[str, Sequence[Any]]) -> None:
        """Write the rows of a block, whole or not at all."""
        import io

        import pyarrow.parquet

        sink = io.BytesIO()
        pyarrow.parquet.write_table(self.table(columns), sink, compression="zstd")
        _write(self.path(block.number), sink.getvalue())

    def table(self, columns: Mapping[str, Sequence[Any]]) -> Any:
        """Rows as an Arrow table of the types of this campaign."""
        import pyarrow

        types = {
            "number": pyarrow.int64(),
            "cell": pyarrow.int32(),
            "n": pyarrow.int32(),
            "d": pyarrow.int32(),
        }
        types["status"] = pyarrow.dictionary(pyarrow.int8(), pyarrow.string())
        first = dict(self.campaign.cells[0].parameters)
        for one in self.campaign.measures:
            types[one.name] = pyarrow.float64() if one.law(first).measure else pyarrow.bool_()
            if one.exact:
                types[f"{one.name}_exact"] = pyarrow.string()
        schema = pyarrow.schema(list(types.items()), {"campaign": self.campaign.digest()})
        return pyarrow.table(dict(columns), schema=schema)

    def rows(self) -> Any:
        """All rows there are, in order, as one Arrow table."""
        import pyarrow
        import pyarrow.parquet

        parts = [pyarrow.parquet.read_table(self.path(k)) for k in sorted(self.finished())]
        return pyarrow.concat_tables(parts) if parts else self.table({name: [] for name in self.columns()})

    def columns(self) -> list[str]:
        """Names of the columns."""
        extra = [
            name
            for one in self.campaign.measures
            for name in (one.name, *([f"{one.name}_exact"] * one.exact))
        ]
        return [*FIXED, *extra]


def row_versions() -> dict[str, str]:
    """Versions of what the rows may depend on."""
    from importlib.metadata import version

    return {"saddlesym": __version__, **{name: version(name) for name in ("python-flint", "pyarrow")}}


def _write(path: Path, content: bytes) -> None:
    """A file that appears whole, or not at all."""
    hidden = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with hidden.open("wb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        hidden.replace(path)
    finally:
        hidden.unlink(missing_ok=True)
