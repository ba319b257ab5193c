"""The models of keras_epoch.py in hand-written JAX: an epoch is one jitted ``lax.scan`` over its batches.

python keras_epoch_jax.py DATA VARIANT      (started by keras_epoch.py; needs jax and numpy only)

The variants differ in how rows are kept; the benchmark counts the best of them.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from measure import reply, requests

RATE, BETA_1, BETA_2, EPSILON = 0.001, 0.9, 0.999, 1e-7

#: How a variant keeps the rows, and how a batch of them becomes pixels from 0 to 1.
VARIANTS: dict[str, tuple[Callable[[np.ndarray], np.ndarray], Callable[[jax.Array], jax.Array]]] = {
    "float32": (lambda images: (images / 255.0).astype(np.float32), lambda rows: rows),
    "uint8": (lambda images: images, lambda rows: rows.astype(jnp.float32) / 255.0),
}


def forward(weights: Any, pixels: jax.Array) -> jax.Array:
    """The logits of a batch."""
    for kernel, bias in weights[:-1]:
        pixels = jax.nn.relu(pixels @ kernel + bias)
    kernel, bias = weights[-1]
    return pixels @ kernel + bias


def loss(weights: Any, pixels: jax.Array, labels: jax.Array) -> jax.Array:
    """The mean cross-entropy of a batch: pixels ``[rows, 784]``, labels ``[rows]``."""
    logits = forward(weights, pixels)
    right = jnp.take_along_axis(logits, labels[:, None], axis=1)[:, 0]
    return (jax.nn.logsumexp(logits, axis=1) - right).mean()


def adam(state: Any, gradients: Any) -> Any:
    """One step of Adam as Keras takes it (Kingma and Ba 2015, section 2, last paragraph)."""
    weights, first, second, count = state
    count = count + 1
    rate = RATE * jnp.sqrt(1 - BETA_2**count) / (1 - BETA_1**count)
    first = jax.tree.map(lambda m, g: m + (1 - BETA_1) * (g - m), first, gradients)
    second = jax.tree.map(lambda v, g: v + (1 - BETA_2) * (g * g - v), second, gradients)
    weights = jax.tree.map(lambda w, m, v: w - rate * m / (jnp.sqrt(v) + EPSILON), weights, first, second)
    return weights, first, second, count


def initial_state(data: Any) -> Any:
    """Weights, first and second moments, and the number of steps."""
    layers = range(int(data["layers"]))
    weights = [(jnp.asarray(data[f"kernel{layer}"]), jnp.asarray(data[f"bias{layer}"])) for layer in layers]
    zeros = jax.tree.map(jnp.zeros_like, weights)
    return weights, zeros, jax.tree.map(jnp.zeros_like, weights), jnp.float32(0)


def main(path: str, variant: str) -> None:
    """Loads the data, then runs one epoch for each request."""
    keep, expand = VARIANTS[variant]
    with np.load(path) as archive:
        data = dict(archive)
    images, labels = jnp.asarray(keep(data["images"])), jnp.asarray(data["labels"].astype(np.int32))
    state = initial_state(data)

    def step(state: Any, rows: jax.Array, images: jax.Array, labels: jax.Array) -> Any:
        value, gradients = jax.value_and_grad(loss)(state[0], expand(images[rows]), labels[rows])
        return adam(state, gradients), value

    # Data are arguments: as captured constants they would be folded into the program.
    @partial(jax.jit, donate_argnums=0)
    def epoch(state: Any, order: jax.Array, images: jax.Array, labels: jax.Array) -> Any:
        state, losses = jax.lax.scan(lambda s, rows: step(s, rows, images, labels), state, order)
        return state, losses.mean()

    for request in requests(version=f"jax {jax.__version__}"):
        order = jnp.asarray(data["orders"][request["epoch"]].reshape(-1, int(data["batch_size"])))
        start = time.perf_counter()
        state, value = epoch(state, order, images, labels)
        value.block_until_ready()
        reply(seconds=time.perf_counter() - start, loss=float(value))


if __name__ == "__main__":
    main(*sys.argv[1:])
