"""The exercises of lesson 8: Keras."""

from __future__ import annotations

import numpy as np

from tensorlet.datasets import mnist
from tensorlet.lessons.answers import (
    Exercise,
    Text,
    Verdict,
    array,
    call,
    function,
    number,
    predictions,
    right,
    wrong,
)  # fmt: skip

WANTED_ACCURACY = 0.975


def _check_parameters(answer: object) -> Verdict:
    value = number(answer)
    if value == 784 * 128 + 128 + 128 * 10 + 10:
        return right("가중치와 편향을 모두 셌습니다.", "That counts all weights and all biases.")
    if value == 784 * 128 + 128 * 10:
        return wrong("편향을 빠뜨렸습니다.", "The biases are missing.")
    return wrong(
        f"{value:,.0f}개가 아닙니다. 층마다 입력 x 출력 + 출력입니다.",
        f"It is not {value:,.0f}. Each layer has inputs x outputs + outputs.",
    )


def _check_model(answer: object) -> Verdict:
    _, (pictures, labels) = mnist.load_data()
    accuracy = float(np.mean(predictions(answer, (pictures / 255).astype("float32"), 10) == labels))
    if accuracy >= WANTED_ACCURACY:
        return right(f"시험 정확도가 {accuracy:.4f}입니다.", f"The test accuracy is {accuracy:.4f}.")
    return wrong(
        f"시험 정확도가 {accuracy:.4f}입니다. {WANTED_ACCURACY} 이상이어야 합니다.",
        f"The test accuracy is {accuracy:.4f}. It should be {WANTED_ACCURACY} or more.",
    )


def _check_confused(answer: object) -> Verdict:
    student = function(answer)
    matrices = (
        np.array([[50, 2, 1], [0, 40, 9], [3, 4, 60]]),
        np.array([[5, 0, 7, 1], [2, 90, 0, 0], [1, 3, 8, 2], [0, 6, 1, 4]]),
    )
    for matrix in matrices:
        wrong_ones = matrix - np.diag(np.diag(matrix))
        wanted = np.unravel_index(wrong_ones.argmax(), matrix.shape)
        before = matrix.copy()
        given = tuple(array(call(student, before), (2,)).astype(int).tolist())
        if not np.array_equal(before, matrix):
            return wrong(
                "행렬을 바꾸어 버립니다. 복사본에서 계산하세요.", "It changes the matrix. Work on a copy."
            )
        if given == tuple(reversed(wanted)) and given != tuple(wanted):
            return wrong(
                "순서가 반대입니다. 행이 실제입니다.", "The order is reversed: rows are the true classes."
            )
        if given != tuple(int(one) for one in wanted):
            return wrong(
                f"행렬 {matrix.tolist()}에서 {given}을(를) 돌려줍니다.",
                f"For the matrix {matrix.tolist()} it returns {given}.",
            )
    return right("대각선을 빼고 가장 큰 곳입니다.", "It is the largest number off the diagonal.")


EXERCISES = {
    "8a": Exercise(
        _check_parameters,
        (
            Text("층마다 따로 세어 더하세요.", "Count each layer by itself, and add up."),
            Text("첫 층은 784 x 128 + 128개입니다.", "The first layer has 784 x 128 + 128."),
        ),
    ),
    "8b": Exercise(
        _check_model,
        (
            Text(
                "은닉층이 없는 모델은 93 %쯤에서 멈춥니다.",
                "Without a hidden layer, a model stops at about 93 %.",
            ),
            Text(
                "은닉층을 128개 이상으로 늘리고 10에포크 학습시켜 보세요.",
                "Give the hidden layer 128 units or more, and train for 10 epochs.",
            ),
            Text(
                "`deeper`의 64를 256으로 바꾸고 `epochs=10`으로 학습시켜 보세요.",
                "Change the 64 of `deeper` to 256, and train with `epochs=10`.",
            ),
        ),
    ),
    "8c": Exercise(
        _check_confused,
        (
            Text(
                "복사한 다음 `np.fill_diagonal`로 대각선을 0으로 만드세요.",
                "Make a copy, and set its diagonal to 0 with `np.fill_diagonal`.",
            ),
            Text(
                "`argmax`는 펼친 배열의 위치를 줍니다. `np.unravel_index`가 행과 열로 바꾸어 줍니다.",
                "`argmax` gives a position in the flattened array; `np.unravel_index` turns it into row and column.",
            ),
        ),
    ),
}
