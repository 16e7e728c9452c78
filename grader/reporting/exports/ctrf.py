"""CTRF, the Common Test Report Format (ctrf.io): one JSON document, with each test's points in its `extra`.

Single tests are not timed, and when each submission was marked is not kept: durations are 0, and `start` and
`stop` are when the scores were written last.
"""

import json
from collections import Counter
from collections.abc import Iterator
from typing import Any

from grader import __version__
from grader.course.location import TITLE
from grader.judging.results import Result
from grader.reporting.exports.marked import Marking

SPECIFICATION = "0.0.0"
"""The version that the description of its root object names; what is written is valid in later ones, too."""
STATUSES = ("passed", "failed", "skipped", "pending", "other")
"""All that a test's status can be; what has not passed has failed, and `rawStatus` says how it ended."""


def write(marking: Marking) -> Iterator[bytes]:
    """The report, in pieces: the tests first, and what they come to after them."""
    counts, suites, separator = Counter[str](), 0, ""
    tool = {"name": "chainrule", "version": __version__}
    yield f'{{"reportFormat": "CTRF", "specVersion": "{SPECIFICATION}", "generatedBy": "chainrule", '.encode()
    yield f'"extra": {_json({"course": TITLE})}, "results": {{"tool": {_json(tool)}, "tests": [\n'.encode()
    for one in marking.marked:
        suites += max(len(one.result.stages), 1)
        for test in _tests(one.result):
            counts[test["status"]] += 1
            yield f"{separator}{_json(test)}".encode()
            separator = ",\n"
    moment = int(marking.when.timestamp() * 1000)
    summary = {"tests": counts.total(), **{status: counts[status] for status in STATUSES}, "suites": suites}
    yield f'\n], "summary": {_json(summary | {"start": moment, "stop": moment})}}}}}\n'.encode()


def _tests(result: Result) -> Iterator[dict[str, Any]]:
    if result.error is not None:
        yield {
            "name": "can be read",
            "status": "failed",
            "duration": 0,
            "suite": [result.submission],
            "rawStatus": "rejected",
            "message": result.error,
            "extra": {"submission": result.submission, "points": 0.0, "max_points": result.max_score},
        }
    for stage in result.stages:
        for test in stage.tests:
            points = {"points": test.points, "max_points": test.max_points, "mistake": test.mistake}
            yield {
                "name": test.test,
                "status": "passed" if test.outcome == "passed" else "failed",
                "duration": 0,
                "suite": [result.submission, stage.stage, test.task],
                "rawStatus": test.outcome,
                **({"message": test.message} if test.message else {}),
                "extra": {"submission": result.submission, "stage": stage.stage, "task": test.task, **points},
            }


def _json(value: Any) -> str:
    """JSON in ASCII, in which any text can stand, half a character too."""
    return json.dumps(value)
