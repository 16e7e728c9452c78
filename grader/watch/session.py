"""What a session of watch mode knows, and what happens next: an event and a state give a state and commands."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

from grader.catalogue import STAGES, Stage
from grader.hints import LEVELS
from grader.results import TestResult

Sources = Mapping[str, str | None]
"""The modules by their stages' names; None where the file is missing."""
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


@dataclass(frozen=True)
class Saw:
    """The modules are these now."""

    sources: Sources


@dataclass(frozen=True)
class Finished:
    """The run under way is over; None where it was stopped."""

    run: Run | None


@dataclass(frozen=True)
class Pressed:
    """A key; last_page: the number of the reading's last page, from 0."""

    key: str
    last_page: int = 0


@dataclass(frozen=True)
class Told:
    """Something to be told in a line or two."""

    text: str


@dataclass(frozen=True)
class Resized:
    """The terminal has another size."""


@dataclass(frozen=True)
class InputEnded:
    """No more keys will come: what is to be run is run, and that is all."""


@dataclass(frozen=True)
class Interrupted:
    """Ctrl-C was pressed, or the terminal is gone."""


Event = Saw | Finished | Pressed | Told | Resized | InputEnded | Interrupted


@dataclass(frozen=True)
class Start:
    """Run a stage's suite on these modules."""

    stage: Stage
    sources: Sources


@dataclass(frozen=True)
class Reset:
    """Put the stub in a stage's place, and keep the file."""

    stage: Stage


@dataclass(frozen=True)
class Stop:
    """End the run under way."""


@dataclass(frozen=True)
class Plot:
    """Draw the learner's pictures."""


@dataclass(frozen=True)
class Leave:
    """End the session."""


Command = Start | Stop | Reset | Plot | Leave
Next = tuple[State, tuple[Command, ...]]


def update(state: State, event: Event) -> Next:
    """The state after an event, and what is to be done."""
    match event:
        case Saw(sources):
            return _saw(state, sources)
        case Finished(run):
            return _going_on(_finished(state, run))
        case Told(text):
            return replace(state, notice=text), ()
        case Resized():
            return state, ()
        case Interrupted():
            return state, (Leave(),)
        case InputEnded():
            return _going_on(replace(state, ended=True))
        case Pressed():
            return _pressed(replace(state, notice=""), event)


def _saw(state: State, sources: Sources) -> Next:
    """Queue what was saved, and what takes something of its own from there; go to where the learner works."""
    first = not state.sources
    changed = [s for s in STAGES if first or sources.get(s.name) != state.sources.get(s.name)]
    state = replace(state, sources=sources)
    if not changed:
        return state, ()
    if not first:
        current = state.current if state.current in changed else changed[0]
        state = replace(state, current=current, settled=True, view="tests", notice="")
    names = {stage.name for stage in changed}
    return _queued(state, (s for s in STAGES if s in changed or state.run_of(s).uses & names))


def _queued(state: State, stages: Iterable[Stage]) -> Next:
    """Run these stages too, the current one first; what is under way is stopped, and begun again where it must."""
    wanted = {*state.waiting, *stages}
    if state.running is None:
        return _going_on(replace(state, waiting=_ordered(wanted, state.current)))
    wanted.add(state.running)
    return replace(state, waiting=_ordered(wanted, state.current), stopping=True), (Stop(),)


def _ordered(stages: Iterable[Stage], current: Stage) -> tuple[Stage, ...]:
    return tuple(sorted(stages, key=lambda stage: (stage != current, stage.number)))


def _finished(state: State, run: Run | None) -> State:
    stage = state.running
    assert stage is not None
    if run is not None and not state.stopping:
        state = replace(state, runs={**state.runs, stage.name: run})
    state = replace(state, running=None, stopping=False)
    if not state.settled:
        open_stages = (s for s in STAGES if not state.run_of(s).complete)
        state = replace(state, current=next(open_stages, STAGES[-1]), settled=not state.waiting)
    return state


def _going_on(state: State) -> Next:
    """Start what waits, if nothing is under way; leave where no more is to come."""
    if state.running is None and state.waiting:
        stage, *waiting = state.waiting
        state = replace(state, running=stage, waiting=tuple(waiting))
        return state, (Start(stage, state.sources),)
    if state.ended and state.running is None and state.sources:
        return state, (Leave(),)
    return state, ()


def _pressed(state: State, event: Pressed) -> Next:
    key, view = event.key, state.view
    if view == "reset":
        back = replace(state, view="tests")
        return (back, (Reset(state.current),)) if key == "y" else (replace(back, notice="Nothing was reset."), ())
    if view == "reading" and key in (" ", "b"):
        step = 1 if key == " " else -1
        return replace(state, page=min(max(state.page + step, 0), event.last_page)), ()
    state = replace(state, view="tests", page=0)
    if key in map(str, range(1, len(STAGES) + 1)):
        return _gone_to(state, STAGES[int(key) - 1])
    match key:
        case "q":
            return state, (Leave(),)
        case "h":
            return _hinted(state), ()
        case "n":
            return _next_stage(state)
        case "a":
            return _queued(state, STAGES)
        case "p":
            return replace(state, notice="Drawing your pictures …"), (Plot(),)
        case "l" | "r" | "x" | "?":
            views: dict[str, View] = {"l": "stages", "r": "reading", "x": "reset", "?": "keys"}
            return replace(state, view=views[key] if views[key] != view else "tests"), ()
    return state, ()


def _gone_to(state: State, stage: Stage) -> Next:
    waiting = _ordered(state.waiting, stage)
    return replace(state, current=stage, settled=True, waiting=waiting), ()


def _next_stage(state: State) -> Next:
    """The next stage that is not complete, those before the current one last."""
    here = state.current.number
    for stage in (*STAGES[here:], *STAGES[: here - 1]):
        if not state.run_of(stage).complete:
            return _gone_to(state, stage)
    if state.run.complete:
        return replace(state, notice="Every stage is complete."), ()
    return replace(state, notice="Every other stage is complete."), ()


def _hinted(state: State) -> State:
    """One level more for the task to work at."""
    test = state.to_fix
    if test is None:
        done = state.run.complete
        return replace(state, notice="This stage is complete." if done else "This stage was not run yet.")
    key = (state.current.name, test.task)
    level = state.hints.get(key, 0)
    if level == LEVELS:
        return replace(state, notice=f"These are all the hints for {test.task}.")
    return replace(state, hints={**state.hints, key: level + 1})
