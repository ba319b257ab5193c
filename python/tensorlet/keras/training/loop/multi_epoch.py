"""Several epochs in one native call, where nobody wants to look on between two of them.

An epoch of a tiny network takes microseconds, and the Python between two epochs would take ten times
that. A block resets the metrics, trains, reads the metrics, validates and reads them again, epoch after
epoch, and hands back the numbers of all of them. They are the same as without blocks, bit by bit.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from tensorlet.backends.dispatch import permutation, run_schedule
from tensorlet.backends.programs import BatchStage, Shuffle, SingleStage, Stage
from tensorlet.core import random_state
from tensorlet.core.concrete_function import Concrete, pack_outputs
from tensorlet.core.function import Function
from tensorlet.dtypes import float32
from tensorlet.keras.training.data_adapter.rows import Rows
from tensorlet.keras.training.report.callback_list import CallbackList
from tensorlet.keras.training.report.history import History

#: Seconds after which a block ends, so that `stop_training` and the history are never far behind.
SECONDS = 0.1
#: Rows of the history that a block makes room for.
MOST_EPOCHS = 4096
#: Hooks that somebody may want called between two epochs.
HOOKS = ("on_epoch_begin", "on_epoch_end", "on_test_begin", "on_test_end")


class Block:
    """The stages of an epoch of one run of `fit`.

    Args:
        stages: what an epoch does, in order.
        columns: in which column of the reported numbers each one stands, by name.
        rows: how many rows are shuffled; None: they come as they stand.
        nan_guard: keeps the weights before each epoch.
        history: takes the numbers.
    """

    def __init__(
        self, stages: list[Stage], columns: dict[str, int], rows: int | None, nan_guard: Any, history: History
    ) -> None:
        self.stages = stages
        self.columns = columns
        self.rows = rows
        self.nan_guard = nan_guard
        self.history = history
        #: The order of the rows in the last epoch.
        self.order: np.ndarray | None = None

    def run(self, epoch: int, epochs: int) -> tuple[int, dict[str, Any]]:
        """Runs epochs from number ``epoch`` on, fewer than ``epochs``.

        Returns:
            The number of the next epoch, and the numbers of the last one.
        """
        numbers = np.empty((min(epochs - epoch, MOST_EPOCHS), len(self.columns)))
        key = random_state.key_of(None)
        call = random_state.STATE.counters.get(key, 0)
        shuffle = None if self.rows is None else Shuffle(self.rows, key, call)
        pairs = self.nan_guard.kept_before_epochs()
        done, error = run_schedule(self.stages, pairs, shuffle, numbers, SECONDS)
        if shuffle is not None:
            # An epoch that was interrupted has drawn its order as well.
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
        """The orders of the last two epochs: a block ends where a number is not finite."""
        self.nan_guard.epochs += done
        self.order = None
        if shuffle is not None:
            rows, key, call = shuffle
            self.order = permutation(rows, key, call + done - 1)
            if done > 1:
                self.nan_guard.previous_order = permutation(rows, key, call + done - 2)


def block_of(
    model: Any, loop: Any, test_loop: Any, nan_guard: Any, shuffle: bool, validates_each_epoch: bool
) -> Block | None:
    """The block of a run of `fit`; None if somebody has to be asked between two epochs.

    Args:
        model: the model.
        loop, test_loop: its training and its validation; None: no validation.
        nan_guard: see `nan_guard.NanGuard`.
        shuffle: whether rows come in a new order in each epoch.
        validates_each_epoch: whether ``validation_freq`` is 1.
    """
    watchers: CallbackList = loop.callbacks
    listeners = [listener for hook in HOOKS for listener in watchers.listeners(hook)]
    if [type(listener) for listener in listeners] != [History]:
        return None
    loops = [loop] if test_loop is None else [loop, test_loop]
    if not all(map(_is_plain, loops)) or not (test_loop is None or validates_each_epoch):
        return None
    reset, results = _compiled(loop.reset), _compiled(getattr(loop.results, "read", None))
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
    for one, prefix in zip(loops, ("", "val_"), strict=False):
        before = len(columns)
        columns |= {prefix + name: before + place for name, place in places.items()}
        stages.append(_stage(reset, reports=False))
        stages += _parts(one, shuffle and one is loop)
        stages.append(_stage(results, reports=True))
    rows = loop.data.count if shuffle else None
    return Block(stages, columns, rows, nan_guard, listeners[0])  # type: ignore[arg-type]


def _is_plain(loop: Any) -> bool:
    """Whether an epoch is one call of the backend over plain rows, and nothing else."""
    return type(loop.data) is Rows and loop.default and loop.runner is not None


def _compiled(function: Any) -> Concrete | None:
    """The compiled call of a traced function without arguments."""
    return function.get_concrete_function() if isinstance(function, Function) else None


def _stage(concrete: Concrete, reports: bool) -> SingleStage:
    return SingleStage(concrete.executable(), concrete._buffers, reports)


def _parts(loop: Any, shuffle: bool) -> list[BatchStage]:
    """The batches of one size, and a smaller last one."""
    stages: list[BatchStage] = []
    for part in loop.runner.parts:
        rows = slice(part.start, part.start + part.steps * part.size)
        columns = loop.data.columns if shuffle else [column[rows] for column in loop.data.columns]
        first = part.start if shuffle else None
        stages.append(BatchStage(part.program, columns, part.buffers, part.steps, first))
    return stages
