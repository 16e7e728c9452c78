"""The record of what was marked: results.jsonl, with one line for each submission."""

import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path

from filelock import FileLock, Timeout

from grader.judging.results import Result, result_from
from grader.outside.private_files import OutOfPlaceError, own_file, replaced
from grader.publishing.results_folder import claim

RESULTS = "results.jsonl"
SCORES = "scores.csv"
LOCK = ".lock"


@dataclass(frozen=True)
class Entry:
    """Where a result stands in results.jsonl, in bytes, and what it was made of."""

    start: int
    length: int
    digest: str


class Record:
    """A folder with results.jsonl, to which each result is added as it comes, and scores.csv beside it.

    A line that a power cut left half-written is dropped; of several results of a submission the last counts. Only
    where each stands is held in memory. The folder is locked while the record is open. adopt: also a folder that
    the kit did not make there. Raises OutOfPlaceError.
    """

    def __init__(self, out: Path, adopt: bool = False) -> None:
        claim(out, adopt)
        self.path, self.scores = out / RESULTS, out / SCORES
        open(out / LOCK, "ab", opener=own_file).close()
        self._lock = FileLock(out / LOCK)
        try:
            self._lock.acquire(blocking=False)
        except Timeout:
            raise OutOfPlaceError(
                f"another run is writing to {out}: wait for its end, or choose another --out"
            ) from None
        self._entries: dict[str, Entry] = {}
        self._superseded: list[Entry] = []
        self.seed: int | None = None
        """The seed of the last result."""
        self._open()

    def digest(self, name: str) -> str | None:
        """What the last result of a submission was made of; None where there is none."""
        entry = self._entries.get(name)
        return entry.digest if entry else None

    def result(self, name: str) -> Result:
        """The last result of a submission."""
        return result_from(json.loads(self._line(self._entries[name])))

    def append(self, result: Result) -> None:
        """Add a result and see it to the disk."""
        line = json.dumps(asdict(result), ensure_ascii=False).encode("utf-8") + b"\n"
        start = self._file.seek(0, os.SEEK_END)
        rest = memoryview(line)
        while rest:  # a full disk takes a part, and says so at the next one
            rest = rest[self._file.write(rest) :]
        os.fsync(self._file.fileno())
        self._enter(result.submission, Entry(start, len(line), result.digest))

    def tidy(self) -> None:
        """Move results that were superseded to results.jsonl.old, so that each submission has one line."""
        if not self._superseded:
            return
        with open(self.path.with_suffix(".jsonl.old"), "ab", opener=own_file) as old:
            old.writelines(map(self._line, self._superseded))
            old.flush()
            os.fsync(old.fileno())
        with replaced(self.path) as new:
            new.writelines(map(self._line, sorted(self._entries.values(), key=lambda entry: entry.start)))
            new.flush()
            os.fsync(new.fileno())
            self._file.close()  # as long as it is open Windows does not replace it
        self._open()

    def close(self) -> None:
        """Let another run have the folder."""
        self._file.close()
        self._lock.release()

    def _open(self) -> None:
        self._file = open(self.path, "a+b", buffering=0, opener=own_file)  # noqa: SIM115 -- see close
        try:
            self._read()
        except OutOfPlaceError:
            self.close()
            raise

    def _read(self) -> None:
        """Find each result; what follows the last whole line is cut off."""
        self._entries, self._superseded, end = {}, [], 0
        with self.path.open("rb") as lines:
            for number, line in enumerate(lines, 1):
                if not line.endswith(b"\n"):
                    break
                try:
                    result = result_from(json.loads(line))
                except (ValueError, TypeError, KeyError):
                    raise OutOfPlaceError(
                        f"line {number} of {self.path} is no result of this version's: move the file, or choose "
                        "another --out"
                    ) from None
                self._enter(result.submission, Entry(end, len(line), result.digest))
                self.seed = result.seed
                end += len(line)
        self._file.truncate(end)

    def _enter(self, name: str, entry: Entry) -> None:
        if name in self._entries:
            self._superseded.append(self._entries[name])
        self._entries[name] = entry

    def _line(self, entry: Entry) -> bytes:
        self._file.seek(entry.start)
        return self._file.read(entry.length)
