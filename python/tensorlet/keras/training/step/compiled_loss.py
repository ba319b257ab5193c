"""The losses that `compile` was given, one for each output of the model."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tensorlet import ops
from tensorlet.core.nest import flatten
from tensorlet.errors import InvalidArgumentError
from tensorlet.keras import losses as losses_module
from tensorlet.keras import metrics as metrics_module
from tensorlet.keras.losses.base import LossFunctionWrapper
from tensorlet.keras.training.step.per_output import matched, per_output, without_padding


class CompiledLoss:
    """The losses of all outputs, their weighted sum, and the means that `fit` shows.

    Args:
        loss: as `compile` takes it.
        loss_weights: a list or dictionary of factors; None: all are 1.
        output_names: the names of the model's outputs.
    """

    def __init__(self, loss: Any, loss_weights: Any, output_names: Sequence[str]) -> None:
        self.user_loss = loss
        self.output_names = list(output_names)
        found = per_output(loss, self.output_names, "loss", repeat=True)
        self.losses = [None if one is None else as_loss(one) for one in found]
        factors = per_output(loss_weights, self.output_names, "loss_weights")
        self.loss_weights = [1.0 if factor is None else float(factor) for factor in factors]
        self.total = metrics_module.Mean(name="loss")
        #: Whether a step has computed a loss with it; a step of the user's own may never do.
        self.called = False
        #: The operations that the outputs end with, once `checks` has looked.
        self.endings: list[str | None] | None = None
        several = len(self.output_names) > 1
        self.means = [
            metrics_module.Mean(name=f"{name}_loss") if several and loss is not None else None
            for name, loss in zip(self.output_names, self.losses, strict=True)
        ]

    @property
    def metrics(self) -> list[Any]:
        """The mean of the loss, and of each output's if there are several; none while nothing computes a loss."""
        if self.user_loss is None and not self.called:
            return []
        return [self.total, *(mean for mean in self.means if mean is not None)]

    def __call__(
        self, y_true: Any, y_pred: Any, sample_weight: Any = None, regularization_losses: Any = None
    ) -> Any:
        """The loss to differentiate: a scalar tensor. The means take it in as well."""
        self.called = True
        targets, predictions, weights = matched(y_true, y_pred, sample_weight, self.output_names)
        parts = []
        rows = None
        for index, (target, prediction) in enumerate(zip(targets, predictions, strict=True)):
            loss = self.losses[index]
            if loss is None or target is None:
                continue
            weight = without_padding(prediction, weights[index], getattr(loss, "reduction", "none"))
            value = loss(target, prediction, sample_weight=weight)
            if value.spec.rank:
                value = ops.reduce_mean(value)
            rows = prediction.spec.shape[0] if prediction.spec.rank else 1
            mean = self.means[index]
            if mean is not None:
                mean.update_state(value, sample_weight=float(rows))
            parts.append(value if self.loss_weights[index] == 1.0 else value * self.loss_weights[index])
        parts += list(regularization_losses or ())
        if not parts and any(self.losses):
            raise InvalidArgumentError(
                "There are no labels to compute the loss from. Expected fit(x, y), validation_data=(x, y), or batches "
                "of (x, y)."
            )
        if not parts:
            raise InvalidArgumentError(
                "The model has no loss. Expected compile(loss=...), such as "
                "loss='sparse_categorical_crossentropy', or a call of self.add_loss inside the model."
            )
        total = parts[0]
        for part in parts[1:]:
            total = total + part
        if rows is None:
            rows = flatten(y_pred)[0].spec.shape[0]
        self.total.update_state(total, sample_weight=float(rows))
        return total

    def reset_state(self) -> None:
        """Forgets what the means took in."""
        for metric in self.metrics:
            metric.reset_state()


def as_loss(identifier: Any) -> Any:
    """A `Loss`: of a name, a function, a class or a loss."""
    found = losses_module.get(identifier)
    return found if isinstance(found, losses_module.Loss) else LossFunctionWrapper(found)
