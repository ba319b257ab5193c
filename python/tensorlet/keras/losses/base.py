"""What a loss is: a number for each row, then one for the batch."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from tensorlet import ops
from tensorlet.core.symbolic import kind_of
from tensorlet.core.tensor import EagerTensor, Operators
from tensorlet.errors import InvalidArgumentError
from tensorlet.keras.losses.arguments import align_weights, as_float
from tensorlet.keras.naming import snake_case
from tensorlet.keras.registry import LOSSES
from tensorlet.ops.registry import Tensor, TensorLike, convert

if TYPE_CHECKING:
    from tensorlet.type_aliases import DTypeLike

REDUCTIONS = ("sum_over_batch_size", "sum", "none", "auto", "mean", "mean_with_sample_weight")


class Reduction:
    """The names of the ways in which rows become one number, in Keras 2's spelling."""

    AUTO = "auto"
    NONE = "none"
    SUM = "sum"
    SUM_OVER_BATCH_SIZE = "sum_over_batch_size"

    @classmethod
    def all(cls) -> tuple[str, ...]:
        """All of them."""
        return (cls.AUTO, cls.NONE, cls.SUM, cls.SUM_OVER_BATCH_SIZE)


def checked_reduction(reduction: str | None) -> str:
    """The reduction's name.

    Raises:
        InvalidArgumentError: if there is none of that name.
    """
    name = "none" if reduction is None else reduction
    if name not in REDUCTIONS:
        raise InvalidArgumentError(
            f"A loss has reduction={reduction!r}. Expected 'sum_over_batch_size' (the mean), 'sum' or 'none'."
        )
    return name


def reduce_weighted(
    values: Tensor, sample_weight: TensorLike | None, reduction: str, valid: Tensor | None = None
) -> Tensor:
    """Values times their weights, reduced.

    Args:
        values: the losses, one a row.
        sample_weight: one number a row, or one that is broadcast to the values.
        reduction: ``"sum_over_batch_size"`` divides by the number of values (not by the sum of
            the weights; ``"mean_with_sample_weight"`` does that), ``"sum"`` and ``"none"`` do not divide.
        valid: 1 for values that count and 0 for others, which a mean then leaves out.
    """
    weights = None if sample_weight is None else align_weights(sample_weight, values)
    if weights is not None:
        values = values * weights
    if reduction == "none":
        return values
    total = ops.reduce_sum(values)
    if reduction == "sum":
        return total
    if reduction == "mean_with_sample_weight" and weights is not None:
        return ops.divide_no_nan(total, ops.reduce_sum(ops.broadcast_to(weights, values.shape)))
    if valid is not None:
        return ops.divide_no_nan(total, ops.reduce_sum(valid))
    return total / max(values.spec.size, 1)


class Loss:
    """The base of all losses. Subclasses say in ``call`` what a row costs.

    Args:
        reduction: how the rows' losses become one number: ``"sum_over_batch_size"`` (their mean;
            also called ``"auto"``), ``"sum"``, or ``"none"`` to keep them.
        name: shown in messages.
        dtype: ignored; losses have the predictions' dtype.

    >>> import tensorlet as tf
    >>> class Cubed(tf.keras.losses.Loss):
    ...     def call(self, y_true, y_pred):
    ...         return tf.reduce_mean(tf.abs(y_true - y_pred) ** 3, axis=-1)
    >>> print(Cubed()(tf.constant([[0.0], [1.0]]), tf.constant([[2.0], [1.0]])).numpy())
    4.0
    """

    def __init__(
        self, reduction: str | None = "auto", name: str | None = None, dtype: DTypeLike | None = None
    ) -> None:
        self.reduction = checked_reduction(reduction)
        self.name = name or snake_case(type(self).__name__)

    def call(self, y_true: TensorLike, y_pred: TensorLike) -> Any:
        """The loss of each row: a tensor of the predictions' shape without the last axis."""
        raise NotImplementedError(
            f"The loss {type(self).__name__} has no call(self, y_true, y_pred). Give it one that returns one "
            "number a row."
        )

    def __call__(
        self, y_true: TensorLike, y_pred: TensorLike, sample_weight: TensorLike | None = None
    ) -> Any:
        """The loss of a batch.

        Args:
            y_true: what should have come out.
            y_pred: what did.
            sample_weight: one number a row (or that is broadcast to the rows' losses), by which
                its loss is multiplied.

        Returns:
            A scalar, or with ``reduction="none"`` one number a row.
        """
        kind = kind_of([y_true, y_pred]) if type(y_pred) is not EagerTensor else None
        if kind is not None:  # between the layers of a functional model
            return kind.make(f"keras.losses.{type(self).__name__}", self, (y_true, y_pred, sample_weight), {})
        y_pred = _as_tensor(y_pred)
        y_true = matched(y_true, y_pred)
        values = as_float(self.call(y_true, y_pred))
        return reduce_weighted(values, sample_weight, self.reduction, self.valid(y_true, values))

    def valid(self, y_true: Any, values: Tensor) -> Tensor | None:
        """1 for the rows that a mean counts and 0 for the others; None if it counts all of them."""
        return None

    def get_config(self) -> dict[str, Any]:
        """The arguments that make the same loss again."""
        return {"name": self.name, "reduction": self.reduction}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Loss:
        """The loss of a configuration."""
        config.pop("dtype", None)  # Keras 3 writes it
        return cls(**config)


def _as_tensor(value: object) -> Any:
    """A tensor of the value; structures of several outputs stay as they are."""
    if isinstance(value, dict):
        return value
    if isinstance(value, list | tuple) and value and isinstance(value[0], Operators):
        return value
    return convert(value)


def matched(y_true: Any, y_pred: Any) -> Any:
    """Labels as a tensor, in the predictions' dtype where both are floats (or both whole numbers)."""
    y_true = _as_tensor(y_true)
    if isinstance(y_true, dict | list | tuple) or isinstance(y_pred, dict | list | tuple):
        return y_true
    alike = y_true.dtype.is_floating and y_pred.dtype.is_floating
    if alike or (y_true.dtype.is_integer and y_pred.dtype.is_integer):
        return ops.cast(y_true, y_pred.dtype)
    return y_true


class LossFunctionWrapper(Loss):
    """A loss made of a function of ``y_true`` and ``y_pred``.

    Args:
        fn: the function; it returns one number a row, or already a scalar.
        reduction, name: as for `Loss`.
        **kwargs: passed on to the function.

    >>> import tensorlet as tf
    >>> from tensorlet.keras.losses.base import LossFunctionWrapper
    >>> loss = LossFunctionWrapper(tf.keras.losses.huber, delta=2.0)
    >>> print(loss([[0.0]], [[3.0]]).numpy(), loss.name)
    4.0 huber
    """

    def __init__(
        self,
        fn: Callable[..., Any],
        reduction: str | None = "auto",
        name: str | None = None,
        dtype: DTypeLike | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(reduction, name or getattr(fn, "__name__", None))
        self.fn = fn
        self._fn_kwargs = kwargs

    def call(self, y_true: TensorLike, y_pred: TensorLike) -> Any:
        return self.fn(y_true, y_pred, **self._fn_kwargs)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), **self._fn_kwargs}


def as_loss(identifier: object) -> Loss:
    """Like `tf.keras.losses.get`, but functions become a `Loss` as well: what ``compile`` does with its argument.

    >>> from tensorlet.keras.losses import as_loss
    >>> as_loss("mse").name, as_loss("mse")([[1.0]], [[3.0]]).numpy().item()
    ('mean_squared_error', 4.0)
    """
    found = LOSSES.get(identifier)
    return found if isinstance(found, Loss) else LossFunctionWrapper(found)
