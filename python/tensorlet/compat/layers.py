"""Legacy arguments that every layer of Keras 2 accepts."""

from __future__ import annotations

import functools
import sys
from typing import TYPE_CHECKING, Any

from tensorlet.compat.deprecation import warn_legacy

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType

    from tensorlet.keras.layers.base import Layer


#: Maps arguments that every layer of Keras 2 accepts to their replacements.
EVERY_LAYER: dict[str, str] = {
    "input_dim": "{name}(input_shape=(...,)), or keras.Input(shape=(...,)) before it",
    "batch_input_shape": "keras.Input(batch_shape=...) before it",
    "weights": "layer.set_weights(...)",
}


def extend_base(layer: Any) -> Any:
    """Adds ``add_variable``, the name of ``add_weight`` in early versions of TensorFlow 2."""

    def add_variable(self: Layer, *args: Any, **kwargs: Any) -> Any:
        warn_legacy("layer.add_variable(...)", "layer.add_weight(...)")
        return self.add_weight(*args, **kwargs)

    layer.add_variable = add_variable
    return layer


def extend_options(plain: Callable[..., Any]) -> Callable[..., Any]:
    """Warns about the arguments in `EVERY_LAYER` if a program creates a layer with them."""

    @functools.wraps(plain)
    def take(layer: object, options: dict[str, Any]) -> Any:
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
