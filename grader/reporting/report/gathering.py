"""One way through a marked cohort: what the report shows of all its submissions, and the page of each."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from grader.course.catalogue import STAGES
from grader.intake.matching import Matching
from grader.intake.roster import Student
from grader.intake.submissions import Submission
from grader.intake.task_code import Code, code_of_tasks
from grader.judging.results import Result
from grader.reporting.report.findings import Findings
from grader.reporting.report.pages import Pages, page
from grader.reporting.report.people import Person, in_order, person
from grader.reporting.report.statistics import Statistics
from grader.reporting.summary import what_to_look_at


@dataclass(frozen=True)
class Picture:
    """What a submission's code trains: a PNG as Base64, "" where nothing can be drawn, and the same in words."""

    png: str
    words: list[str]


@dataclass(frozen=True)
class Marked:
    """A marked cohort: its submissions by name, and what is known of each.

    seed: decides the order of an anonymous report; folder: of the results, as a command names it; picture: of a
    submission, where any were drawn.
    """

    names: Sequence[str]
    result: Callable[[str], Result]
    submission: Callable[[str], Submission | None]
    matching: Matching
    seed: str
    folder: Path
    picture: Callable[[str], Picture | None] = lambda name: None


@dataclass(frozen=True)
class Row:
    """A line of the table of all submissions."""

    person: Person
    score: str
    stages: list[str]
    look: str


@dataclass
class Gathered:
    """What one way through the cohort gives."""

    people: dict[str, Person] = field(default_factory=dict)
    rows: list[Row] = field(default_factory=list)
    pages: Pages = field(default_factory=Pages)
    code: dict[str, Code] = field(default_factory=dict)
    owners: dict[str, frozenset[str]] = field(default_factory=dict)
    facts: dict[str, None] = field(default_factory=dict)
    statistics: Statistics = field(default_factory=Statistics)
    findings: Findings = field(default_factory=Findings)

    def are_of_one(self, first: str, second: str) -> bool:
        """Whether a student has a part in both submissions; one of an earlier year is nobody's."""
        return not self.owners[first].isdisjoint(self.owners.get(second, ()))


def gathered(marked: Marked, anonymous: bool) -> Gathered:
    """Read each submission once, in the report's order."""
    found = Gathered()
    for number, name in enumerate(in_order(marked.names, anonymous, marked.seed), 1):
        result, submission = marked.result(name), marked.submission(name)
        whose = person(number, name, submission, marked.matching.students.get(name, ()), anonymous)
        code = code_of_tasks(submission) if submission else {}
        found.people[name], found.code[name] = whose, code
        found.owners[name] = _owners(submission, marked.matching.students.get(name, ()))
        found.statistics.add(result)
        found.findings.add(result, code)
        found.facts |= dict.fromkeys(_facts(result))
        scores = {stage.stage: f"{stage.score:g}" for stage in result.stages}
        stages = [scores.get(stage.name, "–") for stage in STAGES]
        look = whose.hide(what_to_look_at(result))
        found.rows.append(Row(whose, f"{result.score:g}", stages, look))
        data = page(result, submission, whose)
        if picture := marked.picture(name):
            data["head"]["picture"] = [picture.png, [whose.hide(words) for words in picture.words]]
        found.pages.add(data)
    return found


def _owners(submission: Submission | None, students: Sequence[Student]) -> frozenset[str]:
    """The ids of those whose it is, by the roster, else by the platform."""
    ids = [student.id for student in students]
    ids = ids or [who.id for who in (submission.submitters if submission else ()) if who.id]
    return frozenset(ids)


def _facts(result: Result) -> list[str]:
    kit = f"kit {result.version}, " if result.version else ""
    return [f"{kit}{result.versions}, isolation: {result.isolation}, seed {result.seed}"]
