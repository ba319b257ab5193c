"""The columns of a table: what kind each is, and its encoding as numbers."""
