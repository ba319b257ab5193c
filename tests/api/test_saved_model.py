"""`tf.saved_model` in Tensorlet's own form."""

from __future__ import annotations

import json
import pathlib

import numpy as np
import pytest

import tensorlet as tf
from tensorlet.errors import FileFormatError, InvalidArgumentError, NotFoundError, ShapeError
from tensorlet.formats.checksums import sealed
from tensorlet.keras.saving import api as saving


class Net(tf.Module):
    def __init__(self) -> None:
        super().__init__()
        self.w = tf.Variable([[1.0], [2.0]], name="w")
        self.parts = {"count": tf.Variable(0, trainable=False)}

    @tf.function(input_signature=[tf.TensorSpec([3, 2])])
    def predict(self, x: tf.Tensor) -> dict[str, tf.Tensor]:
        self.parts["count"].assign_add(1)
        return {"y": tf.nn.relu(tf.matmul(x, self.w)), "first": x[0, ::-1]}


def test_variables_and_functions_come_back(tmp_path: pathlib.Path) -> None:
    net = Net()
    x = np.array([[1.0, 1.0], [-1.0, 0.0], [0.5, 0.25]], "float32")
    wanted = net.predict(x)
    tf.saved_model.save(net, tmp_path)
    loaded = tf.saved_model.load(tmp_path)
    assert loaded.w.numpy().tolist() == [[1.0], [2.0]]
    assert len(loaded.variables) == 2
    assert len(loaded.trainable_variables) == 1
    found = loaded.predict(x)
    np.testing.assert_allclose(found["y"], wanted["y"])
    assert found["first"].numpy().tolist() == [1.0, 1.0]
    assert int(loaded.parts.count) == 2
    with pytest.raises(ShapeError, match=r"takes float32\[3, 2\]"):
        loaded.predict(x[:2])


def test_gradients_flow_through_loaded_functions(tmp_path: pathlib.Path) -> None:
    tf.saved_model.save(Net(), tmp_path)
    loaded = tf.saved_model.load(tmp_path)
    with tf.GradientTape() as tape:
        loss = tf.reduce_sum(loaded.predict(np.ones((3, 2), "float32"))["y"])
    assert tape.gradient(loss, loaded.w).numpy().tolist() == [[3.0], [3.0]]


def test_signatures(tmp_path: pathlib.Path) -> None:
    module = tf.Module()
    module.v = tf.Variable(2.0)
    double = tf.function(lambda x: module.v * x).get_concrete_function(tf.TensorSpec([2]))
    tf.saved_model.save(module, tmp_path, signatures=double)
    serve = tf.saved_model.load(tmp_path).signatures["serving_default"]
    assert serve([1.0, 2.0])["output_0"].numpy().tolist() == [2.0, 4.0]


def test_keras_models(tmp_path: pathlib.Path) -> None:
    model = tf.keras.Sequential([tf.keras.layers.Dense(1, input_shape=(2,))])
    tf.saved_model.save(model, tmp_path)
    x = np.ones((1, 2), "float32")
    np.testing.assert_allclose(tf.saved_model.load(tmp_path)(x), model(x))


def test_the_folder_says_what_it_is(tmp_path: pathlib.Path) -> None:
    tf.saved_model.save(tf.Module(), tmp_path)
    about = json.loads((tmp_path / "saved_model.json").read_text())
    assert about["format"] == "saved model of Tensorlet"
    assert tf.saved_model.contains_saved_model(tmp_path)


def test_what_cannot_be_saved_or_read_is_explained(tmp_path: pathlib.Path) -> None:
    module, other = tf.Module(), tf.Variable(1.0)
    module.f = tf.function(lambda x: x * other)
    module.f(tf.constant(1.0))
    with pytest.raises(InvalidArgumentError, match="not an attribute"):
        tf.saved_model.save(module, tmp_path / "a")
    with pytest.raises(InvalidArgumentError, match=r"expected a tf\.function"):
        tf.saved_model.save(tf.Module(), tmp_path / "b", signatures=lambda x: x)
    with pytest.raises(NotFoundError, match="there is no folder"):
        tf.saved_model.load(tmp_path / "nowhere")
    (tmp_path / "tf").mkdir()
    (tmp_path / "tf" / "saved_model.pb").write_bytes(b"")
    with pytest.raises(FileFormatError, match="SavedModel of TensorFlow"):
        tf.saved_model.load(tmp_path / "tf")
    tf.saved_model.save(Net(), tmp_path / "c")
    file = tmp_path / "c" / "saved_model.json"
    changed = file.read_text().replace('"matmul"', '"system"')
    file.write_text(changed)
    with pytest.raises(FileFormatError, match="the file is damaged, or another program has changed it"):
        tf.saved_model.load(tmp_path / "c")
    file.write_text(json.dumps(sealed(unsealed_anyway(changed))))
    with pytest.raises(FileFormatError, match="no operation 'system'"):
        tf.saved_model.load(tmp_path / "c")


def unsealed_anyway(text: str) -> dict[str, object]:
    return {key: value for key, value in json.loads(text).items() if key != "checksum"}


def test_a_function_for_open_lengths_that_was_never_called_is_named(tmp_path: pathlib.Path) -> None:
    module = tf.Module()
    module.f = tf.function(lambda x: 2.0 * x, input_signature=[tf.TensorSpec([1, None])])
    with pytest.warns(UserWarning, match="has not been called"):
        tf.saved_model.save(module, tmp_path / "a")
    assert not hasattr(tf.saved_model.load(tmp_path / "a"), "f")
    module.f([[1.0, 2.0]])
    tf.saved_model.save(module, tmp_path / "b")
    assert tf.saved_model.load(tmp_path / "b").f([[1.0, 2.0]]).numpy().tolist() == [[2.0, 4.0]]


class Affine(tf.Module):
    def __init__(self) -> None:
        super().__init__()
        self.w = tf.Variable([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]])

    @tf.function(input_signature=[tf.TensorSpec([None, 3])])
    def __call__(self, x: tf.Tensor) -> tf.Tensor:
        joined = tf.concat([x, tf.zeros_like(x)], 0)
        return tf.reshape(joined @ self.w, [2, -1, 2])[0] - tf.cast(tf.shape(x)[0], tf.float32)


def test_a_function_for_any_number_of_rows(tmp_path: pathlib.Path) -> None:
    module = Affine()
    tf.saved_model.save(module, tmp_path)
    loaded = tf.saved_model.load(tmp_path)
    for rows in (1, 2, 7, 24):
        x = np.arange(3 * rows, dtype="float32").reshape(rows, 3)
        np.testing.assert_allclose(loaded(x), module(x))
    loaded.w.assign(tf.zeros([3, 2]))
    assert loaded(np.ones((2, 3), "float32")).numpy().tolist() == [[-2.0, -2.0]] * 2
    with pytest.raises(ShapeError, match=r"takes float32\[rows, 3\], but got float32\[2, 4\]"):
        loaded(np.ones((2, 4), "float32"))


def test_a_computation_that_differs_by_rows_is_saved_for_the_rows_it_was_called_with(
    tmp_path: pathlib.Path,
) -> None:
    module = tf.Module()
    module.f = tf.function(
        lambda x: x * np.arange(x.shape[0], dtype="float32"), input_signature=[tf.TensorSpec([None])]
    )
    module.f([1.0, 2.0])
    tf.saved_model.save(module, tmp_path)
    loaded = tf.saved_model.load(tmp_path)
    assert loaded.f([5.0, 7.0]).numpy().tolist() == [0.0, 7.0]
    with pytest.raises(ShapeError, match=r"takes float32\[2\]"):
        loaded.f([5.0, 7.0, 1.0])


def _subclass(scale: float) -> tf.keras.Model:
    """A model of a class that the program that loads it does not have."""

    class OfAnotherProgram(tf.keras.Model):
        def __init__(self, scale: float) -> None:
            super().__init__()
            self.first = tf.keras.layers.Dense(3, activation="relu")
            self.drop = tf.keras.layers.Dropout(0.5)
            self.last = tf.keras.layers.Dense(1)
            self.scale = np.float32(scale)

        def call(self, x: tf.Tensor, training: bool = False) -> tf.Tensor:
            return self.last(self.drop(self.first(x), training=training)) * self.scale

    return OfAnotherProgram(scale)


def test_a_keras_model_without_its_class_is_a_function(
    tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = _subclass(3.0)
    x = np.linspace(-1, 1, 20, dtype="float32").reshape(5, 4)
    wanted = model(x).numpy()
    tf.saved_model.save(model, tmp_path)
    monkeypatch.setattr(saving, "classes_of_program", dict)
    loaded = tf.saved_model.load(tmp_path)
    np.testing.assert_allclose(loaded(x), wanted, rtol=1e-6)
    np.testing.assert_allclose(loaded(x[:1], training=False), wanted[:1], rtol=1e-6)
    serve = loaded.signatures["serving_default"]
    np.testing.assert_allclose(serve(input_1=x)["output_1"], wanted, rtol=1e-6)
    assert list(serve.structured_outputs) == ["output_1"]
    assert str(serve.structured_input_signature[1]["input_1"].shape) == "(None, 4)"
    assert [tuple(one.shape) for one in loaded.trainable_variables] == [(4, 3), (3,), (3, 1), (1,)]
    with tf.GradientTape() as tape:
        loss = tf.reduce_sum(loaded(x))
    np.testing.assert_allclose(tape.gradient(loss, loaded.trainable_variables)[-1], [15.0])
    with pytest.raises(InvalidArgumentError, match="gives its inference only"):
        loaded(x, training=True)
    with pytest.raises(InvalidArgumentError, match=r"no argument 'x'\. Expected: input_1"):
        serve(x=x)


def test_signatures_of_a_keras_model_share_its_weights(tmp_path: pathlib.Path) -> None:
    inputs = {name: tf.keras.Input((2,), name=name) for name in ("a", "b")}
    one = tf.keras.layers.Dense(1, name="one")(inputs["a"])
    both = tf.keras.layers.Concatenate(name="both")([inputs["a"], inputs["b"]])
    model = tf.keras.Model(inputs, {"one": one, "both": both})
    tf.saved_model.save(model, tmp_path)
    loaded = tf.saved_model.load(tmp_path)
    serve = loaded.signatures["serving_default"]
    loaded.set_weights([np.ones((2, 1)), np.ones(1)])
    found = serve(a=np.ones((3, 2), "float32"), b=np.zeros((3, 2), "float32"))
    assert found["one"].numpy().tolist() == [[3.0]] * 3
    assert found["both"].numpy().tolist() == [[1.0, 1.0, 0.0, 0.0]] * 3


def test_a_recurrent_model_without_its_class_says_why_it_is_no_function(
    tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def made() -> tf.keras.Model:
        class Recurrent(tf.keras.Model):
            def __init__(self) -> None:
                super().__init__()
                self.cell = tf.keras.layers.LSTM(2)

            def call(self, x: tf.Tensor) -> tf.Tensor:
                return self.cell(x)

        return Recurrent()

    model = made()
    model(np.ones((1, 3, 2), "float32"))
    tf.saved_model.save(model, tmp_path)
    monkeypatch.setattr(saving, "classes_of_program", dict)
    with pytest.raises(FileFormatError, match=r"custom_objects=.*not saved: .*cannot be saved"):
        tf.saved_model.load(tmp_path)
