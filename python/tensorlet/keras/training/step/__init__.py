"""What one step computes: losses, metrics, gradients and the traced functions of them."""
