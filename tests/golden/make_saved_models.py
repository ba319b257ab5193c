"""Writes small model files of real Keras 2 and Keras 3, and what is known of them.

    python tests/golden/make_saved_models.py

Needs tensorflow (with Keras 3) and tf_keras.
"""

from __future__ import annotations

import importlib
import json
from pathlib import Path
from typing import Any

import saved_model_cases as cases

FOLDER = Path(__file__).parent / "files" / "models"


def main() -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    known: dict[str, Any] = {}
    for dialect, module in (("keras2", "tf_keras"), ("keras3", "keras")):
        keras = importlib.import_module(module)
        known[f"{dialect}_version"] = keras.__version__
        for case, make in cases.CASES.items():
            model = make(keras)
            cases.train(model, case, 1)
            name = f"{dialect}_{case}"
            model.save_weights(FOLDER / f"{name}.weights.h5")
            if case != "subclassed":
                model.save(
                    FOLDER / f"{name}.keras"
                )  # first: saving as .h5 spoils what Keras 3 knows of compile
                model.save(FOLDER / f"{name}.h5")
            known[name] = cases.saved_and_after(model, case)
    keras = importlib.import_module("tf_keras")
    model = cases.sequential(keras)
    model.compile(
        keras.optimizers.legacy.RMSprop(0.01, momentum=0.5, centered=True), "sparse_categorical_crossentropy"
    )
    cases.train(model, "sequential", 1)
    model.save(FOLDER / "keras2_before_2_11.h5")
    model.save_weights(str(FOLDER / "keras2_weights.h5"))
    known["keras2_before_2_11"] = cases.saved_and_after(model, "sequential")
    (FOLDER / "known.json").write_text(json.dumps(known, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
