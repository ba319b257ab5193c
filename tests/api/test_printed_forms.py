"""Tensors, variables, shapes and element types print as TensorFlow prints them.

``golden/printed_forms.json`` holds expressions and what real TensorFlow made of each; it was made by
``golden/make_printed_forms.py``.
"""

from __future__ import annotations

import json

import numpy as np
import pytest
from golden_files import GOLDEN_FOLDER

import tensorlet as tf

GOLDEN = json.loads((GOLDEN_FOLDER / "printed_forms.json").read_text(encoding="utf-8"))

# How an array prints is NumPy's business, and older versions print long and empty ones differently.
needs_recent_numpy = pytest.mark.skipif(
    tuple(int(part) for part in np.__version__.split(".")[:2]) < (2, 2),
    reason="the printed forms were made with NumPy 2.2 or later; an older NumPy prints arrays differently",
)


def test_the_list_is_complete() -> None:
    assert len(GOLDEN["forms"]) >= 140


@needs_recent_numpy
@pytest.mark.parametrize(
    ("expression", "expected"), GOLDEN["forms"], ids=[form[0] for form in GOLDEN["forms"]]
)
def test_printed_form(expression: str, expected: str) -> None:
    assert eval(expression, {"tf": tf, "np": np}) == expected
