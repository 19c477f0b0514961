"""Diagonal networks with symbolic data: saddle conditions, paths and where they are taken."""
