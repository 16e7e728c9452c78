"""A submission that was marked on a host, and what every host's page says of it, as plain text."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from grader.course.catalogue import STAGES, Stage
from grader.course.points import task_of_class
from grader.judging.results import Result, TestResult
from grader.judging.suites import suites

LENGTHS = (10_000, 4_000, 2_000, 1_000, 500, 250, 100, 0)
"""Characters of a learner's text at the most that are kept: the first that fits into what a host takes."""
CUT = "… (cut: it is longer than this page can hold)"
APART = {
    "kernel": "Your code was confined by the kernel while it was marked (isolation: kernel).",
    "process": "This machine cannot confine your code as marking elsewhere does: {lacks}. It was kept apart by no "
    "more than a process of its own (isolation: process).",
}


@dataclass(frozen=True)
class Marked:
    """The result of a submission, and the run that gave it.

    lacks: a sentence on what the host lacks to confine code, without its full stop, "" for nothing; seconds: that
    the run took, with the check of the host and its start.
    """

    result: Result
    lacks: str
    seconds: float


@dataclass(frozen=True)
class Row:
    """One test as a page lists it: its number, as 3.2 for the second of stage 3, its name, its stage's name."""

    number: str
    name: str
    stage: str
    test: TestResult


def rows(result: Result) -> Iterator[Row]:
    """The tests of a result in their order; none where it was rejected."""
    stages = {stage.name: stage for stage in STAGES}
    for found in result.stages:
        stage = stages[found.stage]
        names = names_of(stage)
        for place, test in enumerate(found.tests, 1):
            yield Row(f"{stage.number}.{place}", names[test.test], stage.name, test)


def names_of(stage: Stage) -> dict[str, str]:
    """How pages name each test of a stage, by its name in a result: stage, task and what it checks."""
    tasks = {test: task_of_class(stage, test.partition("::")[0]) for test in suites().labels(stage)}
    return {test: f"{stage.number}.{tasks[test]}: {label}" for test, label in suites().labels(stage).items()}


def summary(marked: Marked) -> str:
    """The points in all and by stage, what decided them, and what to know of how the submission was read."""
    result = marked.result
    lines = [f"{result.score:g} of {result.max_score:g} points."]
    if result.error:
        lines.append(f"Nothing could be marked: {result.error}")
    titles = {stage.name: f"stage {stage.number}, {stage.title}" for stage in STAGES}
    lines += [
        f"  {titles[found.stage]}: {found.score:g} of {found.max_score:g} (pytest --seed {found.seed})"
        for found in result.stages
    ]
    lines += [f"Note: {note}" for note in result.notes]
    lines.append(f"Seed of this run: {result.seed}. Marked by chainrule {result.version} with {result.versions}.")
    lines.append(APART[result.isolation].format(lacks=marked.lacks))
    return "\n".join(lines)


def printed(result: Result) -> str:
    """What the learner's code printed, stage by stage."""
    numbers = {stage.name: stage.number for stage in STAGES}
    told = [f"Printed by stage {numbers[found.stage]}:\n{found.output}" for found in result.stages if found.output]
    return "\n\n".join(told)


def cut(text: str, most: int) -> str:
    """The beginning of a text, which says so where it is not all."""
    return text if len(text) <= most else text[:most] + CUT


def as_json(document: dict[str, Any]) -> str:
    """A document as it is written; nothing in it is a number that JSON lacks."""
    return json.dumps(document, indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def fitting(made: Callable[[int], str], limit: int) -> str:
    """What is made with the most of learners' texts that keeps it within `limit` bytes.

    made: gives it with no more than so many characters of each text.
    """
    tries = (made(most) for most in LENGTHS)
    return next((text for text in tries if len(text.encode()) <= limit), made(0))
