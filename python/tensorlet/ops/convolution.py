"""Convolution of pictures, and its two gradients: three linear operations that are each other's gradients.

Pictures are ``[batch, height, width, channels]``, filters ``[height, width, channels / groups, filters]``. All three
operations have the same attributes, which are canonical:

- ``strides``, ``dilations``: steps between outputs, and between the taps of a filter, as (height, width).
- ``before``: how many zeros are added above, and to the left of, a picture. How many are added below and to the right
  follows from ``size``.
- ``size``: height and width of the result.
- ``groups``: the channels are cut into so many groups, each with filters of its own.

With ``output[y, x]`` the tap ``(i, j)`` of a filter reads ``input[y * stride + i * dilation - before, ...]``. As in all
of machine learning, the filters are not flipped, so that it is a cross-correlation (Dumoulin and Visin, "A guide to
convolution arithmetic for deep learning", 2016).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from tensorlet.errors import ShapeError
from tensorlet.ops import shape_rules
from tensorlet.ops.arguments import require_dtype
from tensorlet.ops.registry import Operation, Postponed, Sample, Spec, Tensor
from tensorlet.ops.samples import real

Pair = tuple[int, int]


def reach(size: int, stride: int, taps: int, dilation: int) -> int:
    """The number of elements of a padded axis that ``size`` outputs read."""
    return (size - 1) * stride + (taps - 1) * dilation + 1 if size else 0


def padded(x: np.ndarray, taps: Pair, size: Pair, strides: Pair, dilations: Pair, before: Pair) -> np.ndarray:
    """The pictures as ``size`` outputs read them: zeros around them, and without what no output reads."""
    widths = [(0, 0)]
    for axis in (0, 1):
        needed = reach(size[axis], strides[axis], taps[axis], dilations[axis])
        widths.append((before[axis], max(0, needed - before[axis] - x.shape[axis + 1])))
    return np.pad(x, [*widths, (0, 0)])


def windows(
    x: np.ndarray, taps: Pair, size: Pair, strides: Pair, dilations: Pair
) -> Iterator[tuple[int, int, np.ndarray]]:
    """For each tap of a filter, its position and a view of the padded pictures under it, as large as the output."""
    for i in range(taps[0]):
        for j in range(taps[1]):
            top, left = i * dilations[0], j * dilations[1]
            rows = slice(top, top + reach(size[0], strides[0], 1, 1), strides[0])
            columns = slice(left, left + reach(size[1], strides[1], 1, 1), strides[1])
            yield i, j, x[:, rows, columns]


def _wide(reference: Callable[..., np.ndarray]) -> Callable[..., np.ndarray]:
    """The reference without NumPy's warnings; float16 is computed in float32 and rounded once."""

    def quiet(a: np.ndarray, b: np.ndarray, **attributes: Any) -> np.ndarray:
        dtype = np.result_type(a.dtype, np.float32) if a.dtype == np.float16 else a.dtype
        with np.errstate(all="ignore"):
            result = reference(a.astype(dtype, copy=False), b.astype(dtype, copy=False), **attributes)
            return result.astype(a.dtype, copy=False)

    return quiet


def _grouped(x: np.ndarray, groups: int) -> np.ndarray:
    """The last axis as (groups, 1, the rest): rows of as many products."""
    return x.reshape(*x.shape[:-1], groups, 1, x.shape[-1] // groups)


def _tap(w: np.ndarray, groups: int) -> np.ndarray:
    """One tap's numbers as (groups, channels, filters)."""
    channels, filters = w.shape
    return w.reshape(channels, groups, filters // groups).transpose(1, 0, 2)


def _check_attributes(function: str, x: Spec, w: Spec, channels: int, groups: int) -> None:
    shape_rules.same_dtype(function, ("input", "filters"), (x, w))
    require_dtype(function, "input", x, "float")
    if x.rank != 4 or w.rank != 4:
        raise ShapeError(f"{function}: input is {x} and filters are {w}, but four axes are expected of both.")
    if w.shape[2] * groups != channels or w.shape[3] % groups:
        raise ShapeError(
            f"{function}: filters of shape {list(w.shape)} in {groups} group{'s'[: groups > 1]} do not fit pictures "
            f"with {channels} channels: the third axis of the filters times the number of groups must be the number "
            "of channels, and the number of filters a multiple of it."
        )


# --- forwards --------------------------------------------------------------------------


def _infer_conv2d(
    x: Spec, w: Spec, *, strides: Pair, dilations: Pair, before: Pair, size: Pair, groups: int
) -> Spec:
    _check_attributes("tf.nn.conv2d", x, w, x.shape[-1] if x.rank else 0, groups)
    return Spec((x.shape[0], *size, w.shape[3]), x.dtype)


def _conv2d_reference(
    x: np.ndarray, w: np.ndarray, strides: Pair, dilations: Pair, before: Pair, size: Pair, groups: int
) -> np.ndarray:
    taps = w.shape[:2]
    x = padded(x, taps, size, strides, dilations, before)
    out = np.zeros((x.shape[0], *size, w.shape[3]), x.dtype)
    for i, j, seen in windows(x, taps, size, strides, dilations):
        if groups == 1:
            out += seen @ w[i, j]
        else:
            out += np.matmul(_grouped(seen, groups), _tap(w[i, j], groups)).reshape(out.shape)
    return out


def _conv2d_gradient(
    g: Tensor, output: Tensor, x: Tensor, w: Tensor, **attributes: Any
) -> tuple[Postponed, Postponed]:
    return (
        lambda: conv2d_input_gradient(g, w, **{**attributes, "size": tuple(x.shape[1:3])}),
        lambda: conv2d_filter_gradient(x, g, **{**attributes, "size": tuple(w.shape[:2])}),
    )


# --- to the pictures -------------------------------------------------------------------


def _infer_input_gradient(
    g: Spec, w: Spec, *, strides: Pair, dilations: Pair, before: Pair, size: Pair, groups: int
) -> Spec:
    _check_attributes("tf.nn.conv2d_transpose", g, w, w.shape[2] * groups if w.rank == 4 else 0, groups)
    if g.shape[3] != w.shape[3]:
        raise ShapeError(
            f"tf.nn.conv2d_transpose: input is {g} and filters are {w}, but the last axes of both must be equal: "
            "filters are [height, width, output channels, input channels] here."
        )
    return Spec((g.shape[0], *size, w.shape[2] * groups), g.dtype)


def _input_gradient_reference(
    g: np.ndarray, w: np.ndarray, strides: Pair, dilations: Pair, before: Pair, size: Pair, groups: int
) -> np.ndarray:
    taps, outputs, channels = w.shape[:2], g.shape[1:3], w.shape[2] * groups
    shape = [
        max(before[axis] + size[axis], reach(outputs[axis], strides[axis], taps[axis], dilations[axis]))
        for axis in (0, 1)
    ]
    result = np.zeros((g.shape[0], *shape, channels), g.dtype)
    for i, j, place in windows(result, taps, outputs, strides, dilations):
        if groups == 1:
            place += g @ w[i, j].T
        else:
            sums = np.matmul(_grouped(g, groups), _tap(w[i, j], groups).swapaxes(1, 2))
            place += sums.reshape(*g.shape[:3], channels)
    top, left = before
    return result[:, top : top + size[0], left : left + size[1]]


def _input_gradient_gradient(
    u: Tensor, output: Tensor, g: Tensor, w: Tensor, **attributes: Any
) -> tuple[Postponed, Postponed]:
    return (
        lambda: conv2d(u, w, **{**attributes, "size": tuple(g.shape[1:3])}),
        lambda: conv2d_filter_gradient(u, g, **{**attributes, "size": tuple(w.shape[:2])}),
    )


# --- to the filters --------------------------------------------------------------------


def _infer_filter_gradient(
    x: Spec, g: Spec, *, strides: Pair, dilations: Pair, before: Pair, size: Pair, groups: int
) -> Spec:
    shape_rules.same_dtype("conv2d_filter_gradient", ("input", "gradient"), (x, g))
    require_dtype("conv2d_filter_gradient", "input", x, "float")
    if x.rank != 4 or g.rank != 4 or x.shape[0] != g.shape[0]:
        raise ShapeError(
            f"conv2d_filter_gradient: input is {x} and gradient is {g}, but pictures of one batch are expected."
        )
    return Spec((*size, x.shape[3] // groups, g.shape[3]), x.dtype)


def _filter_gradient_reference(
    x: np.ndarray, g: np.ndarray, strides: Pair, dilations: Pair, before: Pair, size: Pair, groups: int
) -> np.ndarray:
    outputs, (channels, filters) = g.shape[1:3], (x.shape[3] // groups, g.shape[3])
    x = padded(x, size, outputs, strides, dilations, before)
    result = np.zeros((*size, channels, filters), x.dtype)
    pixels = math.prod(g.shape[:3])
    columns = g.reshape(pixels, groups, filters // groups).transpose(1, 0, 2)
    for i, j, seen in windows(x, size, outputs, strides, dilations):
        rows = seen.reshape(pixels, groups, channels).transpose(1, 2, 0)
        result[i, j] = np.matmul(rows, columns).transpose(1, 0, 2).reshape(channels, filters)
    return result


def _filter_gradient_gradient(
    v: Tensor, output: Tensor, x: Tensor, g: Tensor, **attributes: Any
) -> tuple[Postponed, Postponed]:
    return (
        lambda: conv2d_input_gradient(g, v, **{**attributes, "size": tuple(x.shape[1:3])}),
        lambda: conv2d(x, v, **{**attributes, "size": tuple(g.shape[1:3])}),
    )


# --- samples ---------------------------------------------------------------------------

#: Pictures, filters, strides, dilations, before, size of the outputs, groups.
_CASES: tuple[tuple[tuple[int, ...], tuple[int, ...], Pair, Pair, Pair, Pair, int], ...] = (
    ((2, 4, 5, 2), (3, 2, 2, 3), (1, 1), (1, 1), (0, 0), (2, 4), 1),
    ((2, 4, 5, 1), (3, 3, 1, 2), (1, 1), (1, 1), (1, 1), (4, 5), 1),
    ((1, 5, 6, 2), (3, 3, 2, 2), (2, 2), (1, 1), (1, 0), (3, 3), 1),
    ((1, 6, 5, 2), (2, 3, 2, 2), (1, 1), (2, 2), (1, 2), (6, 5), 1),
    ((2, 5, 5, 4), (2, 2, 2, 4), (2, 1), (1, 1), (0, 0), (2, 4), 2),
    ((2, 4, 4, 3), (3, 3, 1, 3), (1, 1), (1, 1), (1, 1), (4, 4), 3),
    ((1, 5, 4, 2), (3, 2, 1, 6), (2, 2), (1, 1), (1, 0), (3, 2), 2),
    ((1, 1, 1, 1), (1, 1, 1, 1), (1, 1), (1, 1), (0, 0), (1, 1), 1),
    ((0, 3, 3, 2), (2, 2, 2, 3), (1, 1), (1, 1), (0, 0), (2, 2), 1),
    ((2, 3, 3, 2), (2, 2, 2, 3), (1, 1), (1, 1), (0, 0), (0, 2), 1),
    ((2, 3, 3, 0), (2, 2, 0, 3), (1, 1), (1, 1), (0, 0), (2, 2), 1),
)
#: As above, where finite differences would take long.
_LARGER: tuple[tuple[tuple[int, ...], tuple[int, ...], Pair, Pair, Pair, Pair, int], ...] = (
    ((9, 11, 13, 5), (3, 3, 5, 17), (1, 1), (1, 1), (1, 1), (11, 13), 1),
    ((5, 12, 9, 9), (5, 5, 9, 7), (2, 3), (1, 1), (2, 2), (6, 3), 1),
    ((3, 9, 9, 16), (3, 3, 1, 16), (1, 1), (1, 1), (1, 1), (9, 9), 16),
    ((3, 9, 9, 21), (3, 3, 1, 21), (2, 2), (1, 1), (0, 0), (4, 4), 21),
    ((2, 14, 14, 6), (5, 5, 6, 33), (1, 1), (1, 1), (0, 0), (10, 10), 1),
    ((3, 10, 8, 4), (2, 2, 4, 40), (3, 2), (1, 1), (0, 0), (3, 4), 1),
    ((1, 40, 1, 12), (5, 1, 12, 24), (1, 1), (2, 1), (8, 0), (40, 1), 1),
    ((2, 4, 5, 3), (7, 6, 3, 4), (1, 1), (1, 1), (3, 2), (4, 5), 1),
)

_Shapes = Callable[[tuple[int, ...], tuple[int, ...], tuple[int, ...]], tuple[tuple[int, ...], ...]]


def _samples(shapes: _Shapes, size_of: Callable[[Any, Any, Any], Pair]) -> Callable[[], list[Sample]]:
    """Samples of one of the three operations.

    Args:
        shapes: from the shapes of pictures, filters and outputs to those of the operation's inputs.
        size_of: from the same to the size of its result.
    """

    def of(case: Any, dtype: str, differentiable: tuple[int, ...] | None) -> Sample:
        x, w, strides, dilations, before, outputs, groups = case
        out = (x[0], *outputs, w[3])
        first, second = shapes(x, w, out)
        bound = 2.0 if differentiable is None else 0.25  # sums of many numbers stay small
        return Sample(
            real(*first, dtype=dtype, low=-bound, high=bound),
            real(*second, dtype=dtype, low=-bound, high=bound, seed=1), differentiable=differentiable,
            strides=strides, dilations=dilations, before=before, size=size_of(x, w, out), groups=groups,
        )  # fmt: skip

    def samples() -> list[Sample]:
        strange = of(_CASES[0], "float32", ())
        strange.inputs[0].flat[:3] = np.nan, np.inf, -np.inf
        return [
            *(of(case, "float32", None) for case in _CASES),
            *(of(case, "float32", ()) for case in _LARGER),
            of(_CASES[1], "float64", None),
            of(_CASES[4], "float64", None),
            of(_LARGER[1], "float64", ()),
            of(_CASES[0], "float16", None),
            strange,
        ]

    return samples


conv2d = Operation(
    "conv2d",
    infer=_infer_conv2d,
    reference=_wide(_conv2d_reference),
    gradient=_conv2d_gradient,
    together=(0, 1),
    samples=_samples(lambda x, w, out: (x, w), lambda x, w, out: out[1:3]),
    doc="Each output is the sum of a filter times the window of a picture that it lies over.",
)

conv2d_input_gradient = Operation(
    "conv2d_input_gradient",
    infer=_infer_input_gradient,
    reference=_wide(_input_gradient_reference),
    gradient=_input_gradient_gradient,
    together=(0, 1),
    samples=_samples(lambda x, w, out: (out, w), lambda x, w, out: x[1:3]),
    doc="The gradient of `conv2d` for its pictures: each number is spread over the window that it came from.",
)

conv2d_filter_gradient = Operation(
    "conv2d_filter_gradient",
    infer=_infer_filter_gradient,
    reference=_wide(_filter_gradient_reference),
    gradient=_filter_gradient_gradient,
    together=(0, 1),
    samples=_samples(lambda x, w, out: (x, out), lambda x, w, out: w[:2]),
    doc="The gradient of `conv2d` for its filters: each tap is the sum of what it read times what came of it.",
)
