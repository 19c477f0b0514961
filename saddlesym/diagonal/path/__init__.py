"""The exact saddle path of a diagonal network: minimisers, transitions, jumps, chains, rates."""
