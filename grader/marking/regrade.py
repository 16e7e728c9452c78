"""How results differ from those that the same submissions have now."""

from collections.abc import Iterator
from dataclasses import dataclass

from grader.judging.results import Result, StageResult, TestResult
from grader.marking.mark import Settings, digest_of
from grader.marking.record import Record

BEFORE_PARTS = "unknown"
"""Said of a stage of which nothing says what decided it: its time was up, or 0.2.0 marked it."""


@dataclass(frozen=True)
class TestChange:
    """A test of which something differs; None where it was not there, or is not there now."""

    stage: str
    before: TestResult | None
    after: TestResult | None

    @property
    def test(self) -> TestResult:
        """The test as it is now, or as it was where it is gone."""
        found = self.after or self.before
        assert found
        return found

    @property
    def decides(self) -> bool:
        """Whether more differs than what the learner reads."""
        return _score(self.before) != _score(self.after)


@dataclass(frozen=True)
class Change:
    """A submission of which something differs, by test; why: the parts that changed in these tests' stages."""

    before: Result
    after: Result
    tests: tuple[TestChange, ...]
    why: tuple[str, ...]

    @property
    def decides(self) -> bool:
        """Whether its score, or what can be reached, or how a test ended is another."""
        scores = (self.before.score, self.before.max_score) != (self.after.score, self.after.max_score)
        return scores or any(test.decides for test in self.tests)


@dataclass(frozen=True)
class Regrading:
    """What came of marking again.

    total: submissions that can be; names: those that have a new result; changes: where that differs; not_kept:
    submissions of which nothing was kept; kit_errors: name → what the kit failed on; is_whole: whether all were
    looked at.
    """

    total: int
    names: list[str]
    changes: list[Change]
    not_kept: list[str]
    kit_errors: dict[str, str]
    is_whole: bool

    @property
    def deciding(self) -> list[Change]:
        """The changes of scores, or of how a test ended."""
        return [change for change in self.changes if change.decides]


def to_compare(record: Record, newer: Record, settings: Settings) -> list[str]:
    """The submissions of which `newer` has a result as these settings give it, and `record` another."""
    found = []
    for name in record.cohort().submissions:
        if (submission := record.submission(name)) is not None:
            digest = digest_of(submission, settings)
            if newer.digest(name) == digest != record.digest(name):
                found.append(name)
    return found


def compared(before: Result, after: Result) -> Change | None:
    """What differs between two results of a submission; None where nothing does that anybody reads."""
    found: list[TestChange] = []
    why: dict[str, None] = {}
    stages = {stage.stage: stage for stage in before.stages}
    for stage in after.stages:
        was = stages.pop(stage.stage, None)
        if tests := [*_tests(stage.stage, was, stage)]:
            found += tests
            why |= dict.fromkeys(_parts(was, stage))
    for gone in stages.values():
        found += _tests(gone.stage, gone, None)
        why |= {"course": None}
    if not found and (before.score, before.max_score, before.error) == (after.score, after.max_score, after.error):
        return None
    return Change(before, after, tuple(found), tuple(why))


def _tests(name: str, before: StageResult | None, after: StageResult | None) -> Iterator[TestChange]:
    """The tests of a stage that differ."""
    was = {test.test: test for test in before.tests} if before else {}
    now = {test.test: test for test in after.tests} if after else {}
    for test in {**now, **was}:
        if was.get(test) != now.get(test):
            yield TestChange(name, was.get(test), now.get(test))


def _parts(before: StageResult | None, after: StageResult) -> list[str]:
    """The parts that decide a stage and are others now."""
    if before is None:
        return ["course"]
    if not before.decided_by or not after.decided_by:
        return [BEFORE_PARTS]
    parts = dict.fromkeys([*before.decided_by, *after.decided_by])
    return [part for part in parts if before.decided_by.get(part) != after.decided_by.get(part) and part != "only"]


def _score(test: TestResult | None) -> tuple[float, float, str] | None:
    return (test.points, test.max_points, test.outcome) if test else None
