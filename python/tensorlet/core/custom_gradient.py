"""`tf.custom_gradient`: a function with a gradient of the user's own."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import Any

from tensorlet import ops
from tensorlet.core import active_tapes
from tensorlet.core.nest import flatten, pack_like
from tensorlet.errors import InvalidArgumentError
from tensorlet.ops.registry import convert, interpreter


class _CustomCall:
    """A call as tapes keep it: its pull-back is the user's."""

    __slots__ = ("_gradient", "inputs", "outputs")

    def __init__(self, inputs: list[Any], outputs: list[Any], gradient: Callable[..., Any]) -> None:
        self.inputs = inputs
        self.outputs = tuple(outputs)
        self._gradient = gradient

    def pull_back(self, upstream: Sequence[Any]) -> list[Any]:
        """From the outputs' gradients to the inputs'."""
        weights = [
            ops.zeros_like(output) if weight is None else weight
            for output, weight in zip(self.outputs, upstream, strict=True)
        ]
        found = flatten(self._gradient(*weights))
        if len(found) != len(self.inputs):
            raise InvalidArgumentError(
                f"tf.custom_gradient: the gradient function returned {len(found)} gradients for "
                f"{len(self.inputs)} arguments. Return one for each, None where nothing flows."
            )
        return [None if gradient is None else convert(gradient) for gradient in found]


def custom_gradient(f: Callable[..., Any]) -> Callable[..., Any]:
    """Gives a function its own gradient; a decorator.

    Args:
        f: takes tensors and returns ``(result, gradient)``, where ``gradient`` takes the
            upstream gradients and returns one gradient for each argument.

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
        with active_tapes.paused():
            result, gradient = f(*inputs)
            # Fresh tensors: a function may hand back one of its arguments.
            outputs = [ops.identity(tensor) for tensor in flatten(result)]
        active_tapes.record_call(interpreter(), _CustomCall(inputs, outputs, gradient))
        return pack_like(result, outputs)

    return call
