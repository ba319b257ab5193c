"""The exercises of lesson 11: XOR by three perceptrons, and by training."""

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
    predictions,
    right,
    wrong,
)  # fmt: skip

CORNERS = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
XOR = np.array([0, 1, 1, 0])
MOST_PARAMETERS = 13


def _check_weights(answer: object) -> Verdict:
    if not isinstance(answer, (tuple, list)) or len(answer) != 4:
        return wrong("(W1, b1, W2, b2) 네 개가 필요합니다.", "Four parts are needed: (W1, b1, W2, b2).")
    first, bias, second = array(answer[0], (2, 2)), array(answer[1], (2,)), array(answer[2]).reshape(-1)
    if second.size != 2:
        return wrong("W2에는 가중치가 두 개 필요합니다.", "W2 needs two weights.")
    hidden = (CORNERS @ first + bias >= 0).astype(int)
    for place, (name, wanted) in enumerate((("OR", [0, 1, 1, 1]), ("AND", [0, 0, 0, 1]))):
        if hidden[:, place].tolist() != wanted:
            return wrong(
                f"은닉 뉴런 {place + 1}은(는) {hidden[:, place].tolist()}을(를) 계산합니다. {name}가 아닙니다.",
                f"Hidden neuron {place + 1} computes {hidden[:, place].tolist()}. That is not {name}.",
            )
    output = (hidden @ second + number(answer[3]) >= 0).astype(int)
    if output.tolist() != XOR.tolist():
        return wrong(
            f"은닉층은 맞습니다. 출력은 {output.tolist()}인데 {XOR.tolist()}이어야 합니다.",
            f"The hidden layer is right. The output is {output.tolist()} and should be {XOR.tolist()}.",
        )
    return right("XOR는 'OR이지만 AND는 아님'입니다.", "XOR is 'OR but not AND'.")


def _check_model(answer: object) -> Verdict:
    classes = predictions(answer, CORNERS.astype("float32"), 2)
    count = int(answer.count_params()) if hasattr(answer, "count_params") else 0
    if count > MOST_PARAMETERS:
        return wrong(
            f"매개변수가 {count}개입니다. {MOST_PARAMETERS}개 이하여야 합니다.",
            f"It has {count} parameters. At most {MOST_PARAMETERS} are allowed.",
        )
    if classes.tolist() != XOR.tolist():
        return wrong(
            f"예측이 {classes.tolist()}입니다. 시작점(seed)을 바꾸어 다시 학습시켜 보세요.",
            f"It predicts {classes.tolist()}. Try another start, with another seed.",
        )
    return right(f"매개변수 {count}개로 풀었습니다.", f"Solved with {count} parameters.")


def _check_count(answer: object) -> Verdict:
    student = function(answer)
    for units in (1, 2, 3, 8, 50):
        value = number(call(student, units))
        if value != 4 * units + 1:
            return wrong(
                f"n = {units}일 때 {value:g}개라고 합니다. 층마다 편향도 세었나요?",
                f"For n = {units} it says {value:g}. Did you count the biases of both layers?",
            )
    return right("2n + n + n + 1 = 4n + 1개입니다.", "There are 2n + n + n + 1 = 4n + 1.")


EXERCISES = {
    "11a": Exercise(
        _check_weights,
        (
            Text(
                "OR와 AND는 가중치가 같고 편향만 다릅니다.",
                "OR and AND have the same weights. Only their biases differ.",
            ),
            Text(
                "OR의 편향은 -0.5, AND의 편향은 -1.5가 될 수 있습니다. W1은 모두 1입니다.",
                "With all of W1 at 1, the biases can be -0.5 for OR and -1.5 for AND.",
            ),
            Text(
                "출력에서 OR의 가중치는 양수, AND의 가중치는 음수입니다. 1, -2, -0.5를 시도해 보세요.",
                "In the output, OR has a positive weight and AND a negative one. Try 1, -2 and -0.5.",
            ),
        ),
    ),
    "11b": Exercise(
        _check_model,
        (
            Text("은닉 뉴런 3개면 13개입니다.", "Three hidden neurons make 13 parameters."),
            Text(
                "위의 표에서 3개일 때 가장 잘 배우는 활성화 함수를 고르고, 실패하면 seed를 바꾸세요.",
                "From the table, choose the activation that works best with 3 units; change the seed after a failure.",
            ),
        ),
    ),
    "11c": Exercise(
        _check_count,
        (
            Text("첫 층: 가중치 2n개와 편향 n개입니다.", "The first layer has 2n weights and n biases."),
            Text("둘째 층: 가중치 n개와 편향 1개입니다.", "The second layer has n weights and 1 bias."),
        ),
    ),
}
