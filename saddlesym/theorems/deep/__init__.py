"""Statements about deep linear networks."""
