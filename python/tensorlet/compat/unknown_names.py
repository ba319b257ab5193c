"""Explanations of names that Tensorlet does not have. Imported only when such a name is used."""

from __future__ import annotations

import difflib
import gzip
from functools import cache
from importlib import resources
from typing import Any

from tensorlet import keras
from tensorlet import public_names as names
from tensorlet.compat.legacy_names import LEGACY_FUNCTIONS
from tensorlet.keras.absent_networks import AbsentNetworks

_KERAS_TODAY = "In TensorFlow 2 it is part of Keras: see tf.keras."
_SESSION = (
    "It belongs to TensorFlow 1, where a graph was built first and run in a session. In TensorFlow 2 "
    "operations run immediately: call a Python function with the values, and decorate it with @tf.function "
    "to make it fast."
)

_NO_VOLUMES = "Tensorlet convolves sequences and pictures; for volumes, use TensorFlow."

_SUMMARY = (
    "In TensorFlow 2 summaries are written immediately: writer = tf.summary.create_file_writer(folder); "
    "with writer.as_default(): tf.summary.scalar(name, value, step=step)."
)

_ONE_MACHINE = "Tensorlet runs on the CPUs of one machine."

#: Maps a path or namespace to advice. The longest match is used.
ADVICE = {
    "Graph": _SESSION,
    "InteractiveSession": _SESSION,
    "Print": "Use tf.print, outside of a tf.function.",
    "Session": _SESSION,
    "app": "Use Python's argparse, and call your main function.",
    "assign": "Use the variable's method: v.assign(value).",
    "assign_add": "Use the variable's method: v.assign_add(value).",
    "assign_sub": "Use the variable's method: v.assign_sub(value).",
    "audio": "Read sound with Python's wave module or SciPy, into NumPy arrays.",
    "bitwise": "Use NumPy's functions on x.numpy(): numpy.bitwise_and and similar ones.",
    "bfloat16": "Supported are float16 (for storage), float32 and float64.",
    "config.experimental_connect_to_cluster": _ONE_MACHINE,
    "config.experimental_connect_to_host": _ONE_MACHINE,
    "compat": "tf.compat.v1 is TensorFlow 1. Use the names of TensorFlow 2, whose operations run immediately.",
    "complex": "Complex numbers are not supported: use two tensors for the real and imaginary parts.",
    "complex128": "Complex numbers are not supported: use two tensors for the real and imaginary parts.",
    "complex64": "Complex numbers are not supported: use two tensors for the real and imaginary parts.",
    "contrib": "It was removed in TensorFlow 2.",
    "data": "Read files with Python, NumPy or pandas, and create a dataset from the arrays: "
    "tf.data.Dataset.from_tensor_slices((x, y)).",
    "disable_eager_execution": _SESSION,
    "disable_v2_behavior": _SESSION,
    "distribute": "One replica runs on the CPU, with all of its threads: tf.distribute contains MirroredStrategy, "
    "OneDeviceStrategy and get_strategy.",
    "dtypes": "Supported are booleans, strings, integers of up to 64 bits, float16 (for storage), float32 and float64.",
    "div": "Use tf.divide, or // for integers.",
    "enable_eager_execution": "Remove it: TensorFlow 2 always runs eagerly.",
    "enable_v2_behavior": "Remove it: this is TensorFlow 2.",
    "estimator": "It was removed from TensorFlow. Write the training step with tf.GradientTape.",
    "examples": "Use tf.keras.datasets.mnist.load_data().",
    "experimental.dlpack": "Exchange arrays through NumPy: x.numpy() and tf.constant(array).",
    "experimental.dtensor": _ONE_MACHINE,
    "experimental.tensorrt": "Export the model to ONNX (model.export('model.onnx')).",
    "feature_column": "Use layers on the inputs of a model: Normalization for numeric_column, Discretization for "
    "bucketized_column, StringLookup, IntegerLookup or Hashing for categorical ones, HashedCrossing for "
    "crossed_column, and Embedding for embedding_column.",
    "get_default_graph": _SESSION,
    "get_variable": "Use tf.Variable(initial_value, name=...).",
    "global_variables": _SESSION,
    "global_variables_initializer": "Remove it: variables are always initialized.",
    "graph_util": _SESSION,
    "hessians": "Nest two tf.GradientTape blocks.",
    "image": "dir(tf.image) lists what exists.",
    "initialize_all_variables": "Remove it: variables are always initialized.",
    "io": "Read files with Python, NumPy or pandas, or tf.io.read_file and tf.io.gfile.",
    "mlir": "TENSORLET_DEBUG=program prints the program that the engine runs.",
    "layers": _KERAS_TODAY,
    "nn.avg_pool3d": _NO_VOLUMES,
    "nn.conv3d": _NO_VOLUMES,
    "nn.conv3d_transpose": _NO_VOLUMES,
    "nn.max_pool3d": _NO_VOLUMES,
    "nn.xw_plus_b": "Use tf.matmul(x, w) + b.",
    "linalg": "Compute it with numpy.linalg, from x.numpy().",
    "lite": "Models are exported with model.export('model.onnx') or model.export('model.py').",
    "local_variables_initializer": "Remove it: variables are always initialized.",
    "merge_all_summaries": _SUMMARY,
    "multinomial": "Use tf.random.categorical.",
    "placeholder": _SESSION,
    "placeholder_with_default": _SESSION,
    "py_func": "Call the Python function outside of the tf.function.",
    "python": "tensorflow.python is private to TensorFlow; use the public names, such as tf.keras.",
    "ragged": "Convert it to a dense tensor: x.to_tensor().",
    "raw_ops": "Use the public operation with that name.",
    "reset_default_graph": "Remove it: TensorFlow 2 has no default graph.",
    "quantization": "Models are not quantized. Export to ONNX (model.export('model.onnx')) and quantize that file.",
    "queue": "Use tf.data.Dataset: shuffle, batch and prefetch.",
    "sysconfig": "There is nothing to compile against; `tensorlet info` shows versions and the engine.",
    "tpu": _ONE_MACHINE,
    "types": "For annotations, use the classes themselves: tf.Tensor, tf.Variable.",
    "xla": "Traced functions are compiled by the engine; decorate them with @tf.function.",
    "select": "Use tf.where(condition, a, b).",
    "signal": "Use numpy.fft.",
    "sparse": "Use dense tensors; zeros in the first layer are cheap here.",
    "strings": "dir(tf.strings) lists what exists; or use Python's strings, or numpy.strings on x.numpy().astype(str).",
    "profiler": "Profiling is not supported: Python's cProfile shows where a program spends its time, and "
    "TENSORLET_DEBUG=program what the engine runs.",
    "summary": _SUMMARY,
    "to_double": "Use tf.cast(x, tf.float64).",
    "to_float": "Use tf.cast(x, tf.float32).",
    "to_int32": "Use tf.cast(x, tf.int32).",
    "to_int64": "Use tf.cast(x, tf.int64).",
    "train": "tf.train contains checkpoints (Checkpoint, CheckpointManager, latest_checkpoint, load_variable); "
    "optimizers are in tf.keras.optimizers.",
    "train.AdagradOptimizer": "Use tf.keras.optimizers.Adagrad.",
    "train.AdamOptimizer": "Use tf.keras.optimizers.Adam.",
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
    """Maps all public names of TensorFlow to "2", or to "1" for names that were removed in TensorFlow 2."""
    packed = resources.files(__package__).joinpath("tensorflow_names.txt.gz").read_bytes()
    lines = gzip.decompress(packed).decode().splitlines()
    return {line[2:]: line[0] for line in lines if line[0] in "12"}


def explain(path: str) -> str:
    """Explains, in one to three sentences, that Tensorlet does not have a path (without ``tf.``)."""
    known = tensorflow_names().get(path)
    if known == "2":
        text = f"tf.{path}: TensorFlow has this name, but Tensorlet does not."
    elif known == "1":
        text = f"tf.{path}: this name belongs to TensorFlow 1; TensorFlow 2 and Tensorlet do not have it."
    else:
        text = f"tf.{path}: Tensorlet does not have this name."
    advice = _advice(path)
    if advice:
        text += f" {advice}"
    if path.startswith("keras."):
        return text  # its module has already suggested similar names
    # If the name is not a typing error, similar spelling means little.
    near = _near(path, cutoff=0.85 if advice or known else 0.65)
    if near:
        text += f" Similar names: {', '.join(f'tf.{one}' for one in near)}."
    if not advice and not near:
        namespace = path.rpartition(".")[0]
        text += f" dir(tf{'.' + namespace if namespace else ''}) lists the available names."
    return text


def _advice(path: str) -> str:
    if path.startswith("keras."):
        return _said_by_keras(path)
    if path.startswith("compat.v1."):
        name = path.removeprefix("compat.v1.")
        today = LEGACY_FUNCTIONS.get(name, name)
        if today in names.PATHS or today in names.MODULES:
            return f"Use tf.{today}."
        return _advice(name) or ADVICE["compat"]
    while path:
        if path in ADVICE:
            return ADVICE[path]
        path = path.rpartition(".")[0]
    return ""


def _said_by_keras(path: str) -> str:
    """Returns the message of the Keras module that does not have the name."""
    found: Any = keras
    for name in path.split(".")[1:]:
        try:
            found = getattr(found, name)
        except AttributeError as error:
            return getattr(error, "advice", "") or str(error)
    return found.advice if isinstance(found, AbsentNetworks) else ""


def _near(path: str, cutoff: float) -> list[str]:
    """Returns up to three similar paths: the same last name elsewhere or with a prefix, then similar spellings."""
    namespace, _, name = path.rpartition(".")
    last_names: dict[str, list[str]] = {}
    for one in [*names.PATHS, *names.MODULES, *names.NAMESPACES]:
        if one:
            last_names.setdefault(one.rpartition(".")[2], []).append(one)
    by_lower = {last.lower(): last for last in last_names}
    like = difflib.get_close_matches(name.lower(), by_lower, n=6, cutoff=cutoff)
    if (reduction := f"reduce_{name}".lower()) in by_lower:  # tf.mean
        like = [reduction]
    found: dict[object, str] = {}
    for last in like:
        # Of several paths to the same object, the one in the same namespace, or the shortest.
        paths = sorted(
            last_names[by_lower[last]], key=lambda one: (one.rpartition(".")[0] != namespace, len(one))
        )
        for one in paths:
            found.setdefault(names.PATHS.get(one, one), one)
    return list(found.values())[:3]
