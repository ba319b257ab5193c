"""Formats of files: what they look like on disk, with no knowledge of models."""
