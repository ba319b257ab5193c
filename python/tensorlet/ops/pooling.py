"""Pooling of pictures: the largest number, or the mean, of each window of each channel.

Pictures are ``[batch, height, width, channels]``. The attributes ``window``, ``strides`` and ``before`` are pairs
(height, width), ``size`` is height and width of the result; see `tensorlet.ops.convolution`. What a window covers
outside of the picture does not count.

Among numbers that are equal the first one, row by row, is the largest. NaN counts as larger than all numbers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from tensorlet.errors import ShapeError
from tensorlet.ops.arguments import require_dtype
from tensorlet.ops.convolution import Pair, reach, windows
from tensorlet.ops.registry import Operation, Sample, Spec, Tensor
from tensorlet.ops.samples import distinct, real


def _infer(function: str, x: Spec, size: Pair) -> Spec:
    require_dtype(function, "input", x, "float")
    if x.rank != 4:
        raise ShapeError(f"{function}: input is {x}, but [batch, height, width, channels] is expected.")
    return Spec((x.shape[0], *size, x.shape[3]), x.dtype)


def _padded(x: np.ndarray, fill: float, window: Pair, strides: Pair, before: Pair, size: Pair) -> np.ndarray:
    """The pictures as the windows see them, with ``fill`` outside."""
    widths = [(0, 0)]
    for axis in (0, 1):
        needed = reach(size[axis], strides[axis], window[axis], 1)
        widths.append((before[axis], max(0, needed - before[axis] - x.shape[axis + 1])))
    return np.pad(x, [*widths, (0, 0)], constant_values=fill)


def _seen(x: np.ndarray, window: Pair, strides: Pair, size: Pair) -> Iterator[np.ndarray]:
    for _, _, seen in windows(x, window, size, strides, (1, 1)):
        yield seen


# --- the largest -----------------------------------------------------------------------


def _max_reference(x: np.ndarray, window: Pair, strides: Pair, before: Pair, size: Pair) -> np.ndarray:
    largest = np.full((x.shape[0], *size, x.shape[3]), -np.inf, x.dtype)
    for seen in _seen(_padded(x, -np.inf, window, strides, before, size), window, strides, size):
        np.maximum(largest, seen, out=largest)
    return largest


def _chosen(x: np.ndarray, window: Pair, strides: Pair, before: Pair, size: Pair) -> np.ndarray:
    """The number of the tap that is the largest of each window."""
    keys = np.where(np.isnan(x), np.asarray(np.inf, x.dtype), x)
    largest = np.full((x.shape[0], *size, x.shape[3]), -np.inf, x.dtype)
    chosen = np.full(largest.shape, -1)
    inside = _padded(np.ones((1, *x.shape[1:3], 1), bool), False, window, strides, before, size)
    taps = zip(
        _seen(_padded(keys, -np.inf, window, strides, before, size), window, strides, size),
        _seen(inside, window, strides, size),
        strict=True,
    )
    for number, (seen, valid) in enumerate(taps):
        better = valid & ((seen > largest) | (chosen < 0))
        np.copyto(largest, seen, where=better)
        np.copyto(chosen, number, where=better)
    return chosen


def _select_reference(
    u: np.ndarray, x: np.ndarray, window: Pair, strides: Pair, before: Pair, size: Pair
) -> np.ndarray:
    chosen = _chosen(x, window, strides, before, size)
    result = np.zeros(chosen.shape, u.dtype)
    for number, seen in enumerate(
        _seen(_padded(u, 0.0, window, strides, before, size), window, strides, size)
    ):
        np.copyto(result, seen, where=chosen == number)
    return result


def _spread(
    g: np.ndarray, shape: tuple[int, ...], parts: Callable[[int], np.ndarray], window: Pair, strides: Pair,
    before: Pair,
) -> np.ndarray:  # fmt: skip
    """Adds ``parts(tap)`` to the elements under each tap, and removes the padding."""
    size = g.shape[1:3]
    result = _padded(np.zeros(shape, g.dtype), 0.0, window, strides, before, size)
    for number, seen in enumerate(_seen(result, window, strides, size)):
        seen += parts(number)
    top, left = before
    return result[:, top : top + shape[1], left : left + shape[2]]


def _scatter_reference(g: np.ndarray, x: np.ndarray, window: Pair, strides: Pair, before: Pair) -> np.ndarray:
    chosen = _chosen(x, window, strides, before, g.shape[1:3])
    zero = np.zeros((), g.dtype)
    return _spread(g, x.shape, lambda number: np.where(chosen == number, g, zero), window, strides, before)


def _max_gradient(g: Tensor, output: Tensor, x: Tensor, size: Pair, **attributes: Any) -> tuple[Tensor]:
    return (max_pool2d_scatter(g, x, **attributes),)


def _select_gradient(
    g: Tensor, output: Tensor, u: Tensor, x: Tensor, size: Pair, **attributes: Any
) -> tuple[Tensor, None]:
    return max_pool2d_scatter(g, x, **attributes), None


def _scatter_gradient(
    u: Tensor, output: Tensor, g: Tensor, x: Tensor, **attributes: Any
) -> tuple[Tensor, None]:
    return max_pool2d_select(u, x, size=tuple(g.shape[1:3]), **attributes), None


# --- the mean --------------------------------------------------------------------------


def _counts(shape: Pair, dtype: Any, window: Pair, strides: Pair, before: Pair, size: Pair) -> np.ndarray:
    """The number of pixels of the picture that each window covers."""
    ones = _padded(np.ones((1, *shape, 1), dtype), 0.0, window, strides, before, size)
    count = np.zeros((1, *size, 1), dtype)
    for seen in _seen(ones, window, strides, size):
        count += seen
    return count


def _average_reference(x: np.ndarray, window: Pair, strides: Pair, before: Pair, size: Pair) -> np.ndarray:
    wide = x.astype(np.float32) if x.dtype == np.float16 else x
    total = np.zeros((x.shape[0], *size, x.shape[3]), wide.dtype)
    with np.errstate(all="ignore"):
        for seen in _seen(_padded(wide, 0.0, window, strides, before, size), window, strides, size):
            total += seen
        count = _counts(x.shape[1:3], wide.dtype, window, strides, before, size)
        return (total / count).astype(x.dtype, copy=False)


def _average_gradient_reference(
    g: np.ndarray, window: Pair, strides: Pair, before: Pair, size: Pair
) -> np.ndarray:
    wide = g.astype(np.float32) if g.dtype == np.float16 else g
    shape = (g.shape[0], *size, g.shape[3])
    with np.errstate(all="ignore"):
        shares = wide / _counts(size, wide.dtype, window, strides, before, g.shape[1:3])
        spread = _spread(wide, shape, lambda number: shares, window, strides, before)
        return spread.astype(g.dtype, copy=False)


def _average_gradient(g: Tensor, output: Tensor, x: Tensor, size: Pair, **attributes: Any) -> tuple[Tensor]:
    return (avg_pool2d_gradient(g, size=tuple(x.shape[1:3]), **attributes),)


def _average_gradient_gradient(
    u: Tensor, output: Tensor, g: Tensor, size: Pair, **attributes: Any
) -> tuple[Tensor]:
    return (avg_pool2d(u, size=tuple(g.shape[1:3]), **attributes),)


# --- samples ---------------------------------------------------------------------------

#: Pictures, window, strides, before, size of the result.
_CASES: tuple[tuple[tuple[int, ...], Pair, Pair, Pair, Pair], ...] = (
    ((2, 4, 6, 3), (2, 2), (2, 2), (0, 0), (2, 3)),
    ((1, 5, 5, 2), (3, 2), (1, 2), (0, 0), (3, 2)),
    ((1, 5, 4, 2), (2, 3), (2, 2), (0, 1), (3, 2)),
    ((1, 3, 3, 1), (3, 3), (1, 1), (1, 1), (3, 3)),
    ((1, 1, 1, 1), (1, 1), (1, 1), (0, 0), (1, 1)),
    ((0, 4, 4, 2), (2, 2), (2, 2), (0, 0), (2, 2)),
    ((2, 4, 4, 2), (2, 2), (2, 2), (0, 0), (0, 2)),
)
_LARGER: tuple[tuple[tuple[int, ...], Pair, Pair, Pair, Pair], ...] = (
    ((17, 11, 9, 19), (2, 2), (2, 2), (0, 0), (5, 4)),
    ((3, 9, 9, 33), (3, 3), (2, 2), (1, 1), (5, 5)),
    ((2, 7, 7, 8), (2, 2), (3, 3), (0, 0), (2, 2)),
    ((1, 30, 1, 5), (3, 1), (1, 1), (1, 0), (30, 1)),
)


def _samples(
    inputs: Callable[..., list[np.ndarray]], size_of: Callable[[Any, Any], Pair] | None
) -> Callable[[], list[Sample]]:
    """Samples of one of the operations.

    Args:
        inputs: from the shapes of pictures and results, and a dtype, to the operation's inputs.
        size_of: from the same shapes to its attribute ``size``; None if it has none.
    """

    def of(case: Any, dtype: str, differentiable: tuple[int, ...] | None) -> Sample:
        x, window, strides, before, size = case
        out = (x[0], *size, x[3])
        given: dict[str, Any] = {} if size_of is None else {"size": size_of(x, out)}
        arrays = inputs(x, out, dtype)
        return Sample(
            *arrays, differentiable=differentiable, window=window, strides=strides, before=before, **given
        )

    def samples() -> list[Sample]:
        strange, ties = of(_CASES[0], "float32", ()), of(_CASES[1], "float32", ())
        strange.inputs[-1].flat[:3] = np.nan, np.inf, -np.inf
        ties.inputs[-1][...] = np.round(ties.inputs[-1])
        return [
            *(of(case, "float32", None) for case in _CASES),
            *(of(case, "float32", ()) for case in _LARGER),
            *(of(case, "float64", None) for case in _CASES[:3]),
            of(_LARGER[1], "float64", ()),
            of(_CASES[0], "float16", ()),
            strange,
            ties,
        ]

    return samples


def _infer_pair(function: str, first: Spec, x: Spec, shape: tuple[int, ...]) -> None:
    if first.dtype is not x.dtype or x.rank != 4 or first.rank != 4 or first.shape != shape:
        raise ShapeError(f"{function}: {first} and {x} do not belong to the same pictures.")


def _infer_select(u: Spec, x: Spec, *, size: Pair, **attributes: Any) -> Spec:
    _infer_pair("max_pool2d_select", u, x, x.shape)
    return _infer("max_pool2d_select", x, size)


def _infer_scatter(g: Spec, x: Spec, **attributes: Any) -> Spec:
    require_dtype("max_pool2d_scatter", "input", x, "float")
    _infer_pair("max_pool2d_scatter", g, x, (*x.shape[:1], *g.shape[1:3], *x.shape[3:]))
    return x


max_pool2d = Operation(
    "max_pool2d",
    infer=lambda x, *, size, **attributes: _infer("tf.nn.max_pool2d", x, size),
    reference=_max_reference,
    gradient=_max_gradient,
    samples=_samples(lambda x, out, dtype: [distinct(*x, dtype=dtype)], lambda x, out: out[1:3]),
    doc="The largest number of each window.",
)

max_pool2d_select = Operation(
    "max_pool2d_select",
    infer=_infer_select,
    reference=_select_reference,
    gradient=_select_gradient,
    together=(0, 1),
    samples=_samples(
        lambda x, out, dtype: [real(*x, dtype=dtype), distinct(*x, dtype=dtype)], lambda x, out: out[1:3]
    ),
    doc="Of each window the number of the first input at the place where the second one is largest.",
)

max_pool2d_scatter = Operation(
    "max_pool2d_scatter",
    infer=_infer_scatter,
    reference=_scatter_reference,
    gradient=_scatter_gradient,
    together=(0, 1),
    samples=_samples(lambda x, out, dtype: [real(*out, dtype=dtype), distinct(*x, dtype=dtype)], None),
    doc="The gradient of `max_pool2d`: each number goes to where its window is largest in the second input.",
)

avg_pool2d = Operation(
    "avg_pool2d",
    infer=lambda x, *, size, **attributes: _infer("tf.nn.avg_pool2d", x, size),
    reference=_average_reference,
    gradient=_average_gradient,
    samples=_samples(lambda x, out, dtype: [real(*x, dtype=dtype)], lambda x, out: out[1:3]),
    doc="The mean of each window.",
)

avg_pool2d_gradient = Operation(
    "avg_pool2d_gradient",
    infer=lambda g, *, size, **attributes: _infer("avg_pool2d_gradient", g, size),
    reference=_average_gradient_reference,
    gradient=_average_gradient_gradient,
    samples=_samples(lambda x, out, dtype: [real(*out, dtype=dtype)], lambda x, out: x[1:3]),
    doc="The gradient of `avg_pool2d`: each number is shared out equally to its window.",
)
