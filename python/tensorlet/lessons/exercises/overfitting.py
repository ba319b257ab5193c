"""The exercises of lesson 6: over-fitting and regularization."""

from __future__ import annotations

import numpy as np

from tensorlet.lessons.answers import (
    Exercise,
    Text,
    Verdict,
    call,
    function,
    number,
    predictions,
    right,
    wrong,
)  # fmt: skip

WANTED_ACCURACY = 0.82


def moons(count: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """The two half moons of the lesson."""
    random = np.random.default_rng(seed)
    angle, kind = random.uniform(0, np.pi, count), random.integers(0, 2, count)
    points = np.stack(
        [
            np.where(kind == 0, np.cos(angle), 1 - np.cos(angle)),
            np.where(kind == 0, np.sin(angle), 0.5 - np.sin(angle)),
        ],
        axis=1,
    )
    return (points + random.normal(0, 0.35, points.shape)).astype("float32"), kind


def _check_epoch(answer: object) -> Verdict:
    value = number(answer)
    if value == 4:
        return right("검증 손실이 가장 작은 에포크입니다.", "It has the smallest validation loss.")
    if value == 6:
        return wrong(
            "그 에포크는 학습 손실이 가장 작습니다. 새 데이터에서도 그럴까요?",
            "That epoch has the smallest training loss. Is it the best for new data, too?",
        )
    return wrong(
        f"{value:g}번째는 아닙니다. 첫 에포크가 1입니다.", f"It is not epoch {value:g}. The first epoch is 1."
    )


def _check_penalty(answer: object) -> Verdict:
    student = function(answer)
    weights = [np.array([[1.0, -2.0], [0.5, 0.0]]), np.array([[3.0], [-1.0]])]
    for arrays, strength in ((weights, 1.0), (weights, 0.01), (weights[:1], 0.5), (weights, 0.0)):
        wanted = strength * sum(float(np.sum(one**2)) for one in arrays)
        value = number(call(student, arrays, strength))
        if not np.isclose(value, wanted, rtol=1e-5, atol=1e-9):
            return wrong(
                f"배열 {len(arrays)}개, strength {strength}일 때 {wanted:g}이어야 하는데 {value:g}입니다.",
                f"For {len(arrays)} arrays and a strength of {strength} it should be {wanted:g}, not {value:g}.",
            )
    return right("가중치가 클수록 벌점도 큽니다.", "The larger the weights, the larger the penalty.")


def _check_model(answer: object) -> Verdict:
    points, kinds = moons(500, seed=2)
    accuracy = float(np.mean(predictions(answer, points, 2) == kinds))
    if accuracy >= WANTED_ACCURACY:
        return right(f"검증 정확도가 {accuracy:.3f}입니다.", f"The validation accuracy is {accuracy:.3f}.")
    return wrong(
        f"검증 정확도가 {accuracy:.3f}입니다. {WANTED_ACCURACY} 이상이어야 합니다.",
        f"The validation accuracy is {accuracy:.3f}. It should be {WANTED_ACCURACY} or more.",
    )


EXERCISES = {
    "6a": Exercise(
        _check_epoch,
        (
            Text("목표는 새 데이터에서 잘하는 것입니다.", "The aim is to do well on new data."),
            Text("검증 손실이 가장 작은 곳을 찾으세요.", "Find the smallest validation loss."),
        ),
    ),
    "6b": Exercise(
        _check_penalty,
        (
            Text(
                "배열 하나의 벌점은 `np.sum(w ** 2)`입니다.", "The penalty of one array is `np.sum(w ** 2)`."
            ),
            Text(
                "`sum(...)`으로 모든 배열의 벌점을 더하고 strength를 곱하세요.",
                "Add up those of all arrays with `sum(...)`, and multiply by the strength.",
            ),
        ),
    ),
    "6c": Exercise(
        _check_model,
        (
            Text(
                "위의 표에서 어떤 λ의 검증 정확도가 가장 높았나요?",
                "Which λ had the highest validation accuracy in the table above?",
            ),
            Text(
                "`my_model = build(λ)` 다음에 `fit(my_model)`을 부르세요. 0.005와 0.03 사이를 시도해 보세요.",
                "Call `my_model = build(λ)`, then `fit(my_model)`. Try values between 0.005 and 0.03.",
            ),
            Text("λ를 주고 조기 종료도 함께 써 보세요.", "Use a λ and early stopping together."),
        ),
    ),
}
