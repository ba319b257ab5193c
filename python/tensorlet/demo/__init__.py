"""The program of ``make demo``, ``tensorlet demo`` and ``python -m tensorlet.demo``.

It trains softmax regression on MNIST with ``model.fit`` and shows the results. The model is
defined in ``model.py``, as a student would write it; this module contains the options and the
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

if TYPE_CHECKING:
    import numpy as np

TRAINING_ROWS = 60_000


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the demo with command-line arguments (by default those of the process); returns the exit status."""
    options = _parser().parse_args(arguments)
    try:
        _run(options)
        return 0
    except KeyboardInterrupt:
        print("\nStopped.", file=sys.stderr)
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
    from tensorlet.demo.model import softmax_regression

    if options.threads:
        tf.config.threading.set_intra_op_parallelism_threads(options.threads)
    tf.keras.utils.set_random_seed(options.seed)
    (x_train, y_train), (x_test, y_test) = mnist.load_data()
    print(f"Softmax regression on MNIST: {len(x_train):,} training images, {len(x_test):,} test images")

    model = softmax_regression(options.learning_rate)
    start = time.perf_counter()
    history = model.fit(
        x_train,
        y_train,
        batch_size=options.batch_size,
        epochs=options.epochs,
        validation_data=(x_test, y_test),
        verbose=1,
    )
    seconds = time.perf_counter() - start

    probabilities = model.predict(x_test, verbose=0)
    predicted = probabilities.argmax(axis=1)
    matrix = tf.math.confusion_matrix(y_test, predicted, num_classes=10).numpy()
    print(f"\nTrained in {seconds:.2f} s. Test accuracy: {(predicted == y_test).mean():.4f}\n")
    _report(folder, history, model.layers[-1].get_weights()[0], matrix, (x_test, y_test, probabilities))


def _report(
    folder: Path,
    history: Any,
    weights: np.ndarray,
    matrix: np.ndarray,
    tested: tuple[np.ndarray, np.ndarray, np.ndarray],
) -> None:
    """Prints the confusion matrix, draws the plots and prints their paths."""
    from tensorlet import plots

    print(plots.confusion_matrix_text(matrix))
    sys.stdout.flush()  # show the table while the plots are drawn
    figures: list[tuple[str, Callable[[Path], object]]] = [
        ("learning_curves.png", lambda path: plots.learning_curves(history, path=path)),
        ("weights.png", lambda path: plots.weight_images(weights, path=path)),
        ("confusion_matrix.png", lambda path: plots.confusion_matrix(matrix, path=path)),
        ("wrong_predictions.png", lambda path: plots.wrong_predictions(*tested, path=path)),
    ]
    print("\nPictures:")
    for name, draw in figures:
        draw(folder / name)
        print(f"  {folder / name}")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="tensorlet demo",
        description="Trains softmax regression on MNIST and shows the results.",
        formatter_class=argparse.ArgumentDefaultsHelpFormatter,
    )
    parser.add_argument("--epochs", type=_integer(1), default=15, help="number of passes over the images")
    parser.add_argument("--batch-size", type=_integer(1, TRAINING_ROWS), default=100, help="images per batch")
    parser.add_argument("--learning-rate", type=_positive, default=0.001, help="learning rate of Adam")
    parser.add_argument(
        "--seed", type=_integer(0), default=1, help="seed of the initial weights and the order of the images"
    )
    parser.add_argument(
        "--threads",
        type=_integer(0),
        default=0,
        help="number of threads, 0 for all; the weights do not depend on it",
    )
    parser.add_argument("--output", type=Path, default=Path("demo-output"), help="folder for the plots")
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
