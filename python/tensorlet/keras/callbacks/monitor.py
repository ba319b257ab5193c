"""Comparison of the values of a monitored metric."""

from __future__ import annotations

import math
import re
import warnings
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from tensorlet.errors import warn_user
from tensorlet.extensions import extensible
from tensorlet.keras.naming import snake_case
from tensorlet.localization import translate as _
from tensorlet.localization.suggestions import suggestion

if TYPE_CHECKING:
    from tensorlet.keras.metrics.base import Metric
    from tensorlet.keras.models.model import Model

MODES = ("auto", "min", "max")
#: Names of metrics that Keras 2 maximizes in mode "auto".
KERAS_2_MAXIMIZES = re.compile(r"(acc|accuracy|auc)$|f1|^fmeasure")
#: Classes and names of metrics for which larger values are better.
LARGER_IS_BETTER = re.compile(
    r"accuracy|(^|_)(acc|auc|precision|recall|f1|f_?beta|r2|iou|io_u|cosine_similarity|true_positives|true_negatives)(_|$)"
    r"|sensitivity_at|specificity_at"
)
_noted: set[str] = set()


class Compares:
    """A callback that compares the values of a metric."""

    _higher: bool

    @property
    def monitor_op(self) -> np.ufunc:
        """`numpy.greater` if larger values of the metric are better, else `numpy.less`."""
        return np.greater if self._higher else np.less

    @monitor_op.setter
    def monitor_op(self, compare: Callable[[float, float], bool]) -> None:
        self._higher = bool(compare(1.0, 0.0))


def checked_mode(mode: str, who: str) -> str:
    """Returns the mode; for an unknown one, warns and returns "auto".

    Args:
        mode: "min", "max" or "auto".
        who: the name of the callback, for the warning.
    """
    if mode in MODES:
        return mode
    text = _("{who}: mode={mode} is unknown, expected 'auto', 'min' or 'max'; using 'auto'.")
    warnings.warn(text.format(who=who, mode=repr(mode)), stacklevel=3)
    return "auto"


def higher_is_better(monitor: str, mode: str, who: str, model: Model | None = None) -> bool:
    """Whether larger values of a metric are better.

    In mode "auto", the class of the metric decides, as in Keras 3, or its name. A message is shown once if Keras 2
    prefers smaller values.

    Args:
        monitor: the name of the metric in the logs, such as "val_accuracy".
        mode: "min", "max" or "auto".
        who: the name of the callback, for the message.
        model: the model being trained; None if it is unknown.

    >>> higher_is_better("val_accuracy", "auto", "EarlyStopping"), higher_is_better("loss", "auto", "EarlyStopping")
    (True, False)
    """
    if mode != "auto":
        return mode == "max"
    name = monitor.removeprefix("val_")
    if KERAS_2_MAXIMIZES.search(monitor):
        return True
    metric = None if model is None else _metric_named(name, model)
    kinds = [] if metric is None else [snake_case(kind.__name__) for kind in type(metric).__mro__]
    larger = any(LARGER_IS_BETTER.search(kind) for kind in [name.lower(), *kinds])
    if larger and model is not None and monitor not in _noted:
        _noted.add(monitor)
        warn_user(
            _(
                "{who}(monitor='{monitor}') prefers larger values, as in Keras 3; Keras 2 prefers smaller ones in "
                "mode='auto'. Set mode='max' or mode='min' to choose."
            ).format(who=who, monitor=monitor)
        )
    return larger


def _metric_named(name: str, model: Model) -> Metric | None:
    return next((metric for metric in model.metrics if metric.name == name), None)


def worst(higher: bool) -> float:
    """Returns a value that every other one improves on."""
    return -math.inf if higher else math.inf


@extensible
def monitored(logs: Mapping[str, Any], monitor: str, who: str) -> float | None:
    """Returns the value of the metric; warns and returns None if the logs do not contain it."""
    value = logs.get(monitor)
    if value is None:
        is_unvalidated = monitor.startswith("val_") and not any(name.startswith("val_") for name in logs)
        fix = _("Use one of these, or compile the model with it.")
        if is_unvalidated:
            fix = _("Pass validation_data to fit.")
        problem = _("{who} monitors '{monitor}', but the logs contain only: {names}.").format(
            who=who, monitor=monitor, names=", ".join(logs) or _("nothing")
        )
        hint = "" if is_unvalidated else suggestion(monitor, logs)
        warnings.warn(f"{problem}{hint} {fix}", stacklevel=3)
        return None
    return float(np.asarray(value).item() if np.size(value) == 1 else value)
