"""The code of recurrent layers in an exported program: a loop over the steps, with the formulas of the cell."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tensorlet.export.program_layers import WRITERS

if TYPE_CHECKING:
    from tensorlet.export.program_source import LayerFunction
    from tensorlet.keras.layers.sequences.gru import GRU
    from tensorlet.keras.layers.sequences.lstm import LSTM
    from tensorlet.keras.layers.sequences.rnn import LayerOfCell
    from tensorlet.keras.layers.sequences.simple_rnn import SimpleRNN


def _is_plain(layer: LayerOfCell, f: LayerFunction) -> bool:
    """Whether the layer is called on sequences alone and returns only its output."""
    special = layer.return_state or layer.time_major or layer.stateful or layer.dtype != "float32"
    return not special and len(f.inputs) == 1


def _loop(layer: LayerOfCell, f: LayerFunction, lines: list[str], states: str) -> None:
    """Writes the loop over the steps; ``lines`` compute h from ``x[:, step]`` and h."""
    steps = f"range({f.shapes[0][1]})"
    f.say(f"{states} = np.zeros((len(x), {layer.cell.units}), np.float32)")
    if layer.return_sequences:
        f.say("outputs = []")
    f.say(f"for step in {f'reversed({steps})' if layer.go_backwards else steps}:")
    f.say(*(f"    {line}" for line in lines))
    if layer.return_sequences:
        f.say("    outputs.append(h)", "return np.stack(outputs, axis=1)")
    else:
        f.say("return h")


def _products(layer: LayerOfCell, f: LayerFunction) -> tuple[str, str, str]:
    """Returns the names of the kernels, and `` + BIAS`` or nothing."""
    cell = layer.cell
    kernel = f.weight("kernel", cell.kernel)
    recurrent = f.weight("recurrent_kernel", cell.recurrent_kernel)
    bias = "" if cell.bias is None else f" + {f.weight('bias', cell.bias)}"
    return kernel, recurrent, bias


@WRITERS.register("SimpleRNN")
def _simple_rnn(layer: SimpleRNN, f: LayerFunction) -> bool:
    cell = layer.cell
    activated = f.activate(cell.activation, "z")
    if activated is None or not _is_plain(layer, f):
        return False
    kernel, recurrent, bias = _products(layer, f)
    f.say("# The output h of each step is an input of the next one.")
    lines = [f"z = x[:, step] @ {kernel} + h @ {recurrent}{bias}", f"h = {activated}"]
    _loop(layer, f, lines, "h")
    return True


@WRITERS.register("LSTM")
def _lstm(layer: LSTM, f: LayerFunction) -> bool:
    cell = layer.cell
    gates = [f.activate(cell.recurrent_activation, name) for name in "ifo"]
    candidate, memory = f.activate(cell.activation, "g"), f.activate(cell.activation, "c")
    if None in (*gates, candidate, memory) or not _is_plain(layer, f):
        return False
    kernel, recurrent, bias = _products(layer, f)
    f.say(
        "# The gates i, f and o decide what enters the memory c, what stays in it, and what leaves it as h."
    )
    lines = [
        f"z = x[:, step] @ {kernel} + h @ {recurrent}{bias}",
        "i, f, g, o = np.split(z, 4, axis=1)",
        f"c = {gates[1]} * c + {gates[0]} * {candidate}",
        f"h = {gates[2]} * {memory}",
    ]
    _loop(layer, f, lines, "h = c")
    return True


@WRITERS.register("GRU")
def _gru(layer: GRU, f: LayerFunction) -> bool:
    cell = layer.cell
    gates = [f.activate(cell.recurrent_activation, name) for name in "zr"]
    candidate = f.activate(cell.activation, "g")
    if None in (*gates, candidate) or not _is_plain(layer, f):
        return False
    kernel, recurrent, bias = _products(layer, f)
    units = cell.units
    f.say("# The gate z decides how much of h stays; the gate r, how much of it the candidate g sees.")
    lines = [f"x_z, x_r, x_g = np.split(x[:, step] @ {kernel}{bias and f'{bias}[0]'}, 3, axis=1)"]
    if cell.reset_after:
        lines += [
            f"h_z, h_r, h_g = np.split(h @ {recurrent}{bias and f'{bias}[1]'}, 3, axis=1)",
            "z, r = x_z + h_z, x_r + h_r",
            f"z, r = {gates[0]}, {gates[1]}",
            "g = x_g + r * h_g",
        ]
    else:
        lines[0] = f"x_z, x_r, x_g = np.split(x[:, step] @ {kernel}{bias}, 3, axis=1)"
        lines += [
            f"h_z, h_r = np.split(h @ {recurrent}[:, :{2 * units}], 2, axis=1)",
            "z, r = x_z + h_z, x_r + h_r",
            f"z, r = {gates[0]}, {gates[1]}",
            f"g = x_g + (r * h) @ {recurrent}[:, {2 * units}:]",
        ]
    _loop(layer, f, [*lines, f"h = z * h + (1 - z) * {candidate}"], "h")
    return True
