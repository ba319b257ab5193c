"""Fuses instructions, so that a value is used while it is still in a register.

Chains of element-wise instructions become one, and an element-wise instruction over a matrix product becomes the
product's epilogue. Nothing here knows about layers or losses: every graph of that form is fused.
"""

from __future__ import annotations

from typing import Any

from tensorlet.backends.native.instructions import Program, Value

#: The longest expression; in longer ones, the tiles of intermediate results no longer fit in the cache.
MOST_STEPS = 24
MOST_INPUTS = 12
#: Instructions that can take an elementwise expression over their sums.
PRODUCTS = ("matmul", "conv2d", "conv2d_input_gradient")


def fuse(program: Program) -> None:
    """Drops unneeded broadcasts, then fuses maps with each other and with matrix products."""
    _skip_broadcasts(program)
    _fuse_maps(program)
    for value in program.values():
        if value.is_map:
            value.attributes["code"] = contract(value.attributes["code"], len(value.inputs))
    _add_epilogues(program)


def _skip_broadcasts(program: Program) -> None:
    """Drops broadcasts before maps, which broadcast their inputs themselves."""
    for value in program.values():
        if not value.is_map:
            continue
        for position, other in enumerate(value.inputs):
            if other.op == "broadcast":
                value.inputs[position] = other.inputs[0]


def _fuse_maps(program: Program) -> None:
    """From the last map to the first: each absorbs the maps that only it reads."""
    rooted = {id(value) for value in program.roots()}
    users = program.users()
    for value in reversed(program.values()):
        if not value.is_map:
            continue
        changed = True
        while changed:
            changed = False
            for other in list(value.inputs):
                own = other.is_map and other.shape == value.shape and id(other) not in rooted
                if own and all(user is value for user in users[id(other)]) and _fits(value, other):
                    inline(value, other)
                    for item in other.inputs:
                        users[id(item)] = [value if user is other else user for user in users[id(item)]]
                    changed = True
                    break


def _fits(value: Value, other: Value) -> bool:
    steps = len(value.attributes["code"]) + len(other.attributes["code"])
    return steps <= MOST_STEPS and len({id(i) for i in [*value.inputs, *other.inputs]}) <= MOST_INPUTS


def inline(value: Value, other: Value) -> None:
    """Puts the expression of ``other`` in front of the expression of ``value``, which reads it."""
    inputs: list[Value] = []

    def register(item: Value) -> int:
        for position, known in enumerate(inputs):
            if known is item:
                return position
        inputs.append(item)
        return len(inputs) - 1

    for item in [*value.inputs, *other.inputs]:
        if item is not other:
            register(item)
    first = {index: register(item) for index, item in enumerate(other.inputs)}
    code = _renumbered(other.attributes["code"], first, len(other.inputs), len(inputs))
    made = len(inputs) + len(code) - 1
    second = {index: made if item is other else register(item) for index, item in enumerate(value.inputs)}
    code += _renumbered(value.attributes["code"], second, len(value.inputs), len(inputs) + len(code))
    value.inputs = inputs
    value.attributes["code"] = code


def _renumbered(
    code: list[dict[str, Any]], known: dict[int, int], inputs: int, start: int
) -> list[dict[str, Any]]:
    """Steps with new register numbers: inputs as in ``known``, results from ``start`` on."""
    return [
        step | {"args": [known[arg] if arg < inputs else start + arg - inputs for arg in step["args"]]}
        for step in code
    ]


def contract(code: list[dict[str, Any]], inputs: int) -> list[dict[str, Any]]:
    """``a * b + c`` and ``c - a * b`` become one step if nothing else reads the product."""
    reads: dict[int, int] = {inputs + len(code) - 1: 1}
    for step in code:
        for arg in step["args"]:
            reads[arg] = reads.get(arg, 0) + 1
    made = {inputs + position: step for position, step in enumerate(code)}
    dropped: set[int] = set()
    new: dict[int, dict[str, Any]] = {}
    for register, step in made.items():
        if step["op"] not in ("add", "sub") or step["dtype"] not in ("f32", "f64"):
            continue
        candidates = (1,) if step["op"] == "sub" else (1, 0)
        for position in candidates:
            product = made.get(step["args"][position])
            if product is not None and product["op"] == "mul" and reads[step["args"][position]] == 1:
                rest = step["args"][1 - position]
                name = "mul_add" if step["op"] == "add" else "mul_sub"
                new[register] = {"op": name, "args": [*product["args"], rest], "dtype": step["dtype"]}
                dropped.add(step["args"][position])
                break
    kept = [register for register in made if register not in dropped]
    moved = {register: inputs + position for position, register in enumerate(kept)}
    return [
        step | {"args": [moved.get(arg, arg) for arg in step["args"]]}
        for step in (new.get(register, made[register]) for register in kept)
    ]


def _add_epilogues(program: Program) -> None:
    """A map of the same shape that is the only reader of a product moves into the product."""
    rooted = {id(value) for value in program.roots()}
    users = program.users()
    change: dict[int, Value] = {}
    for value in program.values():
        if not value.is_map:
            continue
        for product in value.inputs:
            alone = product.op in PRODUCTS and id(product) not in rooted and users[id(product)] == [value]
            if not alone or product.shape != value.shape or product.attributes.get("epilogue"):
                continue
            if len(product.shape) == 3 or any(
                _made_from(other, product) for other in value.inputs if other is not product
            ):
                continue
            change[id(value)] = _with_epilogue(product, value)
            break
    program.replace(change)


def _made_from(value: Value, product: Value) -> bool:
    """Whether a value depends on the product; then it cannot be an operand of the product's epilogue."""
    stack, seen = [value], set()
    while stack:
        current = stack.pop()
        if current is product:
            return True
        if id(current) not in seen:
            seen.add(id(current))
            stack.extend(current.inputs)
    return False


def _with_epilogue(product: Value, value: Value) -> Value:
    """One instruction: register 0 is the product, then the map's other inputs."""
    others = [item for item in value.inputs if item is not product]
    known = {
        index: 0 if item is product else 1 + others.index(item) for index, item in enumerate(value.inputs)
    }
    code = _renumbered(value.attributes["code"], known, len(value.inputs), 1 + len(others))
    return Value(
        "result", value.dtype, value.shape, op=product.op, inputs=[*product.inputs, *others],
        attributes=product.attributes | {"epilogue": code}, name=value.name,
    )  # fmt: skip
