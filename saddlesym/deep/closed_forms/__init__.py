"""Deep flows that have a closed form."""
