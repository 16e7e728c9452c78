"""The class report: what it counts, whom it groups, what it leaves out, and the command that writes it."""

import re
import shlex
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from command_line import chainrule
from handed_in import put
from isolation import ISOLATION
from reports_by_hand import DOUBLE, RIGHT, marked, page_of, told, wrong
from results_by_hand import rejected, result
from rich.console import Console

from grader.commands import report as command
from grader.inside.refusals import ALONE
from grader.intake.learning_platforms import Submitter
from grader.intake.matching import Matching
from grader.intake.roster import Student
from grader.intake.submissions import Submission
from grader.judging import results as marking
from grader.judging.results import Result
from grader.marking.record import Cohort, Record
from grader.outside.private_files import OutOfPlaceError
from grader.outside.verdicts import Outcome
from grader.reporting.report.findings import Findings
from grader.reporting.report.highlight import LONGEST, MOST, TOO_ODD, blanked, highlighted, lengths, without_words
from grader.reporting.report.labels import label
from grader.reporting.report.page import TEMPLATES
from grader.reporting.report.statistics import Item, Statistics, distribution
from grader.reporting.similarity import Pair, Shared

PASSES = {"easy": (1, 1, 1, 1, 1, 0), "fair": (1, 1, 1, 0, 0, 0), "odd": (0, 0, 0, 1, 1, 1), "all": (1,) * 6}
"""Who of six passed each of four tests."""
POINTS = {"easy": 1.0, "fair": 4.0, "odd": 2.0, "all": 3.0}


def scored(number: int) -> Result:
    """The result of one of the six."""
    passed = {name for name, passes in PASSES.items() if passes[number]}
    tests = [
        marking.TestResult("double", name, worth * (name in passed), worth, _outcome(name in passed), "")
        for name, worth in POINTS.items()
    ]
    score, worth = sum(test.points for test in tests), sum(POINTS.values())
    stage = marking.StageResult("stage1_double", score, worth, "", tests, seed=1)
    return replace(result(f"learner-{number}"), score=score, max_score=worth, stages=[stage])


def _outcome(passed: bool) -> Outcome:
    return "passed" if passed else "failed"


def test_items() -> None:
    """Facility is the share that passes; discrimination the correlation with the score in all else."""
    statistics = Statistics()
    for number in range(6):
        statistics.add(scored(number))
    statistics.add(rejected("nobody", "no file"))
    items = {item.test: item for item in statistics.items()}
    facilities = {name: item.facility for name, item in items.items()}
    assert facilities == {"easy": 5 / 6, "fair": 0.5, "odd": 0.5, "all": 1.0}
    for name in ("easy", "fair", "odd"):
        others = [other for other in POINTS if other != name]
        rest = [sum(POINTS[other] * PASSES[other][n] for other in others) for n in range(6)]
        assert items[name].discrimination == pytest.approx(np.corrcoef(PASSES[name], rest)[0, 1])
    # by hand: without `fair` the points are 4 4 4 6 6 5, of which the squares about the mean sum to 29/6
    assert items["fair"].discrimination == pytest.approx(-2.5 / np.sqrt(1.5 * 29 / 6))
    assert items["all"].discrimination is None
    assert items["fair"].looks == [
        "who passes it scores lower elsewhere than who fails it: look at the test first"
    ]
    assert items["all"].looks == []


def test_looks() -> None:
    """A test deserves a look where few pass it, and where passing says little; of few that may be chance."""
    item = Item("stage1_double", "double", "test", 400, 0.5, 0, 0.5, 0.1)
    assert item.looks == []
    assert replace(item, facility=0.0, discrimination=None).looks[0].startswith("nobody passes")
    assert replace(item, facility=0.2).looks[0].startswith("only 20% pass")
    assert replace(item, facility=0.96).looks == ["96% pass: easy, which may be meant"]
    assert replace(item, discrimination=0.15).looks == ["passing it says little on the rest"]
    assert "may be chance" in replace(item, discrimination=-0.05).looks[0]


def test_distribution() -> None:
    """Every score is in one bar, all points in the last one, and what floats make of 0.3 · 10 in its own."""
    found = distribution([0.0, 0.3, 0.95, 1.0, 1.0], 1.0, 10)
    assert found is not None
    assert found.counts == (1, 0, 0, 1, 0, 0, 0, 0, 0, 3)
    assert (found.full, found.none, found.mean) == (2, 1, pytest.approx(0.65))
    assert found.quartiles == pytest.approx((0.3, 0.95, 1.0))
    assert distribution([], 1.0, 10) is None
    assert distribution([0.0], 0.0, 10) is None


def test_groups() -> None:
    """Equal wrong answers without a name are one group if the same tests fail; what has a name needs none."""
    findings = Findings()
    for name in ("ann", "ben", "cleo"):
        findings.add(wrong(name, "one"), {DOUBLE: f"{name} wrote this"})
    other = wrong("dora", "one")
    fewer = [replace(test, outcome="passed") if n else test for n, test in enumerate(other.stages[0].tests)]
    findings.add(replace(other, stages=[replace(other.stages[0], tests=fewer)]), {})
    for name in ("eve", "fay"):
        findings.add(wrong(name, "", "It was squared.\nmore", "squared"), {DOUBLE: "return x * x"})
    [group] = findings.unnamed()
    assert (group.task, group.names, group.example) == ("double", ["ann", "ben", "cleo"], "ann")
    assert findings.left_out() == (0, 1)
    [named] = findings.named()
    assert (named.mistake, named.names, named.code) == ("squared", ["eve", "fay"], "return x * x")


@pytest.mark.parametrize("name", ["ann", "ann o'hara; rm -rf ~", '-"$(id)"', "`id`"])
def test_command_for_a_group(name: str) -> None:
    """What adds a mistake by example is one command for a shell, whatever the submission is called."""
    html = page_of(marked([wrong(name, "one"), wrong("zoe", "one")], folder="my results"))
    [text] = re.findall(r'<p class="command"><code>(.*?)</code>', html)
    for mark, character in {"&#34;": '"', "&#39;": "'", "&lt;": "<", "&gt;": ">", "&amp;": "&"}.items():
        text = text.replace(mark, character)
    words = shlex.split(text)
    assert words[:5] == ["chainrule", "mistakes", "add", "1.double", "SENTENCE"]
    assert words[-4:] == ["--results", "my results", "--mistakes", "mistakes"]
    assert words[5:-4] in (["--of", name], [f"--of={name}"])


def test_example_is_anonymous() -> None:
    """The example of a mistake names nobody, in a report with names."""
    source = '# by Ann Archer\ndef double(x):\n    """Ann\'s."""\n    ann_archer = x  # ann\n    return x * x\n'
    submission = Submission("ann", {DOUBLE[0]: source}, submitters=(Submitter("a1", "Ann Archer"),))
    told_message = "It was squared, Ann Archer."
    html = page_of(marked([wrong("ann", "", told_message, "squared")], {"ann": submission}))
    section = html.partition('id="named"')[2].partition("</section>")[0]
    example = section.partition("<article")[2].partition("<details><summary>Who")[0]
    assert "squared, ▒▒▒." in example and "return" in example
    assert "Ann" not in example and "by" not in example


NAMES = ("Ann Archer", "a4711", "ann@example.org", "archerann_4711")


def test_anonymous() -> None:
    """An anonymous report holds no name, id, email or submission's name, in whatever is packed in it."""
    submission = Submission(
        NAMES[3],
        {DOUBLE[0]: f"# {NAMES[0]}\ndef double(x):\n    print('{NAMES[2]}')\n    return x  # {NAMES[1]}\n"},
        submitters=(Submitter("a4711", "Ann Archer", "ann@example.org"),),
        notes=(f"{NAMES[3]} came late",),
    )
    one = wrong(NAMES[3], "one", f"expected 2, {NAMES[0].upper()} got {NAMES[1]}")
    one = replace(
        one, notes=[f"of {NAMES[2]}"], stages=[replace(one.stages[0], output=f"I am {NAMES[0]}, Archer")]
    )
    others = [wrong(f"team-{n}", "one") for n in range(30)]
    student = Student("a4711", "Ann Archer", ("a4711", "ann@example.org"))
    matching = Matching({NAMES[3]: (student,)}, (student,), {NAMES[3]: f"is {NAMES[0]}"}, {"a4711": (NAMES[3],)})
    read = {other.submission: Submission(other.submission) for other in others} | {NAMES[3]: submission}
    shared = Shared(*DOUBLE, 1.0, f"# {NAMES[0]}\nx", "# team-3\nx", frozenset({1}), frozenset({1}))
    pair = Pair(NAMES[3], "team-3", 1.0, 9.0, (shared,))
    cohort = marked([one, *others], read, matching)
    everything = told(page_of(cohort, pairs=[pair]))
    assert all(name in everything for name in (*NAMES, "team-3"))
    hidden = told(page_of(cohort, anonymous=True, pairs=[pair]))
    assert not [name for name in (*NAMES, "Archer", "team-") if name.casefold() in hidden.casefold()]
    assert "Submission 31" in hidden and "mistakes add" not in hidden
    assert hidden == told(page_of(cohort, anonymous=True, pairs=[pair]))


def test_who_copies_from_themselves() -> None:
    """Two submissions of one student are no pair; one of an earlier year is of whoever it is."""
    names = ("first", "second", "earlier/first")
    matching = Matching(dict.fromkeys(names[:2], (Student("a4711", "Ann Archer"),)))
    pairs = [Pair(names[0], other, 1.0, 9.0, ()) for other in names[1:]]
    cohort = marked([result(name) for name in names[:2]], matching=matching)
    assert "No two submissions stand out" in page_of(cohort, pairs=pairs[:1])
    assert "earlier/first" in page_of(cohort, pairs=pairs)


@pytest.mark.parametrize("anonymous", [False, True])
def test_small_classes(anonymous: bool) -> None:
    """A report is written of one submission, of rejected ones alone, where one has none, and of old results."""
    one = page_of(marked([result("ann")]), anonymous)
    assert "With 1 graded submission these figures are rough" in one
    none = page_of(marked([rejected("ann", "no file")], {"ann": Submission("ann", error="no file")}), anonymous)
    assert "No submission was graded." in none and "no file" in none
    failed = Matching({}, (), {"fay": "nobody fits"}, {"f6": ("ann", "fay")})
    assert anonymous or ">fay<" in page_of(marked([result("ann")], matching=failed), anonymous)
    unkept = told(page_of(marked([result("ann")], {"ben": Submission("ben")}), anonymous))
    assert "Marking it again keeps it" in unkept


def test_alarms() -> None:
    """Who was rejected, took too long, crashed, or reached for a file is listed, with where and what was said."""
    refused = f"double (stage1_double.py, line 2): uses a file: {ALONE}"
    html = page_of(
        marked(
            [
                rejected("ann", "no file in it"),
                result("ben", {DOUBLE: "took more than 2 s"}, "timeout"),
                result("cleo", {DOUBLE: "ended its process"}, "crashed"),
                result("dora", {DOUBLE: refused}, "error"),
                result("eve", {DOUBLE: "raised ValueError"}, "error"),
            ]
        )
    )
    section = html.partition('id="look"')[2].partition("</section>")[0]
    line = r"<bdi>(\w+)</bdi></a>(?: <span class=\"tasks\">(.*?)</span>)?: <span[^>]*>(.*?)</span>"
    told_of = re.findall(line, section)
    assert told_of == [
        ("ann", "", "no file in it"),
        ("ben", "1.double", "took more than 2 s"),
        ("cleo", "1.double", "ended its process"),
        ("dora", "1.double", refused),
    ]


CODE = '"""Page."""\n# said\ndef f(x):\n    """Doc."""\n    return f"{x!r}" + \'é😀\'  # why\n\n\nf(1)\n'


def test_code() -> None:
    """Code is parted without a change; without words it has neither comments, docstrings nor empty lines."""
    parts = highlighted(CODE)
    assert "".join(text for _, text in parts) == CODE
    assert {"c", "d", "k", "s", "f"} <= {kind for kind, _ in parts}
    counted = lengths(parts)
    assert sum(counted[::2]) == len(CODE.encode("utf-16-le")) // 2
    bare = "".join(text for _, text in without_words(CODE))
    assert [line.rstrip() for line in bare.splitlines()] == [
        "def f(x):",
        "    return f\"{x!r}\" + 'é😀'",
        "f(1)",
    ]
    assert blanked(CODE).count("\n") == CODE.count("\n")
    assert "said" not in blanked(CODE) and "Doc" not in blanked(CODE)


def test_code_whose_comments_cannot_be_told() -> None:
    """Code that is too long to be taken apart is not shown where its comments must not be."""
    odd = f"{CODE}{'x' * (LONGEST + 1)}"
    assert highlighted(odd) == [("", odd)]
    assert without_words(odd) == [("c", TOO_ODD)] and blanked(odd) == TOO_ODD


@pytest.mark.parametrize(
    "text",
    [
        " \n" * MOST,
        "x" * (LONGEST + 1),
        "(" * MOST,
        '"""' + "\\N{\n" * 5000,
        "match\n" * 5000,
        "\ud800",
        "\0\x1b[31m",
    ],
    ids=["blanks", "line", "open", "escapes", "match", "surrogate", "control"],
)
def test_any_text_can_be_coloured(text: str) -> None:
    """No text of a learner's keeps the lexer for long, or is changed by it but at the ends of lines."""
    assert "".join(part for _, part in highlighted(text)).split() == text.split()


def test_labels() -> None:
    """A test is told by its docstring, with its arguments where it has any, and else by its name."""
    from grader.course.catalogue import STAGES

    assert label(STAGES[0], "TestDouble::test_dtype") == "double keeps the float dtype of its argument."
    assert label(STAGES[0], "TestDouble::test_dtype[2-3]").endswith("of its argument. [2-3]")
    assert label(STAGES[0], "TestGone::test_gone") == "TestGone::test_gone"


@pytest.mark.parametrize("scheme", [0, 1], ids=["light", "dark"])
def test_contrast(scheme: int) -> None:
    """Every colour of text has a contrast of at least 4.5 to what it stands on."""
    blocks = re.findall(r":root \{(.*?)\}", (TEMPLATES / "report.css").read_text(encoding="utf-8"), re.DOTALL)
    colours = dict(re.findall(r"--(\w+): (#\w{6})", blocks[scheme]))
    grounds = {"paper": {*colours} - {"paper", "line", "panel", "bar", "mark", "badge"}}
    grounds |= {"panel": {"ink", "k", "s", "c", "m", "f", "b"}, "mark": {"ink"}, "badge": {"ink"}}
    low = {
        (ground, name)
        for ground, names in grounds.items()
        for name in names
        if _contrast(colours[ground], colours[name]) < 4.5
    }
    assert not low


def _contrast(one: str, other: str) -> float:
    """The contrast of two colours, as WCAG 2 defines it."""
    low, high = sorted(map(_luminance, (one, other)))
    return (high + 0.05) / (low + 0.05)


def _luminance(colour: str) -> float:
    parts = [int(colour[n : n + 2], 16) / 255 for n in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.fixture
def results(tmp_path: Path) -> Path:
    """A folder of results, of three who made the same of stage 1."""
    folder = tmp_path / "results"
    record = Record(folder)
    for name in ("ann", "ben", "cleo"):
        source = f"def double(x):\n    return x  # {name}\n"
        record.append(wrong(name, "one"), Submission(name, {DOUBLE[0]: source}))
    record.keep_cohort(Cohort(("ann", "ben", "cleo")))
    record.close()
    return folder


def test_command(results: Path, tmp_path: Path) -> None:
    """The command writes the report where it is told to, with names or without."""
    assert chainrule("report", results) == f"Report: {results / 'report.html'}\n"
    assert "cleo" in (results / "report.html").read_text(encoding="utf-8")
    chainrule("report", results, "--anonymous", "--out", tmp_path / "slides.html")
    assert "cleo" not in told((tmp_path / "slides.html").read_text(encoding="utf-8"))


def test_reference(results: Path, tmp_path: Path) -> None:
    """Submissions of earlier years are read, and named by their folder and their own name."""
    put(tmp_path / "last-year" / "paul", {"stage1_double.py": RIGHT.encode()})
    earlier = command._earlier((tmp_path / "last-year",), ISOLATION)
    assert {name: [*code] for name, code in earlier.items()} == {"last-year/paul": [DOUBLE]}
    with command.opened_record(results) as record:
        command.write_report(record, results, results / "report.html", earlier=earlier)


def test_command_where_there_is_nothing(results: Path, tmp_path: Path) -> None:
    """Where there are no results, or no place for the report, a sentence says so."""
    (tmp_path / "empty").mkdir()
    assert "holds no results" in chainrule("report", tmp_path / "empty", code=1)
    assert "does not exist" in chainrule("report", tmp_path / "gone", code=2)
    assert "cannot be written" in chainrule("report", results, "--out", tmp_path / "no" / "x.html", code=1)


def test_failure_costs_nothing(results: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A failure of the report is told at the end of a marking, and ends nothing."""
    monkeypatch.setattr(command, "write_report", lambda *_: {}["gone"])
    record, console = Record(results), Console(record=True, width=200)
    command.made_by_grade(console, record, results)
    record.close()
    assert "The kit failed on the report; all results are kept. KeyError: 'gone'" in console.export_text()
    with pytest.raises(OutOfPlaceError), command.opened_record(results / "none"):
        pass
