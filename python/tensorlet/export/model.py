"""`Model.export`: a trained model as a file for other programs."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from tensorlet.core.nest import flatten, pack_like
from tensorlet.core.signature import TensorSpec
from tensorlet.core.tensor import Tensor
from tensorlet.dtypes import as_dtype
from tensorlet.errors import InvalidArgumentError
from tensorlet.export.frozen import ExportError, Frozen, InputSpec, freeze
from tensorlet.formats.atomic import replace_atomically
from tensorlet.keras.providers import MODEL_METHODS

#: Ending -> what is written.
FORMATS = {".onnx": "an ONNX file", ".py": "a NumPy program"}


@MODEL_METHODS.register("export_model")
def export_model(
    model: Any, path: str | os.PathLike[str], format: Any = None, input_signature: Any = None
) -> None:
    """Writes a model; see `Model.export`."""
    ending = ending_of(path if format is None else f"model.{format}")
    signature = model_signature(model, input_signature)
    if ending == ".onnx":
        from tensorlet.export.onnx import to_onnx

        content = to_onnx(freeze_model(model, *signature), model.output_names)
    else:
        from tensorlet.export.program import to_program

        content = to_program(model, *signature).encode("utf-8")
    with replace_atomically(path) as temporary:
        temporary.write_bytes(content)


def export_function(function: Callable[..., Any], path: str | os.PathLike[str], *examples: Any) -> None:
    """Writes a function of tensors, or a `tf.function`, as an ONNX file.

    Args:
        function: what to write; its first axis is that of rows, of which there may be any number.
        path: ends in ``.onnx``.
        examples: an array, tensor or `tf.TensorSpec` for each argument.

    Raises:
        ExportError: for an operation without a counterpart in ONNX.

    >>> import os, tempfile
    >>> import tensorlet as tf
    >>> from tensorlet.export.model import export_function
    >>> path = os.path.join(tempfile.mkdtemp(), "double.onnx")
    >>> export_function(lambda x: x * 2.0, path, tf.TensorSpec([None, 3]))
    >>> os.path.getsize(path) > 100
    True
    """
    from tensorlet.export.onnx import to_onnx

    if ending_of(path) != ".onnx":
        raise InvalidArgumentError(
            f"A function can be written as ONNX only; '{os.fspath(path)}' should end in .onnx."
        )
    body = getattr(function, "python_function", function)
    name = str(getattr(body, "__name__", "function"))
    names = ["x"] if len(examples) == 1 else [f"x{index + 1}" for index in range(len(examples))]
    inputs = [_spec_of(one, name) for one, name in zip(examples, names, strict=True)]
    content = to_onnx(freeze(body, inputs, name))
    with replace_atomically(path) as temporary:
        temporary.write_bytes(content)


def ending_of(path: str | os.PathLike[str]) -> str:
    """The ending of a file name, which says what is written.

    Raises:
        InvalidArgumentError: for one that says nothing.
    """
    ending = os.path.splitext(os.fspath(path))[1].lower()
    if ending not in FORMATS:
        known = ", ".join(f"{one} ({what})" for one, what in FORMATS.items())
        raise InvalidArgumentError(
            f"export got the file name '{os.fspath(path)}'. Its ending says what is written: {known}. "
            "To go on with the model in Keras, use model.save."
        )
    return ending


def model_signature(model: Any, given: Any = None) -> tuple[list[InputSpec], Any]:
    """What goes into a model: the inputs, and the structure in which it takes them.

    Raises:
        ExportError: if nobody knows the shape of the input, or a length besides the rows is open.
    """
    if given is None:
        graph = getattr(model, "_graph", None)
        if graph is None:
            raise ExportError(
                f"export: the shape of the input of '{model.name}' is not known. Say it: "
                "model.export(path, input_signature=tf.TensorSpec([None, 784])), or give a batch of data in its place."
            )
        tensors = graph.input_tensors
        specs = [
            _spec_of(TensorSpec(tensor.shape, tensor.dtype), name)
            for tensor, name in zip(tensors, graph.input_names, strict=True)
        ]
        return specs, pack_like(graph.inputs, list(range(len(specs))))
    if isinstance(given, list | tuple) and len(given) == 1:
        given = given[0]
    leaves = flatten(given)
    names = ["x"] if len(leaves) == 1 else [f"x{index + 1}" for index in range(len(leaves))]
    specs = [_spec_of(leaf, name) for leaf, name in zip(leaves, names, strict=True)]
    return specs, pack_like(given, list(range(len(specs))))


def _spec_of(example: Any, name: str) -> InputSpec:
    if not isinstance(example, TensorSpec | Tensor | np.ndarray):
        raise InvalidArgumentError(
            f"export got {type(example).__name__} to say what goes in. Expected a tf.TensorSpec or a batch of data."
        )
    shape = tuple(example.shape)
    if not shape:
        return InputSpec(name, (), as_dtype(example.dtype), rows=False)
    if None in shape[1:]:
        raise ExportError(
            f"export: the input '{name}' has the shape {shape}, but only its first length, the number of rows, may be "
            "open. Give the model its whole input shape."
        )
    fixed = isinstance(example, TensorSpec) and shape[0] is not None
    if fixed:
        return InputSpec(name, shape, as_dtype(example.dtype), rows=False)
    return InputSpec(name, shape[1:], as_dtype(example.dtype))


def freeze_model(model: Any, inputs: Sequence[InputSpec], structure: Any) -> Frozen:
    """The computation of a model that predicts."""
    return freeze(lambda given: model(given, training=False), inputs, model.name, structure)
