"""Critical points of deep linear networks, and the orbits between them."""
