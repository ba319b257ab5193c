"""How the layers of a model follow one another: what is unusual, by the rules that studies of faulty programs found."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from tensorlet.keras.training.report.diagnosis import Note
from tensorlet.localization import translate as _

if TYPE_CHECKING:
    from tensorlet.keras.training.report.data_facts import DataFacts

CONVOLUTIONS = ("Conv1D", "Conv2D", "Conv3D")
WEIGHTED = ("Dense", *CONVOLUTIONS)
#: Layers that make pictures larger: what follows is a decoder, where filters become fewer on purpose.
GROWING = (
    "UpSampling1D",
    "UpSampling2D",
    "UpSampling3D",
    "Conv1DTranspose",
    "Conv2DTranspose",
    "Conv3DTranspose",
)
#: Layers that leave no axes but that of the rows and that of the features.
FLATTENING = ("Flatten", "Reshape", "LSTM", "GRU", "SimpleRNN", "Bidirectional")
ACTIVATIONS = ("Activation", "ReLU", "LeakyReLU", "ELU", "PReLU", "Softmax", "ThresholdedReLU")
#: The values that an activation can have.
RANGES = {
    "sigmoid": (0.0, 1.0), "softmax": (0.0, 1.0), "tanh": (-1.0, 1.0), "relu": (0.0, math.inf),
    "softplus": (0.0, math.inf), "softsign": (-1.0, 1.0),
}  # fmt: skip
#: Losses whose labels are numbers.
REGRESSION = (
    "mse", "mean_squared_error", "mae", "mean_absolute_error", "huber", "log_cosh", "MeanSquaredError",
    "MeanAbsoluteError",
)  # fmt: skip
#: Deep networks have this many convolutional and pooling layers.
DEEP = 10


def kind_of(layer: Any) -> str:
    """Returns the class of a layer."""
    return type(layer).__name__


def activation_of(layer: Any) -> str:
    """Returns the name of the activation of a layer; "linear" if it has none."""
    if kind_of(layer) in ACTIVATIONS and kind_of(layer) != "Activation":
        return kind_of(layer).lower()
    function = getattr(layer, "activation", None)
    return str(getattr(function, "__name__", "linear")) if function is not None else "linear"


def of_design(layers: list[Any], loss: object, facts: DataFacts | None) -> Iterator[Note]:
    """Yields what is unusual about layers that follow one another.

    Args:
        layers: the layers, in order.
        loss: what `compile` was given.
        facts: what the data show, if known.
    """
    layers = [layer for layer in layers if kind_of(layer) != "InputLayer"]
    yield from _output_activation(layers, loss)
    yield from _output_range(layers, loss, facts)
    yield from _missing_flatten(layers)
    yield from _double_activation(layers)
    yield from _dropout_places(layers)
    yield from _biases(layers)
    yield from _dense_widths(layers)
    yield from _filters(layers)
    yield from _pooling(layers)


def _output_activation(layers: list[Any], loss: object) -> Iterator[Note]:
    """The last activation against the loss; a missing one, and a softmax over one unit, `fit` reports beforehand."""
    name = str(loss if isinstance(loss, str) else getattr(loss, "name", "") or "")
    if "crossentropy" not in name or not layers or bool(getattr(loss, "from_logits", False)):
        return
    found, last = (
        activation_of(layers[-1]),
        next((one for one in reversed(layers) if kind_of(one) in WEIGHTED), None),
    )
    units = getattr(last, "units", getattr(last, "filters", 0))
    expected = "sigmoid" if "binary" in name else "softmax"
    if found in ("linear", expected) or (units == 1 and expected == "softmax"):
        return
    fix = _("Set activation='{expected}' in the last layer.").format(expected=expected)
    if expected == "sigmoid" and found == "softmax":
        fix = _("For one class of several, use loss='categorical_crossentropy'; for several labels at once, "
                "activation='sigmoid'.")  # fmt: skip
    yield Note(
        "output-activation",
        _("The last layer ends with {found}, but the loss '{loss}' expects {expected}.").format(
            found=found, loss=name, expected=expected
        ),
        fix,
    )


def _output_range(layers: list[Any], loss: object, facts: DataFacts | None) -> Iterator[Note]:
    """Labels that are numbers, and that the last activation cannot reach."""
    name = str(loss if isinstance(loss, str) else getattr(loss, "name", "") or "")
    if facts is None or not layers or name not in REGRESSION or facts.lowest is None or facts.highest is None:
        return
    low, high = RANGES.get(activation_of(layers[-1]), (-math.inf, math.inf))
    if facts.lowest < low or facts.highest > high:
        yield Note(
            "output-range",
            _("The last layer ends with {found}, whose values are from {low:g} to {high:g}, but the labels are from "
              "{lowest:.4g} to {highest:.4g}.").format(
                found=activation_of(layers[-1]), low=low, high=high, lowest=facts.lowest, highest=facts.highest
            ),
            _("Leave out the activation of the last layer, or scale the labels."),
        )  # fmt: skip


def _missing_flatten(layers: list[Any]) -> Iterator[Note]:
    is_picture = False
    for layer in layers:
        kind = kind_of(layer)
        if kind in CONVOLUTIONS or kind.startswith(("MaxPooling", "AveragePooling")):
            is_picture = True
        elif kind in FLATTENING or kind.startswith("Global"):
            is_picture = False
        elif (
            kind == "Dense"
            and is_picture
            and not any(
                kind_of(one) in FLATTENING or kind_of(one).startswith("Global")
                for one in layers[layers.index(layer) :]
            )
        ):
            yield Note(
                "missing-flatten",
                _("'{name}' is a Dense layer right after convolutions: it is applied at each place of the picture, and "
                  "the model gives an answer for each place instead of one.").format(name=layer.name),
                _("Put a Flatten() or a GlobalAveragePooling layer before '{name}'.").format(name=layer.name),
            )  # fmt: skip
            return


def _double_activation(layers: list[Any]) -> Iterator[Note]:
    for first, second in itertools.pairwise(layers):
        names = activation_of(first), activation_of(second)
        if kind_of(second) in ACTIVATIONS and "linear" not in names:
            yield Note(
                "double-activation",
                _("'{first}' ends with {one}, and '{second}' applies {other} after it.").format(
                    first=first.name, one=names[0], second=second.name, other=names[1]
                ),
                _("Keep one of the two activations."),
            )


def _dropout_places(layers: list[Any]) -> Iterator[Note]:
    for index, layer in enumerate(layers):
        if kind_of(layer) not in ("Dropout", "SpatialDropout1D", "SpatialDropout2D"):
            continue
        following = [one for one in layers[index + 1 : index + 3] if kind_of(one) not in ACTIVATIONS][:1]
        if not following or (
            following[0] is not layers[index + 1] and kind_of(layers[index + 1]) not in ACTIVATIONS
        ):
            continue
        second = following[0]
        if kind_of(second) == "BatchNormalization":
            yield Note(
                "dropout-before-normalization",
                _("'{first}' drops numbers before '{second}' measures their mean and variance, which differ without "
                  "dropout, in prediction.").format(first=layer.name, second=second.name),
                _("Put the dropout after the normalization."),
            )  # fmt: skip
        elif kind_of(second).startswith("MaxPooling"):
            yield Note(
                "dropout-before-pooling",
                _(
                    "'{first}' drops numbers of which '{second}' keeps the largest: less is dropped than it says."
                ).format(first=layer.name, second=second.name),
                _("Put the dropout after the pooling."),
            )


def _biases(layers: list[Any]) -> Iterator[Note]:
    for layer in layers:
        kind = kind_of(getattr(layer, "bias_initializer", None))
        if (
            kind_of(layer) in WEIGHTED
            and getattr(layer, "use_bias", False)
            and kind not in ("Zeros", "NoneType")
        ):
            yield Note(
                "bias-start",
                _("The biases of '{name}' start with other values than 0 ({kind}).").format(
                    name=layer.name, kind=kind
                ),
                _("Leave out bias_initializer, unless you have a reason: zeros are usual."),
            )


def _dense_widths(layers: list[Any]) -> Iterator[Note]:
    dense = [layer for layer in layers if kind_of(layer) == "Dense"][:-1]
    for first, second in itertools.pairwise(dense):
        if second.units > first.units:
            yield Note(
                "wider-dense",
                _(
                    "The dense layers become wider: '{first}' has {one} units, '{second}' after it {other}."
                ).format(first=first.name, one=first.units, second=second.name, other=second.units),
                _("Usually each hidden layer has as many units as the one before it, or fewer."),
            )
            return


def _encoder(layers: list[Any]) -> list[Any]:
    """Returns the convolutions up to the first layer that makes pictures larger."""
    kept = itertools.takewhile(lambda layer: kind_of(layer) not in GROWING, layers)
    return [layer for layer in kept if kind_of(layer) in CONVOLUTIONS]


def _filters(layers: list[Any]) -> Iterator[Note]:
    hidden = _encoder(layers)
    if layers and hidden and hidden[-1] is layers[-1]:  # the output of a network without dense layers
        hidden.pop()
    for first, second in itertools.pairwise(hidden):
        if second.filters < first.filters:
            yield Note(
                "fewer-filters",
                _("The filters become fewer: '{first}' has {one}, '{second}' after it {other}.").format(
                    first=first.name, one=first.filters, second=second.name, other=second.filters
                ),
                _("Usually later layers, which see more of the picture, have more filters."),
            )
            break
    windows = [layer for layer in hidden if max(layer.kernel_size) > 1]  # windows of 1 only mix the channels
    for first, second in itertools.pairwise(windows):
        if any(
            later < earlier for earlier, later in zip(first.kernel_size, second.kernel_size, strict=False)
        ):
            yield Note(
                "smaller-windows",
                _("The windows become smaller: {one} in '{first}', {other} in '{second}' after it.").format(
                    first=first.name, one=_size(first), second=second.name, other=_size(second)
                ),
                _("Usually windows keep their size; small ones, such as 3 x 3, need fewer weights."),
            )
            break


def _size(layer: Any) -> str:
    return " x ".join(map(str, layer.kernel_size))


def _pooling(layers: list[Any]) -> Iterator[Note]:
    convolutions = _encoder(layers)
    poolings = [layer for layer in layers if "Pooling" in kind_of(layer)]
    if (
        len(convolutions) >= 2
        and not poolings
        and all(max(_pair(layer.strides)) == 1 for layer in convolutions)
    ):
        yield Note(
            "no-pooling",
            _(
                "{count} convolutions and no pooling: the last one sees only a small part of the picture."
            ).format(count=len(convolutions)),
            _("Add MaxPooling between them, or strides=2."),
        )
    if len(convolutions) + len(poolings) < DEEP or any(kind_of(layer) in GROWING for layer in layers):
        return
    if len(poolings) >= len(convolutions):
        yield Note(
            "too-much-pooling",
            _("There are as many pooling layers ({count}) as convolutions: little of the picture is left for later "
              "layers.").format(count=len(poolings)),
            _("Put two or three convolutions before each pooling."),
        )  # fmt: skip
    averages = sum(kind_of(layer).startswith("AveragePooling") for layer in poolings)
    if averages >= 2 and not any(kind_of(layer).startswith("MaxPooling") for layer in poolings):
        yield Note(
            "average-pooling",
            _(
                "All pooling layers of this deep network take averages, which blur what the filters have found."
            ),
            _("Try MaxPooling between convolutions."),
        )
    yield from _unequal_blocks(layers)


def _pair(value: Any) -> tuple[int, ...]:
    return tuple(value) if isinstance(value, list | tuple) else (int(value),)


def _unequal_blocks(layers: list[Any]) -> Iterator[Note]:
    """Convolutions between two poolings that differ in their filters or windows, in a deep network."""
    between = [layer for layer in layers if kind_of(layer) in CONVOLUTIONS or "Pooling" in kind_of(layer)]
    for first, second in itertools.pairwise(between):
        if "Pooling" in kind_of(first) or "Pooling" in kind_of(second) or max(second.kernel_size) == 1:
            continue
        if max(_pair(first.strides)) > 1 or max(_pair(second.strides)) > 1:  # which pools as well
            continue
        if first.filters != second.filters or tuple(first.kernel_size) != tuple(second.kernel_size):
            yield Note(
                "unequal-blocks",
                _("'{first}' and '{second}' follow each other without pooling, but differ in their filters or "
                  "windows.").format(first=first.name, second=second.name),
                _("In deep networks, the convolutions of a block are usually alike; the number of filters changes "
                  "after the pooling."),
            )  # fmt: skip
            return
