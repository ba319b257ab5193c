"""Statistics composed of reductions: variances, log-sum-exp, norms and counts."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from tensorlet.dtypes import as_dtype, float64, int32, int64
from tensorlet.errors import InvalidArgumentError, OutOfRangeError, ShapeError, TracingError
from tensorlet.ops.arguments import (
    require_dtype,
    resolve_axes,
    static_array,
    static_integer,
    static_integers,
)
from tensorlet.ops.registry import Tensor, TensorLike, convert, functions

if TYPE_CHECKING:
    from tensorlet.type_aliases import AxisLike, DTypeLike


def reduce_logsumexp(
    input_tensor: TensorLike, axis: AxisLike = None, keepdims: bool = False, name: str | None = None
) -> Tensor:
    """``log(sum(exp(x)))`` over the axes. The largest element is subtracted first, so that nothing overflows.

    Args:
        input_tensor: a float tensor.
        axis: the axes to reduce; None for all.
        keepdims: keep the reduced axes, with length 1.
        name: ignored.

    Raises:
        ShapeError: if the axis is out of range or has no elements.

    >>> import tensorlet as tf
    >>> print(tf.reduce_logsumexp([1000.0, 0.0]).numpy())
    1000.0
    """
    x = convert(input_tensor)
    axes = resolve_axes("tf.reduce_logsumexp", axis, len(x.shape))
    largest = functions.stop_gradient(functions.reduce_max(x, axes, keepdims=True))
    largest = functions.where(functions.is_finite(largest), largest, 0)
    total = functions.log(functions.reduce_sum(functions.exp(x - largest), axes, keepdims=True)) + largest
    return total if keepdims else _without(total, axes)


def _without(kept: Tensor, axes: tuple[int, ...]) -> Tensor:
    """Removes reduced axes of length 1."""
    return functions.reshape(kept, [length for axis, length in enumerate(kept.shape) if axis not in axes])


def reduce_variance(
    input_tensor: TensorLike, axis: AxisLike = None, keepdims: bool = False, name: str | None = None
) -> Tensor:
    """The population variance: the mean squared deviation from the mean, divided by ``n`` and not ``n - 1``.

    Raises:
        DTypeError: if the input is not float.

    >>> import tensorlet as tf
    >>> print(tf.math.reduce_variance([1.0, 2.0, 3.0, 6.0]).numpy())
    3.5
    """
    x = convert(input_tensor)
    require_dtype("tf.math.reduce_variance", "input_tensor", x, "float")
    return functions.reduce_mean(
        functions.square(x - functions.reduce_mean(x, axis, keepdims=True)), axis, keepdims
    )


def reduce_std(
    input_tensor: TensorLike, axis: AxisLike = None, keepdims: bool = False, name: str | None = None
) -> Tensor:
    """The standard deviation: the square root of `reduce_variance`.

    >>> import tensorlet as tf
    >>> print(tf.math.reduce_std([1.0, 3.0]).numpy())
    1.0
    """
    x = convert(input_tensor)
    require_dtype("tf.math.reduce_std", "input_tensor", x, "float")
    return functions.sqrt(reduce_variance(x, axis, keepdims))


def reduce_euclidean_norm(
    input_tensor: TensorLike, axis: AxisLike = None, keepdims: bool = False, name: str | None = None
) -> Tensor:
    """The square root of the sum of squares over the axes, of a float tensor.

    >>> import tensorlet as tf
    >>> print(tf.math.reduce_euclidean_norm([3.0, 4.0]).numpy())
    5.0
    """
    return functions.sqrt(functions.reduce_sum(functions.square(input_tensor), axis, keepdims))


def norm(
    tensor: TensorLike,
    ord: TensorLike = "euclidean",
    axis: AxisLike = None,
    keepdims: bool | None = None,
    name: str | None = None,
) -> Tensor:
    """The norm of vectors or matrices.

    Args:
        tensor: a float tensor.
        ord: ``"euclidean"``, 1, 2, another positive number or infinity; for matrices
            ``"euclidean"``, ``"fro"``, 1 (largest column sum) or infinity (largest row sum).
        axis: None for the norm of all elements as one vector, an integer for vectors along that
            axis, two integers for matrices in those axes.
        keepdims: keep the reduced axes, with length 1.
        name: ignored.

    Raises:
        InvalidArgumentError: if ``ord`` is not supported.
        DTypeError: if the tensor is not float.

    >>> import tensorlet as tf
    >>> print(tf.norm([3.0, -4.0]).numpy(), tf.norm([3.0, -4.0], ord=1).numpy())
    5.0 7.0
    """
    x = convert(tensor)
    require_dtype("tf.norm", "tensor", x, "float")
    matrix = axis is not None and len(static_integers("tf.norm", "axis", axis)) == 2
    keepdims = bool(keepdims)
    if ord == "euclidean" or (matrix and ord == "fro") or (not matrix and ord == 2):
        return reduce_euclidean_norm(x, axis, keepdims)
    if matrix and ord in (1, math.inf):
        rows, columns = static_integers("tf.norm", "axis", axis)
        summed, compared = (rows, columns) if ord == 1 else (columns, rows)
        largest = functions.reduce_max(
            functions.reduce_sum(functions.abs(x), summed, keepdims=True), compared, keepdims=True
        )
        return largest if keepdims else _without(largest, resolve_axes("tf.norm", axis, len(x.shape)))
    if not matrix and isinstance(ord, (int, float)) and ord > 0:
        if math.isinf(ord):
            return functions.reduce_max(functions.abs(x), axis, keepdims)
        if ord == 1:
            return functions.reduce_sum(functions.abs(x), axis, keepdims)
        return functions.pow(
            functions.reduce_sum(functions.pow(functions.abs(x), ord), axis, keepdims), 1 / ord
        )
    allowed = "'euclidean', 'fro', 1 or inf" if matrix else "'euclidean' or a positive number"
    raise InvalidArgumentError(
        f"tf.norm: ord={ord!r} is not supported for {'matrices' if matrix else 'vectors'}. Use {allowed}."
    )


def normalize(
    tensor: TensorLike, ord: TensorLike = "euclidean", axis: AxisLike = None, name: str | None = None
) -> tuple[Tensor, Tensor]:
    """The tensor divided by its `norm`, and the norm (with the reduced axes kept at length 1).

    >>> import tensorlet as tf
    >>> scaled, length = tf.linalg.normalize([3.0, 4.0])
    >>> print(scaled.numpy(), length.numpy())
    [0.6 0.8] [5.]
    """
    x = convert(tensor)
    length = norm(x, ord, axis, keepdims=True)
    return x / length, length


def count_nonzero(
    input: TensorLike,
    axis: AxisLike = None,
    keepdims: bool | None = None,
    dtype: DTypeLike = int64,
    name: str | None = None,
) -> Tensor:
    """The number of elements over the axes that are not zero (or are true).

    >>> import tensorlet as tf
    >>> print(tf.math.count_nonzero([[0, 1], [2, 3]], axis=0).numpy())
    [1 2]
    """
    x = convert(input)
    nonzero = x if x.dtype.is_bool else functions.not_equal(x, 0)
    return functions.reduce_sum(functions.cast(nonzero, dtype), axis, bool(keepdims))


_LENGTH_IS_UNKNOWN = (
    "The length of the result depends on the largest element. Call it outside the tf.function, "
    "or sum tf.one_hot(arr, depth) over its rows."
)


def bincount(
    arr: TensorLike,
    weights: TensorLike | None = None,
    minlength: int | None = None,
    maxlength: int | None = None,
    dtype: DTypeLike = int32,
    name: str | None = None,
    axis: int | None = None,
    binary_output: bool = False,
) -> Tensor:
    """Counts how often each of 0, 1, 2, … occurs.

    Args:
        arr: non-negative integers of any shape.
        weights: added up instead of counting ones; of the shape of ``arr``.
        minlength: the minimum length of the result, which is filled up with zeros.
        maxlength: the maximum length; larger integers are not counted.
        dtype: the dtype of the counts (with weights, the result has their dtype).
        name: ignored.
        axis: None: counts over all axes. No other value is supported.
        binary_output: return 1 for every integer that occurs, instead of its count.

    Returns:
        A tensor of one axis.

    Raises:
        TracingError: inside a ``tf.function``, where the length is not known.

    >>> import tensorlet as tf
    >>> print(tf.math.bincount([1, 1, 3]).numpy())
    [0 2 0 1]
    """
    if axis is not None:
        raise InvalidArgumentError(
            f"tf.math.bincount: axis={axis!r} is not supported; expected None. Call it for each row."
        )
    numbers = static_array("tf.math.bincount", "arr", convert(arr), _LENGTH_IS_UNKNOWN).reshape(-1)
    if numbers.dtype.kind not in "iu" or (numbers.size and numbers.min() < 0):
        received = f"{numbers.dtype} with smallest element {numbers.min() if numbers.size else 'none'}"
        raise InvalidArgumentError(
            f"tf.math.bincount: 'arr' is {received}, but non-negative integers are expected. "
            "Use tf.cast(arr, tf.int32), and shift or drop negative numbers."
        )
    given = None
    if weights is not None:
        given = static_array("tf.math.bincount", "weights", convert(weights), _LENGTH_IS_UNKNOWN).reshape(-1)
        if given.shape != numbers.shape:
            raise ShapeError(
                f"tf.math.bincount: 'weights' has {given.size} elements, but 'arr' has {numbers.size}. "
                "Pass one weight per element."
            )
    length = static_integer("tf.math.bincount", "minlength", minlength or 0)
    counts = np.bincount(numbers, weights=given, minlength=length)
    if maxlength is not None:
        counts = counts[: static_integer("tf.math.bincount", "maxlength", maxlength)]
    if binary_output:
        counts = counts != 0
    return convert(counts.astype(as_dtype(dtype).numpy if given is None else given.dtype))


def confusion_matrix(
    labels: TensorLike,
    predictions: TensorLike,
    num_classes: int | None = None,
    weights: TensorLike | None = None,
    dtype: DTypeLike = int32,
    name: str | None = None,
) -> Tensor:
    """The confusion matrix: how often class ``i`` (the row) was predicted as class ``j`` (the column).

    Args:
        labels: class indices, of shape ``[rows]``.
        predictions: class indices, of the same shape.
        num_classes: the number of classes; by default one more than the largest index.
        weights: how much each row counts; of shape ``[rows]``.
        dtype: the dtype of the counts.
        name: ignored.

    Returns:
        A tensor of shape ``[num_classes, num_classes]``.

    Raises:
        OutOfRangeError: if a label or prediction is not a class index. Inside a
            ``tf.function``, where the values are not known, such a row is not counted.
        ShapeError: if the shapes differ.
        TracingError: without ``num_classes`` inside a ``tf.function``.

    >>> import tensorlet as tf
    >>> print(tf.math.confusion_matrix([0, 1, 2, 2], [0, 2, 2, 2]).numpy())
    [[1 0 0]
     [0 0 1]
     [0 0 2]]
    """
    labels, predictions = convert(labels), convert(predictions)
    _check_classes(labels, predictions)
    if num_classes is None:
        fix = "Pass num_classes."
        known = [
            static_array("tf.math.confusion_matrix", what, tensor, fix)
            for what, tensor in (("labels", labels), ("predictions", predictions))
        ]
        num_classes = 1 + max((int(numbers.max()) for numbers in known if numbers.size), default=-1)
    for what, tensor in (("labels", labels), ("predictions", predictions)):
        _check_range(what, tensor, num_classes)
    # float64 counts exactly up to 2**53.
    rows = functions.one_hot(labels, num_classes, dtype=float64)
    if weights is not None:
        rows = rows * functions.expand_dims(functions.cast(weights, float64), 1)
    counts = functions.matmul(
        rows, functions.one_hot(predictions, num_classes, dtype=float64), transpose_a=True
    )
    return functions.cast(counts, dtype)


def _check_classes(labels: Tensor, predictions: Tensor) -> None:
    for what, tensor in (("labels", labels), ("predictions", predictions)):
        require_dtype("tf.math.confusion_matrix", what, tensor, "integer")
    if len(labels.shape) != 1 or tuple(labels.shape) != tuple(predictions.shape):
        raise ShapeError(
            f"tf.math.confusion_matrix: 'labels' has shape {tuple(labels.shape)} and 'predictions' has shape "
            f"{tuple(predictions.shape)}, but both should be vectors of class indices of the same length. "
            "Convert probabilities and one-hot rows to class indices with tf.argmax(x, axis=1)."
        )


def _check_range(what: str, tensor: Tensor, num_classes: int) -> None:
    """Raises an error for class indices that are out of range, where they are known."""
    try:
        numbers = np.asarray(tensor)
    except TracingError:
        return
    wrong = numbers[(numbers < 0) | (numbers >= num_classes)]
    if wrong.size:
        raise OutOfRangeError(
            f"tf.math.confusion_matrix: '{what}' contains {wrong[0]}, but with num_classes={num_classes} the "
            f"classes are 0 to {num_classes - 1}. Pass a larger num_classes, or check the data."
        )
