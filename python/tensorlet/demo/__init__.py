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

from tensorlet.errors import TensorletError
from tensorlet.localization import LANGUAGES, mark, use_language
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


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="tensorlet demo",
        description=_(
            "Trains softmax regression, or a convolutional network, on MNIST and shows the results."
        ),
        formatter_class=argparse.ArgumentDefaultsHelpFormatter,
    )
    parser.add_argument(
        "--model",
        choices=sorted(EPOCHS),
        default="softmax",
        help=_("softmax regression, or a convolutional network"),
    )
    parser.add_argument(
        "--epochs",
        type=_integer(1),
        help=_("number of passes over the images: {softmax}, or {cnn}").format(**EPOCHS),
    )
    parser.add_argument(
        "--batch-size", type=_integer(1, TRAINING_ROWS), default=100, help=_("images per batch")
    )
    parser.add_argument("--learning-rate", type=_positive, default=0.001, help=_("learning rate of Adam"))
    parser.add_argument(
        "--seed",
        type=_integer(0),
        default=1,
        help=_("seed of the initial weights and the order of the images"),
    )
    parser.add_argument(
        "--threads",
        type=_integer(0),
        default=0,
        help=_("number of threads, 0 for all; the weights do not depend on it"),
    )
    parser.add_argument("--output", type=Path, default=Path("demo-output"), help=_("folder for the plots"))
    parser.add_argument(
        "--lang", choices=list(LANGUAGES), help=_("the language: en or ko (default: the locale's)")
    )
    return parser


def _integer(least: int, most: int | None = None) -> Callable[[str], int]:
    limits = f"an integer of at least {least}" if most is None else f"an integer from {least} to {most}"

    def convert(text: str) -> int:
        try:
            number = int(text)
        except ValueError:
            number = least - 1
        if number < least or (most is not None and number > most):
            raise argparse.ArgumentTypeError(f"got {text!r}, expected {limits}")
        return number

    return convert


def _positive(text: str) -> float:
    try:
        number = float(text)
    except ValueError:
        number = -1.0
    if not 0 < number < float("inf"):
        raise argparse.ArgumentTypeError(f"got {text!r}, expected a positive number, such as 0.001")
    return number
