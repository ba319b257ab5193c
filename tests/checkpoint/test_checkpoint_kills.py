"""A process that is killed while it saves a checkpoint over an older one leaves a whole one, every time.

``TENSORLET_KILLS=200`` kills more often.
"""

from __future__ import annotations

import os
import random
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from tensorlet.checkpoint.checkpoint_state import latest_checkpoint
from tensorlet.formats.tensor_bundle import BundleReader

pytestmark = pytest.mark.slow

KILLS = int(os.environ.get("TENSORLET_KILLS") or 25)

#: Makes a child for each line that it reads; the child saves for as long as it lives. The arrays of one
#: checkpoint are all filled with one number, and each checkpoint is larger or smaller than the one before.
PROGRAM = """
import os, signal, sys, time
import numpy as np
import tensorlet as tf
from tensorlet.checkpoint.checkpoint_state import update_checkpoint_state
from tensorlet.formats.tensor_bundle import write_bundle
prefix = sys.argv[1]
def save(number):
    arrays = {f"layer/{index}": np.full((number % 5 + 1) * 400, number, np.int64) for index in range(8)}
    write_bundle(prefix, arrays)
    update_checkpoint_state(os.path.dirname(prefix), prefix)
save(0)
print("ready", flush=True)
for line in sys.stdin:
    number, seconds = line.split()
    child = os.fork()
    if not child:
        number = int(number)
        while True:
            number += 1
            save(number)
    time.sleep(float(seconds))
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    print("killed", flush=True)
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="processes are made by forking here")
def test_a_killed_process_leaves_a_whole_checkpoint(tmp_path: Path) -> None:
    prefix = tmp_path / "run" / "ckpt"
    rng = random.Random(0)
    process = subprocess.Popen(
        [sys.executable, "-c", PROGRAM, str(prefix)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdin is not None and process.stdout is not None
    try:
        assert process.stdout.readline() == "ready\n"
        number = 0
        seen = set()
        for _ in range(KILLS):
            process.stdin.write(f"{number} {rng.uniform(0.0, 0.15)}\n")
            process.stdin.flush()
            assert process.stdout.readline() == "killed\n"
            reader = BundleReader(prefix)
            arrays = [reader.read(key) for key in reader]
            found = int(arrays[0][0])
            assert found >= number
            for array in arrays:
                np.testing.assert_array_equal(array, np.full((found % 5 + 1) * 400, found))
            assert latest_checkpoint(prefix.parent) == str(prefix)
            seen.add(found)
            number = found
        assert len(seen) > 1
    finally:
        process.stdin.close()
        process.wait()
        process.stdout.close()
