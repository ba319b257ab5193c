"""Pictures of computations: the lecture's numbers, names, shapes, layout, and text that is safe in XML."""

from __future__ import annotations

import base64
import re
import xml.etree.ElementTree as ElementTree
from typing import Any

import numpy as np
import pytest

import tensorlet as tf
from tensorlet.errors import InvalidArgumentError
from tensorlet.localization import use_language
from tensorlet.visualize.layout import Arrow, Box, lay_out, pooled

SVG = "{http://www.w3.org/2000/svg}"


def texts(drawing):
    """Every line of text, in order; the picture must be XML that parses."""
    root = ElementTree.fromstring(drawing.svg)
    return ["".join(element.itertext()) for element in root.iter(f"{SVG}text")]


def line(w, x, b):
    g = w * x
    return g + b


def test_the_lecture_s_page_forwards_and_backwards():
    found = texts(tf.show(line, -2, 5, 3))
    for wanted in (
        "f = g + b", "g = w × x", "value −2", "value 5", "value 3", "value −10", "value −7",
        "∂f/∂w = 5", "∂f/∂x = −2", "∂f/∂g = 1", "∂f/∂b = 1", "∂f/∂f = 1",
        "∂g/∂w = x = 5", "∂g/∂x = w = −2",
    ):  # fmt: skip
        wanted = wanted.replace("f", "line") if wanted.startswith(("f", "∂f")) else wanted
        assert wanted in found, wanted
    # On the arrows that lead to the sum: both local derivatives are 1.
    assert found.count("∂line/∂g = 1") == 2 and found.count("∂line/∂b = 1") == 2


def test_a_lambda_is_called_f_and_variables_as_its_parameters():
    found = texts(tf.show(lambda w, x, b: w * x + b, tf.Variable(-2.0), 5.0, tf.Variable(3.0)))
    assert "f = v1 + b" in found and "∂f/∂w = 5" in found and "variable, scalar" in found


def test_a_value_used_twice_has_two_arrows_and_the_sum_of_both():
    found = texts(tf.show(lambda x: x * x, 3.0))
    assert found.count("∂f/∂x = x = 3") == 2 and "∂f/∂x = 6" in found


def test_local_derivatives_by_hand():
    found = texts(tf.show(lambda z: tf.sigmoid(z), 0.0))
    assert "∂f/∂z = f·(1 − f) = 0.25" in found
    found = texts(tf.show(lambda a, b: a / b, 6.0, 2.0))
    assert "∂f/∂a = 1/b = 0.5" in found and "∂f/∂b = −a/b² = −1.5" in found


W = tf.Variable([[1.0, 0.0], [0.0, 1.0], [1.0, 1.0]])


def test_names_come_from_locals_and_globals():
    def loss(x):
        logits = x @ W
        return tf.reduce_mean(logits)

    found = texts(tf.show(loss, tf.constant([[1.0, 2.0, 3.0]])))
    assert "logits = x @ W" in found and "loss = mean(logits)" in found
    assert "∇W = xᵀ @ ∇logits" in found and "∂loss/∂logits = 1/2" in found
    assert "[0.5, 0.5]" in found and "[1.5, 1.5]" in found  # rows 1 and 3 of ∂loss/∂W = xᵀ · 1/2


def test_large_tensors_are_summarised():
    found = texts(tf.show(lambda x: x + 1.0, np.arange(100, dtype=np.float32)))
    assert "value 0 … 99, mean 49.5" in found and "value 1 … 100, mean 50.5" in found
    assert "input, [100]" in found


def test_values_that_are_no_numbers_are_counted():
    x = np.array([1.0, np.nan, np.inf, 2.0, 3.0], np.float32)
    assert "1 … 3, mean 2" in texts(tf.show(lambda x: x, x))
    assert "2 are NaN or infinite" in texts(tf.show(lambda x: x, x))


def test_shapes_alone():
    found = texts(tf.show(lambda x: tf.reduce_sum(x * 2.0), tf.TensorSpec([3, 4], tf.float32)))
    assert "v1 = x × 2" in found and "input, [3, 4]" in found
    assert not any(text.startswith(("value", "∂")) for text in found)


def test_a_whole_training_step_with_its_updates():
    w = tf.Variable(3.0, name="w")

    @tf.function
    def step(x):
        with tf.GradientTape() as tape:
            cost = tf.square(w * x)
        w.assign_sub(0.1 * tape.gradient(cost, w))
        return cost

    found = texts(tf.show(step, 2.0))
    # cost = (w x)² = 36, its gradient 2 w x² = 24, the new weight 3 - 2.4.
    assert "new value of w" in found and "value 0.6" in found and "value 36" in found
    assert w.numpy() == 3.0, "drawing changed the variable"


def test_a_model_layer_by_layer_and_operation_by_operation():
    model = tf.keras.Sequential(
        [
            tf.keras.layers.Dense(8, activation="relu", input_shape=(2,), name="hidden"),
            tf.keras.layers.Dense(1, name="out"),
        ]
    )
    found = texts(tf.show(model))
    assert {"hidden", "Dense, relu", "output (None, 8)", "kernel 2×8", "bias 8", "out"} <= set(found)
    found = texts(tf.show(model, np.zeros((4, 2), np.float32)))
    assert "v1 = x @ hidden/kernel" in found and "v3 = relu(v2)" in found


def test_a_model_without_a_graph_says_what_to_do():
    class Own(tf.keras.Model):
        def call(self, x):
            return x * 2.0

    with pytest.raises(InvalidArgumentError, match=r"tf\.show\(model, x\)"):
        tf.show(Own(name="own"))
    assert "value [2, 4]" in texts(tf.show(Own(), [[1.0, 2.0]]))


def test_text_is_escaped():
    w = tf.Variable(1.0, name='<script>&"가\x01')
    drawing = tf.show(lambda x: x * w, 2.0)
    assert "<script>" not in drawing.svg and "&lt;script&gt;&amp;" in drawing.svg
    assert any("가" in text for text in texts(drawing))


def test_the_same_graph_gives_the_same_picture():
    assert tf.show(line, -2, 5, 3).svg == tf.show(line, -2, 5, 3).svg


def test_long_graphs_are_wrapped_and_say_where_values_come_from():
    def chain(x):
        first = x + 1.0
        for _ in range(30):
            x = tf.tanh(x)
        return x + first

    drawing = tf.show(chain, 0.5)
    width, height = (
        float(number) for number in re.search(r'width="([\d.]+)" height="([\d.]+)"', drawing.svg).groups()
    )
    assert width < 1400 and height > 500
    assert "first (above)" in texts(drawing)


def test_what_cannot_be_drawn_is_explained():
    with pytest.raises(InvalidArgumentError, match="without calling f"):
        tf.show(3.0)
    with pytest.raises(InvalidArgumentError, match="one result"):
        tf.show(lambda x: (x, x + 1.0), 1.0, gradients=True)
    with pytest.raises(InvalidArgumentError, match="no values"):
        tf.show(lambda x: x * 2.0, tf.TensorSpec([], tf.float32), gradients=True)


def test_branches_are_drawn_without_gradients_and_say_why():
    found = texts(tf.show(lambda x: tf.cond(x > 0.0, lambda: x * 2.0, lambda: x), 3.0))
    assert "value 6" in found and any("tf.cond" in text for text in found)


def test_branches_are_drawn_below_as_they_are_written():
    @tf.function
    def f(x):
        if x > 0.0:
            y = tf.reduce_sum(tf.math.log(tf.nn.softmax(tf.stack([x, 0.0]))))
        else:
            y = -x / 3.0
        return y

    found = texts(tf.show(f, 2.0))
    assert "v2 if v1 is True" in found and "v2 if v1 is False" in found
    inside = found[found.index("v2 if v1 is True") : found.index("v2 if v1 is False")]
    soft, logs = (next(one for one in inside if f"= {name}(" in one) for name in ("softmax", "log"))
    assert logs.endswith(f"log({soft.partition(' =')[0]})")
    # log(softmax([2, 0])) = [-log(1 + e^-2), -2 - log(1 + e^-2)]
    assert f"value −{2 + 2 * np.log1p(np.exp(-2.0)):.3f}" in inside
    other = found[found.index("v2 if v1 is False") :]
    assert any("÷ 3" in text for text in other) and not any("value" in text for text in other)
    joined = " ".join(texts(tf.show(f, 2.0, optimized=True)))
    assert "log_softmax" in joined and "= softmax(" not in joined


def test_rounds_of_loops_are_drawn_below():
    def f(x):
        return tf.while_loop(lambda i: i < x, lambda i: (i * 2.0,), (tf.constant(1.0),))[0]

    found = texts(tf.show(f, 5.0))
    condition, step = found.index("The condition of v1"), found.index("One round of v1")
    assert "result = state < x" in found[condition:step] and "result = state × 2" in found[step:]
    assert "value 8" in found[:condition]


def test_notebooks_scroll_wide_drawings():
    drawing = tf.show(line, 1.0, 2.0, 3.0)
    page = drawing._repr_html_()
    content = re.search('src="data:image/svg[+]xml;base64,([^"]*)"', page)[1]
    assert base64.b64decode(content).decode() == drawing.svg == drawing._repr_svg_()
    assert 'style="overflow-x: auto"' in page and 'alt="The computation graph of line"' in page


def test_saving(tmp_path):
    drawing = tf.show(line, 1.0, 2.0, 3.0)
    drawing.save(tmp_path / "그림" / "line.svg")
    assert (tmp_path / "그림" / "line.svg").read_text(encoding="utf-8") == drawing.svg == drawing._repr_svg_()
    with pytest.raises(InvalidArgumentError, match=r"ends in \.svg"):
        drawing.save(tmp_path / "line.png")


def test_boxes_do_not_overlap_and_arrows_lead_to_the_right():
    generator = np.random.default_rng(7)
    boxes = [Box(key, 60 + 5 * (key % 7), 30 + 9 * (key % 3)) for key in range(40)]
    arrows = [
        Arrow(int(source), key, 30.0)
        for key in range(1, 40)
        for source in generator.choice(key, size=min(key, 2), replace=False)
    ]
    layout = lay_out(boxes, arrows, lambda key: (50.0, 20.0), widest=700.0)
    for index, one in enumerate(layout.boxes):
        for other in layout.boxes[index + 1 :]:
            apart = (
                one.x + one.width <= other.x or other.x + other.width <= one.x
                or one.y + one.height <= other.y or other.y + other.height <= one.y
            )  # fmt: skip
            assert apart, (one, other)
    assert all(arrow.points[0][0] < arrow.points[-1][0] for arrow in layout.arrows)


def test_pooling():
    assert pooled([3.0, 1.0, 2.0, 5.0]) == [2.0, 2.0, 2.0, 5.0]


def heads(drawing) -> list[str]:
    """The first line of each box."""
    root = ElementTree.fromstring(drawing.svg)
    return ["".join(one.itertext()) for one in root.iter(f"{SVG}text") if one.get("font-weight") == "bold"][
        1:
    ]


def entropy(z):
    p = tf.nn.softmax(z)
    return -tf.reduce_sum(tf.math.log(p))


def slope(w, x):
    with tf.GradientTape() as tape:
        tape.watch(w)
        y = tf.reduce_mean(tf.square(w * x))
    return tape.gradient(y, w)


def test_the_graph_is_drawn_as_it_is_written():
    drawing = tf.show(entropy, [[1.0, 2.0]])
    assert heads(drawing) == ["z", "p = softmax(z)", "v1 = log(p)", "v2 = sum(v1)", "entropy = −v2"]
    # The chain rule through both: ∂entropy/∂p = −1/p, with p = 0.269 and 0.731.
    assert "∂entropy/∂p = [−3.718, −1.368]" in texts(drawing)
    assert heads(tf.show(entropy, [[1.0, 2.0]], optimized=True)) == [
        "z", "v1 = log_softmax(z)", "v2 = sum(v1)", "entropy = −v2",
    ]  # fmt: skip


def test_constants_of_the_chain_rule_keep_their_operations():
    ones = np.ones(3, np.float32)
    found = heads(tf.show(slope, ones, ones, gradients=False))
    assert "v1 = 1 ÷ 3" in found and "v4 = w × x" in found
    assert not any("÷" in head for head in heads(tf.show(slope, ones, ones, gradients=False, optimized=True)))


def test_functions_that_need_the_value_of_a_constant_are_drawn_too():
    def steps(x):
        end = tf.constant(1.0) + tf.constant(2.0)
        return tf.reduce_sum(x * tf.range(0.0, end, 1.0)) + tf.reduce_sum(tf.math.log(tf.nn.softmax(x)))

    found = heads(tf.show(steps, np.ones(3, np.float32)))
    assert any(head.endswith("= softmax(x)") for head in found) and not any(
        "log_softmax" in head for head in found
    )


def test_rewrites_of_a_traced_graph_can_be_undone():
    from tensorlet.visualize.written import as_written

    graph = tf.function(entropy).get_concrete_function(tf.TensorSpec([1, 2])).graph
    before = [node.name for node in graph.nodes()]
    again, made = as_written(graph)
    names = [node.operation.name for node in again.nodes() if node.operation is not None]
    assert names == ["softmax", "log", "reduce_sum", "negative"]
    assert [node.name for node in graph.nodes()] == before and "log_softmax" in before
    assert all(id(node) in made for node in graph.nodes())


def test_drawings_on_one_page_share_no_identifiers():
    drawing = tf.show(line, -2, 5, 3)
    assert " id=" not in drawing.svg and "url(" not in drawing.svg
    assert drawing.svg.count('z" fill="#444444"/>') == 4  # an arrowhead for each arrow
    model = tf.keras.Sequential([tf.keras.layers.Dense(1, input_shape=(2,))])
    assert " id=" not in tf.show(model).svg
    assert (
        repr(drawing)
        == "<The computation graph of line; shown in notebooks, saved by drawing.save('graph.svg')>"
    )


def test_a_short_loop_is_written_out_with_gradients_through_time() -> None:
    layer = tf.keras.layers.SimpleRNN(1, "linear", kernel_initializer="ones", recurrent_initializer="ones")
    layer.build((None, None, 1))

    def total(x: Any) -> Any:
        return tf.reduce_sum(layer(x))

    drawing = tf.show(total, np.ones((1, 3, 1), "float32"))
    # h is 1, 2, 3: the gradient of the kernel is 1 + 1 + 1, that of the recurrent kernel 2 + 1 + 0.
    assert "loop over" not in drawing.svg
    assert drawing.svg.count("= [3]") >= 2
    long = tf.show(total, np.ones((1, 9, 1), "float32"))
    assert "loop over 9 steps" in long.svg


def test_programs_are_drawn_as_they_are_written_and_run_as_before(capsys):
    from tensorlet.visualize.picture import picture_of
    from tensorlet.visualize.program_watcher import Watch

    def draw(optimized: bool) -> list[str]:
        weight = tf.Variable([[1.0, 2.0]], name="weight")

        @tf.function
        def train(y):
            print("traced")
            with tf.GradientTape() as tape:
                loss = -tf.reduce_sum(y * tf.math.log(tf.nn.softmax(weight)))
            weight.assign_sub(tape.gradient(loss, weight))

        with Watch(optimized) as watch:
            train(tf.constant([[0.0, 1.0]]))
        # What ran is the stable form: softmax - y.
        np.testing.assert_allclose(weight.numpy(), [[1 - 0.26894, 2 - 0.73106 + 1]], rtol=1e-4)
        (computation,) = watch.functions
        return [panel.lines[0][0] for panel in picture_of(computation).panels]

    written, running = draw(False), draw(True)
    assert any("= softmax(weight)" in head for head in written) and any("÷" in head for head in written)
    assert not any("log_softmax" in head for head in written)
    assert any("log_softmax(weight)" in head for head in running) and not any("÷" in head for head in running)
    assert capsys.readouterr().out == "traced\n" * 2  # not once more for the drawing


def test_words_are_in_the_language_of_the_user():
    def f(w, x):
        return w * x

    use_language("ko")
    try:
        shown = tf.show(f, 2.0, 3.0).svg
        layers = tf.show(tf.keras.Sequential([tf.keras.layers.Dense(2, input_shape=(3,))])).svg
    finally:
        use_language(None)
    for words in ("f의 계산 그래프", "입력, 스칼라", "값 6", "둥근 모서리: 입력"):
        assert words in shown
    assert "매개변수 8개" in layers and "None: 데이터의 수" in layers
