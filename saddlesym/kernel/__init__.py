"""Coq's kernel: the theory it has checked, and paths of the user's data that it checks anew."""
