"""Cross-entropies from logits, and the L2 loss."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tensorlet.errors import InvalidArgumentError, ShapeError
from tensorlet.ops.arguments import require_dtype
from tensorlet.ops.registry import Tensor, TensorLike, convert, functions

if TYPE_CHECKING:
    from tensorlet.type_aliases import AxisLike


def _shapes(function: str, labels: Tensor, logits: Tensor) -> str:
    """The first words of a message about shapes."""
    return f"{function}: labels have shape {tuple(labels.shape)} and logits {tuple(logits.shape)}"


def softmax_cross_entropy_with_logits(
    labels: TensorLike, logits: TensorLike, axis: AxisLike = -1, name: str | None = None
) -> Tensor:
    """``-sum(labels * log(softmax(logits)))`` for each row.

    Args:
        labels: probabilities of the classes, often one-hot, of the shape of ``logits``;
            integers are converted to floats.
        logits: scores before the softmax, float.
        axis: the axis of the classes.
        name: ignored.

    Returns:
        One loss per row: the shape of ``logits`` without the axis.

    Raises:
        ShapeError: if the shapes differ; for class indices see
            `sparse_softmax_cross_entropy_with_logits`.

    >>> import tensorlet as tf
    >>> print(tf.nn.softmax_cross_entropy_with_logits([[0.0, 1.0]], [[1.0, 2.0]]).numpy().round(4))
    [0.3133]
    """
    function = "tf.nn.softmax_cross_entropy_with_logits"
    logits = convert(logits)
    labels = functions.cast(labels, logits.dtype)
    if len(labels.shape) != len(logits.shape):
        raise ShapeError(
            f"{_shapes(function, labels, logits)}, but each row needs one label per class. "
            "Write tf.one_hot(labels, classes), or for class indices use "
            "tf.nn.sparse_softmax_cross_entropy_with_logits."
        )
    pairs = zip(labels.shape, logits.shape, strict=True)
    if any(one != other and one != 1 and other != 1 for one, other in pairs):
        raise ShapeError(
            f"{_shapes(function, labels, logits)}, but they should be equal. "
            "Check the number of rows and of classes."
        )
    return -functions.reduce_sum(labels * functions.log_softmax(logits, axis), axis=axis)


def sparse_softmax_cross_entropy_with_logits(
    labels: TensorLike, logits: TensorLike, name: str | None = None
) -> Tensor:
    """``-log(softmax(logits)[label])`` for each row.

    Args:
        labels: class indices, of the shape of ``logits`` without its last axis.
        logits: scores before the softmax, float, classes on the last axis.
        name: ignored.

    Returns:
        One loss per row: the shape of ``labels``.

    Raises:
        OutOfRangeError: if a label is not a class index.
        ShapeError: if the shapes do not match.

    >>> import tensorlet as tf
    >>> print(tf.nn.sparse_softmax_cross_entropy_with_logits([1], [[1.0, 2.0]]).numpy().round(4))
    [0.3133]
    """
    function = "tf.nn.sparse_softmax_cross_entropy_with_logits"
    labels, logits = convert(labels), convert(logits)
    require_dtype(function, "labels", labels, "integer")
    shape = tuple(labels.shape)
    if not len(logits.shape) or shape != tuple(logits.shape[:-1]):
        raise ShapeError(
            f"{_shapes(function, labels, logits)}, but one class index per row is expected: "
            "labels.shape == logits.shape[:-1]. For one-hot labels use "
            "tf.nn.softmax_cross_entropy_with_logits."
        )
    chosen = (
        logits if len(logits.shape) == 2 else functions.reshape(logits, [labels.spec.size, logits.shape[-1]])
    )
    numbers = labels if len(shape) == 1 else functions.reshape(labels, [labels.spec.size])
    losses = -functions.pick(functions.log_softmax(chosen), numbers)
    return losses if len(shape) == 1 else functions.reshape(losses, shape)


def sigmoid_cross_entropy_with_logits(
    labels: TensorLike | None = None, logits: TensorLike | None = None, name: str | None = None
) -> Tensor:
    """``-labels * log(p) - (1 - labels) * log(1 - p)`` with ``p = sigmoid(logits)``, for each element.

    Computed as ``max(x, 0) - x * labels + log(1 + exp(-|x|))``, which does not overflow.

    Args:
        labels: probabilities between 0 and 1, of the shape and dtype of ``logits``.
        logits: scores before the sigmoid, float.
        name: ignored.

    Returns:
        A tensor of the same shape.

    Raises:
        InvalidArgumentError: if one of the two is missing.
        ShapeError: if the shapes differ.

    >>> import tensorlet as tf
    >>> print(tf.nn.sigmoid_cross_entropy_with_logits([1.0, 0.0], [0.0, 2.0]).numpy().round(4))
    [0.6931 2.1269]
    """
    labels, x = _alike("tf.nn.sigmoid_cross_entropy_with_logits", labels, logits)
    # One condition selects both branches of each kink, so that the derivative at 0 is right, too.
    positive = x >= 0
    distance = functions.where(positive, -x, x)
    return functions.where(positive, x, 0) - x * labels + functions.log1p(functions.exp(distance))


def _alike(function: str, labels: TensorLike | None, logits: TensorLike | None) -> tuple[Tensor, Tensor]:
    """Labels and logits as tensors of one shape and dtype."""
    if labels is None or logits is None:
        missing = "labels" if labels is None else "logits"
        raise InvalidArgumentError(f"{function}: '{missing}' is missing. Pass both labels and logits.")
    logits = convert(logits)
    labels = convert(labels) if hasattr(labels, "dtype") else convert(labels, logits.dtype)
    require_dtype(function, "logits", logits, "float")
    if tuple(labels.shape) != tuple(logits.shape):
        raise ShapeError(
            f"{_shapes(function, labels, logits)}, but they should be equal. "
            "Use tf.reshape or tf.expand_dims on the labels."
        )
    return labels, logits


def weighted_cross_entropy_with_logits(
    labels: TensorLike, logits: TensorLike, pos_weight: TensorLike, name: str | None = None
) -> Tensor:
    """`sigmoid_cross_entropy_with_logits` with the term of the positive labels weighted.

    Args:
        labels: probabilities between 0 and 1, of the shape and dtype of ``logits``.
        logits: scores before the sigmoid, float.
        pos_weight: the weight of positive labels; values above 1 increase the recall.
        name: ignored.

    >>> import tensorlet as tf
    >>> print(tf.nn.weighted_cross_entropy_with_logits([1.0, 0.0], [0.0, 2.0], 3.0).numpy().round(4))
    [2.0794 2.1269]
    """
    labels, x = _alike("tf.nn.weighted_cross_entropy_with_logits", labels, logits)
    weight = functions.multiply(labels, pos_weight) - labels + 1
    return (1 - labels) * x + weight * functions.softplus(-x)


def l2_loss(t: TensorLike, name: str | None = None) -> Tensor:
    """Half the sum of the squares of a float tensor, ``sum(t ** 2) / 2``: a scalar.

    >>> import tensorlet as tf
    >>> print(tf.nn.l2_loss([3.0, 4.0]).numpy())
    12.5
    """
    t = convert(t)
    require_dtype("tf.nn.l2_loss", "t", t, "float")
    return functions.reduce_sum(functions.square(t)) / 2
