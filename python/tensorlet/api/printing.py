"""``tf.print``."""

from __future__ import annotations

import sys
from contextlib import AbstractContextManager, nullcontext
from typing import Any, TextIO

import numpy as np

from tensorlet.core import effects
from tensorlet.core.tensor import Operators
from tensorlet.errors import InvalidArgumentError
from tensorlet.ops.registry import convert

#: The start of ``output_stream`` that names a file.
_FILE = "file://"
#: Maps the size of a float in bytes to the numbers of significant digits to try, in order.
_FLOAT_DIGITS = {2: (6, 9), 4: (6, 9), 8: (15, 17)}


def print(
    *inputs: Any,
    output_stream: TextIO | str | None = None,
    summarize: int = 3,
    sep: str = " ",
    end: str = "\n",
    name: str | None = None,
) -> None:
    """Prints values, tensors as numbers only, by default to standard error.

    In a ``tf.function``, and in the steps of ``fit``, it prints each time that the function runs: after the step, in
    the order of the calls; in a branch or a loop on tensors, where it stands.

    Args:
        inputs: tensors, variables, numbers, strings, or lists, tuples and dictionaries of these.
        output_stream: a text stream such as ``sys.stdout``, ``"file://"`` and the path of a file that the text is
            added to, or None for ``sys.stderr``.
        summarize: the number of elements to show at both ends of each axis; -1 for all.
        sep: the separator of the inputs.
        end: the end of the output.
        name: ignored.

    >>> import sys
    >>> import tensorlet as tf
    >>> tf.print("w =", tf.constant([0.5, 2.0]), output_stream=sys.stdout)
    w = [0.5 2]
    >>> tf.print(tf.range(10), output_stream=sys.stdout)
    [0 1 2 ... 7 8 9]
    """
    if isinstance(output_stream, str) and not output_stream.startswith(_FILE):
        raise TypeError(
            f"tf.print: output_stream is {output_stream!r}, expected a text stream such as sys.stdout, or "
            f"'{_FILE}' and the path of a file."
        )

    def write(values: Any) -> None:
        shown = [value if isinstance(value, str) else _text(value, summarize, 0) for value in values]
        if (
            len(values) == 1
            and isinstance(values[0], Operators)
            and not values[0].shape
            and shown[0][:1] == '"'
        ):
            shown = [
                np.asarray(convert(values[0])).item().decode(errors="replace")
            ]  # one text by itself has no quotes
        with _stream(output_stream) as stream:
            stream.write(sep.join(shown) + end)
            stream.flush()

    effects.run("tf.print", write, list(inputs))


def _stream(output_stream: TextIO | str | None) -> AbstractContextManager[TextIO]:
    if isinstance(output_stream, str):
        return open(output_stream.removeprefix(_FILE), "a", encoding="utf-8")
    return nullcontext(sys.stderr if output_stream is None else output_stream)


def _text(value: object, summarize: int, depth: int) -> str:
    if isinstance(value, Operators):
        return _array_text(np.asarray(convert(value)), summarize)
    if isinstance(value, dict):
        pairs = (f"{key!r}: {_text(one, summarize, depth + 1)}" for key, one in value.items())
        return "{" + ", ".join(pairs) + "}"
    if isinstance(value, list | tuple):
        inner = ", ".join(_text(one, summarize, depth + 1) for one in value)
        if isinstance(value, list):
            return f"[{inner}]"
        return f"({inner},)" if len(value) == 1 else f"({inner})"
    return repr(value) if depth or isinstance(value, np.ndarray) else str(value)


def _array_text(array: np.ndarray, summarize: int) -> str:
    if array.ndim == 0:
        return _number_text(array if array.dtype.kind != "O" else array.item())
    return _axis_text(array, summarize if summarize >= 0 else array.size, 1)


def _axis_text(array: np.ndarray, ends: int, indent: int) -> str:
    """Formats elements in brackets, separated by spaces, or by as many line breaks as they have axes."""
    length = len(array)
    shown = range(length) if length <= 2 * ends else [*range(ends), None, *range(length - ends, length)]
    separator = " " if array.ndim == 1 else "\n" * (array.ndim - 1) + " " * indent
    parts = []
    for index in shown:
        if index is None:
            parts.append("...")
        elif array.ndim == 1:
            parts.append(_number_text(array[index]))
        else:
            parts.append(_axis_text(array[index], ends, indent + 1))
    return "[" + separator.join(parts) + "]"


def _number_text(number: np.ndarray | bytes) -> str:
    """Returns the shortest decimal that restores the same number, without a point for integers; text in quotes."""
    if isinstance(number, bytes):
        return f'"{number.decode(errors="replace")}"'
    number = np.asarray(number)
    if number.dtype.kind != "f":
        return str(int(number)) if number.dtype.kind in "biu" else str(number)
    short, long = (f"{float(number):.{digits}g}" for digits in _FLOAT_DIGITS[number.dtype.itemsize])
    precise = np.float64 if number.dtype.itemsize == 8 else np.float32
    return short if precise(short) == precise(number) else long


def format_text(
    template: str, inputs: object, placeholder: str = "{}", summarize: int = 3, name: str | None = None
) -> Any:
    """Replaces each ``{}`` in a template by a tensor: `tf.strings.format`.

    >>> import tensorlet as tf
    >>> tf.strings.format("x is {}, y is {}", (tf.constant([1, 2]), 3)).numpy()
    b'x is [1 2], y is 3'
    """
    values = list(inputs) if isinstance(inputs, list | tuple) else [inputs]
    pieces = template.split(placeholder)
    if len(pieces) - 1 != len(values):
        raise InvalidArgumentError(
            f"tf.strings.format: the template has {len(pieces) - 1} places ({placeholder}), but got {len(values)} "
            "inputs."
        )
    arrays = [np.asarray(convert(value)) for value in values]
    shown = [_array_text(array, summarize) if array.ndim else _number_text(array[()]) for array in arrays]
    return convert("".join(before + text for before, text in zip(pieces, [*shown, ""], strict=True)))
