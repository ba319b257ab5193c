"""Global settings of Keras: the float dtype of new layers, and epsilon."""

from __future__ import annotations

import importlib
from typing import Any

from tensorlet.dtypes import DType, float32, float64
from tensorlet.errors import DTypeError, did_you_mean
from tensorlet.keras import dtype_policies
from tensorlet.keras.dtype_policies import DTypePolicy

#: The Keras version whose API and printed output Tensorlet follows.
KERAS_VERSION = "2.15.0"
_FLOATS = ("float16", "float32", "float64")
_settings: dict[str, object] = {
    "floatx": "float32",
    "dtype_policy": None,
    "epsilon": 1e-7,
    "image_data_format": "channels_last",
}


def floatx() -> str:
    """Returns the dtype of the weights of new layers, ``"float32"`` unless changed with `set_floatx`."""
    return str(_settings["floatx"])


def float_dtype() -> DType:
    """Returns the dtype of data, metrics and learning rates: float64 after ``set_floatx("float64")``, else float32.

    >>> from tensorlet.keras.config import float_dtype
    >>> float_dtype()
    tf.float32
    """
    return float64 if _settings["floatx"] == "float64" else float32


def set_floatx(value: str) -> None:
    """Sets the dtype of the weights of new layers.

    Raises:
        DTypeError: if it is not float16, float32 or float64.
    """
    if value not in _FLOATS:
        raise DTypeError(f"set_floatx: got {value!r}, expected one of {', '.join(_FLOATS)}.")
    _settings["floatx"] = value


def dtype_policy() -> DTypePolicy:
    """The dtype policy of new layers: that of `set_dtype_policy`, or else of `floatx`.

    >>> import tensorlet as tf
    >>> tf.keras.config.dtype_policy()
    <DTypePolicy "float32">
    """
    return dtype_policies.get(_settings["dtype_policy"] or floatx())


def set_dtype_policy(policy: object) -> None:
    """Sets the dtype policy of new layers.

    Args:
        policy: a name such as ``"float32"`` or ``"mixed_float16"``, or a policy; None for that of `floatx`.

    Raises:
        InvalidArgumentError: if there is no such policy.
    """
    _settings["dtype_policy"] = None if policy is None else dtype_policies.get(policy)


def dtype_of_layers() -> str:
    """The dtype of new layers."""
    policy = _settings["dtype_policy"]
    return floatx() if policy is None else dtype_policies.dtype_of(policy)


def backend() -> str:
    """What computes: ``"tensorflow"``, whose names and meanings these are."""
    return "tensorflow"


def set_backend(backend: str) -> None:
    """Accepts ``"tensorflow"``.

    Raises:
        ValueError: for another backend.
    """
    if backend != "tensorflow":
        raise ValueError(
            f"set_backend: got {backend!r}, but Keras has one backend here, 'tensorflow'. TENSORLET_BACKEND chooses "
            "what compiled functions run on."
        )


def enable_traceback_filtering() -> None:
    """Accepted without effect: tracebacks show all frames, and messages name the line of the program."""


disable_traceback_filtering = enable_traceback_filtering


def is_traceback_filtering_enabled() -> bool:
    """Whether tracebacks leave out frames: never."""
    return False


def enable_unsafe_deserialization() -> None:
    """Refused: loading a model never runs code from the file.

    Raises:
        ValueError: always.
    """
    raise ValueError(
        "enable_unsafe_deserialization: loading a model never runs code from its file here. Give own functions by "
        "name: load_model(path, custom_objects={'name': function})."
    )


def max_epochs() -> int | None:
    """The most epochs of a `fit`; None for no limit."""
    return None


def max_steps_per_epoch() -> int | None:
    """The most steps of an epoch; None for no limit."""
    return None


def epsilon() -> float:
    """Returns the constant that keeps logarithms and quotients finite, ``1e-7`` unless changed with `set_epsilon`."""
    return float(_settings["epsilon"])  # type: ignore[arg-type]


def set_epsilon(value: float) -> None:
    """Sets the constant that keeps logarithms and quotients finite."""
    _settings["epsilon"] = float(value)


def image_data_format() -> str:
    """Returns the default position of the channel axis: ``"channels_last"`` or ``"channels_first"``."""
    return str(_settings["image_data_format"])


def set_image_data_format(data_format: str) -> None:
    """Sets the default position of the channel axis for layers of images.

    Args:
        data_format: ``"channels_last"``, or ``"channels_first"``, for which layers transpose their inputs and outputs.

    Raises:
        ValueError: for any other format.
    """
    if data_format not in ("channels_last", "channels_first"):
        raise ValueError(
            f"set_image_data_format: got {data_format!r}, but 'channels_last' or 'channels_first' is expected."
        )
    _settings["image_data_format"] = data_format


def enable_flash_attention() -> None:
    """Allows flash attention. It changes nothing: attention here has one form, which gives the same numbers."""
    _settings["flash_attention"] = True


def disable_flash_attention() -> None:
    """Forbids flash attention; see `enable_flash_attention`."""
    _settings["flash_attention"] = False


def is_flash_attention_enabled() -> bool:
    """Returns whether `enable_flash_attention` was called last.

    >>> import tensorlet as tf
    >>> tf.keras.config.is_flash_attention_enabled()
    False
    """
    return bool(_settings.get("flash_attention", False))


#: Names of Keras 3's ``config`` that are defined in ``keras.utils``, where Keras 2 has them.
_IN_UTILS = ("disable_interactive_logging", "enable_interactive_logging", "is_interactive_logging_enabled")


def __getattr__(name: str) -> Any:
    if name in _IN_UTILS:
        return getattr(importlib.import_module("tensorlet.keras.utils"), name)
    raise AttributeError(
        f"tf.keras.config.{name} is not part of Tensorlet.{did_you_mean(name, __dir__())}", name=name
    )


def __dir__() -> list[str]:
    own = [name for name, value in globals().items() if getattr(value, "__module__", "") == __name__]
    return sorted({*own, *_IN_UTILS} - {"dtype_of_layers"})
