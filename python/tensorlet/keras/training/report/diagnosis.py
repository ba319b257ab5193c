"""What a history and the data say about a training: over-fitting, a loss that does not fall, inputs out of scale ...

Each note has numbers and a fix. The thresholds are rules of thumb: a note is a question worth asking, not a verdict.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from tensorlet.localization import translate as _

if TYPE_CHECKING:
    from tensorlet.keras.training.report.data_facts import DataFacts

#: Inputs beyond this are out of scale.
LARGE = 10.0
#: The share by which the loss must fall in several epochs.
FALLS = 0.003
FEW_EPOCHS = 3
#: The validation loss has grown by this share since its best epoch; or the accuracies differ by this much.
GROWN, GAP = 0.1, 0.1
#: The share of the commonest class from which on classes are unbalanced.
UNBALANCED = 0.8
#: A loss that rises in more than this share of the epochs goes up and down.
RISES = 0.35

History = Mapping[str, Sequence[float]]


class Note(NamedTuple):
    """Something about a training that the user should know.

    Attributes:
        code: a short name that does not change.
        text: what was found, with numbers.
        fix: what to do.
    """

    code: str
    text: str
    fix: str

    def __str__(self) -> str:
        return f"{self.text} {self.fix}"


def of_history(history: History, facts: DataFacts | None) -> Iterator[Note]:
    """Yields what the losses and metrics of the epochs show."""
    losses = [float(value) for value in history.get("loss", ())]
    if not losses:
        return
    bad = next((epoch for epoch, value in enumerate(losses, 1) if not math.isfinite(value)), None)
    if bad is not None:
        yield Note(
            "nan",
            _("The loss is {value} from epoch {epoch} on.").format(value=losses[bad - 1], epoch=bad),
            _("Lower the learning rate, scale the inputs, and check the data for missing values."),
        )
        return
    stuck = list(_stuck(losses, history, facts))
    yield from stuck
    if not stuck:
        yield from _rising(losses)
    yield from _over_fitting(losses, history)
    yield from _one_class(history, facts)


def _stuck(losses: list[float], history: History, facts: DataFacts | None) -> Iterator[Note]:
    if len(losses) < FEW_EPOCHS or losses[0] == 0 or (losses[0] - min(losses)) > FALLS * abs(losses[0]):
        return
    if losses[-1] > (1 + GROWN) * abs(losses[0]):  # it grows
        return
    if facts is not None and len(facts.classes) > 1:
        present = sum(count > 0 for count in facts.classes)
        if losses[0] < 0.5 * math.log(present):  # it had been trained before
            return
    yield Note(
        "stuck",
        _("The loss has not fallen in {epochs} epochs: {first:.4g} at first, {best:.4g} at best.").format(
            epochs=len(losses), first=losses[0], best=min(losses)
        ),
        _(
            "Try a learning rate ten times larger or smaller, scale the inputs, and check that "
            "the labels belong to the rows."
        ),
    )


def _rising(losses: list[float]) -> Iterator[Note]:
    best = min(losses)
    if len(losses) >= FEW_EPOCHS and losses[-1] > 1.5 * best and losses[-1] > losses[0]:
        yield Note(
            "diverging",
            _("The loss grows: {best:.4g} at best, {last:.4g} in the last epoch.").format(
                best=best, last=losses[-1]
            ),
            _("The learning rate is too high: divide it by ten."),
        )
        return
    rises = sum(later > 1.02 * earlier for earlier, later in itertools.pairwise(losses))
    if len(losses) >= 8 and rises > RISES * (len(losses) - 1):
        yield Note(
            "oscillating",
            _("The loss goes up and down: it rose in {rises} of {epochs} epochs.").format(
                rises=rises, epochs=len(losses)
            ),
            _("Lower the learning rate, or use a larger batch."),
        )


def _over_fitting(losses: list[float], history: History) -> Iterator[Note]:
    validation = [float(value) for value in history.get("val_loss", ())]
    if len(validation) < 4 or not all(map(math.isfinite, validation)):
        return
    best = min(range(len(validation)), key=validation.__getitem__)
    fix = _(
        "Stop at the best epoch: tf.keras.callbacks.EarlyStopping(patience=5, restore_best_weights=True). More data, a "
        "smaller model, dropout or L2 regularization help as well."
    )
    falls = losses[-1] < losses[min(best, len(losses) - 1)]
    if falls and best < len(validation) - 1 and validation[-1] > (1 + GROWN) * abs(validation[best]):
        yield Note(
            "over-fitting",
            _("Over-fitting: the validation loss is best in epoch {best} ({low:.4g}) and has grown to {last:.4g}, "
              "while the training loss falls to {loss:.4g}.").format(
                best=best + 1, low=validation[best], last=validation[-1], loss=losses[-1]
            ),
            fix,
        )  # fmt: skip
        return
    name = _accuracy_of(history)
    known, seen = list(history.get(name, ())), list(history.get(f"val_{name}", ()))
    if known and seen and known[-1] - seen[-1] > GAP:
        yield Note(
            "over-fitting",
            _(
                "Over-fitting: {name} is {known:.3f} on the training rows, but {seen:.3f} on the validation rows."
            ).format(name=name, known=known[-1], seen=seen[-1]),
            fix,
        )


def _accuracy_of(history: History) -> str:
    return next((name for name in history if "acc" in name and not name.startswith("val_")), "accuracy")


def _one_class(history: History, facts: DataFacts | None) -> Iterator[Note]:
    if facts is None or sum(count > 0 for count in facts.classes) < 2:
        return
    accuracy = list(history.get(_accuracy_of(history), ()))
    share = max(facts.classes) / sum(facts.classes)
    # Before that it may only be learning slowly.
    if (
        len(accuracy) >= FEW_EPOCHS
        and abs(accuracy[-1] - share) < 0.003
        and abs(accuracy[-2] - share) < 0.003
    ):
        most = max(range(len(facts.classes)), key=facts.classes.__getitem__)
        yield Note(
            "one-class",
            _(
                "The accuracy is {accuracy:.3f}, the share of class {name}: the model predicts this "
                "class for every row."
            ).format(accuracy=accuracy[-1], name=most),
            _("Use class_weight, another learning rate or scaled inputs, and look at the confusion matrix."),
        )


def of_data(facts: DataFacts, scales_itself: bool) -> Iterator[Note]:
    """Yields what the data show.

    Args:
        facts: the facts.
        scales_itself: whether the model begins with a layer that scales its inputs or looks them up.
    """
    for number, one in enumerate(facts.inputs):
        name = "x" if len(facts.inputs) == 1 else f"x[{number}]"
        if one.not_finite:
            yield Note(
                "missing-values",
                _("{name} contains NaN or infinity, {count} times in {rows} rows looked at.").format(
                    name=name, count=one.not_finite, rows=min(facts.rows, 64)
                ),
                _("Fill the gaps, or leave such rows out: one of them makes all weights NaN."),
            )
        if not scales_itself and max(abs(one.low), abs(one.high)) > LARGE:
            yield Note(
                "unscaled",
                _("{name} is not scaled: its numbers go from {low:.4g} to {high:.4g}, with mean {mean:.4g} and "
                  "deviation {deviation:.4g}.").format(
                    name=name, low=one.low, high=one.high, mean=one.mean, deviation=one.deviation
                ),
                _("Divide pixels by 255, or put tf.keras.layers.Normalization() first and call its adapt(x)."),
            )  # fmt: skip
    total = sum(facts.classes)
    present = [count for count in facts.classes if count]
    if len(present) > 1 and max(present) > UNBALANCED * total:
        yield Note(
            "unbalanced",
            _("{share:.0%} of the labels are class {name}: always predicting it is right that often.").format(
                share=max(present) / total, name=facts.classes.index(max(present))
            ),
            _("Compare the accuracy with this share, and consider class_weight in fit."),
        )
