"""Legacy optimizers of Keras: arguments, lower-case names, and the methods of Keras 2.0 to 2.10.

A class written for Keras 2.0 to 2.10 stores its settings with ``_set_hyper``, creates slots in ``_create_slots`` and
updates one variable in ``_resource_apply_dense(grad, var, apply_state)``:

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

from __future__ import annotations

import functools
import inspect
import sys
from collections.abc import Callable, Iterable, Sequence
from types import ModuleType
from typing import TYPE_CHECKING, Any

from tensorlet import ops
from tensorlet.compat.deprecation import warn_legacy
from tensorlet.core.variable import Variable
from tensorlet.dtypes import as_dtype, float32
from tensorlet.keras import initializers

if TYPE_CHECKING:
    from tensorlet.keras.optimizers.learning_rate import LearningRate
    from tensorlet.ops.registry import Tensor
    from tensorlet.type_aliases import DTypeLike

#: The optimizers that early versions of Keras 2 also provided under lower-case names: ``rmsprop(lr=0.001)``.
LOWER_CASE = ("SGD", "Adadelta", "Adagrad", "Adam", "Adamax", "Nadam", "RMSprop")


class CallableModule(ModuleType):
    """The module of an optimizer, such as ``keras.optimizers.adam``, which can also be called like the class."""

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Creates the optimizer."""
        name = self.__name__.rpartition(".")[2]
        optimizer = next(getattr(self, known) for known in LOWER_CASE if known.lower() == name)
        warn_legacy(f"optimizers.{name}", f"optimizers.{optimizer.__name__}")
        return optimizer(*args, **kwargs)


def extend_optimizer(optimizer: type) -> type:
    """Makes the module of an optimizer callable; see `LOWER_CASE`."""
    module = sys.modules[optimizer.__module__]
    if optimizer.__name__ in LOWER_CASE and module.__name__.endswith(f".{optimizer.__name__.lower()}"):
        module.__class__ = CallableModule
    return optimizer


def extend_base(optimizer: Any) -> Any:
    """Adds the legacy interface to the base class of optimizers."""
    optimizer.__init__ = _with_legacy_arguments(optimizer.__init__)
    optimizer.build = _with_create_slots(optimizer.build)
    optimizer.update_step = _or_resource_apply_dense(optimizer.update_step)
    optimizer.current_learning_rate = _with_decay(optimizer.current_learning_rate)
    optimizer.get_config = _config_with_decay(optimizer.get_config)
    optimizer._serialize_hyperparameter = _by_name_too(optimizer._serialize_hyperparameter)
    optimizer.from_config = classmethod(_or_legacy(optimizer.from_config.__func__))
    optimizer.lr = optimizer.learning_rate
    optimizer._decay = 0.0
    for name, method in vars(LegacyMethods).items():
        if not name.startswith("__"):
            setattr(optimizer, name, method)
    return optimizer


class LegacyMethods:
    """Methods that optimizers written for Keras 2.0 to 2.10 call; `extend_base` copies them."""

    def get_scaled_loss(self: Any, loss: Any) -> Any:
        """The loss, which arithmetic in float32 needs not scale; of `LossScaleOptimizer`."""
        return loss

    def get_unscaled_gradients(self: Any, grads: Any) -> list[Any]:
        """The gradients; of `LossScaleOptimizer`."""
        return list(grads)

    @property
    def _initial_decay(self: Any) -> float:
        return self._decay

    def _set_hyper(self: Any, name: str, value: Any) -> None:
        if name == "learning_rate":
            self._learning_rate = self._build_learning_rate(value)
        elif name == "decay":
            self._decay = float(value or 0.0)
        else:
            setattr(self, name, value)

    def _get_hyper(self: Any, name: str, dtype: DTypeLike | None = None) -> Any:
        value = {"learning_rate": self._learning_rate, "decay": self._decay}.get(name)
        value = getattr(self, name) if value is None else value
        if callable(value) and not hasattr(value, "dtype"):
            return value
        return value if dtype is None else ops.cast(value, as_dtype(dtype))

    def _decayed_lr(self: Any, var_dtype: DTypeLike) -> Any:
        return ops.cast(self.current_learning_rate(), as_dtype(var_dtype))

    def _fallback_apply_state(self: Any, var_device: object, var_dtype: DTypeLike) -> dict[str, Any]:
        state: dict[Any, dict[str, Any]] = {(var_device, var_dtype): {}}
        self._prepare_local(var_device, var_dtype, state)
        return state[var_device, var_dtype]

    def _prepare_local(
        self: Any, var_device: object, var_dtype: DTypeLike, apply_state: dict[Any, dict[str, Any]]
    ) -> None:
        apply_state[var_device, var_dtype]["lr_t"] = self._decayed_lr(var_dtype)

    def add_slot(
        self: Any,
        var: Variable,
        slot_name: str,
        initializer: object = "zeros",
        shape: Sequence[int] | None = None,
    ) -> Variable:
        """Adds a slot for a variable; `slot` returns it."""
        if (var.ref(), slot_name) not in self._slots:
            lengths: Sequence[int] = tuple(var.shape if shape is None else shape)
            self._add_slot(var, slot_name, initializers.get(initializer)(lengths, var.dtype))
        return self._slots[var.ref(), slot_name]


def _with_legacy_arguments(plain: Callable[..., Any]) -> Any:
    """Returns an ``__init__`` that also accepts ``lr``, ``decay``, and the name as its first argument."""

    @functools.wraps(plain)
    def init(self: Any, learning_rate: LearningRate | str = 0.001, *args: Any, **options: Any) -> None:
        kind = type(self).__name__
        if isinstance(learning_rate, str) and not _is_number(learning_rate):
            options["name"], learning_rate = learning_rate, 0.001
        self._decay = float(options.pop("decay", 0.0) or 0.0)
        if self._decay and not self.is_legacy:
            schedule = "tf.keras.optimizers.schedules.InverseTimeDecay(rate, 1, decay)"
            warn_legacy(f"{kind}(decay=...)", f"{kind}(learning_rate={schedule})")
        if "lr" in options:
            learning_rate = options.pop("lr")
            warn_legacy(f"{kind}(lr=...)", f"{kind}(learning_rate=...)")
        plain(self, learning_rate, *args, **options)

    return init


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _with_create_slots(plain: Callable[..., Any]) -> Any:
    @functools.wraps(plain)
    def build(self: Any, var_list: Iterable[Variable]) -> None:
        variables = list(var_list)
        plain(self, variables)
        create = getattr(self, "_create_slots", None)
        if create is not None:
            create(variables)

    return build


def _or_resource_apply_dense(plain: Callable[..., Any]) -> Any:
    @functools.wraps(plain)
    def update_step(self: Any, gradient: Tensor, variable: Variable, learning_rate: Tensor) -> Any:
        apply = getattr(self, "_resource_apply_dense", None)
        if apply is None:
            return plain(self, gradient, variable, learning_rate)
        options = {}
        if "apply_state" in inspect.signature(getattr(apply, "python_function", apply)).parameters:
            state = self._fallback_apply_state(None, variable.dtype)
            options["apply_state"] = {(_device_of(variable), variable.dtype): state}
        return apply(gradient, variable, **options)

    return update_step


def _with_decay(plain: Callable[..., Any]) -> Any:
    """Returns a learning rate of ``rate / (1 + decay * iterations)``."""

    @functools.wraps(plain)
    def current_learning_rate(self: Any) -> Any:
        rate = plain(self)
        if self._decay:
            rate = rate / (1.0 + self._decay * ops.cast(self.iterations, float32))
        return rate

    return current_learning_rate


def _config_with_decay(plain: Callable[..., Any]) -> Any:
    @functools.wraps(plain)
    def get_config(self: Any) -> dict[str, Any]:
        config: dict[str, Any] = plain(self)
        return {**config, "decay": self._decay} if self._decay else config

    return get_config


def _or_legacy(plain: Callable[..., Any]) -> Any:
    """``from_config`` that creates the legacy optimizer for a configuration with ``decay``."""

    @functools.wraps(plain)
    def from_config(cls: Any, config: dict[str, Any], custom_objects: dict[str, Any] | None = None) -> Any:
        if "decay" in config and cls.__module__.startswith("tensorlet.keras."):
            from tensorlet.compat.legacy_optimizers import legacy_class

            legacy = legacy_class(cls)
            if legacy is not None:
                return legacy.from_config(config, custom_objects)
        return plain(cls, config, custom_objects)

    return from_config


def _by_name_too(plain: Callable[..., Any]) -> Any:
    @functools.wraps(plain)
    def _serialize_hyperparameter(self: Any, value: object) -> Any:
        return plain(self, self._get_hyper(value) if isinstance(value, str) else value)

    return _serialize_hyperparameter


def _device_of(variable: Variable) -> str:
    """Returns the device of a variable as a key; there is only one."""
    return str(getattr(variable, "device", ""))
