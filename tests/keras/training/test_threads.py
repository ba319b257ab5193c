"""Several threads that use one model: each gets its own right answer."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import tensorlet as tf

Layers = tf.keras.layers


def run_in_threads(count: int, work: Callable[[int], None]) -> None:
    """Calls ``work`` with the number of each thread, and raises what it raises."""
    errors: list[BaseException] = []

    def guarded(number: int) -> None:
        try:
            work(number)
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=guarded, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if errors:
        raise errors[0]


@pytest.fixture
def model() -> Any:
    """Adds up its inputs."""
    made = tf.keras.Sequential([Layers.Dense(1, kernel_initializer="ones", input_shape=(2,))])
    made.compile(tf.keras.optimizers.SGD(0.0), "mse", metrics=["mae"])
    return made


def test_sixteen_threads_evaluate_one_model(model: Any) -> None:
    answers: dict[int, list[Any]] = {}

    def work(number: int) -> None:
        rows = number + 1
        x = np.full((rows, 2), number / 2.0)
        answers[number] = [model.evaluate(x, np.zeros(rows), batch_size=3, verbose=0) for _ in range(20)]

    run_in_threads(16, work)
    for number, found in answers.items():
        assert found == [[float(number * number), float(number)]] * 20


def test_threads_that_test_predict_and_train_one_model(model: Any) -> None:
    def work(number: int) -> None:
        x, y = np.full((4, 2), float(number)), np.zeros(4)
        for _ in range(10):
            if number % 3 == 0:
                assert model.test_on_batch(x, y) == [4.0 * number**2, 2.0 * number]
            elif number % 3 == 1:
                assert model.predict(x, verbose=0).tolist() == [[2.0 * number]] * 4
            else:
                history = model.fit(x, y, epochs=3, verbose=0).history
                assert history["mae"] == [2.0 * number] * 3

    run_in_threads(12, work)
