"""`Model.export`."""

from __future__ import annotations

import os

from tensorlet.keras.providers import MODEL_METHODS


class Exporting:
    """The part of a model that writes it for other programs."""

    def export(
        self, filepath: str | os.PathLike[str], format: str | None = None, input_signature: object = None
    ) -> None:
        """Writes the model, as it predicts, into a file for other programs.

        The ending of the name decides: ``.onnx`` for an ONNX file, which ONNX Runtime and many other programs
        run; ``.py`` for a program of one file that needs NumPy only, to be read from top to bottom. Both take
        any number of rows. To go on training later, use ``save``.

        Args:
            filepath: the file to write.
            format: ``"onnx"`` or ``"py"``, if the name does not end so.
            input_signature: for a model that does not know the shape of its input (a subclass with a ``call``
                of its own): a `tf.TensorSpec`, or a batch of data, or a list of them.

        Raises:
            InvalidArgumentError: for another ending, or an operation without a counterpart in the format.

        Source: Open Neural Network Exchange, operators of version 18.

        >>> import os, tempfile
        >>> import tensorlet as tf
        >>> model = tf.keras.Sequential([tf.keras.layers.Dense(2, input_shape=(3,))])
        >>> path = os.path.join(tempfile.mkdtemp(), "model.onnx")
        >>> model.export(path)
        >>> os.path.getsize(path) > 100
        True
        """
        MODEL_METHODS.find("export_model")(self, filepath, format, input_signature)
