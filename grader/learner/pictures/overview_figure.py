"""All of a learner's runs in one picture: training curves, and beside them score surfaces above the regions.

Regions show what a model takes each point of the square for, and where it is mistaken.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import NullLocator

from grader.learner.pictures.drawing import (
    CLASSES,
    PANELS,
    SIDE,
    Picture,
    Run,
    Surface,
    draw_curve,
    draw_points,
    draw_surface,
    finish_panel,
    label_square,
)

CURVE, SQUARE, KEY = 3.6, 3.0, 0.8
"""Inches: the width of a panel of curves, of a square, and of the colour bar."""
NARROWEST = 5.4
"""Inches: what the notes below take in width."""
HEIGHT, NOTES = 7.8, 0.8
"""Inches: of two rows, and of the notes below."""
REGIONS = ("#AFBBD0", "#FFF6BF")
"""What is taken for class 0 and for class 1, and is of it: the colours of their points, paler."""
WRONG = ("#A02000", "#E06A2C")
"""What is taken for class 0 and for class 1, and is of the other."""
UNDER_TITLE = ([0.3, 0.7], [1.04, 1.04])
"""Of a square: where its run's line is shown, as fractions of it."""
MIDDLE = len(SIDE) // 2
HALVES = (slice(None, MIDDLE + 1), slice(MIDDLE, None))
"""Of SIDE: up to 0, and from 0 on."""


def poster(runs: Sequence[Run], X: np.ndarray, y: np.ndarray) -> Picture:
    """Curves of all runs on shared axes, and beside them each run's square; trained on X (N, 2) and y (N,).

    Some run must have a history, or a surface.
    """
    curved = [run for run in runs if run.history]
    keys = [key for key in PANELS if any(key in run.history for run in curved)]
    squares = [(run, run.surface) for run in runs if run.surface is not None]
    rows = 2 if squares or len(keys) > 1 else 1
    widths = [CURVE] * -(-len(keys) // rows) + [SQUARE] * len(squares)
    width, height = sum(widths) + KEY * bool(squares), (HEIGHT - NOTES) / 2 * rows + NOTES
    picture = Picture(max(NARROWEST, width), height)
    grid = picture.subplots(rows, len(widths), squeeze=False, width_ratios=widths)
    if keys and squares:
        told = f"Gradient descent on {len(y)} points of the XOR problem, learning rate 0.1"
        picture.suptitle(told, size="x-large")
    if keys:
        _draw_curves(grid[:, : len(widths) - len(squares)], keys, curved)
        key = _key_of_curves(curved)
        picture.legend(handles=key, loc="outside lower left", frameon=False, handlelength=3)
    if squares:
        _draw_squares(grid[:, -len(squares) :], squares, X, y)
        columns = 3 if len(widths) > 1 else 2
        picture.legend(handles=_key_of_regions(), loc="outside lower right", ncols=columns, frameon=False)
    return picture


def in_two(runs: Sequence[Run], X: np.ndarray, y: np.ndarray) -> list[Picture]:
    """The same as two pictures, where there is less room: the curves, and the squares; as far as there are any."""
    curves = [run._replace(surface=None) for run in runs if run.history]
    squares = [run._replace(history={}) for run in runs if run.surface is not None]
    return [poster(part, X, y) for part in (curves, squares) if part]


def _draw_curves(grid: np.ndarray, keys: Sequence[str], runs: Sequence[Run]) -> None:
    for axes in grid.flat[len(keys) :]:
        axes.set_visible(False)
    for key, axes in zip(keys, grid.flat, strict=False):
        for run in runs:
            draw_curve(axes, run, key)
        finish_panel(axes, key, "steps of gradient descent")
        axes.set_xscale("log")
        axes.xaxis.set_major_formatter("{x:g}")
        axes.xaxis.set_minor_locator(NullLocator())


def _draw_squares(grid: np.ndarray, squares: Sequence[tuple[Run, Surface]], X: np.ndarray, y: np.ndarray) -> None:
    for (run, made), above, below in zip(squares, *grid, strict=True):
        levels: Any = draw_surface(above, made)
        label_square(above, "")
        above.set_title(run.name, weight="bold", pad=14)
        colour, style = run.line
        above.plot(*UNDER_TITLE, ls=style, color=colour, lw=2, transform=above.transAxes, clip_on=False)
        draw_regions(below, made, X, y)
        label_square(below, _counted(made, y))
        if above is not grid[0, 0]:
            above.set(ylabel="", yticklabels=[])
            below.set(ylabel="", yticklabels=[])
    bar = above.figure.colorbar(levels, ax=grid[0], ticks=[0, 0.5, 1], aspect=14)
    bar.set_label("score f, on the line 0.5")


def draw_regions(axes: Axes, made: Surface, X: np.ndarray, y: np.ndarray) -> None:
    """Draw what a model takes each point of the square for, and mark where, and which of X, it gets wrong."""
    bounded = np.clip(made.square, -1.0, 2.0)
    for rows in HALVES:
        for columns in HALVES:
            truth = int(rows != columns)
            colours = [(REGIONS if value == truth else WRONG)[value] for value in (0, 1)]
            quadrant = bounded[rows, columns]
            axes.contourf(SIDE[columns], SIDE[rows], quadrant, [-1.1, 0.5, 2.1], colors=colours)
    axes.contour(SIDE, SIDE, made.square, [0.5], colors="black", linewidths=1.6)
    draw_points(axes, X, y)
    wrong = (made.data >= 0.5) != (y == 1.0)
    x1, x2 = X[wrong].T
    for colour, width in (("white", 3.2), ("black", 1.6)):
        axes.scatter(x1, x2, s=90, marker="o", facecolors="none", edgecolors=colour, linewidths=width)


def _key_of_curves(runs: Sequence[Run]) -> list[Line2D]:
    """Which line is whose, and how it was trained."""
    return [
        Line2D([], [], color=run.line[0], ls=run.line[1], lw=2, label=f"{run.name}: {run.about}") for run in runs
    ]


def _key_of_regions() -> list[Artist]:
    """What the colours and the marks of the regions are."""
    points = [
        Line2D([], [], ls="", marker=marker, color=fill, mec=edge, label=f"point of class {value}")
        for value, (marker, fill, edge) in enumerate(CLASSES)
    ]
    ring = Line2D([], [], ls="", marker="o", ms=10, mfc="none", mec="black", mew=1.6, label="point taken wrongly")
    regions = [
        Patch(color=colour, label=f"{how} for class {value}")
        for how, colours in (("taken", REGIONS), ("wrongly taken", WRONG))
        for value, colour in enumerate(colours)
    ]
    return [*points, ring, *regions]


def _counted(made: Surface, y: np.ndarray) -> str:
    wrong = np.sum((made.data >= 0.5) != (y == 1.0))
    return f"wrong: {wrong} of {len(y)} points,\n{_wrong_area(made):.1%} of the square"


def _wrong_area(made: Surface) -> float:
    """The fraction of the square that is taken for the wrong class; the axes themselves belong to neither."""
    inside = np.delete(np.delete(made.square, MIDDLE, axis=0), MIDDLE, axis=1)
    side = np.delete(SIDE, MIDDLE)
    return float(np.mean((inside >= 0.5) != (np.outer(side, side) < 0)))
