"""What a model has traced and compiled."""

from __future__ import annotations

import threading
from collections.abc import Hashable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tensorlet.core.function import Function
    from tensorlet.keras.training.step.metric_tools import MetricTools


class Programs:
    """The traced functions and compiled programs of a model. They are made when they are first needed.

    A copy or a pickle of a model gets an empty one, since the programs work on the variables of the original.

    Attributes:
        functions: the traced steps.
        metric_tools: how metrics are reset and read.
        runners: compiled epochs.
        predictors: compiled predictions for the shapes of inputs that were seen.
        calls: compiled calls of the model itself.
        lock: held by a thread while it uses the model's metrics, so that several threads may evaluate one model.
    """

    def __init__(self) -> None:
        self.functions: dict[Hashable, Function] = {}
        self.metric_tools: dict[Hashable, MetricTools] = {}
        self.runners: dict[Hashable, Any] = {}
        self.predictors: dict[Hashable, Any] = {}
        self.calls: Any = None
        self.lock = threading.RLock()

    def forget(self) -> None:
        """Forgets all programs: the model or its settings have changed."""
        self.functions, self.metric_tools = {}, {}
        self.runners, self.predictors = {}, {}
        self.calls = None

    def __reduce__(self) -> tuple[type[Programs], tuple[()]]:
        return Programs, ()

    def __deepcopy__(self, memo: dict[int, object]) -> Programs:
        return Programs()
