"""The exercises of lesson 12: forwards and backwards."""

from __future__ import annotations

import numpy as np

from tensorlet.lessons.answers import Exercise, Text, Verdict, array, call, function, right, shown, wrong


def _check_derivatives(answer: object) -> Verdict:
    given = array(answer).ravel()
    if given.shape != (3,):
        return wrong(
            "숫자 세 개가 필요합니다: df/dw, df/dx, df/db.", "Three numbers are needed: df/dw, df/dx, df/db."
        )
    wanted = np.array([8.0, 12.0, 4.0])
    if np.allclose(given, wanted):
        return right("세 미분이 모두 2(wx + b)에서 나옵니다.", "All three come from 2(wx + b).")
    if np.allclose(given, [12.0, 8.0, 4.0]):
        return wrong(
            "w와 x의 미분이 서로 바뀌었습니다.", "The derivatives with respect to w and x are swapped."
        )
    names = [
        name for name, one, other in zip("wxb", given, wanted, strict=True) if not np.isclose(one, other)
    ]
    return wrong(
        f"{', '.join(names)}에 대한 미분이 다릅니다. 받은 값: {shown(given, 1)}",
        f"The derivative with respect to {', '.join(names)} is not right. Given: {shown(given, 1)}.",
    )


def _check_tanh(answer: object) -> Verdict:
    student = function(answer)
    x = np.linspace(-2, 2, 9).reshape(3, 3)
    y = np.tanh(x)
    for passed in (np.ones((3, 3)), np.arange(9.0).reshape(3, 3) - 4):
        given = array(call(student, y.copy(), passed.copy()), (3, 3))
        if np.allclose(given, passed * (1 - np.tanh(y) ** 2)) and not np.allclose(y, 0):
            return wrong(
                "y는 이미 tanh의 값입니다. 다시 tanh를 구하지 마세요.",
                "y is already a tanh. Do not take it twice.",
            )
        if np.allclose(given, 1 - y**2) and not np.allclose(passed, 1):
            return wrong(
                "위에서 내려온 미분 d_y를 곱하지 않았습니다.",
                "The derivative d_y that comes back is missing.",
            )
        if not np.allclose(given, passed * (1 - y**2), atol=1e-6):
            return wrong(
                f"y = {y[0, 0]:.3f}, d_y = {passed[0, 0]:g}일 때 {given[0, 0]:.4f}입니다.",
                f"For y = {y[0, 0]:.3f} and d_y = {passed[0, 0]:g} it gives {given[0, 0]:.4f}.",
            )
    return right("앞으로 계산한 값을 그대로 다시 썼습니다.", "It uses the value computed forwards again.")


def _check_measure(answer: object) -> Verdict:
    student = function(answer)
    cases = (
        (lambda x: float(np.sum(x**2)), np.array([1.0, -2.0, 3.0]), lambda x: 2 * x),
        (lambda x: float(np.prod(x)), np.array([[2.0, 3.0], [0.5, 4.0]]), lambda x: np.prod(x) / x),
        (
            lambda x: float(np.sin(x[0]) * x[1]),
            np.array([0.7, 2.0]),
            lambda x: np.array([np.cos(x[0]) * x[1], np.sin(x[0])]),
        ),
    )
    for f, x, slope in cases:
        before = x.copy()
        given = array(call(student, f, before), x.shape)
        if not np.array_equal(before, x):
            return wrong("x를 바꾸어 버립니다. 복사본을 움직이세요.", "It changes x. Move a copy.")
        if not np.allclose(given, slope(x), rtol=1e-3, atol=1e-3):
            return wrong(
                f"x = {x.tolist()}에서 {given.round(4).tolist()}인데 {slope(x).round(4).tolist()}이어야 합니다.",
                f"At x = {x.tolist()} it gives {given.round(4).tolist()}; it should be {slope(x).round(4).tolist()}.",
            )
    return right("이제 어떤 미분이든 확인할 수 있습니다.", "Now you can check any derivative.")


EXERCISES = {
    "12a": Exercise(
        _check_derivatives,
        (
            Text("먼저 앞으로: wx + b는 얼마인가요?", "First forwards: what is wx + b?"),
            Text(
                "제곱을 거꾸로 지나면 2 x 2 = 4입니다. b는 이것을 그대로 받습니다.",
                "Backwards through the square it is 2 x 2 = 4. That is what b gets.",
            ),
            Text(
                "곱셈에서는 상대방의 값을 곱합니다. w는 x의 값을, x는 w의 값을 받습니다.",
                "A product multiplies by the other: w gets the value of x, and x that of w.",
            ),
        ),
    ),
    "12b": Exercise(
        _check_tanh,
        (
            Text(
                "함수는 자신의 기울기를 곱해서 전달합니다.",
                "Each function multiplies the derivative by its own slope and passes it on.",
            ),
            Text(
                "기울기는 `1 - y ** 2`입니다. 여기에 `d_y`를 곱하세요.",
                "The slope is `1 - y ** 2`. Multiply it by `d_y`.",
            ),
        ),
    ),
    "12c": Exercise(
        _check_measure,
        (
            Text(
                "숫자를 하나씩 아주 조금 움직입니다. `np.ndindex(x.shape)`가 모든 위치를 줍니다.",
                "Move one number at a time; `np.ndindex(x.shape)` gives all places.",
            ),
            Text(
                "복사본 두 개를 만들어 하나는 더하고 하나는 뺍니다. 차이를 2ε으로 나눕니다.",
                "Make two copies, one with a little more and one with a little less. Divide the difference by 2ε.",
            ),
        ),
    ),
}
