"""The exercises of lesson 16: dropout."""

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
    pair,
    predictions,
    right,
    wrong,
)  # fmt: skip

WANTED_ACCURACY = 0.97


def _check_dropout(answer: object) -> Verdict:
    student = function(answer)
    h = np.arange(1.0, 5001.0)
    if not np.allclose(array(call(student, h.copy(), 0.0, np.random.default_rng(0)), h.shape), h):
        return wrong("p = 0인데 값이 바뀝니다.", "With p = 0 the values change.")
    for p in (0.2, 0.5, 0.8):
        given = array(call(student, h.copy(), p, np.random.default_rng(1)), h.shape)
        share = float(np.mean(given == 0))
        # Five standard deviations of a share of 5,000.
        tolerance = 5 * np.sqrt(p * (1 - p) / h.size)
        if abs(share - p) > tolerance:
            if abs(share - (1 - p)) <= tolerance:
                return wrong(
                    "꺼지는 쪽과 남는 쪽이 바뀌었습니다.", "It keeps the values that it should drop."
                )
            return wrong(
                f"p = {p}인데 {share:.0%}가 0입니다.", f"With p = {p}, {share:.0%} of the numbers become 0."
            )
        kept = given != 0
        if np.allclose(given[kept], h[kept]):
            return wrong("남은 값의 크기를 맞추지 않았습니다.", "The values that remain are not scaled up.")
        if not np.allclose(given[kept], h[kept] / (1 - p)):
            return wrong(
                f"p = {p}일 때 남은 값에 {float(np.mean(given[kept] / h[kept])):.3f}을(를) 곱합니다.",
                f"With p = {p}, the values that remain are multiplied by {float(np.mean(given[kept] / h[kept])):.3f}.",
            )
        other = array(call(student, h.copy(), p, np.random.default_rng(2)), h.shape)
        if np.array_equal(given, other):
            return wrong(
                "항상 같은 뉴런이 꺼집니다. random을 쓰세요.", "It always drops the same ones. Use `random`."
            )
    return right("평균은 그대로 남습니다.", "On average, the size stays the same.")


def _check_numbers(answer: object) -> Verdict:
    remaining, factor = (
        number(part) for part in pair(answer, Text("남는 개수, 곱하는 수", "number that remains, factor"))
    )
    if remaining == 60:
        return wrong("60개는 꺼지는 개수입니다.", "60 is the number that is dropped.")
    if abs(remaining - 140) > 0.5:
        return wrong(f"{remaining:g}개가 남지는 않습니다.", f"It is not {remaining:g} that remain.")
    if abs(factor - 1 / 0.7) > 0.006:
        return wrong(
            f"140개는 맞습니다. 곱하는 수는 {factor:g}이(가) 아닙니다. 140개로 200개의 합을 내야 합니다.",
            f"140 is right, but the factor is not {factor:g}. 140 neurons should give the sum of 200.",
        )
    return right("140 x 1/0.7 = 200입니다.", "140 times 1/0.7 is 200.")


def _check_model(answer: object) -> Verdict:
    _, (pictures, labels) = mnist.load_data()
    layers = list(getattr(answer, "layers", []))
    accuracy = float(np.mean(predictions(answer, (pictures / 255).astype("float32"), 10) == labels))
    if not any(type(layer).__name__ == "Dropout" and layer.rate > 0 for layer in layers):
        return wrong("Dropout 층이 없습니다.", "It has no layer Dropout.")
    if accuracy >= WANTED_ACCURACY:
        return right(f"시험 정확도가 {accuracy:.4f}입니다.", f"The test accuracy is {accuracy:.4f}.")
    return wrong(
        f"시험 정확도가 {accuracy:.4f}입니다. {WANTED_ACCURACY} 이상이어야 합니다.",
        f"The test accuracy is {accuracy:.4f}. It should be {WANTED_ACCURACY} or more.",
    )


EXERCISES = {
    "16a": Exercise(
        _check_dropout,
        (
            Text(
                "`random.random(h.shape)`은 0과 1 사이의 수입니다. p보다 작은 곳을 끄세요.",
                "`random.random(h.shape)` has numbers from 0 to 1. Drop where they are below p.",
            ),
            Text("남은 값을 1 - p로 나누는 것을 잊지 마세요.", "Do not forget to divide the rest by 1 - p."),
        ),
    ),
    "16b": Exercise(
        _check_numbers,
        (
            Text("0.3은 꺼지는 비율입니다.", "0.3 is the share that is dropped."),
            Text("곱하는 수는 1 / (1 - p)입니다.", "The factor is 1 / (1 - p)."),
        ),
    ),
    "16c": Exercise(
        _check_model,
        (
            Text(
                "위의 `build(0.2)`를 60,000장으로 학습시켜 보세요.",
                "Train `build(0.2)` from above with all 60,000 pictures.",
            ),
            Text(
                "5에포크에서 10에포크면 충분합니다. `batch_size=100`으로 하면 빠릅니다.",
                "5 to 10 epochs are enough. `batch_size=100` makes it quick.",
            ),
        ),
    ),
}
