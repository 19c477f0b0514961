"""Figures: results in, matplotlib figures out; nothing is drawn on import."""
