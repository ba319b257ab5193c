"""The weights of a model in TensorFlow's checkpoint form, the optimizer's state included."""

from __future__ import annotations

import os
from pathlib import Path

from tensorlet.checkpoint.checkpoint_state import prefix_of, update_checkpoint_state
from tensorlet.checkpoint.object_graph import tensors_of
from tensorlet.checkpoint.restore import RestoreStatus, restore
from tensorlet.formats.tensor_bundle import BundleReader, write_bundle
from tensorlet.keras.models.model import Model


def save_weights(model: Model, prefix: str | os.PathLike[str]) -> str:
    """Writes ``PREFIX.index``, ``PREFIX.data-00000-of-00001`` and the file ``checkpoint`` beside them.

    Args:
        model: a model or layer that has been built.
        prefix: the path without endings; folders are made.

    Returns:
        The path.

    Raises:
        SavingError: if the files cannot be written; older ones of that name are unchanged then.
    """
    path = os.fspath(prefix)
    write_bundle(path, tensors_of(model))
    update_checkpoint_state(Path(path).parent, path)
    return path


def load_weights(model: Model, prefix: str | os.PathLike[str]) -> RestoreStatus:
    """Sets the weights, and the optimizer's state, from a checkpoint of ours, of Keras 2 or TensorFlow 2.

    Variables that the model does not have yet (weights before it is built, the optimizer's slots before `compile` and
    `fit`) is restored when it comes into being.

    Args:
        model: the model.
        prefix: the path without endings, or a folder, whose newest checkpoint is taken.

    Returns:
        A status object, which knows what was restored.

    Raises:
        FileNotFoundError: if there is no such checkpoint.
        FileFormatError: if it is damaged, or has nothing for the model; nothing has been set then.
        ShapeError, DTypeError: if an array does not fit its weight; nothing has been set then.
    """
    return restore(BundleReader(prefix_of(prefix)), model)
