"""`plot_model`: what stands in the boxes, where the arrows lead, and the files."""

from __future__ import annotations

import struct
import subprocess
import sys
import xml.dom.minidom
from pathlib import Path
from typing import Any

import pytest

import tensorlet as tf
from tensorlet.errors import InvalidArgumentError
from tensorlet.visualize.model_cards import CardOptions, cards_of
from tensorlet.visualize.model_drawing import Rectangle, Text

layers = tf.keras.layers


@pytest.fixture
def chain() -> Any:
    return tf.keras.Sequential(
        [
            layers.Dense(8, activation="relu", input_shape=(4,), name="hidden"),
            layers.Dropout(0.5, name="drop"),
            layers.Dense(3, activation="softmax", name="out"),
        ],
        name="chain",
    )


@pytest.fixture
def branches() -> Any:
    x, y = layers.Input((4,), name="x"), layers.Input((2,), name="y")
    inner = tf.keras.Sequential(
        [layers.Dense(5, input_shape=(4,), name="a"), layers.Dense(5, name="b")], name="inner"
    )
    shared = layers.Dense(5, name="shared")
    joined = layers.Concatenate(name="join")([inner(x), shared(y)])
    return tf.keras.Model([x, y], layers.Dense(1, name="end")(joined))


def names_and_links(model: Any, **options: Any) -> tuple[list[str], set[tuple[str, str]]]:
    cards, links = cards_of(model, CardOptions(**options))
    names = [card.name for card in cards]
    return names, {(names[source], names[target]) for source, target in links}


def test_the_boxes_of_a_chain_say_what_was_asked_for(chain: Any) -> None:
    options = CardOptions(show_shapes=True, show_dtype=True, show_layer_activations=True, show_trainable=True)
    cards, links = cards_of(chain, options)
    assert [(card.name, card.kind) for card in cards] == [
        ("hidden_input", "InputLayer"), ("hidden", "Dense"), ("drop", "Dropout"), ("out", "Dense"),
    ]  # fmt: skip
    assert cards[1].rows == [
        ("activation", "relu"), ("dtype", "float32"), ("input", "(None, 4)"), ("output", "(None, 8)"),
        ("trainable", "yes"),
    ]  # fmt: skip
    assert cards[2].rows == [("dtype", "float32"), ("input", "(None, 8)"), ("output", "(None, 8)")]
    assert links == [(0, 1), (1, 2), (2, 3)]
    assert cards_of(chain, CardOptions(show_layer_names=False))[0][1].name == ""


def test_branches_join(branches: Any) -> None:
    names, links = names_and_links(branches)
    assert sorted(names) == ["end", "inner", "join", "shared", "x", "y"]
    assert links == {("x", "inner"), ("y", "shared"), ("inner", "join"), ("shared", "join"), ("join", "end")}
    join = next(card for card in cards_of(branches, CardOptions(show_shapes=True))[0] if card.name == "join")
    assert join.rows[0] == ("input", "[(None, 5), (None, 5)]")


def test_models_in_the_model_are_drawn_in_frames(branches: Any) -> None:
    names, links = names_and_links(branches, expand_nested=True)
    assert {("x", "a_input"), ("a_input", "a"), ("a", "b"), ("b", "join")} <= links
    assert "inner" not in names
    groups = {card.name: card.groups for card in cards_of(branches, CardOptions(expand_nested=True))[0]}
    assert groups["a"] == ("inner",)
    assert groups["shared"] == ()
    drawing = tf.keras.utils.plot_model(branches, None, expand_nested=True)
    frame = next(part for part in drawing.parts if isinstance(part, Rectangle) and part.dashed)
    inside = [part for part in drawing.parts if isinstance(part, Text) and part.content in ("a", "b")]
    assert all(frame.x < text.x < frame.x + frame.width for text in inside)
    assert all(frame.y < text.y < frame.y + frame.height for text in inside)


def test_a_part_of_the_layers(chain: Any) -> None:
    cards, links = cards_of(chain, CardOptions(), ["hidden", "drop"])
    assert [card.name for card in cards] == ["hidden", "drop"]
    assert links == [(0, 1)]
    with pytest.raises(InvalidArgumentError, match="Available layers: hidden, drop, out"):
        cards_of(chain, CardOptions(), ["hidden", "nowhere"])


@pytest.mark.parametrize("direction", ["TB", "BT", "LR", "RL"])
def test_the_boxes_follow_the_direction(chain: Any, direction: str) -> None:
    drawing = tf.keras.utils.plot_model(chain, None, rankdir=direction)
    places = {
        part.content: (part.x, part.y) for part in drawing.parts if isinstance(part, Text) and part.bold
    }
    axis, sign = {"TB": (1, 1), "BT": (1, -1), "LR": (0, 1), "RL": (0, -1)}[direction]
    along = [sign * places[name][axis] for name in ("hidden_input", "hidden", "drop", "out")]
    assert along == sorted(along)
    boxes = [part for part in drawing.parts if isinstance(part, Rectangle)]
    assert all(box.x >= 0 and box.x + box.width <= drawing.width for box in boxes)
    assert all(box.y >= 0 and box.y + box.height <= drawing.height for box in boxes)


def test_an_svg_is_well_formed_and_escaped(tmp_path: Path) -> None:
    model = tf.keras.Sequential([layers.Dense(1, input_shape=(2,), name="a<b> & 층")])
    path = tmp_path / "그림" / "model.svg"
    drawing = tf.keras.utils.plot_model(model, path, show_shapes=True)
    text = path.read_text(encoding="utf-8")
    assert text == drawing.svg == drawing._repr_svg_()
    document = xml.dom.minidom.parseString(text)
    shown = [node.firstChild.data for node in document.getElementsByTagName("text")]
    assert {"a<b> & 층", "Dense", "(None, 2)", "(None, 1)"} <= set(shown)


def test_a_png_has_the_size_that_the_dots_make(tmp_path: Path, chain: Any) -> None:
    pytest.importorskip("matplotlib", reason="the extra 'plot' is not installed")
    drawing = tf.keras.utils.plot_model(chain, tmp_path / "model.png", dpi=192)
    content = (tmp_path / "model.png").read_bytes()
    assert content[:8] == b"\x89PNG\r\n\x1a\n"
    width, height = struct.unpack(">II", content[16:24])
    assert (width, height) == pytest.approx((2 * drawing.width, 2 * drawing.height), abs=1)


def test_an_svg_needs_no_matplotlib_and_a_png_says_so(tmp_path: Path) -> None:
    code = """
import sys
sys.modules["matplotlib"] = None
import tensorlet as tf
model = tf.keras.Sequential([tf.keras.layers.Dense(1, input_shape=(2,))])
tf.keras.utils.plot_model(model, "model.svg")
try:
    tf.keras.utils.plot_model(model)
except ImportError as error:
    print(error)
"""
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert (tmp_path / "model.svg").exists()
    assert not (tmp_path / "model.png").exists()
    assert "'model.png' requires matplotlib" in done.stdout
    assert "to_file='model.svg', which does not require it" in done.stdout


def test_a_subclassed_model_lists_its_layers() -> None:
    class Two(tf.keras.Model):
        def __init__(self) -> None:
            super().__init__(name="two")
            self.first, self.second = layers.Dense(3, name="first"), layers.Dense(1, name="second")

        def call(self, inputs: Any) -> Any:
            return self.second(self.first(inputs))

    model = Two()
    model(tf.zeros([1, 2]))
    cards, links = cards_of(model, CardOptions())
    assert (cards[0].name, cards[0].kind) == ("two", "Two")
    assert cards[0].rows == [("first", "Dense"), ("second", "Dense")]
    assert links == []


def test_what_makes_no_sense_is_refused(chain: Any) -> None:
    with pytest.raises(InvalidArgumentError, match="rankdir='UP', expected one of TB, BT, LR, RL"):
        tf.keras.utils.plot_model(chain, None, rankdir="UP")
    with pytest.raises(InvalidArgumentError, match="got int, expected a model"):
        tf.keras.utils.plot_model(5)
    with pytest.raises(InvalidArgumentError, match=r"plot_model: the model .* has not been built"):
        tf.keras.utils.plot_model(tf.keras.Sequential([layers.Dense(1)]))
    with pytest.raises(InvalidArgumentError, match="does not require it"):
        tf.keras.utils.model_to_dot(chain)
    with pytest.warns(FutureWarning, match=r"use model.summary\(\)"):
        tf.keras.utils.print_summary(chain, print_fn=lambda line: None)
