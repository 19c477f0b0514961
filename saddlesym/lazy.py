"""Packages whose public names are imported on first use, so that ``import saddlesym`` is light."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any


def attach(
    package: str, names: Mapping[str, str], modules: Mapping[str, str] | None = None
) -> tuple[Callable[[str], Any], Callable[[], list[str]], list[str]]:
    """``__getattr__``, ``__dir__`` and ``__all__`` of a package.

    Args:
        package: its name.
        names: public names, and the modules that define them.
        modules: public names that are modules.

    >>> get, _, public = attach("saddlesym", {"Ball": "saddlesym.exact.balls"})
    >>> get("Ball").__name__, public
    ('Ball', ['Ball'])
    """
    places = dict(modules or {})
    public = sorted({*names, *places})

    def get(name: str) -> Any:
        if name in names:
            value = getattr(import_module(names[name]), name)
        elif name in places:
            value = import_module(places[name])
        else:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        setattr(sys.modules[package], name, value)
        return value

    return get, lambda: [*public, "__version__"] if package == "saddlesym" else list(public), public
