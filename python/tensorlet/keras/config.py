"""Settings that hold for all of Keras: the float type of new layers, and the small number epsilon."""

from __future__ import annotations

from tensorlet.errors import DTypeError

#: The version of Keras whose spellings and printed forms these are.
KERAS_VERSION = "2.15.0"
_FLOATS = ("float16", "float32", "float64")
_settings: dict[str, object] = {"floatx": "float32", "epsilon": 1e-7, "image_data_format": "channels_last"}


def floatx() -> str:
    """The dtype of the weights of new layers, ``"float32"`` unless `set_floatx` changed it."""
    return str(_settings["floatx"])


def set_floatx(value: str) -> None:
    """Sets the dtype of the weights of new layers.

    Raises:
        DTypeError: if it is none of float16, float32, float64.
    """
    if value not in _FLOATS:
        raise DTypeError(f"set_floatx: got {value!r}, expected one of {', '.join(_FLOATS)}.")
    _settings["floatx"] = value


def epsilon() -> float:
    """The small number that keeps logarithms and quotients finite, ``1e-7`` unless `set_epsilon` changed it."""
    return float(_settings["epsilon"])  # type: ignore[arg-type]


def set_epsilon(value: float) -> None:
    """Sets the small number that keeps logarithms and quotients finite."""
    _settings["epsilon"] = float(value)


def image_data_format() -> str:
    """Where an image's colours stand: ``"channels_last"``."""
    return str(_settings["image_data_format"])


def set_image_data_format(data_format: str) -> None:
    """Accepts ``"channels_last"``, the one order that there is.

    Raises:
        ValueError: for another order.
    """
    if data_format != "channels_last":
        raise ValueError(
            f"set_image_data_format: got {data_format!r}, but images have their colours on the last axis here "
            "('channels_last'). Transpose the data: np.moveaxis(x, 1, -1)."
        )
