"""Diagonal linear networks: problem, minimisers, saddles and the saddle path."""
