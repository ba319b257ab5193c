"""Optimizer steps outside of traced functions, as compiled graphs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from tensorlet.core import active_tapes
from tensorlet.core.compiled_call import NOT_COMPILED, CompiledCall, all_own, is_own, may_compile
from tensorlet.core.tensor import EagerTensor

if TYPE_CHECKING:
    from tensorlet.core.variable import Variable
    from tensorlet.keras.optimizers.base import Optimizer


class CompiledStep:
    """The step of an optimizer for some variables, valid for its current hyperparameters.

    Copies and pickles of an optimizer do not contain it, since it refers to the variables of the original.

    Args:
        optimizer: an optimizer that is built for the variables.
        variables: the variables that the step updates.
    """

    def __init__(self, optimizer: Optimizer, variables: Sequence[Variable]) -> None:
        self._optimizer = optimizer
        self._variables = list(variables)
        self._seen = optimizer.step_settings()
        self._ids = list(map(id, self._seen))
        constraints = [variable.constraint for variable in variables]
        self._is_own = is_own(type(optimizer)) and all_own([*self._seen, *constraints])
        self._call = CompiledCall(self._step, optimizer.name, changes_variables=True)

    def fits(self, variables: Sequence[Variable]) -> bool:
        """Whether it is the step for these variables, and no hyperparameter has been set since."""
        return list(map(id, variables)) == list(map(id, self._variables)) and self._ids == list(
            map(id, self._optimizer.step_settings())
        )

    def take(self, gradients: Sequence[Any]) -> bool:
        """Takes the step, unless it must run operation by operation; returns whether it did."""
        return self._is_own and self._call(list(gradients)) is not NOT_COMPILED

    def _step(self, gradients: list[Any]) -> None:
        self._optimizer.step_on(gradients, self._variables)

    def __reduce__(self) -> tuple[type[None], tuple[()]]:
        return type(None), ()

    def __deepcopy__(self, memo: dict[int, object]) -> None:
        return None


def may_take_compiled(gradients: Sequence[Any]) -> bool:
    """Whether a step with these gradients may run as a compiled graph."""
    return (
        may_compile()
        and not active_tapes.recording()
        and all(type(gradient) is EagerTensor for gradient in gradients)
    )
