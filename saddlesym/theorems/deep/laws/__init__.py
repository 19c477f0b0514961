"""Checks of the statements about deep linear networks."""
