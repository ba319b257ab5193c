"""The drawing of ``tf.keras.utils.plot_model``: boxes of layers and arrows, as SVG, PNG or PDF."""

from __future__ import annotations

import itertools
import os
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from tensorlet.formats.atomic import replace_atomically
from tensorlet.visualize import svg
from tensorlet.visualize.layout import Arrow, Box, lay_out
from tensorlet.visualize.model_cards import Card

MARGIN, PADDING, ROW, HEADER = 20.0, 12.0, 20.0, 26.0
NAME_SIZE, ROW_SIZE = 13.0, 12.0
#: The margin around the boxes of a nested model, with its name in the upper margin.
FRAME, FRAME_TOP = 11.0, 21.0
HEAD_FILL, FRAME_LINE = "#e6e6e6", "#777777"
HEAD_LENGTH, HEAD_WIDTH = 9.0, 7.0
#: Units per inch, as in CSS.
INCH = 96.0

Point = tuple[float, float]


@dataclass
class Rectangle:
    """A box with corners at (x, y) and (x + width, y + height)."""

    x: float
    y: float
    width: float
    height: float
    fill: str = svg.PAPER
    line: str = svg.INK
    dashed: bool = False


@dataclass
class Text:
    """A line of text whose baseline starts (or is centered, or ends) at (x, y)."""

    x: float
    y: float
    content: str
    size: float = NAME_SIZE
    bold: bool = False
    anchor: str = "start"


@dataclass
class Curve:
    """An arrow: a point, then three points for each cubic Bézier curve, with a head at the last one."""

    points: list[Point]


@dataclass
class Drawing:
    """A finished drawing: its parts in drawing order.

    Attributes:
        width, height: the size in units of 1/96 inch.
    """

    title: str
    width: float
    height: float
    parts: list[Any]

    @property
    def svg(self) -> str:
        """Returns the text of an SVG file."""
        return svg.document(self.width, self.height, self.title, [_svg_part(part) for part in self.parts])

    def _repr_html_(self) -> str:
        return svg.scrolling(self.svg, self.title)

    def _repr_svg_(self) -> str:
        return self.svg


def draw(cards: Sequence[Card], links: Sequence[tuple[int, int]], direction: str, title: str) -> Drawing:
    """Places the cards and draws them.

    Args:
        cards: the cards in topological order.
        links: pairs of positions.
        direction: "TB", "BT", "LR" or "RL".
        title: the alternative text of the drawing.
    """
    sizes = [_size(card) for card in cards]
    level = direction in ("LR", "RL")
    # The columns of the layout go from left to right; for other directions it is transposed and mirrored.
    turned = [size if level else size[::-1] for size in sizes]
    boxes = [Box(key, *size) for key, size in enumerate(_with_frames(cards, turned))]
    arrows = [Arrow(*link) for link in links]
    layout = lay_out(boxes, arrows, lambda key: (0.0, 0.0), widest=float("inf"))
    mirrored = direction in ("BT", "RL")

    def place(x: float, y: float) -> Point:
        x = layout.width - x if mirrored else x
        return (x, y) if level else (y, x)

    corners = {}
    for box in layout.boxes:
        card_height = turned[box.key][1]
        corners[box.key] = place(
            box.x + (box.width if mirrored else 0.0), box.y + (box.height - card_height) / 2
        )
    frames = _frames(cards, corners, sizes)
    parts: list[Any] = [part for frame in frames for part in frame]
    for arrow in layout.arrows:
        parts.append(Curve(_bent([place(*point) for point in arrow.points], level)))
    for key, card in enumerate(cards):
        parts += _card_parts(card, *corners[key], *sizes[key])
    return _fitted(title, parts, corners, sizes)


def _size(card: Card) -> tuple[float, float]:
    heading = svg.text_width(card.kind, NAME_SIZE, bold=not card.name)
    if card.name:
        heading += svg.text_width(card.name, NAME_SIZE, bold=True) + 2 * PADDING
    labels = max((svg.text_width(label, ROW_SIZE) for label, _ in card.rows), default=0.0)
    texts = max((svg.text_width(text, ROW_SIZE) for _, text in card.rows), default=0.0)
    rows = labels + texts + PADDING if card.rows else 0.0
    return max(heading, rows, 70.0) + 2 * PADDING, HEADER + ROW * len(card.rows) + (6.0 if card.rows else 0.0)


def _with_frames(cards: Sequence[Card], sizes: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    """Returns the sizes with space for frames: boxes in one frame get the same height, so that arrows pass outside."""
    result = list(sizes)
    groups = {card.groups[: depth + 1] for card in cards for depth in range(len(card.groups))}
    for group in sorted(groups, key=len, reverse=True):
        inside = [key for key, card in enumerate(cards) if card.groups[: len(group)] == group]
        height = max(result[key][1] for key in inside) + 2 * FRAME
        for key in inside:
            result[key] = (result[key][0], height)
    return result


def _card_parts(card: Card, x: float, y: float, width: float, height: float) -> list[Any]:
    """Draws a header with the name and class, and the rows below it."""
    parts: list[Any] = [Rectangle(x, y, width, height), Rectangle(x, y, width, HEADER, HEAD_FILL)]
    base = y + HEADER / 2 + NAME_SIZE * 0.36
    if card.name:
        parts.append(Text(x + PADDING, base, card.name, bold=True))
        parts.append(Text(x + width - PADDING, base, card.kind, anchor="end"))
    else:
        parts.append(Text(x + width / 2, base, card.kind, bold=True, anchor="middle"))
    for number, (label, text) in enumerate(card.rows):
        base = y + HEADER + 3.0 + ROW * number + ROW / 2 + ROW_SIZE * 0.36
        parts.append(Text(x + PADDING, base, label, ROW_SIZE))
        parts.append(Text(x + width - PADDING, base, text, ROW_SIZE, anchor="end"))
    return parts


def _frames(
    cards: Sequence[Card], corners: dict[int, Point], sizes: Sequence[tuple[float, float]]
) -> list[list[Any]]:
    """Draws a dashed frame around the boxes of each nested model, outermost first."""
    groups = sorted(
        {card.groups[: depth + 1] for card in cards for depth in range(len(card.groups))}, key=len
    )
    deepest = len(groups[-1]) if groups else 0
    frames = []
    for group in groups:
        inside = [key for key, card in enumerate(cards) if card.groups[: len(group)] == group]
        around = FRAME * (1 + deepest - len(group))
        left = min(corners[key][0] for key in inside) - around
        top = (
            min(corners[key][1] for key in inside) - around - (FRAME_TOP - FRAME) * (1 + deepest - len(group))
        )
        right = max(corners[key][0] + sizes[key][0] for key in inside) + around
        bottom = max(corners[key][1] + sizes[key][1] for key in inside) + around
        frames.append(
            [
                Rectangle(left, top, right - left, bottom - top, "none", FRAME_LINE, dashed=True),
                Text(left + 6.0, top + 14.0, group[-1], ROW_SIZE),
            ]
        )
    return frames


def _bent(points: Sequence[Point], level: bool) -> list[Point]:
    """Returns curves through pairs of points that start and end in the direction of the arrows."""
    path = [points[0]]
    for (x, y), (to_x, to_y) in itertools.pairwise(points):
        bend_x, bend_y = (x + to_x) / 2, (y + to_y) / 2
        path += [(bend_x, y), (bend_x, to_y)] if level else [(x, bend_y), (to_x, bend_y)]
        path.append((to_x, to_y))
    return path


def _fitted(
    title: str, parts: list[Any], corners: dict[int, Point], sizes: Sequence[tuple[float, float]]
) -> Drawing:
    """Moves all parts so that the drawing starts at (0, 0), with a margin."""
    xs = [x for part in parts for x, _ in _points(part)]
    ys = [y for part in parts for _, y in _points(part)]
    left, top = min(xs, default=0.0) - MARGIN, min(ys, default=0.0) - MARGIN
    for part in parts:
        if isinstance(part, Curve):
            part.points = [(x - left, y - top) for x, y in part.points]
        else:
            part.x, part.y = part.x - left, part.y - top
    width, height = max(xs, default=0.0) - left + MARGIN, max(ys, default=0.0) - top + MARGIN
    return Drawing(title, width, height, parts)


def _points(part: Rectangle | Text | Curve) -> list[Point]:
    if isinstance(part, Curve):
        return part.points
    if isinstance(part, Rectangle):
        return [(part.x, part.y), (part.x + part.width, part.y + part.height)]
    return []


def _head(points: Sequence[Point]) -> list[Point]:
    """Returns the triangle at the end of a curve: its tip, and the two other corners."""
    (x, y), (from_x, from_y) = points[-1], points[-2]
    length = ((x - from_x) ** 2 + (y - from_y) ** 2) ** 0.5 or 1.0
    along_x, along_y = (x - from_x) / length, (y - from_y) / length
    back_x, back_y = x - HEAD_LENGTH * along_x, y - HEAD_LENGTH * along_y
    side_x, side_y = -along_y * HEAD_WIDTH / 2, along_x * HEAD_WIDTH / 2
    return [(x, y), (back_x + side_x, back_y + side_y), (back_x - side_x, back_y - side_y)]


def _svg_part(part: Rectangle | Text | Curve) -> str:
    n = svg.number
    if isinstance(part, Rectangle):
        dashes = ' stroke-dasharray="5 3"' if part.dashed else ""
        return (
            f'<rect x="{n(part.x)}" y="{n(part.y)}" width="{n(part.width)}" height="{n(part.height)}" '
            f'fill="{part.fill}" stroke="{part.line}" stroke-width="1.2"{dashes}/>'
        )
    if isinstance(part, Text):
        return svg.text(part.x, part.y, part.content, size=part.size, bold=part.bold, anchor=part.anchor)
    path = f"M{n(part.points[0][0])} {n(part.points[0][1])}"
    for index in range(1, len(part.points), 3):
        path += "C" + " ".join(f"{n(x)} {n(y)}" for x, y in part.points[index : index + 3])
    corners = " ".join(f"{n(x)},{n(y)}" for x, y in _head(part.points))
    return (
        f'<path d="{path}" fill="none" stroke="{svg.QUIET}" stroke-width="1.2"/>'
        f'<polygon points="{corners}" fill="{svg.QUIET}"/>'
    )


def save(drawing: Drawing, path: str, dpi: float) -> None:
    """Saves the drawing; the extension of the file selects the format, PNG if there is none.

    Raises:
        ImportError: for a format other than SVG without matplotlib.
    """
    ending = os.path.splitext(path)[1].lower().removeprefix(".") or "png"
    if ending == "svg":
        with replace_atomically(path) as temporary:
            temporary.write_text(drawing.svg, encoding="utf-8")
        return
    figure = _figure(drawing, path)
    with replace_atomically(path) as temporary:
        figure.savefig(temporary, format=ending, dpi=dpi)


def _figure(drawing: Drawing, path: str) -> Any:
    """Returns the drawing as a matplotlib figure, with 96 units per inch."""
    try:
        from matplotlib import patches
        from matplotlib.figure import Figure
        from matplotlib.path import Path as Curves
    except ImportError as error:
        raise ImportError(
            f"plot_model: '{path}' requires matplotlib, which could not be imported ({error}). Install it: "
            "pip install 'tensorlet[plot]'; or write to_file='model.svg', which does not require it."
        ) from error
    figure = Figure(figsize=(drawing.width / INCH, drawing.height / INCH))
    axes = figure.add_axes((0, 0, 1, 1))
    axes.set_axis_off()
    axes.set_xlim(0, drawing.width)
    axes.set_ylim(drawing.height, 0)
    point = 72.0 / INCH
    for part in drawing.parts:
        if isinstance(part, Rectangle):
            style = (0, (5, 3)) if part.dashed else "solid"
            axes.add_patch(
                patches.Rectangle(
                    (part.x, part.y), part.width, part.height, facecolor=part.fill, edgecolor=part.line,
                    linewidth=1.2 * point, linestyle=style,
                )
            )  # fmt: skip
        elif isinstance(part, Text):
            axes.text(
                part.x, part.y, part.content, fontsize=part.size * point, weight="bold" if part.bold else "normal",
                ha={"start": "left", "middle": "center", "end": "right"}[part.anchor], va="baseline",
                color=svg.INK, parse_math=False,
            )  # fmt: skip
        else:
            codes = [Curves.MOVETO, *[Curves.CURVE4] * (len(part.points) - 1)]
            axes.add_patch(
                patches.PathPatch(
                    Curves(part.points, codes), facecolor="none", edgecolor=svg.QUIET, linewidth=1.2 * point
                )
            )
            axes.add_patch(patches.Polygon(_head(part.points), closed=True, color=svg.QUIET, linewidth=0))
    return figure
