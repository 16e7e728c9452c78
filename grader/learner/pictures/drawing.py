"""Pictures of training runs and of models on the XOR problem.

Colours are those of Okabe and Ito, and the cividis map: told apart with every kind of colour vision, and in grey,
where line styles and markers help. No window and no global state of matplotlib is touched.
"""

import io
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple, TypeAlias

import numpy as np
from matplotlib.axes import Axes
from matplotlib.contour import ContourSet
from matplotlib.figure import Figure
from matplotlib.ticker import LogLocator, NullLocator
from PIL import Image

Line: TypeAlias = tuple[str, Any]
History: TypeAlias = Mapping[str, Sequence[float] | np.ndarray]
Scores: TypeAlias = Callable[[np.ndarray], Any]
"""Points (M, 2) → scores (M,), anything that NumPy takes for an array."""

LINES: tuple[Line, ...] = (
    ("#0072B2", "-"),
    ("#E69F00", (0, (7, 1))),
    ("#000000", (0, (2, 0.7))),
)
"""Colour and style of the curves of up to three runs: of other lightness, and dashes that suit jagged lines."""
PANELS = {
    "loss": ("Loss", "L", "log"),
    "grad_norm": ("Gradient norm", "‖∇L‖", "log"),
    "relu_active": ("ReLU activity", "fraction of a1 > 0", "linear"),
    "accuracy": ("Accuracy", "fraction in the right class", "linear"),
}
"""What a history may hold: title, label and scale of its axis."""
MIN_SPAN = 0.2
"""Of an axis of fractions at the least, so that small wavering looks small."""
LEVELS = np.linspace(-0.25, 1.25, 13)
"""Of the score, around its classes 0 and 1; what lies beyond is drawn like the last level."""
SIDE = np.linspace(-1.0, 1.0, 161)
"""Of the square: fine enough for a line of two pixels."""
CLASSES = (("o", "#00224E", "white"), ("^", "#FEE838", "black"))
"""Marker, fill and edge of a point of each class; the fills are the ends of cividis."""
DPI = 100
COLOURS = 128
"""Of a picture in a notebook: steps of the score, lines, and their smooth edges."""


class Surface(NamedTuple):
    """A model's scores."""

    square: np.ndarray  # of the points (SIDE, SIDE)
    data: np.ndarray  # (N,)


class Run(NamedTuple):
    """A model that was trained: its curves, and what it makes of the square, as far as there is either."""

    name: str
    history: History
    surface: Surface | None
    about: str = ""
    """How it was trained."""
    steps: int = 1
    """Of gradient descent in an epoch."""
    line: Line = LINES[0]


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


def points(X: np.ndarray, y: np.ndarray) -> Picture:
    """The data: X (N, 2), and y (N,) of 0.0 and 1.0."""
    picture = Picture(4.4, 4.0)
    axes = picture.subplots()
    draw_points(axes, X, y)
    label_square(axes, f"{len(y)} points of the XOR problem")
    axes.legend(loc="upper center", bbox_to_anchor=(0.5, -0.13), ncols=2, frameon=False)
    return picture


def curves(runs: Mapping[str, History]) -> Picture:
    """Training curves of up to three runs on shared axes, by epoch: a panel for each key that a history holds."""
    keys = [key for key in PANELS if any(key in history for history in runs.values())]
    columns = min(2, len(keys))
    rows = -(-len(keys) // columns)
    picture = Picture(0.8 + 4.2 * columns, 0.4 + 2.8 * rows)
    grid = picture.subplots(rows, columns, squeeze=False)
    for key, axes in zip(keys, grid.flat, strict=True):
        for (name, history), line in zip(runs.items(), LINES[: len(runs)], strict=True):
            draw_curve(axes, Run(name, history, None, line=line), key)
        finish_panel(axes, key, "epoch")
    handles, names = grid.flat[0].get_legend_handles_labels()
    picture.legend(handles, names, loc="outside upper center", ncols=len(names), frameon=False)
    return picture


def draw_curve(axes: Axes, run: Run, key: str) -> None:
    """Draw what a run's history holds under a key, if it does, over the steps: each entry amid its epoch's."""
    if key in run.history:
        colour, style = run.line
        values = run.history[key]
        at = np.arange(len(values)) * run.steps + (run.steps + 1) / 2
        axes.plot(at, values, ls=style, color=colour, lw=1.8, label=run.name)


def finish_panel(axes: Axes, key: str, along: str) -> None:
    """Label a panel of curves, and choose its scale."""
    title, label, scale = PANELS[key]
    axes.set(title=title, xlabel=along, ylabel=label, yscale=scale)
    if scale == "log":
        low, high = axes.get_ylim()
        axes.yaxis.set_major_locator(LogLocator(subs=(1, 2, 3, 5) if high < 1000 * low else (1,)))
        axes.yaxis.set_major_formatter("{x:g}")
        axes.yaxis.set_minor_locator(NullLocator())
    else:
        low, high = axes.get_ylim()
        room = max(0.0, MIN_SPAN - (high - low)) / 2
        axes.set_ylim(low - room, high + room)
    axes.grid(alpha=0.3)
    axes.spines[["top", "right"]].set_visible(False)


def boundaries(models: Mapping[str, Scores], X: np.ndarray, y: np.ndarray) -> Picture:
    """What some models make of the square and of the data X (N, 2), y (N,), side by side in one scale."""
    return surfaces({name: surface(scores, X) for name, scores in models.items()}, X, y)


def surface(scores: Scores, X: np.ndarray) -> Surface:
    """A model's scores all over the square, and of X (N, 2).

    Raises ValueError for scores that are not finite, or not of the shape (M,) for M points.
    """
    x1, x2 = np.meshgrid(SIDE, SIDE)
    grid = np.column_stack([x1.ravel(), x2.ravel()])
    f = np.asarray(scores(np.concatenate([grid, X])), dtype=np.float64)
    if f.shape != (len(grid) + len(X),):
        raise ValueError(f"{len(grid) + len(X)} points have scores of shape {f.shape}")
    if not np.isfinite(f).all():
        raise ValueError("the scores are not finite")
    return Surface(f[: len(grid)].reshape(x1.shape), f[len(grid) :])


def surfaces(drawn: Mapping[str, Surface], X: np.ndarray, y: np.ndarray) -> Picture:
    """Score surfaces side by side in one scale, the line f = 0.5 that parts the classes, and the data."""
    picture = Picture(1.0 + 3.2 * len(drawn), 3.9)
    grid = picture.subplots(1, len(drawn), squeeze=False, sharey=True)
    for (name, made), axes in zip(drawn.items(), grid.flat, strict=True):
        levels = draw_surface(axes, made)
        draw_points(axes, X, y)
        label_square(axes, f"{name}\naccuracy {np.mean((made.data >= 0.5) == (y == 1.0)):.0%}")
        axes.label_outer()
    picture.colorbar(levels, ax=grid, label="score f, class 1 where f ≥ 0.5", ticks=[0, 0.5, 1], shrink=0.8)
    return picture


def draw_surface(axes: Axes, made: Surface) -> ContourSet:
    """Draw a model's scores, and the line where it changes its mind; returns what a colour bar is made of."""
    levels = axes.contourf(SIDE, SIDE, made.square, LEVELS, cmap="cividis", extend="both")
    axes.contour(SIDE, SIDE, made.square, [0.5], colors="black", linewidths=2.4)
    axes.contour(SIDE, SIDE, made.square, [0.5], colors="white", linewidths=1.0)
    return levels


def draw_points(axes: Axes, X: np.ndarray, y: np.ndarray) -> None:
    """Draw points X (N, 2), told apart by their classes y (N,)."""
    for value, (marker, fill, edge) in enumerate(CLASSES):
        x1, x2 = X[y == value].T
        label = f"class {value}"
        axes.scatter(x1, x2, s=22, marker=marker, color=fill, edgecolors=edge, linewidths=0.7, label=label)


def label_square(axes: Axes, title: str) -> None:
    """Give the square its title, and the names of its axes."""
    axes.set(title=title, xlabel="x1", ylabel="x2", xlim=(-1, 1), ylim=(-1, 1), aspect="equal")
    axes.set(xticks=[-1, 0, 1], yticks=[-1, 0, 1])
