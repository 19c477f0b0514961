"""Figures of diagonal networks."""
