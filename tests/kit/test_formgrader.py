"""nbgrader's own pages, in a real browser: formgrader lists the cohort with the right scores."""

import contextlib
import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from selenium import webdriver
from selenium.common.exceptions import WebDriverException
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait

from grader.cohort import Outcome
from grader.gradebook.book import Gradebook
from grader.intake.submissions import read_cohort
from grader.results import Record

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
DRIVER = shutil.which("chromedriver")
ALONE = (
    *("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--disable-quic"),
    *("--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"),
)
"""Options of a browser without a screen, possibly as root, that calls nobody."""
PATIENCE = 60
"""Seconds for a page, or the server, to be there; a busy machine starts them slowly."""

pytestmark = pytest.mark.skipif(
    not (CHROMIUM and DRIVER), reason="takes Chromium and ChromeDriver (Debian: chromium, chromium-driver)"
)


@pytest.fixture
def course(marked: tuple[Outcome, Record], cohort_folder: Path, tmp_path: Path) -> Path:
    """A course with the gradebook of the sample cohort."""
    _, record = marked
    with contextlib.closing(Gradebook(tmp_path / "course")) as gradebook:
        for submission in read_cohort(cohort_folder):
            gradebook.write(record.result(submission.name), submission)
    return tmp_path / "course"


@pytest.fixture
def server(course: Path, tmp_path: Path) -> Iterator[str]:
    """The address of a Jupyter server in the course's folder, with nobody's settings."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    options = ["--no-browser", "--ip=127.0.0.1", f"--port={port}", "--allow-root", "--IdentityProvider.token="]
    environment = os.environ | {"HOME": str(tmp_path), "JUPYTER_CONFIG_DIR": str(tmp_path / "config")}
    with (tmp_path / "server.log").open("w", encoding="utf-8") as log:
        command = [sys.executable, "-m", "jupyter_server", *options]
        with subprocess.Popen(command, cwd=course, env=environment, stdout=log, stderr=log) as process:
            yield f"http://127.0.0.1:{port}"
            process.terminate()


@pytest.fixture
def browser(tmp_path: Path) -> Iterator[webdriver.Chrome]:
    """A browser that nobody sees, with a profile of its own."""
    options = webdriver.ChromeOptions()
    options.binary_location = CHROMIUM
    for option in (*ALONE, f"--user-data-dir={tmp_path / 'profile'}"):
        options.add_argument(option)
    browser = webdriver.Chrome(options=options, service=webdriver.ChromeService(DRIVER))
    yield browser
    browser.quit()


def test_formgrader_lists_the_cohort(
    server: str, browser: webdriver.Chrome, marked: tuple[Outcome, Record]
) -> None:
    """Every submission stands on the page of the students, with the score that the record holds."""
    outcome, record = marked
    wait = WebDriverWait(browser, PATIENCE, ignored_exceptions=(WebDriverException,))
    wait.until(lambda browser: browser.get(f"{server}/formgrader/manage_students") is None)
    wait.until(lambda browser: len(_rows(browser)) == len(outcome.marked))
    shown = {cells[1]: float(cells[3].partition("/")[0]) for cells in _rows(browser)}
    assert shown == {name: record.result(name).score for name in outcome.marked}


def _rows(browser: webdriver.Chrome) -> list[list[str]]:
    """The cells of a page's table."""
    rows = browser.find_elements(By.CSS_SELECTOR, "tbody tr")
    return [[cell.text for cell in row.find_elements(By.TAG_NAME, "td")] for row in rows]
