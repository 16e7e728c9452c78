"""Archives of learners: whatever they claim, reading one takes bounded time and memory, and costs no other."""

import gzip
import io
import os
import struct
import tarfile
import time
import tracemalloc
import zipfile
import zlib
from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest
from handed_in import (
    FIRST,
    ONE,
    READ_ONE,
    READ_TWO,
    TWO,
    Files,
    member,
    put,
    read_all,
    tar_of,
    tarred,
    under,
    zipped,
)

from grader.intake.archive_reader import Bounds
from grader.intake.archives import SUBMISSION, parted, unpack
from grader.intake.entries import Unreadable
from grader.intake.submissions import Submission, read_cohort
from grader.intake.zips import UNICODE_PATH, name_in_zip

STAGE = FIRST.file
MEMORY = 350 * 2**20
"""Bytes of memory at the most for reading one learner's archive: it, unpacked, and a copy in passing."""
SECONDS = 60
"""Of processor time, which other programs on the machine do not take."""


def first(tmp_path: Path, files: Files) -> Submission:
    """The first of some submissions, while the one after it is read; not at any price."""
    put(tmp_path, files | under("zoe", TWO))
    tracemalloc.start()
    began = time.process_time()
    ann, zoe = read_cohort(tmp_path)
    seconds, (_, most) = time.process_time() - began, tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert zoe.sources == READ_TWO
    assert seconds < SECONDS
    assert most < MEMORY
    return ann


def unix(name: str, mode: int) -> zipfile.ZipInfo:
    """A zip's header of a file of some kind, as Unix programs write it."""
    header = zipfile.ZipInfo(name)
    header.create_system, header.external_attr = 3, mode << 16
    return header


def encrypted() -> bytes:
    """A zip whose only file claims to be encrypted."""
    packed = bytearray(zipped(ONE))
    packed[packed.index(b"PK\x01\x02") + 8] |= 1
    packed[6] |= 1
    return bytes(packed)


def overlapping() -> bytes:
    """A zip with two entries of the same bytes."""
    packed = bytearray(zipped({"a/stage1_double.py": b"x" * 9, "b/stage1_double.py": b"x" * 9}))
    at = packed.rindex(b"PK\x01\x02")
    packed[at + 42 : at + 46] = struct.pack("<L", 0)
    return bytes(packed)


def long_list() -> bytes:
    """A zip whose list of entries is said to be very long, and is."""
    packed = bytearray(zipped(ONE))
    end = packed.rindex(b"PK\x05\x06")
    packed[end:end] = bytes(2**24)
    packed[-10:-6] = struct.pack("<L", 2**24 + end)
    return bytes(packed)


def nested_bomb(levels: int = 4) -> bytes:
    """A zip of a zip of … a large file of nothing."""
    content = bytes(2**26)
    for level in range(levels):
        content = zipped({f"{level}.zip" if level else "large.bin": content})
    return content


@cache
def tar_bomb() -> bytes:
    """A small tar of nothing that unpacks to 256 MiB."""
    return gzip.compress(member("nothing.bin", 2**28).tobuf() + bytes(2**28), 1)


def greedy_xz() -> bytes:
    """A small .tar.xz that claims to need 1.5 GiB of memory to be unpacked."""
    packed = bytearray(tarred(ONE, "xz"))
    start, size = 12, (packed[12] + 1) * 4  # the header of the only block follows that of the stream
    at = packed.index(b"\x21\x01", start)
    packed[at + 2] = 37
    packed[start + size - 4 : start + size] = struct.pack("<L", zlib.crc32(packed[start : start + size - 4]))
    return bytes(packed)


def forged(header: tarfile.TarInfo, fields: dict[int, bytes]) -> bytes:
    """A tar's header with other bytes at some places, and the checksum of them."""
    raw = bytearray(header.tobuf(tarfile.GNU_FORMAT))
    for at, content in (fields | {148: b" " * 8}).items():
        raw[at : at + len(content)] = content
    raw[148:156] = b"%06o\0 " % sum(raw)
    return bytes(raw)


def sparse() -> bytes:
    """A tar of a file that takes 512 bytes and claims a terabyte."""
    sizes = {386: b"%011o\0%011o\0" % (0, 512), 483: b"\x80" + (2**40).to_bytes(11, "big")}
    return forged(member(STAGE, 512, tarfile.GNUTYPE_SPARSE), sizes) + b"#" * 512 + bytes(1024)


def backwards() -> bytes:
    """A tar whose second header claims a negative size, so that the next would be itself again."""
    return (
        tarred(ONE, "")[:1024] + forged(member("back"), {124: (-1024 % 2**96).to_bytes(12, "big")}) + bytes(1024)
    )


def headers() -> bytes:
    """A tar of a thousand headers that each say something of the next."""
    told = tarfile.TarInfo("x").create_pax_global_header({"comment": "x"})
    return told * 5000 + tarred(ONE, "")


def tar_of_one(kind: bytes, link: str = "") -> bytes:
    """A tar of something that has a stage's name."""
    return tar_of([(member(STAGE, kind=kind, link=link), b"")])


DAMAGED = zipped({STAGE: os.urandom(1000)})
RANDOM, BOTH = {STAGE: os.urandom(5000)}, tarred(ONE | TWO, "")
NOT_READ = "archive, which the kit does not read"
HOSTILE: dict[str, dict[str, list[bytes | Callable[[], bytes]]]] = {
    "a link, which is not followed in an archive": {
        "ann.zip": [zipped({unix(STAGE, 0o120777): b"/etc/hostname"})],
        "ann.tar": [tar_of_one(kind, "other.py") for kind in (tarfile.SYMTYPE, tarfile.LNKTYPE)],
    },
    f"{STAGE}: not an ordinary file": {
        "ann.zip": [zipped({unix(STAGE, 0o010644): b""})],
        "ann.tar": [tar_of_one(kind) for kind in (tarfile.FIFOTYPE, tarfile.CHRTYPE, tarfile.BLKTYPE)],
    },
    "a zip whose entries overlap": {"ann.zip": [overlapping()]},
    "a zip whose list of entries is too long": {"ann.zip": [long_list]},
    "no stage file": {"ann.zip": [nested_bomb, zipped({"deep.zip": zipped({"deeper.zip": zipped(ONE)})})]},
    "the zip is encrypted": {"ann.zip": [encrypted()]},
    "the zip is damaged": {"ann.zip": [DAMAGED[:200] + bytes([DAMAGED[200] ^ 255]) + DAMAGED[201:]]},
    "unpacks to more than 200 times its size": {
        "ann.zip": [lambda: zipped({"a.zip": bytes(2**26)}), lambda: zipped({"a.tgz": tar_bomb()})]
    },
    "a tar archive that unpacks to more than 200 times its size": {"ann.tgz": [tar_bomb]},
    "larger than the 128 MiB that are read": {"ann.zip": [lambda: zipped({"a.zip": bytes(2**28)})]},
    f"{STAGE}: larger than the 1024 KiB": {
        "ann.zip": [lambda: zipped({STAGE: b" " * (50 * 2**20)})],
        "ann.tar": [tarred({STAGE: b"#" * (2**20 + 1)}, "")],
    },
    f"a RAR {NOT_READ}: unpack it, or ask": {"ann.rar": [b"Rar!\x1a\x07\x01\x00"]},
    f"a 7-Zip {NOT_READ}": {"ann.zip": [b"7z\xbc\xaf\x27\x1c"]},
    f"a Zstandard {NOT_READ}": {"ann.tar.zst": [b"\x28\xb5\x2f\xfd"]},
    "a file packed by gzip, which the kit does not read": {"ann.gz": [gzip.compress(b"one = 1")]},
    f"all.rar is a RAR {NOT_READ}": {"ann/all.rar": [b""]},
    f"all.7Z is a 7-Zip {NOT_READ}": {"ann/all.7Z": [b""]},
    "neither a folder nor a zip that can be opened": {
        **{"ann.tar.xz": [greedy_xz()], "ann.tar": [headers()], "ann.zip": [b"no zip"]},
        **{"ann.tar.gz": [b""], "ann.py": [b"x = 1"]},
    },
    f"{STAGE}: a sparse file": {"ann.tar": [sparse()]},
    "the tar archive is damaged": {
        "ann.tar": [backwards(), BOTH[:1600], BOTH[:1024], BOTH[:1024] + b"x" * 512 + bytes(1024)],
        **{"ann.tgz": [tarred(RANDOM)[:-3000]], "ann.tar.xz": [tarred(RANDOM, "xz")[:-3000]]},
    },
}
"""What no honest program packs, or nobody can read, by what is said of it; the large ones are made when needed."""
CASES = [
    (why, name, one) for why, files in HOSTILE.items() for name, contents in files.items() for one in contents
]


@pytest.mark.parametrize(("reason", "name", "content"), CASES, ids=map(str, range(len(CASES))))
def test_hostile_archives(tmp_path: Path, reason: str, name: str, content: bytes | Callable[[], bytes]) -> None:
    """What no honest program packs is rejected in a sentence, in bounded time and memory."""
    ann = first(tmp_path, {name: content() if callable(content) else content})
    assert reason in (ann.error or "")
    assert ann.sources == {}


MAKERS = pytest.mark.parametrize("make", [zipped, lambda files: tarred(files, "")], ids=["zip", "tar"])


@MAKERS
def test_a_file_that_is_also_a_folder(tmp_path: Path, make: Callable[[Files], bytes]) -> None:
    """Where one name is a file's and a folder's, the first counts; a folder alone is none, which is told."""
    ann = first(tmp_path / "1", {"ann.zip": make(ONE | {f"{STAGE}/x/stage2_slope.py": b"two = 2"})})
    assert ann.sources == READ_ONE
    for files in ({"ann.tgz": make(TWO | {f"{STAGE}/x": b""})}, under("ann", TWO | {f"{STAGE}/x": b""})):
        ann = first(tmp_path / f"{len(files)}{STAGE}", files)
        assert (ann.sources, ann.notes) == (READ_TWO, (f"{STAGE} is a folder, not a file, and was not read",))


def test_links_besides_are_ignored(tmp_path: Path) -> None:
    """Links and devices that are no stage files cost nothing."""
    odd = [(member(kind.hex(), kind=kind, link="/etc"), b"") for kind in (tarfile.SYMTYPE, tarfile.CHRTYPE)]
    ann = first(tmp_path, {"ann.tar": tar_of([*odd, (member(STAGE, 8), ONE[STAGE])])})
    assert ann.sources == READ_ONE


@MAKERS
@pytest.mark.parametrize("path", ["../../../{}", "/{}", "//x/../{}", "C:\\ann\\{}", ".\\{}"])
def test_paths_lead_nowhere(tmp_path: Path, make: Callable[[Files], bytes], path: str) -> None:
    """Paths that are absolute, lead up or have backslashes name a file in the submission; nothing is written."""
    put(tmp_path, {"three/folders/down/ann.zip": make({path.format(STAGE): ONE[STAGE]})})
    before = sorted(tmp_path.rglob("*"))
    [ann] = read_cohort(tmp_path / "three/folders/down/ann.zip")
    assert ann.sources == READ_ONE
    assert sorted(tmp_path.rglob("*")) == before


@pytest.mark.parametrize(
    ("name", "encoding", "flags"),
    [("Zoë", "cp437", 0), ("Zoë", "utf-8", 0), ("Zoë", "utf-8", 0x800), ("Ωμέγα", "utf-8", 0)],
    ids=["as Windows writes it", "as macOS writes it", "marked as UTF-8", "Greek"],
)
def test_names_beyond_ascii(tmp_path: Path, name: str, encoding: str, flags: int) -> None:
    """A zip's names are read whether they are in UTF-8, said or not, or in the old code page of DOS."""
    written = name.encode(encoding)
    packed = zipped({f"{'n' * len(written)}/{STAGE}": b"x", f"bob/{STAGE}": b"x"})
    content = bytearray(packed.replace(b"n" * len(written), written))
    for at in (content.index(b"PK\x03\x04") + 6, content.index(b"PK\x01\x02") + 8):
        content[at : at + 2] = struct.pack("<H", flags)
    put(tmp_path, {"all.zip": bytes(content)})
    assert {s.name for s in read_cohort(tmp_path / "all.zip", cohort=True)} == {"bob", name}


def header(raw: bytes, extra: bytes = b"") -> zipfile.ZipInfo:
    """An entry of a name that does not say how it is written."""
    info = zipfile.ZipInfo(raw.decode("cp437"))
    info.extra = extra
    return info


OF_TWO_BYTES = {
    "表/a.py": "cp932",
    "ソ能/a.py": "cp932",
    "許功蓋/a.py": "big5",
    "俓誠/a.py": "gbk",
    "功.py": "big5",
}


def test_bytes_of_names() -> None:
    """The byte of a backslash within a character parts nothing, and the ASCII part of a path is found.

    Where Windows programs part by backslashes, names of one byte for a letter are parted.
    """
    for name, encoding in {**OF_TWO_BYTES, "Zoë/a.py": "utf-8"}.items():
        found = parted(name_in_zip(header(name.encode(encoding)), "/" in name))
        assert len(found) == len(name.split("/"))
        assert found[-1].endswith(name.split("/")[-1].lstrip("功"))
    for raw in (b"Jos\x82\\a.py", b"M\x81ller\\a.py", b"a\\a.py"):
        assert parted(name_in_zip(header(raw), False))[1:] == ["a.py"]


def test_info_zips_name() -> None:
    """Info-ZIP's name in UTF-8 counts where its checksum is of the name beside it."""
    raw = b"x/a.py"
    for is_right, found in ((True, ["Zoë", "b.py"]), (False, ["x", "a.py"])):
        field = b"\1" + struct.pack("<I", zlib.crc32(raw) ^ (not is_right)) + "Zoë/b.py".encode()
        extra = struct.pack("<HH", UNICODE_PATH, len(field)) + field
        assert parted(name_in_zip(header(raw, extra), True)) == found


def test_backslashes_part_folders(tmp_path: Path) -> None:
    """A zip whose folders are parted, and marked, by backslashes is read as any other."""
    entries = [("ann\\", b""), (f"ann\\{STAGE}", ONE[STAGE]), ("bob\\stage2_slope.py", b"two = 2\n")]
    cohort = read_all(tmp_path, dict(entries), "zip", cohort=True)
    assert [(one.name, one.error) for one in cohort] == [("ann", None), ("bob", None)]


@pytest.mark.parametrize("form", [tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT, tarfile.PAX_FORMAT])
def test_kinds_of_tar(tmp_path: Path, form: int) -> None:
    """Tars of every format are read, with long names and names beyond ASCII."""
    packing = io.BytesIO()
    with tarfile.open(fileobj=packing, mode="w:gz", format=form) as archive:
        for name in ("Zoë " + "long" * 20, "bob"):
            archive.addfile(member(f"{name}/{STAGE}", 3), io.BytesIO(b"x=1"))
    put(tmp_path, {"all.tgz": packing.getvalue()})
    assert [s.name for s in read_cohort(tmp_path / "all.tgz", cohort=True)] == ["Zoë " + "long" * 20, "bob"]


def test_depth_is_bounded() -> None:
    """Folders in folders are followed some levels and no further."""
    deepest = unpack(io.BytesIO(zipped({"a/" * 5000 + "x": b""})), SUBMISSION)
    for _ in range(8):
        deepest = deepest["a"].listing()  # type: ignore[misc]
    assert deepest == {}


@pytest.mark.parametrize(
    ("make", "files", "bounds", "reason"),
    [
        (zipped, {f"{n}/x": b"" for n in range(11)}, {"entries": 10}, "a zip of more than 10 entries"),
        (tarred, {f"{n}/x": b"" for n in range(11)}, {"entries": 10}, "a tar archive of more than 10 entries"),
        (
            tarred,
            {f"{n}/{STAGE}": bytes(2**19) for n in range(3)},
            {},
            "more than 1 MiB of what may .*; unpack it",
        ),
        (tarred, ONE, {"seconds": 0.0}, "takes too long"),
    ],
    ids=["entries of a zip", "entries of a tar", "what is kept of a tar", "time"],
)
def test_bounds(make: Callable[[Files], bytes], files: Files, bounds: dict[str, int], reason: str) -> None:
    """An archive of too many entries, or more stage files than fit, is rejected as a whole, not cut short."""
    few = Bounds(**{"entries": 1000, "directory": 2**24, "kept": 2**20, "unpacked": 2**29} | bounds)
    with pytest.raises(Unreadable, match=reason):
        unpack(io.BytesIO(make(files)), few)


def test_one_tar_bomb_costs_no_other(tmp_path: Path) -> None:
    """In a tar of everything, a learner's archive that cannot be read leaves the others as they are."""
    files = {"ann.tgz": tar_bomb(), "bob.zip": b"PK damaged", "cem.zip": zipped(ONE)}
    ann, bob, cem = read_all(tmp_path, files, "tar", cohort=True)
    assert "200 times" in (ann.error or "")
    assert "neither a folder nor a zip" in (bob.error or "")
    assert cem.sources == READ_ONE


@pytest.mark.parametrize("packed", ["folder", "zip", "tar.gz"])
def test_memory_does_not_grow_with_what_is_not_read(tmp_path: Path, packed: str) -> None:
    """Of many archives with large files besides the stage files, only the stage files stay in memory."""
    large = zipped(ONE | {"data.bin": os.urandom(2**20)})
    read_all(tmp_path, {f"{n}.zip": large for n in range(40)}, packed, cohort=True)
    tracemalloc.start()
    cohort = read_cohort(tmp_path / f"all.{packed}", cohort=True)
    held, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert len(cohort) == 40
    assert held < 2**20
    assert most < 12 * 2**20
