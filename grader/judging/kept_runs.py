"""What became of tests on pieces of wrong code, kept in the user's cache: it is the same in every process.

A run has a file of its own, named by a digest of what decides it, in a folder that is named by a digest of the
suites, the engine and the libraries. A piece may come from a learner, and so may what it gave: that is kept as it
crosses the wire, as bounded data. Nothing depends on the cache: what cannot be read or written is run again.
"""

import os
import shutil
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from platformdirs import user_cache_path

from grader import wire
from grader.course.records import RECORDS
from grader.judging.digests import digest, digest_of_kit
from grader.judging.likeness import distance
from grader.outside.private_files import OutOfPlaceError, own_file, own_folder, write_whole
from grader.outside.verdicts import NoAnswer, Verdict, Wrong

CACHE = "CHAINRULE_CACHE"
"""The environment variable that names another folder than the user's own for such things."""
LARGEST = 2**18
"""Bytes of a run that is kept; most have some hundred."""
MOST_KITS = 4
"""Of how many states of the suites, the engine and the libraries runs are kept: those that were used last."""


@dataclass(frozen=True)
class Run:
    """What became of a test on a piece of wrong code.

    verdict: None where it did not fail; asked: the number of requests after which it was stopped, if it was.
    """

    verdict: Verdict | None
    asked: int | None = None


def found(key: str) -> Run | None:
    """The run that is kept by this key; None where there is none that can be read."""
    folder = _folder()
    if folder is None:
        return None
    try:
        with open(folder / key, "rb", opener=own_file) as file:
            return _unpacked(file.read(LARGEST + 1))
    except (OSError, OutOfPlaceError, wire.Malformed):
        return None


def keep(key: str, run: Run) -> None:
    """Keep a run for other processes, where it comes back as it was."""
    folder = _folder()
    if folder is None:
        return
    try:
        packed = wire.encode([run.asked, _data(run.verdict)], RECORDS)
        if len(packed) <= LARGEST and _is_the_same(run.verdict, _unpacked(packed).verdict):
            write_whole(folder / key, packed)
    except (OSError, wire.Malformed):
        return


def key_of(test: str, source: str, draw: int) -> str:
    """What a run is kept by: all that decides it beside the kit itself."""
    return digest(test, source, str(draw))


def _folder() -> Path | None:
    """Where runs with this kit are kept; None where they cannot be."""
    base = Path(os.environ.get(CACHE) or user_cache_path("chainrule", appauthor=False))
    return _made(base / "runs") if base.is_absolute() else None


@cache
def _made(runs: Path) -> Path | None:
    """The folder for this kit, made where it is missing; of other kits' the oldest are deleted."""
    try:
        folder = runs / digest_of_kit()
        own_folder(runs)
        own_folder(folder)
        os.utime(folder)
        kits = sorted(runs.iterdir(), key=lambda path: path.lstat().st_mtime)
    except (OSError, OutOfPlaceError):
        return None
    for old in kits[:-MOST_KITS]:
        shutil.rmtree(old, ignore_errors=True)
    return folder


def _data(verdict: Verdict | None) -> Any:
    """A verdict as data, as far as another is compared with it."""
    if isinstance(verdict, NoAnswer):
        return [verdict.outcome, verdict.plain, list(verdict.kinds)]
    if isinstance(verdict, Wrong):
        values = [[_data(value)] if isinstance(value, NoAnswer) else (value,) for value in _values(verdict)]
        return [verdict.plain, verdict.call, float(verdict.tolerance), values]
    return None


def _unpacked(message: bytes) -> Run:
    """A run from its data. Raises Malformed."""
    try:
        asked, data = wire.decode(message, records=RECORDS)
        return Run(_verdict(data), asked)
    except (TypeError, ValueError, LookupError) as error:
        raise wire.Malformed(f"no run: {type(error).__name__}") from error


def _verdict(data: Any) -> Verdict | None:
    if data is None:
        return None
    if len(data) == 3:
        outcome, text, kinds = data
        return NoAnswer(outcome, text, tuple(kinds))
    text, call, tolerance, values = data
    wrong = Wrong(text)
    wrong.call, wrong.tolerance = call, tolerance
    wrong.got, wrong.whole, wrong.whole_expected = (
        value if isinstance(held, tuple) else _verdict(value) for held in values for value in held
    )
    return wrong


def _values(verdict: Wrong) -> tuple[Any, Any, Any]:
    return verdict.got, verdict.whole, verdict.whole_expected


def _is_the_same(before: Verdict | None, after: Verdict | None) -> bool:
    """Whether a verdict came back with the values that it had: some do not cross the wire."""
    if not isinstance(before, Wrong) or not isinstance(after, Wrong):
        return True
    pairs = zip(_values(before), _values(after), strict=True)
    return all(isinstance(one, NoAnswer) or distance(other, one) == 0.0 for one, other in pairs)
