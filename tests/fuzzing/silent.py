"""Files of each kind that users load values from: a damaged one is refused, or gives exactly what was saved.

Unlike the other targets, these compare what was loaded. Values that differ are a finding, unless a warning says so.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

INPUTS = np.linspace(-1, 1, 12, dtype=np.float32).reshape(4, 3)


class OtherValues(AssertionError):
    """A damaged file was loaded without a word, and gave other values than were saved."""


def model(seed: int) -> Any:
    """A compiled model whose weights follow from the seed."""
    import tensorlet as tf

    layers = tf.keras.layers
    tf.keras.utils.set_random_seed(seed)
    made = tf.keras.Sequential(
        [
            layers.Dense(4, activation="relu", input_shape=(3,), name="first"),
            layers.BatchNormalization(name="norm"),
            layers.Dense(2, activation="softmax", name="last"),
        ]
    )
    made.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    return made


def trained() -> Any:
    made = model(1)
    made.fit(INPUTS, np.arange(4) % 2, epochs=2, verbose=0)
    return made


def state(made: Any) -> dict[str, np.ndarray]:
    """The values that a model has, and what it predicts."""
    found = {f"weight {n}": value for n, value in enumerate(made.get_weights())}
    found["predictions"] = np.asarray(made(INPUTS))
    variables = made.optimizer.variables
    for number, variable in enumerate(variables() if callable(variables) else variables):
        found[f"optimizer {number}"] = np.asarray(variable)
    return found


def compare(folder: Path, found: dict[str, np.ndarray]) -> None:
    """Compares values with those of the whole file, which the first reading keeps."""
    expected = _EXPECTED.setdefault(folder.parent, found)
    if found.keys() != expected.keys():
        raise OtherValues(f"{sorted(found)} instead of {sorted(expected)}")
    for name, value in found.items():
        if value.shape != expected[name].shape or value.tobytes() != expected[name].tobytes():
            raise OtherValues(f"{name} is {value!r} instead of {expected[name]!r}")


_EXPECTED: dict[Path, dict[str, np.ndarray]] = {}


def checked(load: Callable[[Path], dict[str, np.ndarray]]) -> Callable[[Path], None]:
    """A reader that loads values and compares them, if no warning was given."""
    from targets import explained

    def read(folder: Path) -> None:
        def loaded() -> None:
            with warnings.catch_warnings(record=True) as told:
                warnings.simplefilter("always")
                found = load(folder)
            if not told:
                compare(folder, found)

        explained(loaded)

    return read


def _load_model(name: str) -> Callable[[Path], dict[str, np.ndarray]]:
    def load(folder: Path) -> dict[str, np.ndarray]:
        import tensorlet as tf

        return state(tf.keras.models.load_model(str(folder / name)))

    return load


def _load_weights(name: str) -> Callable[[Path], dict[str, np.ndarray]]:
    def load(folder: Path) -> dict[str, np.ndarray]:
        made = model(2)
        made.optimizer.build(made.trainable_variables)
        made.load_weights(str(folder / name))
        return state(made)

    return load


def _load_arrays(folder: Path) -> dict[str, np.ndarray]:
    from tensorlet.formats.array_archive import read_arrays

    return read_arrays(folder / "data.npz", ("x", "y"))


def _save_arrays(folder: Path) -> None:
    np.savez(folder / "data.npz", x=INPUTS, y=np.arange(4))


def _save_module(folder: Path) -> None:
    import tensorlet as tf

    class Line(tf.Module):
        def __init__(self) -> None:
            self.slope = tf.Variable([1.5, -2.5, 0.25])

        @tf.function(input_signature=[tf.TensorSpec([4, 3])])
        def at(self, x: Any) -> Any:
            return tf.reduce_sum(x * self.slope, axis=1)

    tf.saved_model.save(Line(), str(folder))


def _load_module(folder: Path) -> dict[str, np.ndarray]:
    import tensorlet as tf

    loaded = tf.saved_model.load(str(folder))
    return {"slope": np.asarray(loaded.slope), "at": np.asarray(loaded.at(INPUTS))}


def _save_dataset(folder: Path) -> None:
    import tensorlet as tf

    tf.data.Dataset.from_tensor_slices({"x": INPUTS, "y": np.arange(4)}).save(str(folder))


def _load_dataset(folder: Path) -> dict[str, np.ndarray]:
    import tensorlet as tf

    rows = list(tf.data.Dataset.load(str(folder)).as_numpy_iterator())
    return {name: np.stack([row[name] for row in rows]) for name in ("x", "y")}


#: Kind of file -> how it is written into a folder, and how its values are read.
KINDS: dict[str, tuple[Callable[[Path], Any], Callable[[Path], dict[str, np.ndarray]]]] = {
    "keras": (lambda folder: trained().save(str(folder / "m.keras")), _load_model("m.keras")),
    "h5": (lambda folder: trained().save(str(folder / "m.h5")), _load_model("m.h5")),
    "weights.h5": (
        lambda folder: trained().save_weights(str(folder / "m.weights.h5")),
        _load_weights("m.weights.h5"),
    ),
    "checkpoint": (lambda folder: trained().save_weights(str(folder / "m")), _load_weights("m")),
    "safetensors": (
        lambda folder: trained().save_weights(str(folder / "m.safetensors")),
        _load_weights("m.safetensors"),
    ),
    "npz": (_save_arrays, _load_arrays),
    "saved_model": (_save_module, _load_module),
    "dataset": (_save_dataset, _load_dataset),
}
