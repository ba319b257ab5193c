"""Files that real Keras 2 and Keras 3 wrote: the same predictions, and the same training from there on."""

from __future__ import annotations

import json
import warnings
from typing import Any

import numpy as np
import pytest
import saved_model_cases as cases
from golden_files import GOLDEN_FOLDER

import tensorlet as tf

FOLDER = GOLDEN_FOLDER / "files" / "models"
KNOWN = json.loads((FOLDER / "known.json").read_text(encoding="utf-8"))
WHOLE = [
    f"{dialect}_{case}.{ending}"
    for dialect in ("keras2", "keras3")
    for case in ("sequential", "functional")
    for ending in ("h5", "keras")
]


def case_of(name: str) -> str:
    return "sequential" if "before" in name else name.split(".")[0].split("_")[1]


def assert_outputs(model: Any, case: str, expected: list[Any], tolerance: float = 1e-6) -> None:
    for found, wanted in zip(cases.outputs(model, case), expected, strict=True):
        np.testing.assert_allclose(found, wanted, atol=tolerance)


@pytest.mark.parametrize("name", [*WHOLE, "keras2_before_2_11.h5"])
def test_a_whole_model_goes_on_where_it_was(name: str) -> None:
    known, case = KNOWN[name.split(".")[0]], case_of(name)
    model = tf.keras.models.load_model(FOLDER / name)
    assert_outputs(model, case, known["outputs"])
    assert int(model.optimizer.iterations) == known["step"]
    cases.train(model, case, 2)
    assert_outputs(model, case, known["after"], 3e-6)


@pytest.mark.parametrize("dialect", ["keras2", "keras3"])
@pytest.mark.parametrize("case", list(cases.CASES))
def test_weights_go_into_a_new_model(dialect: str, case: str) -> None:
    known = KNOWN[f"{dialect}_{case}"]
    model = cases.CASES[case](tf.keras)
    model.load_weights(FOLDER / f"{dialect}_{case}.weights.h5")
    assert_outputs(model, case, known["outputs"])
    # The optimizer's state is in the file as well.
    assert int(model.optimizer.iterations) == known["step"]
    cases.train(model, case, 2)
    assert_outputs(model, case, known["after"], 3e-6)


@pytest.mark.parametrize("name", ["keras2_weights.h5", "keras2_before_2_11.h5"])
def test_weights_of_the_older_kind(name: str) -> None:
    model = cases.sequential(tf.keras)
    model.load_weights(FOLDER / name)
    assert_outputs(model, "sequential", KNOWN["keras2_before_2_11"]["outputs"])


def test_weights_out_of_a_whole_model() -> None:
    for name in ("keras2_sequential.h5", "keras3_sequential.keras"):
        model = cases.sequential(tf.keras)
        model.load_weights(FOLDER / name)
        assert_outputs(model, "sequential", KNOWN[name.split(".")[0]]["outputs"])


@pytest.mark.parametrize("name", WHOLE)
def test_what_compile_was_given_comes_back(name: str) -> None:
    case = case_of(name)
    model = tf.keras.models.load_model(FOLDER / name)
    x, y = cases.data(case)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        logs = model.evaluate(x, y, batch_size=4, verbose=0, return_dict=True)
    if case == "sequential":
        assert list(logs) == ["loss", "accuracy"]
        assert float(model.optimizer.learning_rate) == np.float32(0.02)
        return
    assert set(logs) == {"loss", "price_loss", "kind_loss", "price_mae", "kind_accuracy"}
    total = logs["price_loss"] + 0.5 * logs["kind_loss"] + float(model.losses[0])
    assert logs["loss"] == pytest.approx(total, rel=1e-5)
    assert type(model.optimizer.learning_rate).__name__ == "ExponentialDecay"
    assert model.optimizer.momentum == 0.9


def test_without_compile_there_is_no_optimizer() -> None:
    model = tf.keras.models.load_model(FOLDER / "keras3_sequential.keras", compile=False)
    assert model.optimizer is None
    with pytest.raises(ValueError, match="has not been compiled"):
        model.evaluate(*cases.data("sequential"), verbose=0)
