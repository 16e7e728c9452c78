"""The command `chainrule report`: the class report, from a folder of results."""

import contextlib
from collections.abc import Iterable
from functools import partial
from pathlib import Path

import click
from rich.console import Console

from grader.commands.class_pictures import draw_missing, pictures_of
from grader.course.finding import CourseError
from grader.intake.entries import Unreadable
from grader.intake.matching import Matching
from grader.intake.readers import Readers
from grader.intake.task_code import Code, code_of_tasks
from grader.marking.cohort import told_at_the_end
from grader.marking.record import Record, opened_record
from grader.outside.private_files import OutOfPlaceError, write_whole
from grader.outside.workers import Isolation, KitError

REPORT = "report.html"
MOST_PAIRS = 50
"""Near-identical pairs that a report shows at the most."""


@click.command(
    epilog="""\b
Examples:
  chainrule report results
  chainrule report results --anonymous --out for-the-lecture.html
  chainrule report results --reference ../2025/submissions
  chainrule report results --pictures

\b
Exit codes:
  0  the report is written
  1  it is not: there are no results, or it cannot be written
  2  called wrongly"""
)
@click.argument("results", type=click.Path(path_type=Path, exists=True, file_okay=False))
@click.option(
    "--out",
    metavar="FILE.html",
    type=click.Path(path_type=Path, dir_okay=False),
    help=f"Where to write it; a file that is there is replaced.  [default: {REPORT} in RESULTS, with --anonymous "
    "anonymous.html]",
)
@click.option("--anonymous", is_flag=True, help="Leave out names, ids and what the submissions are called.")
@click.option(
    "--reference",
    "references",
    multiple=True,
    metavar="FOLDER",
    type=click.Path(path_type=Path, exists=True),
    help="Submissions of an earlier year, to find what was taken from them; may be given several times.",
)
@click.option(
    "--pictures",
    is_flag=True,
    help="Train and draw what each learner's networks make of the data, some seconds for each. Pictures are kept, "
    "and are in every later report; Ctrl-C leaves the rest for the next time.",
)
def report(results: Path, out: Path | None, anonymous: bool, references: tuple[Path, ...], pictures: bool) -> None:
    """Write a report on a marked cohort, as one HTML file.

    RESULTS is the folder that `chainrule grade` wrote, which holds such a report already; here it is made again,
    or in another way.

    The report shows how scores spread, which submissions to look at, which mistakes were made by how many, which
    wrong answers have no name yet, how well each test parts strong from weak, which submissions are nearly the
    same, and a page for each submission with its tests, messages, printed output and code. It opens from the
    disk in any current browser and loads nothing.
    """
    path = out or results / ("anonymous.html" if anonymous else REPORT)
    try:
        with opened_record(results) as record:
            last = record.last
            earlier = _earlier(references, last.isolation if last else "kernel")
            if pictures:
                draw_missing(Console(), record)
            write_report(record, results, path, anonymous, earlier)
    except (OutOfPlaceError, Unreadable, KitError, CourseError) as error:
        raise click.ClickException(str(error)) from None
    except OSError as error:
        raise click.ClickException(f"{path} cannot be written: {error.strerror}") from None
    click.echo(f"Report: {path}")


def write_report(
    record: Record, folder: Path, path: Path, anonymous: bool = False, earlier: dict[str, Code] | None = None
) -> None:
    """Write the report on a record's last cohort. folder: of the results, as the report's commands name it."""
    from grader.reporting.report import gathering, page  # Jinja and Pygments, for this alone
    from grader.reporting.similarity import similar_pairs

    cohort = record.cohort()
    seed = " ".join(record.digest(name) or "" for name in cohort.submissions)
    matching = cohort.matching or Matching()
    similar = partial(similar_pairs, reference=earlier, most=MOST_PAIRS)
    with pictures_of(record) as picture:
        marked = gathering.Marked(
            cohort.submissions, record.result, record.submission, matching, seed, folder, picture
        )
        write_whole(path, page.report(marked, similar, anonymous).encode("utf-8", "backslashreplace"))


def made_by_grade(console: Console, record: Record, folder: Path) -> Path | None:
    """Write the report at the end of a marking, and say where it is, or why there is none; no result is lost."""
    path, failures = folder / REPORT, dict[str, str]()
    with told_at_the_end(REPORT, failures):
        write_report(record, folder, path)
        console.print(f"Report: {path}", soft_wrap=True)
        return path
    for why in failures.values():
        told = f"The kit failed on the report; all results are kept. {why}"
        console.print(told, markup=False, style="red", soft_wrap=True)
    return None


def _earlier(folders: Iterable[Path], isolation: Isolation) -> dict[str, Code]:
    """The code of earlier submissions, each by its folder's name and its own."""
    found = {}
    for folder in folders:
        with contextlib.closing(Readers(folder, isolation)) as cohort:
            for submission in cohort.submissions():
                found[f"{folder.name}/{submission.name}"] = code_of_tasks(submission)
    return found
