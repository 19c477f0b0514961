"""What is stated of diagonal networks."""
