"""The steps of a model as traced functions."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from tensorlet import ops
from tensorlet.core.function import Function
from tensorlet.core.nest import flatten
from tensorlet.core.user_code import user_function
from tensorlet.keras.training.data_adapter.batch_parts import Batch, as_given, unpack
from tensorlet.keras.training.data_adapter.byte_rows import scaled_back
from tensorlet.keras.training.data_adapter.dataset_rows import staged
from tensorlet.keras.training.data_adapter.rows import Rows

if TYPE_CHECKING:
    from tensorlet.keras.training.data_adapter.adapter import DataAdapter
    from tensorlet.keras.training.step.steps import Steps


def step_function(model: Steps, kind: str, data: DataAdapter, reads: bool = False) -> Function:
    """Returns the traced step, for the weights that were trainable at `compile`.

    Args:
        model: a compiled and built model.
        kind: "train" or "test".
        data: the input; for rows, the step converts bytes back to floats and applies the functions of the dataset.
        reads: whether the built-in step returns the results of the metrics.
    """
    scales = data.scales if isinstance(data, Rows) and any(data.scales) else ()
    stages = data.stages if isinstance(data, Rows) else ()
    state = model._trainable_state
    if state is None:
        return _traced(model, kind, scales, stages, reads)
    if kind == "train":
        state.warn_of_changes(model.name)
    with state.in_force():
        return _traced(model, kind, scales, stages, reads)


def _traced(
    model: Steps,
    kind: str,
    scales: tuple[float | None, ...],
    stages: tuple[Callable[..., Any], ...],
    reads: bool,
) -> Function:
    variables = list(model.trainable_variables)
    key = (kind, reads, scales, tuple(map(id, stages)), id(model.optimizer), tuple(map(id, variables)))
    functions = model._programs.functions
    if key not in functions:
        if kind == "train" and model._is_default(kind) and variables:
            model.optimizer.build(variables)
        body = _body(model, kind, scales, stages, reads)
        functions[key] = Function(body, name=f"{kind}_step of '{model.name}'")
    return functions[key]


def _body(
    model: Steps,
    kind: str,
    scales: tuple[float | None, ...],
    stages: tuple[Callable[..., Any], ...],
    reads: bool,
) -> Callable[[Batch], dict[str, Any]]:
    work = model._learn if kind == "train" else model._judge
    step = model.train_step if kind == "train" else model.test_step
    default = model._is_default(kind)
    state = model._trainable_state

    def run(data: Batch) -> dict[str, Any]:
        if scales:
            data = scaled_back(data, scales)
        if stages:
            data = staged(data, stages)
        if default:
            x, y, sample_weight = unpack(data)
            model._update_metrics(y, work(x, y, sample_weight), sample_weight)
            return model.get_metrics_result() if reads else {}
        # Arrays with an axis more, because an epoch returns their last value, and adds up scalars.
        logs = _as_logs(user_function(step)(as_given(data)))
        return {name: ops.expand_dims(value, 0) for name, value in logs.items()}

    def run_as_compiled(data: Batch) -> dict[str, Any]:
        if state is None:
            return run(data)
        with state.in_force():
            return run(data)

    return run_as_compiled


def _as_logs(result: object) -> dict[str, Any]:
    if isinstance(result, dict):
        return {str(name): value for name, value in result.items() if len(flatten(value)) == 1}
    return {"loss": result}
