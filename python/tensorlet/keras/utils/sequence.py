"""`Sequence`: data that is made batch by batch; and the parts of a batch."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any


class Sequence:
    """Data that comes batch by batch, in any order; the base of classes that users write.

    A subclass has ``__len__``, the number of batches, and ``__getitem__(index)``, which gives
    one batch: ``(x, y)`` or ``(x, y, sample_weight)``; and ``on_epoch_end()`` if something is to
    happen between two epochs. `fit`, `evaluate` and `predict` take one in place of arrays.

    Args:
        workers, use_multiprocessing, max_queue_size: taken, and of no use here.

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
            f"{type(self).__name__} does not say how many batches there are. Give it a method __len__(self)."
        )

    def __getitem__(self, index: int) -> Any:
        raise NotImplementedError(
            f"{type(self).__name__} does not say what a batch is. Give it a method __getitem__(self, index)."
        )

    def on_epoch_end(self) -> None:
        """Called after each epoch; for shuffling, say. By default nothing."""

    def __iter__(self) -> Iterator[Any]:
        for index in range(len(self)):
            yield self[index]


#: Keras 3's name.
PyDataset = Sequence


def pack_x_y_sample_weight(x: Any, y: Any = None, sample_weight: Any = None) -> Any:
    """A batch as `fit` takes it: ``x``, ``(x, y)`` or ``(x, y, sample_weight)``.

    >>> import tensorlet as tf
    >>> tf.keras.utils.pack_x_y_sample_weight(1, 2)
    (1, 2)
    """
    if y is None:
        return x if not isinstance(x, tuple | list) else (x,)
    return (x, y) if sample_weight is None else (x, y, sample_weight)


def unpack_x_y_sample_weight(data: Any) -> tuple[Any, Any, Any]:
    """The three parts of a batch; None for those that are not there.

    Raises:
        InvalidArgumentError: for a tuple of another length.

    >>> import tensorlet as tf
    >>> tf.keras.utils.unpack_x_y_sample_weight((1, 2))
    (1, 2, None)
    """
    from tensorlet.keras.training.data_adapter.batch_parts import unpack  # the trainer takes long to import

    return unpack(data)
