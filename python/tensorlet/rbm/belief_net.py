"""`DeepBeliefNet`: machines on top of each other, each of which learned the hidden units of the one below."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from tensorlet.errors import InvalidArgumentError
from tensorlet.rbm import equations
from tensorlet.rbm.machine import RBM

if TYPE_CHECKING:
    from tensorlet.core.epochs import History
    from tensorlet.type_aliases import ArrayLike


class DeepBeliefNet:
    """A stack of restricted Boltzmann machines, trained greedily: one after the other, from the bottom up.

    Args:
        machines: the machines; each has as many visible units as the one below has hidden units.

    Attributes:
        machines: the machines.
        histories: the history of each machine's `fit`.

    Source: G. Hinton, S. Osindero and Y. Teh, "A Fast Learning Algorithm for Deep Belief Nets", Neural Computation 18
    (2006).

    >>> import numpy as np
    >>> from tensorlet.rbm import RBM, DeepBeliefNet
    >>> rows = np.repeat([[1.0, 1, 0, 0], [0, 0, 1, 1]], 50, axis=0)
    >>> net = DeepBeliefNet([RBM(3), RBM(2)]).fit(rows, epochs=3, seed=0)
    >>> net.transform(rows).shape, net.sample(5, seed=0).shape
    ((100, 2), (5, 4))
    """

    def __init__(self, machines: Sequence[RBM]) -> None:
        if (
            not isinstance(machines, list | tuple)
            or not machines
            or not all(isinstance(one, RBM) for one in machines)
        ):
            raise InvalidArgumentError(f"DeepBeliefNet got {machines!r}, expected a list of one RBM or more.")
        self.machines = list(machines)
        self.histories: list[History] = []

    def fit(
        self,
        x: ArrayLike,
        *,
        epochs: int = 10,
        batch_size: int = 100,
        seed: int | None = None,
        verbose: int = 0,
    ) -> DeepBeliefNet:
        """Trains each machine on the hidden probabilities of the one below; see `RBM.fit`."""
        rows = np.asarray(x)
        self.histories = []
        for number, machine in enumerate(self.machines):
            own = None if seed is None else seed + number
            if verbose:
                shape = f"{rows.shape[1]} visible, {machine.units} hidden units"
                print(f"Machine {number + 1} of {len(self.machines)}: {shape}")
            self.histories.append(
                machine.fit(rows, epochs=epochs, batch_size=batch_size, seed=own, verbose=verbose)
            )
            rows = transformed(machine, rows)
        return self

    def transform(self, x: ArrayLike) -> np.ndarray:
        """The hidden probabilities of the highest machine, of shape (rows, units)."""
        rows = np.asarray(x)
        for machine in self.machines:
            rows = transformed(machine, rows)
        return rows

    def sample(self, rows: int = 1, steps: int = 1000, seed: int | None = None) -> np.ndarray:
        """Draws rows: Gibbs sampling in the highest machine, then one step down through each of the others.

        Returns:
            The expected visible units of the lowest machine, of shape (rows, visible).
        """
        found = self.machines[-1].sample(rows, steps, seed=seed)
        random = np.random.default_rng(seed)
        for machine in reversed(self.machines[:-1]):
            hidden = (random.random(found.shape) < found).astype(np.float32)
            found = np.asarray(equations.visible_means(machine.parameters, hidden))
        return found


def transformed(machine: RBM, rows: np.ndarray) -> np.ndarray:
    """The hidden probabilities of a machine for many rows."""
    size = 4096
    parts = [
        np.asarray(machine(rows[start : start + size].astype(np.float32)))
        for start in range(0, len(rows), size)
    ]
    return np.concatenate(parts)
