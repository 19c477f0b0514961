"""One style for all figures: fonts that match LaTeX, colours for every eye, the same bytes every time.

Colours are those of Okabe and Ito. Curves differ in line style as well, so that a
figure printed in grey can be read.
"""

from __future__ import annotations

import io
import math
import os
import re
import unicodedata
from collections.abc import Callable
from datetime import UTC, date, datetime
from fractions import Fraction
from functools import cache, wraps
from typing import TYPE_CHECKING, Any, ParamSpec, TypeAlias, TypeVar

from saddlesym.errors import BadInputError, shown
from saddlesym.exact.scalars import fraction, parse_rational
from saddlesym.exact.text import decimal_string

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from saddlesym.diagonal.problem import DiagonalProblem
    from saddlesym.exact.balls import Ball

P = ParamSpec("P")
R = TypeVar("R")

#: Okabe and Ito's colours, distinguishable with every kind of colour vision.
COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000")
#: Line styles tell the curves apart when colours come round again, or in grey.
STYLES = ("-", "--", "-.", ":")
#: Markers, for points.
MARKERS = ("o", "s", "^", "D", "v", "P", "X")
#: Widths in inches: a column of a two-column paper, and the whole page.
WIDTHS = {"single": 3.4, "double": 7.0}

Width: TypeAlias = float | str

#: STIX goes with Computer Modern; DejaVu has the letters that it lacks.
_SETTINGS: dict[str, Any] = {
    "font.family": ["STIXGeneral", "DejaVu Sans"],
    "mathtext.fontset": "stix",
    "font.size": 9,
    "axes.titlesize": 9,
    "axes.labelsize": 9,
    "xtick.labelsize": 8,
    "ytick.labelsize": 8,
    "legend.fontsize": 8,
    "legend.frameon": False,
    "axes.linewidth": 0.6,
    "xtick.major.width": 0.6,
    "ytick.major.width": 0.6,
    "lines.linewidth": 1.4,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.unicode_minus": True,
    "axes.formatter.use_mathtext": True,
    "svg.fonttype": "path",
    "svg.hashsalt": "saddlesym",
    "pdf.fonttype": 42,
    "figure.dpi": 100,
    "savefig.dpi": 200,
    "figure.constrained_layout.use": True,
}


def styled(draw: Callable[P, R]) -> Callable[P, R]:
    """Run a drawing function under the style of the package, and nothing after it."""

    @wraps(draw)
    def under_style(*arguments: P.args, **options: P.kwargs) -> R:
        from matplotlib import rc_context

        with rc_context(_SETTINGS):
            return draw(*arguments, **options)

    return under_style


def inches(width: Width) -> float:
    """A width in inches from a number or ``single``, ``double``.

    Raises:
        BadInputError: neither.

    >>> inches("single"), inches(5)
    (3.4, 5.0)
    """
    if isinstance(width, str) and width in WIDTHS:
        return WIDTHS[width]
    if isinstance(width, int | float) and 1 <= width <= 100:
        return float(width)
    raise BadInputError(f"width={shown(width)}", needed=f"{', '.join(WIDTHS)}, or inches from 1 to 100")


def check_sizes(problem: DiagonalProblem) -> None:
    """Refuse data that no picture in floating point can show.

    Raises:
        BadInputError: a square of a column, or a correlation with y, is below 1e-20 or above 1e20.
    """
    sizes = [*problem.squares, *map(abs, problem.r)]
    if not all(Fraction(1, 10**20) <= size <= 10**20 for size in sizes if size):
        raise BadInputError(
            "the size of the data is far from one", needed="squares between 1e-20 and 1e20", hint="rescale"
        )


def coordinate(value: Fraction | Ball) -> float:
    """A value as a coordinate of a picture.

    Raises:
        BadInputError: it is beyond what floating point holds.

    >>> coordinate(Fraction(1, 4))
    0.25
    """
    exact = value if isinstance(value, Fraction) else fraction(parse_rational(value.decimal(20)[0]))
    number = float(exact) if abs(exact) < 10**300 else math.inf
    if math.isinf(number) or (abs(number) < 1e-300 and exact != 0):
        raise BadInputError(
            f"the value {decimal_string(exact, 5)} does not fit into a picture",
            needed="times, coefficients and losses between 1e-300 and 1e300",
            hint="scale the data",
        )
    return number


def line(order: int) -> dict[str, Any]:
    """Colour and line style of curve number ``order``; 28 of them differ."""
    return {"color": COLOURS[order % len(COLOURS)], "linestyle": STYLES[order % len(STYLES)]}


def source_date() -> date | None:
    """The day that SOURCE_DATE_EPOCH names; None when it is not set.

    Raises:
        BadInputError: it is no number of seconds.
    """
    text = os.environ.get("SOURCE_DATE_EPOCH", "")
    if not text:
        return None
    try:
        return datetime.fromtimestamp(int(text), UTC).date()
    except (ValueError, OverflowError, OSError):
        raise BadInputError(f"SOURCE_DATE_EPOCH={shown(text)}", needed="seconds since 1970") from None


@styled
def save(figure: Figure, target: Any, form: str) -> None:
    """Write a figure as ``svg``, ``pdf`` or ``png``, without dates: the same bytes every time."""
    source_date()  # matplotlib reads it even where nothing is dated
    stamps = {"svg": {"Date": None, "Creator": None}, "pdf": {"CreationDate": None, "ModDate": None}}
    figure.savefig(target, format=form, metadata=stamps.get(form))


def svg_text(figure: Figure) -> str:
    """A figure as the text of an SVG drawing, without comments and without anything outside it."""
    stream = io.StringIO()
    save(figure, stream, "svg")
    text = stream.getvalue()
    text = text[text.index("<svg") :]  # the prologue names a DTD elsewhere
    return re.sub(r"<!--.*?-->\s*|<metadata>.*?</metadata>\s*", "", text, flags=re.DOTALL)


def literal(name: str, width: int = 20, column: int | None = None) -> str:
    r"""A name that matplotlib takes literally: no mathematics, nothing unprintable, short.

    Names that its fonts cannot set, or that run from right to left, which it does not
    arrange, become ``column 3`` when the number of the column is given.

    >>> literal("cost_$"), literal("\u05d0\u05d1", column=3)
    ('cost_\\$', 'column 3')
    """
    if column is not None and not _can_be_set(name):
        return f"column {column}"
    visible = "".join(c if c.isprintable() and _has_glyph(c) else "?" for c in name).strip() or "?"
    short = visible if len(visible) <= width else f"{visible[: width - 1]}…"
    short = short.replace("\\", "\u2216").replace("$", r"\$")
    return f" {short}" if short.startswith("_") else short


def _can_be_set(name: str) -> bool:
    rightward = not any(unicodedata.bidirectional(c) in {"R", "AL", "RLE", "RLO", "RLI"} for c in name)
    return rightward and all(_has_glyph(c) for c in name if c.isprintable()) and bool(name.strip())


def _has_glyph(character: str) -> bool:
    return ord(character) in _coverage()


@cache
def _coverage() -> frozenset[int]:
    """The characters that the fonts of the style have, regular and bold; they come with matplotlib."""
    from matplotlib import font_manager, ft2font

    def characters(weight: str) -> frozenset[int]:
        fonts = [font_manager.FontProperties(family=[one], weight=weight) for one in _SETTINGS["font.family"]]
        files = map(font_manager.findfont, fonts)
        return frozenset().union(*(ft2font.FT2Font(file).get_charmap() for file in files))

    return characters("normal") & characters("bold")
