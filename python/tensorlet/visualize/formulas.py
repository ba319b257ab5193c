"""Formulas of operations in a drawing, and of their derivatives."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from tensorlet.graph import ir

#: Maps an operation to the symbol between its two operands.
SIGNS = {
    "add": "+", "subtract": "−", "multiply": "×", "divide": "÷", "floordiv": "//", "floormod": "mod", "pow": "^",
    "matmul": "@", "equal": "=", "not_equal": "≠", "less": "<", "less_equal": "≤", "greater": ">",
    "greater_equal": "≥", "logical_and": "and", "logical_or": "or", "logical_xor": "xor",
}  # fmt: skip

#: Longer names are shortened in formulas.
LONGEST_NAME = 14


def title_of(node: ir.Node, operands: Sequence[str]) -> str:
    """Returns the formula of an operation on operands with these names."""
    name = node.operation.name  # type: ignore[union-attr]
    if name == "scan":
        return f"loop over {node.operation.length} steps"  # type: ignore[union-attr]
    if name == "item":
        return f"result {node.attributes['index'] + 1} of {operands[0]}"
    if name in SIGNS and len(operands) == 2:
        first, second = operands
        if name == "matmul":
            first += "ᵀ" if node.attributes.get("transpose_a") else ""
            second += "ᵀ" if node.attributes.get("transpose_b") else ""
        return f"{first} {SIGNS[name]} {second}"
    if name == "maximum" and "0" in operands:
        return f"relu({operands[1 if operands[0] == '0' else 0]})"
    if name == "square":
        return f"{operands[0]}²"
    if name == "negative":
        return f"−{operands[0]}"
    options = ""
    if name.startswith("reduce_"):
        name = name.removeprefix("reduce_")
        axis, rank = node.attributes["axis"], len(node.inputs[0].shape)
        if len(axis) < rank:
            options = f", axis {', '.join(str(int(one)) for one in axis)}"
    elif name == "cast":
        options = f" to {node.dtype.name}"
    elif name in ("reshape", "broadcast_to"):
        options = f" to {list(node.shape)}"
    elif "axis" in node.attributes and isinstance(node.attributes["axis"], int):
        options = f", axis {node.attributes['axis']}"
    if len(operands) > 4:
        operands = [*operands[:3], "…"]
    return f"{name}({', '.join(operands)}{options})"


Rule = Callable[[str, Sequence[str]], Sequence[str]]

#: Maps an operation to a function from its name and those of its operands to the derivatives.
DERIVATIVES: dict[str, Rule] = {
    "add": lambda y, x: ["1", "1"],
    "subtract": lambda y, x: ["1", "−1"],
    "multiply": lambda y, x: [x[1], x[0]],
    "divide": lambda y, x: [f"1/{x[1]}", f"−{x[0]}/{x[1]}²"],
    "negative": lambda y, x: ["−1"],
    "identity": lambda y, x: ["1"],
    "square": lambda y, x: [f"2·{x[0]}"],
    "pow": lambda y, x: [f"{x[1]}·{y}/{x[0]}", f"{y}·log {x[0]}"],
    "exp": lambda y, x: [y],
    "log": lambda y, x: [f"1/{x[0]}"],
    "sqrt": lambda y, x: [f"1/(2·{y})"],
    "sin": lambda y, x: [f"cos {x[0]}"],
    "cos": lambda y, x: [f"−sin {x[0]}"],
    "tanh": lambda y, x: [f"1 − {y}²"],
    "sigmoid": lambda y, x: [f"{y}·(1 − {y})"],
    "softplus": lambda y, x: [f"sigmoid({x[0]})"],
    "abs": lambda y, x: [f"sign({x[0]})"],
    "maximum": lambda y, x: [f"1 if {x[0]} > {x[1]}", f"1 if {x[1]} > {x[0]}"],
    "minimum": lambda y, x: [f"1 if {x[0]} < {x[1]}", f"1 if {x[1]} < {x[0]}"],
}


def derivative_label(
    node: ir.Node, position: int, result: str, operands: Sequence[str], local: np.ndarray | None
) -> str:
    """Returns the label of an arrow: the derivative of a value with respect to one of its operands.

    For scalars, it consists of the formula and the value, ``∂g/∂w = x = 5``; for a matrix product, of the rule
    for its gradient; it is empty if there is no short formula.
    """
    name = node.operation.name  # type: ignore[union-attr]
    operand = operands[position]
    if name == "matmul":
        return _of_product(node, position, result, operands)
    if name == "reduce_mean":
        count = node.inputs[0].spec.size // max(node.spec.size, 1)
        return f"∂{result}/∂{operand} = 1/{count}"
    if name == "reduce_sum":
        return f"∂{result}/∂{operand} = 1"
    if local is None and name not in DERIVATIVES:
        return ""
    rule = DERIVATIVES.get(name)
    terms = [] if rule is None else [rule(result, operands)[position]]
    if local is not None and local.size == 1:
        value = short_number(local.item())
        terms = [*(term for term in terms if term != value and len(term) <= 16), value]
    return " = ".join([f"∂{result}/∂{operand}", *terms]) if terms else ""


def _of_product(node: ir.Node, position: int, result: str, operands: Sequence[str]) -> str:
    """Source: the derivative of a matrix product, y = a @ b: ∇a = ∇y @ bᵀ and ∇b = aᵀ @ ∇y."""
    if node.attributes.get("transpose_a") or node.attributes.get("transpose_b"):
        return ""
    if position == 0:
        return f"∇{operands[0]} = ∇{result} @ {operands[1]}ᵀ"
    return f"∇{operands[1]} = {operands[0]}ᵀ @ ∇{result}"


def short_number(value: float | int | bool) -> str:
    """Formats a number with four digits.

    >>> short_number(-10.0), short_number(0.123456), short_number(True), short_number(1234567)
    ('−10', '0.1235', 'True', '1.235e+06')
    """
    if isinstance(value, bool | np.bool_):
        return str(bool(value))
    text = f"{value or 0:.4g}"  # no minus sign before a zero
    return text.replace("-", "−", 1) if text.startswith("-") else text


def value_lines(array: np.ndarray) -> list[str]:
    """Returns the values of a small array, row by row, or a summary of a large one.

    >>> value_lines(np.array([[1.0, 2.0], [3.0, 4.5]]))
    ['[1, 2]', '[3, 4.5]']
    >>> value_lines(np.arange(100.0))
    ['0 … 99, mean 49.5']
    """
    if array.ndim == 0:
        return [short_number(array.item())]
    if array.size == 0:
        return ["empty"]
    if array.ndim <= 2 and array.shape[-1] <= 4 and array.size // array.shape[-1] <= 4:
        rows = array.reshape(-1, array.shape[-1])
        return ["[" + ", ".join(short_number(value) for value in row.tolist()) + "]" for row in rows]
    if array.dtype == np.bool_:
        return [f"{int(array.sum())} of {array.size} are True"]
    numbers = array.astype(np.float64)
    finite = numbers[np.isfinite(numbers)]
    lost = numbers.size - finite.size
    found = []
    if finite.size:
        low, high, mean = (short_number(float(n)) for n in (finite.min(), finite.max(), finite.mean()))
        found = [f"all {low}" if low == high else f"{low} … {high}, mean {mean}"]
    return [*found, f"{lost} are NaN or infinite"] if lost else found
