"""`Strange`: values that a model cannot use, collected over all batches of a table."""

from __future__ import annotations

from collections.abc import Sequence

from tensorlet.localization import translate as _
from tensorlet.tabular.columns.column import Column
from tensorlet.tabular.columns.encoder import Encoded, Unreadable
from tensorlet.tabular.names import kind_name
from tensorlet.tabular.reading.second_look import short
from tensorlet.tabular.reading.streams import Stream

#: The number of unknown categories that are named, and that are counted one by one.
NAMED, COUNTED = 5, 1000


class Strange:
    """Collects unknown categories and values that cannot be read.

    Args:
        columns: the columns of the model.
        is_training: whether the rows are those that the model is trained on.
    """

    def __init__(self, columns: Sequence[Column], is_training: bool = False) -> None:
        self._is_training = is_training
        self._kinds = {column.name: column.kind for column in columns}
        self._unknown: dict[str, dict[str, int]] = {}
        self._unreadable: dict[str, Unreadable] = {}

    def collect(self, encoded: Encoded, first: int) -> None:
        """Adds what a batch had.

        Args:
            encoded: the encoded batch.
            first: the number of its first row in the table.
        """
        for name, counts in encoded.unknown.items():
            known = self._unknown.setdefault(name, {})
            for text, count in counts.items():
                if text in known or len(known) < COUNTED:
                    known[text] = known.get(text, 0) + count
        for name, (row, text, count) in encoded.unreadable.items():
            before = self._unreadable.get(name, Unreadable(first + row, text, 0))
            self._unreadable[name] = before._replace(count=before.count + count)

    def notes(self, stream: Stream) -> list[str]:
        """Returns a sentence for each column.

        Args:
            stream: where the rows came from: it knows the lines of rows.
        """
        found = []
        for name, counts in self._unknown.items():
            most = sorted(counts.items(), key=lambda pair: -pair[1])
            shown = ", ".join(f"'{short(text)}' ({count:,})" for text, count in most[:NAMED])
            text = (
                _("Column '{name}': values that are too rare: {values}. They count as unknown.")
                if self._is_training
                else _(
                    "Column '{name}': values that the training did not have: {values}. They count as unknown."
                )
            )
            found.append(text.format(name=name, values=shown + (", …" if len(most) > NAMED else "")))
        for name, (row, text, count) in self._unreadable.items():
            sentence = (
                _("Column '{name}', {place}: '{value}' is not of the kind '{kind}'; it counts as missing.")
                if count == 1
                else _("Column '{name}': {count} values are not of the kind '{kind}', the first in {place}: '{value}'. "
                       "They count as missing.")
            )  # fmt: skip
            found.append(
                sentence.format(
                    name=name,
                    place=stream.place(row),
                    value=short(text),
                    kind=kind_name(self._kinds[name]),
                    count=f"{count:,}",
                )
            )
        return found
