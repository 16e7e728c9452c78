"""How a session reads in lines of plain text: for screen readers, pipes, and terminals that only print."""

from grader.course.catalogue import STAGES
from grader.course.points import total_points
from grader.learner.watch import words
from grader.learner.watch.state import State
from grader.learner.watch.words import Session

INVITATION = "Keys, each followed by Enter: " + ", ".join(f"{key} {name}" for key, name, _ in words.KEYS) + "."


def told(state: State, session: Session) -> list[str]:
    """The lines of what is shown."""
    match state.view:
        case "stages":
            lines = [f"Stage {stage.number}, {stage.title}: {words.standing(state, stage)}." for stage in STAGES]
            return [*lines, f"You are at stage {state.current.number}.", words.JUMP]
        case "keys":
            return [f"{key}: {what}." for key, _, what in words.KEYS]
        case "reset":
            return [f"{words.asking(state)}."]
        case "reading":
            return session.reading(state.current).splitlines()
    return _verdict(state, session)


def _verdict(state: State, session: Session) -> list[str]:
    stage = state.current
    lines = [f"Stage {stage.number} of {len(STAGES)}, {stage.title}, in {session.folder}/{stage.file}."]
    for task in stage.tasks:
        run = state.run.of(task)
        passed = sum(test.outcome == "passed" for test in run.tests)
        tests = f", {passed} of {len(run.tests)} tests passed" if 0 < passed < len(run.tests) else ""
        lines.append(f"{task}: {words.points(run)}{'' if 'not' in words.points(run) else ' points'}{tests}.")
    lines += words.failure(state)
    if printed := words.printed(state.run):
        lines += ["Printed by your code:", *(f"  {line}" for line in printed)]
    for title, hint in words.hints(state, session):
        lines += [f"{title}.", *hint.splitlines()]
    return lines + words.offers(state)


def total(state: State) -> str:
    """The points of all stages."""
    return f"In all {state.points:g} of {total_points():g} points."
