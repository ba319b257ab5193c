"""Legacy arguments of layers, regularizers and callbacks, which are accepted with a warning."""

from __future__ import annotations

import functools
from typing import Any

from tensorlet.compat.deprecation import warn_legacy

_KERNEL_AND_BIAS = {
    "init": "kernel_initializer", "W_regularizer": "kernel_regularizer", "b_regularizer": "bias_regularizer",
    "W_constraint": "kernel_constraint", "b_constraint": "bias_constraint", "bias": "use_bias",
}  # fmt: skip
#: Maps a class to its legacy arguments, and these to current ones; None for arguments without effect.
CLASS_ARGUMENTS: dict[str, dict[str, str | None]] = {
    "AlphaDropout": {"p": "rate"},
    "BatchNormalization": {
        "mode": None, "gamma_init": "gamma_initializer", "beta_init": "beta_initializer",
    },
    "Dense": {"output_dim": "units", "nb_outputs": "units", **_KERNEL_AND_BIAS},
    "Dropout": {"p": "rate"},
    "Embedding": {
        "init": "embeddings_initializer", "W_regularizer": "embeddings_regularizer",
        "W_constraint": "embeddings_constraint", "dropout": None,
    },
    "GaussianDropout": {"p": "rate"},
    "GaussianNoise": {"sigma": "stddev"},
    "L1": {"l": "l1"},
    "L2": {"l": "l2"},
    "PReLU": {"init": "alpha_initializer"},
    "ReduceLROnPlateau": {"epsilon": "min_delta"},
    "SpatialDropout1D": {"p": "rate"},
    "TensorBoard": {
        "batch_size": None, "embeddings_data": None, "embeddings_layer_names": None, "write_grads": None,
    },
}  # fmt: skip


def extend_class(owner: Any) -> Any:
    """Makes a class accept the arguments in `CLASS_ARGUMENTS`, with a warning for each."""
    table = CLASS_ARGUMENTS.get(owner.__name__)
    if table is None or not owner.__module__.startswith("tensorlet."):
        return owner
    plain = owner.__init__

    @functools.wraps(plain)
    def init(self: object, *args: Any, **kwargs: Any) -> None:
        for legacy in sorted(table.keys() & kwargs.keys()):
            current, value = table[legacy], kwargs.pop(legacy)
            name = owner.__name__
            warn_legacy(f"{name}({legacy}=...)", f"{name}({f'{current}=...' if current else ''})")
            if current:
                kwargs[current] = value
        plain(self, *args, **kwargs)

    owner.__init__ = init
    return owner


def extend_callback(callback: Any) -> Any:
    """Makes a callback accept its arguments in `CLASS_ARGUMENTS`, and `ModelCheckpoint` also ``period``."""
    extended = extend_class(callback)
    if extended.__name__ != "ModelCheckpoint" or not extended.__module__.startswith("tensorlet."):
        return extended
    plain = extended.__init__

    @functools.wraps(plain)
    def init(self: Any, *args: Any, period: int = 1, **kwargs: Any) -> None:
        if period != 1:
            warn_legacy("ModelCheckpoint(period=...)", "ModelCheckpoint(save_freq=...), a number of batches")
        plain(self, *args, **kwargs)
        self.period = period

    extended.__init__ = init
    return extended
