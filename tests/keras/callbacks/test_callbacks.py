"""Callbacks: their decisions against real Keras 2's, what they print and write, and what they cost."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from callback_cases import PLATEAUS, STOPPING, hooks, logged, plateau, small_model, stopping
from golden_files import GOLDEN_FOLDER

import tensorlet as tf
from tensorlet.core.epochs import EpochRunner
from tensorlet.keras.training.loop.epoch_loop import EpochLoop

GOLDEN = json.loads((GOLDEN_FOLDER / "keras_callbacks.json").read_text(encoding="utf-8"))
Callbacks = tf.keras.callbacks
X = np.ones((6, 1), "float32")


@pytest.mark.parametrize("case", range(len(STOPPING)))
def test_early_stopping_decides_as_keras(case: int) -> None:
    assert stopping(tf.keras, case) == GOLDEN["stopping"][case]


@pytest.mark.parametrize("case", range(len(PLATEAUS)))
def test_reduce_lr_on_plateau_decides_as_keras(case: int) -> None:
    np.testing.assert_allclose(plateau(tf.keras, case), GOLDEN["plateaus"][case], rtol=1e-5)


def test_hooks_are_called_as_by_keras() -> None:
    """Each hook, its number and the names in its logs, in order, over fit, evaluate and predict."""
    assert hooks(tf.keras) == GOLDEN["hooks"]


def test_csv_logger_writes_the_files_of_keras(tmp_path: Path) -> None:
    found = logged(tf.keras, tmp_path)
    for name, expected in GOLDEN["logged"].items():
        assert found[name].splitlines() == expected.splitlines()


# In a training.


def test_early_stopping_ends_a_training_and_restores() -> None:
    """Label 2, x 1, rate 0.75: the error of w changes its sign and halves; a rate of 1.25 makes it grow."""
    model = small_model(tf.keras)
    model.compile(tf.keras.optimizers.SGD(1.25), "mse")
    stop = Callbacks.EarlyStopping(monitor="loss", patience=2, restore_best_weights=True)
    history = model.fit(X, 2 * X, batch_size=6, epochs=20, verbose=0, callbacks=[stop])
    # The error is 2, then -1.5 times the one before: losses 4, 9, 20.25. The best epoch is the first.
    np.testing.assert_allclose(history.history["loss"], [4.0, 9.0, 20.25])
    assert (stop.stopped_epoch, stop.best_epoch, stop.best) == (2, 0, 4.0)
    assert model.get_weights()[0].item() == 5.0  # w after the first epoch: 0 + 1.25 * 2 * 2


def test_early_stopping_says_what_it_does(capsys: pytest.CaptureFixture[str]) -> None:
    model = small_model(tf.keras)
    stop = Callbacks.EarlyStopping(monitor="loss", patience=1, verbose=1, restore_best_weights=True)
    model.fit(0 * X, X, epochs=9, verbose=0, callbacks=[stop])
    lines = capsys.readouterr().out.splitlines()
    assert lines == ["Epoch 2: early stopping", "Restoring model weights from the end of the best epoch: 1."]


def test_a_metric_that_is_not_there_is_named() -> None:
    model = small_model(tf.keras)
    with pytest.warns(
        UserWarning, match="EarlyStopping monitors 'val_loss', but the logs contain only: loss"
    ):
        model.fit(X, X, epochs=1, verbose=0, callbacks=[Callbacks.EarlyStopping()])
    with pytest.warns(UserWarning, match="mode='best' is unknown"):
        Callbacks.EarlyStopping(mode="best")


def test_reduce_lr_on_plateau_in_a_training(capsys: pytest.CaptureFixture[str]) -> None:
    model = small_model(tf.keras)
    reduce = Callbacks.ReduceLROnPlateau(monitor="loss", factor=0.5, patience=1, verbose=1, min_lr=0.2)
    history = model.fit(0 * X, X, epochs=5, verbose=0, callbacks=[reduce])
    assert history.history["lr"] == pytest.approx([0.5, 0.5, 0.25, 0.2, 0.2])
    printed = capsys.readouterr().out
    assert "\nEpoch 2: ReduceLROnPlateau reducing learning rate to 0.25.\n" in printed
    assert float(model.optimizer.learning_rate) == pytest.approx(0.2)
    with pytest.raises(ValueError, match=r"factor is 1\.5, expected a number below 1"):
        Callbacks.ReduceLROnPlateau(factor=1.5)


@pytest.mark.parametrize(
    "schedule", [lambda epoch: 0.5 / 2**epoch, lambda epoch, rate: rate if epoch == 0 else rate / 2]
)
def test_learning_rate_scheduler_takes_both_forms(schedule: Any, capsys: pytest.CaptureFixture[str]) -> None:
    model = small_model(tf.keras)
    callback = Callbacks.LearningRateScheduler(schedule, verbose=1)
    history = model.fit(X, 2 * X, batch_size=6, epochs=3, verbose=0, callbacks=[callback])
    assert history.history["lr"] == [0.5, 0.25, 0.125]
    # error 2; at 0.5 the step takes all of it
    np.testing.assert_allclose(history.history["loss"], [4.0, 0.0, 0.0])
    assert "\nEpoch 2: LearningRateScheduler setting learning rate to 0.25.\n" in capsys.readouterr().out


def test_learning_rate_scheduler_shows_errors_of_the_schedule() -> None:
    model = small_model(tf.keras)

    def broken(epoch: int, rate: float) -> float:
        return rate + "1"  # type: ignore[operator]

    with pytest.raises(TypeError, match="unsupported operand"):
        model.fit(X, X, verbose=0, callbacks=[Callbacks.LearningRateScheduler(broken)])
    with pytest.raises(ValueError, match="the schedule returned None for epoch 0, expected a float"):
        model.fit(X, X, verbose=0, callbacks=[Callbacks.LearningRateScheduler(lambda epoch: None)])


@pytest.mark.parametrize(
    "callback",
    [
        Callbacks.LearningRateScheduler(lambda epoch: 0.02),
        Callbacks.ReduceLROnPlateau("loss", 0.5, 0, min_delta=1.0),
    ],
)
def test_a_schedule_overrules_callbacks(callback: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """In Keras 2.15 they have no effect and report the rate of the last step; Keras 3.15 refuses them."""
    x = np.random.default_rng(0).random((8, 3)).astype("float32")

    def losses(*callbacks: Any) -> dict[str, list[float]]:
        model = tf.keras.Sequential(
            [tf.keras.Input((3,)), tf.keras.layers.Dense(1, kernel_initializer="ones")]
        )
        decay = tf.keras.optimizers.schedules.ExponentialDecay(0.05, 3, 0.5)
        model.compile(tf.keras.optimizers.SGD(decay), "mse")
        options: Any = {"batch_size": 2, "epochs": 3, "shuffle": False, "verbose": 0}
        history: dict[str, list[float]] = model.fit(x, x[:, :1] * 2, callbacks=callbacks, **options).history
        return history

    expected = [0.67441, 0.50389, 0.46281]
    np.testing.assert_allclose(losses()["loss"], expected, rtol=2e-4)
    with pytest.warns(UserWarning, match="has no effect: the learning rate follows ExponentialDecay"):
        history = losses(callback)
    np.testing.assert_allclose(history["loss"], expected, rtol=2e-4)
    np.testing.assert_allclose(history["lr"], [0.025, 0.00992, 0.00394], rtol=2e-3)
    monkeypatch.setenv("TENSORLET_KERAS", "3")
    with pytest.raises(TypeError, match="was created with a learning-rate schedule"):
        losses(callback)
    never = Callbacks.ReduceLROnPlateau("loss", patience=9)
    np.testing.assert_allclose(losses(never)["learning_rate"], [0.01984, 0.00787, 0.00313], rtol=2e-3)


def test_a_scheduled_rate_keeps_the_compiled_step(monkeypatch: pytest.MonkeyPatch) -> None:
    """The rate is a variable of the step: changing it compiles nothing."""
    model = small_model(tf.keras)
    model.fit(X, X, verbose=0)
    made: list[int] = []
    original = EpochRunner.__init__

    def counted(self: Any, *arguments: Any, **options: Any) -> None:
        made.append(1)
        original(self, *arguments, **options)

    monkeypatch.setattr(EpochRunner, "__init__", counted)
    callback = Callbacks.LearningRateScheduler(lambda epoch: 0.1 / (epoch + 1))
    model.fit(X, X, epochs=5, verbose=0, callbacks=[callback])
    assert not made


def test_terminate_on_nan_stops_within_the_epoch(capsys: pytest.CaptureFixture[str]) -> None:
    model = small_model(tf.keras)
    x = np.ones((8, 1), "float32")
    x[5] = np.nan
    seen: list[int] = []
    watch = Callbacks.LambdaCallback(on_batch_end=lambda batch, logs: seen.append(batch))
    with pytest.warns(UserWarning, match="epoch 1, batch 3 of 4.*row 5 of x has nan"):
        history = model.fit(
            x,
            x,
            batch_size=2,
            epochs=5,
            shuffle=False,
            verbose=0,
            callbacks=[Callbacks.TerminateOnNaN(), watch],
        )
    assert seen == [0, 1, 2] and history.epoch == [0]
    assert capsys.readouterr().out == "Batch 2: Invalid loss, terminating training\n"


def test_csv_logger_keeps_each_epoch_at_once_and_appends(tmp_path: Path) -> None:
    path = tmp_path / "log.csv"
    sizes: list[int] = []

    class Looks(Callbacks.Callback):
        """Counts the lines after each epoch."""

        def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
            sizes.append(len(path.read_text().splitlines()))

    model = small_model(tf.keras)
    model.fit(X, X, epochs=2, verbose=0, callbacks=[Callbacks.CSVLogger(path), Looks()])
    assert sizes == [2, 3]
    model.fit(X, X, epochs=4, initial_epoch=2, verbose=0, callbacks=[Callbacks.CSVLogger(path, append=True)])
    with path.open() as file:
        rows = list(csv.DictReader(file))
    assert [int(row["epoch"]) for row in rows] == [0, 1, 2, 3]
    assert float(rows[0]["loss"]) == 1.0
    model.fit(X, X, epochs=1, verbose=0, callbacks=[Callbacks.CSVLogger(path)])
    assert len(path.read_text().splitlines()) == 2  # begun anew


def test_progbar_logger_shows_the_bar(capsys: pytest.CaptureFixture[str]) -> None:
    model = small_model(tf.keras)
    model.fit(X, X, epochs=1, batch_size=2, verbose=0, callbacks=[Callbacks.ProgbarLogger()])
    printed = capsys.readouterr().out
    assert printed.startswith("3/3 [==============================] - 0s ") and "loss: " in printed


def test_lambda_callback_calls_each_function() -> None:
    model = small_model(tf.keras)
    seen: list[Any] = []
    callback = Callbacks.LambdaCallback(
        on_epoch_begin=lambda epoch, logs: seen.append(("begin", epoch)),
        on_epoch_end=lambda epoch, logs: seen.append(("end", epoch, sorted(logs))),
        on_train_begin=lambda logs: seen.append("train"),
        on_train_end=lambda logs: seen.append("done"),
        on_batch_begin=lambda batch, logs: seen.append(("batch", batch)),
        on_train_batch_end=lambda batch, logs: seen.append(("batch end", batch)),
    )
    model.fit(X, X, batch_size=3, epochs=1, verbose=0, callbacks=[callback])
    assert seen == [
        "train", ("begin", 0), ("batch", 0), ("batch end", 0), ("batch", 1), ("batch end", 1), ("end", 0, ["loss"]),
        "done",
    ]  # fmt: skip


def test_a_subclass_sees_the_model_the_settings_and_the_running_means() -> None:
    seen: list[Any] = []

    class Old(Callbacks.Callback):
        """Written for the first years: the older names of the hooks, and no call of super().__init__."""

        def __init__(self) -> None:
            self.losses: list[float] = []

        def on_batch_end(self, batch: int, logs: Any = None) -> None:
            self.losses.append(logs["loss"])
            seen.append(float(self.model.get_weights()[0][0, 0]))

        def on_train_begin(self, logs: Any = None) -> None:
            seen.append(dict(self.params))

    callback = Old()
    model = small_model(tf.keras)
    model.compile(tf.keras.optimizers.SGD(0.25), "mse")
    history = model.fit(X, 2 * X, batch_size=3, epochs=1, verbose=0, callbacks=callback)
    assert seen[0]["epochs"] == 1 and seen[0]["steps"] == 2 and seen[0]["verbose"] == 0
    assert seen[1:] == [1.0, 1.5]  # the error halves: 2, 1, 0.5
    assert callback.losses == [4.0, 2.5]  # the mean of 4, and of 4 and 1
    assert history.history["loss"] == [2.5]


def test_a_callback_can_stop_between_batches() -> None:
    class Stops(Callbacks.Callback):
        """Stops after the second batch."""

        def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
            self.model.stop_training = batch == 1

    model = small_model(tf.keras)
    history = model.fit(X, X, batch_size=1, epochs=4, verbose=0, callbacks=[Stops()])
    assert history.epoch == [0]


def test_a_callback_may_change_weights_and_settings_between_epochs() -> None:
    class Resets(Callbacks.Callback):
        """Starts each epoch from zero."""

        def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
            self.model.set_weights([np.zeros((1, 1))])

    model = small_model(tf.keras)
    history = model.fit(X, 2 * X, batch_size=6, epochs=3, verbose=0, callbacks=[Resets()])
    assert history.history["loss"] == [4.0, 4.0, 4.0]


def test_something_else_in_the_list_is_refused() -> None:
    model = small_model(tf.keras)
    with pytest.raises(
        TypeError, match="callbacks contains the class EarlyStopping, expected objects of a subclass"
    ):
        model.fit(X, X, verbose=0, callbacks=[Callbacks.EarlyStopping])
    with pytest.raises(TypeError, match="callbacks contains 'early'"):
        model.fit(X, X, verbose=0, callbacks=["early"])


# What they cost.


def calls_of(monkeypatch: pytest.MonkeyPatch, callbacks: list[Any]) -> tuple[int, int, list[float]]:
    """How many native epochs and how many single steps a training of 3 epochs with validation takes; its losses."""
    epochs, steps = [], []
    run, step = EpochRunner.run, EpochLoop.step

    def counted_run(self: Any, *arguments: Any, **options: Any) -> Any:
        epochs.append(1)
        return run(self, *arguments, **options)

    def counted_step(self: Any, batch: Any) -> Any:
        steps.append(1)
        return step(self, batch)

    monkeypatch.setattr(EpochRunner, "run", counted_run)
    monkeypatch.setattr(EpochLoop, "step", counted_step)
    model = small_model(tf.keras)
    model.compile(tf.keras.optimizers.SGD(0.1), "mse")
    history = model.fit(
        X,
        2 * X,
        batch_size=2,
        epochs=3,
        verbose=0,
        shuffle=False,
        validation_data=(X, 2 * X),
        callbacks=callbacks,
    )
    return len(epochs), len(steps), history.history["loss"]


class OnlyEpochs(Callbacks.Callback):
    """Every hook but those of batches."""

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        """Nothing."""

    on_epoch_end = on_epoch_begin

    def on_train_begin(self, logs: Any = None) -> None:
        """Nothing."""

    on_train_end = on_test_begin = on_test_end = on_train_begin


def test_hooks_of_epochs_keep_one_native_call_an_epoch(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    callbacks = [
        OnlyEpochs(),
        Callbacks.EarlyStopping(patience=9),
        Callbacks.ReduceLROnPlateau(patience=9),
        Callbacks.LearningRateScheduler(lambda epoch, rate: rate),
        Callbacks.CSVLogger(tmp_path / "log.csv"),
        Callbacks.LambdaCallback(on_epoch_end=lambda epoch, logs: None),
        Callbacks.ModelCheckpoint(str(tmp_path / "best.weights.h5"), save_weights_only=True),
    ]
    epochs, steps, losses = calls_of(monkeypatch, callbacks)
    assert (epochs, steps) == (6, 0)  # 3 of training, 3 of validation
    monkeypatch.undo()
    assert losses == calls_of(monkeypatch, [])[2]


def test_a_hook_of_training_batches_brings_python_between_them_and_changes_no_number(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    _, _, expected = calls_of(monkeypatch, [])
    monkeypatch.undo()
    watch = Callbacks.LambdaCallback(on_batch_end=lambda batch, logs: None)
    epochs, steps, losses = calls_of(monkeypatch, [watch])
    assert (epochs, steps) == (3, 9)  # the validation stays native
    np.testing.assert_allclose(losses, expected, rtol=1e-6)


@pytest.mark.parametrize("verbose", [1, 2])
def test_the_line_of_an_epoch_comes_last_and_shows_what_callbacks_add(
    verbose: int, capsys: pytest.CaptureFixture[str]
) -> None:
    """As in Keras 2: messages of callbacks stand between the title and the line, which ends with their logs."""
    model = small_model(tf.keras)

    class Says(Callbacks.Callback):
        def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
            print("a message")
            logs["mine"] = 3.0

    halving = Callbacks.LearningRateScheduler(lambda epoch: 0.5 / (epoch + 1), verbose=1)
    model.fit(X, X, epochs=2, verbose=verbose, callbacks=[halving, Says()])
    lines = [line for line in capsys.readouterr().out.splitlines() if line]
    assert lines[0] == "Epoch 1: LearningRateScheduler setting learning rate to 0.5."
    assert lines[1:3] == ["Epoch 1/2", "a message"]
    assert " - lr: 0.5000 - mine: 3.0000" in lines[3]
    assert " - lr: 0.2500 - mine: 3.0000" in lines[7]
    assert len(lines) == 8


def test_a_verbose_that_nobody_knows() -> None:
    with pytest.raises(ValueError, match=r"'loud', expected 0 \(no output\), 1"):
        small_model(tf.keras).fit(X, X, verbose="loud")


def test_callbacks_in_lists_in_lists() -> None:
    stop = Callbacks.EarlyStopping("loss", min_delta=1e9, patience=1)
    history = small_model(tf.keras).fit(
        X, X, epochs=9, verbose=0, callbacks=[[stop], (Callbacks.TerminateOnNaN(),)]
    )
    assert len(history.epoch) == 2


# Which values are better in mode "auto".


@pytest.mark.parametrize(
    ("metric", "monitor"),
    [
        (tf.keras.metrics.AUC(name="area"), "area"),
        (tf.keras.metrics.Precision(name="val_precision_3"), "val_precision_3"),
        (tf.keras.metrics.Recall(name="recall_1"), "recall_1"),
        (tf.keras.metrics.R2Score(name="r2_score"), "r2_score"),
        (tf.keras.metrics.CosineSimilarity(name="angle"), "angle"),
    ],
)
def test_auto_mode_maximizes_what_is_better_when_larger(metric: Any, monitor: str) -> None:
    """Keras 3 does; Keras 2 takes the smallest value of these in silence."""
    values = iter([0.1, 0.5, 0.9, 0.8, 0.7, 0.6])

    class Metric(type(metric)):  # type: ignore[misc]
        def result(self) -> Any:
            return 0.0

    model = small_model(tf.keras)
    model.compile(tf.keras.optimizers.SGD(0.0), "mse", metrics=[Metric(name=metric.name)])

    class Replace(Callbacks.Callback):
        """Puts known values into the logs."""

        def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
            """Replaces the metric's value."""
            logs[monitor] = next(values)

    stop = Callbacks.EarlyStopping(monitor=monitor, patience=2)
    with pytest.warns(UserWarning, match=f"monitor='{monitor}'.* prefers larger values"):
        history = model.fit(X, X, epochs=6, verbose=0, callbacks=[Replace(), stop]).history
    assert stop.best == 0.9
    assert stop.best_epoch == 2
    assert history[monitor] == [0.1, 0.5, 0.9, 0.8, 0.7]


def test_a_loss_is_minimized_and_modes_are_heeded() -> None:
    from tensorlet.keras.callbacks.monitor import higher_is_better

    for name in ("loss", "val_loss", "mae", "val_false_positives", "kullback_leibler_divergence", "val_mse"):
        assert not higher_is_better(name, "auto", "EarlyStopping")
    for name in (
        "acc",
        "val_accuracy",
        "auc",
        "val_auc_1",
        "precision",
        "val_top_k_categorical_accuracy",
        "mean_iou",
    ):
        assert higher_is_better(name, "auto", "EarlyStopping")
    assert higher_is_better("loss", "max", "EarlyStopping")
    assert not higher_is_better("accuracy", "min", "EarlyStopping")
