"""The registry that backends, layers, losses and the others share."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tensorlet.errors import InvalidArgumentError
from tensorlet.registry import Registry


def test_a_function_is_found_by_its_own_name() -> None:
    shapes = Registry("shape")

    @shapes.register()
    def square() -> int:
        return 4

    assert shapes.find("square") is square
    assert "square" in shapes and "circle" not in shapes
    assert list(shapes) == ["square"]


def test_the_last_one_of_a_name_counts() -> None:
    shapes: Registry[int] = Registry("shape")
    shapes.add(1, "one")
    shapes.add(2, "one")
    assert shapes.find("one") == 2


def test_a_module_of_the_index_is_imported_when_its_name_is_asked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "late_shapes.py").write_text("from early_shapes import SHAPES\nSHAPES.add(3, 'triangle')\n")
    (tmp_path / "early_shapes.py").write_text(
        "from tensorlet.registry import Registry\nSHAPES = Registry('shape', {'triangle': 'late_shapes'})\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    from early_shapes import SHAPES

    assert SHAPES.names() == ["triangle"]
    assert "late_shapes" not in sys.modules
    assert SHAPES.find("triangle") == 3


def test_an_unknown_name_lists_the_known_ones() -> None:
    shapes: Registry[int] = Registry("shape")
    shapes.add(4, "square")
    with pytest.raises(
        InvalidArgumentError,
        match=r"^There is no shape named 'sqare'\. Did you mean 'square'\? Known names: square\.$",
    ):
        shapes.find("sqare")
