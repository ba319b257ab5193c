"""Formulas are parsed by hand: what is not a formula is refused, and nothing of it runs."""

from __future__ import annotations

import numpy as np
import pytest

from tensorlet.playground.errors import PlaygroundError
from tensorlet.playground.formulas import numpy_source, parse, truth_of

X, Y = (part.ravel() for part in np.meshgrid(np.linspace(-1, 1, 21), np.linspace(-1, 1, 21)))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("x < y", X < Y),
        ("x*x + y*y < 0.5", X * X + Y * Y < 0.5),
        ("-x^2 >= -y**2/4", -(X**2) >= -(Y**2) / 4),
        ("2^-1 < x", X > 0.5),
        ("2^3^1 > 7", np.full(X.shape, True)),
        (
            "r < 0.7 and t > pi/4 or x > 0.9",
            ((np.hypot(X, Y) < 0.7) & (np.arctan2(Y, X) > np.pi / 4)) | (X > 0.9),
        ),
        ("not (x > 0 or y > 0)", ~((X > 0) | (Y > 0))),
        ("max(abs(x), abs(y)) <= sin(pi/6) + 1e-9", np.maximum(abs(X), abs(Y)) <= 0.5 + 1e-9),
        ("log(x) < 0", np.where(X > 0, np.log(np.where(X > 0, X, 1)) < 0, X == 0)),
        ("9^9^9^9 > x", np.full(X.shape, True)),
        ("1 - 2 - 3 < -3.5", np.full(X.shape, True)),
        ("8/4/2 < 1.5", np.full(X.shape, True)),
    ],
)
def test_values_and_shown_source(text, expected):
    tree = parse(text)
    assert np.array_equal(truth_of(tree, X, Y), expected)
    with np.errstate(all="ignore"):
        shown = eval(numpy_source(tree), {"np": np, "x": X, "y": Y})
    assert np.array_equal(np.broadcast_to(shown, X.shape), expected)


@pytest.mark.parametrize(
    "text",
    [
        "", "x", "x +", "x < ", "x < y < 1", "(x < y", "x < y)", "x y < 1", "sin x > 0", "sin(x, y) > 0", "max(x) > 0",
        "import os", "__import__('os')", "x.real > 0", "x[0] > 0", "lambda: 1", "open(x) > 0", "x; y", "x < 'a'",
        "(x < y) + 1 > 0", "not x", "x and y", "x > 0 and y", "exec(x) > 0", "x\x00 < 1", "x = 1", "1e999999 if x",
        "-(x<y) < 1", "sin(x<y) > 0", "x < y" * 50, "(" * 60 + "x" + ")" * 60 + " < 1", "-" * 100 + "x < 1",
        "not " * 45 + "x < 1", "x < 1 # comment", "x < 1\\", "${x} < 1", "ｘ < 1", "é < 1",
    ],
)  # fmt: skip
def test_what_is_not_a_formula_is_refused(text):
    with pytest.raises(PlaygroundError) as error:
        parse(text)
    assert error.value.code.startswith("formula_")
