"""Certificates: what a result claims is checked from its data alone, with nothing of the solver."""
