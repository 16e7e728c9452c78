"""What a learner sees of a test run: for each stage a bar, the points, and the first thing to fix."""

import sys
from typing import Any

import pytest

from grader.course.catalogue import Stage
from grader.course.copies import outdated
from grader.judging import rendering
from grader.judging.rendering import Line
from grader.judging.results import TestResult, result_of
from grader.outside.versions import difference

WIDTH = 80
BAR = 20
MARKUP = {"right": {"green": True}, "wrong": {"red": True}}
"""How pytest's terminal writer colours what is right and what is wrong."""


class Terminal:
    """Takes the place of pytest's own progress and summaries; prints each stage as it is finished."""

    def __init__(self, config: pytest.Config, seed: int) -> None:
        self._config = config
        self._seed = seed
        self._results: dict[Stage, list[tuple[TestResult, str]]] = {}
        """Of each stage that was run, its tests with their labels."""
        self._shown: set[Stage] = set()
        option = config.option
        option.verbose, option.tbstyle, option.reportchars = min(option.verbose, -2), "no", ""
        option.disable_warnings = True

    def pytest_report_teststatus(self, report: pytest.TestReport) -> tuple[str, str, str] | None:
        """Print nothing for a single test."""
        return (report.outcome, "", "") if report.when == "call" or report.failed else None

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """A suite that cannot be collected is an error of the kit: let pytest show it whole."""
        if report.failed:
            self._config.option.tbstyle = "short"

    def pytest_runtest_logreport(self, report: Any) -> None:
        """Keep what the stage's block needs."""
        if getattr(report, "kit_error", None):
            self._config.option.tbstyle = "short"
        if hasattr(report, "verdict") and (report.when == "call" or report.failed):
            self._results.setdefault(report.stage, []).append((result_of(report), report.label))

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_protocol(self, item: pytest.Item, nextitem: pytest.Item | None) -> Any:
        """Print a stage once its last test is done."""
        result = yield
        if nextitem is None or nextitem.path != item.path:
            self._show_stages()
        return result

    @pytest.hookimpl(tryfirst=True)
    def pytest_terminal_summary(self) -> None:
        """Close with the points in all, and how to see more; before, the stage in which the run was stopped."""
        self._show_stages()
        tests = [test for results in self._results.values() for test, _ in results]
        if not tests:
            return
        complete = rendering.earned(tests) == rendering.worth(tests)
        self._print(f"{rendering.of_points(tests)} points", bold=True, green=complete)
        again = rendering.same_data(f"pytest --seed {self._seed}")
        self._print(again if complete else f"{again} Tracebacks: pytest --full")
        self._show([Line(told) for told in (difference(), outdated()) if told])

    def _show_stages(self) -> None:
        """Print the stages that have not been."""
        for stage, results in self._results.items():
            if stage not in self._shown:
                self._shown.add(stage)
                self._show_stage(stage, results)

    def _show_stage(self, stage: Stage, results: list[tuple[TestResult, str]]) -> None:
        tests = [test for test, _ in results]
        earned, worth = rendering.earned(tests), rendering.worth(tests)
        bar = "".join(rendering.signs_for(sys.stdout.encoding).bar(round(BAR * earned / worth), BAR))
        self._print(f"{rendering.aligned(stage)} {bar} {earned:>4g} of {worth:g}", green=earned == worth)
        unwritten = list(dict.fromkeys(test.task for test in tests if test.outcome == "not written"))
        wrong = [each for each in results if each[0].outcome != "passed" and each[0].task not in unwritten]
        if unwritten:
            named = "" if len(unwritten) == len(stage.tasks) else f": {', '.join(unwritten)}"
            self._show([Line(f"not written yet{named}", indent=4)])
        if wrong:
            self._show(rendering.failure_lines(*wrong[0], indent=4))
            self._show(rendering.more_to_fix(len(wrong) - 1, indent=4))

    def _show(self, lines: list[Line]) -> None:
        for line in lines:
            for part in line.wrapped(WIDTH):
                self._print(part, **MARKUP.get(line.style, {}))

    def _print(self, text: str, **markup: bool) -> None:
        reporter: Any = self._config.pluginmanager.get_plugin("terminalreporter")
        reporter.ensure_newline()
        reporter.write_line(rendering.encodable(text, sys.stdout.encoding), **markup)
