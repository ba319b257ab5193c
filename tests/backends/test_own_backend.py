"""A backend is one file, and only `compile` has to be written."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

PROGRAMS = Path(__file__).parents[1] / "programs"

BACKEND = '''
"""A backend of one file: interprets graphs, and counts what it compiles and how many steps it runs."""
from tensorlet.backends.base import BACKENDS, Backend
from tensorlet.graph import ir

COUNTS = {"programs": 0, "steps": 0}

@BACKENDS.register("counting")
class CountingBackend(Backend):
    def compile(self, graph, name):
        COUNTS["programs"] += 1
        return Program(graph)

class Program:
    def __init__(self, graph):
        self.graph = graph

    def run(self, inputs, variables):
        COUNTS["steps"] += 1
        buffers = dict(zip(map(id, self.graph.variables()), variables))
        values = {}
        for node in self.graph.nodes():
            if node.kind == ir.INPUT:
                values[id(node)] = inputs[node.value]
            elif node.kind == ir.CONSTANT:
                values[id(node)] = node.value
            elif node.kind == ir.VARIABLE:
                values[id(node)] = buffers[id(node.value)].copy()
            else:
                arrays = [values[id(other)] for other in node.inputs]
                values[id(node)] = node.operation.reference(*arrays, **node.attributes)
        for variable, node in self.graph.updates:
            buffers[id(variable)][...] = values[id(node)]
        return [values[id(node)].copy() for node in self.graph.outputs]
'''


def run(folder: Path, program: str, backend: str) -> str:
    """What a program prints with a backend that a file in the folder may define."""
    (folder / "program.py").write_text(program, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-W", "error", "program.py"],
        cwd=folder, capture_output=True, text=True, env={**os.environ, "TENSORLET_BACKEND": backend},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_a_program_with_traced_steps_runs_on_a_backend_of_one_file(tmp_path: Path) -> None:
    (tmp_path / "counting_backend.py").write_text(BACKEND, encoding="utf-8")
    program = (
        (PROGRAMS / "softmax_class.py")
        .read_text("utf-8")
        .replace("import tensorflow as tf", "import tensorlet as tf")
    )
    counted = f"import counting_backend\n{program}\nprint(counting_backend.COUNTS)\n"
    printed = run(tmp_path, counted, "counting").splitlines()
    assert printed[:-1] == run(tmp_path, program, "reference").splitlines()
    assert printed[-1] == "{'programs': 1, 'steps': 2000}"


FIT = """
import numpy as np
import tensorlet as tf
tf.keras.utils.set_random_seed(1)
x = np.random.default_rng(1).normal(size=(20, 3)).astype("float32")
model = tf.keras.Sequential([tf.keras.layers.Dense(1, input_shape=(3,))])
model.compile("adam", "mse", metrics=["mae"])
history = model.fit(x, x.sum(axis=1), epochs=3, batch_size=8, validation_split=0.2, verbose=0)
print({name: np.round(values, 5).tolist() for name, values in history.history.items()})
step = tf.function(lambda batch: tf.reduce_mean(batch))
print(np.round(tf.run_epochs(step, x, batch_size=6, epochs=2, seed=3).history["loss"], 5).tolist())
"""


def test_it_trains_a_model_with_the_same_numbers(tmp_path: Path) -> None:
    (tmp_path / "counting_backend.py").write_text(BACKEND, encoding="utf-8")
    printed = run(tmp_path, f"import counting_backend\n{FIT}", "counting")
    assert printed == run(tmp_path, FIT, "reference") == run(tmp_path, FIT, "native")
