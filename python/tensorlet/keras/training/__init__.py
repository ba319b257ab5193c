"""Training, evaluating and predicting: what `Model` gets from its `Trainer` half."""

from __future__ import annotations

from tensorlet.keras.training.trainer import Trainer

__all__ = ["Trainer"]
