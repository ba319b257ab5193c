"""``tf.keras.wrappers``: models in the form that other libraries expect."""

from __future__ import annotations

from tensorlet.keras.lazy import lazy_names

__getattr__, __dir__ = lazy_names(__name__, {}, ("scikit_learn",))
