"""Element-wise comparisons and logic, with broadcasting; the results are bool."""

from __future__ import annotations

import numpy as np

from tensorlet.dtypes import bool_
from tensorlet.ops import samples
from tensorlet.ops.conversion import with_dtype
from tensorlet.ops.reference_tools import truth
from tensorlet.ops.registry import Elsewhere, Operation, Sample, Tensor, TensorLike
from tensorlet.ops.shape_rules import elementwise, unary


def _comparison_samples() -> list[Sample]:
    few = samples.integers(3, 4, low=0, high=3)
    return [
        *samples.of_two_numbers(),
        Sample(few, samples.integers(4, low=0, high=3, seed=1)),
        Sample(few.astype(np.uint8), samples.integers(4, dtype="uint8", low=0, high=3, seed=1)),
    ]


def _equality_samples() -> list[Sample]:
    return [*_comparison_samples(), *samples.of_two_booleans()]


_equal = Operation(
    "equal",
    infer=elementwise("tf.equal", "any", result=bool_),
    reference=truth(np.equal),
    samples=_equality_samples,
    together=(0, 1),
    elsewhere=Elsewhere(engine="equal", onnx=("Equal",), numpy="{0} == {1}", stacked="elementwise"),
)


def equal(x: TensorLike, y: TensorLike, name: str | None = None) -> Tensor:
    """``x == y``, with broadcasting. NaN is not equal to anything.

    Raises:
        DTypeError: if the dtypes differ.
        ShapeError: if the shapes do not broadcast.

    >>> import tensorlet as tf
    >>> print(tf.equal([1, 2, 3], 2).numpy())
    [False  True False]
    """
    return _equal(x, y)


_not_equal = Operation(
    "not_equal",
    infer=elementwise("tf.not_equal", "any", result=bool_),
    reference=truth(np.not_equal),
    samples=_equality_samples,
    together=(0, 1),
    elsewhere=Elsewhere(engine="not_equal", numpy="{0} != {1}", stacked="elementwise"),
)


def not_equal(x: TensorLike, y: TensorLike, name: str | None = None) -> Tensor:
    """``x != y``, with broadcasting; errors as for `equal`.

    >>> import tensorlet as tf
    >>> print(tf.not_equal([1, 2, 3], 2).numpy())
    [ True False  True]
    """
    return _not_equal(x, y)


_less = Operation(
    "less",
    infer=elementwise("tf.less", "number", result=bool_),
    reference=truth(np.less),
    samples=_comparison_samples,
    together=(0, 1),
    elsewhere=Elsewhere(engine="less", onnx=("Less",), numpy="{0} < {1}", stacked="elementwise"),
)


def less(x: TensorLike, y: TensorLike, name: str | None = None) -> Tensor:
    """``x < y`` for numbers, with broadcasting; errors as for `equal`.

    >>> import tensorlet as tf
    >>> print(tf.less([1, 2, 3], 2).numpy())
    [ True False False]
    """
    return _less(x, y)


_less_equal = Operation(
    "less_equal",
    infer=elementwise("tf.less_equal", "number", result=bool_),
    reference=truth(np.less_equal),
    samples=_comparison_samples,
    together=(0, 1),
    elsewhere=Elsewhere(
        engine="less_equal", onnx=("LessOrEqual",), numpy="{0} <= {1}", stacked="elementwise"
    ),
)


def less_equal(x: TensorLike, y: TensorLike, name: str | None = None) -> Tensor:
    """``x <= y`` for numbers, with broadcasting; errors as for `equal`.

    >>> import tensorlet as tf
    >>> print(tf.less_equal([1, 2, 3], 2).numpy())
    [ True  True False]
    """
    return _less_equal(x, y)


_greater = Operation(
    "greater",
    infer=elementwise("tf.greater", "number", result=bool_),
    reference=truth(np.greater),
    samples=_comparison_samples,
    together=(0, 1),
    elsewhere=Elsewhere(engine="greater", onnx=("Greater",), numpy="{0} > {1}", stacked="elementwise"),
)


def greater(x: TensorLike, y: TensorLike, name: str | None = None) -> Tensor:
    """``x > y`` for numbers, with broadcasting; errors as for `equal`.

    >>> import tensorlet as tf
    >>> print(tf.greater([1, 2, 3], 2).numpy())
    [False False  True]
    """
    return _greater(x, y)


_greater_equal = Operation(
    "greater_equal",
    infer=elementwise("tf.greater_equal", "number", result=bool_),
    reference=truth(np.greater_equal),
    samples=_comparison_samples,
    together=(0, 1),
    elsewhere=Elsewhere(
        engine="greater_equal", onnx=("GreaterOrEqual",), numpy="{0} >= {1}", stacked="elementwise"
    ),
)


def greater_equal(x: TensorLike, y: TensorLike, name: str | None = None) -> Tensor:
    """``x >= y`` for numbers, with broadcasting; errors as for `equal`.

    >>> import tensorlet as tf
    >>> print(tf.greater_equal([1, 2, 3], 2).numpy())
    [False  True  True]
    """
    return _greater_equal(x, y)


_logical_and = Operation(
    "logical_and",
    infer=elementwise("tf.logical_and", "bool"),
    reference=truth(np.logical_and),
    samples=samples.of_two_booleans,
    together=(0, 1),
    elsewhere=Elsewhere(engine="and", onnx=("And",), numpy="{0} & {1}", stacked="elementwise"),
)


def logical_and(x: TensorLike, y: TensorLike, name: str | None = None) -> Tensor:
    """Whether both are true, with broadcasting.

    Raises:
        DTypeError: if an input is not bool.
        ShapeError: if the shapes do not broadcast.

    >>> import tensorlet as tf
    >>> print(tf.logical_and([True, True, False], [True, False, False]).numpy())
    [ True False False]
    """
    return _logical_and(with_dtype(x, bool_), with_dtype(y, bool_))


_logical_or = Operation(
    "logical_or",
    infer=elementwise("tf.logical_or", "bool"),
    reference=truth(np.logical_or),
    samples=samples.of_two_booleans,
    together=(0, 1),
    elsewhere=Elsewhere(engine="or", onnx=("Or",), numpy="{0} | {1}", stacked="elementwise"),
)


def logical_or(x: TensorLike, y: TensorLike, name: str | None = None) -> Tensor:
    """Whether at least one is true, with broadcasting; errors as for `logical_and`.

    >>> import tensorlet as tf
    >>> print(tf.logical_or([True, True, False], [True, False, False]).numpy())
    [ True  True False]
    """
    return _logical_or(with_dtype(x, bool_), with_dtype(y, bool_))


_logical_not = Operation(
    "logical_not",
    infer=unary("tf.logical_not", "bool"),
    reference=truth(np.logical_not),
    samples=lambda: [Sample(samples.booleans(2, 3)), Sample(samples.booleans()), Sample(samples.booleans(0))],
    elsewhere=Elsewhere(engine="not", onnx=("Not",), numpy="~{0}", stacked="elementwise"),
)


def logical_not(x: TensorLike, name: str | None = None) -> Tensor:
    """True where ``x`` is false.

    Raises:
        DTypeError: if ``x`` is not bool.

    >>> import tensorlet as tf
    >>> print(tf.logical_not([True, False]).numpy())
    [False  True]
    """
    return _logical_not(with_dtype(x, bool_))


_logical_xor = Operation(
    "logical_xor",
    infer=elementwise("tf.math.logical_xor", "bool"),
    reference=truth(np.logical_xor),
    samples=samples.of_two_booleans,
    together=(0, 1),
    elsewhere=Elsewhere(engine="not_equal", onnx=("Xor",), numpy="{0} ^ {1}", stacked="elementwise"),
)


def logical_xor(x: TensorLike, y: TensorLike, name: str | None = None) -> Tensor:
    """Whether exactly one is true, with broadcasting; errors as for `logical_and`.

    >>> import tensorlet as tf
    >>> print(tf.math.logical_xor([True, True, False], [True, False, False]).numpy())
    [False  True False]
    """
    return _logical_xor(with_dtype(x, bool_), with_dtype(y, bool_))


def _float_samples() -> list[Sample]:
    return samples.of_one_float()


_is_nan = Operation(
    "is_nan",
    infer=unary("tf.math.is_nan", "float", result=bool_),
    reference=truth(np.isnan),
    samples=_float_samples,
    elsewhere=Elsewhere(engine="is_nan", onnx=("IsNaN",), numpy="np.isnan({0})", stacked="elementwise"),
)


def is_nan(x: TensorLike, name: str | None = None) -> Tensor:
    """Whether each element of a float tensor is NaN.

    >>> import tensorlet as tf
    >>> print(tf.math.is_nan([1.0, float("nan"), float("inf")]).numpy())
    [False  True False]
    """
    return _is_nan(x)


_is_inf = Operation(
    "is_inf",
    infer=unary("tf.math.is_inf", "float", result=bool_),
    reference=truth(np.isinf),
    samples=_float_samples,
    elsewhere=Elsewhere(engine="is_inf", onnx=("IsInf",), numpy="np.isinf({0})", stacked="elementwise"),
)


def is_inf(x: TensorLike, name: str | None = None) -> Tensor:
    """Whether each element of a float tensor is infinite, of either sign.

    >>> import tensorlet as tf
    >>> print(tf.math.is_inf([1.0, float("nan"), float("inf")]).numpy())
    [False False  True]
    """
    return _is_inf(x)


_is_finite = Operation(
    "is_finite",
    infer=unary("tf.math.is_finite", "float", result=bool_),
    reference=truth(np.isfinite),
    samples=_float_samples,
    elsewhere=Elsewhere(engine="is_finite", numpy="np.isfinite({0})", stacked="elementwise"),
)


def is_finite(x: TensorLike, name: str | None = None) -> Tensor:
    """Whether each element of a float tensor is neither infinite nor NaN.

    >>> import tensorlet as tf
    >>> print(tf.math.is_finite([1.0, float("nan"), float("inf")]).numpy())
    [ True False False]
    """
    return _is_finite(x)
