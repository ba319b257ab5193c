"""Preparation of a run: builds the model, losses and metrics on a first batch, and checks for common mistakes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from tensorlet.core.compiled_call import uncompiled
from tensorlet.core.effects import silenced
from tensorlet.core.kept_values import unchanged_variables
from tensorlet.core.nest import flatten, pack_like
from tensorlet.core.tracing import Trace
from tensorlet.core.user_code import traced
from tensorlet.errors import ShapeError
from tensorlet.keras.training.data_adapter.batch_parts import Batch
from tensorlet.keras.training.data_adapter.rows import Rows
from tensorlet.keras.training.step.checks import check_before_training
from tensorlet.ops.registry import Spec, interpreting

if TYPE_CHECKING:
    from tensorlet.keras.training.data_adapter.adapter import DataAdapter
    from tensorlet.keras.training.step.steps import Steps


def prepare(
    model: Steps,
    data: DataAdapter,
    validation: DataAdapter | None = None,
    batch_size: int = 1,
    check_labels: bool = True,
) -> None:
    """Builds the model, its losses and metrics on a first batch, and checks that the settings match.

    Args:
        model: a compiled model.
        data: the input of the run.
        validation: the input of the validation.
        batch_size: the batch size; some models work only with one size.
        check_labels: whether to check the labels against the loss and the last layer.
    """
    with model._programs.lock:
        if not (
            type(data) is Rows and _is_prepared(model, [(spec.shape, spec.dtype) for spec in data.specs])
        ):
            with errors_for_given_shapes(model, data):
                _build_on(model, data.first(1 if rows_are_independent(model) else batch_size))
        if check_labels and model._example is not None:
            check_before_training(model, data, model._example)
            if isinstance(validation, Rows):
                check_before_training(model, validation, model._example, "y of the validation data")


def _build_on(model: Steps, first: Batch) -> None:
    """Builds the model on a first batch, unless the last batch had the same form."""
    forms = [(leaf.spec.shape[1:], leaf.spec.dtype) for leaf in flatten(list(first))]
    if _is_prepared(model, forms):
        return
    y_pred = _first_output(model, first[0])
    if model.compiled_loss is None:
        model._make_containers(_output_names(model, y_pred))
    metrics = model.compiled_metrics
    if metrics is not None and not metrics.built and len(first) > 1 and y_pred is not None:
        try:
            metrics.build(first[1], y_pred)
        except ValueError:  # the steps of the user's own may not use them; if they do, this is raised there
            if model._is_default("train") or model._is_default("test"):
                raise
    model._prepared_for = forms
    model._example = y_pred


@contextmanager
def errors_for_given_shapes(model: Steps, data: DataAdapter) -> Iterator[None]:
    """Context manager in which shape errors show the shape of the user's arrays instead of that of a batch."""
    try:
        yield
    except ShapeError:
        if type(data) is Rows:
            _call_on_all_rows(model, data)
        raise


def _call_on_all_rows(model: Steps, data: Rows) -> None:
    """Traces the model for arrays of the given shapes, to raise its error for them; nothing is computed."""
    inputs = len(flatten(data.structure[0]))

    def run(trace: Trace) -> None:
        leaves = [
            trace.add_input(Spec((data.count, *spec.shape), spec.dtype)) for spec in data.specs[:inputs]
        ]
        with interpreting(trace):
            model(pack_like(data.structure[0], leaves), training=False)

    try:
        traced(lambda: Trace("checking the shape of the data"), run)
    except ShapeError as error:
        raise error from None
    except Exception:  # the model cannot be traced: use the error for the batch
        return


def _first_output(model: Steps, x: object) -> Any:
    """Returns the output of the model for a first row; None if it is defined only by user-defined steps."""
    try:
        with uncompiled(), silenced(), unchanged_variables():
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
    count = len(flatten(y_pred))  # None, if a user-defined step does everything, counts as one
    if names and len(names) == count:
        return list(names)
    if isinstance(y_pred, dict):
        return sorted(y_pred)
    return [f"output_{index + 1}" for index in range(count)]


def rows_are_independent(model: Steps) -> bool:
    """Whether each row of the output depends only on the same row of the input, as in all built-in layers."""
    layers = getattr(model, "_flatten_layers", None)
    found = list(layers()) if callable(layers) else [model, *getattr(model, "layers", ())]
    ours = all(type(layer).__module__.startswith("tensorlet.") for layer in found)
    ours = ours and not any(getattr(layer, "mixes_rows", False) for layer in found)
    return ours and not any(type(layer).__name__ == "Lambda" for layer in found)
