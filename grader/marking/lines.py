"""A file of JSON lines to which each is added as it comes, one for each submission."""

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from grader.outside.private_files import OutOfPlaceError, own_file, replaced


@dataclass(frozen=True)
class Entry:
    """Where a line stands in its file, in bytes, and the digest of what it was made of."""

    start: int
    length: int
    digest: str


class Lines:
    """Lines by the name of their submission; of several of one name the last counts.

    A line that a power cut left half-written is dropped. Only where each stands is held in memory.
    read: the name and the digest that a line holds; raises ValueError, TypeError or KeyError for one that is none.
    Raises OutOfPlaceError where the file holds other lines, or is not its owner's.
    """

    def __init__(self, path: Path, read: Callable[[bytes], tuple[str, str]]) -> None:
        self.path = path
        self._read = read
        self._entries: dict[str, Entry] = {}
        self._superseded: list[Entry] = []
        self._open()

    def __iter__(self) -> Iterator[str]:
        """The names, in the order of their lines in the file."""
        return iter(sorted(self._entries, key=lambda name: self._entries[name].start))

    def digest(self, name: str) -> str | None:
        """The digest in a submission's line; None where there is none."""
        entry = self._entries.get(name)
        return entry.digest if entry else None

    def line(self, name: str) -> bytes:
        """A submission's line."""
        return self._line(self._entries[name])

    def append(self, name: str, digest: str, line: bytes) -> None:
        """Add a line, without the end of one."""
        start = self._file.seek(0, os.SEEK_END)
        rest = memoryview(line + b"\n")
        while rest:  # a full disk takes a part, and says so at the next one
            rest = rest[self._file.write(rest) :]
        self._enter(name, Entry(start, len(line) + 1, digest))

    def sync(self) -> None:
        """See all that was added to the disk."""
        os.fsync(self._file.fileno())

    def tidy(self, old: Path | None = None) -> None:
        """Leave one line for each submission; those that were superseded are added to `old`, or dropped."""
        if not self._superseded:
            return
        if old:
            with open(old, "ab", opener=own_file) as file:
                file.writelines(self._line(entry) + b"\n" for entry in self._superseded)
                file.flush()
                os.fsync(file.fileno())
        with replaced(self.path) as new:
            new.writelines(self.line(name) + b"\n" for name in self)
            new.flush()
            os.fsync(new.fileno())
            self._file.close()  # as long as it is open Windows does not replace it
        self._open()

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def _open(self) -> None:
        self._file = open(self.path, "a+b", buffering=0, opener=own_file)  # noqa: SIM115 -- see close
        try:
            self._find()
        except OutOfPlaceError:
            self.close()
            raise

    def _find(self) -> None:
        """Find each line; what follows the last whole one is cut off."""
        self._entries, self._superseded, end = {}, [], 0
        with self.path.open("rb") as lines:
            for number, line in enumerate(lines, 1):
                if not line.endswith(b"\n"):
                    break
                try:
                    name, digest = self._read(line)
                except (ValueError, TypeError, KeyError):
                    raise OutOfPlaceError(
                        f"line {number} of {self.path} is no result of this version's: move the file, or choose "
                        "another --out"
                    ) from None
                self._enter(name, Entry(end, len(line), digest))
                end += len(line)
        self._file.truncate(end)

    def _enter(self, name: str, entry: Entry) -> None:
        if name in self._entries:
            self._superseded.append(self._entries[name])
        self._entries[name] = entry

    def _line(self, entry: Entry) -> bytes:
        self._file.seek(entry.start)
        return self._file.read(entry.length).removesuffix(b"\n")
