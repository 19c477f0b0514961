"""What a saved result looks like, field by field."""
