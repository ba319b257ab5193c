"""What a student can set: the data, the network and its training, read from the page and checked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from tensorlet.playground.errors import PlaygroundError
from tensorlet.playground.points import GENERATORS

ACTIVATIONS = ("relu", "tanh", "sigmoid", "linear", "leaky_relu", "elu", "selu", "gelu", "swish", "softplus")
INITIALIZERS = (
    "glorot_uniform", "glorot_normal", "he_normal", "he_uniform", "lecun_normal", "random_normal", "random_uniform",
    "orthogonal", "zeros", "ones",
)  # fmt: skip
OPTIMIZERS = ("adam", "sgd", "momentum", "nesterov", "rmsprop", "adagrad", "nadam", "adamw")
LOSSES = ("crossentropy", "binary_crossentropy", "mse", "mae")
KINDS = (*GENERATORS, "drawn", "formulas", "table")
SCALES = ("none", "minmax", "standard")
#: What two to four networks side by side may differ in.
COMPARABLE = ("initializer", "rate", "activation", "optimizer", "batch", "l2", "dropout", "batchnorm")

MOST_ROWS = 2000
MOST_DRAWN = 500
MOST_LAYERS = 8
MOST_UNITS = 64
MOST_RUNS = 4


@dataclass(frozen=True)
class DataSettings:
    """The data.

    Attributes:
        kind: a generator, or "drawn", "formulas" or "table".
        rows: the number of points that are generated.
        classes: the number of classes of generators that have a choice.
        noise: how much the points are scattered, 0 to 1.
        balance: the share of the first class; 0 for equal shares.
        seed: the seed of the points and of their division.
        train: the share of the points for training; the others are for validation.
        scale: "none", "minmax" (to −1 … 1) or "standard" (mean 0, standard deviation 1).
        points: for "drawn", (x, y, class) of each point.
        formulas: for "formulas", the region of each class but the last.
        columns: for "table", the inputs; empty for all columns of numbers.
        label: for "table", the column with the classes; "" for the last one.
    """

    kind: str = "circles"
    rows: int = 300
    classes: int = 2
    noise: float = 0.2
    balance: float = 0.0
    seed: int = 1
    train: float = 0.7
    scale: str = "none"
    points: tuple[tuple[float, float, int], ...] = ()
    formulas: tuple[str, ...] = ("x*x + y*y < 0.4",)
    columns: tuple[str, ...] = ()
    label: str = ""


@dataclass(frozen=True)
class LayerSettings:
    """A hidden layer: its units, its activation and the share of units that are dropped in training."""

    units: int = 8
    activation: str = "tanh"
    dropout: float = 0.0


@dataclass(frozen=True)
class NetworkSettings:
    """The network and its training. ``seed`` is that of the weights, the order of the rows and dropout."""

    layers: tuple[LayerSettings, ...] = (LayerSettings(8), LayerSettings(4))
    batchnorm: bool = False
    l1: float = 0.0
    l2: float = 0.0
    initializer: str = "glorot_uniform"
    loss: str = "crossentropy"
    optimizer: str = "adam"
    rate: float = 0.01
    batch: int = 16
    seed: int = 1


@dataclass(frozen=True)
class Settings:
    """Everything on the page.

    Attributes:
        data: the data.
        network: the network and its training.
        compare: what the networks side by side differ in; "" for one network.
        values: the value of each network side by side.
    """

    data: DataSettings = field(default_factory=DataSettings)
    network: NetworkSettings = field(default_factory=NetworkSettings)
    compare: str = ""
    values: tuple[Any, ...] = ()

    def networks(self) -> list[NetworkSettings]:
        """The settings of each network side by side.

        >>> [network.rate for network in Settings(compare="rate", values=(0.1, 0.01)).networks()]
        [0.1, 0.01]
        """
        if not self.compare:
            return [self.network]
        return [_with(self.network, self.compare, value) for value in self.values]

    def as_dict(self) -> dict[str, Any]:
        """The settings as the page sends them."""
        return asdict(self)


def read_settings(given: object) -> Settings:
    """Returns checked settings.

    Args:
        given: a dictionary as `Settings.as_dict` returns it; what it lacks has its default.

    Raises:
        PlaygroundError: for an unknown name, or a value that is out of bounds.

    >>> read_settings({"network": {"layers": [{"units": 3}]}}).network.layers[0].units
    3
    >>> read_settings({"network": {"rate": -1}})
    Traceback (most recent call last):
    tensorlet.playground.errors.PlaygroundError: rate is -1, expected a number from 1e-07 to 100.0.
    """
    reader = _Reader(given, "settings")
    data, network = _data(reader.part("data")), _network(reader.part("network"))
    compare = reader.choice("compare", ("", *COMPARABLE), "")
    given_values = reader.items("values", MOST_RUNS)
    values = tuple(given_values) if compare else ()
    reader.finish()
    if compare and not 2 <= len(values) <= MOST_RUNS:
        raise PlaygroundError(
            "compare_count",
            f"{len(values)} networks are to be compared, expected 2 to {MOST_RUNS}.",
            count=len(values),
            most=MOST_RUNS,
        )
    checked = tuple(_comparable(compare, value) for value in values)
    return Settings(data, network, compare, checked)


def _data(reader: _Reader) -> DataSettings:
    kind = reader.choice("kind", KINDS, "circles")
    _, fewest, most = GENERATORS.get(kind, (None, 2, 8))
    points = tuple(
        (
            _number("points", p, 0, -100, 100),
            _number("points", p, 1, -100, 100),
            int(_number("points", p, 2, 0, 7)),
        )
        for p in reader.items("points", MOST_DRAWN)
    )
    data = DataSettings(
        kind=kind,
        rows=reader.integer("rows", 10, MOST_ROWS, 300),
        classes=min(max(reader.integer("classes", 2, 8, 2), fewest), most),
        noise=reader.number("noise", 0, 1, 0.2),
        balance=reader.number("balance", 0, 0.95, 0),
        seed=reader.integer("seed", 0, 2**31 - 1, 1),
        train=reader.number("train", 0.1, 0.95, 0.7),
        scale=reader.choice("scale", SCALES, "none"),
        points=points,
        formulas=tuple(reader.texts("formulas", 7, ("x*x + y*y < 0.4",))),
        columns=tuple(reader.texts("columns", 64, ())),
        label=reader.text("label", ""),
    )
    reader.finish()
    return data


def _network(reader: _Reader) -> NetworkSettings:
    given = reader.given.get("layers")
    layers = NetworkSettings().layers
    if given is not None:
        layers = tuple(_layer(_Reader(one, "layers")) for one in reader.items("layers", MOST_LAYERS))
    network = NetworkSettings(
        layers=layers,
        batchnorm=bool(reader.take("batchnorm", False)),
        l1=reader.number("l1", 0, 10, 0),
        l2=reader.number("l2", 0, 10, 0),
        initializer=reader.choice("initializer", INITIALIZERS, "glorot_uniform"),
        loss=reader.choice("loss", LOSSES, "crossentropy"),
        optimizer=reader.choice("optimizer", OPTIMIZERS, "adam"),
        rate=reader.number("rate", 1e-7, 100, 0.01),
        batch=reader.integer("batch", 1, 1024, 16),
        seed=reader.integer("seed", 0, 2**31 - 1, 1),
    )
    reader.used.add("layers")
    reader.finish()
    return network


def _layer(reader: _Reader) -> LayerSettings:
    layer = LayerSettings(
        reader.integer("units", 1, MOST_UNITS, 8),
        reader.choice("activation", ACTIVATIONS, "tanh"),
        reader.number("dropout", 0, 0.9, 0),
    )
    reader.finish()
    return layer


def _comparable(name: str, value: object) -> Any:
    """A value of a network side by side, checked like the setting itself."""
    if name in ("activation", "dropout"):
        return getattr(_layer(_Reader({name: value}, "values")), name)
    return getattr(_network(_Reader({name: value}, "values")), name)


def _with(network: NetworkSettings, name: str, value: Any) -> NetworkSettings:
    if name in ("activation", "dropout"):
        return replace(network, layers=tuple(replace(layer, **{name: value}) for layer in network.layers))
    return replace(network, **{name: value})


def _wrong(name: str, value: object, expected: str) -> PlaygroundError:
    shown = repr(value)[:80]
    return PlaygroundError(
        "setting", f"{name} is {shown}, expected {expected}.", name=name, value=shown, expected=expected
    )


def _number(name: str, given: object, place: int, low: float, high: float) -> float:
    if not isinstance(given, Sequence) or isinstance(given, str) or len(given) != 3:
        raise _wrong(name, given, "points of the form [x, y, class]")
    return _Reader({name: given[place]}, name).number(name, low, high, low)


class _Reader:
    """Reads a dictionary that came from the page, and notices names that nobody asked for."""

    def __init__(self, given: object, name: str) -> None:
        if not isinstance(given, Mapping):
            raise _wrong(name, given, "an object with names and values")
        self.given = given
        self.used: set[str] = set()

    def take(self, name: str, default: object) -> Any:
        self.used.add(name)
        return self.given.get(name, default)

    def finish(self) -> None:
        unknown = [str(name) for name in self.given if name not in self.used]
        if unknown:
            raise _wrong(
                unknown[0], self.given[unknown[0]], f"one of the names {', '.join(sorted(self.used))}"
            )

    def part(self, name: str) -> _Reader:
        return _Reader(self.take(name, {}), name)

    def number(self, name: str, low: float, high: float, default: float) -> float:
        value = self.take(name, default)
        if isinstance(value, bool) or not isinstance(value, int | float) or not low <= value <= high:
            raise _wrong(name, value, f"a number from {low} to {float(high)}")
        return float(value)

    def integer(self, name: str, low: int, high: int, default: int) -> int:
        value = self.take(name, default)
        if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
            raise _wrong(name, value, f"an integer from {low} to {high}")
        return value

    def choice(self, name: str, among: Sequence[str], default: str) -> str:
        value = self.take(name, default)
        if not isinstance(value, str) or value not in among:
            raise _wrong(name, value, f"one of {', '.join(filter(None, among))}")
        return value

    def text(self, name: str, default: str) -> str:
        value = self.take(name, default)
        if not isinstance(value, str) or len(value) > 300:
            raise _wrong(name, value, "a text of at most 300 characters")
        return value

    def items(self, name: str, most: int) -> list[Any]:
        value = self.take(name, ())
        if not isinstance(value, list | tuple) or len(value) > most:
            raise _wrong(name, value, f"a list of at most {most}")
        return list(value)

    def texts(self, name: str, most: int, default: Sequence[str]) -> list[str]:
        if name not in self.given:
            self.used.add(name)
            return list(default)
        return [_Reader({name: item}, name).text(name, "") for item in self.items(name, most)]
