"""Conjectures of one's own: stated, tested on data, searched for their smallest counterexamples."""
