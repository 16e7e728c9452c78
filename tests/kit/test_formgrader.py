"""nbgrader's own pages, in a real browser: formgrader lists the cohort with the right scores."""

import contextlib
from pathlib import Path

import browsing
import pytest
from selenium import webdriver
from selenium.webdriver.common.by import By

from grader.cohort import Outcome
from grader.gradebook.book import Gradebook
from grader.intake.submissions import read_cohort
from grader.results import Record


@pytest.fixture
def course(marked: tuple[Outcome, Record], cohort_folder: Path, tmp_path: Path) -> Path:
    """A course with the gradebook of the sample cohort."""
    _, record = marked
    with contextlib.closing(Gradebook(tmp_path / "course")) as gradebook:
        for submission in read_cohort(cohort_folder):
            gradebook.write(record.result(submission.name), submission)
    return tmp_path / "course"


@browsing.needs_browser
def test_formgrader_lists_the_cohort(course: Path, tmp_path: Path, marked: tuple[Outcome, Record]) -> None:
    """Every submission stands on the page of the students, with the score that the record holds."""
    outcome, record = marked
    with browsing.jupyter(course, tmp_path) as server, browsing.browser(tmp_path) as browser:
        browser.get(f"{server}formgrader/manage_students")
        browsing.wait(browser).until(lambda browser: len(_rows(browser)) == len(outcome.marked))
        shown = {cells[1]: float(cells[3].partition("/")[0]) for cells in _rows(browser)}
    assert shown == {name: record.result(name).score for name in outcome.marked}


def _rows(browser: webdriver.Chrome) -> list[list[str]]:
    """The cells of a page's table."""
    rows = browser.find_elements(By.CSS_SELECTOR, "tbody tr")
    return [[cell.text for cell in row.find_elements(By.TAG_NAME, "td")] for row in rows]
