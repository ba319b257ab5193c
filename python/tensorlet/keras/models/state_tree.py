"""`Model.get_state_tree`: all variables of a model in nested dictionaries by their paths."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from tensorlet.errors import InvalidArgumentError, did_you_mean

if TYPE_CHECKING:
    from tensorlet.core.variable import Variable


class HasStateTree:
    """The part of `Model` that shows its variables as nested dictionaries."""

    if TYPE_CHECKING:
        name: str
        optimizer: Any
        metrics: Any

        @property
        def trainable_variables(self) -> list[Variable]: ...
        @property
        def non_trainable_variables(self) -> list[Variable]: ...

    def _variables_by_kind(self) -> dict[str, Sequence[tuple[str, Variable]]]:
        optimizer, own = self.optimizer, []
        if optimizer is not None:
            prefix = f"{optimizer.name}/"
            own = [(prefix + one.path.removeprefix(prefix), one) for one in optimizer.variables]
        return {
            "trainable_variables": [(one.path, one) for one in self.trainable_variables],
            "non_trainable_variables": [(one.path, one) for one in self.non_trainable_variables],
            "optimizer_variables": own,
            "metrics_variables": [
                (f"{metric.name}/{one.path.removeprefix(f'{metric.name}/')}", one)
                for metric in self.metrics
                for one in metric.variables
            ],
        }

    @property
    def metrics_variables(self) -> list[Variable]:
        """The variables of all metrics."""
        return [variable for metric in self.metrics for variable in metric.variables]

    def get_state_tree(self, value_format: str = "backend_tensor") -> dict[str, Any]:
        """Returns the values of all variables, in nested dictionaries by the parts of their paths.

        Args:
            value_format: ``"backend_tensor"`` for tensors, ``"numpy_array"`` for arrays.

        Raises:
            InvalidArgumentError: for another format, or if two variables have the same path.

        >>> import tensorlet as tf
        >>> model = tf.keras.Sequential([tf.keras.layers.Dense(1, use_bias=False, input_shape=(2,), name="sum")])
        >>> model.set_weights([[[1.0], [2.0]]])
        >>> model.get_state_tree("numpy_array")["trainable_variables"]
        {'sum': {'kernel': array([[1.],
               [2.]], dtype=float32)}}
        """
        if value_format not in ("backend_tensor", "numpy_array"):
            raise InvalidArgumentError(
                f"get_state_tree: value_format is {value_format!r}, expected 'backend_tensor' or 'numpy_array'."
            )
        tree: dict[str, Any] = {}
        for kind, variables in self._variables_by_kind().items():
            tree[kind] = {}
            seen: set[str] = set()
            for path, variable in variables:
                if path in seen:
                    raise InvalidArgumentError(
                        f"get_state_tree: The following variable path is found twice in the model: '{path}'. Give the "
                        "layers different names."
                    )
                seen.add(path)
                place = tree[kind]
                *folders, last = path.split("/")
                for folder in folders:
                    place = place.setdefault(folder, {})
                place[last] = np.asarray(variable) if value_format == "numpy_array" else variable.read_value()
        return tree

    def set_state_tree(self, state_tree: dict[str, Any]) -> None:
        """Sets variables to values in nested dictionaries, as `get_state_tree` returns them; others stay as they are.

        Args:
            state_tree: the values.

        Raises:
            InvalidArgumentError: for an unknown kind or path; no variable is changed in that case.
        """
        known = self._variables_by_kind()
        pairs = []
        for kind, tree in state_tree.items():
            if kind not in known:
                raise InvalidArgumentError(
                    f"set_state_tree: {kind!r} is unknown, expected one of: {list(known)}."
                )
            by_path = dict(known[kind])
            for path, value in _leaves(tree, ""):
                if path not in by_path:
                    near = did_you_mean(path, list(by_path))
                    raise InvalidArgumentError(
                        f"set_state_tree: {self.name} has no variable '{path}' there.{near}"
                    )
                pairs.append((by_path[path], value))
        for variable, value in pairs:
            variable.assign(np.asarray(value, variable.dtype.numpy))


def _leaves(tree: Any, prefix: str) -> list[tuple[str, Any]]:
    if not isinstance(tree, dict):
        return [(prefix.removesuffix("/"), tree)]
    return [leaf for key, value in tree.items() for leaf in _leaves(value, f"{prefix}{key}/")]
