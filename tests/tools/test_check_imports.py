"""The import-direction check finds what it should, and only that."""

from __future__ import annotations

from pathlib import Path

import pytest

import check_imports


def package_with(folder: Path, **sources: str) -> Path:
    """A ``tensorlet`` package with one module a keyword: ``ops__basic="..."`` makes ``ops/basic.py``."""
    for name, source in sources.items():
        file = folder / "tensorlet" / (name.replace("__", "/") + ".py")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(source, encoding="utf-8")
    return folder


def test_imports_to_the_left_pass(tmp_path: Path) -> None:
    package_with(
        tmp_path,
        errors="import difflib\n",
        ops__registry="from tensorlet.errors import near_names\nfrom . import basic\n",
        ops__basic="import numpy\nfrom .. import errors\n",
        core__tensor="import tensorlet.ops.registry\n",
        demo__program="import tensorlet as tf\n",
    )
    assert check_imports.check_package(tmp_path) == []


@pytest.mark.parametrize(
    "statement",
    [
        "import tensorlet.core.tensor",
        "from tensorlet.core import tensor",
        "from tensorlet import core",
        "from ..core import tensor",
        "from .. import core",
        "def late():\n    from tensorlet.core.tensor import Tensor",
        "if True:\n    import tensorlet.core",
    ],
)
def test_every_form_of_import_to_the_right_is_found(tmp_path: Path, statement: str) -> None:
    package_with(tmp_path, ops__basic=statement + "\n", core__tensor="")
    (complaint,) = check_imports.check_package(tmp_path)
    assert complaint.startswith("tensorlet/ops/basic.py:")
    assert "ops may not import core, which lies to its right" in complaint


def test_rooms_side_by_side_may_not_import_each_other(tmp_path: Path) -> None:
    package_with(tmp_path, datasets__mnist="from tensorlet import preprocessing\n", preprocessing="")
    (complaint,) = check_imports.check_package(tmp_path)
    assert "datasets may not import preprocessing, which lies beside it" in complaint


def test_inner_rooms_may_not_use_the_front_door(tmp_path: Path) -> None:
    package_with(tmp_path, core__tensor="import tensorlet as tf\n")
    (complaint,) = check_imports.check_package(tmp_path)
    assert complaint.startswith("tensorlet/core/tensor.py:1: core may not import __init__")


def test_a_room_without_a_place_is_named(tmp_path: Path) -> None:
    package_with(tmp_path, attic__box="")
    (complaint,) = check_imports.check_package(tmp_path)
    assert (
        complaint
        == "tensorlet/attic: this room is not in the list of check_imports.py; give it its place in ROWS."
    )


def test_an_exception_lets_one_arrow_through_and_must_be_needed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package_with(tmp_path, ops__basic="from tensorlet import core\n", core__tensor="")
    monkeypatch.setattr(check_imports, "EXCEPTIONS", {("ops/basic.py", "core"): "for the test"})
    assert check_imports.check_package(tmp_path) == []
    assert check_imports.unused_exceptions(tmp_path) == []
    package_with(tmp_path, ops__basic="")
    (complaint,) = check_imports.unused_exceptions(tmp_path)
    assert "ops/basic.py does not import core" in complaint


@pytest.mark.parametrize(
    ("manifest", "refused"),
    [
        ('[dependencies]\nserde = "1"\n', None),
        ('[dependencies]\npyo3 = "0.30"\n', "pyo3"),
        ('[dependencies]\n"numpy" = { version = "0.30" }\n', "numpy"),
        ('[target.x.dependencies]\npyo3-ffi = "0.30"\n', "pyo3-ffi"),
        ('[dependencies.pyo3]\nversion = "0.30"\n', "pyo3"),
        ('# pyo3 = "0.30"\n[package]\nname = "numpy"\n', None),
    ],
)
def test_the_engine_may_not_know_of_python(manifest: str, refused: str | None) -> None:
    complaints = check_imports.check_engine(manifest)
    if refused is None:
        assert complaints == []
    else:
        assert complaints
        assert all(f"may not depend on {refused}." in complaint for complaint in complaints)
