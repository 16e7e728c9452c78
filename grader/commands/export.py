"""The command `chainrule export`: results as files of learning platforms, test reports and tables."""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import click
from rich.console import Console

from grader.intake.entries import Unreadable
from grader.intake.matching import Matching
from grader.intake.submissions import Submission
from grader.marking.record import Record, opened_record
from grader.outside.private_files import OutOfPlaceError, replaced
from grader.reporting.exports.formats import FORMATS, Gradebook
from grader.reporting.exports.formats import export as exported
from grader.reporting.exports.marked import ColumnError, ExportError, Marked, Marking, Told
from grader.reporting.summary import show_list

OUTPUT = "-"
"""Standard output, where a file's name could stand."""
_WIDTH = max(map(len, FORMATS)) + 2
_LISTED = "\n".join(f"  {one.name:{_WIDTH}}{one.what}" for one in FORMATS.values())


@click.command(
    epilog=f"""\b
Formats:
{_LISTED}

\b
Examples:
  chainrule export canvas results --into gradebook.csv
  chainrule export moodle results --into worksheet.csv --out upload.csv
  chainrule export canvas results --into gradebook.csv --column "Homework 3"
  chainrule export junit results
  chainrule export json results | jq '.submissions[].score'

\b
Exit codes:
  0  the file is written
  1  it is not: there are no results, or the table given to --into is not
     this platform's, or cannot be read
  2  called wrongly, or --column is needed, or names no column"""
)
@click.argument("form", metavar="FORMAT", type=click.Choice(list(FORMATS)))
@click.argument("results", type=click.Path(path_type=Path, exists=True, file_okay=False))
@click.option(
    "--into",
    metavar="FILE",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="The platform's own export. What is written is a copy of it with the scores in one column.",
)
@click.option(
    "--column",
    metavar="HEADING",
    help="The column that takes the scores, by its heading or its title.  [default: that with the course's title, "
    "else the only one that fits; without --into the course's title]",
)
@click.option(
    "--out",
    metavar="FILE",
    type=click.Path(path_type=Path, dir_okay=False, allow_dash=True),
    help="The file to write; - is standard output.  [default: one in RESULTS, for json standard output]",
)
def export(form: str, results: Path, into: Path | None, column: str | None, out: Path | None) -> None:
    """Write scores for a learning platform, or all tests as a report.

    RESULTS is the folder that `chainrule grade` wrote; those count who were in its last run.

    Give a platform's own export with --into wherever there is one. Students are found in it as in a roster, by
    id, else by name. Ids, sections, language, encoding and every cell that takes no score stay as they are, and so
    does the file itself: the copy is for the upload. Who has no row, or no submission, is listed.

    Without --into a table is made, by the ids that the platform's download and the roster of the marking have.

    Scores are points. Where the column is worth more or fewer than the course, they are scaled to it, which is
    said. What to know goes to standard error.
    """
    chosen = FORMATS[form]
    if (into or column is not None) and not isinstance(chosen.by, Gradebook):
        raise click.UsageError(f"{form} is no learning platform's table: --into and --column are for those alone")
    path = out or (Path(OUTPUT) if chosen.file == OUTPUT else results / chosen.file)
    if into and str(path) != OUTPUT and path.exists() and path.samefile(into):
        raise click.UsageError(f"{into} is not written over: choose another --out")
    console = Console(stderr=True)
    try:
        with opened_record(results) as record:
            content, told = exported(chosen, marking_of(record), into, column)
            _write(path, content)
    except ColumnError as error:
        raise click.UsageError(str(error)) from None
    except (ExportError, Unreadable, OutOfPlaceError) as error:
        raise click.ClickException(str(error)) from None
    except OSError as error:
        raise click.ClickException(f"{path} cannot be written: {error.strerror}") from None
    _show(console, told)
    if str(path) != OUTPUT:
        console.print(f"Written: {path}", soft_wrap=True, highlight=False, markup=False)


def marking_of(record: Record) -> Marking:
    """The results of the last run's cohort, one after another."""
    cohort = record.cohort()
    matching = cohort.matching or Matching()
    written = record.scores if record.scores.exists() else record.path  # a run that was killed has no scores
    when = datetime.fromtimestamp(written.stat().st_mtime, UTC)
    return Marking(_marked(record, cohort.submissions, matching), matching.absent, when)


def _marked(record: Record, names: Iterable[str], matching: Matching) -> Iterator[Marked]:
    for name in names:
        submission = record.submission(name) or Submission(name)  # of results from before submissions were kept
        yield Marked(record.result(name), submission, matching.students.get(name, ()))


def _write(path: Path, content: Iterator[bytes]) -> None:
    """Write a file in one piece, readable for its owner alone, or to standard output."""
    if str(path) == OUTPUT:
        for piece in content:
            click.echo(piece, nl=False)
        return
    with replaced(path) as file:
        file.writelines(content)


def _show(console: Console, told: Told) -> None:
    for title, lines in told.lists.items():
        show_list(console, title, lines, len(lines))
    for sentence in told.sentences:
        console.print(sentence, soft_wrap=True, highlight=False, markup=False)
