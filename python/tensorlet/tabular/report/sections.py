"""The sections of the report below the comparison of the models."""

from __future__ import annotations

from html import escape
from typing import Any

from tensorlet.localization import translate as _
from tensorlet.tabular.report.svg import (
    bar_chart,
    both_sizes,
    calibration_chart,
    loss_chart,
    rate_chart,
    scatter_chart,
)
from tensorlet.tabular.training import titles

Summary = dict[str, Any]

#: With more classes than this, the most frequent confusions are listed instead of the whole matrix.
MOST_CLASSES = 12
MOST_COLUMNS = 15


def findings(summary: Summary) -> str:
    """Returns the warnings and notes."""
    items = []
    for one in summary["findings"]:
        tag = _("Warning") if one["level"] == "warning" else _("Note")
        items.append(
            f'<li class="{one["level"]}"><span class="tag">{tag}</span>{escape(one["text"])}'
            f'<span class="fix">{escape(one["fix"])}</span></li>'
        )
    items += [f"<li>{escape(note)}</li>" for note in summary["notes"]]
    return f'<ul class="findings">{"".join(items)}</ul>\n' if items else ""


def errors(summary: Summary, classes: bool) -> str:
    """Returns where the better model is wrong: the confusion matrix and calibration, or a scatter plot."""
    if not classes:
        name = summary["target"]["name"]
        chart = scatter_chart(
            summary["predictions"],
            (_("true {name}").format(name=name), _("predicted {name}").format(name=name)),
        )
        text = _("Each point is a row of the test. On the dashed line, the prediction is right.")
        return (
            f'<section><h2>{_("Where it is wrong")}</h2><div class="cards"><div class="card">{chart}<p>{text}</p></div>'
            f'<div class="card">{_worst(summary)}</div></div></section>\n'
        )
    matrix = _matrix(summary) if len(summary["target"]["classes"]) <= MOST_CLASSES else _confusions(summary)
    chart = calibration_chart(
        summary["calibration"], (_("probability that the model states"), _("share that is right"))
    )
    text = _(
        "Each point is a group of test rows with similar probabilities of the predicted "
        "class; large ones have many rows. "
        "On the dashed line, a stated 80 % is right in 80 % of the cases."
    )
    return (
        f"<section><h2>{_('Where it is wrong')}</h2>"
        f'<div class="card"><h3>{_("True and predicted classes")}</h3>{matrix}</div>'
        '<div class="cards"><div class="card"><h3>'
        f"{_('Can the probabilities be trusted?')}</h3>{chart}<p>{text}</p></div>"
        f'<div class="card"><h3>{_("Classes")}</h3>{_per_class(summary)}</div></div></section>\n'
    )


def _worst(summary: Summary) -> str:
    pairs = sorted(summary["predictions"], key=lambda pair: -abs(pair[0] - pair[1]))[:8]
    rows = "".join(
        f'<tr><td class="right">{truth:,.4g}</td><td class="right">{guess:,.4g}</td><td '
        f'class="right">{guess - truth:+,.4g}</td></tr>'
        for truth, guess in pairs
    )
    head = "".join(
        f'<th class="right">{escape(text)}</th>' for text in (_("true"), _("predicted"), _("difference"))
    )
    return f"<h3>{_('The largest errors')}</h3><table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"


def _matrix(summary: Summary) -> str:
    names, matrix = summary["target"]["classes"], summary["confusion_matrix"]
    head = "".join(f"<th>{escape(name)}</th>" for name in names)
    body = []
    for name, row in zip(names, matrix, strict=True):
        total = sum(row) or 1
        cells = "".join(
            f'<td style="background:rgba(var(--heat),{0.62 * count / total:.2f})"'
            f"{' class=chosen' if name == other else ''}>{count:,}</td>"
            for other, count in zip(names, row, strict=True)
        )
        body.append(f"<tr><th>{escape(name)}</th>{cells}</tr>")
    corner = f'<th class="corner">{_("true ↓ predicted →")}</th>'
    return (
        f'<div class="scroll"><table class="confusion"><thead><tr>{corner}{head}</tr></thead>'
        f"<tbody>{''.join(body)}</tbody></table></div>"
    )


def _confusions(summary: Summary) -> str:
    names, matrix = summary["target"]["classes"], summary["confusion_matrix"]
    pairs = sorted(
        ((count, i, j) for i, row in enumerate(matrix) for j, count in enumerate(row) if i != j and count),
        reverse=True,
    )[:12]
    if not pairs:
        return f"<p>{_('No row of the test was taken for another class.')}</p>"
    rows = "".join(
        f'<tr><td>{escape(names[i])}</td><td>{escape(names[j])}</td><td class="right">{count:,}</td></tr>'
        for count, i, j in pairs
    )
    head = f"<th>{_('true')}</th><th>{_('predicted')}</th><th class=right>{_('rows')}</th>"
    return f"<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"


def _per_class(summary: Summary) -> str:
    names, matrix = summary["target"]["classes"], summary["confusion_matrix"]
    rows = []
    for index, name in enumerate(names[:MOST_CLASSES]):
        truth, guess = sum(matrix[index]), sum(row[index] for row in matrix)
        hits = matrix[index][index]
        found = f"{hits / truth:.0%}" if truth else "–"
        right = f"{hits / guess:.0%}" if guess else "–"
        rows.append(
            f'<tr><td class="name">{escape(name)}</td><td class="right">{summary["class_rows"][index]:,}</td>'
            f'<td class="right">{found}</td><td class="right">{right}</td></tr>'
        )
    head = (
        f"<th></th><th class=right>{_('rows')}</th><th class=right>{_('recall')}</th>"
        f"<th class=right>{_('precision')}</th>"
    )
    text = _(
        "Recall: of the rows of the class, how many are found. Precision: of the rows taken "
        "for the class, how many belong to it."
    )
    return f"<table><thead><tr>{head}</tr></thead><tbody>{''.join(rows)}</tbody></table><p>{text}</p>"


def importance(summary: Summary, classes: bool) -> str:
    """Returns the importance of the columns."""
    rows = [(one["name"], one["value"], one["error"]) for one in summary["importance"][:MOST_COLUMNS]]
    if not rows:
        return ""
    title = (
        _("growth of the log-loss")
        if classes
        else _("growth of the mean square error, as a share of the variance")
    )
    text = _(
        "How much worse the model predicts the test rows when the values of one column are shuffled among them, with "
        "standard errors. Columns that say the same share their importance, and each looks less important than it is."
    )
    return (
        f'<section><h2>{_("What matters")}</h2><p class="lead">{text}</p>'
        f'<div class="card wide">{both_sizes(lambda size: bar_chart(rows, title, size))}</div></section>\n'
    )


def learning(summary: Summary, classes: bool) -> str:
    """Returns the losses and the range tests of both models."""
    names, cards = titles(classes), []
    for name, one in summary["training"].items():
        words = (_("epoch"), _("loss"), _("training"), _("validation"))
        chart = loss_chart(one["loss"], one["validation_loss"], one["best_epoch"], words)
        text = _(
            "{parameters:,} parameters; the weights of epoch {best} of {epochs} are kept (dashed line). "
            "{seconds:.2f} s."
        ).format(
            parameters=one["parameters"], best=one["best_epoch"], epochs=len(one["loss"]),
            seconds=summary["seconds"][name],
        )  # fmt: skip
        cards.append(f'<div class="card"><h3>{escape(names[name])}</h3>{chart}<p>{text}</p></div>')
    for name, one in summary["training"].items():
        if len(one["range_test"]) < 3:
            continue
        chart = rate_chart(one["range_test"], one["learning_rate"], (_("learning rate"), _("loss")))
        text = _("A short training with a growing learning rate. The dashed line is the rate that was used.")
        cards.append(
            f'<div class="card"><h3>{escape(names[name])}: '
            f"{_('range test of the learning rate')}</h3>{chart}<p>{text}</p></div>"
        )
    return f'<section><h2>{_("How it learned")}</h2><div class="cards">{"".join(cards)}</div></section>\n'


def details(summary: Summary, name: str) -> str:
    """Returns the facts that are needed to repeat the training, and what to do with the model."""
    split = summary["split"]
    tasks = {"classes": _("classes"), "number": _("a number")}
    facts = (
        (_("file"), f"{summary['file']} ({summary['format']})"),
        (_("rows"), _("{train:,} for training, {validation:,} for validation, {test:,} for the test; {how}").format(
            train=split["training"], validation=split["validation"], test=split["test"], how=split["how"])),
        (_("task"), f"{tasks[summary['target']['task']]} ({summary['target']['why']})"),
        (_("seed"), str(summary["seed"])),
        (_("fingerprint"), summary["fingerprint"]),
        ("Tensorlet", summary["tensorlet"]),
    )  # fmt: skip
    items = "".join(f"<dt>{escape(title)}</dt><dd>{escape(text)}</dd>" for title, text in facts)
    stem = name.removesuffix(".gz").rpartition(".")[0] or name
    commands = escape(
        f"tensorlet predict {stem}.keras new.csv --output answers.csv\n"
        f"tensorlet evaluate {stem}.keras new.csv\n"
        f"tensorlet explain {stem}.keras {name} --row 1\n"
        f"tensorlet export {stem}.keras {stem}.onnx"
    )
    text = _("The model file holds the preprocessing and the names of the columns. Keras 3 opens it as well.")
    return (
        f"<section><h2>{_('What to do with it')}</h2><p>{text}</p><pre>{commands}</pre></section>\n"
        f"<section><h2>{_('Details')}</h2><dl>{items}</dl></section>\n"
        f"<footer>{_('Made by Tensorlet on this computer; no data have left it.')}</footer>\n"
    )
