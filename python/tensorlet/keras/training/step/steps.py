"""`compile`, and the methods that users override to change the training, test and prediction steps."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from tensorlet.checkpoint.pending import resume
from tensorlet.core.nest import flatten
from tensorlet.core.tape import GradientTape
from tensorlet.core.tracing import scope
from tensorlet.core.user_code import user_function
from tensorlet.errors import InvalidArgumentError, warn_user
from tensorlet.keras.metrics.base import Metric
from tensorlet.keras.training.data_adapter.batch_parts import Batch, unpack
from tensorlet.keras.training.step.compiled_loss import CompiledLoss
from tensorlet.keras.training.step.compiled_metrics import CompiledMetrics
from tensorlet.keras.training.step.programs import Programs
from tensorlet.keras.training.step.trainable_state import TrainableState
from tensorlet.localization import translate as _

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tensorlet.core.tensor import Tensor
    from tensorlet.core.variable import Variable
    from tensorlet.keras.optimizers.base import Optimizer

#: Arguments of `compile` that have no effect.
IGNORED = ("auto_scale_loss",)


class Steps:
    """The part of `Model` that handles `compile` and the training, test and prediction steps.

    It requires of the model: ``model(x, training=...)``, ``trainable_variables``, ``losses``, ``layers``,
    ``output_names``.
    """

    optimizer: Any = None
    loss: Any = None
    compiled_loss: Any = None
    compiled_metrics: Any = None
    history: Any = None
    stop_training = False
    stop_evaluating = False
    stop_predicting = False
    run_eagerly = False
    _compile_settings: dict[str, Any] | None = None
    _trainable_state: TrainableState | None = None
    #: Shapes and dtypes of the rows for which the model was last prepared, and its output for them.
    _prepared_for: list[tuple[Any, Any]] | None = None
    _example: Any = None
    #: The names of the columns of the data frame of the last training; None if it was not a frame.
    _column_names: list[str] | None = None

    if TYPE_CHECKING:
        name: str

        @property
        def trainable_variables(self) -> list[Variable]: ...
        @property
        def losses(self) -> list[Any]: ...
        @property
        def layers(self) -> list[Any]: ...
        def _flatten_layers(self) -> Iterator[Any]: ...
        def __call__(self, *args: Any, **kwargs: Any) -> Any: ...

    @property
    def compiled(self) -> bool:
        """Whether `compile` has been called."""
        return self._compile_settings is not None

    @property
    def _programs(self) -> Programs:
        found = vars(self).get("_programs_made")
        if found is None:  # setdefault: two threads get the same object
            found = vars(self).setdefault("_programs_made", Programs())
        return found

    def compile(
        self,
        optimizer: str | dict[str, Any] | Optimizer | type[Optimizer] = "rmsprop",
        loss: object = None,
        metrics: object = None,
        loss_weights: object = None,
        weighted_metrics: object = None,
        run_eagerly: bool | None = None,
        steps_per_execution: object = None,
        jit_compile: object = None,
        **ignored: object,
    ) -> None:
        """Configures the model for training.

        Args:
            optimizer: a name ("adam"), or an optimizer.
            loss: a name, a function ``(y_true, y_pred) -> losses``, or a `Loss`; for several outputs
                a list, or a dictionary by output name.
            metrics: a list of names, functions or `Metric`s; for several outputs a list of lists, or
                a dictionary. "accuracy" selects the accuracy that matches the labels.
            loss_weights: factors for the losses of the outputs.
            weighted_metrics: like ``metrics``, but with sample weights.
            run_eagerly: whether to run operation by operation, for debugging.
            steps_per_execution, jit_compile: have no effect: every step is compiled.

        Raises:
            InvalidArgumentError, TypeError: for unknown names and arguments.

        >>> import tensorlet as tf
        >>> model = tf.keras.Sequential([tf.keras.layers.Dense(1, input_shape=(2,))])
        >>> model.compile(optimizer="sgd", loss="mse", metrics=["mae"])
        """
        from tensorlet.keras import optimizers

        unknown = sorted(set(ignored) - set(IGNORED))
        if unknown:
            raise TypeError(
                f"compile() got {unknown}. Expected optimizer, loss, metrics, loss_weights, weighted_metrics or "
                "run_eagerly."
            )
        self.optimizer = optimizers.get(optimizer)
        self.loss = loss
        self.run_eagerly = bool(run_eagerly)
        self._compile_settings = {
            "loss": loss, "loss_weights": loss_weights, "metrics": metrics, "weighted_metrics": weighted_metrics,
        }  # fmt: skip
        self.compiled_loss = self.compiled_metrics = None
        self._forget_programs()
        names = getattr(self, "output_names", None)
        if names:
            self._make_containers(list(names))
        self._trainable_state = TrainableState(self)  # type: ignore[arg-type]
        resume()  # a checkpoint that was restored earlier may contain the state of the optimizer

    def _forget_programs(self) -> None:
        """Discards all traced functions and compiled programs; called when the model or its settings change."""
        self._programs.forget()

    def _make_containers(self, names: list[str]) -> None:
        settings = self._settings()
        self.compiled_loss = CompiledLoss(settings["loss"], settings["loss_weights"], names)
        self.compiled_metrics = CompiledMetrics(
            settings["metrics"], settings["weighted_metrics"], names, self.compiled_loss
        )

    def _settings(self) -> dict[str, Any]:
        if self._compile_settings is None:
            raise InvalidArgumentError(
                f"The model '{self.name}' has not been compiled. Call "
                "model.compile(optimizer='adam', loss=..., metrics=['accuracy']) before training or evaluating it."
            )
        return self._compile_settings

    # The steps, which users may override.

    def train_step(self, data: Batch) -> dict[str, Any]:
        """Runs one training step; override it to customize training.

        Args:
            data: a batch: ``(x, y)`` or ``(x, y, sample_weight)`` of tensors; x alone without y.

        Returns:
            The results of the step by name, as scalars.
        """
        x, y, sample_weight = unpack(data)
        y_pred = self._learn(x, y, sample_weight)
        return user_function(self.compute_metrics)(x, y, y_pred, sample_weight)

    def test_step(self, data: Batch) -> dict[str, Any]:
        """Runs one step of `evaluate`; see `train_step`."""
        x, y, sample_weight = unpack(data)
        y_pred = self._judge(x, y, sample_weight)
        return user_function(self.compute_metrics)(x, y, y_pred, sample_weight)

    def predict_step(self, data: Batch) -> Any:
        """Returns the output of the model for a batch of inputs, in inference mode."""
        x, _, _ = unpack(data)
        return self(x, training=False)

    def compute_loss(
        self, x: object = None, y: object = None, y_pred: object = None, sample_weight: object = None
    ) -> Any:
        """Returns the loss of a batch, including regularization, as a scalar tensor.

        Args:
            x, y, y_pred, sample_weight: tensors, or structures of tensors for several inputs or outputs.
        """
        return self.compiled_loss(
            y, y_pred, sample_weight=sample_weight, regularization_losses=self.losses
        )  # fmt: skip

    def compute_metrics(
        self, x: object, y: object, y_pred: object, sample_weight: object = None
    ) -> dict[str, Any]:
        """Updates the metrics with a batch.

        Returns:
            The results so far, by name.
        """
        self._update_metrics(y, y_pred, sample_weight)
        return self.get_metrics_result()

    def get_metrics_result(self) -> dict[str, Any]:
        """Returns the results of all metrics so far, by name."""
        results: dict[str, Any] = {}
        for metric in self.metrics:
            result = user_function(metric.result)()
            if isinstance(result, dict):
                results.update(result)
            else:
                results[str(metric.name)] = result
        return results

    @property
    def metrics(self) -> list[Metric]:
        """The metrics: the mean of the loss, those of `compile`, and those that are attributes of the model."""
        found: list[Metric] = []
        if self.compiled_loss is not None:
            found += self.compiled_loss.metrics
        if self.compiled_metrics is not None:
            found += self.compiled_metrics.metrics
        return list({id(metric): metric for metric in [*found, *self._own_metrics()]}.values())

    @property
    def metrics_names(self) -> list[str]:
        """The names of the metrics, in the order in which `evaluate` returns them."""
        return [str(metric.name) for metric in self.metrics]

    def _own_metrics(self) -> list[Metric]:
        """Returns the metrics that are attributes of the model or its layers."""
        owners = [self, *getattr(self, "layers", ())]
        inner = [one for layer in owners[1:] for one in layer._flatten_layers() if one._own.metrics]
        return [metric for owner in [*owners, *inner] for metric in owner._held_metrics()]

    def reset_metrics(self) -> None:
        """Resets all metrics."""
        for metric in self.metrics:
            metric.reset_state()

    def reset_epoch_state(self) -> None:
        """Called before each epoch, for models that keep state."""

    # The parts of the steps.

    def _learn(self, x: object, y: object, sample_weight: object) -> Any:
        """Computes predictions, loss, gradients and update; returns the predictions."""
        with GradientTape() as tape:
            y_pred = self(x, training=True)
            loss = self._loss_of(x, y, y_pred, sample_weight)
            scaled = loss if self.optimizer is None else self.optimizer.scale_loss(loss)
        variables = list(self.trainable_variables)
        if not variables:
            warn_user(
                _(
                    "The model '{name}' has no trainable weights, so training has no effect. Add a layer with "
                    "weights, or set layer.trainable = True before compile(). Layers created inside call() do not "
                    "belong to the model: create them in __init__."
                ).format(name=self.name)
            )
            return y_pred
        gradients = tape.gradient(scaled, variables)
        self._check_gradients(gradients, variables)
        self.optimizer.apply_gradients(
            [(gradient, variable) for gradient, variable in zip(gradients, variables, strict=True)
             if gradient is not None]
        )  # fmt: skip
        return y_pred

    def _judge(self, x: object, y: object, sample_weight: object) -> Any:
        """Computes predictions and loss without training; returns the predictions."""
        y_pred = self(x, training=False)
        own_loss = type(self).compute_loss is not Steps.compute_loss
        if own_loss or self.compiled_loss.user_loss is not None or self.losses:
            self._loss_of(x, y, y_pred, sample_weight)
        return y_pred

    def _loss_of(self, x: object, y: object, y_pred: object, sample_weight: object) -> Any:
        """Returns the loss of a batch, and updates the mean of the loss, wherever it was computed."""
        calls = self.compiled_loss.calls
        with scope("loss"):
            loss = user_function(self.compute_loss)(x, y, y_pred, sample_weight)
            if self.compiled_loss.calls == calls:  # a user-defined compute_loss
                self.compiled_loss.report(loss, _rows_of(y_pred))
        return loss

    def _update_metrics(self, y: object, y_pred: object, sample_weight: object) -> None:
        if y is not None:
            with scope("metrics"):
                self.compiled_metrics.update_state(y, y_pred, sample_weight)

    def _check_gradients(self, gradients: Sequence[Tensor | None], variables: Sequence[Variable]) -> None:
        missing = [
            variable.label
            for gradient, variable in zip(gradients, variables, strict=True)
            if gradient is None
        ]
        if len(missing) == len(variables):
            raise InvalidArgumentError(
                f"The loss depends on none of the weights ({', '.join(missing[:4])}...): they have no gradient. "
                "Compute the loss from the output of the model with differentiable tf.* operations."
            )
        if missing:
            warnings.warn(
                _(
                    "{weights} has no gradient: the loss does not depend on it, so training does not change it."
                ).format(weights=", ".join(missing)),
                stacklevel=2,
            )

    def _is_default(self, kind: str) -> bool:
        """Whether a step is the built-in one, so that its results need not be computed for each batch."""
        return all(
            getattr(type(self), method) is getattr(Steps, method)
            for method in (f"{kind}_step", "compute_metrics")
        )


def _rows_of(y_pred: object) -> int:
    """Returns the number of rows in a batch of predictions."""
    spec = flatten(y_pred)[0].spec
    return int(spec.shape[0]) if spec.rank else 1
