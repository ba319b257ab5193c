"""Seeds and call counters, which determine the numbers of random operations.

The numbers are a function of a key, a stream and a call counter (a counter-based
generator), so the same seed gives the same numbers on every backend and with any
number of threads. Source: Salmon et al., "Parallel Random Numbers: As Easy as 1, 2, 3", 2011.
"""

from __future__ import annotations

import os
from typing import Any

import numpy as np

from tensorlet.core.tensor import EagerTensor
from tensorlet.core.variable import Variable
from tensorlet.ops.registry import default_interpreter, interpreting

_MASK = (1 << 64) - 1
#: The limit of a restored counter, which has 63 bits: it leaves room for counting on.
_MOST_CALLS = 1 << 62


class _State:
    """The process-wide generator."""

    def __init__(self) -> None:
        self.global_seed: int | None = None
        self.version = 0
        self.counters: dict[int, int] = {}
        self.fallback = int.from_bytes(os.urandom(8), "little") >> 1
        self._traced_counter: Any = None

    def traced_counter(self) -> Any:
        """The hidden variable in which traced functions count their calls."""
        if self._traced_counter is None:
            with interpreting(default_interpreter()):  # also while a function is traced
                zero = EagerTensor(np.zeros((), np.int64))
                self._traced_counter = Variable(zero, trainable=False, name="random_counter")
        return self._traced_counter

    def reset_traced_counter(self) -> None:
        """Sets it to 0 if it exists; a seed may be set before anything that traces is imported."""
        if self._traced_counter is not None:
            self._traced_counter._array[...] = 0


STATE = _State()


def set_seed(seed: int) -> None:
    """Sets the global seed, so that the same program draws the same numbers again.

    Args:
        seed: an integer.

    >>> import tensorlet as tf
    >>> tf.random.set_seed(7)
    >>> a = tf.random.normal([2])
    >>> tf.random.set_seed(7)
    >>> bool(tf.reduce_all(a == tf.random.normal([2])))
    True
    """
    STATE.global_seed = int(seed)
    STATE.version += 1
    STATE.counters.clear()
    STATE.reset_traced_counter()


def key_of(op_seed: int | None) -> int:
    """The key of the generator, from the global seed and the seed of the operation, each optional."""
    if STATE.global_seed is None and op_seed is None:
        return STATE.fallback
    return _mixed(
        0 if STATE.global_seed is None else STATE.global_seed + 1, 0 if op_seed is None else op_seed + 1
    )


def _mixed(first: int, second: int) -> int:
    """Mixes two numbers into a 64-bit key (the finalizer of SplitMix64: Steele, Lea and Flood, 2014)."""
    value = (first * 0x9E3779B97F4A7C15 + second * 0xD1B54A32D192ED03 + 0x632BE59BD9B4E019) & _MASK
    value = ((value ^ (value >> 30)) * 0xBF58476D1CE4E5B9) & _MASK
    value = ((value ^ (value >> 27)) * 0x94D049BB133111EB) & _MASK
    return value ^ (value >> 31)


def next_eager(op_seed: int | None) -> tuple[int, int, Any]:
    """The key, stream and counter of the next eager random operation."""
    key = key_of(op_seed)
    count = STATE.counters.get(key, 0)
    STATE.counters[key] = count + 1
    return key, 0, EagerTensor(np.asarray(count, np.int64))


def saved_state() -> dict[str, Any]:
    """The state of the generator, as values that can be saved in a file; see `restore_state`.

    >>> import tensorlet as tf
    >>> from tensorlet.core import random_state
    >>> state = random_state.saved_state()
    >>> a = tf.random.normal([2])
    >>> random_state.restore_state(state)
    >>> bool(tf.reduce_all(a == tf.random.normal([2])))
    True
    """
    return {
        "global_seed": STATE.global_seed,
        "fallback": STATE.fallback,
        "counters": {str(key): count for key, count in STATE.counters.items()},
        "traced": int(STATE.traced_counter()._array),
    }


def restore_state(state: dict[str, Any]) -> None:
    """Restores the state of `saved_state`, also in another process; the same numbers follow as then.

    Raises:
        ValueError: if the state is not valid; nothing is changed then.
    """
    seed = state["global_seed"]
    global_seed = None if seed is None else int(seed)
    fallback, traced = int(state["fallback"]), int(state["traced"])
    counters = {int(key): int(count) for key, count in state["counters"].items()}
    keys = [fallback, *counters]
    if not all(0 <= key <= _MASK for key in keys):
        raise ValueError("a key of the random generator does not fit into 64 bits")
    if not all(0 <= count <= _MOST_CALLS for count in [traced, *counters.values()]):
        raise ValueError("a count of the random generator is negative or too large")
    if (global_seed, fallback) != (STATE.global_seed, STATE.fallback):
        STATE.version += 1  # functions traced under another seed are traced again
    STATE.global_seed, STATE.fallback, STATE.counters = global_seed, fallback, counters
    STATE.traced_counter()._array[...] = traced
