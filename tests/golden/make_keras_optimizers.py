"""Writes ``keras_optimizers.json``: what real Keras's optimizers and schedules give.

    KERAS_BACKEND=jax python tests/golden/make_keras_optimizers.py      (needs: pip install keras jax)

Each optimizer takes 200 steps on the small network of `optimizer_problem`, from the same weights; the
file holds some of the weights after steps 1, 20 and 200. Schedules are asked for their rates.
"""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from typing import Any

os.environ.setdefault("KERAS_BACKEND", "jax")

import jax
import jax.numpy as jnp
import numpy as np
from optimizer_problem import OPTIMIZERS, SCHEDULES, STEPS, TIMES, made, numbers, start

import keras

TARGET = Path(__file__).with_name("keras_optimizers.json")


def loss(weights: list[Any], x: Any, y: Any) -> Any:
    """Softmax cross-entropy of a network with one hidden layer of tanh units."""
    hidden = jnp.tanh(x @ weights[0] + weights[1])
    logits = hidden @ weights[2] + weights[3]
    return -jnp.mean(jnp.sum(y * jax.nn.log_softmax(logits), axis=1))


def run(name: str, arguments: dict[str, Any]) -> dict[str, Any]:
    """Some weights after some steps of one optimizer."""
    x, y, weights = start()
    variables = [keras.Variable(value) for value in weights]
    optimizer = made(keras.optimizers, name, arguments)
    optimizer.build(variables)
    slope = jax.jit(jax.grad(loss))
    found = {}
    for step in range(1, STEPS + 1):
        gradients = slope([variable.value for variable in variables], x, y)
        optimizer.apply(gradients, variables)
        if step in TIMES:
            found[str(step)] = numbers([np.asarray(variable.value) for variable in variables])
    return found


def rates(name: str, arguments: dict[str, Any]) -> list[float]:
    """A schedule's rates at steps 0 to 59."""
    schedule = getattr(keras.optimizers.schedules, name)(**arguments)
    return [float(f"{float(schedule(step)):.8g}") for step in range(60)]


def main() -> None:
    """Writes the file."""
    found = {
        "keras": keras.__version__,
        "optimizers": {label: run(name, arguments) for label, (name, arguments) in OPTIMIZERS.items()},
        "schedules": {label: rates(name, arguments) for label, (name, arguments) in SCHEDULES.items()},
    }
    # One line for each optimizer: what changed is seen, and the file stays small.
    TARGET.write_text(re.sub(r"\n\s+(?=[-\d\]])", " ", json.dumps(found, indent=1)) + "\n", encoding="utf-8")
    print(f"wrote {TARGET.name}: {len(found['optimizers'])} optimizers, {len(found['schedules'])} schedules")


if __name__ == "__main__":
    main()
