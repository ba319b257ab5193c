"""`tf.keras.callbacks`: what is told how training goes, and may stop or change it."""

from __future__ import annotations

from tensorlet.keras.lazy import lazy_names

_PLACES = {
    "tensorlet.keras.callbacks.callback": "Callback CallbackList",
    "tensorlet.keras.callbacks.checkpoints": "BackupAndRestore ModelCheckpoint",
    "tensorlet.keras.callbacks.control": "EarlyStopping LambdaCallback LearningRateScheduler ReduceLROnPlateau "
    "TerminateOnNaN",
    "tensorlet.keras.callbacks.history": "BaseLogger CSVLogger History ProgbarLogger",
    "tensorlet.keras.callbacks.tensorboard": "TensorBoard",
}

__getattr__, __dir__ = lazy_names(__name__, _PLACES)
