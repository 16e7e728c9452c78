"""nbgrader's own pages, in a real browser: formgrader lists the cohort with the right scores."""

import contextlib
from pathlib import Path

import browsing
import pytest
from results_by_hand import notebooks, result
from selenium import webdriver
from selenium.webdriver.common.by import By

from grader.gradebook.book import Gradebook
from grader.intake.submissions import Submission

WRONG = {("stage1_double", "double"): "double(x)[0]: expected 2, got 1"}
RESULTS = [result("ann"), result("bob", WRONG), *(result(f"student-{number:02}") for number in range(60))]
"""As many as a cohort has, of different scores."""


@pytest.fixture
def course(tmp_path: Path) -> Path:
    """A course with the gradebook of a cohort."""
    with contextlib.closing(Gradebook(tmp_path / "course")) as gradebook:
        for one in RESULTS:
            gradebook.write(one, Submission(one.submission, notebooks=notebooks()))
    return tmp_path / "course"


@browsing.needs_browser
def test_formgrader_lists_the_cohort(course: Path, tmp_path: Path) -> None:
    """Every submission stands on the page of the students, with its score."""
    with browsing.jupyter(course, tmp_path) as server, browsing.browser(tmp_path) as browser:
        browser.get(f"{server}formgrader/manage_students")
        rows = browsing.wait(browser).until(lambda browser: len(rows := _rows(browser)) == len(RESULTS) and rows)
    shown = {cells[1]: float(cells[3].partition("/")[0]) for cells in rows}
    assert shown == {one.submission: one.score for one in RESULTS}


def _rows(browser: webdriver.Chrome) -> list[list[str]]:
    """The cells of a page's table."""
    rows = browser.find_elements(By.CSS_SELECTOR, "tbody tr")
    return [[cell.text for cell in row.find_elements(By.TAG_NAME, "td")] for row in rows]
