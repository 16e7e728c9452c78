"""nbgrader's own pages, in a real browser: formgrader lists the cohort with the right scores."""

import contextlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from results_by_hand import notebooks, result
from selenium import webdriver
from selenium.common.exceptions import WebDriverException
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait

from grader.gradebook.book import Gradebook
from grader.intake.submissions import Submission

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
DRIVER = shutil.which("chromedriver")
ALONE = (
    *("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--disable-quic"),
    *("--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"),
)
"""Options of a browser without a screen, possibly as root, that calls nobody."""
PATIENCE = 300
"""Seconds for a page, or the server, to be there; a busy machine starts them slowly."""

pytestmark = pytest.mark.skipif(
    not (CHROMIUM and DRIVER), reason="takes Chromium and ChromeDriver (Debian: chromium, chromium-driver)"
)

RELU = {("stage1_relu", "relu"): "relu(a)[0]: expected 0, got 1"}
RESULTS = [result("ann"), result("bob", RELU), *(result(f"student-{number:02}") for number in range(60))]
"""As many as a cohort has, of different scores."""


@pytest.fixture
def course(tmp_path: Path) -> Path:
    """A course with the gradebook of a cohort."""
    with contextlib.closing(Gradebook(tmp_path / "course")) as gradebook:
        for one in RESULTS:
            gradebook.write(one, Submission(one.submission, notebooks=notebooks()))
    return tmp_path / "course"


@pytest.fixture
def server(course: Path, tmp_path: Path) -> Iterator[Path]:
    """The file in which a Jupyter server in the course's folder, with nobody's settings, says where it is."""
    options = ["--no-browser", "--ip=127.0.0.1", "--port=0", "--allow-root", "--IdentityProvider.token="]
    own = {"HOME": "", "JUPYTER_CONFIG_DIR": "config", "JUPYTER_RUNTIME_DIR": "runtime"}
    environment = os.environ | {name: str(tmp_path / folder) for name, folder in own.items()}
    with (tmp_path / "server.log").open("w", encoding="utf-8") as log:
        command = [sys.executable, "-m", "jupyter_server", *options]
        with subprocess.Popen(command, cwd=course, env=environment, stdout=log, stderr=log) as process:
            yield tmp_path / "runtime" / f"jpserver-{process.pid}.json"
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


def test_formgrader_lists_the_cohort(server: Path, browser: webdriver.Chrome) -> None:
    """Every submission stands on the page of the students, with its score."""
    wait = WebDriverWait(browser, PATIENCE, ignored_exceptions=(WebDriverException, OSError, ValueError))
    address = wait.until(lambda browser: json.loads(server.read_text(encoding="utf-8"))["url"])
    wait.until(lambda browser: browser.get(f"{address}formgrader/manage_students") is None)
    rows = wait.until(lambda browser: len(rows := _rows(browser)) == len(RESULTS) and rows)
    shown = {cells[1]: float(cells[3].partition("/")[0]) for cells in rows}
    assert shown == {one.submission: one.score for one in RESULTS}


def _rows(browser: webdriver.Chrome) -> list[list[str]]:
    """The cells of a page's table."""
    rows = browser.find_elements(By.CSS_SELECTOR, "tbody tr")
    return [[cell.text for cell in row.find_elements(By.TAG_NAME, "td")] for row in rows]
