"""Makes ``lecture.json``: what real TensorFlow computes for the lecture's softmax programs.

Run it with a Python that has TensorFlow 2 (the project itself does not need it)::

    python tests/golden/make_lecture_golden.py
"""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import lecture_programs
import numpy as np
import tensorflow as tf

HERE = Path(__file__).resolve().parent
MNIST = HERE.parents[1] / "python" / "tensorlet" / "datasets" / "files" / "mnist"


def mnist() -> tuple[np.ndarray, ...]:
    """The four arrays of MNIST, read without the package so that the judge does not depend on the judged."""

    def values(name: str, header: int) -> np.ndarray:
        return np.frombuffer(
            gzip.decompress((MNIST / f"{name}-ubyte.gz").read_bytes()), np.uint8, offset=header
        )

    return (
        values("train-images-idx3", 16).reshape(-1, 28, 28),
        values("train-labels-idx1", 8),
        values("t10k-images-idx3", 16).reshape(-1, 28, 28),
        values("t10k-labels-idx1", 8),
    )


def main() -> None:
    golden = {
        "made_with": f"TensorFlow {tf.__version__}, NumPy {np.__version__}",
        "toy": lecture_programs.run_toy(tf),
        "mnist": lecture_programs.run_mnist(tf, mnist()),
        # As texts, since JSON has no NaN.
        "overflow": [[str(weight) for weight in row] for row in lecture_programs.run_overflow(tf)],
    }
    (HERE / "lecture.json").write_text(json.dumps(golden, indent=1) + "\n", encoding="utf-8")
    print(
        f"wrote {HERE / 'lecture.json'}: toy {golden['toy']['losses'][-1]}, MNIST {golden['mnist']['losses']}"
    )


if __name__ == "__main__":
    main()
