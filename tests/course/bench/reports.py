"""How long the report of a large class takes to be made, and to be opened, searched and sorted in Chromium."""

import statistics
import subprocess
import time
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

import browsing
from selenium import webdriver

from bench import classes, cohort
from bench.way import Setup
from grader.course.location import ROOT
from grader.intake.matching import Matching
from grader.intake.roster import Student
from grader.intake.submissions import Submission
from grader.intake.task_code import code_of_tasks
from grader.judging.results import Result
from grader.marking.record import Record, opened_record
from grader.reporting.report.gathering import Marked
from grader.reporting.report.page import report
from grader.reporting.similarity import similar_pairs

SAMPLE = 60
"""Submissions that are marked; the others are these with other names and another comment."""
PAIRS = 50
ROUNDS = 5
OPENED = """
const [loading] = performance.getEntriesByType("navigation");
const [painted] = performance.getEntriesByName("first-contentful-paint");
return loading.loadEventEnd > 0 && painted ? [painted.startTime, loading.loadEventEnd] : null;
"""
SEARCHED = """
const field = document.getElementById("wanted"), began = performance.now();
field.value = arguments[0];
field.dispatchEvent(new Event("input"));
document.body.getBoundingClientRect();
return performance.now() - began;
"""
SORTED = """
const began = performance.now();
document.querySelectorAll("#table thead button")[2].click();
document.body.getBoundingClientRect();
return performance.now() - began;
"""
PAGE = """
const [number, done] = arguments, began = performance.now(), page = document.getElementById("page");
const seen = new MutationObserver(() => {
  seen.disconnect();
  page.getBoundingClientRect();
  done(performance.now() - began);
});
seen.observe(page, { attributes: true, attributeFilter: ["data-shown"] });
location.hash = `s-${number}`;
"""


def measure(setup: Setup, number: int, folder: Path, told: Callable[[str], None]) -> None:
    """Mark a sample of a class, make the report of one of so many submissions from it, and open that."""
    cohort.write(classes.submissions(SAMPLE), folder / "class")
    command = [setup.kit, "-m", "grader", "grade", folder / "class", "--out", folder / "results", "--seed", "1"]
    subprocess.run([*command, "--no-gradebook"], cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
    with opened_record(folder / "results") as record:
        show(record, number, folder, told)


def show(record: Record, number: int, folder: Path, told: Callable[[str], None]) -> None:
    """Make the report of so many submissions from those of a record, and tell how long it takes to be used."""
    began = time.process_time()
    own = {name: code_of_tasks(read) for name in record.cohort().submissions if (read := record.submission(name))}
    pairs = similar_pairs(own, most=PAIRS)
    html = report(multiplied(record, number), lambda code: pairs)
    path = folder / "report.html"
    path.write_text(html, encoding="utf-8")
    spent = time.process_time() - began
    told(f"{number} submissions: made in {spent:.0f} s of processor time, {len(html) >> 20} MiB")
    with browsing.browser(folder) as driver:
        figures = [_figures(driver, path, number) for _ in range(ROUNDS)]
    for what in figures[0]:
        times = sorted(one[what] for one in figures)
        told(f"{what:<24} median {statistics.median(times):6.0f} ms   from {times[0]:.0f} to {times[-1]:.0f}")


def multiplied(record: Record, number: int) -> Marked:
    """So many submissions from those of a record: the first under their names, then under others."""
    names = record.cohort().submissions
    made = {f"{names[n % len(names)]}-{n // len(names)}": n for n in range(number)}
    students = {name: (Student(f"s{n:06}", f"First{n % 97} Last{n}"),) for name, n in made.items()}

    def result(name: str) -> Result:
        return replace(record.result(name.rpartition("-")[0]), submission=name)

    def submission(name: str) -> Submission | None:
        read = record.submission(name.rpartition("-")[0])
        touched = partial(cohort.touched, copy=made[name])
        return read and replace(read, name=name, sources={k: touched(text) for k, text in read.sources.items()})

    return Marked([*made], result, submission, Matching(students), "a seed", Path("results"))


def _figures(driver: webdriver.Chrome, path: Path, number: int) -> dict[str, float]:
    """Milliseconds of one opening and of each use, in a page that is loaded afresh."""
    driver.get("about:blank")
    driver.get(path.as_uri())
    painted, loaded = browsing.wait(driver).until(lambda driver: driver.execute_script(OPENED))
    return {
        "first painted": painted,
        "all loaded": loaded,
        "searched, few found": driver.execute_script(SEARCHED, "first42 failed"),
        "searched, all found": driver.execute_script(SEARCHED, "last"),
        "sorted by score": driver.execute_script(SORTED),
        "a submission's page": driver.execute_async_script(PAGE, number // 2),
    }
