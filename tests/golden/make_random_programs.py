"""Writes random_programs.json: fifty random programs, and what the real Keras 2.15 recorded.

    python tests/golden/make_random_programs.py PYTHON [FOLDER]

``PYTHON`` has TensorFlow 2.15; ``FOLDER`` keeps its outcomes (see tests/differential). Programs in which Keras 2 and
Tensorlet differ, or that end with an error, are left out: `differ.py` is what finds and lists these.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "differential"))

from comparison import difference
from differ import Worker, peers_of

from programs import program

COUNT = 50


def main(python: str, keep: Path | None) -> None:
    peer = peers_of([f"keras2={python}"], keep)["keras2"]
    ours = Worker(sys.executable, "tensorlet", TENSORLET_KERAS="2")
    kept, seed = [], 0
    while len(kept) < COUNT:
        text = program(seed)
        wanted = peer.outcome(text, eagerly=True)
        if wanted["error"] is None and not difference(ours.outcome(text, eagerly=True), wanted):
            kept.append({"seed": seed, "program": text, "records": wanted["records"]})
        seed += 1
    ours.close()
    peer.close()
    rows = ",\n".join(json.dumps(one) for one in kept)
    Path(__file__).with_name("random_programs.json").write_text(f"[\n{rows}\n]\n")


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]) if len(sys.argv) > 2 else None)
