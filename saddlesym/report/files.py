"""A page, its JSON twin and its figures as a folder that is there whole or not at all."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from pathlib import Path
from typing import Any

from saddlesym.errors import BadInputError, shown
from saddlesym.files import require_room
from saddlesym.report.page import Page
from saddlesym.report.render import render

#: What a folder of ours holds, and nothing else.
PAGE, TWIN, FIGURES = "index.html", "result.json", "figures"


def check_folder(folder: str | Path) -> Path:
    """The folder as an absolute path, once it is sure that nothing of anybody else's would be replaced.

    Raises:
        BadInputError: it is a file, its parent is missing, or it holds other things.
    """
    target = Path(os.path.abspath(folder))
    if target.is_symlink() or (target.exists() and not target.is_dir()):
        raise BadInputError(f"{shown(str(folder))} is no folder", needed="a new folder")
    above = target.parent
    while not above.exists():
        above = above.parent
    if not above.is_dir():
        raise BadInputError(f"{shown(str(above))} is no folder", needed="a new folder")
    try:
        os.rmdir(tempfile.mkdtemp(dir=above, prefix=".saddlesym-"))
    except OSError as error:
        raise BadInputError(
            f"{shown(str(folder))} cannot be written ({error.strerror})", needed="a folder that takes files"
        ) from None
    require_room(above, str(folder))
    others = sorted(p.name for p in target.iterdir()) if target.exists() else []
    strange = [name for name in others if name not in (PAGE, TWIN, FIGURES)]
    if strange or (others and not _is_report(target)):
        raise BadInputError(
            f"{shown(str(folder))} holds {shown(strange[0] if strange else others[0])}, which is no report",
            needed="a new folder, an empty one, or an earlier report",
        )
    return target


def _is_report(folder: Path) -> bool:
    """Whether a folder holds a page of ours, and its twin if any: names alone are not believed."""
    page, twin = folder / PAGE, folder / TWIN
    try:
        with page.open("rb") as stream:
            ours = b"Content-Security-Policy" in stream.read(10_000)
        if not twin.exists():
            return ours
        with twin.open("rb") as stream:
            return ours and stream.read(1) == b"{"
    except OSError:
        return False


def write_folder(page: Page, twin: dict[str, Any], folder: str | Path) -> Path:
    """Write ``index.html``, ``result.json`` and ``figures/*.svg``; an earlier report is replaced.

    Everything is written beside the folder first and then renamed, so that an interrupted
    run leaves what was there before.

    Args:
        page: the page.
        twin: what the page says, JSON-ready; ``saddlesym check`` re-verifies it.
        folder: where; folders above it are made.

    Returns:
        The path of the page.

    Raises:
        BadInputError: see :func:`check_folder`.
    """
    target = check_folder(folder)
    html, document = render(page), json.dumps(twin, indent=1) + "\n"
    target.parent.mkdir(parents=True, exist_ok=True)
    beside = Path(tempfile.mkdtemp(dir=target.parent, prefix=".saddlesym-"))
    try:
        fresh, old = beside / "new", beside / "old"
        (fresh / FIGURES).mkdir(parents=True)
        (fresh / PAGE).write_text(html, encoding="utf-8")
        (fresh / TWIN).write_text(document, encoding="utf-8")
        for picture in page.pictures():
            text = f'<?xml version="1.0" encoding="utf-8"?>\n{picture.svg}'
            (fresh / FIGURES / f"{picture.name}.svg").write_text(text, encoding="utf-8")
        check_folder(target)
        try:
            if target.exists():
                os.replace(target, old)
            os.replace(fresh, target)
        except BaseException:
            if old.exists() and not target.exists():
                os.replace(old, target)
            raise
    finally:
        shutil.rmtree(beside, ignore_errors=True)
    return target / PAGE
