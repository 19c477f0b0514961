"""Statements as data, their assumptions, proofs, checks and verdicts."""
