"""The pairs of gradients and variables that an optimizer gets."""

from __future__ import annotations

from typing import Any

from tensorlet.core.variable import Variable
from tensorlet.errors import InvalidArgumentError, warn_user
from tensorlet.localization import translate as _


def with_gradients(optimizer: str, pairs: list[tuple[Any, Variable]]) -> list[tuple[Any, Variable]]:
    """Returns the pairs that have a gradient; warns about the others, and about an empty list.

    Args:
        optimizer: the name of the optimizer, for messages.
        pairs: pairs of a gradient or None, and its variable.

    Raises:
        InvalidArgumentError: if there are variables, but none has a gradient.
    """
    if not pairs:  # as in Keras, a frozen model takes an empty step
        warn_user(
            _(
                "{optimizer}.apply_gradients got no variables, so nothing is updated. If the model is not meant to be "
                "frozen, set layer.trainable = True, and compute the gradients of model.trainable_variables."
            ).format(optimizer=optimizer)
        )
        return []
    found = [(gradient, variable) for gradient, variable in pairs if gradient is not None]
    missing = ", ".join(variable.label for gradient, variable in pairs if gradient is None)
    if not found:
        raise InvalidArgumentError(
            f"{optimizer}.apply_gradients: No gradients provided for any variable: no variable has a gradient "
            f"({missing}). The loss must be computed from the variables with tf.* operations inside the "
            "`with tf.GradientTape()` block, and the layers must be trainable."
        )
    if missing:
        warn_user(
            _(
                "{optimizer}: Gradients do not exist for variables {missing}: the loss does not depend on them, so "
                "that they will not be updated. If this is not intended, check that the layer is used in the "
                "computation of the loss."
            ).format(optimizer=optimizer, missing=missing)
        )
    return found
