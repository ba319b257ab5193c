"""The traced functions and compiled programs of a model."""

from __future__ import annotations

import threading
from collections.abc import Hashable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tensorlet.core.function import Function
    from tensorlet.keras.training.step.metric_tools import MetricTools
    from tensorlet.keras.training.step.step_cache import CachedStep


class Programs:
    """The traced functions and compiled programs of a model, created on first use.

    A copy or pickle of a model gets an empty object, since the programs refer to the variables of the original.

    Attributes:
        functions: the traced steps.
        steps: the steps and metric tools of the last runs; see `step_cache`.
        metric_tools: functions that reset and read metrics.
        runners: compiled epochs.
        predictors: compiled predictions, by the shape of the input.
        calls: compiled calls of the model itself.
        facts: what the training data of the last run show, and their arrays; see `report.data_facts`.
        lock: held by a thread that uses the metrics of the model, so that several threads may evaluate one model.
    """

    def __init__(self) -> None:
        self.functions: dict[Hashable, Function] = {}
        self.steps: dict[Hashable, CachedStep] = {}
        self.metric_tools: dict[Hashable, MetricTools] = {}
        self.runners: dict[Hashable, Any] = {}
        self.predictors: dict[Hashable, Any] = {}
        self.calls: Any = None
        self.facts: Any = None
        self.lock = threading.RLock()

    def forget(self) -> None:
        """Discards all programs, because the model or its settings have changed."""
        self.functions, self.metric_tools, self.steps = {}, {}, {}
        self.runners, self.predictors = {}, {}
        self.calls = None

    def __reduce__(self) -> tuple[type[Programs], tuple[()]]:
        return Programs, ()

    def __deepcopy__(self, memo: dict[int, object]) -> Programs:
        return Programs()
