"""The order of the rooms, and the reasons for imports inside functions; `check_imports` reads both."""

from __future__ import annotations

#: Each room's parts in rows, from the bottom up. A part may import only from the rows below its own.
# fmt: off
ROOMS: dict[str, tuple[tuple[str, ...], ...]] = {
    "tensorlet": (
        ("_index", "_native", "errors", "numpy_threads", "public_names", "type_aliases", "version_info"),
        ("extensions", "settings"),
        ("engine", "registry"),
        ("debug",),
        ("dtypes", "formats"),
        ("ops",),
        ("graph",),
        ("backends",),
        ("core",),
        ("checkpoint", "data", "datasets", "preprocessing", "summary"),
        ("keras",),
        ("plots",),
        ("export", "visualize"),
        ("compat",),
        ("api",),
        ("__init__",),
        ("demo",),
        ("cli",),
        ("__main__",),
    ),
    "tensorlet.ops": (
        ("philox", "reference_tools", "registry"),
        ("arguments", "conversion", "gradient_tools", "samples"),
        (
            "argmax", "losses", "matrix_functions", "movement", "reduce", "scan", "segments", "shape_rules", "softmax",
            "special", "statistics",
        ),
        (
            "arithmetic", "comparison", "creation", "decompositions", "elementwise", "extrema", "indexing", "selection",
            "trigonometry",
        ),
        ("activations", "arithmetic_functions", "slicing"),
        ("diagonals", "joining", "sorting"),
        ("distributions", "gather_nd", "linalg"),
        ("einsum",),
        ("generator", "random", "stateless_random"),
        ("normalization",),
    ),
    "tensorlet.core": (
        ("active_tapes", "attributes", "large_operations", "nest", "shape", "symbolic"),
        ("ragged_tensor", "sparse_tensor", "tensor"),
        ("convert", "logits", "ragged_functions", "variable"),
        ("buffers", "random_state", "signature"),
        ("open_lengths",),
        ("eager", "tracing"),
        ("effects", "ordering", "indexed_slices", "python_functions", "shape_checks", "user_code"),
        ("folds", "tensor_array", "vectorized_map"),
        ("tape", "text"),
        ("concrete_function", "custom_gradient", "derivatives"),
        ("subgraphs",),
        ("control_flow", "function", "loops"),
        ("autograph", "compiled_call", "debugging", "epochs"),
    ),
    "tensorlet.core.autograph": (
        ("exits", "merging", "source"),
        ("builtin_functions", "carried", "liveness"),
        ("rewrite", "statements"),
        ("datasets",),
        ("loops",),
        ("conversion",),
    ),
    "tensorlet.data": (
        ("object_columns", "options", "row_numbers"),
        ("pipeline",),
        ("elements", "generator"),
        ("paths", "sources", "vectorization"),
        ("storage", "transformations"),
        ("group_methods",),
        ("methods",),
        ("dataset",),
        ("apply_functions", "text_files"),
    ),
    "tensorlet.keras": (
        ("dtype_policies", "generations", "naming", "providers"),
        ("config",),
        ("registry",),
        ("lazy",),
        ("activations", "constraints", "initializers", "regularizers"),
        ("losses", "optimizers"),
        ("metrics",),
        ("layers",),
        ("training",),
        ("models",),
        ("callbacks",),
        ("saving",),
        ("utils",),
        ("backend", "datasets", "mixed_precision", "ops", "preprocessing", "random", "wrappers"),
    ),
    "tensorlet.keras.ops": (
        ("names", "promotion"),
        ("elementwise", "reductions", "shapes"),
        ("core", "indexing", "matrices", "networks"),
        ("__init__", "linalg", "nn", "numpy"),
    ),
    "tensorlet.keras.training": (
        ("data_adapter",),
        ("step",),
        ("report",),
        ("loop",),
        ("predictor",),
        ("trainer",),
    ),
}
# fmt: on

_FEW = "Few programs need it."
_ERROR = "Only an error message needs it."
_EXTRA = "It is optional and slow to import."

#: (file or folder, imported module without ``tensorlet.``) -> why the import is inside a function.
#: ``*`` stands for every file; a module includes its submodules.
LATE_IMPORTS: dict[tuple[str, str], str] = {
    ("*", "matplotlib"): _EXTRA,
    ("*", "h5py"): "It takes as long to import as everything else, and only files need it.",
    ("*", "compat.unknown_names"): _ERROR,
    ("errors.py", "difflib"): _ERROR,
    ("numpy_threads.py", "numpy"): "The environment must be set before NumPy is imported.",
    ("registry.py", "_index"): "A large table, which a program that uses only tensors does not need.",
    ("api/__init__.py", "compat"): "Programs without legacy spellings do not need it.",
    ("api/__init__.py", "core.symbolic"): _FEW,
    (
        "compat/optimizers.py",
        "compat.legacy_optimizers",
    ): "It derives from the optimizers that this file extends.",
    ("api/install.py", "api.tensorboard"): _FEW,
    (
        "datasets/mnist.py",
        "hashlib",
    ): "It loads OpenSSL, and is needed only to check files in another folder.",
    ("cli", "api"): "`tensorlet run` starts with as little as possible: each command imports what it needs.",
    ("cli", "errors"): _ERROR,
    ("cli", "visualize"): "Only `tensorlet show` draws.",
    ("cli/info.py", "__init__"): "Only `tensorlet info` needs the whole package.",
    ("cli/info.py", "numpy"): "Only `tensorlet info` needs its version.",
    ("cli/run.py", "runpy"): "Only `tensorlet run` needs it.",
    ("cli/show.py", "cli.run"): "Only scripts are run; files are not.",
    ("demo", "__init__"): "`--help` responds at once.",
    ("demo", "datasets"): "`--help` responds at once.",
    ("demo", "demo"): "`--help` responds at once.",
    ("demo", "plots"): "`--help` responds at once.",
    ("export/model.py", "export"): "Each format is imported when a model is exported to it.",
    (
        "keras/backend",
        "keras",
    ): "`tf.keras.backend` is mostly used for arithmetic, which needs no models.",
    ("keras/callbacks/tensorboard.py", "keras.callbacks.projector"): _FEW,
    (
        "keras/layers/layer_config.py",
        "keras",
    ): "They are needed only to save a layer without get_config.",
    ("keras/layers/layer_losses.py", "keras.metrics"): "Only layers with metrics of their own need them.",
    (
        "keras/models/model.py",
        "keras.models",
    ): "Only programs that print a model, or write its configuration, need it.",
    (
        "keras/optimizers/slots.py",
        "keras.initializers",
    ): "The slots of built-in optimizers start from zeros and need no initializers.",
    ("keras/training/step/steps.py", "keras.optimizers"): "A model that only predicts needs none.",
    ("keras/utils", "keras"): "Functions such as `to_categorical` need neither layers nor training.",
    ("visualize/file_contents.py", "keras.saving"): "Checkpoints and safetensors are listed without it.",
    ("visualize/file_contents.py", "checkpoint"): "Only checkpoints need it.",
    ("visualize/file_contents.py", "visualize"): "Only a drawing needs it.",
    ("visualize/show.py", "visualize"): "`tf.show` is available without loading the code that draws.",
}
