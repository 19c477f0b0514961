"""Plain restatements for the checks: no code is shared with the solver."""
