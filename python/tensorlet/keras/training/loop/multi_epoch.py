"""Several epochs in one call of the backend, if nothing requires Python between them.

An epoch of a tiny network takes microseconds, and the Python code between two epochs would take ten
times as long. A block resets the metrics, trains, reads the metrics, validates and reads them again, epoch
after epoch, and returns the values of all epochs. They are bitwise the same as without blocks.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from tensorlet.backends.dispatch import permutation, run_schedule
from tensorlet.backends.programs import BatchStage, Shuffle, SingleStage, Stage
from tensorlet.core import random_state
from tensorlet.core.concrete_function import Concrete, pack_outputs
from tensorlet.core.function import Function
from tensorlet.dtypes import float32
from tensorlet.keras.training.data_adapter.epoch_plan import Group
from tensorlet.keras.training.data_adapter.rows import Rows
from tensorlet.keras.training.report.history import History

if TYPE_CHECKING:
    from tensorlet.keras.training.loop.epoch_loop import EpochLoop
    from tensorlet.keras.training.report.nan_guard import NanGuard

#: The time in seconds after which a block ends, so that `stop_training` and the history are up to date.
SECONDS = 0.1
#: The number of epochs for which a block can store results.
MOST_EPOCHS = 4096
#: Hooks that run between epochs.
HOOKS = ("on_epoch_begin", "on_epoch_end", "on_test_begin", "on_test_end")


class Block:
    """The stages of an epoch of one run of `fit`.

    Args:
        stages: the stages of an epoch, in order.
        columns: the column of each result, by name.
        training: the loop over the training data, whose `groups` are kept up to date.
        guard: stores the weights before each epoch.
        history: receives the results.
    """

    def __init__(
        self,
        stages: list[Stage],
        columns: dict[str, int],
        training: EpochLoop,
        guard: NanGuard,
        history: History,
    ) -> None:
        self.stages = stages
        self.columns = columns
        self.training = training
        self.guard = guard
        self.history = history
        self.group = _rows_of(training).first_group(training.settings)

    def run(self, epoch: int, epochs: int) -> tuple[int, dict[str, Any]]:
        """Runs epochs, starting with number ``epoch``, up to ``epochs`` at most.

        Returns:
            The number of the next epoch, and the results of the last one.
        """
        numbers = np.empty((min(epochs - epoch, MOST_EPOCHS), len(self.columns)))
        key = random_state.key_of(None)
        call = random_state.STATE.counters.get(key, 0)
        shuffle = Shuffle(self.group.rows, key, call) if self.training.settings.shuffle else None
        pairs = self.guard.kept_before_epochs()
        with self.training.model._programs.lock:
            done, error = run_schedule(self.stages, pairs, shuffle, numbers, SECONDS)
        if shuffle is not None:
            # An interrupted epoch has also drawn its order.
            random_state.STATE.counters[key] = call + done + (error is not None)
        self._remember(epoch, numbers[:done])
        if error is not None:
            raise error
        logs: dict[str, Any] = {name: float(numbers[done - 1, place]) for name, place in self.columns.items()}
        self._keep_orders(done, shuffle)
        return epoch + done, logs

    def _remember(self, epoch: int, numbers: np.ndarray) -> None:
        self.history.epoch.extend(range(epoch, epoch + len(numbers)))
        if len(numbers):
            for name, place in self.columns.items():
                self.history.history.setdefault(name, []).extend(numbers[:, place].tolist())
            self.history.model.history = self.history

    def _keep_orders(self, done: int, shuffle: Shuffle | None) -> None:
        """Stores the orders of the last two epochs, because a block ends if a result is not finite."""
        self.guard.epochs += done
        self.training.groups = [self._group_of(shuffle, done - 1)]
        if done > 1:
            self.guard.previous_groups = [self._group_of(shuffle, done - 2)]

    def _group_of(self, shuffle: Shuffle | None, epoch: int) -> Group:
        """Returns the rows of an epoch of the last call, in their order."""
        if shuffle is None:
            return self.group
        rows, key, call = shuffle
        return self.group._replace(order=permutation(rows, key, call + epoch))


def block_of(
    training: EpochLoop, validation: EpochLoop | None, guard: NanGuard, validates_each_epoch: bool
) -> Block | None:
    """Returns the block of a run of `fit`; None if Python has to run between epochs.

    Args:
        training, validation: the loops of the run; None for no validation.
        guard: stores the weights before each epoch.
        validates_each_epoch: whether ``validation_freq`` is 1.
    """
    callbacks = training.callbacks
    listeners = [listener for hook in HOOKS for listener in callbacks.listeners(hook)]
    if [type(listener) for listener in listeners] != [History]:
        return None
    if not (validation is None or validates_each_epoch):
        return None
    found = stages_of(training, validation)
    if found is None:
        return None
    stages, columns = found
    return Block(stages, columns, training, guard, listeners[0])  # type: ignore[arg-type]


def stages_of(
    training: EpochLoop, validation: EpochLoop | None = None
) -> tuple[list[Stage], dict[str, int]] | None:
    """Returns the stages of an epoch, and the column of each result by name; None if an epoch needs Python.

    Args:
        training, validation: loops over rows; None for no validation.
    """
    loops = [training] if validation is None else [training, validation]
    if not all(map(_is_plain, loops)):
        return None
    reset, results = _compiled(training.tools.reset), _compiled(training.tools.read)
    if reset is None or results is None or not isinstance(results.structure, dict):
        return None
    if any(node.spec.shape != () or node.spec.dtype is not float32 for node in results.graph.outputs):
        return None
    positions = list(range(len(results.graph.outputs)))
    places = pack_outputs(results.structure, positions)
    if sorted(places.values()) != positions:
        return None
    stages: list[Stage] = []
    columns: dict[str, int] = {}
    for loop, prefix in zip(loops, ("", "val_"), strict=False):
        before = len(columns)
        columns |= {prefix + name: before + place for name, place in places.items()}
        stages.append(_stage(reset, reports=False))
        stages += _parts(loop)
        stages.append(_stage(results, reports=True))
    return stages, columns


def _is_plain(loop: EpochLoop) -> bool:
    """Whether each epoch is exactly one call of the backend over the same rows."""
    return (
        type(loop.data) is Rows
        and (loop.settings.restart or loop.data.whole_epoch(loop.settings))
        and loop.default
        and loop.runner is not None
    )


def _rows_of(loop: EpochLoop) -> Rows:
    assert isinstance(loop.data, Rows)  # see `_is_plain`
    return loop.data


def _compiled(function: object) -> Concrete | None:
    """Returns the compiled call of a traced function without arguments."""
    return function.concrete() if isinstance(function, Function) else None


def _stage(concrete: Concrete, reports: bool) -> SingleStage:
    return SingleStage(concrete.executable(), concrete.buffers, reports)


def _parts(loop: EpochLoop) -> list[BatchStage]:
    """Returns the batches of one size, and a smaller last one."""
    assert loop.runner is not None  # see `_is_plain`
    stages: list[BatchStage] = []
    shuffle = loop.settings.shuffle
    for part in loop.runner.parts:
        rows = slice(part.start, part.start + part.steps * part.size)
        columns = _rows_of(loop).columns
        if not shuffle:
            columns = [column[rows] for column in columns]
        first = part.start if shuffle else None
        stages.append(BatchStage(part.program, columns, part.buffers, part.steps, first))
    return stages
