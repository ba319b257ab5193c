"""The computation of a step of any cell: one of Tensorlet's, or one of the user's."""

from __future__ import annotations

import inspect
from functools import lru_cache
from typing import Any

from tensorlet.core.nest import flatten
from tensorlet.errors import InvalidArgumentError
from tensorlet.keras.layers.sequences.cells import RecurrentCell
from tensorlet.keras.layers.sequences.loops import Stepper
from tensorlet.ops.registry import Tensor


def stepper_of(cell: Any, batch: int, training: bool | None, constants: Any = None) -> Stepper:
    """Returns the computation of a step of a cell.

    Args:
        cell: the cell.
        batch: the number of examples.
        training: passed to the cell, if it takes it.
        constants: tensors that are passed to the cell in every step, or None.

    Raises:
        InvalidArgumentError: for constants, if the cell does not take them.
    """
    prepare = getattr(cell, "starting", None)
    if prepare is not None and _is_unchanged(type(cell)):  # type: ignore[arg-type]
        stepper: Stepper = prepare(batch, bool(training), constants)
        return stepper
    takes = _parameters(type(cell))  # type: ignore[arg-type]
    options: dict[str, Any] = {}
    if "training" in takes:
        options["training"] = training
    if constants is not None and "constants" not in takes:
        raise InvalidArgumentError(
            f"RNN: constants were passed, but {type(cell).__name__}.call does not take them. Define "
            "call(self, inputs, states, constants)."
        )
    if constants is not None:
        options["constants"] = constants
    run = cell if callable(cell) else cell.call

    def advance(inputs: Any, states: Any) -> tuple[Any, list[Tensor]]:
        output, following = run(inputs, states, **options)
        return output, flatten(following)

    return Stepper(lambda inputs: inputs, advance)


@lru_cache(maxsize=256)
def _is_unchanged(cell_class: type) -> bool:
    """Whether ``call`` is the one that belongs to ``starting``, not that of a subclass of the user's."""
    if issubclass(cell_class, RecurrentCell):
        return cell_class.call is RecurrentCell.call
    return cell_class.call.__module__.startswith("tensorlet.")  # type: ignore[attr-defined]


@lru_cache(maxsize=256)
def _parameters(cell_class: type) -> frozenset[str]:
    return frozenset(inspect.signature(cell_class.call).parameters)  # type: ignore[attr-defined]
