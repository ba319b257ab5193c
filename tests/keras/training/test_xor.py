"""XOR from 50 seeds: learned as often as by real Keras, within the statistical error."""

from __future__ import annotations

import json
import math

import numpy as np
from golden_files import GOLDEN_FOLDER
from xor_case import EPOCHS, SEEDS, learned

import tensorlet as tf

GOLDEN = json.loads((GOLDEN_FOLDER / "keras_xor.json").read_text(encoding="utf-8"))


def test_xor_is_learned_as_often_as_by_keras() -> None:
    """Two shares of 50 tries each differ by chance by less than 1.96 standard errors in 95 of 100 cases.

    The standard error is that of the difference of two proportions with their pooled share p,
    ``sqrt(2 p (1 - p) / 50)``. The losses at the end are compared as well: their means, by the same measure.
    """
    assert (GOLDEN["seeds"], GOLDEN["epochs"]) == (SEEDS, EPOCHS)
    results = [learned(tf.keras, seed) for seed in range(SEEDS)]
    successes = sum(success for success, _ in results)
    pooled = (successes + GOLDEN["successes"]) / (2 * SEEDS)
    error = math.sqrt(2 * pooled * (1 - pooled) / SEEDS)
    assert abs(successes - GOLDEN["successes"]) / SEEDS < 1.96 * error
    losses, theirs = np.array([loss for _, loss in results]), np.array(GOLDEN["losses"])
    error = math.sqrt((losses.var(ddof=1) + theirs.var(ddof=1)) / SEEDS)
    assert abs(losses.mean() - theirs.mean()) < 1.96 * error
