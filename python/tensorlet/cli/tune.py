"""``tensorlet tune``: searches for the best perceptron by successive halving."""

from __future__ import annotations

import json
import math
import sys
from typing import TYPE_CHECKING, Any

from tensorlet.argument_parser import Parser
from tensorlet.cli.terminal import aligned, styled
from tensorlet.cli.train import add_reading, guarded, output_base, reading_options
from tensorlet.localization import translate as _

if TYPE_CHECKING:
    import argparse

    from tensorlet.tune.outcome import Trial
    from tensorlet.tune.tables import Tuned

BARS = "▁▂▃▄▅▆▇█"
#: The trials that are shown.
SHOWN = 10


def make_parser() -> Parser:
    """Returns the parser of the arguments."""
    parser = Parser(
        "tune",
        _("Searches for the best learning rate, batch size, width, depth, dropout and L2 of a perceptron: many are\n"
          "trained for a few epochs side by side, and the best third goes on. The winner is measured with its\n"
          "interval on rows that took no part, and written as a .keras file."),
        "DATA --target COLUMN [OPTIONS]",
        [
            ("tensorlet tune iris.csv --target species", ""),
            ("tensorlet tune sales.parquet --target price --trials 81 --epochs 81", _("a longer search")),
            ("tensorlet tune a.csv --target y --width 32,64 --depth 1,2", _("a smaller space")),
            ("tensorlet tune a.csv --target y --executor dask://host:8786", _("on the workers of Dask")),
        ],
    )  # fmt: skip
    parser.add_argument(
        "data",
        metavar="DATA",
        help=_("CSV, TSV, Parquet, Arrow, Excel, .npz, IDX, a folder of pictures, or - for standard input"),
    )
    parser.add_argument("--target", "-t", metavar="COLUMN", help=_("the column to predict"))
    parser.add_argument(
        "--output", "-o", metavar="PATH", help=_("where to write: a folder, or the path of the .keras file")
    )
    _add_search(parser)
    group = parser.add_argument_group(_("space: values separated by commas, or LOW..HIGH"))
    for name in ("learning-rate", "batch-size", "width", "depth", "dropout", "l2"):
        group.add_argument(f"--{name}", metavar="VALUES")
    add_reading(parser)
    group = parser.add_argument_group(_("output"))
    group.add_argument("--quiet", "-q", action="store_true", help=_("print warnings and errors only"))
    parser.add_common()
    return parser


def _add_search(parser: Parser) -> None:
    group = parser.add_argument_group(_("search"))
    group.add_argument(
        "--trials", type=int, default=27, metavar="N", help=_("configurations to try (default: 27)")
    )
    group.add_argument(
        "--epochs", type=int, default=27, metavar="N", help=_("epochs of the finalists (default: 27)")
    )
    group.add_argument("--factor", type=int, default=3, metavar="N", help=_("one in N goes on (default: 3)"))
    group.add_argument(
        "--repeats", type=int, default=5, metavar="N", help=_("seeds for the winner (default: 5)")
    )
    group.add_argument(
        "--seed", type=int, default=0, help=_("the seed; the same one finds the same (default: 0)")
    )
    group.add_argument(
        "--executor",
        metavar="WHERE",
        help=_("where to train: dask://HOST:PORT, ray://HOST:PORT, ray, mpi or processes:N (default: here)"),
    )


def main(arguments: list[str]) -> int:
    """Runs the command; returns the exit status."""
    parser = make_parser()
    given = parser.parse_args(arguments)
    return guarded("tune", lambda: _tune(given))


def space_of(given: argparse.Namespace) -> dict[str, Any]:
    """Returns the space: the default one, with what the options say.

    Raises:
        InvalidArgumentError: for an option that cannot be read.
    """
    from tensorlet.tune import SPACE

    space = dict(SPACE)
    for name in space:
        text = getattr(given, name)
        if text is not None:
            space[name] = values_of(name, text)
    return space


def values_of(name: str, text: str) -> Any:
    """Reads the values of an option, such as ``32,64`` or ``1e-4..1e-2``."""
    from tensorlet.errors import InvalidArgumentError
    from tensorlet.tune import LogRange, Range

    whole = name in ("batch_size", "width", "depth")
    convert = int if whole else float
    option = "--" + name.replace("_", "-")
    try:
        low, dots, high = text.partition("..")
        if dots:
            ends = convert(low), convert(high)
            return LogRange(*ends) if name in ("learning_rate", "l2") else Range(*ends)
        values = [convert(part) for part in text.split(",")]
    except ValueError:
        raise InvalidArgumentError(
            _("{option} is '{text}'. Expected values such as {example}.").format(
                option=option, text=text, example="16,32 or 16..64" if whole else "0.01,0.1 or 0.001..0.1"
            )
        ) from None
    least = {"batch_size": 1, "width": 1, "depth": 0}.get(name, 0.0)
    if any(not value >= least for value in values) or (
        name == "dropout" and any(value >= 1 for value in values)
    ):
        raise InvalidArgumentError(
            _("{option} is '{text}', which is out of range.").format(option=option, text=text)
        )
    return values


def _tune(given: argparse.Namespace) -> int:
    from tensorlet.tabular.problem import Plan, make_problem
    from tensorlet.tabular.reading.files import read
    from tensorlet.tune.tables import tune_problem

    talks = not (given.json or given.quiet)
    space = space_of(given)
    source = read(given.data, reading_options(given))
    problem = make_problem(source, Plan(given.target, seed=given.seed, trees=False))
    tuned = tune_problem(
        problem,
        given.seed,
        space=space,
        trials=given.trials,
        epochs=given.epochs,
        factor=given.factor,
        repeats=given.repeats,
        executor=given.executor,
        progress=_progress if talks else None,
    )
    path = f"{output_base(given.data, given.output)}.tuned.keras"
    if given.output is not None and given.output.endswith(".keras"):
        path = given.output
    tuned.save(path)
    if given.json:
        print(json.dumps(_json(tuned, path), ensure_ascii=False, indent=1, allow_nan=False))
    elif talks:
        _print(tuned, path)
    return 0


def _progress(epochs: int, trials: list[Trial], seconds: float) -> None:
    text = _("{count} configurations after {epochs} epochs: best {value:.4f} ({seconds:.1f} s)")
    print(
        text.format(count=len(trials), epochs=epochs, value=trials[0].value, seconds=seconds),
        file=sys.stderr,
        flush=True,
    )


def _print(tuned: Tuned, path: str) -> None:
    outcome = tuned.outcome
    names = list(outcome.best.configuration)
    rows = [[_("epochs"), outcome.objective, *names, _("curve")]]
    for one in outcome.trials[:SHOWN]:
        values = [_short(value) for value in one.configuration.values()]
        rows.append([str(one.epochs), f"{one.value:.4f}", *values, curve(one.history[outcome.objective])])
    lines = aligned(rows, right=range(len(rows[0]) - 1))
    print("\n" + styled(lines[0], "bold"))
    print("\n".join(lines[1:]))
    mean, low, high = outcome.interval
    text = _(
        "The best one with {count} other seeds: {name} {mean:.4f}, 95 % interval {low:.4f} to {high:.4f}."
    )
    print()
    print(text.format(count=len(outcome.repeats), name=outcome.objective, mean=mean, low=low, high=high))
    print(_("On the test rows:"))
    table = [
        [name, f"{one.value:.4f}", f"{one.low:.4f} … {one.high:.4f}"] for name, one in tuned.measures.items()
    ]
    print("\n".join(aligned(table, right=[1])))
    print(_("Written: {path}").format(path=path))


def _short(value: object) -> str:
    return f"{value:.3g}" if isinstance(value, float) else str(value)


def curve(values: list[float]) -> str:
    """Returns the values of each epoch as a line of small bars, of at most 27.

    >>> curve([3.0, 2.0, 1.0])
    '█▅▁'
    """
    step = -(-len(values) // 27)
    kept = [value for value in values[::step] if math.isfinite(value)]
    if not kept:
        return ""
    low, high = min(kept), max(kept)
    width = (high - low) or 1.0
    return "".join(BARS[round((value - low) / width * (len(BARS) - 1))] for value in kept)


def _json(tuned: Tuned, path: str) -> dict[str, Any]:
    measures = {
        name: {"value": _finite(one.value), "low": _finite(one.low), "high": _finite(one.high)}
        for name, one in tuned.measures.items()
    }
    found = tuned.outcome.to_json()
    found |= {name: _finite(found[name]) for name in ("mean", "low", "high")}
    return {**found, "test": measures, "model": path}


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None
