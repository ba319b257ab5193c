"""Legacy arguments of layers, regularizers and callbacks, which are accepted with a warning."""

from __future__ import annotations

import functools
from typing import Any

from tensorlet.compat.deprecation import warn_legacy

_KERNEL_AND_BIAS: dict[str, str | None] = {
    "init": "kernel_initializer", "W_regularizer": "kernel_regularizer", "b_regularizer": "bias_regularizer",
    "W_constraint": "kernel_constraint", "b_constraint": "bias_constraint", "bias": "use_bias",
}  # fmt: skip
_RECURRENT: dict[str, str | None] = {
    **_KERNEL_AND_BIAS, "output_dim": "units", "inner_init": "recurrent_initializer",
    "inner_activation": "recurrent_activation", "forget_bias_init": None, "U_regularizer": "recurrent_regularizer",
    "dropout_W": "dropout", "dropout_U": "recurrent_dropout", "consume_less": None,
}  # fmt: skip
_ORDER: dict[str, str | None] = {"dim_ordering": "data_format"}
_PICTURES: dict[str, str | None] = {"border_mode": "padding", **_ORDER}
_FILTERS: dict[str, str | None] = {
    **_KERNEL_AND_BIAS, **_PICTURES, "nb_filter": "filters", "subsample": "strides", "atrous_rate": "dilation_rate",
}  # fmt: skip
#: Maps a class to its legacy arguments, and these to current ones; None for arguments without effect.
CLASS_ARGUMENTS: dict[str, dict[str, str | None]] = {
    "AlphaDropout": {"p": "rate"},
    "AveragePooling1D": {**_PICTURES, "pool_length": "pool_size", "stride": "strides"},
    "AveragePooling2D": _PICTURES,
    "BatchNormalization": {
        "mode": None, "gamma_init": "gamma_initializer", "beta_init": "beta_initializer",
    },
    "Conv1D": {**_FILTERS, "filter_length": "kernel_size", "subsample_length": "strides"},
    "Conv2D": _FILTERS,
    "Conv2DTranspose": {**_FILTERS, "output_shape": None},
    "Cropping2D": _ORDER,
    "Dense": {"output_dim": "units", "nb_outputs": "units", **_KERNEL_AND_BIAS},
    "Dropout": {"p": "rate"},
    "Embedding": {
        "init": "embeddings_initializer", "W_regularizer": "embeddings_regularizer",
        "W_constraint": "embeddings_constraint", "dropout": None,
    },
    "GaussianDropout": {"p": "rate"},
    "GRU": _RECURRENT,
    "GaussianNoise": {"sigma": "stddev"},
    "GlobalAveragePooling2D": _ORDER,
    "GlobalMaxPooling2D": _ORDER,
    "L1": {"l": "l1"},
    "L2": {"l": "l2"},
    "LSTM": _RECURRENT,
    "MaxPooling1D": {**_PICTURES, "pool_length": "pool_size", "stride": "strides"},
    "MaxPooling2D": _PICTURES,
    "PReLU": {"init": "alpha_initializer"},
    "ReduceLROnPlateau": {"epsilon": "min_delta"},
    "SeparableConv2D": {
        **_PICTURES, "nb_filter": "filters", "subsample": "strides", "bias": "use_bias",
        "depthwise_init": "depthwise_initializer", "pointwise_init": "pointwise_initializer",
    },
    "SimpleRNN": {name: current for name, current in _RECURRENT.items() if name != "inner_activation"},
    "SpatialDropout1D": {"p": "rate"},
    "SpatialDropout2D": {"p": "rate", **_ORDER},
    "TensorBoard": {
        "batch_size": None, "embeddings_data": None, "embeddings_layer_names": None, "write_grads": None,
    },
    "UpSampling1D": {"length": "size"},
    "UpSampling2D": _ORDER,
    "ZeroPadding2D": _PICTURES,
}  # fmt: skip
#: Maps legacy values to current ones, by legacy argument.
_VALUES: dict[str, dict[object, object]] = {
    "dim_ordering": {"tf": "channels_last", "th": "channels_first", "default": None}
}


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
                kwargs[current] = _VALUES[legacy].get(value, value) if legacy in _VALUES else value
        if "nb_filter" in table and {"nb_row", "nb_col"} <= kwargs.keys():
            warn_legacy(f"{owner.__name__}(nb_row=..., nb_col=...)", f"{owner.__name__}(kernel_size=...)")
            kwargs["kernel_size"] = (kwargs.pop("nb_row"), kwargs.pop("nb_col"))
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
