"""The names of kinds of columns and of measures, in words."""

from __future__ import annotations

from tensorlet.localization import translate as _


def kind_name(kind: str) -> str:
    """Returns the name of a kind of column."""
    names = {
        "number": _("number"), "category": _("category"), "boolean": _("yes or no"), "date": _("date"),
        "text": _("text"), "identifier": _("identifier"), "constant": _("constant"), "empty": _("empty"),
    }  # fmt: skip
    return names[kind]


def measure_name(key: str) -> str:
    """Returns the name of a measure."""
    names = {
        "accuracy": _("accuracy"), "balanced_accuracy": _("balanced accuracy"), "macro_f1": "macro-F1",
        "log_loss": _("log-loss"), "calibration_error": _("calibration error"), "r2": "R²",
        "mae": _("mean absolute error"), "rmse": _("root mean square error"),
    }  # fmt: skip
    return names[key]
