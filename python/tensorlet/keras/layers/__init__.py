"""The layers under their Keras names, each imported when it is first used."""

from __future__ import annotations

from tensorlet.keras.lazy import lazy_names

_HERE = "tensorlet.keras.layers"
_PLACES = {
    f"{_HERE}.base": "Layer",
    f"{_HERE}.input_spec": "InputSpec",
    f"{_HERE}.input_layer": "Input InputLayer",
    f"{_HERE}.core": "Dense Flatten Reshape Activation Permute RepeatVector ActivityRegularization Lambda",
    f"{_HERE}.noise": "Dropout SpatialDropout1D GaussianNoise GaussianDropout AlphaDropout",
    f"{_HERE}.normalization": "BatchNormalization LayerNormalization UnitNormalization",
    f"{_HERE}.advanced_activations": "ReLU LeakyReLU PReLU ELU Softmax ThresholdedReLU Maxout",
    f"{_HERE}.embeddings": "Embedding",
    f"{_HERE}.merge": "Add Subtract Multiply Average Maximum Minimum Concatenate Dot "
    "add subtract multiply average maximum minimum concatenate dot",
    f"{_HERE}.scaling": "Rescaling Normalization MinMaxScaling",
    f"{_HERE}.categories": "CategoryEncoding StringLookup",
    f"{_HERE}.operators": "TFOpLambda",
    f"{_HERE}.loading": "serialize deserialize get",
}

_NO_IMAGES = (
    "Tensorlet trains networks of fully connected layers; "
    "for convolutions and recurrent layers use TensorFlow itself."
)
_ABSENT = dict.fromkeys(
    (
        "AbstractRNNCell", "AdditiveAttention", "AveragePooling1D", "AveragePooling3D", "AvgPool2D", "CenterCrop",
        "Conv1DTranspose", "Conv3DTranspose", "ConvLSTM2D", "Convolution1D", "Convolution2D", "Cropping1D",
        "Cropping2D", "CuDNNGRU", "CuDNNLSTM", "GRUCell", "GlobalMaxPool2D", "GlobalMaxPooling1D",
        "GlobalMaxPooling2D", "LSTMCell", "LocallyConnected1D", "LocallyConnected2D", "MaxPool1D",
        "MaxPooling3D", "RNN", "RandomCrop", "RandomFlip", "RandomRotation", "RandomZoom", "Resizing",
        "SimpleRNNCell", "StackedRNNCells", "TextVectorization", "UpSampling1D", "ZeroPadding1D",
        "Conv1D", "Conv2D", "Conv3D", "MaxPooling1D", "MaxPooling2D", "MaxPool2D", "AveragePooling2D",
        "GlobalAveragePooling1D", "GlobalAveragePooling2D", "SimpleRNN", "LSTM", "GRU", "Bidirectional",
        "TimeDistributed", "Masking", "Attention", "MultiHeadAttention", "UpSampling2D", "ZeroPadding2D",
        "Conv2DTranspose", "SeparableConv2D", "DepthwiseConv2D",
    ),
    _NO_IMAGES,
)  # fmt: skip
_ABSENT |= {
    "DenseFeatures": "Prepare the columns with pandas, or with Normalization, StringLookup and CategoryEncoding.",
    "Highway": "Write it with two Dense layers, Multiply and Add.",
    "Hashing": "Use StringLookup.",
    "Discretization": "Use numpy.digitize on the column, and CategoryEncoding.",
    "IntegerLookup": "Use numpy.searchsorted(sorted_values, x), and CategoryEncoding.",
    "MaxoutDense": "Use Dense(units * pieces) and Maxout(units).",
    "Merge": "Use Add, Multiply, Average, Maximum, Concatenate or Dot.",
    "TimeDistributedDense": "Use Dense, which works along the last axis.",
}

__getattr__, __dir__ = lazy_names(__name__, _PLACES, absent=_ABSENT)
