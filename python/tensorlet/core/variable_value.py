"""The value of a variable as a tensor that may also be called: ``v.value`` of Keras 3, ``v.value()`` of TensorFlow."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tensorlet.core.tensor import EagerTensor, SymbolicTensor, Tensor

if TYPE_CHECKING:
    from tensorlet.core.variable import Variable

if TYPE_CHECKING:

    class ValueOfVariable(Tensor):
        """The value of a variable, which may also be called."""

        def __call__(self) -> Tensor: ...


class EagerValue(EagerTensor):
    """The value of a variable, which may also be called: `Variable.value`."""

    __slots__ = ("_variable",)

    def __init__(self, value: EagerTensor, variable: Variable) -> None:
        super().__init__(value._array, value._spec)
        self._variable = variable

    def __call__(self) -> Tensor:
        """The value now, as an ordinary tensor."""
        return self._variable.read_value()


class SymbolicValue(SymbolicTensor):
    """The same in a traced function."""

    __slots__ = ("_variable",)

    def __init__(self, value: SymbolicTensor, variable: Variable) -> None:
        super().__init__(value.node, value.trace)
        self._variable = variable

    def __call__(self) -> Tensor:
        """The value now, as an ordinary tensor."""
        return self._variable.read_value()
