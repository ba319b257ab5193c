"""From probabilities back to the logits that they were made of, where they are still known."""

from __future__ import annotations

from typing import Any

from tensorlet.core.tensor import SymbolicTensor


def with_logits(probabilities: Any, logits: Any) -> Any:
    """The probabilities, which now know the logits that they were computed from; see `logits_for_loss`."""
    probabilities._keras_logits = logits
    return probabilities


def logits_for_loss(tensor: Any, activation: str, from_logits: bool) -> Any:
    """The logits from which a cross-entropy is computed; None if the tensor holds plain probabilities.

    As in TensorFlow, a result of Keras's softmax or sigmoid gives its logits to either kind of cross-entropy, also
    eagerly and with ``from_logits=True``: a softmax is never applied twice, and a sigmoid before a categorical
    cross-entropy counts as a softmax. In a trace, the operation that made the tensor counts in the same way.

    Args:
        tensor: the predictions.
        activation: ``"softmax"`` (over the last axis) or ``"sigmoid"``, which the loss goes with.
        from_logits: whether the user says that the predictions are logits.

    >>> import tensorlet as tf
    >>> from tensorlet.core.logits import logits_for_loss
    >>> probabilities = tf.keras.activations.sigmoid(tf.constant([2.0]))
    >>> logits_for_loss(probabilities, "softmax", from_logits=False).numpy()
    array([2.], dtype=float32)
    >>> logits_for_loss(tf.constant([0.5]), "softmax", from_logits=False) is None
    True
    """
    known = getattr(tensor, "_keras_logits", None)
    if known is None:
        known = logits_of(tensor, activation)
    return tensor if known is None and from_logits else known


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
