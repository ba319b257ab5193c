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
_ALIASES = {"GlobalAvgPool1D": "GlobalAveragePooling1D", "GlobalMaxPool1D": "GlobalMaxPooling1D"}

_NO_IMAGES = (
    "Tensorlet trains networks of fully connected layers; "
    "for convolutional and recurrent layers, use TensorFlow."
)
#: Layers with one variant per number of axes: Conv1D, Conv2D, Conv3D.
_STEMS = (
    "AveragePooling", "AvgPool", "Conv", "ConvLSTM", "Convolution", "Cropping", "DepthwiseConv",
    "GlobalAveragePooling", "GlobalAvgPool", "GlobalMaxPool", "GlobalMaxPooling", "LocallyConnected", "MaxPool",
    "MaxPooling", "SeparableConv", "SeparableConvolution", "SpatialDropout", "UpSampling", "ZeroPadding",
)  # fmt: skip
_ABSENT = dict.fromkeys(
    (
        *(f"{stem}{axes}D" for stem in _STEMS for axes in (1, 2, 3)),
        *(f"{stem}{axes}DTranspose" for stem in ("Conv", "Convolution") for axes in (1, 2, 3)),
        "AbstractRNNCell", "AdditiveAttention", "Attention", "Bidirectional", "CenterCrop", "CuDNNGRU",
        "CuDNNLSTM", "GRU", "GRUCell", "LSTM", "LSTMCell", "MultiHeadAttention", "RNN",
        "RandomBrightness", "RandomContrast", "RandomCrop", "RandomFlip", "RandomHeight", "RandomRotation",
        "RandomTranslation", "RandomWidth", "RandomZoom", "Resizing", "SimpleRNN", "SimpleRNNCell",
        "StackedRNNCells", "TimeDistributed",
    ),
    _NO_IMAGES,
)  # fmt: skip
_ABSENT |= {
    "GroupNormalization": "Use LayerNormalization.",
    "DenseFeatures": "Prepare the columns with pandas, or with Normalization, StringLookup and CategoryEncoding.",
    "Highway": "Write it with two Dense layers, Multiply and Add.",
    "TextVectorization": "Tensors of strings are not supported: convert texts to integers first, with "
    "tf.keras.preprocessing.text.Tokenizer and tf.keras.preprocessing.sequence.pad_sequences.",
    "MaxoutDense": "Use Dense(units * pieces) and Maxout(units).",
    "TimeDistributedDense": "Use Dense, which works along the last axis.",
}

__getattr__, __dir__ = lazy_names(__name__, _PLACES, absent=_ABSENT, kind="layer", aliases=_ALIASES)
