"""`tf.nn`: sums of losses for training that is distributed over replicas. Here there is one replica."""

from __future__ import annotations

from tensorlet.errors import InvalidArgumentError, ShapeError
from tensorlet.ops.registry import Tensor, TensorLike, convert, functions


def compute_average_loss(
    per_example_loss: TensorLike,
    sample_weight: TensorLike | None = None,
    global_batch_size: TensorLike | None = None,
) -> Tensor:
    """The sum of the losses of all examples, divided by the size of the whole batch.

    Args:
        per_example_loss: a loss for each example; at least one axis.
        sample_weight: factors of the losses.
        global_batch_size: the size of the whole batch; by default, the number of losses along the first axis.

    Raises:
        ShapeError: if the losses are already one number.
        InvalidArgumentError: for a size that is negative or not an integer.

    >>> import tensorlet as tf
    >>> float(tf.nn.compute_average_loss([1.0, 2.0, 3.0], global_batch_size=4))
    1.5
    """
    losses = convert(per_example_loss)
    if not len(losses.shape):
        raise ShapeError(
            "tf.nn.compute_average_loss: the loss is one number, but a loss for each example is expected. Make the "
            "loss with reduction='none'."
        )
    if sample_weight is not None:
        losses = losses * functions.cast(convert(sample_weight), losses.dtype)
    size = convert(losses.shape[0] if global_batch_size is None else global_batch_size)
    if not size.dtype.is_integer or len(size.shape):
        raise InvalidArgumentError(
            f"tf.nn.compute_average_loss: global_batch_size is {global_batch_size!r}, but one integer is expected."
        )
    return functions.reduce_sum(losses) / functions.cast(size, losses.dtype)


def scale_regularization_loss(regularization_loss: TensorLike) -> Tensor:
    """The sum of the penalties, divided by the number of replicas, which is 1.

    Args:
        regularization_loss: one penalty or several.

    >>> import tensorlet as tf
    >>> float(tf.nn.scale_regularization_loss([0.5, 0.25]))
    0.75
    """
    return functions.reduce_sum(convert(regularization_loss))
