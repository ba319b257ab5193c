"""File formats on disk, independent of models."""
