"""Linear algebra over the rationals, and in balls."""
