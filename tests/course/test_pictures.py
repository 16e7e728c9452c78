"""Pictures show what they are given, in one scale, and in colours that everybody tells apart."""

import itertools
import subprocess
import sys

import numpy as np
import pytest
from matplotlib.colors import to_rgb
from matplotlib.legend import Legend
from matplotlib.text import Text
from pytest_regressions.image_regression import ImageRegressionFixture

from grader.learner.pictures import drawing as pictures
from grader.learner.pictures import overview_figure as poster

EPOCHS = np.arange(1.0, 101.0)
SMOOTHING = 0.1
"""Percent by which a picture may differ, for other roundings of colours; texts, which change with the fonts, are
left out. In the poster a boundary moved by 0.01 makes 0.15, one curve in another colour 0.25."""


def falling(pace: float) -> dict[str, np.ndarray]:
    """A history as of a training run."""
    gone = np.exp(-EPOCHS / pace)
    return {
        "loss": 0.03 + gone,
        "grad_norm": 0.01 + gone,
        "relu_active": 0.5 - gone / 5,
        "accuracy": 1.0 - gone / 2,
    }


def pixels(picture: pictures.Picture) -> bytes:
    """A picture without its texts and legends, which take room as the fonts do, as a notebook shows it."""
    for text in [*picture.findobj(Text), *picture.findobj(Legend)]:
        text.set_visible(False)
    return picture._repr_png_()


def points() -> tuple[np.ndarray, np.ndarray]:
    """Some points of either class."""
    X = np.random.default_rng(0).uniform(-1, 1, (40, 2))
    return X, (X[:, 0] * X[:, 1] < 0).astype(np.float64)


def test_curves(image_regression: ImageRegressionFixture) -> None:
    """Every run has its curve in each of the four panels."""
    image_regression.check(pixels(pictures.curves({"a": falling(10), "b": falling(30)})), SMOOTHING)


def test_boundaries(image_regression: ImageRegressionFixture) -> None:
    """The models stand side by side in one scale, with boundary and data."""
    models = {"line": lambda X: X[:, 0] + 0.5, "corner": lambda X: 0.5 - X[:, 0] * X[:, 1]}
    image_regression.check(pixels(pictures.boundaries(models, *points())), SMOOTHING)


def test_everything_is_labelled() -> None:
    """Each panel has a title and the names of its axes; runs are named in a legend, models in their titles."""
    drawn = pictures.curves({"a": falling(10), "b": falling(30)})
    assert all(axes.get_title() and axes.get_xlabel() and axes.get_ylabel() for axes in drawn.axes)
    assert [text.get_text() for text in drawn.legends[0].get_texts()] == ["a", "b"]
    drawn = pictures.boundaries({"corner": lambda X: 0.5 - X[:, 0] * X[:, 1]}, *points())
    assert [axes.get_title() for axes in drawn.axes] == ["corner\naccuracy 100%", ""]
    drawn = pictures.points(*points())
    assert drawn.axes[0].get_title() == "40 points of the XOR problem"


def test_only_what_was_recorded_has_a_panel() -> None:
    """A history of the loss alone gives one panel."""
    assert len(pictures.curves({"a": {"loss": [1.0, 0.5]}}).axes) == 1


@pytest.mark.parametrize(
    ("scores", "why"), [(lambda X: X, "have scores of shape"), (lambda X: np.full(len(X), np.inf), "not finite")]
)
def test_scores_that_cannot_be_drawn(scores: pictures.Scores, why: str) -> None:
    """Scores of another shape, or not finite, are refused in words."""
    with pytest.raises(ValueError, match=why):
        pictures.surface(scores, np.ones((3, 2)))


def test_no_window_is_prepared() -> None:
    """Importing the pictures leaves matplotlib's global state alone."""
    modules = "grader.learner.pictures.training_runs, grader.learner.pictures.overview_figure"
    code = f"import sys, {modules}; sys.exit('matplotlib.pyplot' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def runs(*, wave: float = 0.0, keys: tuple[str, ...] = tuple(pictures.PANELS)) -> list[pictures.Run]:
    """Three runs of fixed histories and surfaces; the third without a surface."""
    X, _ = points()
    scores = {"a": lambda X: 0.5 - X[:, 0] * (X[:, 1] + 0.2 + wave), "b": lambda X: 0.4 + X[:, 0] - X[:, 1] ** 2}
    drawn = {name: pictures.surface(score, X) for name, score in scores.items()}
    return [
        pictures.Run(name, {key: falling(pace)[key] for key in keys}, drawn.get(name), "as set", steps, line)
        for name, pace, steps, line in zip("abc", (10, 30, 80), (1, 7, 7), pictures.LINES, strict=True)
    ]


def test_poster(image_regression: ImageRegressionFixture) -> None:
    """Curves of all runs share their panels; beside them each has its score surface above its regions."""
    image_regression.check(pixels(poster.poster(runs(), *points())), SMOOTHING)


@pytest.mark.parametrize(
    "changed",
    [
        [run._replace(line=pictures.LINES["bac".index(run.name)]) for run in runs()],
        runs(wave=0.02),
        runs(keys=("loss", "grad_norm", "relu_active")),
        [run._replace(steps=1) for run in runs()],
    ],
    ids=["swapped colours", "moved boundary", "missing panel", "another scale"],
)
def test_the_tolerance_is_small(changed: list[pictures.Run], image_regression: ImageRegressionFixture) -> None:
    """Another picture is found to be another one."""
    drawn = pixels(poster.poster(changed, *points()))
    image_regression.check(drawn, SMOOTHING, expect_equal=False, basename="test_poster")


def test_the_poster_says_what_it_shows() -> None:
    """Panels have titles and named axes, runs are named with how they were trained, mistakes are counted."""
    drawn = poster.poster(runs(), *points())
    *panels, _ = drawn.axes  # the last one is the colour bar
    assert all(axes.get_title() and axes.get_xlabel() for axes in panels)
    titles = [axes.get_title() for axes in panels]
    assert [title for title in titles if "wrong" in title] == [
        "wrong: 3 of 40 points,\n9.8% of the square",  # a strip of a tenth, on the grid
        "wrong: 21 of 40 points,\n50.0% of the square",
    ]
    curves, regions = ([text.get_text() for text in legend.get_texts()] for legend in drawn.legends)
    assert curves == ["a: as set", "b: as set", "c: as set"]
    assert {"point of class 0", "taken for class 1", "wrongly taken for class 0"} < set(regions)


def test_the_same_scale_for_all() -> None:
    """Surfaces are drawn in the same levels on the same square, and curves on shared axes over all steps."""
    drawn = poster.poster(runs(), *points())
    squares = [axes for axes in drawn.axes if axes.get_xlabel() == "x1"]
    assert len(squares) == 4
    assert {(axes.get_xlim(), axes.get_ylim(), axes.get_aspect()) for axes in squares} == {((-1, 1), (-1, 1), 1.0)}
    curves = [axes for axes in drawn.axes if axes.get_xlabel() == "steps of gradient descent"]
    assert [len(axes.lines) for axes in curves] == [3, 3, 3, 3]
    a, b, _ = curves[0].lines
    assert (a.get_xdata()[0], a.get_xdata()[-1]) == (1, 100)
    assert (b.get_xdata()[0], b.get_xdata()[-1]) == (4, 697)  # the middle of each epoch's 7 steps


def test_what_there_is_is_drawn() -> None:
    """Curves alone, squares alone, one curve, two pictures: each without empty panels."""
    assert len(poster.poster([run._replace(surface=None) for run in runs()], *points()).axes) == 4
    assert len(poster.poster([run._replace(history={}) for run in runs()], *points()).axes) == 5
    assert len(poster.poster([runs(keys=("loss",))[2]], *points()).axes) == 1
    three = poster.poster([runs(keys=("loss", "accuracy", "relu_active"))[2]], *points())
    assert [axes.get_visible() for axes in three.axes] == [True, True, True, False]
    assert [len(picture.axes) for picture in poster.in_two(runs(), *points())] == [4, 5]


SIGHT = {
    "full": np.eye(3),
    "deuteranopia": [
        [0.367322, 0.860646, -0.227968],
        [0.280085, 0.672501, 0.047413],
        [-0.01182, 0.04294, 0.968881],
    ],
    "protanopia": [
        [0.152286, 1.052583, -0.204868],
        [0.114503, 0.786281, 0.099216],
        [-0.003882, -0.048116, 1.051998],
    ],
    "tritanopia": [
        [1.255528, -0.076749, -0.178779],
        [-0.078411, 0.930809, 0.147602],
        [0.004733, 0.691367, 0.3039],
    ],
}
"""What linear RGB looks like: Machado, Oliveira and Fernandes 2009, severity 1."""


def lab(colour: str, sight: str) -> np.ndarray:
    """A colour in CIE L*a*b*, as it is seen."""
    rgb = np.array(to_rgb(colour))
    linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    to_xyz = [
        [0.4124564, 0.3575761, 0.1804375],
        [0.2126729, 0.7151522, 0.072175],
        [0.0193339, 0.119192, 0.9503041],
    ]
    xyz = to_xyz @ np.clip(SIGHT[sight] @ linear, 0, 1) / [0.95047, 1.0, 1.08883]
    x, y, z = np.where(xyz > (6 / 29) ** 3, np.cbrt(xyz), xyz / (3 * (6 / 29) ** 2) + 4 / 29)
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


@pytest.mark.parametrize("sight", SIGHT)
@pytest.mark.parametrize(
    "colours",
    [
        [colour for colour, _ in pictures.LINES],
        [*poster.REGIONS, *poster.WRONG],
        [fill for _, fill, _ in pictures.CLASSES],
    ],
    ids=["lines", "regions", "points"],
)
def test_colours_are_told_apart(colours: list[str], sight: str) -> None:
    """With every kind of colour vision any two are 20 apart in L*a*b*, where 2 can be seen; in lightness 9."""
    for one, other in itertools.combinations(colours, 2):
        difference = lab(one, sight) - lab(other, sight)
        assert np.linalg.norm(difference) > 20
        assert abs(difference[0]) > 9
