"""Digits: training is that of the shown program, answers are those of the model."""

from __future__ import annotations

import numpy as np
import pytest

from tensorlet.playground.digits import KINDS, TEST_ROWS, Digits
from tensorlet.playground.errors import PlaygroundError
from tensorlet.playground.frames import decode


def trained(kind, epochs, rate=0.001):
    digits = Digits()
    commands = digits.commands()
    commands["configure"]({"kind": kind, "rows": 1000, "rate": rate, "seed": 3})
    commands["train"]({"epochs": epochs})
    while digits.training:
        digits._seconds_per_batch = 0.02  # three batches at a time, on any machine
        digits.advance()
    return digits


@pytest.mark.parametrize("kind", KINDS)
def test_the_shown_program_gives_the_same_weights(kind):
    digits = trained(kind, 1 if kind == "lenet" else 2)
    names: dict = {}
    program = digits.commands()["stop"]({})["program"].replace("import tensorflow", "import tensorlet")
    exec(program.replace('print("loss', "0 and print('loss").replace('accuracy:"', "accuracy:'"), names)
    assert all(map(np.array_equal, names["model"].get_weights(), digits._model.get_weights()))
    loss, accuracy = names["model"].evaluate(names["x_test"], names["y_test"], batch_size=500, verbose=0)
    assert (
        digits.records[-1][3:] == [pytest.approx(loss), pytest.approx(accuracy)]
        and len(names["x_test"]) == TEST_ROWS
    )


def test_answers_are_the_model_s(digit=4):
    digits = trained("regression", 3, rate=0.01)
    example = digits.commands()["example"]({"index": 0})
    pixels = bytes(example["pixels"])
    header, arrays = decode(digits.guess(pixels, digit))
    picture = np.frombuffer(pixels, "uint8").reshape(1, 28, 28)
    assert np.array_equal(arrays["probabilities"], digits._model.predict(picture, verbose=0)[0])
    # In softmax regression, the evidence of all pixels and the bias are the logit.
    kernel, bias = digits._model.get_weights()
    assert np.allclose(arrays["evidence"].ravel(), kernel[:, digit] * picture.ravel() / 255, atol=1e-6)
    assert arrays["evidence"].sum() + bias[digit] == pytest.approx(arrays["logits"][digit], abs=1e-4)
    assert header["guess"]["digit"] == digit
    assert (
        decode(digits.guess(pixels))[0]["guess"]["digit"]
        == arrays["probabilities"].argmax()
        == example["label"]
    )


def test_the_nearest_images_are_the_nearest():
    digits = Digits()
    digits.commands()["configure"]({"rows": 1000})
    (x, y), _ = digits._data
    header, arrays = decode(digits.guess(x[17].tobytes()))
    assert header["guess"]["distances"][0] == 0 and header["guess"]["labels"][0] == y[17]
    distance = np.linalg.norm((x.reshape(-1, 784).astype("float64") - x[17].ravel()) / 255, axis=1)
    assert np.allclose(header["guess"]["distances"], np.sort(distance)[:12], atol=0.01)
    assert np.array_equal(arrays["nearest"][0], x[17])


def test_filters_and_what_they_find():
    digits = Digits()
    digits.commands()["configure"]({"kind": "lenet", "rows": 1000})
    pictures = digits.commands()["pictures"]({})
    assert np.shape(pictures["pictures"]) == (6, 5, 5) and np.abs(pictures["pictures"]).max() == 127
    _, arrays = decode(digits.guess(bytes(784)))
    assert arrays["maps"].shape == (6, 28, 28) and not arrays["maps"].any()  # no ink, and biases of zero


@pytest.mark.parametrize(
    ("command", "given"),
    [
        ("configure", {"kind": "x"}), ("configure", {"rows": 5}), ("configure", {"rate": "fast"}),
        ("configure", {"seed": 1.5}), ("train", {"epochs": 0}), ("train", {"epochs": 10**9}),
    ],
)  # fmt: skip
def test_bad_settings_are_refused(command, given):
    with pytest.raises(PlaygroundError):
        Digits().commands()[command](given)
    digits = Digits()
    with pytest.raises(PlaygroundError):
        digits.guess(bytes(784))
    digits.commands()["configure"]({"rows": 1000})
    with pytest.raises(PlaygroundError):
        digits.guess(bytes(783))
