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
    """Whether a bias stands right before a BatchNormalization, or the loss is the cosine of one number."""
    bias = re.search(r"(Conv|Dense)[^\n]*\n[^\n]*BatchNormalization", text)
    cosine = "losses.CosineSimilarity(" in text and re.search(r"Dense\(1[,)]", text)
    return bool(bias or cosine)


def _labels_without_columns(text: str) -> bool:
    return re.search(r"^y = \[?uniform\(\(12,\)", text, re.MULTILINE) is not None


_ZERO = "an optimizer that divides by the gradient's size, where the true gradient is 0"


def _changed_after_compile(text: str) -> bool:
    """Whether a layer is frozen after a ``compile``, and trained before the next one."""
    compiled = changed = False
    for line in text.splitlines():
        if line.startswith("model.compile("):
            compiled, changed = True, False
        elif compiled and ".trainable = " in line:
            changed = True
        elif changed and "model.fit(" in line:
            return True
    return False


#: Reason -> whether it applies to (text, where, ours, theirs).
KERAS_2: dict[str, Condition] = {
    "compute_loss of one's own: the loss is reported, which Keras 2 leaves out": lambda text, where, ours, theirs: (
        "def compute_loss" in text and "loss" in where
    ),
    "ignore_class: the mean of no rows is 0, in Keras 2 nan": lambda text, where, ours, theirs: (
        "ignore_class" in text and where.endswith("expected nan")
    ),
    "F1Score in Keras 2 refuses labels of integers, and weights": lambda text, where, ours, theirs: (
        "F1Score" in text
        and theirs["error"] is not None
        and (ours["error"] is None or theirs["error"]["line"] < ours["error"]["line"])
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
    "two metrics of one name: Keras 2 refuses": lambda text, where, ours, theirs: _their_error(
        theirs, "Found two metrics with the same name"
    ),
    "Keras 2 refuses class_weight for a dataset with weights of rows": lambda text, where, ours, theirs: (
        "class_weight" in text
        and _their_error(theirs, "Cannot convert a partially known TensorShape (None,)")
    ),
    "Keras 2 cannot load its own .h5 with the loss 'kl_divergence'": lambda text, where, ours, theirs: (
        _their_error(theirs, "Unknown metric function: 'kl_divergence'")
    ),
    "Keras took too long": lambda text, where, ours, theirs: _their_error(theirs, "did not end within"),
    "clipping: Keras takes the norm of an Embedding's gradient before equal rows are added": (
        lambda text, where, ours, theirs: "Embedding" in text and "clip" in text and " is " in where
    ),
    "an epoch for which no data are left: Keras 2 reports it, with losses and metrics of 0": (
        lambda text, where, ours, theirs: (
            "steps_per_epoch" in text
            and where.startswith("history")
            and "has 1 parts, expected 2" in where
            and theirs["records"][0][1]["loss"][1] == 0.0
        )
    ),
    "a layer frozen after compile: Keras 2 forgets the steps of the optimizer when it loads its own .keras": (
        lambda text, where, ours, theirs: (
            _changed_after_compile(text)
            and 'load_model(path("m.keras")' in text
            and not where.startswith("history")
        )
    ),
    "steps_per_execution: Keras 2 looks for more batches than the one of train_on_batch or test_on_batch": (
        lambda text, where, ours, theirs: (
            "steps_per_execution" in text
            and "_on_batch(" in text
            and (theirs["error"] or {}).get("type") in ("OutOfRangeError", "StopIteration")  # traced, eager
        )
    ),
    _ZERO: lambda text, where, ours, theirs: _zero_gradient(text) and _adaptive(text) and " is " in where,
}

KERAS_3: dict[str, Condition] = {
    "a train_step of one's own that leaves the loss to compute_loss: Keras 3 reports 0": (
        lambda text, where, ours, theirs: (
            "def train_step" in text and "loss'" in where and where.endswith("expected 0.0")
        )
    ),
    "trainable after compile: Keras 3 heeds it once it traces again, Tensorlet after the next compile": (
        lambda text, where, ours, theirs: _changed_after_compile(text) and " is " in where
    ),
    "Keras 3 squares the gradients of equal rows of an Embedding before it adds them": (
        lambda text, where, ours, theirs: "Embedding" in text and _adaptive(text) and " is " in where
    ),
    "compile without metrics: Keras 3 keeps those of the last compile": lambda text, where, ours, theirs: (
        _names(where, "'")
        and "metrics=" in text
        and re.search(r"model\.compile\((?!.*metrics=)", text) is not None
    ),
    "Keras 3 cannot load its own .h5 of a model with masks": lambda text, where, ours, theirs: _their_error(
        theirs, "Unknown layer: 'NotEqual'"
    ),
    "Keras 3 does not know the name": lambda text, where, ours, theirs: _their_error(
        theirs,
        "Could not interpret metric identifier",
        "Could not interpret loss identifier",
        "has no attribute 'mean_squared_error'",
    ),
    "Keras 3 cannot train on what it loads from its own .h5": lambda text, where, ours, theirs: (
        ".h5" in text and _their_error(theirs, "Unknown variable: <Variable")
    ),
    "Keras 3 refuses class_weight with sample_weight": lambda text, where, ours, theirs: _their_error(
        theirs, "`class_weight` and `sample_weight` at the same time"
    ),
    "Keras 3 refuses Bidirectional of a layer that goes backwards": lambda text, where, ours, theirs: (
        _their_error(theirs, "should have different `go_backwards` value")
    ),
    "Keras 3 refuses weights of shape (rows, 1) in a graph": lambda text, where, ours, theirs: (
        ", 1), 60" in text and _their_error(theirs, "Cannot take the length of shape with unknown rank")
    ),
    "F1Score in Keras 3 refuses weights of shape (rows, 1)": lambda text, where, ours, theirs: (
        "F1Score" in text and _their_error(theirs, "must match. variable.shape=(1,)")
    ),
    "a metric function of one's own: Keras 3 passes labels of shape (rows,), which then broadcast": (
        lambda text, where, ours, theirs: "own_metric" in where and _labels_without_columns(text)
    ),
    _ZERO: lambda text, where, ours, theirs: _zero_gradient(text) and _adaptive(text) and " is " in where,
    "apply_gradients in a step of one's own, after all layers were frozen: Keras 3 fails on the empty list": (
        lambda text, where, ours, theirs: (
            ".trainable = False" in text
            and "def train_step" in text
            and _their_error(theirs, "not enough values to unpack (expected 2, got 0)")
        )
    ),
    "Keras 3 refuses labels of another rank": lambda text, where, ours, theirs: _their_error(
        theirs, "must have the same rank"
    ),
}


def explanation(peer: str, text: str, where: str, found: Outcome, wanted: Outcome) -> str:
    """Why a program may differ there; empty if it may not."""
    reasons = KERAS_3 if peer == "keras3" else KERAS_2
    return next((reason for reason, applies in reasons.items() if applies(text, where, found, wanted)), "")
