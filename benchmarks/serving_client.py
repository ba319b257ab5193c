"""The clients of serving.py, on plain sockets, so that they take little time themselves.

python serving_client.py PORT CLIENTS SECONDS EXPECTED.npy TOLERANCE      (started by serving.py)
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from typing import cast

import numpy as np
import uvloop

from serving import rows_of_clients


class Checks:
    """Compares answers with the expected ones; each different answer to a row is parsed once."""

    def __init__(self, expected: np.ndarray, tolerance: float) -> None:
        self.expected, self.tolerance = expected, tolerance
        self.known: set[tuple[int, bytes]] = set()

    def is_right(self, row: int, body: bytes) -> bool:
        """Whether a body is the answer to a row."""
        if (row, body) in self.known:
            return True
        (values,) = json.loads(body)["outputs"].values()
        found = np.array(values[0], np.float32)
        right = bool(np.abs(found - self.expected[row]).max() <= self.tolerance)
        if right:
            self.known.add((row, body))
        return right


class Client(asyncio.Protocol):
    """Sends one request after the other until the end.

    Attributes:
        times: the seconds of each answer.
        wrong, errors: the numbers of wrong answers, and of answers with another status than 200.
    """

    def __init__(self, number: int, end: float, requests: list[bytes], checks: Checks) -> None:
        self.row, self.end, self.requests, self.checks = number, end, requests, checks
        self.times: list[float] = []
        self.wrong = self.errors = 0
        self.done = asyncio.get_running_loop().create_future()
        self._received = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Sends the first request."""
        self.transport = cast(asyncio.Transport, transport)
        self._send()

    def connection_lost(self, error: Exception | None) -> None:
        """The server has closed the connection, or the end is reached."""
        if not self.done.done():
            self.errors += 1
            self.done.set_result(None)

    def _send(self) -> None:
        self.row = (self.row + 1) % len(self.requests)
        self._start = time.perf_counter()
        self.transport.write(self.requests[self.row])

    def data_received(self, data: bytes) -> None:
        """Checks a complete answer, and sends the next request."""
        self._received += data
        head, separator, body = self._received.partition(b"\r\n\r\n")
        if not separator:
            return
        lines = head.lower().split(b"\r\n")
        length = next(int(line.split(b":")[1]) for line in lines if line.startswith(b"content-length"))
        if len(body) < length:
            return
        self._received = b""
        now = time.perf_counter()
        self.times.append(now - self._start)
        if not head.startswith(b"HTTP/1.1 200"):
            self.errors += 1
        elif not self.checks.is_right(self.row, body):
            self.wrong += 1
        if now < self.end:
            self._send()
        else:
            self.done.set_result(None)
            self.transport.close()


async def main(port: int, clients: int, seconds: float, expected: str, tolerance: float) -> None:
    """Prints the rate and the times as JSON; the first second does not count."""
    requests = []
    for row in rows_of_clients():
        body = json.dumps({"inputs": {"rows": [[float(value) for value in row]]}}).encode()
        lines = ["POST /predict HTTP/1.1", "Host: 127.0.0.1", "Content-Type: application/json"]
        head = "\r\n".join([*lines, f"Content-Length: {len(body)}", "", ""])
        requests.append(head.encode() + body)
    checks = Checks(np.load(expected), tolerance)

    async def all_clients(length: float) -> list[Client]:
        loop, end = asyncio.get_running_loop(), time.perf_counter() + length
        made = [Client(one, end, requests, checks) for one in range(clients)]
        for one in made:
            await loop.create_connection(lambda one=one: one, "127.0.0.1", port)  # type: ignore[misc]
        await asyncio.gather(*[one.done for one in made])
        return made

    warming = await all_clients(1.0)
    start = time.perf_counter()
    found = await all_clients(seconds)
    spent = time.perf_counter() - start
    times = sorted(value for one in found for value in one.times)
    print(
        json.dumps(
            {
                "count": len(times),
                "all": len(times) + sum(len(one.times) for one in warming),
                "rate": len(times) / spent,
                "p99": times[int(0.99 * (len(times) - 1))],
                "wrong": sum(one.wrong for one in found),
                "errors": sum(one.errors for one in found),
            }
        )
    )


if __name__ == "__main__":
    uvloop.run(main(int(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3]), sys.argv[4], float(sys.argv[5])))
