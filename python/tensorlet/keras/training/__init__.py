"""Training, evaluation and prediction: the methods that `Model` inherits from `Trainer`."""

from __future__ import annotations

from tensorlet.keras.training.trainer import Trainer

__all__ = ["Trainer"]
