"""results.json for PrairieLearn's external grading, by its description."""

from typing import Any

from grader.reporting.hosts.marked import Marked, Row, as_json, cut, fitting, printed, rows, summary

FILE = "results/results.json"
LIMIT = 1_000_000
"""Bytes that PrairieLearn takes: 1 MB."""


def document(marked: Marked, most: int) -> dict[str, Any]:
    """The result, with no more than `most` characters of each of the learner's texts.

    What could not be read is not gradable: it shows why, and costs no attempt. PrairieLearn shows texts as they
    are, escape sequences apart, which no text here has.
    """
    result = marked.result
    made: dict[str, Any] = {
        "gradable": result.error is None,
        "score": result.score / result.max_score if result.max_score else 0.0,
        "message": summary(marked),
        "output": cut(printed(result), most),
        "tests": [_test(row, most) for row in rows(result)],
    }
    return made if result.error is None else made | {"format_errors": [result.error]}


def _test(row: Row, most: int) -> dict[str, Any]:
    test = row.test
    return {
        "name": row.name,
        "description": f"{row.stage}, {test.test}",
        "points": test.points,
        "max_points": test.max_points,
        "message": cut(test.message, most),
        "output": "",
    }


def results(marked: Marked) -> str:
    """The file's content."""
    return fitting(lambda most: as_json(document(marked, most)), LIMIT)
