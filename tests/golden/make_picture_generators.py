"""Writes ``picture_generators.npz``: what real Keras 2.15 makes of ``picture_generator_cases.py``.

python tests/golden/make_picture_generators.py      (needs TensorFlow 2.15, SciPy and Pillow)
"""

from __future__ import annotations

import json
import tempfile
from pathlib import Path

import numpy as np
from keras.preprocessing.image import ImageDataGenerator
from picture_generator_cases import (
    FITTED,
    RANDOM,
    changed,
    fitted,
    flowed,
    of_datasets,
    of_folder,
    written_pictures,
)

from keras.utils import image_dataset_from_directory

TARGET = Path(__file__).with_name("picture_generators.npz")


def main() -> None:
    """Writes the file, with four digits after the point."""
    found = {f"random {name}": changed(ImageDataGenerator, options) for name, options in RANDOM.items()}
    found |= {f"fitted {name}": fitted(ImageDataGenerator, *case) for name, case in FITTED.items()}
    found |= {f"flow {number}": part for number, part in enumerate(flowed(ImageDataGenerator))}
    with tempfile.TemporaryDirectory() as folder:
        written_pictures(folder)
        found |= {
            f"folder {number}": part for number, part in enumerate(of_folder(ImageDataGenerator, folder))
        }
        orders, parts = of_datasets(image_dataset_from_directory, folder)
        found |= {f"dataset {number}": part for number, part in enumerate(parts)}
    TARGET.with_suffix(".json").write_text(json.dumps(orders) + "\n", encoding="utf-8")
    np.savez_compressed(
        TARGET, **{name: np.asarray(value, np.float32).round(4) for name, value in found.items()}
    )


if __name__ == "__main__":
    main()
