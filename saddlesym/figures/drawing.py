"""Which figure belongs to which result: what their ``plot`` draws."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from saddlesym.errors import BadInputError

#: Class of a result: the module of its figure, and the function in it.
_FIGURES = {
    "SaddlePath": ("diagonal.path", "draw_path"),
    "Flow": ("diagonal.flow", "draw_flow"),
    "DeepFlow": ("diagonal.flow", "draw_flow"),
    "SaddleGraph": ("graph", "draw_graph"),
    "DeepLinearFlow": ("deep.flow", "draw_deep_flow"),
    "DeepSaddleGraph": ("deep.saddles", "draw_deep_saddles"),
    "GreedyPath": ("deep.greedy", "draw_greedy"),
    "Escape": ("deep.escape", "draw_escape"),
}


def plot(result: Any, *, ax: Any = None, **options: Any) -> Any:
    """Draw a result.

    Args:
        result: what to draw.
        ax: axes to draw on, or several, one for each panel from the first on; default a new figure.
        options: of the function that draws it.

    Returns:
        The figure, or ``ax``.
    """
    module, name = _FIGURES[type(result).__name__]
    draw = getattr(import_module(f"saddlesym.figures.{module}"), name)
    figure = draw(result, ax=ax, **options)
    return figure if ax is None else ax


def panels(ax: Any, count: int) -> list[Any]:
    """The axes of a user for the panels of a figure, None for those that get none.

    Raises:
        BadInputError: no axes, or more than there are panels.
    """
    given = (
        [ax] if hasattr(ax, "plot") else list(getattr(ax, "flat", ax) if hasattr(ax, "__iter__") else [ax])
    )
    if not 1 <= len(given) <= count or not all(hasattr(one, "set_xlabel") for one in given):
        several = f", or a list of up to {count}" if count > 1 else ""
        raise BadInputError(f"ax of type {type(ax).__name__}", needed=f"axes of matplotlib{several}")
    return [*given, *[None] * (count - len(given))]
