"""A trained model as a NumPy program of one file, to be read from top to bottom."""

from __future__ import annotations

import base64
import builtins
import keyword
import re
from collections.abc import Sequence
from typing import Any

import numpy as np

from tensorlet.api.version import TENSORLET_VERSION
from tensorlet.core.nest import flatten
from tensorlet.export.frozen import InputSpec, freeze
from tensorlet.export.program_layers import ACTIVATIONS, shape_text, writer_of
from tensorlet.export.program_operations import lines_of
from tensorlet.export.program_texts import FUNCTIONS, MODULES
from tensorlet.keras.layers.base import Layer
from tensorlet.keras.layers.keras_tensor import replaced

#: Arrays of up to so many numbers are written out; larger ones are packed.
WRITTEN_OUT = 256
#: Columns of the program.
WIDTH = 110
#: Rows of the example that the program predicts.
EXAMPLES = 3


class Program:
    """A program in the making.

    Attributes:
        functions: the layers' functions, in order.
        weights: name -> array.
        used: functions of `program_texts` that are needed.
    """

    def __init__(self) -> None:
        self.functions: list[str] = []
        self.weights: dict[str, np.ndarray] = {}
        self.used: set[str] = set()
        self._names = {
            *FUNCTIONS,
            *keyword.kwlist,
            *dir(builtins),
            "np",
            "math",
            "base64",
            "sys",
            "predict",
            "x",
            "z",
        }
        self._weight_names: dict[int, str] = {}
        self._kept: list[Any] = []
        self._layers: dict[int, str] = {}

    def name(self, wanted: str) -> str:
        """A name of the program's, near the wanted one, that nothing else has."""
        clean = re.sub(r"\W", "_", wanted) or "layer"
        clean = clean if clean.isidentifier() else f"layer_{clean}"
        found, number = clean, 1
        while found in self._names:
            number += 1
            found = f"{clean}_{number}"
        self._names.add(found)
        return found

    def weight(self, wanted: str, value: Any) -> str:
        """The name of an array; a variable that comes again keeps its name."""
        if id(value) not in self._weight_names:
            array = value if isinstance(value, np.ndarray) else value._array
            name = self.name(wanted.upper())
            self.weights[name] = array.copy()
            self._weight_names[id(value)] = name
            self._kept.append(value)  # its id stays its own
        return self._weight_names[id(value)]

    def use(self, name: str) -> None:
        """Adds a function of `program_texts`, and those that it needs."""
        self.used.add(name)
        for other in FUNCTIONS[name][0]:
            self.use(other)


class LayerFunction:
    """The function of one layer; see `program_layers.Function`."""

    def __init__(self, program: Program, layer: Any, node: Any) -> None:
        self.program = program
        self.layer = layer
        count = len(node.inputs)
        self.inputs = ["x", *(f"x{index + 1}" for index in range(1, count))]
        self.shapes = [tuple(tensor.shape) for tensor in node.inputs]
        self.result = tuple(node.outputs[0].shape)
        self.lines: list[str] = []

    def weight(self, name: str, value: Any) -> str:
        """The name in the program of an array."""
        return self.program.weight(f"{self.layer.name}_{name}", value)

    def use(self, name: str) -> None:
        """Says that a function of `program_texts` is needed."""
        self.program.use(name)

    def say(self, *lines: str) -> None:
        """Adds lines."""
        self.lines += lines

    def activate(self, function: Any, name: str) -> str | None:
        """The activation of a value as an expression; None if it has no function in the program."""
        known = ACTIVATIONS.get(function)
        if known is None:
            return None
        if known == "linear":
            return name
        self.use(known)
        return f"{known}({name})"


def to_program(model: Any, inputs: Sequence[InputSpec], structure: Any) -> str:
    """The text of a program.

    Args:
        model: the model.
        inputs, structure: what goes into it, see `model_signature`.

    Raises:
        ExportError: for a layer that cannot be written; it is named.
    """
    program = Program()
    names = ["x"] if len(inputs) == 1 else [program.name(one.name) for one in inputs]
    graph = getattr(model, "_graph", None)
    if graph is None or type(model).call.__module__.split(".")[0] != "tensorlet" or _marks_padding(model):
        body = _traced_model(program, model, inputs, structure, names)
    else:
        body = _layered_model(program, graph, names)
    return _assemble(program, model, inputs, names, body)


def _marks_padding(model: Any) -> bool:
    """Whether a layer tells later ones which steps are padding: then no layer can be written by itself."""
    return any(
        type(layer).compute_mask is not Layer.compute_mask and getattr(layer, "mask_zero", True)
        for layer in model._flatten_layers()
    )


def _layered_model(program: Program, graph: Any, names: list[str]) -> list[str]:
    """Statements that call the functions of the layers, one after the other; the last one returns."""
    values = {id(tensor): name for tensor, name in zip(graph.input_tensors, names, strict=True)}
    lines: list[str] = []
    single = all(len(node.outputs) == 1 for node in graph.nodes) and _is_chain(graph)
    for node in graph.nodes:
        function = _function_for(program, node)
        arguments = ", ".join(values[id(tensor)] for tensor in node.inputs)
        if single:
            results = [names[0]]
        else:
            results = [_local(values, node, index) for index in range(len(node.outputs))]
        comment = ", ".join(shape_text(tuple(tensor.shape)) for tensor in node.outputs)
        lines.append(f"{', '.join(results)} = {function}({arguments})  # {comment}")
        values.update({id(tensor): result for tensor, result in zip(node.outputs, results, strict=True)})
    results = [values[id(tensor)] for tensor in graph.output_tensors]
    return [*lines, f"return {', '.join(results)}"]


def _is_chain(graph: Any) -> bool:
    """Whether each layer takes just what the one before it gives."""
    before = graph.input_tensors
    for node in graph.nodes:
        if len(before) != 1 or [id(one) for one in node.inputs] != [id(before[0])]:
            return False
        before = node.outputs
    return [id(one) for one in graph.output_tensors] == [id(one) for one in before]


def _local(values: dict[int, str], node: Any, index: int) -> str:
    """A local name for a result: after the layer that it comes from."""
    clean = re.sub(r"\W", "_", node.layer.name)
    name = f"after_{clean}" if len(node.outputs) == 1 else f"after_{clean}_{index + 1}"
    number, found = 1, name
    while found in values.values():
        number += 1
        found = f"{name}_{number}"
    return found


def _function_for(program: Program, node: Any) -> str:
    """The name of the function of a layer's call; it is written when it is first needed."""
    layer = node.layer
    written = program._layers.get(id(layer))
    if written is not None:
        return written
    function = LayerFunction(program, layer, node)
    graph = getattr(layer, "_graph", None)
    writer = writer_of(layer)
    same_for_all_calls = True
    if graph is not None and type(layer).call.__module__.startswith("tensorlet."):
        function.say(*_layered_model(program, graph, function.inputs))
    elif writer is None or not writer(layer, function):
        function.lines.clear()
        # Arguments besides tensors (a key, a number) belong to this call alone.
        same_for_all_calls = len(flatten([*node.args, *node.kwargs.values()])) == len(node.inputs)
        function.say(*_traced_layer(program, node))
    name = program.name(layer.name.lower())
    if same_for_all_calls:
        program._layers[id(layer)] = name
    head = (
        f"{_kind_of(layer)}: {', '.join(map(shape_text, function.shapes))} -> {shape_text(function.result)}."
    )
    text = [f"def {name}({', '.join(function.inputs)}):", f'    """{head}"""']
    program.functions.append("\n".join([*text, *(f"    {line}" for line in function.lines)]))
    return name


def _kind_of(layer: Any) -> str:
    kind = type(layer).__name__
    activation = getattr(getattr(layer, "activation", None), "__name__", None)
    if activation in (None, "linear"):
        return kind
    return f"{kind} with {activation}"


def _traced_layer(program: Program, node: Any) -> list[str]:
    """A layer operation by operation."""
    tensors = node.inputs
    specs = [
        InputSpec(f"x{index}", tuple(tensor.shape[1:]), tensor.dtype) for index, tensor in enumerate(tensors)
    ]

    def call(*given: Any) -> Any:
        value = {id(tensor): one for tensor, one in zip(tensors, given, strict=True)}
        args = replaced(node.args, lambda tensor: value[id(tensor)])
        kwargs = replaced(node.kwargs, lambda tensor: value[id(tensor)])
        return node.layer(*args, **kwargs)

    frozen = freeze(call, specs, node.layer.name)
    names = ["x", *(f"x{index + 1}" for index in range(1, len(tensors)))]
    lines, results = lines_of(
        frozen, names, _weights_of(program, node.layer.name), program.use, node.layer.name
    )
    return ["# The operations of this layer, one a line.", *lines, f"return {', '.join(results)}"]


def _traced_model(
    program: Program, model: Any, inputs: Sequence[InputSpec], structure: Any, names: list[str]
) -> list[str]:
    """A model that is no graph of layers, operation by operation."""
    from tensorlet.export.model import freeze_model

    frozen = freeze_model(model, inputs, structure)
    lines, results = lines_of(frozen, names, _weights_of(program, model.name), program.use, model.name)
    lines = [line.replace("len(x)", f"len({names[0]})") for line in lines]
    return ["# The model's operations, one a line.", *lines, f"return {', '.join(results)}"]


def _weights_of(program: Program, layer: str) -> Any:
    def weight(name: str, value: np.ndarray) -> str:
        full = name if name.startswith(f"{layer}/") or "/" in name else f"{layer}_{name}"
        return program.weight(full, value)

    return weight


# --- the text ---------------------------------------------------------------------------


def _assemble(
    program: Program, model: Any, inputs: Sequence[InputSpec], names: list[str], body: list[str]
) -> str:
    examples, expected = _examples(model, inputs)
    weights = [_weight_text(program, name, array) for name, array in program.weights.items()]
    used = [FUNCTIONS[name][1].strip() for name in FUNCTIONS if name in program.used and name != "unpacked"]
    unpacked = [FUNCTIONS["unpacked"][1].strip()] if "unpacked" in program.used else []
    modules = sorted({MODULES[name] for name in program.used if name in MODULES} | {"sys"})
    parameters = ", ".join(names)
    conversions = [
        f"    {name} = np.asarray({name}, np.{one.dtype.name})"
        for name, one in zip(names, inputs, strict=True)
    ]
    predict = [f"def predict({parameters}):", f'    """{_signature(model, inputs, names)}"""', *conversions]
    predict += [f"    {line}" for line in body]
    parts = [
        _head(model, program),
        "\n".join([*(f"import {module}" for module in modules), "", "import numpy as np"]),
        *(["# --- functions that layers use " + "-" * 50] if used else []),
        *used,
        *(["# --- the layers " + "-" * 65] if program.functions else []),
        *program.functions,
        "# --- the model " + "-" * 66,
        "\n".join(predict),
        "# --- the weights, as training left them " + "-" * 41,
        *unpacked,
        "\n".join(weights) or "# There are none.",
        "# --- an example " + "-" * 65,
        _demo(examples, expected, names, inputs),
    ]
    return "\n\n\n".join(part.rstrip() for part in parts) + "\n"


def _head(model: Any, program: Program) -> str:
    count = sum(array.size for array in program.weights.values())
    name = _comment_safe(model.name)
    return (
        f'"""The trained model "{name}" as a program that needs NumPy only.\n\n'
        f"It has {count:,} numbers that were learned or kept in training; they stand near the end. Read the\n"
        "functions from top to bottom: first what the layers use, then the layers, then predict, which calls\n"
        "them one after the other.\n\n"
        "    python THIS_FILE.py            predicts an example\n"
        "    python THIS_FILE.py DATA.npy   predicts the rows of a NumPy file\n\n"
        "In comments, (rows, 10) is the shape of an array: 10 numbers for each row of data.\n"
        f'Written by Tensorlet {TENSORLET_VERSION}.\n"""'
    )


def _comment_safe(text: str) -> str:
    return re.sub(r'[\\"\x00-\x1f]', "_", text)


def _signature(model: Any, inputs: Sequence[InputSpec], names: Sequence[str]) -> str:
    shapes = ", ".join(
        f"{name} of shape {shape_text((None, *one.shape) if one.rows else one.shape)}"
        for name, one in zip(names, inputs, strict=True)
    )
    outputs = getattr(model, "output_names", None) or []
    what = "the prediction" if len(outputs) < 2 else f"the predictions ({_comment_safe(', '.join(outputs))})"
    return f"From {shapes} to {what}."


def _examples(model: Any, inputs: Sequence[InputSpec]) -> tuple[list[np.ndarray], list[np.ndarray]]:
    """Data that are always the same, and what the model makes of them."""
    generator = np.random.default_rng(0)
    arrays = []
    for one in inputs:
        shape = (EXAMPLES, *one.shape) if one.rows else one.shape
        if one.dtype.is_floating and not _looks_up(model):
            arrays.append(generator.random(shape).round(2).astype(one.dtype.numpy))
        else:
            arrays.append(generator.integers(0, 2, shape).astype(one.dtype.numpy))
    given: Any = arrays[0]
    if len(arrays) > 1:
        from tensorlet.core.nest import pack_like

        graph = getattr(model, "_graph", None)
        given = pack_like(graph.inputs, arrays) if graph is not None else arrays
    from tensorlet.core.nest import map_structure
    from tensorlet.ops.registry import convert

    result = model(map_structure(convert, given), training=False)
    return arrays, [leaf.numpy() for leaf in flatten(result)]


def _looks_up(model: Any) -> bool:
    """Whether its numbers stand for things, as those that go into an Embedding do."""
    return any(type(layer).__name__ in ("Embedding", "CategoryEncoding") for layer in model.layers)


def _demo(
    examples: list[np.ndarray], expected: list[np.ndarray], names: Sequence[str], inputs: Sequence[InputSpec]
) -> str:
    lines = ['if __name__ == "__main__":']
    if len(examples) == 1:
        small = examples[0].size <= WRITTEN_OUT
        made = _array_text(examples[0], "        ") if small else _made_text(examples[0], inputs[0])
        lines += ["    if len(sys.argv) > 1:", f"        {names[0]} = np.load(sys.argv[1])", "    else:"]
        lines.append(f"        {names[0]} = {made}")
    else:
        for name, array, one in zip(names, examples, inputs, strict=True):
            small = array.size <= WRITTEN_OUT
            lines.append(f"    {name} = {_array_text(array, '    ') if small else _made_text(array, one)}")
    lines += [f"    result = predict({', '.join(names)})", "    print(result)"]
    if (
        len(expected) == 1
        and expected[0].size <= WRITTEN_OUT
        and all(array.size <= WRITTEN_OUT for array in examples)
    ):
        indent = "        "
        condition = "if len(sys.argv) == 1:" if len(examples) == 1 else "if True:"
        body = [
            f"    {condition}" if len(examples) == 1 else "",
            f"{indent}# What the model predicted when this file was written.",
            f"{indent}expected = {_array_text(expected[0], indent)}",
            f'{indent}print("largest difference from the trained model:", np.abs(result - expected).max())',
        ]
        lines += [line if len(examples) == 1 else line[4:] for line in body if line]
    return "\n".join(lines)


def _made_text(array: np.ndarray, one: InputSpec) -> str:
    if one.dtype.is_floating and array.dtype.kind == "f" and not np.all(array == array.round()):
        return f"np.random.default_rng(0).random({array.shape}).astype(np.{array.dtype.name})"
    return f"np.random.default_rng(0).integers(0, 2, {array.shape}).astype(np.{array.dtype.name})"


def _weight_text(program: Program, name: str, array: np.ndarray) -> str:
    shape = f"  # {array.shape}"
    if array.size <= WRITTEN_OUT:
        text = _array_text(array, "")
        return f"{name} = {text}{shape if chr(10) not in text else ''}"
    program.use("unpacked")
    little = array.astype(array.dtype.newbyteorder("<"), copy=False)
    packed = base64.b64encode(np.ascontiguousarray(little).tobytes()).decode("ascii")
    rows = "\n".join(packed[start : start + WIDTH] for start in range(0, len(packed), WIDTH))
    return f'{name} = unpacked({array.shape}, "{little.dtype.str}", """\n{rows}\n""")'


def _array_text(array: np.ndarray, indent: str) -> str:
    """An array as Python, with as many digits as its dtype needs; long ones a row a line."""
    rows = _nested(array)
    flat = f"np.array({''.join(rows)}, np.{array.dtype.name})"
    if len(flat) <= WIDTH - 30:
        return flat
    inner = f"\n{indent}    ".join(_nested_lines(array, WIDTH - len(indent) - 8))
    return f"np.array(\n{indent}    {inner},\n{indent}    np.{array.dtype.name},\n{indent})"


def _nested(array: np.ndarray) -> str:
    if array.ndim == 0:
        return _number(array)
    return f"[{', '.join(_nested(np.asarray(item)) for item in array)}]"


def _nested_lines(array: np.ndarray, width: int) -> list[str]:
    """Lines of a nested list, broken between rows and, where these are long, between numbers."""
    if array.ndim > 1:
        lines = []
        for index, item in enumerate(array):
            inner = _nested_lines(item, width - 1)
            inner[-1] += "," if index + 1 < len(array) else "]"
            lines += inner
        return ["[" + lines[0], *(f" {line}" for line in lines[1:])]
    lines, current = [], "["
    for index, item in enumerate(array):
        text = _number(item) + (", " if index + 1 < len(array) else "]")
        if len(current) + len(text) > width:
            lines.append(current.rstrip())
            current = " "
        current += text
    return [*lines, current]


def _number(value: Any) -> str:
    """A number in the fewest digits that give it back in its own dtype."""
    value = np.asarray(value)[()]
    if value.dtype.kind == "f" and not np.isfinite(value):
        return f'float("{value}")'
    return str(value)
