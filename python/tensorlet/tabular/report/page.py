"""The report of a training as one page of HTML, which needs no other file and no script."""

from __future__ import annotations

import os
from html import escape
from typing import Any

from tensorlet.localization import language
from tensorlet.localization import translate as _
from tensorlet.tabular.columns.values import date_text
from tensorlet.tabular.names import kind_name, measure_name
from tensorlet.tabular.report import sections
from tensorlet.tabular.report.style import STYLE
from tensorlet.tabular.report.svg import both_sizes, histogram, interval_chart, number_text
from tensorlet.tabular.training import titles

Summary = dict[str, Any]


#: The columns that are shown; all are in the JSON twin.
MOST_COLUMNS = 300


def page_of(summary: Summary) -> str:
    """Returns the page.

    Args:
        summary: what `summary_of` returns.
    """
    classes = bool(summary["target"]["classes"])
    name = os.path.basename(summary["file"].rstrip("/\\"))
    body = [
        _head(summary, name),
        _verdict(summary, classes),
        sections.findings(summary),
        _comparison(summary, classes),
        sections.errors(summary, classes),
        sections.importance(summary, classes),
        sections.learning(summary, classes),
        _columns(summary),
        sections.details(summary, name),
    ]
    return (
        f'<!DOCTYPE html>\n<html lang="{language()}">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(name)}: {escape(summary['target']['name'])}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n"
        f"<main>\n{''.join(body)}</main>\n</body>\n</html>\n"
    )


def _head(summary: Summary, name: str) -> str:
    used = sum(column["role"] == "input" for column in summary["columns"])
    if used:
        text = _("Predicts <b>{target}</b> from {columns} columns; {rows} rows.")
    else:
        text = _("Predicts <b>{target}</b> from pictures; {rows} of them.")
    lead = text.format(target=escape(summary["target"]["name"]), columns=used, rows=f"{summary['rows']:,}")
    return (
        f'<header><p class="over">Tensorlet · {_("report of a training")} · {escape(summary["date"])}</p>'
        f'<h1>{escape(name)}</h1><p class="lead">{lead}</p></header>\n'
    )


def _verdict(summary: Summary, classes: bool) -> str:
    best = titles(classes)[summary["best"]]
    measures, base = summary["measures"][summary["best"]], summary["measures"]["baseline"]
    if classes:
        one, other = measures["accuracy"], base["accuracy"]
        figure, unit = f"{one['value']:.1%}", _("of the test rows are predicted right")
        text = _(
            "The better model, the <b>{model}</b>, predicts the right class for <b>{value}</b> of "
            "{rows:,} rows that it "
            "has not seen. With 95 % confidence, it is between {low} and {high} for rows of the same kind. Always "
            "answering the commonest class is right for {base}."
        )
    else:
        one, other = measures["mae"], base["mae"]
        unit_name = summary["target"]["unit"]
        figure, unit = (
            f"±{number_text(one['value'])}",
            " ".join(filter(None, (unit_name, _("mean absolute error")))),
        )
        text = _(
            "The better model, the <b>{model}</b>, is wrong by <b>{value}</b> on average, on "
            "{rows:,} rows that it has not "
            "seen. With 95 % confidence, it is between {low} and {high} for rows of the same kind. Always answering "
            "the mean is wrong by {base}."
        )
    write = "{:.1%}".format if classes else number_text
    text = text.format(
        model=escape(best), value=write(one["value"]), rows=summary["split"]["test"], low=write(one["low"]),
        high=write(one["high"]), base=write(other["value"]),
    )  # fmt: skip
    if not classes:
        text += " " + _("It explains {share:.0%} of the variance (R²).").format(share=measures["r2"]["value"])
    return (
        f'<section class="verdict"><div class="figure">{figure}<span class="unit">{escape(unit)}</span></div>'
        f"<p>{text}</p></section>\n"
    )


def _comparison(summary: Summary, classes: bool) -> str:
    names, measures, best = titles(classes), summary["measures"], summary["best"]
    key = "accuracy" if classes else "r2"
    shorter = {**names, "baseline": _("baseline"), "trees": _("boosted trees")}
    rows = [
        (shorter[name], one[key]["value"], one[key]["low"], one[key]["high"], name == best)
        for name, one in measures.items()
    ]
    chart = both_sizes(lambda size: interval_chart(rows, measure_name(key), classes, size))
    keys = list(measures[best])
    head = "".join(f"<th>{escape(measure_name(one))}</th>" for one in keys)
    body = []
    for name, one in measures.items():
        cells = "".join(
            f'<td>{_short(one[key]["value"])}<span class="range">{_short(one[key]["low"])} – '
            f"{_short(one[key]['high'])}</span></td>"
            for key in keys
        )
        chosen = ' class="chosen"' if name == best else ""
        body.append(f'<tr{chosen}><td class="name">{escape(names[name])}</td>{cells}</tr>')
    method = _(
        "Below each value is its interval of 95 %: Wilson's for the accuracy, and percentiles "
        "of bootstrap samples of the "
        "test rows for the others."
    )
    better = _("More is better for {more}; less is better for the others.").format(
        more=", ".join(
            measure_name(one) for one in keys if one in ("accuracy", "balanced_accuracy", "macro_f1", "r2")
        )
    )
    return (
        f"<section><h2>{_('How good it is')}</h2>"
        f'<p class="lead">{_("Measured on the test rows, which neither model has seen.")}</p>'
        f'<div class="card wide">{chart}</div>'
        f'<div class="scroll"><table><thead><tr><th></th>{head}</tr></thead><tbody>'
        f"{''.join(body)}</tbody></table></div>"
        f'<p class="lead">{method} {better}</p></section>\n'
    )


def _short(value: float | None) -> str:
    if value is None:
        return "–"
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{round(value, 3) + 0.0:.3f}"  # without -0.000


def _columns(summary: Summary) -> str:
    if not summary["columns"]:
        return ""
    uses = {
        "input": _("input"), "target": _("target"), "time": _("time"), "group": _("group"), "left out": _("left out"),
        "weights": _("weights"),
    }  # fmt: skip
    rows = []
    for column in summary["columns"][:MOST_COLUMNS]:
        counts = column["histogram"] if column["kind"] in ("number", "date") else column["counts"][:20]
        if column["role"] == "left out":
            counts = []
        if column["kind"] == "number":
            levels = f"{number_text(column['minimum'])} – {number_text(column['maximum'])}"
        elif column["kind"] == "date":
            levels = f"{date_text(column['minimum'])} – {date_text(column['maximum'])}"
        else:
            shown = column["categories"][: 1 if column["role"] == "left out" else 4]
            more = len(column["categories"]) > len(shown)
            levels = ", ".join(text[:24] for text in shown) + (", …" if more else "")
        missing = f"{column['missing'] / column['count']:.0%}" if column["missing"] else "–"
        role = column["role"]
        rows.append(
            f'<tr{"" if role != "left out" else " class=out"}><td class="name">{escape(column["name"])}</td>'
            f"<td>{escape(kind_name(column['kind']))}</td><td>{escape(uses[role])}</td>"
            f'<td class="right">{missing}</td><td>{histogram(counts, column["name"])}</td>'
            f'<td class="levels">{escape(levels[:90])}</td><td class="levels why">{escape(column["why"])}</td></tr>'
        )
    titles_ = (_("column"), _("kind"), _("use"), _("missing"), _("values"), "", _("why"))
    head = "".join(
        f'<th class="{"right" if index == 3 else "why" if index == 6 else ""}">{escape(title)}</th>'
        for index, title in enumerate(titles_)
    )
    return (
        f"<section><h2>{_('The columns')}</h2>"
        f'<div class="scroll columns"><table><thead><tr>{head}</tr></thead><tbody>{"".join(rows)}</tbody></table></div>'
        f"{_more(len(summary['columns']) - MOST_COLUMNS)}</section>\n"
    )


def _more(count: int) -> str:
    """Says how many columns are not shown."""
    return f"<p>{_('… and {count} more columns').format(count=f'{count:,}')}</p>" if count > 0 else ""
