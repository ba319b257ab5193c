"""Losses and metrics that a layer adds during training."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

from tensorlet.core.attributes import PLAIN
from tensorlet.errors import InvalidArgumentError
from tensorlet.keras.generations import keras_generation
from tensorlet.keras.layers.call_context import eagerly, pass_number
from tensorlet.keras.layers.layer_weights import HasWeights
from tensorlet.ops.registry import interpreter

if TYPE_CHECKING:
    from tensorlet.keras.metrics.base import Metric
    from tensorlet.keras.metrics.reduction_metrics import Mean
    from tensorlet.type_aliases import TensorLike


class HasLosses(HasWeights):
    """The part of `Layer` that handles losses and metrics."""

    def add_loss(self, losses: Any, **ignored: object) -> None:
        """Adds a loss to the one that training minimizes.

        Args:
            losses: a scalar tensor computed in ``call``, a function without arguments that computes one
                from weights, or a list of these.
            ignored: arguments that have no effect.
        """
        for loss in losses if isinstance(losses, list | tuple) else [losses]:
            if callable(loss):
                self._own.penalties.append((None, loss))  # type: ignore[arg-type]
                continue
            if self._own.losses_pass != pass_number():
                self._own.losses, self._own.losses_pass = [], pass_number()
            self._own.losses.append((interpreter(), loss))

    def add_metric(
        self, value: TensorLike, name: str | None = None, aggregation: object = "mean", **ignored: object
    ) -> None:
        """Logs a value during training; called in ``call``.

        Args:
            value: a tensor, whose mean over all batches is logged. The result of a metric that is an attribute of
                the layer is always logged.
            name: the name in the logs.
            aggregation: ``"mean"``.
            ignored: arguments that have no effect.

        Raises:
            InvalidArgumentError: if the name is missing, or the aggregation is another one.
        """
        if not any(metric.last_result is value for metric in self._held_metrics()):
            metric = self._own_metric(name, aggregation)
            metric.update_state(value)

    def _own_metric(self, name: str | None, aggregation: object) -> Mean:
        """Returns the mean that `add_metric` updates for a name."""
        from tensorlet.keras.metrics.reduction_metrics import Mean

        if name is None or aggregation not in ("mean", None):
            raise InvalidArgumentError(
                f"add_metric got name={name!r} and aggregation={aggregation!r}, expected a name for the logs and "
                "aggregation='mean': self.add_metric(value, name='spread')."
            )
        if name not in self._own.metrics:
            with eagerly():
                self._own.metrics[name] = Mean(name=name)
        return self._own.metrics[name]

    def _held_metrics(self) -> list[Metric]:
        """Returns the metrics among the attributes, and those of `add_metric`."""
        held: list[Metric] = list(self._own.metrics.values())
        for value in list(vars(self).values()):
            kind = type(value)
            if kind in PLAIN:
                continue
            if kind is list or kind is tuple:
                held += [item for item in value if _is_metric(type(item))]  # type: ignore[arg-type]
            elif _is_metric(kind):  # type: ignore[arg-type]
                held.append(value)
            elif isinstance(value, (list, tuple)):  # a subclass, such as a named tuple
                held += [item for item in value if _is_metric(type(item))]  # type: ignore[arg-type]
        return held

    @property
    def losses(self) -> list[Any]:
        """The penalties on the weights, computed now, and the losses that `add_loss` added in the last call.

        In Keras 3, frozen weights have no penalties.
        """
        if keras_generation() == 3:
            return self._losses_in_keras_3()
        found = []
        for layer in self._flatten_layers():
            own = layer._own
            found += [loss for made_by, loss in own.losses if made_by is interpreter()]
            found += [rule() if variable is None else rule(variable) for variable, rule in own.penalties]
        return found

    def _losses_in_keras_3(self) -> list[Any]:
        """The losses of all layers, and then the penalties on the weights that are trained."""
        trained = {id(variable) for variable in self.trainable_weights}
        found, penalties = [], []
        for layer in self._flatten_layers():
            own = layer._own
            found += [loss for made_by, loss in own.losses if made_by is interpreter()]
            found += [rule() for variable, rule in own.penalties if variable is None]
            penalties += [rule(variable) for variable, rule in own.penalties if id(variable) in trained]
        return found + penalties

    @property
    def metrics(self) -> list[Metric]:
        """The metrics among the attributes and those of `add_metric`, of the layer and its sublayers."""
        found = [metric for layer in self._flatten_layers() for metric in layer._held_metrics()]
        return list({id(metric): metric for metric in found}.values())

    @property
    def metrics_variables(self) -> list[Any]:
        """The variables of `metrics`."""
        return [variable for metric in self.metrics for variable in metric.variables]


@lru_cache(maxsize=1024)
def _is_metric(kind: type) -> bool:
    """Whether a class is one of metrics."""
    from tensorlet.keras.metrics.base import Metric

    return issubclass(kind, Metric)
