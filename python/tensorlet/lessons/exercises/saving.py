"""The exercises of lesson 9: saving and restoring."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np

import tensorlet as tf
from tensorlet.datasets import mnist
from tensorlet.lessons.answers import Exercise, Text, Verdict, call, function, predictions, right, wrong

WANTED_ACCURACY = 0.9


def _check_file(answer: object) -> Verdict:
    if not isinstance(answer, (str, os.PathLike)):
        return wrong(
            f"파일의 경로(문자열)가 필요한데 {type(answer).__name__}을(를) 받았습니다.",
            f"The path of a file is needed, but this is of type {type(answer).__name__}.",
        )
    path = Path(answer)
    if not path.exists():
        return wrong(f"{path} 파일이 없습니다.", f"There is no file {path}.")
    try:
        model = tf.keras.models.load_model(path)
    except Exception as error:
        return wrong(
            f"모델로 불러올 수 없습니다. {type(error).__name__}: {str(error)[:200]}",
            f"It cannot be loaded as a model. {type(error).__name__}: {str(error)[:200]}",
        )
    _, (pictures, labels) = mnist.load_data()
    rows = (pictures / 255).astype("float32")
    if model.input_shape == (None, 784):
        rows = rows.reshape(-1, 784)
    accuracy = float(np.mean(predictions(model, rows, 10) == labels))
    if accuracy >= WANTED_ACCURACY:
        return right(
            f"불러온 모델의 시험 정확도가 {accuracy:.3f}입니다.",
            f"The loaded model's test accuracy is {accuracy:.3f}.",
        )
    return wrong(
        f"불러왔지만 시험 정확도가 {accuracy:.3f}입니다. 학습한 다음에 저장했나요?",
        f"It can be loaded, but its test accuracy is {accuracy:.3f}. Was it saved after the training?",
    )


def _small_model(seed: int) -> tf.keras.Model:
    tf.keras.utils.set_random_seed(seed)
    return tf.keras.Sequential(
        [
            tf.keras.layers.Dense(4, activation="tanh", input_shape=(3,)),
            tf.keras.layers.Dense(2, bias_initializer="ones"),
        ]
    )


def _check_copy(answer: object) -> Verdict:
    student = function(answer)
    source, target = _small_model(1), _small_model(2)
    before = [np.array(one) for one in source.get_weights()]
    result = call(student, source, target)
    if not all(np.array_equal(a, b) for a, b in zip(before, source.get_weights(), strict=True)):
        return wrong(
            "source가 바뀌었습니다. 방향이 반대입니다.", "It changes the source: the direction is wrong."
        )
    if not all(np.array_equal(a, b) for a, b in zip(before, target.get_weights(), strict=True)):
        return wrong(
            "target의 가중치가 source와 다릅니다.",
            "The weights of the target differ from those of the source.",
        )
    if result is source:
        return wrong(
            "source를 돌려주었습니다. target이 필요합니다.",
            "It returns the source. It should return the target.",
        )
    source.set_weights([2 * one for one in before])
    if not all(np.array_equal(a, b) for a, b in zip(before, target.get_weights(), strict=True)):
        return wrong(
            "복사가 아니라 같은 변수를 함께 씁니다.",
            "The models share their weights instead of having copies.",
        )
    return right("파일 없이도 복사했습니다.", "Copied, without a file.")


EXERCISES = {
    "9a": Exercise(
        _check_file,
        (
            Text("위의 `build()`를 그대로 쓸 수 있습니다.", "You can use `build()` from above."),
            Text(
                '`fit` 다음에 `model.save("my.keras")`를 부르고, 답으로 `"my.keras"`를 쓰세요.',
                'Call `model.save("my.keras")` after `fit`, and answer `"my.keras"`.',
            ),
        ),
    ),
    "9b": Exercise(
        _check_copy,
        (
            Text(
                "모델에는 가중치를 읽는 메서드와 넣는 메서드가 있습니다.",
                "A model has a method that gives its weights, and one that takes them.",
            ),
            Text("`get_weights`와 `set_weights`입니다.", "They are `get_weights` and `set_weights`."),
        ),
    ),
}
