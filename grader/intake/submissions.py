"""Finds and reads submissions: folders or archives of stage files, or everything that a learning platform exports.

Nothing is unpacked to disk and nothing is run. What cannot be read becomes a submission with an error, so
that it is reported and never lost.
"""

import contextlib
import stat
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import IO, Literal

from grader.intake.archives import COHORT, unpack
from grader.intake.entries import Unreadable, file_on_disk, listed
from grader.intake.learning_platforms import Submitter
from grader.intake.notebook_files import Cell
from grader.intake.owners import HandedIn, in_archive, in_folder, one_upload
from grader.intake.selection import select
from grader.intake.uploads import is_notebook, resubmissions
from grader.outside.plain_text import PlainText, notes, plain_text

__all__ = ["Submission", "Unreadable", "opened", "read", "read_cohort", "untimed"]

SEVERAL = (
    "; if it holds the submissions of several learners, give it to the command by itself, an archive with --cohort"
)


@dataclass(frozen=True)
class Submission:
    """What one learner handed in: modules, notebooks, a mix, or why there is nothing to mark.

    sources: each stage's source by the stage's name; notebooks: each notebook's code cells by its name. A stage
    that is in `sources` counts from there, whatever a notebook says of it; any other counts from its notebook.
    handed_in: with its time zone, None where nothing tells.
    name: unique in its cohort, and the same when the cohort is read again. submitters: whom the learning platform
    names. labels: the names that it gave to what was handed in, the last first. attempt: 1 for the first, None
    where the platform does not say. notes: sentences for the instructor.
    failed: on what the kit itself failed when it read this. unread: why a stage's file could not be read, by the
    stage's name, where nothing else counts for it.
    """

    name: str
    sources: dict[str, str] = field(default_factory=dict)
    error: PlainText | None = None
    form: Literal["modules", "notebooks"] = "modules"
    notebooks: dict[str, tuple[Cell, ...]] = field(default_factory=dict)
    submitters: tuple[Submitter, ...] = ()
    labels: tuple[str, ...] = field(default=(), compare=False)
    attempt: int | None = None
    handed_in: datetime | None = field(default=None, compare=False)
    notes: tuple[PlainText, ...] = ()
    failed: PlainText | None = None
    unread: dict[str, PlainText] = field(default_factory=dict)

    @property
    def student(self) -> str | None:
        """The id by which the learning platform knows who handed it in."""
        return self.submitters[0].id if self.submitters else None


def read_cohort(path: Path, cohort: bool = False) -> list[Submission]:
    """Every submission at `path`, ordered by name, read in this process. Raises Unreadable as `opened` does."""
    with tempfile.TemporaryFile() as spool, opened(path, spool, cohort) as handed_in:
        return [read(one) for one in handed_in]


@contextlib.contextmanager
def opened(path: Path, spool: IO[bytes], cohort: bool = False) -> Iterator[list[HandedIn]]:
    """The submissions at `path`, ordered by name, by names alone: what they hold is not read.

    path: a folder of submissions, a platform's export in an archive, or one submission. cohort: whether an archive
    that is no export, or a folder with stage files in it, is said to hold submissions all the same. spool: takes
    what a tar holds, which can only be read from front to back. Raises Unreadable when there is nothing to read.
    """
    with contextlib.ExitStack() as files:
        yield sorted(_found(path, spool, cohort, files), key=lambda one: one.name)


def _found(path: Path, spool: IO[bytes], cohort: bool, files: contextlib.ExitStack) -> list[HandedIn]:
    try:
        if path.is_dir():
            return in_folder(path, cohort)
        if not stat.S_ISREG(path.stat().st_mode):
            raise Unreadable("not an ordinary file")
        if is_notebook(path.name):
            return [one_upload(path.stem, file_on_disk(path), path.name)]
        file = files.enter_context(path.open("rb", buffering=0))
        return in_archive(path, unpack(file, COHORT, spool), cohort)
    except FileNotFoundError:
        raise Unreadable(f"{path}: there is no such folder or zip or tar archive") from None
    except Unreadable as error:
        raise Unreadable(f"{path}: {error}") from None
    except OSError as error:
        raise Unreadable(f"{path} cannot be read: {error.strerror}") from None


def untimed(cohort: list[Submission]) -> str:
    """A sentence on the submissions of which nothing tells when they were handed in; "" where there are none."""
    names = [submission.name for submission in cohort if submission.handed_in is None and not submission.error]
    whose = f"{len(names)} of {len(cohort)} submissions ({listed(names)})"
    why = "neither a platform, nor nbgrader, nor a file system says when they were handed in"
    return f"{whose}: {why}, so no penalty for lateness can follow" if names else ""


def read(handed_in: HandedIn) -> Submission:
    """What is in a submission."""
    uploads = list(handed_in.uploads)
    newest = uploads[0].named if uploads else None
    submission = Submission(
        handed_in.name,
        error=plain_text(handed_in.error) if handed_in.error else None,
        submitters=handed_in.submitters,
        labels=handed_in.labels,
        handed_in=newest.created if newest else None,
        notes=notes(list(handed_in.notes)),
    )
    if handed_in.error:
        return submission
    try:
        selection = select(uploads, alone=handed_in.alone)
    except Unreadable as error:
        more = SEVERAL if handed_in.alone and uploads[0].holds_several() else ""
        return replace(submission, error=PlainText(f"{plain_text(str(error))}{more}"))
    counting = [place.upload for place in selection.places]
    attempt, time = (newest.attempt, newest.created) if newest else (None, selection.handed_in)
    if newest:  # what a platform exports has the time of the download
        time = max((one.named.created for one in counting if one.named and one.named.created), default=time)
        if newest.platform == "Canvas":
            numbers = resubmissions(uploads)
            attempt = 1 + max(numbers[one.label] for one in counting)
    return replace(
        submission,
        sources=selection.sources,
        notebooks={which.name: one.cells for which, one in selection.notebooks.items()},
        form="notebooks" if selection.notebooks else "modules",
        attempt=attempt,
        handed_in=time,
        notes=notes([*submission.notes, *selection.notes]),
        unread={name: plain_text(why) for name, why in selection.unread.items()},
    )
