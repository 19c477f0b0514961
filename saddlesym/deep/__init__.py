"""Deep linear networks: cost, problem, saddles of increasing rank, escape from the origin."""
