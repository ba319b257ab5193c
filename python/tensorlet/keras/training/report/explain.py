"""`tensorlet.explain`: what went well in a training, what did not, and what to do."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from tensorlet.errors import InvalidArgumentError
from tensorlet.keras.training.report import diagnosis, model_faults
from tensorlet.keras.training.report.diagnosis import Note
from tensorlet.localization import translate as _

if TYPE_CHECKING:
    from tensorlet.keras.training.report.data_facts import DataFacts

#: The codes of the notes that `fit` has printed in this process.
_printed: set[str] = set()
#: Notes that `fit` does not print, since they only matter to those who ask.
_QUIET = frozenset(
    ("useless-bias", "dropout-before-normalization", "dropout-before-pooling", "bias-start", "wider-dense",
     "fewer-filters", "smaller-windows", "no-pooling", "too-much-pooling", "average-pooling", "unequal-blocks")
)  # fmt: skip


class Explanation(list[Note]):
    """The notes of a training, which print as sentences."""

    def __repr__(self) -> str:
        if not self:
            return _("Nothing unusual was found.")
        return "\n".join(f"- {note}" for note in self)

    @property
    def codes(self) -> list[str]:
        """The short names of the notes."""
        return [note.code for note in self]


def explain(history: Any) -> Explanation:
    """Explains a training: inputs out of scale, over-fitting, a loss that does not fall, one class for all rows ...

    Each note says what was found, with numbers, and what to do; in English, or in Korean if `TENSORLET_LANG` or the
    locale says so. The page ``docs/diagnosis.md`` lists all notes.

    Args:
        history: what `fit` or `tensorlet.run_epochs` returned.

    Returns:
        A list of notes with ``code``, ``text`` and ``fix``; printed, it is one sentence for each.

    >>> import numpy as np
    >>> import tensorlet as tf
    >>> model = tf.keras.Sequential([tf.keras.layers.Dense(2, activation="softmax", input_shape=(3,))])
    >>> model.compile("adam", "sparse_categorical_crossentropy")
    >>> x = np.random.default_rng(0).uniform(0, 255, (64, 3))
    >>> tf.explain(model.fit(x, np.arange(64) % 2, epochs=2, verbose=0)).codes
    ['unscaled']
    """
    values = getattr(history, "history", history)
    if not isinstance(values, dict) or not all(isinstance(one, list) for one in values.values()):
        raise InvalidArgumentError(
            f"tensorlet.explain got {type(history).__name__}. Expected what fit returned: history = model.fit(...)."
        )
    return notes_of(values, getattr(history, "facts", None), getattr(history, "model", None))


def notes_of(history: dict[str, list[Any]], facts: DataFacts | None, model: Any) -> Explanation:
    """Returns the notes for a history.

    Args:
        history: the losses and metrics of the epochs.
        facts: what the data show, if known.
        model: the model, if known.
    """
    found = Explanation()
    if facts is not None:
        found += diagnosis.of_data(facts, model is None or model_faults.scales_itself(model))
    if model is not None:
        found += model_faults.of_model(model, facts)
    found += diagnosis.of_history(history, facts)
    return found


def print_notes(history: dict[str, list[Any]], facts: DataFacts | None, model: Any) -> None:
    """Prints the notes that `fit` has not printed yet in this process, to standard error."""
    for note in notes_of(history, facts, model):
        if note.code not in _printed and note.code not in _QUIET and note.code != "nan":  # reported at once
            _printed.add(note.code)
            print(_("Note: ") + str(note), file=sys.stderr)
