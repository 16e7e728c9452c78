"""The page of one submission, as data: what the script of the report unpacks and shows when it is opened."""

import base64
import json
import zlib
from collections.abc import Iterator
from typing import Any

from grader.course.catalogue import NOTEBOOKS, STAGES, Stage
from grader.intake.submissions import Submission
from grader.judging.results import Result, StageResult, TestResult
from grader.reporting.report.highlight import code_text, highlighted, lengths, without_words
from grader.reporting.report.labels import label
from grader.reporting.report.people import Person

GROUP = 24
"""Pages that are packed together."""
MOST_CODE = 100_000
"""Characters of a file's code that are shown at the most."""
NO_CODE = "What was handed in is not in these results: they are of an earlier version. Marking it again keeps it."


def page(result: Result, submission: Submission | None, person: Person) -> dict[str, Any]:
    """Everything on a submission: its tests with what they said, what it printed, its code, and notes."""
    stages = {stage.name: stage for stage in STAGES}
    return {
        "head": {
            "label": person.label,
            "who": list(person.who),
            "score": f"{result.score:g} of {result.max_score:g} points",
            "error": person.hide(result.error or ""),
            "facts": list(_facts(result, submission, person)),
            "notes": [person.hide(note) for note in (*(submission.notes if submission else ()), *result.notes)],
            "no_code": "" if submission else NO_CODE,
        },
        "stages": {
            one.stage: _stage(stages[one.stage], one, person) for one in result.stages if one.stage in stages
        },
        "code": dict(_code(submission, person)) if submission else {},
    }


class Pages:
    """Gathers pages and packs them in groups, the same stage of all pages of a group side by side.

    So what all have in common, labels and the text of the exercises, is packed once for each group.
    """

    def __init__(self) -> None:
        self._packed: list[str] = []
        self._waiting: list[dict[str, Any]] = []

    def add(self, page: dict[str, Any]) -> None:
        """Take in the next page."""
        self._waiting.append(page)
        if len(self._waiting) == GROUP:
            self._pack()

    def packed(self) -> list[str]:
        """All groups so far, each as the script unpacks it: JSON, deflated, as Base64, which holds no HTML."""
        if self._waiting:
            self._pack()
        return self._packed

    def _pack(self) -> None:
        files = [*(stage.file for stage in STAGES), *(which.file for which in NOTEBOOKS)]
        columns = {"stages": [stage.name for stage in STAGES], "code": files}
        data: dict[str, Any] = {"heads": [page["head"] for page in self._waiting]}
        for part, names in columns.items():
            data[part] = [[name, [page[part].get(name) for page in self._waiting]] for name in names]
        self._waiting = []
        text = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
        made = zlib.compress(text.encode("utf-8", "backslashreplace"), 9)
        self._packed.append(base64.b64encode(made).decode("ascii"))


def _facts(result: Result, submission: Submission | None, person: Person) -> Iterator[tuple[str, str]]:
    if submission and submission.handed_in and not person.anonymous:
        yield "Handed in", f"{submission.handed_in:%Y-%m-%d %H:%M %Z}"
    if submission and submission.attempt and not person.anonymous:
        yield "Attempt", str(submission.attempt)
    yield "Form", result.form
    yield "Marked in", f"{result.seconds:.1f} s, isolation: {result.isolation}"
    if result.versions:
        yield "With", result.versions


def _stage(stage: Stage, one: StageResult, person: Person) -> dict[str, Any]:
    return {
        "title": f"{stage.number}  {stage.title}",
        "score": f"{one.score:g} of {one.max_score:g}",
        "seed": str(one.seed),
        "uses": list(one.uses),
        "output": person.hide(one.output),
        "tests": [_test(stage, test, person) for test in one.tests],
    }


def _test(stage: Stage, test: TestResult, person: Person) -> dict[str, str]:
    return {
        "task": test.task,
        "label": label(stage, test.test),
        "points": f"{test.points:g} of {test.max_points:g}",
        "outcome": test.outcome,
        "message": person.hide(test.message),
        "mistake": test.mistake.replace("_", " "),
    }


def _code(submission: Submission, person: Person) -> Iterator[tuple[str, dict[str, Any]]]:
    """Each file's name, its text, and the lengths and classes of the text's parts.

    Where nobody is named it is without comments and docstrings.
    """
    for file, source in _sources(submission):
        text = person.hide(code_text(source, MOST_CODE))
        parts = without_words(text) if person.anonymous else highlighted(text)
        yield file, {"text": "".join(text for _, text in parts), "parts": lengths(parts)}


def _sources(submission: Submission) -> Iterator[tuple[str, str]]:
    for stage in STAGES:
        if stage.name in submission.sources:
            yield stage.file, submission.sources[stage.name]
    for which in NOTEBOOKS:
        cells = submission.notebooks.get(which.name)
        if cells:
            yield which.file, "\n\n".join(f"# ── cell {n} ──\n{cell.source}" for n, cell in enumerate(cells, 1))
