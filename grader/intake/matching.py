"""Whose submission is whose, by the roster.

A submission is matched to a student by the first of these that fits:

1. the id or the email of a submitter that the learning platform names is one of the student's ids; a number that
   Moodle gives out for one assignment is so only where the roster has it as `Participant 678`;
2. the name that the platform gives is the student's, whatever its case, accents and punctuation: `ann lee`,
   `Lee, Ann` and `Ann Lee` are one;
3. the same with the words in another order around, or run together, as Canvas writes `leeann`.

Where no platform names anybody, the submission's own name stands for id and name.
Where a rule fits two students, the submission matches nobody, and the reason says whom it could be of.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from itertools import takewhile

from grader.intake.entries import listed, shown
from grader.intake.learning_platforms import Submitter
from grader.intake.roster import Roster, Student, plain_id, plain_name
from grader.intake.submissions import Submission


@dataclass(frozen=True)
class Matching:
    """Whose submission is whose.

    students: of each submission, by its name; several for a group, none where it matches nobody.
    absent: who submitted nothing. unmatched: submissions that match nobody, by name, with the reason.
    several: by the student's id, the submissions of who has more than one.
    """

    students: dict[str, tuple[Student, ...]] = field(default_factory=dict)
    absent: tuple[Student, ...] = ()
    unmatched: dict[str, str] = field(default_factory=dict)
    several: dict[str, tuple[str, ...]] = field(default_factory=dict)


def match(roster: Roster, cohort: Iterable[Submission]) -> Matching:
    """Find each submission's student, by the rules at the top of this module."""
    cohort = list(cohort)
    rules = _rules(roster, _assignment([who for one in cohort for who in one.submitters]))
    students: dict[str, tuple[Student, ...]] = {}
    unmatched: dict[str, str] = {}
    handed_in: dict[str, list[str]] = {}
    for submission in cohort:
        name = None if submission.submitters else submission.name
        found: dict[str, Student] = {}
        reasons = []
        for who in submission.submitters or (Submitter(),):
            fitting = next((fitting for rule in rules if (fitting := rule(who, name))), [])
            if len(fitting) == 1:
                found[fitting[0].id] = fitting[0]
            elif fitting:
                reasons.append(f"may be of {listed(f'{s.name} ({s.id})' for s in fitting)}")
            else:
                reasons.append(f"nobody in the roster fits {shown(who.name or who.id or submission.name)}")
        students[submission.name] = tuple(found.values())
        unmatched |= {submission.name: "; ".join(reasons)} if reasons else {}
        for student in found:
            handed_in.setdefault(student, []).append(submission.name)
    absent = tuple(student for student in roster.students if student.id not in handed_in)
    several = {student: tuple(names) for student, names in handed_in.items() if len(names) > 1}
    return Matching(students, absent, unmatched, several)


Rule = Callable[[Submitter, str | None], list[Student]]


def _rules(roster: Roster, assignment: int) -> list[Rule]:
    """The rules in their order, each with the students that fit a submitter and a submission's name."""
    by_id = _index((key, s) for s in roster.students for key in {plain_id(i) for i in s.ids})
    by_name = _index((plain_name(s.name), s) for s in roster.students)
    by_turn = _index((key, s) for s in roster.students for key in _turns(s.name))
    by_participant = _index((_participant(i), s) for s in roster.students for i in s.ids)

    def ids(who: Submitter, name: str | None) -> list[Student]:
        if who.local:
            return _in(by_participant, [who.id or ""])
        if who.before and who.id:
            return _ending(by_id, f"{who.before}_{who.id}".split("_"), assignment)
        return _in(by_id, (plain_id(text) for text in (name, who.id, who.email) if text))

    def ilias(who: Submitter, name: str | None) -> list[Student]:
        """Who has both the login and the name in `Lee_Ann_alee_123`, as ILIAS calls a learner's folder."""
        words, login, number = ["", "", *(name or "").rsplit("_", 2)][-3:]
        fitting = by_id.get(plain_id(login), []) if number.isdecimal() else []
        return [student for student in fitting if plain_name(words).replace(" ", "") in _turns(student.name)]

    def names(who: Submitter, name: str | None) -> list[Student]:
        return _in(by_name, (plain_name(text) for text in (who.name, name) if text))

    def turns(who: Submitter, name: str | None) -> list[Student]:
        return _in(by_turn, (plain_name(text).replace(" ", "") for text in (who.name, name) if text))

    return [ids, ilias, names, turns]


def _index(pairs: Iterable[tuple[str, Student]]) -> dict[str, list[Student]]:
    index: dict[str, list[Student]] = {}
    for key, student in pairs:
        if key:
            index.setdefault(key, []).append(student)
    return index


def _in(index: dict[str, list[Student]], keys: Iterable[str]) -> list[Student]:
    """Who is found under the first of the keys that finds anybody."""
    return next((index[key] for key in keys if key in index), [])


def _assignment(submitters: list[Submitter]) -> int:
    """Words at the most that may be an assignment's name in Blackboard: all submissions begin with the same."""
    beginnings = [f"{who.before}_{who.id}".split("_")[:-1] for who in submitters if who.before]
    shared = takewhile(lambda words: len(set(words)) == 1, zip(*beginnings, strict=False))
    return sum(1 for _ in shared)


def _ending(index: dict[str, list[Student]], words: list[str], most: int) -> list[Student]:
    """Who have an id of the words' last, all but one to `most` of the first."""
    keys = (plain_id("_".join(words[n:])) for n in range(1, most + 1))
    return list({student.id: student for key in keys for student in index.get(key, [])}.values())


def _turns(name: str) -> set[str]:
    """A name's words run together, starting with each: wherever the last name begins, one puts it in front."""
    words = plain_name(name).split()
    return {"".join(words[n:] + words[:n]) for n in range(len(words))}


def _participant(text: str) -> str:
    """The number in `Participant 678`, as Moodle's grading worksheet writes it; "" in any other text."""
    before, _, number = text.rpartition(" ")
    return number if number.isdecimal() and before and not any(c.isdecimal() for c in before) else ""
