"""How a session looks on a terminal: state in, renderables of rich's out."""

from collections.abc import Iterable
from dataclasses import dataclass

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.text import Text

from grader.course.catalogue import STAGES
from grader.course.points import total_points
from grader.course.reading import Page
from grader.learner.watch import words
from grader.learner.watch.state import State
from grader.learner.watch.words import Session

BAR = 50
STAGE_BAR = 10


@dataclass(frozen=True)
class Look:
    """The characters that stand for things."""

    passed: str = "✓"
    failed: str = "✗"
    open: str = "·"
    full: str = "█"
    empty: str = "░"
    rule: str = "│"


ASCII = Look("+", "x", "-", "#", ".", "|")
"""For terminals whose encoding has no more."""


def page(state: State, session: Session, look: Look, brief: bool = False) -> RenderableType:
    """What the terminal shows. brief: without the tests one by one, where there is no room for them."""
    match state.view:
        case "stages":
            parts = _stages(state, look)
        case "keys":
            parts = [Text("The keys", style="bold"), *(Text(f" {key:>3}  {what}") for key, _, what in words.KEYS)]
        case "reset":
            parts = [Text(words.asking(state), style="bold yellow")]
        case _:
            parts = _verdict(state, session, look, brief)
    return Group(*parts, Text(), *_foot(state, session, look))


def reading(state: State, session: Session) -> RenderableType:
    """The current stage's page of reading."""
    return Page(session.reading(state.current), hyperlinks=False)


def reading_foot(state: State, pages: int) -> RenderableType:
    """What stands under a page of the reading."""
    turn = f"page {state.page + 1} of {pages}   space next page   b back   " if pages > 1 else ""
    return Text(f"{turn}any other key: back to the tests", style="bold cyan")


def _verdict(state: State, session: Session, look: Look, brief: bool) -> list[RenderableType]:
    parts: list[RenderableType] = [_heading(state, session), Text()]
    for task in state.current.tasks:
        parts += _task(state, task, look, brief)
    if failure := words.failure(state):
        parts += [Text(), *map(_indented, failure)]
    if printed := words.printed(state.run):
        parts += [Text("\n Printed by your code:", style="dim")]
        parts += [Text(f" {look.rule} {line}", no_wrap=True, overflow="ellipsis") for line in printed]
    for title, hint in words.hints(state, session):
        parts += [Text(f"\n {title}", style="bold yellow"), Padding(Page(hint, hyperlinks=False), (0, 0, 0, 1))]
    return [*parts, *(Text(f"\n {line}", style="green") for line in words.offers(state))]


def _heading(state: State, session: Session) -> Text:
    stage = state.current
    title = (f"Stage {stage.number} of {len(STAGES)}: {stage.title}", "bold cyan")
    running = ("   running …", "yellow") if state.pending else ""
    return Text.assemble(title, (f"   {session.folder}/{stage.file}", "dim"), running)


def _task(state: State, task: str, look: Look, brief: bool) -> Iterable[RenderableType]:
    """A task's line, and below it its tests where it is the one to work at."""
    run = state.run.of(task)
    sign, style = (look.passed, "green") if run.complete else (look.failed, "red")
    if all(test.outcome == "not written" for test in run.tests):
        sign, style = look.open, "yellow"
    standing = words.points(run) if run.tests else ""
    yield Text.assemble((f" {sign} ", f"bold {style}"), f"{task:<15} ", (standing, style))
    first = state.to_fix
    if brief or first is None or first.task != task:
        return
    if first.outcome == "not written" or words.is_of_module(state.run):
        return
    for test in run.tests:
        sign, style = (look.passed, "green") if test.outcome == "passed" else (look.failed, "red")
        label = Text.assemble((f"{sign} ", style), (state.run.labels.get(test.test, test.test), "dim"))
        yield Padding(label, (0, 0, 0, 5))


def _indented(line: str) -> RenderableType:
    """A line of a message, which keeps its indent where it is wrapped."""
    return Padding(Text(line.strip()), (0, 0, 0, 1 + len(line) - len(line.lstrip())))


def _stages(state: State, look: Look) -> list[RenderableType]:
    lines: list[RenderableType] = [Text("The stages\n", style="bold")]
    for stage in STAGES:
        run = state.run_of(stage)
        full = round(STAGE_BAR * run.points / run.worth) if run.worth else 0
        style = "" if state.is_unlocked(stage) else "dim"
        name = f"{'>' if stage == state.current else ' '} {stage.number} {stage.title:<26} "
        bar = (look.full * full, "green"), (look.empty * (STAGE_BAR - full), "dim")
        lines.append(Text.assemble((name, style), *bar, (f"  {words.standing(state, stage)}", style)))
    return [*lines, Text(f"\n{words.JUMP}")]


def _foot(state: State, session: Session, look: Look) -> Iterable[RenderableType]:
    """The bar over all points, what is going on, and the keys."""
    full = int(BAR * state.points / total_points())
    bar = (look.full * full, "green"), (look.empty * (BAR - full), "dim")
    yield Text.assemble(*bar, (f" {state.points:g} of {total_points():g} points", "bold"))
    if state.notice:
        yield Text(state.notice, style="bold")
    yield Text(words.under_way(state) or words.drawn(session), style="dim")
    yield Text("  ".join(f"{key}:{name}" for key, name, _ in words.KEYS), style="cyan")
