"""Figures of training runs: curves on shared axes, beside them score surfaces above the regions that they part.

Colours are those of Okabe and Ito, and the cividis map: told apart with every kind of colour vision, and in grey,
where line styles and markers help. No window and no global state of matplotlib is touched.
"""

import io
from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.contour import ContourSet
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import LogLocator, NullLocator
from PIL import Image

from grader.learner.pictures.runs import Overview, Panel, Run, Square, Surface

LINES: tuple[tuple[str, Any], ...] = (
    ("#0072B2", "-"),
    ("#E69F00", (0, (7, 1))),
    ("#000000", (0, (2, 0.7))),
)
"""Colour and style of the curves of up to three runs: of other lightness, and dashes that suit jagged lines."""
MIN_SPAN = 0.2
"""Of an axis of fractions at the least, so that small wavering looks small."""
LEVELS = np.linspace(-0.25, 1.25, 13)
"""Of the score, around its classes 0 and 1; what lies beyond is drawn like the last level."""
CLASSES = (("o", "#00224E", "white"), ("^", "#FEE838", "black"))
"""Marker, fill and edge of a point of each class; the fills are the ends of cividis."""
REGIONS = ("#AFBBD0", "#FFF6BF")
"""What is taken for class 0 and for class 1, and is of it: the colours of their points, paler."""
WRONG = ("#A02000", "#E06A2C")
"""What is taken for class 0 and for class 1, and is of the other."""
CURVE, SQUARE, KEY = 3.6, 3.0, 0.8
"""Inches: the width of a panel of curves, of a square, and of the colour bar."""
NARROWEST = 5.4
"""Inches: what the legends below take in width."""
HEIGHT, LEGENDS = 7.8, 0.8
"""Inches: of two rows, and of the legends below."""
UNDER_TITLE = ([0.3, 0.7], [1.04, 1.04])
"""Of a square: where its run's line is shown, as fractions of it."""
DPI = 100
COLOURS = 128
"""Of a figure in a notebook: steps of the score, lines, and their smooth edges."""


class Picture(Figure):
    """A figure that a notebook shows by itself, without matplotlib's own machinery for notebooks."""

    def __init__(self, width: float, height: float) -> None:
        super().__init__(figsize=(width, height), dpi=DPI, layout="constrained")

    def _repr_png_(self) -> bytes:
        drawn, packed = io.BytesIO(), io.BytesIO()
        self.savefig(drawn, format="png")
        few = Image.open(drawn).convert("RGB").quantize(COLOURS)  # a third of the size
        few.save(packed, format="png", optimize=True)
        return packed.getvalue()


def points_figure(square: Square, title: str) -> Picture:
    """The data on which networks are trained."""
    picture = Picture(4.4, 4.0)
    axes = picture.subplots()
    draw_points(axes, square)
    _label_square(axes, square, title)
    axes.legend(loc="upper center", bbox_to_anchor=(0.5, -0.13), ncols=2, frameon=False)
    return picture


def overview_figure(runs: Sequence[Run], shown: Overview) -> Picture:
    """Curves of all runs on shared axes, and beside them each run's square.

    Some run must have a history, or a surface.
    """
    curved = [run for run in runs if run.history]
    keys = [key for key in shown.panels if any(key in run.history for run in curved)]
    squares = [run for run in runs if run.surface is not None]
    rows = 2 if squares or len(keys) > 1 else 1
    widths = [CURVE] * -(-len(keys) // rows) + [SQUARE] * len(squares)
    width, height = sum(widths) + KEY * bool(squares), (HEIGHT - LEGENDS) / 2 * rows + LEGENDS
    picture = Picture(max(NARROWEST, width), height)
    grid = picture.subplots(rows, len(widths), squeeze=False, width_ratios=widths)
    if keys and squares and shown.title:
        picture.suptitle(shown.title, size="x-large")
    if keys:
        panels = grid[:, : len(widths) - len(squares)].flat
        for axes in panels[len(keys) :]:
            axes.set_visible(False)
        for key, axes in zip(keys, panels, strict=False):
            _draw_panel(axes, key, shown.panels[key], curved)
        picture.legend(handles=_key_of_curves(curved), loc="outside lower left", frameon=False, handlelength=3)
    if squares and shown.square:
        _draw_squares(grid[:, -len(squares) :], squares, shown.square)
        columns = 3 if len(widths) > 1 else 2
        picture.legend(handles=_key_of_regions(), loc="outside lower right", ncols=columns, frameon=False)
    return picture


def overview_in_two(runs: Sequence[Run], shown: Overview) -> list[Picture]:
    """The same as two figures, where there is less room: the curves, and the squares; as far as there are any."""
    curves = [run._replace(surface=None) for run in runs if run.history]
    squares = [run._replace(history={}) for run in runs if run.surface is not None]
    return [overview_figure(part, shown) for part in (curves, squares) if part]


def _draw_panel(axes: Axes, key: str, panel: Panel, runs: Sequence[Run]) -> None:
    """Draw what histories hold under a key over the steps, each entry amid its epoch's."""
    for run in runs:
        colour, style = LINES[run.line]
        entries = run.history.get(key, ())
        at = np.arange(len(entries)) * run.steps + (run.steps + 1) / 2
        axes.plot(at, entries, ls=style, color=colour, lw=1.8)
    axes.set(title=panel.title, xlabel="steps of gradient descent", ylabel=panel.label, xscale="log")
    axes.set_yscale("linear" if panel.fraction else "log")
    low, high = axes.get_ylim()
    if panel.fraction:
        room = max(0.0, MIN_SPAN - (high - low)) / 2
        axes.set_ylim(low - room, high + room)
    else:
        axes.yaxis.set_major_locator(LogLocator(subs=(1, 2, 3, 5) if high < 1000 * low else (1,)))
        axes.yaxis.set_major_formatter("{x:g}")
        axes.yaxis.set_minor_locator(NullLocator())
    axes.grid(alpha=0.3)
    axes.spines[["top", "right"]].set_visible(False)
    axes.xaxis.set_major_formatter("{x:g}")
    axes.xaxis.set_minor_locator(NullLocator())


def _draw_squares(grid: np.ndarray, runs: Sequence[Run], square: Square) -> None:
    for n, (run, above, below) in enumerate(zip(runs, *grid, strict=True)):
        assert run.surface is not None
        levels = draw_scores(above, run.surface, square)
        above.set_title(run.name, weight="bold", pad=14)
        colour, style = LINES[run.line]
        above.plot(*UNDER_TITLE, ls=style, color=colour, lw=2, transform=above.transAxes, clip_on=False)
        _draw_regions(below, run.surface, square)
        if n:
            above.set(ylabel="", yticklabels=[])
            below.set(ylabel="", yticklabels=[])
    bar = above.figure.colorbar(levels, ax=grid[0], ticks=[0, 0.5, 1], aspect=14)
    bar.set_label("score, on the line 0.5")


def draw_scores(axes: Axes, made: Surface, square: Square) -> ContourSet:
    """Draw a model's scores, and the line where it changes its mind; returns what a colour bar is made of."""
    _label_square(axes, square, "")
    extent = square.limits * 2
    for colour, width in (("black", 2.4), ("white", 1.0)):
        axes.contour(made.square, [0.5], colors=colour, linewidths=width, extent=extent)
    return axes.contourf(made.square, LEVELS, cmap="cividis", extend="both", extent=extent)


def _draw_regions(axes: Axes, made: Surface, square: Square) -> None:
    """Draw what a model takes each point of the square for; mark and count what is wrong of it and of X."""
    extent, truth = square.limits * 2, square.truth(square.grid).reshape(made.square.shape)
    bounded, levels = np.clip(made.square, -1.0, 2.0), [-1.1, 0.5, 2.1]
    axes.contourf(bounded, levels, colors=[REGIONS[0], WRONG[1]], extent=extent)  # as if all were of class 0
    class_1 = axes.contourf(truth, [0.0, np.inf], colors="none", extent=extent)
    above = axes.contourf(bounded, levels, colors=[WRONG[0], REGIONS[1]], extent=extent)
    above.set_clip_path(class_1.get_paths()[0], axes.transData)
    axes.contour(made.square, [0.5], colors="black", linewidths=1.6, extent=extent)
    draw_points(axes, square)
    wrong = draw_wrong(axes, made, square)
    area = np.mean(((made.square >= 0.5) != (truth > 0.0))[truth != 0.0])
    _label_square(axes, square, f"wrong: {np.sum(wrong)} of {len(wrong)} points,\n{area:.1%} of the square")


def draw_wrong(axes: Axes, made: Surface, square: Square) -> np.ndarray:
    """Draw rings around the points that a model takes wrongly; returns which they are, (N,) of bool."""
    wrong: np.ndarray = (made.data >= 0.5) != (square.y == 1.0)
    x1, x2 = square.X[wrong].T
    for colour, width in (("white", 3.2), ("black", 1.6)):
        axes.scatter(x1, x2, s=90, marker="o", facecolors="none", edgecolors=colour, linewidths=width)
    return wrong


def draw_points(axes: Axes, square: Square) -> None:
    """Draw the data, told apart by their classes."""
    for value, (marker, fill, edge) in enumerate(CLASSES):
        x1, x2 = square.X[square.y == value].T
        label = f"class {value}"
        axes.scatter(x1, x2, s=22, marker=marker, color=fill, edgecolors=edge, linewidths=0.7, label=label)


def _label_square(axes: Axes, square: Square, title: str) -> None:
    """Give the square its title, and the names of its axes."""
    (x1, x2), ticks = square.axes, np.linspace(*square.limits, 3)
    axes.set(title=title, xlabel=x1, ylabel=x2, xlim=square.limits, ylim=square.limits, aspect="equal")
    axes.set(xticks=ticks, yticks=ticks)


def _key_of_curves(runs: Sequence[Run]) -> list[Line2D]:
    """Which line is whose, and how it was trained."""
    lines = [(LINES[run.line], f"{run.name}: {run.about}" if run.about else run.name) for run in runs]
    return [Line2D([], [], color=colour, ls=style, lw=2, label=label) for (colour, style), label in lines]


def _key_of_regions() -> list[Artist]:
    """What the colours and the marks of the regions are."""
    points = [
        Line2D([], [], ls="", marker=marker, color=fill, mec=edge, label=f"point of class {value}")
        for value, (marker, fill, edge) in enumerate(CLASSES)
    ]
    ring = Line2D([], [], ls="", marker="o", ms=10, mfc="none", mec="black", mew=1.6, label="point taken wrongly")
    right = [Patch(color=colour, label=f"taken for class {value}") for value, colour in enumerate(REGIONS)]
    wrong = [Patch(color=colour, label=f"wrongly taken for class {value}") for value, colour in enumerate(WRONG)]
    return [*points, ring, *right, *wrong]
