"""Arguments of `fit`, `evaluate` and `predict` in the years before."""

from __future__ import annotations

from typing import Any

from tensorlet.keras.spellings import note_old_spelling

#: Arguments of Keras 1's `fit` and `fit_generator` that mean something else than any of today's.
_MENDS = {
    "nb_val_samples": "It counted rows: give validation_steps, the number of batches.",
    "samples_per_epoch": "It counted rows: give steps_per_epoch, the number of batches: rows // batch_size.",
    "show_accuracy": "Write compile(..., metrics=['accuracy']).",
}
_OF_FIT = (
    "x, y, batch_size, epochs, verbose, callbacks, validation_split, validation_data, shuffle, class_weight, "
    "sample_weight, initial_epoch, steps_per_epoch, validation_steps, validation_batch_size or validation_freq"
)
#: Those that were for several processes: taken, and of no use here.
_USELESS = frozenset(
    {"max_q_size", "max_queue_size", "nb_worker", "pickle_safe", "use_multiprocessing", "workers"}
)


def old_arguments(old: dict[str, Any], epochs: int) -> int:
    """Takes spellings of the years before, with a note for each.

    Args:
        old: the arguments that `fit` does not know.
        epochs: how many epochs were asked for by today's name.

    Returns:
        How many epochs there are to be.

    Raises:
        TypeError: for anything else.

    >>> import warnings
    >>> from tensorlet.keras.training.old_arguments import old_arguments
    >>> with warnings.catch_warnings():
    ...     warnings.simplefilter("ignore")
    ...     old_arguments({"nb_epoch": 3}, epochs=1)
    3
    """
    if "nb_epoch" in old:
        note_old_spelling("fit(nb_epoch=...)", "fit(epochs=...)")
        epochs = old.pop("nb_epoch")
    for name in sorted(old.keys() & _MENDS.keys()):
        raise TypeError(f"fit() does not take '{name}', which Keras dropped in 2017. {_MENDS[name]}")
    drop_useless("fit", old, _OF_FIT)
    return epochs


def drop_useless(method: str, old: dict[str, Any], known: str) -> None:
    """Takes the arguments that were for several processes, with a note for each.

    Args:
        method: what was called, such as ``"predict"``.
        old: the arguments that it does not know.
        known: those that it knows, for the message.

    Raises:
        TypeError: for anything else.

    >>> from tensorlet.keras.training.old_arguments import drop_useless
    >>> drop_useless("predict", {"speed": 3}, "x or steps")
    Traceback (most recent call last):
    TypeError: predict() got ['speed'], which it does not know. Expected x or steps.
    """
    for name in sorted(old.keys() & _USELESS):
        note_old_spelling(f"{method}({name}=...)", f"{method}() without it")
    unknown = sorted(old.keys() - _USELESS)
    if unknown:
        raise TypeError(f"{method}() got {unknown}, which it does not know. Expected {known}.")
