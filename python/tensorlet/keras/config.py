"""Global settings of Keras: the float dtype of new layers, and epsilon."""

from __future__ import annotations

from tensorlet.errors import DTypeError

#: The Keras version whose API and printed output Tensorlet follows.
KERAS_VERSION = "2.15.0"
_FLOATS = ("float16", "float32", "float64")
_settings: dict[str, object] = {"floatx": "float32", "epsilon": 1e-7, "image_data_format": "channels_last"}


def floatx() -> str:
    """Returns the dtype of the weights of new layers, ``"float32"`` unless changed with `set_floatx`."""
    return str(_settings["floatx"])


def set_floatx(value: str) -> None:
    """Sets the dtype of the weights of new layers.

    Raises:
        DTypeError: if it is not float16, float32 or float64.
    """
    if value not in _FLOATS:
        raise DTypeError(f"set_floatx: got {value!r}, expected one of {', '.join(_FLOATS)}.")
    _settings["floatx"] = value


def epsilon() -> float:
    """Returns the constant that keeps logarithms and quotients finite, ``1e-7`` unless changed with `set_epsilon`."""
    return float(_settings["epsilon"])  # type: ignore[arg-type]


def set_epsilon(value: float) -> None:
    """Sets the constant that keeps logarithms and quotients finite."""
    _settings["epsilon"] = float(value)


def image_data_format() -> str:
    """Returns the position of the channel axis of images: ``"channels_last"``."""
    return str(_settings["image_data_format"])


def set_image_data_format(data_format: str) -> None:
    """Accepts ``"channels_last"``, the only supported format.

    Raises:
        ValueError: for any other format.
    """
    if data_format != "channels_last":
        raise ValueError(
            f"set_image_data_format: got {data_format!r}, but only 'channels_last' is supported: the channels are "
            "the last axis of an image. Transpose the data: np.moveaxis(x, 1, -1)."
        )
