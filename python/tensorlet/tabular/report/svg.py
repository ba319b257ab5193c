"""Small charts as SVG, coloured by the style sheet of the page."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html import escape

WIDTH, HEIGHT = 460, 270
#: The margins of a chart with axes: left, top, right, bottom.
LEFT, TOP, RIGHT, BOTTOM = 58, 14, 14, 46
#: The width of a chart with names at the left, and the width of the names: on a wide and on a narrow screen.
WIDE, NARROW = (760, 230), (400, 170)


def ticks(low: float, high: float, most: int = 6) -> list[float]:
    """Returns round numbers between two ends.

    >>> ticks(0.0, 1.0), ticks(3, 47)
    ([0.0, 0.2, 0.4, 0.6, 0.8, 1.0], [10.0, 20.0, 30.0, 40.0])
    """
    if not high > low:
        return [low]
    raw = (high - low) / max(most - 1, 1)
    power = 10.0 ** math.floor(math.log10(raw))
    step = next(factor * power for factor in (1, 2, 2.5, 5, 10) if factor * power >= raw * 0.999)
    first = math.ceil(low / step - 1e-9)
    last = math.floor(high / step + 1e-9)
    return [round(number * step, 12) for number in range(first, last + 1)]


def number_text(value: float) -> str:
    """Returns a number for an axis.

    >>> number_text(0.25), number_text(1200.0), number_text(2500000.0), number_text(0.00001)
    ('0.25', '1,200', '2.5M', '1e-05')
    """
    size = abs(value)
    if size >= 1e9:
        return f"{value / 1e9:g}G"
    if size >= 1e6:
        return f"{value / 1e6:g}M"
    if size >= 1000:
        return f"{value:,.0f}"
    return f"{value:.3g}"


@dataclass
class Frame:
    """The area of a chart and its scales.

    Attributes:
        x, y: (lowest, highest) of the values on each axis.
        log_x: whether the horizontal axis is logarithmic.
        width, height: of the whole drawing.
        left: the width of the left margin.
    """

    x: tuple[float, float]
    y: tuple[float, float]
    log_x: bool = False
    width: int = WIDTH
    height: int = HEIGHT
    left: int = LEFT

    def at_x(self, value: float) -> float:
        """Returns the horizontal place of a value."""
        low, high = self.x
        if self.log_x:
            low, high, value = math.log10(low), math.log10(high), math.log10(value)
        share = (value - low) / ((high - low) or 1.0)
        return round(self.left + share * (self.width - self.left - RIGHT), 1)

    def at_y(self, value: float) -> float:
        """Returns the vertical place of a value."""
        low, high = self.y
        share = (value - low) / ((high - low) or 1.0)
        return round(self.height - BOTTOM - share * (self.height - TOP - BOTTOM), 1)

    def axes(self, x_title: str, y_title: str, percent: bool = False) -> list[str]:
        """Returns the grid, the numbers and the titles of the axes."""
        write: Callable[[float], str] = (lambda value: f"{value:.0%}") if percent else number_text
        parts = []
        for value in ticks(*self.y, 5):
            at = self.at_y(value)
            parts.append(f'<path class="grid" d="M{self.left} {at}H{self.width - RIGHT}"/>')
            parts.append(
                f'<text class="tick" x="{self.left - 8}" y="{at + 4}" text-anchor="end">{write(value)}</text>'
            )
        bottom = self.height - BOTTOM
        for value in self._x_ticks():
            at = self.at_x(value)
            label = f"{value:g}" if self.log_x else write(value)
            parts.append(f'<path class="grid" d="M{at} {bottom}v5"/>')
            parts.append(f'<text class="tick" x="{at}" y="{bottom + 19}" text-anchor="middle">{label}</text>')
        parts.append(f'<path class="axis" d="M{self.left} {bottom}H{self.width - RIGHT}"/>')
        middle = (self.left + self.width - RIGHT) / 2
        parts.append(
            f'<text class="title" x="{middle}" y="{self.height - 6}" text-anchor="middle">{escape(x_title)}</text>'
        )
        if y_title:
            at = (TOP + bottom) / 2
            parts.append(
                f'<text class="title" transform="translate(13 {at}) rotate(-90)" text-anchor="middle">{escape(y_title)}'
                "</text>"
            )
        return parts

    def _x_ticks(self) -> list[float]:
        if not self.log_x:
            return ticks(*self.x, 6)
        low, high = (math.floor(math.log10(end) + 1e-9) for end in self.x)
        return [
            10.0**power for power in range(low, high + 1) if self.x[0] <= 10.0**power <= self.x[1] * 1.001
        ]

    def line(self, points: Sequence[tuple[float, float]], style: str) -> str:
        """Returns a line through points."""
        inside = [(x, min(max(y, self.y[0]), self.y[1])) for x, y in points if math.isfinite(y)]
        path = " ".join(f"{self.at_x(x)},{self.at_y(y)}" for x, y in inside)
        return f'<polyline class="{style}" points="{path}"/>'


def drawing(parts: Sequence[str], label: str, width: int = WIDTH, height: int = HEIGHT) -> str:
    """Returns an SVG element with a text for screen readers."""
    return (
        f'<svg viewBox="0 0 {width} {height}" role="img" aria-label="{escape(label)}" '
        f'style="max-width:{width}px">{"".join(parts)}</svg>'
    )


def loss_chart(
    losses: Sequence[float], validation: Sequence[float], best: int, titles: tuple[str, str, str, str]
) -> str:
    """Draws the losses of each epoch.

    Args:
        losses, validation: one number for each epoch.
        best: the number of the best epoch, from 1.
        titles: of the axes and of the two lines.
    """
    values = [value for value in (*losses, *validation) if math.isfinite(value)]
    ordered = sorted(values)
    high = (
        max(ordered[int(0.97 * (len(ordered) - 1))] * 1.15, min(ordered[0] * 1.5, ordered[-1]))
        if ordered
        else 1.0
    )
    low = min(0.0, ordered[0]) if ordered else 0.0
    frame = Frame((1, max(len(losses), 2)), (low, high or 1.0))
    parts = frame.axes(titles[0], titles[1])
    at = frame.at_x(best)
    parts.append(f'<path class="mark" d="M{at} {TOP}V{HEIGHT - BOTTOM}"/>')
    parts.append(frame.line(list(enumerate(losses, 1)), "line first"))
    parts.append(frame.line(list(enumerate(validation, 1)), "line second"))
    return drawing([*parts, *_legend(titles[2], titles[3])], f"{titles[1]}: {titles[2]}, {titles[3]}")


def _legend(first: str, second: str) -> list[str]:
    right = WIDTH - RIGHT - 6
    return [
        f'<text class="legend first-text" x="{right}" y="{TOP + 14}" text-anchor="end">{escape(first)}</text>',
        f'<text class="legend second-text" x="{right}" y="{TOP + 32}" text-anchor="end">{escape(second)}</text>',
    ]


def rate_chart(tried: Sequence[Sequence[float]], chosen: float, titles: tuple[str, str]) -> str:
    """Draws a range test: the loss by learning rate, and the rate that was chosen."""
    values = [loss for _rate, loss in tried]
    low, high = min(values), max(values)
    top = min(high, low + 3 * (values[0] - low)) if values[0] > low else high
    frame = Frame(
        (tried[0][0], tried[-1][0]), (low - 0.05 * (top - low), top + 0.05 * (top - low) or 1.0), log_x=True
    )
    parts = frame.axes(*titles)
    at = frame.at_x(min(max(chosen, frame.x[0]), frame.x[1]))
    parts.append(f'<path class="mark" d="M{at} {TOP}V{HEIGHT - BOTTOM}"/>')
    parts.append(f'<text class="legend" x="{at + 5}" y="{TOP + 12}">{chosen:.2g}</text>')
    parts.append(frame.line([(rate, loss) for rate, loss in tried], "line first"))
    return drawing(parts, titles[1])


def interval_chart(
    rows: Sequence[tuple[str, float, float, float, bool]],
    title: str,
    percent: bool,
    size: tuple[int, int] = WIDE,
) -> str:
    """Draws values with their intervals, one below the other.

    Args:
        rows: (name, value, low, high, whether it is the one that was chosen).
        title: of the axis.
        percent: whether the values are shares.
        size: the width, and the width of the names.
    """
    low = min(row[2] for row in rows)
    high = max(row[3] for row in rows)
    space = 0.06 * (high - low or 1.0)
    (width, left), height = size, TOP + 44 * len(rows) + BOTTOM
    ends = (max(0.0, low - space), min(1.0, high + space)) if percent else (low - space, high + space)
    frame = Frame(ends, (0, 1), width=width, height=height, left=left)
    write: Callable[[float], str] = (lambda value: f"{value:.0%}") if percent else number_text
    parts = []
    for value in ticks(*frame.x, 8 if width > 500 else 4):
        at = frame.at_x(value)
        parts.append(f'<path class="grid" d="M{at} {TOP}V{height - BOTTOM}"/>')
        parts.append(
            f'<text class="tick" x="{at}" y="{height - BOTTOM + 20}" text-anchor="middle">{write(value)}</text>'
        )
    for index, (name, value, start, end, chosen) in enumerate(rows):
        at = TOP + 22 + 44 * index
        kind = " chosen" if chosen else ""
        parts.append(
            f'<text class="row-name{kind}" x="{left - 16}" y="{at + 5}" text-anchor="end">{escape(name)}</text>'
        )
        parts.append(f'<path class="whisker{kind}" d="M{frame.at_x(start)} {at}H{frame.at_x(end)}"/>')
        parts.append(f'<circle class="dot{kind}" cx="{frame.at_x(value)}" cy="{at}" r="6.5"/>')
    middle = (left + width - RIGHT) / 2 if width > 500 else width / 2
    parts.append(
        f'<text class="title" x="{middle}" y="{height - 6}" text-anchor="middle">{escape(title)}</text>'
    )
    return drawing(parts, title, width, height)


def both_sizes(draw: Callable[[tuple[int, int]], str]) -> str:
    """Returns a chart for wide and for narrow screens; the style sheet shows one of them."""
    return f'<div class="if-wide">{draw(WIDE)}</div><div class="if-narrow">{draw(NARROW)}</div>'


def calibration_chart(bins: Sequence[dict[str, float]], titles: tuple[str, str]) -> str:
    """Draws how often predictions of each confidence are right."""
    frame = Frame((0.0, 1.0), (0.0, 1.0))
    parts = frame.axes(*titles, percent=True)
    parts.append(frame.line([(0, 0), (1, 1)], "mark"))
    most = max(one["rows"] for one in bins)
    parts.append(frame.line([(one["confidence"], one["accuracy"]) for one in bins], "line first"))
    for one in bins:
        radius = 3.5 + 6 * math.sqrt(one["rows"] / most)
        at = frame.at_x(one["confidence"]), frame.at_y(one["accuracy"])
        parts.append(
            f'<circle class="dot chosen" cx="{at[0]}" cy="{at[1]}" r="{radius:.1f}"><title>'
            f"{one['rows']:.0f}</title></circle>"
        )
    return drawing(parts, titles[1])


def scatter_chart(pairs: Sequence[Sequence[float]], titles: tuple[str, str]) -> str:
    """Draws predictions (vertical) against true numbers (horizontal)."""
    values = [value for pair in pairs for value in pair]
    low, high = min(values), max(values)
    space = 0.04 * (high - low or 1.0)
    frame = Frame((low - space, high + space), (low - space, high + space), height=360)
    parts = frame.axes(*titles)
    parts.append(frame.line([(low, low), (high, high)], "mark"))
    parts += [
        f'<circle class="point" cx="{frame.at_x(truth)}" cy="{frame.at_y(guess)}" r="3"/>'
        for truth, guess in pairs
    ]
    return drawing(parts, titles[1], height=360)


def bar_chart(rows: Sequence[tuple[str, float, float]], title: str, size: tuple[int, int] = WIDE) -> str:
    """Draws horizontal bars with their standard errors.

    Args:
        rows: (name, value, error); negative values are drawn as none.
        title: of the axis.
        size: the width, and the width of the names.
    """
    (width, left), high = size, max((value + error for _name, value, error in rows), default=1.0) or 1.0
    height = TOP + 30 * len(rows) + BOTTOM
    frame = Frame((0.0, max(high, 1e-9)), (0, 1), width=width, height=height, left=left)
    parts = []
    for value in ticks(*frame.x, 6 if width > 500 else 3):
        at = frame.at_x(value)
        parts.append(f'<path class="grid" d="M{at} {TOP}V{height - BOTTOM}"/>')
        label = number_text(value)
        parts.append(
            f'<text class="tick" x="{at}" y="{height - BOTTOM + 20}" text-anchor="middle">{label}</text>'
        )
    for index, (name, value, error) in enumerate(rows):
        at = TOP + 15 + 30 * index
        end = frame.at_x(max(value, 0.0))
        shown = name if len(name) <= left // 8 else name[: left // 8 - 1] + "…"
        parts.append(
            f'<text class="row-name" x="{left - 12}" y="{at + 5}" text-anchor="end">{escape(shown)}</text>'
        )
        parts.append(
            f'<rect class="bar" x="{left}" y="{at - 8}" width="{max(end - left, 1):.1f}" height="16" rx="2"/>'
        )
        if error > 0 and value > 0:
            ends = frame.at_x(max(value - error, 0.0)), frame.at_x(value + error)
            parts.append(f'<path class="error" d="M{ends[0]} {at}H{ends[1]}"/>')
    middle = (left + width - RIGHT) / 2 if width > 500 else width / 2
    parts.append(
        f'<text class="title" x="{middle}" y="{height - 6}" text-anchor="middle">{escape(title)}</text>'
    )
    return drawing(parts, title, width, height)


def histogram(counts: Sequence[int], label: str) -> str:
    """Draws counts as small bars, without axes."""
    if not counts or not max(counts):
        return ""
    width, height = 110, 26
    step = width / len(counts)
    bars = []
    for index, count in enumerate(counts):
        tall = max(1.0 if count else 0.0, (height - 1) * count / max(counts))
        bars.append(
            f'<rect class="bar" x="{index * step:.1f}" y="{height - tall:.1f}" '
            f'width="{step - 1:.1f}" height="{tall:.1f}"/>'
        )
    return (
        f'<svg class="spark" viewBox="0 0 {width} {height}" role="img" '
        f'aria-label="{escape(label)}">{"".join(bars)}</svg>'
    )
