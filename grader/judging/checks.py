"""What a check cell says of one task: its points, each test, and the message of each that fails."""

from collections.abc import Mapping, Sequence

from grader.judging.rendering import Line, Signs, is_unwritten, message_lines, of_points, same_data, worth
from grader.judging.results import TestResult

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
