"""What a session of watch mode knows: what is saved, what came of running it, and what the learner looks at."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

from grader.course.catalogue import STAGES, Stage
from grader.intake.source_text import Unread
from grader.judging.results import TestResult

Sources = Mapping[str, str | Unread | None]
"""The modules by their stages' names; None where the file is missing, Unread where it is no text."""
View = Literal["tests", "stages", "reading", "reset", "keys"]
"""What is shown; "reset" asks before a stage is reset."""
TRAINING = "train"
"""The task after which there are curves to be drawn."""


@dataclass(frozen=True)
class Run:
    """What came of running a stage's suite.

    labels: what each test checks, by its name; uses: the names of earlier stages from which it took something of
    the learner's own; failure: why there is no verdict, where the kit itself failed.
    """

    tests: tuple[TestResult, ...] = ()
    labels: Mapping[str, str] = field(default_factory=dict)
    printed: str = ""
    uses: frozenset[str] = frozenset()
    failure: str = ""

    @property
    def points(self) -> float:
        """The points earned."""
        return sum(test.points for test in self.tests)

    @property
    def worth(self) -> float:
        """The points that could be earned."""
        return sum(test.max_points for test in self.tests)

    @property
    def complete(self) -> bool:
        """Whether every point is earned."""
        return bool(self.tests) and self.points == self.worth

    def of(self, task: str) -> "Run":
        """The tests of one task."""
        return replace(self, tests=tuple(test for test in self.tests if test.task == task))


@dataclass(frozen=True)
class State:
    """A session between two events.

    settled: the learner has chosen or saved something, or every stage was run, so that the current stage moves no
    more by itself; stopping: what the run under way will say no longer counts; hints: the levels that were asked
    for, by stage and task; ended: no more keys will come.
    """

    sources: Sources = field(default_factory=dict)
    runs: Mapping[str, Run] = field(default_factory=dict)
    current: Stage = STAGES[0]
    settled: bool = False
    running: Stage | None = None
    stopping: bool = False
    waiting: tuple[Stage, ...] = ()
    view: View = "tests"
    page: int = 0
    hints: Mapping[tuple[str, str], int] = field(default_factory=dict)
    notice: str = ""
    ended: bool = False

    @property
    def run(self) -> Run:
        """What came of the current stage; a run without tests before it was run."""
        return self.run_of(self.current)

    @property
    def points(self) -> float:
        """All points, of 100."""
        return sum(run.points for run in self.runs.values())

    @property
    def to_fix(self) -> TestResult | None:
        """The current stage's first test that is wrong, else the first that is not written."""
        failing = [test for test in self.run.tests if test.outcome != "passed"]
        wrong = [test for test in failing if test.outcome != "not written"]
        return next(iter(wrong or failing), None)

    @property
    def pending(self) -> bool:
        """Whether the current stage is being run, or is to be."""
        return self.current in (self.running, *self.waiting)

    @property
    def offers_plots(self) -> bool:
        """Whether the current stage trains, and does it right."""
        return TRAINING in self.current.tasks and self.run.of(TRAINING).complete

    @property
    def missing(self) -> bool:
        """Whether the current stage's file is not there."""
        return bool(self.sources) and self.sources.get(self.current.name) is None

    def run_of(self, stage: Stage) -> Run:
        """What came of a stage."""
        return self.runs.get(stage.name, Run())

    def is_unlocked(self, stage: Stage) -> bool:
        """Whether every stage before it is complete."""
        return all(self.run_of(earlier).complete for earlier in STAGES[: stage.number - 1])
