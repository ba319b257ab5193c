"""The trace of a loop's body or condition."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from tensorlet.core.subgraphs import Branch
from tensorlet.core.tracing import Trace
from tensorlet.dtypes import int64
from tensorlet.ops.registry import Spec, Tensor

if TYPE_CHECKING:
    from tensorlet.core.variable import Variable
    from tensorlet.graph import ir

#: What separates the random counters of two rounds of a loop: a prime, more than a function is ever called.
_ROUND_STRIDE = 4_294_967_311


class LoopTrace(Trace):
    """The trace of a loop's test or body: variables and random numbers may change from round to round.

    Attributes:
        own: the inputs that stand for the loop's values.
        read: the variables that it reads, with their values outside and the inputs that stand for them.
        round: the number of the round, if random numbers ask for it.
    """

    def __init__(self, outer: Trace, specs: Sequence[Spec]) -> None:
        super().__init__(outer.name, outer, outer.may_create_variables)
        self.scope = outer.scope
        self.own = [self.add_input(spec) for spec in specs]
        self.read: dict[Any, tuple[Any, ir.Node]] = {}
        self.round: Tensor | None = None

    def variable_value(self, variable: Variable) -> Any:
        """The variable's value at this point of the round."""
        reference = variable.ref()
        if reference not in self.updates and reference not in self.read:
            outside = self.outer.variable_value(variable)  # type: ignore[union-attr]
            inside = self.add_input(outside.spec, variable._name)
            self.reads.append((variable, outside))
            self.read[reference] = (outside, inside.node)
            self._variables[reference] = inside.node
        return super().variable_value(variable)

    def random_counter(self, op_seed: int | None) -> tuple[int, int, Any]:
        """Key, stream and counter of a random operation; each round has counters of its own."""
        key, stream, counter = super().random_counter(op_seed)
        if self.round is None:
            self.round = self.add_input(Spec((), int64), "round")
        return key, stream, counter + self.round * np.asarray(_ROUND_STRIDE, np.int64)

    def finished(self, outputs: Sequence[Any], changing: Sequence[Any], counted: bool) -> Branch:
        """The sub-graph: it takes the loop's values, the variables that change, the round, and the rest.

        Args:
            outputs: what it returns.
            changing: the variables that the loop's body assigns, by reference.
            counted: whether the loop counts its rounds.
        """
        inputs = [tensor.node for tensor in self.own]
        for reference in changing:
            variable = reference.deref()
            found = self.read.pop(reference, None)
            inputs.append(found[1] if found else self.add_input(variable.spec, variable._name).node)
        if counted:
            number = self.add_input(Spec((), int64), "round") if self.round is None else self.round
            inputs.append(number.node)
        self.lifted.extend((outside.node, inside) for outside, inside in self.read.values())
        self.inputs = [*inputs, *(inside for _, inside in self.lifted)]
        for position, node in enumerate(self.inputs):
            node.value = position
        return Branch(self, outputs, None)
