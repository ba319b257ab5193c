"""Feeds damaged files to every reader: whatever is in a file, only an error that explains may come out."""
