"""The exercises of lesson 14: activations and vanishing gradients."""

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
    right,
    shown,
    wrong,
)


def _check_leaky(answer: object) -> Verdict:
    student = function(answer)
    z = np.array([[-3.0, -0.5, 0.0], [0.25, 2.0, -10.0]])
    for alpha in (0.1, 0.01, 0.3):
        given = array(call(student, z.copy(), alpha), z.shape)
        if np.allclose(given, np.maximum(0, z)):
            return wrong(
                "음수가 모두 0이 됩니다. 그것은 ReLU입니다.", "All negative numbers become 0. That is ReLU."
            )
        if not np.allclose(given, np.where(z > 0, z, alpha * z), atol=1e-6):
            return wrong(
                f"alpha = {alpha}일 때 {shown(z[0], 2)}이(가) {shown(given[0], 3)}이(가) 됩니다.",
                f"For alpha = {alpha}, {shown(z[0], 2)} becomes {shown(given[0], 3)}.",
            )
    return right("음수에서도 기울기가 alpha만큼 남습니다.", "On the negative side, a slope of alpha remains.")


def _check_fraction(answer: object) -> Verdict:
    value = number(answer)
    if abs(value - 0.25**5) < 2e-5:
        return right("천 분의 1도 남지 않습니다.", "Not even one part in a thousand is left.")
    if abs(value - 0.25) < 1e-6:
        return wrong("그것은 층 하나일 때입니다.", "That is for one layer.")
    if abs(value - 0.25**5) < 1e-4:
        return wrong("거의 맞았습니다. 반올림하지 말고 더 정확히 쓰세요.", "Almost: give more digits.")
    if value >= 1:
        return wrong(
            "1보다 작아야 합니다. 기울기는 줄어듭니다.", "It should be below 1: the gradient shrinks."
        )
    return wrong(
        f"{value:.6f}은(는) 아닙니다. 층마다 같은 수를 곱합니다.",
        f"It is not {value:.6f}. Each layer multiplies by the same number.",
    )


def _check_dead(answer: object) -> Verdict:
    student = function(answer)
    cases = (
        # one dead neuron, two rows of zeros, three neurons alive: each mistake gives a number of its own
        np.array([[0.0, 1.0, 0.0, 2.0], [0.0] * 4, [0.0, 4.0, 0.5, 0.0], [0.0] * 4]),
        np.zeros((4, 3)),
        np.ones((2, 5)),
        np.array([[0.0, 0.0], [1e-3, 0.0]]),
    )
    for outputs in cases:
        wanted = int(np.sum(~outputs.any(axis=0)))
        value = number(call(student, outputs.copy()))
        if value == np.sum(~outputs.any(axis=1)) and value != wanted:
            return wrong("행이 아니라 열이 뉴런입니다.", "Neurons are columns, not rows.")
        if value == outputs.shape[1] - wanted and value != wanted:
            return wrong(
                "살아 있는 뉴런을 세었습니다. 모든 데이터에서 0인 뉴런을 세어야 합니다.",
                "This counts the neurons that are alive. Count those that are 0 for all data.",
            )
        if value == np.sum(outputs == 0) and value != wanted:
            return wrong(
                "0의 개수를 세었습니다. 열 전체가 0이어야 합니다.",
                "This counts zeros. The whole column must be 0.",
            )
        if value != wanted:
            return wrong(
                f"{outputs.tolist()}에서 {value:g}개라고 합니다.",
                f"For {outputs.tolist()} it says {value:g}.",
            )
    return right("이제 자신의 모델에서도 세어 보세요.", "Now count them in a model of your own.")


EXERCISES = {
    "14a": Exercise(
        _check_leaky,
        (
            Text(
                "`np.where(조건, 참일 때, 거짓일 때)`를 쓸 수 있습니다.",
                "`np.where(condition, if true, if false)` can help.",
            ),
            Text("z가 양수면 z, 아니면 alpha * z입니다.", "It is z for positive z, and otherwise alpha * z."),
        ),
    ),
    "14b": Exercise(
        _check_fraction,
        (
            Text("시그모이드의 기울기는 최대 0.25입니다.", "The slope of a sigmoid is at most 0.25."),
            Text("0.25를 다섯 번 곱하세요.", "Multiply 0.25 by itself, five factors in all."),
        ),
    ),
    "14c": Exercise(
        _check_dead,
        (
            Text(
                "열마다 하나라도 0이 아닌 값이 있는지 보세요: `outputs.any(axis=0)`.",
                "See whether a column has any number that is not 0: `outputs.any(axis=0)`.",
            ),
            Text("하나도 없는 열의 개수를 세면 됩니다.", "Count the columns that have none."),
        ),
    ),
}
