"""Functions that reset and read all metrics of a model, compiled where possible."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from tensorlet.core.function import Function
from tensorlet.core.tensor import EagerTensor
from tensorlet.errors import TensorletError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tensorlet.keras.training.step.steps import Steps


class MetricTools(NamedTuple):
    """Functions that reset and read the metrics of a model.

    Attributes:
        reset: resets the metrics.
        read: returns their results by name, as tensors; a `Function` if it can be compiled.
    """

    reset: Callable[[], Any]
    read: Callable[[], dict[str, Any]]

    def results(self) -> dict[str, Any]:
        """Returns the results as Python numbers."""
        return numbers(self.read())


def metric_tools(model: Steps) -> MetricTools:
    """Returns the functions for the current metrics of a model."""
    if model.run_eagerly:
        return MetricTools(model.reset_metrics, model.get_metrics_result)
    found = model._programs.metric_tools
    key = tuple(id(variable) for metric in model.metrics for variable in metric.variables)
    if key not in found:
        found[key] = _compiled_tools(model)
    return found[key]


def can_read_in_step(model: Steps) -> bool:
    """Whether the results of the metrics can be computed in the step that updates them."""
    return isinstance(metric_tools(model).read, Function)


def _compiled_tools(model: Steps) -> MetricTools:
    metrics = model.metrics

    def reset_all() -> dict[str, Any]:
        for metric in metrics:
            metric.reset_state()
        return {}

    reset: Callable[[], Any] = model.reset_metrics
    ours = all(_is_ours(type(metric), "reset_state") for metric in metrics)
    if ours and metrics and _is_ours(type(model), "reset_metrics"):
        reset = Function(reset_all, name="reset of the metrics")
    read: Callable[[], Any] = model.get_metrics_result
    if metrics and _is_ours(type(model), "get_metrics_result"):
        read = Function(model.get_metrics_result, name="results of the metrics")
        try:
            read()
        except (TensorletError, AttributeError):  # a user-defined metric that needs Python or its first batch
            read = model.get_metrics_result
    return MetricTools(reset, read)


def _is_ours(kind: type, *methods: str) -> bool:
    """Whether methods of a class are defined in this package, and therefore safe to trace."""
    found = [getattr(kind, method, None) for method in methods]
    return all(method is None or str(method.__module__).startswith("tensorlet.") for method in found)


def numbers(logs: Mapping[str, object]) -> dict[str, Any]:
    """Converts scalar tensors to Python floats, and those with axes to arrays: `F1Score` has a score for each class."""
    found: dict[str, Any] = {}
    for name, value in logs.items():
        array = value._array if type(value) is EagerTensor else np.asarray(value)
        found[name] = array if array.ndim else float(array.item())
    return found
