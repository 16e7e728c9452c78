"""Whose submission counts: of several of one student the last; and what is to be said of the others."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime

from grader.intake.entries import listed, shown
from grader.intake.learning_platforms import Submitter
from grader.intake.matching import Matching, match
from grader.intake.roster import Roster, Student
from grader.reporting.exports.marked import ExportError, Grade, Told


def matching_of(roster: Roster, grades: Iterable[Grade]) -> Matching:
    """Whose submission is whose in the platform's table.

    What matches nobody by itself is matched once more by the student that the marking's roster named.
    """
    first = match(roster, [grade.submission for grade in grades])
    known = [
        replace(grade.submission, submitters=tuple(Submitter(one.id, one.name) for one in grade.students))
        for grade in grades
        if grade.submission.name in first.unmatched and grade.students
    ]
    again = match(roster, known)
    students = {name: first.students[name] or again.students.get(name, ()) for name in first.students}
    unmatched = {name: why for name, why in first.unmatched.items() if not again.students.get(name)}
    there = {student.id for found in students.values() for student in found}
    return Matching(students, tuple(one for one in roster.students if one.id not in there), unmatched)


def counting_grades(
    roster: Roster, matching: Matching, grades: Mapping[str, Grade], told: Told
) -> dict[str, Grade]:
    """Which grade counts for each student, by id: of several submissions the one handed in last."""
    found: dict[str, list[Grade]] = {}
    for name, students in matching.students.items():
        for student in students:
            found.setdefault(student.id, []).append(grades[name])
    for name, why in matching.unmatched.items():
        told.add("Submissions without a row", f"{shown(name)}: {why}")
    counting = {}
    for student in roster.students:
        if several := found.get(student.id):
            counting[student.id] = max(several, key=_when)
            _tell_several(named(student), counting[student.id], several, told)
    _tell_rejected(counting.values(), told)
    return counting


def made_rows(
    grades: Iterable[Grade], people: Callable[[Grade], Mapping[str, list[str]]], lacking: str, told: Told
) -> list[list[str]]:
    """The rows of a table that the kit makes, one for each id; of several submissions the last one counts.

    people: a submission's rows, by the ids by which the platform finds its students. lacking: what the platform's
    download, or the roster of the marking, does not tell where there are none. Raises ExportError where none are.
    """
    found: dict[str, list[tuple[Grade, list[str]]]] = {}
    for grade in grades:
        rows = people(grade)
        for key, row in rows.items():
            found.setdefault(key, []).append((grade, row))
        if not rows:
            told.add(f"Left out, as nothing tells {lacking}", shown(grade.submission.name))
    if not found:
        raise ExportError(f"nothing tells {lacking}: give the platform's own table with --into")
    counting = {key: max(several, key=lambda one: _when(one[0])) for key, several in found.items()}
    for key, several in found.items():
        _tell_several(shown(key), counting[key][0], [grade for grade, _ in several], told)
    _tell_rejected([grade for grade, _ in counting.values()], told)
    return [row for _, row in counting.values()]


def named(student: Student) -> str:
    """A student for a list."""
    return f"{shown(student.name)} ({shown(student.id)})"


def _when(grade: Grade) -> tuple[datetime, int, float]:
    """Greater for what was handed in later, and of the same time, or where nothing tells, for the better score."""
    submission = grade.submission
    time = submission.handed_in or datetime.min.replace(tzinfo=UTC)
    return time, submission.attempt or 0, grade.score


def _tell_several(who: str, counts: Grade, several: list[Grade], told: Told) -> None:
    """Say which submission counts of who has more than one, and why."""
    if len(several) > 1:
        times = {(grade.submission.handed_in, grade.submission.attempt) for grade in several}
        why = "it was handed in last"
        if len(times) < len(several):
            why = "nothing tells which was handed in last, so the better score counts"
        others = listed(grade.submission.name for grade in several if grade is not counts)
        told.add("More than one submission", f"{who}: {shown(counts.submission.name)} counts, not {others}; {why}")


def _tell_rejected(grades: Iterable[Grade], told: Told) -> None:
    """List the submissions that count with no points because they could not be read."""
    for grade in grades:
        if grade.rejected is not None:
            told.add("Rejected, written as 0 points", f"{shown(grade.submission.name)}: {grade.rejected}")
