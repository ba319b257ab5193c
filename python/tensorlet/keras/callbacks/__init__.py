"""`tf.keras.callbacks`: what is told how training goes, and may stop or change it."""

from __future__ import annotations

from tensorlet.keras.callbacks.callback import Callback, CallbackList
from tensorlet.keras.callbacks.checkpoints import BackupAndRestore, ModelCheckpoint
from tensorlet.keras.callbacks.control import (
    EarlyStopping,
    LambdaCallback,
    LearningRateScheduler,
    ReduceLROnPlateau,
    TerminateOnNaN,
)
from tensorlet.keras.callbacks.history import BaseLogger, CSVLogger, History, ProgbarLogger

__all__ = [
    "BackupAndRestore", "BaseLogger", "CSVLogger", "Callback", "CallbackList", "EarlyStopping", "History",
    "LambdaCallback", "LearningRateScheduler", "ModelCheckpoint", "ProgbarLogger", "ReduceLROnPlateau",
    "TerminateOnNaN",
]  # fmt: skip
