"""Cases of `ImageDataGenerator`, the same for Keras 2 and for Tensorlet."""

from __future__ import annotations

import os
from typing import Any

import numpy as np
from PIL import Image

#: Name -> arguments of `ImageDataGenerator`; each picture is changed three times.
RANDOM: dict[str, dict[str, Any]] = {
    "nothing": {},
    "rotation": {"rotation_range": 40},
    "rotation reflect": {"rotation_range": 90, "fill_mode": "reflect"},
    "rotation wrap": {"rotation_range": 90, "fill_mode": "wrap"},
    "rotation constant": {"rotation_range": 90, "fill_mode": "constant", "cval": 7.0},
    "rotation nearest pixel": {"rotation_range": 60, "interpolation_order": 0},
    "shift": {"width_shift_range": 0.2, "height_shift_range": 0.3},
    "shift reflect": {"width_shift_range": 2.7, "height_shift_range": 9.3, "fill_mode": "reflect"},
    "shift wrap": {"width_shift_range": 2.7, "height_shift_range": 9.3, "fill_mode": "wrap"},
    "shift pixels": {"width_shift_range": 4, "height_shift_range": 3},
    "shift list": {"width_shift_range": [1, 3], "height_shift_range": [0.1, 0.2]},
    "shear": {"shear_range": 30},
    "zoom": {"zoom_range": 0.4},
    "zoom pair": {"zoom_range": [0.5, 0.9], "fill_mode": "constant"},
    "flips": {"horizontal_flip": True, "vertical_flip": True},
    "channel shift": {"channel_shift_range": 60.0},
    "brightness": {"brightness_range": [0.4, 1.6]},
    "all": {
        "rotation_range": 20, "width_shift_range": 0.2, "height_shift_range": 0.2, "shear_range": 10,
        "zoom_range": 0.2, "horizontal_flip": True, "brightness_range": (0.7, 1.2), "channel_shift_range": 10.0,
        "rescale": 1 / 255, "fill_mode": "reflect",
    },
    "channels first": {"rotation_range": 30, "data_format": "channels_first", "horizontal_flip": True},
    "samplewise": {"samplewise_center": True, "samplewise_std_normalization": True},
    "rescale": {"rescale": 1 / 255},
}  # fmt: skip

#: Name -> arguments of generators that see the data first, and of `fit`.
FITTED: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "featurewise": ({"featurewise_center": True, "featurewise_std_normalization": True}, {}),
    "featurewise rescaled": ({"featurewise_center": True, "rescale": 0.5}, {}),
    "augmented": (
        {"featurewise_center": True, "rotation_range": 20},
        {"augment": True, "rounds": 2, "seed": 5},
    ),
    "zca": ({"zca_whitening": True, "featurewise_center": True, "zca_epsilon": 0.1}, {}),
}


def pictures(channels_first: bool = False) -> np.ndarray:
    """Five pictures of 7 x 9 pixels with three channels."""
    x = np.random.default_rng(4).uniform(0, 255, (5, 7, 9, 3)).round().astype("float32")
    return np.ascontiguousarray(x.transpose(0, 3, 1, 2)) if channels_first else x


def changed(generator_class: Any, options: dict[str, Any]) -> np.ndarray:
    """Each picture three times, for known seeds of NumPy's generator."""
    generator = generator_class(**options)
    x = pictures(options.get("data_format") == "channels_first")
    return np.stack(
        [
            generator.standardize(generator.random_transform(one.copy(), seed=seed))
            for seed in (0, 1, 2)
            for one in x
        ]
    )


def fitted(generator_class: Any, options: dict[str, Any], arguments: dict[str, Any]) -> np.ndarray:
    """The pictures on the scale that `fit` found."""
    generator = generator_class(**options)
    x = pictures()
    if options.get("zca_whitening"):  # a matrix of all pixels with each other
        x = x[:, :2, :3]
    generator.fit(x, **arguments)
    return generator.standardize(x.copy())


def flowed(generator_class: Any) -> list[np.ndarray]:
    """Batches of `flow`: shuffled, with weights, and with a subset."""
    generator = generator_class(horizontal_flip=True, validation_split=0.4, rotation_range=15)
    x, y = np.concatenate([pictures(), pictures() / 2]), np.arange(10) % 2
    flow = generator.flow(x, y, batch_size=4, seed=3, subset="training")
    weighted = generator.flow(x, y, batch_size=6, seed=3, sample_weight=np.linspace(0, 1, 10))
    found = [part for batches in (flow, weighted) for _ in range(3) for part in next(batches)]
    whole = generator.flow(x, batch_size=3, seed=8, shuffle=True)
    return [*found, whole[2], whole[0], *generator.flow([x, np.arange(10)], y, batch_size=2, seed=1)[1][0]]


def written_pictures(folder: str) -> None:
    """Folders with three classes of small pictures in files of several formats."""
    rng = np.random.default_rng(6)
    for name, endings in (("birds", ("png", "bmp", "png")), ("cats", ("png",) * 4), ("fish", ("png", "bmp"))):
        os.makedirs(os.path.join(folder, name, "more"))
        for number, ending in enumerate(endings):
            pixels = rng.integers(0, 256, (6 + number, 8, 3)).astype("uint8")
            where = os.path.join(folder, name, "more" if number == 1 else "", f"{number}.{ending}")
            Image.fromarray(pixels).save(where)


#: Arguments of `flow_from_directory`.
FOLDERS: list[dict[str, Any]] = [
    {"class_mode": "categorical", "target_size": (5, 6), "batch_size": 4, "seed": 2},
    {"class_mode": "sparse", "target_size": (6, 8), "shuffle": False, "color_mode": "grayscale"},
    {
        "class_mode": "binary",
        "classes": ["fish", "cats"],
        "shuffle": False,
        "target_size": (4, 4),
        "subset": "training",
    },
    {
        "class_mode": "binary",
        "classes": ["fish", "cats"],
        "target_size": (4, 4),
        "subset": "validation",
        "seed": 1,
    },
    {"class_mode": "input", "target_size": (3, 9), "interpolation": "bilinear", "shuffle": False},
    {"class_mode": None, "target_size": (4, 3), "keep_aspect_ratio": True, "interpolation": "box", "seed": 4},
]

#: Arguments of `image_dataset_from_directory`, which are compared without their shuffling in each epoch.
DATASETS: list[dict[str, Any]] = [
    {"image_size": (5, 6), "seed": 2, "label_mode": "categorical"},
    {"image_size": (5, 6), "shuffle": False, "color_mode": "rgba", "crop_to_aspect_ratio": True},
    {"image_size": (4, 4), "seed": 9, "validation_split": 0.4, "subset": "training", "interpolation": "area"},
    {"image_size": (4, 4), "seed": 9, "validation_split": 0.4, "subset": "validation", "label_mode": None},
    {"image_size": (7, 3), "labels": list(range(9)), "seed": 3, "interpolation": "bicubic"},
]


def of_folder(generator_class: Any, folder: str) -> list[np.ndarray]:
    """The batches of an epoch and one more, for each of `FOLDERS`."""
    found = []
    for options in FOLDERS:
        flow = generator_class(rescale=1 / 255, validation_split=0.3).flow_from_directory(folder, **options)
        for _ in range(len(flow) + 1):
            batch = next(flow)
            found += [batch] if options["class_mode"] is None else list(batch)
    return found


def of_datasets(function: Any, folder: str) -> tuple[list[list[str]], list[np.ndarray]]:
    """The order of the files, and pictures and labels in the order of the paths, for each of `DATASETS`."""
    orders, found = [], []
    for options in DATASETS:
        dataset = function(folder, batch_size=None, **options)
        orders.append([os.path.relpath(path, folder) for path in dataset.file_paths])
        elements = [
            tuple(np.asarray(part) for part in (one if isinstance(one, tuple) else (one,))) for one in dataset
        ]
        elements.sort(key=lambda one: float(one[0].sum()))
        found += [np.stack(column) for column in zip(*elements, strict=True)]
    return orders, found
