"""`keras.ops.image`: functions of pictures."""

from __future__ import annotations

from tensorlet.keras.lazy import lazy_names
from tensorlet.keras.ops.names import IMAGE, IMAGE_MODULES

_ABSENT = {"extract_patches_3d": "Volumes are not supported: extract patches of their slices."}

__getattr__, __dir__ = lazy_names(__name__, IMAGE, absent=_ABSENT, on_symbols=IMAGE_MODULES)
