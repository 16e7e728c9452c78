"""The record of what was marked: one line of results.jsonl for each submission, and the table derived from it."""

import csv
import json
import os
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Literal, TextIO

from grader.catalogue import STAGES
from grader.verdicts import Outcome

MAX_SCORE = 100.0


@dataclass(frozen=True)
class TestResult:
    """One test of a suite: its task, what it earned, and what the learner reads."""

    task: str
    test: str
    points: float
    max_points: float
    outcome: Outcome
    message: str


@dataclass(frozen=True)
class StageResult:
    """One stage: its points, what the learner's code printed, and its tests."""

    stage: str
    score: float
    max_score: float
    output: str
    tests: list[TestResult]


@dataclass(frozen=True)
class Result:
    """What became of one submission."""

    submission: str
    form: Literal["modules", "notebooks"]
    status: Literal["graded", "rejected"]
    error: str | None
    score: float
    max_score: float
    isolation: Literal["kernel", "process"]
    seed: int
    digest: str
    seconds: float
    stages: list[StageResult] = field(default_factory=list)


def append(result: Result, file: TextIO) -> None:
    """Write one line to results.jsonl and see it to the disk."""
    file.write(json.dumps(asdict(result), ensure_ascii=False) + "\n")
    file.flush()
    os.fsync(file.fileno())


def write_scores(results: Iterable[Result], path: Path) -> None:
    """Write scores.csv: a line for each submission, a column for each stage; replaced in one piece."""
    beside = path.with_suffix(".csv.new")
    with beside.open("w", encoding="utf-8", newline="") as file:
        table = csv.writer(file)
        table.writerow(["submission", "status", "score", "max_score", *(s.name for s in STAGES), "error"])
        for result in sorted(results, key=lambda result: result.submission):
            scores = {stage.stage: stage.score for stage in result.stages}
            row = [_cell(result.submission), result.status, result.score, result.max_score]
            table.writerow([*row, *(scores.get(s.name, 0.0) for s in STAGES), result.error or ""])
    beside.replace(path)


def _cell(name: str) -> str:
    """A submission's name, marked as text where a spreadsheet would take it for a formula."""
    return f"'{name}" if name.startswith(("=", "+", "-", "@")) else name
