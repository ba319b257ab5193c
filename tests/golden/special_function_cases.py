"""Arguments of the special functions, in float64."""

from __future__ import annotations

from typing import Any

import numpy as np

POSITIVE = [1e-3, 0.1, 0.5, 0.9, 1.0, 1.5, 1.7, 2.0, 2.5, 5.0, 9.0, 24.0, 26.0, 39.0, 41.0, 90.0]
BOTH_SIGNS = [-30.0, -2.0, -0.3, 0.0, *POSITIVE]
#: Function below ``tf.math`` -> its arguments.
CASES: dict[str, list[list[float]]] = {
    **{f"special.bessel_{name}": [POSITIVE] for name in ("k0", "k0e", "k1", "k1e", "y0", "y1")},
    **{f"special.bessel_{name}": [BOTH_SIGNS] for name in ("j0", "j1")},
    **{f"special.{name}": [BOTH_SIGNS] for name in ("dawsn", "fresnel_cos", "fresnel_sin")},
    **{f"special.{name}": [POSITIVE] for name in ("expint", "spence")},
}
_SHAPES = [0.01, 0.5, 1.0, 3.0, 38.0, 45.0, 300.0]
_PLACES = [0.01, 0.5, 2.9, 3.1, 30.0, 46.0, 290.0]
for _name in ("igamma", "igammac"):
    _pairs = [(a, x) for a in _SHAPES for x in _PLACES]
    CASES[_name] = [list(side) for side in zip(*_pairs, strict=True)]
_triples = [
    (a, b, x) for a in (0.5, 3.0, 50.0, 200.0) for b in (0.5, 4.0, 60.0) for x in (0.01, 0.4, 0.6, 0.97)
]
CASES["betainc"] = [list(side) for side in zip(*_triples, strict=True)]


def values_and_gradients(tf: Any, name: str) -> tuple[np.ndarray, list[np.ndarray | None]]:
    """What a function gives for its arguments, and its gradients; None for an argument that has none.

    Args:
        tf: the library.
        name: of the function.
    """
    function = tf.math
    for part in name.split("."):
        function = getattr(function, part)
    arguments = [tf.constant(one, tf.float64) for one in CASES[name]]
    with tf.GradientTape() as tape:
        tape.watch(arguments)
        value = function(*arguments)
    gradients = tape.gradient(value, arguments)
    return value.numpy(), [None if one is None else one.numpy() for one in gradients]
