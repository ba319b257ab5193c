"""Models are trained and used as in real Keras 2; and what `fit` does that has no golden numbers."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
from golden_files import GOLDEN_FOLDER

import tensorlet as tf

GOLDEN = GOLDEN_FOLDER

from fit_cases import CASES, WEIGHT, X, Y, classifier, plain  # noqa: E402

EXPECTED: dict[str, Any] = json.loads((GOLDEN / "fit.json").read_text(encoding="utf-8"))
QUIET: dict[str, Any] = {"shuffle": False, "verbose": 0}


def differences(found: Any, expected: Any, place: str = "") -> list[str]:
    """Where two results differ: numbers by more than 1e-4 of their size."""
    if isinstance(expected, dict):
        if not isinstance(found, dict) or list(found) != list(expected):
            return [f"{place}: {found}, expected the keys {list(expected)}"]
        return [one for key in expected for one in differences(found[key], expected[key], f"{place}/{key}")]
    if isinstance(expected, list):
        if not isinstance(found, list) or len(found) != len(expected):
            return [f"{place}: {found}, expected {expected}"]
        pairs = enumerate(zip(found, expected, strict=True))
        return [
            one for index, (mine, theirs) in pairs for one in differences(mine, theirs, f"{place}[{index}]")
        ]
    if isinstance(expected, float) and isinstance(found, float):
        same = abs(found - expected) <= 1e-4 * abs(expected) + 1e-6
    else:
        same = found == expected
    return [] if same else [f"{place}: {found}, expected {expected}"]


@pytest.mark.parametrize("name", CASES)
def test_as_in_keras(name: str) -> None:
    tf.keras.backend.clear_session()
    found = json.loads(json.dumps(plain(CASES[name](tf, tf.keras))))
    assert differences(found, EXPECTED[name]) == []


def test_weights_of_classes_and_rows_are_multiplied() -> None:
    both, product = classifier(tf.keras), classifier(tf.keras)
    factors = np.array([1.0, 4.0, 0.5], np.float32)
    settings = {"batch_size": 8, "epochs": 2, **QUIET}
    found = both.fit(X, Y, class_weight=dict(enumerate(factors)), sample_weight=WEIGHT, **settings).history
    assert found == product.fit(X, Y, sample_weight=factors[Y] * WEIGHT, **settings).history


def test_predict_takes_some_steps_also_when_it_has_seen_the_shape_before() -> None:
    model = classifier(tf.keras)
    assert model.predict(X, verbose=0).shape == (30, 3)
    assert model.predict(X, batch_size=4, steps=2, verbose=0).shape == (8, 3)


def test_shuffled_rows_follow_the_seed_and_are_all_seen() -> None:
    seen = []

    class Watcher(tf.keras.callbacks.Callback):
        def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
            seen.append(logs["loss"])

    def train() -> list[np.ndarray]:
        tf.keras.utils.set_random_seed(3)
        model = classifier(tf.keras)
        model.fit(X, Y, batch_size=8, epochs=3, verbose=0, callbacks=[Watcher()])
        return model.get_weights()

    for mine, theirs in zip(train(), train(), strict=True):
        assert (mine == theirs).all()
    assert seen[:3] == seen[3:]
    still = classifier(tf.keras)
    still.compile(tf.keras.optimizers.SGD(0.0), "sparse_categorical_crossentropy")
    losses = still.fit(X, Y, batch_size=8, epochs=2, verbose=0).history["loss"]
    np.testing.assert_allclose(losses, still.evaluate(X, Y, verbose=0), rtol=1e-6)


@pytest.mark.parametrize(
    ("use", "text"),
    [
        (lambda model: model.fit(X, Y[:5]), "5 rows"),
        (lambda model: model.fit(X[:0], Y[:0]), "no rows"),
        (lambda model: model.fit(X, Y, batch_size=0), "batch_size is 0"),
        (lambda model: model.fit(X, Y, batch_size=2.5), "batch_size is 2.5"),
        (lambda model: model.fit(X, Y, validation_split=1.5), "validation_split=1.5"),
        (lambda model: model.fit(X, Y, validation_data=(X, Y, WEIGHT, Y)), "4 parts"),
        (lambda model: model.fit(3.0, Y), "a scalar"),
        (lambda model: model.fit(X.astype(str), Y), "numbers"),
        (lambda model: model.predict(X[:0], verbose=0), "no rows"),
        (lambda model: tf.keras.Sequential([tf.keras.layers.Dense(1)]).fit(X, Y), "compile"),
        (lambda model: model.train_on_batch(iter([(X, Y)])), "arrays of one batch"),
    ],
)
def test_mistakes(use: Any, text: str) -> None:
    with pytest.raises(ValueError, match=text):
        use(classifier(tf.keras))


def test_an_argument_that_does_not_exist() -> None:
    with pytest.raises(TypeError, match="validation_split"):
        classifier(tf.keras).fit(X, Y, epoch=3)
