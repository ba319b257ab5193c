"""The tool that writes the index of registered names."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest

TOOL = Path(__file__).resolve().parents[2] / "tools" / "make_index.py"


@pytest.fixture(scope="module")
def make_index() -> ModuleType:
    """The tool as a module."""
    spec = importlib.util.spec_from_file_location("make_index", TOOL)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["make_index"] = module
    spec.loader.exec_module(module)
    return module


def package(folder: Path, **files: str) -> Path:
    """A folder with a package ``tensorlet`` of these modules."""
    (folder / "tensorlet").mkdir()
    for name, source in files.items():
        (folder / "tensorlet" / f"{name}.py").write_text(source, encoding="utf-8")
    return folder


def test_the_index_of_this_checkout_is_up_to_date(make_index: ModuleType) -> None:
    assert make_index.main(["--check"]) == 0


def test_every_registered_thing_is_in_it(make_index: ModuleType, tmp_path: Path) -> None:
    folder = package(
        tmp_path,
        shapes='@register("layer")\nclass Square: ...\n\n@register("loss", "a", "b")\n@other\ndef area(): ...\n',
        nothing="def register(): ...\n",
    )
    assert make_index.main([str(folder)]) == 0
    scope: dict[str, object] = {}
    exec((folder / "tensorlet" / "_index.py").read_text(encoding="utf-8"), scope)
    assert scope["INDEX"] == {
        "layer": {"tensorlet.shapes": {"Square": "Square"}},
        "loss": {"tensorlet.shapes": {"area": "a b"}},
    }
    assert make_index.main([str(folder), "--check"]) == 0


def test_an_index_that_is_out_of_date_is_reported(
    make_index: ModuleType, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = package(tmp_path, shapes='@register("layer")\nclass Square: ...\n', _index="")
    assert make_index.main([str(folder), "--check"]) == 1
    assert "is out of date. Run: python tools/make_index.py" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("source", "message"),
    [
        (
            "@register(KIND)\nclass Square: ...\n",
            "tensorlet.shapes, line 1: @register takes string literals only",
        ),
        (
            '@register("loss", "a")\ndef one(): ...\n',
            "tensorlet.other and tensorlet.shapes both register the loss 'a'",
        ),
    ],
)
def test_wrong_registrations_are_refused(
    make_index: ModuleType, tmp_path: Path, capsys: pytest.CaptureFixture[str], source: str, message: str
) -> None:
    folder = package(tmp_path, shapes=source, other='@register("loss", "a")\ndef two(): ...\n')
    assert make_index.main([str(folder)]) == 1
    assert message in capsys.readouterr().out
