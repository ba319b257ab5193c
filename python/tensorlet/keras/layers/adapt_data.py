"""The data that layers learn from in ``adapt``: arrays, lists, datasets and other sources of batches."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any

import numpy as np

from tensorlet.errors import ArgumentTypeError, InvalidArgumentError, ShapeError


def whole_data(
    layer: str, data: object, batch_size: int | None = None, steps: int | None = None
) -> np.ndarray:
    """Returns the data passed to ``adapt`` as one array.

    Args:
        layer: the class of the layer, for messages.
        data: an array; a list of numbers or examples; or batches: a dataset, a generator, a list of arrays with two or
            more axes, an object with a length and items. Of batches ``(x, y)``, only ``x`` counts.
        batch_size: ignored; the data is processed as a whole.
        steps: the number of batches to use.

    Raises:
        InvalidArgumentError: if the data is empty, or not an array, list or source of batches.
        ShapeError: if batches do not have the same shape, but for the number of examples.
    """
    if hasattr(data, "__array__") or (isinstance(data, list | tuple) and not _are_batches(data)):
        array = np.asarray(data)
    else:
        array = _joined(layer, list(islice(_batches(layer, data), steps)))
    if array.size == 0:
        raise InvalidArgumentError(
            f"{layer}.adapt: the data is empty: an array of no numbers, or an empty iterable. Pass at least one "
            "example."
        )
    return array


def _are_batches(data: list[Any] | tuple[Any, ...]) -> bool:
    """Whether a list holds batches, rather than examples or numbers."""
    first = data[0] if len(data) else None
    if isinstance(first, tuple) and first and hasattr(first[0], "shape"):
        return True
    shapes: list[Any] = [getattr(one, "shape", None) for one in data]
    if not shapes or any(shape is None for shape in shapes):
        return False
    return any(len(shape) > 1 for shape in shapes) or len({tuple(shape) for shape in shapes}) > 1


def _batches(layer: str, data: object) -> Iterator[Any]:
    """Yields the inputs of each batch."""
    if isinstance(data, Iterable):
        source: Any = iter(data)
    elif hasattr(data, "__getitem__") and hasattr(data, "__len__"):
        source = (data[number] for number in range(len(data)))
    else:
        raise InvalidArgumentError(
            f"{layer}.adapt got {data!r} of type {type(data).__name__}. Pass an array, a list or a dataset."
        )
    for batch in source:
        yield batch[0] if isinstance(batch, tuple) and batch else batch


def _joined(layer: str, batches: list[Any]) -> np.ndarray:
    arrays = []
    for batch in batches:
        if not hasattr(batch, "shape") and not isinstance(batch, list | tuple):
            raise ArgumentTypeError(
                f"{layer}.adapt: a batch is {batch!r} of type {type(batch).__name__}. Each batch must be an array or "
                "tensor, with a `.shape` whose first axis is that of the examples."
            )
        arrays.append(np.atleast_1d(np.asarray(batch)))
    if not arrays:
        return np.empty(0)
    for array in arrays[1:]:
        if array.shape[1:] != arrays[0].shape[1:]:
            raise ShapeError(
                f"{layer}.adapt: a batch of shape {list(array.shape)} has an incompatible shape: the first batch has "
                f"{list(arrays[0].shape)}. All batches must agree in all axes but the first."
            )
    return np.concatenate(arrays)
