"""Large operations outside of traced functions run on the backend: on all threads, with the bits of traced functions.

NumPy's references compute exponentials on one thread. Its products use several, which own fixed parts and so wait for
each other on a busy machine; those of the engine claim theirs.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from tensorlet.backends.dispatch import compile_graph
from tensorlet.backends.programs import Executable
from tensorlet.graph import ir
from tensorlet.ops.registry import Operation, Spec

#: Arrays with fewer elements are left to the references. Compiling takes half a millisecond, once for each shape; a
#: softmax of so many elements then takes a fifth of the reference's time.
LARGE = 1 << 15
#: A product is worth it from so many multiplications on: NumPy's threads spin and wait for each other.
LARGE_PRODUCT = 1 << 24
#: Operations whose kernels are much faster than the references.
FUNCTIONS = frozenset(
    {
        "cos", "erf", "exp", "expm1", "log", "log1p", "log_softmax", "pow", "sigmoid", "sin", "softmax", "softplus",
        "tan", "tanh",
    }
)  # fmt: skip
#: Operations whose references are so slow that results of fewer elements are worth a program, too.
SLOW_REFERENCES = frozenset({"random"})
#: Operations that may be worth a program although their first input is small.
WORTH_A_LOOK = SLOW_REFERENCES | {"matmul"}
LARGE_FOR_SLOW = 1 << 14
#: A shuffle of NumPy's numbers is a loop in Python.
LARGE_FOR_PERMUTATION = 1 << 11
#: Programs that are kept.
MOST_PROGRAMS = 64

_programs: dict[tuple[object, ...], Executable | None] = {}


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
    if operation.name == "matmul":
        axis = -2 if attributes["transpose_a"] else -1
        worth_it = spec.size * arrays[0].shape[axis] >= LARGE_PRODUCT
    elif operation.name in SLOW_REFERENCES:
        is_loop = attributes["kind"] == "permutation"
        worth_it = spec.size >= (LARGE_FOR_PERMUTATION if is_loop else LARGE_FOR_SLOW)
    else:
        worth_it = operation.name in FUNCTIONS and spec.dtype.is_floating
    if not worth_it or spec.dtype.name not in ("float32", "float64", "int32", "int64"):
        return None
    if not all(array.flags.c_contiguous for array in arrays):
        return None
    key = (operation.name, *attributes.items(), *[(array.shape, array.dtype) for array in arrays])
    if key not in _programs:
        if len(_programs) >= MOST_PROGRAMS:
            _programs.pop(next(iter(_programs)), None)
        _programs[key] = _compiled(operation, arrays, attributes)
    program = _programs[key]
    return None if program is None else program.run(arrays, [])[0]


def _compiled(
    operation: Operation, arrays: Sequence[np.ndarray], attributes: dict[str, Any]
) -> Executable | None:
    inputs = [
        ir.Node(ir.INPUT, ir.constant(array).spec, value=position) for position, array in enumerate(arrays)
    ]
    graph = ir.Graph(inputs, [ir.apply(operation, *inputs, **attributes)])
    return compile_graph(graph, operation.name, quiet=True)
