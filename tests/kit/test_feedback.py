"""Feedback pages: what they tell, that no learner's text is markup, and that they find their way back."""

import contextlib
import io
import re
import zipfile
from collections.abc import Iterable
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import browsing
import nbformat
import pytest
from command_line import chainrule
from handed_in import ONE, put
from hypothesis import given, settings
from hypothesis import strategies as st
from isolation import ISOLATION
from markdown_it import MarkdownIt
from results_by_hand import rejected, result
from selenium.webdriver.common.by import By

from grader.course.catalogue import STAGES
from grader.intake.learning_platforms import Submitter, of_canvas
from grader.intake.matching import Matching
from grader.intake.readers import Readers
from grader.intake.roster import Student
from grader.intake.submissions import Submission
from grader.judging.results import Result
from grader.marking.record import Cohort, Record
from grader.outside.plain_text import LAYOUT, plain_text
from grader.reporting.feedback.handing_back import Unfit, folders, for_canvas, for_moodle, safe_name
from grader.reporting.feedback.pages import html, markdown, page

FIRST, SECOND = STAGES[:2]
DOUBLE = (FIRST.name, "double")
HOSTILE = (
    "</pre></style></script><script>document.title='taken'</script><img src=x onerror=\"document.title='taken'\">",
    "```\n# head\n\n- a\n\n<b>b</b> [a](javascript:alert(1)) ![b](http://127.0.0.1:9/c)\n~~~\n   \n\n| a |\n|-|",
    "{{ 7 * 7 }} {% raw %} &lt;b&gt; &#x3c; \u202e\u2028\u0085\x0b\x1b[31m\r\n\ttab",
)


def hostile(text: str) -> Result:
    """A result in which everything that a learner can have a hand in is this text."""
    made = result("name", {DOUBLE: plain_text(text, keep=LAYOUT)})
    stages = [replace(stage, output=plain_text(text, keep=LAYOUT)) for stage in made.stages]
    return replace(made, submission=plain_text(text), stages=stages)


def test_a_page_tells_what_a_run_at_home_tells() -> None:
    """Points by stage and task, each test with its label, a message once, the same data, and where to go on."""
    made = replace(result("ann", {DOUBLE: "It was squared.\n  expected: 2\n  got:      4"}), form="modules")
    for text in (seen(html(page(made))), markdown(page(made))):
        assert f"{made.score:g} of {made.max_score:g} points" in text
        assert text.count("It was squared.") == 1 and "got:      4" in text
        assert text.count("The data were drawn: pytest --seed 1 draws the same.") == 1
        assert "chainrule hint 1.double" in text
    of_notebook = markdown(page(replace(made, form="notebooks")))
    assert 'check_task("stage1_double", "double", seed=1) draws the same' in of_notebook


def test_what_is_right_has_no_remarks() -> None:
    """A page on which all is right says neither how to see the same nor where to go on."""
    for text in (seen(html(page(result("ann")))), markdown(page(result("ann")))):
        assert "The data were drawn" not in text and "hint" not in text and "Printed" not in text


def test_what_is_not_written_is_said_once() -> None:
    """Where a whole stage is missing there is one sentence for all of its tests."""
    missing = {(SECOND.name, task): "stage2_slope.py is missing" for task in SECOND.tasks}
    made = page(result("ann", missing, "not written"))
    for text in (seen(html(made)), markdown(made)):
        assert text.count("stage2_slope.py is missing") == 1


def test_what_was_not_marked_says_why() -> None:
    """A submission that could not be read has a page with the reason."""
    made = page(rejected("ann", "no stage file"))
    for text in (seen(html(made)), markdown(made)):
        assert "Not marked:" in text and "no stage file" in text


def test_a_course_that_has_changed() -> None:
    """Results of a test, or a stage, that the course no longer has are shown under their names."""
    made = result("ann", {DOUBLE: "It was squared."})
    first = made.stages[0]
    tests = [replace(test, test="TestDouble::test_of_old") for test in first.tests]
    changed = replace(made, stages=[replace(first, tests=tests), replace(first, stage="stage9_old")])
    assert "TestDouble::test_of_old" in markdown(page(changed)) and "stage9_old" in html(page(changed))


class Tags(HTMLParser):
    """The tags of a page, with their attributes, and its text."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[tuple[str, list[tuple[str, str | None]]]] = []
        self.text = ""
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Take a tag."""
        self.tags.append((tag, attrs))

    def handle_data(self, data: str) -> None:
        """Take text."""
        self.text += data


def seen(text: str) -> str:
    """The text of an HTML page."""
    return Tags(text).text


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_html_shows_hostile_text(text: str) -> None:
    """Whatever a learner wrote is there as text, and adds no tag and no attribute."""
    hostile_page, plain_page = (Tags(html(page(hostile(one)))) for one in (text, "plain"))
    assert hostile_page.tags == plain_page.tags
    assert hostile_page.text.count(plain_text(text, keep=LAYOUT)) >= 1 + len(STAGES)


MARKUP = st.text(alphabet=st.sampled_from("`~#-*>_|[](){}<b>&!\\\n\t 1.ax:+="), max_size=80)


@settings(max_examples=100, deadline=None)
@given(MARKUP | st.sampled_from(HOSTILE))
def test_markdown_shows_hostile_text(text: str) -> None:
    """CommonMark takes nothing that a learner wrote for markup: all of it is in blocks of code."""
    outside = [token for token in tokens_of(markdown(page(hostile(f"{text}x")))) if token != "code_block"]
    assert outside == [token for token in tokens_of(markdown(page(hostile("plain")))) if token != "code_block"]


def tokens_of(text: str) -> list[str]:
    """The kinds of blocks, and of what is in them, by markdown-it's reading; with HTML and tables."""
    found = MarkdownIt("commonmark", {"html": True}).enable("table").parse(text)
    return [kind for token in found for kind in (token.type, *(inner.type for inner in token.children or ()))]


@browsing.needs_browser
@pytest.mark.proof
def test_a_browser_shows_hostile_text(tmp_path: Path) -> None:
    """In a browser the text is there, nothing of it has run, and nothing was asked of anybody."""
    path = tmp_path / "feedback.html"
    with browsing.browser(tmp_path) as browser:
        for text in HOSTILE:
            path.write_text(html(page(hostile(text))), encoding="utf-8")
            browser.get(path.as_uri())
            assert browser.title.endswith(": feedback")
            blocks = [block.text.split() for block in browser.find_elements(By.TAG_NAME, "pre")]
            assert blocks.count(plain_text(text, keep=LAYOUT).split()) == 1 + len(STAGES)
            assert browser.find_element(By.TAG_NAME, "body").value_of_css_property("max-width") == "800px"
            assert browser.get_log("browser") == []
            width = browser.execute_script("return document.documentElement.scrollWidth - innerWidth")
            assert width <= 0


def moodle_reads(path: str, participants: Iterable[str]) -> tuple[str, str, str, str] | None:
    """What importziplib.php makes of a path in Moodle's zip: whose it is, the plugin (kind, name), and the file.

    A part of the path that has at least four parts between `_`, the second a participant's number, says it.
    """
    parts = path.split("/")
    if parts[-1].startswith((".", "~")):
        return None
    while parts:
        info = parts.pop(0).split("_", 4)
        if len(info) >= 4 and info[1].isdecimal() and info[1] in participants:
            return info[1], info[2], info[3], "/".join([*info[4:], *parts])
    return None


NAMES = ("Ann Lee", "Ann_9_Lee", "../..", ".hidden", "~ann", "", "Łuk/asz \U0001f600", "a" * 300)


@pytest.mark.parametrize("name", NAMES)
def test_moodle_finds_the_participant(name: str) -> None:
    """Whatever somebody is called, the number says whose it is, and the plugin is that of feedback files."""
    submission = Submission("ann", submitters=(Submitter("123456", name, local=True),))
    made = for_moodle(submission, page(result("ann")), ("feedback.html", "feedback.md"))
    read = [moodle_reads(path, {"123456", "9"}) for path in made]
    assert read == [("123456", "assignfeedback", "file", file) for file in ("feedback.html", "feedback.md")]
    assert all(len(path) < 200 and "/" not in path for path in made)


@pytest.mark.parametrize("who", [(), (Submitter("4711", "lee"),), (Submitter(None, "Group A", local=True),)])
def test_who_is_no_participant_of_moodles(who: tuple[Submitter, ...]) -> None:
    """A number of another platform's, or none, is nobody's in Moodle."""
    with pytest.raises(Unfit, match="no participant's number"):
        for_moodle(Submission("ann", submitters=who), page(result("ann")), ("feedback.html",))


def canvas_reads(name: str) -> tuple[str, str] | None:
    """Whose a file is and which was handed in, by what infer_comment_context_from_filename does.

    Numbers between `_` are the user's and the file's, the first two; after `anon` an id and the file's number.
    """
    parts = [part for part in name.split("_") if part != "LATE"]
    if parts[0] == "anon":
        return parts[1], parts[2]
    numbers = [part for part in parts if re.fullmatch(r"[0-9]+", part)]
    return (numbers[0], numbers[1]) if len(numbers) > 1 else None


@pytest.mark.parametrize(
    ("labels", "chosen", "whose"),
    [
        (("leeann_4711_90210_stage1_double.py",), 0, ("4711", "90210")),
        (("leeann_LATE_4711_90210_x.zip", "leeann_LATE_4711_90211_a_7.py"), 1, ("4711", "90211")),
        (("leeann_4711_90210_x.zip",), 0, ("4711", "90210")),
        (("leeann_4711_90210_x.IPYNB",), 0, ("4711", "90210")),
    ],
)
def test_canvas_finds_what_was_handed_in(labels: tuple[str, ...], chosen: int, whose: tuple[str, str]) -> None:
    """The name of a file handed in says whose it is, and what is written opens by the end of that name."""
    submission = Submission("leeann_4711", submitters=(Submitter("4711", "leeann"),), labels=labels)
    [(name, made)] = for_canvas(submission, page(result("ann"))).items()
    assert (name, canvas_reads(name)) == (labels[chosen], whose)
    if name.endswith(".zip"):
        with zipfile.ZipFile(io.BytesIO(made)) as packed:
            assert packed.testzip() is None and packed.namelist() == ["feedback.html", "feedback.md"]
    elif name.endswith(".IPYNB"):
        book = nbformat.reads(made.decode("utf-8"), as_version=4)
        nbformat.validate(book)
        assert book.cells[0].source == markdown(page(result("ann"))).rstrip("\n") + "\n"
    else:
        assert made.decode("utf-8") == markdown(page(result("ann")))


def test_canvas_that_hides_who_handed_in() -> None:
    """An anonymous download has an id in the place of the user."""
    label = "anon_Ab1Cd_90210_stage1_double.py"
    submission = Submission("anon_Ab1Cd", submitters=(Submitter("anon_Ab1Cd"),), labels=(label,))
    assert [canvas_reads(name) for name in for_canvas(submission, page(result("ann")))] == [("Ab1Cd", "90210")]


@pytest.mark.parametrize(
    ("labels", "why"),
    [
        ((), "no file of Canvas's download"),
        (("leeann_4711_text.html",), "no file of Canvas's download"),
        (("evil_4712_90210_stage1_double.py",), "no file of Canvas's download"),
        (("leeann_4711_90210_\x07.py",), "no file of Canvas's download"),
        (("leeann_4711_90210_x.tar.gz",), "which nobody could open"),
    ],
)
def test_what_canvas_cannot_take(labels: tuple[str, ...], why: str) -> None:
    """What was typed in, is somebody else's, or would not open has no way back, and the reason is told."""
    submission = Submission("leeann_4711", submitters=(Submitter("4711", "leeann"),), labels=labels)
    with pytest.raises(Unfit, match=why):
        for_canvas(submission, page(result("ann")))


def test_folders_are_safe_and_apart() -> None:
    """Names of folders lead nowhere, are no device's, and differ on every file system; a group has several."""
    names = ["ann", "Ann", "ANN ", "../../x", "a/b", "a\\b", "con", "nul.txt", "", ".", "…\U0001f600"]
    names += ["e\u0301", "é", "STRASSE", "straße"]
    made = dict(folders(names, None))
    assert len({name.casefold() for name in made}) == len(names) and [*made.values()] == names
    assert all(re.fullmatch(r"[^/\\:*?\"<>|.\s][^/\\:*?\"<>|]*(?<![ .])", name) for name in made)
    assert not {name.partition(".")[0].lower() for name in made} & {"con", "nul"}
    two = (Student("1", "Lee, Ann"), Student("2", "Roe, Bob"))
    assert dict(folders(["g", "x"], Matching({"g": two}))) == {"Lee, Ann 1": "g", "Roe, Bob 2": "g", "x": "x"}
    assert safe_name("a" * 300) == "a" * 100


@pytest.fixture
def results(tmp_path: Path) -> Path:
    """A folder of results: of Canvas, of Moodle, and of nobody whom a platform names."""
    label = "leeann_4711_90210_stage1_double.py"
    submissions = [
        Submission("leeann_4711", submitters=(Submitter("4711", "leeann"),), labels=(label,)),
        Submission("Bob Roe_12", submitters=(Submitter("12", "Bob Roe", local=True),)),
        Submission("cleo"),
    ]
    with contextlib.closing(Record(tmp_path / "results")) as record:
        for submission in submissions:
            record.append(result(submission.name, {DOUBLE: "It was squared."}), submission)
        record.keep_cohort(Cohort(tuple(sorted(one.name for one in submissions))))
    return tmp_path / "results"


def test_folders_are_written_for_their_owner(results: Path) -> None:
    """Each submission has a folder with both forms, which nobody else may read; a second run asks for room."""
    assert "Feedback on 3 submissions" in chainrule("feedback", results)
    out = results / "for-learners"
    assert sorted(path.name for path in out.iterdir()) == ["Bob Roe_12", "cleo", "leeann_4711"]
    files = [*out.glob("*/*")]
    assert {path.name for path in files} == {"feedback.html", "feedback.md"}
    assert all(path.stat().st_mode & 0o077 == 0 for path in [out, *out.iterdir(), *files])
    assert "for-learners is not empty" in chainrule("feedback", results, code=1)
    chainrule("feedback", results, "--format", "markdown", "--out", results.parent / "more")
    assert {path.name for path in results.parent.glob("more/*/*")} == {"feedback.md"}


@pytest.mark.parametrize(
    ("way", "names", "unfit"),
    [
        ("moodle", ["Bob Roe_12_assignfeedback_file_feedback.html"], ["cleo", "leeann_4711"]),
        ("canvas", ["leeann_4711_90210_stage1_double.py"], ["Bob Roe_12", "cleo"]),
    ],
)
def test_zips_hold_what_fits(results: Path, way: str, names: list[str], unfit: list[str]) -> None:
    """A platform's zip holds its own, says who is not in it and why, and is the same when it is made again."""
    told = chainrule("feedback", results, "--for", way)
    assert "Feedback on 1 submission:" in told and "Not in it (2):" in told
    assert all(f"  {name}: " in told for name in unfit)
    path = results / f"feedback-{way}.zip"
    with zipfile.ZipFile(path) as packed:
        assert packed.namelist() == names
    first = path.read_bytes()
    chainrule("feedback", results, "--for", way)
    assert path.read_bytes() == first


def test_nothing_fits(tmp_path: Path) -> None:
    """Where no submission has a way back nothing is written, and an earlier zip stays; nor without results."""
    with contextlib.closing(Record(tmp_path / "results")) as record:
        record.append(result("ann"), Submission("ann"))
    assert "nothing was written" in chainrule("feedback", tmp_path / "results", "--for", "canvas", code=1)
    zip_of_canvas = tmp_path / "results" / "feedback-canvas.zip"
    assert not zip_of_canvas.exists()
    zip_of_canvas.write_bytes(b"earlier")
    chainrule("feedback", tmp_path / "results", "--for", "canvas", code=1)
    assert zip_of_canvas.read_bytes() == b"earlier"
    assert "holds no results" in chainrule("feedback", tmp_path, code=1)
    assert "leave --format out" in chainrule("feedback", tmp_path, "--for", "canvas", "--format", "html", code=2)


def test_the_platforms_names_are_kept(tmp_path: Path) -> None:
    """What Canvas called a learner's files is read with a submission, and comes back out of the results."""
    labels = ("leeann_4711_90210_stage1_double-1.py", "leeann_4711_90209_stage1_double.py")
    put(tmp_path / "all", dict.fromkeys(labels, ONE[FIRST.file]) | {"note.txt": b"x"})
    with contextlib.closing(Readers(tmp_path / "all", ISOLATION, 1)) as cohort:
        read = {one.name: one for one in cohort.submissions()}
    assert read["leeann_4711"].labels == labels and read["note.txt"].labels == ()
    with contextlib.closing(Record(tmp_path / "results")) as record:
        record.append(result("leeann_4711"), read["leeann_4711"])
        kept = record.submission("leeann_4711")
        assert kept and kept.labels == labels and all(of_canvas(label, False) for label in kept.labels)
        again = replace(read["leeann_4711"], labels=("leeann_4711_90333_stage1_double-2.py",))
        record.keep(again, result("leeann_4711").digest)
        kept = record.submission("leeann_4711")
        assert kept and kept.labels == again.labels
