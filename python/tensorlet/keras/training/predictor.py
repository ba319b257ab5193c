"""`predict` and its variants."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import numpy as np

from tensorlet.extensions import extensible
from tensorlet.keras.training.data_adapter.dataset_rows import Ordered
from tensorlet.keras.training.data_adapter.epoch_plan import EpochSettings
from tensorlet.keras.training.data_adapter.frame_names import check_names
from tensorlet.keras.training.data_adapter.inputs import InputOptions, make_prediction_input
from tensorlet.keras.training.loop.prediction import (
    BATCH_SIZE,
    MOST_PREDICTOR_BYTES,
    MOST_PREDICTORS,
    PredictionLoop,
    RowPredictor,
    layer_ids,
)
from tensorlet.keras.training.report.callback import Callback
from tensorlet.keras.training.report.callback_list import CallbackList
from tensorlet.keras.training.report.progress import Display, resolve_verbose
from tensorlet.keras.training.step.steps import Steps


class Predictor(Steps):
    """The part of `Model` that handles prediction."""

    def predict(
        self,
        x: object,
        batch_size: int | None = None,
        verbose: str | int = "auto",
        steps: int | None = None,
        callbacks: Callback | Iterable[Callback] | None = None,
        **unknown: object,
    ) -> Any:
        """Computes the outputs of the model for many rows.

        Args:
            x: inputs, of shape [rows, ...], in any form that `fit` accepts.
            batch_size: the number of rows to process at a time.
            verbose: 0 for no output, 1 or "auto" for a progress bar, 2 for one line.
            steps: the number of batches to use from infinite input.
            callbacks: `Callback`s.
            unknown: raises an error.

        Returns:
            An array of shape [rows, ...], or a list or dictionary of them for several outputs.

        >>> import numpy as np
        >>> import tensorlet as tf
        >>> model = tf.keras.Sequential([tf.keras.layers.Dense(1, input_shape=(2,), kernel_initializer="ones")])
        >>> model.predict(np.array([[1.0, 2.0], [3.0, 4.0]]), verbose=0)
        array([[3.],
               [7.]], dtype=float32)
        """
        if unknown:
            refuse_unknown("predict", unknown, Predictor.predict)
        if verbose == 0 and type(x) is np.ndarray and callbacks is None and steps is None:
            known: RowPredictor | None = self._programs.predictors.get((x.shape, x.dtype.num))
            if known is not None and known.layers == layer_ids(self) and not self.run_eagerly:
                return known(x)
        check_names(self, x, "predict")
        prepare = self._preparation()
        options = InputOptions(
            steps=steps,
            several_inputs=self._has_several_inputs(),
            preparation=prepare,
            text=self._may_read_text(),
        )
        data = make_prediction_input(x, options)
        if isinstance(data, Ordered):  # a dataset whose rows have been put in order
            steps, batch_size = None, data.batch_size
        settings = EpochSettings(batch_size or BATCH_SIZE, steps, restart=True)
        watching = callbacks if isinstance(callbacks, CallbackList) else CallbackList(callbacks)
        watching.set_model(self)  # type: ignore[arg-type]
        display = Display(resolve_verbose(verbose), data.steps(settings))
        loop = PredictionLoop(self, watching, display, settings)
        display.begin()
        watching.call("on_predict_begin", {})
        result, predictor = loop.run(data)
        watching.call("on_predict_end", {})
        display.end({}, loop.steps)
        if predictor is not None and type(x) is np.ndarray and prepare is None:
            self._remember(x, predictor)
        return result

    def _remember(self, x: np.ndarray, predictor: RowPredictor) -> None:
        """Caches the predictor for the next array of the same shape and dtype."""
        predictors = self._programs.predictors
        total = sum(one.bytes for one in predictors.values())
        while predictors and (
            len(predictors) >= MOST_PREDICTORS or total + predictor.bytes > MOST_PREDICTOR_BYTES
        ):
            total -= predictors.pop(next(iter(predictors))).bytes
        predictors[(x.shape, x.dtype.num)] = predictor

    def _preparation(self) -> Callable[[object], Any] | None:
        """What is applied to x first; `Model` has some for layers that run on values."""
        return None

    def _may_read_text(self) -> bool:
        """Whether the code of the model may take text itself: only if it is not made of layers one after another."""
        return getattr(self, "_graph", None) is None

    def _has_several_inputs(self) -> bool:
        inputs = getattr(self, "inputs", None)
        return not isinstance(inputs, list | tuple) or len(inputs) > 1

    def predict_on_batch(self, x: object) -> Any:
        """Returns the outputs for one batch, as arrays."""
        return self.predict(x, verbose=0)


@extensible
def refuse_unknown(method: str, unknown: Mapping[str, object], function: Callable[..., object]) -> None:
    """Raises an error for arguments that a method does not have.

    Args:
        method: the name of the method, such as ``"predict"``.
        unknown: the unknown arguments.
        function: the method itself, for the list of its arguments.

    Raises:
        TypeError: if there are unknown arguments.

    >>> from tensorlet.keras.training.predictor import Predictor, refuse_unknown
    >>> refuse_unknown("predict", {"speed": 3}, Predictor.predict)
    Traceback (most recent call last):
    TypeError: predict() does not have the argument 'speed'. Its arguments are x, batch_size, verbose, steps, callbacks.
    """
    if unknown:
        known = [name for name in inspect.signature(function).parameters if name not in ("self", "unknown")]
        given = ", ".join(f"'{name}'" for name in sorted(unknown))
        raise TypeError(
            f"{method}() does not have the argument{'s' if len(unknown) > 1 else ''} {given}. "
            f"Its arguments are {', '.join(known)}."
        )
