"""The optimizers by name; each file adds its own."""

from __future__ import annotations

from tensorlet.keras.registry import Registry

OPTIMIZERS = Registry("optimizer", "keras.optimizers")
