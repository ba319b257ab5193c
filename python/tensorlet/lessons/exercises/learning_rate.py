"""The exercises of lesson 4: the learning rate."""

from __future__ import annotations

import numpy as np

from tensorlet.lessons.answers import Exercise, Text, Verdict, call, function, number, right, wrong

#: The slope of f(w) = 5w² is 10w.
SLOPE = 10.0


def _check_rate(answer: object) -> Verdict:
    rate = number(answer)
    w, steps = 1.0, 0
    while abs(w) >= 1e-6 and steps < 10:
        w, steps = w - rate * SLOPE * w, steps + 1
    if abs(w) < 1e-6:
        return right(
            f"{steps}걸음 만에 도착했습니다.",
            f"It arrives after {steps} {'step' if steps == 1 else 'steps'}.",
        )
    fate = (
        ("점점 멀어집니다", "It runs away")
        if abs(1 - SLOPE * rate) > 1
        else ("아직 멉니다", "It is still far")
    )
    return wrong(f"10걸음 뒤에 w = {w:.3g}입니다. {fate[0]}.", f"{fate[1]}: after 10 steps w = {w:.3g}.")


def _check_limit(answer: object) -> Verdict:
    rate = number(answer)
    if abs(rate - 0.2) < 0.002:
        return right(
            "그릇이 5배 가파르면 경계도 5분의 1입니다.",
            "A bowl that is 5 times as steep has a limit that is 5 times smaller.",
        )
    if rate <= 0:
        return wrong(
            "0보다 커야 합니다. 0에서는 움직이지 않고, 음수에서는 멀어집니다.",
            "It must be above 0: with 0 nothing moves, and with a negative rate w moves away.",
        )
    if abs(1 - SLOPE * rate) > 1:
        return wrong(
            f"학습률 {rate:g}에서는 이미 발산합니다.", f"With the rate {rate:g} it diverges already."
        )
    return wrong(
        f"학습률 {rate:g}에서도, 조금 더 큰 값에서도 수렴합니다.",
        f"With {rate:g}, and with a little more, it still converges.",
    )


def _check_descent(answer: object) -> Verdict:
    student = function(answer)

    def tilted(w: float) -> float:  # the slope of (w - 3)² + w
        return 2 * (w - 3) + 1

    for slope, start, rate, steps in ((np.cos, 0.3, 0.1, 5), (tilted, -1.0, 0.2, 7), (tilted, 2.0, 0.1, 0)):
        wanted = start
        for _ in range(steps):
            wanted = wanted - rate * float(slope(wanted))
        value = number(call(student, slope, start, rate, steps))
        if not np.isclose(value, wanted, rtol=1e-5, atol=1e-7):
            opposite = start
            for _ in range(steps):
                opposite = opposite + rate * float(slope(opposite))
            if np.isclose(value, opposite):
                return wrong(
                    "산을 오르고 있습니다. 부호를 확인하세요.", "This walks uphill. Look at the sign."
                )
            return wrong(
                f"{start}에서 학습률 {rate}로 {steps}걸음이면 {wanted:.4f}이어야 하는데 {value:.4f}입니다.",
                f"From {start}, {steps} steps with the rate {rate} should lead to {wanted:.4f}, not {value:.4f}.",
            )
    return right("어떤 함수든 내려갈 수 있습니다.", "It walks down any function.")


EXERCISES = {
    "4a": Exercise(
        _check_rate,
        (
            Text(
                "5w²의 기울기는 10w입니다. 한 걸음은 w에 무엇을 곱하나요?",
                "The slope of 5w² is 10w. What does a step multiply w by?",
            ),
            Text(
                "곱하는 수는 1 - 10η입니다. 이 수가 0에 가까울수록 빨리 도착합니다.",
                "By 1 - 10η. The closer this is to 0, the sooner you arrive.",
            ),
        ),
    ),
    "4b": Exercise(
        _check_limit,
        (
            Text(
                "곱하는 수의 크기가 1이 되는 곳이 경계입니다.",
                "The limit is where the size of the factor is 1.",
            ),
            Text("1 - 10η = -1이 되는 η는?", "For which η is 1 - 10η = -1?"),
        ),
    ),
    "4c": Exercise(
        _check_descent,
        (
            Text(
                "이 수업의 첫 셀에 있는 `descend`를 보세요. 무엇만 바꾸면 될까요?",
                "Look at `descend` in the first cell. What has to change?",
            ),
            Text(
                "`2 * w` 대신 `slope(w)`를 쓰고, 경로 대신 마지막 `w`를 돌려줍니다.",
                "Use `slope(w)` instead of `2 * w`, and return the last `w` instead of the path.",
            ),
        ),
    ),
}
