"""The exercises of lesson 15: Xavier, He and the RBM."""

from __future__ import annotations

import numpy as np

from tensorlet.lessons.answers import Exercise, Text, Verdict, array, call, function, number, right, wrong


def _check_he(answer: object) -> Verdict:
    student = function(answer)
    for fan_in, fan_out in ((784, 100), (50, 400)):
        made = array(call(student, fan_in, fan_out, np.random.default_rng(1)), (fan_in, fan_out))
        wanted = np.sqrt(2 / fan_in)
        # Five standard deviations of the estimate.
        tolerance = 5 * wanted / np.sqrt(2 * made.size)
        deviation = float(made.std())
        if abs(made.mean()) > 5 * wanted / np.sqrt(made.size) * 2:
            return wrong(
                f"평균이 {made.mean():.4f}입니다. 0이어야 합니다.", f"The mean is {made.mean():.4f}, not 0."
            )
        if abs(deviation - np.sqrt(1 / fan_in)) < tolerance:
            return wrong(
                "Xavier입니다. He는 분산이 두 배입니다.", "This is Xavier. He has twice the variance."
            )
        if abs(deviation - np.sqrt(2 / fan_out)) < tolerance:
            return wrong("fan_out이 아니라 fan_in을 써야 합니다.", "Use fan_in, not fan_out.")
        if abs(deviation - wanted) > tolerance:
            return wrong(
                f"fan_in = {fan_in}일 때 표준편차가 {deviation:.4f}입니다. {wanted:.4f}이어야 합니다.",
                f"For fan_in = {fan_in} the standard deviation is {deviation:.4f}; it should be {wanted:.4f}.",
            )
        other = array(call(student, fan_in, fan_out, np.random.default_rng(2)), made.shape)
        if np.array_equal(made, other):
            return wrong(
                "항상 같은 수가 나옵니다. random을 쓰세요.", "The numbers are always the same. Use `random`."
            )
    return right("ReLU를 지나도 크기가 유지됩니다.", "The size is kept through ReLU.")


def _check_deviation(answer: object) -> Verdict:
    value = number(answer)
    if abs(value - 0.05) < 1e-4:
        return right("1/√400 = 1/20입니다.", "It is 1/√400 = 1/20.")
    if abs(value - 1 / 400) < 1e-4:
        return wrong("그것은 분산입니다. 제곱근을 구하세요.", "That is the variance. Take the square root.")
    if abs(value - np.sqrt(2 / 400)) < 1e-3:
        return wrong("그것은 He입니다.", "That is He.")
    return wrong(f"{value:g}은(는) 아닙니다. 분산이 1/n입니다.", f"It is not {value:g}. The variance is 1/n.")


def _check_distinct(answer: object) -> Verdict:
    student = function(answer)
    first = np.random.default_rng(3).normal(size=(5, 3))
    cases = (
        (np.zeros((4, 6)), 1),
        (first, 3),
        (first[:, [0, 1, 0, 2, 1, 1]], 3),
        (np.repeat(first[:, :1], 4, axis=1), 1),
        (np.array([[1.0, 1.0, 1.0], [2.0, 3.0, 2.0]]), 2),
    )
    for weights, wanted in cases:
        value = number(call(student, weights.copy()))
        if value != wanted:
            if value == len(np.unique(weights, axis=0)):
                return wrong("행을 세었습니다. 뉴런은 열입니다.", "This counts rows. Neurons are columns.")
            return wrong(
                f"모양이 {weights.shape}인 행렬에 서로 다른 열이 {wanted}개 있는데 {value:g}개라고 합니다.",
                f"For a matrix of shape {weights.shape} the count should be {wanted}, but it is {value:g}.",
            )
    return right("0에서 출발하면 몇 개인지도 세어 보세요.", "Count them after a start from zeros, too.")


EXERCISES = {
    "15a": Exercise(
        _check_he,
        (
            Text(
                "`random.normal(size=(fan_in, fan_out))`의 표준편차는 1입니다.",
                "`random.normal(size=(fan_in, fan_out))` has a standard deviation of 1.",
            ),
            Text("`np.sqrt(2 / fan_in)`을 곱하세요.", "Multiply by `np.sqrt(2 / fan_in)`."),
        ),
    ),
    "15b": Exercise(
        _check_deviation,
        (
            Text(
                "분산은 1/n이고, 표준편차는 분산의 제곱근입니다.",
                "The variance is 1/n, and the standard deviation its square root.",
            ),
            Text("√400은 20입니다.", "√400 is 20."),
        ),
    ),
    "15c": Exercise(
        _check_distinct,
        (
            Text("`np.unique`에는 `axis`가 있습니다.", "`np.unique` has an `axis`."),
            Text(
                "`np.unique(W, axis=1)`의 열이 몇 개인지 세세요.",
                "Count the columns of `np.unique(W, axis=1)`.",
            ),
        ),
    ),
}
