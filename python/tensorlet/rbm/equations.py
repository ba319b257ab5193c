"""The equations of a restricted Boltzmann machine, as operations on tensors.

Visible units ``v``, hidden units ``h`` (0 or 1), weights ``W`` of shape (visible, hidden), biases ``b`` and ``c``:

* Bernoulli visible units: ``E(v, h) = -b·v - c·h - v·W·h``
* Gaussian visible units of variance 1: ``E(v, h) = |v - b|²/2 - c·h - v·W·h``

Source: G. Hinton, "A Practical Guide to Training Restricted Boltzmann Machines" (2010); T. Tieleman, "Training
Restricted Boltzmann Machines using Approximations to the Likelihood Gradient", ICML 2008 (persistent chains).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from tensorlet import ops
from tensorlet.dtypes import float32, uint8
from tensorlet.ops import random
from tensorlet.ops.generator import Generator

#: With more rows, two products are quicker: each leaves out the zeros of its rows, or reads bits as bytes.
FEW_ROWS = 24
#: Draws random numbers of a shape: uniform ones from 0 to 1, or normal ones.
Draw = Callable[[str, tuple[int, ...]], Any]


class Parameters(NamedTuple):
    """The weights of a machine.

    Attributes:
        kernel: shape (visible, hidden).
        visible_bias: shape (visible,).
        hidden_bias: shape (hidden,).
        gaussian: whether the visible units are Gaussian.
    """

    kernel: Any
    visible_bias: Any
    hidden_bias: Any
    gaussian: bool


class Statistics(NamedTuple):
    """What one step of contrastive divergence sees.

    Attributes:
        kernel, visible_bias, hidden_bias: the estimated gradients of the log-likelihood, means over the rows.
        hidden: the probabilities of the hidden units for the data, of shape (rows, hidden).
        chains: the hidden units at the end of the Markov chains, 0 or 1.
        reconstruction: the visible units at the end of the chains.
    """

    kernel: Any
    visible_bias: Any
    hidden_bias: Any
    hidden: Any
    chains: Any
    reconstruction: Any


def seeded(seed: int | None) -> Draw:
    """Random numbers of the engine, from a seed, or from that of `tf.random.set_seed`."""
    source = random if seed is None else Generator.from_seed(seed)

    def draw(kind: str, shape: tuple[int, ...]) -> Any:
        return source.uniform(shape) if kind == "uniform" else source.normal(shape)

    return draw


def hidden_probabilities(parameters: Parameters, visible: Any) -> Any:
    """``P(h = 1 | v)``, of shape (rows, hidden)."""
    return ops.sigmoid(ops.matmul(visible, parameters.kernel) + parameters.hidden_bias)


def visible_means(parameters: Parameters, hidden: Any) -> Any:
    """The expected visible units for hidden ones: probabilities, or means of Gaussians."""
    total = ops.matmul(hidden, parameters.kernel, transpose_b=True) + parameters.visible_bias
    return total if parameters.gaussian else ops.sigmoid(total)


def sampled(probabilities: Any, draw: Draw) -> Any:
    """Units that are 1 with the given probabilities: where a uniform number is below.

    They are bytes on their way, which products of the engine read as they are: on a matrix unit, where there is one.
    """
    bits = ops.cast(draw("uniform", tuple(probabilities.shape)) < probabilities, uint8)
    return ops.cast(bits, float32)


def sampled_visible(parameters: Parameters, hidden: Any, draw: Draw) -> Any:
    """Visible units drawn for hidden ones."""
    means = visible_means(parameters, hidden)
    if parameters.gaussian:
        return means + draw("normal", tuple(means.shape))
    return sampled(means, draw)


def free_energy(parameters: Parameters, visible: Any) -> Any:
    """``F(v) = -log Σ_h exp(-E(v, h))`` of each row; the probability of a row is ``exp(-F(v)) / Z``."""
    soft = ops.reduce_sum(
        ops.softplus(ops.matmul(visible, parameters.kernel) + parameters.hidden_bias), axis=1
    )
    if parameters.gaussian:
        return 0.5 * ops.reduce_sum(ops.square(visible - parameters.visible_bias), axis=1) - soft
    return -ops.reduce_sum(visible * parameters.visible_bias, axis=1) - soft


def contrastive_divergence(
    parameters: Parameters, visible: Any, steps: int, draw: Draw, chains: Any = None
) -> Statistics:
    """The gradients that contrastive divergence estimates for a batch.

    Without ``chains``, each Markov chain starts at a row of the data (CD-k): the hidden units are sampled, and the
    visible ones are probabilities, as Hinton's guide recommends. With ``chains``, it goes on from there (persistent
    CD), and the visible units are sampled too.

    Args:
        parameters: the weights.
        visible: the batch, of shape (rows, visible).
        steps: the number of Gibbs steps, k.
        draw: draws the random numbers.
        chains: the hidden units, of shape (rows, hidden), at which persistent chains go on.
    """
    positive = hidden_probabilities(parameters, visible)
    hidden = sampled(positive, draw) if chains is None else chains
    fantasy = visible
    negative = positive
    for step in range(steps):
        if chains is None:
            fantasy = visible_means(parameters, hidden)
        else:
            fantasy = sampled_visible(parameters, hidden, draw)
        negative = hidden_probabilities(parameters, fantasy)
        if chains is not None or step < steps - 1:
            hidden = sampled(negative, draw)
    return Statistics(
        _difference(visible, positive, fantasy, negative) * (1.0 / int(visible.shape[0])),
        ops.reduce_mean(visible - fantasy, axis=0),
        ops.reduce_mean(positive - negative, axis=0),
        positive,
        hidden,
        fantasy,
    )


def _difference(visible: Any, positive: Any, fantasy: Any, negative: Any) -> Any:
    """``visibleᵀ·positive - fantasyᵀ·negative``, of the shape of the kernel.

    A product of few rows takes as long as writing its result, so that one of the rows of both is quicker than two.
    """
    if int(visible.shape[0]) <= FEW_ROWS:
        rows, units = ops.concat([visible, fantasy], axis=0), ops.concat([positive, -negative], axis=0)
        return ops.matmul(rows, units, transpose_a=True)
    return ops.matmul(visible, positive, transpose_a=True) - ops.matmul(fantasy, negative, transpose_a=True)
