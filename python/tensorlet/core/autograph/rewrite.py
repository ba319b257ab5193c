"""Writes control flow as calls of functions.

An ``if`` becomes::

    def then(): ...                # assigns the names of the function around it
    def otherwise(): ...
    autograph.if_statement(test, then, otherwise, state)

so that `statements` can run one of the two where the condition is known, and trace both where it is a
tensor. Loops, ``and``, ``or``, ``not``, chained comparisons, conditional expressions, ``assert`` and calls follow
the same pattern. Every new node has the line of the old one, so errors show the user's lines.
"""

from __future__ import annotations

import ast
from typing import Any

from tensorlet.core.autograph.exits import Block, Names, WithoutExits, judged
from tensorlet.core.autograph.liveness import Liveness, assigned, reads, targets
from tensorlet.core.autograph.source import FunctionNode

#: The name of `statements` in converted functions.
HELPERS = "autograph_"
#: The names of functions that are made here begin so.
PART = "part_of_function_"

_NEVER_CALLED_THROUGH = {"super", "locals", "globals", "vars", "dir", "eval", "exec", "isinstance", "type"}
_UNCONVERTIBLE = (ast.Yield, ast.YieldFrom, ast.Await, ast.AsyncFor, ast.AsyncWith)


def rewritten(node: FunctionNode) -> FunctionNode:
    """The function with its control flow written as calls."""
    used = {one.id for one in ast.walk(node) if isinstance(one, ast.Name)}
    used |= {one.arg for one in ast.walk(node) if isinstance(one, ast.arg)}
    return Rewriter(Names(used)).function(node)


def is_convertible(node: ast.AST) -> bool:
    """Whether it is neither a generator nor a coroutine."""
    return not any(isinstance(one, _UNCONVERTIBLE) for one in ast.walk(node))


def helper(name: str, *arguments: ast.expr) -> ast.Call:
    """``autograph_.name(arguments)``."""
    function = ast.Attribute(ast.Name(HELPERS, ast.Load()), name, ast.Load())
    return ast.Call(function, list(arguments), [])


def _delayed(value: ast.expr) -> ast.Lambda:
    """``lambda: value``."""
    nothing = ast.arguments(posonlyargs=[], args=[], kwonlyargs=[], kw_defaults=[], defaults=[])
    return ast.Lambda(nothing, value)


class Rewriter(ast.NodeTransformer):
    """Rewrites one function, and those defined inside it.

    Args:
        names: gives names that the function does not use.
    """

    def __init__(self, names: Names) -> None:
        self._names = names
        self._shared: set[str] = set()
        self._globals: set[str] = set()
        self._nonlocals: set[str] = set()
        self._first_argument: str | None = None

    def function(self, node: FunctionNode) -> FunctionNode:
        """The function, rewritten."""
        arguments = [*node.args.posonlyargs, *node.args.args]
        self._first_argument = arguments[0].arg if arguments else None
        if isinstance(node, ast.Lambda):
            node.body = self.visit(node.body)
            return node
        for one in ast.walk(node):
            self._globals |= set(one.names) if isinstance(one, ast.Global) else set()
            self._nonlocals |= set(one.names) if isinstance(one, ast.Nonlocal) else set()
        unreturned = ast.Attribute(ast.Name(HELPERS, ast.Load()), "UNRETURNED", ast.Load())
        node.body = WithoutExits(self._names).body(node.body, unreturned)
        ast.fix_missing_locations(node)
        inner = {name for one in ast.walk(node) if one is not node and isinstance(one, ast.FunctionDef | ast.Lambda)
                 for name in reads(one)}  # fmt: skip
        Liveness(inner | self._globals | self._nonlocals).before(node.body, set())
        node.body = self._block(node.body)
        node.decorator_list = []
        node.returns = None
        self._declare(node)
        return node

    def _declare(self, node: ast.FunctionDef) -> None:
        """Names that only the parts assign stay names of the function: an assignment that never runs says so."""
        names = sorted(name for name in self._shared if name.isidentifier())
        if names:
            never = ast.If(ast.Constant(False), [_assign(names, ast.Constant(None))], [])
            place = 1 if ast.get_docstring(node, clean=False) is not None else 0
            while place < len(node.body) and isinstance(node.body[place], ast.Global | ast.Nonlocal):
                place += 1
            node.body.insert(place, ast.copy_location(never, node))

    def visit(self, node: ast.AST) -> Any:
        """The rewritten node; new nodes have the line of the old one."""
        changed = super().visit(node)
        if isinstance(node, ast.stmt):
            for one in changed if isinstance(changed, list) else [changed]:
                ast.fix_missing_locations(one if hasattr(one, "lineno") else ast.copy_location(one, node))
        return changed

    def _block(self, block: Block) -> Block:
        found: Block = []
        for statement in block:
            changed = self.visit(statement)
            found.extend(changed if isinstance(changed, list) else [changed])
        return found

    # Statements.

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.stmt:
        """A function defined inside: rewritten by itself, with its decorators."""
        if not is_convertible(node):
            return node
        decorators = [self.visit(one) for one in node.decorator_list]
        inside = Rewriter(self._names).function(node)
        inside.decorator_list = decorators  # type: ignore[union-attr]
        inside.args.defaults = [self.visit(one) for one in inside.args.defaults]
        return inside  # type: ignore[return-value]

    def visit_ClassDef(self, node: ast.ClassDef) -> ast.stmt:
        """A class defined inside stays as it is."""
        return node

    def visit_AsyncFunctionDef(self, node: ast.AsyncFunctionDef) -> ast.stmt:
        """A coroutine stays as it is."""
        return node

    def visit_If(self, node: ast.If) -> Block:
        """``if``: two parts."""
        changed = assigned(node.body) | assigned(node.orelse)
        test = self.visit(node.test)
        then, orelse = self._part(node.body, changed), self._part(node.orelse, changed)
        state, described = self._state(changed, judged(node).needed)
        call = helper("if_statement", test, _name(then), _name(orelse), described)
        return _placed([*state, then, orelse, ast.Expr(call)], node.test)

    def visit_While(self, node: ast.While) -> Block:
        """``while``: a test and a body."""
        changed = assigned(node.body) | {
            name for name in assigned([ast.Expr(node.test)]) if name.isidentifier()
        }
        needed = judged(node).needed | judged(node).head
        test = self._part([ast.Return(self.visit(node.test))], changed, rewrite=False)
        body = self._part(node.body, changed)
        state, described = self._state(changed, needed)
        call = helper("while_statement", _name(test), _name(body), described)
        return _placed([*state, test, body, ast.Expr(call)], node.test)

    def visit_For(self, node: ast.For) -> Block:
        """``for``: what it goes over, a body, and whether to go on."""
        own = targets(node.target)
        changed = assigned(node.body) | own
        go_on = getattr(node, "go_on", None)
        test = (
            self._part([ast.Return(self.visit(go_on))], changed, rewrite=False) if go_on is not None else None
        )
        item = self._names.new("item")
        first = ast.Assign([node.target], ast.Name(item, ast.Load()))
        body = self._part([ast.copy_location(first, node.target), *node.body], changed, argument=item)
        state, described = self._state(changed, judged(node).needed | judged(node).head)
        known = ast.Constant(None) if test is None else _name(test)
        over = self._iterated(node.iter)
        names = ast.Tuple([ast.Constant(name) for name in sorted(own)], ast.Load())
        call = helper("for_statement", over, _name(body), known, described, names)
        return _placed([*state, *([test] if test is not None else []), body, ast.Expr(call)], node.iter)

    def _iterated(self, over: ast.expr) -> ast.expr:
        """What a loop goes over: ``tf.range`` of tensors and ``enumerate`` have forms of their own there."""
        found = self.visit(over)
        if isinstance(found, ast.Call) and isinstance(found.func, ast.Call) and _is_callee(found.func):
            found.func.func = ast.Attribute(ast.Name(HELPERS, ast.Load()), "iterable", ast.Load())
            ast.fix_missing_locations(found)
        return found

    def visit_Assert(self, node: ast.Assert) -> ast.stmt:
        """``assert``: of a tensor, when the function runs."""
        message = self.visit(node.msg) if node.msg is not None else ast.Constant(None)
        node.test = helper("asserted", self.visit(node.test), _delayed(message))
        if node.msg is not None:
            node.msg = message
        return node

    # Expressions.

    def visit_IfExp(self, node: ast.IfExp) -> ast.expr:
        """``a if test else b``."""
        self.generic_visit(node)
        if _assigns(node):
            return node
        parts = helper("conditional", node.test, _delayed(node.body), _delayed(node.orelse))
        return ast.copy_location(parts, node)

    def visit_BoolOp(self, node: ast.BoolOp) -> ast.expr:
        """``a and b``, ``a or b``."""
        self.generic_visit(node)
        if _assigns(node):
            return node
        name = "and_" if isinstance(node.op, ast.And) else "or_"
        return ast.copy_location(
            helper(name, node.values[0], *[_delayed(one) for one in node.values[1:]]), node
        )

    def visit_UnaryOp(self, node: ast.UnaryOp) -> ast.expr:
        """``not a``."""
        self.generic_visit(node)
        return ast.copy_location(helper("not_", node.operand), node) if isinstance(node.op, ast.Not) else node

    def visit_Compare(self, node: ast.Compare) -> ast.expr:
        """``a < b < c``: every part is computed once."""
        self.generic_visit(node)
        if len(node.ops) == 1 or _assigns(node):
            return node
        signs = [ast.Constant(type(operator).__name__) for operator in node.ops]
        rest = [_delayed(one) for one in node.comparators]
        pairs: list[Any] = [part for pair in zip(signs, rest, strict=True) for part in pair]
        return ast.copy_location(helper("chained", node.left, *pairs), node)

    def visit_Call(self, node: ast.Call) -> ast.expr:
        """``f(x)``: the function may be the user's, and need conversion too."""
        function = node.func
        self.generic_visit(node)
        if isinstance(function, ast.Name):
            if function.id == "super" and not node.args and self._first_argument:
                node.args = [ast.Name("__class__", ast.Load()), ast.Name(self._first_argument, ast.Load())]
            if function.id in _NEVER_CALLED_THROUGH or function.id == HELPERS:
                return ast.fix_missing_locations(node)
        if _is_callee(node.func) or (isinstance(function, ast.Attribute) and _is_helpers(function.value)):
            return node
        node.func = ast.copy_location(helper("callee", node.func), function)
        return ast.fix_missing_locations(node)

    # Parts and their state.

    def _part(
        self, body: Block, changed: set[str], argument: str = "", rewrite: bool = True
    ) -> ast.FunctionDef:
        """A function of a block; it assigns the names of the function around it."""
        block = self._block(body) if rewrite else body
        if not block:
            block = [ast.Pass()]
        return self._definition([*self._declarations(changed), *block], argument)

    def _declarations(self, changed: set[str]) -> Block:
        names = sorted(name for name in changed if name.isidentifier())
        outer = [name for name in names if name in self._globals]
        inner = [name for name in names if name not in self._globals]
        self._shared |= {name for name in inner if name not in self._nonlocals}
        return [*([ast.Global(outer)] if outer else []), *([ast.Nonlocal(inner)] if inner else [])]

    def _definition(self, body: Block, argument: str = "") -> ast.FunctionDef:
        arguments = [ast.arg(argument)] if argument else []
        taken = ast.arguments(posonlyargs=[], args=arguments, kwonlyargs=[], kw_defaults=[], defaults=[])
        made = ast.FunctionDef(self._names.new(PART), taken, body, [])
        made.type_params = []  # type: ignore[attr-defined]  # of Python 3.12
        return made

    def _state(self, changed: set[str], needed: set[str]) -> tuple[Block, ast.expr]:
        """How to read and set the changed names: those that are needed afterwards come first."""
        kept = sorted(name for name in changed if name in needed or not name.isidentifier())
        names = [*kept, *sorted(changed - set(kept))]
        places = [ast.parse(name, mode="eval").body for name in names]
        read = ast.Tuple([_delayed(place) for place in places], ast.Load())
        setters = [self._setter(name, place) for name, place in zip(names, places, strict=True)]
        write = ast.Tuple([_name(setter) for setter in setters], ast.Load())
        labels = ast.Tuple([ast.Constant(name) for name in names], ast.Load())
        return list(setters), helper("State", labels, read, write, ast.Constant(len(kept)))

    def _setter(self, name: str, place: ast.expr) -> ast.FunctionDef:
        """A function that sets one name, or unsets it."""
        value = self._names.new("value")
        target = ast.parse(name, mode="eval").body
        target.ctx = ast.Store()  # type: ignore[attr-defined]
        unset = ast.parse(name, mode="eval").body
        unset.ctx = ast.Del()  # type: ignore[attr-defined]
        undefined = ast.Attribute(ast.Name(HELPERS, ast.Load()), "UNDEFINED", ast.Load())
        test = ast.Compare(ast.Name(value, ast.Load()), [ast.Is()], [undefined])
        assignment = ast.Assign([target], ast.Name(value, ast.Load()))
        known = ast.Try([assignment_of(unset)], [ast.ExceptHandler(None, None, [ast.Pass()])], [], [])
        choice = ast.If(test, [known], [assignment])
        return self._definition([*self._declarations({name}), choice], value)


def assignment_of(unset: ast.expr) -> ast.stmt:
    """``del place``."""
    return ast.Delete([unset])


def _assign(names: list[str], value: ast.expr) -> ast.stmt:
    return ast.Assign([ast.Name(name, ast.Store()) for name in names], value)


def _placed(block: Block, place: ast.expr) -> Block:
    """The statements, at the line where an expression begins."""
    one_line = place.end_lineno == place.lineno
    end = place.end_col_offset if one_line and place.end_col_offset is not None else place.col_offset + 1
    for statement in block:
        statement.lineno = statement.end_lineno = place.lineno
        statement.col_offset, statement.end_col_offset = place.col_offset, end
        ast.fix_missing_locations(statement)
    return block


def _name(function: ast.FunctionDef) -> ast.expr:
    return ast.Name(function.name, ast.Load())


def _is_helpers(node: ast.AST) -> bool:
    return isinstance(node, ast.Name) and node.id == HELPERS


def _is_callee(node: ast.AST) -> bool:
    """Whether it is ``autograph_.callee(f)``."""
    return (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and _is_helpers(node.func.value)
        and node.func.attr in ("callee", "iterable")
    )


def _assigns(node: ast.AST) -> bool:
    """Whether it holds ``:=``, whose name must stay in its scope."""
    return any(isinstance(one, ast.NamedExpr) for one in ast.walk(node))
