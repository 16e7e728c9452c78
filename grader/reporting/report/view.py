"""What was gathered of a cohort, as the report's template shows it."""

import re
import shlex
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from grader.course.catalogue import STAGES, task_name
from grader.reporting.report.findings import KINDS, Alarm, Group
from grader.reporting.report.gathering import Gathered, Marked
from grader.reporting.report.highlight import Part, blanked, code_text, without_words
from grader.reporting.report.labels import label
from grader.reporting.report.people import Person
from grader.reporting.report.statistics import FEW, Item
from grader.reporting.similarity import Pair
from grader.reporting.summary import count

MISTAKES = "mistakes"
"""The folder in which the commands of the report keep mistakes."""
MOST_ALARMS = 200
"""Submissions that are listed at the most for each way to end without an answer."""
FIRST = 10
"""Groups of submissions that are shown at once; the rarer ones are behind a line that opens them."""
MOST_TEXT = 10_000
"""Characters of a task's code that are shown at the most, as an example or beside another's."""
EARLIER = "a submission of an earlier year"
NOTHING = re.compile(r"(?!)")
"""Finds nothing in any text."""


@dataclass(frozen=True)
class View:
    """What was gathered, as the template shows it."""

    gathered: Gathered
    marked: Marked
    anonymous: bool

    def all(self) -> dict[str, Any]:
        """The template's variables."""
        statistics, findings = self.gathered.statistics, self.gathered.findings
        items = statistics.items()
        numbers = {stage.name: stage for stage in STAGES}
        shown = [item for item in items if item.stage in numbers]
        more_groups, alone = findings.left_out()
        return {
            "facts": list(self.gathered.facts)[:5],
            "graded": len(statistics.scores),
            "few": FEW,
            "all_scores": statistics.of_all(),
            "stages": [(stage, statistics.of_stage(stage.name)) for stage in STAGES],
            "alarms": {KINDS[kind]: self._alarms(found) for kind, found in findings.alarms.items() if found},
            "named": list(map(self._group, findings.named())),
            "unnamed": list(map(self._group, findings.unnamed())),
            "first": FIRST,
            "more_groups": more_groups,
            "alone": alone,
            "items": [
                (stage, [self._item(item) for item in shown if item.stage == stage.name]) for stage in STAGES
            ],
            "looked_at": [self._item(item) for item in shown if item.looks],
            "any_named": any(row.person.who for row in self.gathered.rows),
            "matching": self.marked.matching,
            "of": self._of,
            "count": count,
        }

    def pair(self, pair: Pair) -> dict[str, Any]:
        """Two submissions side by side."""
        tasks = [
            {
                "title": self._task(shared.stage, shared.task),
                "score": shared.score,
                "sides": [
                    self._lines(pair.first, shared.left, shared.left_lines),
                    self._lines(pair.second, shared.right, shared.right_lines),
                ],
            }
            for shared in pair.tasks
        ]
        return {"sides": list(map(self._of, (pair.first, pair.second))), "score": pair.score, "tasks": tasks}

    def _of(self, name: str) -> Person:
        """Whose a submission is; one without a result, or of an earlier year, has no page, and the number 0."""
        without_page = Person(0, EARLIER if self.anonymous else name, (), self.anonymous, NOTHING)
        return self.gathered.people.get(name, without_page)

    def _lines(self, name: str, text: str, shared: frozenset[int]) -> list[tuple[bool, str]]:
        """The lines of a task's code, with whether the other one has each."""
        whose = self.gathered.people.get(name)
        text = code_text(text, MOST_TEXT)
        if self.anonymous:
            text = blanked(whose.hide(text) if whose else text)
        return [(number in shared, line) for number, line in enumerate(text.split("\n"))]

    def _task(self, stage: str, task: str) -> str:
        return next((task_name(one, task) for one in STAGES if one.name == stage), task)

    def _alarms(self, found: Sequence[Alarm]) -> dict[str, Any]:
        shown = [
            (whose := self.gathered.people[alarm.name], ", ".join(alarm.tasks), whose.hide(alarm.said))
            for alarm in found[:MOST_ALARMS]
        ]
        return {"shown": shown, "number": len(found), "more": len(found) - len(shown)}

    def _item(self, item: Item) -> dict[str, Any]:
        stage = next(stage for stage in STAGES if stage.name == item.stage)
        return {
            "item": item,
            "task": task_name(stage, item.task),
            "label": label(stage, item.test),
            "looks": item.looks,
        }

    def _group(self, group: Group) -> dict[str, Any]:
        whose = self.gathered.people[group.example]
        said, _, rest = whose.example(group.message).partition("\n")
        return {
            "task": task_name(group.stage, group.task),
            "name": group.mistake.replace("_", " "),
            "people": [self.gathered.people[name] for name in group.names],
            "share": len(group.names) / max(len(self.gathered.statistics.scores), 1),
            "said": said,
            "rest": rest,
            "code": _example(whose.example(code_text(group.code, MOST_TEXT))),
            "command": "" if self.anonymous else self._command(group),
        }

    def _command(self, group: Group) -> str:
        """What adds the mistake by its example, for a shell."""
        of = ["--of", group.example] if not group.example.startswith("-") else [f"--of={group.example}"]
        words = ["--results", str(self.marked.folder), "--mistakes", MISTAKES]
        task = shlex.quote(task_name(group.stage, group.task))
        return f'chainrule mistakes add {task} "SENTENCE" {shlex.join([*of, *words])}'


def _example(code: str) -> list[Part]:
    """The code of an example, without words and without what runs only as a script."""
    return without_words(code.partition("\nif __name__")[0])
