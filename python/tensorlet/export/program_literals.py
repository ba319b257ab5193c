"""Arrays and shapes as Python source text."""

from __future__ import annotations

import base64
from collections.abc import Sequence

import numpy as np

#: Larger arrays, in elements, are stored in base64.
WRITTEN_OUT = 256
#: The width of the program in columns.
WIDTH = 110


def shape_text(shape: Sequence[int | None]) -> str:
    """Returns a shape as shown in comments.

    >>> from tensorlet.export.program_literals import shape_text
    >>> shape_text((None, 10)), shape_text((None,))
    ('(rows, 10)', '(rows,)')
    """
    texts = ["rows" if length is None else str(length) for length in shape]
    return f"({', '.join(texts)}{',' if len(texts) == 1 else ''})"


def packed_text(array: np.ndarray) -> str:
    """Returns an array as a call of the function ``unpacked``, with its bytes in base64."""
    little = array.astype(array.dtype.newbyteorder("<"), copy=False)
    packed = base64.b64encode(np.ascontiguousarray(little).tobytes()).decode("ascii")
    rows = "\n".join(packed[start : start + WIDTH] for start in range(0, len(packed), WIDTH))
    return f'unpacked({array.shape}, "{little.dtype.str}", """\n{rows}\n""")'


def array_text(array: np.ndarray, indent: str) -> str:
    """Returns an array as a call of ``np.array``, with the digits that its dtype needs, and long ones row by row.

    >>> import numpy as np
    >>> from tensorlet.export.program_literals import array_text
    >>> array_text(np.array([[0.1, 2.0]], np.float32), "")
    'np.array([[0.1, 2.0]], np.float32)'
    """
    flat = f"np.array({_nested(array)}, np.{array.dtype.name})"
    if len(flat) <= WIDTH - 30:
        return flat
    inner = f"\n{indent}    ".join(_nested_lines(array, WIDTH - len(indent) - 8))
    return f"np.array(\n{indent}    {inner},\n{indent}    np.{array.dtype.name},\n{indent})"


def _nested(array: np.ndarray) -> str:
    if array.ndim == 0:
        return _number(array)
    return f"[{', '.join(_nested(np.asarray(item)) for item in array)}]"


def _nested_lines(array: np.ndarray, width: int) -> list[str]:
    """Returns the lines of a nested list, broken between rows and, if these are long, between numbers."""
    if array.ndim > 1:
        lines = []
        for index, item in enumerate(array):
            inner = _nested_lines(item, width - 1)
            inner[-1] += "," if index + 1 < len(array) else "]"
            lines += inner
        return ["[" + lines[0], *(f" {line}" for line in lines[1:])]
    lines, current = [], "["
    for index, item in enumerate(array):
        text = _number(item) + (", " if index + 1 < len(array) else "]")
        if len(current) + len(text) > width:
            lines.append(current.rstrip())
            current = " "
        current += text
    return [*lines, current]


def _number(value: np.ndarray | np.generic) -> str:
    """Returns a number with the fewest digits that restore it exactly in its dtype."""
    scalar = np.asarray(value)[()]
    if scalar.dtype.kind == "f" and not np.isfinite(scalar):
        return f'float("{scalar}")'
    return str(scalar)
