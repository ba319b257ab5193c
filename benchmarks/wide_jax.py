"""The workloads of wide.py that arithmetic bounds, in hand-written, jitted JAX.

python wide_jax.py NAME      (started by wide.py; needs jax and numpy only)

What ``fit`` does in an epoch is one ``lax.scan`` over the batches here; what is a loop of traced steps is a loop of
jitted steps.
"""

from __future__ import annotations

import itertools
import sys
import time
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from keras_epoch_jax import adam
from measure import reply, requests
from workloads.data import pixels, table

Loss = Callable[..., Any]


def weights(widths: Sequence[int]) -> Any:
    """Kernels and biases of dense layers."""
    generator = np.random.default_rng(0)
    return [
        (
            jnp.asarray(generator.uniform(-1, 1, pair).astype(np.float32) * np.sqrt(6 / sum(pair))),
            jnp.zeros(pair[1], jnp.float32),
        )
        for pair in itertools.pairwise(widths)
    ]


def forward(layers: Any, x: Any, activation: Callable[[Any], Any] = jax.nn.relu) -> Any:
    """The outputs of dense layers, the last one linear."""
    for kernel, bias in layers[:-1]:
        x = activation(x @ kernel + bias)
    kernel, bias = layers[-1]
    return x @ kernel + bias


def class_loss(layers: Any, x: Any, y: Any) -> Any:
    """Cross-entropy of class numbers."""
    logits = forward(layers, x)
    return (jax.nn.logsumexp(logits, axis=1) - jnp.take_along_axis(logits, y[:, None], axis=1)[:, 0]).mean()


def binary_loss(logits: Any, y: Any) -> Any:
    """Cross-entropy of probabilities given as logits."""
    return (jnp.maximum(logits, 0) - logits * y + jnp.log1p(jnp.exp(-jnp.abs(logits)))).mean()


def fresh(layers: Any) -> Any:
    """Weights with Adam's moments and its count of steps; see `keras_epoch_jax.adam`."""
    zeros = jax.tree.map(jnp.zeros_like, layers)
    return layers, zeros, jax.tree.map(jnp.zeros_like, layers), jnp.float32(0)


def epoch_of(
    widths: Sequence[int], loss: Loss, x: np.ndarray, y: np.ndarray, batch_size: int
) -> Callable[[], Any]:
    """An epoch over rows in a new random order."""
    state, data = fresh(weights(widths)), (jnp.asarray(x), jnp.asarray(y))
    generator = np.random.default_rng(0)

    def step(state: Any, rows: Any, x: Any, y: Any) -> Any:
        value, gradients = jax.value_and_grad(loss)(state[0], x[rows], y[rows])
        return adam(state, gradients), value

    @partial(jax.jit, donate_argnums=0)
    def epoch(state: Any, order: Any, x: Any, y: Any) -> Any:
        state, losses = jax.lax.scan(lambda s, rows: step(s, rows, x, y), state, order)
        return state, losses.mean()

    def work() -> None:
        nonlocal state
        steps = len(x) // batch_size
        order = generator.permutation(len(x))[: steps * batch_size].reshape(steps, batch_size)
        state, value = epoch(state, jnp.asarray(order), *data)
        value.block_until_ready()

    return work


def wide_layers() -> Callable[[], Any]:
    """See workloads.training."""
    labels = table(5_000, classes=10)[1].astype(np.int32)
    return epoch_of((784, 1024, 1024, 10), class_loss, pixels(5_000), labels, 128)


def table_batch_1024() -> Callable[[], Any]:
    """See workloads.training."""
    x, y = table(10_240)
    return epoch_of((20, 256, 256, 3), class_loss, x, y.astype(np.int32), 1024)


def autoencoder() -> Callable[[], Any]:
    """See workloads.training."""
    x = pixels(10_000)
    return epoch_of((784, 128, 32, 128, 784), lambda w, x, y: binary_loss(forward(w, x), y), x, x, 128)


def gan() -> Callable[[], Any]:
    """See workloads.loops."""
    states = fresh(weights((64, 256, 784))), fresh(weights((784, 256, 1)))
    real, noise = jnp.asarray(pixels(128)), jnp.asarray(table(128, 64)[0])

    def fooled(generator: Any, critic: Any, noise: Any) -> Any:
        return binary_loss(forward(critic, jax.nn.sigmoid(forward(generator, noise))), 1.0)

    def seen(critic: Any, generator: Any, real: Any, noise: Any) -> Any:
        made = jax.nn.sigmoid(forward(generator, noise))
        return binary_loss(forward(critic, real), 1.0) + binary_loss(forward(critic, made), 0.0)

    @partial(jax.jit, donate_argnums=0)
    def step(states: Any, real: Any, noise: Any) -> Any:
        generator, critic = states
        gradients = (
            jax.grad(fooled)(generator[0], critic[0], noise),
            jax.grad(seen)(critic[0], generator[0], real, noise),
        )
        return tuple(adam(state, gradient) for state, gradient in zip(states, gradients, strict=True))

    def work() -> None:
        nonlocal states
        for _ in range(50):
            states = step(states, real, noise)
        jax.block_until_ready(states)

    return work


def physics() -> Callable[[], Any]:
    """See workloads.loops."""
    state = fresh(weights((1, 64, 64, 1)))
    points = jnp.linspace(0, 3, 128)

    def loss(layers: Any, points: Any) -> Any:
        def y(x: Any) -> Any:
            return forward(layers, x[None], jnp.tanh)[0]

        bend = jax.vmap(jax.grad(jax.grad(y)))(points)
        return jnp.mean((bend + jax.vmap(y)(points)) ** 2) + (y(points[0]) - 1.0) ** 2

    @partial(jax.jit, donate_argnums=0)
    def step(state: Any, points: Any) -> Any:
        return adam(state, jax.grad(loss)(state[0], points))

    def work() -> None:
        nonlocal state
        for _ in range(100):
            state = step(state, points)
        jax.block_until_ready(state)

    return work


def main(name: str) -> None:
    """Works for each request."""
    work = globals()[name]()
    for request in requests(version=f"jax {jax.__version__}"):
        start, cpu_start = time.perf_counter(), time.process_time()
        for _ in range(request["times"]):
            work()
        reply(seconds=time.perf_counter() - start, cpu_seconds=time.process_time() - cpu_start)


if __name__ == "__main__":
    main(*sys.argv[1:])
