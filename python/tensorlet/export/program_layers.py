"""The code of each layer in an exported program: statements with their formulas.

A writer adds lines to a `LayerFunction`. The inputs are named ``x`` (``x``, ``x2``, ``x3`` for several), and the last
line returns the output. Layers without a writer are exported operation by operation.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from tensorlet.export.program_literals import shape_text
from tensorlet.export.program_source import LayerFunction
from tensorlet.keras import config
from tensorlet.keras.layers.base import Layer
from tensorlet.registry import Registry

if TYPE_CHECKING:
    from tensorlet.keras.layers.advanced_activations import ELU, LeakyReLU, Maxout, PReLU, ReLU, Softmax
    from tensorlet.keras.layers.batch_normalization import BatchNormalization
    from tensorlet.keras.layers.core import Activation, Dense, Flatten, Permute, RepeatVector, Reshape
    from tensorlet.keras.layers.embeddings import Embedding
    from tensorlet.keras.layers.merge import Concatenate
    from tensorlet.keras.layers.normalization import LayerNormalization
    from tensorlet.keras.layers.preprocessing import Normalization, Rescaling

#: Writes the function of a layer; returns False if the layer has to be exported operation by operation.
Writer = Callable[[Any, LayerFunction], bool]
#: Writers, by the class name of built-in layers.
WRITERS: Registry[Writer] = Registry("layer writer")


@WRITERS.register("Dense")
def _dense(layer: Dense, f: LayerFunction) -> bool:
    if layer.dtype != "float32":
        return False
    kernel = f.weight("kernel", layer.kernel)
    bias = f.weight("bias", layer.bias) if layer.bias is not None else ""
    activated = f.activate(layer.activation, "z")
    if activated is None:
        return False
    f.say(
        "# Each unit: the sum of all inputs, weighted by the kernel" + (", plus the bias." if bias else ".")
    )
    shapes = f"{shape_text(f.shapes[0])} @ {tuple(layer.kernel.shape)}" + (
        f" + ({layer.units},)" if bias else ""
    )
    name = "return" if activated == "z" else "z ="
    f.say(f"{name} x @ {kernel}{f' + {bias}' if bias else ''}  # {shapes} -> {shape_text(f.result)}")
    if activated != "z":
        f.say(f"return {activated}")
    return True


@WRITERS.register(
    "Dropout",
    "SpatialDropout1D",
    "GaussianNoise",
    "GaussianDropout",
    "AlphaDropout",
    "ActivityRegularization",
)
def _nothing(layer: Layer, f: LayerFunction) -> bool:
    f.say("# No effect outside of training.", "return x")
    return True


@WRITERS.register("Flatten")
def _flatten(layer: Flatten, f: LayerFunction) -> bool:
    if layer.data_format != "channels_last":
        return False
    f.say("# Each example as one row.", "return x.reshape(len(x), -1)")
    return True


@WRITERS.register("Reshape")
def _reshape(layer: Reshape, f: LayerFunction) -> bool:
    f.say("# Changes the shape of each example; the order of the elements is unchanged.")
    f.say(f"return x.reshape(len(x), {', '.join(str(length) for length in f.result[1:])})")
    return True


@WRITERS.register("Permute")
def _permute(layer: Permute, f: LayerFunction) -> bool:
    f.say("# Permutes the axes of each example; the batch axis stays first.")
    f.say(f"return np.transpose(x, {(0, *layer.dims)})")
    return True


@WRITERS.register("RepeatVector")
def _repeat(layer: RepeatVector, f: LayerFunction) -> bool:
    f.say(
        "# Repeats each row along a new second axis.",
        f"return np.repeat(x[:, None, :], {layer.n}, axis=1)",
    )
    return True


@WRITERS.register("Activation")
def _activation(layer: Activation, f: LayerFunction) -> bool:
    activated = f.activate(layer.activation, "x")
    if activated is None:
        return False
    f.say(f"return {activated}")
    return True


@WRITERS.register("ReLU")
def _relu(layer: ReLU, f: LayerFunction) -> bool:
    if layer.threshold or layer.negative_slope or layer.max_value is not None:
        return False
    f.use("relu")
    f.say("return relu(x)")
    return True


@WRITERS.register("LeakyReLU")
def _leaky(layer: LeakyReLU, f: LayerFunction) -> bool:
    f.use("leaky_relu")
    f.say(f"return leaky_relu(x, slope={layer.alpha})")
    return True


@WRITERS.register("PReLU")
def _prelu(layer: PReLU, f: LayerFunction) -> bool:
    alpha = f.weight("alpha", layer.alpha)
    f.say("# x if positive, otherwise alpha * x, with a trained alpha for each element.")
    f.say(f"return np.where(x > 0, x, {alpha} * x)")
    return True


@WRITERS.register("ELU")
def _elu(layer: ELU, f: LayerFunction) -> bool:
    f.use("elu")
    f.say(f"return elu(x, alpha={layer.alpha})")
    return True


@WRITERS.register("Softmax")
def _softmax(layer: Softmax, f: LayerFunction) -> bool:
    if layer.axis not in (-1, len(f.shapes[0]) - 1):
        return False
    f.use("softmax")
    f.say("return softmax(x)")
    return True


@WRITERS.register("Maxout")
def _maxout(layer: Maxout, f: LayerFunction) -> bool:
    if layer.axis not in (-1, len(f.shapes[0]) - 1):
        return False
    width = f.shapes[0][-1]
    assert width is not None
    leading = ", ".join("len(x)" if length is None else str(length) for length in f.shapes[0][:-1])
    f.say(
        f"# The maximum of every {width // layer.num_units} inputs: input k belongs to unit k % {layer.num_units}."
    )
    f.say(
        f"groups = x.reshape({leading}, {width // layer.num_units}, {layer.num_units})",
        "return groups.max(axis=-2)",
    )
    return True


def _merge(sign: str, comment: str) -> Writer:
    def write(layer: Layer, f: LayerFunction) -> bool:
        if not _same_rank(f):
            return False
        f.say(f"# {comment}", f"return {f' {sign} '.join(f.inputs)}")
        return True

    return write


def _same_rank(f: LayerFunction) -> bool:
    return len({len(shape) for shape in f.shapes}) == 1


WRITERS.add(_merge("+", "The sum of the inputs, element by element."), "Add")
WRITERS.add(_merge("-", "The first input minus the second."), "Subtract")
WRITERS.add(_merge("*", "The product of the inputs, element by element."), "Multiply")


@WRITERS.register("Average")
def _average(layer: Layer, f: LayerFunction) -> bool:
    if not _same_rank(f):
        return False
    f.say("# The mean of the inputs, element by element.")
    f.say(f"return ({' + '.join(f.inputs)}) / {len(f.inputs)}")
    return True


def _extreme(function: str, comment: str) -> Writer:
    def write(layer: Layer, f: LayerFunction) -> bool:
        if not _same_rank(f):
            return False
        text = f.inputs[0]
        for one in f.inputs[1:]:
            text = f"np.{function}({text}, {one})"
        f.say(f"# {comment}", f"return {text}")
        return True

    return write


WRITERS.add(_extreme("maximum", "The maximum of the inputs, element by element."), "Maximum")
WRITERS.add(_extreme("minimum", "The minimum of the inputs, element by element."), "Minimum")


@WRITERS.register("Concatenate")
def _concatenate(layer: Concatenate, f: LayerFunction) -> bool:
    f.say("# Concatenates the inputs.", f"return np.concatenate([{', '.join(f.inputs)}], axis={layer.axis})")
    return True


@WRITERS.register("BatchNormalization")
def _batch_normalization(layer: BatchNormalization, f: LayerFunction) -> bool:
    if layer.axis not in (-1, len(f.shapes[0]) - 1):
        return False
    mean = f.weight("moving_mean", layer.moving_mean)
    variance = f.weight("moving_variance", layer.moving_variance)
    f.say(
        "# Each feature minus its mean, divided by its standard deviation; both are moving averages from training."
    )
    f.say(f"x = (x - {mean}) / np.sqrt({variance} + {layer.epsilon})")
    return _scale_and_shift(layer, f)


@WRITERS.register("LayerNormalization")
def _layer_normalization(layer: LayerNormalization, f: LayerFunction) -> bool:
    axes = [layer.axis] if isinstance(layer.axis, int) else list(layer.axis)
    if axes not in ([-1], [len(f.shapes[0]) - 1]):
        return False
    f.say("# Each example minus its own mean, divided by its own standard deviation.")
    f.say(
        "mean = x.mean(axis=-1, keepdims=True)", "variance = ((x - mean) ** 2).mean(axis=-1, keepdims=True)"
    )
    f.say(f"x = (x - mean) / np.sqrt(variance + {layer.epsilon})")
    return _scale_and_shift(layer, f)


def _scale_and_shift(layer: BatchNormalization | LayerNormalization, f: LayerFunction) -> bool:
    gamma = "" if layer.gamma is None else f" * {f.weight('gamma', layer.gamma)}"
    beta = "" if layer.beta is None else f" + {f.weight('beta', layer.beta)}"
    if gamma or beta:
        f.say("# Multiplied by a trained scale, plus a trained offset.")
    f.say(f"return x{gamma}{beta}")
    return True


@WRITERS.register("Embedding")
def _embedding(layer: Embedding, f: LayerFunction) -> bool:
    vectors = f.weight("embeddings", layer.embeddings)
    f.say("# The trained vector of each integer.", f'return {vectors}[x.astype("int32")]')
    return True


@WRITERS.register("Rescaling")
def _rescaling(layer: Rescaling, f: LayerFunction) -> bool:
    if np.ndim(layer.scale) or np.ndim(layer.offset):
        return False
    offset = f" + {float(layer.offset)!r}" if layer.offset else ""
    f.say(f"return x.astype(np.float32) * {float(layer.scale)!r}{offset}")
    return True


@WRITERS.register("Normalization")
def _normalization(layer: Normalization, f: LayerFunction) -> bool:
    if layer.axis not in (-1, len(f.shapes[0]) - 1) or layer._given is not None or layer.invert:
        return False
    mean, variance = (
        f.weight(name, value) for name, value in zip(("mean", "variance"), layer._found, strict=True)
    )
    f.say(
        "# Each feature minus its mean, divided by its standard deviation, both computed from the training data."
    )
    f.say(f"return (x - {mean}) / np.maximum(np.sqrt({variance}), {config.epsilon()!r})")
    return True


def writer_of(layer: Layer) -> Writer | None:
    """Returns the writer of a built-in layer; None for user-defined layers, and for those without one."""
    name = type(layer).__name__
    ours = type(layer).__module__.startswith("tensorlet.keras.layers.")
    return WRITERS.find(name) if ours and name in WRITERS else None
