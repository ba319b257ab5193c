"""Models of many layers: the work grows with the number of layers, counted and not timed."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import tensorlet as tf
from tensorlet.errors import FileFormatError
from tensorlet.keras.models import configuration, graph

layers = tf.keras.layers


@pytest.fixture
def visited(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The numbers of nodes of the graphs that are made."""
    sizes: list[int] = []
    ordered = graph._ordered_layers

    def counted(inputs: Any, nodes: Any, outputs: Any) -> Any:
        sizes.append(len(nodes))
        return ordered(inputs, nodes, outputs)

    monkeypatch.setattr(graph, "_ordered_layers", counted)
    return sizes


def test_a_sequential_model_makes_its_graph_once(visited: list[int]) -> None:
    model = tf.keras.Sequential([tf.keras.Input((2,)), *[layers.Activation("relu") for _ in range(30)]])
    for _ in range(20):
        model.add(layers.Activation("relu"))
    assert model.built
    assert visited == []
    assert model.output_shape == (None, 2)
    assert len(model.inputs) == 1
    assert visited == [50]
    tf.keras.Sequential.from_config(model.get_config()).predict(np.ones((1, 2)), verbose=0)
    assert sum(visited) <= 100


def chain(count: int) -> Any:
    result = x = tf.keras.Input((1,), name="x")
    for number in range(count):
        result = layers.Rescaling(2.0, name=f"r{number}")(result)
    return tf.keras.Model(x, result)


def test_layers_may_be_listed_in_any_order(monkeypatch: pytest.MonkeyPatch) -> None:
    config = chain(8).get_config()
    config["layers"].reverse()
    tries: list[str] = []
    call = configuration._Builder._call

    def counted(self: Any, name: str, index: int, described: Any) -> None:
        tries.append(name)
        call(self, name, index, described)

    monkeypatch.setattr(configuration._Builder, "_call", counted)
    model = tf.keras.Model.from_config(config)
    assert float(model(np.ones((1, 1)))[0, 0]) == 256.0
    assert len(tries) <= 2 * 8


def test_a_missing_layer_is_named() -> None:
    config = chain(3).get_config()
    del config["layers"][2]
    with pytest.raises(
        FileFormatError, match="layer 'r2' uses the output of a layer that it does not contain"
    ):
        tf.keras.Model.from_config(config)
