"""Figures of deep linear networks."""
