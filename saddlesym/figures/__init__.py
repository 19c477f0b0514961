"""Figures: results in, matplotlib figures out; nothing is drawn on import."""

from __future__ import annotations

from saddlesym.lazy import attach

_PUBLIC = {
    "draw_escape": "saddlesym.figures.deep.escape",
    "draw_deep_flow": "saddlesym.figures.deep.flow",
    "draw_greedy": "saddlesym.figures.deep.greedy",
    "draw_initialisation": "saddlesym.figures.deep.initialisation",
    "draw_deep_saddles": "saddlesym.figures.deep.saddles",
    "draw_dual": "saddlesym.figures.diagonal.dual",
    "draw_flow": "saddlesym.figures.diagonal.flow",
    "draw_flows": "saddlesym.figures.diagonal.flows",
    "draw_jump_times": "saddlesym.figures.diagonal.flows",
    "draw_orbits": "saddlesym.figures.diagonal.orbits",
    "draw_path": "saddlesym.figures.diagonal.path",
    "draw_graph": "saddlesym.figures.graph",
    "draw_statements": "saddlesym.figures.statements",
    "save": "saddlesym.figures.style",
}
_MODULES = {
    "escape": "saddlesym.figures.deep.escape",
    "greedy": "saddlesym.figures.deep.greedy",
    "initialisation": "saddlesym.figures.deep.initialisation",
    "dual": "saddlesym.figures.diagonal.dual",
    "flow": "saddlesym.figures.diagonal.flow",
    "flows": "saddlesym.figures.diagonal.flows",
    "orbits": "saddlesym.figures.diagonal.orbits",
    "path": "saddlesym.figures.diagonal.path",
    "graph": "saddlesym.figures.graph",
    "statements": "saddlesym.figures.statements",
}

__getattr__, __dir__, __all__ = attach(__name__, _PUBLIC, _MODULES)
