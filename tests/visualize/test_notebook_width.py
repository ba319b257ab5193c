"""Drawings in a notebook are never wider than the cell, unless their words would become too small."""

from __future__ import annotations

import re

import tensorlet as tf
from tensorlet.visualize.svg import READABLE


def test_a_drawing_shrinks_with_the_cell_and_no_further_than_it_is_readable() -> None:
    drawing = tf.show(lambda w, x, b: (w * x + b) ** 2, 2.0, -1.0, 5.0)
    width = float(re.search(r' width="([\d.]+)"', drawing.svg)[1])
    style = re.search(r'style="(width[^"]*)"', drawing._repr_html_())[1]
    assert style == (
        f"width: 100%; max-width: {width:.0f}px; min-width: {READABLE * width:.0f}px; height: auto"
    )
