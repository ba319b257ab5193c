"""Writes ``keras_printed.json``: what real Keras 2 prints for the models and trainings of ``printed_cases.py``.

python tests/golden/make_keras_printed.py      (needs: pip install tensorflow tf_keras)
"""

from __future__ import annotations

import contextlib
import io
import json
from pathlib import Path

import tf_keras
from printed_cases import SUMMARIES, TRAININGS, last_drawings, summary, training

TARGET = Path(__file__).with_name("keras_printed.json")


def printed(name: str) -> list[str]:
    """The lines of a training."""
    stream = io.StringIO()
    with contextlib.redirect_stdout(stream):
        training(tf_keras, name)
    return last_drawings(stream.getvalue())


def main() -> None:
    """Writes the file."""
    golden = {
        "made_with": f"tf_keras {tf_keras.__version__}",
        "summaries": {name: summary(tf_keras, name) for name in SUMMARIES},
        "trainings": {name: printed(name) for name in TRAININGS},
    }
    TARGET.write_text(json.dumps(golden, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
