"""What happens next in a session of watch mode: an event and a state give a state and commands."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from enum import Enum
from typing import NamedTuple

from grader.course.catalogue import STAGES, Stage
from grader.course.hints import LEVELS, hints
from grader.course.pages import reading
from grader.learner.watch.state import PLOTTED, Run, Sources, State, View

NUMBERS = {str(stage.number): stage for stage in STAGES}
ENTER = ("\r", "\n", "")
PAGED = ("reading", "solution")
"""The views that may take several pages."""
VIEWS: dict[str, View] = {"s": "solution", "l": "stages", "r": "reading", "x": "reset", "?": "keys"}
"""The keys that open a view, and close it again."""


class FilesRead(NamedTuple):
    """The modules are these now."""

    sources: Sources


class Finished(NamedTuple):
    """The run under way is over; None where it was stopped."""

    run: Run | None


class Pressed(NamedTuple):
    """A key, or a stage's number; last_page: the number of the reading's last page, from 0."""

    key: str
    last_page: int = 0


class Notice(NamedTuple):
    """Something to be said in a line or two."""

    text: str


class Ending(Enum):
    """No more keys will come, so that what waits is run, and that is all; or Ctrl-C, or the terminal is gone."""

    INPUT_ENDED, INTERRUPTED = range(2)


class Command(Enum):
    """What is to be done: run the suite of the stage that the state has running now, or end that run; put the stub
    in the current stage's place; draw the learner's pictures; end the session.
    """

    START, STOP, RESET, PLOT, LEAVE = range(5)


Event = FilesRead | Finished | Pressed | Notice | Ending
Emit = Callable[[Event], None]
"""Takes an event to the session."""
Next = tuple[State, tuple[Command, ...]]


def update(state: State, event: Event) -> Next:
    """The state after an event, and what is to be done."""
    match event:
        case FilesRead(sources):
            return _files_read(state, sources)
        case Finished(run):
            return _start_next(_finished(state, run))
        case Notice(text):
            return replace(state, notice=text), ()
        case Ending.INTERRUPTED:
            return state, (Command.LEAVE,)
        case Ending.INPUT_ENDED:
            return _start_next(replace(state, ended=True))
        case Pressed():
            return _pressed(replace(state, notice=""), event)


def _files_read(state: State, sources: Sources) -> Next:
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
    return _queue(state, (s for s in STAGES if s in changed or state.run_of(s).uses & names))


def _queue(state: State, stages: Iterable[Stage]) -> Next:
    """Run these stages too, the current one first; what is under way is stopped, and begun again where it must."""
    wanted = {*state.waiting, *stages}
    if state.running is None:
        return _start_next(replace(state, waiting=_ordered(wanted, state.current)))
    wanted.add(state.running)
    return replace(state, waiting=_ordered(wanted, state.current), stopping=True), (Command.STOP,)


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


def _start_next(state: State) -> Next:
    """Start what waits, if nothing is under way; leave where no more is to come."""
    if state.running is None and state.waiting:
        stage, *waiting = state.waiting
        state = replace(state, running=stage, waiting=tuple(waiting))
        return state, (Command.START,)
    if state.ended and state.running is None and state.sources:
        return state, (Command.LEAVE,)
    return state, ()


def _pressed(state: State, event: Pressed) -> Next:
    key, view = event.key, state.view
    if view == "reset":
        back = replace(state, view="tests")
        return (back, (Command.RESET,)) if key == "y" else (replace(back, notice="Nothing was reset."), ())
    if view in PAGED and key in (" ", "b"):
        step = 1 if key == " " else -1
        return replace(state, page=min(max(state.page + step, 0), event.last_page)), ()
    typed = state.typed if view == "stages" else ""
    state = replace(state, view="tests", page=0, typed="")
    if key.isdecimal() or key in ENTER:
        return _number_typed(state, view, typed, key)
    match key:
        case "q":
            return state, (Command.LEAVE,)
        case "h":
            return _show_hint(state), ()
        case "n":
            return _next_stage(state)
        case "a":
            return _queue(state, STAGES)
        case "p" if PLOTTED:
            return replace(state, notice="Drawing your pictures …"), (Command.PLOT,)
        case "r" if view != "reading" and (why := _missing(lambda: reading(state.current))):
            return replace(state, notice=f"There is no reading here: {why}."), ()
        case "s" if not state.run.complete:
            return replace(state, notice="The solution is shown when the stage is complete."), ()
        case "s" | "l" | "r" | "x" | "?":
            return replace(state, view=VIEWS[key] if VIEWS[key] != view else "tests"), ()
    return state, ()


def _number_typed(state: State, view: View, typed: str, key: str) -> Next:
    """Go to the stage of a number; in the list wait for another digit, or Enter, where there may be one."""
    number = typed if key in ENTER else typed + key
    if number not in NUMBERS:
        return state, ()
    if view == "stages" and key not in ENTER and 10 * int(number) <= len(STAGES):
        notice = f"Stage {number}: Enter goes there, or another digit."
        return replace(state, view=view, typed=number, notice=notice), ()
    return _go_to(state, NUMBERS[number])


def _go_to(state: State, stage: Stage) -> Next:
    waiting = _ordered(state.waiting, stage)
    return replace(state, current=stage, settled=True, waiting=waiting), ()


def _next_stage(state: State) -> Next:
    """The next stage that is not complete, those before the current one last."""
    here = state.current.number
    for stage in (*STAGES[here:], *STAGES[: here - 1]):
        if not state.run_of(stage).complete:
            return _go_to(state, stage)
    return replace(state, notice=f"Every {'' if state.run.complete else 'other '}stage is complete."), ()


def _show_hint(state: State) -> State:
    """One level more for the task to work at."""
    test = state.to_fix
    if test is None:
        done = state.run.complete
        return replace(state, notice="This stage is complete." if done else "This stage was not run yet.")
    if why := _missing(lambda: hints(state.current, test.task)):
        return replace(state, notice=f"There are no hints for {test.task}: {why}.")
    key = (state.current.name, test.task)
    level = state.hints.get(key, 0)
    if level == LEVELS:
        return replace(state, notice=f"These are all the hints for {test.task}.")
    return replace(state, hints={**state.hints, key: level + 1})


def _missing(read: Callable[[], object]) -> str:
    """Why the course lacks what is to be read; empty where it is there."""
    try:
        read()
    except ValueError as error:
        return str(error)
    return ""
