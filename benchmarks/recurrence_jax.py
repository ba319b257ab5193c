"""The networks of recurrence.py in hand-written JAX: an epoch is one jitted ``lax.scan`` over its batches.

python recurrence_jax.py DATA      (started by recurrence.py; needs jax and numpy only)

In each batch, the inputs of all steps are multiplied at once; another ``lax.scan`` goes over the steps.
"""

from __future__ import annotations

import sys
import time
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from keras_epoch_jax import adam
from measure import reply, requests

NAMES = ("kernel", "recurrent", "bias", "dense", "dense_bias")


def lstm(projected: jax.Array, recurrent: jax.Array, bias: jax.Array) -> jax.Array:
    """The last output of an LSTM; ``projected``: [steps, rows, 4 units]."""
    units = recurrent.shape[0]

    def step(state: Any, x: jax.Array) -> Any:
        h, c = state
        i, f, g, o = jnp.split(x + h @ recurrent + bias, 4, axis=1)
        c = jax.nn.sigmoid(f) * c + jax.nn.sigmoid(i) * jnp.tanh(g)
        return (jax.nn.sigmoid(o) * jnp.tanh(c), c), None

    zeros = jnp.zeros((projected.shape[1], units))
    return jax.lax.scan(step, (zeros, zeros), projected)[0][0]


def gru(projected: jax.Array, recurrent: jax.Array, bias: jax.Array) -> jax.Array:
    """The last output of a GRU in the form that Keras has by default; ``projected``: [steps, rows, 3 units]."""
    units = recurrent.shape[0]

    def step(h: jax.Array, x: jax.Array) -> Any:
        x, inner = x + bias[0], h @ recurrent + bias[1]
        gates = jax.nn.sigmoid(x[:, : 2 * units] + inner[:, : 2 * units])
        z, r = gates[:, :units], gates[:, units:]
        new = jnp.tanh(x[:, 2 * units :] + r * inner[:, 2 * units :])
        return z * h + (1 - z) * new, None

    return jax.lax.scan(step, jnp.zeros((projected.shape[1], units)), projected)[0]


def mean_loss(weights: Any, x: jax.Array, y: jax.Array, cell: str) -> jax.Array:
    """The mean loss of a batch."""
    kernel, recurrent, bias, dense, dense_bias = weights
    if x.dtype == jnp.uint8:
        x = x.astype(jnp.float32) / 255.0
    layer = {"lstm": lstm, "gru": gru}[cell]
    outputs = layer(jnp.swapaxes(x, 0, 1) @ kernel, recurrent, bias) @ dense + dense_bias
    if dense.shape[1] == 1:
        return jnp.square(outputs - y).mean()
    right = jnp.take_along_axis(outputs, y[:, None], axis=1)[:, 0]
    return (jax.nn.logsumexp(outputs, axis=1) - right).mean()


def main(path: str) -> None:
    """Loads the data, then runs one epoch for each request; a smaller last batch is a step of its own."""
    with np.load(path) as archive:
        data = dict(archive)
    size, cell = int(data["batch_size"]), str(data["cell"])
    labels = data["y"].astype(np.int32) if data["y"].dtype == np.uint8 else data["y"]
    x, y = jnp.asarray(data["x"]), jnp.asarray(labels)
    whole = len(x) // size * size

    def step(state: Any, batch: Any) -> Any:
        value, gradients = jax.value_and_grad(partial(mean_loss, cell=cell))(state[0], *batch)
        return adam(state, gradients), value

    # Data are arguments: as captured constants they would be folded into the program.
    @partial(jax.jit, donate_argnums=0)
    def epoch(state: Any, x: jax.Array, y: jax.Array) -> Any:
        batches = tuple(one[:whole].reshape(-1, size, *one.shape[1:]) for one in (x, y))
        state, losses = jax.lax.scan(step, state, batches)
        total = losses.sum() * size
        if len(x) > whole:
            state, value = step(state, (x[whole:], y[whole:]))
            total = total + value * (len(x) - whole)
        return state, total / len(x)

    weights = [jnp.asarray(data[name]) for name in NAMES]
    zeros = jax.tree.map(jnp.zeros_like, weights)
    state = weights, zeros, jax.tree.map(jnp.zeros_like, weights), jnp.float32(0)
    for _ in requests(version=f"jax {jax.__version__}"):
        start = time.perf_counter()
        state, value = epoch(state, x, y)
        value.block_until_ready()
        reply(seconds=time.perf_counter() - start, result=float(value))


if __name__ == "__main__":
    main(*sys.argv[1:])
