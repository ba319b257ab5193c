"""Which of two values of a monitored metric is the better one."""

from __future__ import annotations

import math
import re
import warnings
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from tensorlet.errors import warn_user
from tensorlet.extensions import extensible
from tensorlet.keras.naming import snake_case

if TYPE_CHECKING:
    from tensorlet.keras.metrics.base import Metric
    from tensorlet.keras.models.model import Model

MODES = ("auto", "min", "max")
#: Names of metrics that Keras 2 maximizes in mode "auto".
KERAS_2_MAXIMIZES = re.compile(r"(acc|accuracy|auc)$|f1|^fmeasure")
#: Classes and names of metrics whose larger value is the better one.
LARGER_IS_BETTER = re.compile(
    r"accuracy|(^|_)(acc|auc|precision|recall|f1|f_?beta|r2|iou|io_u|cosine_similarity|true_positives|true_negatives)(_|$)"
    r"|sensitivity_at|specificity_at"
)
_noted: set[str] = set()


def checked_mode(mode: str, who: str) -> str:
    """The mode; "auto", with a warning, for an unknown one.

    Args:
        mode: "min", "max" or "auto".
        who: the callback, for the warning.
    """
    if mode in MODES:
        return mode
    warnings.warn(
        f"{who}: mode={mode!r} is unknown; expected 'auto', 'min' or 'max'. 'auto' is used.", stacklevel=3
    )
    return "auto"


def higher_is_better(monitor: str, mode: str, who: str, model: Model | None = None) -> bool:
    """Whether a larger value of a metric is better.

    In mode "auto" the metric's class decides, as in Keras 3, or else its name. A note says so once where Keras 2 takes
    the smaller value.

    Args:
        monitor: the metric's name in the logs, such as "val_accuracy".
        mode: "min", "max" or "auto".
        who: the callback, for the note.
        model: the model that is trained; None while it is unknown.

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
            f"{who}(monitor='{monitor}') takes the largest value as the best one, as Keras 3 does; Keras 2 takes the "
            "smallest in mode='auto'. Give mode='max' or mode='min' to say which."
        )
    return larger


def _metric_named(name: str, model: Model) -> Metric | None:
    return next((metric for metric in model.metrics if metric.name == name), None)


def worst(higher: bool) -> float:
    """A value that every other one improves on."""
    return -math.inf if higher else math.inf


@extensible
def monitored(logs: Mapping[str, Any], monitor: str, who: str) -> float | None:
    """The metric's value; None, with a warning, if the logs do not have it."""
    value = logs.get(monitor)
    if value is None:
        fix = (
            "Pass validation_data to fit."
            if monitor.startswith("val_")
            else "Name one of those, or compile with it."
        )
        warnings.warn(
            f"{who} monitors '{monitor}', but the logs have only: {', '.join(logs) or 'nothing'}. {fix}",
            stacklevel=3,
        )
        return None
    return float(value)
