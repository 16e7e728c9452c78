"""The command `chainrule feedback`: a page for each submission, ready to be handed back."""

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import click
from rich.console import Console

from grader.marking.record import Record, opened_record
from grader.outside.private_files import OutOfPlaceError, own_folder, replaced, write_whole
from grader.reporting.feedback.handing_back import (
    HTML,
    MARKDOWN,
    TWICE,
    Unfit,
    files_of,
    folders,
    for_canvas,
    for_moodle,
    write_zip,
)
from grader.reporting.feedback.pages import page
from grader.reporting.summary import count, show_list

Way = Literal["folders", "moodle", "canvas"]
FORMS = {"html": (HTML,), "markdown": (MARKDOWN,), "both": (HTML, MARKDOWN)}
FOLDER = "for-learners"
"""What is written into the folder of results by default; `feedback` there is nbgrader's."""


@click.command(
    epilog="""\b
Examples:
  chainrule feedback results
  chainrule feedback results --for moodle
  chainrule feedback results --for canvas --out feedback.zip

\b
Exit codes:
  0  written; what could not go back this way is listed
  1  nothing was written: there are no results, nothing fits, or a folder is
     not free
  2  called wrongly"""
)
@click.argument("results", type=click.Path(path_type=Path, exists=True, file_okay=False))
@click.option(
    "--for",
    "way",
    type=click.Choice(["folders", "moodle", "canvas"]),
    default="folders",
    show_default=True,
    help="How it goes back: a folder for each student, or the zip that Moodle or Canvas takes.",
)
@click.option(
    "--format",
    "form",
    type=click.Choice(list(FORMS)),
    help="What a page is written as.  [default: both in folders, html for Moodle]",
)
@click.option(
    "--out",
    metavar="PATH",
    type=click.Path(path_type=Path),
    help="The folder, or the zip.  [default: in RESULTS, for-learners or by platform feedback-moodle.zip, "
    "feedback-canvas.zip]",
)
def feedback(results: Path, way: Way, form: str | None, out: Path | None) -> None:
    """Write a page of feedback for each submission, to hand back.

    RESULTS is the folder that `chainrule grade` wrote; those have a page who were in its last run. A page tells a
    learner what a run at home would: the points, each test with its message, what draws the same data, and where
    to go on.

    For Moodle it is the zip for "Upload multiple feedback files in a zip", for Canvas that for "Re-Upload
    Submissions". Both find the learner by the names of the platform's own download, so the
    submissions must have been graded from that. Canvas shows feedback under the name of a file that was handed in;
    so it is text for a module, a notebook for a notebook, and a zip for a zip.

    nbgrader's own pages are made by nbgrader, in RESULTS: nbgrader generate_feedback.
    """
    if form and way == "canvas":
        raise click.UsageError(
            "Canvas shows feedback under the name of what was handed in, which says its format: leave --format out"
        )
    console = Console(highlight=False)
    default = FOLDER if way == "folders" else f"feedback-{way}.zip"
    place = out or results / default
    try:
        with opened_record(results) as record:
            forms = FORMS[form or ("html" if way == "moodle" else "both")]
            if way == "folders":
                written, unfit = _write_folders(record, place, forms), dict[str, str]()
            else:
                written, unfit = _write_zip(record, place, way, forms)
    except OutOfPlaceError as error:
        raise click.ClickException(str(error)) from None
    except OSError as error:
        raise click.ClickException(f"{place} cannot be written: {error.strerror}") from None
    show_list(console, "Not in it", [f"{name}: {why}" for name, why in sorted(unfit.items())])
    if not written:
        raise click.ClickException(f"nothing was written: no submission has a way back to {way.capitalize()}")
    console.print(f"Feedback on {count(written, 'submission')}: {place}", soft_wrap=True, markup=False)


class _NothingFits(Exception):
    """Keeps an empty zip from taking the place of an earlier one."""


def _write_folders(record: Record, place: Path, forms: tuple[str, ...]) -> int:
    """Write a folder for each student; of how many submissions. Raises OutOfPlaceError where it is not free."""
    if place.is_dir() and any(place.iterdir()):
        raise OutOfPlaceError(
            f"{place} is not empty: move away what an earlier run wrote there, or choose another --out"
        )
    own_folder(place)
    cohort = record.cohort()
    for name, submission in folders(cohort.submissions, cohort.matching):
        own_folder(place / name)
        for file, content in files_of(page(record.result(submission)), forms).items():
            write_whole(place / name / file, content)
    return len(cohort.submissions)


def _write_zip(record: Record, place: Path, way: Way, forms: tuple[str, ...]) -> tuple[int, dict[str, str]]:
    """Write a platform's zip; of how many submissions, and of the others why they are not in it."""
    unfit: dict[str, str] = {}
    written = 0

    def made() -> Iterator[tuple[str, bytes]]:
        nonlocal written
        names: set[str] = set()
        for name in record.cohort().submissions:
            submission = record.submission(name)
            shown = page(record.result(name))
            try:
                if submission is None:
                    raise Unfit("what was read of it is not in the results: grade it again")
                files = for_canvas(submission, shown) if way == "canvas" else for_moodle(submission, shown, forms)
                if names & files.keys():
                    raise Unfit(TWICE)
            except Unfit as left:
                unfit[name] = str(left)
                continue
            names |= files.keys()
            written += 1
            yield from files.items()

    with contextlib.suppress(_NothingFits), replaced(place) as file:
        write_zip(file, made())
        if not written:
            raise _NothingFits
    return written, unfit
