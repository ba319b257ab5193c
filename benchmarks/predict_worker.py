"""One side of predict.py.

python predict_worker.py DATA tensorlet|jax      (started by predict.py)
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from typing import Any

import numpy as np

from measure import reply, requests

#: Seconds that the calls of one answer should take together.
ENOUGH = 0.05


def tensorlet_predict(data: Any, images: np.ndarray) -> tuple[str, Callable[[int], Callable[[], Any]]]:
    """The version, and a function that returns a call of `predict` on a number of rows."""
    import tensorlet as tf
    from keras_epoch_fit import build

    model = build(tf.keras, data)

    def call_of(rows: int) -> Callable[[], Any]:
        x = images[:rows]
        return lambda: model.predict(x, verbose=0)

    return f"tensorlet {tf.__version__}", call_of


def jax_predict(data: Any, images: np.ndarray) -> tuple[str, Callable[[int], Callable[[], Any]]]:
    """The same for a jitted function."""
    import jax
    import jax.numpy as jnp

    from keras_epoch_jax import forward, initial_state

    weights = initial_state(data)[0]
    compiled = jax.jit(lambda weights, x: jax.nn.softmax(forward(weights, x)))

    def call_of(rows: int) -> Callable[[], Any]:
        x = images[:rows] if rows == 1 else jnp.asarray(images[:rows])
        return lambda: np.asarray(compiled(weights, x))

    return f"jax {jax.__version__}", call_of


def main(path: str, library: str) -> None:
    """Answers with the seconds of one call, the smallest of some series, after a call that compiles."""
    with np.load(path) as archive:
        data = dict(archive)
    images = (data["test_images"] / 255.0).astype(np.float32)
    version, call_of = {"tensorlet": tensorlet_predict, "jax": jax_predict}[library](data, images)
    calls: dict[int, Callable[[], Any]] = {}
    for request in requests(version=version):
        rows = request["rows"]
        call = calls.setdefault(rows, call_of(rows))
        found = call()
        start = time.perf_counter()
        call()
        count = max(1, int(ENOUGH / (time.perf_counter() - start)))
        start = time.perf_counter()
        for _ in range(count):
            call()
        seconds = (time.perf_counter() - start) / count
        reply(seconds=seconds, sum=float(np.square(found, dtype=np.float64).sum()))


if __name__ == "__main__":
    main(*sys.argv[1:])
