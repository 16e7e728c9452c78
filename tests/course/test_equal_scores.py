"""One suite, four front ends: a cohort in both forms gets the same scores in every way, test by test."""

import contextlib
import io
import os
import shutil
import subprocess
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import nbformat
import pytest
import sample_cohort
from nbformat import NotebookNode
from notebook_forms import notebook_of
from sample_cohort import ISOLATION, Files

from grader.course.catalogue import NOTEBOOKS, STAGES, Notebook, Stage, check_cell
from grader.course.location import ASSIGNMENT, ROOT
from grader.intake.extraction import written
from grader.intake.submissions import Submission, read_cohort
from grader.judging import checks, rendering
from grader.judging.results import StageResult
from grader.judging.suites import suites
from grader.marking.mark import Settings, marked_with
from grader.outside.process import Allowance, Limits
from grader.publishing.assembly import text
from grader.publishing.execution import PATIENCE, execute, private_kernels
from grader.publishing.nbgrader_course import lay_out

SEED = 20261121
TIME_LIMIT = 100.0
"""Seconds for a call, far beyond what any takes here: a busy machine must not make two ways differ."""
COHORT: dict[str, tuple[int, ...]] = {
    "perfect": (1, 2, 3, 4),
    "fresh-stubs": (1,),
    "half-finished": (1,),
    "wrong-relu": (1,),
    "wrong-backward": (1,),
    "own-helper": (1,),
    "wrong-torch-loss": (2,),
    "wrong-train-step": (3,),
    "wrong-last-batch": (4,),
}
"""Samples, and which of the four notebooks they hand in: those where they differ from others."""

BOTH_FORMS = COHORT | {
    "wrong-relu-grad": (1,),
    "wrong-loss": (1,),
    "constants": (1,),
    "always-raises": (2,),
    "its-argument": (3,),
    "numerical-backward": (1,),
}
"""With more that no kernel runs here. Of the last one it would say other words: its `backward` calls a later task,
and a check in a kernel does not see the cells below it."""
Points = dict[tuple[str, str], float]
"""Points by stage and test."""
Reports = dict[str, str]
"""What the check cells say, by their ids."""


def handed_in(name: str) -> tuple[list[Notebook], Files]:
    """A submission's notebooks, and its modules of the stages in them."""
    sample = next(sample for sample in sample_cohort.SAMPLES if sample.name == name)
    notebooks = [NOTEBOOKS[number - 1] for number in BOTH_FORMS[name]]
    stages = {stage.file for which in notebooks for stage in which.stages}
    return notebooks, {file: content for file, content in sample.files().items() if file in stages}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The cohort in both forms: modules/NAME/ and notebooks/NAME/, these also handed in to nbgrader's course."""
    folder = tmp_path_factory.mktemp("both")
    lay_out(folder / "course")
    for name in BOTH_FORMS:
        notebooks, files = handed_in(name)
        modules = folder / "modules" / name
        modules.mkdir(parents=True)
        for file, content in files.items():
            (modules / file).write_bytes(content)
        written = folder / "notebooks" / name
        written.mkdir(parents=True)
        sources = {file.removesuffix(".py"): content.decode("utf-8") for file, content in files.items()}
        for which in notebooks:
            (written / which.file).write_text(text(notebook_of(which, sources)), encoding="utf-8")
        if name in COHORT:
            shutil.copytree(written, folder / "course" / "submitted" / name / ASSIGNMENT)
    return folder


@pytest.fixture(scope="module")
def reports(folder: Path) -> dict[str, dict[str, Reports]]:
    """What the check cells of the notebooks say, by way and submission: in kernels that nbclient runs and, at the
    same time, in stock nbgrader's own.
    """
    course, log = folder / "course", folder / "nbgrader.log"
    environment = {"CHAINRULE_STOCK": "1", "CHAINRULE_SEED": str(SEED), "PYTHONPATH": str(ROOT)}
    environment["PATH"] = (
        f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"  # nbgrader calls alembic
    )
    with pytest.MonkeyPatch.context() as patch, log.open("w", encoding="utf-8") as out:
        for name, value in environment.items():
            patch.setenv(name, value)
        nbgrader = [sys.executable, "-m", "nbgrader"]
        subprocess.run(
            [*nbgrader, "generate_assignment", ASSIGNMENT], cwd=course, stdout=out, stderr=out, check=True
        )
        with private_kernels() as config:
            options = [f"--KernelManager.{name}={value}" for name, value in config.KernelManager.items()]
            options += [f"--Execute.startup_timeout={PATIENCE}"]
            autograde = [*nbgrader, "autograde", ASSIGNMENT, *options]
            with subprocess.Popen(autograde, cwd=course, stdout=out, stderr=out) as process:
                here = {name: _said(map(_executed, _notebooks(course / "submitted" / name))) for name in COHORT}
                assert process.wait() == 0, log.read_text(encoding="utf-8")
    stock = {name: _said(_notebooks(course / "autograded" / name)) for name in COHORT}
    return {"nbclient": here, "nbgrader": stock}


@pytest.fixture(scope="module")
def results(folder: Path) -> dict[str, dict[str, list[StageResult]]]:
    """The engine's results, by form and submission."""
    forms = {"modules": folder / "modules", "notebooks": folder / "notebooks"}
    return {form: {one.name: _marked(one) for one in read_cohort(path)} for form, path in forms.items()}


@pytest.mark.parametrize("name", COHORT)
def test_notebooks_in_three_ways(
    name: str, reports: dict[str, dict[str, Reports]], results: dict[str, dict[str, list[StageResult]]]
) -> None:
    """Check cells in a kernel, stock nbgrader and the engine say the same, to the word, with the same points."""
    expected = _report_of(results["notebooks"][name], handed_in(name)[0])
    assert reports["nbclient"][name] == expected
    assert reports["nbgrader"][name] == expected


@pytest.mark.parametrize("name", BOTH_FORMS)
def test_both_forms(name: str, folder: Path, results: dict[str, dict[str, list[StageResult]]]) -> None:
    """A learner's `pytest` on modules, and the engine on modules and on notebooks, agree test by test."""
    notebooks, _ = handed_in(name)
    stages = [stage for which in notebooks for stage in which.stages]
    expected = _run_pytest(folder / "modules" / name, stages)
    assert _points(results["modules"][name], stages) == expected
    assert _points(results["notebooks"][name], stages) == expected


def _marked(submission: Submission) -> list[StageResult]:
    """What the engine says of a submission, on the data of the other ways; `mark` has each stage draw its own."""
    allowance = Allowance(TIME_LIMIT * 100)
    limits = Limits(TIME_LIMIT, Settings.memory_limit, ISOLATION)
    code = written(submission, limits, allowance)
    return [marked_with(SEED, stage, code, limits, allowance) for stage in STAGES]


def _notebooks(folder: Path) -> Iterator[NotebookNode]:
    for path in sorted(folder.rglob("*.ipynb")):
        yield nbformat.read(path, as_version=4)


def _executed(notebook: NotebookNode) -> NotebookNode:
    """The notebook, run from top to bottom in a kernel."""
    return execute(notebook, kernel_name="python3", allow_errors=True)


def _said(notebooks: Iterable[NotebookNode]) -> Reports:
    """The check cells' reports and points, without how to draw the same data again."""
    said = {}
    for notebook in notebooks:
        for cell in notebook.cells:
            if cell.metadata.get("nbgrader", {}).get("grade"):
                printed = "".join(output.text for output in cell.outputs if output.output_type == "stream")
                [points] = [o.data["text/plain"] for o in cell.outputs if o.output_type == "execute_result"]
                said[cell.metadata.nbgrader.grade_id] = (
                    f"{printed.partition('The data were drawn')[0].strip()}\n{points}"
                )
    return said


def _report_of(results: list[StageResult], notebooks: list[Notebook]) -> Reports:
    """What the check cells of these notebooks would say of results of the engine's."""
    stages = {stage.stage: stage for stage in results}
    said = {}
    for stage in (stage for which in notebooks for stage in which.stages):
        for task in stage.tasks:
            tests = [test for test in stages[stage.name].tests if test.task == task]
            report = checks.report(tests, suites().labels(stage))
            said[check_cell(stage, task)] = f"{report}\n{rendering.earned(tests)}"
    return said


def _points(results: list[StageResult], stages: list[Stage]) -> Points:
    names = {stage.name for stage in stages}
    found = [stage for stage in results if stage.stage in names]
    return {(stage.stage, test.test): test.points for stage in found for test in stage.tests}


class _Collected:
    """A pytest plugin: the points of each test."""

    def __init__(self) -> None:
        self.points: Points = {}

    def pytest_runtest_logreport(self, report: Any) -> None:
        """Take a test's points."""
        if report.when == "call" or report.failed:
            key = report.stage.name, report.nodeid.partition("::")[2]
            self.points[key] = report.points if report.passed else 0.0


def _run_pytest(modules: Path, stages: list[Stage]) -> Points:
    """The points of a learner's own `pytest`."""
    collected = _Collected()
    options = [
        f"--rootdir={ROOT}",
        f"--config-file={ROOT / 'pyproject.toml'}",
        f"--impl={modules}",
        f"--seed={SEED}",
    ]
    own = ["--full", "-q", "-p", "no:cacheprovider", "-W", "ignore", *(str(stage.suite) for stage in stages)]
    with contextlib.redirect_stdout(io.StringIO()):
        pytest.main([*options, *own], plugins=[collected])
    return collected.points
