"""Legacy names and modules of TensorFlow and Keras, with their current names."""

from __future__ import annotations

#: Maps legacy modules (without ``tf.``) to the modules that contain their names now, separated by spaces.
LEGACY_MODULES: dict[str, str] = {
    **dict.fromkeys(
        (
            "keras.engine.base_layer", "keras.engine.input_layer", "keras.engine.input_spec",
            "keras.layers.activation", "keras.layers.advanced_activations", "keras.layers.attention",
            "keras.layers.convolutional", "keras.layers.convolutional_recurrent", "keras.layers.core",
            "keras.layers.cudnn_recurrent", "keras.layers.dense_attention", "keras.layers.embeddings",
            "keras.layers.experimental", "keras.layers.experimental.preprocessing", "keras.layers.local",
            "keras.layers.merge", "keras.layers.merging", "keras.layers.noise", "keras.layers.normalization",
            "keras.layers.normalization_v2", "keras.layers.pooling", "keras.layers.preprocessing",
            "keras.layers.recurrent", "keras.layers.regularization", "keras.layers.reshaping",
            "keras.layers.rnn", "keras.layers.wrappers",
        ),
        "keras.layers",
    ),
    **dict.fromkeys(("keras.engine", "keras.engine.topology"), "keras.layers keras.models"),
    **dict.fromkeys(
        ("keras.engine.functional", "keras.engine.sequential", "keras.engine.training"), "keras.models"
    ),
    "keras.callbacks.experimental": "keras.callbacks",
    "keras.experimental": "keras.optimizers.schedules",
    "keras.objectives": "keras.losses",
    **dict.fromkeys(("keras.saving.hdf5_format", "keras.saving.save", "keras.saving.saved_model"), "keras.saving"),
    **dict.fromkeys(
        (
            "keras.optimizer_v1", "keras.optimizer_v2", "keras.optimizers.experimental",
            "keras.optimizers.legacy",
        ),
        "keras.optimizers",
    ),
    **{
        f"keras.optimizer_v2.{name}": "keras.optimizers"
        for name in ("adadelta", "adagrad", "adam", "adamax", "ftrl", "gradient_descent", "nadam", "optimizer_v2",
                     "rmsprop")
    },
    **{
        f"keras.optimizers.{name}_v2": "keras.optimizers"
        for name in ("adadelta", "adagrad", "adam", "adamax", "ftrl", "gradient_descent", "nadam", "rmsprop")
    },
    "keras.optimizer_v2.learning_rate_schedule": "keras.optimizers.schedules",
    **{
        f"keras.utils.{name}": "keras.utils"
        for name in ("all_utils", "data_utils", "generic_utils", "io_utils", "layer_utils", "legacy", "losses_utils",
                     "np_utils", "vis_utils")
    },
}  # fmt: skip

#: Maps legacy modules (without ``tf.``) to the module with those of their classes that differ from the current ones.
OWN_MODULES: dict[str, str] = dict.fromkeys(
    (
        "keras.optimizers.legacy",
        "keras.optimizer_v2",
        *(path for path in LEGACY_MODULES if path.startswith("keras.optimizer_v2.") or path.endswith("_v2")),
    ),
    "tensorlet.compat.legacy_optimizers",
)

#: Maps legacy classes and functions of Keras (without ``tf.``) to the current ones.
LEGACY_NAMES: dict[str, str] = {
    "keras.constraints.maxnorm": "keras.constraints.max_norm",
    "keras.constraints.nonneg": "keras.constraints.non_neg",
    "keras.constraints.unitnorm": "keras.constraints.unit_norm",
    "keras.initializers.normal": "keras.initializers.RandomNormal",
    "keras.initializers.one": "keras.initializers.Ones",
    "keras.initializers.uniform": "keras.initializers.RandomUniform",
    "keras.initializers.zero": "keras.initializers.Zeros",
    "keras.layers.BatchNormalizationV1": "keras.layers.BatchNormalization",
    "keras.layers.BatchNormalizationV2": "keras.layers.BatchNormalization",
    "keras.layers.CuDNNGRU": "keras.layers.GRU",
    "keras.layers.CuDNNLSTM": "keras.layers.LSTM",
    "keras.layers.Model": "keras.models.Model",
    "keras.losses.cosine": "keras.losses.cosine_similarity",
    **{f"keras.models.{name}": f"keras.layers.{name}" for name in ("Input", "InputLayer", "Layer")},
    "keras.metrics.cosine": "keras.metrics.cosine_similarity",
    "keras.regularizers.l1l2": "keras.regularizers.l1_l2",
}

#: Maps legacy paths of TensorFlow functions (without ``tf.``) to the current paths.
LEGACY_FUNCTIONS: dict[str, str] = {
    "arg_max": "argmax",
    "arg_min": "argmin",
    "bincount": "math.bincount",
    "ceil": "math.ceil",
    "confusion_matrix": "math.confusion_matrix",
    "count_nonzero": "math.count_nonzero",
    "cumprod": "math.cumprod",
    "diag": "linalg.diag",
    "diag_part": "linalg.diag_part",
    "div_no_nan": "math.divide_no_nan",
    "erf": "math.erf",
    "expm1": "math.expm1",
    "floordiv": "math.floordiv",
    "floormod": "math.floormod",
    "global_norm": "linalg.global_norm",
    "is_finite": "math.is_finite",
    "is_inf": "math.is_inf",
    "is_nan": "math.is_nan",
    "lin_space": "linspace",
    "log": "math.log",
    "log1p": "math.log1p",
    "log_sigmoid": "math.log_sigmoid",
    "logical_xor": "math.logical_xor",
    "matrix_determinant": "linalg.det",
    "matrix_diag": "linalg.diag",
    "matrix_diag_part": "linalg.diag_part",
    "matrix_inverse": "linalg.inv",
    "matrix_solve": "linalg.solve",
    "matrix_transpose": "linalg.matrix_transpose",
    "mod": "math.mod",
    "mul": "multiply",
    "neg": "negative",
    "nn.softmax_cross_entropy_with_logits_v2": "nn.softmax_cross_entropy_with_logits",
    "random_normal": "random.normal",
    "random_shuffle": "random.shuffle",
    "random_uniform": "random.uniform",
    "reciprocal": "math.reciprocal",
    "rint": "math.rint",
    "rsqrt": "math.rsqrt",
    "set_random_seed": "random.set_seed",
    "squared_difference": "math.squared_difference",
    "sub": "subtract",
    "tensor_scatter_update": "tensor_scatter_nd_update",
    "trace": "linalg.trace",
    "truncated_normal": "random.truncated_normal",
    "where_v2": "where",
}

#: Maps legacy names of Keras that are defined in this package to ``module:name``.
DEFINED_HERE: dict[str, str] = {
    "keras.backend.image_dim_ordering": "tensorlet.compat.functions:image_dim_ordering",
    "keras.backend.set_image_dim_ordering": "tensorlet.compat.functions:set_image_dim_ordering",
    "keras.backend.set_learning_phase": "tensorlet.compat.functions:set_learning_phase",
    "keras.layers.Merge": "tensorlet.compat.functions:Merge",
    "keras.layers.ThresholdedReLU": "tensorlet.compat.thresholded_relu:ThresholdedReLU",
    "keras.utils.print_summary": "tensorlet.compat.functions:print_summary",
}

#: Legacy names that TensorFlow 2.15 still lists, by namespace (without ``tf.``).
PUBLIC: dict[str, tuple[str, ...]] = {"keras.layers": ("ThresholdedReLU",), "keras.optimizers": ("legacy",)}

#: Modules that can also be called like the class in them; see `tensorlet.compat.optimizers`.
CALLABLE_MODULES = frozenset(
    f"keras.optimizers.{name}"
    for name in ("adadelta", "adagrad", "adam", "adamax", "nadam", "rmsprop", "sgd")
)

#: Maps packages that used to contain Keras to the current one. The longest match is used.
LEGACY_PACKAGES: dict[str, str] = {
    "python.keras": "keras",
    **dict.fromkeys(
        (
            "keras._tf_keras", "keras._tf_keras.keras", "keras.api", "keras.api._v1", "keras.api._v1.keras",
            "keras.api._v2", "keras.api._v2.keras",
        ),
        "keras",
    ),
    "keras.src": "keras",
}  # fmt: skip


def legacy_package(path: str) -> str | None:
    """Returns the longest of `LEGACY_PACKAGES` that contains a module; None if there is none."""
    found = [old for old in LEGACY_PACKAGES if f"{path}.".startswith(f"{old}.")]
    return max(found, key=len) if found else None


def current_module(path: str) -> str:
    """Returns the path of a module in the current package; see `LEGACY_PACKAGES`.

    >>> from tensorlet.compat.legacy_names import current_module
    >>> current_module("python.keras.layers.core"), current_module("keras.layers")
    ('keras.layers.core', 'keras.layers')
    """
    old = legacy_package(path)
    return path if old is None else LEGACY_PACKAGES[old] + path[len(old) :]
