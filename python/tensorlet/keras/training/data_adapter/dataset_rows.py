"""Datasets that only slice, reorder and batch the rows of arrays, so that an epoch is a native call."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from tensorlet import ops
from tensorlet.core import random_state
from tensorlet.core.function import Function
from tensorlet.core.nest import flatten, pack_like
from tensorlet.core.tensor import EagerTensor, Tensor
from tensorlet.data.dataset import Dataset
from tensorlet.data.options import INFINITE_CARDINALITY
from tensorlet.data.row_numbers import BatchStream, Block, gathered
from tensorlet.dtypes import as_dtype
from tensorlet.errors import InvalidArgumentError
from tensorlet.keras.training.data_adapter.batch_parts import Batch, only_one, packed, unpack
from tensorlet.keras.training.data_adapter.class_weights import weighted_rows
from tensorlet.keras.training.data_adapter.columns import READ, step_dtype
from tensorlet.keras.training.data_adapter.epoch_plan import EpochSettings, Group
from tensorlet.keras.training.data_adapter.rows import Rows
from tensorlet.ops.registry import Spec

#: The number of rows with which the functions of a dataset are tested.
FIRST_ROWS = 2


class DatasetRows(Rows):
    """Rows of arrays, in the order of a batched dataset.

    Args:
        stream: the arrays, and the row indices of each batch.
        class_weight: a weight for each class, converted to sample weights.
    """

    def __init__(self, stream: BatchStream, class_weight: dict[int, float] | None = None) -> None:
        data = pack_like(stream.structure, stream.columns)
        self.stages = stream.functions
        if self.stages:  # the functions receive the data of the dataset, in its own dtypes
            super().__init__((data,))
            self.specs = [Spec(column.shape[1:], as_dtype(column.dtype)) for column in self.columns]
        else:
            x, y, weight = unpack(data)
            super().__init__(packed(only_one(x), y, weighted_rows(y, weight, class_weight)))
        self._batch_stream = stream
        self._planned: list[Group] | None = None

    def first(self, rows: int = 1) -> Batch:
        """Returns the first rows as a batch to build the model on."""
        batch = self.batch(slice(0, max(rows, FIRST_ROWS) if self.stages else rows))
        return staged(batch, self.stages) if self.stages else batch

    def seen(self, leaves: list[EagerTensor]) -> Any:
        """Applies the functions of the dataset to a batch."""
        return staged(pack_like(self.structure, leaves), self.stages)

    def keep_as_bytes(self) -> None:
        """Stores pixels divided by 255 as bytes, unless functions of the dataset read them."""
        if not self.stages:
            super().keep_as_bytes()

    def steps(self, settings: EpochSettings) -> int | None:
        """Returns the number of batches in the next epoch."""
        return sum(group.steps for group in self._planned_groups(settings))

    def first_group(self, settings: EpochSettings) -> Group:
        """Returns the first batches of the next epoch."""
        return self._planned_groups(settings)[0]

    def next_epoch(self, settings: EpochSettings) -> list[Group]:
        """Returns the batches of the next epoch: all of them, or with ``steps``, those after the last epoch."""
        groups = self._planned_groups(settings)
        self._planned = None
        return groups

    def has_next_epoch(self, settings: EpochSettings) -> bool:
        """Whether there are batches left for another epoch; warns if not."""
        return self._planned is not None or super().has_next_epoch(settings)

    def resume(self, settings: EpochSettings, epochs: int) -> None:
        """Does nothing, because a dataset has no position that could be restored."""

    def whole_epoch(self, settings: EpochSettings) -> bool:
        """Returns False: the dataset determines the rows of an epoch."""
        return False

    def _planned_groups(self, settings: EpochSettings) -> list[Group]:
        if self._planned is None:
            self._planned = self._take(settings)
        return self._planned

    def _stream(self, settings: EpochSettings) -> Iterator[Block]:
        return self._batch_stream.picks()

    def in_order(self, steps: int | None) -> Ordered:
        """Returns only the inputs, in the order of one epoch.

        Args:
            steps: the number of batches; None for all of them.
        """
        groups = self.next_epoch(EpochSettings(1, steps, restart=True))
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
        batch_size: the number of rows in a batch.
    """

    def __init__(self, x: object, batch_size: int) -> None:
        super().__init__((x,))
        self.batch_size = batch_size


def dataset_rows(
    dataset: object,
    steps: int | None,
    class_weight: dict[int, float] | None,
    argument: str,
    preparation: Callable[[object], Any] | None = None,
) -> DatasetRows | None:
    """Returns the dataset for the native loop; None if its batches have to be created one by one.

    Args:
        dataset: the user's dataset.
        steps: the number of batches in an epoch; None for all of them.
        class_weight: a weight for each class.
        argument: the name of the argument for ``steps``, for messages.
        preparation: what is applied to x first, for models with layers that run on values.

    Raises:
        InvalidArgumentError: if an epoch would never end.
    """
    if not isinstance(dataset, Dataset):
        return None
    if steps is None and dataset._count() == INFINITE_CARDINALITY:
        raise InvalidArgumentError(
            f"The dataset repeats indefinitely, so an epoch would never end. Pass {argument}=..., "
            "or remove repeat()."
        )
    stream = dataset._batches()
    if stream is None or (stream.functions and (class_weight or not _can_be_compiled(stream))):
        return None
    if preparation is None:
        return DatasetRows(stream, class_weight)
    return None if stream.functions else DatasetRows(_prepared(stream, preparation), class_weight)


def _prepared(stream: BatchStream, preparation: Callable[[object], Any]) -> BatchStream:
    """The same rows after what runs on values, which is done once."""
    x, y, weight = unpack(pack_like(stream.structure, stream.columns))
    data = packed(preparation(only_one(x)), y, weight)
    return BatchStream(flatten(data), data, stream.picks)


def _can_be_compiled(stream: BatchStream) -> bool:
    """Whether the functions of a dataset can be part of the step: they can be traced and update no variables.

    They may use random numbers, which update the state of the generator.
    """
    if any(column.dtype.newbyteorder("=") not in READ or len(column) == 0 for column in stream.columns):
        return False
    rows = range(min(FIRST_ROWS, len(stream.columns[0])))
    batch = [EagerTensor(gathered(column, rows)) for column in stream.columns]
    data = (pack_like(stream.structure, batch),)
    function = Function(lambda data: staged(data, stream.functions), name="functions of the dataset")
    try:
        concrete = function.concrete(data)
    except Exception:  # the functions are called batch by batch, which raises the error in the right place
        return False
    counter = random_state.STATE.traced_counter()
    changes_variables = any(variable is not counter for variable, _ in concrete.graph.updates)
    return not changes_variables and all(node.spec.rank for node in concrete.graph.outputs)


def staged(data: Batch, stages: Sequence[Callable[..., Any]]) -> Batch:
    """Applies the functions of a dataset and returns ``(x,)``, ``(x, y)`` or ``(x, y, sample_weight)``.

    Args:
        data: a tuple with one element of the dataset.
        stages: the functions.
    """
    element = data[0]
    for stage in stages:
        element = stage(element)
    x, y, weight = unpack(element)
    found = packed(only_one(x), y, weight)
    batch: Batch = pack_like(found, [_in_step_dtype(leaf) for leaf in flatten(found)])
    return batch


def _in_step_dtype(tensor: Tensor) -> Any:
    wanted = step_dtype(tensor.dtype.numpy)
    return tensor if tensor.dtype is wanted else ops.cast(tensor, wanted)
