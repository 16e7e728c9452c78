"""The pieces of a submission: folders, archives and files that were handed in, and what is to be read of each."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime

from grader.catalogue import STAGES
from grader.intake.archives import contents, is_archive, told_of_others
from grader.intake.entries import Entry, Folder, Unreadable, listed
from grader.intake.learning_platforms import TIMESTAMP, Upload, resubmission, stage_of
from grader.intake.notebook_files import ENDING, is_named

PLAIN = (".py", ".txt", ".md")
"""How the names of files end that hold plain text."""
MAX_PLAIN = 50
"""Files of a folder at the most that is read beside others in one process."""


@dataclass(frozen=True)
class Piece:
    """One entry that a submission consists of; `upload` is None for a folder or an archive of no pattern."""

    label: str
    entry: Entry
    upload: Upload | None = None

    @property
    def file(self) -> str:
        """The name that the learner gave it, as far as it is known."""
        return (self.upload and self.upload.file) or self.label

    @property
    def platform(self) -> str | None:
        """The learning platform whose export it comes from."""
        return self.upload.platform if self.upload else None

    @property
    def is_notebook(self) -> bool:
        """Whether it is a notebook by itself."""
        return not self.entry.is_folder and is_notebook(self.file)

    @property
    def holds_files(self) -> bool:
        """Whether it is to be looked into: a folder, an archive, or whatever stands alone for a submission."""
        return not self.is_notebook and (self.upload is None or self.entry.is_folder or is_archive(self.file))

    def is_plain(self) -> bool:
        """Whether it is a module, or a folder of a few and nothing else."""
        if not self.entry.is_folder:
            return self.file.endswith(PLAIN)
        try:
            held = contents(self.entry)
        except Unreadable:
            return False
        return len(held) <= MAX_PLAIN and all(n.endswith(PLAIN) and not e.is_folder for n, e in held.items())


class NothingFound(Unreadable):
    """There is no stage file and no notebook, which elsewhere may be no fault."""


@dataclass(frozen=True)
class Found:
    """What is in a piece: stage files by the stage's name, notebooks' files by their own, nbgrader's time.

    packed: when the archive that they came in was written, where it lies on disk.
    """

    stages: Folder = field(default_factory=dict)
    notebooks: Folder = field(default_factory=dict)
    timestamp: Entry | None = None
    packed: Callable[[], datetime | None] = lambda: None


def is_notebook(name: str) -> bool:
    """Whether a file of this name claims to be a notebook."""
    return name.lower().endswith(ENDING)


def resubmissions(pieces: list[Piece]) -> dict[str, int]:
    """How often each piece's name had been used before, by its label, as Canvas's numbers say."""
    files = {piece.file for piece in pieces}
    return {p.label: resubmission(p.file, files) if p.platform == "Canvas" else 0 for p in pieces}


def find(piece: Piece) -> Found:
    """What a piece holds. Raises Unreadable, NothingFound where it holds nothing of the course."""
    if piece.is_notebook:
        return Found(notebooks={piece.file: piece.entry})
    if piece.holds_files:
        inner = contents(piece.entry)
        home, archive = _home(inner)
        stages = {stage.name: home[stage.file] for stage in STAGES if stage.file in home}
        notebooks = {name: entry for name, entry in home.items() if is_notebook(name) and not entry.is_folder}
        # nbgrader's file is beside what a learner packed, or uploaded; within, it would be the learner's
        beside = inner if archive else inner | home
        trusted = piece.entry.is_folder and not piece.upload
        timestamp = beside.get(TIMESTAMP) if trusted else None
        return Found(stages, notebooks, timestamp, (archive if archive and trusted else piece.entry).changed)
    found = stage_of(piece.file)
    if not found or (found[1] and piece.platform != "Canvas"):
        raise NothingFound(nothing_in([piece.file]))
    return Found({found[0]: piece.entry})


def nothing_in(names: Iterable[str]) -> str:
    """That nothing of the course is among the names."""
    names = list(names)
    held, other = listed(names), told_of_others(names)
    what = f"it holds {held}" if held else "it is empty"
    what += f"; {other}" if other else ""
    return f"no stage file ({STAGES[0].file}, …) and no notebook in it or in a folder one level down; {what}"


def files_of(pieces: Iterable[Piece]) -> str:
    """The names of some pieces, for a sentence."""
    return listed(piece.file for piece in pieces)


def _home(inner: Folder, archive: Entry | None = None) -> tuple[Folder, Entry | None]:
    """The folder with the stage files or notebooks, and the archive within that it was in.

    It is this one, one wrapping folder down, or in the only archive.
    """
    if has_stage_files(inner):
        return inner, archive
    wrapped = {
        name: held for name, entry in inner.items() if entry.is_folder and has_stage_files(held := _look(entry))
    }
    if len(wrapped) == 1:
        return next(iter(wrapped.values())), archive
    if wrapped:
        raise Unreadable(f"stage files in more than one folder: {listed(wrapped)}; only one can be marked")
    if any(is_notebook(name) and not entry.is_folder for name, entry in inner.items()):
        return inner, archive
    archives = [entry for name, entry in inner.items() if is_archive(name) and not entry.is_folder]
    if len(archives) == 1 and archive is None:
        return _home(contents(archives[0]), archives[0])
    raise NothingFound(nothing_in(f"{name}/" if entry.is_folder else name for name, entry in inner.items()))


def holds_several(piece: Piece) -> bool:
    """Whether more than one file, folder or archive is in it, or in the only one, each a submission perhaps."""
    held = _look(piece.entry)
    return len(held) > 1 or any(len(_look(entry)) > 1 for entry in held.values())


def _look(entry: Entry) -> Folder:
    """What is in a folder or an archive, nothing where that cannot be read."""
    try:
        return contents(entry)
    except Unreadable:
        return {}


def has_stage_files(inner: Folder) -> bool:
    """Whether at least one of the stages' files, or of the course's notebooks by its name, is in a folder."""
    named = any(is_named(name) and not entry.is_folder for name, entry in inner.items())
    return named or any(stage.file in inner and not inner[stage.file].is_folder for stage in STAGES)
