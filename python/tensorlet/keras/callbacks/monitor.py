"""Which of two values of a metric is the better one."""

from __future__ import annotations

import math
import warnings
from collections.abc import Mapping
from typing import Any

from tensorlet.keras.spellings import note_old_spelling
from tensorlet.keras.training.report.history import other_spelling


def higher_is_better(monitor: str, mode: str, who: str) -> bool:
    """Whether a metric is to grow; "auto" tells it by the name.

    Args:
        monitor: the metric's name, such as "val_accuracy".
        mode: "min", "max" or "auto".
        who: the callback, for the warning.
    """
    if mode not in ("auto", "min", "max"):
        warnings.warn(
            f"{who}: mode={mode!r} is unknown; expected 'auto', 'min' or 'max'. 'auto' is taken.",
            stacklevel=3,
        )
        mode = "auto"
    if mode != "auto":
        return mode == "max"
    return monitor.endswith(("acc", "accuracy", "auc")) or "f1" in monitor or monitor.startswith("fmeasure")


def worst(higher: bool) -> float:
    """A value that every other one improves on."""
    return -math.inf if higher else math.inf


def monitored(logs: Mapping[str, Any], monitor: str, who: str) -> float | None:
    """The metric's value; None, with a warning, if it is not there."""
    value = logs.get(monitor)
    if value is None and other_spelling(monitor) in logs:
        value = logs[other_spelling(monitor)]
        if monitor.endswith("acc"):
            note_old_spelling(f"{who}(monitor='{monitor}')", f"{who}(monitor='{other_spelling(monitor)}')")
    if value is None:
        mend = (
            "Pass validation_data to fit."
            if monitor.startswith("val_")
            else "Name one of those, or compile with it."
        )
        warnings.warn(
            f"{who} watches '{monitor}', which is not there; there is: {', '.join(logs) or 'nothing'}. {mend}",
            stacklevel=3,
        )
        return None
    return float(value)
