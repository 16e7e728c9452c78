"""Finds and reads submissions: folders or zips of stage files, or one zip of them all, as an LMS exports it.

Nothing is unpacked to disk and nothing is run. What cannot be read becomes a submission with an error, so
that it is reported and never lost.
"""

import io
import itertools
import lzma
import os
import stat
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from grader.catalogue import STAGES

MAX_FILE = 2**20
"""Bytes of one stage file at the most; the longest solution has 7 kB."""
MAX_ZIP = 256 * 2**20
"""Bytes of a zip inside a folder or a zip at the most."""
MAX_ENTRIES = 200_000
"""Entries of one zip or of one submission's folder at the most."""
DEPTH = 3
"""Levels that are looked at below the folder of submissions: submission, wrapping folder, file."""


BROKEN_ZIP = (
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    struct.error,
    EOFError,
    ValueError,
    NotImplementedError,
)
"""What reading a zip raises when its bytes are not as they should be."""


class Unreadable(Exception):
    """Why something cannot be read, in words for the instructor."""


@dataclass(frozen=True)
class Submission:
    """What one learner handed in: each stage's source by the stage's name, or why there is none."""

    name: str
    sources: dict[str, str] = field(default_factory=dict)
    error: str | None = None
    form: Literal["modules", "notebooks"] = "modules"


@dataclass(frozen=True)
class File:
    """A file on disk or in a zip; `read(limit)` gives its bytes or raises Unreadable."""

    read: Callable[[int], bytes]


Folder = dict[str, "File | Folder"]


def read_cohort(path: Path) -> list[Submission]:
    """Every submission at `path`, ordered by name.

    path: a folder of submissions, a zip of them all, or one submission.
    Raises Unreadable when there is nothing to read.
    """
    try:
        if path.is_dir():
            return _read_all(path, _folder_on_disk(path, None, DEPTH))
        with zipfile.ZipFile(path) as opened:
            return _read_all(path, _folder_in_zip(opened))
    except FileNotFoundError:
        raise Unreadable(f"{path}: there is no such folder or zip") from None
    except OSError as error:
        raise Unreadable(f"{path} cannot be read: {error.strerror}") from None
    except BROKEN_ZIP:
        raise Unreadable(f"{path} is neither a folder nor a zip that can be opened") from None


def _read_all(path: Path, root: Folder) -> list[Submission]:
    if _has_stage_files(root):
        return [_read(path.resolve().stem, root)]
    root = _without_wrapping(root)
    if not root:
        raise Unreadable(f"{path} holds no submission: it is empty")
    return [_read(name, root[entry]) for name, entry in sorted(_names(root).items())]


def _without_wrapping(root: Folder) -> Folder:
    """The folder that holds the submissions: `root`, or one down a line of single folders or zips."""
    folder = root
    for _ in range(DEPTH):
        if len(folder) != 1:
            break
        try:
            folder = _as_folder(next(iter(folder.values())))
        except Unreadable:
            return root
    several = sum(isinstance(entry, dict) or name.lower().endswith(".zip") for name, entry in folder.items()) > 1
    return folder if several and not _has_stage_files(folder) else root


def _names(root: Folder) -> dict[str, str]:
    """A name for each entry: a zip's without its ending, unless another submission has that name."""
    names: dict[str, str] = {}
    for entry in sorted(root, key=lambda entry: entry.lower().endswith(".zip")):
        stem = entry[:-4] if entry.lower().endswith(".zip") and isinstance(root[entry], File) else entry
        name = _printable(stem)
        names[name if name not in names else _printable(entry)] = entry
    return names


def _printable(name: str) -> str:
    """A file's name as text that any terminal and any file can take."""
    text = name.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


def _read(name: str, entry: File | Folder) -> Submission:
    try:
        home = _home(_as_folder(entry))
        sources = {}
        for stage in STAGES:
            file = home.get(stage.file)
            if isinstance(file, File):
                sources[stage.name] = _text(stage.file, file)
    except Unreadable as error:
        return Submission(name, error=str(error))
    return Submission(name, sources)


def _as_folder(entry: File | Folder) -> Folder:
    """The entry itself, or what is in it when it is a zip."""
    if isinstance(entry, dict):
        return entry
    content = entry.read(MAX_ZIP)
    try:
        return _folder_in_zip(zipfile.ZipFile(io.BytesIO(content)))
    except BROKEN_ZIP:
        raise Unreadable("neither a folder nor a zip that can be opened") from None


def _home(folder: Folder, inside_zip: bool = False) -> Folder:
    """The folder with the stage files: this one, one wrapping folder down, or in the only zip."""
    if _has_stage_files(folder):
        return folder
    wrapped = {
        name: inner for name, inner in folder.items() if isinstance(inner, dict) and _has_stage_files(inner)
    }
    if len(wrapped) == 1:
        return next(iter(wrapped.values()))
    if wrapped:
        raise Unreadable(f"stage files in more than one folder: {_listed(wrapped)}; only one can be marked")
    zips = [name for name in folder if name.lower().endswith(".zip")]
    if len(zips) == 1 and not inside_zip:
        return _home(_as_folder(folder[zips[0]]), inside_zip=True)
    held = f"it holds {_listed(folder)}" if folder else "it is empty"
    raise Unreadable(f"no stage file ({STAGES[0].file}, …) in it or in a folder one level down; {held}")


def _listed(names: Iterable[str]) -> str:
    names = sorted(_printable(name) for name in names)
    return ", ".join(names[:5]) + (f" and {len(names) - 5} more" if len(names) > 5 else "")


def _has_stage_files(folder: Folder) -> bool:
    return any(isinstance(folder.get(stage.file), File) for stage in STAGES)


def _text(name: str, file: File) -> str:
    try:
        return file.read(MAX_FILE).decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Unreadable(f"{name} is not UTF-8 text (byte {error.start})") from None
    except Unreadable as error:
        raise Unreadable(f"{name}: {error}") from None


def _ignored(name: str) -> bool:
    """What operating systems and editors leave behind."""
    return name.startswith(".") or name in ("__MACOSX", "__pycache__", "Thumbs.db", "desktop.ini")


def _folder_on_disk(path: Path, home: Path | None, depth: int) -> Folder:
    """What is in a folder, some levels deep.

    home: the submission's own folder, out of which no link may lead; None where each entry is a submission.
    """
    folder: Folder = {}
    for entry in itertools.islice(os.scandir(path), MAX_ENTRIES):
        place = Path(entry.path)
        if _ignored(entry.name):
            continue
        if entry.is_symlink() and (home is None or not place.resolve().is_relative_to(home.resolve())):
            folder[entry.name] = File(_refuse("a link that leads outside the submission"))
        elif entry.is_dir():
            try:
                folder[entry.name] = _folder_on_disk(place, home or place, depth - 1) if depth else {}
            except OSError as error:
                folder[entry.name] = File(_refuse(f"cannot be read: {error.strerror}"))
        else:
            folder[entry.name] = File(_reader_of_file(place))
    return folder


def _refuse(why: str) -> Callable[[int], bytes]:
    def read(limit: int) -> bytes:
        raise Unreadable(why)

    return read


def _reader_of_file(path: Path) -> Callable[[int], bytes]:
    def read(limit: int) -> bytes:
        try:
            if not stat.S_ISREG(path.stat().st_mode):
                raise Unreadable("not an ordinary file")
            with path.open("rb") as file:
                return _bounded(file.read(limit + 1), limit)
        except OSError as error:
            raise Unreadable(f"cannot be read: {error.strerror}") from None

    return read


def _folder_in_zip(opened: zipfile.ZipFile) -> Folder:
    """What is in a zip, as a tree of its names."""
    root: Folder = {}
    for info in opened.infolist()[:MAX_ENTRIES]:
        parts = [part for part in info.filename.replace("\\", "/").split("/") if part not in ("", ".", "..")]
        if not parts or any(_ignored(part) for part in parts):
            continue
        folder = root
        for part in parts if info.is_dir() else parts[:-1]:
            inner = folder.setdefault(part, {})
            if not isinstance(inner, dict):
                break
            folder = inner
        if not info.is_dir():
            folder[parts[-1]] = File(_reader_in_zip(opened, info))
    return root


def _reader_in_zip(opened: zipfile.ZipFile, info: zipfile.ZipInfo) -> Callable[[int], bytes]:
    def read(limit: int) -> bytes:
        try:
            with opened.open(info) as file:
                return _bounded(file.read(limit + 1), limit)
        except (RuntimeError, NotImplementedError):
            raise Unreadable("the zip is encrypted, or packed by a method that cannot be read") from None
        except (*BROKEN_ZIP, OSError):
            raise Unreadable("the zip is damaged") from None

    return read


def _bounded(content: bytes, limit: int) -> bytes:
    if len(content) > limit:
        raise Unreadable(f"larger than the {limit // 1024} KiB that are read")
    return content
