"""The losses and metrics that `compile` was given, one set for each output of the model."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tensorlet import ops
from tensorlet.core.nest import flatten
from tensorlet.errors import InvalidArgumentError
from tensorlet.keras import losses as losses_module
from tensorlet.keras import metrics as metrics_module
from tensorlet.keras.losses.base import LossFunctionWrapper


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


class CompiledMetrics:
    """The metrics of all outputs.

    Args:
        metrics, weighted_metrics: as `compile` takes them.
        output_names: the names of the model's outputs.
        loss: the compiled losses: they help to tell what "accuracy" means.
    """

    def __init__(
        self, metrics: Any, weighted_metrics: Any, output_names: Sequence[str], loss: CompiledLoss | None
    ) -> None:
        self.output_names = list(output_names)
        self._wanted = [
            _metrics_of(metrics, self.output_names),
            _metrics_of(weighted_metrics, self.output_names),
        ]
        self._losses = loss.losses if loss is not None else [None] * len(self.output_names)
        self._made: list[list[list[Any]]] | None = None

    @property
    def built(self) -> bool:
        """Whether the metrics have been made; they depend on what the model gives."""
        return self._made is not None

    @property
    def metrics(self) -> list[Any]:
        """The metrics, in the order in which they are shown."""
        if self._made is None:
            asked = [one for kind in self._wanted for output in kind for one in output]
            return [one for one in asked if isinstance(one, metrics_module.Metric)]
        return [metric for pair in zip(*self._made, strict=True) for output in pair for metric in output]

    def build(self, y_true: Any, y_pred: Any) -> None:
        """Makes the metrics for labels and predictions of these shapes."""
        targets, predictions, _ = matched(y_true, y_pred, None, self.output_names)
        self._made = [
            [
                [self._make(one, index, target, prediction) for one in asked[index]]
                for index, (target, prediction) in enumerate(zip(targets, predictions, strict=True))
            ]
            for asked in self._wanted
        ]
        self._name_them()

    def _make(self, wanted: Any, index: int, target: Any, prediction: Any) -> Any:
        if target is None:
            target = prediction
        return metrics_module.as_metric(wanted, target, prediction, self._losses[index])

    def _name_them(self) -> None:
        """Several outputs come before the names; names are unique."""
        taken: set[str] = set()
        several = len(self.output_names) > 1
        for weighted, kind in enumerate(self._made or []):
            for output, metrics in zip(self.output_names, kind, strict=True):
                for metric in metrics:
                    base = str(metric.name)
                    name = f"{output}_{base}" if several and not base.startswith(f"{output}_") else base
                    if name in taken and weighted:
                        name = f"{output}_weighted_{base}" if several else f"weighted_{base}"
                    if name in taken:
                        raise InvalidArgumentError(
                            f"Two metrics are named '{name}'. Give one of them another name, for example "
                            f"tf.keras.metrics.{type(metric).__name__}(name='...')."
                        )
                    taken.add(name)
                    if name != base:
                        metric.name = name

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        """Takes in a batch; only the weighted metrics use the weights."""
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
                    metric.update_state(target, prediction)
                else:
                    metric.update_state(target, prediction, sample_weight=padding)
            for metric in weighted[index]:
                weight = without_padding(prediction, weights[index])
                metric.update_state(target, prediction, sample_weight=weight)

    def reset_state(self) -> None:
        """Forgets what the metrics took in."""
        for metric in self.metrics:
            metric.reset_state()


def as_loss(identifier: Any) -> Any:
    """A `Loss`: of a name, a function, a class or a loss."""
    found = losses_module.get(identifier)
    return found if isinstance(found, losses_module.Loss) else LossFunctionWrapper(found)


def per_output(value: Any, names: Sequence[str], what: str, repeat: bool = False) -> list[Any]:
    """The settings of each output, from a single one, a list or a dictionary by output name.

    Args:
        value: what the user gave; None gives None for each output.
        names: of the outputs.
        what: the argument's name, for errors.
        repeat: whether a single setting holds for every output.

    Raises:
        InvalidArgumentError: if the number or the names do not fit the outputs.
    """
    if isinstance(value, dict):
        unknown = sorted(set(value) - set(names))
        if unknown:
            raise InvalidArgumentError(
                f"{what} has settings for {unknown}, but the outputs of the model are {list(names)}. Use those names."
            )
        return [value.get(name) for name in names]
    if isinstance(value, list | tuple):
        if len(value) != len(names):
            raise InvalidArgumentError(
                f"{what} has {len(value)} settings, but the model has {len(names)} outputs: {list(names)}. "
                "Give one for each."
            )
        return list(value)
    return [value if repeat or len(names) == 1 else None] * len(names)


def _metrics_of(metrics: Any, names: Sequence[str]) -> list[list[Any]]:
    """A list of metrics for each output."""
    if metrics is None:
        return [[] for _ in names]
    nested = isinstance(metrics, list | tuple) and any(isinstance(one, list | tuple) for one in metrics)
    if isinstance(metrics, dict) or nested:
        found = per_output(metrics, names, "metrics")
        return [_as_list(one) for one in found]
    wanted = _as_list(metrics)
    # Each output needs metrics of its own: one object would mix them.
    return [
        [one if index == 0 or not isinstance(one, metrics_module.Metric) else _copy(one) for one in wanted]
        for index in range(len(names))
    ]


def _copy(metric: Any) -> Any:
    return type(metric).from_config(metric.get_config())


def _as_list(value: Any) -> list[Any]:
    if value is None:
        return []
    return list(value) if isinstance(value, list | tuple) else [value]


def matched(
    y_true: Any, y_pred: Any, sample_weight: Any, names: Sequence[str]
) -> tuple[list[Any], list[Any], list[Any]]:
    """Labels, predictions and weights of each output; labels of one number a row become columns."""
    predictions = flatten(y_pred)
    names = names if len(names) == len(predictions) else [f"output_{i + 1}" for i in range(len(predictions))]
    if isinstance(y_pred, dict):
        names = sorted(y_pred)
    targets = _by_output(y_true, names, "y")
    weights = _by_output(sample_weight, names, "sample_weight")
    if len(weights) == 1 and len(predictions) > 1:
        weights = weights * len(predictions)
    targets = [_fitted(target, prediction) for target, prediction in zip(targets, predictions, strict=True)]
    return targets, predictions, weights


def without_padding(prediction: Any, weight: Any, reduction: str = "none") -> Any:
    """The weights with 0 where the steps of an output are padding, as layers have marked it.

    Args:
        prediction: an output of the model.
        weight: its weights, or None.
        reduction: of the loss; a mean is then taken over the steps that are none.
    """
    mask = getattr(prediction, "_keras_mask", None)
    if mask is None:
        return weight
    kept = ops.cast(mask, "float32")
    if reduction in ("auto", "sum_over_batch_size", "mean"):
        kept = kept * (float(kept.spec.size) / ops.reduce_sum(kept))
    if weight is None:
        return kept
    weight = ops.cast(weight, "float32")
    while weight.spec.rank < kept.spec.rank:
        weight = ops.expand_dims(weight, -1)
    return weight * kept


def _by_output(value: Any, names: Sequence[str], what: str) -> list[Any]:
    if value is None:
        return [None] * len(names)
    if isinstance(value, dict):
        return per_output(value, names, what)
    if isinstance(value, list | tuple):
        return per_output(value, names, what)
    if what == "y" and len(names) > 1:
        return per_output([value], names, what)
    return [value] * len(names)


def _fitted(target: Any, prediction: Any) -> Any:
    if target is None:
        return None
    if target.spec.rank == 1 and prediction.spec.rank == 2:
        target = ops.expand_dims(target, -1)
    same_kind = (target.dtype.is_floating and prediction.dtype.is_floating) or (
        target.dtype.is_integer and prediction.dtype.is_integer
    )
    if same_kind and target.dtype is not prediction.dtype:
        target = ops.cast(target, prediction.dtype)
    return target
