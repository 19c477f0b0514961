"""Measurements on seeded networks: initialisation, first path, jump times."""
