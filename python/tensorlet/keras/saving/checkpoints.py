"""The weights of a model, and the state of its optimizer, as a TensorFlow checkpoint."""

from __future__ import annotations

import os
from pathlib import Path

from tensorlet.checkpoint.checkpoint_state import prefix_of, update_checkpoint_state
from tensorlet.checkpoint.object_graph import tensors_of
from tensorlet.checkpoint.restore import RestoreStatus, restore
from tensorlet.formats.tensor_bundle import BundleReader, write_bundle
from tensorlet.keras.models.model import Model


def save_weights(model: Model, prefix: str | os.PathLike[str]) -> str:
    """Writes ``PREFIX.index``, ``PREFIX.data-00000-of-00001`` and the file ``checkpoint`` in the same folder.

    Args:
        model: a built model or layer.
        prefix: the path without extension; missing folders are created.

    Returns:
        The path.

    Raises:
        SavingError: if the files cannot be written; existing files are unchanged.
    """
    path = os.fspath(prefix)
    write_bundle(path, tensors_of(model))
    update_checkpoint_state(Path(path).parent, path)
    return path


def load_weights(model: Model, prefix: str | os.PathLike[str]) -> RestoreStatus:
    """Restores the weights and the state of the optimizer from a checkpoint of Tensorlet, Keras 2 or TensorFlow 2.

    Variables that do not exist yet (weights before the model is built, slots of the optimizer before `compile` and
    `fit`) are restored when they are created.

    Args:
        model: the model.
        prefix: the path without extension, or a folder, whose latest checkpoint is used.

    Returns:
        A status object that reports what was restored.

    Raises:
        FileNotFoundError: if the checkpoint does not exist.
        FileFormatError: if it is damaged, or contains nothing for the model; no variable is changed in that case.
        ShapeError, DTypeError: if an array does not match its weight; no variable is changed in that case.
    """
    return restore(BundleReader(prefix_of(prefix)), model)
