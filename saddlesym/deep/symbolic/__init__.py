"""Deep linear networks of explicit small size, symbolically."""
