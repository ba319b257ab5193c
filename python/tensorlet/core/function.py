"""`tf.function`: trace once for each signature, then run the compiled graph."""

from __future__ import annotations

import functools
import inspect
import warnings
import weakref
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

from tensorlet.core import active_tapes, random_state
from tensorlet.core.concrete_function import Concrete
from tensorlet.core.eager import EAGER
from tensorlet.core.open_lengths import OpenConcrete, has_open_length
from tensorlet.core.signature import Key, TensorSpec, describe_change, fitted, key_of
from tensorlet.core.tensor import EagerTensor
from tensorlet.core.tracing import current_trace
from tensorlet.core.user_code import converted, has_branches
from tensorlet.errors import (
    InvalidArgumentError,
    NeedsValues,
    PerformanceWarning,
    RunsEagerly,
    TracingError,
    warn_user,
)
from tensorlet.ops.registry import interpreter

if TYPE_CHECKING:
    from collections.abc import Mapping


Kind = TypeVar("Kind", bound=BaseException)

#: After this many traces of one function, a warning says why it is traced repeatedly.
RETRACE_WARNING = 8

#: Of a function with open lengths, so many are kept, whose values take so many bytes together.
MOST_LENGTHS = 64
MOST_LENGTH_BYTES = 1 << 28

_run_eagerly = False


def run_functions_eagerly(run_eagerly: bool) -> None:
    """Makes `tf.function` run eagerly (True), operation by operation, for debugging; or traced again (False)."""
    global _run_eagerly
    _run_eagerly = bool(run_eagerly)


def functions_run_eagerly() -> bool:
    """Whether `run_functions_eagerly(True)` is in force."""
    return _run_eagerly


class Function:
    """A Python function that runs as a compiled graph; created by `tf.function`."""

    def __init__(
        self,
        python_function: Callable[..., Any],
        input_signature: Sequence[Any] | None = None,
        name: str | None = None,
        autograph: bool = True,
        open_lengths: bool = False,
    ) -> None:
        functools.update_wrapper(self, python_function)
        self.python_function = python_function
        self.input_signature = input_signature
        self.autograph = autograph
        #: Whether each new length is compiled without a warning, and old ones are forgotten.
        self.open_lengths = open_lengths or has_open_length(input_signature)
        self.name = name or str(getattr(python_function, "__name__", type(python_function).__name__))
        self._signature = inspect.signature(python_function)
        self._parameters = list(self._signature.parameters.values())
        positional = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
        self._simple = all(parameter.kind in positional for parameter in self._parameters)
        self._positions = {parameter.name: index for index, parameter in enumerate(self._parameters)}
        self._defaults = [parameter.default for parameter in self._parameters]
        self._concretes: dict[Key, Concrete] = {}
        self._bound: weakref.WeakKeyDictionary[Any, Function] = weakref.WeakKeyDictionary()
        self._warned = False
        self._warned_of_eager = False
        #: Why a call runs as ordinary Python, by its key.
        self._eager: dict[Key, str] = {}
        #: The places of arguments whose values are built in, because shapes depend on them, by the key of the call.
        self._built_in: dict[Key, set[int]] = {}

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        if self.input_signature is not None:
            args, kwargs = self._fitted(args, kwargs), {}
        if _run_eagerly or (interpreter() is not EAGER and current_trace() is not None):
            # Inside another trace the body simply becomes part of that graph.
            return self._inside()(*args, **kwargs)
        if self._simple and (kwargs or len(args) != len(self._parameters)):
            args, kwargs = self._positional(args, kwargs), {}
        leaves: list[np.ndarray] = []
        tensors: list[Any] = []
        key = key_of(args, kwargs, leaves, tensors)
        concrete = self._concretes.get(key)
        if concrete is None or (concrete.uses_random and concrete.seed_version != random_state.STATE.version):
            if any(leaf.dtype.kind == "O" for leaf in leaves):
                return self._eagerly("was given tensors of strings, which cannot be compiled", args, kwargs)
            if key in self._eager:
                return self._eagerly(self._eager[key], args, kwargs)
            try:
                concrete = self._found(key, args, kwargs, leaves)
            except TracingError as error:
                reason = in_chain(error, RunsEagerly)
                if reason is None:
                    raise
                self._eager[key] = f"cannot be compiled: {reason}"
                return self._eagerly(self._eager[key], args, kwargs)
        if active_tapes.recording():
            return concrete.call_recorded(leaves, tensors)
        return concrete.call(leaves)

    def _eagerly(self, why: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """A call of what cannot be compiled: the Python function runs as it is."""
        if not self._warned_of_eager:
            self._warned_of_eager = True
            warn_user(
                f"tf.function '{self.name}' {why.rstrip('.')}. It runs as ordinary Python, operation by operation.",
                PerformanceWarning,
            )
        arrays = (np.ndarray, np.generic)
        tensors = [EAGER.convert(value) if isinstance(value, arrays) else value for value in args]
        return self.python_function(*tensors, **kwargs)

    def _inside(self) -> Callable[..., Any]:
        """The function as another trace, or eager code, runs it."""
        trace = current_trace()
        if not self.autograph or trace is None or not (trace.converts or has_branches(self.python_function)):
            return self.python_function
        return converted(self.python_function)

    def _positional(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> tuple[Any, ...]:
        """Makes keyword arguments and defaults positional, so that a signature has only one key."""
        if len(args) > len(self._parameters):
            self._signature.bind(*args, **kwargs)  # raises Python's own TypeError
        values = [*args, *self._defaults[len(args) :]]
        for name, value in kwargs.items():
            index = self._positions.get(name, -1)
            if index < len(args):
                self._signature.bind(*args, **kwargs)  # raises Python's own TypeError
            values[index] = value
        for value in values[len(args) :]:
            if value is inspect.Parameter.empty:
                self._signature.bind(*args, **kwargs)  # raises Python's own TypeError
        return tuple(values)

    def _found(
        self, key: Key, args: tuple[Any, ...], kwargs: dict[str, Any], leaves: Sequence[np.ndarray]
    ) -> Concrete:
        """The compiled function for a call; with the values of those arguments that decide shapes, if there are any."""
        while True:
            positions = sorted(self._built_in.get(key, ()))
            full = (*key, *((place, leaves[place].tobytes()) for place in positions)) if positions else key
            concrete = self._concretes.get(full)
            if concrete is not None and not (
                concrete.uses_random and concrete.seed_version != random_state.STATE.version
            ):
                return concrete
            try:
                return self._trace(full, args, kwargs, {place: leaves[place] for place in positions})
            except TracingError as error:
                wanted = _positions_in(error) - set(positions)
                if not wanted:
                    raise
                self._built_in[key] = wanted | set(positions)

    def _trace(
        self, key: Key, args: tuple[Any, ...], kwargs: dict[str, Any], known: dict[int, np.ndarray]
    ) -> Concrete:
        if self.open_lengths:
            self._forget_lengths()
        elif len(self._concretes) >= RETRACE_WARNING and not self._warned:
            self._warned = True
            warnings.warn(
                f"tf.function '{self.name}' has been traced {len(self._concretes)} times, and is being traced again: "
                f"{describe_change(list(self._concretes), key, self._parameters)}",
                stacklevel=3,
            )
        concrete = Concrete(
            self.python_function,
            self.name,
            args,
            kwargs,
            first=not self._concretes,
            known=known,
            autograph=self.autograph,
        )
        self._concretes[key] = concrete
        return concrete

    def _forget_lengths(self) -> None:
        """Forgets the oldest lengths until there is room for another one; the last one stays."""
        kept = self._concretes
        total = sum(concrete.bytes for concrete in kept.values())
        while len(kept) > 1 and (len(kept) >= MOST_LENGTHS or total > MOST_LENGTH_BYTES):
            total -= kept.pop(next(iter(kept))).bytes

    def _fitted(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> tuple[Any, ...]:
        """Converts the arguments to the input_signature."""
        signature = tuple(self.input_signature or ())
        given = self._positional(args, kwargs) if self._simple else args
        if len(signature) != len(given):
            raise InvalidArgumentError(
                f"tf.function '{self.name}' got {len(given)} arguments, but its input_signature has {len(signature)}."
            )
        return tuple(fitted(self.name, spec, value) for spec, value in zip(signature, given, strict=True))

    def __get__(self, instance: object, owner: type | None = None) -> Any:
        """Binds a method: every instance has its own traces."""
        if instance is None:
            return self
        bound = self._bound.get(instance)
        if bound is None:
            method = self.python_function.__get__(instance, owner)
            bound = self._bound[instance] = Function(
                method, self.input_signature, self.name, self.autograph, self.open_lengths
            )
        return bound

    def get_concrete_function(self, *args: Any, **kwargs: Any) -> Concrete | OpenConcrete:
        """The compiled function for these arguments (tensors, or `tf.TensorSpec`s instead of them).

        A spec with an open length (None) gives a function that is compiled for each length when it is called.
        """
        given = args or tuple(self.input_signature or ())
        if has_open_length([given, kwargs]):
            return OpenConcrete(self, self.name, given, kwargs)
        return self.concrete(*args, **kwargs)

    def concrete(self, *args: Any, **kwargs: Any) -> Concrete:
        """The compiled function for arguments whose shapes are known."""
        stand_ins = [_stand_in(value) for value in (args or tuple(self.input_signature or ()))]
        named = {name: _stand_in(value) for name, value in kwargs.items()}
        full = self._positional(tuple(stand_ins), named) if self._simple else tuple(stand_ins)
        leaves: list[np.ndarray] = []
        key = key_of(full, {} if self._simple else named, leaves, [])
        return self._found(key, full, {} if self._simple else named, leaves)

    def experimental_get_tracing_count(self) -> int:
        """The number of signatures that have been traced."""
        return len(self._concretes)

    def __repr__(self) -> str:
        return f"<tf.function {self.name}, {len(self._concretes)} traced>"


def function(
    func: Callable[..., Any] | None = None,
    input_signature: Sequence[Any] | None = None,
    autograph: bool = True,
    jit_compile: bool | None = None,
    reduce_retracing: bool = False,
    experimental_implements: str | None = None,
    experimental_autograph_options: object = None,
    experimental_attributes: Mapping[str, object] | None = None,
    experimental_relax_shapes: bool | None = None,
    experimental_compile: bool | None = None,
    experimental_follow_type_hints: bool | None = None,
) -> Any:
    """Compiles a function of tensors; a decorator.

    The body is traced once for each signature: the shapes and dtypes of tensor
    arguments, the values of Python arguments. Calls of other traced functions become
    part of the graph. Options for TensorFlow's compiler are accepted and ignored.

    Args:
        func: the function.
        input_signature: `tf.TensorSpec`s that the arguments must match. With an open length (None), the function is
            traced once for each length, of which the last 64 are kept.
        reduce_retracing: treats all lengths as open: new ones give no warning.
        autograph: whether Python's ``if``, ``while``, ``for``, ``and``, ``or``, ``not`` and ``assert`` work on
            tensors; see ``docs/tracing.md``.

    Raises:
        TracingError: if the body asks for the value of a tensor, as ``.numpy()`` does.

    >>> import tensorlet as tf
    >>> @tf.function
    ... def double(x):
    ...     return x * 2
    >>> double(tf.constant([1.0, 2.0])).numpy()
    array([2., 4.], dtype=float32)
    >>> @tf.function
    ... def halved_until_small(x):
    ...     while tf.reduce_sum(x) > 1.0:
    ...         x = x / 2
    ...     return x
    >>> halved_until_small.python_function(tf.constant([3.0, 4.0])).numpy()
    array([0.375, 0.5  ], dtype=float32)
    """
    if func is None:
        return functools.partial(
            function,
            input_signature=input_signature,
            autograph=autograph,
            reduce_retracing=reduce_retracing or bool(experimental_relax_shapes),
        )
    relaxed = reduce_retracing or bool(experimental_relax_shapes)
    return Function(func, input_signature, autograph=autograph, open_lengths=relaxed)


def _positions_in(error: BaseException) -> set[int]:
    """The arguments whose values would have avoided an error."""
    found = in_chain(error, NeedsValues)
    return set() if found is None else set(found.positions)


def in_chain(error: BaseException | None, kind: type[Kind]) -> Kind | None:
    """The error of that kind among an error and those that led to it."""
    while error is not None and not isinstance(error, kind):
        error = error.__cause__ or error.__context__
    return error


def _stand_in(value: object) -> Any:
    return EagerTensor(np.zeros(value.shape, value.dtype.numpy)) if isinstance(value, TensorSpec) else value
