"""The exercises of lesson 10: the perceptron and its limit."""

from __future__ import annotations

import itertools

import numpy as np

from tensorlet.lessons.answers import Exercise, Text, Verdict, array, number, pair, right, wrong


def _check_neuron(answer: object, inputs: int, wanted: np.ndarray) -> Verdict:
    weights, bias = pair(answer, Text("w, b", "w, b"))
    corners = np.array(list(itertools.product((0, 1), repeat=inputs)))
    sums = corners @ array(weights).reshape(-1)[:inputs] if array(weights).size == inputs else None
    if sums is None:
        return wrong(f"가중치가 {inputs}개 필요합니다.", f"{inputs} weights are needed.")
    given = (sums + number(bias) >= 0).astype(int)
    for corner, one, other in zip(corners.tolist(), given, wanted, strict=True):
        if one != other:
            return wrong(
                f"입력 {corner}에 {one}을(를) 내놓습니다. {other}이어야 합니다.",
                f"For the input {corner} it answers {one}. It should be {other}.",
            )
    return right(
        f"{len(corners)}개의 입력에 모두 맞습니다.", f"It is right for all of the {len(corners)} inputs."
    )


def _check_nand(answer: object) -> Verdict:
    return _check_neuron(answer, 2, np.array([1, 1, 1, 0]))


def _check_vote(answer: object) -> Verdict:
    return _check_neuron(answer, 3, np.array([0, 0, 0, 1, 0, 1, 1, 1]))


def _check_count(answer: object) -> Verdict:
    value = number(answer)
    if value == 14:
        return right("XOR와 그 반대만 빼고 모두입니다.", "All but XOR and its opposite.")
    hint = ("항상 0이거나 항상 1인 것도 세었나요?", "Did you count those that are always 0, or always 1?")
    if value > 14:
        hint = ("XOR는 안 됩니다. XOR의 반대는 될까요?", "XOR is impossible. Is its opposite possible?")
    return wrong(f"{value:g}가지는 아닙니다. {hint[0]}", f"It is not {value:g}. {hint[1]}")


EXERCISES = {
    "10a": Exercise(
        _check_nand,
        (
            Text(
                "AND의 정반대입니다. 부호를 바꾸면 어떻게 될까요?",
                "It is the opposite of AND. What happens if signs change?",
            ),
            Text(
                "가중치를 둘 다 음수로 하세요. 합이 -1까지는 통과하고 -2는 막아야 합니다.",
                "Make both weights negative. With weights of -1, a sum of -1 should pass, and -2 should not.",
            ),
        ),
    ),
    "10b": Exercise(
        _check_vote,
        (
            Text(
                "세 입력은 똑같이 중요합니다. 가중치도 같아야겠지요.",
                "All three inputs matter equally, so their weights are the same.",
            ),
            Text(
                "가중치가 모두 1이면 합은 1의 개수입니다. 1과 2 사이에 경계를 두세요.",
                "With weights of 1, the sum counts the ones. Put the border between 1 and 2.",
            ),
        ),
    ),
    "10c": Exercise(
        _check_count,
        (
            Text(
                "`np.unique(answers, axis=0)`은 서로 다른 줄만 남깁니다.",
                "`np.unique(answers, axis=0)` keeps one of each different row.",
            ),
            Text("그 결과의 `len`이 답입니다.", "The answer is the `len` of the result."),
        ),
    ),
}
