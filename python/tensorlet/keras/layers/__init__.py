"""Layers under their Keras names, each imported on first use."""

from __future__ import annotations

from tensorlet.keras.lazy import lazy_names

_HERE = "tensorlet.keras.layers"
_PLACES = {
    f"{_HERE}.base": "Layer",
    f"{_HERE}.input_spec": "InputSpec",
    f"{_HERE}.input_layer": "Input",
    f"{_HERE}.merge": "add subtract multiply average maximum minimum concatenate dot",
    f"{_HERE}.serialization": "serialize deserialize get",
}
#: Keras's other names of its layers.
_ALIASES = {
    "GlobalAvgPool1D": "GlobalAveragePooling1D", "GlobalMaxPool1D": "GlobalMaxPooling1D",
    "GlobalAvgPool2D": "GlobalAveragePooling2D", "GlobalMaxPool2D": "GlobalMaxPooling2D",
    "AvgPool1D": "AveragePooling1D", "MaxPool1D": "MaxPooling1D",
    "AvgPool2D": "AveragePooling2D", "MaxPool2D": "MaxPooling2D",
    "Convolution1D": "Conv1D", "Convolution2D": "Conv2D",
    "Convolution1DTranspose": "Conv1DTranspose", "Convolution2DTranspose": "Conv2DTranspose",
    "SeparableConvolution1D": "SeparableConv1D", "SeparableConvolution2D": "SeparableConv2D",
}  # fmt: skip

_NO_VOLUMES = "Tensorlet convolves sequences (1D) and pictures (2D); for volumes, use TensorFlow."
#: Layers with one variant per number of axes: Conv1D, Conv2D, Conv3D.
_STEMS = (
    "AveragePooling", "AvgPool", "Conv", "Convolution", "Cropping", "GlobalAveragePooling", "GlobalAvgPool",
    "GlobalMaxPool", "GlobalMaxPooling", "MaxPool", "MaxPooling", "SpatialDropout", "UpSampling", "ZeroPadding",
)  # fmt: skip
_ABSENT = dict.fromkeys(
    (*(f"{stem}3D" for stem in _STEMS), "Conv3DTranspose", "Convolution3DTranspose"), _NO_VOLUMES
)
_ABSENT["ConvLSTM3D"] = _NO_VOLUMES
_ABSENT |= dict.fromkeys(
    ("RandomHeight", "RandomWidth"),
    "Shapes are fixed here: use RandomZoom, which keeps the size of pictures.",
)
_ABSENT |= dict.fromkeys(
    ("LocallyConnected1D", "LocallyConnected2D"), "Use Conv1D or Conv2D, which share filters."
)
_ABSENT |= {
    "DenseFeatures": "Prepare the columns with pandas, or with Normalization, StringLookup and CategoryEncoding.",
    "Highway": "Write it with two Dense layers, Multiply and Add.",
    "MaxoutDense": "Use Dense(units * pieces) and Maxout(units).",
    "TimeDistributedDense": "Use Dense, which works along the last axis.",
}

__getattr__, __dir__ = lazy_names(__name__, _PLACES, absent=_ABSENT, kind="layer", aliases=_ALIASES)
