"""Restores the variables of an optimizer from the list of arrays in a file."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

import numpy as np

from tensorlet.core.variable import Variable
from tensorlet.keras.optimizers.base import Optimizer
from tensorlet.keras.optimizers.nadam import Nadam
from tensorlet.keras.optimizers.saved_variables import KERAS_2, KERAS_3, Entry, entries, entries_before_2_11


def restore(
    optimizer: Optimizer,
    weights: Iterable[Variable],
    shapes: Sequence[tuple[int, ...]],
    read: Callable[[int], np.ndarray],
    prefer: str = KERAS_3,
    first_name: str = "",
    with_rate: bool = True,
) -> bool:
    """Sets the variables of an optimizer from the list of arrays in a file.

    Args:
        optimizer: the optimizer, which is built for the weights here.
        weights: the weights that the optimizer updates, in the order of the model.
        shapes: the shapes of the arrays in the file.
        read: maps the index of an array to its values.
        prefer: the dialect to try first, if the shapes match both.
        first_name: the name of the first array, if the file has names, which identifies optimizers before 2.11.
        with_rate: whether to restore the learning rate, if the file contains it.

    Returns:
        Whether the arrays match the optimizer; no variable is changed if they do not.
    """
    optimizer.build(list(weights))
    if first_name.endswith("iter:0"):
        layouts = [entries_before_2_11(optimizer)]
    else:
        order = (KERAS_3, KERAS_2) if prefer == KERAS_3 else (KERAS_2, KERAS_3)
        layouts = [entries(optimizer, dialect) for dialect in order]
        layouts += [_with_unused_rate(layout) for layout in layouts]
    for layout in layouts:
        if [entry.shape for entry in layout] == list(shapes):
            _set(optimizer, layout, read, with_rate)
            return True
    return False


def _with_unused_rate(layout: list[Entry]) -> list[Entry]:
    """Returns the layout for a file with a learning rate, if the optimizer has a schedule."""
    return [layout[0], Entry("learning_rate", (), None), *layout[1:]]


def _set(
    optimizer: Optimizer, layout: list[Entry], read: Callable[[int], np.ndarray], with_rate: bool
) -> None:
    values = [read(index) for index in range(len(layout))]
    for entry, value in zip(layout, values, strict=True):
        if entry.variable is not None and (with_rate or not entry.is_rate):
            entry.variable.assign(value.astype(entry.variable.dtype.numpy))
    product = optimizer.momentum_product
    if not isinstance(optimizer, Nadam) or product is None:
        return
    if not any(entry.variable is product for entry in layout):
        product.assign(_product_after(optimizer, int(np.asarray(optimizer.iterations))))


def _product_after(optimizer: Nadam, steps: int) -> np.float32:
    """Computes the product of the momenta of Nadam, which Keras 2 does not save, from the number of steps.

    Source: Dozat, "Incorporating Nesterov Momentum into Adam", 2016.
    """
    product = np.float32(1.0)
    for step in range(1, steps + 1):
        if product == 0.0 or step > 100_000:
            break
        product *= np.float32(optimizer.beta_1 * (1.0 - 0.5 * optimizer.momentum_base**step))
    return product
