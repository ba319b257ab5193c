"""Attributes: messages for missing ones of tensors and variables, and the types of those that hold no variables."""

from __future__ import annotations

#: Attributes of NumPy arrays that programs look for, and what to write instead.
_INSTEAD = {
    "T": "tf.transpose(x)",
    "astype": "tf.cast(x, dtype)",
    "clip": "tf.clip_by_value(x, low, high)",
    "dot": "x @ y",
    "flatten": "tf.reshape(x, [-1])",
    "item": "float(x), or x.numpy().item()",
    "ravel": "tf.reshape(x, [-1])",
    "size": "tf.size(x)",
    "tolist": "x.numpy().tolist()",
    "transpose": "tf.transpose(x)",
    **{name: f"tf.{name}(x, ...)" for name in ("argmax", "argmin", "cumsum", "reshape", "round", "squeeze")},
    **{name: f"tf.reduce_{name}(x)" for name in ("all", "any", "max", "mean", "min", "prod", "sum")},
    "std": "tf.math.reduce_std(x)",
    "var": "tf.math.reduce_variance(x)",
}


def missing(kind: str, name: str) -> str:
    """The message for a missing attribute.

    Args:
        kind: what lacks the attribute: ``"tensor"`` or ``"variable"``.
        name: the name of the attribute.

    >>> missing("tensor", "astype")
    "A tensor has no attribute 'astype'. Write tf.cast(x, dtype)."
    """
    text = f"A {kind} has no attribute '{name}'."
    if name in _INSTEAD:
        return f"{text} Write {_INSTEAD[name]}."
    if name.startswith("assign"):
        return f"{text} Tensors are immutable: keep the value in a tf.Variable."
    return f"{text} It has shape, dtype, ndim and numpy(); functions of tensors are in tf, tf.math and tf.nn."


#: The types of most attributes of layers and metrics. They hold no variables.
PLAIN = frozenset({str, int, float, bool, type(None)})
