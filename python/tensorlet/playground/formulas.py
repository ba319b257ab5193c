"""Regions given as formulas of x and y, such as ``x*x + y*y < 0.5``.

The text is parsed by hand into a small tree, which is evaluated node by node: no Python of the user runs.

    comparison: sum ("<" | "<=" | ">" | ">=") sum, joined by "and", "or", "not" and parentheses
    sum:        + and − of products;  product: * and / of powers;  power: ^ or **, from the right
    atom:       a number, x, y, r (the distance from the origin), t (the angle), pi, e, or f(sum, ...)
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import NamedTuple, TypeAlias

import numpy as np

from tensorlet.playground.errors import PlaygroundError

LONGEST = 200
DEEPEST = 40

#: Name -> number of arguments. All are functions of NumPy.
FUNCTIONS = {
    "sin": 1, "cos": 1, "tan": 1, "tanh": 1, "exp": 1, "log": 1, "sqrt": 1, "abs": 1, "floor": 1, "sign": 1,
    "min": 2, "max": 2,
}  # fmt: skip
NUMPY_NAMES = {"min": "minimum", "max": "maximum"}
CONSTANTS = {"pi": "np.pi", "e": "np.e"}
#: Variable -> its meaning in terms of x and y.
VARIABLES = {"x": "x", "y": "y", "r": "np.hypot(x, y)", "t": "np.arctan2(y, x)"}
TOKEN = re.compile(r"\s*(?:(\d+\.?\d*(?:[eE][+-]?\d+)?|\.\d+)|([A-Za-z]+)|(\*\*|<=|>=|[-+*/^<>(),]))")

Array: TypeAlias = np.ndarray
BINARY: dict[str, Callable[[Array, Array], Array]] = {
    "+": np.add, "-": np.subtract, "*": np.multiply, "/": np.divide, "**": np.power,
    "<": np.less, "<=": np.less_equal, ">": np.greater, ">=": np.greater_equal,
    "&": np.logical_and, "|": np.logical_or,
}  # fmt: skip


class Node(NamedTuple):
    """A part of a formula.

    Attributes:
        kind: "number", "name", "call", "binary", "negative" or "not".
        text: the number, the name, the function or the operator.
        parts: the operands.
        truth: whether its value is true or false, and not a number.
    """

    kind: str
    text: str
    parts: tuple[Node, ...] = ()
    truth: bool = False


def parse(text: str) -> Node:
    """Returns the tree of a formula.

    Raises:
        PlaygroundError: if the text is not a formula that is true or false at each point.

    >>> parse("x < 1/2").text
    '<'
    >>> parse("__import__('os')")
    Traceback (most recent call last):
    tensorlet.playground.errors.PlaygroundError: The formula "__import__('os')" cannot be read at '__import__('os')'...
    """
    if len(text) > LONGEST:
        raise PlaygroundError(
            "formula_long",
            f"The formula has {len(text)} characters, but at most {LONGEST} are read. Shorten it.",
            length=len(text),
            most=LONGEST,
        )
    reader = _Reader(text)
    node = reader.either(0)
    if reader.place < len(reader.tokens):
        raise reader.error(reader.place)
    if not node.truth:
        raise PlaygroundError(
            "formula_number",
            f"The formula {text!r} is a number, but a region is true or false: compare it, as in 'x + y > 0'.",
            formula=text,
        )
    return node


def truth_of(node: Node, x: Array, y: Array) -> Array:
    """Returns where a formula is true, for arrays of coordinates of one shape.

    >>> truth_of(parse("r < 1 and not x < 0"), np.array([0.5, -0.5, 2.0]), np.array([0.0, 0.0, 0.0]))
    array([ True, False, False])
    """
    with np.errstate(all="ignore"):
        return np.broadcast_to(np.asarray(_value(node, x, y), bool), np.shape(x)).copy()


def numpy_source(node: Node) -> str:
    """Returns a formula as NumPy code, for the program that the page shows.

    >>> numpy_source(parse("x^2 + y^2 < 0.5 or sin(x) > y"))
    '((((x ** 2.0) + (y ** 2.0)) < 0.5) | (np.sin(x) > y))'
    """
    parts = [numpy_source(part) for part in node.parts]
    if node.kind == "number":
        return repr(float(node.text))
    if node.kind == "name":
        return CONSTANTS.get(node.text) or VARIABLES[node.text]
    if node.kind == "call":
        return f"np.{NUMPY_NAMES.get(node.text, node.text)}({', '.join(parts)})"
    if node.kind == "binary":
        if node.text in ("/", "**") and _is_constant(node.parts[0]):
            parts[0] = (
                f"np.float64({parts[0]})"  # Python's own numbers raise errors where NumPy has inf and nan
            )
        return f"({parts[0]} {node.text} {parts[1]})"
    return f"({'-' if node.kind == 'negative' else '~'}{parts[0]})"


def _is_constant(node: Node) -> bool:
    return node.text not in VARIABLES and all(map(_is_constant, node.parts))


def _value(node: Node, x: Array, y: Array) -> Array:
    if node.kind == "number":
        return np.float64(node.text)  # type: ignore[return-value]
    if node.kind == "name":
        named = {"x": x, "y": y, "pi": np.float64(np.pi), "e": np.float64(np.e)}
        if node.text in named:
            return named[node.text]  # type: ignore[return-value]
        return np.hypot(x, y) if node.text == "r" else np.arctan2(y, x)
    parts = [_value(part, x, y) for part in node.parts]
    if node.kind == "call":
        function: Callable[..., Array] = getattr(np, NUMPY_NAMES.get(node.text, node.text))
        return function(*parts)
    if node.kind == "binary":
        return BINARY[node.text](parts[0], parts[1])
    return np.negative(parts[0]) if node.kind == "negative" else np.logical_not(parts[0])


class _Reader:
    """A recursive-descent parser; each method reads what its name says and takes the depth so far."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.tokens: list[str] = []
        self.starts: list[int] = []
        self.place = 0
        end = 0
        while text[end:].strip():
            found = TOKEN.match(text, end)
            if found is None:
                self.starts.append(end)
                raise self.error(len(self.tokens))
            token = next(group for group in found.groups() if group is not None)
            self.tokens.append({"^": "**"}.get(token, token))
            self.starts.append(found.start(found.lastindex or 0))
            end = found.end()

    def error(self, place: int) -> PlaygroundError:
        rest = self.text[self.starts[place] :].strip() if place < len(self.starts) else ""
        at = f"at '{rest}'" if rest else "at its end"
        names = ", ".join([*VARIABLES, *CONSTANTS, *FUNCTIONS])
        return PlaygroundError(
            "formula_unreadable",
            f'The formula "{self.text}" cannot be read {at}. Use numbers, + - * / ^, < <= > >=, and, or, not, '
            f"parentheses and these names: {names}.",
            formula=self.text,
            rest=rest or "…",
        )

    def take(self, *wanted: str) -> str:
        """Reads one of these tokens; returns "" if the next one is another."""
        if self.place < len(self.tokens) and self.tokens[self.place] in wanted:
            self.place += 1
            return self.tokens[self.place - 1]
        return ""

    def expect(self, token: str) -> None:
        if not self.take(token):
            raise self.error(self.place)

    def joined(self, operator: str, left: Node, right: Node, truth: bool, at: int) -> Node:
        """A node of two operands, which must be both numbers or both truths."""
        wanted = operator in "&|"
        if left.truth is not wanted or right.truth is not wanted:
            raise self.error(at)
        return Node("binary", operator, (left, right), truth)

    def either(self, depth: int) -> Node:
        if depth > DEEPEST:
            raise self.error(self.place)
        node = self.both(depth)
        while self.take("or"):
            node = self.joined("|", node, self.both(depth), True, self.place - 1)
        return node

    def both(self, depth: int) -> Node:
        node = self.negated(depth)
        while self.take("and"):
            node = self.joined("&", node, self.negated(depth), True, self.place - 1)
        return node

    def negated(self, depth: int) -> Node:
        if depth > DEEPEST:
            raise self.error(self.place)
        if self.take("not"):
            part = self.negated(depth + 1)
            if not part.truth:
                raise self.error(self.place - 1)
            return Node("not", "not", (part,), True)
        return self.comparison(depth)

    def comparison(self, depth: int) -> Node:
        node = self.sum(depth)
        operator = self.take("<", "<=", ">", ">=")
        if operator:
            return self.joined(operator, node, self.sum(depth), True, self.place - 1)
        return node

    def sum(self, depth: int) -> Node:
        node = self.product(depth)
        while operator := self.take("+", "-"):
            node = self.joined(operator, node, self.product(depth), False, self.place - 1)
        return node

    def product(self, depth: int) -> Node:
        node = self.signed(depth)
        while operator := self.take("*", "/"):
            node = self.joined(operator, node, self.signed(depth), False, self.place - 1)
        return node

    def signed(self, depth: int) -> Node:
        if depth > DEEPEST:
            raise self.error(self.place)
        if self.take("-"):
            part = self.signed(depth + 1)
            if part.truth:
                raise self.error(self.place - 1)
            return Node("negative", "-", (part,))
        node = self.atom(depth)
        if self.take("**"):
            return self.joined("**", node, self.signed(depth + 1), False, self.place - 1)
        return node

    def atom(self, depth: int) -> Node:
        if self.place >= len(self.tokens):
            raise self.error(self.place)
        token = self.tokens[self.place]
        self.place += 1
        if token[0].isdigit() or token[0] == ".":
            return Node("number", token)
        if token in VARIABLES or token in CONSTANTS:
            return Node("name", token)
        if token == "(":
            node = self.either(depth + 1)
            self.expect(")")
            return node
        if token not in FUNCTIONS:
            raise self.error(self.place - 1)
        self.expect("(")
        parts = [self.either(depth + 1)]
        while len(parts) < FUNCTIONS[token]:
            self.expect(",")
            parts.append(self.either(depth + 1))
        self.expect(")")
        if any(part.truth for part in parts):
            raise self.error(self.place - 1)
        return Node("call", token, tuple(parts))
