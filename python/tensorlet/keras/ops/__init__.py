"""`keras.ops`: Keras 3's functions of tensors, with NumPy's names and rules.

On the tensors of a functional model they become layers.
"""

from __future__ import annotations

from tensorlet.keras.lazy import lazy_names
from tensorlet.keras.ops.names import LINALG, NN, NUMPY, ON_SYMBOLS, OTHERS, joined

_ABSENT = {
    "polar": "Complex numbers are not supported: keep the real and the imaginary part in two tensors.",
    "view_as_complex": "Complex numbers are not supported: keep the real and the imaginary part in two tensors.",
    "view_as_real": "Complex numbers are not supported: keep the real and the imaginary part in two tensors.",
}

__getattr__, __dir__ = lazy_names(
    __name__, joined(NUMPY, LINALG, NN, OTHERS), ("numpy", "nn", "linalg", "image"), _ABSENT, ON_SYMBOLS
)
