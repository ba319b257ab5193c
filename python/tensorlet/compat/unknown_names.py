"""Explanations of names that Tensorlet does not have. Imported only when one is used."""

from __future__ import annotations

import difflib
import gzip
from functools import cache
from importlib import resources
from typing import Any

from tensorlet import keras
from tensorlet import public_names as names
from tensorlet.compat.legacy_names import LEGACY_FUNCTIONS

_KERAS_TODAY = "In TensorFlow 2 it is part of Keras: see tf.keras."
_SESSION = (
    "It belongs to TensorFlow 1, where a graph was built first and run in a session. In TensorFlow 2 "
    "operations run at once: call a Python function with the values, and decorate it with @tf.function "
    "to make it fast."
)

_NO_IMAGES = "Tensorlet trains networks of fully connected layers; for convolutions use TensorFlow itself."

_SUMMARY = (
    "In TensorFlow 2 summaries are written at once: writer = tf.summary.create_file_writer(folder); "
    "with writer.as_default(): tf.summary.scalar(name, value, step=step)."
)

#: Path or namespace -> what to use instead. The longest match counts.
ADVICE = {
    "Graph": _SESSION,
    "InteractiveSession": _SESSION,
    "Print": "Use tf.print, outside of a tf.function.",
    "Session": _SESSION,
    "TensorArray": "Collect the tensors in a Python list, and join them with tf.stack or tf.concat.",
    "app": "Use Python's argparse, and call your main function.",
    "assign": "Use the variable's method: v.assign(value).",
    "assign_add": "Use the variable's method: v.assign_add(value).",
    "assign_sub": "Use the variable's method: v.assign_sub(value).",
    "audio": "Read sound with Python's wave module or SciPy, into NumPy arrays.",
    "bfloat16": "There are float16 (for storage), float32 and float64.",
    "compat": "tf.compat.v1 is TensorFlow 1. Write the program with TensorFlow 2's names, which run at once.",
    "complex": "Complex numbers are not supported: keep the real and the imaginary part in two tensors.",
    "complex128": "Complex numbers are not supported: keep the real and the imaginary part in two tensors.",
    "complex64": "Complex numbers are not supported: keep the real and the imaginary part in two tensors.",
    "contrib": "It was removed in TensorFlow 2.",
    "control_dependencies": "It is not needed: statements run in the order in which they are written.",
    "data": "Read files with Python, NumPy or pandas, and make a dataset of the arrays: "
    "tf.data.Dataset.from_tensor_slices((x, y)).",
    "debugging": "Check values with Python's assert, outside of a tf.function.",
    "disable_eager_execution": _SESSION,
    "disable_v2_behavior": _SESSION,
    "distribute": "One replica runs on the processor, with all its threads: tf.distribute has MirroredStrategy, "
    "OneDeviceStrategy and get_strategy here.",
    "div": "Use tf.divide, or // for whole numbers.",
    "enable_eager_execution": "Leave it out: TensorFlow 2 always runs eagerly.",
    "enable_v2_behavior": "Leave it out: this is TensorFlow 2.",
    "estimator": "It was removed from TensorFlow. Write the training step with tf.GradientTape.",
    "examples": "Use tf.keras.datasets.mnist.load_data().",
    "feature_column": "Prepare the columns with NumPy or pandas.",
    "get_default_graph": _SESSION,
    "get_variable": "Use tf.Variable(initial_value, name=...).",
    "global_variables": _SESSION,
    "global_variables_initializer": "Leave it out: variables have their values from the start.",
    "gradients": "Use tf.GradientTape: with tf.GradientTape() as tape: loss = ...; tape.gradient(loss, w).",
    "hessians": "Nest two tf.GradientTape blocks.",
    "image": "Prepare images with NumPy or Pillow, as arrays; there are tf.image.decode_png and tf.image.encode_png.",
    "initialize_all_variables": "Leave it out: variables have their values from the start.",
    "io": "Read files with Python, NumPy or pandas, or tf.io.read_file and tf.io.gfile.",
    "layers": _KERAS_TODAY,
    "nn.avg_pool": _NO_IMAGES,
    "nn.conv2d": _NO_IMAGES,
    "nn.max_pool": _NO_IMAGES,
    "nn.max_pool2d": _NO_IMAGES,
    "nn.xw_plus_b": "Use tf.matmul(x, w) + b.",
    "linalg": "Compute it with numpy.linalg, of x.numpy().",
    "lite": "Models are exported with model.export('model.onnx') or model.export('model.py').",
    "local_variables_initializer": "Leave it out: variables have their values from the start.",
    "merge_all_summaries": _SUMMARY,
    "multinomial": "Use tf.random.categorical.",
    "numpy_function": "Call the NumPy function outside of the tf.function.",
    "placeholder": _SESSION,
    "placeholder_with_default": _SESSION,
    "py_func": "Call the Python function outside of the tf.function.",
    "python.client": "Write tf.config.list_physical_devices() for the devices; there are no sessions.",
    "python.framework": "Use the public names, such as tf.constant; TensorFlow 2 always runs eagerly.",
    "python.ops": "Use the public names, such as tf.math and tf.nn.",
    "python": "tensorflow.python is TensorFlow's own inside; use the public names, such as tf.keras.",
    "ragged": "Use an ordinary tensor: x.to_tensor().",
    "random.gamma": "Draw with numpy.random.",
    "random.poisson": "Draw with numpy.random.",
    "raw_ops": "Use the public operation of that name.",
    "reset_default_graph": "Leave it out: there is no default graph in TensorFlow 2.",
    "saved_model": "Save models with model.save('model.keras'), and other variables with tf.train.Checkpoint.",
    "scan": "Write a loop in Python, and join the results with tf.stack.",
    "select": "Use tf.where(condition, a, b).",
    "signal": "Use numpy.fft.",
    "sparse": "Use dense tensors; zeros in a first layer cost little here.",
    "strings": "Use Python's strings, or numpy.strings on x.numpy().astype(str).",
    "profiler": "No profiles are recorded: Python's cProfile shows where a program spends its time, and "
    "TENSORLET_DEBUG=program what the engine runs.",
    "summary": _SUMMARY,
    "to_double": "Use tf.cast(x, tf.float64).",
    "to_float": "Use tf.cast(x, tf.float32).",
    "to_int32": "Use tf.cast(x, tf.int32).",
    "to_int64": "Use tf.cast(x, tf.int64).",
    "train": "tf.train has checkpoints here (Checkpoint, CheckpointManager, latest_checkpoint, load_variable); "
    "optimizers are in tf.keras.optimizers.",
    "train.AdagradOptimizer": "Use tf.keras.optimizers.Adagrad.",
    "train.AdamOptimizer": "Use tf.keras.optimizers.Adam.",
    "train.Example": "Keep data in NumPy's files (numpy.save), CSV or HDF5.",
    "train.FtrlOptimizer": "Use tf.keras.optimizers.Ftrl.",
    "train.GradientDescentOptimizer": "Use tf.keras.optimizers.SGD.",
    "train.MomentumOptimizer": "Use tf.keras.optimizers.SGD with momentum=0.9.",
    "train.RMSPropOptimizer": "Use tf.keras.optimizers.RMSprop.",
    "train.Saver": "Use tf.train.Checkpoint: it saves the variables of objects, not of a graph.",
    "trainable_variables": "Keep your variables in a list: [w, b].",
    "variable_scope": "Use Python variables, functions and classes.",
}


@cache
def tensorflow_names() -> dict[str, str]:
    """All public names of TensorFlow -> "2", or "1" for those that TensorFlow 2 has dropped."""
    packed = resources.files(__package__).joinpath("tensorflow_names.txt.gz").read_bytes()
    lines = gzip.decompress(packed).decode().splitlines()
    return {line[2:]: line[0] for line in lines if line[0] in "12"}


def explain(path: str) -> str:
    """A sentence or three on a path (without ``tf.``) that Tensorlet does not have."""
    known = tensorflow_names().get(path)
    if known == "2":
        text = f"tf.{path}: TensorFlow has this name, but Tensorlet does not."
    elif known == "1":
        text = f"tf.{path}: this is a name of TensorFlow 1, which TensorFlow 2 and Tensorlet do not have."
    else:
        text = f"tf.{path}: Tensorlet does not have this name."
    advice = _advice(path)
    if advice:
        text += f" {advice}"
    if path.startswith("keras."):
        return text  # its module has looked for near names itself
    # Where the name was no slip of the pen, a likeness of spelling says little.
    near = _near(path, cutoff=0.85 if advice or known else 0.65)
    if near:
        text += f" Near names: {', '.join(f'tf.{one}' for one in near)}."
    if not advice and not near:
        namespace = path.rpartition(".")[0]
        text += f" dir(tf{'.' + namespace if namespace else ''}) lists the names that there are."
    return text


def _advice(path: str) -> str:
    if path.startswith("keras."):
        return _said_by_keras(path)
    if path.startswith("compat.v1."):
        name = path.removeprefix("compat.v1.")
        today = LEGACY_FUNCTIONS.get(name, name)
        if today in names.PATHS or today in names.MODULES:
            return f"Write tf.{today}."
        return _advice(name) or ADVICE["compat"]
    while path:
        if path in ADVICE:
            return ADVICE[path]
        path = path.rpartition(".")[0]
    return ""


def _said_by_keras(path: str) -> str:
    """What the module in which a name of Keras's is missing says of it."""
    found: Any = keras
    for name in path.split(".")[1:]:
        try:
            found = getattr(found, name)
        except AttributeError as error:
            return getattr(error, "advice", "") or str(error)
    return ""


def _near(path: str, cutoff: float) -> list[str]:
    """Up to three paths that exist: the same last name elsewhere, then like spellings, near ones first."""
    namespace, _, name = path.rpartition(".")
    last_names: dict[str, list[str]] = {}
    for one in names.PATHS:
        last_names.setdefault(one.rpartition(".")[2], []).append(one)
    by_lower = {last.lower(): last for last in last_names}
    like = difflib.get_close_matches(name.lower(), by_lower, n=6, cutoff=cutoff)
    found: dict[tuple[str, str], str] = {}
    for last in like:
        # Of several paths for one thing, the one in the same namespace, or the shortest.
        paths = sorted(
            last_names[by_lower[last]], key=lambda one: (one.rpartition(".")[0] != namespace, len(one))
        )
        for one in paths:
            found.setdefault(names.PATHS[one], one)
    return list(found.values())[:3]
