"""Assembles the parts of a NumPy program: header, functions, ``predict``, weights and an example."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from tensorlet.core.nest import flatten, map_structure, pack_like
from tensorlet.export.frozen import InputSpec
from tensorlet.export.program_literals import WRITTEN_OUT, array_text, packed_text, shape_text
from tensorlet.export.program_source import Program
from tensorlet.export.program_texts import FUNCTIONS, MODULES
from tensorlet.ops.registry import convert
from tensorlet.version_info import TENSORLET_VERSION

if TYPE_CHECKING:
    from tensorlet.export.signature import InputStructure
    from tensorlet.keras.models.model import Model

#: The number of rows of the example in the program.
EXAMPLES = 3


def assemble(
    program: Program,
    model: Model,
    inputs: Sequence[InputSpec],
    structure: InputStructure,
    names: Sequence[str],
    body: Sequence[str],
) -> str:
    """Returns the text of a program.

    Args:
        program: the functions and weights.
        model: the model, for its name and its predictions for the example.
        inputs, structure: the inputs of the model; see `model_signature`.
        names: the names of the inputs.
        body: the statements of ``predict``.
    """
    examples = _examples(model, inputs)
    given = map_structure(convert, pack_like(structure, examples))
    expected = [leaf.numpy() for leaf in flatten(model(given, training=False))]
    weights = [_weight_text(program, name, array) for name, array in program.weights.items()]
    used = [FUNCTIONS[name][1].strip() for name in FUNCTIONS if name in program.used and name != "unpacked"]
    unpacked = [FUNCTIONS["unpacked"][1].strip()] if "unpacked" in program.used else []
    modules = sorted({MODULES[name] for name in program.used if name in MODULES} | {"sys"})
    parts = [
        _head(model, program),
        "\n".join([*(f"import {module}" for module in modules), "", "import numpy as np"]),
        *([_title("functions that the layers use")] if used else []),
        *used,
        *([_title("the layers")] if program.functions else []),
        *program.functions,
        _title("the model"),
        _predict_text(model, inputs, names, body),
        _title("the weights after training"),
        *unpacked,
        "\n".join(weights) or "# The model has no weights.",
        _title("an example"),
        _example_text(examples, expected, names, inputs),
    ]
    return "\n\n\n".join(part.rstrip() for part in parts) + "\n"


def _title(text: str) -> str:
    return f"# --- {text} ".ljust(84, "-")


def _head(model: Model, program: Program) -> str:
    count = sum(array.size for array in program.weights.values())
    return (
        f'"""The trained model "{_comment_safe(model.name)}" as a program that needs only NumPy.\n\n'
        f"It has {count:,} parameters, which are at the end. Read the functions from top to bottom: first those that\n"
        "the layers use, then the layers, then predict, which calls the layers one after the other.\n\n"
        "    python THIS_FILE.py            predicts an example\n"
        "    python THIS_FILE.py DATA.npy   predicts the rows of a NumPy file\n\n"
        "In comments, (rows, 10) is the shape of an array: 10 numbers per row.\n"
        f'Written by Tensorlet {TENSORLET_VERSION}.\n"""'
    )


def _comment_safe(text: str) -> str:
    return re.sub(r'[\\"\x00-\x1f]', "_", text)


def _predict_text(
    model: Model, inputs: Sequence[InputSpec], names: Sequence[str], body: Sequence[str]
) -> str:
    shapes = ", ".join(
        f"{name} of shape {shape_text((None, *one.shape) if one.rows else one.shape)}"
        for name, one in zip(names, inputs, strict=True)
    )
    outputs = getattr(model, "output_names", None) or []
    what = "the prediction" if len(outputs) < 2 else f"the predictions ({_comment_safe(', '.join(outputs))})"
    conversions = [
        f"{name} = np.asarray({name}, np.{one.dtype.name})" for name, one in zip(names, inputs, strict=True)
    ]
    lines = [f'"""From {shapes} to {what}."""', *conversions, *body]
    return "\n".join([f"def predict({', '.join(names)}):", *(f"    {line}" for line in lines)])


def _weight_text(program: Program, name: str, array: np.ndarray) -> str:
    if array.size > WRITTEN_OUT:
        program.use("unpacked")
        return f"{name} = {packed_text(array)}"
    text = array_text(array, "")
    return f"{name} = {text}" if "\n" in text else f"{name} = {text}  # {array.shape}"


def _examples(model: Model, inputs: Sequence[InputSpec]) -> list[np.ndarray]:
    """Returns random data, the same in every program; integers are 0 and 1, since they may be indices."""
    generator = np.random.default_rng(0)
    categories = any(type(layer).__name__ in ("Embedding", "CategoryEncoding") for layer in model.layers)
    arrays = []
    for one in inputs:
        shape = (EXAMPLES, *one.shape) if one.rows else one.shape
        if one.dtype.is_floating and not categories:
            arrays.append(generator.random(shape).round(2).astype(one.dtype.numpy))
        else:
            arrays.append(generator.integers(0, 2, shape).astype(one.dtype.numpy))
    return arrays


def _example_text(
    examples: Sequence[np.ndarray],
    expected: Sequence[np.ndarray],
    names: Sequence[str],
    inputs: Sequence[InputSpec],
) -> str:
    """Returns the main program, which predicts the example, or the rows of a file if there is one input."""
    one_input = len(examples) == 1
    indent = "        " if one_input else "    "
    assignments = [
        f"{indent}{name} = {_example_array(array, one, indent)}"
        for name, array, one in zip(names, examples, inputs, strict=True)
    ]
    lines = ['if __name__ == "__main__":']
    if one_input:
        lines += ["    if len(sys.argv) > 1:", f"        {names[0]} = np.load(sys.argv[1])", "    else:"]
    lines += [*assignments, f"    result = predict({', '.join(names)})", "    print(result)"]
    small = all(array.size <= WRITTEN_OUT for array in (*examples, *expected))
    if len(expected) == 1 and small:
        lines += ["    if len(sys.argv) == 1:"] if one_input else []
        lines += [
            f"{indent}# The predictions of the model when this file was written.",
            f"{indent}expected = {array_text(expected[0], indent)}",
            f'{indent}print("largest difference from the trained model:", np.abs(result - expected).max())',
        ]
    return "\n".join(lines)


def _example_array(array: np.ndarray, one: InputSpec, indent: str) -> str:
    if array.size <= WRITTEN_OUT:
        return array_text(array, indent)
    if one.dtype.is_floating and not np.all(array == array.round()):
        return f"np.random.default_rng(0).random({array.shape}).astype(np.{array.dtype.name})"
    return f"np.random.default_rng(0).integers(0, 2, {array.shape}).astype(np.{array.dtype.name})"
