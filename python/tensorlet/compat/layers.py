"""Legacy arguments of layers: those of Keras 1, and those that every layer of Keras 2 accepts."""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable
from types import FrameType
from typing import Any

from tensorlet.compat.deprecation import warn_legacy

_KERNEL_AND_BIAS = {
    "init": "kernel_initializer", "W_regularizer": "kernel_regularizer", "b_regularizer": "bias_regularizer",
    "W_constraint": "kernel_constraint", "b_constraint": "bias_constraint", "bias": "use_bias",
}  # fmt: skip
#: Maps a class to its arguments in Keras 1, and these to current ones; None for arguments without effect.
LAYER_ARGUMENTS: dict[str, dict[str, str | None]] = {
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
    "PReLU": {"init": "alpha_initializer"},
    "SpatialDropout1D": {"p": "rate"},
}  # fmt: skip

#: Maps arguments that every layer of Keras 2 accepts to their replacements.
EVERY_LAYER: dict[str, str] = {
    "input_dim": "{name}(input_shape=(...,)), or keras.Input(shape=(...,)) before it",
    "batch_input_shape": "keras.Input(batch_shape=...) before it",
    "weights": "layer.set_weights(...)",
}


def extend_layer(layer: Any) -> Any:
    """Makes a layer class accept the arguments in `LAYER_ARGUMENTS`, with a warning for each."""
    table = LAYER_ARGUMENTS.get(layer.__name__)
    if table is None or not layer.__module__.startswith("tensorlet."):
        return layer
    plain = layer.__init__

    @functools.wraps(plain)
    def init(self: Any, *args: Any, **kwargs: Any) -> None:
        for legacy in sorted(table.keys() & kwargs.keys()):
            current, value = table[legacy], kwargs.pop(legacy)
            name = layer.__name__
            warn_legacy(f"{name}({legacy}=...)", f"{name}({f'{current}=...' if current else ''})")
            if current:
                kwargs[current] = value
        plain(self, *args, **kwargs)

    layer.__init__ = init
    return layer


def extend_base(layer: Any) -> Any:
    """Adds ``add_variable``, the name of ``add_weight`` in early versions of TensorFlow 2."""

    def add_variable(self: Any, *args: Any, **kwargs: Any) -> Any:
        warn_legacy("layer.add_variable(...)", "layer.add_weight(...)")
        return self.add_weight(*args, **kwargs)

    layer.add_variable = add_variable
    return layer


def extend_options(plain: Callable[..., Any]) -> Callable[..., Any]:
    """Warns about the arguments in `EVERY_LAYER` if a program creates a layer with them."""

    @functools.wraps(plain)
    def take(layer: Any, options: dict[str, Any]) -> Any:
        if options and not EVERY_LAYER.keys().isdisjoint(options) and not _created_by_tensorlet():
            name = type(layer).__name__
            for legacy in sorted(EVERY_LAYER.keys() & options.keys()):
                warn_legacy(f"{name}({legacy}=...)", EVERY_LAYER[legacy].format(name=name))
        return plain(layer, options)

    return take


def _created_by_tensorlet() -> bool:
    """Whether Tensorlet itself, rather than the program, creates the layer whose ``__init__`` is running."""
    frame: FrameType | None = sys._getframe(2)
    while frame is not None and frame.f_code.co_name in ("__init__", "init", "take"):
        frame = frame.f_back
    return frame is not None and str(frame.f_globals.get("__name__", "")).startswith("tensorlet.")
