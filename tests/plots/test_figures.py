"""Figures: notebooks show them, files are written whole, and fonts have the characters of the texts."""

from __future__ import annotations

import os
import struct
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import tensorlet as tf
from tensorlet import plots
from tensorlet.errors import InvalidArgumentError
from tensorlet.localization import use_language
from tensorlet.plots import figures, fonts
from tensorlet.plots.output_folder import writable_folder

pytest.importorskip("matplotlib", reason="the extra 'plot' is not installed")


def png_size(content: bytes) -> tuple[int, int]:
    assert content[:8] == b"\x89PNG\r\n\x1a\n" and content[-8:-4] == b"IEND"
    return struct.unpack(">II", content[16:24])


@pytest.mark.parametrize("name", ["그림/deep/a.png", "a", "a.svg", "a.pdf"])
def test_the_extension_is_the_format(tmp_path, name):
    plots.confusion_matrix([[9, 1], [0, 10]], path=tmp_path / name)
    content = (tmp_path / name).read_bytes()
    if name.endswith((".svg", ".pdf")):
        assert content.startswith((b"<?xml", b"%PDF"))
    else:
        assert all(200 < side < 2000 for side in png_size(content))
    assert [path.name for path in (tmp_path / name).parent.iterdir()] == [Path(name).name]


def test_notebooks_get_one_picture():
    figure = plots.confusion_matrix([[9, 1], [0, 10]])
    assert all(side > 100 for side in png_size(figure._repr_png_()))
    assert not hasattr(figure, "_repr_html_") or figure._repr_html_() is None


def test_unknown_formats_and_missing_matplotlib_are_explained(monkeypatch, tmp_path):
    with pytest.raises(InvalidArgumentError, match=r"ends in .txt.*Use .png"):
        plots.confusion_matrix([[1]], path=tmp_path / "x.txt")
    assert not list(tmp_path.iterdir())
    figures._figure_class.cache_clear()
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    with pytest.raises(ImportError, match=r"pip install 'tensorlet\[plot\]'"):
        plots.learning_curves({"loss": [1.0]})
    figures._figure_class.cache_clear()


def test_pictures_do_not_touch_pyplot(tmp_path):
    before = set(sys.modules)
    plots.learning_curves({"loss": [1.0]}, path=tmp_path / "x.png")
    assert "matplotlib.pyplot" not in set(sys.modules) - before


def test_the_functions_are_names_of_tf():
    assert tf.plots is plots
    assert {"learning_curves", "decision_regions", "loss_surface", "neuron_diagram"} <= set(dir(plots))
    with pytest.raises(AttributeError, match=r"tf.plots.learning_curve is not part.*learning_curves"):
        plots.learning_curve  # noqa: B018


def test_a_font_has_korean_if_one_is_installed():
    if plots.korean_font() is None:
        pytest.skip("no Korean font is installed")
    assert fonts.families_for("손실 loss") == ["DejaVu Sans", plots.korean_font()]
    assert fonts.families_for("loss −1 ∂") == ["DejaVu Sans"]


def test_bold_korean_gives_no_messages(caplog, tmp_path):
    if plots.korean_font() is None:
        pytest.skip("no Korean font is installed")
    figure = plots.learning_curves({"손실": [2.0, 1.0]}, path=tmp_path / "x.png")
    assert figure.axes[0].get_title("left") == "손실"
    assert not caplog.records


def test_a_missing_font_is_explained_once(monkeypatch):
    monkeypatch.setattr(fonts, "_font_with", lambda characters: None)
    fonts._others.cache_clear()
    fonts._warn.cache_clear()
    with pytest.warns(UserWarning, match="No installed font has Korean.*fonts-nanum"):
        assert fonts.families_for("손") == ["DejaVu Sans"]
    assert fonts.families_for("손") == ["DejaVu Sans"]  # no second warning
    assert plots.korean_font() is None
    fonts._others.cache_clear()


def test_use_korean_font_sets_matplotlib():
    import matplotlib

    if plots.korean_font() is None:
        pytest.skip("no Korean font is installed")
    with matplotlib.rc_context():
        assert plots.use_korean_font() == plots.korean_font()
        assert matplotlib.rcParams["font.family"] == ["DejaVu Sans", plots.korean_font()]


def test_unwritable_folders_are_explained(tmp_path, monkeypatch):
    (tmp_path / "file").write_text("in the way")
    for path in (tmp_path / "file", tmp_path / "file" / "below"):
        with pytest.raises(
            OSError, match=r"file.*: cannot write files in this folder \(.+\). Choose a folder"
        ):
            writable_folder(path)
    with pytest.raises(OSError, match="file"):
        plots.confusion_matrix(np.eye(2), path=tmp_path / "file" / "below.png")

    def refuse(dir: Path) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("tempfile.TemporaryFile", refuse)
    with pytest.raises(PermissionError, match=r"Permission denied.*Choose a folder"):
        writable_folder(tmp_path / "new")


def test_writable_folder_leaves_no_trace(tmp_path):
    assert list(writable_folder(tmp_path / "a" / "b").iterdir()) == []


@pytest.mark.parametrize("value", ["text", ["a", "b"], [[1], [1, 2]], {}, object(), None, np.zeros((0, 2))])
@pytest.mark.parametrize(
    "draw",
    [
        lambda value: plots.learning_curves({"loss": value}),
        lambda value: plots.confusion_matrix(value),
        lambda value: plots.confusion_matrix([0, 1], [value]),
        lambda value: plots.roc_curve([0, 1], value),
        lambda value: plots.calibration([0, 1], value),
        lambda value: plots.wrong_predictions(value, [0, 1], np.eye(2)),
        lambda value: plots.wrong_predictions_text(value, np.eye(2)),
        lambda value: plots.weight_images(value),
        lambda value: plots.filters(value),
        lambda value: plots.decision_regions(lambda rows: rows[:, 0] > 0, value),
        lambda value: plots.dropped_units([value]),
        lambda value: plots.layer_norms(value),
    ],
)
def test_everything_that_is_not_numbers_is_refused(draw, value):
    with pytest.raises(InvalidArgumentError):
        draw(value)


WINDOWS = """\
from matplotlib.backend_bases import FigureManagerBase
from matplotlib.backends.backend_agg import FigureCanvasAgg

class FigureManager(FigureManagerBase):
    @classmethod
    def pyplot_show(cls, *, block=None):
        from matplotlib._pylab_helpers import Gcf
        for manager in Gcf.get_all_fig_managers():
            manager.canvas.draw()
            print("window", [axes.get_title("left") for axes in manager.canvas.figure.axes])

class FigureCanvas(FigureCanvasAgg):
    manager_class = FigureManager
"""


@pytest.mark.parametrize(
    ("backend", "shown"),
    [("module://windows_for_tests", "window ['loss']"), ("agg", "UserWarning: No window can be opened")],
)
def test_programs_show_figures_in_windows(tmp_path, backend, shown):
    (tmp_path / "windows_for_tests.py").write_text(WINDOWS)
    program = "from tensorlet import plots; plots.learning_curves({'loss': [2.0, 1.0]}).show()"
    environment = {
        **os.environ,
        "MPLBACKEND": backend,
        "PYTHONPATH": os.pathsep.join([str(tmp_path), *sys.path]),
    }
    done = subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert shown in done.stdout + done.stderr


@pytest.fixture
def korean():
    use_language("ko")
    yield
    use_language(None)


def labels(figure) -> set[str]:
    """All texts of a figure that are not numbers."""
    from matplotlib.text import Text

    texts = {text.get_text() for text in figure.findobj(Text)}
    return {text for text in texts if any(character.isalpha() for character in text)}


@pytest.mark.usefixtures("korean")
@pytest.mark.filterwarnings("ignore:No installed font")
def test_titles_axes_and_legends_are_in_the_language_of_the_user():
    curves = plots.learning_curves({"loss": [2.0, 1.0], "val_loss": [2.0, 1.5]})
    assert labels(curves) == {"손실", "에포크", "학습", "검증"}
    assert labels(plots.learning_curves({"my_f1": [2.0, 1.0]})) == {"my_f1", "에포크", "학습"}
    matrix = plots.confusion_matrix([[9, 1], [0, 10]])
    assert labels(matrix) == {"20개 중 19개 맞음 (95.00%)", "예측", "실제"}
    assert labels(plots.roc_curve([0, 1], [0.2, 0.8])) == {
        "ROC 곡선", "AUC 1.0000", "거짓 양성 비율", "참 양성 비율",
    }  # fmt: skip
    assert labels(plots.activation_functions(["sigmoid"])) == {"sigmoid, 미분은 최대 0.25", "값", "미분"}
    assert plots.learning_curves_text({"loss": [2.0, 1.0]}) == "loss  █▁  2 → 1, 최선 1 (에포크 2)"
