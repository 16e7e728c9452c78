"""Golden verdicts: each sample submission gets the score, the endings and the words that it must."""

import csv
import json
from dataclasses import asdict
from pathlib import Path

import pytest
from sample_cohort import SAMPLES, Sample

from grader.catalogue import STAGES
from grader.cohort import RESULTS, SCORES, Outcome
from grader.results import Result


def result_of(name: str, outcome: Outcome) -> Result:
    """The result of one sample."""
    return next(result for result in outcome.results if result.submission == name)


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.name)
def test_golden_verdict(sample: Sample, marked: tuple[Outcome, Path]) -> None:
    """The sample is marked, or rejected, as it must be."""
    result = result_of(sample.name, marked[0])
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
    for task, ending in sample.ends.items():
        ends = {test.outcome for stage in result.stages for test in stage.tests if test.task == task}
        assert ends - {"passed"} == {ending}, task


def test_nobody_is_lost(marked: tuple[Outcome, Path]) -> None:
    """Every sample has one result, and the kit failed on none."""
    outcome, _ = marked
    assert [result.submission for result in outcome.results] == sorted(sample.name for sample in SAMPLES)
    assert outcome.kit_errors == {}


def test_record(marked: tuple[Outcome, Path]) -> None:
    """results.jsonl holds the design's record of each result, line by line."""
    outcome, out = marked
    lines = [json.loads(line) for line in (out / RESULTS).read_text(encoding="utf-8").splitlines()]
    assert sorted(lines, key=lambda line: line["submission"]) == [asdict(result) for result in outcome.results]
    perfect = next(line for line in lines if line["submission"] == "perfect")
    assert list(perfect) == [
        *("submission", "form", "status", "error", "score", "max_score", "isolation", "seed", "digest"),
        *("seconds", "stages"),
    ]
    assert list(perfect["stages"][0]) == ["stage", "score", "max_score", "output", "tests"]
    assert list(perfect["stages"][0]["tests"][0]) == ["task", "test", "points", "max_points", "outcome", "message"]
    assert perfect["stages"][0]["tests"][0]["test"] == "TestRelu::test_values"


def test_scores(marked: tuple[Outcome, Path]) -> None:
    """scores.csv holds each submission's score, in all and by stage."""
    outcome, out = marked
    with (out / SCORES).open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [(row["submission"], float(row["score"])) for row in rows] == [
        (result.submission, result.score) for result in outcome.results
    ]
    perfect = next(row for row in rows if row["submission"] == "perfect")
    assert [float(perfect[stage.name]) for stage in STAGES] == [10, 15, 25, 15, 15, 20]


def test_output_is_kept_and_bounded(marked: tuple[Outcome, Path]) -> None:
    """What a learner's code prints is in the record, cut where it is too long."""
    printed = result_of("prints-a-lot", marked[0]).stages[0].output
    assert printed.startswith("xxx")
    assert len(printed) == 10_000
