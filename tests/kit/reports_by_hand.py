"""Class reports of results and submissions that are made by hand."""

import base64
import json
import re
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from results_by_hand import result

from grader.intake.matching import Matching
from grader.intake.submissions import Submission
from grader.judging.results import Result
from grader.reporting.report.gathering import Marked
from grader.reporting.report.page import report
from grader.reporting.similarity import Pair

DOUBLE = ("stage1_double", "double")
RIGHT = "def double(x):\n    return x + x\n"


def marked(
    results: Iterable[Result],
    submissions: Mapping[str, Submission] | None = None,
    matching: Matching | None = None,
    folder: str = "results",
) -> Marked:
    """A marked cohort of these results; where no submissions are given, each handed in the same."""
    made = {one.submission: one for one in results}
    read = submissions or {name: Submission(name, {DOUBLE[0]: RIGHT}) for name in made}
    return Marked([*made], made.__getitem__, read.get, matching or Matching(), "a seed", Path(folder))


def page_of(cohort: Marked, anonymous: bool = False, pairs: Iterable[Pair] = ()) -> str:
    """The report, with these near-identical pairs."""
    return report(cohort, lambda code: [*pairs], anonymous)


def unpacked(html: str) -> list[Any]:
    """What is packed in a report, group by group."""
    found = re.findall(r'<script type="text/plain" id="g-\d+">([^<]*)</script>', html)
    return [json.loads(zlib.decompress(base64.b64decode(packed))) for packed in found]


def told(html: str) -> str:
    """All that a report holds, packed or not."""
    return html + json.dumps(unpacked(html), ensure_ascii=False)


def wrong(name: str, alike: str, message: str = "wrong", mistake: str = "") -> Result:
    """A result in which the tests of one task fail, with what they gave, or the mistake that they are told by."""
    made = result(name, {DOUBLE: message})
    first, *others = made.stages
    tests = [
        replace(test, alike=alike, mistake=mistake) if test.outcome == "failed" else test for test in first.tests
    ]
    return replace(made, stages=[replace(first, tests=tests), *others])
