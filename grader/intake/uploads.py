"""The pieces of a submission: folders, archives and files that were handed in."""

from collections.abc import Iterable
from dataclasses import dataclass

from grader.course.catalogue import STAGES
from grader.intake.archives import contents, is_archive, told_of_others
from grader.intake.entries import Entry, Folder, Unreadable, listed
from grader.intake.learning_platforms import Upload, resubmission
from grader.intake.names import claim_of
from grader.intake.notebook_files import ENDING, is_named

PLAIN = (".py", ".txt", ".md")
"""How the names of files end that hold plain text."""
RELEASED = {"exercises", "notebooks"}
"""The repository's folders in which learners write."""
KIT = {"grader", "tests", "solutions", "hints"}
"""The repository's folders in which nobody's work lies, nor in `results`."""
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
    def is_file(self) -> bool:
        """Whether it is a stage or a notebook by itself, as far as its name says."""
        return not self.entry.is_folder and claim_of(self.file) is not None

    @property
    def holds_files(self) -> bool:
        """Whether it is to be looked into: a folder, an archive, or whatever stands alone for a submission."""
        return not self.is_file and (self.upload is None or self.entry.is_folder or is_archive(self.file))

    def is_plain(self) -> bool:
        """Whether it is a module, or a folder of a few and nothing else."""
        if not self.entry.is_folder:
            return self.file.endswith(PLAIN)
        try:
            held = contents(self.entry)
        except Unreadable:
            return False
        return len(held) <= MAX_PLAIN and all(n.endswith(PLAIN) and not e.is_folder for n, e in held.items())


def is_notebook(name: str) -> bool:
    """Whether a file of this name claims to be a notebook."""
    return name.lower().endswith(ENDING)


def resubmissions(pieces: list[Piece]) -> dict[str, int]:
    """How often each piece's name had been used before, by its label, as Canvas's numbers say."""
    files = {piece.file for piece in pieces}
    return {p.label: resubmission(p.file, files) if p.platform == "Canvas" else 0 for p in pieces}


def nothing_in(names: Iterable[str]) -> str:
    """That nothing of the course is among the names."""
    names = list(names)
    held, other = listed(names), told_of_others(names)
    what = f"it holds {held}" if held else "it is empty"
    what += f"; {other}" if other else ""
    return f"no stage file ({STAGES[0].file}, …) and no notebook in it; {what}"


def files_of(pieces: Iterable[Piece]) -> str:
    """The names of some pieces, for a sentence."""
    return listed(piece.file for piece in pieces)


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


def is_kit(inner: Folder) -> bool:
    """Whether a folder is the repository, as a learner who works in a clone has it."""
    return bool(RELEASED & inner.keys() and KIT & inner.keys())


def has_stage_files(inner: Folder) -> bool:
    """Whether at least one of the stages' files, or of the course's notebooks by its name, is in a folder."""
    named = any(is_named(name) and not entry.is_folder for name, entry in inner.items())
    return named or any(stage.file in inner and not inner[stage.file].is_folder for stage in STAGES)
