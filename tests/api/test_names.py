"""The table of names, the namespaces made from it, and what is said about names that are not there."""

from __future__ import annotations

import importlib
import subprocess
import sys
import warnings
from pathlib import Path

import pytest

import tensorlet as tf
from tensorlet import public_names as names
from tensorlet import version_info as version
from tensorlet.api import resolve
from tensorlet.compat import deprecation
from tensorlet.compat.legacy_names import LEGACY_FUNCTIONS
from tensorlet.compat.unknown_names import ADVICE, explain, tensorflow_names
from tensorlet.errors import InvalidArgumentError, UnknownModuleError, UnknownNameError


def in_a_fresh_process(code: str, **environment: str) -> subprocess.CompletedProcess[str]:
    import os

    return subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )


@pytest.mark.parametrize("path", sorted(names.PATHS))
def test_every_path_leads_to_its_place(path: str) -> None:
    module, attribute = names.PATHS[path]
    there = getattr(importlib.import_module(module), attribute)
    found = resolve(path)
    # Functions of tensors stand in a wrapper, which takes those of functional models as well.
    assert there in (found, getattr(found, "__wrapped__", None)), (
        f"correct the row of '{path}' in python/tensorlet/public_names.py"
    )


@pytest.mark.parametrize("path", sorted(set(names.PATHS) - names.OWN_NAMES))
def test_every_path_is_one_of_tensorflows(path: str) -> None:
    assert tensorflow_names().get(path) == "2", f"TensorFlow 2 has no tf.{path}"


@pytest.fixture
def fresh_notes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Forgets which legacy spellings have been reported in this process."""
    monkeypatch.setattr(deprecation, "_reported", set())


@pytest.mark.parametrize("old", sorted(LEGACY_FUNCTIONS))
def test_every_legacy_name_leads_to_the_current_one(old: str, fresh_notes: None) -> None:
    assert old not in names.PATHS
    assert tensorflow_names().get(old) != "2", f"tf.{old} is a name of today"
    with pytest.warns(FutureWarning, match=f"tf.{old} is a legacy spelling; use tf."):
        found = resolve(old)
    assert found is resolve(LEGACY_FUNCTIONS[old])
    delattr(resolve(old.rpartition(".")[0]) if "." in old else tf, old.rpartition(".")[2])


def test_a_legacy_spelling_is_reported_once_and_can_be_an_error(
    monkeypatch: pytest.MonkeyPatch, fresh_notes: None
) -> None:
    with pytest.warns(FutureWarning, match=r"use tf\.math\.log\.") as notes:
        assert tf.log is tf.log is tf.math.log
    assert len(notes) == 1
    del tf.log
    monkeypatch.setenv("TENSORLET_DEPRECATIONS", "error")
    for _ in range(2):
        with pytest.raises(
            InvalidArgumentError, match=r"tf\.log is a legacy spelling; .* Change it, or unset"
        ):
            tf.log  # noqa: B018


def test_other_names_are_the_same_thing() -> None:
    assert tf.add is tf.math.add
    assert tf.sigmoid is tf.math.sigmoid is tf.nn.sigmoid
    assert tf.nn.softmax is tf.math.softmax
    assert tf.divide is tf.math.divide
    assert tf.truediv is tf.math.truediv
    assert tf.bool is tf.dtypes.bool
    assert tf.float32 is tf.dtypes.float32
    assert tf.newaxis is None


def test_namespaces_are_modules_that_can_be_imported() -> None:
    import tensorlet.math
    import tensorlet.nn as nn
    from tensorlet.config import list_physical_devices
    from tensorlet.config.threading import get_inter_op_parallelism_threads

    assert tensorlet.math is tf.math is sys.modules["tensorlet.math"]
    assert nn.relu is tf.nn.relu
    assert list_physical_devices("GPU") == []
    assert get_inter_op_parallelism_threads() == 1
    assert {"log", "reduce_mean", "softmax"} <= set(dir(tf.math))
    assert {"math", "constant", "GradientTape", "keras", "run_epochs"} <= set(dir(tf))


def test_star_import_brings_every_name_of_the_table() -> None:
    scope: dict[str, object] = {}
    exec("from tensorlet import *", scope)
    assert scope["constant"] is tf.constant
    assert scope["math"] is tf.math
    assert set(names.NAMESPACES[""]) - set(names.MODULES) <= set(scope)


def test_attributes_can_be_set_on_the_module() -> None:
    tf.model = "mine"
    assert tf.model == "mine"
    del tf.model
    tf.math.model = 2
    assert tf.math.model == 2
    del tf.math.model
    assert not hasattr(tf.math, "model")


def test_the_version_takes_tensorflow_2_paths() -> None:
    assert tf.__version__ == tf.version.VERSION == "2.15.0+tensorlet.0.1.0"
    assert tf.__version__.startswith("2.")
    assert [int(part) for part in tf.__version__.split(".")[:2]] == [2, 15]
    assert tf.__version__ >= "2.0"


def test_the_package_has_the_version_that_it_says() -> None:
    from pathlib import Path

    checkout = Path(__file__).resolve().parents[2]
    assert f'\nversion = "{version.TENSORLET_VERSION}"\n' in (checkout / "Cargo.toml").read_text(
        encoding="utf-8"
    )
    assert f'\nversion = "{version.TENSORLET_VERSION}"\n' in (checkout / "pyproject.toml").read_text(
        encoding="utf-8"
    )


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("nn.sofmax", "tf.nn.sofmax: Tensorlet does not have this name. Similar names: tf.nn.softmax, "),
        ("nn.log", "tf.nn.log: Tensorlet does not have this name. Similar names: tf.math.log"),
        ("zero", "tf.zero: Tensorlet does not have this name. Similar names: tf.zeros."),
        ("signal", "tf.signal: TensorFlow has this name, but Tensorlet does not. Use numpy.fft."),
        (
            "Session",
            "tf.Session: this name belongs to TensorFlow 1; TensorFlow 2 and Tensorlet do not have it.",
        ),
        ("to_float", "Use tf.cast(x, tf.float32)."),
        ("placeholder", "call a Python function with the values"),
        (
            "quantization",
            "tf.quantization: TensorFlow has this name, but Tensorlet does not. Models are not quantized.",
        ),
        ("compat.v1.app", "Use Python's argparse, and call your main function."),
        ("compat.v1.set_random_seed", "Use tf.random.set_seed."),
        ("compat.v1.qqqq", "tf.compat.v1 is TensorFlow 1."),
        ("compat.qqqq", "tf.compat.v1 is TensorFlow 1."),
        ("qqqq", "tf.qqqq: Tensorlet does not have this name. dir(tf) lists the available names."),
    ],
)
def test_a_missing_name_is_explained(path: str, said: str) -> None:
    with pytest.raises(UnknownNameError) as raised:
        resolve(path)
    assert said in str(raised.value)
    assert isinstance(raised.value, AttributeError)


def test_asking_for_a_missing_name_is_cheap() -> None:
    code = """
import sys, tensorlet as tf
print(int(tf.constant(1)), hasattr(tf, "signal"), "tensorlet.compat.unknown_names" in sys.modules)
"""
    assert in_a_fresh_process(code).stdout == "1 False False\n"


def test_hasattr_and_getattr_with_a_default_work() -> None:
    assert not hasattr(tf, "contrib")
    assert not hasattr(tf.math, "sobol_sample")
    assert getattr(tf, "Session", None) is None


@pytest.mark.parametrize(
    "statement",
    [
        "import tensorlet.signal",
        "from tensorlet import signal",
        "from tensorlet.math import sobol_sample",
        "import tensorlet.compat.v1",
    ],
)
def test_a_missing_module_is_explained(statement: str) -> None:
    with pytest.raises(UnknownModuleError, match="Tensorlet does not") as raised:
        exec(statement)
    assert isinstance(raised.value, ModuleNotFoundError)


def test_other_missing_modules_stay_pythons_business() -> None:
    for statement in (
        "import tensorlet._no_such",
        "import tensorlet.ops.no_such",
        "import tensorlet.math.log",
    ):
        with pytest.raises(ModuleNotFoundError, match="No module named") as raised:
            exec(statement)
        assert not isinstance(raised.value, UnknownModuleError)


def test_advice_is_about_names_that_are_not_there() -> None:
    assert [path for path in ADVICE if path in names.PATHS or path in LEGACY_FUNCTIONS] == []
    removed = {"contrib", "estimator", "examples", "select", "merge_all_summaries"}
    removed |= {"python"}
    # Modules that are not in the list of names, which has what is in them.
    removed |= {"experimental.dlpack", "experimental.dtensor", "experimental.tensorrt"}
    assert {path for path in ADVICE if path not in tensorflow_names()} == removed


def test_the_list_of_tensorflows_names_has_what_it_should() -> None:
    known = tensorflow_names()
    assert known["math.log"] == known["keras.layers.Dense"] == known["random.set_seed"] == "2"
    assert known["Session"] == known["placeholder"] == known["log"] == "1"
    assert "no_such_name" not in known
    assert len(known) > 3000


def test_explaining_never_fails_for_any_name_of_tensorflows() -> None:
    for path in list(tensorflow_names())[::25]:
        assert explain(path).startswith(f"tf.{path}: ")


def test_importing_is_cheap() -> None:
    names_to_see = "print([m for m in ('h5py', 'matplotlib', 'gzip', 'inspect') if m in sys.modules])"
    loaded = in_a_fresh_process(f"import sys, numpy; {names_to_see}")
    ours = in_a_fresh_process(f"import sys, tensorlet; {names_to_see}")
    assert ours.stderr == ""
    assert set(eval(ours.stdout)) <= set(eval(loaded.stdout))


def test_config_and_test_tell_the_truth() -> None:
    assert [device.device_type for device in tf.config.list_physical_devices()] == ["CPU"]
    assert tf.config.list_logical_devices("CPU")[0].name == "/device:CPU:0"
    assert tf.config.experimental.list_physical_devices("GPU") == []
    assert not tf.test.is_gpu_available()
    assert not tf.test.is_built_with_cuda()
    assert tf.test.gpu_device_name() == ""
    tf.config.set_visible_devices([], "GPU")
    with pytest.raises(InvalidArgumentError, match="does not contain the CPU"):
        tf.config.set_visible_devices([])
    with pytest.raises(InvalidArgumentError, match="-1, but it must be 0 or more"):
        tf.config.threading.set_intra_op_parallelism_threads(-1)


def test_settings_of_devices_are_taken() -> None:
    tf.config.experimental.enable_op_determinism()  # as it is anyway
    tf.config.set_soft_device_placement(True)
    assert tf.config.get_soft_device_placement()
    tf.config.optimizer.set_jit(True)
    assert tf.config.optimizer.get_jit() == ""
    (processor,) = tf.config.list_physical_devices("CPU")
    assert tf.config.experimental.get_device_details(processor) == {}
    one = tf.config.LogicalDeviceConfiguration(memory_limit=1024)
    tf.config.set_logical_device_configuration(processor, [one])
    with pytest.warns(UserWarning, match="2 parts of .* the CPU stays one device"):
        tf.config.set_logical_device_configuration(processor, [one, one])
    assert len(tf.config.list_logical_devices("CPU")) == 1


def test_the_number_of_threads_is_set_and_told() -> None:
    pytest.importorskip("tensorlet._native", reason="the native engine is not built: pip install .")
    before = tf.config.threading.get_intra_op_parallelism_threads()
    tf.config.threading.set_intra_op_parallelism_threads(1)
    assert tf.config.threading.get_intra_op_parallelism_threads() == 1
    tf.config.threading.set_intra_op_parallelism_threads(before)
    tf.config.threading.set_inter_op_parallelism_threads(2)
    assert tf.config.threading.get_inter_op_parallelism_threads() == 1


def test_programs_may_ask_for_quiet_in_every_way(fresh_notes: None) -> None:
    logger = tf.get_logger()
    before = logger.level
    for logging in (tf.compat.v1.logging, tf.compat.v2.compat.v1.logging):
        logging.set_verbosity(logging.ERROR)
        assert logging.get_verbosity() == logger.level == 40
    with pytest.warns(FutureWarning, match=r"tf.logging is a legacy spelling; use tf.get_logger\(\)"):
        tf.logging.set_verbosity(tf.logging.WARN)
    assert logger.level == 30
    logger.setLevel(before)
    tf.autograph.set_verbosity(0)
    assert tf.autograph.experimental.do_not_convert(abs)(-3) == 3


def test_device_runs_on_the_processor() -> None:
    with warnings.catch_warnings(), tf.device("/device:CPU:0"):
        warnings.simplefilter("error")
        assert int(tf.constant(1) + 1) == 2
    with pytest.warns(RuntimeWarning, match="/GPU:0 is not available; the CPU is used"), tf.device("/GPU:0"):
        assert int(tf.constant(2) + 1) == 3
    with pytest.raises(InvalidArgumentError, match="'fridge' is not a device"):
        tf.device("fridge")


def test_print_shows_what_tensorflow_shows(capsys: pytest.CaptureFixture[str]) -> None:
    tf.print("a", 3, 2.5, tf.constant(True), None)
    tf.print(tf.constant(1 / 3), tf.constant(1 / 3, tf.float64), tf.constant(0.1, tf.float16))
    tf.print(tf.constant([123456789.0, 1e6, 100000.5, 1e-7, float("nan"), float("inf"), -0.0]), summarize=-1)
    tf.print(tf.range(10), tf.Variable([1.0, 2.0]), tf.constant([[True, False]]))
    tf.print([tf.constant(1.0), "x"], {"a": tf.constant(1)}, (1,), (tf.constant(1), 2), sep="-", end="|")
    tf.print(tf.zeros([2, 7]), tf.ones([2, 1, 2]))
    assert capsys.readouterr().err == (
        "a 3 2.5 1 None\n"
        "0.333333343 0.33333333333333331 0.0999755859\n"
        "[123456792 1e+06 100000.5 1e-07 nan inf -0]\n"
        "[0 1 2 ... 7 8 9] [1 2] [[1 0]]\n"
        "[1, 'x']-{'a': 1}-(1,)-(1, 2)|"
        "[[0 0 0 ... 0 0 0]\n [0 0 0 ... 0 0 0]] [[[1 1]]\n\n [[1 1]]]\n"
    )


def test_print_inside_a_function_prints_when_it_runs(capsys: pytest.CaptureFixture[str]) -> None:
    @tf.function
    def square(x: tf.Tensor) -> tf.Tensor:
        tf.print("x is", x)
        return x * x

    assert [int(square(tf.constant(n))) for n in (3, 4)] == [9, 16]
    assert capsys.readouterr().err == "x is 3\nx is 4\n"


def test_executing_eagerly_is_false_only_in_a_trace() -> None:
    seen = []

    @tf.function
    def look() -> tf.Tensor:
        seen.append(tf.executing_eagerly())
        return tf.constant(1)

    look()
    assert tf.executing_eagerly()
    assert seen == [False]


def test_small_things() -> None:
    with tf.name_scope("layer") as scope:
        assert scope == "layer/"
    assert tf.get_logger().name == "tensorflow"
    assert tf.is_tensor(tf.Variable(1.0))
    assert not tf.is_tensor([1.0])


def test_install_as_tensorflow_answers_every_form_of_import() -> None:
    code = """
import tensorlet
tensorlet.install_as_tensorflow()
tensorlet.install_as_tensorflow()
import tensorflow as tf, keras
from tensorflow import keras as k2, math
import tensorflow.nn as nn
import tensorflow.keras.datasets.mnist
from keras.datasets import mnist
assert tf is tensorlet and keras is k2 is tensorlet.keras and math is tensorlet.math and nn is tensorlet.nn
assert mnist is tensorlet.keras.datasets.mnist is tf.keras.datasets.mnist
assert tensorlet.__spec__.name == "tensorlet" and keras.__spec__.name == "tensorlet.keras"
tf.model = 5
import tensorflow
assert tensorflow.model == tensorlet.model == 5
statements = ("from tensorflow import signal", "import tensorflow.signal", "from tensorflow.python import x")
for statement in statements:
    try:
        exec(statement)
    except ImportError as error:
        print(error)
"""
    done = in_a_fresh_process(code)
    assert done.stderr == ""
    signal, again, python = done.stdout.splitlines()
    assert signal == again == explain("signal")
    assert python == explain("python.x")


def test_install_as_tensorflow_comes_too_late_after_the_real_one() -> None:
    code = """
import sys, types
sys.modules["tensorflow"] = types.ModuleType("tensorflow")
import tensorlet
try:
    tensorlet.install_as_tensorflow()
except tensorlet.errors.TensorletError as error:
    print(error)
"""
    assert in_a_fresh_process(code).stdout.startswith(
        "install_as_tensorflow(): another 'tensorflow' has already been imported, from an unknown place. "
        "Restart Python"
    )


def test_functions_of_rows_and_of_shapes() -> None:
    rows = tf.constant([[1.0, 2.0], [3.0, 4.0]])
    doubled, sums = tf.map_fn(lambda row: (row * 2.0, tf.reduce_sum(row)), rows)
    assert doubled.numpy().tolist() == [[2.0, 4.0], [6.0, 8.0]]
    assert sums.numpy().tolist() == [3.0, 7.0]
    assert tf.vectorized_map(lambda pair: pair[0] + pair[1], (rows, rows)).numpy().tolist() == [
        [2, 4],
        [6, 8],
    ]
    assert tf.nn.embedding_lookup(rows, [1, 0, 1]).numpy().tolist() == [[3, 4], [1, 2], [3, 4]]
    assert tf.ensure_shape(rows, [None, 2]) is rows
    with pytest.raises(ValueError, match=r"\(2, 2\) and \(None, 3\)"):
        tf.ensure_shape(rows, [None, 3])
    with pytest.raises(ValueError, match="a first axis of the same length"):
        tf.map_fn(lambda row: row, tf.constant(1.0))


@pytest.mark.parametrize(
    ("path", "fix"),
    [
        ("nn.conv3d", "volumes"),
        ("linalg.logm", "numpy.linalg"), ("lite.TFLiteConverter", "model.export"),
        ("keras.experimental.LinearModel", "CosineDecay"),
    ],
)  # fmt: skip
@pytest.mark.filterwarnings("ignore:tf.keras.experimental is a legacy spelling")
def test_a_missing_name_says_what_there_is(path: str, fix: str) -> None:
    with pytest.raises(AttributeError, match=fix):
        resolve(path)


def test_initializers_of_tensorflow_s_own_names() -> None:
    assert tf.constant_initializer(3.0)(shape=[2]).numpy().tolist() == [3.0, 3.0]
    assert tf.zeros_initializer()((1,)).numpy().tolist() == [0.0]
    assert tf.ones_initializer()(shape=(1,), dtype="float32").numpy().tolist() == [1.0]
    assert abs(tf.random_uniform_initializer(-1, 1, seed=1)([100]).numpy()).max() <= 1.0
    assert tf.random_normal_initializer(stddev=0.0)([2]).numpy().tolist() == [0.0, 0.0]


def test_tensorflow_2_under_its_name_in_compat() -> None:
    program = (
        "import tensorlet; tensorlet.install_as_tensorflow()\n"
        "import tensorflow.compat.v2 as tf\n"
        "assert tf is tensorlet and tf.compat.v2 is tf\n"
        "from tensorflow.compat.v1 import logging\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert "tf.compat.v1" in done.stderr
    assert "the names of TensorFlow 2" in done.stderr


def test_names_of_a_release_of_tensorflow_2_are_not_said_to_be_of_tensorflow_1() -> None:
    with pytest.raises(
        AttributeError, match=r"ExtensionType: TensorFlow has this name, but Tensorlet does not"
    ):
        tf.experimental.ExtensionType  # noqa: B018
    listed = Path(__file__).parents[2] / "tools" / "peer_names" / "tensorflow-2.15.txt"
    known = tensorflow_names()
    assert {known.get(name) for name in listed.read_text(encoding="utf-8").split()} == {"2"}
