"""Mistakes that can be seen before training: settings and labels that do not fit together."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np

from tensorlet.core.structure import flatten
from tensorlet.errors import InvalidArgumentError, OutOfRangeError, ShapeError
from tensorlet.keras.trainer.inputs import Rows, unpack

CATEGORICAL = ("CategoricalCrossentropy", "CategoricalFocalCrossentropy", "categorical_crossentropy")
SPARSE = ("SparseCategoricalCrossentropy", "sparse_categorical_crossentropy")
BINARY = ("BinaryCrossentropy", "BinaryFocalCrossentropy", "binary_crossentropy", "binary_focal_crossentropy")


def check_before_training(model: Any, data: Rows, example: Any) -> None:
    """Looks for mistakes that training would not show, or only as numbers that do not improve.

    Args:
        model: the compiled model.
        data: the rows, with their labels.
        example: the model's output for one of them.

    Raises:
        ShapeError, OutOfRangeError, InvalidArgumentError: with what to mend.
    """
    _, labels, _ = unpack(data.structure)
    outputs = flatten(example)
    losses = model.compiled_loss.losses
    if labels is None or isinstance(labels, dict | list | tuple) or len(outputs) != 1 or len(losses) != 1:
        return
    labels = data.columns[len(flatten(data.structure[0]))]
    loss = losses[0]
    kind = loss_kind(loss)
    if kind is None or outputs[0].spec.rank != 2:
        return
    width = outputs[0].spec.shape[1]
    _check_settings(model, kind, loss, width)
    if kind in SPARSE:
        _check_sparse(labels, width, loss)
    elif kind in CATEGORICAL:
        _check_categorical(labels, width)
    elif labels.ndim == 2 and labels.shape[1] != width:
        raise ShapeError(
            f"The labels y have the shape {labels.shape}, but the last layer has {width} units, so its output is "
            f"[rows, {width}]. Expected one unit for each column of the labels: Dense({labels.shape[1]})."
        )
    elif labels.ndim == 1 and width > 1:
        raise ShapeError(
            f"The labels y are one number a row, but the last layer has {width} units, and the loss '{kind}' compares "
            f"them one by one. Expected Dense(1); or, for {width} classes, loss='sparse_categorical_crossentropy'."
        )


def loss_kind(loss: Any) -> str | None:
    """The name of a loss that came with Keras; None for one of the user's."""
    if loss is None:
        return None
    function = getattr(loss, "fn", None)
    known = function if function is not None else type(loss)
    if not str(getattr(known, "__module__", "")).startswith("tensorlet."):
        return None
    name = getattr(function, "__name__", None) or type(loss).__name__
    return str(name)


def last_activation(model: Any) -> str | None:
    """The name of the last layer's activation: "softmax", "sigmoid", ...; None if there is none."""
    layers = getattr(model, "layers", None)
    if not layers:
        return None
    layer = layers[-1]
    if type(layer).__name__ == "Softmax":
        return "softmax"
    return getattr(getattr(layer, "activation", None), "__name__", None)


def _check_settings(model: Any, kind: str, loss: Any, width: int) -> None:
    activation = last_activation(model)
    if width == 1 and activation == "softmax":
        raise InvalidArgumentError(
            "The last layer is a softmax over one unit, whose output is always 1: nothing can be learned. For two "
            "classes write Dense(1, activation='sigmoid') with loss='binary_crossentropy'."
        )
    if width == 1 and kind in (*CATEGORICAL, *SPARSE):
        raise InvalidArgumentError(
            f"The last layer has one unit, but the loss '{kind}' compares several classes: over one class it is "
            "always 0. For two classes use loss='binary_crossentropy'; for more, give the layer a unit for each "
            "class and activation='softmax'."
        )
    from_logits = _from_logits(loss)
    softmax_loss = kind in (*CATEGORICAL, *SPARSE)
    if from_logits and (
        (softmax_loss and activation == "softmax") or (kind in BINARY and activation == "sigmoid")
    ):
        warnings.warn(
            f"The last layer applies {activation}, and the loss has from_logits=True, which applies it once more: the "
            f"model will learn slowly and badly. Leave out activation='{activation}', or from_logits=True.",
            stacklevel=5,
        )


def _from_logits(loss: Any) -> bool:
    settings = getattr(loss, "_fn_kwargs", None) or getattr(loss, "fn_kwargs", None) or {}
    return bool(getattr(loss, "from_logits", False) or settings.get("from_logits", False))


def _check_sparse(labels: np.ndarray, width: int, loss: Any) -> None:
    if labels.ndim == 2 and labels.shape[1] > 1:
        hint = "loss='categorical_crossentropy', or the class numbers, y.argmax(axis=1)"
        raise ShapeError(
            f"The labels y have the shape {labels.shape}, one column for each class, but the loss "
            f"'sparse_categorical_crossentropy' expects one class number a row. Use {hint}."
        )
    if labels.size == 0:
        return
    lowest, highest = labels.min(), labels.max()
    ignored = getattr(loss, "ignore_class", None)
    if ignored is not None and (lowest < 0 or highest >= width):
        kept = labels[labels != ignored]
        lowest, highest = (kept.min(), kept.max()) if kept.size else (0, 0)
    if lowest < 0 or highest >= width:
        wrong = highest if highest >= width else lowest
        row = int(np.argmax(labels.reshape(-1) == wrong))
        raise OutOfRangeError(
            f"The label {wrong} in row {row} is outside the classes 0 to {width - 1}: the last layer has {width} "
            f"units. Expected Dense({int(max(highest, 0)) + 1}), or labels that count from 0."
        )


def _check_categorical(labels: np.ndarray, width: int) -> None:
    if labels.ndim == 1 or labels.shape[-1] == 1:
        raise ShapeError(
            f"The labels y have the shape {labels.shape}, one number a row, but the loss 'categorical_crossentropy' "
            f"expects {width} columns, one for each class. Use loss='sparse_categorical_crossentropy', or "
            f"tf.keras.utils.to_categorical(y, {width})."
        )
    if labels.ndim == 2 and labels.shape[1] != width:
        raise ShapeError(
            f"The labels y have {labels.shape[1]} columns, but the last layer has {width} units. Expected one for each "
            f"class: Dense({labels.shape[1]})."
        )
