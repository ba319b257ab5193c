"""`fit`, `evaluate` and their kin: the methods of a model that train and use it."""

from __future__ import annotations

from typing import Any

import numpy as np

from tensorlet.core.nest import flatten
from tensorlet.errors import InvalidArgumentError
from tensorlet.keras.callbacks.loggers import ProgbarLogger
from tensorlet.keras.spellings import note_old_spelling
from tensorlet.keras.training.data_adapter.adapter import is_batched, make_input
from tensorlet.keras.training.data_adapter.batch_parts import unpack
from tensorlet.keras.training.data_adapter.batches import Batches
from tensorlet.keras.training.data_adapter.dataset_rows import DatasetRows
from tensorlet.keras.training.data_adapter.rows import Rows, split
from tensorlet.keras.training.loop.epoch_loop import Loop
from tensorlet.keras.training.loop.multi_epoch import block_of
from tensorlet.keras.training.loop.predict import Predictor
from tensorlet.keras.training.old_arguments import drop_useless, old_arguments
from tensorlet.keras.training.report.callback_list import CallbackList
from tensorlet.keras.training.report.history import History
from tensorlet.keras.training.report.nan_guard import NanGuard
from tensorlet.keras.training.report.progress import Display, resolve_verbose
from tensorlet.keras.training.step.checks import check_before_training
from tensorlet.keras.training.step.steps import Steps

#: Rows in a batch where nobody says how many.
BATCH_SIZE = 32
#: From so many epochs on it pays to look whether floats are bytes in truth.
WORTH_NARROWING = 3


class Trainer(Predictor, Steps):
    """What a model can do once it has layers: `compile`, `fit`, `evaluate`, `predict`."""

    history: Any = None

    def fit(
        self,
        x: Any = None,
        y: Any = None,
        batch_size: int | None = None,
        epochs: int = 1,
        verbose: Any = "auto",
        callbacks: Any = None,
        validation_split: float = 0.0,
        validation_data: Any = None,
        shuffle: Any = True,
        class_weight: dict[int, float] | None = None,
        sample_weight: Any = None,
        initial_epoch: int = 0,
        steps_per_epoch: int | None = None,
        validation_steps: int | None = None,
        validation_batch_size: int | None = None,
        validation_freq: Any = 1,
        **old: Any,
    ) -> History:
        """Trains the model.

        The training step is traced once and compiled; over arrays an epoch is one native call,
        with no Python between two batches. Ctrl-C stops between two batches and leaves the
        weights whole.

        Args:
            x: inputs, of shape [rows, ...]: an array, a list or dictionary of them, a data frame or
                table; or a generator, `Sequence` or `Dataset` that yields ``(x, y)`` batches.
            y: labels, [rows] or [rows, ...].
            batch_size: rows in a batch, 32 by default.
            epochs: the number of the last epoch; with ``initial_epoch`` 0, how many there are.
            verbose: 0: silent, 1 or "auto": a progress bar, 2: a line an epoch.
            callbacks: `Callback`s.
            validation_split: the share of the last rows that is kept for validation.
            validation_data: ``(x, y)`` or ``(x, y, sample_weight)``, or something that yields batches.
            shuffle: take the rows in a new random order in each epoch.
            class_weight: from class number to the weight of its rows in the loss.
            sample_weight: [rows]: the weight of each row in the loss.
            initial_epoch: the number of the first epoch, to go on where another run ended.
            steps_per_epoch, validation_steps: batches to take of input without an end.
            validation_batch_size: by default the batch size.
            validation_freq: validate every so many epochs, or after the epochs (from 1) in a list.
            old: arguments of the years before, such as ``nb_epoch`` and ``workers``; each is noted once.

        Returns:
            A `History`: ``history.history["loss"]`` and so on, a number an epoch.

        Raises:
            InvalidArgumentError, ShapeError: for data that cannot be trained on, with what to mend.

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
        epochs = _checked_epochs(old_arguments(old, epochs))
        self._settings()
        steps = steps_per_epoch
        if not is_batched(x) and batch_size is None and steps is not None:
            batch_size = -(-_count_rows(x) // steps)
        size = _checked_size(batch_size)
        data = make_input(
            x,
            y,
            sample_weight,
            class_weight=class_weight,
            steps=steps,
            several_inputs=self._has_several_inputs(),
            batch_size=batch_size,
            argument="steps_per_epoch",
        )
        if isinstance(data, Batches):
            data.shuffled = bool(shuffle)
        data, validation = self._validation_of(data, validation_split, validation_data, validation_steps)
        self._prepare(data, validation)
        if epochs - initial_epoch >= WORTH_NARROWING:
            for rows in (data, validation):
                if isinstance(rows, Rows):
                    rows.keep_as_bytes()
        shown, watchers = self._watchers(callbacks, resolve_verbose(verbose))
        loop = Loop(self, "train", data, size, steps, watchers)
        test_loop = None
        if validation is not None:
            size = _checked_size(validation_batch_size or size)
            test_loop = Loop(self, "test", validation, size, validation_steps, watchers)
        self.stop_training = False
        watchers.set_params(
            {"verbose": shown, "epochs": epochs, "steps": loop.steps, "validation": test_loop is not None}
        )
        display = Display(shown, loop.steps)
        return self._run_epochs(
            loop, test_loop, display, initial_epoch, epochs, bool(shuffle), validation_freq
        )

    def _run_epochs(
        self,
        loop: Loop,
        test_loop: Loop | None,
        display: Display,
        first: int,
        epochs: int,
        shuffle: bool,
        validation_freq: Any,
    ) -> History:
        watchers = loop.callbacks
        watchers.call("on_train_begin", {})
        for callback in watchers:
            first = getattr(callback, "initial_epoch", None) or first
        nan_guard = NanGuard(self, loop)
        history = next(callback for callback in watchers if isinstance(callback, History))
        self.history = history
        logs: dict[str, Any] = {}
        block = None
        if not display.verbose and type(self).reset_epoch_state is Trainer.reset_epoch_state:
            block = block_of(self, loop, test_loop, nan_guard, shuffle, validation_freq == 1)
        while block is not None and first < epochs:
            first, logs = block.run(first, epochs)
            nan_guard.after(first - 1, block.order, logs)
            if test_loop is not None:
                nan_guard.after_validation(first - 1, logs, test_loop.data)
            if self.stop_training:
                first = epochs
        for epoch in range(first, epochs):
            self.reset_epoch_state()
            watchers.call("on_epoch_begin", epoch, {})
            if display.verbose:
                display.begin(f"Epoch {epoch + 1}/{epochs}" if epochs > 1 else None)  # as Keras
            order = loop.next_order(shuffle)
            nan_guard.before()
            logs = loop.run(order, display)
            nan_guard.after(epoch, order, logs)
            if test_loop is not None and _is_due(validation_freq, epoch):
                logs |= {f"val_{name}": value for name, value in self._run_test(test_loop).items()}
                nan_guard.after_validation(epoch, logs, test_loop.data)
            watchers.call("on_epoch_end", epoch, logs)
            display.end(logs, loop.steps)  # the last of all, as in Keras: it shows what callbacks have added
            if isinstance(loop.data, Batches) and loop.data.on_epoch_end is not None:
                loop.data.on_epoch_end()
            if self.stop_training:
                break
        if getattr(self.optimizer, "use_ema", False):
            self.optimizer.finalize_variable_values(self.trainable_variables)
        watchers.call("on_train_end", logs)
        return history

    def reset_epoch_state(self) -> None:
        """Called before each epoch; for models that keep something of their own."""

    def evaluate(
        self,
        x: Any = None,
        y: Any = None,
        batch_size: int | None = None,
        verbose: Any = "auto",
        sample_weight: Any = None,
        steps: int | None = None,
        callbacks: Any = None,
        return_dict: bool = False,
        **old: Any,
    ) -> Any:
        """The loss and the metrics over some data, without training.

        Args:
            x, y, batch_size, verbose, sample_weight, callbacks: as for `fit`.
            steps: batches to take of input without an end.
            return_dict: hand them back by name.
            old: arguments of the years before, which are of no use here: ``workers`` and its kin.

        Returns:
            The loss; with metrics a list of the loss and of them, in the order of ``metrics_names``.

        >>> import numpy as np
        >>> import tensorlet as tf
        >>> model = tf.keras.Sequential([tf.keras.layers.Dense(1, input_shape=(2,), kernel_initializer="ones")])
        >>> model.compile(loss="mse", metrics=["mae"])
        >>> model.evaluate(np.array([[1.0, 2.0]]), np.array([5.0]), verbose=0)
        [4.0, 2.0]
        """
        drop_useless(
            "evaluate", old, "x, y, batch_size, verbose, sample_weight, steps, callbacks or return_dict"
        )
        self._settings()
        several = self._has_several_inputs()
        data = make_input(x, y, sample_weight, steps=steps, several_inputs=several, batch_size=batch_size)
        self._prepare(data, None)
        shown, watchers = self._watchers(callbacks, resolve_verbose(verbose))
        loop = Loop(self, "test", data, _checked_size(batch_size), steps, watchers)
        display = Display(shown, loop.steps)
        display.begin()
        logs = self._run_test(loop, display)
        display.end(logs, loop.steps)
        return logs if return_dict else _as_list(logs)

    def _run_test(self, loop: Loop, display: Display | None = None) -> dict[str, Any]:
        loop.callbacks.call("on_test_begin", {})
        logs = loop.run(loop.next_order(False), display or Display(0, loop.steps))
        loop.callbacks.call("on_test_end", logs)
        return logs

    def train_on_batch(
        self,
        x: Any,
        y: Any = None,
        sample_weight: Any = None,
        class_weight: dict[int, float] | None = None,
        reset_metrics: bool = True,
        return_dict: bool = False,
    ) -> Any:
        """One training step on one batch; arguments and result as for `fit` and `evaluate`."""
        return self._one_batch("train", x, y, sample_weight, class_weight, reset_metrics, return_dict)

    def test_on_batch(
        self,
        x: Any,
        y: Any = None,
        sample_weight: Any = None,
        reset_metrics: bool = True,
        return_dict: bool = False,
    ) -> Any:
        """The loss and the metrics of one batch, without training."""
        return self._one_batch("test", x, y, sample_weight, None, reset_metrics, return_dict)

    def _one_batch(
        self, kind: str, x: Any, y: Any, weight: Any, class_weight: Any, reset: bool, return_dict: bool
    ) -> Any:
        self._settings()
        data = make_input(x, y, weight, class_weight=class_weight, several_inputs=self._has_several_inputs())
        if not isinstance(data, Rows):
            raise InvalidArgumentError(
                f"{kind}_on_batch got {type(x).__name__}, expected the arrays of one batch."
            )
        self._prepare(data, None, check_labels=False)
        loop = Loop(self, kind, data, data.count, None, CallbackList())
        if reset:
            loop.reset()
        result = loop.step(data.batch(slice(None)))
        logs = loop.results() if loop.default else {n: float(np.asarray(v)[0]) for n, v in result.items()}
        return logs if return_dict else _as_list(logs)

    def fit_generator(
        self,
        generator: Any,
        steps_per_epoch: int | None = None,
        epochs: int = 1,
        verbose: Any = "auto",
        callbacks: Any = None,
        validation_data: Any = None,
        validation_steps: int | None = None,
        **others: Any,
    ) -> History:
        """The older name of `fit` for generators."""
        note_old_spelling("fit_generator", "fit")
        return self.fit(
            generator, None, None, epochs, verbose, callbacks, validation_data=validation_data,
            steps_per_epoch=steps_per_epoch, validation_steps=validation_steps, **others,
        )  # fmt: skip

    def evaluate_generator(self, generator: Any, steps: int | None = None, **others: Any) -> Any:
        """The older name of `evaluate` for generators."""
        note_old_spelling("evaluate_generator", "evaluate")
        return self.evaluate(generator, steps=steps, **others)

    # What the methods above share:

    def _has_several_inputs(self) -> bool:
        inputs = getattr(self, "inputs", None)
        return not isinstance(inputs, list | tuple) or len(inputs) > 1

    def _watchers(self, callbacks: Any, verbose: int) -> tuple[int, CallbackList]:
        watchers = callbacks if isinstance(callbacks, CallbackList) else CallbackList(callbacks)
        if not any(isinstance(callback, History) for callback in watchers):
            watchers.append(History())
        if not verbose and any(isinstance(callback, ProgbarLogger) for callback in watchers):
            verbose = 1
        watchers.set_model(self)
        return verbose, watchers

    def _validation_of(
        self, data: Rows | Batches, share: float, given: Any, steps: int | None
    ) -> tuple[Rows | Batches, Rows | Batches | None]:
        if given is not None:
            if is_batched(given):
                validation = make_input(given, steps=steps, argument="validation_steps")
                if isinstance(validation, Batches):
                    validation.again = True  # the same batches after each epoch
                return data, validation
            parts = tuple(given) if isinstance(given, list | tuple) else (given,)
            if len(parts) > 3:
                raise InvalidArgumentError(
                    f"validation_data has {len(parts)} parts, expected (x, y) or (x, y, sample_weight)."
                )
            x, y, weight = unpack(parts)
            return data, make_input(x, y, weight, several_inputs=self._has_several_inputs())
        if share:
            if not isinstance(data, Rows) or isinstance(data, DatasetRows):
                raise InvalidArgumentError(
                    "validation_split needs arrays, whose last rows can be split off. Pass validation_data."
                )
            return split(data, share)
        return data, None

    def _prepare(
        self, data: Rows | Batches, validation: Rows | Batches | None, check_labels: bool = True
    ) -> None:
        """Builds the model, its losses and metrics on a first row, and looks for mistakes in the settings."""
        if not (type(data) is Rows and self._is_prepared([(spec.shape, spec.dtype) for spec in data.specs])):
            self._prepare_for(data.first())
        if check_labels and self._example is not None:
            check_before_training(self, data, self._example)
            if isinstance(validation, Rows):
                check_before_training(self, validation, self._example, "y of the validation data")

    def _prepare_for(self, first: Any) -> None:
        """The same for a first row as a batch, if it is of another form than the last time."""
        forms = [(leaf.spec.shape[1:], leaf.spec.dtype) for leaf in flatten(list(first))]
        if not self._is_prepared(forms):
            y_pred = self._first_output(first[0])
            if self.compiled_loss is None:
                self._make_containers(self._names_of_outputs(y_pred))
            metrics = self.compiled_metrics
            if metrics is not None and not metrics.built and len(first) > 1 and y_pred is not None:
                metrics.build(first[1], y_pred)
            self._prepared_for = forms
            self._example = y_pred

    def _first_output(self, x: Any) -> Any:
        """What the model gives for a first row; None if only steps of the user's own say what it does."""
        try:
            return self(x, training=False)
        except NotImplementedError:
            if self._is_default("train") and self._is_default("test"):
                raise
            return None

    _prepared_for: Any = None
    _example: Any = None

    def _is_prepared(self, forms: list[tuple[Any, Any]]) -> bool:
        """Whether the model, its losses and metrics are there for rows of these shapes and dtypes."""
        if self.compiled_loss is None or not self.compiled_metrics.built or self._prepared_for is None:
            return False
        return forms == self._prepared_for

    def _names_of_outputs(self, y_pred: Any) -> list[str]:
        names = getattr(self, "output_names", None)
        count = len(flatten(y_pred))  # None, where a step of the user's own says all, is one
        if names and len(names) == count:
            return list(names)
        if isinstance(y_pred, dict):
            return sorted(y_pred)
        return [f"output_{index + 1}" for index in range(count)]


def _is_due(frequency: Any, epoch: int) -> bool:
    """Whether there is a validation after this epoch."""
    if isinstance(frequency, int):
        return (epoch + 1) % frequency == 0
    return epoch + 1 in frequency


def _as_list(logs: dict[str, Any]) -> Any:
    values = list(logs.values())
    return values[0] if len(values) == 1 else values


def _count_rows(x: Any) -> int:
    leaf = flatten(x)[0] if isinstance(x, list | tuple | dict) else x
    return len(x) if isinstance(leaf, int | float) else len(leaf)


def _checked_epochs(epochs: Any) -> int:
    if isinstance(epochs, bool) or not isinstance(epochs, int | np.integer) or epochs < 0:
        raise InvalidArgumentError(f"epochs is {epochs!r}, expected a whole number, such as 15.")
    return int(epochs)


def _checked_size(batch_size: Any) -> int:
    if batch_size is None:
        return BATCH_SIZE
    if isinstance(batch_size, bool) or not isinstance(batch_size, int | np.integer) or batch_size < 1:
        raise InvalidArgumentError(f"batch_size is {batch_size!r}, expected a whole number of at least 1.")
    return int(batch_size)
