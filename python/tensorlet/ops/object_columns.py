"""The message for data that contain objects: which column, which value, and how to convert them to numbers."""

from __future__ import annotations

import numpy as np


def object_error(value: object, array: np.ndarray) -> str:
    """Explains why an array of objects cannot be converted to numbers.

    Args:
        value: the data as given: a data frame or series, whose columns have names, or an array.
        array: the values, as objects.

    >>> object_error(None, np.array([[1, "rome"], [2, "oslo"]], dtype=object)).split(". ")[0]
    "Column 1 of the data holds text, such as 'rome' in row 0"
    """
    rows = array.reshape(len(array), -1) if array.ndim and array.size else array.reshape(1, -1)
    for number in range(rows.shape[1]):
        for row, item in enumerate(rows[:, number]):
            if not _is_number(item):
                name = _name_of(value, number, array.ndim)
                return (
                    f"{name} holds {_kind_of(item)}, such as {_shown(item)} in row {row}. {_fix(item, value)}"
                )
    return "The data contain objects of different types, but numbers are expected."


def _is_number(item: object) -> bool:
    try:
        float(item)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        return False
    return not isinstance(item, str)


def _name_of(value: object, number: int, rank: int) -> str:
    columns = getattr(value, "column_names", None) or getattr(value, "columns", None)
    if columns is not None and number < len(columns):
        return f"The column {columns[number]!r}"
    name = getattr(value, "name", None)
    if name is not None:
        return f"The column {name!r}"
    return f"Column {number} of the data" if rank > 1 else "The data"


def _kind_of(item: object) -> str:
    if isinstance(item, str):
        return "text"
    if _is_missing(item):
        return "missing values"
    if isinstance(item, list | tuple | np.ndarray):
        return "lists"
    return f"values of type {type(item).__name__}"


def _shown(item: object) -> str:
    text = repr(item)
    return text if len(text) <= 40 else f"{text[:37]}..."


def _is_missing(item: object) -> bool:
    return type(item).__name__ in ("NAType", "NaTType")


def _fix(item: object, value: object) -> str:
    if isinstance(item, str):
        ways = {
            "polars": "frame.to_dummies(column), frame[column].cast(polars.Categorical).to_physical()",
            "pyarrow": "table[column].combine_chunks().dictionary_encode().indices",
        }
        library = type(value).__module__.partition(".")[0]
        usual = "pandas.get_dummies(frame), frame[column].astype('category').cat.codes"
        return (
            f"Encode it as numbers first: {ways.get(library, usual)}, or tf.keras.layers.StringLookup. "
            "tensorlet.tabular.train(frame, target) encodes all columns itself."
        )
    if _is_missing(item):
        return "Fill the gaps, for example with frame.fillna(0), or drop such rows with frame.dropna()."
    if isinstance(item, list | tuple | np.ndarray):
        return (
            "Make all rows the same length: tf.keras.utils.pad_sequences(rows, padding='post') appends zeros. Rows of "
            "one length are stacked by np.stack(list(column))."
        )
    if hasattr(item, "timestamp") or hasattr(item, "total_seconds"):
        return "Convert times to numbers first, for example to seconds: (times - times.min()).dt.total_seconds()."
    return "Convert it to numbers first."
