"""Every file of an upload that may be a stage or a notebook, wherever in it that lies; none is read yet."""

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime

from grader.course.catalogue import GIVEN, STAGES
from grader.intake.archive_reader import Bounds
from grader.intake.archives import INNER, MAX_LEVELS, SUBMISSION, contents, is_archive, unsupported_archive
from grader.intake.entries import Entry, Folder, Unreadable, shown
from grader.intake.learning_platforms import TIMESTAMP
from grader.intake.names import claim_of, form_of, looks_like
from grader.intake.uploads import KIT, Upload, is_kit

MAX_ENTRIES = 20_000
"""Files and folders of a submission at the most that are looked at."""
MAX_INNER = 3
"""Archives within a submission's folder, or its archive, at the most that are opened."""
VIRTUAL = "pyvenv.cfg"
"""The file by which a virtual environment is known."""
INSTALLED = {"node_modules", "site-packages", "venv", "env"}
"""Folders of installed libraries."""


@dataclass(frozen=True)
class Place:
    """Where in an upload a file, a folder or an archive lies.

    path: within the upload, for a sentence, "" for the upload itself. times: the upload's, those of each archive
    down to it, and its own, by which the later of two files is found. packed: the archives that it lies in, the
    innermost first. in_clone: whether it lies in a clone of the repository, whose files may be as released.
    """

    path: str
    entry: Entry
    upload: Upload
    times: tuple[float, ...] = ()
    packed: tuple[Entry, ...] = ()
    in_clone: bool = False

    @property
    def name(self) -> str:
        """The file's own name."""
        return self.path.rpartition("/")[2]

    @property
    def folder(self) -> str:
        """The path of the folder or archive that it is in."""
        return self.path.rpartition("/")[0]

    @property
    def full_path(self) -> str:
        """Where it is, with the upload's own name where it is one of several."""
        is_inner = self.upload.named is not None and self.upload.holds_files
        return f"{self.upload.file}/{self.path}" if is_inner else self.path

    @property
    def depth(self) -> int:
        """How many folders and archives it is in, within its upload."""
        return self.path.count("/")

    def changed(self) -> datetime | None:
        """When it, or the archive that it is in, was written to disk."""
        return next((time for one in (self.entry, *self.packed) if (time := one.changed())), None)


@dataclass
class Walk:
    """What an upload holds.

    files: those that may be of the course; others: those that look so, and why each is not taken; stamps: files of
    nbgrader's with a time, by their folders; homes: the folders of files that are of the course by name; top: what
    is in the upload itself; room: entries that may still be looked at; archives: how many in it were opened;
    seen: folders on disk that were looked through, or are about to be.
    """

    files: list[Place] = field(default_factory=list)
    others: list[tuple[Place, str]] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    stamps: dict[str, Entry] = field(default_factory=dict)
    top: list[str] = field(default_factory=list)
    homes: set[str] = field(default_factory=set)
    is_clone: bool = False
    room: int = MAX_ENTRIES
    archives: int = 0
    seen: set[str] = field(default_factory=set)


def walk(upload: Upload) -> Walk:
    """All that an upload holds. Raises Unreadable where it cannot be opened."""
    found = Walk()
    entry = upload.entry
    if not upload.holds_files:
        found.top = [upload.file]
        if claim_of(upload.file) or form_of(upload.file) == "module":
            found.files.append(Place(upload.file, entry, upload, _times(upload, entry)))
        elif looks_like(upload.file):
            found.others.append((Place(upload.file, entry, upload), _why(upload.file)))
        return found
    held = contents(entry)
    found.top = [f"{name}/" if entry.is_folder else name for name, entry in held.items()]
    if entry.place:
        found.seen.add(str(entry.place.resolve()))
    root = Place("", entry, upload)
    todo = deque(
        [(root if entry.is_folder else replace(root, times=_times(upload, entry), packed=(entry,)), held)]
    )
    while todo and found.room > 0:
        todo += _look_through(found, *todo.popleft())
    if found.room <= 0:
        found.problems.append(f"more than {MAX_ENTRIES} files and folders, of which the rest was not read")
    return found


def _look_through(found: Walk, at: Place, held: Folder) -> Iterator[tuple[Place, Folder]]:
    """Keep what is in a folder by its name; the folders and archives in it, opened."""
    is_clone = is_kit(held)
    found.is_clone = found.is_clone or is_clone
    is_inner = len(at.packed) > (not at.upload.entry.is_folder)
    for name, entry in sorted(held.items())[: found.room]:
        times = (*at.times, *_times(at.upload, entry, bool(at.packed)))
        path = f"{at.path}/{name}" if at.path else name
        place = Place(path, entry, at.upload, times, at.packed, at.in_clone or is_clone)
        if entry.is_folder:
            if place.depth < MAX_LEVELS and not _is_passed_over(found, name, entry, is_clone):
                yield from _opened(found, replace(place, times=at.times))
        elif not is_archive(name):
            _take(found, place, bool(at.packed))
        elif is_inner:
            found.others.append((place, "an archive in an archive"))
        elif found.archives == MAX_INNER:
            found.others.append((place, f"more than {MAX_INNER} archives"))
        else:
            found.archives += 1
            bounds = SUBMISSION if len(held) == 1 else INNER
            yield from _opened(found, replace(place, packed=(entry, *at.packed)), bounds)
    found.room -= len(held)


def _opened(found: Walk, place: Place, bounds: Bounds = INNER) -> Iterator[tuple[Place, Folder]]:
    """A folder or an archive, opened; a note where it cannot be."""
    if place.entry.is_folder and any(place.name == stage.file for stage in STAGES):
        found.problems.append(f"{place.name} is a folder, not a file, and was not read")
        return
    try:
        held = contents(place.entry, bounds)
    except Unreadable as error:
        found.problems.append(f"{shown(place.path)} cannot be read: {error}")
        return
    if VIRTUAL not in held:
        yield place, held


def _is_passed_over(found: Walk, name: str, entry: Entry, is_clone: bool) -> bool:
    """Whether a folder holds nobody's work, or was looked through before."""
    if name.lower() in INSTALLED or (is_clone and (name in KIT or name == "results")):
        return True
    if entry.place is None:
        return False
    real = str(entry.place.resolve())
    was_seen = real in found.seen
    found.seen.add(real)
    return was_seen


def _take(found: Walk, place: Place, in_archive: bool) -> None:
    """Keep a file by its name."""
    claim = claim_of(place.name)
    if place.name.endswith(".py") and place.name.removesuffix(".py") in GIVEN:
        return
    if claim is not None or form_of(place.name) == "module":
        found.files.append(place)
        if claim is not None:
            found.homes.add(place.folder)
    elif place.name == TIMESTAMP and not in_archive and place.depth < 2:
        found.stamps[place.folder] = place.entry
    elif looks_like(place.name) or unsupported_archive([place.name]):
        found.others.append((place, _why(place.name)))


def _why(name: str) -> str:
    """Why a file of this name is not read."""
    if other := unsupported_archive([name]):
        return other
    ending = name.rpartition(".")[2]
    return f"a file that ends in .{shown(ending)} is not read" if ending != name else "its name has no ending"


def _times(upload: Upload, entry: Entry, in_archive: bool = False) -> tuple[float, ...]:
    """When a file was written, to tell which of two is later: by the disk, or by the archive's own clock.

    What a platform exports has the time of the download.
    """
    if in_archive:
        return (entry.stamp,)
    if upload.named:
        return (0.0,)
    time = entry.changed()
    return (time.timestamp() if time else entry.stamp,)
