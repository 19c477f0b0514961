"""Equations as LaTeX."""

from __future__ import annotations

from typing import Any


def aligned(lines: list[tuple[str, Any]]) -> str:
    r"""Equations ``left = right`` as one ``aligned`` block of LaTeX.

    >>> print(aligned([("x", 1)]))
    \begin{aligned}
    x &= 1
    \end{aligned}
    """
    import sympy

    rows = [rf"{left} &= {sympy.latex(right)}" for left, right in lines]
    return "\\begin{aligned}\n" + " \\\\\n".join(rows) + "\n\\end{aligned}"
