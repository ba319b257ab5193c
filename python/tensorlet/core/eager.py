"""The eager interpreter: runs the NumPy reference of each operation at once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from tensorlet import ops
from tensorlet.core import active_tapes, random_state
from tensorlet.core.buffers import writable_array_of
from tensorlet.core.kept_values import keep_values
from tensorlet.core.large_operations import BY_WORK, LARGE, computed
from tensorlet.core.tensor import EagerTensor, Operators, SymbolicTensor
from tensorlet.dtypes import DType
from tensorlet.errors import RunsEagerly, TracingError
from tensorlet.ops.conversion import NUMBERS, convert_inputs, holds_tensors, require_dtype_of, to_array
from tensorlet.ops.registry import Operation, Spec, interpreter, set_default_interpreter

if TYPE_CHECKING:
    from tensorlet.core.variable import Variable


class EagerInterpreter:
    """Runs operations at once, and records them on the active tapes."""

    def apply(self, operation: Operation, inputs: Sequence[Any], attributes: dict[str, Any]) -> EagerTensor:
        """Runs one operation."""
        tensors = inputs
        for value in inputs:
            if type(value) is not EagerTensor:
                tensors = convert_inputs(self, operation, inputs)
                break
        if tensors and (tensors[0]._array.size >= LARGE or tensors[-1]._array.size >= LARGE):
            spec = operation.infer(*[tensor.spec for tensor in tensors], **attributes)
            array = self._large(operation, tensors, attributes, spec)
        elif len(tensors) == 2 and not attributes:
            # A faster path for Python's operators, with the same result.
            x, y = tensors
            spec = operation.infer(x.spec, y.spec)
            array = operation.reference(x._array, y._array)
        else:
            spec = operation.infer(*[tensor.spec for tensor in tensors], **attributes)
            if operation.name in BY_WORK:
                array = self._large(operation, tensors, attributes, spec)
            else:
                array = operation.reference(*[tensor._array for tensor in tensors], **attributes)
        output = EagerTensor(np.asarray(array), spec)
        if active_tapes.recording():
            active_tapes.record(self, operation, tensors, attributes, output)
        return output

    @staticmethod
    def _large(
        operation: Operation, tensors: Sequence[EagerTensor], attributes: dict[str, Any], spec: Spec
    ) -> np.ndarray:
        """The result of an operation on many elements."""
        arrays = [tensor._array for tensor in tensors]
        found = computed(operation, arrays, attributes, spec)
        return operation.reference(*arrays, **attributes) if found is None else found

    def convert(self, value: object, dtype: DType | None = None) -> EagerTensor:
        """Converts a value to a tensor; a tensor of another dtype than ``dtype`` is refused."""
        if isinstance(value, EagerTensor):
            tensor = value
        elif type(value) in NUMBERS:
            return EagerTensor(to_array(value, dtype))
        elif isinstance(value, SymbolicTensor):
            raise self._without_value(value)
        elif hasattr(value, "read_variable"):
            tensor = value.read_variable(self)
        elif holds_tensors(value):
            tensor = ops.stack([self.convert(item, dtype) for item in value])
        else:
            return EagerTensor(to_array(value, dtype))
        return tensor if dtype is None else require_dtype_of(tensor, dtype)

    def _without_value(self, tensor: SymbolicTensor) -> TracingError:
        """The error of a symbolic tensor whose value is needed."""
        trace: Any = interpreter()
        if trace is not self and tensor.trace.outermost() is trace.outermost():
            return RunsEagerly(
                f"Python code reads {tensor!r}, whose value is known only when the function runs."
            )
        return TracingError(
            f"{tensor!r} was created while a function was traced, and has no value outside it. "
            "Return it from the tf.function and use the returned tensor."
        )

    def variable_value(self, variable: Variable) -> EagerTensor:
        """A copy of the variable's value, which later assignments do not change."""
        return EagerTensor(variable._array.copy())

    def assign_variable(self, variable: Variable, tensor: EagerTensor) -> None:
        """Writes into the variable's buffer."""
        keep_values((variable,))
        writable_array_of(variable)[...] = tensor._array

    def initial_value(self, value: Any, dtype: DType | None) -> np.ndarray:
        """The array that a new variable starts from."""
        if isinstance(value, Operators):
            return self.convert(value, dtype)._array
        return to_array(value, dtype)

    def is_recording(self) -> bool:
        """Whether a tape records what is done now."""
        return bool(active_tapes.recording())

    def random_counter(self, op_seed: int | None) -> tuple[int, int, Any]:
        """The key, the stream and the call counter of the next random operation."""
        return random_state.next_eager(op_seed)


EAGER = EagerInterpreter()
set_default_interpreter(EAGER)
