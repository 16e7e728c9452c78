"""What an instructor sees of a marked cohort in the terminal: a table of the scores, and what to look at."""

import itertools
from collections.abc import Iterable, Iterator

from rich.console import Console
from rich.table import Table
from rich.text import Text

from grader.course.catalogue import STAGES
from grader.judging.results import Result
from grader.marking.record import Record
from grader.outside import verdicts as ending

ALARMS: tuple[ending.Outcome, ...] = ("timeout", "crashed", "error")
"""Endings without an answer."""
MAX_ROWS = 60
"""Lines of a table or a list, unless all are wanted; scores.csv has all submissions."""
MORE = "scores.csv has all, and --all shows all"
MAX_MISTAKES = 12
"""Mistakes that several submissions share; what is rarer is for the single conversation."""


def show_scores(console: Console, record: Record, names: list[str], most: int = MAX_ROWS) -> None:
    """A table of the scores, and for each submission what to look at.

    Of more than `most` submissions those that were rejected, or ended without an answer, and `most` of these.
    """
    table = Table(box=None, pad_edge=False)
    table.add_column("submission", overflow="fold")  # a name or a reason that is cut short would be another one
    for stage in STAGES:
        table.add_column(str(stage.number), justify="right")
    table.add_column("score", justify="right", style="bold")
    table.add_column("look at", overflow="fold")
    results: Iterator[Result] = map(record.result, sorted(names))
    if len(names) > most:
        alarming = (result for result in results if result.status == "rejected" or _ended(result, *ALARMS))
        results = itertools.islice(alarming, most)
    for result in results:
        scores = [f"{stage.score:g}" for stage in result.stages] or ["–"] * len(STAGES)
        table.add_row(Text(result.submission), *scores, f"{result.score:g}", Text(what_to_look_at(result)))
    console.print(table)
    if table.row_count < len(names):
        console.print(f"and {len(names) - table.row_count} more: {MORE}", highlight=False)


def show_list(console: Console, title: str, lines: list[str], most: int = MAX_ROWS) -> None:
    """The first lines under a title, no more than `most`; nothing where there are none."""
    if lines:
        console.print(f"\n{title} ({len(lines)}):", highlight=False)
        for line in lines[:most]:
            console.print(f"  {line}", markup=False, highlight=False, soft_wrap=True)
        if len(lines) > most:
            console.print(f"  and {len(lines) - most} more: --all shows all", highlight=False)


def common_mistakes(results: Iterable[Result]) -> list[str]:
    """The mistakes that several submissions share, a line each, the most frequent first.

    Those that have no name are told by a submission that made them: its file can give them one.
    """
    made: dict[tuple[int, str, str, str], list[str]] = {}
    for result in results:
        for number, stage in enumerate(result.stages, 1):
            named = {(test.task, test.mistake, "") for test in stage.tests if test.mistake}
            tasks = {task for task, _, _ in named}  # whose other failures need no name
            first = {test.task: test.alike for test in reversed(stage.tests) if test.alike}
            unnamed = {(task, "", alike) for task, alike in first.items() if task not in tasks}
            for what in named | unnamed:
                made.setdefault((number, *what), []).append(result.submission)
    lines = sorted(made.items(), key=lambda counted: (-len(counted[1]), counted[0]))
    return [
        f"{len(names)} × {number}.{task}: "
        + (mistake.replace("_", " ") or f"the same wrong answer, without a name yet, as of {names[0]}")
        for (number, task, mistake, _), names in lines[:MAX_MISTAKES]
        if len(names) > 1
    ]


def what_to_look_at(result: Result) -> str:
    """What an instructor may want to look at, in a few words."""
    if result.status == "rejected":
        return f"rejected: {result.error}"
    if result.score == 0 and not _ended(result, "failed", *ALARMS):
        return "nothing written yet"
    return "; ".join(_ended(result, *ALARMS, "failed", "not written"))


def _ended(result: Result, *outcomes: ending.Outcome) -> list[str]:
    """Where tests ended in one of these ways: whole stages, or single tasks."""
    found = []
    for outcome in outcomes:
        whole, single = [], []
        for number, stage in enumerate(result.stages, 1):
            tasks = dict.fromkeys(test.task for test in stage.tests if test.outcome == outcome)
            all_tasks = len(tasks) == len({test.task for test in stage.tests})
            whole += [str(number)] if all_tasks else []
            single += [] if all_tasks else [f"{number}.{task}" for task in tasks]
        stages = [f"stage{'s' if len(whole) > 1 else ''} {', '.join(whole)}"] if whole else []
        if stages or single:
            found.append(f"{outcome}: {', '.join(stages + single)}")
    return found


def count(n: int, noun: str) -> str:
    """A number and its noun, in the plural where it must be."""
    return f"{n} {noun}{'' if n == 1 else 's'}"
