"""The examples in the docstrings of operations run, and every public operation has one."""

from __future__ import annotations

import doctest
import importlib
import inspect
from pathlib import Path

import pytest

import tensorlet
from tensorlet import ops

MODULES = sorted(path.stem for path in (Path(tensorlet.__file__).parent / "ops").glob("*.py"))
PUBLIC = sorted(name for name, value in vars(ops).items() if inspect.isfunction(value) and name[0] != "_")
PUBLIC_RANDOM = sorted(
    name for name, value in vars(ops.random).items() if inspect.isfunction(value) and name[0] != "_"
)
#: What `tensor[key]` calls; it has no public name.
HELPERS = {"convert", "interpreter", "shape_vector", "static_integer"}


@pytest.mark.parametrize("module", MODULES)
def test_examples_run(module: str) -> None:
    outcome = doctest.testmod(importlib.import_module(f"tensorlet.ops.{module}"))
    assert outcome.failed == 0


@pytest.mark.parametrize(
    "name", [*PUBLIC, *(f"random.{name}" for name in PUBLIC_RANDOM if name not in HELPERS)]
)
def test_every_public_operation_has_an_example(name: str) -> None:
    function = ops
    for part in name.split("."):
        function = getattr(function, part)
    assert ">>>" in (function.__doc__ or ""), f"{name} in {inspect.getsourcefile(function)} has no example"
