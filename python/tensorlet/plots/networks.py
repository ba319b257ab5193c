"""What the plots read from a model: the outputs of its layers, its loss, and the gradients of its weights."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import numpy as np

from tensorlet.core.convert import convert_to_tensor
from tensorlet.core.tape import GradientTape
from tensorlet.errors import InvalidArgumentError
from tensorlet.keras.layers.input_layer import InputLayer
from tensorlet.keras.models.model import Model
from tensorlet.plots.arguments import numeric

if TYPE_CHECKING:
    from tensorlet.core.variable import Variable
    from tensorlet.keras.layers.base import Layer
    from tensorlet.type_aliases import ArrayLike


class LayerProbe:
    """Computes the outputs of all layers of a model.

    Args:
        model: a `Sequential` or functional model.
        x: rows of input, to build the model if it is not built yet.

    Attributes:
        layers: the layers, without input layers.
    """

    def __init__(self, model: Model, x: ArrayLike) -> None:
        if not model.built:
            model(as_input(x))
        try:
            inputs = model.inputs
            self.layers: list[Layer] = [one for one in model.layers if not isinstance(one, InputLayer)]
            outputs = [one.output for one in self.layers]
        except AttributeError:
            inputs = None
        if not inputs:
            raise InvalidArgumentError(
                f"'{model.name}' is a subclassed model, whose layers' outputs are not known. Use a Sequential or "
                "functional model: tf.keras.Model(inputs, outputs)."
            )
        self._model = Model(inputs, outputs)

    def __call__(self, x: ArrayLike) -> list[tuple[str, np.ndarray]]:
        """Returns the name and the output of each layer for rows of input, in inference mode."""
        outputs = self._model(as_input(x), training=False)
        outputs = outputs if isinstance(outputs, list) else [outputs]
        return [(layer.name, np.asarray(output)) for layer, output in zip(self.layers, outputs, strict=True)]


def as_input(x: Any) -> Any:
    """Rows as tensors; numbers become float32."""
    if isinstance(x, list | tuple) and x and hasattr(x[0], "shape"):
        return [as_input(one) for one in x]
    array = numeric(x, "the plot", "the rows")
    return convert_to_tensor(array.astype(np.float32) if array.dtype == np.float64 else array)


def loss_of(model: Model, x: Any, y: Any) -> Any:
    """The loss of rows in inference mode, with the regularization, as a scalar tensor.

    Args:
        model: a compiled model.
        x, y: tensors.
    """
    if getattr(model, "compiled_loss", None) is None:
        raise InvalidArgumentError(
            f"'{model.name}' is not compiled, so that it has no loss. Call model.compile(optimizer, loss) first."
        )
    return model.compute_loss(x=x, y=y, y_pred=model(x, training=False))


@contextmanager
def metrics_kept(model: Model) -> Iterator[None]:
    """Restores the values of the metrics after the block: computing a loss updates the mean that `fit` shows."""
    if not model.built:
        yield
        return
    variables = [variable for metric in model.metrics for variable in metric.variables]
    before = [np.array(variable) for variable in variables]
    try:
        yield
    finally:
        for variable, value in zip(variables, before, strict=True):
            variable.assign(value)


def gradients_of(model: Model, x: Any, y: Any) -> list[tuple[Variable, np.ndarray]]:
    """The trainable variables that the loss depends on, with the gradients of the loss of these rows."""
    inputs, labels = as_input(x), as_input(y)
    with metrics_kept(model), GradientTape() as tape:
        loss = loss_of(model, inputs, labels)
    variables = model.trainable_variables
    found = tape.gradient(loss, variables)
    return [
        (variable, np.asarray(convert_to_tensor(gradient)))
        for variable, gradient in zip(variables, found, strict=True)
        if gradient is not None
    ]


def weights_by_layer(model: Model) -> list[tuple[str, np.ndarray]]:
    """The weights of each layer that has any, as one flat array."""
    return [
        (layer.name, np.concatenate([np.asarray(one).ravel() for one in layer.trainable_weights]))
        for layer in model.layers
        if layer.trainable_weights
    ]


def gradients_by_layer(model: Model, x: Any, y: Any) -> list[tuple[str, np.ndarray]]:
    """The gradients of each layer that has any, as one flat array."""
    by_variable = {id(variable): gradient.ravel() for variable, gradient in gradients_of(model, x, y)}
    found = []
    for layer in model.layers:
        parts = [by_variable[id(one)] for one in layer.trainable_weights if id(one) in by_variable]
        if parts:
            found.append((layer.name, np.concatenate(parts)))
    return found
