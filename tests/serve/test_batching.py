"""Micro-batches: order, overload, errors."""

from __future__ import annotations

import asyncio
import threading

import numpy as np
import pytest

from tensorlet.serve.batching import Batcher
from tensorlet.serve.metrics import Metrics
from tensorlet.serve.refusals import RefusedError
from tensorlet.serve.served_model import Request


class Doubling:
    """A model that doubles numbers, and waits for permission."""

    joins_rows = True

    def __init__(self):
        self.gate = threading.Event()
        self.sizes = []

    def predict(self, inputs):
        assert self.gate.wait(10)
        self.sizes.append(len(inputs["x"]))
        if (inputs["x"] < 0).any():
            raise ValueError("negative")
        return {"y": 2 * inputs["x"]}


def request(*numbers):
    return Request({"x": np.array(numbers)}, len(numbers))


def test_requests_that_wait_form_a_batch():
    async def run():
        model = Doubling()
        batcher = Batcher(model, 4, 100, Metrics())
        tasks = [asyncio.create_task(batcher.predict(request(number, number + 10))) for number in range(5)]
        await asyncio.sleep(0.05)
        model.gate.set()
        answers = await asyncio.gather(*tasks)
        batcher.close()
        return model.sizes, [answer["y"].tolist() for answer in answers], batcher.rows

    sizes, answers, left = asyncio.run(run())
    assert sizes == [4, 4, 2]
    assert answers == [[2 * number, 2 * number + 20] for number in range(5)]
    assert left == 0


def test_overload_is_refused_and_passes():
    async def run():
        model = Doubling()
        batcher = Batcher(model, 4, 3, Metrics())
        first = asyncio.create_task(batcher.predict(request(1, 2, 3)))
        await asyncio.sleep(0.05)
        with pytest.raises(RefusedError) as refusal:
            await batcher.predict(request(4))
        model.gate.set()
        await first
        again = await batcher.predict(request(4))
        batcher.close()
        return refusal.value.status, again["y"].tolist()

    assert asyncio.run(run()) == (503, [8])


def test_an_error_reaches_its_batch_only():
    async def run():
        model = Doubling()
        model.gate.set()
        batcher = Batcher(model, 1, 100, Metrics())
        wrong, right = await asyncio.gather(
            batcher.predict(request(-1)), batcher.predict(request(1)), return_exceptions=True
        )
        batcher.close()
        return str(wrong), right["y"].tolist()

    assert asyncio.run(run()) == ("negative", [2])


def test_requests_that_were_given_up_are_not_predicted():
    async def run():
        model = Doubling()
        batcher = Batcher(model, 1, 100, Metrics())
        first = asyncio.create_task(batcher.predict(request(1)))
        second = asyncio.create_task(batcher.predict(request(2)))
        third = asyncio.create_task(batcher.predict(request(3)))
        await asyncio.sleep(0.05)
        second.cancel()
        model.gate.set()
        found = (await first)["y"].tolist(), (await third)["y"].tolist()
        batcher.close()
        return found, model.sizes, batcher.rows

    assert asyncio.run(run()) == (([2], [6]), [1, 1], 0)
