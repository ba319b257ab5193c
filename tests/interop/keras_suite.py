"""Runs the tests that an installed Keras 3 brings, against the public names of `tensorlet.keras`.

    python tests/interop/keras_suite.py [--json FILE] [--only PART]

The tests are read from the installed package when this runs; nothing of them is part of Tensorlet. Their imports of
``keras.src...`` give the object of Tensorlet that has the same public name; a test that needs a private name of Keras
does not apply, and is not counted.
"""

from __future__ import annotations

import argparse
import collections
import importlib
import importlib.util
import io
import json
import os
import signal
import subprocess
import sys
import traceback
import types
import unittest
import warnings
from pathlib import Path
from typing import Any

#: Folders and files of Keras's tests for what Tensorlet does not contain.
OUTSIDE = (
    "applications", "backend/", "distillation", "distribution", "export", "quantizers", "bounding_box", "testing/",
    "3d", "legacy/", "wrappers/", "jax", "torch", "numerical_test", "file_editor", "model_export", "spectrogram",
    "trainers/data_adapters", "trainers/epoch_iterator", "python_utils", "rng_utils", "code_stats", "module_utils",
    "tracking_test", "backend_utils", "utils/config", "operation_utils", "sparse", "grain", "einops",
    # Augmentations of pictures beyond flips, crops, rotation, translation, zoom, contrast and brightness.
    *(
        f"image_preprocessing/{name}" for name in (
            "aug_mix", "auto_contrast", "cut_mix", "equalization", "max_num_bounding", "mix_up", "rand_augment",
            "random_color", "random_elastic", "random_erasing", "random_gaussian", "random_grayscale", "random_hue",
            "random_invert", "random_perspective", "random_posterization", "random_saturation", "random_sharpness",
            "random_shear", "solarization", "contrast_limited",
        )
    ),
    "layers/preprocessing/pipeline", "stft",
)  # fmt: skip
#: Words in the errors of tests of what Tensorlet leaves out on purpose.
LEFT_OUT = (
    "3D", "SparseTensor", "bfloat16", "bounding_box", "'grain'", "No module named 'jax'", "No module named 'conftest'",
    "ContrastLimited", "MelSpectrogram", "STFTSpectrogram", "Pipeline", "RaggedTensor", "complex64",
)  # fmt: skip
#: Seconds that a test may take.
LIMIT = 20
#: Modules of Keras whose own source is used: what its tests are written with.
OF_THE_TESTS = ("keras.src.testing.test_case", "keras.src.testing.test_utils")


class NotApplicable(AttributeError):
    """A test needs a private name of Keras."""


def names_of_keras() -> dict[str, str]:
    """Module and name in Keras's source -> public name, asked from the installed Keras in a process of its own."""
    program = """
import json, keras
from keras.src import api_export as table
print(json.dumps({f"{getattr(thing, '__module__', '')}.{getattr(thing, '__qualname__', '')}": name
                  for name, thing in table.REGISTERED_NAMES_TO_OBJS.items()}))
"""
    environment = {**os.environ, "KERAS_BACKEND": "tensorflow", "TF_CPP_MIN_LOG_LEVEL": "3"}
    output = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, env=environment
    ).stdout
    found: dict[str, str] = json.loads(output.splitlines()[-1])
    return found


class Stand(types.ModuleType):
    """A module ``keras.src...``, whose names are looked up among Tensorlet's public ones."""

    names: dict[str, str]

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        path = f"{self.__name__}.{name}"
        if path in SHIMS:
            return SHIMS[path]
        public = Stand.names.get(path)
        if public is None and is_module_of_keras(path):
            return importlib.import_module(path)
        if public is None:
            public = f"keras.{path.removeprefix('keras.src.')}"
        try:
            return resolved(public)
        except AttributeError:
            pass
        if Stand.names.get(path) is None and not is_public(public):
            raise NotApplicable(f"{path} is private")
        raise AttributeError(f"tensorlet has no {public}")


def resolved(public: str) -> Any:
    """The object of Tensorlet with a public name of Keras."""
    import tensorlet

    found: Any = tensorlet
    for part in public.split("."):
        found = getattr(found, part)
    return found


def is_public(public: str) -> bool:
    """Whether Keras has this public name."""
    return public in PUBLIC


def folder_of_keras() -> Path:
    """Where Keras is installed."""
    for folder in sys.path:
        if (Path(folder) / "keras" / "src").is_dir():
            return Path(folder) / "keras"
    raise SystemExit("Keras 3 is not installed in this environment.")


def is_module_of_keras(path: str) -> bool:
    """Whether a dotted path is a file or folder of Keras's source."""
    place = FOLDER.parent.joinpath(*path.split("."))
    return place.is_dir() or place.with_suffix(".py").is_file()


class Finder:
    """Gives a `Stand` for each ``keras.src...``."""

    @staticmethod
    def find_spec(name: str, path: object = None, target: object = None) -> Any:
        """The spec of a module; None for others."""
        if name != "keras.src" and not name.startswith("keras.src."):
            return None
        if name in OF_THE_TESTS:
            file = FOLDER.parent.joinpath(*name.split(".")).with_suffix(".py")
            return importlib.util.spec_from_file_location(name, file)
        return (
            importlib.util.spec_from_loader(name, Finder, is_package=True)
            if is_module_of_keras(name)
            else None
        )

    @staticmethod
    def create_module(spec: Any) -> Stand:
        """An empty module."""
        return Stand(spec.name)

    @staticmethod
    def exec_module(module: types.ModuleType) -> None:
        """Names are looked up when they are asked for."""
        if module.__name__ == "keras.src.testing":
            for name in OF_THE_TESTS:
                part = importlib.import_module(name)
                vars(module).update({key: value for key, value in vars(part).items() if key[0] != "_"})


def shims() -> dict[str, Any]:
    """Private names of Keras's that its tests are written with, by what Tensorlet has."""
    import numpy as np

    import tensorlet as tf

    keras = tf.keras

    def standardize_dtype(dtype: Any) -> str:
        return str(tf.as_dtype(dtype or keras.backend.floatx()).name)

    backend = types.ModuleType("keras.src.backend")
    vars(backend).update(
        backend=lambda: "tensorflow", is_tensor=tf.is_tensor, convert_to_numpy=np.asarray,
        convert_to_tensor=keras.ops.convert_to_tensor, standardize_dtype=standardize_dtype,
        Variable=tf.Variable, KerasTensor=type(keras.Input((1,))), floatx=keras.backend.floatx,
        set_floatx=keras.backend.set_floatx, epsilon=keras.backend.epsilon, cast=keras.ops.cast,
        image_data_format=keras.backend.image_data_format, shape=keras.ops.shape,
        set_image_data_format=keras.backend.set_image_data_format, is_float_dtype=lambda dtype: "float" in str(dtype),
        is_int_dtype=lambda dtype: "int" in str(dtype), SUPPORTS_SPARSE_TENSORS=False, SUPPORTS_RAGGED_TENSORS=False,
        SUPPORTS_COMPLEX_DTYPES=False, IS_THREAD_SAFE=True, compute_output_spec=lambda function, x: function(x),
    )  # fmt: skip
    # Layers of Keras hold their generators of random numbers; those of Tensorlet share one.
    keras.layers.Layer._seed_generators = ()
    return {
        "keras.src.backend.random": keras.random,
        **{f"keras.src.backend.random.{name}": getattr(keras.random, name) for name in dir(keras.random)},
        "keras.src.backend.common": types.SimpleNamespace(
            KerasVariable=tf.Variable, standardize_dtype=standardize_dtype, is_float_dtype=backend.is_float_dtype
        ),
        **{f"keras.src.backend.{name}": value for name, value in vars(backend).items() if name[0] != "_"},
        "keras.src.backend.common.is_float_dtype": backend.is_float_dtype,
        "keras.src.backend.common.standardize_dtype": standardize_dtype,
        "keras.src.backend.common.global_state.clear_session": lambda **options: keras.backend.clear_session(),
        "keras.src.backend.common.keras_tensor.KerasTensor": backend.KerasTensor,
        "keras.src.utils.traceback_utils": types.SimpleNamespace(
            is_traceback_filtering_enabled=lambda: False, disable_traceback_filtering=lambda: None,
            enable_traceback_filtering=lambda: None,
        ),
    }  # fmt: skip


def prepare() -> None:
    """Makes ``keras`` and ``tensorflow`` mean Tensorlet, and ``keras.src`` the stands."""
    global FOLDER, SHIMS, PUBLIC
    FOLDER = folder_of_keras()
    Stand.names = names_of_keras()
    PUBLIC = set(Stand.names.values())
    os.environ["TENSORLET_KERAS"] = "3"
    import tensorlet

    tensorlet.install_as_tensorflow()
    sys.modules["keras"] = tensorlet.keras
    sys.meta_path.insert(0, Finder)  # type: ignore[arg-type]  # its methods are static
    SHIMS = shims()


FOLDER = Path()
SHIMS: dict[str, Any] = {}
PUBLIC: set[str] = set()


def left_out(text: str) -> bool:
    """Whether an error is about something that Tensorlet leaves out on purpose."""
    return any(word in text for word in LEFT_OUT)


class TooSlow(Exception):
    """A test took longer than `LIMIT`."""


def _alarm(*_: object) -> None:
    raise TooSlow(f"more than {LIMIT} s")


class Outcomes(unittest.TestResult):
    """Counts tests, and keeps the last line of each error."""

    def __init__(self) -> None:
        super().__init__()
        self.counts: collections.Counter[str] = collections.Counter()
        self.reasons: dict[str, str] = {}

    def startTest(self, test: unittest.TestCase) -> None:
        super().startTest(test)
        signal.alarm(LIMIT)

    def stopTest(self, test: unittest.TestCase) -> None:
        signal.alarm(0)
        super().stopTest(test)

    def addSuccess(self, test: unittest.TestCase) -> None:
        self.counts["passed"] += 1

    def addSkip(self, test: unittest.TestCase, reason: str) -> None:
        self.counts["skipped"] += 1

    def addSubTest(self, test: Any, subtest: Any, err: Any) -> None:
        if err is not None:
            self.addError(test, err)

    def addFailure(self, test: unittest.TestCase, err: Any) -> None:
        self.addError(test, err)

    def addError(self, test: Any, err: Any) -> None:
        kind, error, _ = err
        text = str(error)
        if (
            issubclass(kind, NotApplicable)
            or "is private" in text
            or "has no attribute '_" in text
            or left_out(text)
        ):
            self.counts["not applicable"] += 1
            return
        self.counts["failed"] += 1
        lines = "".join(traceback.format_exception_only(kind, error)).strip().splitlines()
        self.reasons[str(test)] = (lines[0] if lines else kind.__name__)[:300]


def run_file(file: Path) -> Outcomes:
    """Runs the tests of one file."""
    outcomes = Outcomes()
    name = "keras_suite_" + file.stem
    spec = importlib.util.spec_from_file_location(name, file)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    try:
        spec.loader.exec_module(module)
    except NotApplicable:
        outcomes.counts["not applicable"] += 1
        return outcomes
    except Exception as error:
        if "is private" in str(error) or left_out(str(error)):
            outcomes.counts["not applicable"] += 1
        else:
            outcomes.counts["failed"] += 1
            outcomes.reasons[file.name] = f"import: {type(error).__name__}: {error}"[:300]
        return outcomes
    unittest.defaultTestLoader.loadTestsFromModule(module).run(outcomes)
    return outcomes


def main() -> None:
    """Runs all tests that apply, and prints how many pass."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--json", type=Path, help="write the outcomes and reasons to a file")
    parser.add_argument("--only", default="", help="only files whose path contains this")
    options = parser.parse_args()
    prepare()
    warnings.simplefilter("ignore")
    signal.signal(signal.SIGALRM, _alarm)
    total: collections.Counter[str] = collections.Counter()
    report: dict[str, Any] = {}
    for file in sorted((FOLDER / "src").rglob("*_test.py")):
        short = file.relative_to(FOLDER / "src").as_posix()
        if any(part in short for part in OUTSIDE) or options.only not in short:
            continue
        output, sys.stdout = sys.stdout, io.StringIO()
        try:
            outcomes = run_file(file)
        finally:
            sys.stdout = output
        total += outcomes.counts
        report[short] = {"counts": dict(outcomes.counts), "reasons": outcomes.reasons}
        print(short, dict(outcomes.counts), flush=True)
    applicable = total["passed"] + total["failed"]
    print(f"{total['passed']} of {applicable} passed ({total['passed'] / max(applicable, 1):.1%}); "
          f"{total['skipped']} skipped, {total['not applicable']} do not apply")  # fmt: skip
    if options.json:
        options.json.write_text(
            json.dumps({"total": dict(total), "files": report}, indent=1), encoding="utf-8"
        )


if __name__ == "__main__":
    main()
