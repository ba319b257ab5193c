"""``tf.keras.optimizers.legacy``: the optimizers of Keras 2.0 to 2.10, where they differ from current ones.

In files written by Keras, the configuration of such an optimizer contains ``decay``.

>>> import tensorlet as tf
>>> from tensorlet.compat import legacy_optimizers
>>> w = tf.Variable([1.0])
>>> _ = legacy_optimizers.RMSprop(0.5, rho=0.75, epsilon=0.5).apply_gradients([(tf.constant([1.0]), w)])
>>> w.numpy()
array([0.5], dtype=float32)
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tensorlet import ops
from tensorlet.keras import optimizers
from tensorlet.keras.optimizers import Optimizer as Optimizer
from tensorlet.ops.gradient_rows import rows_of, touched

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tensorlet.core.variable import Variable
    from tensorlet.ops.registry import Tensor

#: Arguments that Keras 2.0 to 2.10 do not write to the configuration of an optimizer.
_NEWER = (
    "weight_decay", "use_ema", "ema_momentum", "ema_overwrite_frequency", "jit_compile", "is_legacy_optimizer",
)  # fmt: skip


class Legacy:
    """Mixin of all optimizers of Keras 2.0 to 2.10, to precede the current class among the bases."""

    is_legacy = True
    _decay: float

    def rows_kept(self, variable: Variable) -> list[Variable]:
        """Returns what keeps its rows that a gradient of `gather` does not contain; all others decay in all rows."""
        return []

    def _depends_on_rows(self) -> bool:
        return True

    def update_step(self, gradient: Tensor, variable: Variable, learning_rate: Tensor) -> None:
        """Updates one variable; with a gradient of `gather`, some of it only in the rows that were read."""
        rows = rows_of(gradient)
        kept = [] if rows is None else [(one, one.read_value()) for one in self.rows_kept(variable)]
        super().update_step(gradient, variable, learning_rate)  # type: ignore[misc]
        for one, before in kept:
            one.assign(ops.where(touched(rows, variable.shape), one, before))  # type: ignore[arg-type]

    def _all_of(self: Any, variable: Variable) -> list[Variable]:
        return [variable, *(self.slot(variable, name) for name in self.slot_names())]

    def get_config(self) -> dict[str, Any]:
        """Returns the arguments that recreate the optimizer, always including ``decay``."""
        config: dict[str, Any] = super().get_config()  # type: ignore[misc]
        kept = {key: value for key, value in config.items() if key not in _NEWER}
        for clip in ("clipnorm", "clipvalue", "global_clipnorm"):
            if kept.get(clip) is None:
                kept.pop(clip, None)
        return {**kept, "decay": self._decay}


class SGD(Legacy, optimizers.SGD):
    """Gradient descent; see `tf.keras.optimizers.SGD`."""

    def rows_kept(self, variable: Variable) -> list[Variable]:
        """Returns everything: the momentum acts only in rows that were read."""
        return self._all_of(variable)


class Adam(Legacy, optimizers.Adam):
    """Adam; see `tf.keras.optimizers.Adam`."""


class Adamax(Legacy, optimizers.Adamax):
    """Adamax; see `tf.keras.optimizers.Adamax`."""

    def rows_kept(self, variable: Variable) -> list[Variable]:
        """Returns everything."""
        return self._all_of(variable)


class Adadelta(Legacy, optimizers.Adadelta):
    """Adadelta; see `tf.keras.optimizers.Adadelta`."""

    def rows_kept(self, variable: Variable) -> list[Variable]:
        """Returns everything."""
        return self._all_of(variable)


class Ftrl(Legacy, optimizers.Ftrl):
    """FTRL; see `tf.keras.optimizers.Ftrl`."""

    def rows_kept(self, variable: Variable) -> list[Variable]:
        """Returns everything."""
        return self._all_of(variable)


class RMSprop(Legacy, optimizers.RMSprop):
    """RMSprop that adds epsilon to the root instead of the mean square, unless it has a momentum.

    The other arguments are those of `tf.keras.optimizers.RMSprop`.
    """

    def rows_kept(self, variable: Variable) -> list[Variable]:
        """Returns everything if there is a momentum, and nothing without one."""
        return self._all_of(variable) if self.momentum else []

    def step_of(self, gradient: Tensor, mean_square: Tensor, learning_rate: Tensor) -> Any:
        """Returns the step without the momentum."""
        if self.momentum:
            return super().step_of(gradient, mean_square, learning_rate)
        return learning_rate * gradient / (ops.sqrt(mean_square) + self.epsilon)


class Adagrad(Legacy, optimizers.Adagrad):
    """Adagrad that adds epsilon to the root instead of the sum of squares.

    The arguments are those of `tf.keras.optimizers.Adagrad`.
    """

    def update_step(self, gradient: Tensor, variable: Variable, learning_rate: Tensor) -> None:
        accumulator = self.slot(variable, "accumulator")
        accumulator.assign_add(ops.square(gradient))
        variable.assign_sub(learning_rate * gradient / (ops.sqrt(accumulator) + self.epsilon))


class Nadam(Legacy, optimizers.Nadam):
    """Nadam whose momentum rises 250 times more slowly: ``u_t = beta_1 * (1 - 0.5 * 0.96**(0.004 * t))``.

    The arguments are those of `tf.keras.optimizers.Nadam`.

    Source: Dozat, "Incorporating Nesterov Momentum into Adam", 2016, and Keras 2.0 to 2.10.
    """

    momentum_base = 0.96**0.004

    def rows_kept(self, variable: Variable) -> list[Variable]:
        """Returns the variable."""
        return [variable]

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "decay": 0.004}

    @classmethod
    def from_config(cls, config: dict[str, Any], custom_objects: dict[str, Any] | None = None) -> Any:
        """Creates an optimizer from its configuration, whose decay is that of the momentum."""
        return super().from_config({key: value for key, value in config.items() if key != "decay"})


_CLASSES: Sequence[Any] = (SGD, Adam, Adamax, Adadelta, Ftrl, RMSprop, Adagrad, Nadam)


def legacy_class(optimizer: type) -> Any:
    """Returns the legacy class for a current one; None for user-defined classes and newer optimizers."""
    for found in _CLASSES:
        if found.__mro__[2] is optimizer:
            return found
    return None
