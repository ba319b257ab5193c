"""Pipelines produce the elements of a dataset: the interface of all sources and transformations.

A `Dataset` is what users see. It holds one `Pipeline`, and each of its methods adds a pipeline on top of it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, SupportsIndex

from tensorlet.data.options import UNKNOWN_CARDINALITY
from tensorlet.data.row_numbers import BatchStream, RowStream
from tensorlet.errors import InvalidArgumentError


class Pipeline:
    """A source or a transformation.

    A subclass defines `element_spec`, and how its elements are produced: `one_by_one`, or better `rows` or
    `batches`, which are much faster.
    """

    #: The class's name in printed forms of datasets, as in TensorFlow.
    shown_name = "Dataset"
    #: The pipeline below; None for a source.
    source: Pipeline | None = None

    @property
    def element_spec(self) -> Any:
        """Shape and dtype of the elements: a `TensorSpec`, or a tuple or dictionary of them."""
        raise NotImplementedError

    def count(self) -> int:
        """The number of elements, `INFINITE_CARDINALITY` or `UNKNOWN_CARDINALITY`."""
        return UNKNOWN_CARDINALITY

    def one_by_one(self) -> Iterator[Any]:
        """The elements."""
        raise NotImplementedError

    def rows(self) -> RowStream | None:
        """The elements as rows of arrays; None if they are anything else."""
        return None

    def batches(self) -> BatchStream | None:
        """The elements as batches of rows of arrays; None if they are anything else."""
        return None

    def elements(self) -> Iterator[Any]:
        """The elements, produced in the fastest way."""
        stream = self.batches() or self.rows()
        return self.one_by_one() if stream is None else stream.elements()


class Transformation(Pipeline):
    """A pipeline on top of another one; unless a subclass overrides it, `element_spec` is the same.

    Args:
        source: the pipeline below.
    """

    source: Pipeline

    def __init__(self, source: Pipeline) -> None:
        self.source = source

    @property
    def element_spec(self) -> Any:
        """Shape and dtype of the elements."""
        return self.source.element_spec

    def count(self) -> int:
        """The number of elements below."""
        return self.source.count()


class BaseDataset:
    """What pipelines need to know of a `Dataset`, which may be an element or the result of a user-defined function.

    Args:
        pipeline: produces the elements.
    """

    _pipeline: Pipeline

    @property
    def element_spec(self) -> Any:
        """Shape and dtype of the elements: a `TensorSpec`, or a tuple or dictionary of them.

        >>> import tensorlet as tf
        >>> tf.data.Dataset.range(5).batch(2).element_spec
        TensorSpec(shape=(None,), dtype=tf.int64, name=None)
        """
        return self._pipeline.element_spec


def whole_number(value: SupportsIndex, what: str, least: int) -> int:
    """Converts a value to an integer of at least ``least``.

    Args:
        value: the value as given.
        what: its name in messages, such as "batch: batch_size".
        least: the smallest valid value.

    Raises:
        TypeError, InvalidArgumentError: for anything else.
    """
    try:
        number = int(value.__index__() if hasattr(value, "__index__") else value)
        if number != value:  # NumPy floats may hold integers
            raise TypeError
    except (TypeError, ValueError):
        raise TypeError(f"{what} is {value!r}, but an integer of at least {least} is expected.") from None
    if number < least:
        raise InvalidArgumentError(f"{what} is {number}, but an integer of at least {least} is expected.")
    return number
