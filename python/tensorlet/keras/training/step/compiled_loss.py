"""The losses passed to `compile`, one per output of the model."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from tensorlet import ops
from tensorlet.core.nest import flatten
from tensorlet.errors import InvalidArgumentError
from tensorlet.keras.losses.base import as_loss
from tensorlet.keras.metrics.base import Metric
from tensorlet.keras.metrics.reduction_metrics import Mean
from tensorlet.keras.training.step.per_output import matched, per_output, without_padding

if TYPE_CHECKING:
    from tensorlet.core.tensor import Tensor


class CompiledLoss:
    """The losses of all outputs, their weighted sum, and the means that `fit` shows.

    Args:
        loss: the argument of `compile`.
        loss_weights: a list or dictionary of factors; None for all 1.
        output_names: the names of the model's outputs.

    Attributes:
        total: the mean of the loss so far.
        calls: the number of times that a loss was computed with it, which a user-defined step may never do.
        endings: the operations that compute the outputs, once `checks` has determined them.
    """

    def __init__(self, loss: object, loss_weights: object, output_names: Sequence[str]) -> None:
        self.user_loss = loss
        self.output_names = list(output_names)
        found = per_output(loss, self.output_names, "loss", repeat=True)
        self.losses = [None if one is None else as_loss(one) for one in found]
        factors = per_output(loss_weights, self.output_names, "loss_weights")
        self.loss_weights = [1.0 if factor is None else float(factor) for factor in factors]
        self.total = Mean(name="loss")
        self.calls = 0
        self.endings: list[str | None] | None = None
        self._reported = False
        several = len(self.output_names) > 1
        self.means = [
            Mean(name=f"{name}_loss") if several and loss is not None else None
            for name, loss in zip(self.output_names, self.losses, strict=True)
        ]

    @property
    def metrics(self) -> list[Metric]:
        """The mean of the loss, and that of each output if there are several; empty if nothing computes a loss."""
        if self.user_loss is None and not self._reported:
            return []
        return [self.total, *(mean for mean in self.means if mean is not None)]

    def __call__(
        self,
        y_true: object,
        y_pred: object,
        sample_weight: object = None,
        regularization_losses: Sequence[Tensor] | None = None,
    ) -> Any:
        """Returns the loss to differentiate, and updates the means.

        The loss is a scalar tensor; with ``reduction="none"``, it has one value per row, and their sum is
        differentiated, as in Keras.
        """
        self.calls += 1
        targets, predictions, weights = matched(y_true, y_pred, sample_weight, self.output_names)
        parts = []
        rows = None
        for index, (target, prediction) in enumerate(zip(targets, predictions, strict=True)):
            loss = self.losses[index]
            if loss is None or target is None:
                continue
            weight = without_padding(prediction, weights[index], getattr(loss, "reduction", "none"))
            value = loss(target, prediction, sample_weight=weight)
            rows = prediction.spec.shape[0] if prediction.spec.rank else 1
            mean = self.means[index]
            if mean is not None:
                mean.update_state(value, sample_weight=_weight_of(value, rows))
            parts.append(value if self.loss_weights[index] == 1.0 else value * self.loss_weights[index])
        parts += list(regularization_losses or ())
        if not parts:
            raise InvalidArgumentError(_no_loss(any(self.losses)))
        total = parts[0]
        for part in parts[1:]:
            total = total + part
        self.report(total, flatten(y_pred)[0].spec.shape[0] if rows is None else rows)
        return total

    def report(self, loss: Tensor, rows: int) -> None:
        """Adds the loss of a batch to the mean that `fit` shows.

        Args:
            loss: the loss of the batch.
            rows: the number of rows in the batch.
        """
        self._reported = True
        self.total.update_state(loss, sample_weight=_weight_of(loss, rows))

    def reset_state(self) -> None:
        """Resets the means."""
        for metric in self.metrics:
            metric.reset_state()


def _weight_of(loss: Any, rows: int) -> Any:
    """The weight of a batch in the mean: its number of rows, counted per row with ``reduction="none"``, as in Keras."""
    return ops.ones_like(loss) * float(rows) if loss.spec.rank else float(rows)


def _no_loss(has_losses: bool) -> str:
    if has_losses:
        return (
            "There are no labels to compute the loss from. Expected fit(x, y), validation_data=(x, y), or batches "
            "of (x, y)."
        )
    return (
        "The model has no loss. Expected compile(loss=...), such as loss='sparse_categorical_crossentropy', or a call "
        "to self.add_loss in the model."
    )
