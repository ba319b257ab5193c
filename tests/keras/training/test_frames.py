"""Data frames of pandas and Polars and tables of Arrow in fit, evaluate, predict and datasets."""

from __future__ import annotations

import warnings

import numpy as np
import pytest

import tensorlet as tf
from tensorlet.errors import DTypeError

ROWS = 60


def columns():
    random = np.random.default_rng(0)
    return {"size": random.normal(size=ROWS), "count": random.integers(0, 9, ROWS)}


@pytest.fixture(params=["pandas", "polars", "pyarrow"])
def make(request):
    module = pytest.importorskip(request.param)
    return module.table if request.param == "pyarrow" else module.DataFrame


def model():
    tf.keras.utils.set_random_seed(0)
    model = tf.keras.Sequential([tf.keras.layers.Dense(2, activation="softmax")])
    model.compile("adam", "sparse_categorical_crossentropy")
    return model


def labels():
    return (columns()["size"] > 0).astype("int32")


def test_a_frame_trains_as_its_array_does(make):
    array = np.column_stack(list(columns().values()))
    one = model()
    one.fit(make(columns()), labels(), epochs=2, verbose=0)
    other = model()
    other.fit(array, labels(), epochs=2, verbose=0)
    assert np.array_equal(one.predict(make(columns()), verbose=0), other.predict(array, verbose=0))
    assert one.evaluate(make(columns()), labels(), verbose=0) == other.evaluate(array, labels(), verbose=0)


def test_a_column_of_a_frame_is_a_label(make):
    frame = make({**columns(), "kind": labels()})
    if hasattr(frame, "column_names"):
        x, y = frame.select(["size", "count"]), frame["kind"]
    else:
        x, y = frame[["size", "count"]], frame["kind"]
    assert len(model().fit(x, y, verbose=0).history["loss"]) == 1
    dataset = tf.data.Dataset.from_tensor_slices((x, y))
    first, label = next(iter(dataset))
    assert first.numpy().tolist() == [columns()["size"][0], columns()["count"][0]]
    assert label.numpy() == labels()[0]


def test_text_is_refused_by_the_name_of_its_column(make):
    frame = make({**columns(), "city": ["Seoul", "Busan"] * (ROWS // 2)})
    for use in (
        lambda: model().fit(frame, labels(), verbose=0),
        lambda: tf.data.Dataset.from_tensor_slices(frame),
    ):
        with pytest.raises(DTypeError) as error:
            use()
        message = str(error.value)
        assert message.startswith(
            "The column 'city' holds text, such as 'Seoul' in row 0. Encode it as numbers first: "
        )
        way = {"pandas": "pandas.get_dummies", "polars": "frame.to_dummies", "pyarrow": "dictionary_encode"}
        assert way[type(frame).__module__.partition(".")[0]] in message


def test_a_frame_of_nothing_but_text_is_refused_by_name_too(make):
    frame = make({"city": ["Seoul", "Busan"] * (ROWS // 2), "size": ["s", "m"] * (ROWS // 2)})
    normalization = tf.keras.layers.Normalization()
    for use in (
        lambda: model().fit(frame, labels(), verbose=0),
        lambda: model().predict(frame, verbose=0),
        lambda: normalization.adapt(frame),
    ):
        with pytest.raises(DTypeError, match="The column 'city' holds text, such as 'Seoul' in row 0"):
            use()


def test_a_model_that_is_called_on_a_frame_names_the_column_of_text():
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame({**columns(), "city": ["Seoul", "Busan"] * (ROWS // 2)})
    for use in (model(), tf.constant):
        with pytest.raises(DTypeError, match="The column 'city' holds text, such as 'Seoul' in row 0"):
            use(frame)


def test_another_order_of_the_columns_is_noticed(make):
    trained = model()
    trained.fit(make(columns()), labels(), verbose=0)
    turned = make(dict(reversed(columns().items())))
    message = r"predict got a data frame whose columns are in another order than in the training: 'count' where 'size'"
    with pytest.warns(UserWarning, match=message):
        trained.predict(turned, verbose=0)
    with pytest.warns(UserWarning, match="evaluate got a data frame whose columns"):
        trained.evaluate(turned, labels(), verbose=0)
    with pytest.warns(UserWarning, match="validation got a data frame whose columns"):
        trained.fit(make(columns()), labels(), validation_data=(turned, labels()), verbose=0)
    renamed = make({"size": columns()["size"], "number": columns()["count"]})
    with pytest.warns(UserWarning, match=r"other columns than in the training, such as 'number'"):
        trained.predict(renamed, verbose=0)


def test_what_has_no_names_is_not_compared(make):
    trained = model()
    trained.fit(make(columns()), labels(), verbose=0)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        trained.predict(np.column_stack(list(columns().values())), verbose=0)
        trained.fit(np.column_stack(list(columns().values())), labels(), verbose=0)
        trained.predict(make(dict(reversed(columns().items()))), verbose=0)
