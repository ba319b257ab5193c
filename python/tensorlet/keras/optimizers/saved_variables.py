"""The variables of an optimizer, in the orders in which files store them.

Keras 2 and Keras 3 write plain lists with different orders:

    Keras 2       iteration, averages, slots
    Keras 3       iteration, learning rate (unless it is a schedule), averages, slots, Nadam's product
    before 2.11   iteration, Nadam's product, slots: first the first slot of all weights, then the second

"Slots" means m and v of the first weight, m and v of the second and so on; the slots in `OWN_COLUMN` come
after those of all weights.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from tensorlet.core.variable import Variable
from tensorlet.keras.naming import snake_case
from tensorlet.keras.optimizers.gradient_accumulation import SUM
from tensorlet.keras.optimizers.slots import KERAS_3_NAMES

if TYPE_CHECKING:
    from tensorlet.keras.optimizers.base import Optimizer

KERAS_2, KERAS_3 = "keras2", "keras3"
#: Slots that come after those of all weights, with the class that has them (any class, if empty).
OWN_COLUMN = {"vhat": "", "average_gradient": "", "momentum": "RMSprop"}


class Entry(NamedTuple):
    """One array of an optimizer in a file.

    Attributes:
        name: the name in the file.
        shape: the shape of the array.
        variable: the variable that holds it; None for an array that this optimizer does not use, written as zeros.
        is_rate: whether it is the learning rate.
    """

    name: str
    shape: tuple[int, ...]
    variable: Variable | None
    is_rate: bool = False

    def value(self) -> np.ndarray:
        """The array to write."""
        return np.zeros(self.shape, np.float32) if self.variable is None else np.asarray(self.variable)


def entries(optimizer: Optimizer, dialect: str) -> list[Entry]:
    """Returns the arrays of a built optimizer, in the order of files of a dialect, "keras2" or "keras3"."""
    inner = optimizer.inner_optimizers()
    if inner:
        return [*_own_variables(optimizer), *(entry for one in inner for entry in entries(one, dialect))]
    if dialect == KERAS_2 and optimizer.is_legacy:
        return entries_before_2_11(optimizer)
    if dialect == KERAS_2:
        return [_entry("iteration:0", optimizer._iterations), *_slots(optimizer, _keras_2_name)]
    prefix = _keras_3_prefix(optimizer)
    found = [_entry(f"{prefix}/iteration", optimizer._iterations)]
    rate = optimizer._learning_rate
    if isinstance(rate, Variable):
        found.append(_entry(f"{prefix}/learning_rate", rate)._replace(is_rate=True))
    found += _slots(optimizer, lambda slot, weight: f"{prefix}/{_keras_3_slot(slot, weight)}")
    if optimizer.momentum_product is not None:
        found.append(_entry(f"{prefix}/variable", optimizer.momentum_product))
    return [one for one in found if one.variable is not None]


def _own_variables(optimizer: Optimizer) -> list[Entry]:
    """Returns what an optimizer has that passes the work on to others, as Keras 3 does: its learning rate is unused."""
    prefix = _keras_3_prefix(optimizer)
    first, *others = optimizer._tracked
    rate = _entry(f"{prefix}/learning_rate", optimizer._learning_rate)._replace(is_rate=True)
    return [
        _entry(f"{prefix}/iteration", first),
        rate,
        *(_entry(f"{prefix}/{one.path}", one) for one in others),
    ]


def entries_before_2_11(optimizer: Optimizer) -> list[Entry]:
    """Returns the arrays in the order of Keras 2.10 and earlier, and of `tf.keras.optimizers.legacy`."""
    weights, slots = optimizer._trainable_variables, list(optimizer.slot_names())
    found = [_entry("iter:0", optimizer._iterations)]
    if optimizer.momentum_product is not None:
        found.append(_entry("momentum_cache:0", optimizer.momentum_product))
    if type(optimizer).__name__ == "Ftrl":
        pairs = [(slot, weight) for weight in weights for slot in slots]
    else:
        pairs = [(slot, weight) for slot in slots for weight in weights]
    return [*found, *(_entry(slot, optimizer.slot(weight, slot)) for slot, weight in pairs)]


def _entry(name: str, variable: Variable) -> Entry:
    return Entry(name, tuple(variable.shape), variable)


def _slots(optimizer: Optimizer, name_of: Callable[[str, Variable], str]) -> list[Entry]:
    """Returns the averages and slots of a built optimizer, in the order of Keras 2.11 and later."""
    if not type(optimizer).__module__.startswith("tensorlet."):
        known = {id(optimizer._iterations), id(optimizer._learning_rate)}
        return [_entry(f"{one.path}:0", one) for one in optimizer.variables if id(one) not in known]
    weights = optimizer._trainable_variables
    slots = list(optimizer.slot_names())
    last = [slot for slot in slots if OWN_COLUMN.get(slot) in ("", type(optimizer).__name__)]
    first = [slot for slot in slots if slot not in last]
    pairs = [("average", weight) for weight in weights] if optimizer.use_ema else []
    has = {weight.ref(): optimizer.slot_names_of(weight) for weight in weights}
    pairs += [(SUM, weight) for weight in weights] if optimizer.gradient_accumulation_steps else []
    pairs += [(slot, weight) for weight in weights for slot in first if slot in has[weight.ref()]]
    pairs += [(slot, weight) for slot in last for weight in weights]
    found = [_entry(name_of(slot, weight), optimizer.slot(weight, slot)) for slot, weight in pairs]
    if not slots:
        found += [
            Entry(name_of(slot, weight), tuple(weight.shape), None)
            for slot in optimizer.unused_slots
            for weight in weights
        ]
    return [
        one._replace(name=f"{optimizer.name}/{one.name}") if name_of is _keras_2_name else one
        for one in found
    ]


def _keras_2_name(slot: str, weight: Variable) -> str:
    return f"{slot}/{weight.path}:0"


def _keras_3_prefix(optimizer: Optimizer) -> str:
    name = str(optimizer.name)
    return snake_case(name) if name == type(optimizer).__name__ else name


def _keras_3_slot(slot: str, weight: Variable) -> str:
    return f"{weight.path.replace('/', '_')}_{KERAS_3_NAMES.get(slot, slot)}"
