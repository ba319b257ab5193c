"""Regularizers: what large weights add to the loss."""

from __future__ import annotations

from typing import Any

from tensorlet import ops
from tensorlet.errors import InvalidArgumentError
from tensorlet.keras.lazy import explain_missing
from tensorlet.keras.registry import Registry
from tensorlet.ops.registry import Tensor, TensorLike, convert

REGISTRY = Registry("regularizer", "keras.regularizers")


def _factor(name: str, value: Any) -> float:
    """A factor of a penalty: a number that is finite and not negative."""
    number = 0.0 if value is None else value
    if isinstance(number, bool) or not 0 <= float(number) < float("inf"):
        raise InvalidArgumentError(
            f"The regularization factor {name} is {value!r}. Expected a number of at least 0, such as 0.01."
        )
    return float(number)


class Regularizer:
    """The base of all regularizers: a function from a weight to a scalar, with a configuration.

    Subclass it with ``__call__`` and ``get_config``, or pass any function in its place.
    """

    def __call__(self, x: TensorLike) -> Any:
        """The penalty of a weight: a scalar tensor."""
        return 0.0

    def get_config(self) -> dict[str, Any]:
        """The arguments that make the same regularizer again."""
        raise InvalidArgumentError(
            f"The regularizer {type(self).__name__} has no get_config(), so it cannot be saved. Give it one "
            "that returns a dictionary of the arguments that __init__ takes."
        )

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Regularizer:
        """The regularizer of a configuration."""
        return cls(**config)


@REGISTRY.register("L1L2", "l1_l2")
class L1L2(Regularizer):
    """``l1 * sum(|w|) + l2 * sum(w ** 2)``.

    Args:
        l1: the factor of the absolute values, which draws weights to exactly 0.
        l2: the factor of the squares.

    >>> import tensorlet as tf
    >>> print(tf.keras.regularizers.L1L2(l1=0.5, l2=0.25)(tf.constant([1.0, -2.0])).numpy())
    2.75
    """

    def __init__(self, l1: float = 0.0, l2: float = 0.0) -> None:
        self.l1 = _factor("l1", l1)
        self.l2 = _factor("l2", l2)

    def __call__(self, x: TensorLike) -> Tensor:
        weight = convert(x)
        parts = []
        if self.l1:
            parts.append(self.l1 * ops.reduce_sum(ops.abs(weight)))
        if self.l2:
            parts.append(self.l2 * ops.reduce_sum(ops.square(weight)))
        if not parts:
            return ops.zeros([], weight.dtype)
        return parts[0] if len(parts) == 1 else parts[0] + parts[1]

    def get_config(self) -> dict[str, Any]:
        return {"l1": self.l1, "l2": self.l2}


@REGISTRY.register("L1", "l1")
class L1(L1L2):
    """``l1 * sum(|w|)``.

    >>> import tensorlet as tf
    >>> print(tf.keras.regularizers.L1(0.5)(tf.constant([1.0, -2.0])).numpy())
    1.5
    """

    def __init__(self, l1: float = 0.01, l: float | None = None) -> None:  # noqa: E741 - Keras 2's old name
        super().__init__(l1=l1 if l is None else l)

    def get_config(self) -> dict[str, Any]:
        return {"l1": self.l1}


@REGISTRY.register("L2", "l2")
class L2(L1L2):
    """``l2 * sum(w ** 2)``: note that there is no factor of one half.

    >>> import tensorlet as tf
    >>> print(tf.keras.regularizers.L2(0.5)(tf.constant([1.0, -2.0])).numpy())
    2.5
    """

    def __init__(self, l2: float = 0.01, l: float | None = None) -> None:  # noqa: E741 - Keras 2's old name
        super().__init__(l2=l2 if l is None else l)

    def get_config(self) -> dict[str, Any]:
        return {"l2": self.l2}


@REGISTRY.register("OrthogonalRegularizer", "orthogonal_regularizer")
class OrthogonalRegularizer(Regularizer):
    """``factor`` times the mean cosine, without its sign, between different rows (or columns) of a matrix.

    Args:
        factor: of the penalty.
        mode: ``"rows"`` or ``"columns"``.

    >>> import tensorlet as tf
    >>> regularizer = tf.keras.regularizers.OrthogonalRegularizer(factor=0.5)
    >>> print(regularizer(tf.constant([[3.0, 4.0], [4.0, 3.0]])).numpy().round(4))
    0.48
    """

    def __init__(self, factor: float = 0.01, mode: str = "rows") -> None:
        if mode not in ("rows", "columns"):
            raise InvalidArgumentError(f"mode is {mode!r}. Expected 'rows' or 'columns'.")
        self.factor = _factor("factor", factor)
        self.mode = mode

    def __call__(self, x: TensorLike) -> Tensor:
        weight = convert(x)
        if len(weight.shape) != 2:
            raise InvalidArgumentError(
                f"OrthogonalRegularizer got a weight of shape {tuple(weight.shape)}. Expected two axes."
            )
        rows = weight if self.mode == "rows" else ops.transpose(weight)
        unit = ops.l2_normalize(rows, axis=1)
        cosines = ops.abs(ops.matmul(unit, unit, transpose_b=True))
        count = rows.shape[0]
        off_diagonal = cosines * (1 - ops.eye(count, dtype=weight.dtype))
        pairs = max(count * (count - 1) / 2.0, 1.0)
        return self.factor * 0.5 * ops.reduce_sum(off_diagonal) / pairs

    def get_config(self) -> dict[str, Any]:
        return {"factor": self.factor, "mode": self.mode}


l1 = L1
l2 = L2


def l1_l2(l1: float = 0.01, l2: float = 0.01) -> L1L2:
    """An `L1L2` regularizer with both factors 0.01 by default.

    >>> import tensorlet as tf
    >>> print(tf.keras.regularizers.l1_l2()(tf.constant([1.0, -2.0])).numpy().round(4))
    0.08
    """
    return L1L2(l1=l1, l2=l2)


def get(identifier: Any) -> Any:
    """The regularizer of a name, configuration or class; objects, functions and None as they are.

    Raises:
        InvalidArgumentError: for an unknown name.

    >>> import tensorlet as tf
    >>> tf.keras.regularizers.get("l2").get_config()
    {'l2': 0.01}
    """
    if isinstance(identifier, str) and identifier.replace("_", "").lower() == "l1l2":
        return l1_l2()
    return REGISTRY.get(identifier)


def serialize(regularizer: Any, use_legacy_format: bool = False) -> Any:
    """The configuration of a regularizer.

    >>> import tensorlet as tf
    >>> tf.keras.regularizers.serialize(tf.keras.regularizers.L2(0.5))["config"]
    {'l2': 0.5}
    """
    return REGISTRY.serialize(regularizer)


def deserialize(
    config: Any, custom_objects: dict[str, Any] | None = None, use_legacy_format: bool = False
) -> Any:
    """The regularizer of a configuration.

    >>> import tensorlet as tf
    >>> tf.keras.regularizers.deserialize({"class_name": "L1", "config": {"l1": 0.5}}).l1
    0.5
    """
    return REGISTRY.deserialize(config, custom_objects)


explain_missing(__name__)
