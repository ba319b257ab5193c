"""The deep networks and the programs from GitHub of the study."""

from __future__ import annotations

from study_forms import (
    Program,
    blocks,
    conv2,
    dense,
    drop,
    layers,
    mean_pooled,
    mobile,
    pool2,
    residual_free,
)

PROGRAMS = [
    Program(
        "deep network: unequal blocks",
        lambda: [
            *blocks(
                ((4, 3), (4, 4)), ((4, 3), (8, 4)), ((4, 3), (8, 4), (16, 5)), ((8, 3), (16, 4), (32, 5))
            ),
            layers.Flatten(),
            dense(16),
            dense(16),
            dense(2, "softmax"),
        ],
        (32, 32, 3),
        2,
        "categorical_crossentropy",
        {
            "unequal blocks": "unequal-blocks",
            "fewer filters": "fewer-filters",
            "smaller windows": "smaller-windows",
        },
    ),
    Program(
        "deep network: average pooling",
        lambda: [
            *blocks(
                ((4, 3),) * 2, ((8, 3),) * 2, ((16, 3),) * 3, ((32, 3),) * 3, pool=layers.AveragePooling2D
            ),
            layers.Flatten(),
            dense(16),
            dense(16),
            dense(2, "softmax"),
        ],
        (32, 32, 3),
        2,
        "categorical_crossentropy",
        {"average pooling": "average-pooling"},
    ),
    Program(
        "deep network: much pooling",
        lambda: [
            *blocks(*[((4 << index // 4, 3),) for index in range(12)]),
            layers.Flatten(),
            dense(16),
            dense(16),
            dense(2, "softmax"),
        ],
        (32, 32, 3),
        2,
        "categorical_crossentropy",
        {"too much pooling": "too-much-pooling"},
    ),
    Program(
        "GitHub 1",
        lambda: [conv2(4, 3), pool2(), conv2(8, 3), layers.UpSampling2D(), conv2(4, 3), conv2(1, 1)],
        (16, 16, 1),
        0,
        "mse",
        {"last activation": "output-range"},
        (16, 16, 1),
    ),
    Program(
        "GitHub 2",
        lambda: [
            *blocks(((4, 3),) * 2, ((8, 3),) * 2),
            conv2(16, 3),
            conv2(8, 1, "linear", kernel_initializer="zeros"),
        ],
        (16, 16, 3),
        0,
        "mse",
        {"weights that start alike": ""},
        (4, 4, 8),
    ),
    Program(
        "GitHub 3",
        mobile,
        (16, 16, 3),
        16,
        "categorical_crossentropy",
        {"last activation": "output-activation", "no Flatten": "error"},
    ),
    Program(
        "GitHub 4",
        lambda: [conv2(8, 3), conv2(8, 3), layers.Flatten(), dense(64), drop(0.5), dense(10, "softmax")],
        (16, 16, 3),
        10,
        "categorical_crossentropy",
        {"no pooling": "no-pooling"},
    ),
    Program(
        "GitHub 5",
        residual_free,
        (32, 32, 3),
        10,
        "binary_crossentropy",
        {
            "activation and loss": "output-activation",
            "fewer filters": "fewer-filters",
            "useless bias": "useless-bias",
            "smaller windows": "",
        },
    ),
    Program("GitHub 6", mean_pooled, (28, 28, 1), 10, "binary_crossentropy", {"last activation": "warning"}),
    Program("GitHub 7", mean_pooled, (28, 28, 1), 10, "binary_crossentropy", {"last activation": "warning"}),
    Program(
        "GitHub 8",
        lambda: [
            layers.GaussianNoise(0.1),
            conv2(8, 3),
            drop(0.2),
            layers.Flatten(),
            drop(0.2),
            dense(32),
            dense(32),
            dense(32),
            drop(0.2),
            dense(16),
            drop(0.2),
            dense(5, "softmax"),
        ],
        (3, 32, 32),
        5,
        "categorical_crossentropy",
        {"no pooling": ""},
    ),
]
