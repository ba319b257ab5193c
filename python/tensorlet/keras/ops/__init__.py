"""`keras.ops`: Keras 3's functions of tensors, with NumPy's names and rules.

On the tensors of a functional model they become layers.
"""

from __future__ import annotations

from tensorlet.keras.lazy import lazy_names
from tensorlet.keras.ops.names import LINALG, NN, NUMPY, ON_SYMBOLS, OTHERS, joined

_ABSENT = {
    "conv": "Use the layers Conv1D, Conv2D and Conv3D.",
    "fft": "Complex numbers are not supported: use numpy.fft on the data.",
    "rfft": "Complex numbers are not supported: use numpy.fft on the data.",
}

__getattr__, __dir__ = lazy_names(
    __name__, joined(NUMPY, LINALG, NN, OTHERS), ("numpy", "nn", "linalg"), _ABSENT, ON_SYMBOLS
)
