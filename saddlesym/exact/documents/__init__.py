"""Results as JSON documents, and documents as results again."""
