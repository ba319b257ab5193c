"""`Model.export`."""

from __future__ import annotations

import os

from tensorlet.errors import InvalidArgumentError
from tensorlet.keras.providers import MODEL_METHODS


class Exporting:
    """The part of `Model` that exports to other formats."""

    def export(
        self, filepath: str | os.PathLike[str], format: str | None = None, input_signature: object = None
    ) -> None:
        """Exports the model for inference to a file.

        The extension selects the format: ``.onnx`` for an ONNX file, which ONNX Runtime and many other programs
        can run, or ``.py`` for a single-file Python program that needs only NumPy and is written to be read. Both
        accept any number of rows. Use ``save`` to continue training later.

        Args:
            filepath: the file to write.
            format: ``"onnx"`` or ``"py"``, if the name has another extension.
            input_signature: for a model whose input shape is unknown (a subclass with its own ``call``):
                a `tf.TensorSpec`, a batch of data, or a list of these.

        Raises:
            InvalidArgumentError: for an unknown extension, or an operation that the format cannot represent, such as
                layers of text.

        Source: Open Neural Network Exchange, operator set 18.

        >>> import os, tempfile
        >>> import tensorlet as tf
        >>> model = tf.keras.Sequential([tf.keras.layers.Dense(2, input_shape=(3,))])
        >>> path = os.path.join(tempfile.mkdtemp(), "model.onnx")
        >>> model.export(path)
        >>> os.path.getsize(path) > 100
        True
        """
        front = getattr(getattr(self, "_graph", None), "front", None)
        if front is not None:
            names = ", ".join(f"'{layer.name}'" for layer in front.layers)
            raise InvalidArgumentError(
                f"export: the layers {names} of the model work on text or other values, which the file cannot have. "
                f"Export the part behind them, tf.keras.Model(model.get_layer({front.layers[-1].name!r}).output, "
                "model.output), and call these layers on the data."
            )
        MODEL_METHODS.find("export_model")(self, filepath, format, input_signature)
