"""Rational functions of named parameters."""
