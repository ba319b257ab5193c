"""Plots of models: regions, weights, layers over the training, the loss surface, and diagrams."""

from __future__ import annotations

import numpy as np
import pytest

import tensorlet as tf
from tensorlet import plots
from tensorlet.errors import InvalidArgumentError, ShapeError
from tensorlet.plots import networks, recorder, regions, surface

pytest.importorskip("matplotlib", reason="the extra 'plot' is not installed")

CORNERS = np.array([[0, 0], [0, 1], [1, 0], [1, 1]])
X = np.random.default_rng(0).normal(size=(60, 3)).astype(np.float32)
Y = (X[:, 0] > 0).astype(np.int32)


def xor_model() -> tf.keras.Model:
    """The lecture's three perceptrons."""
    model = tf.keras.Sequential(
        [
            tf.keras.layers.Dense(2, activation="sigmoid", input_shape=(2,)),
            tf.keras.layers.Dense(1, activation="sigmoid"),
        ]
    )
    model.set_weights([np.array([[5, -7], [5, -7]]), [-8, 3], [[-11], [-11]], [6]])
    model.compile("sgd", "mse")
    return model


def small_model() -> tf.keras.Model:
    tf.keras.utils.set_random_seed(0)
    model = tf.keras.Sequential(
        [
            tf.keras.layers.Dense(4, activation="tanh", input_shape=(3,), name="first"),
            tf.keras.layers.Dropout(0.5, name="dropped"),
            tf.keras.layers.Dense(1, activation="sigmoid", name="second"),
        ]
    )
    model.compile("adam", "binary_crossentropy", metrics=["accuracy"])
    return model


# --- Regions ------------------------------------------------------------------------------------


def test_regions_have_the_colours_of_the_predicted_classes():
    model = xor_model()
    scores = regions._answers(model, CORNERS.astype(np.float32), 2)
    np.testing.assert_allclose(scores.sum(axis=2), 1)
    assert scores.argmax(axis=2).ravel().tolist() == [0, 1, 1, 0]
    figure = plots.decision_regions(model, CORNERS, [0, 1, 1, 0], units=0, resolution=41)
    (axes,) = figure.axes
    dashed = [line for line in axes.get_lines() if line.get_linestyle() == "--"]
    assert len(dashed) == 2  # 5 x1 + 5 x2 = 8 and -7 x1 - 7 x2 = -3
    for line, total in zip(dashed, (8 / 5, 3 / 7), strict=True):
        np.testing.assert_allclose(line.get_xdata() + line.get_ydata(), total)


@pytest.mark.parametrize(
    "answer",
    [
        lambda rows: (rows[:, 0] > 0.5).astype(int),
        lambda rows: rows[:, 0] > 0.5,
        lambda rows: rows[:, :1] * 0.9 + 0.04,
        lambda rows: rows[:, :1] * 10 - 5,  # without a sigmoid
        lambda rows: np.sign(rows[:, 0] - 0.5),
        lambda rows: np.stack([1 - rows[:, 0], rows[:, 0]], axis=1) * 20,
    ],
)
def test_classifiers_of_any_kind(answer):
    scores = regions._answers(answer, CORNERS.astype(np.float32), 2)
    assert scores.shape == (2, 2, 2) and scores.argmax(axis=2).ravel().tolist() == [0, 0, 1, 1]


def test_labels_of_a_perceptron():
    figure = plots.decision_regions(
        lambda rows: rows.sum(axis=1) - 1.5, CORNERS, [-1, -1, -1, 1], resolution=5
    )
    assert [text.get_text() for text in figure.axes[0].get_legend().get_texts()] == ["0", "1"]


def test_two_of_many_features_with_the_others_at_their_mean():
    seen = []

    def model(rows):
        seen.append(rows)
        return rows[:, 2] > 0

    figure = plots.decision_regions(model, X, features=(2, 0), resolution=5, feature_names=["a", "b", "c"])
    assert (figure.axes[0].get_xlabel(), figure.axes[0].get_ylabel()) == ("c", "a")
    np.testing.assert_allclose(seen[0][:, 1], X[:, 1].mean(), rtol=1e-5)


def test_scikit_learn_classifiers():
    linear_model = pytest.importorskip("sklearn.linear_model", reason="the extra 'sklearn' is not installed")
    model = linear_model.LogisticRegression().fit(X, Y)
    figure = plots.decision_regions(model, X, Y, resolution=21, units=(model.coef_.T, model.intercept_))
    assert [text.get_text() for text in figure.axes[0].get_legend().get_texts()] == ["0", "1"]


@pytest.mark.parametrize(
    ("options", "error", "words"),
    [
        ({"x": X[:, :1]}, ShapeError, "two features or more"),
        ({"features": (0, 3)}, InvalidArgumentError, "columns from 0 to 2"),
        ({"y": [1, 0]}, ShapeError, "one label per row"),
        ({"y": np.arange(60) - 3}, InvalidArgumentError, "labels from -3 to 56"),
        ({"units": 3}, InvalidArgumentError, "a built Dense layer"),
        ({"units": (np.ones((2, 1)), np.ones(1))}, ShapeError, r"expected \(3, units\)"),
        ({"model": lambda rows: rows[:2]}, ShapeError, "returned shape"),
        ({"model": 3}, InvalidArgumentError, "type int"),
    ],
)
def test_region_errors_teach(options, error, words):
    with pytest.raises(error, match=words):
        plots.decision_regions(**{"model": lambda rows: rows[:, 0] > 0, "x": X, "resolution": 5, **options})


# --- Weights ------------------------------------------------------------------------------------


def test_weight_images_share_one_symmetric_scale():
    weights = np.zeros((4, 3))
    weights[:, 2] = [1.0, -3.0, 0.5, 2.0]
    figure = plots.weight_images(weights)
    images = [axes.get_images()[0] for axes in figure.axes if axes.get_images()]
    assert len(images) == 3
    assert images[2].get_array().tolist() == [[1.0, -3.0], [0.5, 2.0]]
    low, high = images[0].get_clim()
    assert low == -high and 2.9 < high <= 3.0
    assert images[1].get_clim() == (low, high)
    wide = plots.weight_images(np.arange(6.0)[:, None], shape=(2, 3))
    assert wide.axes[0].get_images()[0].get_array().tolist() == [[0, 1, 2], [3, 4, 5]]
    plots.weight_images(np.full((4, 2), float("nan")))


def test_filters_of_a_convolution():
    layer = tf.keras.layers.Conv2D(2, 3)
    layer.build((None, 8, 8, 1))
    figure = plots.filters(layer)
    image = figure.axes[1].get_images()[0].get_array()
    np.testing.assert_array_equal(image, np.asarray(layer.kernel)[:, :, 0, 1])
    colours = plots.filters(np.ones((3, 3, 3, 4)))
    assert len(colours.axes) == 4 and colours.axes[0].get_images()[0].get_array().shape == (3, 3, 3)


@pytest.mark.parametrize(
    ("action", "words"),
    [
        (lambda: plots.weight_images(np.zeros((783, 10))), r"\(783, 10\).*such as \(784, 10\)"),
        (lambda: plots.weight_images(np.zeros(784)), r"\(784,\)"),
        (lambda: plots.weight_images(tf.keras.layers.Flatten()), "has no kernel"),
        (lambda: plots.filters(np.zeros((3, 3))), r"shape \(3, 3\)"),
    ],
)
def test_weight_errors_teach(action, words):
    with pytest.raises(ShapeError, match=words):
        action()


# --- Layers over the training ---------------------------------------------------------------------


def test_summaries_by_hand():
    one = recorder.summary_of(np.array([0.0, 3.0, -4.0, 0.0]))
    assert one.norm == 2.5 and (one.low, one.high) == (-4.0, 3.0) and one.zeros == 0.5
    assert one.counts.sum() == 4 and one.counts[0] == one.counts[-1] == 1
    assert recorder.summary_of(np.array([np.nan, 1.0])).counts.sum() == 1


def test_the_recorder_sees_each_epoch_and_changes_nothing():
    before = small_model().fit(X, Y, epochs=4, verbose=0).history
    seen, path = plots.LayerRecorder(X, Y, every=2), plots.WeightTrajectory()
    watched = small_model()
    after = watched.fit(X, Y, epochs=4, verbose=0, callbacks=[seen, path]).history
    assert before == after
    assert seen.epochs == [0, 2, 4] and len(path.points) == 5
    assert {name: sorted(layers) for name, layers in seen.records.items()} == {
        "weights": ["first", "second"],
        "activations": ["dropped", "first", "second"],
        "gradients": ["first", "second"],
    }
    kernel, bias = watched.layers[0].get_weights()
    root = np.sqrt(np.mean(np.concatenate([kernel.ravel(), bias]) ** 2))
    assert seen.records["weights"]["first"][-1].norm == pytest.approx(root)
    norms = plots.layer_norms(seen)
    assert [axes.get_title("left") for axes in norms.axes] == ["weights", "activations", "gradients"]
    assert len(plots.layer_histograms(seen, "activations").axes) == 3
    assert plots.layer_norms_text(seen).splitlines()[0] == "weights (root mean square, epoch 0 → 4)"


def test_gradients_are_those_of_the_loss():
    model = tf.keras.Sequential([tf.keras.layers.Dense(1, input_shape=(1,), kernel_initializer="zeros")])
    model.compile("sgd", "mse")
    ((_, gradient),) = networks.gradients_by_layer(model, np.array([[1.0], [3.0]]), np.array([[1.0], [1.0]]))
    np.testing.assert_allclose(gradient, [-4.0, -2.0])  # mean of 2 (0 - 1) x and of 2 (0 - 1)
    figure = plots.gradients(model, np.array([[1.0]]), np.array([[1.0]]))
    assert [axes.get_title("left") for axes in figure.axes] == [model.layers[0].name]


def test_activations_count_the_zeros():
    model = tf.keras.Sequential(
        [tf.keras.layers.Dense(2, activation="relu", use_bias=False, input_shape=(1,))]
    )
    model.set_weights([[[1.0, -1.0]]])
    figure = plots.activations(model, [[1.0], [2.0]])
    assert figure.axes[0].texts[0].get_text() == "mean 0.75\nstd 0.829\n50% are 0"


def test_what_was_not_recorded_is_named():
    with pytest.raises(InvalidArgumentError, match="gradients was not recorded"):
        plots.layer_histograms(plots.LayerRecorder())

    class Subclassed(tf.keras.Model):
        def call(self, inputs):
            return inputs

    with pytest.raises(InvalidArgumentError, match="subclassed model"):
        plots.activations(Subclassed(), X)
    with pytest.raises(InvalidArgumentError, match="not compiled"):
        plots.gradients(tf.keras.Sequential([tf.keras.layers.Dense(1, input_shape=(3,))]), X, Y)


# --- The loss surface -----------------------------------------------------------------------------


def linear_model() -> tf.keras.Model:
    """The loss (w1 - 1)² / 2 + (w2 - 2)² / 2 of two rows."""
    model = tf.keras.Sequential(
        [tf.keras.layers.Dense(1, input_shape=(2,), use_bias=False, kernel_initializer="zeros")]
    )
    model.compile(tf.keras.optimizers.SGD(0.1), "mse")
    return model


def test_the_surface_along_a_path_by_hand():
    model, x, y = linear_model(), np.eye(2), np.array([[1.0], [2.0]])
    path = plots.WeightTrajectory()
    model.fit(x, y, epochs=5, batch_size=2, verbose=0, callbacks=[path])
    weights = model.get_weights()[0]
    found = surface.loss_on_plane(model, x, y, trajectory=path, resolution=7)
    assert found.kept == pytest.approx(1.0)
    np.testing.assert_allclose(found.steps[-1], 0, atol=1e-6)
    # The path is straight, from the origin: the first direction is that of (1, 2).
    end = weights.ravel()
    direction = end / np.linalg.norm(end)
    middle = np.abs(found.up).argmin()
    for step, loss in zip(found.across, found.losses[middle], strict=True):
        one = end + direction * step + np.array([-direction[1], direction[0]]) * found.up[middle]
        other = end + direction * step - np.array([-direction[1], direction[0]]) * found.up[middle]
        wanted = [np.mean((point - [1, 2]) ** 2) for point in (one, other)]
        assert min(abs(loss - value) for value in wanted) < 1e-5
    np.testing.assert_array_equal(model.get_weights()[0], weights)


def test_random_directions_are_as_long_as_the_weights_of_each_unit():
    weights = [np.array([[3.0, 0.0], [4.0, 1.0]]), np.ones(2)]
    kernel, bias = surface._random_direction(weights, np.random.default_rng(0))
    np.testing.assert_allclose(np.linalg.norm(kernel, axis=0), [5.0, 1.0])
    assert bias.tolist() == [0, 0]
    model = small_model()
    before = model.get_weights()
    figure = plots.loss_surface(model, X, Y, resolution=5)
    assert figure.axes[0].get_title("left") == "loss along two random directions"
    for old, new in zip(before, model.get_weights(), strict=True):
        np.testing.assert_array_equal(old, new)


def test_recorders_run_between_epochs_only():
    from tensorlet.keras.training.report.callback import BATCH_HOOKS

    hooks = [hook for group in BATCH_HOOKS.values() for hook in group]
    for callback in (plots.LayerRecorder, plots.WeightTrajectory):
        assert all(getattr(callback, hook) is getattr(tf.keras.callbacks.Callback, hook) for hook in hooks)


def test_surface_errors_teach():
    broken = linear_model()
    broken.set_weights([np.full((2, 1), np.nan)])
    with pytest.raises(InvalidArgumentError, match="NaN or infinite everywhere"):
        plots.loss_surface(broken, np.eye(2), np.ones((2, 1)), resolution=3)
    with pytest.raises(InvalidArgumentError, match="does not fit the model"):
        plots.loss_surface(small_model(), X, Y, trajectory=[[np.zeros(3)], [np.ones(3)]])
    with pytest.raises(InvalidArgumentError, match="resolution=1"):
        plots.loss_surface(small_model(), X, Y, resolution=1)


# --- Activation functions and diagrams ------------------------------------------------------------


def test_activation_functions_with_their_derivatives():
    figure = plots.activation_functions(["sigmoid", tf.nn.relu])
    assert [axes.get_title("left") for axes in figure.axes] == ["sigmoid, derivative at most 0.25", "relu"]
    value, slope = (line for line in figure.axes[0].get_lines() if len(line.get_xdata()) == 401)
    np.testing.assert_allclose(value.get_ydata()[200], 0.5)
    np.testing.assert_allclose(slope.get_ydata()[200], 0.25)
    with pytest.raises(InvalidArgumentError, match="low < high"):
        plots.activation_functions(low=1, high=1)


def texts(figure) -> list[str]:
    return [text.get_text() for text in figure.axes[0].texts]


def test_neuron_diagram_has_the_numbers_of_the_lecture():
    plain = texts(plots.neuron_diagram(xor_model()))
    assert {"x1", "x2", "b −8", "b 3", "b 6", "5", "−7", "−11"} <= set(plain)
    row = texts(plots.neuron_diagram(xor_model(), [0, 0]))
    assert {"0.000335", "0.953", "0.0112"} <= set(row)  # S(-8), S(3), and S(6 - 11 (0.000335 + 0.953))


def test_neuron_diagram_has_the_gradients():
    model = tf.keras.Sequential([tf.keras.layers.Dense(1, input_shape=(2,))])
    model.set_weights([[[2.0], [-1.0]], [0.5]])
    model.compile("sgd", "mse")
    shown = texts(plots.neuron_diagram(model, [3.0, 1.0], 4.0))
    # The output is 5.5, the loss 1.5² = 2.25, and the derivative by the output 3.
    assert {"5.5", "∂ 3", "∂ 6", "∂ −3", "2  ∂ 9", "−1  ∂ 3"} <= set(shown)
    assert any(text.startswith("loss 2.25") for text in shown)


def test_the_output_of_a_softmax_has_its_gradient():
    model = tf.keras.Sequential(
        [tf.keras.layers.Dense(2, activation="softmax", input_shape=(1,), kernel_initializer="zeros")]
    )
    model.compile("sgd", "sparse_categorical_crossentropy")
    assert "∂ −1" in texts(
        plots.neuron_diagram(model, [1.0], 0)
    )  # -1 / p + 1 of p = 1/2: Keras divides by the sum


@pytest.mark.parametrize(
    ("model", "x", "words"),
    [
        (lambda: tf.keras.Sequential([tf.keras.layers.Dense(1)]), None, "not built"),
        (
            lambda: tf.keras.Sequential([tf.keras.layers.Dense(99, input_shape=(2,))]),
            None,
            "at most 16 units",
        ),
        (xor_model, [1, 2, 3], "one row of 2 numbers"),
        (
            lambda: tf.keras.Sequential([tf.keras.layers.BatchNormalization(input_shape=(2,))]),
            None,
            "BatchNormalization",
        ),
    ],
)
def test_diagram_errors_teach(model, x, words):
    with pytest.raises(InvalidArgumentError, match=words):
        plots.neuron_diagram(model(), x)


def test_dropped_units_are_crossed_out():
    figure = plots.dropped_units([[1, 1], [1, 0, 0, 1], [1]])
    crosses = [line for line in figure.axes[0].get_lines() if line.get_color() == "#c44e3b"]
    edges = [line for line in figure.axes[0].get_lines() if line.get_color() != "#c44e3b"]
    assert len(crosses) == 4 and len(edges) == 2 * 2 + 2 * 1
    assert "2 of 4 dropped" in texts(figure)


def test_masks_come_from_the_dropout_layers():
    from tensorlet.plots.dropout import dropout_masks

    tf.keras.utils.set_random_seed(3)
    names, masks = zip(*dropout_masks(small_model()), strict=True)
    assert names == ("input", "first", "second") and [mask.size for mask in masks] == [3, 4, 1]
    assert masks[0].all() and masks[2].all()
    wide = plots.dropped_units([np.ones(20), np.arange(100) % 2])
    assert [axes.get_title("left") for axes in wide.axes] == ["", "50 of 100 dropped"]
    with pytest.raises(InvalidArgumentError, match="no Dropout layer"):
        plots.dropped_units(xor_model())
