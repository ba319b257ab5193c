"""The computation of one step: losses, metrics, gradients and their traced functions."""
