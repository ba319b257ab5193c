"""The tapes that are recording, in each thread; tapes themselves are in `tape`."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tensorlet.core.tape import GradientTape
    from tensorlet.core.tensor import Tensor
    from tensorlet.core.variable import Variable
    from tensorlet.graph.gradient import TapeEntry
    from tensorlet.ops.registry import Interpreter, Operation


class _Active(threading.local):
    def __init__(self) -> None:
        self.stack: list[Any] = []


_active = _Active()


def recording() -> list[Any]:
    """The tapes that are recording, outermost first."""
    return _active.stack


def start(tape: GradientTape) -> None:
    """Starts recording on the tape."""
    _active.stack.append(tape)


def stop(tape: GradientTape) -> None:
    """Stops recording on the tape."""
    _active.stack.remove(tape)


class paused:  # noqa: N801 - reads as a statement: with paused()
    """A ``with`` block in which no tape records."""

    def __enter__(self) -> None:
        self._stack, _active.stack = _active.stack, []

    def __exit__(self, *_: object) -> None:
        _active.stack = self._stack


def record(
    interpreter: Interpreter,
    operation: Operation,
    inputs: Sequence[Any],
    attributes: dict[str, Any],
    output: Tensor,
) -> None:
    """Records a call on every tape that was started under the same interpreter."""
    for tape in _active.stack:
        if tape.interpreter is interpreter:
            tape.record(operation, inputs, attributes, output)


def record_call(interpreter: Interpreter, call: TapeEntry) -> None:
    """Records a call with a pull-back of its own (such as a traced function) on the tapes."""
    for tape in _active.stack:
        if tape.interpreter is interpreter:
            tape.record_call(call)


def variable_read(interpreter: Interpreter, variable: Variable, tensor: Tensor) -> None:
    """Tells the tapes that the tensor is the variable's value."""
    for tape in _active.stack:
        if tape.interpreter is interpreter:
            tape.variable_read(variable, tensor)
