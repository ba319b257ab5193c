"""The exercises of lesson 5: NaN and normalization."""

from __future__ import annotations

import numpy as np

from tensorlet.lessons.answers import Exercise, Text, Verdict, array, call, function, number, right, wrong

_TABLES = (
    np.array([[1.0, 100.0], [2.0, 300.0], [3.0, 200.0]]),
    np.array([[-5.0, 0.25, 7.0], [10.0, 0.5, 9.0], [2.0, 0.75, 8.5], [0.0, 1.0, 7.5]]),
)


def _check_min_max(answer: object) -> Verdict:
    student = function(answer)
    for table in _TABLES:
        low, high = table.min(axis=0), table.max(axis=0)
        given = array(call(student, table.copy()), table.shape)
        whole = (table - table.min()) / (table.max() - table.min())
        if np.allclose(given, whole, atol=1e-4):
            return wrong(
                "표 전체의 최솟값과 최댓값을 썼습니다. 열마다 따로 구해야 합니다.",
                "This uses the smallest and largest value of the whole table. Each column has its own.",
            )
        if not np.allclose(given, (table - low) / (high - low), atol=1e-4):
            return wrong(
                f"결과의 열별 최솟값은 {given.min(axis=0).round(3)}, 최댓값은 {given.max(axis=0).round(3)}입니다.",
                f"The columns of the result go from {given.min(axis=0).round(3)} to {given.max(axis=0).round(3)}.",
            )
    with np.errstate(all="ignore"):
        flat = np.asarray(call(student, np.array([[4.0, 1.0], [4.0, 2.0]])), dtype=np.float64)
    if not np.isfinite(flat).all():
        return wrong("모든 값이 4인 열에서 NaN이 나옵니다.", "A column in which every value is 4 gives NaN.")
    return right("값이 모두 같은 열에서도 안전합니다.", "It is safe for constant columns, too.")


def _check_distance(answer: object) -> Verdict:
    value = number(answer)
    if abs(value - 0.5) < 0.005:
        return right(
            "가장 짧은 8 km와 가장 긴 60 km의 한가운데입니다.",
            "It is halfway between the shortest, 8 km, and the longest, 60 km.",
        )
    return wrong(
        f"{value:.3f}은(는) 아닙니다. 가장 짧은 거리와 가장 긴 거리를 표에서 찾으세요.",
        f"It is not {value:.3f}. Find the shortest and the longest distance in the table.",
    )


def _check_standardize(answer: object) -> Verdict:
    student = function(answer)
    train, new = _TABLES[1], np.array([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])
    itself = array(call(student, train.copy(), train.copy()), train.shape)
    if np.abs(itself.mean(axis=0)).max() > 1e-4 or np.abs(itself.std(axis=0) - 1).max() > 0.2:
        return wrong(
            f"학습 데이터를 바꾼 뒤 평균이 {itself.mean(axis=0).round(2)}, 표준편차가 {itself.std(axis=0).round(2)}입니다.",
            f"The training data end up with the means {itself.mean(axis=0).round(2)} "
            f"and the deviations {itself.std(axis=0).round(2)}.",
        )
    given = array(call(student, train.copy(), new.copy()), new.shape)
    scales = (train.std(axis=0), train.std(axis=0, ddof=1))  # both definitions are in use
    if any(np.allclose(given, (new - train.mean(axis=0)) / scale, rtol=1e-4) for scale in scales):
        return right("새 데이터도 같은 자로 쟀습니다.", "New data are measured with the same ruler.")
    return wrong(
        "학습 데이터는 맞지만 새 데이터가 다릅니다. 누구의 평균과 표준편차를 썼나요?",
        "It is right for the training data, but not for new data. Whose mean and deviation do you use?",
    )


EXERCISES = {
    "5a": Exercise(
        _check_min_max,
        (
            Text(
                "`x.min(axis=0)`은 열마다 가장 작은 값입니다.",
                "`x.min(axis=0)` is the smallest value of each column.",
            ),
            Text(
                "값이 모두 같은 열에서는 나누는 수가 0입니다. 0을 다른 수로 바꾸세요.",
                "In a constant column the divisor is 0. Replace the 0.",
            ),
            Text(
                "`span = high - low`에서 `np.where(span == 0, 1, span)`으로 나누세요.",
                "With `span = high - low`, divide by `np.where(span == 0, 1, span)`.",
            ),
        ),
    ),
    "5b": Exercise(
        _check_distance,
        (
            Text(
                "가장 짧은 거리는 8, 가장 긴 거리는 60입니다.", "The shortest distance is 8, the longest 60."
            ),
            Text("(34 - 8) / (60 - 8)을 계산하세요.", "Compute (34 - 8) / (60 - 8)."),
        ),
    ),
    "5c": Exercise(
        _check_standardize,
        (
            Text(
                "`train.mean(axis=0)`과 `train.std(axis=0)`이 필요합니다.",
                "You need `train.mean(axis=0)` and `train.std(axis=0)`.",
            ),
            Text(
                "`new`에서 평균을 빼고 표준편차로 나눕니다.",
                "Subtract the mean from `new`, and divide by the deviation.",
            ),
        ),
    ),
}
