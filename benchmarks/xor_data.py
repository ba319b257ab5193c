"""The initial weights for both sides of xor.py."""

from __future__ import annotations

import numpy as np

EPOCHS = 1000
ROWS = np.array([[0, 0], [0, 1], [1, 0], [1, 1]], np.float32)
LABELS = np.array([[0], [1], [1], [0]], np.float32)


def weights() -> list[np.ndarray]:
    """Kernel and bias of the hidden layer and of the output: a start from which XOR is learned."""
    generator = np.random.default_rng(3)
    hidden = generator.uniform(-0.77, 0.77, (2, 8)).astype(np.float32)
    output = generator.uniform(-0.82, 0.82, (8, 1)).astype(np.float32)
    return [hidden, np.zeros(8, np.float32), output, np.zeros(1, np.float32)]
