"""What a session says, in sentences that a screen and plain lines share."""

import re
from collections.abc import Iterable

from grader.course.catalogue import STAGES, Stage
from grader.course.hints import LEVELS, TITLES
from grader.course.hints import hints as hints_of
from grader.course.pages import reading
from grader.course.points import total_points
from grader.judging.rendering import Line, failure_lines, is_unwritten, message_lines, more_to_fix, of_points
from grader.learner.comparison import compared
from grader.learner.watch.state import PLOTTED, Run, State
from grader.outside.versions import difference

PICTURES_KEY = ("p", "plots", "draw pictures of what you trained")
KEYS = (
    ("h", "hint", "the next hint for the task to work at, from a question to pseudo-code"),
    ("n", "next", "the next stage that is not complete"),
    ("l", "stages", "the list of stages, and their points"),
    (f"1-{min(len(STAGES), 9)}", "go to", "the stage of this number"),
    ("r", "reading", "the stage's page of reading"),
    ("s", "solution", "your code beside the solution, when the stage is complete"),
    ("x", "reset", "put the stub in the place of the stage's file; asks first, and keeps your file"),
    ("a", "run all", "run all stages again"),
    *([PICTURES_KEY] if PLOTTED else []),
    ("?", "keys", "this list"),
    ("q", "quit", "leave; so does Ctrl-C"),
)
"""Each key, what it is called, and what it does."""
MAX_PRINTED_LINES = 8
"""Lines of what the learner's code printed that are shown: the last."""
_OF_THE_REFERENCE = re.compile(r"^reference .*Warning: .*\n(  .*\n)?", re.MULTILINE)
"""A warning from code that is not the learner's, and the line that it is about."""
GO_TO = f"1 to {len(STAGES)} goes to a stage. They build on one another, but you may go to any."
NOT_WRITTEN = "not written yet"
TOO_SLOW = "Is it an endless loop? A slow machine is given more time by the option --time-limit."


def seed_and_versions(state: State) -> str:
    """With what the tests run: the seed, and versions where others are marked with."""
    return f"Data drawn with seed {state.seed}. {difference()}".rstrip()


def points(run: Run) -> str:
    """Points earned, of those that could be; what is not written is named so."""
    return NOT_WRITTEN if is_unwritten(run.tests) else of_points(run.tests)


def points_in_all(state: State) -> str:
    """The points earned in all stages, of those that could be."""
    return f"{state.earned:g} of {total_points():g} points"


def failure(state: State) -> list[Line]:
    """The first thing to fix: its label where it has one of its own, and its message, indented; [] for none."""
    run, test = state.run, state.to_fix
    if run.failure:
        return [Line("The kit itself failed, which is no mistake of yours:"), *message_lines(run.failure, 2)]
    if test is None:
        return []
    if test.outcome == "not written":
        next_task = f"Next: {test.message}. Write it in {state.current.file}, and save."
        return [Line(f"{test.message}: x writes its stub." if state.missing else next_task)]
    whole = is_of_module(run)
    lines = message_lines(test.message) if whole else failure_lines(test, run.labels.get(test.test, test.test))
    failing = [other for other in run.tests if other.outcome not in ("passed", "not written")]
    more = [other for other in failing if other.message != test.message]
    return [*lines, *([Line(TOO_SLOW)] if test.outcome == "timeout" else []), *more_to_fix(len(more))]


def is_of_module(run: Run) -> bool:
    """Whether all tests fail alike, so that the message is about the module and not about one of them."""
    return len({test.message for test in run.tests}) == 1


def printed(run: Run) -> list[str]:
    """The last lines of what the learner's code printed."""
    lines = _OF_THE_REFERENCE.sub("", run.printed.expandtabs()).splitlines()
    if len(lines) <= MAX_PRINTED_LINES:
        return lines
    return [f"… {len(lines) - MAX_PRINTED_LINES} lines before", *lines[-MAX_PRINTED_LINES:]]


def hints(state: State) -> Iterable[tuple[str, str]]:
    """The hints that were asked for, for the task to work at: what each is called, and its text in Markdown."""
    test = state.to_fix
    level = state.hints.get((state.current.name, test.task), 0) if test else 0
    if test and level:
        texts = hints_of(state.current, test.task)[:level]
        for number, (title, text) in enumerate(zip(TITLES, texts, strict=False), 1):
            yield f"Hint {number} of {LEVELS} for {test.task}: {title}", text


def offers(state: State) -> list[str]:
    """What may come next, now that something is done."""
    lines = ["Your training works: p draws pictures of it."] if state.offers_pictures else []
    if all(state.run_of(stage).complete for stage in STAGES):
        return [*lines, "All stages are complete. The solutions are meant to be read: s shows each beside yours."]
    done = "This stage is complete: n goes on, s compares it with the solution."
    return [*lines, done] if state.run.complete else lines


def paged(state: State) -> str:
    """The Markdown of a view that may take several pages: the reading, or the learner's code and the solution."""
    source = state.sources.get(state.current.name)
    if state.view == "solution" and isinstance(source, str):
        return compared(state.current, source)
    return reading(state.current)


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
        return f"{points(run)}, complete"
    later = "" if state.is_unlocked(stage) else ", comes later"
    return f"{points(run) if run.tests else 'not run yet'}{later}"


def asking(state: State) -> str:
    """The question before a reset."""
    file = state.current.file
    if state.missing:
        return f"{file} is missing. Write the stub there? y yes, any other key no"
    return f"Put the stub in the place of {file}? Your file is kept, in the folder old. y yes, any other key no"
