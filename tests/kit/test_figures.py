"""Figures show what they are given, in one scale, in colours that everybody tells apart; the rest is refused."""

import itertools
import subprocess
import sys
from typing import Any

import numpy as np
import pytest
from matplotlib.colors import to_rgb
from matplotlib.legend import Legend
from matplotlib.text import Text
from pytest_regressions.image_regression import ImageRegressionFixture

from grader.learner.pictures import figures
from grader.learner.pictures.runs import Overview, Panel, Run, Runs, Scores, Square, surface
from grader.wire import Opaque, Tensor

EPOCHS = np.arange(1.0, 101.0)
SMOOTHING = 0.1
"""Percent by which a figure may differ, for other roundings of colours; texts, which change with the fonts, are
left out. A boundary moved by 0.01 makes 0.15, one curve in another colour 0.25."""
X = np.random.default_rng(0).uniform(-1, 1, (40, 2))
FRACTIONS = {key: Panel(key, "fraction", fraction=True) for key in ("active", "right")}
SHOWN = Overview(
    {"loss": Panel("Loss", "L"), "size": Panel("Size", "‖∇L‖"), **FRACTIONS},
    Square(X, (X[:, 0] * X[:, 1] < 0).astype(np.float64), truth=lambda points: -points[:, 0] * points[:, 1]),
    "Gradient descent",
)
SCORES: dict[str, Scores] = {
    "a": lambda X: 0.5 - X[:, 0] * (X[:, 1] + 0.2),
    "b": lambda X: 0.4 + X[:, 0] - X[:, 1] ** 2,
    "moved": lambda X: 0.5 - X[:, 0] * (X[:, 1] + 0.22),
}


def falling(pace: float) -> dict[str, np.ndarray]:
    """A history as of a training run."""
    gone = np.exp(-EPOCHS / pace)
    return {"loss": 0.03 + gone, "size": 0.01 + gone, "active": 0.5 - gone / 5, "right": 1.0 - gone / 2}


def runs(first: str = "a", keys: tuple[str, ...] = tuple(SHOWN.panels)) -> list[Run]:
    """Three runs of fixed histories and surfaces; the third without a surface."""
    drawn = {name: surface(SCORES[scores], SHOWN.square) for name, scores in (("a", first), ("b", "b"))}
    return [
        Run(name, {key: falling(pace)[key] for key in keys}, drawn.get(name), "as set", steps, line)
        for line, (name, pace, steps) in enumerate((("a", 10, 1), ("b", 30, 7), ("c", 80, 7)))
    ]


def pixels(picture: figures.Picture) -> bytes:
    """A figure without its texts and legends, which take room as the fonts do, as a notebook shows it."""
    for text in [*picture.findobj(Text), *picture.findobj(Legend)]:
        text.set_visible(False)
    return picture._repr_png_()


def test_overview(image_regression: ImageRegressionFixture) -> None:
    """Curves of all runs share their panels; beside them each has its score surface above its regions."""
    image_regression.check(pixels(figures.overview_figure(runs(), SHOWN)), SMOOTHING)


@pytest.mark.parametrize(
    "changed",
    [
        [run._replace(line="bac".index(run.name)) for run in runs()],
        runs("moved"),
        runs(keys=("loss", "size", "active")),
        [run._replace(steps=1) for run in runs()],
    ],
    ids=["swapped colours", "moved boundary", "missing panel", "another scale"],
)
def test_the_tolerance_is_small(changed: list[Run], image_regression: ImageRegressionFixture) -> None:
    """Another figure is found to be another one."""
    drawn = pixels(figures.overview_figure(changed, SHOWN))
    image_regression.check(drawn, SMOOTHING, expect_equal=False, basename="test_overview")


def test_everything_is_labelled() -> None:
    """Panels have titles and named axes, runs are named with how they were trained, mistakes are counted."""
    drawn = figures.overview_figure(runs(), SHOWN)
    *panels, _ = drawn.axes  # the last one is the colour bar
    assert all(axes.get_title() and axes.get_xlabel() for axes in panels)
    assert all(axes.get_ylabel() for axes in panels[:3])  # the squares have theirs at the left
    assert [title for axes in panels if "wrong" in (title := axes.get_title())] == [
        "wrong: 3 of 40 points,\n9.8% of the square",  # a strip of a tenth, on the grid
        "wrong: 21 of 40 points,\n50.0% of the square",
    ]
    assert drawn.get_suptitle() == "Gradient descent"
    curves, regions = ([text.get_text() for text in legend.get_texts()] for legend in drawn.legends)
    assert curves == ["a: as set", "b: as set", "c: as set"]
    assert {"point of class 0", "taken for class 1", "wrongly taken for class 0"} < set(regions)
    assert SHOWN.square
    data = figures.points_figure(SHOWN.square, "40 points").axes[0]
    assert [data.get_title(), data.get_xlabel(), data.get_ylabel()] == ["40 points", "x1", "x2"]


def test_the_same_scale_for_all() -> None:
    """Surfaces are drawn in the same levels on the same square, and curves on shared axes over all steps."""
    drawn = figures.overview_figure(runs(), SHOWN)
    squares = [axes for axes in drawn.axes if axes.get_xlabel() == "x1"]
    assert len(squares) == 4
    assert {(axes.get_xlim(), axes.get_ylim(), axes.get_aspect()) for axes in squares} == {((-1, 1), (-1, 1), 1.0)}
    curves = [axes for axes in drawn.axes if axes.get_xlabel() == "steps of gradient descent"]
    assert [len(axes.lines) for axes in curves] == [3, 3, 3, 3]
    a, b, _ = curves[0].lines
    assert (a.get_xdata()[0], a.get_xdata()[-1]) == (1, 100)
    assert (b.get_xdata()[0], b.get_xdata()[-1]) == (4, 697)  # the middle of each epoch's 7 steps


def test_what_there_is_is_drawn() -> None:
    """Curves alone, also of a course without a square, squares alone, one curve, two figures: no empty panels."""
    curves = [run._replace(surface=None) for run in runs()]
    assert len(figures.overview_figure(curves, SHOWN).axes) == 4
    assert len(figures.overview_figure(curves, SHOWN._replace(square=None)).axes) == 4
    assert len(figures.overview_figure([run._replace(history={}) for run in runs()], SHOWN).axes) == 5
    assert len(figures.overview_figure([runs(keys=("loss",))[2]], SHOWN).axes) == 1
    three = figures.overview_figure([runs(keys=("loss", "right", "active"))[2]], SHOWN)
    assert [axes.get_visible() for axes in three.axes] == [True, True, True, False]
    assert [len(picture.axes) for picture in figures.overview_in_two(runs(), SHOWN)] == [4, 5]


def test_no_window_is_prepared() -> None:
    """Importing the figures leaves matplotlib's global state alone."""
    code = "import sys, grader.learner.pictures.figures; sys.exit('matplotlib.pyplot' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


NO_LISTS = (1.0, [], [[1.0], [1.0]], [1.0, [1.0]], [1.0, "1"], [1j], [Opaque("Loss")])


@pytest.mark.parametrize(
    ("history", "told"),
    [
        (None, "the history is no dict of lists"),
        ({}, "loss is not in the history"),
        *(({"loss": entries}, "loss is no list of numbers") for entries in NO_LISTS),
        ({"loss": [np.nan, 1.0]}, "loss is not finite in epoch 1 (nan), where its curve ends"),
        ({"loss": [2e6]}, "loss exceeds 1e+06 in epoch 1 (2e+06), where its curve ends"),
        ({"loss": [0.0, 1.0]}, "loss is not positive in epoch 1 (0), where its curve ends"),
    ],
)
def test_histories_that_cannot_be_drawn(history: Any, told: str) -> None:
    """What is no list of numbers for an axis has no curve, and a reason."""
    found = Runs(lambda stage: None, SHOWN)
    assert found.curves("x", history, ["loss"]) == {}
    assert found.notes == [f"No picture of the curves of x: {told}."]


def test_a_history_is_drawn_as_far_as_it_goes() -> None:
    """A run that explodes is drawn up to there, with a sentence; percents are no fractions."""
    found = Runs(lambda stage: None, SHOWN)
    history = {"loss": [1.0, 2.0, np.inf], "right": Tensor(np.array([0.5, 97.0])), "size": [1, 2, 3]}
    drawn = found.curves("x", history)
    assert found.notes == [
        "The history of x: loss is not finite in epoch 3 (inf), where its curve ends.",
        "The history of x: active is not in the history.",
        "The history of x: right is no fraction in epoch 2 (97), where its curve ends.",
    ]
    np.testing.assert_array_equal(drawn["loss"], [1.0, 2.0, np.nan])
    np.testing.assert_array_equal(drawn["right"], [0.5, np.nan])
    np.testing.assert_array_equal(drawn["size"], [1.0, 2.0, 3.0])


@pytest.mark.parametrize(
    ("scores", "why"),
    [
        (lambda X: X, "points have scores of shape"),
        (lambda X: np.full(len(X), np.inf), "the scores are not finite"),
        (lambda X: ["high"] * len(X), "no numbers came"),
    ],
)
def test_scores_that_cannot_be_drawn(scores: Scores, why: str) -> None:
    """Scores of another shape, not finite, or no numbers are refused in words."""
    found = Runs(lambda stage: None, SHOWN)
    assert found.surface("x", scores) is None
    assert found.notes[0].startswith("No picture of the regions of x: ")
    assert why in found.notes[0]


SIGHT = {
    "full": "1 0 0  0 1 0  0 0 1",
    "deuteranopia": "0.367322 0.860646 -0.227968  0.280085 0.672501 0.047413  -0.01182 0.04294 0.968881",
    "protanopia": "0.152286 1.052583 -0.204868  0.114503 0.786281 0.099216  -0.003882 -0.048116 1.051998",
    "tritanopia": "1.255528 -0.076749 -0.178779  -0.078411 0.930809 0.147602  0.004733 0.691367 0.3039",
}
"""What linear RGB looks like: Machado, Oliveira and Fernandes 2009, severity 1; matrices row by row."""
TO_XYZ = "0.4124564 0.3575761 0.1804375  0.2126729 0.7151522 0.072175  0.0193339 0.119192 0.9503041"


def matrix(text: str) -> np.ndarray:
    """A (3, 3) matrix, from its entries row by row."""
    return np.array(text.split(), dtype=float).reshape(3, 3)


def lab(colour: str, sight: str) -> np.ndarray:
    """A colour in CIE L*a*b*, as it is seen."""
    rgb = np.array(to_rgb(colour))
    linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    xyz = matrix(TO_XYZ) @ np.clip(matrix(SIGHT[sight]) @ linear, 0, 1) / [0.95047, 1.0, 1.08883]
    x, y, z = np.where(xyz > (6 / 29) ** 3, np.cbrt(xyz), xyz / (3 * (6 / 29) ** 2) + 4 / 29)
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


@pytest.mark.parametrize("sight", SIGHT)
@pytest.mark.parametrize(
    "colours",
    [
        [line[0] for line in figures.LINES],
        figures.REGIONS + figures.WRONG,
        [fill for _, fill, _ in figures.CLASSES],
    ],
    ids=["lines", "regions", "points"],
)
def test_colours_are_told_apart(colours: list[str], sight: str) -> None:
    """With every kind of colour vision any two are 20 apart in L*a*b*, where 2 can be seen; in lightness 9."""
    for one, other in itertools.combinations(colours, 2):
        difference = lab(one, sight) - lab(other, sight)
        assert np.linalg.norm(difference) > 20
        assert abs(difference[0]) > 9
