"""The inputs of an exported model: their names, shapes and dtypes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from tensorlet.core.nest import flatten, pack_like
from tensorlet.core.signature import TensorSpec
from tensorlet.core.tensor import Tensor
from tensorlet.dtypes import as_dtype
from tensorlet.errors import InvalidArgumentError
from tensorlet.export.frozen import ExportError, Frozen, InputSpec, freeze

if TYPE_CHECKING:
    from tensorlet.keras.models.model import Model
    from tensorlet.type_aliases import AnyTensor, Nested

    #: An object that specifies the shape and dtype of an input.
    Example: TypeAlias = TensorSpec | Tensor | np.ndarray
    #: The positions of the inputs, in the structure that the model takes.
    InputStructure: TypeAlias = Nested[int]


def model_signature(
    model: Model, given: Nested[Example] | None = None
) -> tuple[list[InputSpec], InputStructure]:
    """Returns the inputs of a model, and the structure in which it takes them.

    Args:
        model: the model.
        given: the specification of the inputs by the user; None for that of the model.

    Raises:
        ExportError: if the shape of an input is unknown, or has an unknown length besides the number of rows.
    """
    if given is None:
        graph = getattr(model, "_graph", None)
        if graph is None:
            raise ExportError(
                f"export: the input shape of '{model.name}' is unknown. Pass it, for example "
                "model.export(path, input_signature=tf.TensorSpec([None, 784])), or pass a batch of data instead."
            )
        specs = [
            spec_of(TensorSpec(tensor.shape, tensor.dtype), name)
            for tensor, name in zip(graph.input_tensors, graph.input_names, strict=True)
        ]
        return specs, pack_like(graph.inputs, list(range(len(specs))))
    if isinstance(given, list | tuple) and len(given) == 1:
        given = given[0]
    leaves = flatten(given)
    names = argument_names(len(leaves))
    specs = [spec_of(leaf, name) for leaf, name in zip(leaves, names, strict=True)]
    return specs, pack_like(given, list(range(len(specs))))


def argument_names(count: int) -> list[str]:
    """Returns default names of inputs: ``x``, or ``x1``, ``x2`` and so on."""
    return ["x"] if count == 1 else [f"x{index + 1}" for index in range(count)]


def spec_of(example: object, name: str) -> InputSpec:
    """Returns the input that an example specifies.

    Raises:
        InvalidArgumentError: for anything but a `tf.TensorSpec`, a tensor or an array.
        ExportError: if a length besides the first one is unknown.
    """
    if not isinstance(example, TensorSpec | Tensor | np.ndarray):
        raise InvalidArgumentError(
            f"export got {type(example).__name__} as the specification of an input. Expected a tf.TensorSpec or a "
            "batch of data."
        )
    shape = tuple(example.shape)
    if not shape:
        return InputSpec(name, (), as_dtype(example.dtype), rows=False)
    if None in shape[1:]:
        raise ExportError(
            f"export: the input '{name}' has shape {shape}, but only its first length, the number of rows, may be "
            "unknown. Specify the whole input shape of the model."
        )
    fixed = isinstance(example, TensorSpec) and shape[0] is not None
    if fixed:
        return InputSpec(name, shape, as_dtype(example.dtype), rows=False)
    return InputSpec(name, shape[1:], as_dtype(example.dtype))


def freeze_model(model: Model, inputs: Sequence[InputSpec], structure: InputStructure) -> Frozen:
    """Traces the inference of a model."""

    def predict(given: Nested[AnyTensor]) -> Nested[AnyTensor]:
        return model(given, training=False)

    return freeze(predict, inputs, model.name, structure)
