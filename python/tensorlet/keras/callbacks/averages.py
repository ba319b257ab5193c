"""`SwapEMAWeights`: evaluation with the moving averages of the weights."""

from __future__ import annotations

from typing import Any

import numpy as np

from tensorlet.errors import InvalidArgumentError
from tensorlet.keras.training.report.callback import Callback
from tensorlet.registry import register


@register("callback")
class SwapEMAWeights(Callback):
    """Evaluates and predicts with the moving averages that an optimizer with ``use_ema=True`` keeps.

    The averages take the place of the weights before an evaluation or prediction, and the weights return after it.

    Args:
        swap_on_epoch: whether the averages also take the place of the weights at the end of each epoch, until the next
            one begins, so that callbacks behind this one, such as `ModelCheckpoint`, see them.

    Raises:
        InvalidArgumentError: when training or evaluation begins, if the optimizer keeps no averages.

    Source: B. T. Polyak and A. B. Juditsky, "Acceleration of Stochastic Approximation by Averaging", 1992.

    >>> import tensorlet as tf
    >>> model = tf.keras.Sequential([tf.keras.layers.Dense(1, input_shape=(1,), kernel_initializer="zeros")])
    >>> model.compile(tf.keras.optimizers.SGD(0.5, use_ema=True, ema_momentum=0.5), "mse")
    >>> swap = tf.keras.callbacks.SwapEMAWeights()
    >>> history = model.fit([[0.0]], [[1.0]], validation_data=([[0.0]], [[1.0]]), callbacks=[swap], verbose=0)
    >>> history.history["val_loss"]  # the bias is 1, and its average 0.5
    [0.25]
    """

    def __init__(self, swap_on_epoch: bool = False) -> None:
        super().__init__()
        self.swap_on_epoch = swap_on_epoch
        #: The weights, while the averages are in their place.
        self._weights: list[np.ndarray] | None = None

    def on_train_begin(self, logs: dict[str, Any] | None = None) -> None:
        """Checks that there are averages."""
        self._weights = None
        self._require_averages()

    def on_epoch_begin(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Puts the weights back."""
        self._show(averages=False)

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Shows the averages to the callbacks behind this one."""
        if self.swap_on_epoch:
            self._show(averages=True)

    def on_train_end(self, logs: dict[str, Any] | None = None) -> None:
        """Forgets the weights: at the end of training, the optimizer has set them to the averages."""
        self._weights = None

    def on_test_begin(self, logs: dict[str, Any] | None = None) -> None:
        """Puts the averages in place of the weights."""
        self._show(averages=True)

    def on_test_end(self, logs: dict[str, Any] | None = None) -> None:
        """Puts the weights back."""
        self._show(averages=False)

    def on_predict_begin(self, logs: dict[str, Any] | None = None) -> None:
        """Puts the averages in place of the weights."""
        self._show(averages=True)

    def on_predict_end(self, logs: dict[str, Any] | None = None) -> None:
        """Puts the weights back."""
        self._show(averages=False)

    def _require_averages(self) -> None:
        optimizer = self.model.optimizer
        if optimizer is None or not any(one.use_ema for one in optimizer.single_optimizers()):
            name = "none" if optimizer is None else optimizer.name
            raise InvalidArgumentError(
                "SwapEMAWeights must be used when `use_ema=True` is set on the optimizer, but the optimizer "
                f"({name}) keeps no moving averages. Compile the model with one that "
                "does: tf.keras.optimizers.Adam(use_ema=True)."
            )

    def _show(self, averages: bool) -> None:
        """Puts the averages in place of the weights or back, unless the right ones are there."""
        if averages == (self._weights is not None):
            return
        self._require_averages()
        optimizer, variables = self.model.optimizer, self.model.trainable_variables
        if self._weights is None:
            optimizer.build(variables)
            self._weights = [np.array(variable) for variable in variables]
            for variable in optimizer.averaged(variables):
                variable.assign(optimizer.slot(variable, "average"))
        else:
            for variable, weight in zip(variables, self._weights, strict=True):
                variable.assign(weight)
            self._weights = None
