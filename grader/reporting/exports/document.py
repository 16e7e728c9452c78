"""All results as one JSON document."""

import json
from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from grader.course.location import TITLE
from grader.course.points import total_points
from grader.intake.roster import Student
from grader.reporting.exports.marked import Marked, Marking


def write(marking: Marking) -> Iterator[bytes]:
    """The document, in pieces."""
    head = {"course": TITLE, "max_score": total_points(), "absent": [_who(student) for student in marking.absent]}
    yield f'{json.dumps(head)[:-1]}, "submissions": ['.encode()
    separator = "\n"
    for one in marking.marked:
        yield f"{separator}{json.dumps(_submission(one))}".encode()
        separator = ",\n"
    yield b"\n]}\n"


def _submission(one: Marked) -> dict[str, Any]:
    """A line of results.jsonl, with whose it is and when it was handed in."""
    read = one.submission
    more = {
        "students": [_who(student) for student in one.students],
        "submitters": [{"id": who.id, "name": who.name, "email": who.email} for who in read.submitters],
        "attempt": read.attempt,
        "handed_in": read.handed_in.isoformat() if read.handed_in else None,
    }
    return asdict(one.result) | more


def _who(student: Student) -> dict[str, str]:
    return {"id": student.id, "name": student.name}
