"""The metrics passed to `compile`, for each output of the model."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import nullcontext
from typing import TYPE_CHECKING, Any

from tensorlet.core.user_code import user_function
from tensorlet.errors import InvalidArgumentError
from tensorlet.keras.generations import keras_generation
from tensorlet.keras.metrics.base import Metric
from tensorlet.keras.metrics.by_name import as_metric
from tensorlet.keras.naming import separate_names
from tensorlet.keras.training.step.compiled_loss import CompiledLoss
from tensorlet.keras.training.step.per_output import matched, per_output, without_padding

if TYPE_CHECKING:
    from tensorlet.core.tensor import Tensor


class CompiledMetrics:
    """The metrics of all outputs.

    Args:
        metrics, weighted_metrics: the arguments of `compile`.
        output_names: the names of the model's outputs.
        loss: the compiled losses, which determine the meaning of "accuracy".
    """

    def __init__(
        self,
        metrics: object,
        weighted_metrics: object,
        output_names: Sequence[str],
        loss: CompiledLoss | None,
    ) -> None:
        self.output_names = list(output_names)
        self._wanted = [
            _metrics_of(metrics, self.output_names),
            _metrics_of(weighted_metrics, self.output_names),
        ]
        self._losses = loss.losses if loss is not None else [None] * len(self.output_names)
        self._made: list[list[list[Metric]]] | None = None

    @property
    def built(self) -> bool:
        """Whether the metrics have been created, which depends on the outputs of the model."""
        return self._made is not None

    @property
    def metrics(self) -> list[Metric]:
        """The metrics, in the order in which they are shown."""
        if self._made is None:
            asked = [one for kind in self._wanted for output in kind for one in output]
            return [one for one in asked if isinstance(one, Metric)]
        return [metric for pair in zip(*self._made, strict=True) for output in pair for metric in output]

    def build(self, y_true: object, y_pred: object) -> None:
        """Creates the metrics for labels and predictions of these shapes."""
        targets, predictions, _ = matched(y_true, y_pred, None, self.output_names)
        # "AUC" is named "auc" in every model of a program in Keras 2; Keras 3 numbers all metrics of a program.
        with separate_names() if keras_generation() == 2 else nullcontext():
            self._made = [
                [
                    [self._make(one, index, target, prediction) for one in asked[index]]
                    for index, (target, prediction) in enumerate(zip(targets, predictions, strict=True))
                ]
                for asked in self._wanted
            ]
        self._name_them()

    def _make(self, wanted: object, index: int, target: Tensor | None, prediction: Tensor) -> Metric:
        if target is None:
            target = prediction
        metric = as_metric(wanted, target, prediction, self._losses[index])
        check = getattr(metric, "check_predictions", None)
        if check is not None:
            check(prediction)
        return metric

    def _name_them(self) -> None:
        """Prepends the names of the outputs if there are several, and makes the names unique.

        Keras 2 refuses two metrics of one name, Keras 3 numbers them.
        """
        taken: set[str] = set()
        several = len(self.output_names) > 1
        for weighted, kind in enumerate(self._made or []):
            for output, metrics in zip(self.output_names, kind, strict=True):
                for metric in metrics:
                    base = str(metric.name)
                    name = f"{output}_{base}" if several and not base.startswith(f"{output}_") else base
                    if name in taken and weighted:
                        name = f"{output}_weighted_{base}" if several else f"weighted_{base}"
                    if name in taken and keras_generation() == 3:
                        name = next(
                            f"{name}_{n}" for n in range(1, len(taken) + 2) if f"{name}_{n}" not in taken
                        )
                    if name in taken:
                        raise InvalidArgumentError(
                            f"Two metrics are named '{name}'. Rename one of them, for example "
                            f"tf.keras.metrics.{type(metric).__name__}(name='...')."
                        )
                    taken.add(name)
                    if name != base:
                        metric.name = name

    def update_state(self, y_true: object, y_pred: object, sample_weight: object = None) -> None:
        """Updates the metrics with a batch; only the weighted metrics use the weights."""
        if self._made is None:
            self.build(y_true, y_pred)
        targets, predictions, weights = matched(y_true, y_pred, sample_weight, self.output_names)
        plain, weighted = self._made  # type: ignore[misc]
        for index, (target, prediction) in enumerate(zip(targets, predictions, strict=True)):
            if target is None:
                continue
            padding = without_padding(prediction, None)
            for metric in plain[index]:
                if padding is None:
                    user_function(metric.update_state)(target, prediction)
                else:
                    user_function(metric.update_state)(target, prediction, sample_weight=padding)
            for metric in weighted[index]:
                weight = without_padding(prediction, weights[index])
                user_function(metric.update_state)(target, prediction, sample_weight=weight)

    def reset_state(self) -> None:
        """Resets the metrics."""
        for metric in self.metrics:
            metric.reset_state()


def _metrics_of(metrics: object, names: Sequence[str]) -> list[list[Any]]:
    """Returns a list of metrics for each output."""
    if metrics is None:
        return [[] for _ in names]
    nested = isinstance(metrics, list | tuple) and any(isinstance(one, list | tuple) for one in metrics)
    if isinstance(metrics, dict) or nested:
        found = per_output(metrics, names, "metrics")
        return [_as_list(one) for one in found]
    wanted = _as_list(metrics)
    if len(wanted) == len(names) > 1 and len({str(one) for one in wanted}) < len(wanted):
        # One metric twice for each output makes no sense: as in Keras 3, there is one for each output.
        return [[one] for one in wanted]
    # Each output needs its own metrics, because one object would mix them.
    return [
        [one if index == 0 or not isinstance(one, Metric) else _copy(one) for one in wanted]
        for index in range(len(names))
    ]


def _copy(metric: Metric) -> Metric:
    return type(metric).from_config(metric.get_config())


def _as_list(value: object) -> list[Any]:
    if value is None:
        return []
    return list(value) if isinstance(value, list | tuple) else [value]
