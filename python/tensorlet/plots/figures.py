"""The figures that all plots are drawn on: size, colours, and saving.

A figure belongs to its caller and not to pyplot: notebooks show it if it is the value of a cell, `savefig` writes it,
and it needs no `plt.close`.
"""

from __future__ import annotations

import functools
import io
import os
import sys
import unicodedata
from pathlib import Path
from typing import TYPE_CHECKING

from tensorlet.errors import InvalidArgumentError, warn_user
from tensorlet.formats.atomic import replace_atomically
from tensorlet.localization import translate as _
from tensorlet.plots.fonts import fit_fonts

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from tensorlet.type_aliases import PathLike

DOTS_PER_INCH = 150
#: The resolution in notebooks, which show one pixel of the picture as one of the page.
NOTEBOOK_DOTS_PER_INCH = 100
TRAINING, VALIDATION = "#1f5fa8", "#d1662b"
INK, QUIET, FAINT, GRID = "#222222", "#666666", "#bbbbbb", "#e4e4e4"
#: Colours of classes and runs, distinguishable with colour blindness.
#: Source: M. Okabe and K. Ito, "Color Universal Design" (2008), with two more.
COLOURS = (
    "#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#7a5195", "#8c6d31", "#5b5b5b", "#b8a800",
)  # fmt: skip


def colour(number: int) -> str:
    """The colour of a class or run."""
    return COLOURS[number % len(COLOURS)]


def line_style(number: int) -> str:
    """The style of a line: another one for each round of colours."""
    return ("-", "--", "-.", ":")[number // len(COLOURS) % 4]


@functools.cache
def _figure_class() -> type[Figure]:
    try:
        from matplotlib.figure import Figure
    except ImportError as error:
        raise ImportError(
            "Plots require matplotlib, which could not be imported "
            f"({error}). Install it: pip install 'tensorlet[plot]'"
        ) from error

    class TensorletFigure(Figure):
        """A figure that notebooks show although pyplot does not know it."""

        def _repr_png_(self) -> bytes:
            content = io.BytesIO()
            self.savefig(
                content, format="png", dpi=NOTEBOOK_DOTS_PER_INCH, bbox_inches="tight", pad_inches=0.15
            )
            return content.getvalue()

        def show(self, warn: bool = True) -> None:
            """Shows the figure in a notebook, or in a window until it is closed."""
            _show(self, warn)

    TensorletFigure.__name__ = TensorletFigure.__qualname__ = "Figure"
    return TensorletFigure


def _show(figure: Figure, warn: bool) -> None:
    if "ipykernel" in sys.modules:
        from IPython.display import display

        display(figure)
        return
    from matplotlib import pyplot

    if pyplot.get_backend().lower() in ("agg", "cairo", "pdf", "pgf", "ps", "svg", "template"):
        if warn:
            warn_user(
                _(
                    "No window can be opened, since there is no display or no toolkit such as tkinter. Save the "
                    "figure instead: figure.savefig('figure.png'), or path='figure.png'."
                )
            )
        return
    # pyplot makes the window; the figure takes the place of the empty one.
    manager = pyplot.figure(figsize=figure.get_size_inches(), dpi=NOTEBOOK_DOTS_PER_INCH).canvas.manager
    figure.set_dpi(NOTEBOOK_DOTS_PER_INCH)
    manager.canvas.figure = figure
    figure.set_canvas(manager.canvas)
    pyplot.show()


def new_figure(width: float, height: float) -> Figure:
    """Creates an empty figure of a size in inches.

    Raises:
        ImportError: if matplotlib is not installed.
    """
    return _figure_class()(
        figsize=(width, height), dpi=NOTEBOOK_DOTS_PER_INCH, layout="constrained", facecolor="white"
    )


def short_names(names: Sequence[str], most: int = 24) -> list[str]:
    """The names for captions and legends: the end of a long one is left out, so that it leaves room for the picture.

    >>> short_names(["cat", "a_rather_long_name"], 8)
    ['cat', 'a_rathe…']
    """
    return [name if len(name) <= most else name[: most - 1] + "…" for name in names]


def finish(figure: Figure, path: PathLike | None) -> Figure:
    """Gives the texts fonts that have their characters, and saves the figure if there is a path.

    Args:
        figure: the figure.
        path: the file to write: its extension is the format (.png, .svg, .pdf; PNG without one). Missing folders
            are created.

    Raises:
        InvalidArgumentError: for an extension that matplotlib cannot write.
        OSError: if the file cannot be written; an existing file is unchanged.
    """
    fit_fonts(figure)
    if path is not None:
        save(figure, path)
    return figure


def save(figure: Figure, path: PathLike) -> Path:
    """Writes a figure to a file; see `finish`."""
    target = Path(os.fspath(path))
    kind = target.suffix[1:].lower() or "png"
    known = figure.canvas.get_supported_filetypes()
    if kind not in known:
        raise InvalidArgumentError(
            f"path={str(path)!r} ends in .{kind}, which plots cannot be saved as. Use .png, .svg or .pdf."
        )
    with replace_atomically(target) as temporary:
        figure.savefig(temporary, format=kind, dpi=DOTS_PER_INCH, bbox_inches="tight", pad_inches=0.15)
    return target


def title(axes: Axes, text: str) -> None:
    """The title of a panel, at its left."""
    axes.set_title(text, loc="left", fontsize=11, fontweight="bold", color=INK)


def dress(axes: Axes, x: str = "", y: str = "") -> None:
    """The common look of a panel with curves: labels, light lines behind, no frame."""
    axes.set_xlabel(x, color=QUIET)
    axes.set_ylabel(y, color=QUIET)
    axes.grid(axis="y", color=GRID, linewidth=0.8)
    axes.set_axisbelow(True)
    axes.tick_params(colors=QUIET, labelsize=9)
    for side in ("top", "right", "left"):
        axes.spines[side].set_visible(False)
    axes.spines["bottom"].set_color(FAINT)


def panels(figure: Figure, count: int, most_columns: int) -> list[Axes]:
    """A grid of panels, row by row; those beyond ``count`` are invisible."""
    columns = max(min(count, most_columns), 1)
    rows = max(-(-count // columns), 1)
    grid: list[Axes] = list(figure.subplots(rows, columns, squeeze=False).ravel())
    for axes in grid[count:]:
        axes.set_axis_off()
    return grid[:count]


def legend_width(labels: Sequence[str], columns: int = 1) -> float:
    """About how many inches a legend of 9 points takes beside a panel.

    >>> legend_width(["cat"]) < legend_width(["a cat with a long name"])
    True
    """
    widest = max((sum(0.13 if wide(letter) else 0.075 for letter in label) for label in labels), default=0.0)
    return columns * (0.6 + widest)


def wide(letter: str) -> bool:
    """Whether a letter is as wide as it is high, as Korean ones are."""
    return unicodedata.east_asian_width(letter) in "WF"


def class_names_for(count: int, names: Sequence[str] | None, caller: str) -> list[str]:
    """The names of the classes, by default their numbers.

    Raises:
        InvalidArgumentError: if there are too few or too many names.
    """
    if names is None:
        return [str(number) for number in range(count)]
    if len(names) != count:
        raise InvalidArgumentError(
            f"{caller}: class_names has {len(names)} names, expected {count}, one for each class."
        )
    return [str(name) for name in names]
