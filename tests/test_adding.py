"""What it costs to add a thing to the package: one file, put into the folder of its kind; nothing else is edited."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import tensorlet

PACKAGE = Path(tensorlet.__file__).parent
TOOLS = Path(__file__).resolve().parents[1] / "tools"

#: Kind -> where its file goes, the file, and a program that uses it by name and prints a number worked by hand.
CASES: dict[str, tuple[str, str, str, float]] = {
    "activation": (
        "keras/activations/steps.py",
        """
from tensorlet import ops
from tensorlet.ops.registry import Tensor, TensorLike
from tensorlet.registry import register

@register("activation")
def staircase(x: TensorLike) -> Tensor:
    return ops.floor(x)
""",
        """
assert keras.activations.staircase is keras.activations.get("staircase")
assert keras.activations.serialize(keras.activations.staircase) == "staircase"
layer = keras.layers.Dense(1, activation="staircase", kernel_initializer="ones")
print(float(layer(tf.constant([[1.75]]))[0, 0]))
""",
        1.0,
    ),
    "initializer": (
        "keras/initializers/countdown.py",
        """
import numpy as np
from tensorlet import ops
from tensorlet.keras.initializers.base import Initializer
from tensorlet.registry import register

@register("initializer", "Countdown", "countdown")
class Countdown(Initializer):
    def __call__(self, shape, dtype=None, **kwargs):
        return ops.cast(np.arange(np.prod(shape))[::-1].reshape(shape), dtype or "float32")
""",
        """
assert isinstance(keras.initializers.get("countdown"), keras.initializers.Countdown)
layer = keras.layers.Dense(1, kernel_initializer="countdown")
print(float(layer(tf.constant([[1.0, 5.0]]))[0, 0]))
""",
        1.0,
    ),
    "regularizer": (
        "keras/regularizers/cubes.py",
        """
from tensorlet import ops
from tensorlet.keras.regularizers.base import Regularizer
from tensorlet.registry import register

@register("regularizer")
class Cubes(Regularizer):
    def __call__(self, x):
        return ops.reduce_sum(ops.abs(x) ** 3)

    def get_config(self):
        return {}
""",
        """
layer = keras.layers.Dense(1, kernel_regularizer="cubes", kernel_initializer=keras.initializers.Constant(2.0))
layer(tf.constant([[1.0, 1.0]]))
assert type(keras.regularizers.deserialize(keras.regularizers.serialize(layer.kernel_regularizer))).__name__ == "Cubes"
print(float(layer.losses[0]))
""",
        16.0,
    ),
    "constraint": (
        "keras/constraints/halves.py",
        """
from tensorlet.keras.constraints.base import Constraint
from tensorlet.registry import register

@register("constraint")
class Halved(Constraint):
    def __call__(self, w):
        return w / 2.0
""",
        """
model = keras.Sequential([
    keras.layers.Dense(1, use_bias=False, kernel_initializer="ones", kernel_constraint="halved", input_shape=(1,))])
model.compile(keras.optimizers.SGD(0.0), "mse")
model.fit(np.ones((1, 1)), np.ones((1, 1)), verbose=0)
print(float(model.get_weights()[0][0, 0]))
""",
        0.5,
    ),
    "loss": (
        "keras/losses/quartic.py",
        """
from tensorlet import ops
from tensorlet.keras.losses.arguments import on_symbols, pair
from tensorlet.registry import register

@register("loss", "fourth_power", "p4")
@on_symbols
def fourth_power(y_true, y_pred):
    y_true, y_pred = pair(y_true, y_pred)
    return ops.reduce_mean((y_true - y_pred) ** 4, axis=-1)
""",
        """
assert keras.losses.get("p4") is keras.losses.fourth_power
model = keras.Sequential([keras.layers.Dense(1, kernel_initializer="zeros", input_shape=(1,))])
model.compile("sgd", "fourth_power")
print(model.evaluate(np.ones((2, 1)), np.array([[1.0], [3.0]]), verbose=0))
""",
        41.0,
    ),
    "metric": (
        "keras/metrics/extremes.py",
        """
from tensorlet import ops
from tensorlet.keras.metrics.base import Metric
from tensorlet.registry import register

@register("metric", "Largest", "largest")
class Largest(Metric):
    def __init__(self, name="largest", dtype=None):
        super().__init__(name, dtype)
        self.seen = self.add_weight("seen")

    def update_state(self, y_true, y_pred, sample_weight=None):
        self.seen.assign(ops.maximum(self.seen, ops.reduce_max(y_true)))

    def result(self):
        return self.seen
""",
        """
assert isinstance(keras.metrics.deserialize({"class_name": "Largest", "config": {}}), keras.metrics.Largest)
model = keras.Sequential([keras.layers.Dense(1, kernel_initializer="zeros", input_shape=(1,))])
model.compile("sgd", "mse", metrics=["largest"])
print(model.fit(np.ones((2, 1)), np.array([[1.0], [3.0]]), verbose=0).history["largest"][0])
""",
        3.0,
    ),
    "layer": (
        "keras/layers/doubling.py",
        """
from tensorlet.keras.layers.base import Layer
from tensorlet.registry import register

@register("layer")
class Double(Layer):
    def call(self, inputs):
        return 2.0 * inputs
""",
        """
from tensorlet.keras.layers import Double
model = keras.Sequential([Double(input_shape=(1,))])
model.save("model.keras")
print(float(keras.models.load_model("model.keras")(tf.constant([[1.5]]))[0, 0]))
""",
        3.0,
    ),
    "optimizer": (
        "keras/optimizers/halving.py",
        """
from tensorlet.keras.optimizers.base import Optimizer
from tensorlet.registry import register

@register("optimizer")
class Halving(Optimizer):
    def slot_names(self):
        return ("size",)

    def update_step(self, gradient, variable, learning_rate):
        size = self.slot(variable, "size")
        size.assign(0.5 * size + 1.0)
        variable.assign_sub(learning_rate * (2.0 - size) * gradient)
""",
        """
optimizers = keras.optimizers
assert optimizers.Halving is tf.optimizers.Halving and type(optimizers.get("halving")) is optimizers.Halving
again = optimizers.deserialize(json.loads(json.dumps(optimizers.serialize(optimizers.Halving(0.5)))))
assert type(again) is optimizers.Halving and float(again.learning_rate) == 0.5
model = keras.Sequential([keras.layers.Dense(1, use_bias=False, kernel_initializer="zeros", input_shape=(1,))])
model.compile(optimizers.Halving(0.25), "mse")
model.fit(np.ones((1, 1)), np.ones((1, 1)), epochs=2, verbose=0)
# error 1, step 0.25 * (2 - 1) * 2; error 0.5, step 0.25 * (2 - 1.5) * 1
print(float(model.get_weights()[0][0, 0]))
""",
        0.625,
    ),
    "learning-rate schedule": (
        "keras/optimizers/schedules/linear_warmup.py",
        """
from tensorlet import ops
from tensorlet.keras.optimizers.schedules.base import LearningRateSchedule
from tensorlet.registry import register

@register("learning-rate schedule")
class Warmup(LearningRateSchedule):
    def __init__(self, peak):
        self.peak = peak

    def __call__(self, step):
        return self.peak * (ops.cast(step, "float32") + 1.0)

    def get_config(self):
        return {"peak": self.peak}
""",
        """
optimizer = keras.optimizers.SGD(keras.optimizers.schedules.Warmup(0.5))
again = keras.optimizers.deserialize(json.loads(json.dumps(keras.optimizers.serialize(optimizer))))
w = tf.Variable(4.0)
for _ in range(2):
    again.apply_gradients([(tf.constant(1.0), w)])
print(float(w))
""",
        2.5,
    ),
    "callback": (
        "keras/callbacks/counting.py",
        """
from tensorlet.keras.training.report.callback import Callback
from tensorlet.registry import register

@register("callback")
class Counter(Callback):
    count = 0

    def on_epoch_end(self, epoch, logs=None):
        self.count += 1
""",
        """
counter = keras.callbacks.Counter()
model = keras.Sequential([keras.layers.Dense(1, input_shape=(1,))])
model.compile("sgd", "mse")
model.fit(np.ones((1, 1)), np.ones((1, 1)), epochs=3, verbose=0, callbacks=[counter])
print(counter.count)
""",
        3,
    ),
    "file format": (
        "keras/saving/formats/json_weights.py",
        """
import json
from pathlib import Path
import numpy as np
from tensorlet.keras.saving.file_format import FileFormat
from tensorlet.registry import register

@register("file format", "json_weights")
class JsonWeights(FileFormat):
    endings = (".weights.json",)

    def write_weights(self, model, path, dialect):
        Path(path).write_text(json.dumps([one.tolist() for one in model.get_weights()]))
        return path

    def read_weights(self, model, path, skip_mismatch, by_name):
        model.set_weights([np.array(one) for one in json.loads(Path(path).read_text())])
""",
        """
model = keras.Sequential([keras.layers.Dense(1, kernel_initializer="ones", input_shape=(1,))])
model.save_weights("a.weights.json")
model.set_weights([[[3.0]], [5.0]])
model.load_weights("a.weights.json")
print(float(model.get_weights()[0][0, 0]))
""",
        1.0,
    ),
    "backend": (
        "backends/doubling/__init__.py",
        """
from tensorlet.backends.base import Backend
from tensorlet.registry import register

@register("backend", "doubling")
class Doubling(Backend):
    def compile(self, graph, name):
        return Program(graph)

class Program:
    def __init__(self, graph):
        self.graph = graph

    def run(self, inputs, variables):
        return [2 * array for array in inputs]
""",
        """
import os
os.environ["TENSORLET_BACKEND"] = "doubling"
print(float(tf.function(lambda x: x + 1.0)(tf.constant(4.0))))
""",
        8.0,
    ),
}

START = "import json\nimport numpy as np\nimport tensorlet as tf\nkeras = tf.keras\n"


def copy_of_package(folder: Path) -> Path:
    """A copy of the package: folders of its own, whose files are links."""
    copy = folder / "tensorlet"
    shutil.copytree(PACKAGE, copy, copy_function=os.symlink)
    return copy


def run(folder: Path, program: str) -> subprocess.CompletedProcess[str]:
    """Runs a program with the package in a folder."""
    environment = {**os.environ, "PYTHONPATH": str(folder), "TENSORLET_DEBUG": "backend"}
    return subprocess.run(
        [sys.executable, "-c", START + program],
        env=environment,
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


@pytest.mark.parametrize("kind", CASES)
def test_one_file_is_enough(kind: str, tmp_path: Path) -> None:
    """The thing is found by all its names and trains natively, before the index is written anew and after."""
    path, source, program, expected = CASES[kind]
    copy = copy_of_package(tmp_path)
    (copy / path).parent.mkdir(exist_ok=True)
    (copy / path).write_text(source, encoding="utf-8")
    for index in ("old", "new"):
        if index == "new":
            subprocess.run([sys.executable, TOOLS / "make_index.py", tmp_path], check=True)
        done = run(tmp_path, program)
        assert done.returncode == 0, done.stderr
        assert "reference" not in done.stderr
        assert float(done.stdout) == expected
    written = {file for file in copy.rglob("*.py") if not file.is_symlink()}
    assert written == {copy / path, copy / "_index.py"}  # the second by the tool


def test_a_file_with_the_name_of_its_function_is_refused(tmp_path: Path) -> None:
    """Python would put the module in the place of the function."""
    path = "keras/activations/staircase.py"
    copy = copy_of_package(tmp_path)
    (copy / path).write_text(CASES["activation"][1], encoding="utf-8")
    done = run(tmp_path, "keras.activations.get('staircase')")
    assert "The file of the activation 'staircase' has the same name" in done.stderr
    assert "Rename the file." in done.stderr


#: An elementwise operation: what is added to its family, and to the table of names. (The engine's instruction
#: and the two tests are the other three files; here the record names an instruction that exists.)
SQUASH_RECORD = '''

_squash = Operation(
    "squash",
    infer=unary("tf.math.squash", "float"),
    reference=quiet(np.tanh),
    gradient=unary_gradient(lambda output, x: 1 - output * output),
    samples=_anywhere,
    elsewhere=Elsewhere(engine="tanh", onnx=("Tanh",), numpy="np.tanh({0})", stacked="elementwise"),
)


def squash(x: TensorLike, name: str | None = None) -> Tensor:
    """The hyperbolic tangent under another name."""
    return _squash(x)
'''
SQUASH_PROGRAM = """
import numpy as np
import warnings
warnings.simplefilter("error")  # a fallback to the reference backend would warn
tf.function(tf.math.squash)(tf.constant([1.0]))
assert list(tf.data.Dataset.from_tensor_slices([[0.0], [1.0]]).map(tf.math.squash).batch(2))[0].shape == (2, 1)
from tensorlet.data.vectorization import vectorized
assert vectorized(tf.math.squash, tf.TensorSpec((3,), tf.float32)) is not None
from tensorlet.export import onnx_rules, program_operations
assert "squash" in onnx_rules.RULES and program_operations.EXPRESSIONS["squash"] == "np.tanh({0})"
x = tf.Variable(0.0)
with tf.GradientTape() as tape:
    y = tf.math.squash(x)
print(float(tape.gradient(y, x)))
"""


def test_a_primitive_is_a_record_and_a_name(tmp_path: Path) -> None:
    """Two of the package's Python files; native, batched, exported to ONNX and NumPy by its record alone."""
    copy = copy_of_package(tmp_path)
    entry = '    "tensorlet.ops.elementwise": {"squash": "math.squash"},\n    "tensorlet.ops": {'
    changes = {
        copy / "ops" / "elementwise.py": lambda text: text + SQUASH_RECORD,
        copy / "public_names.py": lambda text: text.replace('    "tensorlet.ops": {', entry, 1),
    }
    for file, change in changes.items():
        text = file.read_text(encoding="utf-8")
        file.unlink()  # a link to the package's own file
        file.write_text(change(text), encoding="utf-8")
    done = run(tmp_path, SQUASH_PROGRAM)
    assert done.returncode == 0, done.stderr
    assert float(done.stdout) == 1.0
    assert {file for file in copy.rglob("*.py") if not file.is_symlink()} == set(changes)
