"""What marking a cohort again would change: told on a terminal, or for programs."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from grader.course.catalogue import STAGES, task_name
from grader.judging.results import Result
from grader.marking.regrade import Change, Regrading, TestChange
from grader.reporting.summary import count, show_list


def show(console: Console, run: Regrading, results: Path, written: bool, most: int) -> None:
    """Show what changes, and say what was or can be done."""
    deciding = run.deciding
    if deciding:
        console.print(_table(deciding[:most]))
    if len(deciding) > most:
        console.print(f"and {len(deciding) - most} more: --all shows all")
    differences = [change.after.score - change.before.score for change in deciding]
    up, down = sum(d > 0 for d in differences), sum(d < 0 for d in differences)
    console.print(
        f"Scores change in {up + down} of {count(run.total, 'submission')}: {up} up, {down} down. Messages alone "
        f"change in {len(run.changes) - len(deciding)}."
    )
    show_list(console, "Not kept when they were marked; grade them again", run.not_kept, most)
    for name, failure in run.kit_errors.items():
        console.print(f"\nThe kit failed on {name}; it keeps its result. {failure}", markup=False, style="red")
    if not run.is_whole:
        console.print("Stopped by Ctrl-C, and nothing was written. The same command goes on.", style="red")
    elif written:
        old = results / "results.jsonl.old"
        console.print(f"Written to {results}; results from before are in {old}.", soft_wrap=True)
    elif run.names:
        console.print("Nothing was written yet: the same command with --write does it.")


def _table(deciding: Sequence[Change]) -> Table:
    """A row for each submission of which more changes than messages."""
    table = Table(box=None, pad_edge=False)
    table.add_column("submission", overflow="fold")
    table.add_column("before", justify="right")
    table.add_column("now", justify="right", style="bold")
    table.add_column("by", overflow="fold")
    table.add_column("changed", overflow="fold")
    for change in deciding:
        before, after = (_out_of(result, change) for result in (change.before, change.after))
        tests = "; ".join(_in_words(test) for test in change.tests if test.decides)
        table.add_row(Text(change.before.submission), before, after, Text(tests), ", ".join(change.why))
    return table


def _out_of(result: Result, change: Change) -> str:
    """A score, with what could be reached where that has changed."""
    is_same = change.before.max_score == change.after.max_score
    return f"{result.score:g}" if is_same else f"{result.score:g} of {result.max_score:g}"


def _in_words(change: TestChange) -> str:
    """A test that ended otherwise: its task and name, and how."""
    test = change.test
    name = f"{_task(change)} {test.test.partition('::')[2]}"
    if change.before is None or change.after is None:
        return f"{name}: {'new' if change.after else 'gone'}, {test.outcome}"
    ends = dict.fromkeys([change.before.outcome, change.after.outcome])
    points = dict.fromkeys(f"{one.points:g}/{one.max_points:g}" for one in (change.before, change.after))
    return f"{name}: {' → '.join(ends)}" if len(ends) > 1 else f"{name}: {' → '.join(points)} points"


def _task(change: TestChange) -> str:
    stage = next((stage for stage in STAGES if stage.name == change.stage), None)
    return task_name(stage, change.test.task) if stage else f"{change.stage}.{change.test.task}"


def document(run: Regrading, written: bool) -> dict[str, Any]:
    """The same for programs; `chainrule regrade --help` says what its fields are."""
    return {
        "submissions": run.total,
        "changes": {change.before.submission: _told(change) for change in run.deciding},
        "messages": len(run.changes) - len(run.deciding),
        "written": written,
        "not_kept": run.not_kept,
        "kit_errors": run.kit_errors,
    }


def _told(change: Change) -> dict[str, Any]:
    scores = {key: [getattr(change.before, key), getattr(change.after, key)] for key in ("score", "max_score")}
    tests = [
        {
            "task": _task(test),
            "test": test.test.test,
            "outcome": [one and one.outcome for one in (test.before, test.after)],
            "points": [one and one.points for one in (test.before, test.after)],
        }
        for test in change.tests
        if test.decides
    ]
    return scores | {"tests": tests, "why": list(change.why)}
