"""What a session of watch mode knows: what is saved, the runs of it, and what the learner looks at."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

from grader.course.catalogue import STAGES, Stage
from grader.intake.source_text import Unread
from grader.judging.rendering import earned, worth
from grader.judging.results import TestResult
from grader.learner.pictures.runs import plotted

Sources = Mapping[str, str | Unread | None]
"""The modules by their stages' names; None where the file is missing, Unread where it is no text."""
View = Literal["tests", "stages", "reading", "solution", "reset", "keys"]
"""What is shown; "reset" asks before a stage is reset."""


PLOTTED = plotted()
"""The numbers of the stages whose training `chainrule plot` draws; empty where the course has no pictures."""


@dataclass(frozen=True)
class Run:
    """A run of a stage's suite.

    labels: what each test checks, by its name; uses: the names of earlier stages from which it took something of
    the learner's own; failure: why there is no verdict, where the kit itself failed.
    """

    tests: tuple[TestResult, ...] = ()
    labels: Mapping[str, str] = field(default_factory=dict)
    printed: str = ""
    uses: frozenset[str] = frozenset()
    failure: str = ""

    @property
    def complete(self) -> bool:
        """Whether there are tests, and every point is earned."""
        return bool(self.tests) and earned(self.tests) == worth(self.tests)

    def of(self, task: str) -> "Run":
        """The tests of one task."""
        return replace(self, tests=tuple(test for test in self.tests if test.task == task))


@dataclass(frozen=True)
class State:
    """A session between two events.

    seed: of the data drawn; folder: of the modules, as the learner would write it; settled: the learner has chosen
    or saved something, or every stage was run, so that the current stage moves no more by itself; stopping: what
    the run under way will say no longer counts; typed: the digits typed in the list of stages so far; hints: the
    levels that were asked for, by stage and task; ended: no more keys will come.
    """

    seed: int = 0
    folder: str = ""
    sources: Sources = field(default_factory=dict)
    runs: Mapping[str, Run] = field(default_factory=dict)
    current: Stage = STAGES[0]
    settled: bool = False
    running: Stage | None = None
    stopping: bool = False
    waiting: tuple[Stage, ...] = ()
    view: View = "tests"
    page: int = 0
    typed: str = ""
    hints: Mapping[tuple[str, str], int] = field(default_factory=dict)
    notice: str = ""
    ended: bool = False

    @property
    def run(self) -> Run:
        """The run of the current stage; one without tests before it was run."""
        return self.run_of(self.current)

    @property
    def earned(self) -> float:
        """The points earned in all stages."""
        return sum(earned(run.tests) for run in self.runs.values())

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
    def offers_pictures(self) -> bool:
        """Whether what the current stage trains is drawn, and the stage is complete."""
        return self.current.number in PLOTTED and self.run.complete

    @property
    def missing(self) -> bool:
        """Whether the current stage's file is not there."""
        return bool(self.sources) and self.sources.get(self.current.name) is None

    def run_of(self, stage: Stage) -> Run:
        """The last run of a stage; one without tests before it was run."""
        return self.runs.get(stage.name, Run())

    def is_unlocked(self, stage: Stage) -> bool:
        """Whether every stage before it is complete."""
        return all(self.run_of(earlier).complete for earlier in STAGES[: stage.number - 1])
