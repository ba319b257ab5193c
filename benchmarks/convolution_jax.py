"""The networks of convolution.py in hand-written JAX: an epoch is one jitted ``lax.scan`` over its batches.

python convolution_jax.py DATA fit|predict      (started by convolution.py; needs jax and numpy only)
"""

from __future__ import annotations

import sys
import time
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from keras_epoch_jax import adam, initial_state
from measure import reply, requests

#: Seconds that the calls of one answer should take together.
ENOUGH = 0.05


def forward(weights: Any, x: jax.Array, paddings: tuple[str, ...]) -> jax.Array:
    """The logits of a batch of pictures with numbers from 0 to 255."""
    x = x.astype(jnp.float32) / 255.0
    layout = ("NHWC", "HWIO", "NHWC")
    for (kernel, bias), padding in zip(weights, paddings, strict=False):
        x = jax.lax.conv_general_dilated(x, kernel, (1, 1), padding, dimension_numbers=layout)
        x = jax.nn.relu(x + bias)
        x = jax.lax.reduce_window(x, -jnp.inf, jax.lax.max, (1, 2, 2, 1), (1, 2, 2, 1), "VALID")
    x = x.reshape(len(x), -1)
    for kernel, bias in weights[len(paddings) : -1]:
        x = jax.nn.relu(x @ kernel + bias)
    kernel, bias = weights[-1]
    return x @ kernel + bias


def train(data: Any, paddings: tuple[str, ...]) -> None:
    """One epoch for each request; a smaller last batch is a step of its own."""
    size = int(data["batch_size"])
    images, labels = jnp.asarray(data["images"]), jnp.asarray(data["labels"].astype(np.int32))
    whole = len(images) // size

    def loss(weights: Any, x: jax.Array, y: jax.Array) -> jax.Array:
        logits = forward(weights, x, paddings)
        right = jnp.take_along_axis(logits, y[:, None], axis=1)[:, 0]
        return (jax.nn.logsumexp(logits, axis=1) - right).mean()

    def step(state: Any, batch: Any) -> Any:
        value, gradients = jax.value_and_grad(loss)(state[0], *batch)
        return adam(state, gradients), value

    @partial(jax.jit, donate_argnums=0)
    def epoch(state: Any, images: jax.Array, labels: jax.Array) -> Any:
        batches = (
            images[: whole * size].reshape(whole, size, 28, 28, 1),
            labels[: whole * size].reshape(whole, size),
        )
        state, losses = jax.lax.scan(step, state, batches)
        total, rest = losses.sum() * size, len(images) - whole * size
        if rest:
            state, value = step(state, (images[whole * size :], labels[whole * size :]))
            total = total + value * rest
        return state, total / len(images)

    state = initial_state(data)
    for _ in requests(version=f"jax {jax.__version__}"):
        start = time.perf_counter()
        state, value = epoch(state, images, labels)
        value.block_until_ready()
        reply(seconds=time.perf_counter() - start, result=float(value))


def predict(data: Any, paddings: tuple[str, ...]) -> None:
    """The seconds of a call with one picture, for each request."""
    weights = initial_state(data)[0]
    compiled = jax.jit(lambda weights, x: jax.nn.softmax(forward(weights, x, paddings)))
    x = data["images"][:1].astype(np.float32)
    for _ in requests(version=f"jax {jax.__version__}"):
        found = np.asarray(compiled(weights, x))
        best, end = float("inf"), time.perf_counter() + ENOUGH
        while time.perf_counter() < end:
            start = time.perf_counter()
            np.asarray(compiled(weights, x))
            best = min(best, time.perf_counter() - start)
        reply(seconds=best, result=float(np.square(found, dtype=np.float64).sum()))


def main(path: str, form: str) -> None:
    """Loads the data, then answers requests."""
    with np.load(path) as archive:
        data = dict(archive)
    paddings = tuple(str(padding) for padding in data["paddings"])
    (train if form == "fit" else predict)(data, paddings)


if __name__ == "__main__":
    main(*sys.argv[1:])
