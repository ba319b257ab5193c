"""Metrics by hand: state over batches, names in compile, metrics of one's own, and epochs in native code."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import tensorlet as tf
from tensorlet import keras
from tensorlet.errors import InvalidArgumentError, ShapeError
from tensorlet.keras import naming
from tensorlet.keras.metrics import as_metric, depends_on_shapes, resolve_accuracy
from tensorlet.registry import registry_of


def test_a_mean_over_batches_weighs_values_not_batches() -> None:
    metric = keras.metrics.Mean()
    metric.update_state([1.0, 2.0, 6.0])
    metric.update_state([[7.0, 9.0]])
    assert metric.result().numpy() == 5.0  # of TensorFlow 2.15
    assert metric.count.numpy() == 5.0
    metric.reset_state()
    assert metric.result().numpy() == 0.0
    metric.update_state([1.0, 4.0], sample_weight=[3.0, 1.0])
    assert metric.result().numpy() == 1.75


def test_weights_of_fewer_axes_than_values() -> None:
    metric = keras.metrics.Mean()
    metric.update_state([[1.0, 3.0], [10.0, 30.0]], sample_weight=[1.0, 0.5])
    assert metric.result().numpy() == 8.0  # (2 * 1 + 20 * 0.5) / 1.5
    total = keras.metrics.Sum()
    total.update_state([[1.0, 3.0], [10.0, 30.0]], sample_weight=[1.0, 0.5])
    assert total.result().numpy() == 24.0


def test_an_epoch_updates_metrics_in_native_code(backend: str) -> None:
    accuracy, recall = keras.metrics.SparseCategoricalAccuracy(), keras.metrics.Recall()
    mean = keras.metrics.Mean()

    def step(x: Any, labels: Any) -> Any:
        predicted = keras.activations.softmax(x)
        accuracy.update_state(labels, predicted)
        recall.update_state(labels, predicted[:, 1])
        mean.update_state(x)
        return tf.reduce_mean(x)

    x = np.array([[0, 1], [2, 0], [0, 3], [4, 0], [5, 0]], "float32")
    labels = np.array([1, 0, 0, 1, 0], "uint8")
    tf.run_epochs(step, (x, labels), batch_size=2, epochs=2, shuffle=False)
    assert accuracy.result().numpy() == pytest.approx(0.6)
    assert recall.result().numpy() == 0.5  # of the two ones, the first is found
    assert mean.result().numpy() == 1.5
    assert accuracy.count.numpy() == 10.0


def test_accuracy_means_what_labels_and_predictions_say() -> None:
    def chosen(true: tuple[int, ...], predicted: tuple[int, ...], name: str = "accuracy") -> str:
        return resolve_accuracy(name, np.zeros(true), np.zeros(predicted))._fn.__name__

    assert chosen((8, 1), (8, 1)) == "binary_accuracy"
    assert chosen((8,), (8, 1)) == "binary_accuracy"
    assert chosen((8,), (8, 10)) == "sparse_categorical_accuracy"
    assert chosen((8, 1), (8, 10)) == "sparse_categorical_accuracy"
    assert chosen((8, 10), (8, 10)) == "categorical_accuracy"
    assert chosen((8, 1), (8, 1), "ce") == "binary_crossentropy"
    assert chosen((8,), (8, 10), "crossentropy") == "sparse_categorical_crossentropy"
    assert resolve_accuracy("acc", np.zeros((8, 1)), np.zeros((8, 1))).name == "acc"


def test_cross_entropy_as_a_metric_takes_the_losss_logits() -> None:
    loss = keras.losses.CategoricalCrossentropy(from_logits=True)
    metric = resolve_accuracy("ce", np.zeros((1, 2)), np.zeros((1, 2)), loss)
    metric.update_state([[1.0, 0.0]], [[0.0, 0.0]])
    assert metric.result().numpy() == pytest.approx(np.log(2))


@pytest.mark.parametrize(
    ("typed", "meant"), [("acuracy", "accuracy"), ("Acuracy", "Accuracy"), ("crosentropy", "crossentropy")]
)
def test_a_misspelled_metric_is_told_the_name_as_it_is_written(typed: str, meant: str) -> None:
    with pytest.raises(
        InvalidArgumentError, match=rf"There is no metric named '{typed}'. Did you mean '{meant}'"
    ):
        as_metric(typed)


def test_metrics_keep_the_name_that_compile_was_given() -> None:
    assert as_metric("mse").name == "mse"
    assert as_metric("mean_squared_error").name == "mean_squared_error"
    assert as_metric("MeanSquaredError").name == "mean_squared_error"
    assert as_metric(keras.losses.huber).name == "huber"
    assert as_metric(keras.losses.Huber(name="mine")).name == "mine"
    assert as_metric(keras.metrics.Precision(name="p")).name == "p"
    assert isinstance(as_metric(keras.metrics.MeanAbsoluteError), keras.metrics.MeanAbsoluteError)
    with pytest.raises(InvalidArgumentError, match=r"There is no metric named 'presicion'. Did you mean"):
        as_metric("presicion")


def test_only_accuracy_and_cross_entropy_depend_on_shapes() -> None:
    assert [depends_on_shapes(name) for name in ("accuracy", "Acc", "ce", "mse", len)] == [
        True, True, True, False, False,
    ]  # fmt: skip


def test_unnamed_metrics_are_numbered() -> None:
    naming.reset_names()
    assert [keras.metrics.AUC().name, keras.metrics.AUC().name] == ["auc", "auc_1"]
    assert keras.metrics.TruePositives().name == "true_positives"


def test_metrics_of_ones_own(backend: str) -> None:
    class Largest(keras.metrics.Metric):
        def __init__(self, name: str = "largest", **kwargs: Any) -> None:
            super().__init__(name=name, **kwargs)
            self.seen = self.add_weight(name="seen", initializer="zeros")
            self.batches = tf.Variable(0.0)

        def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
            self.seen.assign(tf.maximum(self.seen, tf.reduce_max(y_pred)))
            self.batches.assign_add(1.0)

        def result(self) -> Any:
            return self.seen * self.batches

    metric = Largest()
    update = tf.function(metric.update_state)
    update(tf.constant([0.0]), tf.constant([3.0]))
    update(tf.constant([0.0]), tf.constant([2.0]))
    assert metric.result().numpy() == 6.0
    assert [variable.name for variable in metric.variables] == ["seen:0", "Variable:0"]
    metric.reset_state()
    assert metric.result().numpy() == 0.0


def test_weights_in_keras_3s_order() -> None:
    metric = keras.metrics.Metric("m")
    ones = metric.add_weight((2,), "ones")
    assert ones.numpy().tolist() == [1.0, 1.0]
    assert metric.add_weight(shape=(1,), initializer="zeros", name="a").name == "a:0"


def test_states_are_merged() -> None:
    first, second = keras.metrics.Mean(), keras.metrics.Mean()
    first.update_state([1.0])
    second.update_state([2.0, 6.0])
    first.merge_state([second])
    assert first.result().numpy() == 3.0
    with pytest.raises(InvalidArgumentError, match="has 1 variables, but 'mean' has 2"):
        first.merge_state([keras.metrics.Sum()])


def test_metrics_that_wait_for_the_first_batch_are_built_inside_a_trace(backend: str) -> None:
    metric = keras.metrics.F1Score(threshold=0.5)
    tf.function(lambda y, p: metric.update_state(y, p))(
        tf.constant([[1.0, 0.0], [1.0, 1.0]]), tf.constant([[0.9, 0.1], [0.2, 0.9]])
    )
    # Column 0: one found, one missed: 2/3. Column 1: one found: 1.
    np.testing.assert_allclose(metric.result().numpy(), [2 / 3, 1.0], rtol=1e-6)


def test_precision_wants_one_label_for_each_prediction() -> None:
    with pytest.raises(ShapeError, match="to_categorical"):
        keras.metrics.Precision()([1, 0], [[0.2, 0.8], [0.6, 0.4]])


def test_mistaken_arguments() -> None:
    with pytest.raises(InvalidArgumentError, match="between 0 and 1"):
        keras.metrics.Recall(thresholds=[0.5, 2.0])
    with pytest.raises(InvalidArgumentError, match='curve value: "XY"'):
        keras.metrics.AUC(curve="XY")
    with pytest.raises(InvalidArgumentError, match="average=mean"):
        keras.metrics.F1Score(average="mean")
    with pytest.raises(NotImplementedError, match="does not implement result"):
        keras.metrics.Metric("m").result()


NEEDED = {
    "SensitivityAtSpecificity": (0.5,),
    "SpecificityAtSensitivity": (0.5,),
    "IoU": (3, [0, 2]),
    "MeanIoU": (3,),
    "OneHotIoU": (3, [0, 2]),
    "OneHotMeanIoU": (3,),
    "PrecisionAtRecall": (0.5,),
    "RecallAtPrecision": (0.5,),
}
CLASSES = [
    getattr(keras.metrics, name)
    for name, module in registry_of("metric").public.items()
    if module.startswith("tensorlet.keras.metrics.") and name != "MeanMetricWrapper"
]


@pytest.mark.parametrize("kind", CLASSES, ids=lambda kind: kind.__name__)
def test_a_metric_comes_back_from_its_configuration(kind: Any) -> None:
    metric = kind(*NEEDED.get(kind.__name__, ()), name="mine")
    again = keras.metrics.deserialize(keras.metrics.serialize(metric))
    assert type(again) is kind
    assert again.name == "mine"
    assert again.get_config() == metric.get_config()


@pytest.mark.parametrize("eagerly", [False, True])
def test_a_metric_that_is_built_by_its_first_batch_counts_between_batches_in_python(eagerly: bool) -> None:
    """From a generator, batch by batch, and in train_on_batch: 1 - 21 / 20."""
    x = np.array([[1.0], [2.0], [3.0], [4.0]], "float32")
    model = keras.Sequential([keras.layers.Dense(1, input_shape=(1,), kernel_initializer="ones")])
    model.compile(keras.optimizers.SGD(0.0), "mse", metrics=[keras.metrics.R2Score()], run_eagerly=eagerly)
    model.set_weights([np.ones((1, 1)), np.full(1, 0.5)])
    # errors 0.5, 1.5, 2.5, 3.5: 21 of a variance of 20
    for _ in range(2):
        history = model.fit(iter([(x, 2 * x)] * 2), steps_per_epoch=2, verbose=0).history
        assert history["r2_score"] == pytest.approx([-0.05], rel=1e-4)
    assert model.train_on_batch(x, 2 * x)[1] == pytest.approx(-0.05, rel=1e-4)
    assert model.test_on_batch(x, 2 * x)[1] == pytest.approx(-0.05, rel=1e-4)
