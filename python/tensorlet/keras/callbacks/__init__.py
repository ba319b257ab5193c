"""`tf.keras.callbacks`: objects whose methods are called during training, and which may stop or change it."""

from __future__ import annotations

from tensorlet.keras.lazy import lazy_names

#: Classes that `fit` itself uses are defined with the training loop.
_PLACES = {
    "tensorlet.keras.training.report.callback": "Callback",
    "tensorlet.keras.training.report.callback_list": "CallbackList",
    "tensorlet.keras.training.report.history": "History",
}

_ABSENT = {
    "OrbaxCheckpoint": "Orbax is JAX's form of checkpoints. Use ModelCheckpoint(path), which saves the model or its "
    "weights while it trains, or BackupAndRestore(folder), which continues a training that was interrupted.",
    "SidecarEvaluatorModelExport": "It serves several machines. Use ModelCheckpoint(path, save_best_only=True).",
}

__getattr__, __dir__ = lazy_names(__name__, _PLACES, absent=_ABSENT, kind="callback")
