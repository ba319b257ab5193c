"""Models that are trained together: each has its own weights, learning rate and seed, and all read the same data."""
