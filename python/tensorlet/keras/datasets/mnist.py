"""MNIST under its Keras name: ``from tensorlet.keras.datasets.mnist import load_data``."""

from __future__ import annotations

from tensorlet.datasets.mnist import load_data

__all__ = ["load_data"]
