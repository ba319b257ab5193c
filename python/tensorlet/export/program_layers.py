"""What each layer looks like in an exported program: statements with their formulas.

A writer gets the `Function` under way and adds lines to it; the inputs are called ``x`` (``x, x2, x3`` for
several), and the last line returns the result. Layers without a writer are written operation by operation.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Protocol

import numpy as np

from tensorlet.keras import activations, config
from tensorlet.keras.layers import base


class Function(Protocol):
    """The function of one layer, while it is being written."""

    inputs: list[str]
    shapes: list[tuple[int | None, ...]]
    result: tuple[int | None, ...]

    def weight(self, name: str, value: Any) -> str:
        """The name in the program of an array."""

    def use(self, name: str) -> None:
        """Says that a function of `program_texts` is needed."""

    def say(self, *lines: str) -> None:
        """Adds lines."""

    def activate(self, function: Any, name: str) -> str | None:
        """An expression: the activation of a value; None if it has to be written operation by operation."""


Writer = Callable[[Any, Function], bool]

#: Activations that are functions of the program, by ours.
ACTIVATIONS: dict[Any, str] = {
    activations.linear: "linear", activations.relu: "relu", activations.sigmoid: "sigmoid",
    activations.tanh: "tanh", activations.softmax: "softmax", activations.log_softmax: "log_softmax",
    activations.softplus: "softplus", activations.softsign: "softsign", activations.elu: "elu",
    activations.selu: "selu", activations.relu6: "relu6", activations.leaky_relu: "leaky_relu",
    activations.exponential: "exponential", activations.hard_sigmoid: "hard_sigmoid",
    activations.silu: "silu", activations.mish: "mish", activations.gelu: "gelu",
}  # fmt: skip


def shape_text(shape: Sequence[int | None]) -> str:
    """A shape as comments show it.

    >>> shape_text((None, 10)), shape_text((None,))
    ('(rows, 10)', '(rows,)')
    """
    texts = ["rows" if length is None else str(length) for length in shape]
    return f"({', '.join(texts)}{',' if len(texts) == 1 else ''})"


def _dense(layer: Any, f: Function) -> bool:
    if layer.dtype != "float32":
        return False
    kernel = f.weight("kernel", layer.kernel)
    bias = f.weight("bias", layer.bias) if layer.bias is not None else ""
    activated = f.activate(layer.activation, "z")
    if activated is None:
        return False
    f.say(
        "# Each unit: the sum of all inputs, each times its weight"
        + (", plus the unit's bias." if bias else ".")
    )
    shapes = f"{shape_text(f.shapes[0])} @ {tuple(layer.kernel.shape)}" + (
        f" + ({layer.units},)" if bias else ""
    )
    name = "return" if activated == "z" else "z ="
    f.say(f"{name} x @ {kernel}{f' + {bias}' if bias else ''}  # {shapes} -> {shape_text(f.result)}")
    if activated != "z":
        f.say(f"return {activated}")
    return True


def _nothing(layer: Any, f: Function) -> bool:
    f.say("# Does something while training only; a prediction passes through unchanged.", "return x")
    return True


def _flatten(layer: Any, f: Function) -> bool:
    if layer.data_format != "channels_last":
        return False
    f.say("# All numbers of an example in one row.", "return x.reshape(len(x), -1)")
    return True


def _reshape(layer: Any, f: Function) -> bool:
    f.say("# The same numbers in the same order, in another shape.")
    f.say(f"return x.reshape(len(x), {', '.join(str(length) for length in f.result[1:])})")
    return True


def _permute(layer: Any, f: Function) -> bool:
    f.say("# The axes of each example in another order; the axis of examples stays first.")
    f.say(f"return np.transpose(x, {(0, *layer.dims)})")
    return True


def _repeat(layer: Any, f: Function) -> bool:
    f.say(
        "# Each row again and again, along a new second axis.",
        f"return np.repeat(x[:, None, :], {layer.n}, axis=1)",
    )
    return True


def _activation(layer: Any, f: Function) -> bool:
    activated = f.activate(layer.activation, "x")
    if activated is None:
        return False
    f.say(f"return {activated}")
    return True


def _relu(layer: Any, f: Function) -> bool:
    if layer.threshold or layer.negative_slope or layer.max_value is not None:
        return False
    f.use("relu")
    f.say("return relu(x)")
    return True


def _leaky(layer: Any, f: Function) -> bool:
    f.use("leaky_relu")
    f.say(f"return leaky_relu(x, slope={layer.alpha})")
    return True


def _prelu(layer: Any, f: Function) -> bool:
    alpha = f.weight("alpha", layer.alpha)
    f.say("# x where it is positive; elsewhere alpha * x, with a learned alpha for each place.")
    f.say(f"return np.where(x > 0, x, {alpha} * x)")
    return True


def _elu(layer: Any, f: Function) -> bool:
    f.use("elu")
    f.say(f"return elu(x, alpha={layer.alpha})")
    return True


def _softmax(layer: Any, f: Function) -> bool:
    if layer.axis not in (-1, len(f.shapes[0]) - 1):
        return False
    f.use("softmax")
    f.say("return softmax(x)")
    return True


def _maxout(layer: Any, f: Function) -> bool:
    if layer.axis not in (-1, len(f.shapes[0]) - 1):
        return False
    width = f.shapes[0][-1]
    assert width is not None
    leading = ", ".join("len(x)" if length is None else str(length) for length in f.shapes[0][:-1])
    f.say(
        f"# The largest of every {width // layer.num_units} inputs: input k belongs to unit k % {layer.num_units}."
    )
    f.say(
        f"groups = x.reshape({leading}, {width // layer.num_units}, {layer.num_units})",
        "return groups.max(axis=-2)",
    )
    return True


def _merge(sign: str, comment: str) -> Writer:
    def write(layer: Any, f: Function) -> bool:
        if len({len(shape) for shape in f.shapes}) > 1:
            return False
        f.say(f"# {comment}")
        f.say(f"return {f' {sign} '.join(f.inputs)}")
        return True

    return write


def _average(layer: Any, f: Function) -> bool:
    if len({len(shape) for shape in f.shapes}) > 1:
        return False
    f.say(
        "# The mean of the inputs, element by element.", f"return ({' + '.join(f.inputs)}) / {len(f.inputs)}"
    )
    return True


def _extreme(function: str, comment: str) -> Writer:
    def write(layer: Any, f: Function) -> bool:
        if len({len(shape) for shape in f.shapes}) > 1:
            return False
        text = f.inputs[0]
        for one in f.inputs[1:]:
            text = f"np.{function}({text}, {one})"
        f.say(f"# {comment}", f"return {text}")
        return True

    return write


def _concatenate(layer: Any, f: Function) -> bool:
    f.say("# The inputs side by side.", f"return np.concatenate([{', '.join(f.inputs)}], axis={layer.axis})")
    return True


def _batch_normalization(layer: Any, f: Function) -> bool:
    if layer.axis not in (-1, len(f.shapes[0]) - 1):
        return False
    mean = f.weight("moving_mean", layer.moving_mean)
    variance = f.weight("moving_variance", layer.moving_variance)
    f.say(
        "# Each feature minus its mean, divided by its standard deviation; both are averages kept in training."
    )
    f.say(f"x = (x - {mean}) / np.sqrt({variance} + {layer.epsilon})")
    return _scale_and_shift(layer, f)


def _layer_normalization(layer: Any, f: Function) -> bool:
    axes = [layer.axis] if isinstance(layer.axis, int) else list(layer.axis)
    if axes not in ([-1], [len(f.shapes[0]) - 1]):
        return False
    f.say("# Each example minus its own mean, divided by its own standard deviation.")
    f.say(
        "mean = x.mean(axis=-1, keepdims=True)", "variance = ((x - mean) ** 2).mean(axis=-1, keepdims=True)"
    )
    f.say(f"x = (x - mean) / np.sqrt(variance + {layer.epsilon})")
    return _scale_and_shift(layer, f)


def _scale_and_shift(layer: Any, f: Function) -> bool:
    gamma = f" * {f.weight('gamma', layer.gamma)}" if getattr(layer, "gamma", None) is not None else ""
    beta = f" + {f.weight('beta', layer.beta)}" if getattr(layer, "beta", None) is not None else ""
    if gamma or beta:
        f.say("# Then brought to a scale and a centre that were learned.")
    f.say(f"return x{gamma}{beta}")
    return True


def _embedding(layer: Any, f: Function) -> bool:
    vectors = f.weight("embeddings", layer.embeddings)
    f.say("# The learned vector of each number.", f'return {vectors}[x.astype("int32")]')
    return True


def _rescaling(layer: Any, f: Function) -> bool:
    if np.ndim(layer.scale) or np.ndim(layer.offset):
        return False
    offset = f" + {float(layer.offset)!r}" if layer.offset else ""
    f.say(f"return x.astype(np.float32) * {float(layer.scale)!r}{offset}")
    return True


def _normalization(layer: Any, f: Function) -> bool:
    if layer.axis not in (-1, len(f.shapes[0]) - 1) or layer._given is not None or layer.invert:
        return False
    mean, variance = (
        f.weight(name, value) for name, value in zip(("mean", "variance"), layer._found, strict=True)
    )
    f.say(
        "# Each feature minus its mean, divided by its standard deviation; both were learned from the data."
    )
    f.say(f"return (x - {mean}) / np.maximum(np.sqrt({variance}), {config.epsilon()!r})")
    return True


#: Class name of a layer of ours -> its writer.
WRITERS: dict[str, Writer] = {
    "Dense": _dense, "Flatten": _flatten, "Reshape": _reshape, "Permute": _permute, "RepeatVector": _repeat,
    "Activation": _activation, "ReLU": _relu, "LeakyReLU": _leaky, "PReLU": _prelu, "ELU": _elu,
    "Softmax": _softmax, "Maxout": _maxout, "Add": _merge("+", "The sum of the inputs, element by element."),
    "Subtract": _merge("-", "The first input minus the second."),
    "Multiply": _merge("*", "The product of the inputs, element by element."), "Average": _average,
    "Maximum": _extreme("maximum", "The largest of the inputs, element by element."),
    "Minimum": _extreme("minimum", "The smallest of the inputs, element by element."),
    "Concatenate": _concatenate, "BatchNormalization": _batch_normalization,
    "LayerNormalization": _layer_normalization, "Embedding": _embedding, "Rescaling": _rescaling,
    "Normalization": _normalization, "Dropout": _nothing, "SpatialDropout1D": _nothing, "GaussianNoise": _nothing,
    "GaussianDropout": _nothing, "AlphaDropout": _nothing, "ActivityRegularization": _nothing,
}  # fmt: skip


def writer_of(layer: base.Layer) -> Writer | None:
    """The writer of a layer of ours; None for layers of users, and for those without one."""
    if not type(layer).__module__.startswith("tensorlet.keras.layers."):
        return None
    return WRITERS.get(type(layer).__name__)
