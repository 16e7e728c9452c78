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
from handed_in import ONE, TWO, member, put, tarred, tarred_members, under
from sample_cohort import zipped

from grader.intake.archive_reader import Bounds
from grader.intake.archives import SUBMISSION, unpack
from grader.intake.entries import Folder, Unreadable
from grader.intake.submissions import Submission, read_cohort

STAGE = "stage1_relu.py"
MEMORY = 350 * 2**20
"""Bytes of memory at the most for reading one learner's archive: it, unpacked, and a copy in passing."""
SECONDS = 60
"""Of processor time, which other programs on the machine do not take."""


def first(tmp_path: Path, files: dict[str, bytes]) -> Submission:
    """The first of some submissions, while the one after it is read; not at any price."""
    put(tmp_path, files | under("zoe", TWO))
    tracemalloc.start()
    began = time.process_time()
    ann, zoe = read_cohort(tmp_path)
    seconds, (_, most) = time.process_time() - began, tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert zoe.sources == {"stage2_forward": "two = 2\n"}
    assert seconds < SECONDS
    assert most < MEMORY
    return ann


def zip_of(entries: list[tuple[zipfile.ZipInfo | str, bytes]]) -> bytes:
    """A zip of these headers and contents."""
    packing = io.BytesIO()
    with zipfile.ZipFile(packing, "w", zipfile.ZIP_DEFLATED) as archive:
        for header, content in entries:
            archive.writestr(header, content)
    return packing.getvalue()


def unix(name: str, mode: int) -> zipfile.ZipInfo:
    """A zip's header of a file of some kind, as Unix programs write it."""
    header = zipfile.ZipInfo(name)
    header.create_system, header.external_attr = 3, mode << 16
    return header


def overlapping() -> bytes:
    """A zip with two entries of the same bytes."""
    packed = bytearray(zipped({"a/stage1_relu.py": b"x" * 9, "b/stage1_relu.py": b"x" * 9}))
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
    header = member("nothing.bin", 2**28).tobuf()
    packing = io.BytesIO()
    with gzip.GzipFile(fileobj=packing, mode="wb", compresslevel=1) as file:
        file.write(header)
        for _ in range(2**8):
            file.write(bytes(2**20))
    return packing.getvalue()


def greedy_xz() -> bytes:
    """A small .tar.xz that claims to need 1.5 GiB of memory to be unpacked."""
    packed = bytearray(tarred(ONE, "xz"))
    start, size = 12, (packed[12] + 1) * 4  # the header of the only block follows that of the stream
    at = packed.index(b"\x21\x01", start)
    packed[at + 2] = 37
    packed[start + size - 4 : start + size] = struct.pack("<L", zlib.crc32(packed[start : start + size - 4]))
    return bytes(packed)


def sparse() -> bytes:
    """A tar of a file that takes 512 bytes and claims a terabyte."""
    header = bytearray(member(STAGE, 512, tarfile.GNUTYPE_SPARSE).tobuf(tarfile.GNU_FORMAT))
    header[386:410] = b"%011o\0%011o\0" % (0, 512)
    header[483:495] = b"\x80" + (2**40).to_bytes(11, "big")
    header[148:156] = b" " * 8
    header[148:156] = b"%06o\0 " % sum(header)
    return bytes(header) + b"#" * 512 + bytes(1024)


def backwards() -> bytes:
    """A tar whose second header claims a negative size, so that the next would be itself again."""
    header = bytearray(member("back", 0).tobuf(tarfile.GNU_FORMAT))
    header[124:136] = (-1024 % 2**96).to_bytes(12, "big")
    header[148:156] = b" " * 8
    header[148:156] = b"%06o\0 " % sum(header)
    return tarred(ONE, "")[:1024] + bytes(header) + bytes(1024)


def headers() -> bytes:
    """A tar of a thousand headers that each say something of the next."""
    told = tarfile.TarInfo("x").create_pax_global_header({"comment": "x"})
    return told * 5000 + tarred(ONE, "")


@pytest.mark.parametrize(
    ("files", "reason"),
    [
        ({"ann.zip": zip_of([(unix(STAGE, 0o120777), b"/etc/hostname")])}, f"{STAGE}: a link, which is not"),
        ({"ann.zip": zip_of([(unix(STAGE, 0o010644), b"")])}, f"{STAGE}: not an ordinary file"),
        ({"ann.zip": overlapping()}, "a zip whose entries overlap"),
        ({"ann.zip": long_list()}, "a zip whose list of entries is too long"),
        ({"ann.zip": nested_bomb()}, "no stage file"),
        ({"ann.zip": zipped({"a.zip": bytes(2**26)})}, "unpacks to more than 200 times its size"),
        ({"ann.zip": zipped({"a.zip": bytes(2**28)})}, "larger than the 128 MiB that are read"),
        (
            {"ann.rar": b"Rar!\x1a\x07\x01\x00"},
            "a RAR archive, which the kit does not read: unpack it, or ask",
        ),
        ({"ann.zip": b"7z\xbc\xaf\x27\x1c"}, "a 7-Zip archive, which the kit does not read"),
        ({"ann.tar.zst": b"\x28\xb5\x2f\xfd"}, "a Zstandard archive, which the kit does not read"),
        ({"ann.gz": gzip.compress(b"one = 1")}, "a file packed by gzip, which the kit does not read"),
        ({"ann/all.rar": b""}, "all.rar is a RAR archive, which the kit does not read"),
        ({"ann/all.7Z": b""}, "all.7Z is a 7-Zip archive, which the kit does not read"),
        ({"ann.tgz": tar_bomb()}, "a tar archive that unpacks to more than 200 times its size"),
        ({"ann.zip": zipped({"a.tgz": tar_bomb()})}, "unpacks to more than 200 times its size"),
        ({"ann.tar.xz": greedy_xz()}, "neither a folder nor a zip that can be opened"),
        ({"ann.tar": sparse()}, f"{STAGE}: a sparse file"),
        ({"ann.tar": backwards()}, "the tar archive is damaged"),
        ({"ann.tar": headers()}, "neither a folder nor a zip that can be opened"),
        ({"ann.tar": tarred(ONE | TWO, "")[:1600]}, "the tar archive is damaged"),
        ({"ann.tar": tarred(ONE | TWO, "")[:1024]}, "the tar archive is damaged"),
        ({"ann.tar": tarred(ONE, "")[:1024] + b"x" * 512 + bytes(1024)}, "the tar archive is damaged"),
        ({"ann.tgz": tarred({STAGE: os.urandom(5000)})[:-3000]}, "the tar archive is damaged"),
        ({"ann.tar.xz": tarred({STAGE: os.urandom(5000)}, "xz")[:-3000]}, "the tar archive is damaged"),
        ({"ann.tar": tarred({STAGE: b"#" * (2**20 + 1)}, "")}, f"{STAGE}: larger than the 1024 KiB"),
        *(
            (
                {"ann.tar": tarred_members([(member(STAGE, kind=kind, link="other.py"), b"")])},
                f"{STAGE}: {reason}",
            )
            for kind, reason in [
                (tarfile.SYMTYPE, "a link, which is not followed in an archive"),
                (tarfile.LNKTYPE, "a link, which is not followed in an archive"),
                (tarfile.FIFOTYPE, "not an ordinary file"),
                (tarfile.CHRTYPE, "not an ordinary file"),
                (tarfile.BLKTYPE, "not an ordinary file"),
            ]
        ),
    ],
)
def test_hostile_archives(tmp_path: Path, files: dict[str, bytes], reason: str) -> None:
    """What no honest program packs is rejected in a sentence, in bounded time and memory."""
    ann = first(tmp_path, files)
    assert reason in (ann.error or "")
    assert ann.sources == {}


@pytest.mark.parametrize("make", [zipped, lambda files: tarred(files, "gz")], ids=["zip", "tar"])
def test_a_file_that_is_also_a_folder(tmp_path: Path, make: Callable[[dict[str, bytes]], bytes]) -> None:
    """Where one name is a file's and a folder's, the first counts."""
    ann = first(tmp_path, {"ann.zip": make(ONE | {f"{STAGE}/x/stage2_forward.py": b"two = 2"})})
    assert ann.sources == {"stage1_relu": "one = 1\n"}


def test_a_folder_in_a_stage_files_place(tmp_path: Path) -> None:
    """A folder with a stage's name, in an archive too, is no stage file, and is mentioned."""
    ann = first(tmp_path, {"ann.tgz": tarred(TWO | {f"{STAGE}/x": b""})})
    assert list(ann.sources) == ["stage2_forward"]
    assert ann.notes == (f"{STAGE} is a folder, not a file, and was not read",)


def test_links_besides_are_ignored(tmp_path: Path) -> None:
    """Links and devices that are no stage files cost nothing."""
    odd = [
        (member(name, kind=kind, link="/etc"), b"")
        for name, kind in [("l", tarfile.SYMTYPE), ("d", tarfile.CHRTYPE)]
    ]
    ann = first(tmp_path, {"ann.tar": tarred_members([*odd, (member(STAGE, 3), b"x=1")])})
    assert ann.sources == {"stage1_relu": "x=1"}


@pytest.mark.parametrize("make", [zipped, lambda files: tarred(files, "")], ids=["zip", "tar"])
@pytest.mark.parametrize("path", ["../../../{}", "/{}", "//x/../{}", "C:\\ann\\{}", ".\\{}"])
def test_paths_lead_nowhere(tmp_path: Path, make: Callable[[dict[str, bytes]], bytes], path: str) -> None:
    """Paths that are absolute, lead up or have backslashes name a file in the submission; nothing is written."""
    packed = tmp_path / "three" / "folders" / "down" / "ann.zip"
    packed.parent.mkdir(parents=True)
    packed.write_bytes(make({path.format(STAGE): b"one = 1\n"}))
    before = sorted(tmp_path.rglob("*"))
    [ann] = read_cohort(packed)
    assert ann.sources == {"stage1_relu": "one = 1\n"}
    assert sorted(tmp_path.rglob("*")) == before


@pytest.mark.parametrize(
    ("written", "flags", "name"),
    [
        ("Zoë".encode("cp437"), 0, "Zoë"),
        ("Zoë".encode(), 0, "Zoë"),
        ("Zoë".encode(), 0x800, "Zoë"),
        ("Ωμέγα".encode(), 0, "Ωμέγα"),
    ],
    ids=["as Windows writes it", "as macOS writes it", "marked as UTF-8", "Greek"],
)
def test_names_beyond_ascii(tmp_path: Path, written: bytes, flags: int, name: str) -> None:
    """A zip's names are read whether they are in UTF-8, said or not, or in the old code page of DOS."""
    packed = zipped({f"{'n' * len(written)}/{STAGE}": b"x", f"bob/{STAGE}": b"x"})
    content = bytearray(packed.replace(b"n" * len(written), written))
    for at in (content.index(b"PK\x03\x04") + 6, content.index(b"PK\x01\x02") + 8):
        content[at : at + 2] = struct.pack("<H", flags)
    (tmp_path / "all.zip").write_bytes(content)
    assert {s.name for s in read_cohort(tmp_path / "all.zip", cohort=True)} == {"bob", name}


def test_backslashes_part_folders(tmp_path: Path) -> None:
    """A zip whose folders are parted, and marked, by backslashes is read as any other."""
    entries = [("ann\\", b""), (f"ann\\{STAGE}", b"one = 1\n"), ("bob\\stage2_forward.py", b"two = 2\n")]
    (tmp_path / "all.zip").write_bytes(zip_of(list(entries)))
    ann, bob = read_cohort(tmp_path / "all.zip", cohort=True)
    assert (ann.name, bob.name) == ("ann", "bob")
    assert ann.error is bob.error is None


@pytest.mark.parametrize("packed", ["", "gz"])
def test_a_tar_whose_last_file_is_a_zip(tmp_path: Path, packed: str) -> None:
    """A tar of zips is a tar, although it ends as a zip does."""
    (tmp_path / "all.tar").write_bytes(tarred({"ann.zip": zipped(ONE), "bob.zip": zipped(TWO)}, packed))  # type: ignore[arg-type]
    assert [s.name for s in read_cohort(tmp_path / "all.tar", cohort=True)] == ["ann", "bob"]


@pytest.mark.parametrize("form", [tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT, tarfile.PAX_FORMAT])
def test_kinds_of_tar(tmp_path: Path, form: int) -> None:
    """Tars of every format are read, with long names and names beyond ASCII."""
    packing = io.BytesIO()
    with tarfile.open(fileobj=packing, mode="w:gz", format=form) as archive:
        for name in ("Zoë " + "long" * 20, "bob"):
            header = member(f"{name}/{STAGE}", 3)
            archive.addfile(header, io.BytesIO(b"x=1"))
    (tmp_path / "all.tgz").write_bytes(packing.getvalue())
    assert [s.name for s in read_cohort(tmp_path / "all.tgz", cohort=True)] == ["Zoë " + "long" * 20, "bob"]


def tree(found: Folder) -> dict[str, object]:
    """A folder as nested dictionaries."""
    return {name: tree(entry.listing()) if entry.listing else None for name, entry in found.items()}


def test_depth_is_bounded() -> None:
    """Folders in folders are followed some levels and no further."""
    deepest = tree(unpack(io.BytesIO(zipped({"a/" * 5000 + "x": b""})), SUBMISSION))
    for _ in range(8):
        deepest = deepest["a"]  # type: ignore[assignment]
    assert deepest == {}


@pytest.mark.parametrize("packed", ["zip", "tar"])
def test_entries_are_bounded(packed: str) -> None:
    """An archive of too many entries is rejected as a whole, not cut short."""
    few = Bounds(10, 2**24, 2**24, 2**29, 200, 30.0)
    files = {f"{n}/x": b"" for n in range(11)}
    content = zipped(files) if packed == "zip" else tarred(files)
    with pytest.raises(Unreadable, match=f"a {packed}.* of more than 10 entries"):
        unpack(io.BytesIO(content), few)


def test_what_is_kept_of_a_tar_is_bounded() -> None:
    """A tar with more stage files than fit into memory is rejected, with what to do instead."""
    few = Bounds(1000, 2**24, 2**20, 2**29, None, None)
    files = {f"{n}/{STAGE}": b"#" * 2**19 for n in range(3)}
    with pytest.raises(Unreadable, match="more than 1 MiB of what may be submissions; unpack it"):
        unpack(io.BytesIO(tarred(files)), few)


def test_time_is_bounded() -> None:
    """A tar that takes too long to read is rejected."""
    slow = Bounds(1000, 2**24, 2**20, 2**29, None, 0.0)
    with pytest.raises(Unreadable, match="takes too long"):
        unpack(io.BytesIO(tarred(ONE)), slow)


def test_one_tar_bomb_costs_no_other(tmp_path: Path) -> None:
    """In a tar of everything, a learner's archive that cannot be read leaves the others as they are."""
    files = {"ann.tgz": tar_bomb(), "bob.zip": b"PK damaged", "cem.zip": zipped(ONE)}
    (tmp_path / "all.tar").write_bytes(tarred(files, ""))
    ann, bob, cem = read_cohort(tmp_path / "all.tar", cohort=True)
    assert "200 times" in (ann.error or "")
    assert "neither a folder nor a zip" in (bob.error or "")
    assert cem.sources == {"stage1_relu": "one = 1\n"}


@pytest.mark.parametrize("packed", ["folder", "zip", "tar.gz"])
def test_memory_does_not_grow_with_what_is_not_read(tmp_path: Path, packed: str) -> None:
    """Of many archives with large files besides the stage files, only the stage files stay in memory."""
    large = zip_of([(STAGE, b"one = 1\n"), ("data.bin", os.urandom(2**20))])
    files = {f"{n}.zip": large for n in range(40)}
    path = tmp_path / f"all.{packed}"
    if packed == "folder":
        put(path, files)
    else:
        path.write_bytes(zipped(files) if packed == "zip" else tarred(files))
    tracemalloc.start()
    cohort = read_cohort(path, cohort=True)
    held, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert len(cohort) == 40
    assert held < 2**20
    assert most < 12 * 2**20
