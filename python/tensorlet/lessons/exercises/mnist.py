"""The exercises of lesson 7: MNIST, epochs and batches."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from tensorlet.lessons.answers import (
    Exercise,
    NotAnAnswerError,
    Text,
    Verdict,
    array,
    call,
    function,
    number,
    pair,
    right,
    wrong,
)  # fmt: skip


def _check_iterations(answer: object) -> Verdict:
    student = function(answer)
    for samples, size in ((60_000, 100), (20_000, 200), (10, 3), (7, 7), (5, 8), (101, 100)):
        value = number(call(student, samples, size))
        if value != -(-samples // size):
            return wrong(
                f"{samples}줄, 배치 {size}일 때 {value:g}을(를) 돌려줍니다.",
                f"For {samples} rows in batches of {size} it returns {value:g}.",
            )
    return right("나누어떨어지지 않아도 잘 됩니다.", "It works even if the batches do not come out even.")


def _check_steps(answer: object) -> Verdict:
    size, steps = (number(part) for part in pair(answer, Text("배치 크기, 걸음 수", "batch size, steps")))
    if size != 200:
        return wrong(
            f"배치 크기가 {size:g}이면 배치는 {20_000 / max(size, 1):g}개입니다.",
            f"With a batch size of {size:g} there are {20_000 / max(size, 1):g} batches.",
        )
    if steps != 1500:
        return wrong(
            f"배치 크기는 맞습니다. 걸음 수는 {steps:g}이(가) 아닙니다. 에포크마다 배치가 몇 개인가요?",
            f"The batch size is right, but there are not {steps:g} steps. How many batches has each epoch?",
        )
    return right("배치 100개를 15번 봅니다.", "100 batches, 15 times.")


def _check_batches(answer: object) -> Verdict:
    student = function(answer)
    x = np.arange(46.0).reshape(23, 2)
    y = np.arange(23)
    orders = []
    for seed in (0, 1):
        made = call(student, x.copy(), y.copy(), 5, np.random.default_rng(seed))
        try:
            parts = [(array(one), array(other)) for one, other in _listed(made)]
        except (TypeError, ValueError):
            return wrong("(x, y) 쌍을 하나씩 내놓아야 합니다.", "It should give pairs (x, y), one by one.")
        sizes = [len(one) for one, _ in parts]
        if sizes != [5, 5, 5, 5, 3]:
            return wrong(
                f"23줄을 5줄씩 나누면 배치 크기는 5, 5, 5, 5, 3인데 {sizes}입니다.",
                f"23 rows in batches of 5 make batches of 5, 5, 5, 5 and 3 rows, not {sizes}.",
            )
        rows, labels = np.concatenate([one for one, _ in parts]), np.concatenate([two for _, two in parts])
        if sorted(labels.ravel().tolist()) != y.tolist():
            return wrong(
                "어떤 줄은 빠지고 어떤 줄은 두 번 나옵니다.", "Some rows are missing, others come twice."
            )
        if not np.array_equal(rows, x[labels.ravel().astype(int)]):
            return wrong("x와 y가 어긋났습니다.", "The rows of x and y do not belong together.")
        orders.append(labels.ravel().tolist())
    if orders[0] == y.tolist() or orders[0] == orders[1]:
        return wrong(
            "순서가 섞이지 않았거나 random을 쓰지 않았습니다.",
            "The order is not shuffled, or not with `random`.",
        )
    return right("모든 줄이 한 번씩, 섞인 순서로 나옵니다.", "Each row comes once, in shuffled order.")


def _listed(made: object) -> list[tuple[object, object]]:
    if not isinstance(made, Iterable):
        raise TypeError
    try:
        return list(made)
    except Exception as error:  # a generator runs only now
        raise NotAnAnswerError(
            f"배치를 만드는 중에 오류가 납니다. {type(error).__name__}: {error}",
            f"While it makes batches, it raises {type(error).__name__}: {error}",
        ) from error


EXERCISES = {
    "7a": Exercise(
        _check_iterations,
        (
            Text(
                "나누어떨어질 때는 나눗셈입니다. 남는 줄이 있으면 한 걸음을 더합니다.",
                "It is a division; with rows left over, there is one more step.",
            ),
            Text(
                "올림한 나눗셈입니다. `math.ceil`을 쓸 수 있습니다.",
                "It is a division rounded up, as by `math.ceil`.",
            ),
        ),
    ),
    "7b": Exercise(
        _check_steps,
        (
            Text(
                "배치의 개수와 배치의 크기는 다릅니다.",
                "The number of batches and the size of a batch are different things.",
            ),
            Text(
                "20,000 / 100이 크기입니다. 걸음은 에포크마다 배치의 개수만큼입니다.",
                "The size is 20,000 / 100. An epoch has as many steps as batches.",
            ),
        ),
    ),
    "7c": Exercise(
        _check_batches,
        (
            Text(
                "`order = random.permutation(len(x))`는 섞인 줄 번호입니다.",
                "`order = random.permutation(len(x))` has the numbers of the rows, shuffled.",
            ),
            Text(
                "`order`를 `size`개씩 자르고, 같은 번호로 `x`와 `y`를 고르세요.",
                "Cut `order` into pieces of `size`, and pick `x` and `y` with the same numbers.",
            ),
            Text(
                "`for start in range(0, len(x), size):` 안에서 `rows = order[start:start + size]`, 그리고 `yield x[rows], y[rows]`.",
                "Inside `for start in range(0, len(x), size):` write `rows = order[start:start + size]`, and `yield x[rows], y[rows]`.",
            ),
        ),
    ),
}
