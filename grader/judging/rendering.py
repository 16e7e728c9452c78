"""How results of tests read in pytest's output, a notebook's checks, nbgrader's comments, and watch mode.

Each of these shows the same sentences, signs and bars, and lays them out in its own way: as lines of a width that
`wrapped` gives, or on a screen that wraps by itself.
"""

import textwrap
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from grader.course.catalogue import STAGES, Stage
from grader.judging.results import TestResult

Style = Literal["plain", "right", "wrong", "open"]
"""What a text is about, by which it is coloured: what is right, what is wrong, what is not written yet."""
_TITLE_WIDTH = max((len(stage.title) for stage in STAGES), default=0)
_NUMBER_WIDTH = len(str(len(STAGES)))


@dataclass(frozen=True)
class Signs:
    """The characters that stand for things."""

    passed: str = "✓"
    failed: str = "✗"
    open: str = "·"
    full: str = "█"
    empty: str = "░"
    rule: str = "│"

    def of_test(self, test: TestResult) -> tuple[str, Style]:
        """A test's sign, and its style."""
        return (self.passed, "right") if test.outcome == "passed" else (self.failed, "wrong")

    def of_task(self, tests: Sequence[TestResult]) -> tuple[str, Style]:
        """The sign of a task's tests together, and its style; unwritten where none was run."""
        if all(test.outcome == "not written" for test in tests):
            return self.open, "open"
        return self.of_test(next((test for test in tests if test.outcome != "passed"), tests[0]))

    def bar(self, full: int, width: int) -> tuple[str, str]:
        """The two parts of a bar of `width` characters, of which `full` are filled."""
        return self.full * full, self.empty * (width - full)


ASCII = Signs("+", "x", "-", "#", ".", "|")
"""For terminals whose encoding has no more."""


def signs_for(encoding: str | None) -> Signs:
    """The signs that an encoding has."""
    return Signs() if (shown := "".join(vars(Signs()).values())) == encodable(shown, encoding) else ASCII


def encodable(text: str, encoding: str | None) -> str:
    """The text, with a question mark for each character that an encoding lacks."""
    return text.encode(encoding or "utf-8", "replace").decode(encoding or "utf-8")


@dataclass(frozen=True)
class Line:
    """A text that is to be shown on a line of its own, indented by so many columns."""

    text: str
    indent: int = 0
    style: Style = "plain"

    def wrapped(self, width: int) -> list[str]:
        """The lines of `width` columns on which it stands; those after the first are indented by two more."""
        first, rest = " " * self.indent, " " * (self.indent + 2)
        return textwrap.wrap(
            self.text, width, initial_indent=first, subsequent_indent=rest, break_on_hyphens=False
        )


def message_lines(message: str, indent: int = 0) -> list[Line]:
    """The lines of a message, which keep their own indentation."""
    lines = message.splitlines()
    return [Line(line.strip(), indent + len(line) - len(line.lstrip())) for line in lines]


def failure_lines(test: TestResult, label: str, indent: int = 0) -> list[Line]:
    """A test that failed: what it checks, and below it its message."""
    return [Line(f"{test.task}: {label}", indent, "wrong"), *message_lines(test.message, indent + 2)]


def more_to_fix(number: int, indent: int = 0) -> list[Line]:
    """That so many tests wait to be fixed; [] for none."""
    return [Line(f"and {number} more to fix after it", indent)] if number else []


def earned(tests: Iterable[TestResult]) -> float:
    """The points earned."""
    return sum(test.points for test in tests)


def worth(tests: Iterable[TestResult]) -> float:
    """The points that could be earned."""
    return sum(test.max_points for test in tests)


def is_unwritten(tests: Sequence[TestResult]) -> bool:
    """Whether there are tests, and none of them found anything written."""
    return bool(tests) and all(test.outcome == "not written" for test in tests)


def of_points(tests: Sequence[TestResult]) -> str:
    """The points earned, of those that could be: `5 of 10`."""
    return f"{earned(tests):g} of {worth(tests):g}"


def aligned(stage: Stage) -> str:
    """A stage's number and title, as wide as that of every other."""
    return f"{stage.number:>{_NUMBER_WIDTH}} {stage.title:<{_TITLE_WIDTH}}"


def same_data(again: str) -> str:
    """How to see the same: `again` is a call or a command."""
    return f"The data were drawn: {again} draws the same."


def verbatim(text: str) -> str:
    """A text that Markdown shows as it is: messages quote what learners wrote, which is not to become HTML."""
    return "\n".join(f"    {line}" for line in text.splitlines())


WIDTH = 88


def report(tests: Sequence[TestResult], labels: Mapping[str, str], again: str = "") -> str:
    """The report on the tests of one task, at least one; a message that several tests share is shown once.

    labels: what each test checks, by its name; again: what draws the same data, said where something is wrong.
    """
    if is_unwritten(tests):
        return f"{tests[0].message}: 0 of {worth(tests):g} points"
    lines, shown = [Line(f"{tests[0].task}: {of_points(tests)} points")], set()
    for test in tests:
        sign, style = Signs().of_test(test)
        points = f"{test.max_points:g}" if style == "right" else f"0 of {test.max_points:g}"
        lines.append(Line(f"{sign} {labels[test.test]} ({points})", indent=2))
        if style == "wrong" and test.message not in shown:
            shown.add(test.message)
            lines += message_lines(test.message, indent=8)
    last = [same_data(again)] if again and shown else []
    return "\n".join([*(part for line in lines for part in line.wrapped(WIDTH)), *last])


def call_again(stage: str, task: str, seed: int) -> str:
    """The check that draws the same data."""
    return f'check_task("{stage}", "{task}", seed={seed})'
