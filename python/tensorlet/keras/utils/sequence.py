"""`Sequence`: data created batch by batch; packing and unpacking of batches."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any


class Sequence:
    """Base class of data that is accessed batch by batch.

    A subclass defines ``__len__``, which returns the number of batches, and ``__getitem__(index)``, which
    returns one batch: ``(x, y)`` or ``(x, y, sample_weight)``. It may define ``on_epoch_end()``, which is
    called between epochs. `fit`, `evaluate` and `predict` accept a `Sequence` in place of arrays.

    Args:
        workers, use_multiprocessing, max_queue_size: have no effect.

    >>> import numpy as np
    >>> import tensorlet as tf
    >>> class Squares(tf.keras.utils.Sequence):
    ...     def __len__(self):
    ...         return 3
    ...     def __getitem__(self, index):
    ...         x = np.array([[float(index)]])
    ...         return x, x**2
    >>> [y.item() for x, y in Squares()]
    [0.0, 1.0, 4.0]
    """

    def __init__(self, workers: int = 1, use_multiprocessing: bool = False, max_queue_size: int = 10) -> None:
        self.workers = workers
        self.use_multiprocessing = use_multiprocessing
        self.max_queue_size = max_queue_size

    def __len__(self) -> int:
        raise NotImplementedError(
            f"{type(self).__name__} has no method __len__(self), which returns the number of batches."
        )

    def __getitem__(self, index: int) -> Any:
        raise NotImplementedError(
            f"{type(self).__name__} has no method __getitem__(self, index), which returns a batch."
        )

    def on_epoch_end(self) -> None:
        """Called after each epoch, for example to shuffle. Does nothing by default."""

    def __iter__(self) -> Iterator[Any]:
        for index in range(len(self)):
            yield self[index]


#: The name in Keras 3.
PyDataset = Sequence


def pack_x_y_sample_weight(x: object, y: object = None, sample_weight: object = None) -> Any:
    """Packs a batch as `fit` accepts it: ``x``, ``(x, y)`` or ``(x, y, sample_weight)``.

    >>> import tensorlet as tf
    >>> tf.keras.utils.pack_x_y_sample_weight(1, 2)
    (1, 2)
    """
    if y is None:
        return x if not isinstance(x, tuple | list) else (x,)
    return (x, y) if sample_weight is None else (x, y, sample_weight)


def unpack_x_y_sample_weight(data: object) -> tuple[Any, Any, Any]:
    """Returns the three parts of a batch, with None for missing parts.

    Raises:
        InvalidArgumentError: for a tuple of another length.

    >>> import tensorlet as tf
    >>> tf.keras.utils.unpack_x_y_sample_weight((1, 2))
    (1, 2, None)
    """
    from tensorlet.keras.training.data_adapter.batch_parts import unpack

    return unpack(data)
