"""`RBM`: a restricted Boltzmann machine as a layer, which also learns without labels."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from tensorlet.core.epochs import History, run_epochs
from tensorlet.core.function import Function
from tensorlet.errors import DTypeError, InvalidArgumentError, ShapeError
from tensorlet.keras import initializers
from tensorlet.keras.layers.base import Layer
from tensorlet.keras.layers.core import positive_integer
from tensorlet.ops.conversion import to_array
from tensorlet.rbm import equations, likelihood
from tensorlet.rbm.equations import Parameters
from tensorlet.rbm.training import Learner
from tensorlet.registry import register

if TYPE_CHECKING:
    from tensorlet.core.shape import TensorShape
    from tensorlet.ops.registry import Tensor
    from tensorlet.type_aliases import ArrayLike, Identifier

#: The rows for which `fit` reports the reconstruction error and the pseudo-likelihood.
MONITORED = 500


@register("layer")
class RBM(Layer):
    """A restricted Boltzmann machine: visible and hidden units, connected to each other but not among themselves.

    As a layer it is ``sigmoid(x @ kernel + bias)``, the probabilities of its hidden units, and can be stacked and
    trained with labels like `Dense`. `fit` trains it without labels by contrastive divergence, in native code.

    Args:
        units: the number of hidden units.
        visible: "bernoulli" for visible units from 0 to 1 (a number between them is a probability), or "gaussian" for
            real numbers; standardize these to mean 0 and variance 1.
        learning_rate: the step along the mean gradient of a batch. Gaussian units need a smaller one, such as 0.01.
        k: the number of Gibbs steps (CD-k).
        persistent: whether the Markov chains go on from batch to batch (PCD), instead of starting at the data.
        momentum: the part of the last update that is added to the next one.
        weight_decay: the kernel shrinks by this part of itself, times the learning rate, in each step.
        sparsity_target: the wanted mean probability of the hidden units, such as 0.05; None for no target.
        sparsity_cost: how strongly the means are drawn to the target.
        kernel_initializer: by default normal with standard deviation 0.01, as Hinton's guide recommends.
        options: the arguments of `Layer`.

    Raises:
        InvalidArgumentError: for an invalid argument.

    Source: G. Hinton, "A Practical Guide to Training Restricted Boltzmann Machines" (2010).

    >>> import numpy as np
    >>> import tensorlet as tf
    >>> from tensorlet.rbm import RBM
    >>> rows = np.repeat([[1.0, 1, 1, 0, 0, 0], [0, 0, 0, 1, 1, 1]], 50, axis=0)
    >>> machine = RBM(2, learning_rate=0.5)
    >>> history = machine.fit(rows, epochs=40, batch_size=10, seed=0)
    >>> machine.reconstruct(rows[:1]).numpy().round().tolist()
    [[1.0, 1.0, 1.0, 0.0, 0.0, 0.0]]
    """

    config_names = (
        "units", "visible", "learning_rate", "k", "persistent", "momentum", "weight_decay", "sparsity_target",
        "sparsity_cost", "kernel_initializer",
    )  # fmt: skip

    def __init__(
        self,
        units: int,
        visible: str = "bernoulli",
        *,
        learning_rate: float = 0.1,
        k: int = 1,
        persistent: bool = False,
        momentum: float = 0.0,
        weight_decay: float = 0.0,
        sparsity_target: float | None = None,
        sparsity_cost: float = 0.1,
        kernel_initializer: Identifier | None = None,
        **options: Any,
    ) -> None:
        super().__init__(**options)
        self.units = positive_integer("RBM", "units", units)
        self.k = positive_integer("RBM", "k", k)
        if visible not in ("bernoulli", "gaussian"):
            raise InvalidArgumentError(f"RBM: visible={visible!r}, expected 'bernoulli' or 'gaussian'.")
        if not learning_rate > 0 or not 0 <= momentum < 1 or weight_decay < 0 or sparsity_cost < 0:
            raise InvalidArgumentError(
                f"RBM got learning_rate={learning_rate}, momentum={momentum}, weight_decay={weight_decay} and "
                f"sparsity_cost={sparsity_cost}; expected a learning rate above 0, a momentum from 0 to below 1, and "
                "no negative numbers."
            )
        if sparsity_target is not None and not 0 < sparsity_target < 1:
            raise InvalidArgumentError(
                f"RBM: sparsity_target={sparsity_target}, expected a number between 0 and 1."
            )
        self.visible, self.learning_rate, self.persistent = visible, learning_rate, persistent
        self.momentum, self.weight_decay = momentum, weight_decay
        self.sparsity_target, self.sparsity_cost = sparsity_target, sparsity_cost
        if kernel_initializer is None:
            kernel_initializer = initializers.RandomNormal(stddev=0.01)
        self.kernel_initializer = initializers.get(kernel_initializer)

    def build(self, input_shape: TensorShape) -> None:
        """Creates the kernel, of shape (visible, units), and both biases."""
        width = input_shape[-1]
        if width is None or len(input_shape) != 2:
            raise ShapeError(
                f'RBM "{self.name}" got inputs of shape {tuple(input_shape)}, expected (rows, units). Flatten pictures '
                "first: x.reshape(len(x), -1)."
            )
        self.kernel = self.add_weight("kernel", (width, self.units), initializer=self.kernel_initializer)
        self.bias = self.add_weight("bias", (self.units,), initializer="zeros")
        # It takes no part in the layer's output, so that training with labels leaves it alone.
        self.visible_bias = self.add_weight("visible_bias", (width,), initializer="zeros", trainable=False)
        self.built = True

    def call(self, inputs: Tensor) -> Tensor:
        """The probabilities of the hidden units, of shape (rows, units)."""
        return equations.hidden_probabilities(self.parameters, inputs)

    @property
    def parameters(self) -> Parameters:
        """The weights, as the functions of `equations` take them."""
        return Parameters(self.kernel, self.visible_bias, self.bias, self.visible == "gaussian")

    # --- Learning -----------------------------------------------------------------------------

    def fit(
        self,
        x: ArrayLike,
        *,
        epochs: int = 10,
        batch_size: int = 100,
        validation_data: ArrayLike | None = None,
        seed: int | None = None,
        verbose: int = 0,
    ) -> History:
        """Learns the distribution of rows by contrastive divergence; each epoch is one native call.

        Args:
            x: rows of shape (rows, visible).
            epochs: the number of passes over the rows, in a new random order each.
            batch_size: the number of rows in a step.
            validation_data: rows that are not learned. The history gets "free_energy_gap", the mean free energy of
                these minus that of as many training rows: it grows when the machine starts to over-fit.
            seed: of the order, the samples, and the initial weights if there are none yet.
            verbose: 1 prints a line for each epoch.

        Returns:
            The history with, after each epoch, "reconstruction_error" (the mean squared error of up to 500 rows) and,
            for Bernoulli units, "pseudo_likelihood".

        Raises:
            ShapeError: if ``x`` does not have two axes.
            InvalidArgumentError: if Bernoulli units get numbers outside 0 to 1.
        """
        rows = self._checked(x, "fit")
        held = None if validation_data is None else self._checked(validation_data, "fit")
        if not self.built:
            if seed is not None and getattr(self.kernel_initializer, "seed", 0) is None:
                self.kernel_initializer.seed = seed
            self(rows[:1])
        history = History({"epochs": epochs, "batch_size": batch_size})
        monitored = rows[:: max(len(rows) // MONITORED, 1)][:MONITORED]

        def after_epoch(epoch: int, means: dict[str, float]) -> None:
            history.add(epoch, self._report(monitored, held))
            if verbose:
                numbers = " - ".join(f"{name}: {values[-1]:.4f}" for name, values in history.history.items())
                print(f"Epoch {epoch + 1}/{epochs} - {numbers}")

        learner = Learner(self, min(batch_size, len(rows)), seed)
        run_epochs(learner.step, rows, batch_size, epochs, seed=seed, on_epoch=after_epoch)
        return history

    def _report(self, rows: np.ndarray, held: np.ndarray | None) -> dict[str, float]:
        report = {"reconstruction_error": self.reconstruction_error(rows)}
        if self.visible == "bernoulli":
            report["pseudo_likelihood"] = float(np.mean(self.pseudo_likelihood(rows, seed=0)))
        if held is not None:
            gap = np.mean(self.free_energy(held[: len(rows)])) - np.mean(self.free_energy(rows))
            report["free_energy_gap"] = float(gap)
        return report

    def _checked(self, x: ArrayLike, caller: str) -> np.ndarray:
        rows = to_array(x)
        if rows.dtype.kind not in "biuf":
            raise DTypeError(f"RBM.{caller} got text, expected rows of numbers.")
        if rows.ndim != 2 or not rows.size:
            raise ShapeError(
                f"RBM.{caller} got rows of shape {rows.shape}, expected (rows, visible). Flatten pictures: "
                "x.reshape(len(x), -1)."
            )
        rows = np.ascontiguousarray(rows, np.float32)
        if self.built and rows.shape[1] != self.kernel.shape[0]:
            raise ShapeError(
                f"RBM.{caller} got rows of {rows.shape[1]} numbers, but the machine has "
                f"{self.kernel.shape[0]} visible units."
            )
        low, high = float(rows.min()), float(rows.max())
        if self.visible == "bernoulli" and not (low >= 0 and high <= 1):
            raise InvalidArgumentError(
                f"RBM.{caller} got numbers from {low:.4g} to {high:.4g}; visible='bernoulli' expects 0 to 1. Divide "
                "pictures by 255, or use visible='gaussian' with standardized numbers."
            )
        return rows

    # --- What it has learned ------------------------------------------------------------------

    def free_energy(self, x: ArrayLike) -> np.ndarray:
        """The free energy of each row, of shape (rows,): the lower, the more likely."""
        rows = self._ready(x, "free_energy")
        return np.asarray(likelihood.in_batches(self._compiled("free_energy"), rows))

    def pseudo_likelihood(self, x: ArrayLike, seed: int | None = None) -> np.ndarray:
        """The logarithm of the pseudo-likelihood of each row, of shape (rows,), for Bernoulli units.

        It is the sum over the units of ``log P(unit | all others)``, estimated with one random unit per row.

        Args:
            x: rows of 0 and 1.
            seed: of the choice of the units.

        Source: J. Besag, "Statistical Analysis of Non-Lattice Data", The Statistician 24 (1975).
        """
        rows = self._ready(x, "pseudo_likelihood")
        if self.visible != "bernoulli":
            raise InvalidArgumentError("RBM.pseudo_likelihood is defined for visible='bernoulli'.")
        flipped = likelihood.with_one_flipped(rows, seed)
        return likelihood.pseudo_likelihood(self.free_energy(rows), self.free_energy(flipped), rows.shape[1])

    def log_partition_function(self) -> float:
        """The logarithm of ``Z``, exactly: a sum over all states of the smaller side, of at most 20 units.

        Raises:
            InvalidArgumentError: if both sides have more units, or the machine is not built.
        """
        self._require_built("log_partition_function")
        kernel, hidden_bias, visible_bias = (np.asarray(one, np.float64) for one in self.get_weights())
        return likelihood.log_partition_function(
            kernel, visible_bias, hidden_bias, self.visible == "gaussian"
        )

    def log_likelihood(self, x: ArrayLike) -> np.ndarray:
        """The exact log-likelihood of each row, ``-F(v) - log Z``; see `log_partition_function`."""
        return -self.free_energy(x) - self.log_partition_function()

    def reconstruct(self, x: ArrayLike) -> Tensor:
        """The visible units expected after one step to the hidden probabilities and back, of the shape of ``x``."""
        rows = self._ready(x, "reconstruct")
        hidden = equations.hidden_probabilities(self.parameters, rows)
        means: Tensor = equations.visible_means(self.parameters, hidden)
        return means

    def reconstruction_error(self, x: ArrayLike) -> float:
        """The mean squared difference between rows and their reconstruction."""
        rows = self._ready(x, "reconstruction_error")
        return float(np.mean(likelihood.in_batches(self._compiled("reconstruction_error"), rows)))

    def sample(
        self, rows: int = 1, steps: int = 1000, start: ArrayLike | None = None, seed: int | None = None
    ) -> np.ndarray:
        """Draws rows from the distribution that the machine has learned, by Gibbs sampling.

        Args:
            rows: the number of rows.
            steps: the number of Gibbs steps; neighbouring ones are similar, so that few steps stay near the start.
            start: visible units to start at, of shape (rows, visible); by default random ones.
            seed: of the samples.

        Returns:
            The expected visible units of the last step, of shape (rows, visible).
        """
        self._require_built("sample")
        width = int(self.kernel.shape[0])
        random = np.random.default_rng(seed)
        if start is None:
            noise = (
                random.normal(size=(rows, width))
                if self.visible == "gaussian"
                else random.random((rows, width))
            )
            visible = (noise if self.visible == "gaussian" else noise < 0.5).astype(np.float32)
        else:
            visible = self._checked(start, "sample")
        step = Function(likelihood.sampler(self.parameters, equations.seeded(seed)))
        means = visible
        for _ in range(steps):
            visible, means = step(visible)
        return np.asarray(means)

    def _ready(self, x: ArrayLike, caller: str) -> np.ndarray:
        self._require_built(caller)
        return self._checked(x, caller)

    def _require_built(self, caller: str) -> None:
        if not self.built:
            raise InvalidArgumentError(f"RBM.{caller}: the machine has no weights yet. Call fit first.")

    def _compiled(self, name: str) -> Function:
        """A traced function of rows, made once."""
        cache: dict[str, Function] = self.__dict__.setdefault("_functions", {})
        if name not in cache:
            cache[name] = Function(likelihood.FUNCTIONS[name](self.parameters))
        return cache[name]

    def __getstate__(self) -> dict[str, Any]:
        """Everything except the compiled functions, which a copy makes again."""
        return {name: value for name, value in self.__dict__.items() if name != "_functions"}
