"""`Model.export` and `export_function`."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from tensorlet.errors import InvalidArgumentError
from tensorlet.export.formats import EXPORT_FORMATS
from tensorlet.export.frozen import freeze
from tensorlet.export.signature import argument_names, model_signature, spec_of
from tensorlet.formats.atomic import replace_atomically
from tensorlet.keras.providers import MODEL_METHODS

if TYPE_CHECKING:
    from tensorlet.export.signature import Example
    from tensorlet.keras.models.model import Model
    from tensorlet.type_aliases import Nested, PathLike


@MODEL_METHODS.register("export_model")
def export_model(
    model: Model, path: PathLike, format: str | None = None, input_signature: Nested[Example] | None = None
) -> None:
    """Exports a model; see `Model.export`."""
    exporter = EXPORT_FORMATS.find(ending_of(path if format is None else f"model.{format}"))
    content = exporter(model, *model_signature(model, input_signature))
    with replace_atomically(path) as temporary:
        temporary.write_bytes(content)


def export_function(function: Callable[..., Any], path: PathLike, *examples: Example) -> None:
    """Exports a function of tensors, or a `tf.function`, to an ONNX file.

    Args:
        function: the function; the first axis of its arguments is that of the rows, of which there may be any number.
        path: a path that ends in ``.onnx``.
        examples: an array, tensor or `tf.TensorSpec` for each argument.

    Raises:
        ExportError: for an operation that ONNX cannot represent.

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
            f"export_function got the path '{os.fspath(path)}'. Functions can only be exported to ONNX: use a path "
            "that ends in .onnx."
        )
    body = getattr(function, "python_function", function)
    name = str(getattr(body, "__name__", "function"))
    inputs = [spec_of(one, name) for one, name in zip(examples, argument_names(len(examples)), strict=True)]
    content = to_onnx(freeze(body, inputs, name))
    with replace_atomically(path) as temporary:
        temporary.write_bytes(content)


def ending_of(path: PathLike) -> str:
    """Returns the extension of a file name, which selects the format.

    Raises:
        InvalidArgumentError: for an extension other than those of the supported formats.
    """
    ending = os.path.splitext(os.fspath(path))[1].lower()
    if ending not in EXPORT_FORMATS:
        raise InvalidArgumentError(
            f"export got the path '{os.fspath(path)}'. Its extension selects the format; expected one of "
            f"{', '.join(EXPORT_FORMATS.names())}. To continue with the model in Keras, use model.save."
        )
    return ending
