"""Names in zips: in whatever encoding, no character is taken for a separator, and no name leads elsewhere."""

import struct
import zipfile
import zlib

import pytest

from grader.intake.archives import parted
from grader.intake.zips import UNICODE_PATH, name_in_zip


def header(raw: bytes, extra: bytes = b"") -> zipfile.ZipInfo:
    """An entry of a name that does not say how it is written."""
    info = zipfile.ZipInfo(raw.decode("cp437"))
    info.extra = extra
    return info


@pytest.mark.parametrize(
    ("name", "encoding"),
    [
        *(("表/stage1_relu.py", "cp932"), ("ソ能/stage1_relu.py", "cp932"), ("許功蓋/stage1_relu.py", "big5")),
        *(("俓誠/stage1_relu.py", "gbk"), ("功.py", "big5"), ("Zoë/stage1_relu.py", "utf-8")),
    ],
)
def test_two_bytes_for_a_character(name: str, encoding: str) -> None:
    """The byte of a backslash within a character parts nothing, and the ASCII part of a path is found."""
    found = parted(name_in_zip(header(name.encode(encoding)), "/" in name))
    assert len(found) == len(name.split("/"))
    assert found[-1].endswith(name.split("/")[-1].lstrip("功"))


@pytest.mark.parametrize("raw", [b"Jos\x82\\stage1_relu.py", b"M\x81ller\\stage1_relu.py", b"a\\stage1_relu.py"])
def test_backslashes_that_part(raw: bytes) -> None:
    """Where Windows programs part by backslashes, names of one byte for a letter are parted."""
    assert parted(name_in_zip(header(raw), False))[1:] == ["stage1_relu.py"]


@pytest.mark.parametrize(("right", "found"), [(True, ["Zoë", "b.py"]), (False, ["x", "a.py"])])
def test_info_zips_name(right: bool, found: list[str]) -> None:
    """Info-ZIP's name in UTF-8 counts where its checksum is of the name beside it."""
    raw = b"x/a.py"
    field = b"\1" + struct.pack("<I", zlib.crc32(raw) ^ (not right)) + "Zoë/b.py".encode()
    extra = struct.pack("<HH", UNICODE_PATH, len(field)) + field
    assert parted(name_in_zip(header(raw, extra), True)) == found
