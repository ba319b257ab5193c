"""Convolutional and recurrent networks that are trained for 50 steps, the same for Keras 3 and for Tensorlet."""

from __future__ import annotations

from typing import Any

import picture_layer_cases
import sequence_layer_cases

#: Names of ``picture_layer_cases`` and of ``sequence_layer_cases``.
CASES = (
    "Conv2D", "Conv2D same", "Conv2D strides", "Conv2D dilation", "Conv2D penalties", "Conv2D groups",
    "Conv1D causal", "DepthwiseConv2D same", "SeparableConv2D", "network",
    "Conv2DTranspose strides", "LSTM", "GRU", "SimpleRNN", "GRU reset before", "masked LSTM sequences", "masked GRU",
    "MultiHeadAttention masked", "transformer", "stacked", "Bidirectional masked sequences", "cells", "ConvLSTM2D",
)  # fmt: skip
#: Rectified units that are near 0 make more of rounding in each step: with weights that differ by 1e-7, the results of
#: 50 steps differ by 1e-3. These cases have fewer steps.
FEWER_STEPS = {"network": 30, "Conv2DTranspose strides": 20, "transformer": 20}


def trained(keras: Any, name: str) -> dict[str, Any]:
    """Losses and weights of 50 steps with SGD and with Adam.

    Embeddings are only trained with SGD: Keras 3 on TensorFlow squares the gradients of a repeated row one by one in
    Adam, so that a row that occurs twice moves 1.41 times as far in the first step, other than in Keras 2.
    """
    cases: Any = picture_layer_cases if name in picture_layer_cases.CASES else sequence_layer_cases
    of_rows = cases is sequence_layer_cases and "ids" in cases.CASES[name][0]
    return sequence_layer_cases.fifty_steps(
        keras, cases.model_of, name, not of_rows, FEWER_STEPS.get(name, 50)
    )
