"""The program of ``make demo``, ``tensorlet demo`` and ``python -m tensorlet.demo``.

It trains softmax regression, or with ``--model cnn`` a convolutional network, on MNIST with ``model.fit`` and shows the
results. The models are defined in ``model.py``, as a student would write them; this module contains the options and the
main program.
"""

from __future__ import annotations

import argparse
import importlib.util
import os
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tensorlet.argument_parser import Parser, integer, positive_number
from tensorlet.errors import TensorletError
from tensorlet.localization import mark, use_language
from tensorlet.localization import translate as _

if TYPE_CHECKING:
    import numpy as np

TRAINING_ROWS = 60_000
#: The passes over the images, and their names in the output.
EPOCHS = {"softmax": 15, "cnn": 10}
NAMES = {"softmax": mark("Softmax regression"), "cnn": mark("A convolutional network (LeNet-5)")}
#: The picture whose feature maps are shown.
SHOWN = 0


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the demo with command-line arguments (by default those of the process); returns the exit status."""
    options = _parser().parse_args(arguments)
    if options.lang:
        use_language(options.lang)
    try:
        _run(options)
        return 0
    except KeyboardInterrupt:
        print("\n" + _("Stopped."), file=sys.stderr)
        return 130
    except BrokenPipeError:
        # The reader of our output has exited (`tensorlet demo | head`); nothing more can be printed,
        # and Python must not try to when it flushes standard output at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except (TensorletError, OSError, ImportError) as error:
        print(f"tensorlet demo: {error}", file=sys.stderr)
        return 1


def _run(options: argparse.Namespace) -> None:
    from tensorlet.plots.output_folder import writable_folder

    # Check everything that could prevent saving the results before training, not afterwards.
    folder = writable_folder(options.output)
    if importlib.util.find_spec("matplotlib") is None:
        raise ImportError(
            "the plots require matplotlib, which is not installed. pip install 'tensorlet[plot]'"
        )

    import tensorlet as tf
    from tensorlet.datasets import mnist
    from tensorlet.demo.model import convolutional_network, softmax_regression

    if options.threads:
        tf.config.threading.set_intra_op_parallelism_threads(options.threads)
    tf.keras.utils.set_random_seed(options.seed)
    (x_train, y_train), (x_test, y_test) = mnist.load_data()
    head = _("{model} on MNIST: {training:,} training images, {test:,} test images")
    print(head.format(model=_(NAMES[options.model]), training=len(x_train), test=len(x_test)))

    epochs = options.epochs or EPOCHS[options.model]
    steps = epochs * -(-len(x_train) // options.batch_size)
    rate = options.learning_rate
    model = convolutional_network(rate, steps) if options.model == "cnn" else softmax_regression(rate)
    start = time.perf_counter()
    settings = {"batch_size": options.batch_size, "epochs": epochs, "validation_data": (x_test, y_test)}
    history = model.fit(x_train, y_train, **settings, verbose=1)
    seconds = time.perf_counter() - start

    probabilities = model.predict(x_test, verbose=0)
    predicted = probabilities.argmax(axis=1)
    end = _("Trained in {seconds:.2f} s. Test accuracy: {accuracy:.4f}")
    print(f"\n{end.format(seconds=seconds, accuracy=(predicted == y_test).mean())}\n")
    matrix = tf.math.confusion_matrix(y_test, predicted, num_classes=10).numpy()
    _report(folder, (model, history), matrix, (x_test, y_test, probabilities))


def _report(
    folder: Path,
    trained: tuple[Any, Any],
    matrix: np.ndarray,
    tested: tuple[np.ndarray, np.ndarray, np.ndarray],
) -> None:
    """Prints the confusion matrix, draws the plots and prints their paths."""
    from tensorlet import plots

    model, history = trained
    print(plots.confusion_matrix_text(matrix))
    sys.stdout.flush()  # show the table while the plots are drawn
    figures: list[tuple[str, Callable[[Path], object]]] = [
        ("learning_curves.png", lambda path: plots.learning_curves(history, path=path)),
        *_pictures_of_weights(model, tested[0][SHOWN]),
        ("confusion_matrix.png", lambda path: plots.confusion_matrix(matrix, path=path)),
        ("wrong_predictions.png", lambda path: plots.wrong_predictions(*tested, path=path)),
    ]
    print("\n" + _("Pictures:"))
    for name, draw in figures:
        draw(folder / name)
        print(f"  {folder / name}")


def _pictures_of_weights(model: Any, picture: np.ndarray) -> list[tuple[str, Callable[[Path], object]]]:
    """The plots that depend on the model: of weights, or of filters and what they make of a picture."""
    from tensorlet import plots

    if model.name == "softmax_regression":
        weights = model.layers[-1].get_weights()[0]
        return [("weights.png", lambda path: plots.weight_images(weights, path=path))]
    first, second = model.get_layer("first_convolution"), model.get_layer("second_convolution")
    return [
        ("first_filters.png", lambda path: plots.filters(first, path=path)),
        ("second_filters.png", lambda path: plots.filters(second, path=path)),
        ("feature_maps.png", lambda path: plots.feature_maps(model, picture, path=path)),
    ]


def _parser() -> Parser:
    parser = Parser(
        "demo",
        _("Trains softmax regression, or a convolutional network, on MNIST and shows the results."),
        "[OPTIONS]",
    )
    add = parser.add_argument
    add(
        "--model",
        choices=sorted(EPOCHS, reverse=True),
        default="softmax",
        help=_("softmax regression (the default), or a convolutional network"),
    )
    epochs = _("number of passes over the images (default: {softmax}, or {cnn} with --model cnn)")
    add("--epochs", type=integer(1), metavar="N", help=epochs.format(**EPOCHS))
    rows = _("images per batch (default: {number})").format(number=100)
    add("--batch-size", type=integer(1, TRAINING_ROWS), default=100, metavar="N", help=rows)
    rate = _("learning rate of Adam (default: {number})").format(number=0.001)
    add("--learning-rate", type=positive_number, default=0.001, metavar="RATE", help=rate)
    seed = _("seed of the initial weights and the order of the images (default: {number})").format(number=1)
    add("--seed", type=integer(0), default=1, metavar="N", help=seed)
    threads = _("number of threads; the weights do not depend on it (default: 0, for all)")
    add("--threads", type=integer(0), default=0, metavar="N", help=threads)
    folder = _("folder for the plots (default: {folder})").format(folder="demo-output")
    add("--output", type=Path, default=Path("demo-output"), metavar="FOLDER", help=folder)
    parser.add_common(json=False)
    return parser
