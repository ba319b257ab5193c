"""Cases of layers of text and categories, the same for Keras 2 and for Tensorlet."""

from __future__ import annotations

from typing import Any

import numpy as np

TEXTS = ["The cat sat on the mat.", "A dog! a dog, a DOG", "the bird"]
NEW = ["the dog flew", "cat cat", "Café, dog!", ""]

#: Arguments of `TextVectorization`, adapted to `TEXTS` and called on `NEW`.
VECTORIZED: dict[str, dict[str, Any]] = {
    "int": {},
    "multi_hot": {"output_mode": "multi_hot"},
    "count": {"output_mode": "count"},
    "tf_idf": {"output_mode": "tf_idf"},
    "few words": {"max_tokens": 6},
    "few words in rows": {"max_tokens": 6, "output_mode": "multi_hot"},
    "padded rows": {"max_tokens": 30, "output_mode": "tf_idf", "pad_to_max_tokens": True},
    "bigrams": {"ngrams": 2},
    "bigrams and trigrams": {"ngrams": (2, 3)},
    "bigrams in rows": {"ngrams": 2, "output_mode": "count"},
    "characters": {"split": "character"},
    "as they are": {"standardize": None},
    "lower": {"standardize": "lower"},
    "strip_punctuation": {"standardize": "strip_punctuation"},
    "length": {"output_sequence_length": 2},
    "ragged": {"ragged": True},
    "whole texts": {"split": None},
    "whole texts in rows": {"split": None, "output_mode": "multi_hot"},
    "binary": {"output_mode": "binary"},
}

#: Class -> arguments and inputs.
LOOKED_UP: list[tuple[str, dict[str, Any], Any]] = [
    ("StringLookup", {"vocabulary": ["a", "b"]}, [["b"], ["z"]]),
    ("StringLookup", {"vocabulary": ["a", "b"], "mask_token": ""}, [["b", ""], ["z", "a"]]),
    ("StringLookup", {"vocabulary": ["a", "b"], "output_mode": "one_hot"}, [["b"], ["z"]]),
    ("StringLookup", {"vocabulary": ["a", "b"], "output_mode": "multi_hot"}, [["b", "b"], ["z", "a"]]),
    ("StringLookup", {"vocabulary": ["a", "b"], "output_mode": "count"}, [["b", "b"], ["z", "a"]]),
    (
        "StringLookup",
        {"vocabulary": ["a", "b"], "output_mode": "tf_idf", "idf_weights": [0.4, 0.8]},
        [["b", "b"], ["z", "a"]],
    ),
    (
        "StringLookup",
        {"vocabulary": ["a"], "max_tokens": 5, "pad_to_max_tokens": True, "output_mode": "multi_hot"},
        [["a", "z"]],
    ),
    ("IntegerLookup", {"vocabulary": [12, 36], "output_mode": "multi_hot"}, [[12, 7], [36, 36]]),
    ("Hashing", {"num_bins": 7}, [["a"], ["b"], ["c"]]),
    ("Hashing", {"num_bins": 7, "salt": 133}, [["a"], ["b"], ["a long text with many letters"]]),
    ("Hashing", {"num_bins": 7, "salt": [13, 37], "mask_value": ""}, [["a"], [""], ["c"]]),
    ("Hashing", {"num_bins": 5}, [[1], [20], [-3]]),
    ("CategoryEncoding", {"num_tokens": 4, "output_mode": "count"}, [[0, 1], [3, 3]]),
    ("Discretization", {"bin_boundaries": [0.0, 1.0], "output_mode": "one_hot"}, [[-1.0], [0.5], [3.0]]),
]

#: `HashedCrossing`: the number of bins, and two columns.
CROSSED: list[tuple[int, Any, Any]] = [
    (7, ["a", "b"], [1, 2]),
    (1000000, ["a", "b"], ["c", "d"]),
    (1000, [3, -4], [1, 2]),
]


def values(found: Any) -> Any:
    """A tensor as lists, with six digits."""
    if hasattr(found, "to_list"):
        return found.to_list()
    array = np.asarray(found)
    return array.round(6).tolist() if array.dtype.kind == "f" else array.tolist()


def results(tf: Any) -> dict[str, Any]:
    """Name -> vocabulary and result of each case."""
    layers, found = tf.keras.layers, {}
    for name, options in VECTORIZED.items():
        layer = layers.TextVectorization(**options)
        layer.adapt(np.array(TEXTS))
        found[f"vectorized {name}"] = [layer.get_vocabulary(), values(layer(np.array(NEW)))]
    for number, (kind, options, inputs) in enumerate(LOOKED_UP):
        found[f"looked up {number}"] = values(getattr(layers, kind)(**options)(tf.constant(inputs)))
    for number, (bins, first, second) in enumerate(CROSSED):
        crossed = layers.HashedCrossing(bins)((tf.constant(first), tf.constant(second)))
        found[f"crossed {number}"] = values(crossed)
    return found
