"""The exercises of lesson 2: cross-entropy."""

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


def _check_function(answer: object) -> Verdict:
    student = function(answer)
    rows = np.array([[0.8, 0.15, 0.05], [0.3, 0.3, 0.4], [0.97, 0.01, 0.02], [0.2, 0.5, 0.3]])
    for labels in ([0, 2, 1, 1], [2, 2, 0, 0]):
        penalties = -np.log(rows[np.arange(4), labels])
        given = call(student, rows.copy(), np.array(labels))
        if array(given).shape != ():
            return wrong("숫자 하나(평균)가 필요합니다.", "It should return one number, the mean.")
        value = number(given)
        if np.isclose(value, penalties.sum()):
            return wrong("합입니다. 평균이 필요합니다.", "This is the sum. The mean is needed.")
        if np.isclose(value, -penalties.mean()):
            return wrong(
                "부호가 반대입니다. 손실은 음수가 될 수 없습니다.",
                "The sign is wrong: a loss is never negative.",
            )
        if not np.isclose(value, penalties.mean(), rtol=1e-4):
            return wrong(
                f"정답이 {labels}일 때 {value:.4f}입니다. 정답 클래스의 확률만 골랐나요?",
                f"For the true classes {labels} it is {value:.4f}. "
                "Did you pick the probability of the true class in each row?",
            )
    return right("줄마다 숫자 하나만 있으면 충분합니다.", "One number of each row is all that counts.")


def _check_first_loss(answer: object) -> Verdict:
    value = number(answer)
    if abs(value - np.log(10)) < 0.06:
        return right("MNIST를 배울 때 다시 만날 숫자입니다.", "You will see this number again with MNIST.")
    return wrong(
        f"{value:.3f}은(는) 아닙니다. 모든 클래스에 같은 확률을 준다고 생각하세요.",
        f"It is not {value:.3f}. Imagine that every class gets the same probability.",
    )


def _check_gradient(answer: object) -> Verdict:
    given = array(answer).ravel()
    if given.shape != (3,):
        return wrong("숫자 세 개가 필요합니다.", "Three numbers are needed.")
    if abs(given.sum()) > 1e-3:
        return wrong(
            f"합이 {given.sum():.3f}입니다. 소프트맥스에서는 점수의 차이만 중요하므로 기울기의 합은 0입니다.",
            f"They add up to {given.sum():.3f}. Since only differences of scores count, "
            "the gradients add up to 0.",
        )
    if np.allclose(given, [0.7, -0.8, 0.1], atol=1e-3):
        return right(
            "정답의 점수는 올라가고 나머지는 내려갑니다.", "The true score goes up, the others go down."
        )
    return wrong(
        f"{shown(given, 2)}은(는) 아닙니다. 예측에서 무엇을 빼야 할까요?",
        f"It is not {shown(given, 2)}. What is subtracted from the prediction?",
    )


EXERCISES = {
    "2a": Exercise(
        _check_function,
        (
            Text(
                "줄마다 정답 클래스의 확률 하나를 골라야 합니다.",
                "Pick one probability of each row: that of the true class.",
            ),
            Text(
                "`probabilities[np.arange(len(labels)), labels]`를 출력해 보세요.",
                "Print `probabilities[np.arange(len(labels)), labels]`.",
            ),
            Text(
                "그 값들의 로그를 구하고, 평균을 내고, 부호를 바꿉니다.",
                "Take the logarithm of these, then the mean, and change the sign.",
            ),
        ),
    ),
    "2b": Exercise(
        _check_first_loss,
        (
            Text("아직 아무것도 모르는 모델입니다.", "The model knows nothing yet."),
            Text(
                "정답 클래스의 확률은 약 1/10입니다. 그 벌점은 얼마인가요?",
                "The true class has a probability of about 1/10. What is its penalty?",
            ),
        ),
    ),
    "2c": Exercise(
        _check_gradient,
        (
            Text("정답을 원-핫 벡터로 써 보세요.", "Write the true class as a one-hot vector."),
            Text(
                "위에서 '예측에서 정답을 뺀 것'이라고 했습니다.",
                "Above it says: the prediction minus the truth.",
            ),
        ),
    ),
}
