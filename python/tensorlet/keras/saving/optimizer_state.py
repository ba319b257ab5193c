"""An optimizer's variables in the orders in which files hold them, and back.

Keras 2 and Keras 3 write them as plain lists, whose order differs:

    Keras 2       iteration, averages, slots
    Keras 3       iteration, learning rate (unless it is a schedule), averages, slots, Nadam's product
    before 2.11   iteration, Nadam's product, slots: first the first slot of all weights, then the second

"Slots" means m and v of the first weight, m and v of the second and so on; the slots in `OWN_COLUMN` come
after those, for all weights.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, NamedTuple

import numpy as np

from tensorlet.core.variable import Variable
from tensorlet.keras.optimizers.nadam import Nadam
from tensorlet.keras.optimizers.sgd import SGD

KERAS_2, KERAS_3 = "keras2", "keras3"
#: Slots that follow those of all weights, with the class that has them (any, where there is none).
OWN_COLUMN = {"vhat": "", "average_gradient": "", "momentum": "RMSprop"}
#: What Keras 3 calls the slots.
KERAS_3_NAMES = {"m": "momentum", "v": "velocity", "vhat": "velocity_hat", "u": "norm"}


class Entry(NamedTuple):
    """One array of an optimizer in a file.

    Attributes:
        name: in the file.
        shape: of the array.
        variable: that holds it; None for an array that this optimizer has no use for, which is written as zeros.
        is_rate: whether it is the learning rate.
    """

    name: str
    shape: tuple[int, ...]
    variable: Variable | None
    is_rate: bool = False

    def value(self) -> np.ndarray:
        """The array to write."""
        return np.zeros(self.shape, np.float32) if self.variable is None else np.asarray(self.variable)


def entries(optimizer: Any, dialect: str) -> list[Entry]:
    """The arrays of an optimizer that has been built, in the order of a dialect's files."""
    if dialect == KERAS_2:
        return [_entry("iteration:0", optimizer.iterations), *_slots(optimizer, _keras_2_name)]
    prefix = _keras_3_prefix(optimizer)
    found = [_entry(f"{prefix}/iteration", optimizer.iterations)]
    rate = optimizer._learning_rate
    if isinstance(rate, Variable):
        found.append(_entry(f"{prefix}/learning_rate", rate)._replace(is_rate=True))
    found += _slots(optimizer, lambda slot, weight: f"{prefix}/{_keras_3_slot(slot, weight)}")
    if isinstance(optimizer, Nadam):
        found.append(_entry(f"{prefix}/variable", product_of(optimizer)))
    return [one for one in found if dialect == KERAS_3 and (one.variable is not None)]


def _entry(name: str, variable: Variable) -> Entry:
    return Entry(name, tuple(variable.shape), variable)


def _slots(optimizer: Any, name_of: Callable[[str, Variable], str]) -> list[Entry]:
    """The averages and slots of a built optimizer, in today's order."""
    if not type(optimizer).__module__.startswith("tensorlet."):
        known = {id(optimizer.iterations)}
        return [_entry(one.name, one) for one in optimizer.variables if id(one) not in known]
    weights = optimizer._trainable_variables
    slots = list(optimizer.slot_names())
    last = [slot for slot in slots if OWN_COLUMN.get(slot) in ("", type(optimizer).__name__)]
    first = [slot for slot in slots if slot not in last]
    places = [("average", weight) for weight in weights] if optimizer.use_ema else []
    places += [(slot, weight) for weight in weights for slot in first]
    places += [(slot, weight) for slot in last for weight in weights]
    found = [_entry(name_of(slot, weight), optimizer.slot(weight, slot)) for slot, weight in places]
    if isinstance(optimizer, SGD) and not slots:  # Keras 2 keeps momenta that it never uses
        found += [Entry(name_of("m", weight), tuple(weight.shape), None) for weight in weights]
    return [
        one._replace(name=f"{optimizer.name}/{one.name}") if name_of is _keras_2_name else one
        for one in found
    ]


def _keras_2_name(slot: str, weight: Variable) -> str:
    return f"{slot}/{weight.name}"


def _keras_3_prefix(optimizer: Any) -> str:
    from tensorlet.keras.naming import snake_case

    name = str(optimizer.name)
    return snake_case(name) if name == type(optimizer).__name__ else name


def _keras_3_slot(slot: str, weight: Variable) -> str:
    return f"{weight.name.removesuffix(':0').replace('/', '_')}_{KERAS_3_NAMES.get(slot, slot)}"


def _entries_before_2_11(optimizer: Any) -> list[Entry]:
    """The order of the optimizers of Keras 2.10 and before, which `tf.keras.optimizers.legacy` still has."""
    weights, slots = optimizer._trainable_variables, list(optimizer.slot_names())
    found = [_entry("iter:0", optimizer.iterations)]
    if isinstance(optimizer, Nadam):
        found.append(_entry("momentum_cache:0", product_of(optimizer)))
    if type(optimizer).__name__ == "Ftrl":
        places = [(slot, weight) for weight in weights for slot in slots]
    else:
        places = [(slot, weight) for slot in slots for weight in weights]
    return [*found, *(_entry(slot, optimizer.slot(weight, slot)) for slot, weight in places)]


def product_of(optimizer: Nadam) -> Variable:
    """The product of the momenta so far, which a built Nadam has."""
    assert optimizer._product is not None
    return optimizer._product


def restore(
    optimizer: Any,
    weights: Iterable[Variable],
    shapes: Sequence[tuple[int, ...]],
    read: Callable[[int], np.ndarray],
    prefer: str = KERAS_3,
    first_name: str = "",
    with_rate: bool = True,
) -> bool:
    """Sets an optimizer's variables from a file's list of arrays.

    Args:
        optimizer: built here for the weights.
        weights: the weights that the optimizer changes, in the model's order.
        shapes: of the arrays in the file.
        read: from the number of an array to its values.
        prefer: the dialect to try first, where the shapes fit both.
        first_name: of the first array, where the file names them: it tells optimizers of before 2.11.
        with_rate: whether the learning rate is set too, where the file has it.

    Returns:
        Whether the arrays fit the optimizer; nothing is set if they do not.
    """
    optimizer.build(list(weights))
    if first_name.endswith("iter:0"):
        layouts = [_entries_before_2_11(optimizer)]
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
    """The layout for a file with a learning rate, where the optimizer has a schedule."""
    return [layout[0], Entry("learning_rate", (), None), *layout[1:]]


def _set(optimizer: Any, layout: list[Entry], read: Callable[[int], np.ndarray], with_rate: bool) -> None:
    values = [read(index) for index in range(len(layout))]
    for entry, value in zip(layout, values, strict=True):
        if entry.variable is not None and (with_rate or not entry.is_rate):
            entry.variable.assign(value.astype(entry.variable.dtype.numpy))
    if isinstance(optimizer, Nadam) and not any(entry.variable is optimizer._product for entry in layout):
        product_of(optimizer).assign(_product_after(optimizer, int(np.asarray(optimizer.iterations))))


def _product_after(optimizer: Nadam, steps: int) -> np.float32:
    """Nadam's product of momenta, which Keras 2 does not write: it follows from the number of steps.

    Source: Dozat, "Incorporating Nesterov Momentum into Adam", 2016.
    """
    product = np.float32(1.0)
    for step in range(1, steps + 1):
        if product == 0.0 or step > 100_000:
            break
        product *= np.float32(optimizer.beta_1 * (1.0 - 0.5 * 0.96**step))
    return product
