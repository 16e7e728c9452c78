"""A page of feedback for one learner, as HTML and as Markdown: what their own run would have told them.

All that a learner wrote stands in it as text: Jinja2 escapes it in HTML, and in Markdown it is indented by four,
in blocks that nothing in them can end.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from jinja2 import Template

from grader.course.catalogue import STAGES, Stage, task_name
from grader.course.hints import hints
from grader.course.location import TITLE
from grader.judging.rendering import Signs, call_again, is_unwritten, of_points, report, same_data, verbatim
from grader.judging.results import Result, StageResult, TestResult
from grader.judging.suites import suites
from grader.reporting.html_pages import hash_of, template

FOLDER = Path(__file__).parent


@dataclass(frozen=True)
class Checked:
    """A test: whether it passed, what it checks, its points, and its message, unless one before has the same."""

    passed: bool
    label: str
    points: str
    message: str


@dataclass(frozen=True)
class TaskPart:
    """A task: its points, its tests, and how to see the same; `text` is all of it in lines.

    unwritten: the sentence that stands for the tests where nothing is written.
    """

    name: str
    points: str
    unwritten: str
    tests: tuple[Checked, ...]
    again: str
    text: str


@dataclass(frozen=True)
class StagePart:
    """A stage: its heading, points and tasks, where to go on, and what the learner's code printed.

    unwritten: the sentence that stands for all tasks where all are not written for one reason.
    """

    heading: str
    points: str
    unwritten: str
    tasks: tuple[TaskPart, ...]
    onward: str
    output: str


@dataclass(frozen=True)
class Page:
    """A page of feedback. error: why nothing was marked."""

    submission: str
    score: str
    error: str
    stages: tuple[StagePart, ...]


def page(result: Result) -> Page:
    """What a learner is told of their submission."""
    return Page(
        result.submission,
        f"{result.score:g} of {result.max_score:g} points",
        result.error or "",
        tuple(_stage(stage, result.form) for stage in result.stages),
    )


def html(shown: Page) -> str:
    """The page as one HTML file that loads nothing and runs nothing."""
    template, style, policy = _template()
    return template.render(title=TITLE, page=shown, signs=Signs(), style=style, policy=policy)


def markdown(shown: Page) -> str:
    """The page as Markdown."""
    parts = [f"# {TITLE}: feedback", verbatim(shown.submission), shown.score]
    if shown.error:
        parts += ["Not marked:", verbatim(shown.error)]
    for stage in shown.stages:
        texts = [stage.unwritten] if stage.unwritten else [task.text for task in stage.tasks]
        parts += [f"## {stage.heading}: {stage.points}", *map(verbatim, texts)]
        parts += [stage.onward] if stage.onward else []
        if stage.output:
            parts += ["Printed by your code:", verbatim(stage.output)]
    return "\n\n".join(parts) + "\n"


def _stage(result: StageResult, form: str) -> StagePart:
    known = {stage.name: stage for stage in STAGES}.get(result.stage)
    by_task: dict[str, list[TestResult]] = {}
    for test in result.tests:
        by_task.setdefault(test.task, []).append(test)
    messages = {test.message for test in result.tests}
    unwritten = result.tests[0].message if is_unwritten(result.tests) and len(messages) == 1 else ""
    open_tasks = [test.task for test in result.tests if test.outcome != "passed"]
    return StagePart(
        f"Stage {known.number}, {known.title}" if known else result.stage,
        f"{result.score:g} of {result.max_score:g} points",
        unwritten,
        () if unwritten else tuple(_task(known, task, tests, result, form) for task, tests in by_task.items()),
        _onward(known, open_tasks[0]) if known and open_tasks else "",
        result.output,
    )


def _task(stage: Stage | None, task: str, tests: Sequence[TestResult], result: StageResult, form: str) -> TaskPart:
    own = suites().labels(stage) if stage else {}
    labels = {test.test: own.get(test.test, test.test) for test in tests}  # of a test that is no more its name
    wrong = [test for test in tests if test.outcome != "passed"]
    unwritten = is_unwritten(tests)
    modules = form == "modules"
    again = f"pytest --seed {result.seed}" if modules else call_again(result.stage, task, result.seed)
    again = again if wrong and not unwritten else ""
    first = {test.message: test.test for test in reversed(wrong)}
    lines = (
        Checked(
            test.outcome == "passed",
            labels[test.test],
            f"{test.max_points:g}" if test.outcome == "passed" else f"0 of {test.max_points:g}",
            test.message if first.get(test.message) == test.test else "",
        )
        for test in tests
    )
    return TaskPart(
        task,
        f"{of_points(tests)} points",
        tests[0].message if unwritten else "",
        () if unwritten else tuple(lines),
        same_data(again) if again else "",
        report(tests, labels, again),
    )


def _onward(stage: Stage, task: str) -> str:
    """Where to go on with a task that is not right yet."""
    try:
        hints(stage, task)
    except ValueError:
        return ""
    hint, page_of_it = f"`chainrule hint {task_name(stage, task)}`", f"`chainrule read {stage.number}`"
    return f"Where to go on: {hint} asks a question that leads on, and {page_of_it} shows the page of the stage."


@cache
def _template() -> tuple[Template, str, str]:
    """The page's template, its style, and the policy that allows this style and nothing else."""
    style = (FOLDER / "page.css").read_text(encoding="utf-8")
    policy = f"default-src 'none'; style-src {hash_of(style)}; base-uri 'none'; form-action 'none'"
    return template(FOLDER / "page.html"), style, policy
