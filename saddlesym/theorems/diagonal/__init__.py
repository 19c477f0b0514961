"""Statements about diagonal networks."""
