"""The folder of results: what came of each submission, what was read of it, and whose it is."""

import contextlib
import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from grader.intake.matching import Matching
from grader.intake.roster import Student
from grader.intake.serialization import kept, submission_kept
from grader.intake.submissions import Submission
from grader.judging.results import Result, line_of, result_from
from grader.marking.lines import Lines
from grader.outside.private_files import OutOfPlaceError, own_file, write_whole
from grader.publishing.results_folder import claim

RESULTS = "results.jsonl"
SUBMISSIONS = "submissions.jsonl"
SCORES = "scores.csv"
COHORT = "cohort.json"
LOCK = ".lock"


@dataclass(frozen=True)
class Cohort:
    """The submissions of the last run that have results, by name, and whose they are by the roster.

    mistakes: those that were told beside the course's, as of Settings.
    """

    submissions: tuple[str, ...]
    matching: Matching | None = None
    mistakes: tuple[tuple[str, str], ...] = ()


class Record:
    """A folder of results, locked while it is open; everything else is derived from what it holds.

    results.jsonl has a line for each submission, added as it comes; of several of one the last counts.
    submissions.jsonl holds what was read of each, so that it can be marked and shown again without the upload.
    cohort.json says whom the last run was about, and scores.csv is the table of their scores.
    adopt: also a folder that the kit did not make there. Raises OutOfPlaceError.
    """

    def __init__(self, out: Path, adopt: bool = False) -> None:
        claim(out, adopt)
        self.folder, self.scores = out, out / SCORES
        open(out / LOCK, "ab", opener=own_file).close()
        self._lock = FileLock(out / LOCK)
        try:
            self._lock.acquire(blocking=False)
        except Timeout:
            raise OutOfPlaceError(
                f"another run is writing to {out}: wait for its end, or choose another --out"
            ) from None
        with contextlib.ExitStack() as opened:
            opened.callback(self._lock.release)
            self._results = opened.enter_context(contextlib.closing(Lines(out / RESULTS, _of_result)))
            self._submissions = opened.enter_context(contextlib.closing(Lines(out / SUBMISSIONS, _of_submission)))
            self._opened = opened.pop_all()
        self.path = self._results.path

    @property
    def last(self) -> Result | None:
        """The result that was added last."""
        names = list(self._results)
        return self.result(names[-1]) if names else None

    def digest(self, name: str) -> str | None:
        """What the last result of a submission was made of; None where there is none."""
        return self._results.digest(name)

    def result(self, name: str) -> Result:
        """The last result of a submission."""
        return result_from(json.loads(self._results.line(name)))

    def submission(self, name: str) -> Submission | None:
        """What was read of a submission when it was marked last; None where no version of this course kept it."""
        if self._submissions.digest(name) is None:
            return None
        try:
            return submission_kept(json.loads(self._submissions.line(name)))
        except ValueError:  # of a stage that the course no longer has
            return None

    def append(self, result: Result, submission: Submission, sync: bool = True) -> None:
        """Add what was read and what came of it; sync: see the result to the disk, as `sync` does for several."""
        self.keep(submission, result.digest)
        self._results.append(result.submission, result.digest, line_of(result))
        if sync:
            self.sync()

    def sync(self) -> None:
        """See every result that was added to the disk: only then is it told as done."""
        self._results.sync()

    def keep(self, submission: Submission, digest: str) -> None:
        """Add what was read of a submission whose result has this digest, unless it is there.

        The same work that was handed in once more has other names on its platform.
        """
        digest = "/".join([digest, *submission.labels])
        if self._submissions.digest(submission.name) != digest:
            line = json.dumps(kept(submission) | {"digest": digest}).encode()
            self._submissions.append(submission.name, digest, line)

    def keep_cohort(self, cohort: Cohort) -> None:
        """Say whom a run was about."""
        write_whole(self.folder / COHORT, json.dumps(asdict(cohort), indent=1).encode())

    def cohort(self) -> Cohort:
        """Whom the last run was about; where none has said it, all who have results."""
        try:
            with open(self.folder / COHORT, "rb", opener=own_file) as file:
                told = json.load(file)
            matching = told["matching"] and _matching(told["matching"])
            there = [name for name in told["submissions"] if self.digest(name) is not None]
            return Cohort(tuple(there), matching, tuple((name, text) for name, text in told["mistakes"]))
        except FileNotFoundError:
            return Cohort(tuple(sorted(self._results)))
        except (ValueError, TypeError, KeyError):
            raise OutOfPlaceError(
                f"{self.folder / COHORT} is none of this version's: move it away, and grade again"
            ) from None

    def results(self) -> Iterator[Result]:
        """The results of the last run's cohort, in the order of their names."""
        return map(self.result, self.cohort().submissions)

    def tidy(self) -> None:
        """Move results that were superseded to results.jsonl.old, so that each submission has one line."""
        self._results.tidy(self.path.with_suffix(".jsonl.old"))
        self._submissions.tidy()

    def close(self) -> None:
        """Let another run have the folder."""
        self._opened.close()


@contextlib.contextmanager
def opened_record(folder: Path) -> Iterator[Record]:
    """The record of a folder in which results are. Raises OutOfPlaceError where there are none."""
    if not (folder / RESULTS).is_file():
        raise OutOfPlaceError(
            f"{folder} holds no results: give the folder that `chainrule grade` wrote, its --out"
        )
    with contextlib.closing(Record(folder)) as record:
        if not record.cohort().submissions:
            raise OutOfPlaceError(f"{folder} holds no results yet: `chainrule grade` writes them")
        yield record


def _of_result(line: bytes) -> tuple[str, str]:
    result = result_from(json.loads(line))
    return result.submission, result.digest


def _of_submission(line: bytes) -> tuple[str, str]:
    told = json.loads(line)
    return told["name"], told["digest"]


def _matching(told: dict[str, Any]) -> Matching:
    """A roster's matching, from its JSON."""
    return Matching(
        students={name: tuple(map(_student, found)) for name, found in told["students"].items()},
        absent=tuple(map(_student, told["absent"])),
        unmatched=dict(told["unmatched"]),
        several={student: tuple(names) for student, names in told["several"].items()},
    )


def _student(told: dict[str, Any]) -> Student:
    return Student(told["id"], told["name"], tuple(told["ids"]))
