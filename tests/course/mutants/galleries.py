"""Right versions in unusual styles: `gallery/<style>/` holds some or all of the six modules."""

from dataclasses import dataclass
from pathlib import Path

from sample_cohort import ISOLATION

from grader.course.catalogue import STAGES, Stage
from mutants import judging

GALLERY = Path(__file__).parent.parent / "gallery"


@dataclass(frozen=True)
class Entry:
    """A submission of the gallery: its style, and its sources by stage."""

    style: str
    sources: dict[str, str]

    @property
    def stages(self) -> tuple[Stage, ...]:
        """The stages that it has."""
        return tuple(stage for stage in STAGES if stage.name in self.sources)


def gallery(folder: Path = GALLERY) -> list[Entry]:
    """The gallery, by style in alphabetical order."""
    styles = sorted(path for path in folder.iterdir() if path.is_dir())
    return [Entry(style.name, _sources(style)) for style in styles]


def complaints(entry: Entry, stage: Stage, seed: int) -> list[str]:
    """What the stage's suite has against an entry, test by test: nothing where it is taken for right.

    It is kept apart as a cohort's submissions are: by the kernel where it can.
    """
    tests = judging.tests_of(stage, entry.sources, seed, isolation=ISOLATION)
    return [f"{test.test}: {test.message}" for test in tests if test.outcome != "passed" or test.message]


def _sources(style: Path) -> dict[str, str]:
    found = {stage.name: style / stage.file for stage in STAGES}
    return {name: path.read_bytes().decode("utf-8-sig") for name, path in found.items() if path.is_file()}
