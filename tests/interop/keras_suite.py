"""Runs the tests that an installed Keras 3 brings, against the public names of `tensorlet.keras`.

    python tests/interop/keras_suite.py [--json FILE] [--only PART]

The tests are read from the installed package when this runs; nothing of them is part of Tensorlet. Their imports of
``keras.src...`` give the object of Tensorlet that has the same public name; a test that needs a private name of Keras
does not apply, and is not counted.
"""

from __future__ import annotations

import argparse
import collections
import importlib.util
import io
import json
import signal
import sys
import traceback
import unittest
import warnings
from pathlib import Path
from typing import Any

import keras_stands
from keras_stands import Missing, NotApplicable, prepare

#: Augmentations of pictures beyond flips, crops, rotation, translation, zoom, contrast and brightness.
AUGMENTATIONS = (
    "aug_mix", "auto_contrast", "cut_mix", "equalization", "max_num_bounding", "mix_up", "rand_augment",
    "random_color", "random_elastic", "random_erasing", "random_gaussian", "random_grayscale", "random_hue",
    "random_invert", "random_perspective", "random_posterization", "random_saturation", "random_sharpness",
    "random_shear", "solarization", "contrast_limited", "clahe",
)  # fmt: skip
#: Folders and files of Keras's tests for what Tensorlet does not contain.
OUTSIDE = (
    "applications", "backend/", "distillation", "distribution", "export", "quantizers", "bounding_box", "testing/",
    "3d", "legacy/", "wrappers/", "jax", "torch", "numerical_test", "file_editor", "model_export", "spectrogram",
    "trainers/data_adapters", "trainers/epoch_iterator", "python_utils", "rng_utils", "code_stats", "module_utils",
    "tracking_test", "backend_utils", "utils/config", "operation_utils", "sparse", "grain", "einops",
    *(f"image_preprocessing/{name}" for name in AUGMENTATIONS),
    "layers/preprocessing/pipeline", "stft",
    "audio_dataset",  # sounds
    "orbax",  # checkpoints of a library for JAX
    "dtype_policy_map",  # policies of single layers, which quantized models have
)  # fmt: skip
#: Words in the errors of tests of what Tensorlet leaves out on purpose.
LEFT_OUT = (
    "3D", "SparseTensor", "KerasTensor got sparse", "bfloat16", "bounding_box", "'grain'", "No module named 'jax'",
    "QuantizedDTypePolicy", "quantization_mode", "keras.applications", "initializers.STFT",
    "ContrastLimited", "MelSpectrogram", "STFTSpectrogram", "Pipeline", "RaggedTensor", "complex",
)  # fmt: skip
#: Words in the names of tests of what Tensorlet leaves out on purpose: arithmetic with few bits, several devices,
#: code in files.
OUTSIDE_TESTS = (
    "quantiz",
    "int4",
    "int8",
    "float8",
    "gptq",
    "awq",
    "sparse_tensor",
    "_distribution",
    "sharding",
    "test_lambda_fn",  # this and the next three: code in files, which is never run or written here
    "serializationlibtest.test_lambda_layer",
    "test_serialization_with_lambda_layer",
    "savingapitest.test_safe_mode",
    *(f"format_serialization_{name}" for name in AUGMENTATIONS),  # one test of all layers for pictures
    "_3d",
    "viewascomplexreal",  # and the next: complex numbers
    "test_polar",
    "conv3d",  # volumes
)
#: Seconds that a test may take.
LIMIT = 20


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
        Missing.private_name_used = False
        signal.alarm(LIMIT)

    def refuses(self, test: unittest.TestCase) -> bool:
        """Whether a test is left out, which is then counted."""
        method = getattr(test, getattr(test, "_testMethodName", ""), None)
        marks = [*getattr(type(test), "pytestmark", ()), *getattr(method, "pytestmark", ())]
        if any(word in test.id().lower() for word in OUTSIDE_TESTS):
            self.counts["not applicable"] += 1
            return True
        if any(
            (mark.name == "skipif" and mark.args and mark.args[0]) or mark.name == "skip" for mark in marks
        ):
            self.counts["skipped"] += 1
            return True
        return False

    def stopTest(self, test: unittest.TestCase) -> None:
        signal.alarm(0)
        super().stopTest(test)

    def addSuccess(self, test: unittest.TestCase) -> None:
        self.counts["not applicable" if Missing.private_name_used else "passed"] += 1

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
            Missing.private_name_used
            or issubclass(kind, NotApplicable)
            or "is private" in text
            or "has no attribute '_" in text
            or left_out(text)
        ):
            self.counts["not applicable"] += 1
            return
        if kind.__name__ == "Skipped":  # pytest.skip inside of a test
            self.counts["skipped"] += 1
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
    for test in tests_of(unittest.defaultTestLoader.loadTestsFromModule(module)):
        if not outcomes.refuses(test):
            unittest.TestSuite([test]).run(outcomes)
    return outcomes


def tests_of(suite: unittest.TestSuite | unittest.TestCase) -> list[unittest.TestCase]:
    """The single tests of a suite."""
    if isinstance(suite, unittest.TestCase):
        return [suite]
    return [test for part in suite for test in tests_of(part)]


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
    for file in sorted((keras_stands.FOLDER / "src").rglob("*_test.py")):
        short = file.relative_to(keras_stands.FOLDER / "src").as_posix()
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
