"""Why the saddle path is not followed to its end in a graph."""

from __future__ import annotations

from enum import StrEnum


class PathStop(StrEnum):
    """The reasons that there are, in words, as they stand in a document's ``path_note``."""

    NOT_UNIQUE = "its next minimiser is not unique"
    DEPENDENT = "its next saddle lies in an affine set of critical points"
    TOO_LARGE = "its next saddle has more columns than max_support allows"
    NO_TRANSITION = "its next step is no single transition"
