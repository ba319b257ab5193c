"""Muon, whose steps for matrices have singular values of about 1."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from tensorlet import ops
from tensorlet.core.variable import Variable
from tensorlet.errors import ShapeError
from tensorlet.keras.optimizers.base import Optimizer
from tensorlet.ops.registry import convert
from tensorlet.registry import register

if TYPE_CHECKING:
    from tensorlet.keras.optimizers.learning_rate import LearningRate
    from tensorlet.ops.registry import Tensor

#: The arguments of Muon beside those of every optimizer.
_OWN = (
    "adam_beta_1", "adam_beta_2", "epsilon", "exclude_layers", "muon_a", "muon_b", "muon_c", "adam_lr_ratio",
    "momentum", "ns_steps", "nesterov", "exclude_embeddings", "adam_weight_decay", "rms_rate",
)  # fmt: skip


@register("optimizer")
class Muon(Optimizer):
    """Steps for matrices with singular values of about 1, and those of AdamW for everything else.

    A matrix has a momentum ``m = momentum * m + g``. The step is ``momentum * m + g`` (without Nesterov's momentum
    ``m``) with its singular values replaced by numbers near 1: divided by its norm, it is ``ns_steps`` times replaced
    by ``a * x + (b * y + c * y @ y) @ x`` with ``y = x @ x^T``. Multiplied by ``rms_rate * sqrt(max(rows, columns))``,
    the step is about as long as one of Adam.

    Vectors, embeddings and the layers in ``exclude_layers`` (the last layer should be among them) take steps of AdamW.

    Source: K. Jordan et al., "Muon: An optimizer for hidden layers in neural networks", 2024; for ``rms_rate``: Liu et
    al., "Muon is Scalable for LLM Training", 2025.

    Args:
        learning_rate: a number or a schedule.
        adam_beta_1, adam_beta_2, epsilon: of the steps of AdamW; see `Adam`.
        adam_weight_decay: the weight decay of what takes steps of AdamW.
        weight_decay: that of the other matrices.
        exclude_layers: regular expressions; weights in whose paths one of them is found take steps of AdamW.
        exclude_embeddings: whether embeddings do.
        muon_a, muon_b, muon_c: the coefficients a, b and c.
        adam_lr_ratio: the learning rate of steps of AdamW, as a multiple of ``learning_rate``.
        momentum: the fraction of the momentum that a step keeps.
        ns_steps: how often the singular values are brought nearer to 1.
        nesterov: whether to use Nesterov's momentum.
        rms_rate: the root mean square of a step; None to leave steps as they are.
        name: see `Optimizer`.
        **options: the other arguments of `Optimizer`.

    >>> import tensorlet as tf
    >>> optimizer = tf.keras.optimizers.Muon(learning_rate=0.1, weight_decay=0.0, rms_rate=None)
    >>> w = tf.Variable([[0.0, 0.0], [0.0, 0.0]])
    >>> _ = optimizer.apply_gradients([(tf.constant([[5.0, 0.0], [0.0, 0.2]]), w)])
    >>> bool(tf.reduce_all(tf.abs(tf.linalg.diag_part(w) + 0.1) < 0.04))  # both of about the same size
    True
    """

    def __init__(
        self,
        learning_rate: LearningRate = 0.001,
        adam_beta_1: float = 0.9,
        adam_beta_2: float = 0.999,
        adam_weight_decay: float | None = 0.004,
        epsilon: float = 1e-7,
        weight_decay: float | None = 0.004,
        exclude_layers: Sequence[str] | None = None,
        exclude_embeddings: bool = True,
        muon_a: float = 3.4445,
        muon_b: float = -4.7750,
        muon_c: float = 2.0315,
        adam_lr_ratio: float = 1.0,
        momentum: float = 0.95,
        ns_steps: int = 5,
        nesterov: bool = True,
        rms_rate: float | None = 0.2,
        name: str | None = None,
        **options: Any,
    ) -> None:
        super().__init__(learning_rate, weight_decay=weight_decay, name=name, **options)
        for what, value in (
            ("adam_beta_1", adam_beta_1),
            ("adam_beta_2", adam_beta_2),
            ("momentum", momentum),
        ):
            self._check_between(what, value, 0.0, 1.0)
        self.adam_beta_1, self.adam_beta_2 = adam_beta_1, adam_beta_2
        self.adam_weight_decay = adam_weight_decay
        self.epsilon = epsilon
        self.exclude_layers = list(exclude_layers or ())
        self.exclude_embeddings = exclude_embeddings
        self.muon_a, self.muon_b, self.muon_c = muon_a, muon_b, muon_c
        self.adam_lr_ratio = adam_lr_ratio
        self.momentum = momentum
        self.ns_steps = ns_steps
        self.nesterov = nesterov
        self.rms_rate = rms_rate

    def slot_names(self) -> Sequence[str]:
        return ("m", "v")

    def slot_names_of(self, variable: Variable) -> Sequence[str]:
        """The slots of a variable: mean squares only for steps of AdamW."""
        return self.slot_names() if self._should_use_adamw(variable) else ("m",)

    def _should_use_adamw(self, variable: Variable) -> bool:
        if len(variable.shape) != 2:
            return True
        path = variable.path
        if self.exclude_embeddings and "embedding" in path.lower():
            return True
        return any(re.search(pattern, path) for pattern in self.exclude_layers)

    def _weight_decay_of(self, variable: Variable) -> float | None:
        return self.adam_weight_decay if self._should_use_adamw(variable) else self.weight_decay

    def update_step(self, gradient: Tensor, variable: Variable, learning_rate: Tensor) -> None:
        if self._should_use_adamw(variable):
            self._adamw_step(gradient, variable, learning_rate * self.adam_lr_ratio)
            return
        m = self.slot(variable, "m")
        m.assign(self.momentum * m + gradient)
        ahead = gradient + self.momentum * m if self.nesterov else m.read_value()
        step = self.zeropower_via_newtonschulz5(ahead, self.ns_steps)
        variable.assign_sub(self.lr_adjust(learning_rate * step))

    def _adamw_step(self, gradient: Tensor, variable: Variable, learning_rate: Tensor) -> None:
        t = ops.cast(self.iterations + 1, variable.dtype)
        rate = (
            learning_rate
            * ops.sqrt(1.0 - ops.pow(self.adam_beta_2, t))
            / (1.0 - ops.pow(self.adam_beta_1, t))
        )
        m, v = self.slot(variable, "m"), self.slot(variable, "v")
        m.assign_add((gradient - m) * (1.0 - self.adam_beta_1))
        v.assign_add((ops.square(gradient) - v) * (1.0 - self.adam_beta_2))
        variable.assign_sub(m * rate / (ops.sqrt(v) + self.epsilon))

    def lr_adjust(self, x: Tensor) -> Tensor:
        """Returns a step with singular values of 1, multiplied so that its root mean square is ``rms_rate``."""
        if self.rms_rate is None:
            return x
        rows, columns = (int(length) for length in x.shape)
        return x * (max(rows, columns) ** 0.5 * self.rms_rate)

    def zeropower_via_newtonschulz5(self, x: Tensor, steps: int) -> Tensor:
        """Returns a matrix with the singular vectors of another one, and singular values of about 1.

        Args:
            x: a matrix.
            steps: the number of iterations.

        Raises:
            ShapeError: if it has fewer than two axes.
        """
        x = convert(x)
        if len(x.shape) < 2:
            raise ShapeError(
                f"{self.name}: a matrix is expected, but got shape {tuple(x.shape)}. Vectors take steps of AdamW."
            )
        is_tall = int(x.shape[-2]) > int(x.shape[-1])
        x = ops.matrix_transpose(x) if is_tall else x
        norm = ops.sqrt(ops.reduce_sum(ops.square(x), [-2, -1], True))
        x = x / (norm + 1e-7)
        for _ in range(steps):
            y = ops.matmul(x, x, transpose_b=True)
            x = self.muon_a * x + ops.matmul(self.muon_b * y + self.muon_c * ops.matmul(y, y), x)
        return ops.matrix_transpose(x) if is_tall else x

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), **{name: getattr(self, name) for name in _OWN}}
