"""Runs a program on TensorFlow; MNIST comes from a file, since nothing may be downloaded during a measurement.

python with_tensorflow.py PROGRAM MNIST.npz
"""

import runpy
import sys

import numpy as np
import tensorflow as tf

program, path = sys.argv[1:]


def load_data() -> tuple:
    """MNIST, as `tf.keras.datasets.mnist.load_data` returns it."""
    with np.load(path) as data:
        return (data["x_train"], data["y_train"]), (data["x_test"], data["y_test"])


tf.keras.datasets.mnist.load_data = load_data
runpy.run_path(program, run_name="__main__")
