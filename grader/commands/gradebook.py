"""Nbgrader's gradebook, filled with a cohort's results by `chainrule grade`."""

import contextlib
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click
from rich.console import Console

from grader.course.finding import installing
from grader.course.location import ASSIGNMENT
from grader.intake.matching import Matching
from grader.marking.cohort import told_at_the_end
from grader.marking.record import Record
from grader.reporting.summary import count

if TYPE_CHECKING:
    from grader.gradebook.book import Gradebook


@contextlib.contextmanager
def opened(out: Path, db: str | None) -> Iterator["Gradebook | None"]:
    """The gradebook; None where nbgrader is not installed."""
    try:
        from grader.gradebook.book import DatabaseError, Gradebook  # seconds of imports, and an extra
    except ModuleNotFoundError:
        yield None
        return
    try:
        with contextlib.closing(Gradebook(out, db)) as gradebook:
            yield gradebook
    except DatabaseError as error:
        kept = "What is marked is kept; the same command goes on, and writes the gradebook."
        raise click.ClickException(f"{error}\n{kept}") from None


def fill(
    console: Console,
    out: Path,
    db: str | None,
    record: Record,
    kit_errors: dict[str, str],
) -> str | None:
    """Write the results of this cohort into nbgrader's gradebook, which is made again from them at any time.

    kit_errors: takes what the kit itself fails on, by submission. Returns its URL; None where nbgrader is not
    installed.
    """
    began, written = time.monotonic(), 0
    cohort = record.cohort()
    matching = cohort.matching or Matching()
    with opened(out, db) as gradebook:
        if gradebook is None:
            told = f"No gradebook was written: nbgrader is not installed ({installing('grading')})."
            console.print(told, markup=False)
            return None
        from grader.gradebook import database  # it is installed, where there is a gradebook

        for name in cohort.submissions:
            if submission := record.submission(name):
                with told_at_the_end(name, kit_errors, database.DatabaseError):
                    gradebook.write(record.result(name), submission, matching.students.get(name, ()))
                    written += 1
        gradebook.enrol(matching.absent)
    there = f"with CHAINRULE_DB set to the same, in {out}" if db else f"in {out}"
    console.print(
        f"Gradebook: {gradebook.url}   ({count(written, 'submission')} in {time.monotonic() - began:.1f} s; "
        f"`nbgrader export`, `nbgrader generate_feedback {ASSIGNMENT}` and formgrader work {there})",
        soft_wrap=True,
        highlight=False,
    )
    return gradebook.url
