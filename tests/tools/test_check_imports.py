"""The check of imports finds circles, wrong directions and late imports, and only those."""

from __future__ import annotations

from pathlib import Path

import pytest

import check_imports
from check_imports import Source, check_circles, check_late_imports, check_rooms


@pytest.fixture(autouse=True)
def _rooms(monkeypatch: pytest.MonkeyPatch) -> None:
    """A small house, so that these tests do not change with the real one."""
    rooms = {
        "tensorlet": (
            ("errors",),
            ("ops",),
            ("core",),
            ("datasets", "preprocessing"),
            ("__init__",),
            ("demo",),
        ),
        "tensorlet.ops": (("registry",), ("basic",)),
    }
    monkeypatch.setattr(check_imports, "ROOMS", rooms)
    monkeypatch.setattr(check_imports, "LATE_IMPORTS", {})


def package_with(folder: Path, **files: str) -> dict[str, Source]:
    """A ``tensorlet`` package with one module a keyword: ``ops__basic="..."`` makes ``ops/basic.py``."""
    for name, text in files.items():
        file = folder / "tensorlet" / (name.replace("__", "/").replace("INIT", "__init__") + ".py")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    return check_imports.read_package(folder)


def test_imports_that_point_downwards_pass(tmp_path: Path) -> None:
    sources = package_with(
        tmp_path,
        errors="import difflib\n",
        ops__registry="from tensorlet.errors import near_names\n",
        ops__basic="import numpy\nfrom .. import errors\nfrom . import registry\n",
        core__tensor="import tensorlet.ops.registry\n",
        demo__program="import tensorlet as tf\n",
    )
    assert check_rooms(sources) == []
    assert check_circles(sources) == []
    assert check_late_imports(sources) == []


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
def test_every_form_of_import_that_points_upwards_is_found(tmp_path: Path, statement: str) -> None:
    sources = package_with(tmp_path, ops__basic=statement + "\n", core__tensor="", core__INIT="")
    (complaint,) = check_rooms(sources)
    assert complaint.startswith("tensorlet/ops/basic.py:")
    assert "ops must not import core, which is above it" in complaint


def test_imports_for_type_checkers_do_not_count(tmp_path: Path) -> None:
    text = "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from tensorlet.core import tensor\n"
    assert check_rooms(package_with(tmp_path, ops__basic=text, core__tensor="")) == []


def test_the_parts_of_a_room_have_an_order_too(tmp_path: Path) -> None:
    sources = package_with(tmp_path, ops__registry="from tensorlet.ops import basic\n", ops__basic="")
    (complaint,) = check_rooms(sources)
    assert complaint.startswith(
        "tensorlet/ops/registry.py:1: registry must not import basic, which is above it"
    )


def test_rooms_side_by_side_may_not_import_each_other(tmp_path: Path) -> None:
    sources = package_with(
        tmp_path, datasets__mnist="from tensorlet import preprocessing\n", preprocessing=""
    )
    (complaint,) = check_rooms(sources)
    assert "datasets must not import preprocessing, which is beside it" in complaint


def test_lower_rooms_may_not_import_the_whole_package(tmp_path: Path) -> None:
    (complaint,) = check_rooms(package_with(tmp_path, core__tensor="import tensorlet as tf\n"))
    assert complaint.startswith("tensorlet/core/tensor.py:1: core must not import __init__")


def test_a_room_without_a_place_is_named(tmp_path: Path) -> None:
    (complaint,) = check_rooms(package_with(tmp_path, attic__box=""))
    assert complaint.startswith("tensorlet/attic has no place in the order of tensorlet.")


def test_a_circle_is_found_however_it_is_closed(tmp_path: Path) -> None:
    sources = package_with(
        tmp_path,
        ops__a="from tensorlet.ops import b\n",
        ops__b="from tensorlet.ops.c import thing\n",
        ops__c="def late():\n    import tensorlet.ops.a\n",
        ops__d="from tensorlet.ops import a\n",
    )
    (complaint,) = check_circles(sources)
    assert complaint.startswith(
        "3 files import one another in a circle: tensorlet.ops.a, tensorlet.ops.b, tensorlet.ops.c."
    )


def test_late_imports_need_a_reason_and_reasons_an_import(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sources = package_with(
        tmp_path, core__save="def save():\n    import h5py\n", core__tensor="import numpy\n"
    )
    (complaint,) = check_late_imports(sources)
    assert complaint.startswith("tensorlet/core/save.py:2: h5py is imported inside a function.")
    for key in (("core/save.py", "h5py"), ("core", "h5py"), ("*", "h5py")):
        monkeypatch.setattr(check_imports, "LATE_IMPORTS", {key: "only those who save need it"})
        assert check_late_imports(sources) == []
    monkeypatch.setattr(check_imports, "LATE_IMPORTS", {("*", "h5py"): "", ("*", "PIL"): ""})
    (complaint,) = check_late_imports(sources)
    assert complaint == "LATE_IMPORTS: the reason for ('*', 'PIL') is not needed. Remove it."


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
    assert len(complaints) == (0 if refused is None else 1)
    assert all(
        f"must not depend on Python, and so not on {refused}." in complaint for complaint in complaints
    )
