"""`Optimizer.minimize`: the gradients of a loss, and one step along them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any

from tensorlet.core.tape import GradientTape
from tensorlet.core.variable import Variable
from tensorlet.errors import InvalidArgumentError

if TYPE_CHECKING:
    from tensorlet.ops.registry import Tensor


class WithMinimize:
    """The part of `Optimizer` that computes gradients of a loss."""

    name: str

    if TYPE_CHECKING:

        def apply_gradients(self, grads_and_vars: Iterable[tuple[Any, Variable]]) -> Variable: ...

    def compute_gradients(
        self,
        loss: Tensor | Callable[[], Tensor],
        var_list: Variable | Sequence[Variable] | Callable[[], Any],
        tape: GradientTape | None = None,
    ) -> list[tuple[Any, Variable]]:
        """Returns pairs of a gradient and its variable; see `minimize`."""
        if not callable(loss):
            if tape is None:
                raise InvalidArgumentError(
                    f"{self.name}.minimize got a tensor as the loss, which does not record how it was computed. Pass "
                    "the tape that recorded it (tape=tape), or a function without arguments that computes the loss."
                )
            variables = _variables(var_list)
            return list(zip(tape.gradient(loss, variables), variables, strict=True))
        with tape or GradientTape() as recording:
            value = loss()
        variables = _variables(var_list)
        return list(zip(recording.gradient(value, variables), variables, strict=True))

    def minimize(
        self,
        loss: Tensor | Callable[[], Tensor],
        var_list: Variable | Sequence[Variable] | Callable[[], Any],
        tape: GradientTape | None = None,
        name: str | None = None,
    ) -> Variable:
        """Computes the gradients of a loss and applies one update step.

        Args:
            loss: a function without arguments, or a tensor with its ``tape``.
            var_list: a variable, several, or a function that returns them.
            tape: the tape that recorded the tensor.
            name: ignored.

        >>> import tensorlet as tf
        >>> w = tf.Variable(3.0)
        >>> int(tf.keras.optimizers.SGD(0.25).minimize(lambda: w * w, [w]))
        1
        >>> w.numpy().item()
        1.5
        """
        return self.apply_gradients(self.compute_gradients(loss, var_list, tape))


def _variables(given: Any) -> list[Variable]:
    """The variables of `Optimizer.minimize`: one, several, or those that a function returns."""
    found = given() if callable(given) else given
    return [found] if isinstance(found, Variable) else list(found)
