"""Fourier transforms, as pairs of real and imaginary parts, and windows of sequences."""

from __future__ import annotations

import numpy as np

from tensorlet import ops
from tensorlet.errors import InvalidArgumentError, ShapeError
from tensorlet.keras.ops.promotion import floating, tensor, together
from tensorlet.ops.fourier import fourier
from tensorlet.ops.registry import Tensor, TensorLike

#: The real and the imaginary part.
Parts = tuple[TensorLike, TensorLike]


def _joined(function: str, x: Parts) -> Tensor:
    """A pair of parts as one tensor [..., n, 2]."""
    if not isinstance(x, tuple | list) or len(x) != 2:
        raise InvalidArgumentError(
            f"{function}: Input `x` should be a tuple: the real parts and the imaginary parts, not {x!r}."
        )
    real, imaginary = together(*x, floats=True)
    if tuple(real.shape) != tuple(imaginary.shape):
        raise ShapeError(
            f"{function}: the real parts have shape {tuple(real.shape)} and the imaginary parts "
            f"{tuple(imaginary.shape)}. Both need the same shape."
        )
    return ops.stack([real, imaginary], -1)


def _require_axes(function: str, x: Tensor, count: int) -> None:
    if len(x.shape) < count:
        raise ShapeError(
            f"{function}: Input should have rank >= {count}. Received: input.shape = {tuple(x.shape)}."
        )


def fft(x: Parts) -> tuple[Tensor, Tensor]:
    """The discrete Fourier transform along the last axis.

    ``X_k = sum_n x_n exp(-2πi k n / N)``

    Args:
        x: the real and the imaginary part, of one shape.

    Returns:
        The real and the imaginary part of the result.

    >>> import tensorlet as tf
    >>> real, imaginary = tf.keras.ops.fft(([1.0, 2.0], [0.0, 1.0]))
    >>> print(real.numpy(), imaginary.numpy())
    [ 3. -1.] [ 1. -1.]
    """
    pair = _joined("fft", x)
    _require_axes("fft", pair[..., 0], 1)
    found = fourier(pair, inverse=False)
    return found[..., 0], found[..., 1]


def fft2(x: Parts) -> tuple[Tensor, Tensor]:
    """The discrete Fourier transform along the last two axes; see `fft`.

    >>> import tensorlet as tf
    >>> real, _ = tf.keras.ops.fft2(([[1.0, 2.0], [2.0, 1.0]], [[0.0, 0.0], [0.0, 0.0]]))
    >>> print(real.numpy())
    [[ 6.  0.]
     [ 0. -2.]]
    """
    found = _both_axes("fft2", x, inverse=False)
    return found[..., 0], found[..., 1]


def ifft2(x: Parts) -> tuple[Tensor, Tensor]:
    """The inverse of `fft2`.

    >>> import tensorlet as tf
    >>> real, _ = tf.keras.ops.ifft2(([[6.0, 0.0], [0.0, -2.0]], [[0.0, 0.0], [0.0, 0.0]]))
    >>> print(real.numpy())
    [[1. 2.]
     [2. 1.]]
    """
    found = _both_axes("ifft2", x, inverse=True)
    found = found / float(found.shape[-2] * found.shape[-3])
    return found[..., 0], found[..., 1]


def _both_axes(function: str, x: Parts, inverse: bool) -> Tensor:
    pair = _joined(function, x)
    _require_axes(function, pair[..., 0], 2)
    found = fourier(pair, inverse=inverse)
    rank = len(found.shape)
    order = [*range(rank - 3), rank - 2, rank - 3, rank - 1]
    return ops.transpose(fourier(ops.transpose(found, order), inverse=inverse), order)


def _with_length(x: Tensor, length: int) -> Tensor:
    """The numbers of the last axis, cut or followed by zeros."""
    own = int(x.shape[-1])
    if own >= length:
        return x[..., :length]
    return ops.pad(x, [[0, 0]] * (len(x.shape) - 1) + [[0, length - own]])


def rfft(x: TensorLike, fft_length: int | None = None) -> tuple[Tensor, Tensor]:
    """The Fourier transform of real numbers along the last axis: its first ``fft_length // 2 + 1`` terms.

    Args:
        x: real numbers.
        fft_length: how many of them count; fewer are followed by zeros. All by default.

    Returns:
        The real and the imaginary part.

    >>> import tensorlet as tf
    >>> real, imaginary = tf.keras.ops.rfft([0.0, 1.0, 2.0, 3.0, 4.0])
    >>> print(real.numpy().round(2), imaginary.numpy().round(2))
    [10.  -2.5 -2.5] [0.   3.44 0.81]
    """
    found = floating(x)
    _require_axes("rfft", found, 1)
    length = _checked_length("rfft", int(found.shape[-1]) if fft_length is None else fft_length)
    found = _with_length(found, length)
    whole = fourier(ops.stack([found, ops.zeros_like(found)], -1), inverse=False)
    return whole[..., : length // 2 + 1, 0], whole[..., : length // 2 + 1, 1]


def _checked_length(function: str, length: int) -> int:
    if not isinstance(length, int) or length < 1:
        raise InvalidArgumentError(
            f"{function}: `fft_length` should be a positive integer. Received: {length!r}."
        )
    return length


def irfft(x: Parts, fft_length: int | None = None) -> Tensor:
    """The inverse of `rfft`: real numbers.

    Args:
        x: the real and the imaginary part of the first terms.
        fft_length: the length of the result; ``2 * (terms - 1)`` by default.

    >>> import tensorlet as tf
    >>> terms = tf.keras.ops.rfft([0.0, 1.0, 2.0, 3.0, 4.0])
    >>> print(tf.keras.ops.irfft(terms, fft_length=5).numpy().round(4))
    [0. 1. 2. 3. 4.]
    """
    pair = _joined("irfft", x)
    _require_axes("irfft", pair[..., 0], 1)
    length = _checked_length("irfft", 2 * (int(pair.shape[-2]) - 1) if fft_length is None else fft_length)
    terms = length // 2 + 1
    real, imaginary = (_with_length(pair[..., part], terms) for part in (0, 1))
    places = np.arange(1, length - terms + 1)[::-1].copy()  # the other terms are the conjugates of these
    real = ops.concat([real, ops.gather(real, places, axis=-1)], -1)
    # The first term, and the middle one of an even length, count as real.
    factors = np.ones(terms)
    factors[[0, -1] if length % 2 == 0 else [0]] = 0.0
    imaginary = imaginary * tensor(factors, imaginary.dtype)
    imaginary = ops.concat([imaginary, -ops.gather(imaginary, places, axis=-1)], -1)
    return fourier(ops.stack([real, imaginary], -1), inverse=True)[..., 0] / float(length)


def extract_sequences(x: TensorLike, sequence_length: int, sequence_stride: int) -> Tensor:
    """Windows of the last axis, [..., windows, sequence_length].

    >>> import tensorlet as tf
    >>> tf.keras.ops.extract_sequences([1, 2, 3, 4, 5, 6], 3, 2).numpy().tolist()
    [[1, 2, 3], [3, 4, 5]]
    """
    found = tensor(x)
    _require_axes("extract_sequences", found, 1)
    for name, value in (("sequence_length", sequence_length), ("sequence_stride", sequence_stride)):
        if not isinstance(value, int) or value <= 0:
            raise InvalidArgumentError(f"`{name}` must be a positive integer. Received: {name}={value!r}.")
    count = 1 + (int(found.shape[-1]) - sequence_length) // sequence_stride
    starts = np.arange(max(count, 0)) * sequence_stride
    return ops.gather(found, starts[:, None] + np.arange(sequence_length), axis=-1)


def _window(
    function: str, window: str | TensorLike | None, sequence_length: int, fft_length: int, like: Tensor
) -> Tensor:
    """The window, in the middle of ``fft_length`` zeros."""
    if window is None or (isinstance(window, str) and sequence_length == 1):
        values = tensor(np.ones(sequence_length), like.dtype)
    elif isinstance(window, str):
        weights = {"hann": 0.5, "hamming": 0.54}
        if window not in weights:
            raise InvalidArgumentError(
                f"{function}: window={window!r}, but 'hann', 'hamming', or an array of weights is expected."
            )
        turns = np.cos(2.0 * np.pi * np.arange(sequence_length) / sequence_length)
        values = tensor(weights[window] - (1.0 - weights[window]) * turns, like.dtype)
    else:
        values = tensor(window, like.dtype)
        if tuple(values.shape) != (sequence_length,):
            raise ShapeError(
                f"{function}: The shape of `window` must be equal to ({sequence_length},), a weight for each "
                f"number, but it is {tuple(values.shape)}."
            )
    before = (fft_length - sequence_length) // 2
    return ops.pad(values, [[before, fft_length - sequence_length - before]])


def _check_transform(function: str, sequence_length: int, sequence_stride: int, fft_length: int) -> None:
    if not isinstance(sequence_stride, int) or sequence_stride <= 0:
        raise InvalidArgumentError(
            f"{function}: `sequence_stride` must be a positive integer. Received: sequence_stride={sequence_stride!r}."
        )
    if fft_length < sequence_length:
        raise InvalidArgumentError(
            f"{function}: `fft_length` must equal or exceed `sequence_length`, but fft_length={fft_length} "
            f"and sequence_length={sequence_length}."
        )


def stft(
    x: TensorLike, sequence_length: int, sequence_stride: int, fft_length: int,
    window: str | TensorLike | None = "hann", center: bool = True,
) -> tuple[Tensor, Tensor]:  # fmt: skip
    """The Fourier transforms of short windows of the last axis.

    Args:
        x: real numbers, [..., samples].
        sequence_length: the length of a window.
        sequence_stride: from one window to the next.
        fft_length: the length of a transform, at least ``sequence_length``.
        window: factors of the samples in a window: ``"hann"``, ``"hamming"``, numbers, or None.
        center: whether a window is around its place rather than after it; the ends are then reflected.

    Returns:
        The real and the imaginary part, [..., windows, fft_length // 2 + 1].

    >>> import tensorlet as tf
    >>> real, _ = tf.keras.ops.stft([1.0, 2.0, 3.0, 4.0], 2, 2, 2, window=None, center=False)
    >>> print(real.numpy())
    [[ 3. -1.]
     [ 7. -1.]]
    """
    found = floating(x)
    _check_transform("stft", sequence_length, sequence_stride, fft_length)
    if center:
        margin = [fft_length // 2, fft_length // 2]
        found = ops.pad(found, [[0, 0]] * (len(found.shape) - 1) + [margin], "REFLECT")
    factors = _window("stft", window, sequence_length, fft_length, found)
    return rfft(extract_sequences(found, fft_length, sequence_stride) * factors, fft_length)


def istft(
    x: Parts, sequence_length: int, sequence_stride: int, fft_length: int, length: int | None = None,
    window: str | TensorLike | None = "hann", center: bool = True,
) -> Tensor:  # fmt: skip
    """The samples of which `stft` made its result, as far as the windows overlap.

    Source: D. Griffin and J. Lim, "Signal estimation from modified short-time Fourier transform", 1984.

    Args:
        x: the real and the imaginary part.
        sequence_length, sequence_stride, fft_length, window, center: as for `stft`.
        length: the length of the result; by default what the windows cover.

    >>> import tensorlet as tf
    >>> terms = tf.keras.ops.stft([0.0, 1.0, 2.0, 3.0, 4.0], 1, 1, 1)
    >>> print(tf.keras.ops.istft(terms, 1, 1, 1).numpy())
    [0. 1. 2. 3. 4.]
    """
    _check_transform("istft", sequence_length, sequence_stride, fft_length)
    frames = irfft(x, fft_length)
    factors = _window("istft", window, sequence_length, fft_length, frames)
    overlaps = -(-fft_length // sequence_stride)
    squares = ops.pad(factors * factors, [[0, overlaps * sequence_stride - fft_length]])
    total = ops.reduce_sum(ops.reshape(squares, [overlaps, sequence_stride]), 0)
    frames = frames * ops.divide_no_nan(factors, ops.tile(total, [overlaps])[:fft_length])
    whole = _overlapping(frames, sequence_stride)
    start = fft_length // 2 if center else 0
    end = int(whole.shape[-1]) - start if length is None else start + length
    return _with_length(whole[..., start:end], end - start)


def _overlapping(frames: Tensor, stride: int) -> Tensor:
    """The sum of windows [..., windows, length] at their places."""
    *batch, count, length = (int(one) for one in frames.shape)
    places = (np.arange(count)[:, None] * stride + np.arange(length)).reshape(-1, 1)
    columns = ops.transpose(ops.reshape(frames, [-1, count * length]), [1, 0])
    size = length + stride * (count - 1)
    sums = ops.scatter_nd(places, columns, [size, int(columns.shape[1])])
    return ops.reshape(ops.transpose(sums, [1, 0]), [*batch, size])


def cdist(x: TensorLike, y: TensorLike) -> Tensor:
    """The Euclidean distance of each row of one matrix to each row of another, [..., m, d], [..., n, d] -> [..., m, n].

    >>> import tensorlet as tf
    >>> tf.keras.ops.cdist([[0.0, 0.0]], [[3.0, 4.0], [0.0, 1.0]]).numpy()
    array([[5., 1.]], dtype=float32)
    """
    a, b = together(x, y, floats=True)
    _require_axes("cdist", a, 2)
    _require_axes("cdist", b, 2)
    if a.shape[-1] != b.shape[-1]:
        raise ShapeError(
            f"cdist: the last axes of x {tuple(a.shape)} and y {tuple(b.shape)} must have the same length."
        )
    squares = ops.reduce_sum(ops.square(ops.expand_dims(a, -2) - ops.expand_dims(b, -3)), -1)
    # The square root of 0 has no slope: 1 stands in its place, and the result is 0.
    same = ops.equal(squares, 0.0)
    return ops.where(
        same, ops.zeros_like(squares), ops.sqrt(ops.where(same, ops.ones_like(squares), squares))
    )
