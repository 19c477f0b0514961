"""Heteroclinic orbits of a diagonal network: what happens inside a jump."""
