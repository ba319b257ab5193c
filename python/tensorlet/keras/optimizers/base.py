"""The base class of optimizers: learning rate, slots, clipping, weight decay and moving averages."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any

from tensorlet import ops
from tensorlet.core.tracing import scope
from tensorlet.core.variable import Variable
from tensorlet.errors import InvalidArgumentError, TensorletError, did_you_mean
from tensorlet.extensions import extensible
from tensorlet.keras.generations import keras_generation
from tensorlet.keras.naming import snake_case, unique_name
from tensorlet.keras.optimizers import checkpoint_parts
from tensorlet.keras.optimizers.clipping import WithClipping
from tensorlet.keras.optimizers.compiled_step import CompiledStep, may_take_compiled
from tensorlet.keras.optimizers.gradient_accumulation import SUM, accumulate, checked_steps
from tensorlet.keras.optimizers.gradient_pairs import with_gradients
from tensorlet.keras.optimizers.loss_scaling import WithLossScale
from tensorlet.keras.optimizers.minimizing import WithMinimize
from tensorlet.keras.optimizers.moving_averages import WithMovingAverages
from tensorlet.keras.optimizers.schedules.base import LearningRateSchedule
from tensorlet.keras.registry import SCHEDULES
from tensorlet.ops.gradient_rows import rows_of

if TYPE_CHECKING:
    from tensorlet.keras.optimizers.learning_rate import LearningRate
    from tensorlet.ops.registry import Tensor
    from tensorlet.type_aliases import TensorLike

#: Arguments of other versions of Keras that have no effect.
IGNORED = frozenset({"jit_compile", "is_legacy_optimizer", "schedule_decay", "mesh"})


@extensible
class Optimizer(WithMinimize, WithClipping, WithLossScale, WithMovingAverages):
    """Base class of optimizers, which update variables to reduce a loss.

    To write an optimizer, name its slots (arrays kept for each variable) in `slot_names` and implement
    `update_step` with operations, so that it becomes part of the compiled training step:

    >>> import tensorlet as tf
    >>> class Signed(tf.keras.optimizers.Optimizer):
    ...     def slot_names(self):
    ...         return ("mean",)
    ...     def update_step(self, gradient, variable, learning_rate):
    ...         mean = self.slot(variable, "mean")
    ...         mean.assign(0.5 * mean + 0.5 * gradient)
    ...         variable.assign_sub(learning_rate * tf.sign(mean))
    >>> w = tf.Variable([1.0, -1.0])
    >>> int(Signed(learning_rate=0.25).apply_gradients([(tf.constant([3.0, -2.0]), w)]))
    1
    >>> w.numpy()
    array([ 0.75, -0.75], dtype=float32)

    Args:
        learning_rate: a number, a `LearningRateSchedule`, or a function without arguments.
        weight_decay: each step first subtracts ``weight_decay * learning_rate`` times each variable
            from it (Loshchilov and Hutter, 2019); None for no decay.
        clipnorm: the largest norm of each gradient.
        clipvalue: the largest absolute value of each element of a gradient.
        global_clipnorm: the largest norm of all gradients together.
        use_ema: whether to keep a moving average of each variable (Polyak and Juditsky, 1992).
        ema_momentum: the decay rate of the moving averages.
        ema_overwrite_frequency: the number of steps after which the variables are set to their
            averages, repeatedly; None for only when `finalize_variable_values` is called.
        gradient_accumulation_steps: the number of steps whose gradients are averaged for one update, at least 2:
            training with batches so many times as large, in the memory of one. `iterations` counts updates, while
            schedules and `ema_momentum` go by steps, as in Keras 3. None for an update in each step.
        loss_scale_factor: a factor of the loss, by which gradients are divided; `scale_loss` multiplies by it, which
            `fit` does by itself. Arithmetic in float32 does not need it. None for no factor.
        name: the prefix of the names of the slots; by default derived from the class.
        **options: arguments of other versions of Keras that have no effect here; see `IGNORED`.

    Raises:
        InvalidArgumentError: for invalid values, or more than one kind of clipping.
        TypeError: for an unknown argument.
    """

    #: Whether the optimizer is that of Keras 2.0 to 2.10, whose form it has in files.
    is_legacy = False

    def __init__(
        self,
        learning_rate: LearningRate = 0.001,
        weight_decay: float | None = None,
        clipnorm: float | None = None,
        clipvalue: float | None = None,
        global_clipnorm: float | None = None,
        use_ema: bool = False,
        ema_momentum: float = 0.99,
        ema_overwrite_frequency: int | None = None,
        name: str | None = None,
        gradient_accumulation_steps: int | None = None,
        loss_scale_factor: float | None = None,
        **options: Any,
    ) -> None:
        self.name = name or _name_of(type(self))
        self._refuse_unknown(options)
        self.weight_decay = weight_decay
        self.clipnorm = clipnorm
        self.clipvalue = clipvalue
        self.global_clipnorm = global_clipnorm
        self.ema_momentum = ema_momentum
        self.ema_overwrite_frequency = ema_overwrite_frequency
        self.loss_scale_factor = loss_scale_factor
        self._check_options()
        super().__init__(use_ema, checked_steps(self.name, gradient_accumulation_steps))
        self._without_decay: tuple[set[Any], list[str]] = (set(), [])
        self._rate_of_this_step: Any = None
        self._compiled_step: CompiledStep | None = None
        self._learning_rate = self._build_learning_rate(learning_rate)

    def _refuse_unknown(self, options: dict[str, Any]) -> None:
        kind = type(self).__name__
        for unknown in options.keys() - IGNORED:
            known = [name for name in inspect.signature(type(self)).parameters if name != "options"]
            known += list(inspect.signature(Optimizer).parameters)[:-1]
            raise TypeError(
                f"{kind} has no argument '{unknown}'.{did_you_mean(unknown, known)} "
                f"Available arguments: {', '.join(dict.fromkeys(known))}."
            )

    def update_step(self, gradient: Tensor, variable: Variable, learning_rate: Tensor) -> None:
        """Updates one variable, using operations. Every optimizer implements it.

        Args:
            gradient: the gradient of the loss, with the shape of the variable.
            variable: the variable to update with ``assign``, ``assign_add`` or ``assign_sub``.
            learning_rate: a scalar of the variable's dtype.
        """
        raise NotImplementedError(
            f"{type(self).__name__} does not define how to update a variable. "
            "Implement update_step(self, gradient, variable, learning_rate)."
        )

    def assign(self, variable: Variable, value: TensorLike) -> None:
        """``variable.assign(value)``."""
        variable.assign(ops.cast(value, variable.dtype))

    def assign_add(self, variable: Variable, value: TensorLike) -> None:
        """``variable.assign_add(value)``."""
        variable.assign_add(ops.cast(value, variable.dtype))

    def assign_sub(self, variable: Variable, value: TensorLike) -> None:
        """``variable.assign_sub(value)``."""
        variable.assign_sub(ops.cast(value, variable.dtype))

    # Steps

    def begin_step(self) -> None:
        """Called once per step before the variables are updated, for values that all of them share."""

    def apply_gradients(
        self,
        grads_and_vars: Iterable[tuple[Any, Variable]],
        name: str | None = None,
        skip_gradients_aggregation: bool = False,
        experimental_aggregate_gradients: bool = True,
    ) -> Variable:
        """Applies one update step.

        Args:
            grads_and_vars: pairs of a gradient and its variable; pairs whose gradient is None are skipped. Without
                pairs, as in a frozen model, nothing happens but a warning.
            name, skip_gradients_aggregation, experimental_aggregate_gradients: ignored.

        Returns:
            `iterations`.

        Raises:
            InvalidArgumentError: if there are variables, but none has a gradient.

        >>> import tensorlet as tf
        >>> w = tf.Variable(1.0)
        >>> int(tf.keras.optimizers.SGD(learning_rate=0.5).apply_gradients([(tf.constant(1.0), w)]))
        1
        >>> w.numpy().item()
        0.5
        """
        pairs = with_gradients(self.name, list(grads_and_vars))
        if not pairs:
            return self._iterations
        gradients, variables = [gradient for gradient, _ in pairs], [variable for _, variable in pairs]
        self._prepare(variables)
        by_rows = self._depends_on_rows() and any(rows_of(gradient) for gradient in gradients)
        if not by_rows and may_take_compiled(gradients):
            if self._compiled_step is None or not self._compiled_step.fits(variables):
                self._compiled_step = CompiledStep(self, variables)
            if self._compiled_step.take(gradients):
                return self._counter
        return self.step_on(gradients, variables)

    def step_on(self, gradients: list[Any], variables: list[Variable]) -> Variable:
        """Takes one step on variables that have slots, operation by operation; see `apply_gradients`."""
        with scope(self.name):
            self._update(gradients, variables)
            return self._iterations.assign_add(1)

    def _update(self, gradients: list[Any], variables: list[Variable]) -> None:
        gradients = self._unscaled(gradients, variables)
        if self.gradient_accumulation_steps:
            sums = [self.slot(variable, SUM) for variable in variables]
            update = functools.partial(self._update_variables, variables=variables)
            accumulate(self.gradient_accumulation_steps, self._iterations + 1, gradients, sums, update)
        else:
            self._update_variables(gradients, variables)
        if self.use_ema:
            self._average(variables)
        for variable in variables:
            if variable.constraint is not None:
                variable.assign(variable.constraint(variable))

    def _update_variables(self, gradients: list[Any], variables: list[Variable]) -> None:
        gradients, variables = self._overwritten(gradients, variables)
        gradients = self._clipped(gradients)
        rate = self.current_learning_rate()
        rates = {variable.dtype: ops.cast(rate, variable.dtype) for variable in variables}
        self._decay_weights(variables, rates)
        self._rate_of_this_step, self._shared = rate, {}
        try:
            self.begin_step()
            update = self._update_function()
            for gradient, variable in zip(gradients, variables, strict=True):
                with scope(variable._name):
                    update(ops.cast(gradient, variable.dtype), variable, rates[variable.dtype])
        finally:
            self._rate_of_this_step = self._shared = None

    def apply(self, grads: Sequence[Any], trainable_variables: Sequence[Variable] | None = None) -> Variable:
        """Applies one update step, with gradients and variables as two lists."""
        variables = self._trainable_variables if trainable_variables is None else trainable_variables
        return self.apply_gradients(zip(grads, variables, strict=True))

    def _update_function(self) -> Callable[[Any, Variable, Any], Any]:
        """Returns `update_step`, which may also be defined without the argument ``learning_rate``."""
        step = self.update_step
        if len(inspect.signature(step).parameters) == 2:
            return lambda gradient, variable, _: step(gradient, variable)  # type: ignore[call-arg]
        return step

    # Weight decay

    def exclude_from_weight_decay(
        self, var_list: Sequence[Variable] | None = None, var_names: Sequence[str] | None = None
    ) -> None:
        """Excludes variables from weight decay: those given, and those whose names contain one of ``var_names``."""
        if self.built:
            raise TensorletError(
                "exclude_from_weight_decay must be called before the optimizer's first step."
            )
        self._without_decay = ({variable.ref() for variable in var_list or ()}, list(var_names or ()))

    def _use_weight_decay(self, variable: Variable) -> bool:
        chosen, names = self._without_decay
        return variable.ref() not in chosen and not any(name in variable.name for name in names)

    def _weight_decay_of(self, variable: Variable) -> float | None:
        return self.weight_decay

    def _decay_weights(self, variables: list[Variable], rates: dict[Any, Any]) -> None:
        for variable in variables:
            share = self._weight_decay_of(variable)
            if share and self._use_weight_decay(variable):
                variable.assign_sub(variable * (share * rates[variable.dtype]))

    # Optimizers in others

    def single_optimizers(self) -> list[Any]:
        """The optimizers that have a learning rate of their own: this one, or those that it passes the work on to."""
        return [self]

    def inner_optimizers(self) -> list[Any]:
        """The optimizers that this one passes the work on to, if any."""
        return []

    def step_settings(self) -> list[object]:
        """Everything that a step depends on, apart from the values of variables."""
        found = [value for name, value in vars(self).items() if name != "_compiled_step"]
        rate = self._learning_rate
        return [*found, *vars(rate).values()] if isinstance(rate, LearningRateSchedule) else found

    # Configurations

    def get_config(self) -> dict[str, Any]:
        """Returns the arguments that recreate the optimizer, as JSON values."""
        config: dict[str, Any] = {"name": self.name}
        names = (
            "weight_decay", "clipnorm", "global_clipnorm", "clipvalue", "use_ema", "ema_momentum",
            "ema_overwrite_frequency",
        )  # fmt: skip
        config.update({name: getattr(self, name) for name in names})
        if self.gradient_accumulation_steps:  # Keras 2 does not know it
            config["gradient_accumulation_steps"] = self.gradient_accumulation_steps
        if self.loss_scale_factor is not None:
            config["loss_scale_factor"] = self.loss_scale_factor
        config["jit_compile"] = False
        config["is_legacy_optimizer"] = False
        config["learning_rate"] = self._serialize_hyperparameter(self._learning_rate)
        return config

    @classmethod
    def from_config(cls, config: dict[str, Any], custom_objects: dict[str, Any] | None = None) -> Any:
        """Creates an optimizer from its configuration.

        >>> import tensorlet as tf
        >>> again = tf.keras.optimizers.SGD.from_config(tf.keras.optimizers.SGD(0.5, momentum=0.25).get_config())
        >>> again.momentum, float(again.learning_rate)
        (0.25, 0.5)
        """
        arguments = dict(config)
        if isinstance(arguments.get("learning_rate"), dict):
            arguments["learning_rate"] = SCHEDULES.deserialize(arguments["learning_rate"], custom_objects)
        return cls(**arguments)

    def _check_options(self) -> None:
        clips = {name: getattr(self, name) for name in ("clipnorm", "clipvalue", "global_clipnorm")}
        given = [name for name, value in clips.items() if value is not None]
        if len(given) > 1:
            raise InvalidArgumentError(
                f"{self.name} got {' and '.join(given)}. Only one of `clipnorm`, `clipvalue` and `global_clipnorm` can "
                "be set. Remove the others."
            )
        for name in given:
            self._check_above_zero(name, clips[name])
        if self.weight_decay is not None and not self.weight_decay >= 0.0:
            raise InvalidArgumentError(
                f"{self.name}: weight_decay is {self.weight_decay}, expected at least 0: a negative value makes "
                "the weights grow."
            )
        self._check_between("ema_momentum", self.ema_momentum, 0.0, 1.0)
        every = self.ema_overwrite_frequency
        if every is not None and not (isinstance(every, int) and every >= 1):
            raise InvalidArgumentError(
                f"{self.name}: ema_overwrite_frequency is {every!r}, expected a number of steps or None."
            )

    def _check_above_zero(self, name: str, value: float) -> None:
        if not value > 0.0:
            raise InvalidArgumentError(f"{self.name}: {name} is {value}, expected a number above 0.")

    def _check_between(self, name: str, value: float, low: float, high: float) -> None:
        if not low <= value <= high:
            raise InvalidArgumentError(
                f"{self.name}: {name} is {value}, expected a number from {low:g} to {high:g}."
            )

    # Checkpoints.

    def _tracked_children(self) -> list[tuple[str, Any]]:
        return checkpoint_parts.optimizer_children(self)

    def _tracked_in(self, names: set[str]) -> list[tuple[str, Any]]:
        return checkpoint_parts.optimizer_children_in(self, names)

    def _tracked_slot(self, variable: Variable, name: str) -> Variable | None:
        return checkpoint_parts.optimizer_slot(self, variable, name)

    def __repr__(self) -> str:
        rate = self._learning_rate
        shown = f"{float(rate):g}" if isinstance(rate, Variable) else type(rate).__name__
        return f"<tf.keras.optimizers.{type(self).__name__} learning_rate={shown}>"


def _name_of(kind: type) -> str:
    """The name of an optimizer to which the user gives none: in Keras 3 ``adam``, then ``adam_1``."""
    return unique_name(snake_case(kind.__name__)) if keras_generation() == 3 else kind.__name__
