"""What a step computes: `compile`, and the methods that users override to change the step."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from tensorlet import ops
from tensorlet.checkpoint.pending import resume
from tensorlet.core.function import Function
from tensorlet.core.nest import flatten
from tensorlet.core.tape import GradientTape
from tensorlet.core.tracing import scope
from tensorlet.errors import InvalidArgumentError, TensorletError
from tensorlet.keras.training.data_adapter.batch_parts import as_given, unpack
from tensorlet.keras.training.data_adapter.byte_rows import scaled_back
from tensorlet.keras.training.data_adapter.dataset_rows import staged
from tensorlet.keras.training.step.compiled_loss import CompiledLoss
from tensorlet.keras.training.step.compiled_metrics import CompiledMetrics

#: Arguments of `compile` from the years before, which mean nothing here.
IGNORED = ("sample_weight_mode", "target_tensors", "experimental_run_tf_function", "auto_scale_loss")


class Steps:
    """Compiling a model, and the training, test and prediction step of it.

    What it needs of the model: ``model(x, training=...)``, ``trainable_variables``, ``losses``,
    ``layers``, ``output_names``.
    """

    optimizer: Any = None
    loss: Any = None
    compiled_loss: Any = None
    compiled_metrics: Any = None
    stop_training = False
    run_eagerly = False
    _compile_settings: dict[str, Any] | None = None
    _functions: dict[Any, Function] | None = None
    _runners: dict[Any, Any] | None = None
    _predictors: dict[Any, Any] | None = None
    _compile_time_variables: list[Any] | None = None

    if TYPE_CHECKING:

        def __getattr__(self, name: str) -> Any: ...
        def __call__(self, *args: Any, **kwargs: Any) -> Any: ...

    def compile(
        self,
        optimizer: Any = "rmsprop",
        loss: Any = None,
        metrics: Any = None,
        loss_weights: Any = None,
        weighted_metrics: Any = None,
        run_eagerly: bool | None = None,
        steps_per_execution: Any = None,
        jit_compile: Any = None,
        **ignored: Any,
    ) -> None:
        """Says how the model is to be trained.

        Args:
            optimizer: a name ("adam"), or an optimizer.
            loss: a name, a function ``(y_true, y_pred) -> losses``, or a `Loss`; for several outputs
                a list, or a dictionary by output name.
            metrics: a list of names, functions or `Metric`s; for several outputs a list of lists, or
                a dictionary. "accuracy" is the accuracy that suits the labels.
            loss_weights: factors of the outputs' losses.
            weighted_metrics: like ``metrics``, but the sample weights count.
            run_eagerly: run operation by operation, for debugging.
            steps_per_execution, jit_compile: taken, and of no use here: every step is compiled.

        Raises:
            InvalidArgumentError, TypeError: for names and arguments that do not exist.

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
        self._compile_time_variables = list(self.trainable_variables) if self._is_built() else None
        resume()  # a checkpoint that was loaded before may have the optimizer's state

    def _is_built(self) -> bool:
        return bool(getattr(self, "built", True))

    def _forget_programs(self) -> None:
        """Everything that was traced and compiled; called when the model or its settings change."""
        self._functions, self._runners, self._predictors = {}, {}, {}

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

    # The steps, which users may override:

    def train_step(self, data: Any) -> dict[str, Any]:
        """One training step; override it to train in another way.

        Args:
            data: a batch: ``(x, y)`` or ``(x, y, sample_weight)`` of tensors; x alone where there is no y.

        Returns:
            What the step reports, by name: scalars.
        """
        self._learn(data)
        return self.get_metrics_result()

    def test_step(self, data: Any) -> dict[str, Any]:
        """One step of `evaluate`; see `train_step`."""
        self._judge(data)
        return self.get_metrics_result()

    def predict_step(self, data: Any) -> Any:
        """The model's output for a batch of inputs, without training."""
        x, _, _ = unpack(data)
        return self(x, training=False)

    def compute_loss(
        self, x: Any = None, y: Any = None, y_pred: Any = None, sample_weight: Any = None
    ) -> Any:
        """The loss of a batch, regularisation included: a scalar tensor.

        Args:
            x, y, y_pred, sample_weight: tensors, or structures of them for several inputs or outputs.
        """
        return self.compiled_loss(
            y, y_pred, sample_weight=sample_weight, regularization_losses=self.losses
        )  # fmt: skip

    def compute_metrics(self, x: Any, y: Any, y_pred: Any, sample_weight: Any) -> dict[str, Any]:
        """Shows a batch to the metrics.

        Returns:
            The results so far, by name.
        """
        self.compiled_metrics.update_state(y, y_pred, sample_weight)
        return self.get_metrics_result()

    def get_metrics_result(self) -> dict[str, Any]:
        """The results of all metrics by now, by name."""
        results: dict[str, Any] = {}
        for metric in self.metrics:
            result = metric.result()
            if isinstance(result, dict):
                results.update(result)
            else:
                results[metric.name] = result
        return results

    @property
    def metrics(self) -> list[Any]:
        """The metrics: the mean of the loss, those of `compile`, and those that the model holds itself."""
        found: list[Any] = []
        if self.compiled_loss is not None:
            found += self.compiled_loss.metrics
        if self.compiled_metrics is not None:
            found += self.compiled_metrics.metrics
        return list({id(metric): metric for metric in [*found, *self._own_metrics()]}.values())

    @property
    def metrics_names(self) -> list[str]:
        """The names of the metrics, in the order in which `evaluate` returns them."""
        return [metric.name for metric in self.metrics]

    def _own_metrics(self) -> list[Any]:
        """Metrics that the model or one of its layers keeps as an attribute."""
        owners = [self, *getattr(self, "layers", ())]
        inner = [one for layer in owners[1:] for one in layer._flatten_layers() if one._own.metrics]
        return [metric for owner in [*owners, *inner] for metric in owner._held_metrics()]

    def reset_metrics(self) -> None:
        """Forgets what the metrics took in."""
        for metric in self.metrics:
            metric.reset_state()

    # What the steps are made of:

    def _learn(self, data: Any) -> None:
        x, y, sample_weight = unpack(data)
        with GradientTape() as tape:
            y_pred = self(x, training=True)
            with scope("loss"):
                loss = self.compute_loss(x, y, y_pred, sample_weight)
        variables = self._variables_to_train()
        gradients = tape.gradient(loss, variables)
        self._check_gradients(gradients, variables)
        self.optimizer.apply_gradients(
            [(gradient, variable) for gradient, variable in zip(gradients, variables, strict=True)
             if gradient is not None]
        )  # fmt: skip
        self._show_metrics(x, y, y_pred, sample_weight)

    def _judge(self, data: Any) -> None:
        x, y, sample_weight = unpack(data)
        y_pred = self(x, training=False)
        if self.compiled_loss.user_loss is not None or self.losses:
            self.compute_loss(x, y, y_pred, sample_weight)
        self._show_metrics(x, y, y_pred, sample_weight)

    def _show_metrics(self, x: Any, y: Any, y_pred: Any, sample_weight: Any) -> None:
        with scope("metrics"):
            if type(self).compute_metrics is not Steps.compute_metrics:
                self.compute_metrics(x, y, y_pred, sample_weight)
            elif y is not None:
                self.compiled_metrics.update_state(y, y_pred, sample_weight)

    def _variables_to_train(self) -> list[Any]:
        """The trainable variables; those at the time of `compile` if everything was frozen since.

        (A model that is frozen after `compile` to become part of another one keeps learning by itself.)
        """
        variables = list(self.trainable_variables)
        if not variables and self._compile_time_variables:
            variables = self._compile_time_variables
        if not variables:
            raise InvalidArgumentError(
                f"The model '{self.name}' has no trainable weights, so there is nothing to train. "
                "Add a layer with weights, or set layer.trainable = True before compile(). Layers that are made inside "
                "call() do not belong to a model: make them in __init__."
            )
        return variables

    def _check_gradients(self, gradients: list[Any], variables: list[Any]) -> None:
        missing = [
            variable.name for gradient, variable in zip(gradients, variables, strict=True) if gradient is None
        ]
        if len(missing) == len(variables):
            raise InvalidArgumentError(
                f"The loss depends on none of the weights ({', '.join(missing[:4])}...): no gradient reaches them. "
                "Compute the loss from the model's output with differentiable tf.* operations."
            )
        if missing:
            warnings.warn(
                f"No gradient reaches {', '.join(missing)}: the loss does not depend on them, and they stay as "
                "they are.",
                stacklevel=2,
            )

    def _is_default(self, kind: str) -> bool:
        """Whether a step is ours, so that its results need not be computed for each batch."""
        return getattr(type(self), f"{kind}_step") is getattr(Steps, f"{kind}_step")

    # Traced functions of them:

    def _step_function(
        self, kind: str, scales: tuple[float | None, ...] = (), stages: tuple[Any, ...] = ()
    ) -> Function:
        """The traced step, for the weights that are trainable now.

        Args:
            kind: "train" or "test".
            scales: what to divide each column by, where bytes stand for floats.
            stages: functions of a dataset that make the batch.
        """
        scales = scales if any(scales) else ()
        variable_ids = tuple(id(variable) for variable in self.trainable_variables)
        key = (kind, scales, tuple(map(id, stages)), id(self.optimizer), variable_ids)
        functions = self._functions if self._functions is not None else {}
        self._functions = functions
        if key not in functions:
            if kind == "train" and self._is_default(kind):
                self.optimizer.build(self._variables_to_train())
            functions[key] = Function(self._body(kind, scales, stages), name=f"{kind}_step of '{self.name}'")
        return functions[key]

    def _body(
        self, kind: str, scales: tuple[float | None, ...], stages: tuple[Any, ...]
    ) -> Callable[[Any], Any]:
        work = self._learn if kind == "train" else self._judge
        step = self.train_step if kind == "train" else self.test_step
        default = self._is_default(kind)

        def run(data: Any) -> dict[str, Any]:
            if scales:
                data = scaled_back(data, scales)
            if stages:
                data = staged(data, stages)
            if default:
                work(data)
                return {}
            # Numbers of one element: of these an epoch hands back the last ones.
            return {name: ops.reshape(value, [1]) for name, value in _as_logs(step(as_given(data))).items()}

        return run

    def _metric_tools(self) -> tuple[Callable[[], Any], Callable[[], dict[str, Any]]]:
        """How to reset all metrics and how to read their results, each one compiled call where possible."""
        metrics = self.metrics
        if self.run_eagerly:
            return self.reset_metrics, lambda: _numbers(self.get_metrics_result())
        key = ("metrics", tuple(id(variable) for metric in metrics for variable in metric.variables))
        functions: dict[Any, Any] = self._functions if self._functions is not None else {}
        self._functions = functions
        if key not in functions:
            functions[key] = self._make_metric_tools(metrics)
        return functions[key]

    def _make_metric_tools(
        self, metrics: list[Any]
    ) -> tuple[Callable[[], Any], Callable[[], dict[str, Any]]]:
        def reset_all() -> dict[str, Any]:
            for metric in metrics:
                metric.reset_state()
            return {}

        reset: Callable[[], Any] = self.reset_metrics
        ours = all(_is_ours(type(metric), "reset_state", "reset_states") for metric in metrics)
        if ours and metrics and type(self).reset_metrics is Steps.reset_metrics:
            reset = Function(reset_all, name="reset of the metrics")
        results: Callable[[], Any] = self.get_metrics_result
        if metrics and type(self).get_metrics_result is Steps.get_metrics_result:
            results = Function(self.get_metrics_result, name="results of the metrics")
            try:
                results()
            except (TensorletError, AttributeError):  # a user's, whose result needs Python or its first batch
                results = self.get_metrics_result
        return reset, _Results(results)


class _Results:
    """Reads the metrics as Python numbers.

    Attributes:
        read: gives them as tensors; a `Function` where that can be compiled.
    """

    def __init__(self, read: Callable[[], dict[str, Any]]) -> None:
        self.read = read

    def __call__(self) -> dict[str, Any]:
        return _numbers(self.read())


def _is_ours(kind: type, *methods: str) -> bool:
    """Whether methods of a class are the package's own, and so safe to trace."""
    found = [getattr(kind, method, None) for method in methods]
    return all(method is None or str(method.__module__).startswith("tensorlet.") for method in found)


def _as_logs(result: Any) -> dict[str, Any]:
    if isinstance(result, dict):
        return {str(name): value for name, value in result.items() if len(flatten(value)) == 1}
    return {"loss": result}


def _numbers(logs: dict[str, Any]) -> dict[str, Any]:
    """Python floats in the places of scalar tensors; arrays where a metric gives several numbers."""
    found: dict[str, Any] = {}
    for name, value in logs.items():
        array = np.asarray(value)
        found[name] = float(array.reshape(())) if array.size == 1 else array
    return found
