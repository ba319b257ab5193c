"""From a Python function to the syntax tree of its source."""

from __future__ import annotations

import ast
import copy
import functools
import inspect
import linecache
from types import CodeType, FunctionType

FunctionNode = ast.FunctionDef | ast.Lambda


class NoSourceError(Exception):
    """A function whose source cannot be found, or whose tree cannot be told from others on its line."""


def tree_of(function: FunctionType) -> FunctionNode:
    """The tree of a function, with the line numbers of its file.

    Raises:
        NoSourceError: for functions typed into an interactive shell, or made by ``exec``.
    """
    code = function.__code__
    whole = linecache.getlines(code.co_filename, function.__globals__)
    if not whole:
        raise NoSourceError("its source is not available (it was not read from a file or a notebook)")
    if code.co_name == "<lambda>":
        return _lambda(code, "".join(whole))
    first = code.co_firstlineno
    text = "".join(inspect.getblock(whole[first - 1 :]))
    if text[:1].isspace():  # an indented block becomes a whole program; the texts in it stay as they are
        text, first = "if True:\n" + text, first - 1
    try:
        tree = ast.parse(text)
    except SyntaxError as error:
        raise NoSourceError(f"its source cannot be read ({error})") from None
    ast.increment_lineno(tree, first - 1)
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef) and node.name == code.co_name and _takes(node, code):
            return node
    raise NoSourceError("its source does not hold it (has the file changed since it was imported?)")


def _lambda(code: CodeType, text: str) -> ast.Lambda:
    """A lambda is part of a statement, so the whole file is parsed."""
    try:
        lambdas = _lambdas_of(text)
    except SyntaxError as error:
        raise NoSourceError(f"its source cannot be read ({error})") from None
    found = [node for node in lambdas if _covers(node, code.co_firstlineno) and _takes(node, code)]
    if len(found) > 1:
        wanted = _fingerprint(code)
        found = [node for node in found if _fingerprint(_compiled(node)) == wanted] or found
        column = _column(code)
        found = [node for node in found if column in (None, node.body.col_offset)] or found
    if not found:
        raise NoSourceError("its source is not available")
    return copy.deepcopy(found[0])  # it will be rewritten


@functools.lru_cache(maxsize=4)
def _lambdas_of(text: str) -> list[ast.Lambda]:
    return [node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Lambda)]


def _covers(node: ast.Lambda, line: int) -> bool:
    return node.lineno <= line <= (node.end_lineno or node.lineno)


def _takes(node: FunctionNode, code: CodeType) -> bool:
    """Whether the tree takes the same arguments as the code."""
    arguments = node.args
    names = [one.arg for one in [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]]
    return tuple(names) == code.co_varnames[: code.co_argcount + code.co_kwonlyargcount]


def _compiled(node: ast.Lambda) -> CodeType:
    whole = compile(ast.Expression(node), "<lambda>", "eval")
    return next(one for one in whole.co_consts if isinstance(one, CodeType))


def _fingerprint(code: CodeType) -> tuple[object, ...]:
    """What a lambda does, whatever the scope around it: names and constants."""
    names = sorted({*code.co_names, *code.co_freevars})
    return names, [repr(one) for one in code.co_consts if not isinstance(one, CodeType)], len(code.co_consts)


def _column(code: CodeType) -> int | None:
    """Where the first instruction of a lambda's body begins; None where Python does not say it."""
    if not hasattr(code, "co_positions"):
        return None
    places = [column for line, _, column, _ in code.co_positions() if column is not None and line is not None]
    return min(places) if places else None
