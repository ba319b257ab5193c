"""The variables of an optimizer: `iterations`, and the slots of each weight."""

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
from tensorlet.keras.generations import keras_generation
from tensorlet.keras.optimizers.gradient_accumulation import SUM
from tensorlet.keras.variables import named_variable

if TYPE_CHECKING:
    from tensorlet.type_aliases import DTypeLike, TensorLike


#: The names of slots in Keras 3.
KERAS_3_NAMES = {"m": "momentum", "v": "velocity", "vhat": "velocity_hat", "u": "norm"}


class VariableList(list[Any]):
    """A list that can also be called: ``optimizer.variables`` and ``optimizer.variables()``."""

    def __call__(self) -> VariableList:
        return self


class WithSlots:
    """The part of `Optimizer` that manages its variables.

    Args:
        use_ema: whether to keep a moving average of each variable.
        gradient_accumulation_steps: the number of steps for one update; None for one.
    """

    name: str
    #: Slots that files of Keras 2 contain, as zeros, although this optimizer does not use them.
    unused_slots: Sequence[str] = ()
    #: The product of the momenta of Nadam so far; None for other optimizers, and before `build`.
    momentum_product: Variable | None = None

    def __init__(self, use_ema: bool, gradient_accumulation_steps: int | None = None) -> None:
        self.use_ema = use_ema
        self.gradient_accumulation_steps = gradient_accumulation_steps
        self.built = False
        self._slots: dict[tuple[Any, str], Variable] = {}
        self._index_dict: dict[Any, int] = {}
        self._trainable_variables: list[Variable] = []
        self._iterations = named_variable(self._path_of("iteration"), np.zeros((), np.int64), trainable=False)
        self._tracked: list[Variable] = [self._iterations]

    def _path_of(self, name: str) -> str:
        """The path of an own variable: in Keras 3 with the name of the optimizer."""
        return f"{self.name}/{name}" if keras_generation() == 3 else name

    @property
    def iterations(self) -> Any:
        """The number of updates so far (int64): a variable, or a tensor with ``gradient_accumulation_steps``."""
        if self.gradient_accumulation_steps:
            return self._iterations // self.gradient_accumulation_steps
        return self._iterations

    @iterations.setter
    def iterations(self, variable: Variable) -> None:
        if self.built:
            raise TensorletError(
                "iterations cannot be replaced after the optimizer's first step. Use assign."
            )
        self._tracked[0] = self._iterations = variable

    def slot_names(self) -> Sequence[str]:
        """Returns the names of the slots: arrays kept for each variable, with its shape and initially zero."""
        return ()

    def slot_names_of(self, variable: Variable) -> Sequence[str]:
        """Returns the names of the slots of one variable; all of `slot_names`, unless a subclass overrides it."""
        return self.slot_names()

    def initial_slot(self, variable: Variable, name: str) -> np.ndarray:
        """Returns the initial value of a slot: zeros, unless a subclass overrides it."""
        return np.zeros(tuple(variable.shape), variable.dtype.numpy)

    def build(self, var_list: Iterable[Variable]) -> None:
        """Creates the slots of variables that have none yet."""
        new = [variable for variable in flatten(list(var_list)) if variable.ref() not in self._index_dict]
        for variable in new:
            self._index_dict[variable.ref()] = len(self._trainable_variables)
            self._trainable_variables.append(variable)
            for name in self.slot_names_of(variable):
                self._add_slot(variable, name, self.initial_slot(variable, name))
        if self.use_ema:
            for variable in new:
                self._add_slot(variable, "average", variable.read_value())
        if self.gradient_accumulation_steps:
            for variable in new:
                self._add_slot(variable, SUM, np.zeros(tuple(variable.shape), variable.dtype.numpy))
        self.built = True
        resume()

    def _add_slot(self, variable: Variable, name: str, initial_value: TensorLike) -> None:
        made = self.add_variable_from_reference(variable, f"{self.name}/{name}", initial_value=initial_value)
        self._slots[variable.ref(), name] = made

    def slot(self, variable: Variable, name: str) -> Variable:
        """Returns the slot with that name for a variable.

        Raises:
            UnknownNameError: if `slot_names` does not contain it.
        """
        try:
            return self._slots[variable.ref(), name]
        except KeyError:
            known = sorted({slot for _, slot in self._slots})
            raise UnknownNameError(
                f"{self.name} has no slot '{name}' for the variable '{variable.label}'.{did_you_mean(name, known)} "
                f"slot_names() returns {known}; the variable must have been passed to build or apply_gradients."
            ) from None

    get_slot = slot

    def add_variable(
        self,
        shape: Sequence[int] = (),
        initializer: object = "zeros",
        dtype: DTypeLike | None = None,
        name: str | None = None,
    ) -> Variable:
        """Adds a variable to the optimizer, which is saved with it."""
        from tensorlet.keras import initializers

        value = initializers.get(initializer)(tuple(shape), dtype or float32)
        made = named_variable(name or f"{self.name}/variable", value, trainable=False, dtype=dtype)
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
        """Adds a variable with the shape and dtype of another one, named ``variable_name/its name``.

        Args:
            model_variable: the other variable; ``reference_variable`` in Keras 3.
            variable_name: the prefix of the name; ``name`` in Keras 3.
            shape: the shape, if it is a different one.
            initial_value: by default ``initializer`` computes it.
        """
        model_variable = reference_variable if model_variable is None else model_variable
        if model_variable is None:
            raise InvalidArgumentError(
                f"{self.name}.add_variable_from_reference got no variable, expected the variable to refer to."
            )
        if initial_value is None:
            from tensorlet.keras import initializers

            lengths = tuple(model_variable.shape if shape is None else shape)
            initial_value = initializers.get(initializer)(lengths, model_variable.dtype)
        own = variable_name or name or self.name
        path = f"{own}/{model_variable.path}"
        if keras_generation() == 3:
            slot = own.rpartition("/")[2]
            path = f"{self.name}/{model_variable.path.replace('/', '_')}_{KERAS_3_NAMES.get(slot, slot)}"
        made = named_variable(path, initial_value, trainable=False, dtype=model_variable.dtype)
        self._tracked.append(made)
        return made

    def _var_key(self, variable: Variable) -> Any:
        """Returns the key of a variable in ``_index_dict``, which custom optimizers may use."""
        return variable.ref()

    def _get_variable_index(self, variable: Variable) -> int:
        """Returns the index of a variable among those for which the optimizer was built."""
        return self._index_dict[variable.ref()]

    @property
    def variables(self) -> VariableList:
        """`iterations`, in Keras 3 the learning rate, then the slots, in the order in which they were created."""
        rate = getattr(self, "_learning_rate", None)
        if isinstance(rate, Variable) and keras_generation() == 3:
            return VariableList([self._tracked[0], rate, *self._tracked[1:]])
        return VariableList(self._tracked)

    @property
    def _counter(self) -> Variable:
        """The variable that counts steps."""
        return self._iterations

    def add_optimizer_variables(
        self,
        trainable_variables: Sequence[Variable],
        name: str | Sequence[str],
        initializer: object = "zeros",
    ) -> Any:
        """Adds a variable, or several, with the shape of each of some weights, as optimizers of Keras 3 do in `build`.

        Args:
            trainable_variables: the weights.
            name: the name of the variables; a list of names for several per weight.
            initializer: of the variables; a list for several.

        Returns:
            A list with a variable for each weight; for a list of names a tuple of such lists.

        >>> import tensorlet as tf
        >>> w = tf.Variable([1.0, 2.0])
        >>> means, squares = tf.keras.optimizers.SGD().add_optimizer_variables([w], ["mean", "square"])
        >>> means[0].shape
        TensorShape([2])
        """
        names = [name] if isinstance(name, str) else list(name)
        makers = list(initializer) if isinstance(initializer, list | tuple) else [initializer] * len(names)
        made = tuple(
            [self.add_variable_from_reference(one, own, initializer=maker) for one in trainable_variables]
            for own, maker in zip(names, makers, strict=True)
        )
        return made[0] if isinstance(name, str) else made

    def get_weights(self) -> list[Any]:
        """Returns the values of `variables` as arrays."""
        return [variable.numpy() for variable in self.variables]

    def set_weights(self, weights: Sequence[Any]) -> None:
        """Sets the values of `variables`.

        Raises:
            InvalidArgumentError: if there are more or fewer values than variables.
            ShapeError: if a value has another shape.
        """
        own = self.variables
        if len(weights) != len(own):
            hint = "" if self.built else "You are calling it before the optimizer is built. "
            raise InvalidArgumentError(
                f"{self.name}.set_weights got {len(weights)} arrays, but the optimizer has {len(own)} variables. {hint}"
                "Slots exist after the first step, or after optimizer.build(model.trainable_variables)."
            )
        for variable, value in zip(own, weights, strict=True):
            variable.assign(np.asarray(value, variable.dtype.numpy))

    def _prepare(self, variables: list[Variable]) -> None:
        """Creates the variables that this step still needs."""
        unknown = [variable for variable in variables if variable.ref() not in self._index_dict]
        if not unknown:
            return
        if self.built and not type(self).build.__module__.startswith(
            __package__
        ):  # a user-defined optimizer may create variables only once
            raise InvalidArgumentError(
                f"{self.name} was built without the variable '{unknown[0].label}'. Call optimizer.build([...]) with "
                "all variables before the first step."
            )
        try:
            self.build(unknown)
        except TracingError:
            raise TracingError(
                f"{self.name} is used with the variable '{unknown[0].label}' for the first time inside a traced "
                "function, which cannot create slots. Call optimizer.build([...]) with all variables before that."
            ) from None
