"""The lecture's programs that save and restore, unchanged, through ``tensorlet run``."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import numpy as np

import tensorlet as tf


def run(script: Path, folder: Path) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "tensorlet", "run", str(script)],
        cwd=folder,
        env={**os.environ, "PYTHONIOENCODING": "utf-8", "MPLBACKEND": "agg"},
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def losses(printed: str) -> list[float]:
    return [float(number) for number in re.findall(r" - loss: (\d+\.\d+)", printed)]


def test_a_model_is_saved_and_trained_on(lecture_scripts: Path, tmp_path: Path) -> None:
    first = run(lecture_scripts / "04_save_model.py", tmp_path)
    assert first.endswith("This model has been saved to softmax_mnist_model.h5.\n")
    model = tf.keras.models.load_model(tmp_path / "softmax_mnist_model.h5")
    assert int(model.optimizer.iterations) == 15 * 600
    assert [weight.shape for weight in model.get_weights()] == [(784, 10), (10,)]
    assert model.optimizer.slot(model.trainable_variables[0], "v").numpy().max() > 0.0
    again = run(lecture_scripts / "05_restore_model.py", tmp_path)
    assert "This model has been loaded from softmax_mnist_model.h5." in again
    # The second program starts where the first one ended: its first epoch is better than all of the first one's.
    assert losses(again)[0] < min(losses(first)[:14])


def test_a_checkpoint_holds_the_weights(lecture_scripts: Path, tmp_path: Path) -> None:
    printed = run(lecture_scripts / "06_save_weights.py", tmp_path)
    before, after = re.search(r"Before / after : \[(.*)\] \[(.*)\]", printed).groups()  # type: ignore[union-attr]
    assert before == after
    assert float(after.split(",")[1]) > 0.88
    assert tf.train.latest_checkpoint(str(tmp_path / "checkpoints")).endswith("my_checkpoint")
    names = dict(tf.train.list_variables(str(tmp_path / "checkpoints" / "my_checkpoint")))
    assert [784, 10] in [list(np.asarray(shape)) for shape in names.values()]
