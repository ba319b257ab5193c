"""``class_weight``: converts weights of classes to weights of rows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from tensorlet.errors import InvalidArgumentError
from tensorlet.keras.config import float_dtype

if TYPE_CHECKING:
    from tensorlet.type_aliases import ArrayLike


def weighted_rows(
    y: ArrayLike | None, weight: ArrayLike | None, class_weight: dict[int, float] | None
) -> Any:
    """Multiplies the sample weights by those of the classes; returns None if there are neither.

    Raises:
        InvalidArgumentError: if a weight is invalid, or for class weights with more than one output.
    """
    if class_weight is None:
        return weight
    if y is None or isinstance(y, dict | list | tuple):
        raise InvalidArgumentError(
            "class_weight requires one array of labels. For several outputs, compute sample_weight yourself."
        )
    _check(class_weight)
    labels = np.asarray(y)
    if labels.ndim > 1:
        labels = labels.argmax(axis=1) if labels.shape[-1] > 1 else labels.reshape(len(labels))
    labels = labels.astype(np.int64)
    highest = max([int(labels.max(initial=0)), *(int(label) for label in class_weight)])
    dtype = float_dtype().numpy
    table = np.ones(highest + 1, dtype)  # a class without an entry has weight 1, as in Keras
    for label, one in class_weight.items():
        table[int(label)] = one
    found = table[labels]
    return found if weight is None else found * np.asarray(weight, dtype)


def _check(class_weight: object) -> None:
    if not isinstance(class_weight, dict):
        raise InvalidArgumentError(
            f"class_weight is {class_weight!r}, expected a dictionary from class index to weight: {{0: 1.0, 1: 5.0}}. "
            "From scikit-learn's compute_class_weight: dict(enumerate(weights))."
        )
    for label, one in class_weight.items():
        if (
            not isinstance(label, int | float | np.number)
            or not isinstance(one, int | float | np.number)
            or label < 0
        ):
            raise InvalidArgumentError(
                f"class_weight has {label!r}: {one!r}, expected a weight for each class index: {{0: 1.0, 1: 5.0}}."
            )
