"""What optimizers that pass the work on to others have in common."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from tensorlet.core.variable import Variable
from tensorlet.keras.optimizers.base import Optimizer
from tensorlet.keras.optimizers.slots import VariableList
from tensorlet.keras.registry import OPTIMIZERS

if TYPE_CHECKING:
    from collections.abc import Iterable

#: Arguments in configurations of Keras 2, which those of Keras 3 do not have.
_OF_KERAS_2 = ("jit_compile", "is_legacy_optimizer")


class Wrapping(Optimizer):
    """An optimizer that passes gradients on to other ones; subclasses define `inner_optimizers` and `inner_of`."""

    def inner_of(self, variable: Variable) -> Optimizer:
        """The optimizer that updates a variable."""
        raise NotImplementedError(f"{type(self).__name__} does not define inner_of(variable).")

    def build(self, var_list: Iterable[Variable]) -> None:
        """Creates the slots of variables that have none yet, each in the optimizer that updates it."""
        new = [variable for variable in var_list if variable.ref() not in self._index_dict]
        for inner, variables in self.grouped(new):
            inner.build(variables)
        super().build(new)

    def grouped(self, variables: Sequence[Variable]) -> list[tuple[Optimizer, list[Variable]]]:
        """The optimizers, each with the variables that it updates; those without any are left out."""
        groups: dict[int, tuple[Optimizer, list[Variable]]] = {}
        for variable in variables:
            inner = self.inner_of(variable)
            groups.setdefault(id(inner), (inner, []))[1].append(variable)
        return list(groups.values())

    @property
    def variables(self) -> VariableList:
        """The own variables, then those of the optimizers that do the work."""
        inner = [variable for one in self.inner_optimizers() for variable in one.variables]
        return VariableList([*super().variables, *inner])

    def slot(self, variable: Variable, name: str) -> Variable:
        """Returns the slot with that name for a variable, which the optimizer that updates it has."""
        return self.inner_of(variable).slot(variable, name)

    get_slot = slot

    def averaged(self, variables: Sequence[Variable]) -> list[Variable]:
        """Those of the variables of which a moving average is kept, the slot ``"average"``."""
        return [one for inner, group in self.grouped(variables) for one in inner.averaged(group)]

    def finalize_variable_values(self, var_list: Sequence[Variable]) -> None:
        """Sets variables to their moving averages, where the optimizer that updates them keeps some."""
        for inner, group in self.grouped(var_list):
            inner.finalize_variable_values(group)

    def single_optimizers(self) -> list[Optimizer]:
        """The optimizers that have a learning rate of their own."""
        return [one for inner in self.inner_optimizers() for one in inner.single_optimizers()]

    def step_settings(self) -> list[object]:
        """Everything that a step depends on, apart from the values of variables."""
        inner = [setting for one in self.inner_optimizers() for setting in (type(one), *one.step_settings())]
        return [*super().step_settings(), *inner]


def described(optimizer: Optimizer) -> dict[str, Any]:
    """The configuration of an optimizer in that of another one, as Keras 3 reads it."""
    config: dict[str, Any] = OPTIMIZERS.serialize(optimizer)
    own = {name: value for name, value in config["config"].items() if name not in _OF_KERAS_2}
    return {**config, "config": own}
