"""The primitive that draws random numbers, and the distributions built of it.

A draw is a function of a seed, a stream and a call counter (`tensorlet.ops.philox`).
Where these come from is `tensorlet.ops.random`'s business.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from tensorlet.dtypes import DType, as_dtype, float32, float64, int32, int64
from tensorlet.errors import DTypeError, InvalidArgumentError, ShapeError
from tensorlet.ops import indexing, philox, sorting
from tensorlet.ops.arguments import require_dtype, resolve_shape, static_integer
from tensorlet.ops.registry import Operation, Sample, Spec, Tensor, TensorLike, convert, functions

if TYPE_CHECKING:
    from tensorlet.type_aliases import DTypeLike, ShapeLike

#: Where a draw takes its numbers from: the seed, the stream and the call counter.
Source = tuple[int, int, Tensor]

#: erf(sqrt(2)): the probability of a normal number within two standard deviations.
_WITHIN_TWO = math.erf(math.sqrt(2.0))


# --- the primitive ---------------------------------------------------------------------


def _infer_random(
    counter: Spec,
    *,
    kind: str,
    seed: int,
    stream: int,
    shape: tuple[int, ...],
    dtype: DType,
    low: int,
    span: int,
) -> Spec:
    if counter != Spec((), int64):
        raise InvalidArgumentError(f"random: the call counter should be an int64 scalar, but is {counter}.")
    allowed = (int32, int64) if kind == "integer" else (float32, float64)
    if dtype not in allowed:
        names = " or ".join(one.name for one in allowed)
        raise DTypeError(f"random: '{kind}' numbers are {names}, not {dtype.name}. Cast the result.")
    return Spec(shape, dtype)


def _random_reference(
    counter: np.ndarray,
    kind: str,
    seed: int,
    stream: int,
    shape: tuple[int, ...],
    dtype: DType,
    low: int,
    span: int,
) -> np.ndarray:
    count, call = math.prod(shape), int(counter)
    if kind == "uniform":
        numbers = philox.uniform(count, dtype.numpy, seed, stream, call)
    elif kind == "normal":
        numbers = philox.normal(count, dtype.numpy, seed, stream, call)
    else:
        numbers = philox.integers(count, dtype.numpy, low, span, seed, stream, call)
    return numbers.reshape(shape)


def _random_samples() -> list[Sample]:
    samples = []
    draws: list[tuple[str, DType, tuple[int, ...]]] = [
        ("uniform", float32, (3, 5)),
        ("uniform", float64, (7,)),
        ("uniform", float32, ()),
        ("normal", float32, (5,)),
        ("normal", float64, (2, 3)),
        ("normal", float32, (1,)),
        ("normal", float32, (0, 2)),
        ("integer", int32, (9,)),
        ("integer", int64, (2, 2)),
        ("integer", int32, (0,)),
    ]
    for number, (kind, dtype, shape) in enumerate(draws):
        low, span = (-3, 10) if kind == "integer" else (0, 0)
        call = np.array(number + (number % 2 << 33), np.int64)
        attributes: dict[str, Any] = {"kind": kind, "dtype": dtype, "shape": shape, "low": low, "span": span}
        samples.append(Sample(call, seed=2**63 + number, stream=number, **attributes))
    wide: dict[str, Any] = {
        "kind": "integer",
        "dtype": int64,
        "shape": (4,),
        "low": -(2**63),
        "span": 2**64 - 1,
    }
    return [*samples, Sample(np.array(1, np.int64), seed=1, stream=0, **wide)]


_random = Operation(
    "random",
    infer=_infer_random,
    reference=_random_reference,
    samples=_random_samples,
    doc="Uniform, normal or integer numbers: a function of the seed, the stream and the call counter.",
)


def _draw(
    source: Source, kind: str, shape: tuple[int, ...], dtype: DType, low: int = 0, span: int = 0
) -> Tensor:
    """One call of the primitive. float16 is drawn as float32; narrow integers as int32."""
    seed, stream, counter = source
    drawn = dtype
    if kind == "integer" and dtype not in (int32, int64):
        drawn = int64
    elif kind != "integer" and dtype is not float64:
        drawn = float32
    numbers = _random(
        counter, kind=kind, seed=seed, stream=stream, shape=shape, dtype=drawn, low=low, span=span
    )
    return numbers if drawn is dtype else functions.cast(numbers, dtype)


# --- distributions, whatever their source ----------------------------------------------


def _float_dtype(function: str, dtype: DTypeLike) -> DType:
    found = as_dtype(dtype)
    if not found.is_floating:
        raise DTypeError(
            f"{function}: dtype is {found.name}, but a float dtype is expected. Draw float32 and use "
            "tf.cast, or draw "
            "integers with tf.random.uniform(shape, minval, maxval, dtype=tf.int32)."
        )
    return found


def normal(
    function: str, source: Source, shape: ShapeLike, mean: TensorLike, stddev: TensorLike, dtype: DTypeLike
) -> Tensor:
    kind = _float_dtype(function, dtype)
    numbers = _draw(source, "normal", resolve_shape(function, shape), kind)
    return _scaled(numbers, stddev, mean)


def truncated_normal(
    function: str, source: Source, shape: ShapeLike, mean: TensorLike, stddev: TensorLike, dtype: DTypeLike
) -> Tensor:
    """By the inverse of the distribution function, restricted to two standard deviations."""
    kind = _float_dtype(function, dtype)
    uniform_numbers = _draw(source, "uniform", resolve_shape(function, shape), kind)
    spread = (uniform_numbers * 2.0 - 1.0) * _WITHIN_TWO
    numbers = functions.clip_by_value(functions.erfinv(spread) * math.sqrt(2.0), -2.0, 2.0)
    return _scaled(numbers, stddev, mean)


def _scaled(numbers: Tensor, factor: TensorLike, offset: TensorLike) -> Tensor:
    """``numbers * factor + offset``, without the steps that change nothing."""
    if not (isinstance(factor, (int, float)) and factor == 1):
        numbers = numbers * convert(factor, numbers.dtype)
    if not (isinstance(offset, (int, float)) and offset == 0):
        numbers = numbers + convert(offset, numbers.dtype)
    return numbers


def uniform(
    function: str, source: Source, shape: ShapeLike, minval: TensorLike, maxval: TensorLike, dtype: DTypeLike
) -> Tensor:
    kind = as_dtype(dtype)
    lengths = resolve_shape(function, shape)
    if kind.is_integer:
        return _uniform_integers(function, source, lengths, minval, maxval, kind)
    kind = _float_dtype(function, dtype)
    numbers = _draw(source, "uniform", lengths, kind)
    low = 0 if minval is None else minval
    high = 1 if maxval is None else maxval
    if isinstance(low, (int, float)) and isinstance(high, (int, float)):
        return _scaled(numbers, high - low, low)
    low, high = convert(low, kind), convert(high, kind)
    return numbers * (high - low) + low


def _uniform_integers(
    function: str,
    source: Source,
    shape: tuple[int, ...],
    minval: TensorLike,
    maxval: TensorLike,
    dtype: DType,
) -> Tensor:
    if maxval is None:
        raise InvalidArgumentError(
            f"{function}: for integers, maxval must be given: numbers are drawn from minval up to, without, "
            "maxval."
        )
    low = static_integer(function, "minval", 0 if minval is None else minval)
    high = static_integer(function, "maxval", maxval)
    if not dtype.min <= low < high <= dtype.max + 1:
        raise InvalidArgumentError(
            f"{function}: minval ({low}) must be less than maxval ({high}), and both must fit {dtype.name}. "
            "Exchange them, or use a wider dtype."
        )
    return _draw(source, "integer", shape, dtype, low, high - low)


def shuffled(value: TensorLike, source: Source) -> Tensor:
    """Rows in the order of random 62-bit keys; two equal ones are as good as impossible."""
    x = convert(value)
    if not x.shape:
        raise ShapeError("tf.random.shuffle: a scalar has no rows to shuffle. Give at least one axis.")
    keys = _draw(source, "integer", (x.shape[0],), int64, 0, 2**62)
    return indexing.take(x, sorting.argsort(keys), axis=0)


def categorical(
    function: str, logits: TensorLike, num_samples: TensorLike, dtype: DTypeLike | None, source: Source
) -> Tensor:
    x = convert(logits)
    require_dtype(function, "logits", x, "float")
    if len(x.shape) != 2:
        raise ShapeError(f"{function}: logits should be [rows, classes], but has shape {list(x.shape)}.")
    (count,) = resolve_shape(function, num_samples, "num_samples")
    uniform_numbers = _draw(source, "uniform", (x.shape[0], count, x.shape[1]), x.dtype)
    gumbel = -functions.log(-functions.log(uniform_numbers))
    classes = functions.argmax(functions.expand_dims(x, 1) + gumbel, axis=-1)
    kind = int64 if dtype is None else as_dtype(dtype)
    return classes if kind is int64 else functions.cast(classes, kind)
