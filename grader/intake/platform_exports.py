"""Whose export a folder or an archive is: the learning platform's that gave its entries their names."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from grader.intake.attempt_names import COMPANIONS, of_blackboard, of_brightspace
from grader.intake.learning_platforms import (
    METADATA,
    PlatformName,
    folder_number,
    of_canvas,
    of_canvas_anonymous,
    of_moodle,
)


@dataclass(frozen=True)
class Platform:
    """A learning platform. read(name, is_folder): what an entry's name says; None where it is no name of its."""

    name: str
    read: Callable[[str, bool], PlatformName | None]


def platform_of(entries: Mapping[str, bool]) -> Platform | None:
    """Whose export these entries (name → whether it is a folder) are: the platform's that most of them fit.

    All that a platform exports fits it, whatever learners named it. None where no entry fits one.
    """
    best = max(_PLATFORMS, key=lambda platform: _fitting(platform, entries))
    return best if _fitting(best, entries) else None


def is_export(entries: Mapping[str, bool]) -> bool:
    """Whether one platform made all of these names."""
    if METADATA in entries:
        return len(entries) > 1 and all(folder_number(name) is not None for name in entries.keys() - {METADATA})
    platform = platform_of(entries)
    if platform is None:
        return False
    return _fitting(platform, entries) == len(entries) - sum(is_companion(platform, name) for name in entries)


def is_companion(platform: Platform | None, name: str) -> bool:
    """Whether the platform wrote this file beside the submissions, of nobody's."""
    return platform is not None and platform.name == "Brightspace" and name in COMPANIONS


def is_download(name: str) -> bool:
    """Whether Canvas, Blackboard or Gradescope call a whole export so; the name is without an archive's ending."""
    name = name.partition(" (")[0]  # what a browser adds
    return (
        name.endswith("submissions")
        or name.startswith("gradebook_")
        or (name.startswith("assignment_") and name.endswith("_export"))
    )


def _fitting(platform: Platform, entries: Mapping[str, bool]) -> int:
    return sum(platform.read(name, is_folder) is not None for name, is_folder in entries.items())


_PLATFORMS = (
    Platform("Brightspace", of_brightspace),
    Platform("Blackboard", of_blackboard),
    Platform("Moodle", of_moodle),
    Platform("Canvas", of_canvas_anonymous),
    Platform("Canvas", of_canvas),
)
"""Platforms whose names say whose they are. Where all entries fit two, it is the first: in a name that fits both
Moodle and Canvas, Canvas's marks come after Moodle's, where learners write."""
