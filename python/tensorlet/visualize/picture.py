"""Converts a computation to a drawing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from tensorlet.graph import ir
from tensorlet.localization import mark
from tensorlet.localization import translate as _
from tensorlet.visualize import svg
from tensorlet.visualize.bodies import bodies
from tensorlet.visualize.computation import Computation, is_number
from tensorlet.visualize.formulas import LONGEST_NAME, derivative_label, short_number, title_of, value_lines
from tensorlet.visualize.layout import Arrow, Box, Layout, lay_out

MARGIN, PADDING = 18.0, 10.0
LABEL_SIZE = 12.0
#: Longer formulas in a box are shortened; the tooltip shows the whole formula.
LONGEST_TITLE = 42
#: What the kinds of boxes are called.
KINDS = {"input": mark("input"), "variable": mark("variable"), "constant": mark("constant")}


@dataclass
class Panel:
    """The content of a box: lines with their colors, and the style of its border.

    Attributes:
        name: the name of the value, for placeholders in later rows.
        lines: (text, color, bold).
        kind: ``input``, ``variable``, ``constant``, ``operation`` or ``layer``.
        result: whether it is a result of the function.
        tooltip: the full description.
    """

    name: str
    lines: list[tuple[str, str, bool]]
    kind: str
    result: bool = False
    tooltip: str = ""

    @property
    def size(self) -> tuple[float, float]:
        """The width and height of its box."""
        widest = max(svg.text_width(text, bold=bold) for text, _, bold in self.lines)
        return max(widest + 2 * PADDING, 64.0), len(self.lines) * svg.LINE + 2 * PADDING - 4


@dataclass
class Picture:
    """Panels, and arrows between them (from, to, label); drawn by `render`, with the pictures ``inner`` below."""

    title: str
    panels: list[Panel] = field(default_factory=list)
    arrows: list[tuple[int, int, str]] = field(default_factory=list)
    legend: list[str] = field(default_factory=list)
    note: str = ""
    inner: list[Picture] = field(default_factory=list)


# --- from computations ------------------------------------------------------------------


def picture_of(computation: Computation) -> Picture:
    """Returns the picture of a computation, with those of the branches and loops in it."""
    picture = _outer_picture(computation)
    picture.legend = _legend(computation)
    if computation.problem:
        picture.note = f"No gradients: {computation.problem}."
    picture.inner = _inner_pictures(computation)
    return picture


def _inner_pictures(computation: Computation) -> list[Picture]:
    pictures = []
    for part in bodies(computation):
        picture = _outer_picture(part)
        picture.title = part.name
        pictures += [picture, *_inner_pictures(part)]
    return pictures


def _outer_picture(computation: Computation) -> Picture:
    graph, names = computation.graph, computation.names
    nodes = list({id(node): node for node in [*graph.inputs, *graph.nodes()]}.values())
    inline = _inline_constants(computation)
    drawn = [node for node in nodes if id(node) not in inline]
    shown = {**{key: svg.shortened(name, LONGEST_NAME) for key, name in names.items()}, **inline}
    place = {id(node): index for index, node in enumerate(drawn)}
    updated: dict[int, list[str]] = {}
    for variable, node in graph.updates:
        updated.setdefault(id(node), []).append(_variable_name(computation, variable))
    picture = Picture(_("The computation graph of {name}").format(name=computation.name))
    for node in drawn:
        picture.panels.append(_panel(computation, node, shown, updated.get(id(node), [])))
        for position, other in enumerate(node.inputs):
            if id(other) in place:
                label = _edge_label(computation, node, position, shown)
                picture.arrows.append((place[id(other)], place[id(node)], label))
    return picture


def _inline_constants(computation: Computation) -> dict[int, str]:
    """Returns the numbers that are shown in formulas instead of their own box."""
    outputs = {id(node) for node in computation.graph.roots()}
    return {
        id(node): short_number(node.value.item())
        for node in computation.graph.nodes()
        if is_number(node, computation.captured) and id(node) not in outputs
    }


def _variable_name(computation: Computation, variable: object) -> str:
    for node in computation.graph.nodes():
        if node.kind == ir.VARIABLE and node.value is variable:
            return computation.names[id(node)]
    return str(getattr(variable, "_name", "a variable"))


def _panel(computation: Computation, node: ir.Node, shown: dict[int, str], updates: Sequence[str]) -> Panel:
    name = computation.names[id(node)]
    kind = {ir.INPUT: "input", ir.VARIABLE: "variable", ir.CONSTANT: "constant"}.get(node.kind, "operation")
    formula = title_of(node, [shown[id(other)] for other in node.inputs]) if kind == "operation" else ""
    head = f"{shown[id(node)]} = {formula}" if formula else svg.shortened(name, 24)
    if id(node) in computation.captured:
        kind = "constant"
    lines = [(svg.shortened(head, LONGEST_TITLE), svg.INK, True)]
    shown_kind = "" if formula or kind not in KINDS else _(KINDS[kind])
    lines.append((_spec_text(node, shown_kind), svg.QUIET, False))
    value = computation.values.get(id(node), node.value if node.kind == ir.CONSTANT else None)
    if value is not None and not isinstance(value, list):
        lines += [(text, svg.VALUE, False) for text in _after(_("value") + " ", value_lines(value))]
    gradient = computation.gradients.get(id(node))
    if gradient is not None:
        before = f"∂{shown[id(computation.graph.outputs[0])]}/∂{shown[id(node)]} = "
        lines += [(text, svg.GRADIENT, False) for text in _after(before, value_lines(gradient))]
    new = _("new value of {name}")
    lines += [(new.format(name=svg.shortened(one, 24)), svg.INK, False) for one in updates]
    result = any(output is node for output in computation.graph.outputs)
    tooltip = f"{name}: {node.operation.name if node.operation else kind} {node.spec}"
    if formula:
        tooltip += f" = {title_of(node, [computation.names[id(other)] for other in node.inputs])}"
    return Panel(name, lines, kind, result, tooltip)


def _after(before: str, lines: Sequence[str]) -> list[str]:
    """Puts ``before`` in front of the first line; on a separate line if there are several."""
    return [before + lines[0]] if len(lines) == 1 else [before.rstrip(), *lines]


def _spec_text(node: ir.Node, kind: str) -> str:
    shape = _("scalar") if not node.shape else f"[{', '.join(map(str, node.shape))}]"
    dtype = "" if node.dtype.name == "float32" else node.dtype.name
    return ", ".join(part for part in (kind, " ".join(part for part in (dtype, shape) if part)) if part)


def _edge_label(computation: Computation, node: ir.Node, position: int, shown: dict[int, str]) -> str:
    derivatives = computation.locals.get(id(node))
    other = node.inputs[position]
    if derivatives is None or id(node) not in computation.gradients or id(other) not in computation.gradients:
        return ""
    operands = [shown[id(one)] for one in node.inputs]
    label = derivative_label(node, position, shown[id(node)], operands, derivatives[position])
    return label if len(label) <= 44 else ""


def _legend(computation: Computation) -> list[str]:
    parts = [
        _("round corners: input"),
        _("double border: variable"),
        _("dashed: constant"),
        _("thick border: result"),
    ]
    if computation.gradients:
        parts.append(_("on an arrow: the local derivative; gradients are multiplied along arrows and added"))
    return parts


# --- to SVG -----------------------------------------------------------------------------


#: The height of a title, and the space between pictures below each other.
HEADER, BETWEEN = 30.0, 26.0


def render(picture: Picture) -> str:
    """Returns the SVG of a picture."""
    parts, width, top = [], 420.0, MARGIN
    for one in (picture, *picture.inner):
        layout, drawn = _drawn(one)
        size = 15 if one is picture else 13
        parts.append(svg.text(MARGIN, top + 12, one.title, size=size, bold=True, anchor="start"))
        place = f"translate({svg.number(MARGIN)} {svg.number(top + HEADER)})"
        parts += [f'<g transform="{place}">', *drawn, "</g>"]
        width = max(width, layout.width, svg.text_width(one.title, size, True))
        top += HEADER + layout.height + BETWEEN
    footer = _footer(picture, width)
    for line in footer:
        parts.append(svg.text(MARGIN, top + 4, line, colour=svg.QUIET, size=11, anchor="start"))
        width, top = max(width, svg.text_width(line, 11)), top + 16
    height = top + 2 if footer else top - BETWEEN + MARGIN
    return svg.document(width + 2 * MARGIN, height, picture.title, parts)


def _drawn(picture: Picture) -> tuple[Layout, list[str]]:
    """The boxes and arrows of a picture."""
    tags = [f"{svg.shortened(panel.name, 18)} (above)" for panel in picture.panels]
    boxes = []
    for index, panel in enumerate(picture.panels):
        width, height = panel.size
        boxes.append(Box(index, width, height, leaf=panel.kind in ("input", "variable", "constant")))
    arrows = [
        Arrow(source, target, svg.text_width(label, LABEL_SIZE) if label else 0.0)
        for source, target, label in picture.arrows
    ]
    layout = lay_out(boxes, arrows, lambda key: (svg.text_width(tags[key]) + 2 * PADDING, svg.LINE + 8))
    body = [_arrow(arrow) for arrow in layout.arrows]
    for box in layout.boxes:
        body += _placeholder(box, tags[box.key]) if box.is_placeholder else _box(box, picture.panels[box.key])
    body += [
        svg.label(*arrow.label_at, label, colour=svg.GRADIENT, size=LABEL_SIZE)
        for arrow, (_, _, label) in zip(layout.arrows, picture.arrows, strict=True)
        if label
    ]
    return layout, body


def _footer(picture: Picture, room: float) -> list[str]:
    """The lines below a drawing, wrapped to its width where possible."""
    lines: list[str] = []
    for part in picture.legend:
        joined = f"{lines[-1]} · {part}" if lines else part
        if lines and svg.text_width(joined, 11) <= room:
            lines[-1] = joined
        else:
            lines.append(part)
    return [*lines, picture.note] if picture.note else lines


def _arrow(arrow: Arrow) -> str:
    return svg.arrow(arrow.points)


def _box(box: Box, panel: Panel) -> list[str]:
    round_ = 14.0 if panel.kind == "input" else 3.0
    line = 2.6 if panel.result else 1.2
    parts = [
        f"<g><title>{svg.escaped(panel.tooltip)}</title>" if panel.tooltip else "<g>",
        svg.rectangle(
            box.x,
            box.y,
            box.width,
            box.height,
            round_=round_,
            line=line,
            dashes="5 3" if panel.kind == "constant" else "",
        ),
    ]
    if panel.kind == "variable":
        parts.append(svg.rectangle(box.x + 3, box.y + 3, box.width - 6, box.height - 6, round_=2, line=0.8))
    for index, (text, colour, bold) in enumerate(panel.lines):
        y = box.y + PADDING + 9 + index * svg.LINE
        parts.append(svg.text(box.x + box.width / 2, y, text, colour=colour, bold=bold))
    return [*parts, "</g>"]


def _placeholder(box: Box, tag: str) -> list[str]:
    return [
        svg.rectangle(box.x, box.y, box.width, box.height, round_=box.height / 2, line=0.8, dashes="2 2"),
        svg.text(box.x + box.width / 2, box.middle + 4.5, tag, colour=svg.QUIET),
    ]
