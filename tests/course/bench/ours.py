"""`chainrule grade`, as an instructor runs it: the command and its results, nothing of its inside."""

import contextlib
import csv
from pathlib import Path

import psutil

from bench import cohort, measure
from bench.check import SEED
from bench.measure import Usage
from bench.way import Marked, Setup, environment
from grader.course.catalogue import STAGES

POLL = 0.05
"""Seconds between two looks at the results."""


def command(setup: Setup, submissions: Path, out: Path, *options: object) -> list[str]:
    """The command that marks a folder of submissions."""
    parts = [setup.kit, "-m", "grader", "grade", submissions, "--out", out, "--seed", SEED, "--no-gradebook"]
    return [*map(str, parts), *map(str, options)]


def grade(setup: Setup, submissions: Path, out: Path) -> Marked:
    """Mark a folder of submissions."""
    folder = out.parent
    usage = measure.run(command(setup, submissions, out), folder, environment(setup.kit, folder / "home"))
    with (out / "scores.csv").open(encoding="utf-8", newline="") as file:
        return Marked(usage, {row["submission"]: float(row["score"]) for row in csv.DictReader(file)})


def started(setup: Setup, submissions: Path, out: Path, *options: object) -> psutil.Popen:
    """The command, begun, for who looks on while it marks; what it says goes to a file beside `out`."""
    environ = environment(setup.kit, out.parent / "home")
    with out.with_suffix(".log").open("w", encoding="utf-8") as log:
        parts = command(setup, submissions, out, *options)
        return psutil.Popen(parts, cwd=out.parent, env=environ, stdout=log, stderr=log)


def until(process: psutil.Popen, out: Path, results: int) -> None:
    """Wait until so many results are there. Raises RuntimeError where the command ends before."""
    while done(out) < results:
        with contextlib.suppress(psutil.TimeoutExpired):
            code = process.wait(POLL)
            if done(out) < results:
                raise RuntimeError(f"ended with {code} after {done(out)} results:\n{_said(out)}")


def ended(process: psutil.Popen, out: Path) -> None:
    """Wait for the end of the command. Raises RuntimeError where it fails."""
    if process.wait() != 0:
        raise RuntimeError(_said(out))


def _said(out: Path) -> str:
    return out.with_suffix(".log").read_text(encoding="utf-8")[-4000:]


def done(out: Path) -> int:
    """How many results there are."""
    path = out / "results.jsonl"
    return path.read_bytes().count(b"\n") if path.exists() else 0


def mark(setup: Setup, folder: Path) -> Marked:
    """Mark the cohort."""
    cohort.write(cohort.submissions(setup.learners), folder / "cohort")
    return grade(setup, folder / "cohort", folder / "out")


def marginal(setup: Setup, folder: Path, copies: int, of_one: Usage) -> Usage:
    """A submission's share of what a larger cohort takes beyond the cohort `of_one`: no start in it."""
    folder.mkdir()
    cohort.write(cohort.submissions(setup.learners, copies), folder / "cohort")
    return (grade(setup, folder / "cohort", folder / "out").usage - of_one).each(
        (copies - 1) * len(setup.learners)
    )


def again(setup: Setup, folder: Path) -> Marked:
    """Grade a marked cohort again, one stage of each submission changed."""
    files = dict(changed(setup))
    for submission in (folder / "cohort").iterdir():
        path = submission / files[submission.name[: len("learner-00")]]
        path.write_text(cohort.touched(path.read_text(encoding="utf-8"), 1), encoding="utf-8")
    return grade(setup, folder / "cohort", folder / "out")


def changed(setup: Setup) -> list[tuple[str, str]]:
    """Which file each learner hands in anew: each stage twice in the cohort of 12."""
    return [(learner.name, STAGES[number % len(STAGES)].file) for number, learner in enumerate(setup.learners)]
