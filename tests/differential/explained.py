"""Differences from the real Keras that are meant, or that the real Keras owes to chance, each with its reason.

A reason is a condition on the program's text and on the place of the difference. It must be narrow: whatever meets
it is not looked at again.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

Outcome = dict[str, Any]
Condition = Callable[[str, str, Outcome, Outcome], bool]


def _names(where: str, *parts: str) -> bool:
    return "has the names" in where and any(part in where for part in parts)


def _their_error(theirs: Outcome, *words: str) -> bool:
    message = str((theirs["error"] or {}).get("message"))
    return any(word in message for word in words)


def _adaptive(text: str) -> bool:
    return re.search(r'Adam|RMSprop|Adadelta|Nadam|Adagrad|Ftrl|"adam"|"rmsprop"', text) is not None


def _zero_gradient(text: str) -> bool:
    """Whether a bias stands right before a BatchNormalization, which takes it away again."""
    return re.search(r"(Conv|Dense)[^\n]*\n[^\n]*BatchNormalization", text) is not None


#: Reason -> whether it applies to (text, where, ours, theirs).
KERAS_2: dict[str, Condition] = {
    "compute_loss of one's own: the loss is reported, which Keras 2 leaves out": lambda text, where, ours, theirs: (
        "def compute_loss" in text and "loss" in where
    ),
    "ignore_class: the mean of no rows is 0, in Keras 2 nan": lambda text, where, ours, theirs: (
        "ignore_class" in text and where.endswith("expected nan")
    ),
    "F1Score in Keras 2 refuses labels of integers, and weights": lambda text, where, ours, theirs: (
        ours["error"] is None and "F1Score" in text and theirs["error"] is not None
    ),
    "a metric with one score is a number, in Keras 2 a list": lambda text, where, ours, theirs: (
        re.search(r"is (-?[\d.e-]+|nan), expected \[[^,]*\]$", where) is not None
    ),
    "CSVLogger: Keras adds columns of NA for a validation that never is": lambda text, where, ours, theirs: (
        where.startswith("csv has") and "CSVLogger" in text
    ),
    "steps_per_execution has no effect: callbacks are called for each batch": lambda text, where, ours, theirs: (
        "steps_per_execution" in text and ("records 'batch" in where or where.startswith("batch"))
    ),
    "names in eager runs of Keras 2 are counted through the program": lambda text, where, ours, theirs: (
        _names(where, "_1'", "_2'", "_3'", "_4'", "weighted_")
    ),
    "load_model of Keras 2 repeats the output's name in names of metrics": lambda text, where, ours, theirs: (
        _names(where, "'out0_out0_", "'out1_out1_")
    ),
    "Keras 2 counts Nadam's product differently when run eagerly, and starts it afresh when loaded": (
        lambda text, where, ours, theirs: "Nadam" in text and " is " in where
    ),
    "a schedule and a callback that sets the rate: refused, since Keras 2 would ignore the callback": (
        lambda text, where, ours, theirs: "reads and sets the learning rate" in str(ours["error"])
    ),
    "two metrics of one name: Keras 2 refuses": lambda text, where, ours, theirs: _their_error(
        theirs, "Found two metrics with the same name"
    ),
    "Keras took too long": lambda text, where, ours, theirs: (
        (theirs["error"] or {}).get("type") == "TimeoutError"
    ),
    "clipping: Keras takes the norm of an Embedding's gradient before equal rows are added": (
        lambda text, where, ours, theirs: "Embedding" in text and "clip" in text and " is " in where
    ),
    "an optimizer that divides by the gradient's size, where the true gradient is 0": (
        lambda text, where, ours, theirs: _zero_gradient(text) and _adaptive(text) and " is " in where
    ),
}

KERAS_3: dict[str, Condition] = {}


def explanation(peer: str, text: str, where: str, found: Outcome, wanted: Outcome) -> str:
    """Why a program may differ there; empty if it may not."""
    reasons = KERAS_3 if peer == "keras3" else KERAS_2
    return next((reason for reason, applies in reasons.items() if applies(text, where, found, wanted)), "")
