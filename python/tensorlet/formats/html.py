"""What notebooks show of pictures, histories and models, as HTML without identifiers, scripts or other files.

Colours are those of the page, so that it is readable on dark pages too.
"""

from __future__ import annotations

import base64
import html
from collections.abc import Mapping, Sequence

import numpy as np

from tensorlet.formats.png import encode

#: The most pictures that are shown, and how many are in a row.
MOST_PICTURES, IN_A_ROW = 24, 8
#: Lengths of the sides of a picture, and the longest side over the shortest.
SIDES, MOST_STRETCHED = (8, 512), 3
#: The size of a panel with curves.
WIDTH, HEIGHT = 220, 90
_TRAINING, _VALIDATION = "#3a7cc4", "#d1662b"


def pictures_html(array: np.ndarray, title: str) -> str | None:
    """Pictures as one image; None if the array does not look like pictures.

    They have shape ``(rows, height, width)`` or ``(rows, height, width, channels)`` with 1, 3 or 4 channels, and bytes,
    or floats from 0 to 1.

    Args:
        array: any array.
        title: the line above.

    >>> import numpy as np
    >>> pictures_html(np.zeros((2, 28, 28), "uint8"), "two")[:30]
    '<div><div>two, 2 pictures</div'
    >>> pictures_html(np.zeros((2, 3)), "none") is None
    True
    """
    if array.ndim == 4 and array.shape[3] == 1:
        array = array[..., 0]
    if not _look_like_pictures(array):
        return None
    shown = array[:MOST_PICTURES]
    if shown.dtype != np.uint8:
        shown = (shown.astype(np.float32) * 255).round().astype(np.uint8)
    content = base64.b64encode(encode(_sheet(shown))).decode("ascii")
    count = len(array) if len(array) == len(shown) else f"{len(shown)} of {len(array):,}"
    rows = -(-len(shown) // IN_A_ROW)
    zoom = max(1, min(4, 560 // (min(len(shown), IN_A_ROW) * array.shape[2]), 420 // (rows * array.shape[1])))
    width = zoom * (min(len(shown), IN_A_ROW) * (array.shape[2] + 1) - 1)
    return (
        f"<div><div>{html.escape(title)}, {count} pictures</div>"
        f'<img alt="pictures" width="{width}" style="image-rendering: pixelated" '
        f'src="data:image/png;base64,{content}"></div>'
    )


def _look_like_pictures(array: np.ndarray) -> bool:
    coloured = array.ndim == 4 and array.shape[3] in (3, 4)
    if not (array.ndim == 3 or coloured) or not array.shape[0]:
        return False
    height, width = array.shape[1:3]
    if not all(SIDES[0] <= side <= SIDES[1] for side in (height, width)):
        return False
    if max(height, width) > MOST_STRETCHED * min(height, width):
        return False
    if array.dtype == np.uint8:
        return True
    some = array[:MOST_PICTURES]
    return array.dtype.kind == "f" and bool(some.min() >= 0 and 0.2 < some.max() <= 1)


def _sheet(pictures: np.ndarray) -> np.ndarray:
    """The pictures next to each other, a pixel apart, of shape (height, width, channels)."""
    pictures = pictures[..., None] if pictures.ndim == 3 else pictures
    count, height, width, channels = pictures.shape
    columns = min(count, IN_A_ROW)
    rows = -(-count // columns)
    sheet = np.full((rows * (height + 1) - 1, columns * (width + 1) - 1, channels), 128, np.uint8)
    for number, picture in enumerate(pictures):
        top, left = number // columns * (height + 1), number % columns * (width + 1)
        sheet[top : top + height, left : left + width] = picture
    return sheet


def history_html(history: Mapping[str, Sequence[object]]) -> str | None:
    """A small panel with the curve of each metric, that of the validation dashed; None without any epoch.

    >>> history_html({"loss": [2.0, 1.0], "val_loss": [2.5, 1.5]}).count("<polyline")
    2
    """
    curves = {name: _numbers(values) for name, values in history.items()}
    known = {name: values for name, values in curves.items() if values is not None}
    panels = []
    for name, values in known.items():
        if name.startswith("val_") and name[4:] in known:
            continue
        both = [(values, _TRAINING, "")]
        text = f"<b>{html.escape(name)}</b> {values[-1]:.4g}"
        if f"val_{name}" in known:
            both.append((known[f"val_{name}"], _VALIDATION, ' stroke-dasharray="4 3"'))
            text += f", validation {known[f'val_{name}'][-1]:.4g}"
        panels.append(
            f'<div style="display: inline-block; margin-right: 1.5em"><div>{text}</div>{_curves(both)}</div>'
        )
    if not panels:
        return None
    epochs = max(len(values) for values in known.values())
    return f"<div><div>{epochs} epoch{'s' * (epochs > 1)}</div>{''.join(panels)}</div>"


def _numbers(values: Sequence[object]) -> np.ndarray | None:
    try:
        found = np.asarray(values, dtype=np.float64)
    except (TypeError, ValueError):
        return None
    return found if found.ndim == 1 and found.size else None


def _curves(curves: Sequence[tuple[np.ndarray, str, str]]) -> str:
    together = np.concatenate([values for values, _, _ in curves])
    finite = together[np.isfinite(together)]
    low, high = (float(finite.min()), float(finite.max())) if finite.size else (0.0, 1.0)
    lines = []
    for values, colour, dashes in curves:
        across = np.linspace(4, WIDTH - 4, len(values)) if len(values) > 1 else np.array([WIDTH / 2])
        up = HEIGHT - 4 - (values - low) / (high - low or 1.0) * (HEIGHT - 8)
        points = " ".join(f"{x:.1f},{y:.1f}" for x, y in zip(across, up, strict=True) if np.isfinite(y))
        lines.append(
            f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="1.8" '
            f'stroke-linecap="round"{dashes}/>'
        )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{HEIGHT}" role="img">'
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="none" stroke="currentColor" stroke-opacity="0.25"/>'
        f"{''.join(lines)}</svg>"
    )


def table_html(title: str, head: Sequence[str], rows: Sequence[Sequence[str]], foot: str) -> str:
    """A table with a title and a line below.

    >>> table_html("t", ["a"], [["<1>"]], "end").count("&lt;1&gt;")
    1
    """
    cells = "".join(
        "<tr>" + "".join(f'<td style="text-align: left">{html.escape(cell)}</td>' for cell in row) + "</tr>"
        for row in rows
    )
    heads = "".join(f'<th style="text-align: left">{html.escape(cell)}</th>' for cell in head)
    return (
        f"<div><div><b>{html.escape(title)}</b></div><table><thead><tr>{heads}</tr></thead><tbody>{cells}</tbody></table>"
        f"<div>{html.escape(foot)}</div></div>"
    )
