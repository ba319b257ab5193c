"""What files of weights have of a layer, which a class may change with two methods."""

from __future__ import annotations

from collections.abc import Mapping, MutableMapping
from typing import TYPE_CHECKING, Any

import numpy as np

from tensorlet.errors import ShapeError

if TYPE_CHECKING:
    from tensorlet.core.variable import Variable


class StoredWeights:
    """The variables of a layer in files. A subclass may write and read other arrays."""

    def _own_variables(self, trainable: bool, parts: list[Any] | None = None) -> list[Variable]:
        raise NotImplementedError

    def _stored_variables(self) -> list[Variable]:
        """The variables of the layer itself that files of weights have, in their order."""
        return [*self._own_variables(trainable=True), *self._own_variables(trainable=False)]

    def _stored_value(self, variable: Variable) -> np.ndarray:
        """The array that files have for one of the `_stored_variables`."""
        return np.asarray(variable)

    def _after_loading(self) -> None:
        """Called when a file has set the `_stored_variables`."""

    def save_own_variables(self, store: MutableMapping[str, Any]) -> None:
        """Puts the arrays of the layer itself into a dictionary, which ``.keras`` and ``.weights.h5`` files have.

        A subclass may put other arrays there, which its `load_own_variables` takes out again.

        Args:
            store: gets an array for each variable, named ``"0"``, ``"1"`` and so on.

        >>> import tensorlet as tf
        >>> layer, store = tf.keras.layers.Dense(2), {}
        >>> layer.build((None, 3))
        >>> layer.save_own_variables(store)
        >>> {name: array.shape for name, array in store.items()}
        {'0': (3, 2), '1': (2,)}
        """
        for number, variable in enumerate(self._stored_variables()):
            store[str(number)] = self._stored_value(variable)

    def load_own_variables(self, store: Mapping[str, Any]) -> None:
        """Sets the variables of the layer itself to the arrays that `save_own_variables` has put into a dictionary.

        Args:
            store: an array for each variable, named ``"0"``, ``"1"`` and so on.

        Raises:
            ShapeError: if there are other arrays, or arrays of other shapes; nothing is changed then.

        >>> import tensorlet as tf
        >>> layer = tf.keras.layers.Dense(1, use_bias=False)
        >>> layer.build((None, 2))
        >>> layer.load_own_variables({"0": [[1.0], [2.0]]})
        >>> layer.kernel.numpy().ravel()
        array([1., 2.], dtype=float32)
        """
        variables = self._stored_variables()
        arrays = [np.asarray(store[str(number)]) for number in range(len(variables)) if str(number) in store]
        if len(store) != len(variables) or len(arrays) != len(variables):
            raise ShapeError(
                f"The layer '{getattr(self, 'name', '')}' ({type(self).__name__}) expected {len(variables)} variables, "
                f"but received {len(store)} variables: {sorted(store)}. Build it as it was when it was saved."
            )
        for variable, array in zip(variables, arrays, strict=True):
            if array.shape != tuple(variable.shape):
                raise ShapeError(
                    f"The weight {variable.label} has shape {tuple(variable.shape)}, but the array has shape "
                    f"{array.shape}; the shapes must match."
                )
        for variable, array in zip(variables, arrays, strict=True):
            variable.assign(array.astype(variable.dtype.numpy))
        self._after_loading()


def writes_its_own(layer: StoredWeights) -> bool:
    """Whether the class of a layer has a `save_own_variables` of its own."""
    return type(layer).save_own_variables is not StoredWeights.save_own_variables


def reads_its_own(layer: StoredWeights) -> bool:
    """Whether the class of a layer has a `load_own_variables` of its own."""
    return type(layer).load_own_variables is not StoredWeights.load_own_variables
