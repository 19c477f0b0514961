"""Checks of the statements about diagonal networks."""
