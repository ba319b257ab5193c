"""Large operations outside of traced functions run on the backend: on all threads, with the bits of traced functions.

NumPy's references compute exponentials on one thread. Its products use several, which own fixed parts and so wait for
each other on a busy machine; those of the engine claim theirs.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import numpy as np

from tensorlet.backends.dispatch import compile_graph
from tensorlet.backends.programs import Executable
from tensorlet.graph import ir
from tensorlet.ops.registry import Operation, Spec

#: Arrays with fewer elements are left to the references. Compiling takes half a millisecond, once for each shape; a
#: softmax of so many elements then takes a fifth of the reference's time.
LARGE = 1 << 15
#: From about so many multiplications on, NumPy's products use threads, which spin and wait for each other: on a busy
#: machine some take 20 ms instead of 0.05.
LARGE_PRODUCT = 1 << 19
#: Operations whose kernels are much faster than the references.
FUNCTIONS = frozenset(
    {
        "cos", "erf", "exp", "expm1", "log", "log1p", "log_softmax", "maximum", "pow", "sigmoid", "sin", "softmax",
        "softplus", "tan", "tanh", "where",
    }
)  # fmt: skip
#: Operations whose kernels gain from several threads only. Each takes less time than to compile a program, so that
#: this is done when such shapes come for the second time.
SIMPLE = frozenset(
    {
        "abs", "add", "divide", "minimum", "multiply", "negative", "reduce_max", "reduce_mean", "reduce_min",
        "reduce_sum", "sqrt", "square", "subtract", "transpose",
    }
)  # fmt: skip
LARGE_FOR_SIMPLE = 1 << 17
#: Random numbers are worth a program from fewer elements on: their reference is slow.
LARGE_FOR_RANDOM = 1 << 14
#: A shuffle of NumPy's numbers is a loop in Python.
LARGE_FOR_PERMUTATION = 1 << 11
#: Multiplications of a convolution; its reference passes over the pictures once for each tap of the filters.
LARGE_CONVOLUTION = 1 << 18
#: Elements of pictures that are pooled, with such passes, too.
LARGE_POOLING = 1 << 13
#: How many programs are kept, and how many elements their results have, since a program keeps memory between its runs.
MOST_PROGRAMS = 256
MOST_ELEMENTS = 1 << 26

Rule = Callable[[Spec, Sequence[tuple[int, ...]], dict[str, Any]], bool]


def _product(spec: Spec, shapes: Sequence[tuple[int, ...]], attributes: dict[str, Any]) -> bool:
    axis = -2 if attributes["transpose_a"] else -1
    return spec.size * shapes[0][axis] >= LARGE_PRODUCT


def _random(spec: Spec, shapes: Sequence[tuple[int, ...]], attributes: dict[str, Any]) -> bool:
    is_loop = attributes["kind"] == "permutation"
    return spec.size >= (LARGE_FOR_PERMUTATION if is_loop else LARGE_FOR_RANDOM)


def _convolution(outputs: tuple[int, ...], filters: tuple[int, ...]) -> bool:
    return math.prod(outputs) * math.prod(filters[:3]) >= LARGE_CONVOLUTION


def _pooling(spec: Spec, shapes: Sequence[tuple[int, ...]], attributes: dict[str, Any]) -> bool:
    return max(spec.size, math.prod(shapes[0])) >= LARGE_POOLING


#: Operations whose first input does not say how much work they are -> whether they are worth a program.
BY_WORK: dict[str, Rule] = {
    "matmul": _product,
    "random": _random,
    "conv2d": lambda spec, shapes, attributes: _convolution(spec.shape, shapes[1]),
    "conv2d_input_gradient": lambda spec, shapes, attributes: _convolution(*shapes),
    "conv2d_filter_gradient": lambda spec, shapes, attributes: _convolution(shapes[1], spec.shape),
    **dict.fromkeys(
        ["avg_pool2d", "avg_pool2d_gradient", "max_pool2d", "max_pool2d_scatter", "max_pool2d_select"],
        _pooling,
    ),
}

_Key = tuple[object, ...]
_Entry = TypeVar("_Entry", bound="tuple[Executable | None, int]")
#: Programs, and the number of elements of their results.
_programs: dict[_Key, tuple[Executable | None, int]] = {}
#: Simple operations that came once.
_seen: dict[_Key, tuple[None, int]] = {}


def computed(
    operation: Operation, arrays: Sequence[np.ndarray], attributes: dict[str, Any], spec: Spec
) -> np.ndarray | None:
    """The result of an operation with a large input; None if it is left to the reference.

    Args:
        operation: any.
        arrays: its inputs.
        attributes: its attributes.
        spec: the shape and dtype of the result.
    """
    if not _worth_it(operation.name, spec, arrays, attributes):
        return None
    if spec.dtype.name not in ("float32", "float64", "int32", "int64"):
        return None
    if not all(array.flags.c_contiguous for array in arrays):
        if operation.name not in BY_WORK:
            return None
        # A copy costs little beside the work.
        arrays = [array if array.flags.c_contiguous else np.ascontiguousarray(array) for array in arrays]
    key = (operation.name, *attributes.items(), *[(array.shape, array.dtype) for array in arrays])
    if operation.name in SIMPLE and key not in _seen:
        _keep(_seen, key, (None, 0))
        return None
    try:
        program, _ = _programs[key]
    except KeyError:  # another thread may remove what this one has found
        program = _compiled(operation, arrays, attributes)
        _keep(_programs, key, (program, spec.size))
    return None if program is None else program.run(arrays, [])[0]


def _worth_it(name: str, spec: Spec, arrays: Sequence[np.ndarray], attributes: dict[str, Any]) -> bool:
    if name in BY_WORK:
        return BY_WORK[name](spec, [array.shape for array in arrays], attributes)
    if name in SIMPLE:
        return max(array.size for array in arrays) >= LARGE_FOR_SIMPLE
    return name in FUNCTIONS and spec.dtype.is_floating


def _keep(table: dict[_Key, _Entry], key: _Key, value: _Entry) -> None:
    """Adds an entry; the oldest ones make room."""
    size = value[1] + sum(one[1] for one in list(table.values()))
    for oldest in list(table):
        if len(table) < MOST_PROGRAMS and size <= MOST_ELEMENTS:
            break
        size -= table.pop(oldest, value)[1]
    table[key] = value


def _compiled(
    operation: Operation, arrays: Sequence[np.ndarray], attributes: dict[str, Any]
) -> Executable | None:
    inputs = [
        ir.Node(ir.INPUT, ir.constant(array).spec, value=position) for position, array in enumerate(arrays)
    ]
    graph = ir.Graph(inputs, [ir.apply(operation, *inputs, **attributes)])
    return compile_graph(graph, operation.name, quiet=True)
