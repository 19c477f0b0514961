"""Where results go and how they look: files, tables, forms."""
