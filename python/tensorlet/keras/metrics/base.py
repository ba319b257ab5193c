"""The base class of metrics: variables that each batch updates, and a result computed from them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import numpy as np

from tensorlet.checkpoint.object_graph import parts_among_attributes
from tensorlet.core.attributes import PLAIN
from tensorlet.core.eager import EAGER
from tensorlet.core.nest import map_structure
from tensorlet.core.variable import Variable
from tensorlet.dtypes import DType, as_dtype
from tensorlet.errors import InvalidArgumentError
from tensorlet.extensions import extensible
from tensorlet.keras import initializers
from tensorlet.keras.config import float_dtype
from tensorlet.keras.generations import keras_generation
from tensorlet.keras.naming import snake_case, unique_name
from tensorlet.keras.variables import named_variable
from tensorlet.ops.registry import interpreting

if TYPE_CHECKING:
    from tensorlet.type_aliases import DTypeLike


@extensible
class Metric:
    """The base class of all metrics.

    A subclass creates variables with `add_weight`, updates them with operations in
    ``update_state`` (so that the update becomes part of the training step), and computes
    ``result`` from them.

    Args:
        name: shown in logs, and the key in ``history``; derived from the class name by default.
        dtype: dtype of the variables; that of `tf.keras.backend.floatx` by default.

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

    #: The value that the last call returned.
    last_result: Any = None

    if TYPE_CHECKING:  # subclasses store variables as attributes

        def __getattr__(self, name: str) -> Any: ...

    def __init__(self, name: str | None = None, dtype: DTypeLike | None = None, **kwargs: Any) -> None:
        if kwargs:
            raise InvalidArgumentError(
                f"{type(self).__name__} does not accept {', '.join(sorted(kwargs))}. Metrics accept name and dtype, "
                "and the arguments of their own __init__."
            )
        self.name = name or unique_name(snake_case(type(self).__name__))
        dtype = getattr(dtype, "compute_dtype", dtype)  # of a dtype policy
        self._dtype: DType = as_dtype(dtype or float_dtype())
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
        """Adds a variable to the metric, which `reset_state` sets to 0.

        Args:
            name: name of the variable.
            shape: shape of the variable. Keras 3's order, ``add_weight(shape, initializer)``, is also accepted.
            initializer: a name, an initializer or a function that returns the initial value.
            dtype: dtype of the variable; the metric's by default.
            aggregation, synchronization: ignored.
        """
        if isinstance(name, tuple | list):
            name, shape, initializer = None, name, shape if shape != () else initializer
        make = initializers.get("zeros" if initializer is None else initializer)
        with interpreting(EAGER):  # even during tracing, because the variable outlives the trace
            value = make(tuple(shape), as_dtype(dtype or self._dtype))
            variable = named_variable(self._path_of(name or "variable"), value, trainable=False)
        self.__dict__.setdefault("_variables", []).append(variable)
        return variable

    add_variable = add_weight

    def _path_of(self, name: str) -> str:
        """The path of a variable: in Keras 3 with the name of the metric, if it has one already."""
        own = self.__dict__.get("name")
        return f"{own}/{name}" if own and keras_generation() == 3 else name

    @property
    def variables(self) -> list[Variable]:
        """All variables: those from `add_weight`, and those in attributes, including nested metrics."""
        found = [*self._variables, *_variables_in(vars(self).values())]
        return list({id(variable): variable for variable in found}.values())

    weights = variables
    non_trainable_variables = variables
    non_trainable_weights = variables

    @property
    def trainable_variables(self) -> list[Variable]:
        """Always empty, because metrics are not trained."""
        return []

    trainable_weights = trainable_variables

    def update_state(self, *args: Any, **kwargs: Any) -> Any:
        """Updates the state with a batch: ``(y_true, y_pred, sample_weight=None)`` or ``(values, ...)``."""
        raise NotImplementedError(
            f"The metric {type(self).__name__} does not implement "
            "update_state(self, y_true, y_pred, sample_weight=None). Define it so that it updates the metric's "
            "variables with assign_add."
        )

    def result(self) -> Any:
        """Computes the value of the metric over all batches since the last `reset_state`."""
        raise NotImplementedError(
            f"The metric {type(self).__name__} does not implement result(self). Define it so that it "
            "returns a scalar tensor."
        )

    def reset_state(self) -> None:
        """Resets the metric by setting every variable to 0."""
        for variable in self.variables:
            variable.assign(np.zeros(variable.spec.shape, variable.dtype.numpy))

    def stateless_update_state(self, metric_variables: Sequence[Any], *args: Any, **kwargs: Any) -> list[Any]:
        """Returns the values that the variables would have after `update_state`; the variables keep theirs.

        Args:
            metric_variables: the values of `variables` before the update, in their order.
            *args, **kwargs: the arguments of `update_state`.

        >>> import tensorlet as tf
        >>> metric = tf.keras.metrics.Sum()
        >>> [float(one) for one in metric.stateless_update_state([1.0], [2.0, 3.0])], float(metric.result())
        ([6.0], 0.0)
        """
        with self._holding(metric_variables) as variables:
            self.update_state(*args, **kwargs)
            return [variable.read_value() for variable in variables]

    def stateless_result(self, metric_variables: Sequence[Any]) -> Any:
        """Returns the result for values of the variables, which keep their own.

        >>> import tensorlet as tf
        >>> float(tf.keras.metrics.Sum().stateless_result([3.0]))
        3.0
        """
        with self._holding(metric_variables):
            found = self.result()
            return map_structure(lambda one: one.read_value() if isinstance(one, Variable) else one, found)

    def stateless_reset_state(self) -> list[Any]:
        """Returns the values that the variables would have after `reset_state`; the variables keep theirs."""
        with self._holding([variable.read_value() for variable in self.variables]) as variables:
            self.reset_state()
            return [variable.read_value() for variable in variables]

    @contextmanager
    def _holding(self, values: Sequence[Any]) -> Iterator[list[Variable]]:
        """A ``with`` block in which the variables have other values."""
        variables = self.variables
        if len(values) != len(variables):
            raise InvalidArgumentError(
                f"Argument `metric_variables` must be a list of values for the variables of '{self.name}': it has "
                f"{len(values)}, but there are {len(variables)} variables."
            )
        before = [variable.numpy().copy() for variable in variables]
        try:
            for variable, value in zip(variables, values, strict=True):
                variable.assign(value)
            yield variables
        finally:
            for variable, value in zip(variables, before, strict=True):
                variable.assign(value)

    def merge_state(self, metrics: Iterable[Metric]) -> None:
        """Adds the state of other metrics of the same class to this one.

        Raises:
            InvalidArgumentError: if a metric has a different number of variables.
        """
        for metric in metrics:
            if len(metric.variables) != len(self.variables):
                raise InvalidArgumentError(
                    f"merge_state: the metric '{metric.name}' has {len(metric.variables)} variables, but "
                    f"'{self.name}' has {len(self.variables)}. Merge only metrics of the same class that have "
                    "been updated at least once."
                )
            for mine, other in zip(self.variables, metric.variables, strict=True):
                mine.assign_add(other)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Updates the state with a batch and returns the result so far."""
        self.update_state(*args, **kwargs)
        self.last_result = self.result()
        return self.last_result

    def get_config(self) -> dict[str, Any]:
        """Returns the arguments that recreate the metric."""
        return {"name": self.name, "dtype": self._dtype.name}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Metric:
        """Creates a metric from its configuration."""
        return cls(**config)

    def _tracked_children(self) -> list[tuple[str, Any]]:
        """The objects that checkpoints save: the variables by name, and metrics stored as attributes."""
        named = [(variable.path.rpartition("/")[2], variable) for variable in self._variables]
        return list(dict([*named, *parts_among_attributes(self, ("_own", "_variables"))]).items())

    def __repr__(self) -> str:
        if keras_generation() == 3:
            return f"<{type(self).__name__} name={self.name}>"
        return f"{type(self).__name__}(name={self.name},dtype={self._dtype.name})"


def _variables_in(values: Iterable[Any]) -> Iterator[Variable]:
    for value in values:
        if type(value) in PLAIN:
            continue
        if isinstance(value, Variable):
            yield value
        elif isinstance(value, Metric):
            yield from value.variables
        elif isinstance(value, (list, tuple)):
            yield from _variables_in(value)
        elif isinstance(value, dict):
            yield from _variables_in(value.values())
