"""Settings, labels and predictions of models with several outputs, matched by output."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from tensorlet import ops
from tensorlet.core.nest import flatten
from tensorlet.errors import InvalidArgumentError
from tensorlet.keras.config import float_dtype

if TYPE_CHECKING:
    from tensorlet.core.tensor import Tensor


def per_output(value: object, names: Sequence[str], what: str, repeat: bool = False) -> list[Any]:
    """Returns the setting of each output from a single one, a list, or a dictionary by output name.

    Args:
        value: the argument passed by the user; None gives None for each output.
        names: the names of the outputs.
        what: the name of the argument, for errors.
        repeat: whether a single setting applies to every output.

    Raises:
        InvalidArgumentError: if the number or the names do not match the outputs.
    """
    if isinstance(value, dict):
        unknown = sorted(set(value) - set(names))
        if unknown:
            raise InvalidArgumentError(
                f"{what} has settings for {unknown}, but the outputs of the model are {list(names)}. Use those names."
            )
        return [value.get(name) for name in names]
    if isinstance(value, list | tuple):
        if len(value) != len(names):
            raise InvalidArgumentError(
                f"{what} has {len(value)} settings, but the model has {len(names)} outputs: {list(names)}. "
                "Pass one per output."
            )
        return list(value)
    return [value if repeat or len(names) == 1 else None] * len(names)


def matched(
    y_true: object, y_pred: object, sample_weight: object, names: Sequence[str]
) -> tuple[list[Any], list[Any], list[Any]]:
    """Returns labels, predictions and weights by output; labels [rows] become [rows, 1] if the output is."""
    predictions = flatten(y_pred)
    names = names if len(names) == len(predictions) else [f"output_{i + 1}" for i in range(len(predictions))]
    if isinstance(y_pred, dict):
        names = sorted(y_pred)
    targets = _by_output(y_true, names, "y")
    weights = _by_output(sample_weight, names, "sample_weight")
    if len(weights) == 1 and len(predictions) > 1:
        weights = weights * len(predictions)
    targets = [_fitted(target, prediction) for target, prediction in zip(targets, predictions, strict=True)]
    weights = [
        _as_column(weight, prediction) for weight, prediction in zip(weights, predictions, strict=True)
    ]
    return targets, predictions, weights


def without_padding(prediction: Tensor, weight: Tensor | None, reduction: str = "none") -> Any:
    """Returns the weights, with 0 for time steps that a mask of the output marks as padding.

    Args:
        prediction: an output of the model.
        weight: the weights of the output, or None.
        reduction: the reduction of the loss; a mean is taken over steps that are not padding.
    """
    mask = getattr(prediction, "_keras_mask", None)
    if mask is None:
        return weight
    kept = ops.cast(mask, float_dtype())
    if reduction in ("auto", "sum_over_batch_size", "mean"):
        kept = kept * (float(kept.spec.size) / ops.reduce_sum(kept))
    if weight is None:
        return kept
    weight = ops.cast(weight, float_dtype())
    while weight.spec.rank < kept.spec.rank:
        weight = ops.expand_dims(weight, -1)
    return weight * kept


def _by_output(value: object, names: Sequence[str], what: str) -> list[Any]:
    if value is None:
        return [None] * len(names)
    if isinstance(value, dict):
        return per_output(value, names, what)
    if isinstance(value, list | tuple):
        return per_output(value, names, what)
    if what == "y" and len(names) > 1:
        return per_output([value], names, what)
    return [value] * len(names)


def _as_column(weight: Tensor | None, prediction: Tensor) -> Any:
    """Adds an axis to weights if the output has columns, because a loss with one value per batch requires it."""
    if weight is not None and weight.spec.rank == 1 and prediction.spec.rank == 2:
        return ops.expand_dims(weight, -1)
    return weight


def _fitted(target: Tensor | None, prediction: Tensor) -> Any:
    if target is None:
        return None
    if target.spec.rank == 1 and prediction.spec.rank == 2:
        target = ops.expand_dims(target, -1)
    same_kind = (target.dtype.is_floating and prediction.dtype.is_floating) or (
        target.dtype.is_integer and prediction.dtype.is_integer
    )
    if same_kind and target.dtype is not prediction.dtype:
        target = ops.cast(target, prediction.dtype)
    return target
