"""``tf.keras.mixed_precision``: dtype policies for all layers; see `tensorlet.keras.dtype_policies`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tensorlet.keras.config import dtype_policy as global_policy
from tensorlet.keras.config import set_dtype_policy as set_global_policy
from tensorlet.keras.dtype_policies import DTypePolicy as Policy

if TYPE_CHECKING:
    from tensorlet.keras.optimizers.base import Optimizer

__all__ = ["LossScaleOptimizer", "Policy", "global_policy", "set_global_policy"]


def LossScaleOptimizer(inner_optimizer: Optimizer, dynamic: bool = True, **ignored: Any) -> Optimizer:  # noqa: N802
    """Returns the optimizer unchanged, since computations in float32 need no loss scaling.

    Args:
        inner_optimizer: the optimizer; its ``get_scaled_loss`` returns the loss, and its
            ``get_unscaled_gradients`` the gradients.
        dynamic: ignored, like all other options.

    >>> import tensorlet as tf
    >>> optimizer = tf.keras.mixed_precision.LossScaleOptimizer(tf.keras.optimizers.SGD(0.5))
    >>> optimizer.get_scaled_loss(3.0)
    3.0
    """
    return inner_optimizer
