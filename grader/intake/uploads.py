"""What a submission consists of: the folders, archives and files that were handed in."""

from dataclasses import dataclass

from grader.course.catalogue import STAGES
from grader.course.location import EXERCISES, SOLUTIONS
from grader.intake.archives import contents, is_archive
from grader.intake.entries import Entry, Folder, Unreadable
from grader.intake.learning_platforms import PlatformName, resubmission
from grader.intake.names import claim_of
from grader.intake.notebook_files import ENDING, is_named

PLAIN = (".py", ".txt", ".md")
"""How the names of files end that hold plain text."""
MAX_PLAIN = 50
"""Files of a folder at the most that is read beside others in one process."""
RELEASED = {EXERCISES.name, "notebooks"}
"""The repository's folders in which learners write."""
KIT = {"grader", "tests", SOLUTIONS.name, "hints"}
"""The repository's folders in which nobody's work lies, nor in `results`."""


@dataclass(frozen=True)
class Upload:
    """One entry of what was handed in, under the name that it has there.

    named: what this name says where a learning platform made it; None for any other folder, archive or file.
    """

    label: str
    entry: Entry
    named: PlatformName | None = None

    @property
    def file(self) -> str:
        """The name that the learner gave it, as far as it is known."""
        return (self.named and self.named.file) or self.label

    @property
    def is_notebook(self) -> bool:
        """Whether it is a notebook by itself."""
        return not self.entry.is_folder and is_notebook(self.file)

    @property
    def holds_files(self) -> bool:
        """Whether it is to be looked into: a folder, an archive, or whatever stands alone for a submission."""
        is_file = not self.entry.is_folder and claim_of(self.file) is not None
        return not is_file and (self.named is None or self.entry.is_folder or is_archive(self.file))

    def is_plain(self) -> bool:
        """Whether it is a module, or a folder of a few and nothing else."""
        if not self.entry.is_folder:
            return self.file.endswith(PLAIN)
        try:
            held = contents(self.entry)
        except Unreadable:
            return False
        return len(held) <= MAX_PLAIN and all(n.endswith(PLAIN) and not e.is_folder for n, e in held.items())

    def holds_several(self) -> bool:
        """Whether several files, folders or archives are in it, or in the only one, each perhaps a submission."""
        held = contents_if_any(self.entry)
        return len(held) > 1 or any(len(contents_if_any(entry)) > 1 for entry in held.values())


def contents_if_any(entry: Entry) -> Folder:
    """What is in a folder or an archive; nothing where that cannot be read."""
    try:
        return contents(entry)
    except Unreadable:
        return {}


def is_notebook(name: str) -> bool:
    """Whether a file of this name claims to be a notebook."""
    return name.lower().endswith(ENDING)


def resubmissions(uploads: list[Upload]) -> dict[str, int]:
    """How often each upload's name had been used before, by its label, as Canvas's numbers say."""
    files = {upload.file for upload in uploads}
    canvas = {one.label for one in uploads if one.named and one.named.platform == "Canvas"}
    return {one.label: resubmission(one.file, files) if one.label in canvas else 0 for one in uploads}


def is_kit(held: Folder) -> bool:
    """Whether a folder is the repository, as a learner who works in a clone has it."""
    return bool(RELEASED & held.keys() and KIT & held.keys())


def has_stage_files(held: Folder) -> bool:
    """Whether at least one of the stages' files, or of the course's notebooks by its name, is in a folder."""
    files = {name for name, entry in held.items() if not entry.is_folder}
    return any(map(is_named, files)) or any(stage.file in files for stage in STAGES)
