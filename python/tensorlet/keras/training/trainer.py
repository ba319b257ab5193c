"""`fit`, `evaluate` and their variants: the methods of a model for training and testing."""

from __future__ import annotations

from collections.abc import Container, Iterable
from typing import Any, TypeAlias

import numpy as np

from tensorlet.core.nest import flatten
from tensorlet.errors import InvalidArgumentError
from tensorlet.extensions import extensible
from tensorlet.keras.training.data_adapter.adapter import DataAdapter
from tensorlet.keras.training.data_adapter.columns import is_batched
from tensorlet.keras.training.data_adapter.epoch_plan import EpochSettings
from tensorlet.keras.training.data_adapter.frame_names import check_names, remember_names
from tensorlet.keras.training.data_adapter.inputs import (
    InputOptions,
    make_input,
    make_training_input,
    make_validation_input,
)
from tensorlet.keras.training.data_adapter.rows import Rows
from tensorlet.keras.training.loop.epoch_loop import EpochLoop
from tensorlet.keras.training.loop.training_run import TrainingRun
from tensorlet.keras.training.predictor import Predictor, refuse_unknown
from tensorlet.keras.training.report.callback import Callback
from tensorlet.keras.training.report.callback_list import CallbackList
from tensorlet.keras.training.report.data_facts import facts_of
from tensorlet.keras.training.report.history import History
from tensorlet.keras.training.report.report import Report
from tensorlet.keras.training.step.metric_tools import numbers
from tensorlet.keras.training.step.preparation import prepare

#: The default number of rows in a batch.
BATCH_SIZE = 32
#: The number of epochs from which checking whether floats can be stored as bytes is worthwhile.
WORTH_NARROWING = 3

Callbacks: TypeAlias = Callback | Iterable[Callback] | None


@extensible
class Trainer(Predictor):
    """The part of `Model` that handles training: `compile`, `fit`, `evaluate`, `predict`."""

    def fit(
        self,
        x: object = None,
        y: object = None,
        batch_size: int | None = None,
        epochs: int = 1,
        verbose: str | int = "auto",
        callbacks: Callbacks = None,
        validation_split: float = 0.0,
        validation_data: object = None,
        shuffle: bool | str = True,
        class_weight: dict[int, float] | None = None,
        sample_weight: object = None,
        initial_epoch: int = 0,
        steps_per_epoch: int | None = None,
        validation_steps: int | None = None,
        validation_batch_size: int | None = None,
        validation_freq: int | Container[int] = 1,
        **unknown: object,
    ) -> History:
        """Trains the model.

        The training step is traced once and compiled; over arrays, an epoch is one native call, without Python
        between batches. Ctrl-C stops between two batches and leaves the weights consistent.

        1. A *data adapter* converts the input to rows or batches.
        2. The *step* (`train_step`: predictions, loss, gradients, update) is traced on a first batch.
        3. The *report* informs the callbacks, the history and the progress display.
        4. The *loop* runs the step over all batches of an epoch, and over all epochs.

        Args:
            x: inputs, of shape [rows, ...]: an array, a list or dictionary of them, a data frame or
                table, or a generator, `Sequence` or `Dataset` that yields ``(x, y)`` batches.
            y: labels, of shape [rows] or [rows, ...].
            batch_size: the number of rows in a batch, 32 by default.
            epochs: the number of the last epoch; with ``initial_epoch`` 0, the number of epochs.
            verbose: 0 for no output, 1 or "auto" for a progress bar, 2 for one line per epoch.
            callbacks: `Callback`s.
            validation_split: the fraction of the rows, taken from the end, to use for validation.
            validation_data: ``(x, y)`` or ``(x, y, sample_weight)``, or an iterable of batches.
            shuffle: whether to use the rows in a new random order in each epoch.
            class_weight: a dictionary from class index to the weight of its rows in the training loss.
            sample_weight: the weight of each row in the loss, of shape [rows].
            initial_epoch: the number of the first epoch, to continue an earlier run.
            steps_per_epoch, validation_steps: the number of batches in an epoch, for infinite input. Arrays are
                repeated: an epoch continues where the last one stopped. Each validation starts at the first batch.
            validation_batch_size: by default ``batch_size``.
            validation_freq: the number of epochs between validations, or a list of epochs (counted from 1).
            unknown: raises an error.

        Returns:
            A `History`: ``history.history["loss"]`` and so on, one number per epoch.

        Raises:
            InvalidArgumentError, ShapeError: for data that cannot be used for training; the message explains the fix.

        >>> import numpy as np
        >>> import tensorlet as tf
        >>> tf.keras.utils.set_random_seed(1)
        >>> model = tf.keras.Sequential([tf.keras.layers.Dense(1, input_shape=(1,))])
        >>> model.compile(tf.keras.optimizers.SGD(0.1), "mse")
        >>> x = np.linspace(-1, 1, 64)
        >>> history = model.fit(x, 3 * x + 1, batch_size=8, epochs=20, verbose=0)
        >>> [round(float(w.reshape(())), 2) for w in model.get_weights()]
        [3.0, 1.0]
        """
        refuse_unknown("fit", unknown, Trainer.fit)
        epochs = _checked_epochs(epochs)
        self._settings()
        _check_steps(steps_per_epoch=steps_per_epoch, validation_steps=validation_steps)
        if steps_per_epoch is not None and batch_size is None and not is_batched(x):
            batch_size = -(-_count_rows(x) // steps_per_epoch)
        size = _checked_size(batch_size)
        remember_names(self, x)
        settings = EpochSettings(size, steps_per_epoch, bool(shuffle), epochs=max(epochs - initial_epoch, 1))
        several, preparation = self._has_several_inputs(), self._preparation()
        options = InputOptions(
            class_weight, steps_per_epoch, "steps_per_epoch", several, batch_size, bool(shuffle), preparation,
            training=True, text=self._may_read_text(),
        )  # fmt: skip
        validation: DataAdapter | None
        data, validation = make_training_input(x, y, sample_weight, options, validation_split)
        if validation_data is not None:
            validation = self._validation_input(validation_data, validation_steps)
        prepare(self, data, validation, size)
        if settings.epochs >= WORTH_NARROWING:
            _keep_as_bytes(data, validation)
        report = Report(self, callbacks, verbose)
        training, testing = EpochLoop(self, "train", data, settings, report.callbacks), None
        if validation is not None:
            size = _checked_size(validation_batch_size or size)
            again = EpochSettings(size, validation_steps, restart=True)
            testing = EpochLoop(self, "test", validation, again, report.callbacks)
        self.stop_training = False
        report.start(training.steps, epochs)
        history = TrainingRun(self, training, testing, report, validation_freq).run(initial_epoch, epochs)
        history.facts = facts_of(self, data)
        if report.verbose:
            from tensorlet.keras.training.report.explain import print_notes

            print_notes(history.history, history.facts, self)
        return history

    def _validation_input(self, data: object, steps: int | None) -> DataAdapter:
        """Returns the input of the validation for ``validation_data``."""
        check_names(self, data[0] if isinstance(data, tuple) else None, "validation")
        several, preparation = self._has_several_inputs(), self._preparation()
        text = self._may_read_text()
        options = InputOptions(None, steps, "validation_steps", several, preparation=preparation, text=text)
        return make_validation_input(data, options)

    def evaluate(
        self,
        x: object = None,
        y: object = None,
        batch_size: int | None = None,
        verbose: str | int = "auto",
        sample_weight: object = None,
        steps: int | None = None,
        callbacks: Callbacks = None,
        return_dict: bool = False,
        **unknown: object,
    ) -> Any:
        """Computes the loss and the metrics over some data, without training.

        Args:
            x, y, batch_size, verbose, sample_weight, callbacks: as for `fit`.
            steps: the number of batches to use from infinite input.
            return_dict: whether to return a dictionary by name.
            unknown: raises an error.

        Returns:
            The loss; with metrics, a list of the loss and the metrics, in the order of ``metrics_names``.

        >>> import numpy as np
        >>> import tensorlet as tf
        >>> model = tf.keras.Sequential([tf.keras.layers.Dense(1, input_shape=(2,), kernel_initializer="ones")])
        >>> model.compile(loss="mse", metrics=["mae"])
        >>> model.evaluate(np.array([[1.0, 2.0]]), np.array([5.0]), verbose=0)
        [4.0, 2.0]
        """
        refuse_unknown("evaluate", unknown, Trainer.evaluate)
        self._settings()
        check_names(self, x, "evaluate")
        _check_steps(steps=steps)
        options = InputOptions(
            steps=steps,
            several_inputs=self._has_several_inputs(),
            batch_size=batch_size,
            preparation=self._preparation(),
            text=self._may_read_text(),
        )
        data = make_input(x, y, sample_weight, options)
        settings = EpochSettings(_checked_size(batch_size), steps, restart=True)
        prepare(self, data, batch_size=settings.batch_size)
        report = Report(self, callbacks, verbose)
        loop = EpochLoop(self, "test", data, settings, report.callbacks)
        report.start(loop.steps)
        report.display.begin()
        logs = report.tested(loop, report.display)
        report.display.end(logs, loop.steps)
        return logs if return_dict else _as_list(logs)

    def train_on_batch(
        self,
        x: object,
        y: object = None,
        sample_weight: object = None,
        class_weight: dict[int, float] | None = None,
        reset_metrics: bool = True,
        return_dict: bool = False,
    ) -> Any:
        """Runs one training step on one batch; arguments and result as for `fit` and `evaluate`."""
        options = InputOptions(
            class_weight,
            several_inputs=self._has_several_inputs(),
            preparation=self._preparation(),
            text=self._may_read_text(),
        )
        logs = self._one_batch("train", make_input(x, y, sample_weight, options), reset_metrics)
        return logs if return_dict else _as_list(logs)

    def test_on_batch(
        self,
        x: object,
        y: object = None,
        sample_weight: object = None,
        reset_metrics: bool = True,
        return_dict: bool = False,
    ) -> Any:
        """Computes the loss and the metrics of one batch, without training."""
        options = InputOptions(
            several_inputs=self._has_several_inputs(),
            preparation=self._preparation(),
            text=self._may_read_text(),
        )
        logs = self._one_batch("test", make_input(x, y, sample_weight, options), reset_metrics)
        return logs if return_dict else _as_list(logs)

    def _one_batch(self, kind: str, data: DataAdapter, reset: bool) -> dict[str, Any]:
        self._settings()
        if not isinstance(data, Rows):
            raise InvalidArgumentError(
                f"{kind}_on_batch got input that yields batches, expected the arrays of one batch."
            )
        with self._programs.lock:
            prepare(self, data, batch_size=data.count, check_labels=False)
            loop = EpochLoop(self, kind, data, EpochSettings(data.count), CallbackList())
            if reset:
                loop.tools.reset()
            result = loop.step(data.batch(slice(None)))
            if loop.default:
                return loop.tools.results()
            return numbers({name: np.asarray(value)[0] for name, value in result.items()})


def _keep_as_bytes(*inputs: DataAdapter | None) -> None:
    """Stores pixels divided by 255 as bytes, which are faster to read in many epochs."""
    for data in inputs:
        if isinstance(data, Rows):
            data.keep_as_bytes()


def _as_list(logs: dict[str, Any]) -> Any:
    values = list(logs.values())
    return values[0] if len(values) == 1 else values


def _count_rows(x: Any) -> int:
    leaf = flatten(x)[0] if isinstance(x, list | tuple | dict) else x
    return len(x) if isinstance(leaf, int | float) else len(leaf)


def _checked_epochs(epochs: object) -> int:
    if isinstance(epochs, bool) or not isinstance(epochs, int | np.integer) or epochs < 0:
        raise InvalidArgumentError(f"epochs is {epochs!r}, expected an integer, such as 15.")
    return int(epochs)


def _check_steps(**given: object) -> None:
    for name, steps in given.items():
        if steps is not None and (
            isinstance(steps, bool) or not isinstance(steps, int | np.integer) or steps < 1
        ):
            raise InvalidArgumentError(f"{name} is {steps!r}, expected an integer of at least 1, or None.")


def _checked_size(batch_size: object) -> int:
    if batch_size is None:
        return BATCH_SIZE
    if isinstance(batch_size, bool) or not isinstance(batch_size, int | np.integer) or batch_size < 1:
        raise InvalidArgumentError(f"batch_size is {batch_size!r}, expected an integer of at least 1.")
    return int(batch_size)
