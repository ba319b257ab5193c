"""ONNX files against the real checker and ONNX Runtime: models, functions, and every operation."""

from __future__ import annotations

import numpy as np
import pytest

import tensorlet as tf
from tensorlet.dtypes import as_dtype
from tensorlet.export.frozen import InputSpec, freeze
from tensorlet.export.model import export_function
from tensorlet.export.onnx import to_onnx
from tensorlet.export.onnx_rules import RULES
from tensorlet.keras import layers
from tensorlet.ops.registry import OPERATIONS

onnx = pytest.importorskip("onnx", reason="the ONNX tests need the environment of `make interop`")
runtime = pytest.importorskip("onnxruntime", reason="the ONNX tests need the environment of `make interop`")

GENERATOR = np.random.default_rng(11)


def floats(*shape):
    return GENERATOR.normal(size=shape).astype(np.float32)


def run(content, *inputs):
    """What ONNX Runtime makes of a file's bytes; the checker must like them first."""
    onnx.checker.check_model(onnx.load_from_string(content), full_check=True)
    options = runtime.SessionOptions()
    options.intra_op_num_threads = 1
    options.log_severity_level = 3
    session = runtime.InferenceSession(content, options)
    names = [one.name for one in session.get_inputs()]
    return session.run(None, dict(zip(names, inputs, strict=True)))


def check(model, path, *inputs):
    """Exports a model; ONNX Runtime must predict the same, for all rows and for one."""
    model.export(path)
    for rows in (slice(None), slice(0, 1)):
        given = [array[rows] for array in inputs]
        expected = model.predict(given if len(given) > 1 else given[0], verbose=0)
        found = run(path.read_bytes(), *given)
        expected = expected if isinstance(expected, list) else [expected]
        for one, other in zip(found, expected, strict=True):
            np.testing.assert_allclose(one, other, rtol=1e-6, atol=1e-6)


def test_a_trained_network(tmp_path):
    model = tf.keras.Sequential(
        [
            layers.Flatten(input_shape=(4, 5)),
            layers.Dense(16, activation="relu"),
            layers.BatchNormalization(),
            layers.Dropout(0.3),
            layers.Dense(8, activation="elu"),
            layers.LayerNormalization(),
            layers.Dense(3, activation="softmax"),
        ]
    )
    model.compile("adam", "categorical_crossentropy")
    model.fit(
        floats(64, 4, 5), np.eye(3, dtype=np.float32)[GENERATOR.integers(0, 3, 64)], epochs=2, verbose=0
    )
    check(model, tmp_path / "network.onnx", floats(7, 4, 5))


def test_every_activation(tmp_path):
    soft = ["sigmoid", "tanh", "gelu", "selu", "softplus", "softsign", "swish", "exponential", "mish", "celu"]
    others = [
        "relu",
        "hard_sigmoid",
        "relu6",
        "leaky_relu",
        "log_softmax",
        "hard_silu",
        "softmax",
        "elu",
        "linear",
    ]
    x = tf.keras.Input((5,))
    model = tf.keras.Model(x, [layers.Activation(name)(layers.Dense(4)(x)) for name in soft + others])
    check(model, tmp_path / "activations.onnx", floats(9, 5))


def test_a_graph_of_layers(tmp_path):
    a, b = tf.keras.Input((4,), name="a"), tf.keras.Input((4,), name="입력")
    h, g = layers.Dense(6)(a), layers.Dense(6)(b)
    merged = [merge()([h, g]) for merge in (layers.Add, layers.Multiply, layers.Average, layers.Maximum)]
    k = layers.Concatenate()([*merged, layers.Minimum()([h, g]), layers.Subtract()([h, g])])
    k = layers.Permute((2, 1))(layers.Reshape((6, 6))(k))
    k = layers.Flatten()(layers.Dense(5)(layers.LayerNormalization()(k)))
    k = layers.UnitNormalization()(layers.Maxout(10)(layers.PReLU(alpha_initializer="ones")(k)))
    model = tf.keras.Model([a, b], [k, layers.Dot(axes=1)([h, g]), 2.0 * h[:, 1:3] + 1])
    check(model, tmp_path / "graph.onnx", floats(5, 4), floats(5, 4))


def test_data_preparation(tmp_path):
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
    check(model, tmp_path / "prepared.onnx", floats(8, 3))
    model = tf.keras.Sequential([layers.Embedding(10, 4, input_length=3), layers.Flatten(), layers.Dense(2)])
    check(model, tmp_path / "embedding.onnx", GENERATOR.integers(0, 10, (6, 3)).astype(np.float32))
    model = tf.keras.Sequential([tf.keras.Input((3,), dtype="int32"), layers.CategoryEncoding(5, "count")])
    check(model, tmp_path / "categories.onnx", GENERATOR.integers(0, 5, (6, 3)).astype(np.int32))


def test_a_function_whose_shapes_follow_the_rows(tmp_path):
    @tf.function
    def pairs(x):
        flat = tf.reshape(x, [-1, 2])
        return (
            flat,
            tf.zeros_like(x) + tf.reduce_max(x, axis=0),
            x[::-1],
            tf.transpose(x),
            tf.ones([x.shape[0] // 2]),
        )

    export_function(pairs, tmp_path / "pairs.onnx", tf.TensorSpec([None, 4]))
    x = floats(6, 4)
    for one, other in zip(run((tmp_path / "pairs.onnx").read_bytes(), x), pairs(x), strict=True):
        np.testing.assert_array_equal(one, other.numpy())


@pytest.mark.parametrize("name", sorted(RULES))
def test_every_operation(name):
    operation = OPERATIONS[name]
    ran = 0
    for sample in operation.samples():
        finite = all(np.isfinite(array).all() for array in sample.inputs)
        if not (finite or name.startswith("is_")) or any(not array.size for array in sample.inputs):
            continue
        if (
            name in ("floordiv", "floormod")
            and sample.inputs[1].dtype.kind in "iu"
            and not sample.inputs[1].all()
        ):
            continue  # whole numbers divided by zero stop ONNX Runtime
        specs = [
            InputSpec(f"a{index}", array.shape, as_dtype(array.dtype), rows=False)
            for index, array in enumerate(sample.inputs)
        ]
        if 0 in sample.attributes.get("size", ()):
            continue  # ONNX computes the size of pictures itself, and never as 0
        frozen = freeze(lambda *tensors, s=sample: operation(*tensors, **s.attributes), specs, name)
        try:
            (found,) = run(to_onnx(frozen), *sample.inputs)
        except runtime.capi.onnxruntime_pybind11_state.NotImplemented:
            # ONNX Runtime has no float64 erf and tan, and no float16 for many.
            assert sample.inputs[0].dtype in (np.float16, np.float64)
            continue
        expected = np.asarray(operation.reference(*sample.inputs, **sample.attributes))
        tolerance = 2e-3 if expected.dtype == np.float16 else 2e-6
        assert found.dtype == expected.dtype and found.shape == expected.shape
        np.testing.assert_allclose(
            found, expected, rtol=tolerance, atol=tolerance, err_msg=str(sample.attributes)
        )
        ran += 1
    assert ran, f"no sample of {name} ran"
