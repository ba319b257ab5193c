"""Checks before training for settings and labels that do not match."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import numpy as np

from tensorlet.core.nest import flatten, map_structure
from tensorlet.core.tensor import EagerTensor, SymbolicTensor
from tensorlet.core.tracing import Trace
from tensorlet.core.user_code import traced
from tensorlet.errors import InvalidArgumentError, OutOfRangeError, ShapeError, TensorletError, warn_user
from tensorlet.keras.training.data_adapter.batch_parts import unpack
from tensorlet.keras.training.data_adapter.rows import Rows
from tensorlet.localization import translate as _
from tensorlet.ops.registry import interpreting

if TYPE_CHECKING:
    from tensorlet.keras.losses.base import Loss
    from tensorlet.keras.training.data_adapter.adapter import DataAdapter
    from tensorlet.keras.training.step.steps import Steps

CATEGORICAL = (
    "CategoricalCrossentropy", "CategoricalFocalCrossentropy", "categorical_crossentropy",
    "categorical_focal_crossentropy",
)  # fmt: skip
SPARSE = ("SparseCategoricalCrossentropy", "sparse_categorical_crossentropy")
#: Other losses whose labels are classes, and whose predictions are rows.
OF_CLASSES = (
    "CategoricalGeneralizedCrossEntropy", "Circle", "categorical_generalized_cross_entropy", "circle",
)  # fmt: skip
BINARY = ("BinaryCrossentropy", "BinaryFocalCrossentropy", "binary_crossentropy", "binary_focal_crossentropy")


def check_before_training(model: Steps, data: DataAdapter, example: object, what: str = "y") -> None:
    """Checks for mistakes that training would not report, or only by values that do not improve.

    Args:
        model: the compiled model.
        data: rows with their labels, or batches, of which the first is checked.
        example: the output of the model for one row.
        what: the name of the labels in messages.

    Raises:
        ShapeError, OutOfRangeError, InvalidArgumentError: for a mistake; the message explains the fix.
    """
    _check_inputs(model, data, what)
    outputs, losses = flatten(example), model.compiled_loss.losses
    targets = _targets(data, model.compiled_loss.output_names)
    if not len(outputs) == len(losses) == len(targets):
        return
    endings = _Endings(model, data)
    for index, (output, loss, labels) in enumerate(zip(outputs, losses, targets, strict=True)):
        kind = loss_kind(loss)
        if kind is None or labels is None or output.spec.rank < 2:
            continue
        name = (
            what if len(outputs) == 1 else f"{what} of the output '{model.compiled_loss.output_names[index]}'"
        )
        shape = output.spec.shape
        _check_settings(kind, loss, shape[-1], lambda index=index: endings.of(index))  # type: ignore[misc]
        if kind in SPARSE:
            _check_sparse(labels, shape, loss, name)
        elif kind in CATEGORICAL:
            _check_categorical(labels, shape, name)
        elif kind not in OF_CLASSES:
            _check_width(labels, shape, kind, name)
            if kind in BINARY:
                _check_binary(labels, name)


def loss_kind(loss: object) -> str | None:
    """Returns the name of a built-in loss; None for a user-defined loss."""
    if loss is None:
        return None
    function = getattr(loss, "fn", None)
    known = function if function is not None else type(loss)
    if not str(getattr(known, "__module__", "")).startswith("tensorlet."):
        return None
    name = getattr(function, "__name__", None) or type(loss).__name__
    return str(name)


def _check_inputs(model: Steps, data: DataAdapter, what: str) -> None:
    """Calls the checks of the layers that receive the inputs: an Embedding requires integers in its range."""
    inputs = getattr(model, "inputs", None)
    if not isinstance(data, Rows) or not isinstance(inputs, list | tuple):
        return
    x, _, _ = unpack(data.structure)
    columns = data.columns[: len(flatten(x))]
    if len(columns) != len(inputs) or isinstance(x, dict):
        return
    for layer in model.layers:
        check = getattr(layer, "check_data", None)
        for node in layer.inbound_nodes if check is not None else ():
            for number, column in enumerate(columns):
                if any(tensor is inputs[number] for tensor in node.inputs):
                    check(column, what.replace("y", "x", 1) if len(inputs) == 1 else f"x[{number}]")  # type: ignore[misc]


def _targets(data: DataAdapter, names: Sequence[str]) -> list[np.ndarray | None]:
    """Returns the labels of each output, as arrays."""
    if isinstance(data, Rows) and not data.stages:
        _, labels, _ = unpack(data.structure)
        inputs = len(flatten(data.structure[0]))
        columns = data.columns[inputs:]
    else:
        _, labels, _ = unpack(data.first())
        columns = [np.asarray(leaf) for leaf in flatten(labels)] if labels is not None else []
    if labels is None:
        return [None] * len(names)
    if isinstance(labels, dict):
        found = dict(zip(sorted(labels), columns, strict=False))
        return [found.get(name) for name in names]
    if isinstance(labels, list | tuple):
        return list(columns[: len(labels)])
    return [columns[0]]


class _Endings:
    """The last operation of each output of a model, traced on first use after `compile`.

    Args:
        model: the model.
        data: provides an example.
    """

    def __init__(self, model: Steps, data: DataAdapter) -> None:
        self.model = model
        self.data = data

    def of(self, index: int) -> str | None:
        """Returns the last operation of an output: "softmax", "sigmoid", "add", ...; None if it is unknown."""
        compiled = self.model.compiled_loss
        if compiled.endings is None:
            compiled.endings = self._trace()
        return compiled.endings[index] if index < len(compiled.endings) else None

    def _trace(self) -> list[str | None]:
        first = self.data.first()

        def run(trace: Trace) -> list[object]:
            def as_input(leaf: object) -> object:
                return trace.add_input(leaf.spec) if isinstance(leaf, EagerTensor) else leaf

            with interpreting(trace):
                return flatten(self.model(map_structure(as_input, first[0]), training=False))

        try:
            outputs = traced(lambda: Trace("examining the model's outputs"), run)
        except TensorletError:  # a model that can only run eagerly
            return []
        return [_operation_of(output) for output in outputs]


def _operation_of(output: object) -> str | None:
    node = output.node if isinstance(output, SymbolicTensor) else None
    while node is not None and node.is_op("reshape", "cast", "identity"):
        node = node.inputs[0]
    return node.operation.name if node is not None and node.operation is not None else None


def _check_settings(kind: str, loss: Loss | None, width: int, ending: Callable[[], str | None]) -> None:
    """Checks that the loss matches the last layer.

    Args:
        kind: the name of the loss.
        loss: the loss.
        width: the width of the output.
        ending: returns the last operation of the output.
    """
    softmax_loss = kind in (*CATEGORICAL, *SPARSE)
    if width == 1 and ending() == "softmax":
        raise InvalidArgumentError(
            "The last layer is a softmax over one unit, whose output is always 1, so nothing can be learned. For two "
            "classes, use Dense(1, activation='sigmoid') with loss='binary_crossentropy'."
        )
    if width == 1 and softmax_loss:
        raise InvalidArgumentError(
            f"The last layer has one unit, but the loss '{kind}' compares several classes: over one class it is "
            "always 0. For two classes, use loss='binary_crossentropy'; for more, use one unit per class "
            "and activation='softmax'."
        )
    expected = "softmax" if softmax_loss else "sigmoid" if kind in BINARY else None
    if expected is None:
        return
    found = ending()
    if _from_logits(loss) and found == expected:
        warn_user(
            _(
                "The last layer applies {found}, and the loss has from_logits=True. As in TensorFlow, the loss is "
                "computed from the logits before the {found}. Remove activation='{found}' or from_logits=True."
            ).format(found=found)
        )
    elif not _from_logits(loss) and found in ("add", "matmul"):
        warn_user(
            _(
                "The last layer has no activation, but the loss '{kind}' expects probabilities. Set "
                "activation='{expected}' in the layer or from_logits=True in the loss."
            ).format(kind=kind, expected=expected)
        )


def _from_logits(loss: Loss | None) -> bool:
    settings = getattr(loss, "_fn_kwargs", None) or getattr(loss, "fn_kwargs", None) or {}
    return bool(getattr(loss, "from_logits", False) or settings.get("from_logits", False))


def _check_sparse(labels: np.ndarray, shape: Sequence[int], loss: Loss | None, name: str) -> None:
    width = shape[-1]
    if labels.ndim == len(shape) and labels.shape[-1] > 1:
        hint = "loss='categorical_crossentropy', or convert the labels with y.argmax(axis=-1)"
        raise ShapeError(
            f"The labels {name} have shape {labels.shape}, one column per class, but the loss "
            f"'sparse_categorical_crossentropy' expects one class index per row. Use {hint}."
        )
    if labels.size == 0 or labels.dtype.kind not in "biuf":
        return
    ignored = getattr(loss, "ignore_class", None)
    kept = labels if ignored is None else labels[labels != ignored]
    lowest, highest = (kept.min(), kept.max()) if kept.size else (0, 0)
    if lowest < 0 or highest >= width:
        wrong = highest if highest >= width else lowest
        fix = "labels that start at 0"
        if lowest:
            fix += f": y {'-' if lowest > 0 else '+'} {abs(lowest):g}"
        if lowest >= 0:
            fix = f"Dense({int(highest) + 1}), or {fix}"
        raise OutOfRangeError(
            f"The label {wrong:g} in row {_row_of(labels == wrong)} of {name} is outside the classes 0 to "
            f"{width - 1}: the last layer has {width} units. Expected {fix}."
        )
    if labels.dtype.kind == "f" and (fractions := kept != np.floor(kept)).any():
        wrong = kept[fractions].reshape(-1)[0]
        if np.isfinite(wrong):
            raise OutOfRangeError(
                f"The label {wrong:g} in row {_row_of(labels == wrong)} of {name} is not a class index: the loss "
                "'sparse_categorical_crossentropy' expects integers that start at 0. To predict numbers, use "
                "loss='mse'."
            )


def _check_categorical(labels: np.ndarray, shape: Sequence[int], name: str) -> None:
    width = shape[-1]
    if labels.ndim == len(shape) - 1 or labels.shape[-1] == 1:
        raise ShapeError(
            f"The labels {name} have shape {labels.shape}, one value per row, but the loss "
            f"'categorical_crossentropy' expects {width} columns, one per class. Use "
            f"loss='sparse_categorical_crossentropy', or tf.keras.utils.to_categorical(y, {width})."
        )
    if labels.shape[-1] != width:
        raise ShapeError(
            f"The labels {name} have {labels.shape[-1]} columns, but the last layer has {width} units. Expected one "
            f"per class: Dense({labels.shape[-1]})."
        )


def _check_width(labels: np.ndarray, shape: Sequence[int], kind: str, name: str) -> None:
    if len(shape) != 2:
        return
    width = shape[1]
    if labels.ndim == 2 and labels.shape[1] != width:
        raise ShapeError(
            f"The labels {name} have shape {labels.shape}, but the last layer has {width} units, so its output is "
            f"[rows, {width}]. Expected one unit per column of the labels: Dense({labels.shape[1]})."
        )
    if labels.ndim == 1 and width > 1:
        raise ShapeError(
            f"The labels {name} are one value per row, but the last layer has {width} units, and the loss '{kind}' "
            f"compares them one by one. Expected Dense(1); or, for {width} classes, "
            "loss='sparse_categorical_crossentropy'."
        )


def _check_binary(labels: np.ndarray, name: str) -> None:
    if labels.size == 0 or labels.dtype.kind not in "iuf":
        return
    lowest, highest = labels.min(), labels.max()
    if lowest < 0 or highest > 1:
        wrong = highest if highest > 1 else lowest
        fix = (
            _("For labels -1 and 1, use (y + 1) / 2 or loss='hinge'.")
            if lowest == -1 and highest == 1
            else _(
                "For several classes use loss='sparse_categorical_crossentropy' with a unit for each; to predict "
                "numbers use loss='mse'."
            )
        )
        problem = _(
            "The label {label:g} in row {row} of {name} is outside the classes 0 and 1 of the loss "
            "'binary_crossentropy'. The loss then has no minimum: it goes below 0, and training only drives the "
            "output towards {limit}."
        ).format(label=wrong, row=_row_of(labels == wrong), name=name, limit=1 if wrong > 1 else 0)
        warn_user(f"{problem} {fix}")


def _row_of(where: np.ndarray) -> int:
    """Returns the index of the first row that contains True."""
    return int(np.argmax(where.reshape(len(where), -1).any(axis=1)))
