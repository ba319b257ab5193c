"""``tf.keras.layers.experimental``: where the preprocessing layers stood until 2021."""

from __future__ import annotations

import sys
from typing import Any

from tensorlet.keras import layers

#: ``experimental.preprocessing`` is this module as well: it has the same names.
preprocessing = sys.modules[__name__]


def __getattr__(name: str) -> Any:
    return getattr(layers, name)
