"""The exercises of lesson 1: softmax."""

from __future__ import annotations

import numpy as np

from tensorlet.lessons.answers import (
    Exercise,
    Text,
    Verdict,
    array,
    call,
    function,
    pair,
    right,
    shown,
    wrong,
)


def softmax(z: np.ndarray) -> np.ndarray:
    """The softmax of a row of scores."""
    powers = np.exp(z - z.max())
    return np.asarray(powers / powers.sum())


def _check_softmax(answer: object) -> Verdict:
    student = function(answer)
    for scores in ([2.0, 1.2, -0.8], [0.0, 0.0], [-3.0, 4.0, 1.0, 0.5]):
        given = array(call(student, np.array(scores)), (len(scores),))
        if abs(given.sum() - 1) > 1e-5:
            return wrong(
                f"점수가 {scores}일 때 합이 {given.sum():.3f}입니다. 1이어야 합니다.",
                f"For the scores {scores} the sum is {given.sum():.3f}. It should be 1.",
            )
        if not np.allclose(given, softmax(np.array(scores)), atol=1e-5):
            return wrong(
                f"합은 1이지만 소프트맥스가 아닙니다. 점수가 {scores}일 때 {shown(given)}입니다. 비율이 e의 거듭제곱인가요?",
                f"The sum is 1, but this is not softmax: for {scores} it is {shown(given)}. "
                "Are the ratios those of powers of e?",
            )
    with np.errstate(all="ignore"):
        large = np.asarray(call(student, np.array([1000.0, 999.0])), dtype=np.float64)
        small = np.asarray(call(student, np.array([-1000.0, -1001.0])), dtype=np.float64)
    if not (np.allclose(large, softmax(np.array([1.0, 0.0]))) and np.allclose(small, large)):
        return wrong(
            "작은 점수에서는 맞습니다. 그런데 1000이나 -1000 근처의 점수에서는 결과가 다릅니다.",
            "It is right for small scores, but not for scores near 1000 or -1000.",
        )
    return right("큰 점수에서도 잘 됩니다.", "It works for large scores, too.")


def _check_scores(answer: object) -> Verdict:
    given = softmax(array(answer, (3,)))
    if np.abs(given - [0.5, 0.3, 0.2]).max() < 0.002:
        return right(
            "모든 점수에 같은 수를 더해도 답입니다.",
            "Add the same number to all of them, and they are still an answer.",
        )
    return wrong(
        f"그 점수의 소프트맥스는 {shown(given)}입니다. 0.5, 0.3, 0.2가 되어야 합니다.",
        f"The softmax of your scores is {shown(given)}. It should be 0.5, 0.3, 0.2.",
    )


def _check_classes(answer: object) -> Verdict:
    weights, bias = pair(answer, Text("W, b", "W, b"))
    scores = np.array([[-2.0], [0.0], [2.0]]) @ array(weights, (1, 3)) + array(bias, (3,))
    for x, row, wanted in zip((-2, 0, 2), scores, (0, 1, 2), strict=True):
        others = np.delete(row, wanted)
        if row[wanted] <= others.max():
            return wrong(
                f"x = {x}일 때 점수가 {shown(row, 2)}입니다. 클래스 {wanted}의 점수가 가장 커야 합니다.",
                f"For x = {x} the scores are {shown(row, 2)}. The score of class {wanted} should be the largest.",
            )
    return right("직선 세 개 중 가장 위에 있는 것이 이깁니다.", "Of three lines, the one on top wins.")


EXERCISES = {
    "1a": Exercise(
        _check_softmax,
        (
            Text(
                "점수에서 같은 수를 빼도 소프트맥스는 변하지 않습니다.",
                "Subtracting a number from all scores does not change the softmax.",
            ),
            Text(
                "어떤 수를 빼야 e의 거듭제곱이 절대 넘치지 않을까요?",
                "Which number must be subtracted so that no power of e overflows?",
            ),
            Text(
                "`z = z - z.max()`로 시작하고, 나머지는 위의 함수와 같습니다.",
                "Begin with `z = z - z.max()`; the rest is as in the function above.",
            ),
        ),
    ),
    "1b": Exercise(
        _check_scores,
        (
            Text(
                "소프트맥스는 e의 거듭제곱을 합으로 나눕니다. e의 거듭제곱을 되돌리는 함수는 무엇일까요?",
                "The softmax of a score divides e to the score by a sum. Which function undoes e to the power of something?",
            ),
            Text(
                "합이 이미 1이라면 나누기는 아무것도 바꾸지 않습니다.",
                "If the sum is 1 already, dividing by it changes nothing.",
            ),
            Text("확률의 로그가 답이 됩니다.", "The logarithms of the probabilities are an answer."),
        ),
    ),
    "1c": Exercise(
        _check_classes,
        (
            Text(
                "클래스마다 직선이 하나입니다. 기울기는 W, 높이는 b가 정합니다. 종이에 그려 보세요.",
                "Each class is a line: W is its slope, b its height. Draw them on paper.",
            ),
            Text(
                "왼쪽에서는 내려가는 직선, 오른쪽에서는 올라가는 직선이 가장 위에 있습니다. 가운데는요?",
                "On the left, a falling line is on top; on the right, a rising one. And in the middle?",
            ),
            Text(
                "가운데 클래스는 수평인 직선을 0보다 조금 위에 두세요.",
                "Give the class in the middle a flat line, a little above 0.",
            ),
        ),
    ),
}
