"""Two layers: β = u ⊙ v."""
