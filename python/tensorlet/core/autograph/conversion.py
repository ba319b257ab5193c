"""Converts functions: their control flow then works on the tensors of a trace."""

from __future__ import annotations

import ast
import functools
import sys
import types
import warnings
from collections.abc import Callable
from types import CodeType, FunctionType, MethodType
from typing import Any

from tensorlet.core.autograph import builtin_functions, loops, statements
from tensorlet.core.autograph.rewrite import HELPERS, PART, is_convertible, rewritten
from tensorlet.core.autograph.source import NoSourceError, tree_of
from tensorlet.core.tracing import UNCONVERTED
from tensorlet.core.user_code import AS_IT_IS, PACKAGE
from tensorlet.registry import register

#: Converted code by the code that it was made from; None where that cannot be converted.
_converted: dict[CodeType, CodeType | None] = {}

#: Set on code below ``from __future__ import annotations``.
_ANNOTATIONS = annotations.compiler_flag

#: Libraries that do not branch on tensors.
_LIBRARIES = frozenset({"numpy", "h5py", "matplotlib", "pandas", "scipy", "sklearn", "pytest", "_pytest"})


@register("control flow", "converted")
def converted(function: Any) -> Any:
    """The function whose control flow works on tensors; the same one if it is not the user's Python code."""
    if isinstance(function, FunctionType):
        return _function(function)
    if isinstance(function, MethodType):
        inner = converted(function.__func__)
        return function if inner is function.__func__ else MethodType(inner, function.__self__)
    if isinstance(function, functools.partial):
        inner = converted(function.func)
        if inner is function.func:
            return function
        return functools.partial(inner, *function.args, **function.keywords)
    if isinstance(function, type | types.BuiltinFunctionType):
        return function
    method = getattr(type(function), "__call__", None)  # noqa: B004 - the function, not whether there is one
    if isinstance(method, FunctionType) and _is_users(method):
        return MethodType(_function(method), function)
    return function


def callee(function: Any) -> Any:
    """What a converted function calls in the place of ``function``."""
    if isinstance(function, type | types.BuiltinFunctionType):
        return builtin_functions.CALLED.get(function, function) if _is_hashable(function) else function
    return converted(function)


def iterable(function: Any) -> Any:
    """What a converted function calls to get what a loop goes over."""
    found = builtin_functions.iterated(function)
    return callee(function) if found is None else found


def _is_hashable(function: Any) -> bool:
    try:
        hash(function)
    except TypeError:
        return False
    return True


def _is_users(function: FunctionType) -> bool:
    if function.__code__.co_filename.startswith(PACKAGE):
        return False
    root = (function.__module__ or "").partition(".")[0]
    return (root not in _LIBRARIES and root not in sys.stdlib_module_names) or root == "__main__"


def _function(function: FunctionType) -> Any:
    code = function.__code__
    if HELPERS in code.co_freevars or not _is_users(function):
        return function
    if getattr(function, AS_IT_IS, False):
        return function
    if code not in _converted:
        _converted[code] = _converted_code(function)
    new = _converted[code]
    if new is None:
        return function
    cells = dict(zip(code.co_freevars, function.__closure__ or (), strict=True))
    cells[HELPERS] = _HELPERS
    closure = tuple([cells[name] for name in new.co_freevars])
    made = FunctionType(new, function.__globals__, function.__name__, function.__defaults__, closure)
    made.__kwdefaults__ = function.__kwdefaults__
    made.__qualname__, made.__module__, made.__doc__ = (
        function.__qualname__,
        function.__module__,
        function.__doc__,
    )
    made.__dict__.update(function.__dict__)
    return made


def _converted_code(function: FunctionType) -> CodeType | None:
    try:
        node = tree_of(function)
        if not is_convertible(node):
            UNCONVERTED[function.__code__] = "it is a generator or a coroutine"
            return None
        tree = rewritten(node)
    except NoSourceError as error:
        UNCONVERTED[function.__code__] = str(error)
        return None
    code = _compiled(tree, function)
    return code if set(code.co_freevars) - {HELPERS} <= set(function.__code__.co_freevars) else None


def _compiled(node: ast.FunctionDef | ast.Lambda, function: FunctionType) -> CodeType:
    """The code of a tree with the free variables of the function; in a class of that name, for ``self.__x``."""
    original = function.__code__
    statement = node if isinstance(node, ast.FunctionDef) else ast.copy_location(ast.Expr(node), node)
    body: list[ast.stmt] = [statement]
    owner = _class_name(function)
    if owner is not None:
        body = [ast.ClassDef(owner, [], [], body, [])]
        body[0].type_params = []  # type: ignore[attr-defined]
    free = [
        ast.arg(name) for name in (*original.co_freevars, HELPERS) if name != "__class__" or owner is None
    ]
    taken = ast.arguments(posonlyargs=[], args=free, kwonlyargs=[], kw_defaults=[], defaults=[])
    factory = ast.FunctionDef("factory", taken, body, [])
    factory.type_params = []  # type: ignore[attr-defined]
    module = ast.fix_missing_locations(ast.Module([ast.copy_location(factory, node)], []))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SyntaxWarning)
        whole = compile(
            module, original.co_filename, "exec", dont_inherit=True, flags=original.co_flags & _ANNOTATIONS
        )
    return _renamed(_found(whole, original.co_name), original)


def _class_name(function: FunctionType) -> str | None:
    parent = function.__qualname__.rpartition(".")[0]
    return None if not parent or parent.endswith("<locals>") else parent.rpartition(".")[2]


def _found(code: CodeType, name: str) -> CodeType:
    """The first code of that name inside."""
    waiting = [code]
    while waiting:
        one = waiting.pop(0)
        inside = [const for const in one.co_consts if isinstance(const, CodeType)]
        for const in inside:
            if const.co_name == name:
                return const
        waiting.extend(inside)
    raise NoSourceError(f"'{name}' is not in its source")


def _renamed(code: CodeType, original: CodeType) -> CodeType:
    """The code, whose parts have the function's name in tracebacks."""
    constants = tuple(_renamed(one, original) if isinstance(one, CodeType) else one for one in code.co_consts)
    name = original.co_name if code.co_name.startswith(PART) else code.co_name
    renamed = code.replace(co_consts=constants, co_name=name)
    _converted[renamed] = None  # itself, and the functions inside it, are converted already
    return renamed


def _cell(value: object) -> types.CellType:
    return types.CellType(value)


class _Helpers:
    """What converted functions call."""

    State = statements.State
    UNDEFINED = statements.UNDEFINED
    UNRETURNED = statements.UNRETURNED
    if_statement = staticmethod(statements.if_statement)
    while_statement = staticmethod(loops.while_statement)
    for_statement = staticmethod(loops.for_statement)
    asserted = staticmethod(statements.asserted)
    conditional = staticmethod(statements.conditional)
    and_ = staticmethod(statements.and_)
    or_ = staticmethod(statements.or_)
    not_ = staticmethod(statements.not_)
    chained = staticmethod(statements.chained)
    callee = staticmethod(callee)
    iterable = staticmethod(iterable)


_HELPERS = _cell(_Helpers)


@register("control flow", "source_of")
def source_of(function: Callable[..., Any]) -> str:
    """The converted function as text; what `tf.autograph.to_code` shows."""
    return ast.unparse(ast.fix_missing_locations(rewritten(tree_of(function))))  # type: ignore[arg-type]
