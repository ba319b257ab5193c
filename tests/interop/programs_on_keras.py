"""Programs for KerasTuner and SciKeras as users write them, run on Tensorlet by `test_packages_on_keras`.

    python tests/interop/programs_on_keras.py tuner FOLDER
    python tests/interop/programs_on_keras.py scikeras

They print their findings as JSON. Each needs a process of its own, in which TensorFlow has not been imported.
"""

from __future__ import annotations

import json
import sys
from typing import Any

import numpy as np

import tensorlet

tensorlet.install_as_tensorflow()

from tensorflow import keras  # noqa: E402

ROWS = np.random.default_rng(0).random((120, 4), dtype=np.float32)
CLASSES = np.array(["left", "middle", "right"])[ROWS[:, :3].argmax(axis=1)]
TOTALS = ROWS.sum(axis=1)


def tuner(folder: str) -> dict[str, Any]:
    """A random search over units and learning rate."""
    import keras_tuner

    def build(hp: Any) -> Any:
        units = hp.Int("units", 8, 32, step=8)
        model = keras.Sequential(
            [keras.layers.Input((4,)), keras.layers.Dense(units, "relu"), keras.layers.Dense(1)]
        )
        rate = hp.Float("learning_rate", 1e-3, 1e-1, sampling="log")
        model.compile(keras.optimizers.Adam(rate), "mse", metrics=["mae"])
        return model

    search = keras_tuner.RandomSearch(
        build, objective="val_mae", max_trials=3, directory=folder, project_name="search", seed=1
    )
    search.search(ROWS[:90], TOTALS[:90], epochs=4, validation_data=(ROWS[90:], TOTALS[90:]), verbose=0)
    best = search.get_best_models(1)[0]
    trials = search.oracle.get_best_trials(3)
    return {
        "keras": type(best).__module__,
        "scores": [trial.score for trial in trials],
        "score of the model read back": best.evaluate(ROWS[90:], TOTALS[90:], verbose=0)[1],
        "values": search.get_best_hyperparameters()[0].values,
        "units of the model": best.layers[0].units,
    }


def scikeras() -> dict[str, Any]:
    """A classifier in a pipeline, a grid search over it, and a regressor."""
    from scikeras.wrappers import KerasClassifier, KerasRegressor
    from sklearn.model_selection import GridSearchCV
    from sklearn.pipeline import Pipeline
    from sklearn.preprocessing import StandardScaler

    def classifier(meta: dict[str, Any], hidden: int = 8) -> Any:
        chain = [keras.layers.Input((meta["n_features_in_"],)), keras.layers.Dense(hidden, "relu")]
        return keras.Sequential([*chain, keras.layers.Dense(meta["n_classes_"], "softmax")])

    def regressor() -> Any:
        return keras.Sequential([keras.layers.Input((4,)), keras.layers.Dense(1)])

    options = {"optimizer": "adam", "optimizer__learning_rate": 0.05, "verbose": 0, "random_state": 0}
    net = KerasClassifier(classifier, hidden=8, loss="sparse_categorical_crossentropy", epochs=20, **options)
    pipeline = Pipeline([("scale", StandardScaler()), ("net", net)])
    pipeline.fit(ROWS, CLASSES)
    grid = GridSearchCV(
        pipeline, {"net__hidden": [2, 16], "net__optimizer__learning_rate": [1e-6, 0.05]}, cv=3
    )
    grid.fit(ROWS, CLASSES)
    line = KerasRegressor(regressor, loss="mse", epochs=60, **options).fit(ROWS, TOTALS)
    return {
        "keras": type(pipeline.named_steps["net"].model_).__module__,
        "score": pipeline.score(ROWS, CLASSES),
        "classes": pipeline.predict(ROWS[:5]).tolist(),
        "probabilities": pipeline.predict_proba(ROWS[:5]).sum(axis=1).tolist(),
        "best": grid.best_params_,
        "best score": grid.best_score_,
        "r2": line.score(ROWS, TOTALS),
    }


if __name__ == "__main__":
    print(json.dumps({"tuner": tuner, "scikeras": scikeras}[sys.argv[1]](*sys.argv[2:])))
