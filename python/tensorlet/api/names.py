"""The one table of names: what TensorFlow calls a thing, and where it lives here.

`PLACES` goes from a module of ours to its attributes, and from each attribute to
all of TensorFlow's paths for it, without the leading ``tf.``. `MODULES` names the
modules that are namespaces of TensorFlow's as they are. `OLD_SPELLINGS` goes from
names of the years before to today's paths; nothing else knows of them.

The table says nothing about what a name does, and importing it imports nothing.
"""

from __future__ import annotations

#: Module -> attribute -> the TensorFlow paths of it.
PLACES: dict[str, dict[str, str]] = {
    "tensorlet.core.tensor": {
        "Tensor": "Tensor",
    },
    "tensorlet.core.random_state": {
        "set_seed": "random.set_seed",
    },
    "tensorlet.core.shape": {
        "TensorShape": "TensorShape",
    },
    "tensorlet.core.convert": {
        "constant": "constant",
        "convert_to_tensor": "convert_to_tensor",
    },
    "tensorlet.core.variable": {
        "Variable": "Variable",
    },
    "tensorlet.core.tape": {
        "GradientTape": "GradientTape autodiff.GradientTape",
        "UnconnectedGradients": "UnconnectedGradients",
    },
    "tensorlet.core.function": {
        "function": "function",
        "py_function": "py_function",
        "functions_run_eagerly": "config.functions_run_eagerly config.experimental_functions_run_eagerly",
        "run_functions_eagerly": "config.run_functions_eagerly config.experimental_run_functions_eagerly",
    },
    "tensorlet.core.signature": {
        "TensorSpec": "TensorSpec",
    },
    "tensorlet.core.control_flow": {
        "cond": "cond",
        "while_loop": "while_loop",
        "case": "case",
        "switch_case": "switch_case",
    },
    "tensorlet.keras.initializers": {
        "Constant": "constant_initializer",
        "Ones": "ones_initializer",
        "RandomNormal": "random_normal_initializer",
        "RandomUniform": "random_uniform_initializer",
        "Zeros": "zeros_initializer",
    },
    "tensorlet.core.vectorized_map": {
        "map_fn": "map_fn vectorized_map",
    },
    "tensorlet.core.custom_gradient": {
        "custom_gradient": "custom_gradient",
    },
    "tensorlet.core.nest": {
        "flatten": "nest.flatten",
        "map_structure": "nest.map_structure",
        "pack_like": "nest.pack_sequence_as",
    },
    "tensorlet.dtypes": {
        "DType": "dtypes.DType DType",
        "as_dtype": "dtypes.as_dtype as_dtype",
        "bool_": "bool dtypes.bool",
        "double": "double dtypes.double",
        "float16": "float16 dtypes.float16",
        "float32": "float32 dtypes.float32",
        "float64": "float64 dtypes.float64",
        "half": "half dtypes.half",
        "int16": "int16 dtypes.int16",
        "int32": "int32 dtypes.int32",
        "int64": "int64 dtypes.int64",
        "int8": "int8 dtypes.int8",
        "uint16": "uint16 dtypes.uint16",
        "uint32": "uint32 dtypes.uint32",
        "uint64": "uint64 dtypes.uint64",
        "uint8": "uint8 dtypes.uint8",
    },
    "tensorlet.errors": {
        "InvalidArgumentError": "errors.InvalidArgumentError",
        "OutOfRangeError": "errors.OutOfRangeError",
        "TensorletError": "errors.OpError",
        "TracingError": "errors.OperatorNotAllowedInGraphError",
    },
    "tensorlet.ops": {
        # Arithmetic
        "abs": "abs math.abs",
        "add": "add math.add",
        "add_n": "add_n math.add_n",
        "clip_by_global_norm": "clip_by_global_norm",
        "clip_by_norm": "clip_by_norm",
        "clip_by_value": "clip_by_value",
        "divide": "divide math.divide",
        "truediv": "truediv math.truediv realdiv",
        "divide_no_nan": "math.divide_no_nan",
        "floordiv": "math.floordiv",
        "floormod": "math.floormod math.mod",
        "global_norm": "linalg.global_norm",
        "maximum": "maximum math.maximum",
        "minimum": "minimum math.minimum",
        "multiply": "multiply math.multiply",
        "multiply_no_nan": "math.multiply_no_nan",
        "negative": "negative math.negative",
        "pow": "pow math.pow",
        "reciprocal": "math.reciprocal",
        "reciprocal_no_nan": "math.reciprocal_no_nan",
        "scalar_mul": "scalar_mul math.scalar_mul",
        "sign": "sign math.sign",
        "square": "square math.square",
        "squared_difference": "math.squared_difference",
        "subtract": "subtract math.subtract",
        # Comparison, logic and choice
        "cast": "cast dtypes.cast",
        "equal": "equal math.equal",
        "greater": "greater math.greater",
        "greater_equal": "greater_equal math.greater_equal",
        "is_finite": "math.is_finite",
        "is_inf": "math.is_inf",
        "is_nan": "math.is_nan",
        "less": "less math.less",
        "less_equal": "less_equal math.less_equal",
        "logical_and": "logical_and math.logical_and",
        "logical_not": "logical_not math.logical_not",
        "logical_or": "logical_or math.logical_or",
        "logical_xor": "math.logical_xor",
        "not_equal": "not_equal math.not_equal",
        "where": "where",
        # Functions
        "ceil": "math.ceil",
        "cos": "cos math.cos",
        "erf": "math.erf",
        "erfinv": "math.erfinv",
        "exp": "exp math.exp",
        "expm1": "math.expm1",
        "floor": "floor math.floor",
        "identity": "identity",
        "log": "math.log",
        "log1p": "math.log1p",
        "log_sigmoid": "math.log_sigmoid",
        "round": "round math.round math.rint",
        "rsqrt": "math.rsqrt",
        "sigmoid": "sigmoid math.sigmoid nn.sigmoid",
        "sin": "sin math.sin",
        "softplus": "math.softplus nn.softplus",
        "sqrt": "sqrt math.sqrt",
        "stop_gradient": "stop_gradient",
        "tan": "tan math.tan",
        "tanh": "tanh math.tanh nn.tanh",
        "xdivy": "math.xdivy",
        "xlogy": "math.xlogy",
        # Reductions
        "argmax": "argmax math.argmax",
        "argmin": "argmin math.argmin",
        "bincount": "math.bincount",
        "confusion_matrix": "math.confusion_matrix",
        "count_nonzero": "math.count_nonzero",
        "cumprod": "math.cumprod",
        "cumsum": "cumsum math.cumsum",
        "in_top_k": "math.in_top_k nn.in_top_k",
        "norm": "norm linalg.norm",
        "reduce_all": "reduce_all math.reduce_all",
        "reduce_any": "reduce_any math.reduce_any",
        "reduce_euclidean_norm": "math.reduce_euclidean_norm",
        "reduce_logsumexp": "reduce_logsumexp math.reduce_logsumexp",
        "reduce_max": "reduce_max math.reduce_max",
        "reduce_mean": "reduce_mean math.reduce_mean",
        "reduce_min": "reduce_min math.reduce_min",
        "reduce_prod": "reduce_prod math.reduce_prod",
        "reduce_std": "math.reduce_std",
        "reduce_sum": "reduce_sum math.reduce_sum",
        "reduce_variance": "math.reduce_variance",
        "zero_fraction": "math.zero_fraction nn.zero_fraction",
        # Neural networks
        "batch_normalization": "nn.batch_normalization",
        "bias_add": "nn.bias_add",
        "crelu": "nn.crelu",
        "dropout": "nn.dropout",
        "elu": "nn.elu",
        "gelu": "nn.gelu",
        "l2_loss": "nn.l2_loss",
        "l2_normalize": "nn.l2_normalize math.l2_normalize linalg.l2_normalize",
        "leaky_relu": "nn.leaky_relu",
        "log_softmax": "nn.log_softmax math.log_softmax",
        "moments": "nn.moments",
        "normalize": "linalg.normalize",
        "relu": "nn.relu",
        "relu6": "nn.relu6",
        "selu": "nn.selu",
        "sigmoid_cross_entropy_with_logits": "nn.sigmoid_cross_entropy_with_logits",
        "softmax": "nn.softmax math.softmax",
        "softmax_cross_entropy_with_logits": "nn.softmax_cross_entropy_with_logits",
        "softsign": "nn.softsign math.softsign",
        "sparse_softmax_cross_entropy_with_logits": "nn.sparse_softmax_cross_entropy_with_logits",
        "silu": "nn.silu nn.swish",
        "weighted_cross_entropy_with_logits": "nn.weighted_cross_entropy_with_logits",
        # Linear algebra
        "band_part": "linalg.band_part",
        "diag": "linalg.diag",
        "diag_part": "linalg.diag_part",
        "einsum": "einsum linalg.einsum",
        "eye": "eye linalg.eye",
        "matmul": "matmul linalg.matmul",
        "matrix_transpose": "linalg.matrix_transpose",
        "matvec": "linalg.matvec",
        "tensordot": "tensordot linalg.tensordot",
        "trace": "linalg.trace",
        "transpose": "transpose",
        # Movement and indexing
        "argsort": "argsort",
        "boolean_mask": "boolean_mask",
        "broadcast_to": "broadcast_to",
        "concat": "concat",
        "expand_dims": "expand_dims",
        "gather": "gather nn.embedding_lookup",
        "gather_nd": "gather_nd",
        "one_hot": "one_hot",
        "pad": "pad",
        "rank": "rank",
        "repeat": "repeat",
        "reshape": "reshape",
        "reverse": "reverse",
        "roll": "roll",
        "scatter_nd": "scatter_nd",
        "searchsorted": "searchsorted",
        "shape": "shape",
        "size": "size",
        "slice": "slice",
        "sort": "sort",
        "split": "split",
        "squeeze": "squeeze",
        "stack": "stack",
        "tensor_scatter_nd_add": "tensor_scatter_nd_add",
        "tensor_scatter_nd_sub": "tensor_scatter_nd_sub",
        "tensor_scatter_nd_update": "tensor_scatter_nd_update",
        "tile": "tile",
        "top_k": "math.top_k nn.top_k",
        "unique": "unique",
        "unique_with_counts": "unique_with_counts",
        "unstack": "unstack",
        # Creation
        "fill": "fill",
        "linspace": "linspace",
        "meshgrid": "meshgrid",
        "ones": "ones",
        "ones_like": "ones_like",
        "range": "range",
        "sequence_mask": "sequence_mask",
        "zeros": "zeros",
        "zeros_like": "zeros_like",
    },
    "tensorlet.ops.random": {
        "Generator": "random.Generator random.experimental.Generator",
        "categorical": "random.categorical",
        "normal": "random.normal",
        "shuffle": "random.shuffle",
        "stateless_categorical": "random.stateless_categorical",
        "stateless_normal": "random.stateless_normal",
        "stateless_shuffle": "random.experimental.stateless_shuffle",
        "stateless_truncated_normal": "random.stateless_truncated_normal",
        "stateless_uniform": "random.stateless_uniform",
        "truncated_normal": "random.truncated_normal",
        "uniform": "random.uniform",
    },
    "tensorlet.api.autograph": {
        "do_not_convert": "autograph.experimental.do_not_convert",
        "set_verbosity": "autograph.set_verbosity",
        "trace": "autograph.trace",
    },
    "tensorlet.api.config": {
        "enable_op_determinism": "config.experimental.enable_op_determinism",
        "get_device_details": "config.experimental.get_device_details",
        "get_inter_op_parallelism_threads": "config.threading.get_inter_op_parallelism_threads",
        "get_intra_op_parallelism_threads": "config.threading.get_intra_op_parallelism_threads",
        "get_memory_growth": "config.experimental.get_memory_growth",
        "get_visible_devices": "config.get_visible_devices config.experimental.get_visible_devices",
        "list_logical_devices": "config.list_logical_devices config.experimental.list_logical_devices",
        "list_physical_devices": "config.list_physical_devices config.experimental.list_physical_devices",
        "set_inter_op_parallelism_threads": "config.threading.set_inter_op_parallelism_threads",
        "set_intra_op_parallelism_threads": "config.threading.set_intra_op_parallelism_threads",
        "get_jit": "config.optimizer.get_jit",
        "get_soft_device_placement": "config.get_soft_device_placement",
        "set_jit": "config.optimizer.set_jit",
        "set_logical_device_configuration": "config.set_logical_device_configuration "
        "config.experimental.set_virtual_device_configuration",
        "set_memory_growth": "config.experimental.set_memory_growth",
        "set_soft_device_placement": "config.set_soft_device_placement",
        "set_visible_devices": "config.set_visible_devices config.experimental.set_visible_devices",
        "LogicalDevice": "config.LogicalDevice",
        "LogicalDeviceConfiguration": "config.LogicalDeviceConfiguration "
        "config.experimental.VirtualDeviceConfiguration",
        "PhysicalDevice": "config.PhysicalDevice",
        "gpu_device_name": "test.gpu_device_name",
        "is_built_with": "test.is_built_with_cuda test.is_built_with_gpu_support test.is_built_with_rocm "
        "test.is_built_with_xla",
        "is_gpu_available": "test.is_gpu_available",
        "device": "device",
    },
    "tensorlet.api.printing": {
        "print": "print",
    },
    "tensorlet.api.context": {
        "ensure_shape": "ensure_shape",
        "executing_eagerly": "executing_eagerly",
        "get_logger": "get_logger",
        "is_tensor": "is_tensor",
        "name_scope": "name_scope",
        "newaxis": "newaxis",
    },
    "tensorlet.api.version": {
        "COMPILER_VERSION": "version.COMPILER_VERSION",
        "GIT_VERSION": "version.GIT_VERSION",
        "GRAPH_DEF_VERSION": "version.GRAPH_DEF_VERSION",
        "VERSION": "version.VERSION",
    },
    "tensorlet.checkpoint.checkpoint": {
        "Checkpoint": "train.Checkpoint",
    },
    "tensorlet.checkpoint.manager": {
        "CheckpointManager": "train.CheckpointManager",
    },
    "tensorlet.checkpoint.module": {
        "Module": "Module",
    },
    "tensorlet.checkpoint.reader": {
        "list_variables": "train.list_variables",
        "load_checkpoint": "train.load_checkpoint",
        "load_variable": "train.load_variable",
    },
    "tensorlet.checkpoint.checkpoint_state": {
        "get_checkpoint_state": "train.get_checkpoint_state",
        "latest_checkpoint": "train.latest_checkpoint",
    },
    "tensorlet.datasets.images": {
        "decode_png": "image.decode_png io.decode_png",
        "encode_png": "image.encode_png io.encode_png",
    },
    "tensorlet.summary.records": {
        "audio": "summary.audio",
        "histogram": "summary.histogram",
        "image": "summary.image",
        "scalar": "summary.scalar",
        "summary_scope": "summary.experimental.summary_scope",
        "text": "summary.text",
        "write": "summary.write",
        "write_raw_pb": "summary.experimental.write_raw_pb",
    },
    "tensorlet.summary.tracing": {
        "graph": "summary.graph",
        "trace_export": "summary.trace_export",
        "trace_off": "summary.trace_off",
        "trace_on": "summary.trace_on",
    },
    "tensorlet.summary.writers": {
        "SummaryWriter": "summary.SummaryWriter",
        "create_file_writer": "summary.create_file_writer",
        "create_noop_writer": "summary.create_noop_writer",
        "flush": "summary.flush",
        "get_step": "summary.experimental.get_step",
        "record_if": "summary.record_if",
        "set_step": "summary.experimental.set_step",
        "should_record_summaries": "summary.should_record_summaries",
    },
    # Tensorlet's own names, which TensorFlow does not have.
    "tensorlet.summary.hyperparameters": {"hparams": "summary.hparams"},
    "tensorlet.core.epochs": {"run_epochs": "run_epochs"},
    "tensorlet.api.install": {"install_as_tensorflow": "install_as_tensorflow"},
    "tensorlet.preprocessing": {"MinMaxScaler": "MinMaxScaler"},
    "tensorlet.data.dataset": {
        "Dataset": "data.Dataset",
        "DatasetIterator": "data.Iterator",
        "NumpyIterator": "data.NumpyIterator",
    },
    "tensorlet.data.options": {
        "AUTOTUNE": "data.AUTOTUNE data.experimental.AUTOTUNE",
        "INFINITE_CARDINALITY": "data.INFINITE_CARDINALITY data.experimental.INFINITE_CARDINALITY",
        "UNKNOWN_CARDINALITY": "data.UNKNOWN_CARDINALITY data.experimental.UNKNOWN_CARDINALITY",
        "AutoShardPolicy": "data.experimental.AutoShardPolicy",
        "Options": "data.Options",
        "ThreadingOptions": "data.ThreadingOptions data.experimental.ThreadingOptions",
    },
    "tensorlet.data.apply_functions": {
        "assert_cardinality": "data.experimental.assert_cardinality",
        "cardinality": "data.experimental.cardinality",
        "enumerate_dataset": "data.experimental.enumerate_dataset",
        "get_single_element": "data.experimental.get_single_element",
        "map_and_batch": "data.experimental.map_and_batch",
        "scan": "data.experimental.scan",
        "shuffle_and_repeat": "data.experimental.shuffle_and_repeat",
        "take_while": "data.experimental.take_while",
        "unbatch": "data.experimental.unbatch",
        "unique": "data.experimental.unique",
    },
    "tensorlet.visualize.show": {"show": "show"},
}

#: TensorFlow path -> the module that is this namespace, whole.
MODULES: dict[str, str] = {
    "dtypes": "tensorlet.dtypes",
    "errors": "tensorlet.errors",
    "initializers": "tensorlet.keras.initializers",
    "keras": "tensorlet.keras",
    "losses": "tensorlet.keras.losses",
    "metrics": "tensorlet.keras.metrics",
    "optimizers": "tensorlet.keras.optimizers",
}

#: Paths in `PLACES` that are Tensorlet's own.
OWN_NAMES = frozenset({"run_epochs", "install_as_tensorflow", "MinMaxScaler", "show", "summary.hparams"})

#: A path of the years before -> today's path for the same thing.
OLD_SPELLINGS: dict[str, str] = {
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
    "matrix_diag": "linalg.diag",
    "matrix_diag_part": "linalg.diag_part",
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


def _paths() -> dict[str, tuple[str, str]]:
    places = {}
    for module, attributes in PLACES.items():
        for attribute, paths in attributes.items():
            for path in paths.split():
                places[path] = (module, attribute)
    return places


def _namespaces() -> dict[str, set[str]]:
    children: dict[str, set[str]] = {"": set()}
    for path in [*PATHS, *MODULES]:
        while path:
            parent, _, name = path.rpartition(".")
            children.setdefault(parent, set()).add(name)
            path = parent
    for path in MODULES:
        children.setdefault(path, set())
    return children


#: TensorFlow path -> (module, attribute).
PATHS: dict[str, tuple[str, str]] = _paths()
#: Namespace -> the names in it; "" is ``tf`` itself.
NAMESPACES: dict[str, set[str]] = _namespaces()
