"""`tf.train.Checkpoint`: saves objects that hold variables, and restores them."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import numpy as np

from tensorlet.checkpoint.checkpoint_state import prefix_of, update_checkpoint_state
from tensorlet.checkpoint.object_graph import attributes, children, require_trackable, tensors_of
from tensorlet.checkpoint.pending import resume
from tensorlet.checkpoint.restore import NotRestoredError, RestoreStatus, restore
from tensorlet.core.variable import Variable
from tensorlet.errors import InvalidArgumentError
from tensorlet.formats.tensor_bundle import BundleReader, write_bundle


class Checkpoint:
    """Objects under names, to be saved to a checkpoint of TensorFlow's and restored from one.

    Args:
        root: an object whose parts are saved as if they were the checkpoint's own.
        **objects: variables, layers, models, optimizers, metrics, `tf.Module`s, and lists and dictionaries of
            them. They are also attributes.

    Raises:
        InvalidArgumentError: for something that holds no variables.

    >>> import pathlib, tempfile
    >>> import tensorlet as tf
    >>> folder = pathlib.Path(tempfile.mkdtemp())
    >>> w = tf.Variable([1.0, 2.0])
    >>> path = tf.train.Checkpoint(w=w).save(folder / "ckpt")
    >>> pathlib.Path(path).name
    'ckpt-1'
    >>> w.assign([0.0, 0.0]).numpy()
    array([0., 0.], dtype=float32)
    >>> status = tf.train.Checkpoint(w=w).restore(path).assert_consumed()
    >>> w.numpy()
    array([1., 2.], dtype=float32)
    """

    _root: Any
    _save_counter: Variable | None

    def __init__(self, root: object = None, **objects: Any) -> None:
        vars(self)["_root"] = root
        vars(self)["_save_counter"] = None
        if root is not None:
            require_trackable("tf.train.Checkpoint", "root", root)
        for name, value in sorted(objects.items()):
            require_trackable("tf.train.Checkpoint", name, value)
            setattr(self, name, value)
        self._check_names()

    def _check_names(self) -> None:
        """A name of the root's and one of the checkpoint's own cannot mean two things."""
        if self._root is None:
            return
        of_root = dict(children(self._root))
        for name, value in attributes(self, ("_root", "_save_counter")):
            if name in of_root and of_root[name] is not value:
                raise InvalidArgumentError(
                    f"tf.train.Checkpoint: the root has a part '{name}' already, and {name}={value!r} is another. "
                    "Pass it under another name."
                )

    def __setattr__(self, name: str, value: object) -> None:
        vars(self)[name] = value
        resume()

    def _tracked_children(self) -> list[tuple[str, Any]]:
        own = attributes(self, ("_root", "_save_counter"))
        pairs = [*(children(self._root) if self._root is not None else ()), *own]
        if self._save_counter is not None:
            pairs.append(("save_counter", self._save_counter))
        return list(dict(pairs).items())

    @property
    def save_counter(self) -> Variable:
        """How many times `save` has been called (int64)."""
        if self._save_counter is None:
            counter = Variable(np.asarray(0, np.int64), trainable=False, name="save_counter")
            vars(self)["_save_counter"] = counter
            resume()
            return counter
        return self._save_counter

    def write(self, file_prefix: str | os.PathLike[str], options: object = None) -> str:
        """Saves under exactly this name.

        Args:
            file_prefix: the path without ``.index``; folders are made.
            options: ignored.

        Returns:
            The path.

        Raises:
            SavingError: if the files cannot be written; older ones of that name are still there then.
        """
        prefix = os.fspath(file_prefix)
        write_bundle(prefix, tensors_of(self))
        return prefix

    def save(self, file_prefix: str | os.PathLike[str], options: object = None) -> str:
        """Saves under the name and a number that counts up, and notes it in the file ``checkpoint`` beside it.

        Args:
            file_prefix: the path without number and ``.index``; folders are made.
            options: ignored.

        Returns:
            The path with the number, for `restore`.

        Raises:
            SavingError: if the files cannot be written; the counter is not counted up then.
        """
        prefix = os.fspath(file_prefix)
        if os.path.basename(prefix) == "":
            raise InvalidArgumentError(
                f"Checkpoint.save got the folder '{prefix}', expected a folder and the start of a name: "
                f"'{os.path.join(prefix, 'ckpt')}' makes the files ckpt-1.index and so on."
            )
        counter = self.save_counter
        counter.assign_add(1)
        try:
            path = self.write(f"{prefix}-{int(counter)}")
        except BaseException:
            counter.assign_sub(1)
            raise
        update_checkpoint_state(Path(path).parent, path)
        return path

    def read(self, save_path: str | os.PathLike[str], options: object = None) -> RestoreStatus:
        """Restores what `write` saved.

        Args:
            save_path: the path without ``.index``.
            options: ignored.

        Returns:
            A status, to ask what was restored.

        Raises:
            FileNotFoundError: if there is no such checkpoint.
            FileFormatError: if it is damaged; nothing has been restored then.
            ShapeError, DTypeError: if an array does not fit its variable; nothing has been restored then.
        """
        return restore(BundleReader(prefix_of(save_path)), self)

    def restore(self, save_path: str | os.PathLike[str] | None, options: object = None) -> Any:
        """Restores what `save` saved. Variables that are made later get their values when they are.

        Args:
            save_path: what `save` or `tf.train.latest_checkpoint` returned; None does nothing.
            options: ignored.

        Returns:
            A status, to ask what was restored.

        Raises:
            FileNotFoundError, FileFormatError, ShapeError, DTypeError: as `read`.
        """
        if save_path is None:
            return NothingToRestore()
        _ = self.save_counter
        return self.read(save_path)

    def __repr__(self) -> str:
        return f"<tf.train.Checkpoint of {', '.join(name for name, _ in self._tracked_children())}>"


class NothingToRestore(RestoreStatus):
    """The status after ``restore(None)``, which is what a first run with `latest_checkpoint` does."""

    def __init__(self) -> None:
        pass

    def assert_consumed(self) -> RestoreStatus:
        """Always fails: there was no checkpoint.

        Raises:
            NotRestoredError: (an `AssertionError`).
        """
        raise NotRestoredError(
            "No checkpoint was given: restore(None) restores nothing. tf.train.latest_checkpoint returns None while "
            "its folder has no checkpoint."
        )

    def assert_existing_objects_matched(self) -> RestoreStatus:
        """Always fails: there was no checkpoint."""
        return self.assert_consumed()

    def assert_nontrivial_match(self) -> RestoreStatus:
        """Always fails: there was no checkpoint."""
        return self.assert_consumed()
