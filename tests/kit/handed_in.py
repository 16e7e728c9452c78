"""Files as learners hand them in, and archives of them, for the tests of what reads them."""

import io
import tarfile
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

from grader.course.catalogue import STAGES
from grader.intake.submissions import Submission, read_cohort

Files = dict[str, bytes]
Packing = Literal["", "gz", "bz2", "xz"]
FIRST, SECOND = STAGES[:2]
ONE = {FIRST.file: b"one = 1\n"}
TWO = {SECOND.file: b"two = 2\n"}
READ_ONE, READ_TWO = {FIRST.name: "one = 1\n"}, {SECOND.name: "two = 2\n"}
"""The sources that are read of these."""


def put(folder: Path, files: Files) -> None:
    """Write files, with the folders that they need."""
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)


def under(folder: str, files: Files) -> Files:
    """The files in a folder."""
    return {f"{folder}/{name}": content for name, content in files.items()}


def read_all(folder: Path, files: Files, packed: str = "folder", cohort: bool = False) -> list[Submission]:
    """The submissions that these files are, in a folder, or in an archive of everything."""
    path = folder / f"all.{packed}"
    if packed == "folder":
        path.mkdir(parents=True, exist_ok=True)
        put(path, files)
    else:
        tar_packing = {"tar": "", "tgz": "gz", "tar.gz": "gz"}
        put(folder, {path.name: zipped(files) if packed == "zip" else tarred(files, tar_packing[packed])})  # type: ignore[arg-type]
    return read_cohort(path, cohort)


def zipped(files: Mapping[Any, bytes]) -> bytes:
    """A zip of files, by their names or headers."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return packed.getvalue()


def tarred(files: Files, packed: Packing = "gz") -> bytes:
    """A tar archive of these files."""
    return tar_of([(member(name, len(content)), content) for name, content in files.items()], packed)


def member(name: str, size: int = 0, kind: bytes = tarfile.REGTYPE, link: str = "") -> tarfile.TarInfo:
    """A tar's header."""
    header = tarfile.TarInfo(name)
    header.size, header.type, header.linkname = size, kind, link
    return header


def tar_of(members: list[tuple[tarfile.TarInfo, bytes]], packed: Packing = "") -> bytes:
    """A tar archive of these headers and contents, whatever they are."""
    packing = io.BytesIO()
    with tarfile.open(fileobj=packing, mode=f"w:{packed}") as archive:  # type: ignore[call-overload]
        for header, content in members:
            archive.addfile(header, io.BytesIO(content) if content else None)
    return packing.getvalue()
