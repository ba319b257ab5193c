"""The base class of losses: one value per row, reduced to one per batch."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tensorlet import ops
from tensorlet.core import active_tapes
from tensorlet.core.compiled_call import NOT_COMPILED, is_own, may_compile
from tensorlet.core.symbolic import kind_of
from tensorlet.core.tensor import EagerTensor, Operators
from tensorlet.core.user_code import user_function
from tensorlet.dtypes import as_dtype
from tensorlet.errors import InvalidArgumentError
from tensorlet.keras.config import floatx
from tensorlet.keras.generations import keras_generation
from tensorlet.keras.losses.arguments import align_weights, as_float
from tensorlet.keras.losses.compiled import compiled_loss
from tensorlet.keras.naming import snake_case
from tensorlet.keras.registry import LOSSES
from tensorlet.ops.registry import Tensor, TensorLike, convert

if TYPE_CHECKING:
    from collections.abc import Callable

    from tensorlet.type_aliases import DTypeLike

REDUCTIONS = ("sum_over_batch_size", "sum", "none", "auto", "mean", "mean_with_sample_weight")


class Reduction:
    """The names of the reductions, as spelled in Keras 2."""

    AUTO = "auto"
    NONE = "none"
    SUM = "sum"
    SUM_OVER_BATCH_SIZE = "sum_over_batch_size"

    @classmethod
    def all(cls) -> tuple[str, ...]:
        """Returns all reductions."""
        return (cls.AUTO, cls.NONE, cls.SUM, cls.SUM_OVER_BATCH_SIZE)


def checked_reduction(reduction: str | None) -> str:
    """Returns the name of the reduction.

    Raises:
        InvalidArgumentError: if the reduction is unknown.
    """
    name = "none" if reduction is None else reduction
    if name not in REDUCTIONS:
        raise InvalidArgumentError(
            f"Invalid value for argument `reduction`: reduction={reduction!r} is not a valid reduction of a loss. "
            "Expected 'sum_over_batch_size' (the "
            "mean), 'sum' or 'none'."
        )
    return name


def reduce_weighted(
    values: Tensor, sample_weight: TensorLike | None, reduction: str, valid: Tensor | None = None
) -> Tensor:
    """Multiplies values by their weights and reduces them.

    Args:
        values: the losses, one per row.
        sample_weight: one weight per row, or weights that broadcast to the values.
        reduction: ``"sum_over_batch_size"`` divides by the number of values (not by the sum of
            the weights; ``"mean_with_sample_weight"`` does that), ``"sum"`` and ``"none"`` do not divide.
        valid: 1 for the values that a mean includes and 0 for the others.
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
        weights = ops.broadcast_to(weights, values.shape)
        return ops.divide_no_nan(total, ops.reduce_sum(weights if valid is None else weights * valid))
    if valid is not None:
        return ops.divide_no_nan(total, ops.reduce_sum(valid))
    return total / max(values.spec.size, 1)


class Loss:
    """The base class of all losses. Subclasses implement ``call``, which returns the loss of each row.

    Args:
        reduction: how to reduce the losses of the rows: ``"sum_over_batch_size"`` (their mean;
            also called ``"auto"``), ``"sum"``, or ``"none"`` to keep them.
        name: shown in messages.
        dtype: in programs for Keras 3, that of the loss: labels and predictions are converted to it. By default, losses
            of the program's own compute in `tf.keras.backend.floatx()`, and others in the dtype of the predictions.
            Programs for Keras 2 have no such argument; losses have the dtype of the predictions.

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
        self._dtype = None if dtype is None else as_dtype(getattr(dtype, "compute_dtype", dtype)).name

    @property
    def dtype(self) -> str:
        """The dtype in which a program for Keras 3 computes the loss."""
        return self._dtype or floatx()

    def call(self, y_true: TensorLike, y_pred: TensorLike) -> Any:
        """Computes the loss of each row, with the shape of the predictions without the last axis."""
        raise NotImplementedError(
            f"The loss {type(self).__name__} does not implement call(self, y_true, y_pred). Define it so that it "
            "returns one value per row."
        )

    def __call__(
        self, y_true: TensorLike, y_pred: TensorLike, sample_weight: TensorLike | None = None
    ) -> Any:
        """Computes the loss of a batch.

        Args:
            y_true: the labels.
            y_pred: the predictions.
            sample_weight: weights by which the losses are multiplied: one per row, or weights that
                broadcast to the losses.

        Returns:
            A scalar, or one value per row with ``reduction="none"``.
        """
        kind = kind_of([y_true, y_pred]) if type(y_pred) is not EagerTensor else None
        if kind is not None:  # between the layers of a functional model
            return kind.make(f"keras.losses.{type(self).__name__}", self, (y_true, y_pred, sample_weight), {})
        if type(y_pred) is EagerTensor and active_tapes.recording() and may_compile():
            found = compiled_loss(self, y_true, y_pred, sample_weight)
            if found is not NOT_COMPILED:
                return found
        return self._computed(y_true, y_pred, sample_weight)

    def _computed(self, y_true: TensorLike, y_pred: TensorLike, sample_weight: TensorLike | None) -> Any:
        """The loss of a batch, operation by operation; see `__call__`."""
        y_pred = _as_tensor(y_pred)
        y_true = matched(y_true, y_pred)
        if keras_generation() == 3 and (self._dtype or not is_own(self._computes())):
            y_true, y_pred = _all_cast(y_true, self.dtype), _all_cast(y_pred, self.dtype)
        values = as_float(user_function(self.call)(y_true, y_pred))
        return reduce_weighted(values, sample_weight, self.reduction, self.valid(y_true, values))

    def _computes(self) -> object:
        """What computes the loss: the class, or a function that it wraps."""
        return type(self)

    def valid(self, y_true: Tensor, values: Tensor) -> Tensor | None:
        """Returns 1 for the rows that a mean includes and 0 for the others, or None to include all rows."""
        return None

    def get_config(self) -> dict[str, Any]:
        """Returns the arguments that recreate the loss."""
        return {"name": self.name, "reduction": self.reduction}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Loss:
        """Creates a loss from its configuration."""
        config.pop("dtype", None)  # written by Keras 3
        return cls(**config)


def _as_tensor(value: object) -> Any:
    """Converts the value to a tensor; structures of several outputs are returned unchanged."""
    if isinstance(value, dict):
        return value
    if isinstance(value, list | tuple) and value and isinstance(value[0], Operators):
        return value
    return convert(value)


def matched(y_true: Any, y_pred: Any) -> Any:
    """Converts labels to a tensor, with the predictions' dtype if both are floats or both integers."""
    y_true = _as_tensor(y_true)
    if isinstance(y_true, dict | list | tuple) or isinstance(y_pred, dict | list | tuple):
        return y_true
    alike = y_true.dtype.is_floating and y_pred.dtype.is_floating
    if alike or (y_true.dtype.is_integer and y_pred.dtype.is_integer):
        return ops.cast(y_true, y_pred.dtype)
    return y_true


def _all_cast(value: Any, dtype: str) -> Any:
    """Converts numbers and truth values to a dtype, in structures too."""
    if isinstance(value, dict):
        return {key: _all_cast(one, dtype) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return type(value)([_all_cast(one, dtype) for one in value])
    numeric = value.dtype.is_floating or value.dtype.is_integer or value.dtype.is_bool
    return ops.cast(value, dtype) if numeric and value.dtype.name != dtype else value


class LossFunctionWrapper(Loss):
    """A loss that wraps a function of ``y_true`` and ``y_pred``.

    Args:
        fn: a function that returns one value per row, or a scalar.
        reduction, name: as for `Loss`.
        **kwargs: passed to the function.

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
        super().__init__(reduction, name or getattr(fn, "__name__", None), dtype)
        self.fn = fn
        self._fn_kwargs = kwargs

    def _computes(self) -> object:
        return self.fn

    def call(self, y_true: TensorLike, y_pred: TensorLike) -> Any:
        return user_function(self.fn)(y_true, y_pred, **self._fn_kwargs)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), **self._fn_kwargs}


def as_loss(identifier: object) -> Loss:
    """Like `tf.keras.losses.get`, but also wraps functions in a `Loss`; used for the argument of ``compile``.

    >>> from tensorlet.keras.losses import as_loss
    >>> as_loss("mse").name, as_loss("mse")([[1.0]], [[3.0]]).numpy().item()
    ('mean_squared_error', 4.0)
    """
    found = LOSSES.get(identifier)
    return found if isinstance(found, Loss) else LossFunctionWrapper(found)
