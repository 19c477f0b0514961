"""What is stated of deep linear networks."""
