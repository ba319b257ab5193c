"""The traced step and the functions of the metrics, found again without collecting the weights of the model."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from tensorlet.core.compiled_call import is_own

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable, Sequence

    from tensorlet.core.function import Function
    from tensorlet.keras.layers.base import Layer
    from tensorlet.keras.metrics.base import Metric
    from tensorlet.keras.training.step.metric_tools import MetricTools
    from tensorlet.keras.training.step.steps import Steps


#: What each run sets anew, without any effect on the steps.
OF_EACH_RUN = frozenset({"history"})


class CachedStep(NamedTuple):
    """What a run needs, and the state of the model that it was found for."""

    function: Function
    tools: MetricTools
    structure: Structure


class Structure:
    """The attributes of a model, its layers and its metrics at one moment.

    Calls such as ``train_on_batch`` take a few microseconds of arithmetic, and collecting the weights takes longer.
    Lists of layers may change without any attribute being set, but the lists of built-in layers do not.

    Args:
        layers: a model, then all layers inside it, all of them built in.
        metrics: the metrics of the model, all of them built in.
    """

    def __init__(self, layers: Sequence[Layer], metrics: Sequence[Metric]) -> None:
        self._layers = layers
        self._attributes = [vars(one) for one in [*layers, *metrics]]
        self._lists = [metric._variables for metric in metrics]
        self._seen = list(self._values())
        self._ids = list(map(id, self._seen))

    def is_current(self) -> bool:
        """Whether nothing has been set since."""
        return list(map(id, self._values())) == self._ids

    def _values(self) -> Iterable[object]:
        values: list[object] = [layer._own.is_trainable for layer in self._layers]
        model, *others = self._attributes
        values += [value for name, value in model.items() if name not in OF_EACH_RUN]
        for attributes in others:
            values += attributes.values()
        for variables in self._lists:
            values += variables
        return values


def cached_step(model: Steps, key: Hashable) -> CachedStep | None:
    """Returns what was cached for a run of this kind, if the model has not changed since."""
    found: CachedStep | None = model._programs.steps.get(key)
    if found is not None and found.structure.is_current():
        return found
    return None


def cache_step(model: Steps, key: Hashable, function: Function, tools: MetricTools) -> None:
    """Caches the step and the functions of the metrics, unless code of a user's may change the model unseen."""
    layers, metrics = list(model._flatten_layers()), model.metrics
    if all(map(is_own, map(type, [*layers, *metrics]))):
        model._programs.steps[key] = CachedStep(function, tools, Structure(layers, metrics))
