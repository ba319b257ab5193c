"""Conversion of operations to ONNX operators: by the name in their record, or by a rule in this module."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

import tensorlet.ops  # noqa: F401 - all operations
from tensorlet.export import onnx_format
from tensorlet.export.frozen import ExportError, length_of
from tensorlet.export.onnx_builder import Builder
from tensorlet.graph import ir
from tensorlet.ops.registry import named_elsewhere

#: Converts one operation: takes the pair of nodes and the names of its inputs, returns the name of its result.
Rule = Callable[[Builder, ir.Node, ir.Node, Sequence[str]], str]
#: An index beyond the end, or before the beginning, of any axis.
FAR = (1 << 63) - 1


def _same(operator: str, **attributes: Any) -> Rule:
    """Returns the rule for an operator with the same meaning."""
    return lambda builder, node, _, inputs: builder.add(operator, inputs, **attributes)


def _chain(*operators: str) -> Rule:
    """Returns the rule for several operators in sequence, each applied to the result of the previous one."""

    def rule(builder: Builder, node: ir.Node, _: ir.Node, inputs: Sequence[str]) -> str:
        name = builder.add(operators[0], inputs)
        for operator in operators[1:]:
            name = builder.add(operator, [name])
        return name

    return rule


def _pass(builder: Builder, node: ir.Node, _: ir.Node, inputs: Sequence[str]) -> str:
    return inputs[0]


def _one(builder: Builder, node: ir.Node) -> str:
    return builder.constant(1, node.dtype.numpy)


def _square(builder: Builder, node: ir.Node, _: ir.Node, inputs: Sequence[str]) -> str:
    return builder.add("Mul", [inputs[0], inputs[0]])


def _expm1(builder: Builder, node: ir.Node, _: ir.Node, inputs: Sequence[str]) -> str:
    return builder.add("Sub", [builder.add("Exp", inputs), _one(builder, node)])


def _log1p(builder: Builder, node: ir.Node, _: ir.Node, inputs: Sequence[str]) -> str:
    return builder.add("Log", [builder.add("Add", [inputs[0], _one(builder, node)])])


def _not_equal(builder: Builder, node: ir.Node, _: ir.Node, inputs: Sequence[str]) -> str:
    return builder.add("Not", [builder.add("Equal", inputs)])


def _is_finite(builder: Builder, node: ir.Node, _: ir.Node, inputs: Sequence[str]) -> str:
    lost = builder.add("Or", [builder.add("IsNaN", inputs), builder.add("IsInf", inputs)])
    return builder.add("Not", [lost])


def _floordiv(builder: Builder, node: ir.Node, other: ir.Node, inputs: Sequence[str]) -> str:
    if node.dtype.is_floating:
        return builder.add("Floor", [builder.add("Div", inputs)])
    # ONNX rounds integer quotients towards zero, but Mod follows the sign of the divisor.
    rest = builder.add("Mod", inputs)
    return builder.add("Div", [builder.add("Sub", [inputs[0], rest]), inputs[1]])


def _floormod(builder: Builder, node: ir.Node, other: ir.Node, inputs: Sequence[str]) -> str:
    if not node.dtype.is_floating:
        return builder.add("Mod", inputs)
    whole = builder.add("Mul", [_floordiv(builder, node, other, inputs), inputs[1]])
    return builder.add("Sub", [inputs[0], whole])


def _where(builder: Builder, node: ir.Node, _: ir.Node, inputs: Sequence[str]) -> str:
    if not node.dtype.is_bool:
        return builder.add("Where", inputs)
    # Where in ONNX Runtime does not support bool.
    first = builder.add("And", [inputs[0], inputs[1]])
    second = builder.add("And", [builder.add("Not", [inputs[0]]), inputs[2]])
    return builder.add("Or", [first, second])


def _cast(builder: Builder, node: ir.Node, _: ir.Node, inputs: Sequence[str]) -> str:
    if node.inputs[0].dtype is node.dtype:
        return inputs[0]
    return builder.add("Cast", inputs, to=onnx_format.DTYPES[node.dtype.name])


def _reduce(operator: str) -> Rule:
    def rule(builder: Builder, node: ir.Node, _: ir.Node, inputs: Sequence[str]) -> str:
        axes = [int(axis) for axis in node.attributes["axis"]]
        if not axes:
            return inputs[0]
        keep = int(bool(node.attributes["keepdims"]))
        return builder.add(operator, [inputs[0], builder.integers(axes)], keepdims=keep)

    return rule


def _truths(operator: str) -> Rule:
    """Returns the rule for a reduction of bools, which ONNX supports only for numbers."""
    reduce_ = _reduce(operator)

    def rule(builder: Builder, node: ir.Node, other: ir.Node, inputs: Sequence[str]) -> str:
        numbers = builder.add("Cast", inputs, to=onnx_format.DTYPES["int32"])
        return builder.add("Cast", [reduce_(builder, node, other, [numbers])], to=onnx_format.DTYPES["bool"])

    return rule


def _position(operator: str) -> Rule:
    def rule(builder: Builder, node: ir.Node, _: ir.Node, inputs: Sequence[str]) -> str:
        return builder.add(operator, inputs, axis=int(node.attributes["axis"]), keepdims=0)

    return rule


def _matmul(builder: Builder, node: ir.Node, _: ir.Node, inputs: Sequence[str]) -> str:
    names = list(inputs)
    for index, flag in enumerate(("transpose_a", "transpose_b")):
        if node.attributes[flag]:
            rank = len(node.inputs[index].shape)
            order = [*range(rank - 2), rank - 1, rank - 2]
            names[index] = builder.add("Transpose", [names[index]], perm=order)
    return builder.add("MatMul", names)


def _reshape(builder: Builder, node: ir.Node, other: ir.Node, inputs: Sequence[str]) -> str:
    lengths = [length_of(one, two) for one, two in zip(node.shape, other.shape, strict=True)]
    open_ones = [index for index, length in enumerate(lengths) if not length.fixed]
    if len(open_ones) == 1 and all(length.offset for length in lengths if length.fixed):
        shape = builder.integers([length.offset if length.fixed else -1 for length in lengths])
    else:
        shape = builder.shape(lengths)
    return builder.add("Reshape", [inputs[0], shape], allowzero=1)


def _broadcast_to(builder: Builder, node: ir.Node, other: ir.Node, inputs: Sequence[str]) -> str:
    lengths = [length_of(one, two) for one, two in zip(node.shape, other.shape, strict=True)]
    return builder.add("Expand", [inputs[0], builder.shape(lengths)])


def _transpose(builder: Builder, node: ir.Node, _: ir.Node, inputs: Sequence[str]) -> str:
    return builder.add("Transpose", inputs, perm=[int(axis) for axis in node.attributes["perm"]])


def _slice(builder: Builder, node: ir.Node, other: ir.Node, inputs: Sequence[str]) -> str:
    starts, ends, axes, steps = [], [], [], []
    for axis in range(len(node.shape)):
        first, last = (_range_of(one, axis) for one in (node, other))
        if first == last:
            start, end, step = first
        elif (
            first[2] == last[2] == 1
            and first[0] == last[0]
            and all(_range_of(one, axis)[1] == one.inputs[0].shape[axis] for one in (node, other))
        ):
            start, end, step = first[0], FAR, 1
            if start == 0:
                continue
        elif (
            first[2] == last[2]
            and first[2] < 0
            and all(_range_of(one, axis)[0] == one.inputs[0].shape[axis] - 1 for one in (node, other))
        ):
            start, end, step = FAR, -FAR, first[2]
        else:
            raise ExportError("A slice that depends on the number of rows cannot be exported to ONNX.")
        starts.append(start)
        ends.append(end if step > 0 or end >= 0 else -FAR)
        axes.append(axis)
        steps.append(step)
    if not axes:
        return inputs[0]
    return builder.add("Slice", [inputs[0], *(builder.integers(one) for one in (starts, ends, axes, steps))])


def _range_of(node: ir.Node, axis: int) -> tuple[int, int, int]:
    start, step = int(node.attributes["begin"][axis]), int(node.attributes["strides"][axis])
    return start, start + int(node.attributes["size"][axis]) * step, step


def _fixed(node: ir.Node, other: ir.Node, *names: str) -> None:
    if any(tuple(node.attributes[name]) != tuple(other.attributes[name]) for name in names):
        raise ExportError(f"The operation {node.operation.name} depends on the number of rows.")  # type: ignore[union-attr]


def _pad(builder: Builder, node: ir.Node, other: ir.Node, inputs: Sequence[str]) -> str:
    _fixed(node, other, "before", "after")
    if not node.shape:
        return inputs[0]
    pads = builder.integers([*map(int, node.attributes["before"]), *map(int, node.attributes["after"])])
    return builder.add("Pad", [inputs[0], pads, inputs[1]], mode="constant")


def _concat(builder: Builder, node: ir.Node, _: ir.Node, inputs: Sequence[str]) -> str:
    return builder.add("Concat", inputs, axis=int(node.attributes["axis"]))


def _as_index(builder: Builder, node: ir.Node, name: str) -> str:
    """Converts indices to a dtype that ONNX accepts."""
    if node.dtype.name in ("int32", "int64"):
        return name
    return builder.add("Cast", [name], to=onnx_format.DTYPES["int64"])


def _gather(builder: Builder, node: ir.Node, _: ir.Node, inputs: Sequence[str]) -> str:
    index = _as_index(builder, node.inputs[1], inputs[1])
    return builder.add("Gather", [inputs[0], index], axis=int(node.attributes["axis"]))


def _pick(builder: Builder, node: ir.Node, _: ir.Node, inputs: Sequence[str]) -> str:
    axis = builder.integers([1])
    index = builder.add("Unsqueeze", [_as_index(builder, node.inputs[1], inputs[1]), axis])
    return builder.add("Squeeze", [builder.add("GatherElements", [inputs[0], index], axis=1), axis])


def _scatter_add(builder: Builder, node: ir.Node, other: ir.Node, inputs: Sequence[str]) -> str:
    lengths = [length_of(one, two) for one, two in zip(node.shape, other.shape, strict=True)]
    zeros = builder.add("Expand", [builder.constant(0, node.dtype.numpy), builder.shape(lengths)])
    index = builder.add("Cast", [inputs[0]], to=onnx_format.DTYPES["int64"])
    index = builder.add("Unsqueeze", [index, builder.integers([-1])])
    return builder.add("ScatterND", [zeros, index, inputs[1]], reduction="add")


def _cumsum(builder: Builder, node: ir.Node, _: ir.Node, inputs: Sequence[str]) -> str:
    axis = builder.constant(int(node.attributes["axis"]), np.int64)
    flags = {name: int(bool(node.attributes[name])) for name in ("exclusive", "reverse")}
    return builder.add("CumSum", [inputs[0], axis], **flags)


def _sorted_values(builder: Builder, node: ir.Node, other: ir.Node, inputs: Sequence[str]) -> str:
    indices = _order(builder, node, other, inputs)
    return builder.add("GatherElements", [inputs[0], indices], axis=len(node.shape) - 1)


def _order(builder: Builder, node: ir.Node, other: ir.Node, inputs: Sequence[str]) -> str:
    """Returns the order of the sorted elements: the second output of TopK, which `Builder.add` does not support."""
    last = builder.length(length_of(node.shape[-1], other.shape[-1]))
    largest = int(bool(node.attributes.get("descending", True)))
    values, indices = builder.unique("sorted"), builder.unique("order")
    message = onnx_format.node(
        "TopK", [inputs[0], last], values, indices,
        {"axis": -1, "largest": largest, "sorted": 1},
    )  # fmt: skip
    builder.nodes.append(message.text(2, indices))
    return indices


def _argsort(builder: Builder, node: ir.Node, other: ir.Node, inputs: Sequence[str]) -> str:
    return builder.add("Cast", [_order(builder, node, other, inputs)], to=onnx_format.DTYPES[node.dtype.name])


def _after(node: ir.Node, taps: Sequence[int], lengths: Sequence[int], size: Sequence[int]) -> list[int]:
    """The padding below and to the right of pictures, given that above and to the left."""
    dilations = node.attributes.get("dilations", (1, 1))
    needed = [
        (size[axis] - 1) * node.attributes["strides"][axis] + (taps[axis] - 1) * dilations[axis] + 1
        for axis in (0, 1)
    ]
    return [max(0, needed[axis] - node.attributes["before"][axis] - lengths[axis]) for axis in (0, 1)]


#: Channels to the second axis, and back; ONNX has them there.
_FIRST, _LAST = [0, 3, 1, 2], [0, 2, 3, 1]


def _integers(values: Sequence[int]) -> list[int]:
    return [int(value) for value in values]


def _conv2d(builder: Builder, node: ir.Node, _: ir.Node, inputs: Sequence[str]) -> str:
    x, w = node.inputs
    after = _after(node, w.shape[:2], x.shape[1:3], node.shape[1:3])
    pictures = builder.add("Transpose", [inputs[0]], perm=_FIRST)
    filters = builder.add("Transpose", [inputs[1]], perm=[3, 2, 0, 1])
    sums = builder.add(
        "Conv", [pictures, filters], kernel_shape=_integers(w.shape[:2]),
        strides=_integers(node.attributes["strides"]), dilations=_integers(node.attributes["dilations"]),
        pads=_integers([*node.attributes["before"], *after]), group=int(node.attributes["groups"]),
    )  # fmt: skip
    return builder.add("Transpose", [sums], perm=_LAST)


def _conv2d_transpose(builder: Builder, node: ir.Node, _: ir.Node, inputs: Sequence[str]) -> str:
    g, w = node.inputs
    strides, dilations = node.attributes["strides"], node.attributes["dilations"]
    pads, more = list(node.attributes["before"]), []
    for axis in (0, 1):
        reach = (w.shape[axis] - 1) * dilations[axis] + 1
        left = (g.shape[axis + 1] - 1) * strides[axis] + reach - pads[axis] - node.shape[axis + 1]
        pads.append(max(0, left))
        more.append(max(0, -left))
    pictures = builder.add("Transpose", [inputs[0]], perm=_FIRST)
    filters = builder.add("Transpose", [inputs[1]], perm=[3, 2, 0, 1])
    sums = builder.add(
        "ConvTranspose", [pictures, filters], kernel_shape=_integers(w.shape[:2]), strides=_integers(strides),
        dilations=_integers(dilations), pads=_integers(pads), output_padding=_integers(more),
        group=int(node.attributes["groups"]),
    )  # fmt: skip
    return builder.add("Transpose", [sums], perm=_LAST)


def _pool(operator: str, **attributes: Any) -> Rule:
    def rule(builder: Builder, node: ir.Node, _: ir.Node, inputs: Sequence[str]) -> str:
        window = node.attributes["window"]
        after = _after(node, window, node.inputs[0].shape[1:3], node.shape[1:3])
        pictures = builder.add("Transpose", [inputs[0]], perm=_FIRST)
        pooled = builder.add(
            operator, [pictures], kernel_shape=_integers(window), strides=_integers(node.attributes["strides"]),
            pads=_integers([*node.attributes["before"], *after]), **attributes,
        )  # fmt: skip
        return builder.add("Transpose", [pooled], perm=_LAST)

    return rule


#: Maps operations to rules.
RULES: dict[str, Rule] = {
    **{name: _chain(*operators) for name, operators in named_elsewhere("onnx").items()},
    "identity": _pass, "stop_gradient": _pass, "cast": _cast,
    "square": _square, "expm1": _expm1, "log1p": _log1p,
    "softmax": _same("Softmax", axis=-1), "log_softmax": _same("LogSoftmax", axis=-1),
    "floordiv": _floordiv, "floormod": _floormod,
    "not_equal": _not_equal,
    "is_finite": _is_finite, "where": _where,
    "reduce_sum": _reduce("ReduceSum"), "reduce_mean": _reduce("ReduceMean"), "reduce_max": _reduce("ReduceMax"),
    "reduce_min": _reduce("ReduceMin"), "reduce_prod": _reduce("ReduceProd"),
    "reduce_any": _truths("ReduceMax"), "reduce_all": _truths("ReduceMin"),
    "argmax": _position("ArgMax"), "argmin": _position("ArgMin"),
    "matmul": _matmul, "reshape": _reshape, "broadcast_to": _broadcast_to, "transpose": _transpose,
    "slice": _slice, "pad": _pad, "concat": _concat, "gather": _gather, "pick": _pick,
    "conv2d": _conv2d, "conv2d_input_gradient": _conv2d_transpose,
    "max_pool2d": _pool("MaxPool"), "avg_pool2d": _pool("AveragePool", count_include_pad=0),
    "scatter_add": _scatter_add, "cumsum": _cumsum, "sort": _sorted_values, "argsort": _argsort, "top_k": _argsort,
}  # fmt: skip

#: Operations that ONNX cannot represent, with the reason.
WITHOUT_COUNTERPART = {
    **dict.fromkeys(("random", "random_counts"), "draws random numbers, which a prediction should not"),
    "cond": "chooses between two branches at run time",
    "while_loop": "is a loop whose number of iterations is not known in advance",
    "item": "belongs to a branch or a loop",
    **dict.fromkeys(
        ("conv2d_filter_gradient", "max_pool2d_select", "max_pool2d_scatter", "avg_pool2d_gradient"),
        "is part of a gradient, for which ONNX has no operator",
    ),
    **dict.fromkeys(
        ("atan2", "bitcast", "erfc", "fourier", "gcd", "lcm", "left_shift", "nextafter", "right_shift"),
        "has no corresponding ONNX operator",
    ),
    **dict.fromkeys(
        (
            "cholesky",
            "eig_values",
            "eig_vectors",
            "eigenvalues",
            "eigenvectors",
            "lu",
            "lu_permutation",
            "matrix_exponential",
            "matrix_inverse",
            "qr",
            "qr_full",
            "solve",
            "svd_full_left",
            "svd_full_right",
            "svd_left",
            "svd_right",
            "svd_values",
        ),
        "is a function of matrices, for which ONNX has no operator",
    ),
}
