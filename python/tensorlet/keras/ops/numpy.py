"""`keras.ops.numpy`: a part of the names of `keras.ops`."""

from __future__ import annotations

from tensorlet.keras.lazy import lazy_names
from tensorlet.keras.ops.names import NUMPY, ON_SYMBOLS

__getattr__, __dir__ = lazy_names(__name__, NUMPY, on_symbols=ON_SYMBOLS)
