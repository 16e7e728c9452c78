"""What happens next in a session of watch mode: an event and a state give a state and commands."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from grader.course.catalogue import STAGES, Stage
from grader.course.hints import LEVELS
from grader.learner.watch.state import Run, Sources, State, View


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
