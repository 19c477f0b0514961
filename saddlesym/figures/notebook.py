"""Figures that a notebook shows by itself, with or without pyplot."""

from __future__ import annotations

import io

from matplotlib.figure import Figure as Drawing

from saddlesym.figures.style import save


class Figure(Drawing):
    """A figure of matplotlib that shows itself as the last line of a cell.

    Those of pyplot are shown by pyplot; these are made without it, so that drawing opens no
    window, keeps nothing, and needs no display.
    """

    def _repr_png_(self) -> bytes:
        stream = io.BytesIO()
        save(self, stream, "png")
        return stream.getvalue()
