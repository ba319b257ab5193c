"""Functions that write summaries: `scalar`, `histogram`, `image`, `text`, `audio`, and tensors of any kind."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from tensorlet.errors import InvalidArgumentError, ShapeError
from tensorlet.formats.png import encode
from tensorlet.formats.protobuf import Message
from tensorlet.summary.media import as_pixels, wav
from tensorlet.summary.messages import metadata, scalar_summary, summary, tensor_message
from tensorlet.summary.writers import add, recorded

if TYPE_CHECKING:
    from tensorlet.type_aliases import FloatLike, TensorLike

#: The default number of buckets of a histogram.
BUCKETS = 30


@recorded
def scalar(
    name: str, data: TensorLike, step: FloatLike | None = None, description: str | None = None
) -> bool:
    """Writes one number, a point of a curve in the "Scalars" tab of TensorBoard.

    Args:
        name: the name of the curve; ``a/b`` belongs to the group ``a``.
        data: a tensor, variable, array or Python number of shape [].
        step: the position on the curve; by default that of `tf.summary.experimental.set_step`.
        description: a Markdown description that is shown with the curve.

    Returns:
        Whether it was written; False without a default writer.

    Raises:
        ShapeError: if there is more than one number.
        InvalidArgumentError: if the step is missing.

    >>> import tempfile
    >>> import tensorlet as tf
    >>> with tf.summary.create_file_writer(tempfile.mkdtemp()).as_default():
    ...     tf.summary.scalar("loss", tf.constant(0.25), step=1)
    True
    """

    def make() -> bytes:
        array = np.asarray(data)
        if array.shape != ():
            raise ShapeError(
                f"tf.summary.scalar '{name}' got shape {list(array.shape)}, expected one number. Write its mean "
                "(tf.reduce_mean), or its distribution with tf.summary.histogram."
            )
        if array.dtype.kind not in "iufb":
            raise InvalidArgumentError(f"tf.summary.scalar '{name}' got {data!r:.60}, expected a number.")
        return scalar_summary(_tag(name), array, metadata("scalars", b"", description))

    return add("scalar", step, make)


@recorded
def histogram(
    name: str,
    data: TensorLike,
    step: FloatLike | None = None,
    buckets: int | None = None,
    description: str | None = None,
) -> bool:
    """Writes the distribution of numbers, for the "Histograms" and "Distributions" tabs of TensorBoard.

    Args:
        name: the name of the histogram.
        data: numbers, of any shape.
        step, description: as for `scalar`.
        buckets: the number of buckets, 30 by default.

    Returns:
        Whether it was written.

    >>> import tempfile
    >>> import tensorlet as tf
    >>> with tf.summary.create_file_writer(tempfile.mkdtemp()).as_default():
    ...     tf.summary.histogram("weights", tf.random.normal([100]), step=1)
    True
    """

    def make() -> bytes:
        table = bucket_table(np.asarray(data), BUCKETS if buckets is None else int(buckets))
        return summary(_tag(name), tensor_message(table), metadata("histograms", b"", description))

    return add("histogram", step, make)


def bucket_table(data: np.ndarray, buckets: int) -> np.ndarray:
    """Returns the rows (left edge, right edge, count) of a histogram, float64 of shape [buckets, 3].

    The buckets have equal widths between the smallest and the largest number; the last one includes its right
    edge. If all numbers are equal, they are in the last one and all edges are that number. NaN and infinite
    values are not counted.

    >>> import numpy as np
    >>> from tensorlet.summary.records import bucket_table
    >>> bucket_table(np.array([0.0, 0.5, 1.0]), 2).tolist()
    [[0.0, 0.5, 1.0], [0.5, 1.0, 2.0]]
    """
    if data.dtype.kind not in "iufb":
        raise InvalidArgumentError(f"tf.summary.histogram got {data.dtype.name}, expected numbers.")
    numbers = data.astype(np.float64).reshape(-1)
    numbers = numbers[np.isfinite(numbers)]
    buckets = max(buckets, 0)
    table = np.zeros((buckets, 3))
    if not buckets or not numbers.size:
        return table
    low, high = numbers.min(), numbers.max()
    width = (high - low) / buckets
    if width == 0 or not np.isfinite(width):
        table[:, :2] = high
        table[-1, 2] = numbers.size
        return table
    places = np.minimum(((numbers - low) / width).astype(np.int64), buckets - 1)
    edges = np.linspace(low, high, buckets + 1)
    table[:, 0], table[:, 1] = edges[:-1], edges[1:]
    table[:, 2] = np.bincount(places, minlength=buckets)
    return table


@recorded
def image(
    name: str,
    data: TensorLike,
    step: FloatLike | None = None,
    max_outputs: int = 3,
    description: str | None = None,
) -> bool:
    """Writes images, for the "Images" tab of TensorBoard.

    Args:
        name: the name of the images.
        data: an array of shape [count, height, width, channels] with 1 to 4 channels: gray, gray and alpha, color,
            color and alpha. Floats from 0 to 1, or uint8.
        step, description: as for `scalar`.
        max_outputs: the largest number of them to write.

    Returns:
        Whether they were written.

    Raises:
        ShapeError: for another shape.

    >>> import tempfile
    >>> import tensorlet as tf
    >>> with tf.summary.create_file_writer(tempfile.mkdtemp()).as_default():
    ...     tf.summary.image("digits", tf.zeros([5, 28, 28, 1]), step=1)
    True
    """

    def make() -> bytes:
        pictures = as_pixels(np.asarray(data))[: max(int(max_outputs), 0)]
        _, height, width, _ = pictures.shape
        values: list[Any] = [str(width), str(height), *map(encode, pictures)]
        return summary(_tag(name), tensor_message(_objects(values)), metadata("images", b"", description))

    return add("image", step, make)


@recorded
def text(name: str, data: TensorLike, step: FloatLike | None = None, description: str | None = None) -> bool:
    """Writes text, for the "Text" tab of TensorBoard.

    Args:
        name: the name of the text.
        data: a string (Markdown), or nested lists of strings, which are shown as a table.
        step, description: as for `scalar`.

    Returns:
        Whether it was written.

    >>> import tempfile
    >>> import tensorlet as tf
    >>> with tf.summary.create_file_writer(tempfile.mkdtemp()).as_default():
    ...     tf.summary.text("notes", "learning rate **0.1**", step=0)
    True
    """

    def make() -> bytes:
        array = np.asarray(data, dtype=object) if not isinstance(data, np.ndarray) else data
        if array.dtype.kind not in "USO":
            raise InvalidArgumentError(f"tf.summary.text '{name}' got {data!r:.60}, expected a string.")
        return summary(_tag(name), tensor_message(array), metadata("text", b"", description))

    return add("text", step, make)


@recorded
def audio(
    name: str,
    data: TensorLike,
    sample_rate: int,
    step: FloatLike | None = None,
    max_outputs: int = 3,
    encoding: str | None = None,
    description: str | None = None,
) -> bool:
    """Writes audio, for the "Audio" tab of TensorBoard.

    Args:
        name: the name of the audio.
        data: [count, length, channels], floats from -1 to 1.
        sample_rate: samples per second.
        step, description: as for `scalar`.
        max_outputs: the largest number of them to write.
        encoding: "wav" or None.

    Returns:
        Whether it was written.
    """

    def make() -> bytes:
        sounds = np.asarray(data)
        if sounds.ndim != 3 or sounds.dtype.kind != "f" or encoding not in (None, "wav"):
            raise ShapeError(
                f"tf.summary.audio got {sounds.dtype.name} of shape {list(sounds.shape)}, encoding {encoding!r}; "
                "expected floats from -1 to 1 of shape [count, length, channels] and encoding 'wav'."
            )
        files = [wav(sound, int(np.asarray(sample_rate))) for sound in sounds[: max(int(max_outputs), 0)]]
        # Each clip has a label, which TensorFlow leaves empty.
        pairs = _objects([item for file in files for item in (file, b"")]).reshape(-1, 2)
        wave_encoding = bytes(Message().varint(2, 11))
        return summary(_tag(name), tensor_message(pairs), metadata("audio", wave_encoding, description))

    return add("audio", step, make)


@recorded
def write(
    tag: str, tensor: object, step: FloatLike | None = None, metadata: object = None, name: str | None = None
) -> bool:
    """Writes a tensor of any kind.

    Args:
        tag: the name.
        tensor: numbers or strings of any shape, or a function that returns them.
        step: as for `scalar`.
        metadata: a ``SummaryMetadata`` message, or its bytes, which selects the TensorBoard plugin.

    Returns:
        Whether it was written.
    """

    def make() -> bytes:
        value = tensor() if callable(tensor) else tensor
        return summary(tag, tensor_message(value), _serialized(metadata))

    return add("write", step, make)


def write_raw_pb(tensor: object, step: FloatLike | None = None, name: str | None = None) -> bool:
    """Writes a serialized ``Summary`` message.

    Args:
        tensor: the bytes.
        step: as for `scalar`.

    Returns:
        Whether it was written.
    """

    def make() -> bytes:
        content = np.asarray(tensor, dtype=object).reshape(()).item()
        if not isinstance(content, bytes):
            raise InvalidArgumentError(
                f"write_raw_pb got {type(content).__name__}, expected the bytes of a message."
            )
        return content

    return add("experimental.write_raw_pb", step, make)


class Scope(NamedTuple):
    """The value of a `summary_scope` block."""

    tag: str
    scope: str


@contextlib.contextmanager
def summary_scope(name: str, default_name: str = "summary", values: object = None) -> Iterator[Scope]:
    """Context manager for custom summaries; its value contains the tag and the scope.

    >>> import tensorlet as tf
    >>> with tf.summary.experimental.summary_scope("loss") as (tag, scope):
    ...     print(tag, scope)
    loss loss/
    """
    tag = _tag(name or default_name)
    yield Scope(tag, f"{tag}/")


def _tag(name: object) -> str:
    if not isinstance(name, str) or not name:
        raise InvalidArgumentError(f"tf.summary: the name is {name!r:.60}, expected a string.")
    return name


def _objects(values: list[Any]) -> np.ndarray:
    """Returns an object array, because NumPy's own array of bytes would drop trailing zeros."""
    array = np.empty(len(values), dtype=object)
    array[:] = values
    return array


def _serialized(message: object) -> bytes:
    if message is None:
        return b""
    if isinstance(message, bytes):
        return message
    serialize: Any = getattr(message, "SerializeToString", None)
    if serialize is None:
        raise InvalidArgumentError(
            f"tf.summary.write: metadata is {message!r:.60}, expected a message or its bytes."
        )
    return bytes(serialize())
