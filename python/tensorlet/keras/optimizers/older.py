"""What optimizers that users wrote for Keras 2.0 to 2.10 call, and what those for Keras 3 call."""

from __future__ import annotations

import inspect
from collections.abc import Sequence
from typing import Any

from tensorlet import ops
from tensorlet.core.variable import Variable
from tensorlet.dtypes import as_dtype
from tensorlet.keras.optimizers.learning_rate import WithLearningRate


class OlderForms(WithLearningRate):
    """The part of an `Optimizer` that serves classes written for other years.

    Those of Keras 2.0 to 2.10 keep their settings with ``_set_hyper``, make slots in ``_create_slots`` and say in
    ``_resource_apply_dense(grad, var, apply_state)`` how one variable changes:

    >>> import tensorlet as tf
    >>> class Plain(tf.keras.optimizers.Optimizer):
    ...     def __init__(self, learning_rate=0.25, name="Plain", **kwargs):
    ...         super().__init__(name, **kwargs)
    ...         self._set_hyper("learning_rate", learning_rate)
    ...     def _resource_apply_dense(self, grad, var, apply_state=None):
    ...         return var.assign_sub(self._decayed_lr(var.dtype) * grad)
    >>> w = tf.Variable(1.0)
    >>> int(Plain().apply_gradients([(tf.constant(2.0), w)])), float(w)
    (1, 0.5)
    """

    def build(self, var_list: Any) -> None:
        """Makes the slots of variables that have none yet."""
        variables = list(var_list)
        super().build(variables)
        create = getattr(self, "_create_slots", None)
        if create is not None:
            create(variables)

    def update_step(self, gradient: Any, variable: Variable, learning_rate: Any) -> None:
        """Changes one variable, in operations. Every optimizer says it.

        Args:
            gradient: the loss's derivative, of the variable's shape.
            variable: what to change, with ``assign`` and its kin.
            learning_rate: a scalar of the variable's dtype.
        """
        apply = getattr(self, "_resource_apply_dense", None)
        if apply is None:
            raise NotImplementedError(
                f"{type(self).__name__} does not say how a variable changes. "
                "Give it a method update_step(self, gradient, variable, learning_rate)."
            )
        options = {}
        if "apply_state" in inspect.signature(getattr(apply, "python_function", apply)).parameters:
            state = self._fallback_apply_state(None, variable.dtype)
            options["apply_state"] = {(device_of(variable), variable.dtype): state}
        apply(gradient, variable, **options)

    # Keras 2.0 to 2.10

    @property
    def _initial_decay(self) -> float:
        return self._decay

    def _set_hyper(self, name: str, value: Any) -> None:
        if name == "learning_rate":
            self._learning_rate = self._build_learning_rate(value)
        elif name == "decay":
            self._decay = float(value or 0.0)
        else:
            setattr(self, name, value)

    def _get_hyper(self, name: str, dtype: Any = None) -> Any:
        value = {"learning_rate": self._learning_rate, "decay": self._decay}.get(name)
        value = getattr(self, name) if value is None else value
        if callable(value) and not hasattr(value, "dtype"):
            return value
        return value if dtype is None else ops.cast(value, as_dtype(dtype))

    def _decayed_lr(self, var_dtype: Any) -> Any:
        return ops.cast(self.current_learning_rate(), as_dtype(var_dtype))

    def _fallback_apply_state(self, var_device: Any, var_dtype: Any) -> dict[str, Any]:
        state: dict[Any, dict[str, Any]] = {(var_device, var_dtype): {}}
        self._prepare_local(var_device, var_dtype, state)
        return state[var_device, var_dtype]

    def _prepare_local(self, var_device: Any, var_dtype: Any, apply_state: Any) -> None:
        apply_state[var_device, var_dtype]["lr_t"] = self._decayed_lr(var_dtype)

    def add_slot(
        self, var: Variable, slot_name: str, initializer: Any = "zeros", shape: Any = None
    ) -> Variable:
        """A variable of its own beside a variable; `slot` gives it back."""
        if (var.ref(), slot_name) not in self._slots:
            from tensorlet.keras import initializers

            lengths: Sequence[int] = tuple(var.shape if shape is None else shape)
            self._add_slot(var, slot_name, initializers.get(initializer)(lengths, var.dtype))
        return self._slots[var.ref(), slot_name]

    def _serialize_hyperparameter(self, value: Any) -> Any:
        return super()._serialize_hyperparameter(self._get_hyper(value) if isinstance(value, str) else value)

    # Keras 3

    def assign(self, variable: Variable, value: Any) -> None:
        """``variable.assign(value)``."""
        variable.assign(ops.cast(value, variable.dtype))

    def assign_add(self, variable: Variable, value: Any) -> None:
        """``variable.assign_add(value)``."""
        variable.assign_add(ops.cast(value, variable.dtype))

    def assign_sub(self, variable: Variable, value: Any) -> None:
        """``variable.assign_sub(value)``."""
        variable.assign_sub(ops.cast(value, variable.dtype))


def device_of(variable: Variable) -> str:
    """The device of a variable, as a key: there is one."""
    return str(getattr(variable, "device", ""))
