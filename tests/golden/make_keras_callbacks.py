"""Writes ``keras_callbacks.json``: what real Keras 2's callbacks decide in the cases of ``callback_cases.py``.

python tests/golden/make_keras_callbacks.py      (needs: pip install tensorflow tf_keras)
"""

from __future__ import annotations

import json
import tempfile
from pathlib import Path

import tf_keras
from callback_cases import PLATEAUS, STOPPING, hooks, logged, plateau, stopping

TARGET = Path(__file__).with_name("keras_callbacks.json")


def main() -> None:
    """Writes the file."""
    with tempfile.TemporaryDirectory() as folder:
        golden = {
            "made_with": f"tf_keras {tf_keras.__version__}",
            "stopping": [stopping(tf_keras, case) for case in range(len(STOPPING))],
            "plateaus": [plateau(tf_keras, case) for case in range(len(PLATEAUS))],
            "hooks": hooks(tf_keras),
            "logged": logged(tf_keras, folder),
        }
    TARGET.write_text(json.dumps(golden, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
