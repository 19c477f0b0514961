"""Depth D ≥ 3."""
