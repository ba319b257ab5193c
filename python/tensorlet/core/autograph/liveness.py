"""Which names a program reads and assigns, and which of them are still needed at each place.

Source: A. Aho, M. Lam, R. Sethi and J. Ullman, "Compilers", 2006, section 9.2.5, live-variable
analysis: from the end of the program backwards, a name is needed before a statement that reads it, and not before one
that assigns it.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from tensorlet.core.autograph.exits import Block, judged

Names = set[str]
_SCOPES = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)
_COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)


def reads(node: ast.AST | None) -> Names:
    """The names that an expression, or a function defined in it, reads from outside."""
    if node is None:
        return set()
    if isinstance(node, ast.Name):
        return {node.id} if isinstance(node.ctx, ast.Load | ast.Del) else set()
    if isinstance(node, _COMPREHENSIONS):
        own = {name for one in node.generators for name in targets(one.target)}
        return _of_children(node) - own
    if isinstance(node, ast.Lambda):
        return _of_children(node) - _arguments(node)
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
        own = _arguments(node) | assigned(node.body)
        return _of_children(node) - own
    return _of_children(node)


def _of_children(node: ast.AST) -> Names:
    found: Names = set()
    for child in ast.iter_child_nodes(node):
        found |= reads(child)
    extra = getattr(node, "go_on", None)
    return found | reads(extra) if extra is not None else found


def _arguments(node: ast.Lambda | ast.FunctionDef | ast.AsyncFunctionDef) -> Names:
    return {one.arg for one in ast.walk(node.args) if isinstance(one, ast.arg)}


def targets(node: ast.AST) -> Names:
    """The names that a target of an assignment sets; ``self.x`` and ``d["k"]`` count as names."""
    if isinstance(node, ast.Name):
        return {node.id}
    if isinstance(node, ast.Tuple | ast.List):
        return {name for part in node.elts for name in targets(part)}
    if isinstance(node, ast.Starred):
        return targets(node.value)
    if isinstance(node, ast.Attribute | ast.Subscript) and _is_place(node):
        return {ast.unparse(node)}
    return set()


def _is_place(node: ast.AST) -> bool:
    """Whether it is a name, or an attribute or an item with a known key of one."""
    if isinstance(node, ast.Attribute):
        return _is_place(node.value)
    if isinstance(node, ast.Subscript):
        return isinstance(node.slice, ast.Constant) and _is_place(node.value)
    return isinstance(node, ast.Name)


def assigned(block: Block) -> Names:
    """The names that a block assigns, without those of functions defined in it."""
    return {name for statement in block for node in _own_nodes(statement) for name in _assigned_by(node)}


def _own_nodes(node: ast.AST) -> Iterator[ast.AST]:
    """The node and those in it, without the inside of functions, classes and comprehensions."""
    yield node
    if isinstance(node, (*_SCOPES, ast.ClassDef)):
        return
    for child in ast.iter_child_nodes(node):
        if isinstance(node, _COMPREHENSIONS) and isinstance(child, ast.comprehension):
            continue
        yield from _own_nodes(child)


def _assigned_by(node: ast.AST) -> Names:
    if isinstance(node, ast.Assign | ast.Delete):
        return {name for target in node.targets for name in targets(target)}
    if isinstance(node, ast.AugAssign | ast.For | ast.NamedExpr):
        return targets(node.target)
    if isinstance(node, ast.AnnAssign):
        return targets(node.target) if node.value is not None else set()
    if isinstance(node, ast.With):
        return {name for item in node.items if item.optional_vars for name in targets(item.optional_vars)}
    if isinstance(node, ast.FunctionDef | ast.ClassDef):
        return {node.name}
    if isinstance(node, ast.Import | ast.ImportFrom):
        return {(alias.asname or alias.name).split(".")[0] for alias in node.names}
    if isinstance(node, ast.MatchAs | ast.MatchStar):
        return {node.name} if node.name else set()
    return set()


class Liveness:
    """Writes on each ``if`` and loop which names are needed after it: its attribute ``needed``.

    Args:
        always: names that are needed to the end: those that functions defined inside read.
    """

    def __init__(self, always: Names) -> None:
        self._always = always

    def before(self, block: Block, after: Names) -> Names:
        """The names that are needed before a block, from those needed after it."""
        for statement in reversed(block):
            after = self._statement(statement, after)
        return after

    def _statement(self, statement: ast.stmt, after: Names) -> Names:
        if isinstance(statement, ast.If):
            judged(statement).needed = after | self._always
            inside = self.before(statement.body, after) | self.before(statement.orelse, after)
            return inside | reads(statement.test)
        if isinstance(statement, ast.While | ast.For):
            return self._loop(statement, after)
        if isinstance(statement, ast.With):
            inside = self.before(statement.body, after)
            own = _assigned_by(statement)
            return (inside - own).union(*(reads(item) for item in statement.items))
        if isinstance(statement, ast.Try | ast.Match):
            return self._opaque(statement, after)
        if isinstance(statement, ast.Return):
            return reads(statement.value)
        found = reads(statement)
        if isinstance(statement, ast.AugAssign):
            return after | found | targets(statement.target)
        return (after - _assigned_by(statement)) | found

    def _loop(self, loop: ast.For | ast.While, after: Names) -> Names:
        judged(loop).needed = after | self._always
        if isinstance(loop, ast.While):
            test, own, first = reads(loop.test), set(), set()
        else:
            test, own, first = reads(getattr(loop, "go_on", None)), targets(loop.target), reads(loop.iter)
        head = after | test
        while True:  # what one round needs, the round before must keep
            more = head | (self.before(loop.body, head) - own)
            if more == head:
                break
            head = more
        judged(loop).head = head | self._always
        return head | first

    def _opaque(self, statement: ast.Try | ast.Match, after: Names) -> Names:
        """An exception may leave a block anywhere, so nothing assigned in it makes a name unneeded."""
        blocks: list[Block] = []
        if isinstance(statement, ast.Try):
            blocks = [statement.finalbody, statement.orelse, *(one.body for one in statement.handlers)]
            late = after.union(*(self.before(block, after) for block in blocks))
            late = late.union(*(reads(one.type) for one in statement.handlers))
            return late | self.before(statement.body, late)
        found = after.union(*(self.before(case.body, after) for case in statement.cases))
        return found.union(reads(statement.subject), *(reads(case.guard) for case in statement.cases))
