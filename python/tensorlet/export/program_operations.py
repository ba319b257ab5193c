"""Conversion of operations to NumPy, for layers that have no writer in `program_layers`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

import tensorlet.ops  # noqa: F401 - all operations
from tensorlet.export.frozen import ExportError, Frozen, Length, frozen_pair, length_of
from tensorlet.graph import ir
from tensorlet.ops.registry import named_elsewhere

#: The NumPy expression of each operation, with operands {0}, {1} and so on. Some call functions of the program,
#: which are in `program_texts`.
EXPRESSIONS = named_elsewhere("numpy")

#: Operations that return their operand.
_SAME = ("identity", "stop_gradient")

Writer = Callable[[ir.Node, ir.Node, Sequence[str]], str]


def length_text(length: Length, rows: str = "len(x)") -> str:
    """Returns a length as a Python expression."""
    if length.fixed:
        return str(length.offset)
    text = rows if length.factor == 1 else f"{rows} * {length.factor.numerator}"
    if length.factor.denominator != 1:
        text += f" // {length.factor.denominator}"
    return f"{text} + {length.offset}" if length.offset else text


def _lengths(node: ir.Node, other: ir.Node) -> list[Length]:
    return [length_of(one, two) for one, two in zip(node.shape, other.shape, strict=True)]


def _tuple(texts: Sequence[str]) -> str:
    return f"({', '.join(texts)}{',' if len(texts) == 1 else ''})"


def _reshape(node: ir.Node, other: ir.Node, inputs: Sequence[str]) -> str:
    lengths = _lengths(node, other)
    if sum(not length.fixed for length in lengths) == 1:
        texts = [length_text(length) if length.fixed else "-1" for length in lengths]
    else:
        texts = [length_text(length) for length in lengths]
    return f"{inputs[0]}.reshape({', '.join(texts) or '()'})"


def _reduce(function: str) -> Writer:
    def write(node: ir.Node, other: ir.Node, inputs: Sequence[str]) -> str:
        axes = tuple(int(axis) for axis in node.attributes["axis"])
        keep = ", keepdims=True" if node.attributes["keepdims"] else ""
        axis = axes[0] if len(axes) == 1 else axes
        # NumPy would sum up small integers as int64.
        dtype = (
            f", dtype=np.{node.dtype.name}"
            if function in ("sum", "prod") and not node.dtype.is_floating
            else ""
        )
        return f"np.{function}({inputs[0]}, axis={axis}{keep}{dtype})"

    return write


def _slice(node: ir.Node, other: ir.Node, inputs: Sequence[str]) -> str:
    parts = [_slice_of(node, other, axis) for axis in range(len(node.shape))] or ["..."]
    return f"{inputs[0]}[{', '.join(parts)}]"


def _slice_of(node: ir.Node, other: ir.Node, axis: int) -> str:
    ranges = []
    for one in (node, other):
        start, step = int(one.attributes["begin"][axis]), int(one.attributes["strides"][axis])
        length = one.inputs[0].shape[axis]
        stop: int | None = start + int(one.attributes["size"][axis]) * step
        if (stop is not None and stop < 0) or (step == 1 and stop == length):
            stop = None  # to the end
        ranges.append((None if step < 0 and start == length - 1 else start, stop, step))
    if ranges[0] != ranges[1]:
        raise ExportError("A slice that depends on the number of rows cannot be exported to a program.")
    first, stop, step = ranges[0]
    begin = "" if first is None or (first == 0 and step > 0) else str(first)
    return f"{begin}:{'' if stop is None else stop}{'' if step == 1 else f':{step}'}"


def _matmul(node: ir.Node, other: ir.Node, inputs: Sequence[str]) -> str:
    texts = [
        f"np.swapaxes({text}, -1, -2)" if node.attributes[flag] else text
        for text, flag in zip(inputs, ("transpose_a", "transpose_b"), strict=True)
    ]
    return f"{texts[0]} @ {texts[1]}"


def _pad(node: ir.Node, other: ir.Node, inputs: Sequence[str]) -> str:
    pairs = [
        (int(before), int(after))
        for before, after in zip(node.attributes["before"], node.attributes["after"], strict=True)
    ]
    if not pairs:
        return inputs[0]
    return f"np.pad({inputs[0]}, {pairs}, constant_values={inputs[1]})"


def _cumsum(node: ir.Node, other: ir.Node, inputs: Sequence[str]) -> str:
    axis = int(node.attributes["axis"])
    source = f"np.flip({inputs[0]}, {axis})" if node.attributes["reverse"] else inputs[0]
    text = f"np.cumsum({source}, {axis}, dtype={inputs[0]}.dtype)"
    if node.attributes["exclusive"]:
        text += f" - {source}"
    return f"np.flip({text}, {axis})" if node.attributes["reverse"] else text


def _order(node: ir.Node, other: ir.Node, inputs: Sequence[str]) -> str:
    if not node.attributes["descending"]:
        return f'np.argsort({inputs[0]}, axis=-1, kind="stable").astype("{node.dtype.name}")'
    last = f"{inputs[0]}.shape[-1] - 1"
    flipped = f'np.argsort({inputs[0]}[..., ::-1], axis=-1, kind="stable")[..., ::-1]'
    return f'({last} - {flipped}).astype("{node.dtype.name}")'


def _top_k(node: ir.Node, other: ir.Node, inputs: Sequence[str]) -> str:
    last = f"{inputs[0]}.shape[-1] - 1"
    flipped = f'np.argsort({inputs[0]}[..., ::-1], axis=-1, kind="stable")[..., ::-1]'
    return f'({last} - {flipped})[..., :{node.shape[-1]}].astype("{node.dtype.name}")'


def _sort(node: ir.Node, other: ir.Node, inputs: Sequence[str]) -> str:
    return f"np.sort({inputs[0]}, axis=-1){'[..., ::-1]' if node.attributes['descending'] else ''}"


def _broadcast_to(node: ir.Node, other: ir.Node, inputs: Sequence[str]) -> str:
    return f"np.broadcast_to({inputs[0]}, {_tuple([length_text(one) for one in _lengths(node, other)])})"


def _scatter_add(node: ir.Node, other: ir.Node, inputs: Sequence[str]) -> str:
    return f"scatter_add({inputs[0]}, {inputs[1]}, {_tuple([length_text(one) for one in _lengths(node, other)])})"


def _windowed(function: str, *names: str) -> Writer:
    """A call of a function of the program, with the attributes that it needs."""

    def write(node: ir.Node, other: ir.Node, inputs: Sequence[str]) -> str:
        values = [
            f"{name}={tuple(map(int, value)) if isinstance(value, Sequence) else int(value)}"
            for name, value in ((name, node.attributes[name]) for name in names)
        ]
        return f"{function}({', '.join([*inputs, *values])})"

    return write


_CONVOLUTION = ("strides", "dilations", "before", "size", "groups")
_POOLING = ("window", "strides", "before", "size")

#: Functions that return the expression, for operations whose expression is not a fixed pattern.
WRITERS: dict[str, Writer] = {
    "cast": lambda node, other, inputs: f'{inputs[0]}.astype("{node.dtype.name}")',
    "matmul": _matmul, "reshape": _reshape, "broadcast_to": _broadcast_to, "slice": _slice, "pad": _pad,
    "transpose": lambda node, other, inputs: f"np.transpose({inputs[0]}, {tuple(map(int, node.attributes['perm']))})",
    "concat": lambda node, other, inputs: (
        f"np.concatenate([{', '.join(inputs)}], axis={int(node.attributes['axis'])})"
    ),
    "gather": lambda node, other, inputs: (
        f"np.take({inputs[0]}, {inputs[1]}, axis={int(node.attributes['axis'])})"
    ),
    "argmax": lambda node, other, inputs: f"np.argmax({inputs[0]}, axis={int(node.attributes['axis'])})",
    "argmin": lambda node, other, inputs: f"np.argmin({inputs[0]}, axis={int(node.attributes['axis'])})",
    "reduce_sum": _reduce("sum"), "reduce_mean": _reduce("mean"), "reduce_max": _reduce("max"),
    "reduce_min": _reduce("min"), "reduce_prod": _reduce("prod"), "reduce_any": _reduce("any"),
    "reduce_all": _reduce("all"), "cumsum": _cumsum, "sort": _sort, "argsort": _order, "top_k": _top_k,
    "scatter_add": _scatter_add,
    "conv2d": _windowed("conv2d", *_CONVOLUTION),
    "conv2d_input_gradient": _windowed("conv2d_input_gradient", *_CONVOLUTION),
    "max_pool2d": _windowed("max_pool2d", *_POOLING), "avg_pool2d": _windowed("avg_pool2d", *_POOLING),
}  # fmt: skip

#: The functions of the program that expressions use.
CALLS = (
    "sigmoid", "softplus", "softmax", "log_softmax", "erf", "scatter_add", "conv2d", "conv2d_input_gradient",
    "max_pool2d", "avg_pool2d",
)  # fmt: skip


def lines_of(
    frozen: Frozen,
    inputs: Sequence[str],
    weight: Callable[[str, np.ndarray], str],
    use: Callable[[str], None],
    name_of_layer: str,
    lines: list[str] | None = None,
) -> tuple[list[str], list[str]]:
    """Returns the statements that compute a frozen graph, and the names of its results.

    Args:
        frozen: the computation.
        inputs: the names of its inputs.
        weight: returns the name of a weight or constant.
        use: called with the name of each function of the program that is used.
        name_of_layer: the name of the layer, for messages.
        lines: the statements so far, to which these are added.

    Raises:
        ExportError: for an operation that cannot be exported; the message names it.
    """
    names: dict[int, str] = {}
    loops: dict[int, list[str]] = {}
    lines = [] if lines is None else lines
    for index, (first, second) in enumerate(frozen.nodes):
        if index in frozen.folded and first.kind != ir.VARIABLE:
            continue  # named on first use
        if first.kind == ir.INPUT:
            names[index] = inputs[first.value]
        elif first.kind == ir.VARIABLE:
            names[index] = weight(first.value._name, frozen.folded[index])
        elif first.kind == ir.CONSTANT:
            names[index] = _constant_of_rows(first, second, name_of_layer)
        elif first.is_op("item"):
            names[index] = loops[frozen.position(first.inputs[0])][first.attributes["index"]]
        else:
            operands = [_operand(frozen, names, other, weight) for other in first.inputs]
            if first.is_op("scan"):
                loops[index] = _loop(frozen, (first, second), operands, lines, weight, use, name_of_layer)
                continue
            names[index] = _applied(first, second, operands, lines, use, name_of_layer)
    return lines, [_operand(frozen, names, frozen.nodes[index][0], weight) for index in frozen.outputs]


def _loop(
    frozen: Frozen,
    nodes: tuple[ir.Node, ir.Node],
    operands: list[str],
    lines: list[str],
    weight: Callable[[str, np.ndarray], str],
    use: Callable[[str], None],
    name_of_layer: str,
) -> list[str]:
    """Adds a loop over the steps of sequences; returns the names of the last states and of the stacked outputs."""
    loop: Any = nodes[0].operation
    other: Any = nodes[1].operation
    states, rows = loop.layout
    number = len(lines) + 1
    carried = [f"state{number}_{index}" for index in range(states)]
    stacks = [f"steps{number}_{index}" for index in range(len(loop.body.outputs) - states)]
    lines += [f"{name} = {value}" for name, value in zip(carried, operands, strict=False)]
    lines += [f"{name} = []" for name in stacks]
    steps = f"range({length_text(length_of(loop.length, other.length))})"
    lines.append(f"for step in {f'reversed({steps})' if loop.reverse else steps}:")
    begin = len(lines)
    given = [
        *carried,
        *(f"{name}[step]" for name in operands[states : states + rows]),
        *operands[states + rows :],
    ]
    body = frozen_pair(frozen.name, frozen.inputs, loop.body, other.body)
    _, found = lines_of(body, given, weight, use, name_of_layer, lines)
    if carried:
        lines.append(f"{', '.join(carried)} = {', '.join(found[:states])}")
    lines += [f"{name}.append({value})" for name, value in zip(stacks, found[states:], strict=True)]
    lines[begin:] = [f"    {line}" for line in lines[begin:]]
    order = "[::-1]" if loop.reverse else ""
    lines += [f"{name} = np.stack({name}{order})" for name in stacks]
    return [*carried, *stacks]


def _operand(
    frozen: Frozen, names: dict[int, str], node: ir.Node, weight: Callable[[str, np.ndarray], str]
) -> str:
    index = frozen.position(node)
    if index not in names:
        value = frozen.folded[index]
        names[index] = literal(value) if value.ndim == 0 else weight("constant", value)
    return names[index]


def literal(value: np.ndarray) -> str:
    """Returns a number as a Python expression with its NumPy dtype, so that float32 does not become float64.

    >>> import numpy as np
    >>> literal(np.asarray(0.1, np.float32)), literal(np.asarray(True))
    ('np.float32(0.1)', 'np.True_')
    """
    if value.dtype == np.bool_:
        return f"np.{bool(value)}_"
    if not np.isfinite(value):
        return f'np.{value.dtype.name}("{value.item()}")'
    return f"np.{value.dtype.name}({value[()]!s})"


def _applied(
    first: ir.Node,
    second: ir.Node,
    operands: list[str],
    lines: list[str],
    use: Callable[[str], None],
    layer: str,
) -> str:
    """Adds the statement of one operation; returns the name of its result."""
    name = first.operation.name  # type: ignore[union-attr]
    if name in _SAME:
        return operands[0]
    if name in CALLS:
        use(name)
    if name in EXPRESSIONS:
        expression = EXPRESSIONS[name].format(*operands)
    elif name in WRITERS:
        expression = WRITERS[name](first, second, operands)
    else:
        raise ExportError(
            f"'{layer}' cannot be exported to a NumPy program: the operation {name} is not supported. "
            "Remove it, or implement that layer with other operations."
        )
    result = f"v{len(lines) + 1}"
    shape = ", ".join(length_text(length, "rows") for length in _lengths(first, second))
    lines.append(f"{result} = {expression}  # ({shape})")
    return result


def _constant_of_rows(first: ir.Node, second: ir.Node, layer: str) -> str:
    values = np.concatenate([np.ravel(first.value), np.ravel(second.value)])
    if values.size and np.all(values == values[0]):
        shape = _tuple([length_text(one) for one in _lengths(first, second)])
        return f"np.full({shape}, {literal(values[0])})"
    raise ExportError(
        f"'{layer}' uses a constant that depends on the number of rows, so it cannot be exported. "
        "Make it independent of the number of rows."
    )
