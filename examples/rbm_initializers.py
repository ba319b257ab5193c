"""Five ways to start a deep network of sigmoids: zeros, normal, Xavier, He, and restricted Boltzmann machines.

    python examples/rbm_initializers.py [--seeds 10] [--rows 5000] [--epochs 20] [--output rbm_initializers.png]

Hinton (2006) showed that deep networks train well if restricted Boltzmann machines give them their first weights; the
initializers of Xavier (2010) and He (2015) do without the machines. Here a network of three hidden layers
learns digits of MNIST with plain gradient descent, from each start and several seeds, and is tested on 10,000 others.
"""

import argparse

import numpy as np

import tensorlet as tf
from tensorlet import plots
from tensorlet.rbm import pretrain

STARTS = {
    "zeros": "zeros",
    "normal": tf.keras.initializers.RandomNormal(stddev=1.0),
    "Xavier": "glorot_normal",
    "He": "he_normal",
    "RBM": "glorot_normal",  # replaced by what the machines have learned
}


def network(initializer, units=200, layers=3):
    hidden = [
        tf.keras.layers.Dense(units, activation="sigmoid", kernel_initializer=initializer)
        for _ in range(layers)
    ]
    model = tf.keras.Sequential([*hidden, tf.keras.layers.Dense(10, activation="softmax")])
    model.compile(tf.keras.optimizers.SGD(0.1), "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


def accuracies(start, seed, data, epochs):
    """The test accuracy after each epoch."""
    (x, y), test = data
    tf.keras.utils.set_random_seed(seed)
    model = network(STARTS[start])
    if start == "RBM":
        pretrain(model, x, epochs=10, batch_size=50, learning_rate=0.1, momentum=0.5, seed=seed)
    history = model.fit(x, y, batch_size=50, epochs=epochs, validation_data=test, verbose=0)
    return history.history["val_accuracy"]


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seeds", type=int, default=10)
    parser.add_argument("--rows", type=int, default=5000)
    parser.add_argument("--epochs", type=int, default=20)
    parser.add_argument("--output", default="rbm_initializers.png")
    options = parser.parse_args()

    (x, y), (x_test, y_test) = tf.keras.datasets.mnist.load_data()
    x, x_test = (images.reshape(-1, 784).astype("float32") / 255 for images in (x, x_test))
    data = (x[: options.rows], y[: options.rows]), (x_test, y_test)
    means = {}
    for start in STARTS:
        runs = np.array([accuracies(start, seed, data, options.epochs) for seed in range(options.seeds)])
        means[start] = {"val_accuracy": runs.mean(axis=0)}
        last = runs[:, -1]
        print(f"{start:8} test accuracy {last.mean():.4f} (from {last.min():.4f} to {last.max():.4f})")
    plots.learning_curves(means, path=options.output)
    print(f"mean of {options.seeds} seeds: {options.output}")


if __name__ == "__main__":
    main()
