"""What is added to the modern rooms from outside, and that they do not need it."""

from __future__ import annotations

import importlib
import subprocess
import sys

import pytest

import tensorlet as tf
from tensorlet.extensions import EXTENSIONS, extensible, extension
from tensorlet.registry import FOLDERS, registry_of

#: Keys that are neither the path of a class or function nor a kind of thing.
OTHER_KEYS = {"missing name", "public names"}


@pytest.mark.parametrize("key", sorted(EXTENSIONS))
def test_each_extension_exists_and_extends_something_that_exists(key: str) -> None:
    assert callable(extension(key))
    if key in FOLDERS or key in OTHER_KEYS:
        return
    if key.startswith("keras 2 "):
        _, _, kind, name = key.split(" ")
        assert name in registry_of(kind)
        return
    module, _, name = key.rpartition(".")
    assert hasattr(importlib.import_module(module), name)


def test_an_extension_takes_the_place_of_what_it_extends(monkeypatch: pytest.MonkeyPatch) -> None:
    def twice(x: int) -> int:
        return 2 * x

    key = f"{__name__}.{twice.__qualname__}"
    assert extensible(twice) is twice
    monkeypatch.setitem(EXTENSIONS, key, f"{__name__}:negate_result")
    assert extensible(twice)(3) == -6


def negate_result(function):  # type: ignore[no-untyped-def]
    """A function whose results are those of another one, negated."""
    return lambda *arguments: -function(*arguments)


def test_optimizers_derive_from_no_legacy_class() -> None:
    bases = tf.keras.optimizers.Adam.__mro__
    assert [
        base.__module__ for base in bases if "compat" in base.__module__ or "legacy" in base.__name__.lower()
    ] == []


PLAIN = """
import tensorlet.extensions
import tensorlet as tf
tensorlet.extensions.EXTENSIONS.clear()
import numpy as np
model = tf.keras.Sequential([tf.keras.layers.Dense(1, kernel_initializer="zeros", input_shape=(1,))])
model.compile(tf.keras.optimizers.SGD(0.25), "mse")
history = model.fit(np.ones((4, 1)), np.ones((4, 1)), batch_size=4, epochs=2, verbose=0)
print(history.history["loss"], hasattr(model, "fit_generator"), hasattr(model.optimizer, "lr"))
import sys
print([name for name in sys.modules if name.startswith("tensorlet.compat.")])
"""


def test_the_modern_rooms_work_without_it() -> None:
    done = subprocess.run([sys.executable, "-c", PLAIN], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    # y = 0: loss 1, gradient -2 for weight and bias; then y = 1.
    assert done.stdout == "[1.0, 0.0] False False\n[]\n"
