"""Counters in the text format of Prometheus."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Sequence

#: Upper bounds of the intervals of times in seconds, and of rows.
SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
ROWS = (1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024)


class Histogram:
    """How many values are in each of some intervals."""

    def __init__(self, bounds: Sequence[float]) -> None:
        self.bounds = bounds
        self.counts = [0] * (len(bounds) + 1)
        self.sum = 0.0

    def add(self, value: float) -> None:
        """Counts a value."""
        place = next((index for index, bound in enumerate(self.bounds) if value <= bound), len(self.bounds))
        self.counts[place] += 1
        self.sum += value

    def lines(self, name: str) -> list[str]:
        """Returns the histogram in the text format."""
        found, total = [], 0
        for bound, count in zip([*self.bounds, "+Inf"], self.counts, strict=True):
            total += count
            found.append(f'{name}_bucket{{le="{bound}"}} {total}')
        return [*found, f"{name}_sum {self.sum}", f"{name}_count {total}"]


class Metrics:
    """What a server counts."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._requests: Counter[tuple[str, int]] = Counter()
        self._seconds = Histogram(SECONDS)
        self._batch_rows = Histogram(ROWS)

    def request(self, path: str, status: int, seconds: float) -> None:
        """Counts an answered request."""
        with self._lock:
            self._requests[path, status] += 1
            if path == "/predict":
                self._seconds.add(seconds)

    def batch(self, rows: int) -> None:
        """Counts a batch of predicted rows."""
        with self._lock:
            self._batch_rows.add(rows)

    def text(self, waiting_rows: int) -> str:
        """Returns everything in the text format of Prometheus, version 0.0.4.

        >>> metrics = Metrics()
        >>> metrics.request("/predict", 200, 0.002)
        >>> 'tensorlet_requests_total{path="/predict",status="200"} 1' in metrics.text(0)
        True
        """
        with self._lock:
            lines = [
                "# HELP tensorlet_requests_total Requests that were answered.",
                "# TYPE tensorlet_requests_total counter",
                *[
                    f'tensorlet_requests_total{{path="{path}",status="{status}"}} {count}'
                    for (path, status), count in sorted(self._requests.items())
                ],
                "# HELP tensorlet_request_seconds Times to answer requests for predictions.",
                "# TYPE tensorlet_request_seconds histogram",
                *self._seconds.lines("tensorlet_request_seconds"),
                "# HELP tensorlet_batch_rows Rows that were predicted together.",
                "# TYPE tensorlet_batch_rows histogram",
                *self._batch_rows.lines("tensorlet_batch_rows"),
                "# HELP tensorlet_waiting_rows Rows that wait for their prediction.",
                "# TYPE tensorlet_waiting_rows gauge",
                f"tensorlet_waiting_rows {waiting_rows}",
            ]
        return "\n".join(lines) + "\n"
