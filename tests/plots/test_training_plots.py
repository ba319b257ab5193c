"""The pictures: what is written on them, that they are files one can open, and their errors."""

from __future__ import annotations

import struct
import sys
from pathlib import Path

import numpy as np
import pytest

from tensorlet.errors import InvalidArgumentError, ShapeError
from tensorlet.plots import training_plots
from tensorlet.plots.output_folder import writable_folder

pytest.importorskip("matplotlib", reason="the extra 'plot' is not installed")


@pytest.fixture
def drawn(monkeypatch) -> list:
    """The figures that were saved, instead of files."""
    figures: list = []
    monkeypatch.setattr(training_plots, "_save", lambda figure, path: figures.append(figure) or Path(path))
    return figures


def png_size(path: Path) -> tuple[int, int]:
    content = path.read_bytes()
    assert content[:8] == b"\x89PNG\r\n\x1a\n" and content[-8:-4] == b"IEND"
    return struct.unpack(">II", content[16:24])


@pytest.mark.slow
def test_every_picture_becomes_a_png_in_a_new_folder(tmp_path):
    folder = tmp_path / "그림" / "deep"
    random = np.random.default_rng(0)
    chances = random.dirichlet(np.ones(10), size=40)
    paths = [
        training_plots.learning_curves(
            {"loss": [2.0, 1.0], "val_loss": [2.1, 1.2], "accuracy": [0.5, 0.9]}, folder / "a.png"
        ),
        training_plots.weight_images(random.normal(size=(784, 10)), folder / "b.png"),
        training_plots.confusion_matrix(random.integers(0, 50, (10, 10)), folder / "c.png"),
        training_plots.wrong_predictions(
            random.integers(0, 256, (40, 784)), random.integers(0, 10, 40), chances, folder / "d"
        ),
    ]
    assert [path.name for path in paths] == ["a.png", "b.png", "c.png", "d"]
    for path in paths:
        width, height = png_size(path)
        assert 600 < width < 2000 and 400 < height < 2000


def test_learning_curves_hold_the_values(drawn):
    class History:
        history = {"loss": [2.0, 0.5], "val_loss": [2.5, 1.25]}  # noqa: RUF012

    training_plots.learning_curves(History(), "x.png")
    (axes,) = drawn[0].axes
    training, validation = axes.get_lines()
    assert training.get_xdata().tolist() == [1, 2] and list(training.get_ydata()) == [2.0, 0.5]
    assert list(validation.get_ydata()) == [2.5, 1.25] and validation.get_linestyle() == "--"
    assert [text.get_text() for text in axes.texts] == ["0.5000", "1.2500"]
    assert axes.get_title(loc="left") == "loss"


def test_weight_images_share_one_symmetric_scale(drawn):
    weights = np.zeros((4, 3))
    weights[:, 2] = [1.0, -3.0, 0.5, 2.0]
    training_plots.weight_images(weights, "x.png")
    images = [axes.get_images()[0] for axes in drawn[0].axes if axes.get_images()]
    assert len(images) == 3
    assert images[2].get_array().tolist() == [[1.0, -3.0], [0.5, 2.0]]
    low, high = images[0].get_clim()
    assert low == -high and 2.9 < high <= 3.0
    assert images[1].get_clim() == (low, high)


def test_confusion_matrix_says_how_many_were_right(drawn):
    training_plots.confusion_matrix([[9, 1], [0, 10]], "x.png")
    (axes,) = drawn[0].axes
    assert axes.get_title() == "19 of 20 correct (95.00%)"
    assert [text.get_text() for text in axes.texts] == ["9", "1", "0", "10"]
    assert (axes.get_xlabel(), axes.get_ylabel()) == ("predicted", "true")


def test_confusion_table():
    assert training_plots.confusion_table(np.array([[5, 0, 1], [0, 0, 0], [2, 0, 2]])) == (
        "true\\predicted  0  1  2\n"
        "             0  5  .  1   83.3%\n"
        "             1  .  .  .       -\n"
        "             2  2  .  2   50.0%"
    )


def test_wrong_predictions_are_the_surest_mistakes_first(drawn):
    images = np.arange(4 * 4).reshape(4, 2, 2)
    labels = [0, 1, 2, 1]
    chances = [[0.2, 0.7, 0.1], [0.0, 1.0, 0.0], [0.93, 0.065, 0.005], [0.1, 0.4, 0.5]]
    training_plots.wrong_predictions(images, labels, chances, "x.png", most=2)
    shown = [axes for axes in drawn[0].axes if axes.get_images()]
    assert [axes.get_title() for axes in shown] == ["2 → 0 (93%)", "0 → 1 (70%)"]
    assert [axes.texts[0].get_text() for axes in shown] == ["2: < 1%", "0: 20%"]
    assert shown[0].get_images()[0].get_array().tolist() == [[8, 9], [10, 11]]
    assert drawn[0].get_suptitle() == "3 of 4 wrong"


def test_nothing_wrong_is_said_too(drawn):
    training_plots.wrong_predictions(np.zeros((1, 2, 2)), [1], [[0.1, 0.9]], "x.png")
    assert drawn[0].get_suptitle() == "0 of 1 wrong"
    assert not any(axes.get_images() for axes in drawn[0].axes)


def test_a_training_that_failed_can_be_drawn(tmp_path, drawn):
    nan = float("nan")
    training_plots.learning_curves({"loss": [2.0, nan, nan]}, "x.png")
    training_plots.weight_images(np.full((4, 2), nan), "x.png")
    training_plots.wrong_predictions(np.zeros((1, 2, 2)), [1], [[nan, nan]], "x.png")
    for number, figure in enumerate(drawn):
        figure.savefig(tmp_path / f"{number}.png")  # pytest turns a warning into an error
    labels = [text.get_text() for text in drawn[0].axes[0].get_legend().get_texts()]
    assert labels == ["training", "training ended at nan"]
    assert drawn[2].axes[0].get_title() == "1 → 0 (nan%)"


@pytest.mark.parametrize(
    ("action", "error", "words"),
    [
        (
            lambda: training_plots.learning_curves({}, "x"),
            InvalidArgumentError,
            "Train for one epoch or more",
        ),
        (
            lambda: training_plots.learning_curves({"loss": []}, "x"),
            InvalidArgumentError,
            r"contains \{'loss': \[\]\}",
        ),
        (
            lambda: training_plots.weight_images(np.zeros((783, 10)), "x"),
            ShapeError,
            r"\(783, 10\).*such as \(784, 10\)",
        ),
        (lambda: training_plots.weight_images(np.zeros(784), "x"), ShapeError, r"\(784,\)"),
        (
            lambda: training_plots.confusion_matrix(np.zeros((2, 3)), "x"),
            ShapeError,
            r"\(2, 3\).*tf.math.confusion_matrix",
        ),
        (lambda: training_plots.confusion_table([]), ShapeError, r"\(0,\)"),
        (
            lambda: training_plots.wrong_predictions(np.zeros((2, 4)), np.eye(2), np.eye(2), "x"),
            ShapeError,
            r"labels \(2, 2\).*one-hot rows with argmax",
        ),
        (
            lambda: training_plots.wrong_predictions(np.zeros((3, 4)), [0, 1], np.eye(2), "x"),
            ShapeError,
            r"images have shape \(3, 2, 2\)",
        ),
    ],
)
def test_errors_teach(action, error, words):
    with pytest.raises(error, match=words):
        action()


def test_missing_matplotlib_is_explained(monkeypatch, tmp_path):
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    with pytest.raises(ImportError, match=r"pip install 'tensorlet\[plot\]'"):
        training_plots.learning_curves({"loss": [1.0]}, tmp_path / "x.png")


def test_pictures_do_not_touch_pyplot(tmp_path):
    before = set(sys.modules)
    training_plots.learning_curves({"loss": [1.0]}, tmp_path / "x.png")
    assert "matplotlib.pyplot" not in set(sys.modules) - before


def test_unwritable_folders_are_explained(tmp_path, monkeypatch):
    (tmp_path / "file").write_text("in the way")
    for path in (tmp_path / "file", tmp_path / "file" / "below"):
        with pytest.raises(
            OSError, match=r"file.*: cannot write files in this folder \(.+\). Choose a folder"
        ):
            writable_folder(path)

    def refuse(dir: Path) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("tempfile.TemporaryFile", refuse)
    with pytest.raises(PermissionError, match=r"Permission denied.*Choose a folder"):
        training_plots.confusion_matrix([[1]], tmp_path / "new" / "x.png")


def test_writable_folder_leaves_no_trace(tmp_path):
    assert list(writable_folder(tmp_path / "a" / "b").iterdir()) == []
