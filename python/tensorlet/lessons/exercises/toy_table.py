"""The exercises of lesson 3: the toy table."""

from __future__ import annotations

import numpy as np

from tensorlet.lessons.answers import (
    Exercise,
    Text,
    Verdict,
    array,
    call,
    function,
    number,
    pair,
    right,
    shown,
    wrong,
)

#: Hours of sun a day and waterings a week of twelve plants, as in the lesson.
SUN_AND_WATER = np.array(
    [
        [8.0, 0.5], [9.0, 1.0], [7.0, 0.0], [6.5, 1.0],
        [2.0, 3.0], [1.0, 4.0], [3.0, 5.0], [2.5, 2.5],
        [7.0, 5.0], [8.5, 6.0], [6.0, 4.0], [9.0, 4.5],
    ]
)  # fmt: skip
KINDS = np.repeat([0, 1, 2], 4)
WANTED_LOSS = 0.005


def _check_training(answer: object) -> Verdict:
    weights, bias = pair(answer, Text("W, b", "W, b"))
    scores = SUN_AND_WATER @ array(weights, (2, 3)) + array(bias, (3,))
    scores -= scores.max(axis=1, keepdims=True)
    losses = np.log(np.exp(scores).sum(axis=1)) - scores[np.arange(12), KINDS]
    if losses.mean() < WANTED_LOSS:
        return right(f"손실이 {losses.mean():.4f}입니다.", f"The loss is {losses.mean():.4f}.")
    return wrong(
        f"손실이 {losses.mean():.4f}입니다. {WANTED_LOSS}보다 작아야 합니다.",
        f"The loss is {losses.mean():.4f}. It should be below {WANTED_LOSS}.",
    )


def _check_bias_gradient(answer: object) -> Verdict:
    given = array(answer).ravel()
    if given.shape != (3,):
        return wrong("숫자 세 개가 필요합니다.", "Three numbers are needed.")
    if np.abs(given).max() < 1e-4:
        return right(
            "클래스마다 화분이 네 개씩이라 평균에서 서로 지워집니다. b는 처음에 움직이지 않습니다.",
            "There are four plants of each kind, so they cancel out in the mean. At first, b does not move.",
        )
    if abs(given.sum()) > 1e-3:
        return wrong(
            f"합이 {given.sum():.3f}입니다. S의 합도, L의 합도 1이므로 기울기의 합은 0입니다.",
            f"They add up to {given.sum():.3f}. S and L both add up to 1, so the gradients add up to 0.",
        )
    return wrong(
        f"{shown(given)}은(는) 아닙니다. 화분 열두 개 모두의 평균을 냈나요?",
        f"It is not {shown(given)}. Did you take the mean over all twelve plants?",
    )


def _check_accuracy(answer: object) -> Verdict:
    student = function(answer)
    rows = np.array([[0.8, 0.1, 0.1], [0.3, 0.4, 0.3], [0.1, 0.2, 0.7], [0.5, 0.3, 0.2], [0.2, 0.1, 0.7]])
    for labels, wanted in (([0, 1, 2, 0, 2], 1.0), ([0, 1, 0, 0, 1], 0.6), ([1, 0, 0, 2, 1], 0.0)):
        value = number(call(student, rows.copy(), np.array(labels)))
        if not np.isclose(value, wanted, atol=1e-6):
            return wrong(
                f"다섯 줄 중 {round(5 * wanted)}줄이 맞을 때 {value:.3f}을(를) 돌려줍니다.",
                f"It returns {value:.3f} where {round(5 * wanted)} of five rows are right.",
            )
    return right("가장 큰 확률의 자리만 보면 됩니다.", "Only the place of the largest probability counts.")


EXERCISES = {
    "3a": Exercise(
        _check_training,
        (
            Text(
                "`train`을 더 부르면 됩니다. `W`와 `b`는 지금 값에서 이어집니다.",
                "Call `train` more often. `W` and `b` go on from where they are.",
            ),
            Text(
                "반복문을 10000번까지 늘려 보거나 학습률을 0.3으로 바꿔 보세요.",
                "Try 10000 steps, or a learning rate of 0.3.",
            ),
            Text(
                '`for step in range(10000): train(x, y, tf.constant(0.3))` 다음에 `lesson.check("3a", (W, b))`입니다.',
                '`for step in range(10000): train(x, y, tf.constant(0.3))`, then `lesson.check("3a", (W, b))`.',
            ),
        ),
    ),
    "3b": Exercise(
        _check_bias_gradient,
        (
            Text(
                "가중치가 모두 0이면 모든 화분의 예측은 같습니다.",
                "With all weights at zero, the prediction is the same for each plant.",
            ),
            Text(
                "예측은 (1/3, 1/3, 1/3)입니다. L의 평균은 무엇일까요?",
                "It is (1/3, 1/3, 1/3). What is the mean of L?",
            ),
            Text(
                "열두 개 중 네 개씩이 각 클래스입니다. 두 평균을 빼 보세요.",
                "Four of twelve plants are of each kind. Subtract the two means.",
            ),
        ),
    ),
    "3c": Exercise(
        _check_accuracy,
        (
            Text(
                "줄마다 가장 큰 확률의 위치를 찾으세요: `argmax(axis=1)`.",
                "Find the place of the largest probability in each row: `argmax(axis=1)`.",
            ),
            Text(
                "`==`로 비교하면 참과 거짓이 나옵니다. 참은 1로 셉니다.",
                "Comparing with `==` gives true and false. True counts as 1.",
            ),
            Text("비교한 결과의 `np.mean`을 돌려주세요.", "Return the `np.mean` of the comparison."),
        ),
    ),
}
