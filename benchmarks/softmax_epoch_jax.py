"""Softmax regression on MNIST in hand-written JAX: an epoch is one jitted ``lax.scan`` over its batches.

python softmax_epoch_jax.py DATA VARIANT      (started by softmax_epoch.py; needs jax and numpy only)

The variants differ in how rows are kept; the benchmark counts the best of them.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from functools import partial

import jax
import jax.numpy as jnp
import numpy as np

from measure import reply, requests

Weights = tuple[jax.Array, jax.Array]

#: How a variant keeps the rows, and how a batch of them becomes pixels from 0 to 1.
VARIANTS: dict[str, tuple[Callable[[np.ndarray], np.ndarray], Callable[[jax.Array], jax.Array]]] = {
    "float32": (lambda images: (images / 255.0).astype(np.float32), lambda rows: rows),
    "uint8": (lambda images: images, lambda rows: rows.astype(jnp.float32) / 255.0),
}


def loss(weights: Weights, pixels: jax.Array, labels: jax.Array) -> jax.Array:
    """The mean cross-entropy of a batch: pixels ``[rows, 784]``, labels ``[rows]``."""
    logits = pixels @ weights[0] + weights[1]
    right = jnp.take_along_axis(logits, labels[:, None], axis=1)[:, 0]
    return (jax.nn.logsumexp(logits, axis=1) - right).mean()


def main(path: str, variant: str) -> None:
    """Loads the data, then runs one epoch for each request."""
    keep, expand = VARIANTS[variant]
    with np.load(path) as data:
        images, labels = jnp.asarray(keep(data["images"])), jnp.asarray(data["labels"])
        weights: Weights = (jnp.asarray(data["weights"]), jnp.asarray(data["biases"]))
        orders = data["orders"]
        rate, batch_size = float(data["rate"]), int(data["batch_size"])

    def step(
        weights: Weights, rows: jax.Array, images: jax.Array, labels: jax.Array
    ) -> tuple[Weights, jax.Array]:
        value, gradients = jax.value_and_grad(loss)(weights, expand(images[rows]), labels[rows])
        return jax.tree.map(lambda weight, gradient: weight - rate * gradient, weights, gradients), value

    # Data are arguments: as captured constants they would be folded into the program.
    @partial(jax.jit, donate_argnums=0)
    def epoch(
        weights: Weights, order: jax.Array, images: jax.Array, labels: jax.Array
    ) -> tuple[Weights, jax.Array]:
        weights, losses = jax.lax.scan(lambda w, rows: step(w, rows, images, labels), weights, order)
        return weights, losses.mean()

    for request in requests(version=f"jax {jax.__version__}"):
        order = jnp.asarray(orders[request["epoch"]].reshape(-1, batch_size))
        start = time.perf_counter()
        weights, value = epoch(weights, order, images, labels)
        value.block_until_ready()
        reply(seconds=time.perf_counter() - start, loss=float(value))


if __name__ == "__main__":
    main(*sys.argv[1:])
