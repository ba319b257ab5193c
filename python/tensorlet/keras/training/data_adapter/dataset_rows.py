"""Datasets that only cut, order and batch the rows of arrays: an epoch of them is a native call."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any, NamedTuple

import numpy as np

from tensorlet import ops
from tensorlet.core.function import Function
from tensorlet.core.nest import flatten, pack_like
from tensorlet.core.tensor import EagerTensor
from tensorlet.data.dataset import Dataset
from tensorlet.data.options import INFINITE_CARDINALITY
from tensorlet.data.row_numbers import BatchStream, Block, as_numbers, gathered
from tensorlet.dtypes import as_dtype
from tensorlet.errors import InvalidArgumentError
from tensorlet.keras.training.data_adapter.batch_parts import only_one, packed, unpack
from tensorlet.keras.training.data_adapter.batches import warn_of_end
from tensorlet.keras.training.data_adapter.class_weights import weighted_rows
from tensorlet.keras.training.data_adapter.columns import READ, step_dtype
from tensorlet.keras.training.data_adapter.rows import Rows
from tensorlet.ops.registry import Spec

#: Rows that functions of a dataset are tried on.
FIRST_ROWS = 2


class Group(NamedTuple):
    """Batches of one size, of which the last one may be smaller.

    Attributes:
        order: the rows, batch after batch; None: as they stand.
        rows: how many.
        batch_size: rows in a batch.
        steps: how many batches.
    """

    order: np.ndarray | None
    rows: int
    batch_size: int
    steps: int

    def numbers(self) -> np.ndarray:
        """The rows, as an array."""
        return np.arange(self.rows) if self.order is None else self.order


class DatasetRows(Rows):
    """Rows of arrays that a dataset of batches takes in an order of its own.

    Args:
        stream: the arrays, and the row numbers of each batch.
        class_weight: a weight for each class, turned into sample weights.
    """

    def __init__(self, stream: BatchStream, class_weight: dict[int, float] | None = None) -> None:
        data = pack_like(stream.structure, stream.columns)
        self.stages = stream.functions
        if self.stages:  # they are given what the dataset has, in its own dtypes
            super().__init__((data,))
            self.specs = [Spec(column.shape[1:], as_dtype(column.dtype)) for column in self.columns]
        else:
            x, y, weight = unpack(data)
            super().__init__(packed(only_one(x), y, weighted_rows(y, weight, class_weight)))
        self._stream = stream
        self._picks: Iterator[Block] = iter(())

    def first(self) -> Any:
        """The first rows, as a batch that the model can be built on."""
        return staged(self.batch(slice(0, FIRST_ROWS)), self.stages) if self.stages else super().first()

    def seen(self, leaves: list[Any]) -> Any:
        """What the functions of the dataset make of the tensors of a batch."""
        return staged(pack_like(self.structure, leaves), self.stages)

    def keep_as_bytes(self) -> None:
        """Keeps pixels divided by 255 as bytes, unless functions of the dataset want to see them."""
        if not self.stages:
            super().keep_as_bytes()

    def next_epoch(self, steps: int | None, again: bool) -> list[Group]:
        """The batches of the next epoch.

        Args:
            steps: how many; None: all there are.
            again: begin at the first one; else, with ``steps``, go on after the last epoch's.
        """
        if steps is None or again:
            self._picks = self._stream.picks()
        picks = list(islice(self._picks, steps))
        if not picks and steps is not None:
            self._picks = self._stream.picks()
            picks = list(islice(self._picks, steps))
        if not picks:
            raise InvalidArgumentError(
                "The dataset has no batches. Expected at least one; is a take, skip or drop_remainder too strict?"
            )
        if steps is not None and len(picks) < steps:
            warn_of_end(len(picks), steps)
        return grouped(picks)

    def in_order(self, steps: int | None) -> Ordered:
        """The inputs alone, in the order of one epoch.

        Args:
            steps: how many batches; None: all there are.
        """
        groups = self.next_epoch(steps, again=True)
        columns = self.columns[: len(flatten(self.structure[0]))]
        if len(groups) > 1 or groups[0].order is not None:
            order = np.concatenate([group.numbers() for group in groups])
            columns = [column.take(order, axis=0) for column in columns]
        else:
            columns = [column[: groups[0].rows] for column in columns]
        return Ordered(pack_like(self.structure[0], columns), groups[0].batch_size)


class Ordered(Rows):
    """The inputs of a dataset, in its order.

    Args:
        x: arrays, or a structure of them.
        batch_size: rows in a batch.
    """

    def __init__(self, x: Any, batch_size: int) -> None:
        super().__init__((x,))
        self.batch_size = batch_size


def grouped(picks: Sequence[Block]) -> list[Group]:
    """Batches in groups that one native call can run.

    >>> [tuple(group) for group in grouped([range(0, 2), range(2, 4), range(4, 5)])]
    [(None, 5, 2, 3)]
    >>> [group.rows for group in grouped([range(0, 2), range(2, 3), range(0, 2), range(2, 3)])]
    [3, 3]
    """
    found = []
    first = 0
    for place, pick in enumerate(picks):
        last = place + 1 == len(picks)
        size = len(picks[first])
        # A smaller batch ends its group; a larger one belongs to the next.
        if last or len(pick) < size or len(picks[place + 1]) > size:
            found.append(_group(picks[first : place + 1]))
            first = place + 1
    return found


def _group(picks: Sequence[Block]) -> Group:
    rows = sum(map(len, picks))
    order = None if _as_they_stand(picks) else np.concatenate([as_numbers(pick) for pick in picks])
    return Group(order, rows, len(picks[0]), len(picks))


def _as_they_stand(picks: Sequence[Block]) -> bool:
    expected = 0
    for pick in picks:
        if not isinstance(pick, range) or pick.start != expected or pick.step != 1:
            return False
        expected = pick.stop
    return True


def dataset_rows(
    dataset: Any, steps: int | None, class_weight: dict[int, float] | None, argument: str
) -> DatasetRows | None:
    """The dataset for the native loop; None if its batches have to be made one by one.

    Args:
        dataset: what the user gave.
        steps: batches in an epoch; None: all there are.
        class_weight: a weight for each class.
        argument: the name by which the user can say ``steps``.

    Raises:
        InvalidArgumentError: if an epoch would never end.
    """
    if not isinstance(dataset, Dataset):
        return None
    if steps is None and dataset._count() == INFINITE_CARDINALITY:
        raise InvalidArgumentError(
            f"The dataset repeats without an end, so nobody can say when an epoch is over. Give {argument}=..., "
            "or leave out repeat()."
        )
    stream = dataset._batches()
    if stream is None or (stream.functions and (class_weight or not _can_be_compiled(stream))):
        return None
    return DatasetRows(stream, class_weight)


def _can_be_compiled(stream: BatchStream) -> bool:
    """Whether the functions of a dataset can become part of the step: they need no values, and no other dtypes."""
    if any(column.dtype.newbyteorder("=") not in READ or len(column) == 0 for column in stream.columns):
        return False
    rows = range(min(FIRST_ROWS, len(stream.columns[0])))
    batch = [EagerTensor(gathered(column, rows)) for column in stream.columns]
    data = (pack_like(stream.structure, batch),)
    function = Function(lambda data: staged(data, stream.functions), name="functions of the dataset")
    try:
        concrete = function.get_concrete_function(data)
    except Exception:  # whatever it is, calling the functions batch by batch says it at its place
        return False
    return not concrete.graph.updates and all(node.spec.rank for node in concrete.graph.outputs)


def staged(data: Any, stages: Sequence[Any]) -> Any:
    """What the functions of a dataset make of a batch: ``(x,)``, ``(x, y)`` or ``(x, y, sample_weight)``.

    Args:
        data: a tuple of one element of the dataset.
        stages: the functions.
    """
    element = data[0]
    for stage in stages:
        element = stage(element)
    x, y, weight = unpack(element)
    found = packed(only_one(x), y, weight)
    return pack_like(found, [_in_step_dtype(leaf) for leaf in flatten(found)])


def _in_step_dtype(tensor: Any) -> Any:
    wanted = step_dtype(tensor.dtype.numpy)
    return tensor if tensor.dtype is wanted else ops.cast(tensor, wanted)
