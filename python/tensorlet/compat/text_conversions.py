"""`tf.compat.as_text` and its relatives: text and bytes, from when Python 2 and 3 were supported together."""

from __future__ import annotations

#: The functions of `tf.compat` that are here.
NAMES = ("as_bytes", "as_str", "as_str_any", "as_text")


def as_bytes(bytes_or_text: str | bytes | bytearray, encoding: str = "utf-8") -> bytes:
    """Text as bytes; bytes stay as they are.

    >>> import tensorlet as tf
    >>> tf.compat.as_bytes("né")
    b'n\\xc3\\xa9'
    """
    if isinstance(bytes_or_text, str):
        return bytes_or_text.encode(encoding)
    if isinstance(bytes_or_text, bytes | bytearray):
        return bytes(bytes_or_text)
    raise TypeError(
        f"tf.compat.as_bytes: text or bytes are expected, but got {bytes_or_text!r}. Write str(x)."
    )


def as_text(bytes_or_text: str | bytes | bytearray, encoding: str = "utf-8") -> str:
    """Bytes as text; text stays as it is.

    >>> import tensorlet as tf
    >>> tf.compat.as_text(b"abc")
    'abc'
    """
    if isinstance(bytes_or_text, str):
        return bytes_or_text
    if isinstance(bytes_or_text, bytes | bytearray):
        return bytes_or_text.decode(encoding)
    raise TypeError(
        f"tf.compat.as_text: text or bytes are expected, but got {bytes_or_text!r}. Write str(x)."
    )


as_str = as_text


def as_str_any(value: object, encoding: str = "utf-8") -> str:
    """Bytes as text, anything else as `str` writes it.

    >>> import tensorlet as tf
    >>> tf.compat.as_str_any(b"abc"), tf.compat.as_str_any(3)
    ('abc', '3')
    """
    return as_text(bytes(value), encoding) if isinstance(value, bytes | bytearray) else str(value)
