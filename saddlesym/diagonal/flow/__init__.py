"""Training flows of diagonal networks at finite α, which know nothing of the limiting path."""
