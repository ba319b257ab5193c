"""Images and audio for summaries: conversion of floats to pixels, and WAV files."""

from __future__ import annotations

import struct

import numpy as np

from tensorlet.errors import InvalidArgumentError, ShapeError
from tensorlet.formats.png import KINDS


def as_pixels(images: np.ndarray) -> np.ndarray:
    """Converts images to uint8.

    Args:
        images: an array of shape [count, height, width, channels]: floats from 0 to 1 (others are clipped, NaN is 0),
            bools, or uint8.

    Raises:
        ShapeError: for another shape.
        InvalidArgumentError: for another dtype.
    """
    if images.ndim != 4 or images.shape[-1] not in KINDS or 0 in images.shape[1:3]:
        raise ShapeError(
            f"tf.summary.image got shape {list(images.shape)}, expected [count, height, width, channels] with 1 to 4 "
            "channels. Reshape a single grayscale image with tf.reshape(image, [1, height, width, 1])."
        )
    if images.dtype == np.uint8:
        return images
    if images.dtype.kind == "b":
        return images.astype(np.uint8) * np.uint8(255)
    if images.dtype.kind != "f":
        raise InvalidArgumentError(
            f"tf.summary.image got {images.dtype.name}, expected floats from 0 to 1 or uint8 from 0 to 255. "
            "Use tf.cast(images, tf.uint8), or divide by 255."
        )
    # 256 intervals of equal width, with 1.0 in the last one, as in TensorFlow.
    return (np.clip(np.nan_to_num(images.astype(np.float32)), 0, 1) * 255.5).astype(np.uint8)


def wav(samples: np.ndarray, sample_rate: int) -> bytes:
    """Encodes audio as a WAV file with 16 bits per sample.

    Args:
        samples: floats from -1 to 1, of shape [length, channels].
        sample_rate: the number of samples per second.

    >>> import numpy as np
    >>> from tensorlet.summary.media import wav
    >>> len(wav(np.zeros((4, 1), "float32"), 8000))
    52
    """
    channels = samples.shape[1]
    numbers = np.clip(np.round(samples * 32768.0), -32768, 32767).astype("<i2").tobytes()
    form = struct.pack("<HHIIHH", 1, channels, sample_rate, sample_rate * channels * 2, channels * 2, 16)
    body = b"WAVEfmt " + struct.pack("<I", 16) + form + b"data" + struct.pack("<I", len(numbers)) + numbers
    return b"RIFF" + struct.pack("<I", len(body)) + body
