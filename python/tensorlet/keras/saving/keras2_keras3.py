"""Conversion of configurations between the dialects of Keras 2 and Keras 3.

Tensorlet itself uses those of Keras 2. Keras 3 renames some arguments, adds arguments that Tensorlet does not
need and operations that are not layers, and has dtype policies in place of the names of dtypes.
"""

from __future__ import annotations

from typing import Any

from tensorlet.errors import FileFormatError, InvalidArgumentError
from tensorlet.keras.generations import name_in
from tensorlet.keras.layers.layer_config import plain
from tensorlet.keras.registry import ACTIVATIONS, LAYERS, KerasRegistry

#: Operators of functional models: the path of the operation in Keras 2, and the class in Keras 3.
OPERATORS = {
    "__operators__.add": "Add", "__operators__.getitem": "GetItem", "linalg.matmul": "Matmul",
    "math.abs": "Absolute", "math.floordiv": "FloorDivide", "math.floormod": "Mod", "math.greater": "Greater",
    "math.greater_equal": "GreaterEqual", "math.less": "Less", "math.less_equal": "LessEqual",
    "math.logical_and": "LogicalAnd", "math.logical_not": "LogicalNot", "math.logical_or": "LogicalOr",
    "math.multiply": "Multiply", "math.negative": "Negative", "math.not_equal": "NotEqual",
    "math.pow": "Power", "math.subtract": "Subtract",
    "math.truediv": "TrueDivide",
    # Functions of one tensor.
    "math.ceil": "Ceil", "math.cos": "Cos", "math.exp": "Exp", "math.floor": "Floor", "math.log": "Log",
    "math.sign": "Sign", "math.sin": "Sin", "math.sqrt": "Sqrt", "math.square": "Square", "math.tanh": "Tanh",
}  # fmt: skip
#: Maps the class in Keras 3 to the path in Keras 2.
_PATHS = {name: path for path, name in OPERATORS.items()} | {
    "All": "math.reduce_all", "Any": "math.reduce_any", "Divide": "math.truediv",
}  # fmt: skip
#: Arguments of operations of Keras 3 that belong to the calls in Keras 2.
_OF_CALLS = ("axis", "keepdims")

#: Aliases of operations in Keras 2.
_OTHER_PATHS = {
    "compat.v1.floor_div": "math.floordiv",
    "math.add": "__operators__.add",
    "math.divide": "math.truediv",
}

#: Arguments of Keras 3 and late versions of Keras 2 that have no effect with these values.
HARMLESS: dict[str, tuple[Any, ...]] = {
    "quantization_config": (None,),
    "input_axes": (None,),
    "output_axes": (None,),
    "optional": (False,),
    "build_input_shape": (None,),
    "gradient_accumulation_steps": (None,),
    "loss_scale_factor": (None,),
    "shared_object_id": (),
    "softmax_robust_masking": (False,),
    "flash_attention": (None, False),
}
#: Arguments that only the layers that take a low-rank change have; others may be written with None.
_LOW_RANK = ("lora_rank", "lora_alpha")
#: Layers whose configurations in Keras 2 have ``groups``, and in Keras 3 do not.
_WITHOUT_GROUPS = (
    "Conv1DTranspose", "Conv2DTranspose", "DepthwiseConv1D", "DepthwiseConv2D", "SeparableConv1D", "SeparableConv2D",
)  # fmt: skip
#: Layers that take ``trainable`` in Keras 2, and not in Keras 3.
_WITHOUT_TRAINABLE = ("Discretization", "SpatialDropout1D", "SpatialDropout2D")
#: Arguments of layers for sequences in Keras 2 that Keras 3 does not have, with the values that have no effect.
_NOT_IN_KERAS_3: dict[str, tuple[Any, ...]] = {
    "time_major": (False,), "num_constants": (), "query_shape": (), "value_shape": (), "key_shape": (),
    "causal": (False,), "implementation": (),
}  # fmt: skip
#: Arguments of layers in Keras 2 that Keras 3 refuses in `.h5` files, and their defaults.
_REFUSED_BY_KERAS_3 = {"time_major": False, "score_mode": "dot"}
#: Arguments of wrappers that are layers.
_WRAPPED = ("backward_layer", "cell", "cells", "layer")
#: Arguments that have no effect.
_USELESS = ("autocast",)
_NO_ACTIVITY = "activity_regularizer"

LAMBDA = (
    "it contains the Python code of a Lambda layer. Loading a file never runs code from it. Create the model in "
    "your program, and load only the weights: model.load_weights(...)"
)


def from_file(config: object, in_layer: bool = False) -> Any:
    """Converts a configuration of any dialect to that of Tensorlet's classes.

    Raises:
        FileFormatError: for a `Lambda` with code, which is not run.
    """
    if isinstance(config, list | tuple):
        return [from_file(item) for item in config]
    if not isinstance(config, dict):
        return config
    kind = config.get("class_name")
    if not isinstance(kind, str):
        return {key: from_file(value) for key, value in config.items()}
    inner = config.get("config")
    if kind == "__lambda__" or (kind == "Lambda" and not _names_its_function(inner)):
        raise FileFormatError(LAMBDA)
    if kind in ("DTypePolicy", "Policy", "FloatDTypePolicy") and isinstance(inner, dict):
        return inner.get("name")
    if kind in ("__tuple__", "TensorShape"):
        return [from_file(item) for item in config.get("items", [])]
    if kind in ("__numpy__", "__tensor__") and isinstance(inner, dict):
        return inner.get("value")
    if kind in ("__slice__", "slice") and isinstance(inner, dict):
        return {name: from_file(inner.get(name)) for name in ("start", "stop", "step")}
    if _is_operator(config):
        return _operator_from_keras_3(config)
    found = {key: from_file(value) for key, value in config.items() if key != "config"}
    found.pop("module", None)
    found["config"] = _arguments_from_file(kind, inner) if isinstance(inner, dict) else from_file(inner)
    return found


def _names_its_function(arguments: object) -> bool:
    """Whether a `Lambda` is described by the name of its function rather than by code."""
    if not isinstance(arguments, dict):
        return False
    function = arguments.get("function")
    if isinstance(function, dict):
        return function.get("class_name") == "function"
    return isinstance(function, str) and arguments.get("function_type") == "function"


def _is_operator(config: dict[str, Any]) -> bool:
    """Whether a configuration is that of an operation of Keras 3, which is not a layer and has no dtype."""
    module, inner = str(config.get("module", "")), config.get("config")
    if config["class_name"] not in _PATHS or not isinstance(inner, dict):
        return False
    return ".ops." in module or ("inbound_nodes" in config and "trainable" not in inner)


def _operator_from_keras_3(config: dict[str, Any]) -> dict[str, Any]:
    name = config["config"].get("name") or config.get("name")
    options = {key: config["config"][key] for key in _OF_CALLS if key in config["config"]}
    nodes = from_file(config.get("inbound_nodes", []))
    for node in nodes if options else ():
        if isinstance(node, dict):
            node["kwargs"] = {**options, **node.get("kwargs", {})}
    return {
        "class_name": "TFOpLambda",
        "config": {"name": name, "function": _PATHS[config["class_name"]]},
        "name": name,
        "inbound_nodes": nodes,
    }


def _arguments_from_file(kind: str, arguments: dict[str, Any]) -> dict[str, Any]:
    found = {}
    for key, value in arguments.items():
        if key in HARMLESS:
            if HARMLESS[key] and value not in HARMLESS[key]:
                if key in (
                    "build_input_shape",
                    "gradient_accumulation_steps",
                    "loss_scale_factor",
                    "optional",
                ):
                    found[key] = value
                    continue
                raise InvalidArgumentError(
                    f"{kind} has {key}={value!r}, which Tensorlet does not support. Create the model without it."
                )
            continue
        if key in _USELESS or (key in _LOW_RANK and value is None):
            continue
        found[key] = from_file(value)
    if kind == "TFOpLambda":
        found["function"] = _OTHER_PATHS.get(found.get("function", ""), found.get("function"))
    if kind == "InputLayer" and "batch_shape" in found:
        found["batch_input_shape"] = found.pop("batch_shape")
    if kind == "Embedding" and found.get("input_length", 0) is None:
        del found["input_length"]
    if kind not in ("LossFunctionWrapper", "MeanMetricWrapper"):
        found.pop("fn", None)  # Keras 2 writes the function of each of its losses
    return found


def to_keras_2(config: object) -> Any:
    """Converts one of Tensorlet's configurations to Keras 2, with the registered names of classes."""
    if isinstance(config, list | tuple):
        return [to_keras_2(item) for item in config]
    if not isinstance(config, dict):
        return config
    found = {
        key: _wrapped_for_keras_2(value) if key in _WRAPPED else to_keras_2(value)
        for key, value in config.items()
    }
    inner = found.get("config")
    if isinstance(inner, dict):
        _leave_out_defaults_of_keras_3(found.get("class_name"), inner)
        _leave_out_what_keras_3_refuses(found.get("class_name"), inner)
    if isinstance(inner, dict) and inner.get("reduction") == "auto":
        inner["reduction"] = "sum_over_batch_size"  # equivalent, and also known to Keras 3
    if isinstance(found.get("class_name"), str) and "registered_name" in found:
        registered, module = found.pop("registered_name"), found.pop("module", None)
        if registered and module is None:
            found["class_name"] = registered
    return found


def _wrapped_for_keras_2(config: object) -> Any:
    """Converts the layers in a wrapper. Keras 2.15 writes their modules, without which Keras 3 does not find them."""
    if isinstance(config, list | tuple):
        return [_wrapped_for_keras_2(item) for item in config]
    found = to_keras_2(config)
    if isinstance(config, dict) and config.get("module") is not None and isinstance(found, dict):
        found = {"module": config["module"], **found, "registered_name": config.get("registered_name")}
    return found


def _leave_out_defaults_of_keras_3(kind: object, arguments: dict[str, Any]) -> None:
    """Removes arguments that Keras 2 does not have, where they have their defaults."""
    layer = LAYERS.built_in(kind) if isinstance(kind, str) else None
    for name, default in getattr(layer, "keras_3_names", {}).items():
        if name in arguments and arguments[name] in (default, plain(name, default)):
            del arguments[name]


def _leave_out_what_keras_3_refuses(kind: object, arguments: dict[str, Any]) -> None:
    """Removes arguments that Keras 3 refuses where they have their defaults, so that both generations read the file."""
    if not isinstance(kind, str) or LAYERS.built_in(kind) is None:
        return
    refused = dict(_REFUSED_BY_KERAS_3)
    if kind in _WITHOUT_GROUPS:
        refused["groups"] = 1
    if kind in _WITHOUT_TRAINABLE:
        refused["trainable"] = True
    for name, default in refused.items():
        if arguments.get(name, ...) == default:
            del arguments[name]


def to_keras_3(config: object) -> Any:
    """Converts one of Tensorlet's configurations (of a layer, loss, metric or optimizer) to Keras 3."""
    if isinstance(config, list | tuple):
        return [to_keras_3(item) for item in config]
    if not isinstance(config, dict):
        return config
    kind = config.get("class_name")
    if not isinstance(kind, str) or not isinstance(config.get("config"), dict):
        return {key: to_keras_3(value) for key, value in config.items()}
    arguments = {key: to_keras_3(value) for key, value in config["config"].items()}
    for argument in ("activation", "recurrent_activation"):
        if isinstance(arguments.get(argument), str):
            name = name_in(3, "activation", arguments[argument])
            arguments[argument] = function_for_keras_3(ACTIVATIONS, name)
    _to_keras_3_arguments(kind, str(config.get("module")), arguments)
    return {
        "module": config.get("module"),
        "class_name": kind,
        "config": arguments,
        "registered_name": config.get("registered_name"),
    }


def function_for_keras_3(registry: KerasRegistry, function: object) -> Any:
    """Returns a function in the form of Keras 3, where only built-in functions are stored as names."""
    if not isinstance(function, str) or function in registry.names():
        return function
    return _users_function(function)


def _users_function(function: str) -> dict[str, str]:
    return {
        "module": "builtins",
        "class_name": "function",
        "config": function if function == "<lambda>" else function.split(">")[-1],
        "registered_name": function if ">" in function and function != "<lambda>" else "function",
    }


def _to_keras_3_arguments(kind: str, module: str, arguments: dict[str, Any]) -> None:
    """Converts the arguments of a class to those of Keras 3, in place."""
    shape = arguments.pop("batch_input_shape", None)
    if kind == "InputLayer":
        arguments["batch_shape"] = shape
        arguments.pop("ragged", None)
    if arguments.get(_NO_ACTIVITY, 0) is None:
        del arguments[_NO_ACTIVITY]
    if kind == "BatchNormalization" and isinstance(arguments.get("axis"), list):
        arguments["axis"] = arguments["axis"][0]
    if kind in _WITHOUT_GROUPS:
        arguments.pop("groups", None)
    for name, harmless in _NOT_IN_KERAS_3.items() if module == "keras.layers" else ():
        if name in arguments and harmless and arguments[name] not in harmless:
            raise InvalidArgumentError(
                f"{kind} has {name}={arguments[name]!r}, which Keras 3 does not have. Save the model with "
                "dialect='keras2'."
            )
        arguments.pop(name, None)
    if kind in _WITHOUT_TRAINABLE:
        arguments.pop("trainable", None)
    if kind == "LeakyReLU" and "alpha" in arguments:
        arguments["negative_slope"] = arguments.pop("alpha")
    if kind == "Embedding":
        arguments.pop("input_length", None)
    if kind == "Lambda":
        arguments["function"] = _users_function(str(arguments["function"]))
        for name in ("function_type", "module", "output_shape_type", "output_shape_module"):
            arguments.pop(name, None)
    if module == "keras.losses":
        if arguments.get("reduction") == "auto":
            arguments["reduction"] = "sum_over_batch_size"
        if kind != "LossFunctionWrapper":
            arguments.pop("fn", None)
