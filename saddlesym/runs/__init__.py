"""Training runs of users, held against the theory at their own α and step."""
