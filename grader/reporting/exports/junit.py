"""JUnit XML: a suite for each submission and stage, for Jenkins, GitLab and whatever else shows tests.

There is no one standard; written is what the schemas of Ant (JUnit.xsd) and of Jenkins's plug-in (junit-4.xsd)
have in common. A test that ended by an exception, a crash or a time limit is an `error`, any other that earned
nothing a `failure`. Points stand in a suite's properties: a test has none.
"""

import re
from collections.abc import Iterator
from xml.etree import ElementTree as ET

from grader.course.location import TITLE
from grader.judging.results import Result, StageResult, TestResult
from grader.reporting.exports.marked import Marking, number

ERRORS = ("error", "timeout", "crashed")
"""Outcomes that are no wrong answer."""
_FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""Characters that XML 1.0 cannot hold, not even escaped."""


def write(marking: Marking) -> Iterator[bytes]:
    """The report, in pieces."""
    root = ET.Element("testsuites", name=TITLE)
    begin = ET.tostring(root, encoding="unicode").removesuffix(" />")
    yield f'<?xml version="1.0" encoding="UTF-8"?>\n{begin}>\n'.encode()
    for one in marking.marked:
        for suite in _suites(one.result):
            yield ET.tostring(suite, encoding="unicode").encode() + b"\n"
    yield b"</testsuites>\n"


def _suites(result: Result) -> Iterator[ET.Element]:
    if result.error is not None:
        suite = _suite(result.submission, 1, 0, 1)
        case = ET.SubElement(suite, "testcase", classname=_text(result.submission), name="can be read")
        _put(case, "error", result.error, "rejected")
        yield suite
    for stage in result.stages:
        yield _stage(result, stage)


def _stage(result: Result, stage: StageResult) -> ET.Element:
    name = f"{result.submission}.{stage.stage}"
    outcomes = [test.outcome for test in stage.tests]
    errors = sum(outcome in ERRORS for outcome in outcomes)
    failures = len(outcomes) - errors - outcomes.count("passed")
    suite = _suite(name, len(outcomes), failures, errors)
    properties = ET.SubElement(suite, "properties")
    points = {"points": number(stage.score), "max_points": number(stage.max_score), "seed": str(stage.seed)}
    for what, value in points.items():
        ET.SubElement(properties, "property", name=what, value=value)
    for test in stage.tests:
        case = ET.SubElement(suite, "testcase", classname=_text(f"{name}.{test.task}"), name=_text(test.test))
        if test.outcome != "passed":
            _put(case, "error" if test.outcome in ERRORS else "failure", test.message, _kind(test))
    if stage.output:
        ET.SubElement(suite, "system-out").text = _text(stage.output)
    return suite


def _suite(name: str, tests: int, failures: int, errors: int) -> ET.Element:
    counts = {"tests": str(tests), "failures": str(failures), "errors": str(errors), "skipped": "0"}
    return ET.Element("testsuite", {"name": _text(name)} | counts)


def _kind(test: TestResult) -> str:
    """What kind of failure it is: the known mistake, else how the test ended."""
    return test.mistake or test.outcome


def _put(case: ET.Element, tag: str, message: str, kind: str) -> None:
    first = message.partition("\n")[0]
    ET.SubElement(case, tag, message=_text(first), type=_text(kind)).text = _text(message)


def _text(text: str) -> str:
    """A text that XML can hold; what it cannot is written as Python writes it."""
    return _FORBIDDEN.sub(lambda found: found[0].encode("unicode_escape").decode(), text)
