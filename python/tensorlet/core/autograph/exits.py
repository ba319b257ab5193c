"""Takes ``return``, ``break`` and ``continue`` out of the middle of functions and loops.

A branch that becomes a graph cannot leave the function around it. So

- what follows an ``if`` whose body always leaves moves into its ``else``;
- ``return value`` keeps the value, and the function returns it at its end;
- where something may be left in the middle all the same, a flag says so, and what follows looks at it.

Nothing else changes: the new statements compute what the old ones did.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable
from typing import Protocol, cast

Block = list[ast.stmt]


class Judged(Protocol):
    """What `liveness` and this file write on the nodes of ``if`` and loops, beside Python's own attributes.

    Attributes:
        needed: the names that are needed afterwards.
        head: the names that each round needs from the one before.
        go_on: whether a ``for`` loop has not been left, as an expression.
    """

    needed: set[str]
    head: set[str]
    go_on: ast.expr


def judged(node: ast.AST) -> Judged:
    """The node, with these attributes."""
    return cast("Judged", node)


LOOPS = (ast.For, ast.While)


class Names:
    """Names that the function does not use."""

    def __init__(self, used: Iterable[str]) -> None:
        self._used = set(used)

    def new(self, name: str) -> str:
        """The name, with a number appended if it is taken."""
        found, number = f"{name}_", 1
        while found in self._used:
            number += 1
            found = f"{name}_{number}"
        self._used.add(found)
        return found


class LoopFlags:
    """The flags of one loop."""

    def __init__(self, names: Names) -> None:
        self.broken = names.new("broken")
        self.skipped = names.new("skipped")


class WithoutExits:
    """Rewrites the body of one function.

    Attributes:
        result: the name of the value that the function returns.
        returned: the name of the flag that it has one.
    """

    def __init__(self, names: Names) -> None:
        self._names = names
        self.result = names.new("result")
        self.returned = names.new("returned")

    def body(self, body: Block, unreturned: ast.expr) -> Block:
        """The new body; ``unreturned`` is the initial value of the result."""
        last = next((index for index, one in enumerate(body) if isinstance(one, ast.Return)), len(body))
        if not any("return" in escapes(statement) for statement in body[:last]):
            return [*self.block(body[:last], None), *body[last : last + 1]]
        if not ends(body):
            body = [*body, ast.copy_location(ast.Return(None), body[-1])]
        first = [assign(self.result, unreturned), assign(self.returned, ast.Constant(False))]
        whole = [*first, *self.block(body, None), ast.Return(ast.Name(self.result, ast.Load()))]
        return without_unread(whole, {self.returned})

    def block(self, statements: Block, loop: LoopFlags | None) -> Block:
        """The statements without exits. Those after one that may leave are guarded, or move into its branches."""
        done: Block = []
        for index, statement in enumerate(statements):
            rest = statements[index + 1 :]
            if isinstance(statement, ast.Return):
                value = statement.value or ast.Constant(None)
                done.append(ast.copy_location(assign(self.result, value), statement))
                done.append(ast.copy_location(assign(self.returned, ast.Constant(True)), statement))
                return done
            if isinstance(statement, ast.Break | ast.Continue) and loop is not None:
                flag = loop.broken if isinstance(statement, ast.Break) else loop.skipped
                return [*done, ast.copy_location(assign(flag, ast.Constant(True)), statement)]
            leaves = escapes(statement)
            if isinstance(statement, ast.If) and leaves and rest:
                if ends(statement.body):
                    statement.orelse, rest = [*statement.orelse, *rest], []
                elif ends(statement.orelse):
                    statement.body, rest = [*statement.body, *rest], []
            done.extend(self._statement(statement, loop))
            if leaves and rest and not ends([statement]):
                return [*done, self._guard(leaves, self.block(rest, loop), loop, rest[0])]
            if leaves:
                return done
        return done

    def _guard(self, leaves: set[str], rest: Block, loop: LoopFlags | None, place: ast.stmt) -> ast.stmt:
        """The statements, if none of the flags is set."""
        flags = [self.returned] if "return" in leaves else []
        if loop is not None:
            flags += [loop.broken] if "break" in leaves else []
            flags += [loop.skipped] if "continue" in leaves else []
        return ast.copy_location(ast.If(none_of(flags), rest, []), place)

    def _statement(self, statement: ast.stmt, loop: LoopFlags | None) -> Block:
        """One statement, with the blocks in it."""
        if isinstance(statement, LOOPS):
            return self._loop(statement)
        if isinstance(statement, ast.FunctionDef | ast.ClassDef | ast.AsyncFunctionDef):
            return [statement]
        if isinstance(statement, ast.Try):
            leaves = all_escapes(statement.body)
            if statement.orelse and leaves:
                guarded = self._guard(leaves, self.block(statement.orelse, loop), loop, statement.orelse[0])
                statement.body, statement.orelse = self.block(statement.body, loop), [guarded]
                for handler in statement.handlers:
                    handler.body = self.block(handler.body, loop)
                statement.finalbody = self.block(statement.finalbody, loop)
                return [statement]
        for holder, field in blocks_of(statement):
            block = self.block(getattr(holder, field), loop)
            setattr(
                holder,
                field,
                block or ([ast.copy_location(ast.Pass(), statement)] if field == "body" else []),
            )
        return [statement]

    def _loop(self, loop: ast.For | ast.While) -> Block:
        inner = all_escapes(loop.body)
        flags = LoopFlags(self._names)
        after = self.block(loop.orelse, None) if loop.orelse else []
        body = self.block(loop.body, flags)
        if "continue" in inner:
            body.insert(0, assign(flags.skipped, ast.Constant(False)))
        leaving = [flags.broken] if "break" in inner else []
        leaving += [self.returned] if "return" in inner else []
        loop.orelse = []
        if leaving and isinstance(loop, ast.While):
            loop.test = ast.copy_location(ast.BoolOp(ast.And(), [none_of(leaving), loop.test]), loop.test)
        elif leaving and isinstance(loop, ast.For):
            judged(loop).go_on = ast.fix_missing_locations(ast.copy_location(none_of(leaving), loop.iter))
        loop.body = without_unread(body or [ast.Pass()], {flags.skipped})
        found: Block = [assign(flags.broken, ast.Constant(False))] if "break" in inner else []
        found.append(loop)
        if after and leaving:
            found.append(ast.copy_location(ast.If(none_of(leaving), after, []), after[0]))
        else:
            found.extend(after)
        return found


def blocks_of(statement: ast.AST) -> list[tuple[ast.AST, str]]:
    """Where a statement holds blocks of others: pairs of an object and its attribute."""
    found = [
        (statement, field)
        for field in ("body", "orelse", "finalbody")
        if isinstance(getattr(statement, field, None), list) and getattr(statement, field)
    ]
    for part in [*getattr(statement, "handlers", []), *getattr(statement, "cases", [])]:
        found.append((part, "body"))
    return found


def escapes(statement: ast.stmt) -> set[str]:
    """By what control may leave the statement: "return", "break", "continue"."""
    if isinstance(statement, ast.Return):
        return {"return"}
    if isinstance(statement, ast.Break):
        return {"break"}
    if isinstance(statement, ast.Continue):
        return {"continue"}
    if isinstance(statement, ast.FunctionDef | ast.ClassDef | ast.AsyncFunctionDef):
        return set()
    found: set[str] = set()
    for holder, field in blocks_of(statement):
        inner = all_escapes(getattr(holder, field))
        found |= inner - {"break", "continue"} if isinstance(statement, LOOPS) and field == "body" else inner
    return found


def all_escapes(block: Block) -> set[str]:
    """By what control may leave a block."""
    return {way for statement in block for way in escapes(statement)}


def ends(block: Block) -> bool:
    """Whether control never comes to the end of the block."""
    for statement in block:
        if isinstance(statement, ast.Return | ast.Break | ast.Continue | ast.Raise):
            return True
        if isinstance(statement, ast.If) and ends(statement.body) and ends(statement.orelse):
            return True
    return False  # not `with`: it may suppress an exception, and go on after its block


def assign(name: str, value: ast.expr) -> ast.stmt:
    """``name = value``."""
    return ast.Assign([ast.Name(name, ast.Store())], value)


def none_of(flags: list[str]) -> ast.expr:
    """``not a and not b``."""
    parts: list[ast.expr] = [ast.UnaryOp(ast.Not(), ast.Name(flag, ast.Load())) for flag in flags]
    return parts[0] if len(parts) == 1 else ast.BoolOp(ast.And(), parts)


def without_unread(block: Block, flags: set[str]) -> Block:
    """The block without assignments to flags that nothing reads."""
    read = {
        node.id
        for statement in block
        for node in _walk_with_tests(statement)
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)
    }
    unread = flags - read
    return [one for one in (_Drop(unread).visit(statement) for statement in block) if one is not None] or [
        ast.Pass()
    ]


def _walk_with_tests(statement: ast.AST) -> Iterable[ast.AST]:
    for node in ast.walk(statement):
        yield node
        extra = getattr(node, "go_on", None)
        if extra is not None:
            yield from ast.walk(extra)


class _Drop(ast.NodeTransformer):
    def __init__(self, unread: set[str]) -> None:
        self._unread = unread

    def visit_Assign(self, node: ast.Assign) -> ast.stmt | None:
        target = node.targets[0]
        return None if isinstance(target, ast.Name) and target.id in self._unread else node

    def generic_visit(self, node: ast.AST) -> ast.AST:
        super().generic_visit(node)
        if isinstance(node, ast.If | ast.For | ast.While | ast.With) and not node.body:
            node.body = [ast.Pass()]
        return node
