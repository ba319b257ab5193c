"""Confusion matrices, ROC curves, calibration and wrong predictions, with values worked out by hand."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from tensorlet import plots
from tensorlet.errors import InvalidArgumentError, OutOfRangeError, ShapeError
from tensorlet.plots.classification import calibration_groups, roc_points

pytest.importorskip("matplotlib", reason="the extra 'plot' is not installed")


def test_confusion_matrix_says_how_many_were_right():
    (axes,) = plots.confusion_matrix([[9, 1], [0, 10]]).axes
    assert axes.get_title() == "19 of 20 correct (95.00%)"
    assert [text.get_text() for text in axes.texts] == ["9", "1", "0", "10"]
    assert (axes.get_xlabel(), axes.get_ylabel()) == ("predicted", "true")


@pytest.mark.parametrize(
    ("labels", "predictions"),
    [
        ([0, 2, 1, 2], [0, 1, 1, 2]),
        (np.eye(3)[[0, 2, 1, 2]], np.eye(3)[[0, 1, 1, 2]] * 0.8 + 0.05),
        ([[0], [2], [1], [2]], [0.0, 1.0, 1.0, 2.0]),
    ],
)
def test_confusion_matrix_counts_labels_and_predictions(labels, predictions):
    assert plots.confusion_matrix_text(labels, predictions) == (
        "true\\predicted  0  1  2\n"
        "             0  1  .  .  100.0%\n"
        "             1  .  1  .  100.0%\n"
        "             2  .  1  1   50.0%"
    )


def test_one_column_is_the_probability_of_class_1():
    text = plots.confusion_matrix_text([0, 1, 1], [[0.2], [0.7], [0.4]], class_names=["no", "yes"])
    assert (
        text
        == "true\\predicted   no  yes\n            no    1    .  100.0%\n           yes    1    1   50.0%"
    )


def test_class_names_have_korean(tmp_path):
    figure = plots.confusion_matrix(
        [[9, 1], [0, 10]], class_names=["고양이", "강아지"], path=tmp_path / "x.png"
    )
    assert [label.get_text() for label in figure.axes[0].get_xticklabels()] == ["고양이", "강아지"]


def test_roc_points_by_hand():
    positive, scores = np.array([False, False, True, True]), np.array([0.1, 0.4, 0.35, 0.8])
    alarms, found, area = roc_points(positive, scores)
    assert alarms.tolist() == [0, 0, 0.5, 0.5, 1] and found.tolist() == [0, 0.5, 0.5, 1, 1]
    assert area == 0.75
    assert roc_points(positive, np.zeros(4))[2] == 0.5  # equal scores count half


def test_roc_curve_of_several_classes():
    labels, scores = [0, 1, 2, 0], [[0.8, 0.1, 0.1], [0.2, 0.7, 0.1], [0.1, 0.3, 0.6], [0.15, 0.6, 0.25]]
    figure = plots.roc_curve(labels, scores, class_names=["a", "b", "c"])
    shown = [text.get_text() for text in figure.axes[0].get_legend().get_texts()]
    assert shown == ["a: AUC 0.7500", "b: AUC 1.0000", "c: AUC 1.0000"]


def test_two_columns_are_one_curve():
    figure = plots.roc_curve([0, 0, 1, 1], [[0.9, 0.1], [0.6, 0.4], [0.65, 0.35], [0.2, 0.8]])
    assert [text.get_text() for text in figure.axes[0].get_legend().get_texts()] == ["AUC 0.7500"]


def test_calibration_by_hand():
    sure, right = np.array([0.55, 0.65, 0.95, 1.0]), np.array([True, False, True, True])
    sizes, confidence, accuracy = calibration_groups(sure, right, 2)
    assert sizes.tolist() == [4] and accuracy.tolist() == [0.75]
    np.testing.assert_allclose(confidence, [0.7875])
    figure = plots.calibration(right.astype(int), sure, bins=10)
    # |1 - 0.55| + |0 - 0.65| of one row each, |1 - 0.975| of two: (0.45 + 0.65 + 0.05) / 4
    assert figure.axes[0].get_title("left") == "calibration error (ECE) 0.2875"


def test_wrong_predictions_are_the_surest_mistakes_first():
    images = np.arange(4 * 4).reshape(4, 2, 2)
    labels = [0, 1, 2, 1]
    chances = [[0.2, 0.7, 0.1], [0.0, 1.0, 0.0], [0.93, 0.065, 0.005], [0.1, 0.4, 0.5]]
    figure = plots.wrong_predictions(images, labels, chances, most=2)
    shown = [axes for axes in figure.axes if axes.get_images()]
    assert [axes.get_title() for axes in shown] == ["2 → 0 (93%)", "0 → 1 (70%)"]
    assert [axes.texts[0].get_text() for axes in shown] == ["2: < 1%", "0: 20%"]
    assert shown[0].get_images()[0].get_array().tolist() == [[8, 9], [10, 11]]
    assert figure.get_suptitle() == "3 of 4 wrong"
    assert plots.wrong_predictions_text(labels, chances, most=1, class_names=["가", "나", "다"]) == (
        "3 of 4 wrong; the most confident mistakes:\nrow 2: 다 → 가 (93%), 다: < 1%"
    )


def test_nothing_wrong_is_said_too():
    figure = plots.wrong_predictions(np.zeros((1, 2, 2)), [1], [[0.1, 0.9]])
    assert figure.get_suptitle() == "0 of 1 wrong"
    assert not any(axes.get_images() for axes in figure.axes)
    assert plots.wrong_predictions_text([1], [[0.1, 0.9]]) == "0 of 1 wrong."


def test_probabilities_that_are_not_numbers(tmp_path):
    nan = float("nan")
    figure = plots.wrong_predictions(np.zeros((1, 2, 2)), [1], [[nan, nan]], path=tmp_path / "x.png")
    assert figure.axes[0].get_title() == "1 → 0 (nan%)"


@pytest.mark.parametrize(
    ("action", "error", "words"),
    [
        (lambda: plots.confusion_matrix(np.zeros((2, 3))), ShapeError, r"\(2, 3\).*tf.math.confusion_matrix"),
        (lambda: plots.confusion_matrix_text([]), ShapeError, r"\(0,\)"),
        (lambda: plots.confusion_matrix([0, 1], [0]), ShapeError, "2 labels and 1 predictions"),
        (lambda: plots.confusion_matrix([0, -1], [0, 1]), OutOfRangeError, "a class is -1"),
        (
            lambda: plots.confusion_matrix(np.eye(2), class_names=["one"]),
            InvalidArgumentError,
            "1 names, expected 2",
        ),
        (
            lambda: plots.wrong_predictions(np.zeros((2, 4)), np.eye(2), np.eye(2)),
            ShapeError,
            r"labels \(2, 2\).*one-hot rows with argmax",
        ),
        (
            lambda: plots.wrong_predictions(np.zeros((3, 4)), [0, 1], np.eye(2)),
            ShapeError,
            r"images have shape \(3, 2, 2\)",
        ),
        (lambda: plots.wrong_predictions_text([5], [[0.5, 0.5]]), ShapeError, "from 5 to 5.*2 columns"),
        (lambda: plots.roc_curve([1, 1], [0.1, 0.2]), InvalidArgumentError, "all rows are of one class"),
        (lambda: plots.roc_curve([1], [0.1, 0.2]), ShapeError, "equal numbers of rows"),
        (lambda: plots.calibration([1], [1.5]), InvalidArgumentError, "probabilities from 0 to 1"),
    ],
)
def test_errors_teach(action, error, words):
    with pytest.raises(error, match=words):
        action()


def test_many_classes_with_long_names_leave_room_for_the_pictures():
    names = [f"a class with a very long name, number {number}" for number in range(20)]
    labels = np.arange(60) % 20
    scores = np.random.default_rng(0).dirichlet(np.ones(20), 60)
    figure = plots.roc_curve(labels, scores, class_names=names)
    figure.canvas.draw()
    axes = figure.axes[0]
    assert axes.get_legend().get_window_extent().x0 >= axes.get_window_extent().x1
    assert axes.get_legend().get_texts()[0].get_text().startswith("a class with a very lon…: AUC")
    figure = plots.wrong_predictions(np.zeros((60, 8, 8)), labels, scores, class_names=names, most=5)
    assert figure.get_size_inches()[0] < 5 * 4


@pytest.mark.parametrize("word", ["a long class name", "아주 긴 클래스 이름"])
def test_the_captions_of_mistakes_do_not_overlap(word: str) -> None:
    scores = np.full((10, 2), [0.25, 0.75])
    figure = plots.wrong_predictions(
        np.zeros((10, 8, 8)), np.zeros(10, int), scores, class_names=[f"{word} {n}" for n in "12"]
    )
    figure.canvas.draw()
    boxes = [axes.title.get_window_extent() for axes in figure.axes[:5]]
    assert all(one.x1 < other.x0 for one, other in itertools.pairwise(boxes))


def test_twenty_classes_look_different():
    labels = np.arange(40) % 20
    names = [str(number) for number in range(20)]
    axes = plots.roc_curve(labels, np.eye(20)[labels], class_names=names).axes[0]
    assert len({(line.get_color(), line.get_linestyle()) for line in axes.lines[1:]}) == 20
    rows = np.random.default_rng(0).normal(size=(40, 2))
    axes = plots.decision_regions(
        lambda x: np.eye(20)[(x[:, 0] > 0).astype(int)], rows, labels, class_names=names, resolution=11
    ).axes[0]
    points = [one for one in axes.collections if one.get_label() in names]
    looks = {
        (tuple(one.get_facecolor()[0]), one.get_paths()[0].vertices.round(3).tobytes()) for one in points
    }
    assert len(points) == len(looks) == 20
