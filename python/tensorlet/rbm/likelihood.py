"""How likely rows are: free energies of many rows, the pseudo-likelihood, and the exact partition function."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from tensorlet import ops
from tensorlet.errors import InvalidArgumentError
from tensorlet.rbm import equations
from tensorlet.rbm.equations import Draw, Parameters

#: The partition function is a sum over 2 to this power states at most.
MOST_UNITS = 20
#: A function of rows of visible units.
RowFunction = Callable[[Any], Any]
#: Rows that are computed at once.
BATCH = 1000


def energies(parameters: Parameters) -> RowFunction:
    """The function from rows to their free energies."""
    return lambda visible: equations.free_energy(parameters, visible)


def reconstruction_errors(parameters: Parameters) -> RowFunction:
    """The function from rows to the mean squared error of their reconstruction."""

    def errors(visible: Any) -> Any:
        hidden = equations.hidden_probabilities(parameters, visible)
        return ops.reduce_mean(ops.square(visible - equations.visible_means(parameters, hidden)), axis=1)

    return errors


def sampler(parameters: Parameters, draw: Draw) -> RowFunction:
    """The function of one Gibbs step: from visible units to new ones, and their means."""

    def step(visible: Any) -> Any:
        hidden = equations.sampled(equations.hidden_probabilities(parameters, visible), draw)
        means = equations.visible_means(parameters, hidden)
        if parameters.gaussian:
            return means + draw("normal", tuple(means.shape)), means
        return equations.sampled(means, draw), means

    return step


#: The functions that a machine compiles once.
FUNCTIONS: dict[str, Callable[[Parameters], RowFunction]] = {
    "free_energy": energies,
    "reconstruction_error": reconstruction_errors,
}


def in_batches(function: Callable[[Any], Any], rows: np.ndarray) -> np.ndarray:
    """One number per row, computed a batch at a time."""
    parts = [np.asarray(function(rows[start : start + BATCH])) for start in range(0, len(rows), BATCH)]
    return np.concatenate(parts)


def with_one_flipped(rows: np.ndarray, seed: int | None) -> np.ndarray:
    """The rows with one unit each, chosen at random, replaced by its opposite."""
    units = np.random.default_rng(seed).integers(0, rows.shape[1], len(rows))
    flipped = rows.copy()
    places = (np.arange(len(rows)), units)
    flipped[places] = 1 - flipped[places]
    return flipped


def pseudo_likelihood(energies: np.ndarray, flipped: np.ndarray, units: int) -> np.ndarray:
    """``units · log sigmoid(F(flipped) - F(v))`` of each row.

    >>> pseudo_likelihood(np.zeros(1), np.zeros(1), 2).round(4)
    array([-1.3863])
    """
    return np.asarray(-units * np.logaddexp(0.0, energies - flipped))


def log_partition_function(
    kernel: np.ndarray, visible_bias: np.ndarray, hidden_bias: np.ndarray, gaussian: bool
) -> float:
    """The logarithm of the sum of ``exp(-E(v, h))`` over all states.

    The sum over one side has a closed form; that over the other one, the smaller, goes over all its states.
    """
    visible, hidden = kernel.shape
    over_hidden = gaussian or hidden <= visible
    if (hidden if over_hidden else visible) > MOST_UNITS:
        raise InvalidArgumentError(
            f"RBM.log_partition_function adds up 2^units states, which is possible for at most {MOST_UNITS} units on "
            f"one side; this machine has {visible} visible and {hidden} hidden units. Use pseudo_likelihood."
        )
    states = all_states(hidden if over_hidden else visible)
    if gaussian:  # the integral over v of exp(-|v - b|²/2 + v·Wh)
        total = states @ kernel.T
        energy = states @ hidden_bias + total @ visible_bias + 0.5 * np.square(total).sum(axis=1)
        energy = energy + 0.5 * visible * np.log(2 * np.pi)
    elif over_hidden:
        energy = states @ hidden_bias + np.logaddexp(0, states @ kernel.T + visible_bias).sum(axis=1)
    else:
        energy = states @ visible_bias + np.logaddexp(0, states @ kernel + hidden_bias).sum(axis=1)
    return float(np.logaddexp.reduce(energy))


def all_states(units: int) -> np.ndarray:
    """All rows of zeros and ones.

    >>> all_states(2).tolist()
    [[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]]
    """
    numbers = np.arange(2**units)[:, None]
    return ((numbers >> np.arange(units - 1, -1, -1)) & 1).astype(np.float64)
