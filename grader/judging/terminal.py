"""What a learner sees of a test run: for each stage a bar, the points, and the first thing to fix."""

import sys
import textwrap
from typing import Any

import pytest

from grader.course.catalogue import Stage
from grader.outside.versions import difference

WIDTH = 80
BAR = 20


class Terminal:
    """Takes the place of pytest's own progress and summaries; prints each stage as it is finished."""

    def __init__(self, config: pytest.Config, seed: int) -> None:
        self._config = config
        self._seed = seed
        self._reports: dict[Stage, list[Any]] = {}
        self._written: set[Stage] = set()
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
            self._reports.setdefault(report.stage, []).append(report)

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_protocol(self, item: pytest.Item, nextitem: pytest.Item | None) -> Any:
        """Print a stage once its last test is done."""
        result = yield
        if nextitem is None or nextitem.path != item.path:
            self._write_stages()
        return result

    @pytest.hookimpl(tryfirst=True)
    def pytest_terminal_summary(self) -> None:
        """Close with the points in all, and how to see more; before, the stage in which the run was stopped."""
        self._write_stages()
        everything = [report for reports in self._reports.values() for report in reports]
        if not everything:
            return
        earned, worth = _points(everything)
        done = earned == worth
        self._line(f"{earned:g} of {worth:g} points", bold=True, green=done)
        again = f"The data were drawn: pytest --seed {self._seed} draws the same."
        self._line(again if done else f"{again} Tracebacks: pytest --full")
        self._wrapped(difference(), indent=0)

    def _write_stages(self) -> None:
        """Print the stages that have not been."""
        for stage, reports in self._reports.items():
            if stage not in self._written:
                self._written.add(stage)
                self._write_stage(stage, reports)

    def _write_stage(self, stage: Stage, reports: list[Any]) -> None:
        earned, worth = _points(reports)
        full = round(BAR * earned / worth)
        line = f"{stage.number} {stage.title:<26} "
        bar = self._drawable("█" * full + "░" * (BAR - full), "#" * full + "-" * (BAR - full))
        self._line(f"{line}{bar} {earned:>4g} of {worth:g}", green=earned == worth)
        unwritten = {r.task: None for r in reports if r.verdict and r.verdict.outcome == "not written"}
        wrong = [r for r in reports if r.failed and r.task not in unwritten]
        if unwritten:
            named = "" if len(unwritten) == len(stage.tasks) else ": " + ", ".join(unwritten)
            self._wrapped(f"not written yet{named}")
        if wrong:
            first = wrong[0]
            self._wrapped(f"{first.task}: {first.label}", red=True)
            message = str(first.verdict) if first.verdict else "an error of the kit itself, shown below"
            for text in message.splitlines():
                self._wrapped(text, indent=6 + len(text) - len(text.lstrip()))
            if len(wrong) > 1:
                self._wrapped(f"and {len(wrong) - 1} more to fix after it")

    def _wrapped(self, text: str, indent: int = 4, **markup: bool) -> None:
        wrapped = textwrap.wrap(text.strip(), WIDTH - indent, break_on_hyphens=False)
        for number, line in enumerate(wrapped):
            self._line(" " * (indent + 2 * (number > 0)) + line, **markup)

    def _line(self, text: str = "", **markup: bool) -> None:
        reporter: Any = self._config.pluginmanager.get_plugin("terminalreporter")
        reporter.ensure_newline()
        reporter.write_line(self._drawable(text, text.encode("ascii", "replace").decode()), **markup)

    def _drawable(self, text: str, otherwise: str) -> str:
        """The text, or its substitute on a terminal whose encoding lacks the characters."""
        try:
            text.encode(sys.stdout.encoding or "utf-8")
        except UnicodeEncodeError:
            return otherwise
        return text


def _points(reports: list[Any]) -> tuple[float, float]:
    """Points earned and points that could be."""
    return sum(r.points for r in reports if r.passed), sum(r.points for r in reports)
