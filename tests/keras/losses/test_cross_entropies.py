"""Cross-entropies behind every kind of last layer, eagerly, traced and in `fit`, against TensorFlow 2.15."""

from __future__ import annotations

import json

import cross_entropy_cases as cases
import numpy as np
import pytest
from golden_files import GOLDEN_FOLDER

import tensorlet as tf

GOLDEN = json.loads((GOLDEN_FOLDER / "cross_entropies.json").read_text(encoding="utf-8"))


@pytest.mark.filterwarnings("ignore:The last layer")
@pytest.mark.parametrize(
    ("key", "ending", "loss", "from_logits"), [pytest.param(*case, id=case[0]) for case in cases.cases()]
)
def test_cross_entropies_are_those_of_tensorflow(key: str, ending: str, loss: str, from_logits: bool) -> None:
    found = cases.results(tf, ending, loss, from_logits)
    for how, expected in GOLDEN["models"][key].items():
        np.testing.assert_allclose(found[how], expected, rtol=5e-5, atol=5e-6, err_msg=how)


def test_rows_of_probabilities_are_clipped_before_they_are_normalized() -> None:
    loss = tf.keras.losses.SparseCategoricalCrossentropy(reduction="none")
    np.testing.assert_allclose(loss(cases.LABELS, cases.UNSCALED), GOLDEN["unscaled"], rtol=2e-5, atol=2e-6)
