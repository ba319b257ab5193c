"""XOR in hand-written JAX: 1,000 epochs are one jitted ``lax.scan``.      (started by xor.py)"""

from __future__ import annotations

import time
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp

from keras_epoch_jax import adam
from measure import reply, requests
from xor_data import EPOCHS, LABELS, ROWS, weights


def loss(weights: Any, rows: jax.Array, labels: jax.Array) -> tuple[jax.Array, jax.Array]:
    """The mean squared error, and the accuracy."""
    (hidden, hidden_bias), (output, output_bias) = weights
    prediction = jax.nn.sigmoid(jax.nn.relu(rows @ hidden + hidden_bias) @ output + output_bias)
    accuracy = ((prediction > 0.5) == labels).mean()
    return jnp.square(prediction - labels).mean(), accuracy


@partial(jax.jit, donate_argnums=0)
def train(state: Any, rows: jax.Array, labels: jax.Array) -> Any:
    """1,000 epochs, each a step and a validation; the state and the histories."""

    def epoch(state: Any, _: None) -> Any:
        seen, gradients = jax.value_and_grad(loss, has_aux=True)(state[0], rows, labels)
        state = adam(state, gradients)
        return state, (*seen, *loss(state[0], rows, labels))

    return jax.lax.scan(epoch, state, None, length=EPOCHS)


def main() -> None:
    """Trains for each request."""
    arrays = [jnp.asarray(array) for array in weights()]
    start_weights = [(arrays[0], arrays[1]), (arrays[2], arrays[3])]
    zeros = jax.tree.map(jnp.zeros_like, start_weights)
    state = (start_weights, zeros, jax.tree.map(jnp.zeros_like, start_weights), jnp.float32(0))
    rows, labels = jnp.asarray(ROWS), jnp.asarray(LABELS)
    for _ in requests(version=f"jax {jax.__version__}"):
        start = time.perf_counter()
        state, histories = train(state, rows, labels)
        jax.block_until_ready(histories)
        reply(seconds=time.perf_counter() - start, loss=float(histories[2][-1]))


if __name__ == "__main__":
    main()
