"""`chainrule grade`, as an instructor runs it: the command and its results, nothing of its inside."""

import csv
import json
import re
import time
from pathlib import Path

from bench import cohort, measure
from bench.check import SEED
from bench.measure import Usage
from bench.way import Marked, Setup, environment
from grader.course.catalogue import STAGES


def grade(setup: Setup, submissions: Path, out: Path) -> Marked:
    """Mark a folder of submissions."""
    folder = out.parent
    command = [setup.kit, "-m", "grader", "grade", submissions, "--out", out, "--seed", str(SEED)]
    command += ["--no-gradebook"]
    usage = measure.run(command, folder, environment(setup.kit, folder / "home"))
    with (out / "scores.csv").open(encoding="utf-8", newline="") as file:
        return Marked(usage, {row["submission"]: float(row["score"]) for row in csv.DictReader(file)})


def mark(setup: Setup, folder: Path) -> Marked:
    """Mark the cohort."""
    cohort.write(cohort.submissions(setup.learners), folder / "cohort")
    return grade(setup, folder / "cohort", folder / "out")


def until_first(setup: Setup, folder: Path) -> float:
    """Seconds from the start of the command until the first line of a learner's code runs.

    Told by that code itself: a stage that prints the time of day as it is loaded.
    """
    stage = STAGES[0]
    for learner in setup.learners[:2]:
        (folder / "cohort" / learner.name).mkdir(parents=True)
        source = f"import time\n\nprint('began', time.time())\n{cohort.module(learner, stage)}"
        (folder / "cohort" / learner.name / stage.file).write_text(source, encoding="utf-8")
    began = time.time()
    grade(setup, folder / "cohort", folder / "out")
    text = (folder / "out" / "results.jsonl").read_text(encoding="utf-8")
    printed = [each["output"] for line in text.splitlines() for each in json.loads(line)["stages"]]
    times = [float(told) for output in printed for told in re.findall(r"began ([0-9.]+)", output)]
    return min(times) - began


def marginal(setup: Setup, folder: Path, copies: int, of_one: Usage) -> Usage:
    """A submission's share of what a larger cohort takes beyond the cohort `of_one`: no start in it."""
    folder.mkdir()
    cohort.write(cohort.submissions(setup.learners, copies), folder / "cohort")
    more = (copies - 1) * len(setup.learners)
    return (grade(setup, folder / "cohort", folder / "out").usage - of_one).each(more)


def again(setup: Setup, folder: Path) -> tuple[Usage, Usage, Marked]:
    """Grade a marked cohort again: with nothing changed, then with one stage of each submission changed."""
    nothing = grade(setup, folder / "cohort", folder / "out").usage
    for name, stage_file in changed(setup):
        path = folder / "cohort" / name / stage_file
        path.write_text(cohort.touched(path.read_text(encoding="utf-8"), 1), encoding="utf-8")
    marked = grade(setup, folder / "cohort", folder / "out")
    return nothing, marked.usage, marked


def changed(setup: Setup) -> list[tuple[str, str]]:
    """Which file each learner hands in anew: each stage twice in the cohort of 12."""
    return [(learner.name, STAGES[number % len(STAGES)].file) for number, learner in enumerate(setup.learners)]
