"""What training warns of is said in Korean where that is the language, but for code and names."""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable

import numpy as np
import pytest

import tensorlet as tf

Layers = tf.keras.layers
X = np.arange(24, dtype="float32").reshape(8, 3) / 24
CLASSES = np.arange(8) % 3


def trained(last: dict, loss: object, y: np.ndarray = CLASSES, **fit: object) -> None:
    model = tf.keras.Sequential([tf.keras.Input((3,)), Layers.Dense(**last)])
    model.compile("sgd", loss)
    model.fit(X, y, **{"verbose": 0, **fit})


def no_activation() -> None:
    trained({"units": 3}, "sparse_categorical_crossentropy")


def softmax_and_logits() -> None:
    loss = tf.keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    trained({"units": 3, "activation": "softmax"}, loss)


def labels_of_three_classes() -> None:
    trained({"units": 1, "activation": "sigmoid"}, "binary_crossentropy")


def no_more_data() -> None:
    model = tf.keras.Sequential([tf.keras.Input((3,)), Layers.Dense(1)])
    model.compile("sgd", "mse")
    model.fit(((X, CLASSES) for _ in range(2)), steps_per_epoch=5, verbose=0)


def trainable_after_compile() -> None:
    model = tf.keras.Sequential([tf.keras.Input((3,)), Layers.Dense(2), Layers.Dense(1)])
    model.compile("sgd", "mse")
    model.layers[0].trainable = False
    model.fit(X, CLASSES, verbose=0)


def no_weights() -> None:
    model = tf.keras.Sequential([tf.keras.Input((3,)), Layers.Flatten()])
    model.compile("sgd", "mse")
    model.fit(X, X, verbose=0)


def unknown_metric() -> None:
    stop = tf.keras.callbacks.EarlyStopping(monitor="val_loss")
    trained({"units": 1}, "mse", callbacks=[stop])


def misspelled_metric() -> None:
    stop = tf.keras.callbacks.EarlyStopping(monitor="los")
    trained({"units": 1}, "mse", callbacks=[stop])


def same_layer_twice() -> None:
    layer = Layers.Dense(3)
    tf.keras.Sequential([tf.keras.Input((3,)), layer, layer])


def auc_of_logits() -> None:
    tf.keras.metrics.AUC()([0, 1], [-3.0, 4.0])


def negative_labels() -> None:
    tf.keras.utils.to_categorical([-1, 1], 2)


def other_columns() -> None:
    frames = pytest.importorskip("pandas")
    model = tf.keras.Sequential([Layers.Dense(1)])
    model.compile("sgd", "mse")
    model.fit(frames.DataFrame(X, columns=list("abc")), CLASSES, verbose=0)
    model.predict(frames.DataFrame(X, columns=list("bac")), verbose=0)


@pytest.mark.parametrize(
    ("program", "words"),
    [
        (no_activation, "마지막 층에 활성화 함수가 없는데"),
        (softmax_and_logits, "마지막 층이 softmax를 적용하는데"),
        (labels_of_three_classes, "행 2에 있는 레이블 2"),
        (no_more_data, "한 에포크의 배치 5개 중 2개 뒤에 입력 데이터가 떨어져서"),
        (trainable_after_compile, "층의 'trainable'이 바뀌었습니다"),
        (no_weights, "학습할 가중치가 없어서"),
        (unknown_metric, "fit에 validation_data를 주십시오"),
        (misspelled_metric, "혹시 'loss'입니까?"),
        (same_layer_twice, "같은 가중치로 한 번 더 적용합니다"),
        (auc_of_logits, "AUC가 -3에서 4 사이의 예측을 받았습니다"),
        (negative_labels, "-1은 클래스 1이(가) 됩니다"),
        (other_columns, "'a' 자리에 'b' 열이 있습니다"),
    ],
)
def test_warnings_in_both_languages(
    program: Callable[[], None], words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = {}
    for language in ("en", "ko"):
        monkeypatch.setenv("TENSORLET_LANG", language)
        with warnings.catch_warnings(record=True) as found:
            warnings.simplefilter("always")
            program()
        said[language] = " ".join(str(one.message) for one in found)
    assert words in said["ko"]
    assert not re.search("[가-힣]", said["en"]) and said["en"].isascii()
    assert not {"The", "the", "is", "of", "and", "which"} & set(said["ko"].split())
