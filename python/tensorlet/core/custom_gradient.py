"""`tf.custom_gradient`: a function with a user-defined gradient."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Sequence
from typing import Any

from tensorlet import ops
from tensorlet.core import active_tapes
from tensorlet.core.nest import flatten, pack_like
from tensorlet.core.tape import GradientTape
from tensorlet.core.tensor import Tensor
from tensorlet.core.variable import Variable
from tensorlet.errors import InvalidArgumentError
from tensorlet.ops.registry import convert, interpreter


class _CustomCall:
    """A call as tapes record it, whose pull-back is user-defined.

    Attributes:
        inputs: the arguments, then the values of the variables that the function read.
        outputs: what it returned.
    """

    __slots__ = ("_gradient", "_variables", "inputs", "outputs")

    def __init__(
        self,
        arguments: list[Tensor],
        variables: list[Variable],
        outputs: list[Tensor],
        gradient: Callable[..., Any],
    ) -> None:
        self.inputs = [*arguments, *[variable.read_variable(interpreter()) for variable in variables]]
        self.outputs = tuple(outputs)
        self._variables = variables
        self._gradient = gradient

    def pull_back(self, upstream: Sequence[Tensor | None]) -> list[Tensor | None]:
        """Computes the gradients of the inputs from those of the outputs."""
        weights = [
            ops.zeros_like(output) if weight is None else weight
            for output, weight in zip(self.outputs, upstream, strict=True)
        ]
        count = len(self.inputs) - len(self._variables)
        if self._variables:
            to_arguments, to_variables = self._gradient(*weights, variables=self._variables)
        else:
            to_arguments, to_variables = self._gradient(*weights), []
        found = [
            *_counted(flatten(to_arguments), count, "arguments"),
            *_counted(flatten(to_variables), len(self._variables), "variables"),
        ]
        return [None if gradient is None else convert(gradient) for gradient in found]


def _counted(gradients: list[Any], count: int, of: str) -> list[Any]:
    """Checks the number of gradients, and returns them."""
    if len(gradients) != count:
        raise InvalidArgumentError(
            f"tf.custom_gradient: the gradient function returned {len(gradients)} gradients for {count} {of}. "
            "Return one for each, or None for those without a gradient."
        )
    return gradients


def custom_gradient(f: Callable[..., Any]) -> Callable[..., Any]:
    """A decorator that defines the gradient of a function.

    Args:
        f: takes tensors and returns ``(result, gradient)``, where ``gradient`` takes the upstream gradients and
            returns one gradient for each argument. If ``f`` reads trainable variables, ``gradient`` also takes
            ``variables=``, a list of them, and returns a pair: the gradients of the arguments, and those of the
            variables.

    Raises:
        TypeError: if ``f`` reads trainable variables and ``gradient`` does not take ``variables=``.

    >>> import tensorlet as tf
    >>> @tf.custom_gradient
    ... def log1pexp(x):
    ...     e = tf.exp(x)
    ...     return tf.math.log(1 + e), lambda upstream: upstream * (1 - 1 / (1 + e))
    >>> x = tf.Variable(100.0)
    >>> with tf.GradientTape() as tape:
    ...     y = log1pexp(x)
    >>> tape.gradient(y, x).numpy().item()
    1.0
    """

    @functools.wraps(f)
    def call(*args: Any) -> Any:
        inputs = [convert(argument) for argument in args]
        with active_tapes.paused(), GradientTape() as reads:
            result, gradient = f(*inputs)
        variables = reads.watched_variables()
        if variables and not _takes_variables(gradient):
            raise TypeError(
                f"tf.custom_gradient: '{f.__name__}' reads the variables "
                f"{', '.join(one.name for one in variables)}, but its gradient function has no argument "
                "'variables'. Write def gradient(upstream, variables=None) and return (gradients of the "
                "arguments, gradients of the variables)."
            )
        with active_tapes.paused():
            # New tensors, since a function may return one of its arguments.
            outputs = [ops.identity(tensor) for tensor in flatten(result)]
        active_tapes.record_call(interpreter(), _CustomCall(inputs, list(variables), outputs, gradient))
        return pack_like(result, outputs)

    return call


def _takes_variables(gradient: Callable[..., Any]) -> bool:
    kinds = inspect.signature(gradient).parameters.values()
    return any(one.name == "variables" or one.kind is inspect.Parameter.VAR_KEYWORD for one in kinds)
