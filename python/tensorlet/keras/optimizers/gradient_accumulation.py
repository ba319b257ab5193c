"""``gradient_accumulation_steps``: one update for the mean gradient of several steps."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from tensorlet import ops
from tensorlet.core.control_flow import cond
from tensorlet.errors import InvalidArgumentError

if TYPE_CHECKING:
    from tensorlet.core.variable import Variable

#: The name of the slot that holds the sum of the gradients since the last update.
SUM = "gradient_accumulator"


def checked_steps(name: str, steps: int | None) -> int | None:
    """Returns ``gradient_accumulation_steps``, after a check.

    Raises:
        InvalidArgumentError: if it is neither None nor a whole number of at least 2.
    """
    if steps and not (isinstance(steps, int) and steps >= 2):
        raise InvalidArgumentError(
            f"{name}: gradient_accumulation_steps is {steps!r}, expected a whole number of at least 2, or None for an "
            "update in every step (`gradient_accumulation_steps` must be an integer >= 2)."
        )
    return steps or None


def accumulate(
    steps: int,
    step_number: Any,
    gradients: list[Any],
    sums: list[Variable],
    update: Callable[[list[Any]], None],
) -> None:
    """Adds gradients to their sums; in every ``steps``-th step, updates with the means instead.

    Args:
        steps: the number of steps for one update.
        step_number: the number of this step, from 1, as a tensor.
        gradients, sums: the gradients of this step, and the variables for their sums.
        update: is called with the mean gradients.

    >>> import tensorlet as tf
    >>> w = tf.Variable(1.0)
    >>> optimizer = tf.keras.optimizers.SGD(learning_rate=0.5, gradient_accumulation_steps=2)
    >>> for gradient in (1.0, 3.0):
    ...     _ = optimizer.apply_gradients([(tf.constant(gradient), w)])
    ...     print(w.numpy())
    1.0
    0.0
    """
    gradients = [ops.cast(one, total.dtype) for one, total in zip(gradients, sums, strict=True)]

    def update_with_means() -> int:
        update([(one + total) / float(steps) for one, total in zip(gradients, sums, strict=True)])
        for total in sums:
            total.assign(ops.zeros_like(total))
        return 0

    def add() -> int:
        for one, total in zip(gradients, sums, strict=True):
            total.assign_add(one)
        return 0

    cond(ops.equal(step_number % steps, 0), update_with_means, add)
