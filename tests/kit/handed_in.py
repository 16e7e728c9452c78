"""Files as learners hand them in, and archives of them, for the tests of what reads them."""

import io
import tarfile
import zipfile
from pathlib import Path
from typing import Literal

from grader.course.catalogue import STAGES
from grader.intake.submissions import Submission, read_cohort

Files = dict[str, bytes]
FIRST, SECOND = STAGES[:2]
ONE = {FIRST.file: b"one = 1\n"}
TWO = {SECOND.file: b"two = 2\n"}
READ_ONE, READ_TWO = {FIRST.name: "one = 1\n"}, {SECOND.name: "two = 2\n"}
"""The sources that are read of these."""


def zipped(files: Files) -> bytes:
    """A zip of these files."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return packed.getvalue()


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


def tarred(files: Files, packed: Literal["", "gz", "bz2", "xz"] = "gz") -> bytes:
    """A tar archive of these files."""
    return tarred_members([(member(name, len(content)), content) for name, content in files.items()], packed)


def member(name: str, size: int = 0, kind: bytes = tarfile.REGTYPE, link: str = "") -> tarfile.TarInfo:
    """A tar's header."""
    header = tarfile.TarInfo(name)
    header.size, header.type, header.linkname = size, kind, link
    return header


def tarred_members(
    members: list[tuple[tarfile.TarInfo, bytes]], packed: Literal["", "gz", "bz2", "xz"] = ""
) -> bytes:
    """A tar archive of these headers and contents, whatever they are."""
    packing = io.BytesIO()
    with tarfile.open(fileobj=packing, mode=f"w:{packed}") as archive:  # type: ignore[call-overload]
        for header, content in members:
            archive.addfile(header, io.BytesIO(content) if content else None)
    return packing.getvalue()
