"""From graph operations to engine instructions; whole graphs are in `translate`.

Element-wise operations name their instruction in their record (`Elsewhere`); all others have a rule here.

A graph with an operation that has neither runs on the reference backend.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

import tensorlet.ops  # noqa: F401 - all operations
from tensorlet.backends.native.instructions import (
    DTYPES,
    Value,
    map_,
    result,
)
from tensorlet.backends.programs import UnsupportedError
from tensorlet.graph import ir
from tensorlet.ops.registry import named_elsewhere

Rule = Callable[[ir.Node, list[Value]], Value]
LOWERINGS: dict[str, Rule] = {}

_DECOMPOSITION = "It is computed by LAPACK, through NumPy."
#: Operations that the engine has no kernel for, and why: graphs with one of them run on the reference backend.
WITHOUT_KERNEL = {
    "random_counts": "Poisson and binomial numbers are drawn by NumPy.",
    **dict.fromkeys(("acos", "asin", "asinh", "atan", "atan2"), "Networks rarely need it in every step."),
    **dict.fromkeys(
        ("bitcast", "bitwise_and", "bitwise_or", "bitwise_xor", "gcd", "lcm", "left_shift", "nextafter", "right_shift"),
        "Networks rarely compute with bits.",
    ),
    "erfc": "Networks rarely need it in every step.",
    "fourier": "NumPy computes Fourier transforms.",
    **dict.fromkeys(
        (
            "cholesky", "determinant", "eigenvalues", "eigenvectors", "log_abs_determinant", "matrix_exponential",
            "eig_values", "eig_vectors", "matrix_inverse", "qr", "qr_full", "solve", "svd_full_left", "svd_full_right",
            "svd_left", "svd_right", "svd_values",
        ),
        _DECOMPOSITION,
    ),
    **dict.fromkeys(("lu", "lu_permutation"), "It is computed column by column, in NumPy."),
}  # fmt: skip

#: What to write instead of an operation that has no rule.
ADVICE = {
    "dataset_loop": "The batches run on the engine. A loop outside of the function, around one of a batch, is as fast.",
}
#: What to do about a dtype that the engine lacks.
DTYPE_ADVICE = f"Convert to a supported dtype with tf.cast ({', '.join(DTYPES)})."


def lower_node(node: ir.Node, inputs: list[Value]) -> Value:
    """Translates one operation."""
    name = node.operation.name  # type: ignore[union-attr]
    rule = LOWERINGS.get(name)
    if rule is None:
        raise UnsupportedError(f"the operation {name}{_place(node)}", ADVICE.get(name, ""))
    dtype_of(node)
    return rule(node, inputs)


def dtype_of(node: ir.Node) -> str:
    """The engine's name of a node's dtype."""
    if node.dtype.name not in DTYPES:
        name = node.operation.name  # type: ignore[union-attr]
        raise UnsupportedError(f"the dtype {node.dtype.name} of {name}{_place(node)}", DTYPE_ADVICE)
    return DTYPES[node.dtype.name]


def _place(node: ir.Node) -> str:
    """The layer that a node belongs to, for messages."""
    return f" (in {node.scope})" if node.scope else ""


# --- element-wise ----------------------------------------------------------------------


def _elementwise(op: str) -> Rule:
    def rule(node: ir.Node, inputs: list[Value]) -> Value:
        return map_(op, inputs, dtype_of(node), node.shape, node.name)

    return rule


LOWERINGS.update({name: _elementwise(op) for name, op in named_elsewhere("engine").items()})


def _same(node: ir.Node, inputs: list[Value]) -> Value:
    return inputs[0]


LOWERINGS["identity"] = _same
LOWERINGS["stop_gradient"] = _same


# --- reductions -------------------------------------------------------------------------


def _reduce(kind: str) -> Rule:
    def rule(node: ir.Node, inputs: list[Value]) -> Value:
        axes = [int(axis) for axis in node.attributes["axis"]]
        return result("reduce", inputs, dtype_of(node), node.shape, node.name, kind=kind, axes=axes)

    return rule


for _kind in ("sum", "mean", "max", "min", "prod", "any", "all"):
    LOWERINGS[f"reduce_{_kind}"] = _reduce(_kind)


def _arg_reduce(largest: bool) -> Rule:
    def rule(node: ir.Node, inputs: list[Value]) -> Value:
        axis = int(node.attributes["axis"])
        found = result("arg_reduce", inputs, "i64", node.shape, node.name, axis=axis, largest=largest)
        return cast_to(found, dtype_of(node))

    return rule


LOWERINGS["argmax"] = _arg_reduce(True)
LOWERINGS["argmin"] = _arg_reduce(False)


def cast_to(value: Value, dtype: str) -> Value:
    """The value in another dtype."""
    return value if value.dtype == dtype else map_("cast", [value], dtype, value.shape, value.name)


# --- linear algebra and rows ------------------------------------------------------------


def _matmul(node: ir.Node, inputs: list[Value]) -> Value:
    """Merges all leading axes into one batch axis."""
    flags = {name: bool(node.attributes.get(name, False)) for name in ("transpose_a", "transpose_b")}
    dtype = dtype_of(node)
    if dtype not in ("f32", "f64"):
        raise UnsupportedError(
            f"a matrix product of {node.dtype.name}", "Cast the operands to float32 or float64."
        )
    if len(node.shape) <= 3:
        return result("matmul", inputs, dtype, node.shape, node.name, **flags)
    batch = int(np.prod(node.shape[:-2]))
    folded = [result("reshape", [x], x.dtype, (batch, *x.shape[-2:]), node.name) for x in inputs]
    product = result("matmul", folded, dtype, (batch, *node.shape[-2:]), node.name, **flags)
    return result("reshape", [product], dtype, node.shape, node.name)


LOWERINGS["matmul"] = _matmul


def _plain(op: str, *names: str) -> Rule:
    """An instruction with the same attributes as the operation."""

    def rule(node: ir.Node, inputs: list[Value]) -> Value:
        attributes = {name: _json(node.attributes[name]) for name in names}
        return result(op, inputs, dtype_of(node), node.shape, node.name, **attributes)

    return rule


def _json(value: object) -> Any:
    return (
        [int(item) for item in value] if isinstance(value, Sequence) and not isinstance(value, str) else value
    )


LOWERINGS["softmax"] = _plain("softmax")
LOWERINGS["log_softmax"] = _plain("log_softmax")
LOWERINGS["pick"] = _plain("pick")
LOWERINGS["reshape"] = _plain("reshape")
LOWERINGS["broadcast_to"] = _plain("broadcast")
LOWERINGS["transpose"] = _plain("transpose", "perm")
LOWERINGS["slice"] = _plain("slice", "begin", "strides")
LOWERINGS["pad"] = _plain("pad", "before")
LOWERINGS["concat"] = _plain("concat", "axis")
LOWERINGS["gather"] = _plain("gather", "axis")
LOWERINGS["scatter_add"] = _plain("scatter_add")
LOWERINGS["cumsum"] = _plain("cumsum", "axis", "exclusive", "reverse")
LOWERINGS["sort"] = _plain("sort", "descending")
LOWERINGS["argsort"] = _plain("argsort", "descending")


def _top_k(node: ir.Node, inputs: list[Value]) -> Value:
    x = inputs[0]
    order = result("argsort", inputs, dtype_of(node), x.shape, node.name, descending=True)
    ones = [1] * len(x.shape)
    return result(
        "slice", [order], order.dtype, node.shape, node.name, begin=[0] * len(x.shape), strides=ones
    )


LOWERINGS["top_k"] = _top_k

for _name in ("conv2d", "conv2d_input_gradient", "conv2d_filter_gradient"):
    LOWERINGS[_name] = _plain(_name, "strides", "dilations", "before", "groups")
for _name in ("max_pool2d", "max_pool2d_select", "max_pool2d_scatter", "avg_pool2d", "avg_pool2d_gradient"):
    LOWERINGS[_name] = _plain(_name, "window", "strides", "before")


# --- random numbers ---------------------------------------------------------------------


def _random(node: ir.Node, inputs: list[Value]) -> Value:
    attributes = {name: node.attributes[name] for name in ("kind", "seed", "stream", "low", "span")}
    return result("random", inputs, dtype_of(node), node.shape, node.name, **attributes)


LOWERINGS["random"] = _random
