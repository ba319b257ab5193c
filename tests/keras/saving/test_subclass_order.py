"""The order of the weights of subclassed models and layers: that of Keras 2, in which its files store them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest

import tensorlet as tf

L = tf.keras.layers
X = np.ones((2, 3), np.float32)


class Mixed(tf.keras.Model):
    """Layers in a dictionary, a list and a tuple, and variables between the weights."""

    def __init__(self) -> None:
        super().__init__()
        self.z = tf.Variable(1.0, name="z")
        self.w = self.add_weight(name="w", shape=())
        self.d = {"second": L.Dense(1, name="ds"), "first": L.Dense(2, name="df")}
        self.y = tf.Variable(1.0, name="y")
        self.v = self.add_weight(name="v", shape=())
        self.b = L.Dense(3, name="b")
        self.n = tf.Variable(1.0, trainable=False, name="n")
        self.u = self.add_weight(name="u", shape=(), trainable=False)
        self.l = [L.Dense(4, name="l0"), {"q": L.Dense(5, name="lq"), "p": L.Dense(6, name="lp")}]
        self.t = (L.Dense(7, name="t0"), tf.Variable(1.0, name="tv"))

    def call(self, x: Any) -> Any:
        chain = self.d["second"](self.d["first"](x))
        others = [self.b, self.l[0], self.l[1]["q"], self.l[1]["p"], self.t[0]]
        return chain + sum(layer(x)[:, :1] for layer in others)


class Inner(L.Layer):
    """A layer with its own variables and a dictionary of layers."""

    def __init__(self) -> None:
        super().__init__(name="lay")
        self.q = tf.Variable(1.0, name="q")
        self.p = self.add_weight(name="p", shape=())
        self.i = {"b": L.Dense(3, name="ib"), "a": L.Dense(3, name="ia")}
        self.r = tf.Variable(1.0, name="r")
        self.fixed = tf.Variable(1.0, trainable=False, name="fixed")
        self.o = self.add_weight(name="o", shape=(), trainable=False)

    def call(self, x: Any) -> Any:
        return self.i["a"](self.i["b"](x)) * self.q - self.p


def short(variables: list[Any]) -> list[str]:
    """The names of variables without the name of the model or layer that owns them."""
    return [variable.name.split(":")[0].removeprefix("mixed/").removeprefix("lay/") for variable in variables]


def built(kind: Any) -> Any:
    model = kind()
    model(X)
    return model


def test_a_model_lists_its_weights_as_keras_2_does() -> None:
    model = built(Mixed)
    layers = ["df", "ds", "b", "l0", "lp", "lq", "t0"]  # of TensorFlow 2.15, as the names below
    assert [layer.name for layer in model.layers] == layers
    inner = [f"{layer}/{part}" for layer in layers for part in ("kernel", "bias")]
    trainable = [
        name.rpartition("mixed")[2].lstrip("_0123456789/") for name in short(model.trainable_weights)
    ]
    assert trainable == [*inner, "tv", "z", "w", "y", "v"]
    assert short(model.weights)[-2][-1:] + short(model.weights)[-1][-1:] == "nu"


def test_a_layer_lists_its_own_weights_first_in_the_order_in_which_they_were_created() -> None:
    assert short(built(Inner).weights) == [
        "q", "p", "r", "ia/kernel", "ia/bias", "ib/kernel", "ib/bias", "fixed", "o",
    ]  # fmt: skip


def test_a_program_for_keras_3_keeps_the_order_of_dictionaries(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TENSORLET_KERAS", "3")
    model = built(Mixed)
    assert [layer.name for layer in model.layers] == ["ds", "df", "b", "l0", "lq", "lp", "t0"]


@pytest.mark.parametrize("file", ["w.h5", "w.weights.h5", "w"])
@pytest.mark.parametrize("kind", [Mixed, Inner])
def test_weights_come_back_from_every_file(tmp_path: Path, kind: Any, file: str) -> None:
    def wrapped() -> Any:
        class Outer(tf.keras.Model):
            def __init__(self) -> None:
                super().__init__()
                self.inside = kind()

            def call(self, x: Any) -> Any:
                return self.inside(x)

        return built(Outer)

    model, again = wrapped(), wrapped()
    draw = np.random.default_rng(0)
    model.set_weights([draw.normal(size=one.shape) for one in model.get_weights()])
    model.save_weights(tmp_path / file)
    again.load_weights(tmp_path / file)
    np.testing.assert_array_equal(again(X), model(X))


@pytest.mark.parametrize("dialect", ["keras2", "keras3"])
@pytest.mark.parametrize("reader", ["2", "3"])
def test_each_generation_finds_its_order_in_the_files_of_the_other(
    tmp_path: Path, dialect: str, reader: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Two(tf.keras.Model):
        def __init__(self) -> None:
            super().__init__()
            self.d = {"second": L.Dense(3, "tanh", name="s"), "first": L.Dense(3, name="f")}

        def call(self, x: Any) -> Any:
            return self.d["second"](self.d["first"](x))

    model = built(Two)
    model.save_weights(tmp_path / "w.h5", dialect=dialect)
    with h5py.File(tmp_path / "w.h5") as file:
        names = [name.decode() for name in file.attrs["layer_names"]]
    assert names == (["f", "s"] if dialect == "keras2" else ["s", "f"])
    monkeypatch.setenv("TENSORLET_KERAS", reader)
    again = built(Two)
    again.load_weights(tmp_path / "w.h5")
    np.testing.assert_array_equal(again(X), model(X))
