"""`MultiOptimizer`: several optimizers, each for some of the weights of a model."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, MutableMapping
from typing import Any

from tensorlet.core.tracing import scope
from tensorlet.core.variable import Variable
from tensorlet.errors import ArgumentTypeError, InvalidArgumentError
from tensorlet.keras.optimizers.base import Optimizer
from tensorlet.keras.optimizers.wrapping import Wrapping, described
from tensorlet.keras.registry import OPTIMIZERS
from tensorlet.registry import register


class OptimizerMap(MutableMapping[str, Optimizer]):
    """Optimizers by the paths of weights, such as ``"dense/kernel"``, or by regular expressions for them.

    Args:
        default_optimizer: the optimizer of all other weights.
        optimizer_map: a dictionary to start with.

    Raises:
        ArgumentTypeError: if something else than an optimizer or a dictionary is given.

    >>> import tensorlet as tf
    >>> optimizers = tf.keras.optimizers.OptimizerMap(tf.keras.optimizers.SGD(0.5))
    >>> optimizers["encoder/.*"] = tf.keras.optimizers.Adam(0.25)
    >>> optimizers["encoder/kernel"], optimizers["decoder/kernel"]
    (<tf.keras.optimizers.Adam learning_rate=0.25>, <tf.keras.optimizers.SGD learning_rate=0.5>)
    """

    def __init__(
        self, default_optimizer: Optimizer, optimizer_map: dict[str, Optimizer] | None = None
    ) -> None:
        if not isinstance(default_optimizer, Optimizer):
            raise ArgumentTypeError(
                f"OptimizerMap: default_optimizer is {default_optimizer!r}, expected an optimizer such as "
                "tf.keras.optimizers.Adam()."
            )
        if optimizer_map is not None and not isinstance(optimizer_map, dict):
            raise ArgumentTypeError(
                f"OptimizerMap: optimizer_map is {optimizer_map!r}, expected a dictionary from paths to optimizers."
            )
        self.default_optimizer = default_optimizer
        self._optimizer_map = dict(optimizer_map or {})

    def __getitem__(self, key: str) -> Optimizer:
        """The optimizer of a path: of the key that is equal to it, else of the one that matches all of it.

        Raises:
            InvalidArgumentError: if several match.
        """
        if key in self._optimizer_map:
            return self._optimizer_map[key]
        matching = [pattern for pattern in self._optimizer_map if re.fullmatch(pattern, key)]
        if len(matching) > 1:
            raise InvalidArgumentError(
                f"OptimizerMap: '{key}' matches several keys: {matching}. Write them so that only one does."
            )
        return self._optimizer_map[matching[0]] if matching else self.default_optimizer

    def __setitem__(self, key: str, optimizer: Optimizer) -> None:
        if not isinstance(key, str):
            raise InvalidArgumentError(
                f"OptimizerMap: the key {key!r} is not a string. Expected the path of a weight, or a regular "
                "expression."
            )
        if key in self._optimizer_map:
            raise InvalidArgumentError(
                f"OptimizerMap: '{key}' already exists. Delete it first (del optimizers[{key!r}]) to replace it."
            )
        _require_plain(optimizer, f"the value for '{key}'")
        self._optimizer_map[key] = optimizer

    def __delitem__(self, key: str) -> None:
        del self._optimizer_map[key]

    def __len__(self) -> int:
        return len(self._optimizer_map)

    def __iter__(self) -> Iterator[str]:
        return iter(self._optimizer_map)

    def __call__(self, variable: Variable) -> Optimizer:
        """The optimizer of a variable."""
        return self[variable.path]

    def get_config(self) -> dict[str, Any]:
        """Returns the optimizers, as JSON values."""
        return {
            "default_optimizer": described(self.default_optimizer),
            "optimizer_map": {key: described(one) for key, one in self._optimizer_map.items()},
        }

    @classmethod
    def from_config(cls, config: dict[str, Any], custom_objects: dict[str, Any] | None = None) -> Any:
        """Creates the map from its configuration."""
        inner = {
            key: OPTIMIZERS.deserialize(one, custom_objects) for key, one in config["optimizer_map"].items()
        }
        return cls(OPTIMIZERS.deserialize(config["default_optimizer"], custom_objects), inner)


@register("optimizer")
class MultiOptimizer(Wrapping):
    """Several optimizers, each for some of the weights of a model.

    Each has a learning rate of its own: see `optimizers`. Callbacks that change the learning rate change that of each.

    Args:
        optimizer_map: an `OptimizerMap`, or a function that returns the optimizer of a variable, always one of the same
            objects.
        loss_scale_factor: that of all optimizers; see `Optimizer`.
        name: the name of the optimizer.

    >>> import tensorlet as tf
    >>> keras = tf.keras
    >>> model = keras.Sequential([keras.layers.Dense(2, input_shape=(3,), name="first"), keras.layers.Dense(1)])
    >>> optimizers = keras.optimizers.OptimizerMap(keras.optimizers.Adam(), {"first/.*": keras.optimizers.SGD(0.1)})
    >>> model.compile(keras.optimizers.MultiOptimizer(optimizers), "mse")
    >>> history = model.fit(tf.ones((8, 3)), tf.ones((8, 1)), verbose=0)
    >>> [int(one.iterations) for one in model.optimizer.optimizers]
    [1, 1]
    """

    def __init__(
        self,
        optimizer_map: OptimizerMap | Callable[[Variable], Optimizer] | Optimizer,
        loss_scale_factor: float | None = None,
        name: str | None = None,
    ) -> None:
        super().__init__(0.0, name=name)
        if isinstance(optimizer_map, Optimizer):
            optimizer_map = OptimizerMap(optimizer_map)
        self._optimizer_map = optimizer_map
        self._inner: list[Optimizer] = []
        self._inner_of: dict[Any, Optimizer] = {}
        if isinstance(optimizer_map, OptimizerMap):
            for one in [
                *map(optimizer_map._optimizer_map.get, optimizer_map),
                optimizer_map.default_optimizer,
            ]:
                self._add(one)
        self.loss_scale_factor = loss_scale_factor

    def _add(self, optimizer: Any) -> None:
        if not any(optimizer is one for one in self._inner):
            self._inner = [*self._inner, optimizer]

    @property
    def optimizers(self) -> list[Optimizer]:
        """The optimizers, the default last."""
        return self._inner

    def inner_optimizers(self) -> list[Optimizer]:
        """The optimizers, the default last."""
        return self._inner

    def inner_of(self, variable: Variable) -> Optimizer:
        """The optimizer that updates a variable.

        Raises:
            InvalidArgumentError: if the function of the user returns anything else.
        """
        reference = variable.ref()
        if reference not in self._inner_of:
            found = self._optimizer_map(variable)
            _require_plain(found, f"the optimizer of '{variable.path}'")
            self._add(found)
            found.loss_scale_factor = self.loss_scale_factor
            self._inner_of[reference] = found
        return self._inner_of[reference]

    @property
    def loss_scale_factor(self) -> float | None:  # a plain attribute of other optimizers
        """The factor of the loss, which all optimizers have."""
        return self._loss_scale_factor

    @loss_scale_factor.setter
    def loss_scale_factor(self, value: float | None) -> None:
        self._loss_scale_factor = value
        for one in getattr(self, "_inner", ()):
            one.loss_scale_factor = value

    @property
    def learning_rate(self) -> Any:
        """Raises an error: each of the optimizers has its own."""
        raise AttributeError(
            f"{self.name} has no learning rate: each of its optimizers has its own. Use "
            "[one.learning_rate for one in optimizer.optimizers]."
        )

    @learning_rate.setter
    def learning_rate(self, value: Any) -> None:
        raise AttributeError(
            f"{self.name} has no learning rate: each of its optimizers has its own. Set "
            "optimizer.optimizers[0].learning_rate, and so on."
        )

    def step_on(self, gradients: list[Any], variables: list[Variable]) -> Variable:
        """Takes one step: each optimizer on the variables that it updates."""
        by_variable = {
            variable.ref(): gradient for gradient, variable in zip(gradients, variables, strict=True)
        }
        for inner, group in self.grouped(variables):
            inner.step_on([by_variable[variable.ref()] for variable in group], group)
        with scope(self.name):
            return self._iterations.assign_add(1)

    def get_config(self) -> dict[str, Any]:
        """Returns the arguments that recreate the optimizer, as JSON values.

        Raises:
            NotImplementedError: if a function chooses the optimizers.
        """
        if not isinstance(self._optimizer_map, OptimizerMap):
            raise NotImplementedError(
                f"{self.name}: a function chooses the optimizers, which a file cannot store. Use an OptimizerMap."
            )
        config = {
            "module": "keras.optimizers", "class_name": "OptimizerMap", "config": self._optimizer_map.get_config(),
            "registered_name": None,
        }  # fmt: skip
        return {"optimizer_map": config, "loss_scale_factor": self.loss_scale_factor, "name": self.name}

    @classmethod
    def from_config(cls, config: dict[str, Any], custom_objects: dict[str, Any] | None = None) -> Any:
        """Creates an optimizer from its configuration."""
        arguments = dict(config)
        described_map: Mapping[str, Any] = arguments.pop("optimizer_map")
        return cls(OptimizerMap.from_config(described_map["config"], custom_objects), **arguments)


def _require_plain(optimizer: object, what: str) -> None:
    """Refuses anything but an optimizer that takes steps itself."""
    if not isinstance(optimizer, Optimizer):
        raise InvalidArgumentError(
            f"{what} is {optimizer!r}, expected an optimizer such as tf.keras.optimizers.Adam()."
        )
    if isinstance(optimizer, Wrapping):
        raise InvalidArgumentError(
            f"{what}: the optimizer cannot be {type(optimizer).__name__}. Put a MultiOptimizer into a "
            "LossScaleOptimizer instead, and plain optimizers into the MultiOptimizer."
        )
