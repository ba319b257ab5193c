"""What `experimental_enable_numpy_behavior` makes of mixed dtypes, of methods and of indices."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np

DTYPES = ("bool", "uint8", "int8", "int16", "int32", "int64", "uint16", "float16", "float32", "float64")
#: The mode, and whether float32 is preferred.
MODES = (("legacy", False), ("legacy", True), ("all", False), ("safe", False))
NUMBERS = {
    "integer": 2,
    "large": 300,
    "float": 1.5,
    "NumPy's float": np.float64(1),
    "NumPy's integer": np.int64(1),
}
EXPRESSIONS = (
    "x.T", "x.reshape(4)", "x.reshape(-1, 1)", "x.reshape((4, 1))", "x.astype('int32')", "x.ravel()", "x.flatten()",
    "x.transpose()", "x.transpose((1, 0))", "x.clip(2, 3)", "x.max()", "x.max(axis=0)", "x.min(1)", "x.mean()",
    "i.mean()", "i.mean(axis=1)", "x.size", "x.tolist()", "x[[1, 0]]", "x[[0, 1], [1, 0]]", "x[x > 2]", "x[:, None]",
    "x[[True, False]]", "x[i[0, 0]]", "x + i", "i + x", "x @ i", "i / 2", "i ** 0.5", "i < x", "x == i", "i & 1",
    "np.ones(2) + x", "x - [1, 2]", "-i", "i // 2", "v * i", "v + 1",
)  # fmt: skip


def results(tf: Any, mode: str, prefer_float32: bool) -> dict[str, Any]:
    """Dtypes of products and sums; in the first mode the values of the expressions, too."""
    tf.experimental.numpy.experimental_enable_numpy_behavior(prefer_float32, mode)
    ones = {dtype: tf.cast(tf.constant(1), dtype) for dtype in DTYPES}
    found: dict[str, Any] = {}
    for one, other in itertools.combinations_with_replacement(DTYPES, 2):
        if other != "bool":
            found[f"{one} {other}"] = _dtype(lambda a=one, b=other: ones[a] * ones[b])
    for dtype in DTYPES[1:]:
        for name, number in NUMBERS.items():
            found[f"{dtype} {name}"] = _dtype(lambda a=dtype, b=number: ones[a] + b)
    if (mode, prefer_float32) == MODES[0]:
        names = {"x": tf.constant([[1.0, 2.0], [3.0, 4.0]]), "i": tf.constant([[1, 2], [3, 4]]), "np": np}
        names["v"] = tf.Variable([1.0, 2.0])
        for text in EXPRESSIONS:
            value = eval(text, names)
            found[text] = [getattr(getattr(value, "dtype", None), "name", None), np.asarray(value).tolist()]
    return found


def _dtype(compute: Any) -> str:
    try:
        return str(compute().dtype.name)
    except (TypeError, ValueError) as error:
        return "TypeError" if isinstance(error, TypeError) else type(error).__name__
