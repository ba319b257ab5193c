"""The methods of a model that write and read files."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tensorlet.keras.providers import MODEL_METHODS

if TYPE_CHECKING:
    from tensorlet.type_aliases import PathLike


class SavingMethods:
    """`save`, `save_weights` and `load_weights`, implemented in `tensorlet.keras.saving`."""

    def save(
        self,
        filepath: PathLike,
        overwrite: bool = True,
        save_format: str | None = None,
        include_optimizer: bool = True,
        dialect: str | None = None,
        **ignored: Any,
    ) -> None:
        """Saves the whole model to a file; see `tf.keras.models.save_model`.

        Args:
            filepath: a path that ends in ``.keras`` or ``.h5``.
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
        """Saves the weights.

        Args:
            filepath: the extension selects the format: ``.weights.h5`` (with the optimizer's state), ``.h5``,
                ``.safetensors``, or none for a TensorFlow checkpoint.
            overwrite: False raises an error if the file exists.
            save_format: the name of a format, such as "h5" or "tf", used instead of the extension.
            options: ignored.
            dialect: "keras2" or "keras3"; by default that of Keras 3 for ``.weights.h5`` and of Keras 2 for ``.h5``.

        Raises:
            ValueError: if the model has no weights.
            OSError: if the disk is full or the folder is not writable; an existing file is unchanged.

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
        """Loads weights from a file in any format that `save_weights` or `save` writes.

        If the file contains the state of an optimizer and the model is compiled with such an optimizer, it is restored,
        but the learning rate only if the optimizer has already taken a step.

        Args:
            filepath: the path of the file, or of a checkpoint without its extension.
            skip_mismatch: whether to skip layers whose weights do not match.
            by_name: whether to match layers by name (``.h5`` only); other layers are not changed.
            options, ignored: arguments of other versions, which have no effect.

        Returns:
            The status of a TensorFlow checkpoint, otherwise None.

        Raises:
            FileFormatError: (a `ValueError`) if the file is missing or damaged, or does not match the model.
        """
        return MODEL_METHODS.find("load_weights")(self, filepath, skip_mismatch, by_name, options)
