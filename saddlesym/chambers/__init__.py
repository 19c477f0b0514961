"""Chambers: where in the space of parameters of a family which sequence of saddles is the path."""
