"""The Keras-shaped names, each part imported when it is first used."""

from __future__ import annotations

import importlib
from types import ModuleType

from tensorlet.errors import UnknownNameError, did_you_mean

_PARTS = ("datasets",)


def __getattr__(name: str) -> ModuleType:
    if name in _PARTS:
        return importlib.import_module(f"{__name__}.{name}")
    if name.startswith("__"):
        raise AttributeError(name)  # Python itself asks: __path__, __wrapped__ and the like
    raise UnknownNameError(
        f"tf.keras.{name} is not part of Tensorlet; tf.keras has: {', '.join(_PARTS)}."
        + did_you_mean(name, _PARTS)
    )


def __dir__() -> list[str]:
    return sorted([*globals(), *_PARTS])
