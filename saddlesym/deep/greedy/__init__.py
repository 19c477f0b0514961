"""The greedy low-rank conjecture: its path, the jump times it predicts, and flows beside it."""
