"""What came of marking a cohort: told on a terminal, or as one JSON document."""

import json
from collections.abc import Iterator
from pathlib import Path

from rich.console import Console

from grader.intake.matching import Matching
from grader.intake.submissions import untimed
from grader.marking.cohort import Outcome
from grader.marking.mark import Settings
from grader.marking.record import Record
from grader.outside import versions
from grader.outside.workers import Isolation
from grader.reporting.summary import common_mistakes, count, show_list, show_scores, what_to_look_at

APART = {
    "kernel": "the kernel: no file, no network, no other process, bounded memory and time",
    "process": "no more than processes of their own",
}


def show(console: Console, outcome: Outcome, record: Record, most: int) -> None:
    """Show what came of the marking: the scores, and lists of what to know, each with `most` lines at the most."""
    show_scores(console, record, outcome.marked, most)
    lists = {
        "Mistakes that submissions share": common_mistakes(map(record.result, outcome.marked)),
        "To know": list(notes(outcome, record)),
    }
    if matching := outcome.matching:
        lists["Submitted nothing"] = [f"{student.name} ({student.id})" for student in matching.absent]
        lists["Not on the roster"] = [f"{name}: {why}" for name, why in matching.unmatched.items()]
        several = [f"{student}: {', '.join(names)}" for student, names in matching.several.items()]
        lists["More than one submission"] = several
    for title, lines in lists.items():
        show_list(console, title, lines, most)


def tell_the_run(console: Console, outcome: Outcome, total: int, seconds: float, isolation: Isolation) -> None:
    """Say how the run went: below the tables, where it is read."""
    if outcome.found:
        console.print(f"{count(outcome.found, 'result')} found as they are now, and not marked again.")
    if left := total - len(outcome.marked) - len(outcome.kit_errors):
        told = f"Stopped by Ctrl-C: {count(left, 'submission')} not marked. The same command goes on."
        console.print(told, style="red")
    console.print(
        f"{count(len(outcome.marked) - outcome.found, 'submission')} marked in {seconds:.1f} s "
        f"with {versions.told()}, learners' code kept apart by {APART[isolation]} "
        f"(isolation: {isolation})."
    )


def show_failures(console: Console, outcome: Outcome) -> None:
    """Say on what the kit itself failed."""
    for name, failure in outcome.kit_errors.items():
        what = "its results are kept, not all is written" if name in outcome.marked else "it has no score"
        console.print(f"\nThe kit failed on {name}; {what}. {failure}", markup=False, style="red")


def document(
    outcome: Outcome,
    record: Record,
    total: int,
    seconds: float,
    settings: Settings,
    gradebook: str | None,
    report: Path | None,
) -> str:
    """The same as JSON; `chainrule grade --help` says what its fields are."""
    results = [record.result(name) for name in sorted(outcome.marked)]
    matching = outcome.matching or Matching()
    fields = {
        "submissions": total,
        "marked": len(results),
        "found": outcome.found,
        "rejected": sum(result.status == "rejected" for result in results),
        "seed": settings.seed,
        "isolation": settings.isolation,
        "seconds": round(seconds, 1),
        "scores": str(record.scores),
        "results": str(record.path),
        "gradebook": gradebook,
        "report": report and str(report),
        "look_at": {result.submission: told for result in results if (told := what_to_look_at(result))},
        "shared_mistakes": common_mistakes(results),
        "notes": list(notes(outcome, record)),
        "absent": [student.id for student in matching.absent],
        "unmatched": matching.unmatched,
        "several": matching.several,
        "kit_errors": outcome.kit_errors,
    }
    return json.dumps(fields, indent=2)


def notes(outcome: Outcome, record: Record) -> Iterator[str]:
    """What an instructor should know of how submissions were read."""
    yield from filter(None, [untimed(outcome.read)])
    for submission in outcome.read:
        read = record.result(submission.name).notes if record.digest(submission.name) else []
        for note in (*submission.notes, *read):
            yield f"{submission.name}: {note}"
