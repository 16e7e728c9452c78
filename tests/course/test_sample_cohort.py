"""Golden verdicts: each sample submission gets the score, the endings and the words that it must."""

import contextlib
import csv
import json
from collections.abc import Iterator
from dataclasses import asdict

import pytest
import sample_cohort
from fixtures import selected, with_proofs
from sample_cohort import SAMPLES, Sample

from grader.course.catalogue import STAGES
from grader.intake.submissions import read_cohort
from grader.marking.cohort import Outcome, mark_cohort
from grader.marking.mark import Settings
from grader.marking.processes import Processes
from grader.marking.record import Record

Marked = tuple[Outcome, Record]
PART = (
    *("perfect", "half-finished", "wrong-relu-grad", "hang-in-call", "os-exit", "prints-a-lot"),
    *("empty-folder", "not-utf8", "damaged-zip"),
    *("notebook-in-disorder", "notebook-not-parsing", "notebook-damaged"),
)
"""Samples of each kind: right, wrong, unfinished, broken, stopped, unreadable, and in each form."""


@pytest.fixture(scope="module")
def marked(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Marked]:
    """What came of marking the samples that are tested, and the record of it."""
    folder = tmp_path_factory.mktemp("sample") / "cohort"
    sample_cohort.write(folder, selected(request, "sample"))
    settings = Settings(seed=20261121, time_limit=3.0, total_limit=1000.0, isolation=sample_cohort.ISOLATION)
    with (
        contextlib.closing(Record(tmp_path_factory.mktemp("marked"))) as record,
        contextlib.closing(Processes(settings.isolation)) as processes,
    ):
        yield mark_cohort(read_cohort(folder), settings, record, processes), record


@pytest.mark.parametrize("sample", with_proofs(SAMPLES, [sample for sample in SAMPLES if sample.name in PART]))
def test_golden_verdict(sample: Sample, marked: Marked) -> None:
    """The sample is marked, or rejected, as it must be."""
    result = marked[1].result(sample.name)
    if sample.scores is None:
        assert result.status == "rejected"
        assert result.score == 0.0
        assert sample.says in (result.error or "")
        return
    messages = [test.message for stage in result.stages for test in stage.tests if test.outcome != "passed"]
    assert result.status == "graded", result.error
    assert tuple(stage.score for stage in result.stages) == sample.scores, messages
    assert result.score == sum(sample.scores)
    assert sample.says in "\n".join(messages)
    handed_in = [stage for stage in result.stages if f"{stage.stage}.py" in sample.files()]
    for task, ending in sample.ends.items():
        ends = {test.outcome for stage in handed_in for test in stage.tests if test.task == task}
        assert ends - {"passed"} == {ending}, task


def test_nobody_is_lost(marked: Marked, request: pytest.FixtureRequest) -> None:
    """Every sample has one result, and the kit failed on none."""
    outcome, _ = marked
    assert sorted(outcome.marked) == sorted(sample.name for sample in selected(request, "sample"))
    assert outcome.kit_errors == {}


def test_record(marked: Marked) -> None:
    """results.jsonl holds the design's record of each result, line by line."""
    _, record = marked
    lines = [json.loads(line) for line in record.path.read_text(encoding="utf-8").splitlines()]
    assert lines == [asdict(record.result(line["submission"])) for line in lines]
    perfect = next(line for line in lines if line["submission"] == "perfect")
    assert list(perfect) == [
        *("submission", "form", "status", "error", "score", "max_score", "isolation", "seed", "digest"),
        *("seconds", "stages", "notes", "versions", "version", "limits"),
    ]
    assert list(perfect["stages"][0]) == [
        *("stage", "score", "max_score", "output", "tests", "seed", "uses", "decided_by"),
    ]
    assert list(perfect["stages"][0]["tests"][0]) == [
        *("task", "test", "points", "max_points", "outcome", "message", "mistake", "alike"),
    ]
    assert perfect["stages"][0]["tests"][0]["test"] == "TestRelu::test_values"


def test_scores(marked: Marked) -> None:
    """scores.csv holds each submission's score, in all and by stage."""
    outcome, record = marked
    with record.scores.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [(row["submission"], float(row["score"])) for row in rows] == [
        (name, record.result(name).score) for name in sorted(outcome.marked)
    ]
    perfect = next(row for row in rows if row["submission"] == "perfect")
    assert tuple(float(perfect[stage.name]) for stage in STAGES) == sample_cohort.FULL


def test_output_is_kept_and_bounded(marked: Marked) -> None:
    """What a learner's code prints is in the record, cut where it is too long."""
    printed = marked[1].result("prints-a-lot").stages[0].output
    assert printed.startswith("xxx")
    assert len(printed) == 10_000
