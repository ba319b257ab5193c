"""A training that is killed again and again, and goes on each time from its backup, ends with the same bits."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

pytestmark = pytest.mark.slow

PROGRAM = """
import sys
import numpy as np
import tensorlet as tf

backup, result, started = sys.argv[1:]
tf.keras.utils.set_random_seed(3)
model = tf.keras.Sequential(
    [tf.keras.layers.Dense(8, "relu", input_shape=(4,)), tf.keras.layers.Dropout(0.5), tf.keras.layers.Dense(1)]
)
model.compile(tf.keras.optimizers.Adam(0.01), "mse")
x = np.sin(np.arange(160, dtype=np.float32)).reshape(40, 4)
open(started, "a").write("x")
callbacks = [tf.keras.callbacks.BackupAndRestore(backup)] if backup else []
history = model.fit(x, x[:, :1] * 2, batch_size=8, epochs=60, verbose=0, callbacks=callbacks)
np.savez(result, *model.get_weights())
"""
#: How often it is killed.
KILLS = int(os.environ.get("TENSORLET_BACKUP_KILLS", "6"))


def start(*arguments: str | Path) -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, "-c", PROGRAM, *map(str, arguments)])


@pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGKILL")
def test_a_killed_training_ends_with_the_same_bits(tmp_path: Path) -> None:
    whole, result, started = tmp_path / "whole.npz", tmp_path / "result.npz", tmp_path / "started"
    assert start("", whole, tmp_path / "other").wait(120) == 0
    moments = random.Random(5)
    killed = 0
    for _ in range(KILLS):
        before = started.stat().st_size if started.exists() else 0
        process = start(tmp_path / "backup", result, started)
        while process.poll() is None and (not started.exists() or started.stat().st_size == before):
            time.sleep(0.001)
        time.sleep(moments.uniform(0.0, 0.25))
        if process.poll() is None:
            process.send_signal(signal.SIGKILL)
            killed += 1
        process.wait(120)
        if result.exists():
            break
    assert killed > 0
    if not result.exists():
        assert start(tmp_path / "backup", result, started).wait(120) == 0
    with np.load(whole) as expected, np.load(result) as got:
        assert expected.files == got.files
        for name in expected.files:
            assert expected[name].tobytes() == got[name].tobytes()
