"""Writes found_programs.json: what the real Keras records in the programs of found_program_cases.py.

    python tests/golden/make_found_programs.py KERAS2 KERAS3

``KERAS2`` and ``KERAS3`` are Pythons with TensorFlow 2.15, and with Keras 3 on TensorFlow.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "differential"))

from differ import Worker
from found_program_cases import FOUND


def main(*pythons: str) -> None:
    workers = {
        generation: Worker(python, "tensorflow") for generation, python in zip((2, 3), pythons, strict=True)
    }
    found = {}
    for name, (generation, text) in FOUND.items():
        outcome = workers[generation].outcome(text, eagerly=True)
        found[name] = {"records": outcome["records"], "error": outcome["error"]}
        if outcome["error"]:
            print(name, outcome["error"])
    for worker in workers.values():
        worker.close()
    rows = ",\n".join(f"{json.dumps(name)}: {json.dumps(one)}" for name, one in found.items())
    Path(__file__).with_name("found_programs.json").write_text(f"{{\n{rows}\n}}\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
