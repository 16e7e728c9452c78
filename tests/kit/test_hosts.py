"""What hosts are told of a submission that was marked there is what they take, and shows texts as they are."""

import json
from dataclasses import replace
from typing import Any

import pytest
from host_rules import CLASSROOM50, GRADESCOPE, PRAIRIELEARN, Schema, check
from markdown_it import MarkdownIt
from results_by_hand import rejected, result

from grader.course.catalogue import STAGES
from grader.course.points import total_points
from grader.judging.results import Result
from grader.judging.suites import Suites
from grader.reporting.hosts import classroom50, gradescope, prairielearn
from grader.reporting.hosts.marked import Marked

FIRST = STAGES[0]
TASK = (FIRST.name, FIRST.tasks[0])
HOSTILE = '</pre><script>alert(1)</script> <b>&amp; ```\n````\n~~~\n# 100 of 100\n\n[x](javascript:1) | @all "\\'
RUNNER = {
    "CLASSROOM": "numbers",
    "ASSIGNMENT": "doubling",
    "SUBMISSION_TAG": "submit/2026-09-01T10-00-00Z-abcdef0",
    "COMMIT_URL": "https://example.org/numbers-doubling-ann/commit/abcdef0",
    "RELEASE_URL": "https://example.org/numbers-doubling-ann/releases/tag/submit",
    "OWNER": "ann",
}


def marked(result: Result, lacks: str = "") -> Marked:
    """The result, as a host's run gave it."""
    return Marked(replace(result, isolation="process" if lacks else "kernel"), lacks, 3.25)


def with_output(one: Result, output: str) -> Result:
    """The result of a learner whose code printed this in each stage."""
    return replace(one, stages=[replace(stage, output=output) for stage in one.stages])


RIGHT = marked(result("ann"))
WRONG = marked(with_output(result("ben", {TASK: HOSTILE}), HOSTILE), lacks="Landlock is missing")
UNREAD = marked(rejected("cleo", "it is empty"))
LONG = marked(
    with_output(result("dan", {(s.name, t): "é" * 4000 for s in STAGES for t in s.tasks}), "\n" * 10_000)
)
ALL = pytest.mark.parametrize("one", [RIGHT, WRONG, UNREAD, LONG], ids=["right", "wrong", "unread", "long"])


def documents(one: Marked) -> list[tuple[dict[str, Any], Schema]]:
    """What each host is told, and what it takes."""
    told = gradescope.results(one), prairielearn.results(one), classroom50.result(one, RUNNER)
    return [*zip(map(json.loads, told), (GRADESCOPE, PRAIRIELEARN, CLASSROOM50), strict=True)]


@ALL
def test_each_host_takes_it(one: Marked) -> None:
    """No key and no value is outside of the host's description."""
    for document, schema in documents(one):
        check(document, schema)


@ALL
def test_points(one: Marked) -> None:
    """The score is that of the result, and what the tests earned together."""
    (on_gradescope, _), (on_prairielearn, _), (on_classroom50, _) = documents(one)
    tests = on_gradescope["tests"]
    assert on_gradescope["score"] == one.result.score == sum(test["score"] for test in tests)
    assert on_prairielearn["score"] == pytest.approx(one.result.score / total_points())
    assert on_classroom50["max-score"] == total_points() * classroom50.scale()
    assert on_classroom50["score"] == one.result.score * classroom50.scale()
    for found in on_classroom50["tests"]:
        assert found["score"] <= found["max-score"]


def test_numbers_and_names() -> None:
    """A test is told by its stage, its task and what it checks."""
    (first, *_, last), *_ = (document["tests"] for document, _ in documents(RIGHT))
    assert first["number"] == "1.1" and last["number"].startswith(f"{len(STAGES)}.")
    assert first["name"].startswith(f"1.{FIRST.tasks[0]}: double(x) is")
    assert {first["status"], last["status"]} == {"passed"}


def test_texts_stay_texts() -> None:
    """Gradescope shows a message as text; what PrairieLearn shows has no escape sequences."""
    (on_gradescope, _), (on_prairielearn, _), _ = documents(WRONG)
    (shown, *_) = [test for test in on_gradescope["tests"] if test["status"] == "failed"]
    assert (shown["output"], shown["output_format"], shown["name_format"]) == (HOSTILE, "text", "text")
    assert on_gradescope["output_format"] == "text" and on_gradescope["stdout_visibility"] == "hidden"
    assert "\x1b" not in json.dumps(on_prairielearn)


@ALL
def test_a_release_is_headings_and_literal_text(one: Marked) -> None:
    """Of the Markdown of a release nothing is a learner's but what stands in its blocks."""
    blocks = MarkdownIt().parse(classroom50.body(one))
    assert {block.type for block in blocks} <= {"heading_open", "inline", "heading_close", "fence"}
    headings = [block.content for block in blocks if block.type == "inline"]
    assert all(text in ("Result", "What your code printed") or text.split(".")[0].isdigit() for text in headings)
    if one is WRONG:
        assert any(HOSTILE in block.content for block in blocks if block.type == "fence")


def test_a_host_that_lacks_something_is_named() -> None:
    """The result says by what code was kept apart, and what the host lacks."""
    for text in (
        gradescope.document(WRONG, 100)["output"],
        prairielearn.document(WRONG, 100)["message"],
        classroom50.body(WRONG),
    ):
        assert "(isolation: process)" in text and "Landlock is missing" in text
    assert "(isolation: kernel)" in gradescope.document(RIGHT, 100)["output"]


def test_what_could_not_be_read() -> None:
    """It has a score of 0 and the reason. On PrairieLearn it costs no attempt, on Classroom 50 nothing passes."""
    (on_gradescope, _), (on_prairielearn, _), (on_classroom50, _) = documents(UNREAD)
    assert on_gradescope["score"] == 0 and "it is empty" in on_gradescope["output"]
    assert (on_prairielearn["gradable"], on_prairielearn["format_errors"]) == (False, ["it is empty"])
    names = [test["test-name"] for test in json.loads(classroom50.result(RIGHT, RUNNER))["tests"]]
    assert [test["test-name"] for test in on_classroom50["tests"]] == names
    assert not any(test["passed"] or test["score"] for test in on_classroom50["tests"])
    assert "it is empty" in classroom50.body(UNREAD)


def test_long_texts_are_cut_to_what_a_host_takes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of too much text the beginnings are kept, and say that they are."""
    monkeypatch.setattr(prairielearn, "LIMIT", 20_000)
    monkeypatch.setattr(classroom50, "BODY_LIMIT", 20_000)
    for text in (prairielearn.results(LONG), classroom50.body(LONG)):
        assert len(text.encode()) <= 20_000 and "(cut: it is longer" in text
    assert "(cut:" not in prairielearn.results(WRONG)


def test_halves_are_counted_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where a test is worth half a point all are scaled, so that whole numbers stand in the same proportion."""
    true = Suites.worth
    monkeypatch.setattr(Suites, "worth", lambda self, stage: {n: p / 4 for n, p in true(self, stage).items()})
    quarters = [
        replace(stage, tests=[replace(t, points=t.points / 4, max_points=t.max_points / 4) for t in stage.tests])
        for stage in WRONG.result.stages
    ]
    quartered = replace(WRONG, result=replace(WRONG.result, stages=quarters))
    assert classroom50.scale() == 4
    document = classroom50.document(quartered, RUNNER)
    check(document, CLASSROOM50)
    assert (document["score"], document["max-score"]) == (WRONG.result.score, total_points())


@pytest.mark.parametrize("missing", ["CLASSROOM", "SUBMISSION_TAG", "COMMIT_URL"])
def test_a_variable_that_classroom50_did_not_set(missing: str) -> None:
    """Without what the runner tells there is no result, and the reason names it."""
    with pytest.raises(classroom50.NotTold, match=missing):
        classroom50.document(RIGHT, {**RUNNER, missing: ""})
