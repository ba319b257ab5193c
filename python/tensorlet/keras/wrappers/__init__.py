"""``tf.keras.wrappers``: Keras models as estimators of scikit-learn.

`KerasClassifier` and `KerasRegressor` have the arguments of Keras 2 and of scikeras (``scikeras.wrappers``);
`SKLearnClassifier`, `SKLearnRegressor` and `SKLearnTransformer` are those of Keras 3.
"""

from __future__ import annotations

from tensorlet.keras.lazy import lazy_names

_HERE = "tensorlet.keras.wrappers"
_PLACES = {
    f"{_HERE}.base": "BaseWrapper",
    f"{_HERE}.scikit_learn": "KerasClassifier KerasRegressor",
    f"{_HERE}.of_keras3": "SKLearnClassifier SKLearnRegressor SKLearnTransformer",
}

__getattr__, __dir__ = lazy_names(__name__, _PLACES, ("scikit_learn",))
