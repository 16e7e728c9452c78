"""Files as learners hand them in, and archives of them, for the tests of what reads them."""

import io
import tarfile
from pathlib import Path
from typing import Literal

ONE = {"stage1_relu.py": b"one = 1\n"}
TWO = {"stage2_forward.py": b"two = 2\n"}


def put(folder: Path, files: dict[str, bytes]) -> None:
    """Write files, with the folders that they need."""
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)


def under(folder: str, files: dict[str, bytes]) -> dict[str, bytes]:
    """The files in a folder."""
    return {f"{folder}/{name}": content for name, content in files.items()}


def tarred(files: dict[str, bytes], packed: Literal["", "gz", "bz2", "xz"] = "gz") -> bytes:
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
