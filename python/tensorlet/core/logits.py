"""From probabilities back to the logits that they were made of, where the trace still knows them."""

from __future__ import annotations

from typing import Any

from tensorlet.core.tensor import SymbolicTensor


def logits_of(tensor: Any, activation: str) -> SymbolicTensor | None:
    """What went into the softmax or sigmoid that made a tensor.

    A loss computed from logits neither overflows nor loses digits, so a traced loss
    looks for them. Run eagerly, a tensor does not know where it comes from.

    Args:
        tensor: the probabilities.
        activation: ``"softmax"`` (over the last axis) or ``"sigmoid"``.

    Returns:
        The logits, or None where the tensor is eager or comes from anything else.

    >>> import tensorlet as tf
    >>> from tensorlet.core.logits import logits_of
    >>> logits_of(tf.nn.softmax([1.0, 2.0]), "softmax") is None
    True
    >>> @tf.function
    ... def back(scores):
    ...     return logits_of(tf.nn.softmax(scores), "softmax")
    >>> back(tf.constant([1.0, 2.0])).numpy()
    array([1., 2.], dtype=float32)
    """
    if not isinstance(tensor, SymbolicTensor) or not tensor.node.is_op(activation):
        return None
    logits: SymbolicTensor = tensor.trace.tensor_of(tensor.node.inputs[0])
    return logits
