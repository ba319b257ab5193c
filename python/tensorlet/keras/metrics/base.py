"""What a metric is: variables that each batch adds to, and a result made of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from tensorlet.checkpoint.object_graph import parts_among_attributes
from tensorlet.core.eager import EAGER
from tensorlet.core.variable import Variable
from tensorlet.dtypes import DType, as_dtype, float32
from tensorlet.errors import InvalidArgumentError
from tensorlet.keras import initializers
from tensorlet.keras.naming import snake_case, unique_name
from tensorlet.ops.registry import interpreting

if TYPE_CHECKING:
    from tensorlet.type_aliases import DTypeLike


class Metric:
    """The base of all metrics.

    A subclass makes variables with `add_weight`, adds to them in ``update_state`` with
    operations (so that the update becomes part of the training step), and computes
    ``result`` from them.

    Args:
        name: shown in logs, and the key in ``history``; by default made of the class's name.
        dtype: of the variables; float32 by default.

    >>> import tensorlet as tf
    >>> class Largest(tf.keras.metrics.Metric):
    ...     def __init__(self, name="largest", **kwargs):
    ...         super().__init__(name=name, **kwargs)
    ...         self.seen = self.add_weight(name="seen", initializer="zeros")
    ...     def update_state(self, y_true, y_pred, sample_weight=None):
    ...         self.seen.assign(tf.maximum(self.seen, tf.reduce_max(y_pred)))
    ...     def result(self):
    ...         return self.seen
    >>> metric = Largest()
    >>> metric.update_state([0.0, 0.0], [1.0, 5.0])
    >>> float(metric.result())
    5.0
    >>> metric.reset_state()
    >>> float(metric.result())
    0.0
    """

    #: What the last call handed back.
    last_result: Any = None

    if TYPE_CHECKING:  # the variables that add_weight makes are attributes of their names

        def __getattr__(self, name: str) -> Any: ...

    def __init__(self, name: str | None = None, dtype: DTypeLike | None = None, **kwargs: Any) -> None:
        if kwargs:
            raise InvalidArgumentError(
                f"{type(self).__name__} does not take {', '.join(sorted(kwargs))}. Metrics take name and dtype, "
                "and what their own __init__ lists."
            )
        self.name = name or unique_name(snake_case(type(self).__name__))
        self._dtype: DType = as_dtype(dtype or float32)
        self._variables: list[Variable] = []

    @property
    def dtype(self) -> DType:
        """The dtype of the metric's variables."""
        return self._dtype

    def add_weight(
        self,
        name: Any = None,
        shape: Sequence[int] = (),
        initializer: object = "zeros",
        dtype: DTypeLike | None = None,
        aggregation: object = None,
        synchronization: object = None,
    ) -> Variable:
        """A new variable of the metric's, which `reset_state` sets to 0.

        Args:
            name: the variable's.
            shape: its shape; Keras 3's order, ``add_weight(shape, initializer)``, is taken as well.
            initializer: its first value: a name, an initializer or a function.
            dtype: by default the metric's.
            aggregation, synchronization: ignored.
        """
        if isinstance(name, tuple | list):
            name, shape, initializer = None, name, shape if shape != () else initializer
        make = initializers.get("zeros" if initializer is None else initializer)
        with interpreting(EAGER):  # also while a step is traced: the variable is there from now on
            value = make(tuple(shape), as_dtype(dtype or self._dtype))
            variable = Variable(value, trainable=False, name=name or "variable")
        self.__dict__.setdefault("_variables", []).append(variable)
        return variable

    add_variable = add_weight

    @property
    def variables(self) -> list[Variable]:
        """All variables: those of `add_weight`, and those that are attributes (or in metrics that are)."""
        found = [*self._variables, *_variables_in(vars(self).values())]
        return list({id(variable): variable for variable in found}.values())

    weights = variables
    non_trainable_variables = variables
    non_trainable_weights = variables

    @property
    def trainable_variables(self) -> list[Variable]:
        """None: metrics are not trained."""
        return []

    def update_state(self, *args: Any, **kwargs: Any) -> Any:
        """Takes a batch into account: ``(y_true, y_pred, sample_weight=None)``, or ``(values, ...)``."""
        raise NotImplementedError(
            f"The metric {type(self).__name__} has no update_state(self, y_true, y_pred, sample_weight=None). "
            "Give it one that adds to the metric's variables with assign_add."
        )

    def result(self) -> Any:
        """The metric's value for all batches since the last `reset_state`."""
        raise NotImplementedError(
            f"The metric {type(self).__name__} has no result(self). Give it one that returns a scalar tensor."
        )

    def reset_state(self) -> None:
        """Forgets all batches: every variable becomes 0."""
        if type(self).reset_states is not Metric.reset_states:
            self.reset_states()
        else:
            self._clear()

    def reset_states(self) -> None:
        """The name of `reset_state` before TensorFlow 2.5; old metrics override this one."""
        if type(self).reset_state is not Metric.reset_state:
            self.reset_state()
        else:
            self._clear()

    def _clear(self) -> None:
        for variable in self.variables:
            variable.assign(np.zeros(variable.spec.shape, variable.dtype.numpy))

    def merge_state(self, metrics: Iterable[Metric]) -> None:
        """Adds the variables of other metrics of the same kind to this one's.

        Raises:
            InvalidArgumentError: for a metric with other variables.
        """
        for metric in metrics:
            if len(metric.variables) != len(self.variables):
                raise InvalidArgumentError(
                    f"merge_state: the metric '{metric.name}' has {len(metric.variables)} variables, but "
                    f"'{self.name}' has {len(self.variables)}. Merge metrics of one class, each used at least once."
                )
            for mine, other in zip(self.variables, metric.variables, strict=True):
                mine.assign_add(other)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Takes a batch into account, and hands back the result so far."""
        self.update_state(*args, **kwargs)
        self.last_result = self.result()
        return self.last_result

    def get_config(self) -> dict[str, Any]:
        """The arguments that make the same metric again."""
        return {"name": self.name, "dtype": self._dtype.name}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Metric:
        """The metric of a configuration."""
        return cls(**config)

    def _tracked_children(self) -> list[tuple[str, Any]]:
        """What checkpoints save: the variables by their names, and metrics that are attributes."""
        named = [(variable.name.removesuffix(":0"), variable) for variable in self._variables]
        return list(dict([*named, *parts_among_attributes(self, ("_own", "_variables"))]).items())

    def __repr__(self) -> str:
        return f"<{type(self).__name__} name={self.name}>"


def _variables_in(values: Iterable[Any]) -> Iterator[Variable]:
    for value in values:
        if isinstance(value, Variable):
            yield value
        elif isinstance(value, Metric):
            yield from value.variables
        elif isinstance(value, list | tuple):
            yield from _variables_in(value)
        elif isinstance(value, dict):
            yield from _variables_in(value.values())
