"""Values without a class of Keras in configurations of Keras 3: tuples, arrays, slices and so on."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from tensorlet import ops
from tensorlet.core.shape import TensorShape
from tensorlet.core.tensor import Tensor
from tensorlet.dtypes import DType
from tensorlet.errors import InvalidArgumentError

#: Stands for "not such a value".
OTHER = object()


def described(value: Any, describe: Callable[[Any], Any]) -> Any:
    """Returns a value as JSON values; `OTHER` if it has a class or is a function.

    Args:
        value: the value.
        describe: describes values inside of lists, tuples, dictionaries and slices.
    """
    if value is None or isinstance(value, str | bool | int | float):
        return value
    if isinstance(value, list):
        return [describe(item) for item in value]
    if isinstance(value, dict):
        return {key: describe(item) for key, item in value.items()}
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, DType):
        return value.name
    kind = _kind_of(value)
    return OTHER if kind is None else {"class_name": kind, "config": _config_of(value, describe)}


def _kind_of(value: Any) -> str | None:
    kinds: tuple[tuple[str, Any], ...] = (
        ("__tuple__", tuple | TensorShape), ("__bytes__", bytes), ("__numpy__", np.ndarray), ("__tensor__", Tensor),
        ("__slice__", slice), ("__ellipsis__", type(Ellipsis)),
    )  # fmt: skip
    return next((name for name, kind in kinds if isinstance(value, kind)), None)


def _config_of(value: Any, describe: Callable[[Any], Any]) -> dict[str, Any]:
    if isinstance(value, tuple | TensorShape):
        return {"value": [describe(item) for item in value]}
    if isinstance(value, bytes):
        return {"value": value.decode()}
    if isinstance(value, np.ndarray | Tensor):
        array = np.asarray(value)
        return {"value": array.tolist(), "dtype": array.dtype.name}
    if isinstance(value, slice):
        return {"start": describe(value.start), "stop": describe(value.stop), "step": describe(value.step)}
    return {}


def restored(config: dict[str, Any], restore: Callable[[Any], Any]) -> Any:
    """Returns the value of a dictionary that `described` made; `OTHER` for other dictionaries.

    Args:
        config: the dictionary.
        restore: restores values inside of it.

    Raises:
        InvalidArgumentError: if the dictionary holds code, or a part is missing.
    """
    kind, inner = config.get("class_name"), config.get("config") or {}
    if kind is None:
        return {key: restore(value) for key, value in config.items()}
    if kind == "__lambda__":
        raise InvalidArgumentError(
            "deserialize_keras_object: the configuration contains the code of a function, which is not run. Define the "
            "function with def, and pass custom_objects={name: function}."
        )
    if kind == "__ellipsis__":
        return Ellipsis
    if kind == "__slice__":
        return slice(restore(inner.get("start")), restore(inner.get("stop")), restore(inner.get("step")))
    if kind not in ("__tuple__", "__bytes__", "__numpy__", "__tensor__"):
        return OTHER
    if "value" not in inner:
        raise InvalidArgumentError(f"deserialize_keras_object: {config!r} has no 'value'.")
    value = inner["value"]
    if kind == "__tuple__":
        return tuple(restore(item) for item in value)
    if kind == "__bytes__":
        return value.encode()
    array = np.array(value, inner.get("dtype"))
    return array if kind == "__numpy__" else ops.identity(array)
