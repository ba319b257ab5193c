"""Settings for TensorFlow's dataset runtime."""

from __future__ import annotations

from typing import Any

#: For num_parallel_calls and prefetch: TensorFlow chooses the number.
AUTOTUNE = -1
INFINITE_CARDINALITY = -1
UNKNOWN_CARDINALITY = -2


class Options:
    """Options of datasets. They are accepted and stored, but have no effect.

    >>> import tensorlet as tf
    >>> options = tf.data.Options()
    >>> options.deterministic = True
    >>> options.experimental_optimization.map_parallelization = True
    >>> len(tf.data.Dataset.range(3).with_options(options))
    3
    """

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        if name in ("autotune", "threading", "distribute") or name.startswith("experimental_"):
            value = Options()
            setattr(self, name, value)
            return value
        return None

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Options) and vars(self) == vars(other)

    __hash__ = None  # type: ignore[assignment]

    def merge(self, other: Options) -> Options:
        """The options of both; ``other`` takes precedence."""
        found = Options()
        vars(found).update(vars(self) | vars(other))
        return found

    def __repr__(self) -> str:
        return f"Options({', '.join(f'{name}={value!r}' for name, value in vars(self).items())})"


class ThreadingOptions(Options):
    """Options of TensorFlow's threads."""


class AutoShardPolicy:
    """TensorFlow's policies for splitting datasets over several machines."""

    OFF, AUTO, FILE, DATA, HINT = -1, 0, 1, 2, 3
