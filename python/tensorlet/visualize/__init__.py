"""Drawings of computations: `tf.show` and ``tensorlet show``."""
