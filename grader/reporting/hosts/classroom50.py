"""result.json for Classroom 50 in its schema classroom50/result/v1, and the text of a submission's release."""

import math
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from fractions import Fraction
from typing import Any

from grader.course.catalogue import STAGES
from grader.judging.suites import suites
from grader.reporting.hosts.marked import Marked, Row, as_json, cut, fitting, names_of, printed, rows, summary

FILE = "result.json"
BODY = "release-body.md"
SCHEMA = "classroom50/result/v1"
BODY_LIMIT = 100_000
"""Bytes of a release's text; GitHub takes 125,000 characters."""
COPIED = {
    "classroom": "CLASSROOM",
    "assignment": "ASSIGNMENT",
    "submission": "SUBMISSION_TAG",
    "commit": "COMMIT_URL",
    "release": "RELEASE_URL",
}
"""Fields that say what was marked, and the variables in which the runner tells them."""


class NotTold(Exception):
    """A variable that the runner sets is missing; the text says which."""


def scale() -> int:
    """By what all points are multiplied so that each test's are whole, which they have to be here.

    It is of the course alone, so that all submissions have the same maximum: 1 where points are whole, 2 where
    there are halves.
    """
    worth = [Fraction(str(points)) for stage in STAGES for points in suites().worth(stage).values()]
    return math.lcm(*(points.denominator for points in worth))


def document(marked: Marked, told: Mapping[str, str]) -> dict[str, Any]:
    """The result. told: the variables of the run. Raises NotTold where one is missing.

    The runner puts its own `owner`, `assignment_type` and `datetime` in the place of these.
    """
    if missing := [name for name in COPIED.values() if not told.get(name)]:
        raise NotTold(f"{missing[0]} is not set: Classroom 50's runner sets it before it starts autograder.py")
    tests = _tests(marked, scale())
    return {
        "schema": SCHEMA,
        **{field: told[name] for field, name in COPIED.items()},
        "review": told.get("REVIEW_URL") or told["COMMIT_URL"],
        "owner": told.get("OWNER") or told.get("USERNAME", ""),
        "assignment_type": told.get("ASSIGNMENT_TYPE") or "individual",
        "datetime": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "score": sum(test["score"] for test in tests),
        "max-score": sum(test["max-score"] for test in tests),
        "tests": tests,
    }


def _tests(marked: Marked, times: int) -> list[dict[str, Any]]:
    """A row for each test; of what could not be read all tests, failed, since no rows would count as passed."""
    if marked.result.error is None:
        found = [
            (row.name, row.test.outcome == "passed", row.test.points, row.test.max_points)
            for row in rows(marked.result)
        ]
    else:
        found = [
            (names_of(stage)[test], False, 0.0, worth)
            for stage in STAGES
            for test, worth in suites().worth(stage).items()
        ]
    return [
        {
            "test-name": name,
            "passed": passed,
            "score": _whole(points, times),
            "max-score": _whole(worth, times),
        }
        for name, passed, points, worth in found
    ]


def _whole(points: float, times: int) -> int:
    return int(Fraction(str(points)) * times)


def result(marked: Marked, told: Mapping[str, str]) -> str:
    """The content of result.json. Raises NotTold as `document` does."""
    return as_json(document(marked, told))


def body(marked: Marked) -> str:
    """The text of the release, in Markdown: what the learner reads."""
    return fitting(lambda most: _body(marked, most), BODY_LIMIT)


def _body(marked: Marked, most: int) -> str:
    failed = [row for row in rows(marked.result) if row.test.outcome != "passed"]
    parts = ["# Result", fenced(summary(marked)), *(part for row in failed for part in _part(row, most))]
    if own := cut(printed(marked.result), most):
        parts += ["# What your code printed", fenced(own)]
    return "\n\n".join(parts) + "\n"


def _part(row: Row, most: int) -> tuple[str, str]:
    points = f"{row.test.points:g} of {row.test.max_points:g} points"
    return f"## {row.number}", fenced(f"{row.name}\n{points}\n\n{cut(row.test.message, most)}")


def fenced(text: str) -> str:
    """A text as it is, in Markdown: no line of it ends the block."""
    longest = max(map(len, re.findall("`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}text\n{text}\n{fence}"
