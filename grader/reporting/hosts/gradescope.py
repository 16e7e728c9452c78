"""results.json for Gradescope, by the description of its autograders."""

from typing import Any

from grader.reporting.hosts.marked import Marked, Row, as_json, cut, fitting, printed, rows, summary

FILE = "results/results.json"
LIMIT = 4_000_000
"""Bytes; Gradescope tells no limit, and a page of more is of no use."""
TEXT = "text"
"""The format in which Gradescope shows a text as it is, whatever stands in it."""


def document(marked: Marked, most: int) -> dict[str, Any]:
    """The result, with no more than `most` characters of each of the learner's texts.

    It has no keys but those that are described.
    """
    result = marked.result
    told = [summary(marked), cut(printed(result), most)]
    return {
        "score": result.score,
        "execution_time": round(marked.seconds, 3),
        "output": "\n\n".join(filter(None, told)),
        "output_format": TEXT,
        "test_output_format": TEXT,
        "test_name_format": TEXT,
        "visibility": "visible",
        "stdout_visibility": "hidden",
        "tests": [_test(row, most) for row in rows(result)],
    }


def _test(row: Row, most: int) -> dict[str, Any]:
    test = row.test
    return {
        "score": test.points,
        "max_score": test.max_points,
        "status": "passed" if test.outcome == "passed" else "failed",
        "name": row.name,
        "name_format": TEXT,
        "number": row.number,
        "output": cut(test.message, most),
        "output_format": TEXT,
        "tags": [row.stage, test.task],
        "visibility": "visible",
    }


def results(marked: Marked) -> str:
    """The file's content."""
    return fitting(lambda most: as_json(document(marked, most)), LIMIT)
