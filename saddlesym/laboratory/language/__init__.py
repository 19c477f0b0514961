"""The small language of laws: what it may speak of, how it is read, what it says of data."""
