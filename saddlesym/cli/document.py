"""Reading a saved result: a JSON document of a stranger, bounded before it is unfolded."""

from __future__ import annotations

import json
from typing import Any

from saddlesym.errors import BadInputError, shown
from saddlesym.files import MAX_BYTES, read_bytes, unpacked

#: Most values of a document: each takes some 80 bytes of memory besides its text.
MAX_VALUES = 10_000_000


def read_document(name: str, effort: int = 1) -> dict[str, Any]:
    """The JSON object in a file, which gzip may have packed; ``-`` is standard input.

    Args:
        name: of the file.
        effort: how many times the usual bounds on its size are allowed.

    Raises:
        BadInputError: it cannot be read, is too large, is not JSON, says one thing twice
            in one object, or has a number that is not finite.
    """
    limit, told = MAX_BYTES * effort, "standard input" if name == "-" else shown(name)
    try:
        content = unpacked(read_bytes(name, limit), name, limit)
    except OSError as error:
        raise BadInputError(f"{told} cannot be read ({error.strerror})") from None
    values = content.count(b",") + content.count(b"[") + content.count(b"{")
    if values > MAX_VALUES * effort:
        raise BadInputError(
            f"{told} holds some {values:,} values",
            needed=f"at most {MAX_VALUES * effort:,}",
            hint="--effort N, and the memory for it",
        )
    try:
        document = json.loads(content, object_pairs_hook=_unique, parse_constant=_not_finite)
    except (ValueError, RecursionError) as error:
        raise BadInputError(
            f"{told} is not JSON ({shown(error, 60)})", needed="a result saved with --json"
        ) from None
    if not isinstance(document, dict):
        raise BadInputError(f"{told} holds no result", needed="a JSON object, as --json writes it")
    return document


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        before: set[str] = set()
        twice = next(key for key, _ in pairs if key in before or before.add(key))  # type: ignore[func-returns-value]
        raise ValueError(f"the key {shown(twice, 20)} appears twice")
    return found


def _not_finite(word: str) -> Any:
    raise ValueError(f"{word} is no number of JSON")
