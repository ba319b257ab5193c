"""`tf.strings`: runs of words, characters as numbers, hashes with a key; and text in base 64."""

from __future__ import annotations

import base64
import itertools
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from tensorlet.core.eager import EAGER
from tensorlet.core.ragged_tensor import RaggedTensor, from_row_lengths
from tensorlet.core.tensor import EagerTensor
from tensorlet.core.text import text_array
from tensorlet.dtypes import as_dtype
from tensorlet.errors import InvalidArgumentError
from tensorlet.formats.string_hashes import hash64, siphash

if TYPE_CHECKING:
    from tensorlet.ops.registry import TensorLike
    from tensorlet.type_aliases import DTypeLike


def _mapped(function: str, value: TensorLike, change: Any, dtype: Any = object) -> EagerTensor:
    array = text_array(function, value)
    result = np.empty(array.size, dtype)
    result[:] = [change(item) for item in array.reshape(-1).tolist()]
    return EagerTensor(result.reshape(array.shape))


def _texts(items: Sequence[bytes]) -> EagerTensor:
    found = np.empty(len(items), object)
    found[:] = items
    return EagerTensor(found)


def ngrams(
    data: Any, ngram_width: int | Sequence[int], separator: str = " ", pad_values: Any = None,
    padding_width: int | None = None, preserve_short_sequences: bool = False, name: str | None = None,
) -> Any:  # fmt: skip
    """Runs of words, joined.

    Args:
        data: words, along the last axis of a tensor, or in the rows of a ragged tensor.
        ngram_width: the length of the runs, or several lengths.
        separator: between words.
        pad_values: a word, or a pair of words, that are put before and after each row.
        padding_width: how many of them; by default one less than the length of the runs.
        preserve_short_sequences: whether a row that is too short becomes one run.
        name: ignored.

    >>> import tensorlet as tf
    >>> tf.strings.ngrams(tf.constant(["a", "b", "c"]), 2).numpy().tolist()
    [b'a b', b'b c']
    """
    widths = [ngram_width] if isinstance(ngram_width, int) else list(ngram_width)
    pads = (
        None
        if pad_values is None
        else (pad_values,) * 2
        if isinstance(pad_values, str)
        else tuple(pad_values)
    )
    between = separator.encode()

    def runs(row: list[bytes]) -> list[bytes]:
        found: list[bytes] = []
        for width in widths:
            extra = (
                0 if pads is None else min(width - 1, width - 1 if padding_width is None else padding_width)
            )
            whole = [pads[0].encode()] * extra + row + [pads[1].encode()] * extra if pads else row
            found += [between.join(whole[at : at + width]) for at in range(len(whole) - width + 1)]
        if not found and preserve_short_sequences and row:
            found = [between.join(row)]
        return found

    if isinstance(data, RaggedTensor):
        flat = text_array("tf.strings.ngrams", data.flat_values).tolist()
        ends = np.asarray(data.row_splits).tolist()
        rows = [runs(flat[start:end]) for start, end in itertools.pairwise(ends)]
        return from_row_lengths(_texts([one for row in rows for one in row]), [len(row) for row in rows])
    array = text_array("tf.strings.ngrams", data)
    if array.ndim == 0:
        raise InvalidArgumentError(
            "tf.strings.ngrams got one text, but words are expected: tf.strings.split(text)."
        )
    rows = [runs(row) for row in array.reshape(-1, array.shape[-1]).tolist()]
    return EagerTensor(np.array(rows, object).reshape(*array.shape[:-1], -1))


def unicode_decode(
    input: TensorLike, input_encoding: str, errors: str = "replace", replacement_char: int = 65533,
    replace_control_characters: bool = False, name: str | None = None,
) -> Any:  # fmt: skip
    """The characters of each text as numbers: a tensor for one text, a ragged tensor for several.

    >>> import tensorlet as tf
    >>> tf.strings.unicode_decode("né", "UTF-8").numpy()
    array([110, 233], dtype=int32)
    """
    array = text_array("tf.strings.unicode_decode", input)
    rows = [[ord(one) for one in item.decode(input_encoding, errors)] for item in array.reshape(-1).tolist()]
    flat = EagerTensor(np.array([one for row in rows for one in row], np.int32))
    return flat if array.ndim == 0 else from_row_lengths(flat, [len(row) for row in rows])


def unicode_encode(
    input: Any,
    output_encoding: str,
    errors: str = "replace",
    replacement_char: int = 65533,
    name: str | None = None,
) -> EagerTensor:
    """Numbers of characters as texts; the inverse of `unicode_decode`.

    >>> import tensorlet as tf
    >>> tf.strings.unicode_encode([110, 233], "UTF-8").numpy().decode()
    'né'
    """
    coded = {"UTF-16-BE": "utf-16-be", "UTF-32-BE": "utf-32-be"}.get(output_encoding, output_encoding)
    if isinstance(input, RaggedTensor):
        return _texts(["".join(map(chr, row)).encode(coded) for row in input.to_list()])
    array = np.asarray(EAGER.convert(input))
    texts = ["".join(map(chr, row)).encode(coded) for row in array.reshape(-1, array.shape[-1]).tolist()]
    return EagerTensor(np.array(texts[0], object)) if array.ndim == 1 else _texts(texts)


def unicode_transcode(
    input: TensorLike, input_encoding: str, output_encoding: str, errors: str = "replace",
    replacement_char: int = 65533, replace_control_characters: bool = False, name: str | None = None,
) -> EagerTensor:  # fmt: skip
    """Texts in another encoding, such as from ``"UTF-16-BE"`` to ``"UTF-8"``."""
    return _mapped(
        "tf.strings.unicode_transcode", input,
        lambda item: item.decode(input_encoding, errors).encode(output_encoding, errors),
    )  # fmt: skip


def to_hash_bucket(input: TensorLike, num_buckets: int, name: str | None = None) -> EagerTensor:
    """A number from 0 to ``num_buckets - 1`` for each text, by the older hash of TensorFlow.

    >>> import tensorlet as tf
    >>> tf.strings.to_hash_bucket(["a", "b"], 10).numpy()
    array([8, 0])
    """
    return _mapped("tf.strings.to_hash_bucket", input, lambda item: hash64(item) % num_buckets, np.int64)


def to_hash_bucket_strong(
    input: TensorLike, num_buckets: int, key: Sequence[int], name: str | None = None
) -> EagerTensor:
    """A number from 0 to ``num_buckets - 1`` for each text, by SipHash with a key of two integers.

    >>> import tensorlet as tf
    >>> tf.strings.to_hash_bucket_strong(["a", "b"], 10, [1, 2]).numpy()
    array([6, 4])
    """
    pair = (int(key[0]), int(key[1]))
    return _mapped(
        "tf.strings.to_hash_bucket_strong", input, lambda item: siphash(item, pair) % num_buckets, np.int64
    )


def encode_base64(input: TensorLike, pad: bool = False, name: str | None = None) -> EagerTensor:
    """Bytes as text of letters, digits, ``-`` and ``_``.

    >>> import tensorlet as tf
    >>> tf.io.encode_base64("ab").numpy()
    b'YWI'
    """

    def change(item: bytes) -> bytes:
        found = base64.urlsafe_b64encode(item)
        return found if pad else found.rstrip(b"=")

    return _mapped("tf.io.encode_base64", input, change)


def decode_base64(input: TensorLike, name: str | None = None) -> EagerTensor:
    """The bytes that `encode_base64` wrote.

    Raises:
        InvalidArgumentError: for other text.
    """

    def change(item: bytes) -> bytes:
        try:
            return base64.b64decode(
                item.rstrip(b"=") + b"=" * (-len(item.rstrip(b"=")) % 4), b"-_", validate=True
            )
        except ValueError as error:
            raise InvalidArgumentError(
                f"tf.io.decode_base64: {item!r} is not text in base 64 ({error})."
            ) from None

    return _mapped("tf.io.decode_base64", input, change)


def decode_raw(
    input_bytes: TensorLike, out_type: DTypeLike, little_endian: bool = True, fixed_length: int | None = None,
    name: str | None = None,
) -> EagerTensor:  # fmt: skip
    """The numbers whose bytes are in texts, along one more axis.

    Args:
        input_bytes: texts of one length.
        out_type: the dtype of the numbers.
        little_endian: the order of their bytes.
        fixed_length, name: ignored.

    Raises:
        InvalidArgumentError: if the texts are not that many whole numbers.

    >>> import tensorlet as tf
    >>> tf.io.decode_raw(tf.constant([bytes([1, 2])]), tf.uint8).numpy()
    array([[1, 2]], dtype=uint8)
    """
    array = text_array("tf.io.decode_raw", input_bytes)
    dtype = np.dtype(as_dtype(out_type).numpy)
    sizes = {len(item) for item in array.reshape(-1).tolist()}
    if len(sizes) > 1 or any(size % dtype.itemsize for size in sizes):
        raise InvalidArgumentError(
            f"tf.io.decode_raw: the texts have {sorted(sizes)} bytes, but one multiple of {dtype.itemsize} is expected."
        )
    raw = np.frombuffer(
        b"".join(array.reshape(-1).tolist()), dtype.newbyteorder("<" if little_endian else ">")
    )
    return EagerTensor(raw.astype(dtype).reshape(*array.shape, -1 if array.size else 0))
