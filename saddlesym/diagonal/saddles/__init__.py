"""The saddles of a diagonal network, their stability, and the position of the columns."""
