"""One side of population.py.

python population_worker.py DATA WHO EPOCHS      (started by population.py)
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from typing import Any

import numpy as np

from measure import reply, requests

UNITS, CLASSES, BATCH = 16, 3, 32
#: What trains a number of models, and returns the loss of each after the last epoch.
Trainer = Callable[[int], np.ndarray]


def build(keras: Any, rate: float) -> Any:
    """A compiled perceptron."""
    model = keras.Sequential(
        [
            keras.Input((20,)),
            keras.layers.Dense(UNITS, activation="relu"),
            keras.layers.Dense(CLASSES, activation="softmax"),
        ]
    )
    model.compile(keras.optimizers.Adam(rate), "sparse_categorical_crossentropy")
    return model


def together(data: dict[str, np.ndarray], epochs: int) -> tuple[str, Trainer]:
    """Tensorlet's `train_many`."""
    import tensorlet as tf

    def train(models: int) -> np.ndarray:
        configurations = [{"rate": float(rate)} for rate in data["rates"][:models]]
        trained = tf.train_many(
            lambda rate: build(tf.keras, rate), configurations, (data["x"], data["y"]), epochs, BATCH
        )
        return np.array([one.history.history["loss"][-1] for one in trained])

    return f"tensorlet {tf.__version__}", train


def one_by_one(keras: Any, version: str, data: dict[str, np.ndarray], epochs: int) -> tuple[str, Trainer]:
    """Keras's `fit`, model after model."""

    def train(models: int) -> np.ndarray:
        losses = []
        for number, rate in enumerate(data["rates"][:models]):
            keras.utils.set_random_seed(number)
            model = build(keras, float(rate))
            history = model.fit(data["x"], data["y"], batch_size=BATCH, epochs=epochs, verbose=0)
            losses.append(history.history["loss"][-1])
        return np.array(losses)

    return version, train


def with_vmap(data: dict[str, np.ndarray], epochs: int) -> tuple[str, Trainer]:
    """A jitted function of JAX: a scan over steps in a scan over epochs, of all models at once."""
    import jax
    import jax.numpy as jnp

    x, y = jnp.asarray(data["x"]), jnp.asarray(data["y"])
    rows = len(data["x"])
    steps = rows // BATCH

    def first(key: Any) -> list[Any]:
        one, two = jax.random.split(key)
        glorot = jax.nn.initializers.glorot_uniform()
        return [glorot(one, (20, UNITS)), jnp.zeros(UNITS), glorot(two, (UNITS, CLASSES)), jnp.zeros(CLASSES)]

    def loss_of(weights: Any, x: Any, y: Any) -> Any:
        kernel, bias, last, last_bias = weights
        logits = jax.nn.relu(x @ kernel + bias) @ last + last_bias
        return -jnp.mean(jnp.take_along_axis(jax.nn.log_softmax(logits), y[:, None], axis=1))

    def adam(state: Any, batch: Any) -> tuple[Any, Any]:
        weights, means, squares, step, rate = state
        loss, gradients = jax.value_and_grad(loss_of)(weights, x[batch], y[batch])
        step = step + 1
        means = [0.9 * m + 0.1 * g for m, g in zip(means, gradients, strict=True)]
        squares = [0.999 * s + 0.001 * g * g for s, g in zip(squares, gradients, strict=True)]
        scale = rate * jnp.sqrt(1 - 0.999**step) / (1 - 0.9**step)
        weights = [
            w - scale * m / (jnp.sqrt(s) + 1e-7) for w, m, s in zip(weights, means, squares, strict=True)
        ]
        return (weights, means, squares, step, rate), loss

    def epoch(state: Any, key: Any) -> tuple[Any, Any]:
        order = jax.random.permutation(key, rows)
        state, losses = jax.lax.scan(adam, state, order[: steps * BATCH].reshape(steps, BATCH))
        loss = losses.sum() * BATCH
        if rows % BATCH:
            state, rest = adam(state, order[steps * BATCH :])
            loss = loss + rest * (rows % BATCH)
        return state, loss / rows

    def train_one(key: Any, rate: Any) -> Any:
        weights = first(key)
        zeros = [jnp.zeros_like(weight) for weight in weights]
        state = (weights, zeros, zeros, jnp.zeros(()), rate)
        return jax.lax.scan(epoch, state, jax.random.split(key, epochs))[1][-1]

    compiled = jax.jit(jax.vmap(train_one))

    def train(models: int) -> np.ndarray:
        keys = jax.random.split(jax.random.PRNGKey(0), models)
        return np.asarray(compiled(keys, jnp.asarray(data["rates"][:models])))

    return f"jax {jax.__version__}", train


def trainer_of(who: str, data: dict[str, np.ndarray], epochs: int) -> tuple[str, Trainer]:
    """The version and the training function of a contestant."""
    if who == "tensorlet":
        return together(data, epochs)
    if who == "one by one":
        import tensorlet as tf

        return one_by_one(tf.keras, f"tensorlet {tf.__version__}", data, epochs)
    if who == "jax vmap":
        return with_vmap(data, epochs)
    import jax

    import keras

    return one_by_one(keras, f"keras {keras.__version__} on jax {jax.__version__}", data, epochs)


def main(path: str, who: str, epochs: str) -> None:
    """Answers with the seconds of a training; the first one, which compiles, is not counted for a `vmap`."""
    with np.load(path) as archive:
        data = dict(archive)
    version, train = trainer_of(who, data, int(epochs))
    warm = False
    for request in requests(version=version):
        if not warm:
            train(request["models"] if who == "jax vmap" else 1)
            warm = True
        start = time.perf_counter()
        losses = train(request["models"])
        reply(seconds=time.perf_counter() - start, loss=float(losses.mean()))


if __name__ == "__main__":
    main(*sys.argv[1:])
