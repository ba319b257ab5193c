"""Where the boxes of a drawing stand: columns from left to right, wrapped into rows like text.

A layered layout in four steps: each box gets a column (longest path), columns that do not fit
become further rows, the boxes of a column are ordered so that few arrows cross (barycentres), and
heights are chosen close to the neighbours' (least squares, by pooling adjacent violators).

Source: K. Sugiyama, S. Tagawa and M. Toda, "Methods for visual understanding of hierarchical system
structures", IEEE Trans. SMC 11 (1981); R. Barlow et al., "Statistical Inference under Order
Restrictions" (1972) for the pooling.

Everything here is a function of its input alone: the same graph gives the same drawing.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

#: Between two boxes of a column, two rows, and the least between two columns.
GAP, ROW_GAP, COLUMN_GAP = 22.0, 46.0, 46.0
#: Around a label on an arrow.
LABEL_MARGIN, LABEL_HEIGHT = 34.0, 17.0
#: A row is not made wider than this, unless one box is.
WIDEST = 1240.0
SWEEPS = 8
#: The room that the stand-in of a box of an earlier row takes, about.
STAND_IN = 150.0


@dataclass
class Box:
    """Something with a width and a height; `x` and `y` (of its upper left corner) are what is looked for.

    Attributes:
        key: which box it is; a stand-in that continues a box from an earlier row has the key of that box.
        leaf: comes as late as it can, next to what uses it.
        row: the row that it ends up in, from 0.
        stands_in: whether it continues another one.
    """

    key: int
    width: float
    height: float
    leaf: bool = False
    x: float = 0.0
    y: float = 0.0
    row: int = 0
    stands_in: bool = False
    passing: bool = False

    @property
    def middle(self) -> float:
        """The height of its middle."""
        return self.y + self.height / 2


@dataclass
class Arrow:
    """From one box to another; `points` and `label_at` are what is looked for.

    Attributes:
        label_width: of the text on it; 0 without.
        points: where it passes; the first at its source's right side, the last at its target's left.
        label_at: the middle of the label.
    """

    source: int
    target: int
    label_width: float = 0.0
    points: list[tuple[float, float]] = field(default_factory=list)
    label_at: tuple[float, float] = (0.0, 0.0)
    path: list[Box] = field(default_factory=list)


@dataclass
class Layout:
    """A finished layout: every box (stand-ins too), the arrows, and the size of the whole."""

    boxes: list[Box]
    arrows: list[Arrow]
    width: float
    height: float


def lay_out(
    boxes: Sequence[Box],
    arrows: Sequence[Arrow],
    stand_in: Callable[[int], tuple[float, float]],
    widest: float = WIDEST,
) -> Layout:
    """Places boxes and arrows.

    Args:
        boxes: each with a key of its own, in an order in which arrows lead forward.
        arrows: between keys.
        stand_in: the width and height of what continues a box in a later row.
        widest: where a row ends.
    """
    columns = _columns(boxes, arrows)
    rows = _rows(boxes, arrows, columns, widest)
    placed: list[Box] = []
    top = 0.0
    for number, members in enumerate(rows):
        inside = [arrow for arrow in arrows if arrow.target in members]
        own = _own_boxes(number, members, boxes, columns, inside, stand_in)
        top = _place_row(own, inside, columns, top) + ROW_GAP
        placed += own
    right = max((box.x + box.width for box in placed), default=0.0)
    return Layout(placed, list(arrows), right, max(top - ROW_GAP, 0.0))


def _columns(boxes: Sequence[Box], arrows: Sequence[Arrow]) -> dict[int, int]:
    """The column of each box: one after the last that it needs; leaves just before their first use."""
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
    """Which boxes stand in which row."""
    last = max(columns.values(), default=-1)
    width = [0.0] * (last + 1)
    gap = [COLUMN_GAP] * (last + 1)
    for box in boxes:
        width[columns[box.key]] = max(width[columns[box.key]], box.width)
    for arrow in arrows:
        if arrow.label_width:
            end = columns[arrow.target]
            gap[end] = max(gap[end], arrow.label_width + LABEL_MARGIN)
    farthest = list(range(last + 1))  # the first column that something in it comes from
    for arrow in arrows:
        farthest[columns[arrow.target]] = min(farthest[columns[arrow.target]], columns[arrow.source])
    row_of: list[int] = []
    row, used, begins = 0, 0.0, 0
    for column in range(last + 1):
        # Where something comes from an earlier row, a stand-in takes room as well.
        stands_in = STAND_IN if farthest[column] < begins else 0.0
        if used and used + gap[column] + width[column] + stands_in > widest:
            row, begins, stands_in = row + 1, column, STAND_IN
            used = 0.0
        used += gap[column] + width[column] + stands_in
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
    """A leaf at the end of a row whose first user begins the next one goes there with it."""
    first_user: dict[int, int] = {}
    for arrow in arrows:
        column = columns[arrow.target]
        first_user[arrow.source] = min(first_user.get(arrow.source, column), column)
    for box in boxes:
        user = first_user.get(box.key)
        if box.leaf and user is not None and row_of[columns[box.key]] != row_of[user]:
            # Half a column before its user, in the column of the stand-ins.
            columns[box.key] = user


def _own_boxes(
    number: int,
    members: set[int],
    boxes: Sequence[Box],
    columns: dict[int, int],
    arrows: Sequence[Arrow],
    stand_in: Callable[[int], tuple[float, float]],
) -> list[Box]:
    """The boxes of a row: its members, and one for each box of an earlier row that they use."""
    outside = sorted({arrow.source for arrow in arrows} - members)
    extra = []
    for key in outside:
        width, height = stand_in(key)
        extra.append(Box(key, width, height, row=number, stands_in=True))
    return [*extra, *(box for box in boxes if box.key in members)]


def _place_row(own: list[Box], arrows: Sequence[Arrow], columns: dict[int, int], top: float) -> float:
    """Places the boxes of one row below ``top``; gives where the row ends."""
    by_key = {box.key: box for box in own}
    users: dict[int, list[int]] = {}
    for arrow in arrows:
        users.setdefault(arrow.source, []).append(arrow.target)
    place = {box.key: 2 * columns[box.key] for box in own if not box.stands_in}
    for box in own:
        first = min((place[key] for key in users.get(box.key, ())), default=0)
        if box.stands_in or (box.leaf and first == place[box.key] and users.get(box.key)):
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
    """The boxes that an arrow passes: its ends, and a thin one in each column between."""
    path = [by_key[arrow.source]]
    for column in range(column_of[arrow.source] + 1, column_of[arrow.target]):
        thin = Box(-1, 0.0, 8.0, passing=True)
        grid[column].append(thin)
        path.append(thin)
    return [*path, by_key[arrow.target]]


def _order(grid: list[list[Box]], links: Sequence[tuple[Box, Box]]) -> None:
    """Sorts each column by the mean place of its neighbours, there and back, and keeps the best found."""
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
    """Moves boxes towards their neighbours, without changing the order in a column."""
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
    """Middles as near to those wanted as the gaps permit."""
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
    """The numbers that never fall and lie nearest to those wanted, in the sense of least squares.

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
    """Columns next to each other, with room for the labels between them."""
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
    """The points of an arrow; those that end at one box end below each other."""
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
    """Labels in the last gap of their arrow, pushed apart where they would overlap."""
    gaps: dict[float, list[Arrow]] = {}
    for arrow in arrows:
        if arrow.label_width:
            gaps.setdefault(arrow.points[-1][0], []).append(arrow)
    # Boxes of one column may differ in width: labels that lie near each other are pushed apart together.
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
