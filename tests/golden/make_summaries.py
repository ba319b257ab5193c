"""Writes tests/golden/summaries.json: the bytes of summaries as TensorFlow writes them.

    python tests/golden/make_summaries.py

It needs TensorFlow 2 and TensorBoard.
"""

from __future__ import annotations

import json
import struct
import tempfile
from pathlib import Path

import numpy as np
import tensorflow as tf

TARGET = Path(__file__).with_name("summaries.json")
STEP = 300
HEADER, FOOTER = 12, 4


def write_all() -> None:
    tf.summary.scalar("loss", 1.5, step=STEP)
    tf.summary.scalar("group/loss", np.float64(0.1), step=STEP, description="a *number*")
    tf.summary.text("note", "안녕, **world**", step=STEP)
    tf.summary.text("table", [["a", "b"], ["c", "d"]], step=STEP)
    tf.summary.histogram("three", [0.0, 0.1, 1.0, 2.0, 4.0], step=STEP, buckets=3)
    tf.summary.histogram("thirty", np.linspace(-1.0, 2.0, 7) ** 3, step=STEP)
    tf.summary.histogram("equal", [2.0, 2.0], step=STEP, buckets=2)
    tf.summary.histogram("empty", np.zeros([0], np.float32), step=STEP, buckets=2)
    tf.summary.audio("tone", np.array([[[-1.0], [0.0], [0.5], [1.0]]], np.float32), 8000, step=STEP)
    tf.summary.write("raw", np.arange(6, dtype=np.int64).reshape(2, 3), step=STEP)


def summaries_in(path: Path) -> list[str]:
    """The field ``summary`` of each event after the first, in hexadecimal."""
    from tensorboard.compat.proto import event_pb2

    content, found, at = path.read_bytes(), [], 0
    while at < len(content):
        (length,) = struct.unpack("<Q", content[at : at + 8])
        event = event_pb2.Event.FromString(content[at + HEADER : at + HEADER + length])
        if event.HasField("summary"):
            assert event.step == STEP
            found.append(event.summary.SerializeToString(deterministic=True).hex())
        at += HEADER + length + FOOTER
    return found


def pixels_of() -> list[list[float]]:
    """Floats and the bytes that ``tf.summary.image`` makes of them."""
    values = [-0.5, 0.0, 0.001, 0.002, 0.25, 0.5, 0.5019, 0.996, 0.999, 1.0, 7.0]
    bytes_of = tf.image.convert_image_dtype(np.array(values, np.float32), tf.uint8, saturate=True)
    return [values, [int(value) for value in bytes_of]]


def main() -> None:
    folder = Path(tempfile.mkdtemp())
    with tf.summary.create_file_writer(str(folder)).as_default():
        write_all()
    (file,) = folder.iterdir()
    content = {"summaries": summaries_in(file), "pixels": pixels_of(), "made_with": tf.__version__}
    TARGET.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
