"""Learning curves: what is drawn, what is marked, and their text form."""

from __future__ import annotations

import numpy as np
import pytest

import tensorlet as tf
from tensorlet import plots
from tensorlet.errors import InvalidArgumentError

pytest.importorskip("matplotlib", reason="the extra 'plot' is not installed")

RUN = {"loss": [2.0, 1.0, 0.5], "val_loss": [2.5, 1.25, 1.75], "accuracy": [0.25, 0.75, 0.5]}


def drawn_lines(axes) -> list:
    return [line for line in axes.get_lines() if line.get_marker() != "o" or line.get_markersize() < 10]


def marks(axes) -> list[tuple[float, float]]:
    rings = [line for line in axes.get_lines() if line.get_markersize() == 10 and line.get_marker() == "o"]
    return [(float(ring.get_xdata()[0]), float(ring.get_ydata()[0])) for ring in rings]


def test_each_metric_has_a_panel_with_its_validation_dashed():
    figure = plots.learning_curves(RUN)
    loss, accuracy = figure.axes
    assert [axes.get_title("left") for axes in figure.axes] == ["loss", "accuracy"]
    training, validation = drawn_lines(loss)
    assert training.get_xdata().tolist() == [1, 2, 3] and list(training.get_ydata()) == [2.0, 1.0, 0.5]
    assert list(validation.get_ydata()) == [2.5, 1.25, 1.75] and validation.get_linestyle() == "--"
    assert len(drawn_lines(accuracy)) == 1


def test_the_best_epoch_is_that_of_the_validation():
    loss, accuracy = plots.learning_curves(RUN).axes
    assert marks(loss) == [(2.0, 1.25)]  # not the smallest training loss
    assert marks(accuracy) == [(2.0, 0.75)]  # the largest
    assert [text.get_text() for text in loss.texts] == ["1.2500"]


def test_several_runs_are_overlaid_and_named():
    class History:
        history = RUN

    figure = plots.learning_curves({"sgd": History(), "adam": {"loss": [1.0, 3.0]}}, metrics=["loss"])
    (axes,) = figure.axes
    assert [text.get_text() for text in axes.get_legend().get_texts()] == [
        "sgd: best 1.2500 in epoch 2",
        "adam: best 1.0000 in epoch 1",
        "validation",
    ]
    named = plots.learning_curves([{"loss": [1.0]}, {"loss": [2.0]}]).axes[0].get_legend().get_texts()
    assert [text.get_text()[:5] for text in named] == ["run 1", "run 2"]


def test_the_result_of_fit_is_accepted():
    model = tf.keras.Sequential([tf.keras.layers.Dense(1, kernel_initializer="zeros")])
    model.compile("sgd", "mse")
    history = model.fit(np.zeros((4, 1)), np.ones(4), epochs=2, verbose=0)
    (axes,) = plots.learning_curves(history).axes
    assert drawn_lines(axes)[0].get_ydata()[0] == 1.0


def test_a_training_that_failed_can_be_drawn(tmp_path):
    nan = float("nan")
    figure = plots.learning_curves(
        {"loss": [2.0, nan, nan], "val_loss": [nan, nan, nan]}, path=tmp_path / "x.png"
    )
    labels = [text.get_text() for text in figure.axes[0].get_legend().get_texts()]
    assert labels == ["training ended at nan", "validation ended at nan"]
    assert plots.learning_curves_text({"loss": [2.0, nan]}) == "loss  ▁·  2 → nan, best 2 in epoch 1"


def test_text():
    assert plots.learning_curves_text(RUN) == (
        "loss      ▆▃▁  2 → 0.5, best 0.5 in epoch 3\n"
        "val_loss  █▄▅  2.5 → 1.75, best 1.25 in epoch 2\n"
        "accuracy  ▁█▅  0.25 → 0.5, best 0.75 in epoch 2"
    )
    long = plots.learning_curves_text({"loss": np.arange(1000.0)}, width=8)
    assert long == "loss  ▁▂▃▄▅▆▇█  0 → 999, best 0 in epoch 1"


@pytest.mark.parametrize(
    ("history", "words"),
    [
        ({}, "Train for one epoch or more"),
        ({"loss": []}, "Train for one epoch or more"),
        (3, "expected the result of fit"),
        ([3], "a run of type int"),
    ],
)
def test_errors_teach(history, words):
    with pytest.raises(InvalidArgumentError, match=words):
        plots.learning_curves(history)


def test_unknown_metrics_are_named():
    with pytest.raises(InvalidArgumentError, match=r"does not contain \['f1'\]. It contains \['loss'\]"):
        plots.learning_curves({"loss": [1.0]}, metrics=["f1"])


def test_three_runs_or_more_have_their_legend_beside_the_curves():
    runs = {f"rate {rate}": {"loss": [2.0, rate]} for rate in (0.1, 0.2, 0.3)}
    figure = plots.learning_curves(runs)
    figure.canvas.draw()
    axes = figure.axes[0]
    assert axes.get_legend().get_window_extent().x0 >= axes.get_window_extent().x1


@pytest.mark.parametrize(("best", "side"), [(0, "left"), (20, "center"), (39, "right")])
def test_the_number_at_the_best_epoch_stays_inside_of_the_panel(best: int, side: str):
    losses = np.full(40, 2.0)
    losses[best] = 1.0
    (number,) = plots.learning_curves({"loss": losses}).axes[0].texts
    assert (number.get_text(), number.get_ha()) == ("1.0000", side)


def test_a_metric_without_finite_values_says_so():
    nan = float("nan")
    axes = plots.learning_curves({"accuracy": [nan, nan]}).axes[0]
    assert [text.get_text() for text in axes.texts] == ["no finite value"] and not len(axes.get_yticks())


def test_the_validation_of_several_runs_has_no_entry_of_its_own_when_it_ends_in_nan():
    nan = float("nan")
    runs = {"a": {"loss": [1.0, nan], "val_loss": [1.0, nan]}, "b": {"loss": [1.0, 0.5]}}
    legend = plots.learning_curves(runs).axes[0].get_legend()
    assert [text.get_text() for text in legend.get_texts()] == [
        "a: best 1.0000 in epoch 1 ended at nan",
        "b: best 0.5000 in epoch 2",
        "validation",
    ]
