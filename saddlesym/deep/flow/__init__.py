"""Training flows of all layers, which know nothing of saddles and of the greedy path."""
