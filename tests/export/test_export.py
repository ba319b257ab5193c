"""Models as files for other programs: the NumPy program is run, the ONNX file is read field by field."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys

import numpy as np
import pytest
from picture_layer_cases import model_of

import tensorlet as tf
from tensorlet.export.frozen import ExportError, freeze, length_of
from tensorlet.export.model import export_function
from tensorlet.export.onnx_rules import RULES, WITHOUT_COUNTERPART
from tensorlet.export.program_operations import CALLS, EXPRESSIONS, WRITERS, lines_of
from tensorlet.export.program_texts import FUNCTIONS
from tensorlet.formats.protobuf import Reader
from tensorlet.keras import layers
from tensorlet.ops.registry import OPERATIONS

GENERATOR = np.random.default_rng(3)


def floats(*shape):
    return GENERATOR.normal(size=shape).astype(np.float32)


def load_program(path):
    spec = importlib.util.spec_from_file_location("exported", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def check_program(model, path, *inputs):
    """Exports the model, and compares what the program predicts with what the model does."""
    model.export(path)
    expected = model.predict(list(inputs) if len(inputs) > 1 else inputs[0], verbose=0)
    found = load_program(path).predict(*inputs)
    expected = expected if isinstance(expected, list) else [expected]
    found = found if isinstance(found, tuple) else (found,)
    for one, other in zip(found, expected, strict=True):
        assert one.dtype == other.dtype and one.shape == other.shape
        np.testing.assert_allclose(one, other, rtol=1e-6, atol=1e-6)
    return path.read_text(encoding="utf-8")


def plain_model():
    """A Dense layer whose result is known by hand: relu(1·1 + 2·(-1) + 0.5, 1·0 + 2·1 - 0.5) = (0, 1.5)."""
    model = tf.keras.Sequential(
        [layers.Dense(2, activation="relu", input_shape=(2,), name="hidden")], name="net"
    )
    model.set_weights([np.array([[1.0, 0.0], [-1.0, 1.0]]), np.array([0.5, -0.5])])
    return model


# --- the NumPy program ------------------------------------------------------------------


def test_a_program_by_hand(tmp_path):
    text = check_program(plain_model(), tmp_path / "net.py", np.array([[1.0, 2.0]], np.float32))
    assert load_program(tmp_path / "net.py").predict([[1.0, 2.0]]).tolist() == [[0.0, 1.5]]
    for wanted in (
        "def relu(x):",
        "def hidden(x):",
        "Dense with relu: (rows, 2) -> (rows, 2).",
        "z = x @ HIDDEN_KERNEL + HIDDEN_BIAS  # (rows, 2) @ (2, 2) + (2,) -> (rows, 2)",
        "HIDDEN_BIAS = np.array([0.5, -0.5], np.float32)  # (2,)",
        "x = hidden(x)  # (rows, 2)",
    ):
        assert wanted in text, wanted
    assert "tensorlet" not in text.replace("Written by Tensorlet", "").lower()


def test_a_program_runs_alone_and_says_that_it_agrees(tmp_path):
    path = tmp_path / "net.py"
    plain_model().export(path)
    found = subprocess.run([sys.executable, "-I", str(path)], capture_output=True, text=True, check=True)
    assert "largest difference from the trained model: 0.0" in found.stdout
    np.save(tmp_path / "rows.npy", np.array([[1.0, 2.0]]))
    found = subprocess.run(
        [sys.executable, "-I", str(path), str(tmp_path / "rows.npy")],
        capture_output=True,
        text=True,
        check=True,
    )
    assert found.stdout.strip() == "[[0.  1.5]]"


def test_a_program_of_a_trained_network(tmp_path):
    model = tf.keras.Sequential(
        [
            layers.Flatten(input_shape=(4, 5)),
            layers.Dense(16, activation="relu", name="wide"),
            layers.BatchNormalization(),
            layers.Dropout(0.3),
            layers.Dense(8, activation="elu", name="narrow"),
            layers.LayerNormalization(),
            layers.Dense(3, activation="softmax"),
        ]
    )
    model.compile("adam", "categorical_crossentropy")
    model.fit(
        floats(64, 4, 5), np.eye(3, dtype=np.float32)[GENERATOR.integers(0, 3, 64)], epochs=2, verbose=0
    )
    text = check_program(model, tmp_path / "net.py", floats(7, 4, 5))
    # 320 weights are packed, 128 are written out.
    assert 'WIDE_KERNEL = unpacked((20, 16), "<f4"' in text and "NARROW_KERNEL = np.array(" in text


def test_a_program_of_every_activation(tmp_path):
    soft = ["sigmoid", "tanh", "gelu", "selu", "softplus", "softsign", "swish", "exponential", "mish", "celu"]
    others = [
        "hard_sigmoid",
        "relu6",
        "leaky_relu",
        "log_softmax",
        "hard_silu",
        "log_sigmoid",
        "softmax",
        "elu",
    ]
    x = tf.keras.Input((5,))
    model = tf.keras.Model(x, [layers.Activation(name)(layers.Dense(4)(x)) for name in soft + others])
    check_program(model, tmp_path / "activations.py", 3.0 * floats(9, 5))


def test_a_program_of_a_graph_of_layers(tmp_path):
    a, b = tf.keras.Input((4,), name="a"), tf.keras.Input((4,), name="b")
    shared = layers.Dense(6, name="공유")
    h, g = shared(a), shared(b)
    merged = [merge()([h, g]) for merge in (layers.Add, layers.Multiply, layers.Average, layers.Maximum)]
    k = layers.Concatenate()([*merged, layers.Minimum()([h, g]), layers.Subtract()([h, g])])
    k = layers.Permute((2, 1))(layers.Reshape((6, 6))(k))
    k = layers.Flatten()(layers.Dense(5)(layers.LayerNormalization()(k)))
    k = layers.UnitNormalization()(layers.Maxout(10)(layers.PReLU(alpha_initializer="ones")(k)))
    model = tf.keras.Model([a, b], [k, layers.Dot(axes=1)([h, g]), 2.0 * h[:, 1:3] + 1])
    text = check_program(model, tmp_path / "graph.py", floats(5, 4), floats(5, 4))
    assert text.count("def 공유(x):") == 1, "a layer that is used twice is written once"


def test_a_program_of_data_preparation(tmp_path):
    normalization, scaling = layers.Normalization(), layers.MinMaxScaling(clip=True)
    normalization.adapt(floats(50, 3) * 3 + 1)
    scaling.adapt(floats(50, 3))
    model = tf.keras.Sequential(
        [
            tf.keras.Input((3,)),
            normalization,
            layers.Rescaling(2.0, 1.0),
            scaling,
            layers.ReLU(max_value=0.8, negative_slope=0.1, threshold=0.2),
            layers.LeakyReLU(0.2),
            layers.ELU(0.5),
            layers.RepeatVector(2),
            layers.Softmax(axis=1),
            layers.GaussianNoise(0.1),
        ]
    )
    check_program(model, tmp_path / "prepared.py", floats(8, 3))
    model = tf.keras.Sequential([layers.Embedding(10, 4, input_length=3), layers.Flatten(), layers.Dense(2)])
    check_program(model, tmp_path / "embedding.py", GENERATOR.integers(0, 10, (6, 3)).astype(np.float32))
    model = tf.keras.Sequential([tf.keras.Input((3,), dtype="int32"), layers.CategoryEncoding(5, "count")])
    check_program(model, tmp_path / "categories.py", GENERATOR.integers(0, 5, (6, 3)).astype(np.int32))


class Mixture(layers.Layer):
    """A user's layer, with operations that no layer of ours uses."""

    def build(self, shape):
        self.w = self.add_weight("w", (shape[-1],), initializer="ones")

    def call(self, x):
        mean = tf.reduce_mean(x, axis=0, keepdims=True)
        order = tf.cast(tf.argsort(x, direction="DESCENDING"), tf.float32)
        return tf.concat(
            [tf.sort(x), order, x[:, ::-1], tf.where(x > 0, x, mean) * self.w, tf.zeros_like(x)], axis=1
        )


def test_a_program_of_a_layer_of_the_user_s(tmp_path):
    model = tf.keras.Sequential([tf.keras.Input((4,)), Mixture(name="mixture")])
    assert "v1 = np.sort(x, axis=-1)  # (rows, 4)" in check_program(model, tmp_path / "own.py", floats(6, 4))


class TwoLayers(tf.keras.Model):
    def __init__(self):
        super().__init__(name="two")
        self.first, self.second = layers.Dense(4, activation="relu"), layers.Dense(2)

    def call(self, x):
        return self.second(self.first(x)) + tf.reduce_sum(x)


def test_a_subclassed_model_needs_its_signature(tmp_path):
    model = TwoLayers()
    with pytest.raises(ExportError, match="input_signature"):
        model.export(tmp_path / "two.py")
    model.export(tmp_path / "two.py", input_signature=tf.TensorSpec([None, 3]))
    x = floats(5, 3)
    np.testing.assert_allclose(
        load_program(tmp_path / "two.py").predict(x), model(x).numpy(), rtol=1e-6, atol=1e-6
    )


def test_a_nested_model_and_names_that_are_no_python(tmp_path):
    inner = tf.keras.Sequential(
        [layers.Dense(3, activation="tanh", input_shape=(3,), name="class")], name="in-ner"
    )
    x = tf.keras.Input((3,))
    model = tf.keras.Model(x, inner(inner(x)), name='a"""b\\')
    text = check_program(model, tmp_path / "nested.py", floats(4, 3))
    assert "def in_ner(x):" in text and "def class_2(x):" in text


def test_every_operation_has_its_line_of_numpy():
    missing = set(OPERATIONS) - set(EXPRESSIONS) - set(WRITERS)
    missing -= {
        "identity",
        "stop_gradient",
        "random",
        "random_counts",
    }  # the operand itself; not in a prediction
    # NumPy has no function, or none of one line, for these: the export names the operation and stops.
    missing -= {"matrix_exponential", "bitcast", "erfc", "fourier", "lu", "lu_permutation"}
    missing -= {
        "conv2d_filter_gradient",
        "max_pool2d_select",
        "max_pool2d_scatter",
        "avg_pool2d_gradient",
    }  # gradients
    assert not missing, f"give them a row in program_operations.py: {sorted(missing)}"


@pytest.mark.parametrize("name", sorted({*EXPRESSIONS, *WRITERS}))
def test_the_lines_compute_what_the_operations_do(name):
    operation = OPERATIONS[name]
    texts = "\n".join(FUNCTIONS[one][1] for one in ("windows", *CALLS))
    for sample in operation.samples():
        if any(array.dtype == np.float16 or not array.size for array in sample.inputs):
            continue  # NumPy rounds float16 after each step, and warns of means of nothing
        if not all(np.isfinite(array).all() for array in sample.inputs) and not name.startswith("is_"):
            continue  # a program for reading does not repeat every rule about NaN and infinity
        frozen = freeze_sample(operation, sample)
        inputs = [f"a{index}" for index in range(len(sample.inputs))]
        weights = {}
        lines, results = lines_of(frozen, inputs, _keeper(weights), lambda name: None, name)
        scope = {"np": np, **dict(zip(inputs, sample.inputs, strict=True))}
        with np.errstate(all="ignore"):
            exec("import math\n" + texts, scope)
            scope.update(weights)
            exec("\n".join([*lines, f"result = {results[0]}"]), scope)
            expected = operation.reference(*sample.inputs, **sample.attributes)
        np.testing.assert_allclose(scope["result"], expected, rtol=2e-6, atol=2e-6, err_msg=f"{name} {lines}")
        assert np.asarray(scope["result"]).dtype == np.asarray(expected).dtype, (name, lines)


def _keeper(weights):
    def keep(name, value):
        weights[f"w{len(weights)}"] = value
        return f"w{len(weights) - 1}"

    return keep


def freeze_sample(operation, sample):
    """The frozen computation of one operation, for inputs of the sample's own shapes."""
    from tensorlet.dtypes import as_dtype
    from tensorlet.export.frozen import InputSpec

    specs = [
        InputSpec(f"a{index}", array.shape, as_dtype(array.dtype), rows=False)
        for index, array in enumerate(sample.inputs)
    ]
    return freeze(lambda *tensors: operation(*tensors, **sample.attributes), specs, operation.name)


# --- ONNX -------------------------------------------------------------------------------


def graph_of(path):
    """The graph of an ONNX file, read with the protocol-buffer reader: fields by their numbers in onnx.proto."""
    model = Reader(path.read_bytes(), str(path))
    assert model.integer(1) == 8 and model.text(2) == "tensorlet"
    assert model.message(8).integer(2) == 18
    return model.message(7)


def test_an_onnx_file_field_by_field(tmp_path):
    path = tmp_path / "net.onnx"
    plain_model().export(path)
    graph = graph_of(path)
    assert graph.text(2) == "net"
    nodes = graph.messages(1)
    assert [node.text(4) for node in nodes] == ["MatMul", "Add", "Max", "Identity"]
    assert nodes[0].texts(1) == ["hidden_input", "hidden/kernel"]
    weights = {weight.text(8): weight for weight in graph.messages(5)}
    kernel = weights["hidden/kernel"]
    assert kernel.integers(1) == [2, 2] and kernel.integer(2) == 1
    assert np.frombuffer(kernel.data(9), "<f4").tolist() == [1.0, 0.0, -1.0, 1.0]
    (entry,) = graph.messages(11)
    shape = entry.message(2).message(1).message(2)
    assert entry.text(1) == "hidden_input"
    assert [one.text(2) or one.integer(1) for one in shape.messages(1)] == ["rows", 2]
    (result,) = graph.messages(12)
    assert result.text(1) == "hidden" and nodes[-1].texts(2) == ["hidden"]


def test_every_operation_has_its_onnx_rule():
    missing = set(OPERATIONS) - set(RULES) - set(WITHOUT_COUNTERPART)
    assert not missing, f"give them a row in onnx_rules.py: {sorted(missing)}"
    assert not set(RULES) - set(OPERATIONS)


def test_weights_alone_are_computed_while_exporting(tmp_path):
    model = tf.keras.Sequential([layers.BatchNormalization(input_shape=(3,))])
    model.export(tmp_path / "norm.onnx")
    operators = [node.text(4) for node in graph_of(tmp_path / "norm.onnx").messages(1)]
    assert "Sqrt" not in operators and len(operators) <= 5


def test_functions_are_exported_too(tmp_path):
    @tf.function
    def twice(x):
        return tf.reshape(x * 2.0, [-1, 2, 2])

    export_function(twice, tmp_path / "twice.onnx", tf.TensorSpec([None, 4]))
    graph = graph_of(tmp_path / "twice.onnx")
    assert [node.text(4) for node in graph.messages(1)] == ["Mul", "Reshape", "Identity"]
    shapes = [np.frombuffer(one.data(9), "<i8").tolist() for one in graph.messages(5) if one.integer(2) == 7]
    assert [-1, 2, 2] in shapes


# --- what cannot be exported --------------------------------------------------------------


@pytest.mark.parametrize("ending", ["onnx", "py"])
def test_random_numbers_and_branches_are_refused_by_name(tmp_path, ending):
    draws = layers.Lambda(lambda x: x + tf.random.normal([3]), name="noisy")
    with pytest.raises(ExportError, match=r"random.*Remove it"):
        tf.keras.Sequential([tf.keras.Input((3,)), draws]).export(tmp_path / f"m.{ending}")
    branch = layers.Lambda(lambda x: tf.cond(tf.reduce_sum(x) > 0.0, lambda: x, lambda: -x))
    with pytest.raises(ExportError, match="cond"):
        tf.keras.Sequential([tf.keras.Input((3,)), branch]).export(tmp_path / f"m.{ending}")
    assert not os.listdir(tmp_path), "nothing was written"


def test_looking_at_the_number_of_rows_is_refused(tmp_path):
    layer = layers.Lambda(lambda x: x + 1.0 if x.shape[0] == 12 else x)
    with pytest.raises(ExportError, match="number of rows"):
        tf.keras.Sequential([tf.keras.Input((3,)), layer]).export(tmp_path / "m.onnx")


def test_another_ending_is_refused(tmp_path):
    with pytest.raises(ValueError, match=r"\.onnx, \.py\..*model\.save"):
        plain_model().export(tmp_path / "model.h5")
    plain_model().export(tmp_path / "model", format="onnx")
    assert graph_of(tmp_path / "model").text(2) == "net"


def test_a_second_open_length_is_refused(tmp_path):
    x = tf.keras.Input((None, 3))
    with pytest.raises(ExportError, match="whole input shape"):
        tf.keras.Model(x, layers.Dense(2)(x)).export(tmp_path / "m.onnx")


def test_lengths_from_two_numbers_of_rows():
    assert length_of(12, 24)[:] == (1, 0) and length_of(13, 25)[:] == (1, 1)
    assert length_of(6, 12).factor * 2 == 1 and length_of(7, 7).fixed


def test_a_program_leaves_out_padding_as_the_model_does(tmp_path):
    model = tf.keras.Sequential(
        [
            layers.Embedding(10, 4, mask_zero=True, input_length=5),
            layers.GlobalAveragePooling1D(),
            layers.Dense(1),
        ]
    )
    check_program(model, tmp_path / "m.py", np.array([[1, 2, 0, 0, 0], [3, 0, 0, 0, 0]], np.int32))


def test_a_program_of_functions_between_layers(tmp_path):
    x = tf.keras.Input((3,))
    joined = tf.concat([x, 2.0 * tf.nn.relu(x), tf.keras.backend.mean(x, axis=1, keepdims=True)], 1)
    check_program(tf.keras.Model(x, layers.Dense(1)(joined)), tmp_path / "m.py", floats(4, 3))


@pytest.mark.parametrize(
    "name", ["SeparableConv2D", "Conv2DTranspose strides", "MaxPooling2D overlapping", "network"]
)
def test_a_program_of_layers_of_pictures(tmp_path, name):
    model, x = model_of(tf.keras, name)
    model.export(tmp_path / "net.py")
    found = load_program(tmp_path / "net.py").predict(x)
    np.testing.assert_allclose(found, model.predict(x, verbose=0), rtol=1e-5, atol=1e-5)


def test_an_onnx_file_of_a_convolution(tmp_path):
    layers_ = [layers.Conv2D(4, 3, strides=2, padding="same", input_shape=(5, 6, 3)), layers.MaxPooling2D(2)]
    tf.keras.Sequential(layers_).export(tmp_path / "net.onnx")
    nodes = list(graph_of(tmp_path / "net.onnx").messages(1))
    assert [node.text(4) for node in nodes if "Pool" in node.text(4) or "Conv" in node.text(4)] == [
        "Conv",
        "MaxPool",
    ]
    attributes = {
        one.text(1): one.integers(8) for node in nodes if node.text(4) == "Conv" for one in node.messages(5)
    }
    assert attributes["strides"] == [2, 2] and attributes["kernel_shape"] == [3, 3]
    # Rows -1 to 5, columns 0 to 6: three windows of three, two apart.
    assert attributes["pads"] == [1, 0, 1, 1]
