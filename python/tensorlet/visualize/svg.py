"""Writing of SVG: measured and escaped text, boxes and arrows."""

from __future__ import annotations

import base64
import re
from collections.abc import Sequence

SIZE = 13.0
LINE = 17.0
#: The length and width of an arrowhead.
HEAD = 8.0
#: Drawings shrink to this share of their size, and keep their words readable.
READABLE = 0.7
FONT = "DejaVu Sans, Verdana, Helvetica, Arial, sans-serif"

#: Dark on white (contrast above 7:1) and distinguishable with color blindness; color is never the only distinction.
INK, QUIET, VALUE, GRADIENT, PAPER = "#111111", "#444444", "#003f7d", "#8a2f00", "#ffffff"

_NARROW = frozenset("iljtfrI.,:;'|!()[]{} /\\-·*")
_WIDE = frozenset("mwMWQOGDHNU@%∂∇Σ→←≥≤×…—")


def text_width(text: str, size: float = SIZE, bold: bool = False) -> float:
    """Returns the approximate width of a text, slightly too wide rather than too narrow.

    >>> text_width("il") < text_width("mw") < text_width("한글에서")
    True
    """
    ems = 0.0
    for character in text:
        if ord(character) >= 0x1100 and not 0x2000 <= ord(character) < 0x2E80:
            ems += 1.05  # Korean, Chinese, Japanese
        elif character in _NARROW:
            ems += 0.40
        elif character in _WIDE:
            ems += 0.92
        else:
            ems += 0.68 if character.isupper() else 0.63
    return ems * size * (1.1 if bold else 1.0)


def shortened(text: str, most: int) -> str:
    """Returns the text, or its beginning with an ellipsis.

    >>> shortened("a_rather_long_name", 8)
    'a_rathe…'
    """
    return text if len(text) <= most else text[: most - 1] + "…"


def escaped(text: str) -> str:
    """Escapes text for XML; control characters, which XML forbids, become spaces."""
    clean = "".join(character if _may_stand(character) else " " for character in text)
    for character, entity in (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;"), ('"', "&quot;")):
        clean = clean.replace(character, entity)
    return clean


def _may_stand(character: str) -> bool:
    number = ord(character)
    return number >= 0x20 and not 0xD800 <= number < 0xE000 and number not in (0xFFFE, 0xFFFF)


def number(value: float) -> str:
    """Formats a coordinate with one decimal.

    >>> number(3.0), number(0.25)
    ('3', '0.2')
    """
    return f"{value:.1f}".removesuffix(".0")


def text(
    x: float, y: float, content: str, *, colour: str = INK, size: float = SIZE, bold: bool = False,
    anchor: str = "middle",
) -> str:  # fmt: skip
    """A line of text."""
    weight = ' font-weight="bold"' if bold else ""
    return (
        f'<text x="{number(x)}" y="{number(y)}" font-size="{number(size)}" text-anchor="{anchor}" '
        f'fill="{colour}"{weight}>{escaped(content)}</text>'
    )


def label(x: float, y: float, content: str, *, colour: str, size: float) -> str:
    """A line of text on a background, so that it is readable on an arrow."""
    width = text_width(content, size) * 0.94
    return (
        f'<rect x="{number(x - width / 2)}" y="{number(y - size / 2 - 2)}" width="{number(width)}" '
        f'height="{number(size + 4)}" fill="{PAPER}"/>{text(x, y + size / 3, content, colour=colour, size=size)}'
    )


def rectangle(
    x: float, y: float, width: float, height: float, *, round_: float = 3.0, line: float = 1.2, dashes: str = "",
    fill: str = PAPER,
) -> str:  # fmt: skip
    """A box."""
    dashed = f' stroke-dasharray="{dashes}"' if dashes else ""
    return (
        f'<rect x="{number(x)}" y="{number(y)}" width="{number(width)}" height="{number(height)}" '
        f'rx="{number(round_)}" fill="{fill}" stroke="{INK}" stroke-width="{number(line)}"{dashed}/>'
    )


def arrow(points: Sequence[tuple[float, float]], dashes: str = "") -> str:
    """A smooth line through pairs of points, horizontal at its ends, with an arrowhead."""
    x, y = points[0]
    path = [f"M{number(x)} {number(y)}"]
    for index, (to_x, to_y) in enumerate(points[1:]):
        if index % 2 == 1:  # through a column, horizontally
            path.append(f"L{number(to_x)} {number(to_y)}")
        else:
            bend = (x + to_x) / 2
            path.append(
                f"C{number(bend)} {number(y)} {number(bend)} {number(to_y)} {number(to_x)} {number(to_y)}"
            )
        x, y = to_x, to_y
    dashed = f' stroke-dasharray="{dashes}"' if dashes else ""
    look = f'fill="none" stroke="{QUIET}" stroke-width="1.2"{dashed}'
    # The head is drawn, not a marker: markers need identifiers, which drawings on one page would share.
    back, up, down = number(x - HEAD), number(y - HEAD / 2), number(y + HEAD / 2)
    head = f"M{back} {up}L{number(x)} {number(y)}L{back} {down}z"
    return f'<path d="{" ".join(path)}" {look}/><path d="{head}" fill="{QUIET}"/>'


def document(width: float, height: float, title: str, parts: Sequence[str]) -> str:
    """A whole SVG file."""
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{number(width)}" height="{number(height)}" '
            f'viewBox="0 0 {number(width)} {number(height)}" font-family="{FONT}" role="img">',
            f"<title>{escaped(title)}</title>",
            f'<rect width="100%" height="100%" fill="{PAPER}"/>',
            *parts,
            "</svg>",
            "",
        ]
    )


def scrolling(drawing: str, title: str) -> str:
    """HTML for notebooks: a drawing in its own size, smaller in a narrow cell, scrolled in a very narrow one.

    It is an image and not part of the page. So notebooks show it before they are trusted, and drawings cannot disturb
    each other.
    """
    content = base64.b64encode(drawing.encode()).decode("ascii")
    found = re.search(r'<svg[^>]* width="([\d.]+)"', drawing)
    width = float(found[1]) if found is not None else 0.0
    size = f"width: 100%; max-width: {width:.0f}px; min-width: {READABLE * width:.0f}px; height: auto"
    return (
        '<div style="overflow-x: auto">'
        f'<img alt="{escaped(title)}" src="data:image/svg+xml;base64,{content}" style="{size}">'
        "</div>"
    )
