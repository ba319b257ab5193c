"""`tf.train.Checkpoint`: saves and restores objects that contain variables."""

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
    """Named objects that can be saved to a TensorFlow checkpoint and restored from one.

    Args:
        root: an object whose parts are saved like those of the checkpoint itself.
        **objects: variables, layers, models, optimizers, metrics, `tf.Module`s, and lists and dictionaries of
            them. They also become attributes.

    Raises:
        InvalidArgumentError: for an object without variables.

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
        """Checks that a name does not refer both to a part of the root and to another object."""
        if self._root is None:
            return
        of_root = dict(children(self._root))
        for name, value in attributes(self, ("_root", "_save_counter")):
            if name in of_root and of_root[name] is not value:
                raise InvalidArgumentError(
                    f"tf.train.Checkpoint: the root already has a part '{name}', which is not {name}={value!r}. "
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
        """The number of calls of `save` (int64)."""
        if self._save_counter is None:
            counter = Variable(np.asarray(0, np.int64), trainable=False, name="save_counter")
            vars(self)["_save_counter"] = counter
            resume()
            return counter
        return self._save_counter

    def write(self, file_prefix: str | os.PathLike[str], options: object = None) -> str:
        """Saves a checkpoint under exactly this name.

        Args:
            file_prefix: the path without ``.index``; missing folders are created.
            options: ignored.

        Returns:
            The path.

        Raises:
            SavingError: if the files cannot be written; existing files are unchanged.
        """
        prefix = os.fspath(file_prefix)
        write_bundle(prefix, tensors_of(self))
        return prefix

    def save(self, file_prefix: str | os.PathLike[str], options: object = None) -> str:
        """Saves a checkpoint under the name and an increasing number, and records it in the file ``checkpoint``.

        Args:
            file_prefix: the path without number and ``.index``; missing folders are created.
            options: ignored.

        Returns:
            The path with the number, for `restore`.

        Raises:
            SavingError: if the files cannot be written; the number is not increased in that case.
        """
        prefix = os.fspath(file_prefix)
        if os.path.basename(prefix) == "":
            raise InvalidArgumentError(
                f"Checkpoint.save got the folder '{prefix}', expected a folder and the start of a file name: "
                f"'{os.path.join(prefix, 'ckpt')}' creates the files ckpt-1.index and so on."
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
        """Restores a checkpoint saved by `write`.

        Args:
            save_path: the path without ``.index``.
            options: ignored.

        Returns:
            A status object that reports what was restored.

        Raises:
            FileNotFoundError: if the checkpoint does not exist.
            FileFormatError: if it is damaged; no variable is changed in that case.
            ShapeError, DTypeError: if an array does not match its variable; no variable is changed in that case.
        """
        return restore(BundleReader(prefix_of(save_path)), self)

    def restore(self, save_path: str | os.PathLike[str] | None, options: object = None) -> Any:
        """Restores a checkpoint saved by `save`. Variables created later are restored when they are created.

        Args:
            save_path: the output of `save` or `tf.train.latest_checkpoint`; None does nothing.
            options: ignored.

        Returns:
            A status object that reports what was restored.

        Raises:
            FileNotFoundError, FileFormatError, ShapeError, DTypeError: as for `read`.
        """
        if save_path is None:
            return NothingToRestore()
        _ = self.save_counter
        return self.read(save_path)

    def __repr__(self) -> str:
        return f"<tf.train.Checkpoint of {', '.join(name for name, _ in self._tracked_children())}>"


class NothingToRestore(RestoreStatus):
    """The status after ``restore(None)``, as in a first run with `latest_checkpoint`."""

    def __init__(self) -> None:
        pass

    def assert_consumed(self) -> RestoreStatus:
        """Raises an error, because there was no checkpoint.

        Raises:
            NotRestoredError: (an `AssertionError`).
        """
        raise NotRestoredError(
            "No checkpoint was given: restore(None) restores nothing. tf.train.latest_checkpoint returns None if "
            "its folder has no checkpoint."
        )

    def assert_existing_objects_matched(self) -> RestoreStatus:
        """Raises an error, because there was no checkpoint."""
        return self.assert_consumed()

    def assert_nontrivial_match(self) -> RestoreStatus:
        """Raises an error, because there was no checkpoint."""
        return self.assert_consumed()
