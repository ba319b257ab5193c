"""The layout of a drawing: boxes in columns from left to right, wrapped into rows like text.

A layered layout in four steps: each box is assigned a column (longest path), columns that do not fit
are wrapped into further rows, the boxes of a column are sorted to reduce crossings (barycenters), and
heights are chosen close to those of the neighbors (least squares, by pooling adjacent violators).

Source: K. Sugiyama, S. Tagawa and M. Toda, "Methods for visual understanding of hierarchical system
structures", IEEE Trans. SMC 11 (1981); R. Barlow et al., "Statistical Inference under Order
Restrictions" (1972) for the pooling.

The layout is deterministic: the same graph gives the same drawing.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

#: The distances between boxes of a column, between rows, and the smallest one between columns.
GAP, ROW_GAP, COLUMN_GAP = 22.0, 46.0, 46.0
#: The margin around the label of an arrow.
LABEL_MARGIN, LABEL_HEIGHT = 34.0, 17.0
#: The largest width of a row, unless a single box is wider.
WIDEST = 1240.0
SWEEPS = 8
#: The approximate width of the placeholder for a box of an earlier row.
PLACEHOLDER_WIDTH = 150.0


@dataclass
class Box:
    """An object with a width and height; the layout computes `x` and `y` of its upper left corner.

    Attributes:
        key: the key of the box; a placeholder for a box of an earlier row has the same key.
        leaf: whether it is placed as late as possible, next to its first user.
        row: the index of the row in which it is placed.
        is_placeholder: whether it represents a box of an earlier row.
    """

    key: int
    width: float
    height: float
    leaf: bool = False
    x: float = 0.0
    y: float = 0.0
    row: int = 0
    is_placeholder: bool = False
    passing: bool = False

    @property
    def middle(self) -> float:
        """The vertical position of its center."""
        return self.y + self.height / 2


@dataclass
class Arrow:
    """An arrow between two boxes; the layout computes `points` and `label_at`.

    Attributes:
        label_width: the width of its label; 0 without one.
        points: the points on its path, from the right side of its source to the left side of its target.
        label_at: the center of the label.
    """

    source: int
    target: int
    label_width: float = 0.0
    points: list[tuple[float, float]] = field(default_factory=list)
    label_at: tuple[float, float] = (0.0, 0.0)
    path: list[Box] = field(default_factory=list)


@dataclass
class Layout:
    """A finished layout: all boxes (with placeholders), the arrows, and the total size."""

    boxes: list[Box]
    arrows: list[Arrow]
    width: float
    height: float


def lay_out(
    boxes: Sequence[Box],
    arrows: Sequence[Arrow],
    placeholder_size: Callable[[int], tuple[float, float]],
    widest: float = WIDEST,
) -> Layout:
    """Places boxes and arrows.

    Args:
        boxes: boxes with unique keys, in topological order.
        arrows: arrows between keys.
        placeholder_size: the width and height of placeholders.
        widest: the largest width of a row.
    """
    columns = _columns(boxes, arrows)
    rows = _rows(boxes, arrows, columns, widest)
    placed: list[Box] = []
    top = 0.0
    for number, members in enumerate(rows):
        inside = [arrow for arrow in arrows if arrow.target in members]
        own = _own_boxes(number, members, boxes, columns, inside, placeholder_size)
        top = _place_row(own, inside, columns, top) + ROW_GAP
        placed += own
    right = max((box.x + box.width for box in placed), default=0.0)
    return Layout(placed, list(arrows), right, max(top - ROW_GAP, 0.0))


def _columns(boxes: Sequence[Box], arrows: Sequence[Arrow]) -> dict[int, int]:
    """Returns the column of each box: one after the last of its inputs; leaves just before their first use."""
    needs: dict[int, list[int]] = {box.key: [] for box in boxes}
    users: dict[int, list[int]] = {box.key: [] for box in boxes}
    for arrow in arrows:
        needs[arrow.target].append(arrow.source)
        users[arrow.source].append(arrow.target)
    columns: dict[int, int] = {}
    for box in boxes:
        columns[box.key] = max((columns[key] + 1 for key in needs[box.key]), default=0)
    for box in boxes:
        if box.leaf and users[box.key]:
            columns[box.key] = max(min(columns[key] for key in users[box.key]) - 1, 0)
    return columns


def _rows(
    boxes: Sequence[Box], arrows: Sequence[Arrow], columns: dict[int, int], widest: float
) -> list[set[int]]:
    """Assigns the boxes to rows."""
    last = max(columns.values(), default=-1)
    width = [0.0] * (last + 1)
    gap = [COLUMN_GAP] * (last + 1)
    for box in boxes:
        width[columns[box.key]] = max(width[columns[box.key]], box.width)
    for arrow in arrows:
        if arrow.label_width:
            end = columns[arrow.target]
            gap[end] = max(gap[end], arrow.label_width + LABEL_MARGIN)
    farthest = list(range(last + 1))  # the first column with an input of each column
    for arrow in arrows:
        farthest[columns[arrow.target]] = min(farthest[columns[arrow.target]], columns[arrow.source])
    row_of: list[int] = []
    row, used, begins = 0, 0.0, 0
    for column in range(last + 1):
        # Inputs from an earlier row need space for a placeholder.
        placeholder_width = PLACEHOLDER_WIDTH if farthest[column] < begins else 0.0
        if used and used + gap[column] + width[column] + placeholder_width > widest:
            row, begins, placeholder_width = row + 1, column, PLACEHOLDER_WIDTH
            used = 0.0
        used += gap[column] + width[column] + placeholder_width
        row_of.append(row)
    _keep_leaves_with_their_users(boxes, arrows, columns, row_of)
    rows: list[set[int]] = [set() for _ in range(row + 1)]
    for box in boxes:
        box.row = row_of[columns[box.key]]
        rows[box.row].add(box.key)
    return [members for members in rows if members]


def _keep_leaves_with_their_users(
    boxes: Sequence[Box], arrows: Sequence[Arrow], columns: dict[int, int], row_of: Sequence[int]
) -> None:
    """Moves leaves at the end of a row to the next one, if their first user is at its start."""
    first_user: dict[int, int] = {}
    for arrow in arrows:
        column = columns[arrow.target]
        first_user[arrow.source] = min(first_user.get(arrow.source, column), column)
    for box in boxes:
        user = first_user.get(box.key)
        if box.leaf and user is not None and row_of[columns[box.key]] != row_of[user]:
            # Half a column before its user, in the column of the placeholders.
            columns[box.key] = user


def _own_boxes(
    number: int,
    members: set[int],
    boxes: Sequence[Box],
    columns: dict[int, int],
    arrows: Sequence[Arrow],
    placeholder_size: Callable[[int], tuple[float, float]],
) -> list[Box]:
    """Returns the boxes of a row: its members, and a placeholder for each box of an earlier row that they use."""
    outside = sorted({arrow.source for arrow in arrows} - members)
    extra = []
    for key in outside:
        width, height = placeholder_size(key)
        extra.append(Box(key, width, height, row=number, is_placeholder=True))
    return [*extra, *(box for box in boxes if box.key in members)]


def _place_row(own: list[Box], arrows: Sequence[Arrow], columns: dict[int, int], top: float) -> float:
    """Places the boxes of one row below ``top``; returns the end of the row."""
    by_key = {box.key: box for box in own}
    users: dict[int, list[int]] = {}
    for arrow in arrows:
        users.setdefault(arrow.source, []).append(arrow.target)
    place = {box.key: 2 * columns[box.key] for box in own if not box.is_placeholder}
    for box in own:
        first = min((place[key] for key in users.get(box.key, ())), default=0)
        if box.is_placeholder or (box.leaf and first == place[box.key] and users.get(box.key)):
            place[box.key] = first - 1
    used = {position: index for index, position in enumerate(sorted(set(place.values())))}
    grid: list[list[Box]] = [[] for _ in used]
    for box in own:
        grid[used[place[box.key]]].append(box)
    column_of = {key: used[position] for key, position in place.items()}
    for arrow in arrows:
        arrow.path = _path(arrow, by_key, column_of, grid)
    links = [pair for arrow in arrows for pair in zip(arrow.path, arrow.path[1:], strict=False)]
    _order(grid, links)
    _heights(grid, links)
    upper = min(box.y for column in grid for box in column)
    for column in grid:
        for box in column:
            box.y += top - upper
    _widths(grid, arrows, column_of)
    for arrow in arrows:
        _bend(arrow, arrows)
    _labels(arrows)
    return max(box.y + box.height for column in grid for box in column)


def _path(
    arrow: Arrow, by_key: dict[int, Box], column_of: dict[int, int], grid: list[list[Box]]
) -> list[Box]:
    """Returns the boxes on the path of an arrow: its ends, and a thin one in each column between."""
    path = [by_key[arrow.source]]
    for column in range(column_of[arrow.source] + 1, column_of[arrow.target]):
        thin = Box(-1, 0.0, 8.0, passing=True)
        grid[column].append(thin)
        path.append(thin)
    return [*path, by_key[arrow.target]]


def _order(grid: list[list[Box]], links: Sequence[tuple[Box, Box]]) -> None:
    """Sorts each column by the mean position of its neighbors, in both directions, and keeps the best order."""
    before: dict[int, list[Box]] = {}
    after: dict[int, list[Box]] = {}
    for source, target in links:
        after.setdefault(id(source), []).append(target)
        before.setdefault(id(target), []).append(source)
    best, fewest = [list(column) for column in grid], _crossings(grid, links)
    for sweep in range(SWEEPS):
        forward = sweep % 2 == 0
        neighbours = before if forward else after
        for column in grid if forward else reversed(grid):
            rank = {id(box): place for line in grid for place, box in enumerate(line)}
            middle: dict[int, float] = {}
            for box in column:
                mean = _mean([rank[id(other)] for other in neighbours.get(id(box), ())])
                middle[id(box)] = rank[id(box)] if mean is None else mean
            column.sort(key=lambda box: middle[id(box)])
        count = _crossings(grid, links)
        if count < fewest:
            best, fewest = [list(column) for column in grid], count
    for column, found in zip(grid, best, strict=True):
        column[:] = found


def _mean(numbers: Sequence[float]) -> float | None:
    return sum(numbers) / len(numbers) if numbers else None


def _crossings(grid: list[list[Box]], links: Sequence[tuple[Box, Box]]) -> int:
    rank = {id(box): (column, place) for column, line in enumerate(grid) for place, box in enumerate(line)}
    between: dict[int, list[tuple[int, int]]] = {}
    for source, target in links:
        column, place = rank[id(source)]
        between.setdefault(column, []).append((place, rank[id(target)][1]))
    count = 0
    for pairs in between.values():
        pairs.sort()
        for index, (_, end) in enumerate(pairs):
            count += sum(other < end for _, other in pairs[index + 1 :])
    return count


def _heights(grid: list[list[Box]], links: Sequence[tuple[Box, Box]]) -> None:
    """Moves boxes towards their neighbors, without changing the order in a column."""
    near: dict[int, list[Box]] = {}
    for source, target in links:
        near.setdefault(id(source), []).append(target)
        near.setdefault(id(target), []).append(source)
    for column in grid:
        _spread(column, [0.0] * len(column))
    for sweep in range(SWEEPS):
        for column in grid if sweep % 2 == 0 else reversed(grid):
            wanted = []
            for box in column:
                mean = _mean([other.middle for other in near.get(id(box), ())])
                wanted.append(box.middle if mean is None else mean)
            _spread(column, wanted)


def _spread(column: Sequence[Box], wanted: Sequence[float]) -> None:
    """Returns positions as close to the desired ones as the gaps allow."""
    offsets, total = [], 0.0
    for index, box in enumerate(column):
        if index:
            above = column[index - 1]
            total += (above.height + box.height) / 2 + (GAP / 2 if above.passing or box.passing else GAP)
        offsets.append(total)
    heights = pooled([want - offset for want, offset in zip(wanted, offsets, strict=True)])
    for box, height, offset in zip(column, heights, offsets, strict=True):
        box.y = height + offset - box.height / 2


def pooled(wanted: Sequence[float]) -> list[float]:
    """Returns the non-decreasing numbers closest to the desired ones, in the least-squares sense.

    >>> pooled([1.0, 3.0, 2.0, 4.0])
    [1.0, 2.5, 2.5, 4.0]
    """
    blocks: list[tuple[float, int]] = []  # (sum, count)
    for number in wanted:
        block = (number, 1)
        while blocks and blocks[-1][0] / blocks[-1][1] > block[0] / block[1]:
            last = blocks.pop()
            block = (last[0] + block[0], last[1] + block[1])
        blocks.append(block)
    return [total / count for total, count in blocks for _ in range(count)]


def _widths(grid: list[list[Box]], arrows: Sequence[Arrow], column_of: dict[int, int]) -> None:
    """Places columns next to each other, with space for the labels between them."""
    gap = [COLUMN_GAP] * len(grid)
    for arrow in arrows:
        if arrow.label_width:
            end = column_of[arrow.target]
            gap[end] = max(gap[end], arrow.label_width + LABEL_MARGIN)
    left = 0.0
    for index, column in enumerate(grid):
        left += gap[index] if index else 0.0
        width = max(box.width for box in column)
        for box in column:
            box.x = left + (width - box.width) / 2
            if box.passing:
                box.x, box.width = left, width
        left += width


def _bend(arrow: Arrow, arrows: Sequence[Arrow]) -> None:
    """Computes the points of an arrow; arrows that end at the same box end below each other."""
    target = arrow.path[-1]
    arriving = [other for other in arrows if other.path and other.path[-1] is target]
    arriving.sort(key=lambda other: other.path[-2].middle)
    place = next(index for index, other in enumerate(arriving) if other is arrow)
    end = target.y + target.height * (place + 1) / (len(arriving) + 1)
    points = [(arrow.path[0].x + arrow.path[0].width, arrow.path[0].middle)]
    for thin in arrow.path[1:-1]:
        points += [(thin.x, thin.middle), (thin.x + thin.width, thin.middle)]
    arrow.points = [*points, (target.x, end)]


def _labels(arrows: Sequence[Arrow]) -> None:
    """Places labels in the last gap of their arrow, pushed apart if they overlap."""
    gaps: dict[float, list[Arrow]] = {}
    for arrow in arrows:
        if arrow.label_width:
            gaps.setdefault(arrow.points[-1][0], []).append(arrow)
    # Boxes of one column may differ in width: labels that are close to each other are pushed apart together.
    groups: list[list[Arrow]] = []
    for start in sorted(gaps):
        middle = _label_middle(gaps[start][0])
        if groups and abs(_label_middle(groups[-1][0]) - middle) < 120:
            groups[-1] += gaps[start]
        else:
            groups.append(list(gaps[start]))
    for group in groups:
        group.sort(key=lambda arrow: (_label_height(arrow), arrow.points[0][1]))
        free = pooled([_label_height(arrow) - LABEL_HEIGHT * index for index, arrow in enumerate(group)])
        for index, (arrow, height) in enumerate(zip(group, free, strict=True)):
            arrow.label_at = (_label_middle(arrow), height + LABEL_HEIGHT * index)


def _label_middle(arrow: Arrow) -> float:
    return (arrow.points[-2][0] + arrow.points[-1][0]) / 2


def _label_height(arrow: Arrow) -> float:
    return (arrow.points[-2][1] + arrow.points[-1][1]) / 2
