"""Fifty random programs record what the real Keras 2.15 recorded; and what would go wrong is noticed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from comparison import difference
from explained import explanation
from support import run

import tensorlet as tf
from programs import program

GOLDEN = json.loads((Path(__file__).parents[1] / "golden" / "random_programs.json").read_text())


@pytest.mark.parametrize("case", GOLDEN, ids=lambda case: str(case["seed"]))
def test_a_program_records_what_keras_records(case: dict[str, Any]) -> None:
    found = run(case["program"], tf, tf.keras)
    assert difference(found, {"records": case["records"], "error": None}) == ""


def test_programs_follow_from_their_seeds() -> None:
    texts = [program(seed) for seed in range(60)]
    assert texts == [program(seed) for seed in range(60)]
    assert len(set(texts)) == 60
    for text in texts:
        compile(text, "<program>", "exec")


def test_differences_are_found() -> None:
    def outcome(*records: tuple[str, Any], error: Any = None) -> dict[str, Any]:
        return {"records": [list(record) for record in records], "error": error}

    loss = outcome(("history", {"loss": [1.0, 0.5], "mae": [1.0, 1.0]}))
    assert difference(loss, loss) == ""
    assert difference(loss, outcome(("history", {"loss": [1.0, 0.50001], "mae": [1.0, 1.0]}))) == ""
    for other in (
        outcome(("history", {"loss": [1.0, 0.51], "mae": [1.0, 1.0]})),
        outcome(("history", {"loss": [1.0], "mae": [1.0, 1.0]})),
        outcome(("history", {"mae": [1.0, 1.0], "loss": [1.0, 0.5]})),
        outcome(("history", {"loss": [1.0, "nan"], "mae": [1.0, 1.0]})),
        outcome(("predict", {"loss": [1.0, 0.5], "mae": [1.0, 1.0]})),
        outcome(
            *[tuple(record) for record in loss["records"]], error={"line": 3, "type": "A", "message": ""}
        ),
    ):
        where = difference(loss, other)
        assert where
        assert not explanation("keras2", "model.fit(x, y)", where, loss, other)
    swapped = outcome(("history", {"mae": [1.0, 1.0], "loss": [1.0, 0.5]}))
    assert difference(loss, swapped, names_in_order=False) == ""


def test_an_error_has_its_line() -> None:
    found = run("record('a', 1)\n\nraise ValueError('why')", tf, tf.keras)
    assert found["records"] == [["a", 1.0]]
    assert found["error"] == {"line": 3, "type": "ValueError", "message": "why"}
