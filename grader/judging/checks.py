"""What a check cell says of one task: its points, each test, and the message of each that fails."""

import textwrap
from collections.abc import Mapping, Sequence

from grader.judging.results import TestResult

WIDTH = 88


def report(tests: Sequence[TestResult], labels: Mapping[str, str], again: str = "") -> str:
    """The report on the tests of one task, at least one; a message that several tests share is shown once.

    labels: what each test checks, by its name; again: what draws the same data, said where something is wrong.
    """
    task, earned, worth = tests[0].task, points(tests), sum(test.max_points for test in tests)
    if all(test.outcome == "not written" for test in tests):
        return f"{tests[0].message}: 0 of {worth:g} points"
    lines = [f"{task}: {earned:g} of {worth:g} points"]
    shown = set()
    for test in tests:
        passed = test.outcome == "passed"
        of = f"{test.max_points:g}" if passed else f"0 of {test.max_points:g}"
        lines += _wrapped(f"{'✓' if passed else '✗'} {labels[test.test]} ({of})", indent=2)
        if not passed and test.message not in shown:
            shown.add(test.message)
            for text in test.message.splitlines():
                lines += _wrapped(text, indent=8 + len(text) - len(text.lstrip()))
    if again and shown:
        lines.append(drawn(again))
    return "\n".join(lines)


def drawn(again: str) -> str:
    """How to see the same: `again` is a call or a command."""
    return f"The data were drawn: {again} draws the same."


def call_again(stage: str, task: str, seed: int) -> str:
    """The check that draws the same data."""
    return f'check_task("{stage}", "{task}", seed={seed})'


def points(tests: Sequence[TestResult]) -> float:
    """The points earned."""
    return sum(test.points for test in tests)


def _wrapped(text: str, indent: int) -> list[str]:
    first, rest = " " * indent, " " * (indent + 2)
    return textwrap.wrap(text.strip(), WIDTH, initial_indent=first, subsequent_indent=rest, break_on_hyphens=False)
