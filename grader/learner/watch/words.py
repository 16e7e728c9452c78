"""What a session says, in sentences that a screen and plain lines share."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from grader.course.catalogue import STAGES, Stage
from grader.course.hints import LEVELS, TITLES
from grader.judging.results import TestResult
from grader.learner.watch.state import Run, State
from grader.outside.versions import difference

KEYS = (
    ("h", "hint", "the next hint for the task to work at, from a question to pseudo-code"),
    ("n", "next", "the next stage that is not complete"),
    ("l", "stages", "the list of stages, and their points"),
    ("1-6", "go to", "the stage of this number"),
    ("r", "reading", "the stage's page of reading"),
    ("x", "reset", "put the stub in the place of the stage's file; asks first, and keeps your file"),
    ("a", "run all", "run all six stages again"),
    ("p", "plots", "draw your training curves and decision boundaries"),
    ("?", "keys", "this list"),
    ("q", "quit", "leave; so does Ctrl-C"),
)
"""Each key, what it is called, and what it does."""
MAX_PRINTED_LINES = 8
"""Lines of what the learner's code printed that are shown: the last."""
_OF_THE_REFERENCE = re.compile(r"^reference .*Warning: .*\n(  .*\n)?", re.MULTILINE)
"""A warning from code that is not the learner's, and the line that it is about."""
JUMP = "1 to 6 goes to a stage. They build on one another, but you may go to any."
TOO_SLOW = "Is it an endless loop? A slow machine is given more time by the option --time-limit."


@dataclass(frozen=True)
class Session:
    """What stays as it is while a session lasts: the data's seed, the folder as it is named, and the texts.

    hints: of a task of a stage, in Markdown; reading: of a stage, in Markdown.
    """

    seed: int
    folder: str
    hints: Callable[[Stage, str], tuple[str, ...]]
    reading: Callable[[Stage], str]


def drawn(session: Session) -> str:
    """With what the tests run: the seed, and versions where others are marked with."""
    return f"Data drawn with seed {session.seed}. {difference()}".rstrip()


def points(run: Run) -> str:
    """Points earned, of those that could be; what is not written is told so."""
    if run.tests and all(test.outcome == "not written" for test in run.tests):
        return "not written yet"
    return f"{run.points:g} of {run.worth:g}"


def failure(state: State) -> list[str]:
    """The first thing to fix: its label where it has one of its own, and its message, indented; [] for none."""
    if state.run.failure:
        return ["The kit itself failed, which is no mistake of yours:", *_indented(state.run.failure)]
    test = state.to_fix
    if test is None:
        return []
    if test.outcome == "not written":
        return [_not_written(state, test)]
    message = test.message.splitlines()
    if not is_of_module(state.run):
        message = [f"{test.task}: {state.run.labels.get(test.test, test.test)}", *_indented(test.message)]
    return message + ([TOO_SLOW] if test.outcome == "timeout" else []) + _more(state, test)


def is_of_module(run: Run) -> bool:
    """Whether all tests fail alike, so that the message is about the module and not about one of them."""
    return len({test.message for test in run.tests}) == 1


def printed(run: Run) -> list[str]:
    """The last lines of what the learner's code printed."""
    lines = _OF_THE_REFERENCE.sub("", run.printed.expandtabs()).splitlines()
    if len(lines) <= MAX_PRINTED_LINES:
        return lines
    return [f"… {len(lines) - MAX_PRINTED_LINES} lines before", *lines[-MAX_PRINTED_LINES:]]


def hints(state: State, session: Session) -> Iterable[tuple[str, str]]:
    """The hints that were asked for, for the task to work at: what each is called, and its text."""
    test = state.to_fix
    if test is not None:
        level = state.hints.get((state.current.name, test.task), 0)
        texts = session.hints(state.current, test.task)[:level]
        for number, (title, text) in enumerate(zip(TITLES, texts, strict=False), 1):
            yield f"Hint {number} of {LEVELS} for {test.task}: {title}", text


def offers(state: State) -> list[str]:
    """What may come next, now that something is done."""
    lines = ["Your training works: p draws its curves and its decision boundary."] if state.offers_plots else []
    if all(state.run_of(stage).complete for stage in STAGES):
        return [*lines, "All six stages are complete. Compare with solutions/: they are meant to be read."]
    return [*lines, "This stage is complete: n goes on."] if state.run.complete else lines


def under_way(state: State) -> str:
    """What is going on: which stages are being run; empty for nothing."""
    if not state.runs:
        return "Getting ready …"
    if state.running is None:
        return ""
    rest = f", then {' and '.join(str(stage.number) for stage in state.waiting)}" if state.waiting else ""
    return f"Running stage {state.running.number}{rest} … saving starts anew"


def standing(state: State, stage: Stage) -> str:
    """How a stage stands, in a few words."""
    run = state.run_of(stage)
    if run.complete:
        return f"{run.points:g} of {run.worth:g}, complete"
    later = "" if state.is_unlocked(stage) else ", comes later"
    return f"{points(run) if run.tests else 'not run yet'}{later}"


def asking(state: State) -> str:
    """The question before a reset."""
    file = state.current.file
    if state.missing:
        return f"{file} is missing. Write the stub there? y yes, any other key no"
    return f"Put the stub in the place of {file}? Your file is kept, in the folder old. y yes, any other key no"


def _not_written(state: State, test: TestResult) -> str:
    if state.missing:
        return f"{test.message}: x writes its stub."
    return f"Next: {test.message}. Write it in {state.current.file}, and save."


def _more(state: State, test: TestResult) -> list[str]:
    failing = [other for other in state.run.tests if other.outcome not in ("passed", "not written")]
    more = [other for other in failing if other.message != test.message]
    return [f"and {len(more)} more to fix after it"] if more else []


def _indented(message: str) -> list[str]:
    return [f"  {line}" for line in message.splitlines()]
