"""Programs that save and load models, through ``tensorlet run``."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import numpy as np

import tensorlet as tf

PROGRAMS = Path(__file__).parents[2] / "programs" / "several_steps"


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


def test_a_model_is_saved_and_trained_on(tmp_path: Path) -> None:
    first = run(PROGRAMS / "train_and_save.py", tmp_path)
    assert first.endswith("Saved: digits.h5\n")
    model = tf.keras.models.load_model(tmp_path / "digits.h5")
    assert int(model.optimizer.iterations) == 4 * 300
    assert [weight.shape for weight in model.get_weights()] == [(784, 10), (10,)]
    assert model.optimizer.slot(model.trainable_variables[0], "v").numpy().max() > 0.0
    again = run(PROGRAMS / "load_and_train_on.py", tmp_path)
    assert "Loaded: digits.h5" in again
    # The second program starts where the first one ended: its first epoch is better than all of the first one's.
    assert losses(again)[0] < min(losses(first)[:4])


def test_a_checkpoint_holds_the_weights(tmp_path: Path) -> None:
    printed = run(PROGRAMS / "weights_in_a_checkpoint.py", tmp_path)
    first, second = re.findall(r"^(?:First|Second): +\[(.*)\]", printed, re.MULTILINE)
    assert first == second
    assert float(second.split(",")[1]) > 0.88
    assert tf.train.latest_checkpoint(str(tmp_path / "kept")).endswith("after_one_epoch")
    names = dict(tf.train.list_variables(str(tmp_path / "kept" / "after_one_epoch")))
    assert [784, 10] in [list(np.asarray(shape)) for shape in names.values()]
