"""Finds and reads submissions: folders or archives of stage files, or everything that a learning platform exports.

Nothing is unpacked to disk and nothing is run. What cannot be read becomes a submission with an error, so
that it is reported and never lost.
"""

import contextlib
import itertools
import stat
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import IO, Literal

from grader.catalogue import STAGES
from grader.intake.archives import COHORT, contents, is_archive, unpack, without_ending
from grader.intake.entries import Folder, Unreadable, file_on_disk, folder, folder_on_disk, printable, shown
from grader.intake.gathering import gather
from grader.intake.gradescope import read_metadata
from grader.intake.learning_platforms import MAX_METADATA, METADATA, Metadata, Submitter, upload
from grader.intake.notebook_files import ENDING, Cell, put_before
from grader.intake.pieces import Piece, files_of, has_stage_files, is_notebook, resubmissions

__all__ = ["HandedIn", "Submission", "Unreadable", "opened", "read", "read_cohort"]

DEPTH = 3
"""Folders or archives at the most, one in the other, that wrap a cohort."""
MAX_NAME = 150
"""Characters of a submission's name at the most."""


@dataclass(frozen=True)
class Submission:
    """What one learner handed in: modules, notebooks, a mix, or why there is nothing to mark.

    sources: each stage's source by the stage's name; notebooks: each notebook's code cells by its name. A stage
    that is in `sources` counts from there, whatever a notebook says of it; any other counts from its notebook.
    handed_in: with its time zone, None where nothing tells.
    name: unique in its cohort, and the same when the cohort is read again. submitters: whom the learning platform
    names. attempt: 1 for the first, None where the platform does not say. notes: sentences for the instructor.
    failed: on what the kit itself failed when it read this.
    """

    name: str
    sources: dict[str, str] = field(default_factory=dict)
    error: str | None = None
    form: Literal["modules", "notebooks"] = "modules"
    notebooks: dict[str, tuple[Cell, ...]] = field(default_factory=dict)
    submitters: tuple[Submitter, ...] = ()
    attempt: int | None = None
    handed_in: datetime | None = field(default=None, compare=False)
    notes: tuple[str, ...] = ()
    failed: str = ""

    @property
    def student(self) -> str | None:
        """The id by which the learning platform knows who handed it in."""
        return self.submitters[0].id if self.submitters else None


@dataclass(frozen=True)
class HandedIn:
    """One learner's submission before it is read: its name, unique in the cohort, and the entries that it is in.

    error: why it can be no submission.
    """

    name: str
    pieces: tuple[Piece, ...] = ()
    error: str | None = None

    @property
    def submitters(self) -> tuple[Submitter, ...]:
        """Whom the learning platform names."""
        newest = self.pieces[0].upload if self.pieces else None
        return newest.submitters if newest else ()

    def is_plain(self) -> bool:
        """Whether it is nothing but a few modules, which leave nothing to be taken apart."""
        return all(piece.is_plain() for piece in self.pieces)


def read_cohort(path: Path) -> list[Submission]:
    """Every submission at `path`, ordered by name, read in this process. Raises Unreadable as `opened` does."""
    with tempfile.TemporaryFile() as spool, opened(path, spool) as handed_in:
        return [read(one) for one in handed_in]


@contextlib.contextmanager
def opened(path: Path, spool: IO[bytes]) -> Iterator[list[HandedIn]]:
    """The submissions at `path`, ordered by name, by names alone: what they hold is not read.

    path: a folder of submissions, an archive of them all, or one submission; spool: takes what a tar holds, which
    can only be read from front to back. Raises Unreadable when there is nothing to read.
    """
    with contextlib.ExitStack() as files:
        yield _found(path, spool, files)


def _found(path: Path, spool: IO[bytes], files: contextlib.ExitStack) -> list[HandedIn]:
    try:
        if path.is_dir():
            return _listed(path, path.resolve().name, folder_on_disk(path))
        if not stat.S_ISREG(path.stat().st_mode):
            raise Unreadable("not an ordinary file")
        if is_notebook(path.name):
            return [HandedIn(printable(path.stem)[:MAX_NAME], (Piece(path.name, file_on_disk(path)),))]
        file = files.enter_context(path.open("rb", buffering=0))
        return _listed(path, without_ending(path.name), unpack(file, COHORT, spool))
    except FileNotFoundError:
        raise Unreadable(f"{path}: there is no such folder or zip or tar archive") from None
    except Unreadable as error:
        raise Unreadable(f"{path}: {error}") from None
    except OSError as error:
        raise Unreadable(f"{path} cannot be read: {error.strerror}") from None


def _listed(path: Path, name: str, root: Folder) -> list[HandedIn]:
    if has_stage_files(root):
        if path.is_dir():
            root = folder_on_disk(path, path)
        return [HandedIn(printable(name)[:MAX_NAME], (Piece(name, folder(lambda: root)),))]
    root = _without_wrapping(root)
    if not root:
        raise Unreadable("holds no submission: it is empty")
    metadata, problems = _metadata(root)
    found = _handed_in(
        {name: entry for name, entry in root.items() if not (metadata and name == METADATA)}, metadata
    )
    submissions = [problems.get(name) or HandedIn(name, tuple(pieces)) for name, pieces in found.items()]
    return sorted(submissions, key=lambda submission: submission.name)


def _metadata(root: Folder) -> tuple[Metadata, dict[str, HandedIn]]:
    """What Gradescope's file says, and what is wrong with it, in place of a submission of that name."""
    if METADATA not in root or root[METADATA].is_folder:
        return {}, {}
    try:
        return read_metadata(root[METADATA].read(MAX_METADATA)), {}
    except Unreadable as error:
        return {}, {METADATA: HandedIn(METADATA, error=str(error))}


def _without_wrapping(root: Folder) -> Folder:
    """The folder that holds the submissions: `root`, or one down a line of single folders or archives."""
    inner = root
    for _ in range(DEPTH):
        if len(inner) != 1 or _is_export(inner):
            break
        [entry] = inner.values()
        try:
            # of a folder on disk each entry may be a submission, out of which no link may lead
            inner = folder_on_disk(entry.place) if entry.place else contents(entry)
        except (Unreadable, OSError):
            return root
    several = sum(entry.is_folder or is_archive(name) or is_notebook(name) for name, entry in inner.items()) > 1
    return inner if (several or _is_export(inner)) and not has_stage_files(inner) else root


def _is_export(root: Folder) -> bool:
    """Whether a learning platform made the names in this folder."""
    return METADATA in root or any(upload(name, entry.is_folder, {}) for name, entry in root.items())


def _handed_in(root: Folder, metadata: Metadata) -> dict[str, list[Piece]]:
    """The pieces of each submission by its name, what was handed in last first."""
    owners: dict[tuple[str, str], list[Piece]] = {}
    for label in sorted(root, key=lambda label: (not root[label].is_folder and is_archive(label), label)):
        found = upload(label, root[label].is_folder, metadata)
        owner = (found.platform, found.owner) if found else ("", label)
        if not found and put_before(label):
            owner = ("by prefix", put_before(label))
        owners.setdefault(owner, []).append(Piece(label, root[label], found))
    named: dict[str, list[Piece]] = {}
    for pieces in owners.values():
        numbers = resubmissions(pieces)
        pieces.sort(key=lambda p: (p.upload.number if p.upload else 0, numbers[p.label]), reverse=True)
        named[next(name for name in _names(pieces[0]) if name not in named)] = pieces
    return named


def _names(piece: Piece) -> Iterator[str]:
    """Names for a submission, the best first: the platform's, or its entry's without and with an ending."""
    label = printable(piece.label)[:MAX_NAME]
    if piece.upload:
        yield printable(piece.upload.name)[:MAX_NAME]
    elif not piece.entry.is_folder:
        stem = piece.label[: -len(ENDING)] if is_notebook(piece.label) else without_ending(piece.label)
        name = put_before(piece.label) or stem
        yield printable(name or piece.label)[:MAX_NAME]
    yield label
    yield from (f"{label} ({number})" for number in itertools.count(2))


def read(one: HandedIn) -> Submission:
    """What a submission holds; of what was handed in more than once, what came last."""
    if one.error:
        return Submission(one.name, error=one.error)
    name, pieces = one.name, list(one.pieces)
    newest, notes = pieces[0].upload, []
    earlier = pieces[1:] if pieces[0].platform == "Gradescope" else []
    if earlier:
        notes.append(f"handed in more than once: {shown(pieces[0].label)} counts, not {files_of(earlier)}")
        pieces = pieces[:1]
    if any(piece.upload and piece.upload.late for piece in pieces):
        notes.append("late, by what Canvas says")
    submission = Submission(name, submitters=one.submitters, notes=tuple(notes))
    try:
        gathered = gather(pieces)
    except Unreadable as error:
        return replace(submission, error=str(error))
    attempt = newest.attempt if newest else None
    if newest and newest.platform == "Canvas":
        numbers = resubmissions(pieces)
        attempt = 1 + max(numbers[piece.label] for piece in gathered.pieces.values())
    sources = {stage.name: gathered.sources[stage.name] for stage in STAGES if stage.name in gathered.sources}
    return replace(
        submission,
        sources=sources,
        notebooks=gathered.notebooks,
        form="notebooks" if gathered.notebooks else "modules",
        attempt=attempt,
        handed_in=(newest and newest.created) or gathered.handed_in,
        notes=(*notes, *gathered.notes),
    )
