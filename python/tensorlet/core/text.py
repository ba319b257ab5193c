"""`tf.strings`: functions of tensors of strings. They run at once, with Python's own text functions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from tensorlet.core import ragged_functions  # noqa: F401 - what functions of tensors do with ragged results
from tensorlet.core.eager import EAGER
from tensorlet.core.ragged_tensor import RaggedTensor, from_row_lengths
from tensorlet.core.tensor import EagerTensor
from tensorlet.core.text_patterns import pattern_of, rewriter
from tensorlet.dtypes import as_dtype, float32, string
from tensorlet.errors import DTypeError, InvalidArgumentError
from tensorlet.formats.farmhash import fingerprint64

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tensorlet.ops.registry import TensorLike
    from tensorlet.type_aliases import DTypeLike


#: `substr` has an argument of the name ``len``.
_count = len


def text_array(function: str, value: TensorLike) -> np.ndarray:
    """The value as an array of bytes."""
    array = EAGER.convert(value).__array__(copy=False)
    if array.dtype.kind != "O":
        raise DTypeError(
            f"{function}: the input is {array.dtype.name}, but text is expected. Write tf.strings.as_string(x)."
        )
    return array


def _each(function: str, value: Any, change: Callable[[bytes], Any], dtype: Any = object) -> Any:
    """The function's result for each element; ragged tensors keep their rows."""
    if isinstance(value, RaggedTensor):
        return value.with_flat_values(_each(function, value.flat_values, change, dtype))
    array = text_array(function, value)
    result = np.empty(array.size, dtype)
    result[:] = [change(item) for item in array.reshape(-1).tolist()]
    return EagerTensor(result.reshape(array.shape))


def as_string(
    input: TensorLike, precision: int = -1, scientific: bool = False, shortest: bool = False,
    width: int = -1, fill: str = "", name: str | None = None,
) -> EagerTensor:  # fmt: skip
    """Numbers and truth values as text.

    Args:
        input: a tensor of numbers or truth values.
        precision: digits after the point of floats; 6 by default.
        scientific: whether floats are written as in 1.5e+00.
        shortest: whether floats are written in the shorter of both ways.
        width: the least number of characters.
        fill: the character that pads shorter numbers on the left; a blank by default.
        name: ignored.

    >>> import tensorlet as tf
    >>> tf.strings.as_string([1, 20]).numpy().tolist(), tf.strings.as_string(1.5, precision=2).numpy()
    ([b'1', b'20'], b'1.50')
    """
    array = EAGER.convert(input).__array__(copy=False)
    kind = "e" if scientific else "g" if shortest else "f"
    digits = f".{precision}" if precision >= 0 else ""
    size = str(width) if width >= 0 else ""
    fill = fill if fill != " " else ""

    def written(item: object) -> bytes:
        if isinstance(item, bytes):
            return item
        if isinstance(item, bool):
            return str(item).lower().encode()
        form = f"%{fill}{size}" + (f"{digits}{kind}" if isinstance(item, float) else "d")
        return (form % item).encode()

    result = np.empty(array.size, object)
    result[:] = [written(item) for item in array.reshape(-1).tolist()]
    return EagerTensor(result.reshape(array.shape))


def length(input: TensorLike, unit: str = "BYTE", name: str | None = None) -> EagerTensor:
    """The number of bytes (or with ``unit="UTF8_CHAR"`` of characters) of each text.

    >>> import tensorlet as tf
    >>> tf.strings.length(["a", "bcd"]).numpy()
    array([1, 3], dtype=int32)
    """
    count = (lambda item: _count(item.decode())) if unit == "UTF8_CHAR" else _count
    found: EagerTensor = _each("tf.strings.length", input, count, np.int32)
    return found


def lower(input: TensorLike, encoding: str = "", name: str | None = None) -> EagerTensor:
    """Converts text to lower case: ASCII letters, or with ``encoding="utf-8"`` those of all scripts.

    >>> import tensorlet as tf
    >>> tf.strings.lower(["AbC"]).numpy().tolist()
    [b'abc']
    """
    change = (lambda item: item.decode().lower().encode()) if encoding else bytes.lower
    found: EagerTensor = _each("tf.strings.lower", input, change)
    return found


def upper(input: TensorLike, encoding: str = "", name: str | None = None) -> EagerTensor:
    """Converts text to upper case; see `lower`.

    >>> import tensorlet as tf
    >>> tf.strings.upper(["AbC"]).numpy().tolist()
    [b'ABC']
    """
    change = (lambda item: item.decode().upper().encode()) if encoding else bytes.upper
    found: EagerTensor = _each("tf.strings.upper", input, change)
    return found


def strip(input: TensorLike, name: str | None = None) -> EagerTensor:
    """Removes whitespace at both ends of text.

    >>> import tensorlet as tf
    >>> tf.strings.strip([" a ", "b"]).numpy().tolist()
    [b'a', b'b']
    """
    found: EagerTensor = _each("tf.strings.strip", input, bytes.strip)
    return found


def join(inputs: Sequence[TensorLike], separator: str = "", name: str | None = None) -> EagerTensor:
    """Joins texts element by element, with broadcasting of scalars.

    Args:
        inputs: tensors of one shape, or scalars.
        separator: the text between them.
        name: ignored.

    >>> import tensorlet as tf
    >>> tf.strings.join([["a", "b"], "x"], separator="-").numpy().tolist()
    [b'a-x', b'b-x']
    """
    arrays = np.broadcast_arrays(*[text_array("tf.strings.join", value) for value in inputs])
    result = np.empty(arrays[0].size, object)
    between = separator.encode()
    result[:] = [between.join(items) for items in zip(*[array.reshape(-1) for array in arrays], strict=True)]
    return EagerTensor(result.reshape(arrays[0].shape))


def reduce_join(
    inputs: TensorLike, axis: int | None = None, keepdims: bool = False, separator: str = "",
    name: str | None = None,
) -> EagerTensor:  # fmt: skip
    """The texts along an axis (or all of them) joined into one.

    >>> import tensorlet as tf
    >>> tf.strings.reduce_join([["a", "b"], ["c", "d"]], axis=1, separator=" ").numpy().tolist()
    [b'a b', b'c d']
    """
    array = text_array("tf.strings.reduce_join", inputs)
    if axis is None:
        whole = np.array(separator.encode().join(array.reshape(-1).tolist()), object)
        return EagerTensor(whole.reshape((1,) * array.ndim) if keepdims else whole)
    last = np.moveaxis(array, axis, -1)
    result = np.empty(int(np.prod(last.shape[:-1])), object)
    result[:] = [separator.encode().join(row) for row in last.reshape(-1, last.shape[-1]).tolist()]
    rows = result.reshape(last.shape[:-1])
    return EagerTensor(np.expand_dims(rows, axis) if keepdims else rows)


def substr(
    input: TensorLike, pos: TensorLike, len: TensorLike, unit: str = "BYTE", name: str | None = None
) -> EagerTensor:
    """A part of each text.

    Args:
        input: text.
        pos: where the part starts; counted from the end if negative.
        len: its length; it ends where the text ends.
        unit: ``"BYTE"`` or ``"UTF8_CHAR"``: what is counted.
        name: ignored.

    >>> import tensorlet as tf
    >>> tf.strings.substr(["hello", "world"], 1, 3).numpy().tolist()
    [b'ell', b'orl']
    """
    text, starts, lengths = np.broadcast_arrays(
        text_array("tf.strings.substr", input), np.asarray(EAGER.convert(pos)), np.asarray(EAGER.convert(len))
    )

    def part(item: bytes, start: int, count: int) -> bytes:
        letters: Any = item.decode() if unit == "UTF8_CHAR" else item
        size = _count(letters)
        if not -size <= start <= size:
            raise InvalidArgumentError(f"tf.strings.substr: pos {start} is outside of {item!r}.")
        start += size if start < 0 else 0
        found = letters[start : start + count]
        return bytes(found) if isinstance(found, bytes) else found.encode()

    result = np.empty(text.size, object)
    result[:] = [part(*row) for row in zip(text.flat, starts.flat, lengths.flat, strict=True)]
    return EagerTensor(result.reshape(text.shape))


def split(
    input: TensorLike, sep: str | None = None, maxsplit: int = -1, name: str | None = None
) -> RaggedTensor | EagerTensor:
    """The words of each text.

    Args:
        input: text: a scalar gives a tensor of its words, [texts] a ragged tensor [texts, (words)].
        sep: the text between words; by default any whitespace.
        maxsplit: the most cuts; -1 makes all.
        name: ignored.

    >>> import tensorlet as tf
    >>> tf.strings.split(["a b", "c"])
    <tf.RaggedTensor [[b'a', b'b'], [b'c']]>
    """
    array = text_array("tf.strings.split", input)
    rows = [item.split(sep.encode() if sep else None, maxsplit) for item in array.reshape(-1).tolist()]
    words = EAGER.convert([word for row in rows for word in row] or np.empty(0, object), string)
    return words if array.ndim == 0 else from_row_lengths(words, [_count(row) for row in rows])


def bytes_split(input: TensorLike, name: str | None = None) -> RaggedTensor | EagerTensor:
    """The single bytes of each text; see `split`.

    >>> import tensorlet as tf
    >>> tf.strings.bytes_split("abc").numpy().tolist()
    [b'a', b'b', b'c']
    """
    return _pieces(
        "tf.strings.bytes_split", input, lambda item: [item[i : i + 1] for i in range(_count(item))]
    )


def unicode_split(
    input: TensorLike, input_encoding: str = "UTF-8", errors: str = "replace", name: str | None = None
) -> RaggedTensor | EagerTensor:
    """The single characters of each text; see `split`.

    >>> import tensorlet as tf
    >>> [letter.decode() for letter in tf.strings.unicode_split("né", "UTF-8").numpy()]
    ['n', 'é']
    """
    return _pieces(
        "tf.strings.unicode_split", input,
        lambda item: [letter.encode() for letter in item.decode(input_encoding, errors)],
    )  # fmt: skip


def _pieces(
    function: str, value: TensorLike, cut: Callable[[bytes], list[bytes]]
) -> RaggedTensor | EagerTensor:
    array = text_array(function, value)
    rows = [cut(item) for item in array.reshape(-1).tolist()]
    pieces = EAGER.convert([piece for row in rows for piece in row] or np.empty(0, object), string)
    return pieces if array.ndim == 0 else from_row_lengths(pieces, [_count(row) for row in rows])


def regex_replace(
    input: TensorLike, pattern: str, rewrite: str, replace_global: bool = True, name: str | None = None
) -> EagerTensor:
    r"""Text in which whatever a regular expression matches is replaced.

    Args:
        input: text.
        pattern: a regular expression.
        rewrite: what takes its place; ``\1`` is the first group.
        replace_global: whether all matches are replaced, or the first alone.
        name: ignored.

    >>> import tensorlet as tf
    >>> tf.strings.regex_replace("a1b22", "[0-9]+", "#").numpy()
    b'a#b#'
    """
    form = pattern_of("tf.strings.regex_replace", _as_bytes(pattern))
    new, count = rewriter(_as_bytes(rewrite)), 0 if replace_global else 1

    def change(item: bytes) -> bytes:
        text = item.decode("utf-8", "surrogateescape")
        return form.sub(new, text, count).encode("utf-8", "surrogateescape")

    found: EagerTensor = _each("tf.strings.regex_replace", input, change)
    return found


def regex_full_match(input: TensorLike, pattern: str, name: str | None = None) -> EagerTensor:
    """Whether a regular expression matches the whole of each text.

    >>> import tensorlet as tf
    >>> tf.strings.regex_full_match(["ab", "abc"], "a.").numpy()
    array([ True, False])
    """
    form = pattern_of("tf.strings.regex_full_match", _as_bytes(pattern))
    found: EagerTensor = _each(
        "tf.strings.regex_full_match", input,
        lambda item: form.fullmatch(item.decode("utf-8", "surrogateescape")) is not None, bool,
    )  # fmt: skip
    return found


def _as_bytes(text: object) -> bytes:
    return text_array("tf.strings", text).item()


def to_number(input: TensorLike, out_type: DTypeLike = float32, name: str | None = None) -> EagerTensor:
    """The numbers that texts spell.

    Args:
        input: text.
        out_type: float32, float64, int32 or int64.
        name: ignored.

    Raises:
        InvalidArgumentError: for text that is not such a number.

    >>> import tensorlet as tf
    >>> tf.strings.to_number(["1.5", "-2"]).numpy()
    array([ 1.5, -2. ], dtype=float32)
    """
    dtype = as_dtype(out_type)
    read: Callable[[bytes], Any] = float if dtype.is_floating else int

    def number(item: bytes) -> Any:
        try:
            return read(item)
        except ValueError:
            raise InvalidArgumentError(
                f"tf.strings.to_number: {item.decode(errors='replace')!r} is not a number of type {dtype.name}."
            ) from None

    found: EagerTensor = _each("tf.strings.to_number", input, number, dtype.numpy)
    return found


def to_hash_bucket_fast(input: TensorLike, num_buckets: int, name: str | None = None) -> EagerTensor:
    """A number from 0 to ``num_buckets - 1`` for each text, which depends only on the text.

    Source: G. Pike, FarmHash, 2014 (``Fingerprint64``).

    >>> import tensorlet as tf
    >>> tf.strings.to_hash_bucket_fast(["Hello", "TensorFlow", "2.x"], 3).numpy()
    array([0, 2, 2])
    """
    if num_buckets < 1:
        raise InvalidArgumentError(
            f"tf.strings.to_hash_bucket_fast: num_buckets is {num_buckets}, but must be 1 or more."
        )
    found: EagerTensor = _each(
        "tf.strings.to_hash_bucket_fast", input, lambda item: fingerprint64(item) % num_buckets, np.int64
    )
    return found
