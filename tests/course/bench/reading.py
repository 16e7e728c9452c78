"""How long a cohort takes to be read: in this process, and in processes that may die; nothing is marked."""

import contextlib
import statistics
import time
import zipfile
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

from bench import cohort
from grader.intake.readers import Readers
from grader.intake.submissions import read_cohort

ROUNDS = 3


def measure(number: int, folder: Path, told: Callable[[str], None]) -> None:
    """Write so many submissions into one zip, as folders and as zips, and read each in both ways, in turns."""
    copies = -(-number // len(cohort.LEARNERS))
    submissions = list(cohort.submissions(copies=copies).items())[:number]
    for form, pack in (("folders", _as_folder), ("zips", _as_zip)):
        path = folder / f"{form}.zip"
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, files in submissions:
                pack(archive, name, files)
        times: dict[str, list[float]] = {"in this process": [], "in processes that may die": []}
        for _ in range(ROUNDS):
            for (way, spent), read in zip(times.items(), (_here, _apart), strict=True):
                began = time.perf_counter()
                if read(path) != number:
                    raise RuntimeError(f"not all of {number} submissions were read {way}")
                spent.append(time.perf_counter() - began)
        here, apart = map(statistics.median, times.values())
        ways = zip(times, (here, apart), strict=True)
        told(f"{number} {form} in a zip, medians of {ROUNDS}: " + ", ".join(f"{way} {s:.2f} s" for way, s in ways))


def _here(path: Path) -> int:
    return len(read_cohort(path, cohort=True))


def _apart(path: Path) -> int:
    with contextlib.closing(Readers(path, "kernel", cohort=True)) as readers:
        return sum(1 for _ in readers.submissions())


def _as_folder(archive: zipfile.ZipFile, name: str, files: cohort.Files) -> None:
    for file, source in files.items():
        archive.writestr(f"{name}/{file}", source)


def _as_zip(archive: zipfile.ZipFile, name: str, files: cohort.Files) -> None:
    packed = BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as inner:
        for file, source in files.items():
            inner.writestr(file, source)
    archive.writestr(f"{name}.zip", packed.getvalue())
