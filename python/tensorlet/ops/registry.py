"""What an operation is, and what runs it.

An `Operation` is one record: it holds the shape rule, the NumPy reference, the
gradient and the sample inputs, from which the tests of the operation are made.
Operations know nothing of tensors, tapes or traces: a call of an operation is
passed to the interpreter in force.
"""

from __future__ import annotations

import copy
import threading
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

import numpy as np

from tensorlet.dtypes import DType
from tensorlet.errors import did_you_mean

if TYPE_CHECKING:
    from tensorlet.core.variable import Variable


#: Anything that an interpreter turns into a tensor: a number, list, array, variable or tensor.
TensorLike = Any
#: The interpreter's own kind of tensor, with ``shape``, ``dtype`` and the operators.
Tensor = Any
#: A gradient that is costly, as a function: it is computed only if it is needed.
Postponed = Callable[[], Tensor]


class Spec(NamedTuple):
    """What is known of a tensor before it has values: ``shape`` and ``dtype``."""

    shape: tuple[int, ...]
    dtype: DType

    @property
    def rank(self) -> int:
        """The number of axes."""
        return len(self.shape)

    @property
    def size(self) -> int:
        """The number of elements."""
        size = 1
        for length in self.shape:
            size *= length
        return size

    def __str__(self) -> str:
        return f"{self.dtype.name}{list(self.shape)}"


class Sample:
    """Inputs and attributes that an operation is tested with.

    Args:
        inputs: NumPy arrays.
        differentiable: which inputs are checked against finite differences; by
            default every floating one. An empty tuple checks none (at a kink, say).
        attributes: the operation's attributes.
    """

    def __init__(
        self, *inputs: np.ndarray, differentiable: tuple[int, ...] | None = None, **attributes: Any
    ) -> None:
        self.inputs = inputs
        self.differentiable = differentiable
        self.attributes = attributes


class Elsewhere(NamedTuple):
    """The names of an operation elsewhere, where a name is all that is needed.

    Backends, exporters and `tf.data` read them; operations that need more than a name have rules in their tables.

    Attributes:
        engine: the element-wise instruction of the native engine.
        onnx: ONNX operators, each applied to the result of the previous one.
        numpy: an expression; ``{0}`` and ``{1}`` are the operands.
        stacked: how it runs on stacked elements: ``"elementwise"``, along the ``"last axis"``, or along ``"named
            axes"``, those of its attribute ``axis``.
    """

    engine: str = ""
    onnx: tuple[str, ...] = ()
    numpy: str = ""
    stacked: str = ""


#: For an operation without such names, or with rules of its own elsewhere.
NOWHERE_ELSE = Elsewhere()


class Operation:
    """One operation: everything about it, in one place.

    Args:
        name: unique; also the name in graphs and messages.
        infer: ``(*specs, **attributes) -> Spec``. It sees only shapes and dtypes, and raises
            an error that explains the fix if the inputs do not fit.
        reference: ``(*arrays, **attributes) -> array``, in plain NumPy: the definition.
        gradient: ``(g, output, *inputs, **attributes) -> sequence`` with one tensor or
            None per input, written in operations. None if the operation has no gradient. In place of a tensor, a
            function without arguments that returns it: it is called only if that gradient is needed.
        samples: a function without arguments that returns `Sample`s.
        together: positions of the inputs that must share one dtype; a Python number or
            list among them takes the dtype of the tensors among them.
        variadic: the operation takes any number of inputs, all of one dtype.
        deterministic: False for an operation that must not be folded or merged.
        elsewhere: its names in the engine, in ONNX, in NumPy and on stacked elements.
        doc: the docstring of a public operation.
    """

    __slots__ = (  # "__dict__" holds __doc__, which a class with a docstring cannot have as a slot
        "__dict__", "deterministic", "elsewhere", "gradient", "infer", "name", "reference", "samples", "together",
        "variadic",
    )  # fmt: skip

    def __init__(
        self,
        name: str,
        *,
        infer: Callable[..., Spec],
        reference: Callable[..., Any],
        gradient: Callable[..., Sequence[Tensor | Postponed | None]] | None = None,
        samples: Callable[[], list[Sample]],
        together: tuple[int, ...] = (),
        variadic: bool = False,
        deterministic: bool = True,
        elsewhere: Elsewhere = NOWHERE_ELSE,
        doc: str = "",
    ) -> None:
        if name in OPERATIONS:
            raise ValueError(f"An operation named '{name}' already exists. Use another name.")
        self.name = name
        self.infer = infer
        self.reference = reference
        self.gradient = gradient
        self.samples = samples
        self.together = together
        self.variadic = variadic
        self.deterministic = deterministic
        self.elsewhere = elsewhere
        self.__doc__ = doc
        OPERATIONS[name] = self

    def __call__(self, *inputs: TensorLike, **attributes: Any) -> Tensor:
        return interpreter().apply(self, inputs, attributes)

    def with_gradient(self, gradient: Callable[..., Sequence[Tensor | Postponed | None]]) -> Operation:
        """The same operation with another gradient rule, for a function that computes the same values.

        Backends and exporters see no difference.
        """
        other = copy.copy(self)
        other.gradient = gradient
        return other

    def __repr__(self) -> str:
        return f"<operation {self.name}>"


#: Every operation, by name.
OPERATIONS: dict[str, Operation] = {}


class Interpreter(Protocol):
    """Runs operations at once (eager), or records them in a graph (tracing)."""

    def apply(self, operation: Operation, inputs: Sequence[TensorLike], attributes: dict[str, Any]) -> Tensor:
        """Runs or records one call. Converts the inputs first, those in `Operation.together` jointly."""

    def convert(self, value: object, dtype: DType | None = None) -> Tensor:
        """Converts a value to a tensor of this interpreter."""

    def is_recording(self) -> bool:
        """Whether a tape is recording."""

    def random_counter(self, op_seed: int | None) -> tuple[int, int, Tensor]:
        """The key, the stream and the call counter of the next random operation."""

    def variable_value(self, variable: Variable) -> Tensor:
        """The current value of a variable."""

    def assign_variable(self, variable: Variable, tensor: Tensor) -> None:
        """Assigns a value to a variable."""

    def initial_value(self, value: TensorLike, dtype: DType | None) -> np.ndarray:
        """The initial value of a new variable, as an array."""


class _InForce(threading.local):
    def __init__(self) -> None:
        self.stack: list[Interpreter] = list(_default)


_default: list[Interpreter] = []
_in_force = _InForce()


def set_default_interpreter(eager: Interpreter) -> None:
    """Sets the interpreter that runs where no trace is in progress; `core` calls this once."""
    _default[:] = [eager]
    _in_force.stack = [eager]


def default_interpreter() -> Interpreter:
    """The interpreter that runs where no trace is in progress: the eager one."""
    return _default[0]


def interpreter() -> Interpreter:
    """The interpreter in force in this thread."""
    return _in_force.stack[-1]


class interpreting:  # noqa: N801 - reads as a statement: with interpreting(trace)
    """A ``with`` block in which another interpreter is in force."""

    def __init__(self, other: Interpreter) -> None:
        self.other = other

    def __enter__(self) -> Interpreter:
        _in_force.stack.append(self.other)
        return self.other

    def __exit__(self, *_: object) -> None:
        _in_force.stack.pop()


def convert(value: object, dtype: DType | None = None) -> Tensor:
    """Converts a value to a tensor of the interpreter in force.

    Args:
        value: number, nested list, array, variable or tensor.
        dtype: the wanted dtype for a value that has none of its own (numbers, lists,
            arrays); a tensor of another dtype is refused.
    """
    return interpreter().convert(value, dtype)


class _Functions:
    """The public functions of all operations, by name; see `functions`."""

    def __getattr__(self, name: str) -> Callable[..., Tensor]:
        # Python calls this only for names that were not published.
        raise AttributeError(
            f"There is no function '{name}' among the operations.{did_you_mean(name, vars(self))}"
        )


#: The public functions of all operations: ``functions.reduce_sum(x, axis=0)``. Families call each other through
#: it where a direct import would point upwards or be circular: the gradient of a sum is a broadcast, and the
#: gradient of a broadcast is a sum. `tensorlet.ops` publishes them once all families are imported.
functions = _Functions()


def publish_functions(named: Mapping[str, Any]) -> None:
    """Makes functions callable through `functions`."""
    vars(functions).update(named)


def named_elsewhere(part: str) -> dict[str, Any]:
    """The names of the operations elsewhere, by their own names; operations without one are left out.

    Args:
        part: an attribute of `Elsewhere`.

    >>> from tensorlet.ops.registry import named_elsewhere
    >>> named_elsewhere("engine")["negative"]
    'neg'
    """
    found = {name: getattr(one.elsewhere, part) for name, one in OPERATIONS.items()}
    return {name: word for name, word in found.items() if word}


def operation(name: str) -> Operation:
    """The operation of that name.

    Raises:
        KeyError: if there is none; the message suggests similar names.
    """
    try:
        return OPERATIONS[name]
    except KeyError:
        raise KeyError(f"There is no operation '{name}'.{did_you_mean(name, OPERATIONS)}") from None
