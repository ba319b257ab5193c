"""Before a run: the model, its losses and metrics are built on a first batch, and common mistakes are looked for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tensorlet.core.nest import flatten
from tensorlet.keras.training.data_adapter.batch_parts import Batch
from tensorlet.keras.training.data_adapter.rows import Rows
from tensorlet.keras.training.step.checks import check_before_training

if TYPE_CHECKING:
    from tensorlet.keras.training.data_adapter.adapter import DataAdapter
    from tensorlet.keras.training.step.steps import Steps


def prepare(
    model: Steps, data: DataAdapter, validation: DataAdapter | None = None, check_labels: bool = True
) -> None:
    """Builds the model, its losses and metrics on a first row, and checks that the settings fit together.

    Args:
        model: a compiled model.
        data: the input of the run.
        validation: the input of its validation.
        check_labels: whether the labels are compared with the loss and the last layer.
    """
    with model._programs.lock:
        if not (
            type(data) is Rows and _is_prepared(model, [(spec.shape, spec.dtype) for spec in data.specs])
        ):
            _build_on(model, data.first())
        if check_labels and model._example is not None:
            check_before_training(model, data, model._example)
            if isinstance(validation, Rows):
                check_before_training(model, validation, model._example, "y of the validation data")


def _build_on(model: Steps, first: Batch) -> None:
    """Builds on a first batch, unless the last one that the model was built on had the same form."""
    forms = [(leaf.spec.shape[1:], leaf.spec.dtype) for leaf in flatten(list(first))]
    if _is_prepared(model, forms):
        return
    y_pred = _first_output(model, first[0])
    if model.compiled_loss is None:
        model._make_containers(_output_names(model, y_pred))
    metrics = model.compiled_metrics
    if metrics is not None and not metrics.built and len(first) > 1 and y_pred is not None:
        metrics.build(first[1], y_pred)
    model._prepared_for = forms
    model._example = y_pred


def _first_output(model: Steps, x: object) -> Any:
    """The model's output for a first row; None if only steps that the user wrote say what it does."""
    try:
        return model(x, training=False)
    except NotImplementedError:
        if model._is_default("train") and model._is_default("test"):
            raise
        return None


def _is_prepared(model: Steps, forms: list[tuple[Any, Any]]) -> bool:
    """Whether the model, its losses and metrics are built for rows of these shapes and dtypes."""
    if model.compiled_loss is None or not model.compiled_metrics.built or model._prepared_for is None:
        return False
    return forms == model._prepared_for


def _output_names(model: Steps, y_pred: object) -> list[str]:
    names = getattr(model, "output_names", None)
    count = len(flatten(y_pred))  # None, where a step that the user wrote says everything, counts as one
    if names and len(names) == count:
        return list(names)
    if isinstance(y_pred, dict):
        return sorted(y_pred)
    return [f"output_{index + 1}" for index in range(count)]
