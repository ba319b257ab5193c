"""The methods of a model that write and read files."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tensorlet.keras.providers import MODEL_METHODS

if TYPE_CHECKING:
    from tensorlet.type_aliases import PathLike


class SavingMethods:
    """`save`, `save_weights` and `load_weights`; the work is done by `tensorlet.keras.saving`."""

    def save(
        self,
        filepath: PathLike,
        overwrite: bool = True,
        save_format: str | None = None,
        include_optimizer: bool = True,
        dialect: str | None = None,
        **ignored: Any,
    ) -> None:
        """Writes the whole model into a file; see `tf.keras.models.save_model`.

        Args:
            filepath: ends in ``.keras`` or ``.h5``.
            overwrite, save_format, include_optimizer, dialect, ignored: as for `tf.keras.models.save_model`.

        >>> import pathlib, tempfile
        >>> import tensorlet as tf
        >>> path = pathlib.Path(tempfile.mkdtemp()) / "model.h5"
        >>> model = tf.keras.Sequential([tf.keras.layers.Dense(1, input_shape=(2,), kernel_initializer="ones")])
        >>> model.save(path)
        >>> tf.keras.models.load_model(path)(tf.constant([[1.0, 2.0]])).numpy()
        array([[3.]], dtype=float32)
        """
        MODEL_METHODS.find("save_model")(
            self, filepath, overwrite, save_format, include_optimizer, dialect, **ignored
        )

    def save_weights(
        self,
        filepath: PathLike,
        overwrite: bool = True,
        save_format: str | None = None,
        options: object = None,
        dialect: str | None = None,
    ) -> Any:
        """Writes the weights.

        Args:
            filepath: the ending of the name selects the format: ``.weights.h5`` (with the optimizer's state), ``.h5``,
                ``.safetensors``, or without an ending a TensorFlow checkpoint.
            overwrite: False refuses to replace a file.
            save_format: the name of a format, such as "h5" or "tf", instead.
            options: ignored.
            dialect: "keras2" or "keras3"; by default ``.weights.h5`` as Keras 3 and ``.h5`` as Keras 2 writes it.

        Raises:
            ValueError: while the model has no weights.
            OSError: if the disk is full or the folder may not be written to; the old file is unchanged.

        >>> import pathlib, tempfile
        >>> import tensorlet as tf
        >>> path = pathlib.Path(tempfile.mkdtemp()) / "model.weights.h5"
        >>> model = tf.keras.Sequential([tf.keras.layers.Dense(1, input_shape=(2,), kernel_initializer="ones")])
        >>> model.save_weights(path)
        >>> other = tf.keras.Sequential([tf.keras.layers.Dense(1, input_shape=(2,))])
        >>> other.load_weights(path)
        >>> other.get_weights()[0].tolist()
        [[1.0], [1.0]]
        """
        return MODEL_METHODS.find("save_weights")(self, filepath, overwrite, save_format, dialect)

    def load_weights(
        self,
        filepath: PathLike,
        skip_mismatch: bool = False,
        by_name: bool = False,
        options: object = None,
        **ignored: Any,
    ) -> Any:
        """Sets the weights from a file of any format that `save_weights` or `save` writes.

        Where the file holds an optimizer's state and the model is compiled with such an optimizer, that is set
        too; the learning rate only if the optimizer has taken a step already.

        Args:
            filepath: of the file, or of a checkpoint without its ending.
            skip_mismatch: leave layers as they are whose weights do not fit.
            by_name: match layers by name (``.h5`` only); others are left as they are.
            options, ignored: of other versions.

        Returns:
            For a TensorFlow checkpoint, its status; else None.

        Raises:
            FileFormatError: (a `ValueError`) if the file is missing or damaged, or does not fit the model.
        """
        return MODEL_METHODS.find("load_weights")(self, filepath, skip_mismatch, by_name, options)
