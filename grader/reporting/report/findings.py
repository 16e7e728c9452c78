"""What went wrong in a cohort: mistakes by name, equal wrong answers without one, and submissions to look at."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from grader.course.catalogue import STAGES, Stage
from grader.inside.refusals import ALONE
from grader.intake.task_code import Code
from grader.judging.results import Result, StageResult, TestResult

SHOWN = 60
"""Groups of wrong answers without a name that are shown at the most, the largest."""

KINDS = {
    "rejected": "Rejected: nothing of them could be read",
    "timeout": "Stopped because they took too long",
    "crashed": "Crashed: the process ended, or ran out of memory",
    "refused": "Stopped when they reached for files, network, processes or threads",
}
"""How submissions end that an instructor looks at, in the order of the report."""


@dataclass
class Group:
    """Submissions that did the same wrong in a task.

    mistake: its name, "" where it has none. example: the submission of the shortest code, which shows best what
    was done, with the message that it got and the code itself.
    """

    stage: Stage
    task: str
    mistake: str
    names: list[str] = field(default_factory=list)
    example: str = ""
    message: str = ""
    code: str = ""

    def add(self, name: str, message: str, code: str) -> None:
        """Take in one who did it."""
        self.names.append(name)
        if not self.example or (code and (not self.code or len(code) < len(self.code))):
            self.example, self.message, self.code = name, message, code


@dataclass(frozen=True)
class Alarm:
    """A submission that ended without an answer somewhere: where, and what was said first."""

    name: str
    tasks: tuple[str, ...]
    said: str


class Findings:
    """Gathers what went wrong, one result after the other."""

    def __init__(self) -> None:
        self._named: dict[tuple[int, str, str], Group] = {}
        self._unnamed: dict[tuple[int, str, str, tuple[str, ...]], Group] = {}
        self.alarms: dict[str, list[Alarm]] = {kind: [] for kind in KINDS}

    def add(self, result: Result, code: Code) -> None:
        """Take a result into account, with the code of its tasks."""
        if result.status == "rejected":
            self.alarms["rejected"].append(Alarm(result.submission, (), result.error or ""))
        stages = {stage.name: stage for stage in STAGES}
        for one in result.stages:
            if one.stage in stages:
                self._add_groups(result.submission, stages[one.stage], one, code)
        for kind in ("timeout", "crashed", "refused"):
            self._add_alarm(kind, result, stages)

    def named(self) -> list[Group]:
        """The mistakes that have a name, the most frequent first."""
        return sorted(self._named.values(), key=_by_size)

    def unnamed(self) -> list[Group]:
        """Wrong answers without a name that several gave, the most frequent first, so many as are shown."""
        return sorted((group for group in self._unnamed.values() if len(group.names) > 1), key=_by_size)[:SHOWN]

    def left_out(self) -> tuple[int, int]:
        """How many more groups of several there are, and how many wrong answers that one submission alone gave."""
        sizes = [len(group.names) for group in self._unnamed.values()]
        return max(sum(size > 1 for size in sizes) - SHOWN, 0), sizes.count(1)

    def _add_groups(self, name: str, stage: Stage, one: StageResult, code: Code) -> None:
        named = {(test.task, test.mistake): test for test in reversed(one.tests) if test.mistake}
        for (task, mistake), test in sorted(named.items()):
            group = self._named.setdefault((stage.number, task, mistake), Group(stage, task, mistake))
            group.add(name, test.message, code.get((stage.name, task), ""))
        known = {task for task, _ in named}  # whose other failures need no name
        first = {test.task: test for test in reversed(one.tests) if test.alike and test.task not in known}
        for task, test in first.items():
            failing = tuple(other.test for other in one.tests if other.task == task and other.outcome != "passed")
            group = self._unnamed.setdefault((stage.number, task, test.alike, failing), Group(stage, task, ""))
            group.add(name, test.message, code.get((stage.name, task), ""))

    def _add_alarm(self, kind: str, result: Result, stages: Mapping[str, Stage]) -> None:
        found = [
            (f"{stages[one.stage].number}.{test.task}", test.message)
            for one in result.stages
            if one.stage in stages
            for test in one.tests
            if _ended(test, kind)
        ]
        if found:
            tasks = tuple(dict.fromkeys(task for task, _ in found))
            self.alarms[kind].append(Alarm(result.submission, tasks, found[0][1].partition("\n")[0]))


def _ended(test: TestResult, kind: str) -> bool:
    return test.outcome == "error" and ALONE in test.message if kind == "refused" else test.outcome == kind


def _by_size(group: Group) -> tuple[int, int, str, str]:
    return -len(group.names), group.stage.number, group.task, group.mistake
