"""One-hot encoding, normalization and seeds."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Any

import numpy as np

from tensorlet import ops
from tensorlet.core.random_state import set_seed
from tensorlet.core.tensor import Tensor
from tensorlet.errors import InvalidArgumentError, OutOfRangeError, warn_user
from tensorlet.extensions import extensible
from tensorlet.keras.generations import keras_generation
from tensorlet.localization import translate as _

if TYPE_CHECKING:
    from tensorlet.type_aliases import ArrayLike


@extensible
def to_categorical(y: ArrayLike, num_classes: int | None = None, dtype: str = "float32") -> Any:
    """Converts class indices to one-hot rows.

    Args:
        y: integers from 0, of any shape; a last axis of length 1 is removed.
        num_classes: the number of classes; by default the largest index plus one.
        dtype: the dtype of the result.

    Returns:
        An array of shape ``y.shape + [num_classes]``.

    Raises:
        OutOfRangeError: if an index is too large; negative ones count from the end, with a warning.

    >>> import tensorlet as tf
    >>> tf.keras.utils.to_categorical([0, 2], 3)
    array([[1., 0., 0.],
           [0., 0., 1.]], dtype=float32)
    """
    labels = np.asarray(y)
    if labels.dtype.kind not in "biuf":
        raise InvalidArgumentError(
            f"to_categorical got {labels.dtype} ({str(labels.reshape(-1)[:1].tolist())[1:-1]} ...), expected class "
            "indices from 0. Convert the labels first: names, y = numpy.unique(y, return_inverse=True)."
        )
    labels = labels.astype(np.int64)
    if labels.ndim > 1 and labels.shape[-1] == 1:
        labels = labels[..., 0]
    classes = int(num_classes) if num_classes else int(labels.max(initial=-1)) + 1
    if labels.size and -classes <= labels.min() < 0 and labels.max() < classes:
        warn_user(
            _(
                "to_categorical got labels from {least}. As in Keras, negative labels count from the end: -1 becomes "
                "class {last}. Otherwise let labels start at 0, such as (y + 1) // 2 for -1 and 1."
            ).format(least=labels.min(), last=classes - 1)
        )
        labels = np.where(labels < 0, labels + classes, labels)
    if labels.size and not 0 <= labels.min() <= labels.max() < classes:
        raise OutOfRangeError(
            f"to_categorical got labels from {labels.min()} to {labels.max()}, expected 0 to {classes - 1}. "
            "Set num_classes to the number of classes, and let labels start at 0."
        )
    return _like(y, (labels[..., None] == np.arange(classes)).astype(dtype))


def normalize(x: ArrayLike, axis: int = -1, order: int = 2) -> Any:
    """Divides an array by its norms along an axis; zeros stay zeros.

    >>> import tensorlet as tf
    >>> tf.keras.utils.normalize([[3.0, 4.0]]).round(2)
    array([[0.6, 0.8]])
    """
    array = np.atleast_1d(np.asarray(x))
    norms = np.atleast_1d(np.linalg.norm(array, order, axis))
    return _like(x, array / np.expand_dims(np.where(norms == 0, 1, norms), axis))


def _like(given: object, found: np.ndarray) -> Any:
    """The result as a tensor in programs for Keras 3, if a tensor was given."""
    return ops.identity(found) if isinstance(given, Tensor) and keras_generation() == 3 else found


def set_random_seed(seed: int) -> None:
    """Seeds Python, NumPy and Tensorlet, so that a program draws the same numbers in every run.

    >>> import tensorlet as tf
    >>> tf.keras.utils.set_random_seed(1)
    """
    random.seed(seed)
    np.random.seed(seed)  # noqa: NPY002 - programs use NumPy's global generator
    set_seed(seed)
