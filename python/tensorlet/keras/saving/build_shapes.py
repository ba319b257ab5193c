"""The input shapes with which a program that opens a file can build the layers again."""

from __future__ import annotations

from typing import Any

from tensorlet.core.nest import flatten, pack_like
from tensorlet.dtypes import as_dtype
from tensorlet.keras.layers.shape_inference import infer, shape_structure, shapes_of, specs_of
from tensorlet.keras.models.model import Model
from tensorlet.keras.models.sequential import Sequential


def build_shape(model: Model) -> Any:
    """Returns the shape, or the structure of shapes, for which a model was built; None if that is not known."""
    if getattr(model, "_graph", None) is None:
        return open_shapes(model._own.build_shape)
    shapes = [list(tensor.shape) for tensor in model.inputs]
    return shapes[0] if len(shapes) == 1 else shapes


def open_shapes(shapes: Any) -> Any:
    """Returns shapes with None for the batch axis, as lists."""
    if isinstance(shapes, dict):
        return {name: open_shapes(shape) for name, shape in shapes.items()}
    if shapes is None or not all(length is None or isinstance(length, int) for length in shapes):
        return None if shapes is None else [open_shapes(shape) for shape in shapes]
    return [None, *shapes[1:]]


def layer_shapes(model: Sequential) -> list[Any]:
    """Returns the input shapes of the layers of a model whose first layer takes several inputs.

    Such a model has no graph, so Keras 3 can build its layers only with these shapes.

    Args:
        model: a model.

    Returns:
        One structure of shapes per layer; an empty list if the model has a graph, was not built, or has a layer
        that cannot be traced with inputs of the dtype of the model.
    """
    if model._graph is not None or model._own.build_shape is None:
        return []
    shapes = shape_structure(open_shapes(model._own.build_shape))
    inputs, found = specs_of(shapes, as_dtype(model.dtype)), []
    for layer in model.layers:
        found.append(open_shapes(shapes_of(inputs)))

        def run(*tensors: Any, layer: Any = layer, structure: Any = inputs) -> Any:
            return layer(pack_like(structure, list(tensors)))

        try:
            inputs = infer(run, flatten(inputs), layer.name)
        except (TypeError, ValueError):
            return []
    return found
