"""A learner's training runs, as a course's solutions/pictures.py asks for them, looked at before they are drawn.

That module is the course's own, trusted code, and is run beside the suites. It defines:

    OVERVIEW = Overview({"loss": Panel("Loss", "L")})  what its figures show: see `Overview`
    RUNS = {2: by_hand}                                by a stage's number: what adds its runs to a `Runs`
    PLOT = (2,)                                        those that `chainrule plot` draws; if left out, all

A notebook shows the runs of the last of its stages that stands in RUNS. A whole entry, where stage 2 has a task
`train` that returns a dict of lists:

    def by_hand(runs):
        with runs.attempt("your network"), runs.stage(2) as impl:
            history = runs.curves("your network", impl.call("train", *make_data(), patience=PATIENCE))
            runs.add(Run("mine", history, about="full batch"))

Whatever comes of a learner's code may be anything: it goes through `curves`, `surface`, `parts` and `floats`.
"""

import contextlib
import importlib
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cache
from types import ModuleType
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

import numpy as np

from grader.course.catalogue import Notebook, find_stage
from grader.course.finding import CourseError
from grader.course.location import PICTURES, SOLUTIONS
from grader.outside.client import Client
from grader.outside.plain_text import plain_text
from grader.outside.verdicts import NoAnswer
from grader.wire.values import Tensor

if TYPE_CHECKING:
    from grader.judging.suites import Code

History: TypeAlias = Mapping[str, Sequence[float] | np.ndarray]
"""By the key of a panel: one entry an epoch."""
Scores: TypeAlias = Callable[[np.ndarray], Any]
"""Points (M, 2) → scores (M,), of class 1 from 0.5 on; anything that NumPy takes for an array."""

PATIENCE = 6
"""Times a call's limit that a training may take."""
LARGEST = 1e6
"""Of a curve's entries: beyond that the curves beside it would be flat."""
NUMBERS = "biuf"
"""Kinds of dtypes that can be drawn."""
MAX_REASON = 300
"""Characters of a reason that are shown."""
ACROSS = 161
"""Points along a side of the square: fine enough for a line of two pixels."""


class Panel(NamedTuple):
    """A panel of curves: what a history holds under one key."""

    title: str
    label: str
    fraction: bool = False
    """Whether entries are in [0, 1], on a linear axis; else they are positive, on a logarithmic one."""


class Square(NamedTuple):
    """A square of the plane, whose points are of class 0 or 1, and those on which networks are trained."""

    X: np.ndarray  # (N, 2)
    y: np.ndarray  # (N,) of 0.0 and 1.0
    truth: Scores
    """Points (M, 2) → (M,): positive where class 1 is right, negative where class 0 is, 0 between them."""
    axes: tuple[str, str] = ("x1", "x2")
    limits: tuple[float, float] = (-1.0, 1.0)  # of either axis

    @property
    def grid(self) -> np.ndarray:
        """Points (ACROSS², 2) all over it, row by row."""
        side = np.linspace(*self.limits, ACROSS)
        return np.column_stack([np.tile(side, ACROSS), np.repeat(side, ACROSS)])


class Overview(NamedTuple):
    """What a course's figures show: panels of curves by the keys of histories, and a square if there is one."""

    panels: Mapping[str, Panel]
    square: Square | None = None
    title: str = ""
    """Above curves and squares."""
    results: tuple[str, ...] = ()
    """The keys whose last entries `chainrule plot` says in words."""


class Surface(NamedTuple):
    """A model's scores."""

    square: np.ndarray  # (ACROSS, ACROSS), of the grid
    data: np.ndarray  # (N,), of the square's X


class Run(NamedTuple):
    """A model that was trained: its curves, and what it makes of the square, as far as there is either."""

    name: str
    history: History
    surface: Surface | None = None
    about: str = ""  # how it was trained
    steps: int = 1  # of gradient descent in an epoch
    line: int = 0  # its colour and style in figures.LINES


class Runs:
    """What is drawn, filled by a course's functions; and notes: a sentence on each thing that cannot be drawn."""

    def __init__(self, code: "Code", overview: Overview) -> None:
        self._code = code
        self.overview = overview
        self.runs: list[Run] = []
        self.notes: list[str] = []

    @contextlib.contextmanager
    def stage(self, number: int) -> Iterator[Client]:
        """The learner's stage, as suites call it. Raises NoAnswer where it cannot be run."""
        transport = self._code(find_stage(str(number)))
        try:
            transport.load()
            yield Client(transport)
        finally:
            transport.close()

    @contextlib.contextmanager
    def attempt(self, what: str) -> Iterator[None]:
        """Make a note where the block raises NoAnswer or ValueError, and go on after it."""
        try:
            yield
        except (NoAnswer, ValueError) as error:
            self.notes.append(f"No picture of {what}: {plain_text(str(error), MAX_REASON).rstrip('.')}.")

    def add(self, run: Run) -> None:
        """Draw a run, if there is anything of it."""
        if run.history or run.surface:
            self.runs.append(run)

    def curves(self, what: str, history: Any, wanted: Iterable[str] | None = None) -> History:
        """A history's curves, all or those wanted, NaN from where they cannot be drawn on, with notes of why.

        what: whose history, for the notes.
        """
        drawn, missing = dict[str, np.ndarray](), list[str]()
        with self.attempt(f"the curves of {what}"):
            if not isinstance(history, dict):
                raise ValueError("the history is no dict of lists")
            for key in self.overview.panels if wanted is None else wanted:
                entries, why = _curve(key, history, self.overview.panels[key].fraction)
                if why:
                    missing.append(f"{key} {why}")
                if np.isfinite(entries).any():
                    drawn[key] = entries
            if not drawn:
                raise ValueError("; ".join(missing))
            self.notes += [f"The history of {what}: {why}." for why in missing]
        return drawn

    def surface(self, what: str, scores: Scores) -> Surface | None:
        """A model's scores all over the course's square; None, and a note, where `scores` gives none."""
        assert self.overview.square, "OVERVIEW has no square"
        with self.attempt(f"the regions of {what}"):
            return surface(scores, self.overview.square)
        return None


def surface(scores: Scores, square: Square) -> Surface:
    """A model's scores. Raises ValueError for some that are not finite, or not of the shape (M,) for M points."""
    points = np.concatenate([square.grid, square.X])
    with np.errstate(all="ignore"):  # of what is not finite a sentence tells
        f = floats(scores(points))
    if f.shape != (len(points),):
        raise ValueError(f"{len(points)} points have scores of shape {f.shape}")
    if not np.isfinite(f).all():
        raise ValueError("the scores are not finite")
    return Surface(f[: ACROSS**2].reshape(ACROSS, ACROSS), f[ACROSS**2 :])


def parts(value: Any, count: int, otherwise: str) -> Sequence[Any]:
    """The entries of a tuple or list of so many. Raises ValueError with this text where it is none."""
    if not isinstance(value, (tuple, list)) or len(value) != count:
        raise ValueError(otherwise)
    return value


def floats(value: Any) -> np.ndarray:
    """An array, a tensor, or a list of numbers as an array of float64. Raises ValueError for anything else."""
    array = np.asarray(value.array if isinstance(value, Tensor) else value)
    if array.dtype.kind not in NUMBERS:
        raise ValueError("no numbers came")
    return array.astype(np.float64)


def runs_of(code: "Code", which: Notebook | None = None) -> Runs:
    """What is drawn at the end of a notebook, or by `chainrule plot`. Raises CourseError where nothing ever is."""
    course = _course()
    found = Runs(code, course.OVERVIEW)
    numbers = plotted() if which is None else [s.number for s in which.stages if s.number in course.RUNS][-1:]
    for number in numbers:
        course.RUNS[number](found)
    return found


def plotted() -> tuple[int, ...]:
    """The numbers of the stages whose runs `chainrule plot` draws; of none where the course has no pictures."""
    return tuple(getattr(_course(), "PLOT", _course().RUNS)) if PICTURES.is_file() else ()


@cache
def _course() -> ModuleType:
    """The course's module; it gets what stands beside it, whatever a learner has imported under these names."""
    if not PICTURES.is_file():
        raise CourseError(f"this course has no pictures: {SOLUTIONS.name}/{PICTURES.name} is missing")
    beside = {path.stem for path in SOLUTIONS.glob("*.py")}
    replaced = {name: sys.modules.pop(name) for name in beside & sys.modules.keys()}
    sys.path.insert(0, str(SOLUTIONS))
    try:
        return importlib.import_module(PICTURES.stem)
    finally:
        sys.path.remove(str(SOLUTIONS))
        for name in beside & sys.modules.keys():
            del sys.modules[name]
        sys.modules.update(replaced)


def _curve(key: str, history: dict[Any, Any], fraction: bool) -> tuple[np.ndarray, str]:
    """The entries under a key, NaN from where they cannot be drawn on, and why that is; empty for no reason."""
    if key not in history:
        return np.empty(0), "is not in the history"
    entries = np.empty(0)
    with contextlib.suppress(ValueError):
        entries = floats(history[key])
    if entries.ndim != 1 or not len(entries):
        return np.empty(0), "is no list of numbers"
    problems = {
        "is not finite": ~np.isfinite(entries),
        "is no fraction": fraction & ((entries < 0.0) | (entries > 1.0)),
        "is not positive": (not fraction) & (entries <= 0.0),
        f"exceeds {LARGEST:g}": (not fraction) & (entries > LARGEST),
    }
    firsts = [(int(np.argmax(bad)), why) for why, bad in problems.items() if bad.any()]
    good, why = min(firsts, key=lambda first: first[0], default=(len(entries), ""))
    why = why and f"{why} in epoch {good + 1} ({entries[good]:.3g}), where its curve ends"
    return np.where(np.arange(len(entries)) < good, entries, np.nan), why
