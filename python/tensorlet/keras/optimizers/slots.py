"""How an optimizer keeps its variables: `iterations`, and slots beside each weight."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from tensorlet.checkpoint.pending import resume
from tensorlet.core.nest import flatten
from tensorlet.core.variable import Variable
from tensorlet.dtypes import float32
from tensorlet.errors import (
    InvalidArgumentError,
    TensorletError,
    TracingError,
    UnknownNameError,
    did_you_mean,
)

if TYPE_CHECKING:
    from tensorlet.type_aliases import DTypeLike, TensorLike


class VariableList(list[Any]):
    """A list that may also be called: ``optimizer.variables`` and ``optimizer.variables()``."""

    def __call__(self) -> VariableList:
        return self


class WithSlots:
    """The part of an `Optimizer` that concerns variables of its own.

    Args:
        use_ema: keep a moving average beside each variable.
    """

    name: str
    #: Slots that files of Keras 2 hold, as zeros, although this optimizer does not use them.
    unused_slots: Sequence[str] = ()
    #: Nadam's product of the momenta so far; None in other optimizers, and before Nadam is built.
    momentum_product: Variable | None = None

    def __init__(self, use_ema: bool) -> None:
        self.use_ema = use_ema
        self.built = False
        self._slots: dict[tuple[Any, str], Variable] = {}
        self._index_dict: dict[Any, int] = {}
        self._trainable_variables: list[Variable] = []
        self._iterations = Variable(np.zeros((), np.int64), trainable=False, name="iteration")
        self._tracked: list[Variable] = [self._iterations]

    @property
    def iterations(self) -> Variable:
        """How many steps have been taken (int64)."""
        return self._iterations

    @iterations.setter
    def iterations(self, variable: Variable) -> None:
        if self.built:
            raise TensorletError(
                "iterations cannot be replaced any more: the optimizer has taken a step. Use assign."
            )
        self._tracked[0] = self._iterations = variable

    def slot_names(self) -> Sequence[str]:
        """The names of the arrays that stand beside each variable, zeros of its shape at first."""
        return ()

    def initial_slot(self, variable: Variable, name: str) -> np.ndarray:
        """What a slot starts from: zeros, unless a subclass says otherwise."""
        return np.zeros(tuple(variable.shape), variable.dtype.numpy)

    def build(self, var_list: Iterable[Variable]) -> None:
        """Makes the slots of variables that have none yet."""
        new = [variable for variable in flatten(list(var_list)) if variable.ref() not in self._index_dict]
        for variable in new:
            self._index_dict[variable.ref()] = len(self._trainable_variables)
            self._trainable_variables.append(variable)
            for name in self.slot_names():
                self._add_slot(variable, name, self.initial_slot(variable, name))
        if self.use_ema:
            for variable in new:
                self._add_slot(variable, "average", variable.value())
        self.built = True
        resume()

    def _add_slot(self, variable: Variable, name: str, initial_value: TensorLike) -> None:
        made = self.add_variable_from_reference(variable, f"{self.name}/{name}", initial_value=initial_value)
        self._slots[variable.ref(), name] = made

    def slot(self, variable: Variable, name: str) -> Variable:
        """The slot of that name beside a variable.

        Raises:
            UnknownNameError: if `slot_names` does not list it.
        """
        try:
            return self._slots[variable.ref(), name]
        except KeyError:
            known = sorted({slot for _, slot in self._slots})
            raise UnknownNameError(
                f"{self.name} has no slot '{name}' for the variable '{variable.name}'.{did_you_mean(name, known)} "
                f"slot_names() gives {known}; the variable must have been passed to build or apply_gradients."
            ) from None

    get_slot = slot

    def add_variable(
        self,
        shape: Sequence[int] = (),
        initializer: object = "zeros",
        dtype: DTypeLike | None = None,
        name: str | None = None,
    ) -> Variable:
        """A variable of the optimizer's own, saved with it."""
        from tensorlet.keras import initializers

        value = initializers.get(initializer)(tuple(shape), dtype or float32)
        made = Variable(value, trainable=False, name=name or f"{self.name}/variable", dtype=dtype)
        self._tracked.append(made)
        return made

    def add_variable_from_reference(
        self,
        model_variable: Variable | None = None,
        variable_name: str | None = None,
        shape: Sequence[int] | None = None,
        initial_value: TensorLike | None = None,
        name: str | None = None,
        initializer: object = "zeros",
        reference_variable: Variable | None = None,
    ) -> Variable:
        """A variable of the optimizer's own with a variable's shape and dtype, named ``variable_name/its name``.

        Args:
            model_variable: the variable; ``reference_variable`` in Keras 3.
            variable_name: stands before its name; ``name`` in Keras 3.
            shape: where it is another.
            initial_value: what it starts from; by default ``initializer`` makes it.
        """
        model_variable = reference_variable if model_variable is None else model_variable
        if model_variable is None:
            raise InvalidArgumentError(
                f"{self.name}.add_variable_from_reference got no variable, expected the one to stand beside."
            )
        if initial_value is None:
            from tensorlet.keras import initializers

            lengths = tuple(model_variable.shape if shape is None else shape)
            initial_value = initializers.get(initializer)(lengths, model_variable.dtype)
        own = variable_name or name or self.name
        made = Variable(
            initial_value, trainable=False, dtype=model_variable.dtype,
            name=f"{own}/{model_variable.name.removesuffix(':0')}",
        )  # fmt: skip
        self._tracked.append(made)
        return made

    def _var_key(self, variable: Variable) -> Any:
        """The key of a variable in ``_index_dict`` (optimizers written for Keras 2 ask)."""
        return variable.ref()

    def _get_variable_index(self, variable: Variable) -> int:
        """The place of a variable among those that the optimizer was built for."""
        return self._index_dict[variable.ref()]

    @property
    def variables(self) -> VariableList:
        """`iterations`, then the slots, in the order in which they were made."""
        return VariableList(self._tracked)

    def get_weights(self) -> list[Any]:
        """The values of `variables`, as arrays."""
        return [variable.numpy() for variable in self._tracked]

    def set_weights(self, weights: Sequence[Any]) -> None:
        """Sets the values of `variables`.

        Raises:
            InvalidArgumentError: if there are more or fewer values than variables.
            ShapeError: for a value of another shape.
        """
        if len(weights) != len(self._tracked):
            raise InvalidArgumentError(
                f"{self.name}.set_weights got {len(weights)} arrays, but the optimizer has {len(self._tracked)} "
                "variables. Slots exist after the first step, or after optimizer.build(model.trainable_variables)."
            )
        for variable, value in zip(self._tracked, weights, strict=True):
            variable.assign(np.asarray(value, variable.dtype.numpy))

    def _prepare(self, variables: list[Variable]) -> None:
        """Makes what the variables of this step still need."""
        unknown = [variable for variable in variables if variable.ref() not in self._index_dict]
        if not unknown:
            return
        if self.built and not type(self).build.__module__.startswith(
            __package__
        ):  # a user's may run only once
            raise InvalidArgumentError(
                f"{self.name} was built without the variable '{unknown[0].name}'. Call optimizer.build([...]) with "
                "all variables before the first step."
            )
        try:
            self.build(unknown)
        except TracingError:
            raise TracingError(
                f"{self.name} meets the variable '{unknown[0].name}' for the first time inside a traced function, "
                "which can make no new slots for it. Call optimizer.build([...]) with all variables before."
            ) from None
