"""``tf.keras.wrappers``: adapters of models for other libraries."""

from __future__ import annotations

from tensorlet.keras.lazy import lazy_names

__getattr__, __dir__ = lazy_names(__name__, {}, ("scikit_learn",))
