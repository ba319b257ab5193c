"""`tf.train.CheckpointManager`: keeps the latest checkpoints of a folder and deletes older ones."""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from tensorlet.checkpoint.checkpoint import Checkpoint
from tensorlet.checkpoint.checkpoint_state import get_checkpoint_state, write_state
from tensorlet.errors import InvalidArgumentError

if TYPE_CHECKING:
    from tensorlet.core.variable import Variable
    from tensorlet.type_aliases import FloatLike


class CheckpointManager:
    """Saves numbered checkpoints in a folder and keeps the latest ones.

    Args:
        checkpoint: the `Checkpoint` to save.
        directory: the folder. Checkpoints listed in its file ``checkpoint`` are managed as well.
        max_to_keep: the number of checkpoints to keep; None for all.
        keep_checkpoint_every_n_hours: the interval at which a checkpoint is kept permanently.
        checkpoint_name: the start of the file names.
        step_counter: a variable that counts steps, for ``checkpoint_interval``.
        checkpoint_interval: the smallest number of steps between two checkpoints.
        init_fn: called by `restore_or_initialize` if there is nothing to restore.

    Raises:
        InvalidArgumentError: for invalid values.

    >>> import os, pathlib, tempfile
    >>> import tensorlet as tf
    >>> folder = pathlib.Path(tempfile.mkdtemp())
    >>> manager = tf.train.CheckpointManager(tf.train.Checkpoint(v=tf.Variable(1.0)), folder, max_to_keep=2)
    >>> for epoch in range(3):
    ...     path = manager.save()
    >>> [os.path.basename(path) for path in manager.checkpoints]
    ['ckpt-2', 'ckpt-3']
    """

    def __init__(
        self,
        checkpoint: Checkpoint,
        directory: str | os.PathLike[str],
        max_to_keep: int | None,
        keep_checkpoint_every_n_hours: float | None = None,
        checkpoint_name: str = "ckpt",
        step_counter: Variable | None = None,
        checkpoint_interval: int | None = None,
        init_fn: Callable[[], Any] | None = None,
        last_checkpoint_step: int | None = None,
    ) -> None:
        if max_to_keep is not None and max_to_keep <= 0:
            raise InvalidArgumentError(
                f"CheckpointManager: max_to_keep is {max_to_keep}, expected at least 1, or None to keep all."
            )
        if checkpoint_interval is not None and step_counter is None:
            raise InvalidArgumentError(
                "CheckpointManager: checkpoint_interval requires a step_counter, a tf.Variable that counts steps "
                "(such as optimizer.iterations)."
            )
        self._checkpoint = checkpoint
        self._directory = os.fspath(directory)
        self._max_to_keep = max_to_keep
        self._keep_every = keep_checkpoint_every_n_hours
        self._prefix = os.path.join(self._directory, checkpoint_name)
        self._step_counter = step_counter
        self._interval = checkpoint_interval
        self._last_step = last_checkpoint_step
        self._init_fn = init_fn
        #: Maps the path to the creation time, for checkpoints that may be deleted later; oldest first.
        self._kept: dict[str, float] = {}
        self._latest: str | None = None
        self._last_preserved = time.time()
        self._take_over()

    def _take_over(self) -> None:
        """Continues with the checkpoints that an earlier manager saved in the folder."""
        state = get_checkpoint_state(self._directory)
        if state is None:
            return
        self._latest = state.model_checkpoint_path
        self._last_preserved = state.last_preserved_timestamp or self._last_preserved
        paths, times = state.all_model_checkpoint_paths, state.all_model_checkpoint_timestamps
        if len(times) != len(paths):
            times = [self._last_preserved] * len(paths)
        self._kept = dict(zip(paths, times, strict=True))

    @property
    def directory(self) -> str:
        """The folder."""
        return self._directory

    @property
    def checkpoint(self) -> Checkpoint:
        """The `Checkpoint` to save."""
        return self._checkpoint

    @property
    def checkpoint_interval(self) -> int | None:
        """The smallest number of steps between two checkpoints."""
        return self._interval

    @property
    def latest_checkpoint(self) -> str | None:
        """The path of the latest checkpoint, for ``restore``; None if there is none."""
        return self._latest

    @property
    def checkpoints(self) -> list[str]:
        """The paths of the checkpoints, oldest first, without those that are kept permanently."""
        return list(self._kept)

    def save(
        self, checkpoint_number: FloatLike | None = None, check_interval: bool = True, options: object = None
    ) -> str | None:
        """Saves a checkpoint, and deletes those that are no longer kept.

        Args:
            checkpoint_number: the number in the file name; by default an increasing one.
            check_interval: whether to respect ``checkpoint_interval``.
            options: ignored.

        Returns:
            The path; None if the interval has not passed.

        Raises:
            SavingError: if the files cannot be written.
        """
        step = None if self._step_counter is None else int(self._step_counter)
        if self._interval is not None and check_interval and self._last_step is not None:
            assert step is not None  # checked by the constructor
            if step < self._last_step + self._interval:
                return None
        counter = self._checkpoint.save_counter
        counter.assign_add(1)
        number = int(counter) if checkpoint_number is None else int(np.asarray(checkpoint_number))
        try:
            path = self._checkpoint.write(f"{self._prefix}-{number}")
        except BaseException:
            counter.assign_sub(1)
            raise
        self._last_step = step
        self._kept.pop(path, None)
        self._kept[path] = time.time()
        self._latest = path
        # Written twice: a process that is killed while old files are deleted leaves a list with the new checkpoint.
        self._record()
        if self._sweep():
            self._record()
        return path

    def restore_or_initialize(self) -> str | None:
        """Restores the latest checkpoint, or calls ``init_fn`` if there is none.

        Returns:
            The path; None if there was none.
        """
        if self._latest is not None:
            self._checkpoint.restore(self._latest)
            if self._step_counter is not None:
                self._last_step = int(self._step_counter)
            return self._latest
        if self._init_fn is not None:
            self._init_fn()
        return None

    def sync(self) -> None:
        """Does nothing, because `save` returns when the files have been written."""

    def _record(self) -> None:
        paths, times = list(self._kept), list(self._kept.values())
        write_state(self._directory, self._latest or "", paths, times, self._last_preserved)

    def _sweep(self) -> bool:
        """Deletes checkpoints that are no longer kept; returns whether there were any."""
        found = False
        while self._max_to_keep is not None and len(self._kept) > self._max_to_keep:
            path, saved = next(iter(self._kept.items()))
            del self._kept[path]
            found = True
            if self._keep_every is not None and saved - self._keep_every * 3600 >= self._last_preserved:
                self._last_preserved = saved
                continue
            self._delete(path)
        return found

    def _delete(self, prefix: str) -> None:
        """Deletes the files of a checkpoint, but only in the folder of the manager."""
        path = Path(prefix)
        if path.resolve().parent != Path(self._directory).resolve():
            return
        data = (file for file in path.parent.iterdir() if file.name.startswith(f"{path.name}.data-"))
        for file in [path.with_name(f"{path.name}.index"), *data]:
            with contextlib.suppress(OSError):
                file.unlink()
