"""What is combined with what in ``conversions.json``: operands of every kind, and operators, functions and layers."""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

import numpy as np

ROWS = [[1, 2], [3, 4]]
LARGE = 2**40  # does not fit int32


LAYERS = ("Dense", "Dropout", "Flatten", "Rescaling")


def operands(tf: Any) -> dict[str, Any]:
    """Values by kind; all are two by two, except for the single numbers."""
    dtypes = ("float32", "float64", "int32", "int64", "bool")
    return {
        **{f"{dtype} tensor": tf.constant(np.array(ROWS, dtype)) for dtype in dtypes},
        **{f"{dtype} variable": tf.Variable(np.array(ROWS, dtype)) for dtype in dtypes},
        **{f"{dtype} array": np.array(ROWS, dtype) for dtype in dtypes},
        "float32 scalar": np.float32(2.0),
        "float64 scalar": np.float64(2.0),
        "int64 scalar": np.int64(2),
        "Python int": 2,
        "Python float": 2.5,
        "Python bool": True,
        "large int": LARGE,
        "large int64 array": np.array(ROWS) + LARGE,
        "list of ints": ROWS,
        "list of floats": [[1.5, 2.0], [3.0, 4.0]],
        "list of bools": [[True, True], [True, True]],
        "list of large ints": [[LARGE, 2], [3, 4]],
        "list of float32 tensors": [tf.constant([1.0, 2.0]), tf.constant([3.0, 4.0])],
        "list of float64 arrays": [np.array([1.0, 2.0]), np.array([3.0, 4.0])],
    }


def is_ours(kind: str) -> bool:
    """Whether operands of the kind have the operators of tensors; those of others are Python's and NumPy's."""
    return kind.endswith((" tensor", " variable"))


OPERATORS: dict[str, Callable[[Any, Any], Any]] = {
    "+": operator.add, "-": operator.sub, "*": operator.mul, "/": operator.truediv, "//": operator.floordiv,
    "%": operator.mod, "**": operator.pow, "@": operator.matmul, "<": operator.lt, ">=": operator.ge,
    "==": operator.eq, "!=": operator.ne, "&": operator.and_,
}  # fmt: skip


def functions_of_two(tf: Any) -> dict[str, Callable[[Any, Any], Any]]:
    """Functions of two values that have to agree."""
    chosen = [[True, False], [False, True]]
    return {
        "tf.add": tf.add,
        "tf.subtract": tf.subtract,
        "tf.multiply": tf.multiply,
        "tf.divide": tf.divide,
        "tf.truediv": tf.truediv,
        "tf.matmul": tf.matmul,
        "tf.maximum": tf.maximum,
        "tf.pow": tf.pow,
        "tf.math.floormod": tf.math.floormod,
        "tf.math.squared_difference": tf.math.squared_difference,
        "tf.equal": tf.equal,
        "tf.less": tf.less,
        "tf.logical_and": tf.logical_and,
        "tf.concat": lambda x, y: tf.concat([x, y], 0),
        "tf.stack": lambda x, y: tf.stack([x, y]),
        "tf.tensordot": lambda x, y: tf.tensordot(x, y, 1),
        "tf.einsum": lambda x, y: tf.einsum("ij,jk->ik", x, y),
        "tf.where": lambda x, y: tf.where(chosen, x, y),
        "tf.clip_by_value": lambda x, y: tf.clip_by_value(x, y, y),
        "Variable.assign": lambda x, y: x.assign(y),
        "Variable.assign_add": lambda x, y: x.assign_add(y),
    }


def functions_of_one(tf: Any) -> dict[str, Callable[[Any], Any]]:
    """Functions and layers of one value."""
    layers = tf.keras.layers
    return {
        "tf.constant": tf.constant,
        "tf.constant float32": lambda x: tf.constant(x, tf.float32),
        "tf.constant float64": lambda x: tf.constant(x, tf.float64),
        "tf.constant int32": lambda x: tf.constant(x, tf.int32),
        "tf.convert_to_tensor": tf.convert_to_tensor,
        "tf.convert_to_tensor float32": lambda x: tf.convert_to_tensor(x, tf.float32),
        "tf.convert_to_tensor int64": lambda x: tf.convert_to_tensor(x, tf.int64),
        "tf.cast float32": lambda x: tf.cast(x, tf.float32),
        "tf.cast int32": lambda x: tf.cast(x, tf.int32),
        "tf.cast bool": lambda x: tf.cast(x, tf.bool),
        "tf.reduce_sum": tf.reduce_sum,
        "tf.reduce_mean": tf.reduce_mean,
        "tf.exp": tf.exp,
        "tf.abs": tf.abs,
        "tf.square": tf.square,
        "tf.sqrt": tf.sqrt,
        "tf.negative": tf.negative,
        "tf.nn.relu": tf.nn.relu,
        "tf.nn.softmax": tf.nn.softmax,
        "tf.argmax": tf.argmax,
        "tf.transpose": tf.transpose,
        "tf.zeros_like": tf.zeros_like,
        "Dense": layers.Dense(2),
        "Dropout": layers.Dropout(0.5),
        "Flatten": layers.Flatten(),
        "Rescaling": layers.Rescaling(0.5),
    }


CODES = {"float32": "f4", "float64": "f8", "int32": "i4", "int64": "i8", "bool": "b1"}
REFUSED = "-"
#: Nothing of TensorFlow's is called: both operands are Python's or NumPy's.
NOT_ASKED = "."


def outcome(call: Callable[..., Any], *values: Any) -> str:
    """The code of the dtype of a call's result, or ``-`` where the call is refused."""
    try:
        result = call(*values)
    except Exception:
        return REFUSED
    dtype = getattr(result, "dtype", None)
    return type(result).__name__ if dtype is None else CODES[getattr(dtype, "name", str(dtype))]


def traced_outcome(tf: Any, call: Callable[..., Any], *values: Any) -> str:
    """`outcome` inside a traced function, whose arguments are the tensors among the values."""
    tensors = [value for value in values if tf.is_tensor(value) and not isinstance(value, tf.Variable)]
    found = []

    @tf.function
    def traced(*arguments: Any) -> Any:
        left = list(arguments)
        found.append(
            outcome(
                call, *[left.pop(0) if any(value is one for one in tensors) else value for value in values]
            )
        )

    traced.get_concrete_function(*tensors)  # traced, and not run
    return found[0]


def table(tf: Any, run: Callable[..., str] = outcome) -> dict[str, dict[str, str]]:
    """The outcomes of each call: a row for each left operand, with one code for each right operand."""
    kinds = operands(tf)
    pairs = OPERATORS | functions_of_two(tf)
    found = {}
    for name, call in pairs.items():
        rows = [kind for kind in kinds if "assign" not in name or kind.endswith("variable")]
        found[name] = {
            left: " ".join(
                run(call, kinds[left], kinds[right]) if asked(name, left, right) else NOT_ASKED
                for right in kinds
            )
            for left in rows
        }
    for name, call in functions_of_one(tf).items():
        found[name] = {kind: run(call, value) for kind, value in kinds.items() if asked(name, kind, kind)}
    return found


def asked(name: str, left: str, right: str) -> bool:
    """Whether a call says something of the package."""
    if name in LAYERS:
        return not left.startswith(("list", "Python", "large")) and not left.endswith(("variable", "scalar"))
    return name not in OPERATORS or is_ours(left) or is_ours(right)
