"""The tool that writes the stub files: places, signatures, and what it leaves to the sources."""

from __future__ import annotations

import importlib
from pathlib import Path

import pytest

import make_stubs
import tensorlet as tf
from make_stubs import Place, Stub


def test_namespaces_are_found_with_their_public_names() -> None:
    found = make_stubs.find_namespaces()
    assert {"tensorlet", "tensorlet.math", "tensorlet.keras.layers", "tensorlet.random.experimental"} <= set(
        found
    )
    assert "tensorlet.ops" not in found
    assert {"Dense", "Layer"} <= set(found["tensorlet.keras.layers"].names)


@pytest.mark.parametrize(
    "module", [tf, tf.math, tf.data, tf.keras, tf.keras.layers, tf.keras.losses, tf.summary]
)
def test_dir_has_no_internals(module: object) -> None:
    internals = {"Any", "annotations", "core", "lazy", "lazy_names", "np", "ops", "sys", "TYPE_CHECKING"}
    if module is tf.keras:
        internals.remove("ops")  # Keras 3's functions of tensors
    assert not internals & set(dir(module))


def test_places_of_classes_functions_and_constants() -> None:
    assert make_stubs.place_of("tf.matmul", tf.matmul) == Place("tensorlet.ops.linalg", "matmul")
    assert make_stubs.place_of("tf.Variable", tf.Variable) == Place("tensorlet.core.variable", "Variable")
    assert make_stubs.place_of("tf.half", tf.half) == Place("tensorlet.dtypes", "float16")
    with pytest.raises(LookupError, match=r"tf.here: no source file"):
        make_stubs.place_of("tf.here", object())


def test_stubs_that_cannot_lie_beside_their_module() -> None:
    importlib.import_module("tensorlet.random")
    assert make_stubs.stub_of("tensorlet.math") == "tensorlet.math"
    assert make_stubs.stub_of("tensorlet.random.experimental") == "tensorlet.api.stubs.random.experimental"
    assert make_stubs.stub_of("tensorlet.dtypes") == "tensorlet.api.stubs.dtypes"
    assert make_stubs.file_of("tensorlet.math") == Path("tensorlet/math.pyi")
    assert make_stubs.file_of("tensorlet.keras") == Path("tensorlet/keras/__init__.pyi")


def test_a_reexport_and_a_second_name() -> None:
    place = Place("tensorlet.dtypes", "float16")
    stub = Stub("tensorlet", {"float16": place, "half": place})
    stub.reexport("float16", place)
    stub.reexport("half", place)
    assert stub.imports == {"from tensorlet.dtypes import float16 as float16"}
    assert stub.definitions == ["half = float16\n"]


def test_the_stub_of_a_function_has_its_signature_and_docstring() -> None:
    place = Place("tensorlet.ops.diagonals", "matrix_transpose")
    node = make_stubs.source_of(place.module).definitions[place.name]
    stub = Stub("tensorlet.linalg", {"bool": Place("tensorlet.dtypes", "bool_"), "matrix_transpose": place})
    stub.function("matrix_transpose", place, node)  # type: ignore[arg-type]
    (text,) = stub.definitions
    assert "name: str | None=None, conjugate: builtins.bool=False) -> Tensor:" in text
    assert ">>> " in text and "import builtins" in stub.imports
    assert "from tensorlet.core.tensor import Tensor" in stub.imports
