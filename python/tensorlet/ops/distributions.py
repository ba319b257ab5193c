"""The primitive that draws random numbers, and the distributions built on it.

A draw is a function of a seed, a stream and a call counter (`tensorlet.ops.philox`),
which `tensorlet.ops.random` provides.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from tensorlet.dtypes import DType, as_dtype, float32, float64, int32, int64
from tensorlet.errors import DTypeError, InvalidArgumentError, ShapeError
from tensorlet.ops import indexing, philox
from tensorlet.ops.arguments import require_dtype, resolve_shape, shape_vector, static_integer
from tensorlet.ops.registry import Operation, Sample, Spec, Tensor, TensorLike, convert, functions

if TYPE_CHECKING:
    from tensorlet.type_aliases import DTypeLike, ShapeLike

#: What determines a draw: the seed, the stream and the call counter.
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
    allowed = (int32, int64) if kind in ("integer", "permutation") else (float32, float64)
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
    elif kind == "integer":
        numbers = philox.integers(count, dtype.numpy, low, span, seed, stream, call)
    else:
        numbers = philox.permutation(count, seed, call, stream).astype(dtype.numpy)
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
        ("permutation", int32, (7,)),
        ("permutation", int64, (300,)),
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
    doc="Uniform, normal or integer numbers, or a permutation: a function of seed, stream and call counter.",
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


# --- distributions ----------------------------------------------


def _float_dtype(function: str, dtype: DTypeLike) -> DType:
    found = as_dtype(dtype)
    if not found.is_floating:
        raise DTypeError(
            f"{function}: dtype is {found.name}, but a float dtype is expected. Draw float32 and use "
            "tf.cast, or draw integers with tf.random.uniform(shape, minval, maxval, dtype=tf.int32)."
        )
    return found


def normal(
    function: str, source: Source, shape: ShapeLike, mean: TensorLike, stddev: TensorLike, dtype: DTypeLike
) -> Tensor:
    kind = _float_dtype(function, dtype)
    numbers = _draw(source, "normal", shape_vector(function, shape), kind)
    return _scaled(numbers, stddev, mean)


def truncated_normal(
    function: str, source: Source, shape: ShapeLike, mean: TensorLike, stddev: TensorLike, dtype: DTypeLike
) -> Tensor:
    """By the inverse of the cumulative distribution function, restricted to two standard deviations."""
    kind = _float_dtype(function, dtype)
    uniform_numbers = _draw(source, "uniform", shape_vector(function, shape), kind)
    spread = (uniform_numbers * 2.0 - 1.0) * _WITHIN_TWO
    numbers = functions.clip_by_value(functions.erfinv(spread) * math.sqrt(2.0), -2.0, 2.0)
    return _scaled(numbers, stddev, mean)


def _scaled(numbers: Tensor, factor: TensorLike, offset: TensorLike) -> Tensor:
    """``numbers * factor + offset``, without the operations that change nothing."""
    if not (isinstance(factor, (int, float)) and factor == 1):
        numbers = numbers * convert(factor, numbers.dtype)
    if not (isinstance(offset, (int, float)) and offset == 0):
        numbers = numbers + convert(offset, numbers.dtype)
    return numbers


def uniform(
    function: str, source: Source, shape: ShapeLike, minval: TensorLike, maxval: TensorLike, dtype: DTypeLike
) -> Tensor:
    kind = as_dtype(dtype)
    lengths = shape_vector(function, shape)
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
            f"{function}: for integers, maxval must be given: numbers are drawn from minval up to but not including "
            "maxval."
        )
    low = static_integer(function, "minval", 0 if minval is None else minval)
    high = static_integer(function, "maxval", maxval)
    if not dtype.min <= low < high <= dtype.max + 1:
        raise InvalidArgumentError(
            f"{function}: minval ({low}) must be less than maxval ({high}), and both must fit {dtype.name}. "
            "Swap them, or use a wider dtype."
        )
    return _draw(source, "integer", shape, dtype, low, high - low)


def shuffled(value: TensorLike, source: Source) -> Tensor:
    """Rows in a random order, by the Fisher-Yates shuffle."""
    x = convert(value)
    if not x.shape:
        raise ShapeError(
            "tf.random.shuffle: a scalar has no rows to shuffle. Pass a tensor with at least one axis."
        )
    seed, stream, counter = source
    order = _random(
        counter, kind="permutation", seed=seed, stream=stream, shape=(x.shape[0],), dtype=int32, low=0, span=0
    )
    return indexing.take(x, order, axis=0)


def categorical(
    function: str, logits: TensorLike, num_samples: TensorLike, dtype: DTypeLike | None, source: Source
) -> Tensor:
    x = convert(logits)
    require_dtype(function, "logits", x, "float")
    if len(x.shape) != 2:
        raise ShapeError(f"{function}: logits should be [rows, classes], but has shape {list(x.shape)}.")
    (count,) = resolve_shape(function, num_samples, "num_samples")
    weights = functions.cast(functions.softmax(x), float64)
    borders = functions.cumsum(weights, axis=1)
    # A number below 1 times the total is below the total: classes without a probability at the end are never drawn.
    places = functions.cast(_draw(source, "uniform", (x.shape[0], count), x.dtype), float64) * borders[:, -1:]
    passed = functions.expand_dims(borders, 1) <= functions.expand_dims(places, 2)
    classes = functions.reduce_sum(functions.cast(passed, int32), axis=-1)
    kind = int64 if dtype is None else as_dtype(dtype)
    return functions.cast(classes, kind)


#: Candidates of which the first accepted one counts. All are refused with a probability below 1e-12.
_CANDIDATES = 10


def _first_accepted(d: Tensor, x: Tensor, u: Tensor) -> Tensor:
    """Of the normal numbers ``x``, the first that is accepted with its uniform number ``u``, along the first axis."""
    root = 1.0 + x * functions.rsqrt(9.0 * d)
    v = root * root * root
    safe = functions.where(v > 0.0, v, 1.0)
    accepted = functions.logical_and(
        v > 0.0,
        functions.log(functions.maximum(u, 1e-37)) < 0.5 * x * x + d - d * safe + d * functions.log(safe),
    )
    chosen = x[0]
    for candidate in range(_CANDIDATES - 1, -1, -1):
        chosen = functions.where(accepted[candidate], x[candidate], chosen)
    return chosen


def gamma(
    function: str,
    source: Source,
    shape: tuple[int, ...],
    alpha: TensorLike,
    beta: TensorLike | None,
    dtype: DTypeLike,
) -> Tensor:
    """Numbers of gamma distributions, by rejection from normal numbers.

    Source: G. Marsaglia, W. Tsang, "A simple method for generating gamma variables", ACM TOMS 26, 2000.
    """
    kind = _float_dtype(function, dtype)
    concentration = functions.broadcast_to(convert(alpha, kind), shape)
    small = concentration < 1.0
    d = functions.where(small, concentration + 1.0, concentration) - 1.0 / 3.0
    seed, stream, counter = source
    x = _draw((seed, stream + 1, counter), "normal", (_CANDIDATES, *shape), kind)
    u = _draw((seed, stream + 2, counter), "uniform", (_CANDIDATES, *shape), kind)
    # Which number is accepted has no derivative: only the accepted one takes part in the rest.
    chosen = _first_accepted(functions.stop_gradient(d), x, u)
    root = 1.0 + chosen * functions.rsqrt(9.0 * d)
    v = root * root * root
    found = d * functions.where(v > 0.0, v, 1.0)
    again = _draw((seed, stream + 3, counter), "uniform", shape, kind)
    power = functions.pow(1.0 - again, 1.0 / functions.where(small, concentration, 1.0))
    found = functions.where(small, found * power, found)
    return found if beta is None else found / convert(beta, kind)


def _infer_counts(
    counter: Spec, first: Spec, second: Spec, *, kind: str, seed: int, stream: int, shape: tuple[int, ...]
) -> Spec:
    if counter != Spec((), int64):
        raise InvalidArgumentError(
            f"random_counts: the call counter should be an int64 scalar, but is {counter}."
        )
    return Spec(shape, int64)


def _counts_reference(
    counter: np.ndarray,
    first: np.ndarray,
    second: np.ndarray,
    kind: str,
    seed: int,
    stream: int,
    shape: tuple[int, ...],
) -> np.ndarray:
    draw = np.random.Generator(
        np.random.Philox(key=[seed % 2**64, (stream << 32) + 0xC0], counter=int(counter))
    )
    if kind == "poisson":
        return draw.poisson(np.broadcast_to(first, shape), shape).astype(np.int64)
    return draw.binomial(
        np.broadcast_to(np.round(first), shape).astype(np.int64), np.broadcast_to(second, shape), shape
    ).astype(np.int64)


_counts = Operation(
    "random_counts",
    infer=_infer_counts,
    reference=_counts_reference,
    samples=lambda: [
        Sample(
            np.array(3, np.int64),
            np.array([0.5, 9.0]),
            np.zeros(2),
            kind="poisson",
            seed=1,
            stream=0,
            shape=(3, 2),
        ),
        Sample(
            np.array(3, np.int64), np.zeros(0), np.zeros(0), kind="poisson", seed=1, stream=0, shape=(2, 0)
        ),
        Sample(
            np.array(4, np.int64),
            np.array(10.0),
            np.array(0.25),
            kind="binomial",
            seed=2**63,
            stream=1,
            shape=(),
        ),
    ],
    doc="Integers from a Poisson or binomial distribution: a function of the seed, the stream and the counter.",
)


def counts(
    kind: str, source: Source, shape: tuple[int, ...], first: TensorLike, second: TensorLike, dtype: DTypeLike
) -> Tensor:
    """Draws integers from a distribution; the parameters broadcast against the shape."""
    seed, stream, counter = source
    values = [functions.cast(functions.stop_gradient(convert(one)), float64) for one in (first, second)]
    return functions.cast(
        _counts(counter, *values, kind=kind, seed=seed, stream=stream, shape=shape), as_dtype(dtype)
    )
