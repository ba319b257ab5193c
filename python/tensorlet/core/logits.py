"""Recovers the logits from which probabilities were computed, where they are known."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tensorlet.core.tensor import SymbolicTensor

if TYPE_CHECKING:
    from tensorlet.core.tensor import Tensor


def with_logits(probabilities: Tensor, logits: Tensor) -> Any:
    """Returns the probabilities, with the logits from which they were computed attached; see `logits_for_loss`."""
    probabilities._keras_logits = logits
    return probabilities


def logits_for_loss(tensor: object, activation: str, from_logits: bool) -> Any:
    """Returns the logits from which to compute a cross-entropy; None if the tensor contains plain probabilities.

    As in TensorFlow, the output of Keras's softmax or sigmoid provides its logits to both kinds of cross-entropy, also
    eagerly and with ``from_logits=True``: a softmax is never applied twice, and a sigmoid before a categorical
    cross-entropy is treated as a softmax. In a trace, the operation that created the tensor is treated the same way.

    Args:
        tensor: the predictions.
        activation: ``"softmax"`` (over the last axis) or ``"sigmoid"``, to which the loss belongs.
        from_logits: whether the user declared the predictions as logits.

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


def logits_of(tensor: object, activation: str) -> SymbolicTensor | None:
    """Returns the input of the softmax or sigmoid that created a tensor.

    A loss computed from logits neither overflows nor loses precision, so a traced loss
    uses them. An eager tensor does not know its origin.

    Args:
        tensor: the probabilities.
        activation: ``"softmax"`` (over the last axis) or ``"sigmoid"``.

    Returns:
        The logits, or None if the tensor is eager or was created by another operation.

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
