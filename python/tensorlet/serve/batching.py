"""Rows of concurrent requests are predicted together: while one batch is computed, the next one collects."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

import numpy as np

from tensorlet.serve.metrics import Metrics
from tensorlet.serve.refusals import RefusedError
from tensorlet.serve.served_model import Request, ServedModel


class _Waiting(NamedTuple):
    request: Request
    future: asyncio.Future[dict[str, np.ndarray]]


class Batcher:
    """Predicts requests in the order in which they come, several at a time.

    Args:
        model: the model.
        batch_rows: the most rows of a batch; a larger request is one by itself.
        waiting_rows: with more rows waiting than this, requests are refused.
        metrics: counts batches.
    """

    def __init__(self, model: ServedModel, batch_rows: int, waiting_rows: int, metrics: Metrics) -> None:
        self.model, self.batch_rows, self.waiting_rows, self.metrics = (
            model,
            batch_rows,
            waiting_rows,
            metrics,
        )
        self.rows = 0
        self._waiting: deque[_Waiting] = deque()
        self._task: asyncio.Task[None] | None = None
        self._thread = ThreadPoolExecutor(1, "tensorlet-serve")

    async def predict(self, request: Request) -> dict[str, np.ndarray]:
        """Returns the outputs for a request.

        Raises:
            RefusedError: with status 503, if too many rows are waiting.
        """
        if self.rows + request.rows > max(self.waiting_rows, request.rows):
            raise RefusedError(503, "Too many requests are waiting. Try again later.", retry_after=1)
        future: asyncio.Future[dict[str, np.ndarray]] = asyncio.get_running_loop().create_future()
        self._waiting.append(_Waiting(request, future))
        self.rows += request.rows
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._work())
        return await future

    async def _work(self) -> None:
        loop = asyncio.get_running_loop()
        while self._waiting:
            batch = self._next_batch()
            if not batch:
                return
            try:
                outputs = await loop.run_in_executor(self._thread, self._run, batch)
            except Exception as error:
                for one in batch:
                    if not one.future.done():
                        one.future.set_exception(error)
            else:
                for one, found in zip(batch, outputs, strict=True):
                    if not one.future.done():
                        one.future.set_result(found)
            finally:
                self.rows -= sum(one.request.rows for one in batch)

    def _next_batch(self) -> list[_Waiting]:
        """Takes requests off the queue; those whose clients have gone are dropped."""
        batch: list[_Waiting] = []
        rows = 0
        while self._waiting:
            one = self._waiting[0]
            if batch and (not self.model.joins_rows or rows + one.request.rows > self.batch_rows):
                break
            self._waiting.popleft()
            if one.future.done():  # the client has gone, or the time is up
                self.rows -= one.request.rows
                continue
            batch.append(one)
            rows += one.request.rows
        return batch

    def _run(self, batch: list[_Waiting]) -> list[dict[str, np.ndarray]]:
        """Predicts a batch; on a thread of its own, so that the server goes on."""
        requests = [one.request for one in batch]
        self.metrics.batch(sum(request.rows for request in requests))
        whole = self.model.predict(_joined(requests))
        parts = []
        start = 0
        for request in requests:
            stop = start + request.rows
            parts.append({name: array[start:stop] for name, array in whole.items()})
            start = stop
        return parts

    def close(self) -> None:
        """Ends the thread."""
        self._thread.shutdown(wait=False, cancel_futures=True)


def _joined(requests: list[Request]) -> Mapping[str, np.ndarray]:
    if len(requests) == 1:
        return requests[0].inputs
    return {
        name: np.concatenate([request.inputs[name] for request in requests]) for name in requests[0].inputs
    }
