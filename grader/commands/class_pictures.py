"""Pictures of a cohort's training runs for its report: drawn once, and kept beside the results."""

import base64
import contextlib
import json
from collections.abc import Callable, Iterator
from dataclasses import asdict

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from grader.commands.marking_run import stop_at_interrupt
from grader.intake.submissions import Submission
from grader.learner.pictures.training import in_words, trained
from grader.marking.lines import Lines
from grader.marking.record import Record
from grader.outside import workers
from grader.outside.process import MEMORY, Limits
from grader.outside.workers import Isolation
from grader.reporting.report.gathering import Picture

PICTURES = "pictures.jsonl"
SECONDS = 5.0
"""Of processor time for one call, as of `chainrule plot`; a training gets six times that."""


def draw_missing(console: Console, record: Record) -> None:
    """Train and draw what each submission wrote, but where its picture is there already.

    After Ctrl-C the rest is left for the next time. Raises CourseError where the course draws nothing, KitError.
    """
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with (
        _kept(record) as kept,
        stop_at_interrupt(console) as stop,
        Progress(*columns, console=console) as progress,
    ):
        names = [name for name in record.cohort().submissions if kept.digest(name) != record.digest(name)]
        drawn = progress.add_task("drawn", total=len(names))
        for name in names:
            if stop.is_set():
                break
            submission, digest = record.submission(name), record.digest(name)
            if submission and digest:
                made = _drawn(submission, record.result(name).isolation)
                line = json.dumps({"name": name, "digest": digest, "picture": asdict(made)})
                kept.append(name, digest, line.encode())
            progress.advance(drawn)
        workers.end_all()
        kept.tidy()


@contextlib.contextmanager
def pictures_of(record: Record) -> Iterator[Callable[[str], Picture | None]]:
    """Gives a submission's picture, by its name: as it was marked last, and None where none was drawn."""
    if not (record.folder / PICTURES).exists():
        yield lambda name: None
        return
    with _kept(record) as kept:

        def picture(name: str) -> Picture | None:
            if kept.digest(name) is None or kept.digest(name) != record.digest(name):
                return None
            return Picture(**json.loads(kept.line(name))["picture"])

        yield picture


def _kept(record: Record) -> contextlib.closing[Lines]:
    """The pictures kept in a folder of results, by submission, each with its result's digest."""
    return contextlib.closing(Lines(record.folder / PICTURES, _read))


def _drawn(submission: Submission, isolation: Isolation) -> Picture:
    """What a submission's code trains, as a picture and in words."""
    from grader.learner.pictures.figures import overview_figure  # and with it matplotlib, which takes its time

    if submission.error:
        return Picture("", [])
    found = trained(submission, Limits(SECONDS, MEMORY, isolation))
    words = [*(in_words(run, found.overview.results) for run in found.runs), *found.notes]
    png = overview_figure(found.runs, found.overview)._repr_png_() if found.runs else b""
    return Picture(base64.b64encode(png).decode("ascii"), words)


def _read(line: bytes) -> tuple[str, str]:
    told = json.loads(line)
    return told["name"], told["digest"]
