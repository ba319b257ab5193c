"""The demo as a user starts it, and the examples beside it."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tensorlet import demo

pytestmark = pytest.mark.slow

EXAMPLES = Path(__file__).parents[2] / "examples"
PICTURES = ["confusion_matrix.png", "learning_curves.png", "weights.png", "wrong_predictions.png"]


def start(*command: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONIOENCODING": "utf-8"}
    return subprocess.run(
        [sys.executable, *command], capture_output=True, encoding="utf-8", timeout=300, env=environment
    )


def test_the_demo_trains_reports_and_draws(tmp_path):
    pytest.importorskip("matplotlib", reason="the extra 'plot' is not installed")
    folder = tmp_path / "plots"
    done = start("-m", "tensorlet.demo", "--output", str(folder))
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert lines[0].startswith("Softmax regression on MNIST: 60,000 training images")
    number = r"(\d\.\d{4})"
    for epoch in range(1, 16):
        at = lines.index(f"Epoch {epoch}/15")
        assert re.fullmatch(
            r"600/600 \[={30}\] - \d+s \d+(us|ms)/step"
            f" - loss: {number} - accuracy: {number} - val_loss: {number} - val_accuracy: {number}",
            lines[at + 1],
        )
    losses = [float(loss) for loss in re.findall(rf" - loss: {number}", done.stdout)]
    assert len(losses) == 15 and losses == sorted(losses, reverse=True)
    # TensorFlow reaches 0.926 to 0.928 in the same 15 epochs of Adam.
    trained = re.search(r"Trained in \d+\.\d\d s\. Test accuracy: (0\.\d{4})", done.stdout)
    assert trained is not None and 0.92 < float(trained[1]) < 0.935
    assert lines[lines.index("Epoch 15/15") + 1].endswith(f"val_accuracy: {trained[1]}")
    table = lines[lines.index("true\\predicted" + "".join(f"{digit:>6}" for digit in range(10))) + 1 :][:10]
    counts = [[int(cell) for cell in row.replace(".  ", "0  ").split()[1:-1]] for row in table]
    assert sum(map(sum, counts)) == 10_000
    assert sum(counts[digit][digit] for digit in range(10)) == round(float(trained[1]) * 10_000)
    assert sorted(path.name for path in folder.iterdir()) == PICTURES
    assert all(f"  {folder / name}" in lines for name in PICTURES)


def test_the_demo_of_a_convolutional_network(tmp_path):
    pytest.importorskip("matplotlib", reason="the extra 'plot' is not installed")
    done = start("-m", "tensorlet.demo", "--model", "cnn", "--epochs", "1", "--output", str(tmp_path))
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("A convolutional network (LeNet-5) on MNIST: 60,000 training images")
    trained = re.search(r"Test accuracy: (0\.\d{4})", done.stdout)
    assert trained is not None and float(trained[1]) > 0.97  # 0.9917 after the ten epochs of the demo
    pictures = ["feature_maps.png", "first_filters.png", "second_filters.png"]
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted([*pictures, *PICTURES[:2], PICTURES[3]])


def test_the_demo_tries_the_folder_before_it_trains(tmp_path):
    (tmp_path / "file").write_text("in the way")
    done = start("-m", "tensorlet.demo", "--output", str(tmp_path / "file"))
    assert done.returncode == 1
    assert done.stdout == ""
    assert re.fullmatch(r"tensorlet demo: .*file: cannot write files in this folder .*\n", done.stderr)


def test_the_demo_asks_for_matplotlib_before_it_trains(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(demo.importlib.util, "find_spec", lambda name: None)
    assert demo.main(["--output", str(tmp_path)]) == 1
    printed = capsys.readouterr()
    assert printed.out == ""
    assert "pip install 'tensorlet[plot]'" in printed.err


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--epochs", "0"], "--epochs is '0'. Expected an integer of at least 1"),
        (["--batch-size", "many"], "is 'many'. Expected an integer from 1 to 60000"),
        (["--batch-size", "60001"], "from 1 to 60000"),
        (["--learning-rate", "-1"], "is '-1'. Expected a positive number"),
        (["--learning-rate", "inf"], "positive number"),
        (["--threads", "-1"], "at least 0"),
    ],
)
def test_the_demo_explains_bad_options(arguments, words, capsys):
    with pytest.raises(SystemExit) as caught:
        demo.main(arguments)
    assert caught.value.code == 2
    assert words in capsys.readouterr().err


def test_ctrl_c_ends_the_demo_quietly(monkeypatch, capsys):
    def interrupted(options: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(demo, "_run", interrupted)
    assert demo.main([]) == 130
    assert capsys.readouterr().err == "\nStopped.\n"


def test_example_softmax_mnist():
    done = start(str(EXAMPLES / "softmax_mnist.py"))
    assert done.returncode == 0, done.stderr
    *epochs, last = done.stdout.splitlines()
    assert [int(line.split()[1]) for line in epochs] == list(range(1, 16))
    assert 0.915 < float(last.removeprefix("test accuracy ")) < 0.93


def test_example_keras_mnist():
    done = start(str(EXAMPLES / "keras_mnist.py"))
    assert done.returncode == 0, done.stderr
    assert "Total params: 7850 (30.66 KB)" in done.stdout
    assert 0.92 < float(done.stdout.splitlines()[-1].removeprefix("test accuracy ")) < 0.935


def test_example_minmax_regression():
    done = start(str(EXAMPLES / "minmax_regression.py"))
    assert done.returncode == 0, done.stderr
    first, second = done.stdout.splitlines()
    assert first == "unscaled:     loss nan"
    # The same 200 steps written out in NumPy end at 0.0034471.
    assert float(second.removeprefix("scaled:       loss ")) == pytest.approx(0.0034, abs=1e-4)
