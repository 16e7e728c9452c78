"""A cohort in both forms, marked in every way: by pytest, the engine, kernels, and nbgrader without the engine."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from pathlib import Path

import nbformat
from by_seed import by_marking, by_pytest
from nbformat import NotebookNode
from notebook_forms import notebook_of

from grader.course.catalogue import STAGES, Notebook, check_cell
from grader.course.finding import KIT
from grader.course.location import ASSIGNMENT
from grader.intake.submissions import read_cohort
from grader.judging import rendering
from grader.judging.results import StageResult, TestResult
from grader.judging.suites import suites
from grader.publishing.assembly import text
from grader.publishing.execution import PATIENCE, execute, private_kernels
from grader.publishing.nbgrader_course import lay_out

SEED = 20261121
Points = dict[tuple[str, str], float]
"""Points by stage and test."""
Reports = dict[str, str]
"""What the check cells say, by their ids."""
Submitted = tuple[tuple[Notebook, ...], Mapping[str, str]]
"""Which notebooks are handed in, and the modules of their stages, by the stages' names."""


class Cohort:
    """Submissions in both forms, in a folder: modules/NAME/ and notebooks/NAME/.

    run: whose notebooks are run in kernels; they are also handed in to nbgrader's course, in course/.
    """

    def __init__(self, folder: Path, submitted: Mapping[str, Submitted], run: Iterable[str]) -> None:
        self._folder, self._submitted, self._run = folder, submitted, tuple(run)
        lay_out(folder / "course")
        for name, (notebooks, sources) in submitted.items():
            modules, written = folder / "modules" / name, folder / "notebooks" / name
            modules.mkdir(parents=True)
            written.mkdir(parents=True)
            for stage in (stage for which in notebooks for stage in which.stages):
                (modules / stage.file).write_text(sources[stage.name], encoding="utf-8")
            for which in notebooks:
                (written / which.file).write_text(text(notebook_of(which, sources)), encoding="utf-8")
            if name in self._run:
                shutil.copytree(written, folder / "course" / "submitted" / name / ASSIGNMENT)

    def by_engine(self, name: str, form: str) -> Points:
        """The engine's points for the stages that were handed in, in one form."""
        own = self._results[form][name]
        handed_in = {stage.name for which in self._submitted[name][0] for stage in which.stages}
        return _points({stage.stage: stage.tests for stage in own if stage.stage in handed_in})

    def by_pytest(self, name: str) -> Points:
        """The points of a learner's own `pytest` on the modules."""
        stages = [stage for which in self._submitted[name][0] for stage in which.stages]
        return _points(by_pytest(self._folder / "modules" / name, stages, SEED))

    def report_of(self, name: str) -> Reports:
        """What the check cells of a submission would say of the engine's results."""
        tests = {stage.stage: stage.tests for stage in self._results["notebooks"][name]}
        said = {}
        for stage in (stage for which in self._submitted[name][0] for stage in which.stages):
            for task in stage.tasks:
                own = [test for test in tests[stage.name] if test.task == task]
                report = rendering.report(own, suites().labels(stage))
                said[check_cell(stage, task)] = f"{report}\n{rendering.earned(own)}"
        return said

    @cached_property
    def reports(self) -> dict[str, dict[str, Reports]]:
        """What the check cells of the notebooks say, by way and submission: in kernels that nbclient runs and, at
        the same time, in stock nbgrader's own.
        """
        course, log = self._folder / "course", self._folder / "nbgrader.log"
        environment = os.environ | {"CHAINRULE_STOCK": "1", "CHAINRULE_SEED": str(SEED), "PYTHONPATH": str(KIT)}
        environment["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"  # of alembic
        nbgrader = [sys.executable, "-m", "nbgrader"]
        with log.open("w", encoding="utf-8") as out, private_kernels() as config:
            options = [f"--KernelManager.{name}={value}" for name, value in config.KernelManager.items()]
            options += [f"--Execute.startup_timeout={PATIENCE}"]
            where = {"cwd": course, "stdout": out, "stderr": out, "env": environment}
            subprocess.run([*nbgrader, "generate_assignment", ASSIGNMENT], check=True, **where)
            with subprocess.Popen([*nbgrader, "autograde", ASSIGNMENT, *options], **where) as process:
                here = {name: _said(self._executed(name)) for name in self._run}
                assert process.wait() == 0, log.read_text(encoding="utf-8")
        stock = {name: _said(_notebooks(course / "autograded" / name)) for name in self._run}
        return {"nbclient": here, "nbgrader": stock}

    def _executed(self, name: str) -> Iterator[NotebookNode]:
        """A submission's notebooks, run from top to bottom in kernels."""
        environment = {"CHAINRULE_SEED": str(SEED), "PYTHONPATH": str(KIT)}
        for notebook in _notebooks(self._folder / "notebooks" / name):
            yield execute(notebook, environment, kernel_name="python3", allow_errors=True)

    @cached_property
    def _results(self) -> dict[str, dict[str, list[StageResult]]]:
        """The engine's results, by form and submission."""
        return {
            form: {one.name: by_marking(one, STAGES, SEED) for one in read_cohort(self._folder / form)}
            for form in ("modules", "notebooks")
        }


def _notebooks(folder: Path) -> Iterator[NotebookNode]:
    for path in sorted(folder.rglob("*.ipynb")):
        yield nbformat.read(path, as_version=4)


def _said(notebooks: Iterable[NotebookNode]) -> Reports:
    """The check cells' reports and points, without how to draw the same data again."""
    said = {}
    for cell in (cell for notebook in notebooks for cell in notebook.cells):
        if cell.metadata.get("nbgrader", {}).get("grade"):
            printed = "".join(output.text for output in cell.outputs if output.output_type == "stream")
            [points] = [o.data["text/plain"] for o in cell.outputs if o.output_type == "execute_result"]
            report = printed.partition("The data were drawn")[0].strip()
            said[cell.metadata.nbgrader.grade_id] = f"{report}\n{points}"
    return said


def _points(results: Mapping[str, list[TestResult]]) -> Points:
    return {(stage, test.test): test.points for stage, tests in results.items() for test in tests}
