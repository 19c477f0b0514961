"""Deep saddles from the data alone."""
