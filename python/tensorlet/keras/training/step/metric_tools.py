"""Resetting and reading all metrics of a model: one compiled call each, where possible."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from tensorlet.core.function import Function
from tensorlet.errors import TensorletError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tensorlet.keras.training.step.steps import Steps


class MetricTools(NamedTuple):
    """How the metrics of a model are reset and read.

    Attributes:
        reset: resets them.
        read: gives their results by name, as tensors; a `Function` where that can be compiled.
    """

    reset: Callable[[], Any]
    read: Callable[[], dict[str, Any]]

    def results(self) -> dict[str, Any]:
        """The results as Python numbers."""
        return numbers(self.read())


def metric_tools(model: Steps) -> MetricTools:
    """The tools for the metrics that a model has now."""
    if model.run_eagerly:
        return MetricTools(model.reset_metrics, model.get_metrics_result)
    found = model._programs.metric_tools
    key = tuple(id(variable) for metric in model.metrics for variable in metric.variables)
    if key not in found:
        found[key] = _compiled_tools(model)
    return found[key]


def _compiled_tools(model: Steps) -> MetricTools:
    metrics = model.metrics

    def reset_all() -> dict[str, Any]:
        for metric in metrics:
            metric.reset_state()
        return {}

    reset: Callable[[], Any] = model.reset_metrics
    ours = all(_is_ours(type(metric), "reset_state", "reset_states") for metric in metrics)
    if ours and metrics and _is_ours(type(model), "reset_metrics"):
        reset = Function(reset_all, name="reset of the metrics")
    read: Callable[[], Any] = model.get_metrics_result
    if metrics and _is_ours(type(model), "get_metrics_result"):
        read = Function(model.get_metrics_result, name="results of the metrics")
        try:
            read()
        except (TensorletError, AttributeError):  # a user's, whose result needs Python or its first batch
            read = model.get_metrics_result
    return MetricTools(reset, read)


def _is_ours(kind: type, *methods: str) -> bool:
    """Whether methods of a class are the package's own, and so safe to trace."""
    found = [getattr(kind, method, None) for method in methods]
    return all(method is None or str(method.__module__).startswith("tensorlet.") for method in found)


def numbers(logs: Mapping[str, object]) -> dict[str, Any]:
    """Scalar tensors as Python floats; arrays where a metric gives several numbers."""
    found: dict[str, Any] = {}
    for name, value in logs.items():
        array = np.asarray(value)
        found[name] = float(array.reshape(())) if array.size == 1 else array
    return found
