"""Which module registers which names. Written by ``tools/make_index.py``; do not edit."""

#: Kind -> module -> class or function -> the names under which it is registered.
INDEX: dict[str, dict[str, dict[str, str]]] = {
    "activation": {
        "tensorlet.keras.activations.probabilities": {
            "softmax": "softmax Softmax",
            "log_softmax": "log_softmax",
        },
        "tensorlet.keras.activations.rectifiers": {
            "relu": "relu ReLU",
            "relu6": "relu6 ReLU6",
            "leaky_relu": "leaky_relu LeakyReLU",
            "elu": "elu ELU",
            "selu": "selu",
            "celu": "celu",
        },
        "tensorlet.keras.activations.shrinking": {
            "hard_tanh": "hard_tanh",
            "tanh_shrink": "tanh_shrink",
            "hard_shrink": "hard_shrink",
            "soft_shrink": "soft_shrink",
            "threshold": "threshold",
            "squareplus": "squareplus",
            "sparse_plus": "sparse_plus",
            "sparse_sigmoid": "sparse_sigmoid",
            "sparsemax": "sparsemax",
            "glu": "glu",
        },
        "tensorlet.keras.activations.sigmoids": {
            "sigmoid": "sigmoid",
            "log_sigmoid": "log_sigmoid",
            "hard_sigmoid": "hard_sigmoid",
            "tanh": "tanh",
            "softsign": "softsign",
        },
        "tensorlet.keras.activations.smooth": {
            "linear": "linear",
            "exponential": "exponential",
            "softplus": "softplus",
            "gelu": "gelu",
            "silu": "silu swish",
            "hard_silu": "hard_silu hard_swish",
            "mish": "mish",
        },
    },
    "backend": {
        "tensorlet.backends.native": {
            "NativeBackend": "native",
        },
        "tensorlet.backends.reference": {
            "ReferenceBackend": "reference",
        },
    },
    "callback": {
        "tensorlet.keras.callbacks.averages": {
            "SwapEMAWeights": "SwapEMAWeights",
        },
        "tensorlet.keras.callbacks.checkpoints": {
            "ModelCheckpoint": "ModelCheckpoint",
            "BackupAndRestore": "BackupAndRestore",
        },
        "tensorlet.keras.callbacks.control": {
            "EarlyStopping": "EarlyStopping",
            "ReduceLROnPlateau": "ReduceLROnPlateau",
            "LearningRateScheduler": "LearningRateScheduler",
            "TerminateOnNaN": "TerminateOnNaN",
            "LambdaCallback": "LambdaCallback",
        },
        "tensorlet.keras.callbacks.loggers": {
            "CSVLogger": "CSVLogger",
            "ProgbarLogger": "ProgbarLogger",
            "BaseLogger": "BaseLogger",
        },
        "tensorlet.keras.callbacks.remote_monitor": {
            "RemoteMonitor": "RemoteMonitor",
        },
        "tensorlet.keras.callbacks.tensorboard": {
            "TensorBoard": "TensorBoard",
        },
    },
    "constraint": {
        "tensorlet.keras.constraints.non_negative": {
            "NonNeg": "NonNeg non_neg nonneg",
        },
        "tensorlet.keras.constraints.norms": {
            "MaxNorm": "MaxNorm max_norm",
            "UnitNorm": "UnitNorm unit_norm unitnorm",
            "MinMaxNorm": "MinMaxNorm min_max_norm",
        },
    },
    "control flow": {
        "tensorlet.core.autograph.conversion": {
            "converted": "converted",
            "source_of": "source_of",
        },
        "tensorlet.core.autograph.loops": {
            "set_loop_options": "set_loop_options",
        },
    },
    "export format": {
        "tensorlet.export.onnx": {
            "export_onnx": ".onnx",
        },
        "tensorlet.export.program": {
            "export_program": ".py",
        },
    },
    "file format": {
        "tensorlet.keras.saving.formats.hdf5": {
            "Hdf5Format": "h5 hdf5",
        },
        "tensorlet.keras.saving.formats.keras_archive": {
            "KerasFormat": "keras",
        },
        "tensorlet.keras.saving.formats.safetensors": {
            "SafetensorsFormat": "safetensors",
        },
        "tensorlet.keras.saving.formats.tf_checkpoint": {
            "CheckpointFormat": "tf tensorflow",
        },
    },
    "initializer": {
        "tensorlet.keras.initializers.constants": {
            "Zeros": "Zeros zeros zero",
            "Ones": "Ones ones one",
            "Constant": "Constant constant",
            "Identity": "Identity identity IdentityInitializer",
        },
        "tensorlet.keras.initializers.orthogonal": {
            "Orthogonal": "Orthogonal orthogonal OrthogonalInitializer",
        },
        "tensorlet.keras.initializers.random": {
            "RandomNormal": "RandomNormal random_normal normal",
            "TruncatedNormal": "TruncatedNormal truncated_normal",
            "RandomUniform": "RandomUniform random_uniform uniform",
        },
        "tensorlet.keras.initializers.variance_scaling": {
            "VarianceScaling": "VarianceScaling variance_scaling",
            "GlorotUniform": "GlorotUniform glorot_uniform xavier_uniform",
            "GlorotNormal": "GlorotNormal glorot_normal xavier_normal",
            "HeUniform": "HeUniform he_uniform",
            "HeNormal": "HeNormal he_normal",
            "LecunUniform": "LecunUniform lecun_uniform",
            "LecunNormal": "LecunNormal lecun_normal",
        },
    },
    "layer": {
        "tensorlet.compat.thresholded_relu": {
            "ThresholdedReLU": "ThresholdedReLU",
        },
        "tensorlet.keras.layers.adaptive_pooling": {
            "AdaptiveAveragePooling1D": "AdaptiveAveragePooling1D",
            "AdaptiveMaxPooling1D": "AdaptiveMaxPooling1D",
            "AdaptiveAveragePooling2D": "AdaptiveAveragePooling2D",
            "AdaptiveMaxPooling2D": "AdaptiveMaxPooling2D",
        },
        "tensorlet.keras.layers.advanced_activations": {
            "ReLU": "ReLU",
            "LeakyReLU": "LeakyReLU",
            "PReLU": "PReLU",
            "ELU": "ELU",
            "Softmax": "Softmax",
            "Maxout": "Maxout",
        },
        "tensorlet.keras.layers.batch_normalization": {
            "BatchNormalization": "BatchNormalization",
        },
        "tensorlet.keras.layers.categorical": {
            "CategoryEncoding": "CategoryEncoding",
        },
        "tensorlet.keras.layers.convolution": {
            "Conv2D": "Conv2D",
            "Conv1D": "Conv1D",
        },
        "tensorlet.keras.layers.convolution_transpose": {
            "Conv2DTranspose": "Conv2DTranspose",
            "Conv1DTranspose": "Conv1DTranspose",
        },
        "tensorlet.keras.layers.core": {
            "Dense": "Dense",
            "Flatten": "Flatten",
            "Identity": "Identity",
            "Reshape": "Reshape",
            "Activation": "Activation",
            "Permute": "Permute",
            "RepeatVector": "RepeatVector",
            "ActivityRegularization": "ActivityRegularization",
        },
        "tensorlet.keras.layers.depthwise": {
            "DepthwiseConv2D": "DepthwiseConv2D",
            "DepthwiseConv1D": "DepthwiseConv1D",
            "SeparableConv2D": "SeparableConv2D",
            "SeparableConv1D": "SeparableConv1D",
        },
        "tensorlet.keras.layers.einsum_dense": {
            "EinsumDense": "EinsumDense",
            "Wrapper": "Wrapper",
        },
        "tensorlet.keras.layers.embeddings": {
            "Embedding": "Embedding",
            "Masking": "Masking",
        },
        "tensorlet.keras.layers.hashing": {
            "Hashing": "Hashing",
            "HashedCrossing": "HashedCrossing",
            "Discretization": "Discretization",
        },
        "tensorlet.keras.layers.image_augmentation": {
            "RandomFlip": "RandomFlip",
            "RandomRotation": "RandomRotation",
            "RandomTranslation": "RandomTranslation",
            "RandomZoom": "RandomZoom",
        },
        "tensorlet.keras.layers.image_colours": {
            "RandomContrast": "RandomContrast",
            "RandomBrightness": "RandomBrightness",
        },
        "tensorlet.keras.layers.image_preprocessing": {
            "Resizing": "Resizing",
            "CenterCrop": "CenterCrop",
            "RandomCrop": "RandomCrop",
        },
        "tensorlet.keras.layers.image_stretching": {
            "RandomHeight": "RandomHeight",
            "RandomWidth": "RandomWidth",
        },
        "tensorlet.keras.layers.input_layer": {
            "InputLayer": "InputLayer",
        },
        "tensorlet.keras.layers.lambda_layer": {
            "Lambda": "Lambda",
        },
        "tensorlet.keras.layers.lookup": {
            "StringLookup": "StringLookup",
            "IntegerLookup": "IntegerLookup",
        },
        "tensorlet.keras.layers.merge": {
            "Add": "Add",
            "Subtract": "Subtract",
            "Multiply": "Multiply",
            "Average": "Average",
            "Maximum": "Maximum",
            "Minimum": "Minimum",
            "Concatenate": "Concatenate",
            "Dot": "Dot",
        },
        "tensorlet.keras.layers.normalization": {
            "LayerNormalization": "LayerNormalization",
            "GroupNormalization": "GroupNormalization",
            "RMSNormalization": "RMSNormalization",
            "UnitNormalization": "UnitNormalization",
        },
        "tensorlet.keras.layers.operators": {
            "TFOpLambda": "TFOpLambda SlicingOpLambda",
        },
        "tensorlet.keras.layers.pooling": {
            "GlobalAveragePooling1D": "GlobalAveragePooling1D",
            "GlobalMaxPooling1D": "GlobalMaxPooling1D",
            "GlobalAveragePooling2D": "GlobalAveragePooling2D",
            "GlobalMaxPooling2D": "GlobalMaxPooling2D",
        },
        "tensorlet.keras.layers.preprocessing": {
            "Rescaling": "Rescaling",
            "Normalization": "Normalization",
            "MinMaxScaling": "MinMaxScaling",
        },
        "tensorlet.keras.layers.regularization": {
            "Dropout": "Dropout",
            "SpatialDropout1D": "SpatialDropout1D",
            "SpatialDropout2D": "SpatialDropout2D",
            "GaussianNoise": "GaussianNoise",
            "GaussianDropout": "GaussianDropout",
            "AlphaDropout": "AlphaDropout",
        },
        "tensorlet.keras.layers.reshaping": {
            "ZeroPadding2D": "ZeroPadding2D",
            "ZeroPadding1D": "ZeroPadding1D",
            "Cropping2D": "Cropping2D",
            "Cropping1D": "Cropping1D",
            "UpSampling2D": "UpSampling2D",
            "UpSampling1D": "UpSampling1D",
        },
        "tensorlet.keras.layers.reversible_embedding": {
            "ReversibleEmbedding": "ReversibleEmbedding",
        },
        "tensorlet.keras.layers.sequences.attention": {
            "Attention": "Attention",
            "AdditiveAttention": "AdditiveAttention",
        },
        "tensorlet.keras.layers.sequences.bidirectional": {
            "Bidirectional": "Bidirectional",
        },
        "tensorlet.keras.layers.sequences.cells": {
            "AbstractRNNCell": "AbstractRNNCell",
        },
        "tensorlet.keras.layers.sequences.conv_lstm": {
            "ConvLSTM2D": "ConvLSTM2D",
            "ConvLSTM1D": "ConvLSTM1D",
        },
        "tensorlet.keras.layers.sequences.group_query_attention": {
            "GroupQueryAttention": "GroupQueryAttention GroupedQueryAttention",
        },
        "tensorlet.keras.layers.sequences.gru": {
            "GRUCell": "GRUCell",
            "GRU": "GRU",
        },
        "tensorlet.keras.layers.sequences.lstm": {
            "LSTMCell": "LSTMCell",
            "LSTM": "LSTM",
        },
        "tensorlet.keras.layers.sequences.multi_head_attention": {
            "MultiHeadAttention": "MultiHeadAttention",
        },
        "tensorlet.keras.layers.sequences.rnn": {
            "RNN": "RNN",
        },
        "tensorlet.keras.layers.sequences.simple_rnn": {
            "SimpleRNNCell": "SimpleRNNCell",
            "SimpleRNN": "SimpleRNN",
        },
        "tensorlet.keras.layers.sequences.stacked_cells": {
            "StackedRNNCells": "StackedRNNCells",
        },
        "tensorlet.keras.layers.sequences.time_distributed": {
            "TimeDistributed": "TimeDistributed",
        },
        "tensorlet.keras.layers.spectral_normalization": {
            "SpectralNormalization": "SpectralNormalization",
        },
        "tensorlet.keras.layers.text_vectorization": {
            "TextVectorization": "TextVectorization",
        },
        "tensorlet.keras.layers.window_pooling": {
            "MaxPooling2D": "MaxPooling2D",
            "AveragePooling2D": "AveragePooling2D",
            "MaxPooling1D": "MaxPooling1D",
            "AveragePooling1D": "AveragePooling1D",
        },
        "tensorlet.keras.models.model": {
            "Functional": "Functional Model",
        },
        "tensorlet.keras.models.sequential": {
            "Sequential": "Sequential",
        },
        "tensorlet.rbm.machine": {
            "RBM": "RBM",
        },
    },
    "learning-rate schedule": {
        "tensorlet.keras.optimizers.schedules.cosine": {
            "CosineDecay": "CosineDecay",
            "CosineDecayRestarts": "CosineDecayRestarts SGDRDecay",
        },
        "tensorlet.keras.optimizers.schedules.decays": {
            "ExponentialDecay": "ExponentialDecay",
            "InverseTimeDecay": "InverseTimeDecay",
            "PiecewiseConstantDecay": "PiecewiseConstantDecay PiecewiseConstant",
            "PolynomialDecay": "PolynomialDecay",
        },
    },
    "loss": {
        "tensorlet.keras.losses.classes": {
            "MeanSquaredError": "MeanSquaredError",
            "MeanAbsoluteError": "MeanAbsoluteError",
            "MeanAbsolutePercentageError": "MeanAbsolutePercentageError",
            "MeanSquaredLogarithmicError": "MeanSquaredLogarithmicError",
            "Huber": "Huber",
            "LogCosh": "LogCosh",
            "Poisson": "Poisson",
            "CosineSimilarity": "CosineSimilarity",
            "Hinge": "Hinge",
            "SquaredHinge": "SquaredHinge",
            "CategoricalHinge": "CategoricalHinge",
            "KLDivergence": "KLDivergence",
            "CategoricalCrossentropy": "CategoricalCrossentropy",
            "CategoricalFocalCrossentropy": "CategoricalFocalCrossentropy",
            "SparseCategoricalCrossentropy": "SparseCategoricalCrossentropy",
            "BinaryCrossentropy": "BinaryCrossentropy",
            "BinaryFocalCrossentropy": "BinaryFocalCrossentropy",
        },
        "tensorlet.keras.losses.margins": {
            "hinge": "hinge",
            "squared_hinge": "squared_hinge",
            "categorical_hinge": "categorical_hinge",
        },
        "tensorlet.keras.losses.overlap": {
            "dice": "dice",
            "tversky": "tversky",
            "categorical_generalized_cross_entropy": "categorical_generalized_cross_entropy",
            "circle": "circle",
            "Dice": "Dice",
            "Tversky": "Tversky",
            "CategoricalGeneralizedCrossEntropy": "CategoricalGeneralizedCrossEntropy",
            "Circle": "Circle",
        },
        "tensorlet.keras.losses.probabilistic": {
            "categorical_crossentropy": "categorical_crossentropy",
            "categorical_focal_crossentropy": "categorical_focal_crossentropy",
            "sparse_categorical_crossentropy": "sparse_categorical_crossentropy",
            "binary_crossentropy": "binary_crossentropy bce BCE",
            "binary_focal_crossentropy": "binary_focal_crossentropy",
            "kl_divergence": "kl_divergence kld KLD kullback_leibler_divergence",
        },
        "tensorlet.keras.losses.regression": {
            "mean_squared_error": "mean_squared_error mse MSE",
            "mean_absolute_error": "mean_absolute_error mae MAE",
            "mean_absolute_percentage_error": "mean_absolute_percentage_error mape MAPE",
            "mean_squared_logarithmic_error": "mean_squared_logarithmic_error msle MSLE",
            "huber": "huber huber_loss",
            "log_cosh": "log_cosh logcosh",
            "poisson": "poisson",
            "cosine_similarity": "cosine_similarity cosine_proximity",
        },
    },
    "metric": {
        "tensorlet.keras.losses.probabilistic": {
            "categorical_focal_crossentropy": "categorical_focal_crossentropy",
            "binary_focal_crossentropy": "binary_focal_crossentropy",
        },
        "tensorlet.keras.losses.regression": {
            "huber": "huber",
        },
        "tensorlet.keras.metrics.accuracy": {
            "Accuracy": "Accuracy",
            "BinaryAccuracy": "BinaryAccuracy binary_accuracy",
            "CategoricalAccuracy": "CategoricalAccuracy categorical_accuracy",
            "SparseCategoricalAccuracy": "SparseCategoricalAccuracy sparse_categorical_accuracy",
            "TopKCategoricalAccuracy": "TopKCategoricalAccuracy top_k_categorical_accuracy",
            "SparseTopKCategoricalAccuracy": "SparseTopKCategoricalAccuracy sparse_top_k_categorical_accuracy",
        },
        "tensorlet.keras.metrics.auc": {
            "AUC": "AUC auc",
            "SensitivityAtSpecificity": "SensitivityAtSpecificity",
            "SpecificityAtSensitivity": "SpecificityAtSensitivity",
            "PrecisionAtRecall": "PrecisionAtRecall",
            "RecallAtPrecision": "RecallAtPrecision",
        },
        "tensorlet.keras.metrics.confusion": {
            "Precision": "Precision precision",
            "Recall": "Recall recall",
            "TruePositives": "TruePositives true_positives",
            "FalsePositives": "FalsePositives false_positives",
            "TrueNegatives": "TrueNegatives true_negatives",
            "FalseNegatives": "FalseNegatives false_negatives",
        },
        "tensorlet.keras.metrics.loss_metrics": {
            "MeanSquaredError": "MeanSquaredError mean_squared_error mse MSE",
            "RootMeanSquaredError": "RootMeanSquaredError root_mean_squared_error rmse RMSE",
            "MeanAbsoluteError": "MeanAbsoluteError mean_absolute_error mae MAE",
            "MeanAbsolutePercentageError": "MeanAbsolutePercentageError mean_absolute_percentage_error mape MAPE",
            "MeanSquaredLogarithmicError": "MeanSquaredLogarithmicError mean_squared_logarithmic_error msle MSLE",
            "LogCoshError": "LogCoshError log_cosh logcosh",
            "Poisson": "Poisson poisson",
            "KLDivergence": "KLDivergence kl_divergence kullback_leibler_divergence kld KLD",
            "CosineSimilarity": "CosineSimilarity cosine_similarity cosine_proximity",
            "Hinge": "Hinge hinge",
            "SquaredHinge": "SquaredHinge squared_hinge",
            "CategoricalHinge": "CategoricalHinge categorical_hinge",
            "BinaryCrossentropy": "BinaryCrossentropy binary_crossentropy bce BCE",
            "CategoricalCrossentropy": "CategoricalCrossentropy categorical_crossentropy",
            "SparseCategoricalCrossentropy": "SparseCategoricalCrossentropy sparse_categorical_crossentropy",
        },
        "tensorlet.keras.metrics.overlap": {
            "IoU": "IoU",
            "MeanIoU": "MeanIoU",
            "BinaryIoU": "BinaryIoU",
            "OneHotIoU": "OneHotIoU",
            "OneHotMeanIoU": "OneHotMeanIoU",
            "MeanTensor": "MeanTensor",
            "PearsonCorrelation": "PearsonCorrelation pearson_correlation",
            "ConcordanceCorrelation": "ConcordanceCorrelation concordance_correlation",
        },
        "tensorlet.keras.metrics.reduction_metrics": {
            "Sum": "Sum sum",
            "Mean": "Mean mean",
            "MeanMetricWrapper": "MeanMetricWrapper",
        },
        "tensorlet.keras.metrics.scores": {
            "FBetaScore": "FBetaScore fbeta_score",
            "F1Score": "F1Score f1_score",
            "R2Score": "R2Score r2_score",
        },
    },
    "optimizer": {
        "tensorlet.keras.optimizers.adadelta": {
            "Adadelta": "Adadelta",
        },
        "tensorlet.keras.optimizers.adagrad": {
            "Adagrad": "Adagrad",
        },
        "tensorlet.keras.optimizers.adam": {
            "Adam": "Adam",
            "AdamW": "AdamW",
        },
        "tensorlet.keras.optimizers.adamax": {
            "Adamax": "Adamax",
        },
        "tensorlet.keras.optimizers.factored": {
            "Adafactor": "Adafactor",
        },
        "tensorlet.keras.optimizers.ftrl": {
            "Ftrl": "Ftrl",
        },
        "tensorlet.keras.optimizers.large_batches": {
            "Lamb": "Lamb",
        },
        "tensorlet.keras.optimizers.lion": {
            "Lion": "Lion",
        },
        "tensorlet.keras.optimizers.loss_scale": {
            "LossScaleOptimizer": "LossScaleOptimizer",
        },
        "tensorlet.keras.optimizers.muon": {
            "Muon": "Muon",
        },
        "tensorlet.keras.optimizers.nadam": {
            "Nadam": "Nadam",
        },
        "tensorlet.keras.optimizers.rmsprop": {
            "RMSprop": "RMSprop",
        },
        "tensorlet.keras.optimizers.schedule_free": {
            "ScheduleFreeAdamW": "ScheduleFreeAdamW",
        },
        "tensorlet.keras.optimizers.several": {
            "MultiOptimizer": "MultiOptimizer",
        },
        "tensorlet.keras.optimizers.sgd": {
            "SGD": "SGD",
        },
    },
    "regularizer": {
        "tensorlet.keras.regularizers.norms": {
            "L1L2": "L1L2 l1_l2",
            "L1": "L1 l1",
            "L2": "L2 l2",
        },
        "tensorlet.keras.regularizers.orthogonal": {
            "OrthogonalRegularizer": "OrthogonalRegularizer orthogonal_regularizer",
        },
    },
}
