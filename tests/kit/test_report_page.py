"""The class report in a real browser: what learners wrote is text there, and it can be used by keyboard."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import browsing
import pytest
from reports_by_hand import DOUBLE, marked, page_of, wrong
from reports_in_browser import NAMES, SCORES, assert_harmless, opened, page
from results_by_hand import notebooks, rejected, result
from selenium import webdriver
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from grader.intake.learning_platforms import Submitter
from grader.intake.matching import Matching
from grader.intake.roster import Student
from grader.intake.submissions import Submission
from grader.judging.results import Result
from grader.outside.plain_text import plain_text
from grader.reporting.report.page import AT_ONCE
from grader.reporting.similarity import Pair, Shared

HOSTILE = (
    "</script><script>window.owned = 1</script>",
    "<img src=x onerror='window.owned = 1'>",
    "<svg/onload=window.owned=1>",
    '"><b onmouseover="window.owned=1">bold',
    "</pre></details></main><h1>Full marks</h1>",
    "<style>* { display: none }</style>",
    "<!-- <script>",
    "--> ]]> <![CDATA[",
    "{{ 7 * 7 }}{% for x in y %}${7*7}",
    "javascript:window.owned=1//",
    "&lt;b&gt; &amp;amp; &#60;",
    "</title></textarea></template>",
    plain_text("\u202eevil\u202c \x1b[2J \u0000"),
    "'; window.owned = 1; '",
    "<base href=https://example.org/><meta http-equiv=refresh content='0;url=https://example.org/'>",
    "<a href=https://example.org/>win</a><iframe src=https://example.org/></iframe>",
)
"""What learners may call themselves, write, print, and have quoted in messages."""


def hostile(number: int, text: str) -> tuple[Result, Submission]:
    """A submission that holds a text wherever a learner's may be."""
    code = f"# {text} \ud800\ndef double(x):\n    return '''{text}'''\n"
    submission = Submission(
        text,
        {DOUBLE[0]: code},
        notebooks=notebooks({"stage2_slope-slope": text}),
        submitters=(Submitter(text, text, text),),
        notes=(plain_text(text),),
    )
    one = wrong(text, f"alike {number // 2}", text, "" if number % 4 else f"mistake {text}")
    first = replace(one.stages[0], output=plain_text(text), uses=[text])
    return replace(one, notes=[plain_text(text)], stages=[first, *one.stages[1:]], versions=text), submission


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[webdriver.Chrome]:
    """A browser for all tests of this module."""
    with browsing.browser(tmp_path_factory.mktemp("browser")) as driver:
        yield driver


@pytest.fixture(scope="module")
def hostile_report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A report on the hostile texts, with a roster, an alarm and a near-identical pair that hold them."""
    made = [hostile(number, text) for number, text in enumerate(HOSTILE)]
    results = [one for one, _ in made]
    students = [Student(text, text, (text,)) for text in HOSTILE]
    matching = Matching(
        {text: (student,) for text, student in zip(HOSTILE, students, strict=True)},
        tuple(students),
        {text: text for text in HOSTILE},
        {text: (text,) for text in HOSTILE},
    )
    shared = [Shared(*DOUBLE, 1.0, text, f"{text}\n{text}", frozenset({0}), frozenset({1})) for text in HOSTILE]
    pairs = [Pair(HOSTILE[0], HOSTILE[1], 1.0, 1.0, tuple(shared)), Pair(HOSTILE[2], "earlier/<b>", 1.0, 1.0, ())]
    results += [rejected(f"rejected {text}", plain_text(text)) for text in HOSTILE]
    results += [result(f"stopped {text}", {DOUBLE: text}, "timeout") for text in HOSTILE]
    submissions = {submission.name: submission for _, submission in made}
    path = tmp_path_factory.mktemp("hostile") / "report.html"
    path.write_text(page_of(marked(results, submissions, matching), pairs=pairs), encoding="utf-8")
    return path


@browsing.needs_browser
def test_hostile_texts_are_text(browser: webdriver.Chrome, hostile_report: Path) -> None:
    """Names, messages, outputs, notes and code are shown as they were written, all over the report."""
    opened(browser, hostile_report)
    everything = browser.execute_script("return document.getElementById('summary').textContent")
    for text in HOSTILE:
        assert everything.count(text) >= 15
    assert_harmless(browser)
    for number, name in enumerate(browser.execute_script(NAMES), 1):
        assert name in page(browser, number)
        assert browser.title.startswith(f"{name}: Class report")
    assert_harmless(browser)


@browsing.needs_browser
def test_page_of_a_submission(browser: webdriver.Chrome, hostile_report: Path) -> None:
    """A submission's page holds its tests, messages, output, notes and code, and leads back."""
    opened(browser, hostile_report)
    names = browser.execute_script(NAMES)
    text = HOSTILE[1]
    shown = page(browser, names.index(text) + 1)
    assert "double is" not in shown and "double(x) is 2·x for each element" in shown
    for told in (
        "Printed",
        "To know",
        f"return '''{text}'''",
        f"# {text}",
        "02_slope.ipynb",
        "Seed of the data: 1",
    ):
        assert told in shown
    assert shown.count(text) >= 10
    browser.find_element(By.LINK_TEXT, "All submissions").send_keys(Keys.ENTER)
    browsing.wait(browser).until(lambda driver: driver.find_element(By.ID, "summary").is_displayed())
    assert browser.switch_to.active_element.text == text
    assert not browser.find_element(By.ID, "page").is_displayed()


@pytest.fixture(scope="module")
def plain_report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A report on twelve learners, of whom every third has lost points, and two are named by the roster."""
    results = [
        result(f"learner-{n}") if n % 3 else wrong(f"learner-{n}", "one", "It was squared.", "squared")
        for n in range(1, 13)
    ]
    matching = Matching({"learner-2": (Student("b2", "Ben Brown"),), "learner-10": (Student("z9", "Zoe Zander"),)})
    path = tmp_path_factory.mktemp("plain") / "report.html"
    path.write_text(page_of(marked(results, matching=matching)), encoding="utf-8")
    return path


@browsing.needs_browser
def test_sort_and_search(browser: webdriver.Chrome, plain_report: Path) -> None:
    """The table is sorted by a key on a heading, up and down, and shows what is searched for."""
    opened(browser, plain_report)
    by_name, _, by_score, *_ = browser.find_elements(By.CSS_SELECTOR, "#table thead button")
    by_name.send_keys(Keys.ENTER)
    assert browser.execute_script(NAMES) == [f"learner-{n}" for n in range(1, 13)]
    assert browser.find_elements(By.CSS_SELECTOR, "th[aria-sort]")[0].get_attribute("aria-sort") == "ascending"
    by_score.send_keys(Keys.SPACE)
    scores = [float(score) for score in browser.execute_script(SCORES)]
    assert scores == sorted(scores) and scores[0] < scores[-1]
    by_score.send_keys(Keys.SPACE)
    assert [float(score) for score in browser.execute_script(SCORES)] == scores[::-1]
    assert len(browser.find_elements(By.CSS_SELECTOR, "th[aria-sort]")) == 1
    field = browser.find_element(By.ID, "wanted")
    field.send_keys("ZOE learner")
    assert browser.find_element(By.ID, "found").text == "1 of 12 found"
    rows = browser.find_elements(By.CSS_SELECTOR, "#table tbody tr")
    assert [row.text.split()[0] for row in rows if row.is_displayed()] == ["learner-10"]
    field.send_keys(Keys.CONTROL, "a", Keys.DELETE)
    assert browser.find_element(By.ID, "found").text == ""


@browsing.needs_browser
def test_large_class(browser: webdriver.Chrome, tmp_path: Path) -> None:
    """Of a large class the first rows are shown until more are asked for; all are found, and follow each other."""
    path = tmp_path / "report.html"
    path.write_text(page_of(marked(result(f"learner-{n}") for n in range(AT_ONCE + 5))), encoding="utf-8")
    opened(browser, path)
    rows = browser.find_elements(By.CSS_SELECTOR, "#table tbody tr")
    assert [row.is_displayed() for row in (rows[0], rows[AT_ONCE - 1], rows[AT_ONCE], rows[-1])] == [1, 1, 0, 0]
    name = rows[-1].find_element(By.TAG_NAME, "th").get_attribute("textContent")
    browser.find_element(By.ID, "wanted").send_keys(str(name))
    assert rows[-1].is_displayed() and not rows[0].is_displayed()
    browser.find_element(By.ID, "wanted").send_keys(Keys.CONTROL, "a", Keys.DELETE)
    assert "Next" in page(browser, AT_ONCE)
    browser.find_element(By.LINK_TEXT, "All submissions").send_keys(Keys.ENTER)
    more = browser.find_element(By.ID, "more")
    assert more.text == f"Show all {AT_ONCE + 5}"
    more.send_keys(Keys.ENTER)
    assert rows[-1].is_displayed() and not more.is_displayed()
    browser.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": True})
    try:
        opened(browser, path)
        assert browser.find_elements(By.CSS_SELECTOR, "#table tbody tr")[-1].is_displayed()
    finally:
        browser.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": False})


@browsing.needs_browser
@pytest.mark.parametrize("width", [360, 1600])
def test_widths(browser: webdriver.Chrome, plain_report: Path, hostile_report: Path, width: int) -> None:
    """Neither a phone nor a wide screen has to be scrolled sideways, whatever learners call themselves."""
    size = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": False}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
    try:
        for path in (plain_report, hostile_report):
            for part in ("", "#s-1"):
                opened(browser, path, part)
                wide = browser.execute_script("return document.documentElement.scrollWidth - innerWidth")
                assert wide <= 0
    finally:
        browser.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})


@browsing.needs_browser
def test_without_a_mouse(browser: webdriver.Chrome, plain_report: Path) -> None:
    """The first Tab reaches a link to the table; controls, images and regions have names, parts headings."""
    opened(browser, plain_report)
    browser.find_element(By.TAG_NAME, "body").send_keys(Keys.TAB)
    assert browser.switch_to.active_element.text == "Skip to all submissions"
    unnamed = """return [...document.querySelectorAll('[role], section, nav, input, button')].filter((one) =>
        !(one.ariaLabel || one.labels?.length || one.textContent.trim() || one.getAttribute('aria-labelledby')))
        .map((one) => one.outerHTML)"""
    assert browser.execute_script(unnamed) == []
    levels = browser.execute_script(
        "return [...document.querySelectorAll('h1, h2, h3, h4')].map((one) => Number(one.localName[1]))"
    )
    assert levels[0] == 1 and all(after - before <= 1 for before, after in pairwise(levels))


@browsing.needs_browser
def test_without_javascript(plain_report: Path, tmp_path: Path, browser: webdriver.Chrome) -> None:
    """Without JavaScript scores, mistakes and the table are there, and a sentence says what is not."""
    browser.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": True})
    try:
        opened(browser, plain_report)
        shown = browser.find_element(By.TAG_NAME, "main").text
    finally:
        browser.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": False})
    assert "take JavaScript" in shown and "learner-12" in shown and "It was squared." in shown
