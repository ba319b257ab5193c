"""Draws the rooms of the package and the imports between them, as ``docs/rooms.svg``.

    python tools/draw_rooms.py            writes the picture
    python tools/draw_rooms.py --check    checks whether the picture is up to date

The order of the rows is that of `import_rules.ROOMS`; the arrows are the imports that `check_imports` finds. An
arrow is omitted where a longer path leads to the same room, so the picture shows which rooms can be reached.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping
from html import escape
from typing import NamedTuple

from check_imports import CHECKOUT, PACKAGE, Source, part_of, read_package
from import_rules import ROOMS

PICTURE = CHECKOUT / "docs" / "rooms.svg"
#: Sizes in pixels.
BOX_HEIGHT, ROW_HEIGHT, GAP, MARGIN, LETTER = 30, 66, 26, 24, 8.0
STYLE = """
  svg { font: 14px system-ui, sans-serif; }
  .paper { fill: #ffffff; } text { fill: #1f2328; } .title { font-weight: 600; font-size: 16px; }
  .box { fill: #eef3fb; stroke: #4a6fa5; } .arrow { stroke: #7d8590; fill: none; } .tip { fill: #7d8590; }
  @media (prefers-color-scheme: dark) {
    .paper { fill: #0d1117; } text { fill: #e6edf3; }
    .box { fill: #1b2a41; stroke: #7aa2d9; } .arrow { stroke: #8b949e; } .tip { fill: #8b949e; }
  }
"""


class Box(NamedTuple):
    """One room in the picture: its left edge, its upper edge and its width."""

    x: float
    y: float
    width: float

    @property
    def middle(self) -> float:
        """The horizontal center."""
        return self.x + self.width / 2


def arrows(sources: Mapping[str, Source], room: str) -> dict[str, set[str]]:
    """The parts of a room that each of its parts imports, without those that it reaches through another one."""
    parts = {part for row in ROOMS[room] for part in row}
    found: dict[str, set[str]] = {part: set() for part in parts}
    for source in sources.values():
        here = part_of(source.module, room)
        if here in parts:
            found[here] |= {part_of(one.module, room) for one in source.imports} & parts - {here}
    return {part: direct - reached(found, direct) for part, direct in found.items()}


def reached(graph: Mapping[str, set[str]], starts: Iterable[str]) -> set[str]:
    """Everything that can be reached from the starts, without the starts unless another one leads to them.

    >>> sorted(reached({"a": {"b"}, "b": {"c"}, "c": set()}, ["a"]))
    ['b', 'c']
    """
    found: set[str] = set()
    waiting = [child for start in starts for child in graph[start]]
    while waiting:
        one = waiting.pop()
        if one not in found:
            found.add(one)
            waiting += graph[one]
    return found


def boxes_of(rows: Iterable[tuple[str, ...]], left: float, top: float) -> dict[str, Box]:
    """The box of each part: the last row at the top, the parts of a row side by side and centered."""
    rows = [row for row in reversed(list(rows)) if row]
    widths = [[LETTER * len(part) + 24 for part in row] for row in rows]
    whole = max(sum(row) + GAP * (len(row) - 1) for row in widths)
    boxes = {}
    for number, (row, row_widths) in enumerate(zip(rows, widths, strict=True)):
        x = left + (whole - sum(row_widths) - GAP * (len(row) - 1)) / 2
        for part, width in zip(row, row_widths, strict=True):
            boxes[part] = Box(x, top + number * ROW_HEIGHT, width)
            x += width + GAP
    return boxes


def drawn(title: str, boxes: Mapping[str, Box], links: Mapping[str, set[str]]) -> list[str]:
    """The SVG of one room: its title, the arrows, and the boxes over them."""
    left = min(box.x for box in boxes.values())
    top = min(box.y for box in boxes.values())
    lines = [f'<text class="title" x="{left:.0f}" y="{top - 16:.0f}">{escape(title)}</text>']
    for part in sorted(links):
        for other in sorted(links[part] & boxes.keys()):
            if part in boxes:
                lines.append(arrow(boxes[part], boxes[other]))
    for part in sorted(boxes):
        box = boxes[part]
        lines.append(
            f'<rect class="box" x="{box.x:.0f}" y="{box.y:.0f}" width="{box.width:.0f}" height="{BOX_HEIGHT}" rx="5"/>'
        )
        lines.append(
            f'<text x="{box.middle:.0f}" y="{box.y + 20:.0f}" text-anchor="middle">{escape(part)}</text>'
        )
    return lines


def arrow(upper: Box, lower: Box) -> str:
    """A curve from the lower edge of one box to the upper edge of another one."""
    x1, y1, x2, y2 = upper.middle, upper.y + BOX_HEIGHT, lower.middle, lower.y - 2
    bend = (y2 - y1) / 2
    return (
        f'<path class="arrow" marker-end="url(#tip)" '
        f'd="M{x1:.0f} {y1:.0f} C{x1:.0f} {y1 + bend:.0f} {x2:.0f} {y2 - bend:.0f} {x2:.0f} {y2:.0f}"/>'
    )


def picture(sources: Mapping[str, Source]) -> str:
    """The whole picture: the package on the left, Keras on the right."""
    hidden = {"_native", "__init__", "__main__"}
    rows = [tuple(part for part in row if part not in hidden) for row in ROOMS[PACKAGE]]
    house = boxes_of(rows, MARGIN, 60)
    right = max(box.x + box.width for box in house.values())
    keras = boxes_of(ROOMS[f"{PACKAGE}.keras"], right + 3 * MARGIN, 60)
    every = [*house.values(), *keras.values()]
    width = max(box.x + box.width for box in every) + MARGIN
    height = max(box.y for box in every) + BOX_HEIGHT + MARGIN
    body = [
        *drawn(PACKAGE, house, arrows(sources, PACKAGE)),
        *drawn(f"{PACKAGE}.keras", keras, arrows(sources, f"{PACKAGE}.keras")),
    ]
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:.0f} {height:.0f}" role="img">',
            "<title>The rooms of Tensorlet: each imports only from the rooms below it</title>",
            f"<style>{STYLE}</style>",
            '<defs><marker id="tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto">'
            '<path class="tip" d="M0 0 L8 4 L0 8 z"/></marker></defs>',
            f'<rect class="paper" width="{width:.0f}" height="{height:.0f}"/>',
            *body,
            "</svg>\n",
        ]
    )


def main(arguments: list[str]) -> int:
    """Writes or checks the picture; returns 1 if it is out of date."""
    svg = picture(read_package(CHECKOUT / "python"))
    if "--check" not in arguments:
        PICTURE.write_text(svg, encoding="utf-8")
        return 0
    if PICTURE.is_file() and PICTURE.read_text(encoding="utf-8") == svg:
        print("the picture of the rooms is up to date")
        return 0
    print(f"{PICTURE.relative_to(CHECKOUT)} is out of date. Run: python tools/draw_rooms.py")
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
