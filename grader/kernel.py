"""What a notebook's kernel loads: modules from given cells, the check of a task, and the learner's pictures.

A check does not call the functions that the kernel holds, which see whatever else was run there. It puts the
stage's module together from the cells that were run, as marking does with the notebook that is handed in, and runs
the task's part of the suite on that: the same score, whoever asks.
"""

import contextlib
import linecache
import os
import secrets
import sys

import pytest
from IPython import get_ipython
from IPython.core.interactiveshell import InteractiveShell
from IPython.core.magic import Magics, cell_magic, magics_class
from IPython.display import display

from grader.course.catalogue import NOTEBOOKS, Notebook, Stage, find_stage, notebook_of
from grader.inside.cells.sources import sources_of
from grader.intake.extraction import Written, reading
from grader.judging.naming import Names, waiting
from grader.judging.rendering import call_again, earned, report
from grader.judging.results import TestResult
from grader.judging.suites import Code, suites
from grader.learner.executions import executions_of
from grader.outside import pytorch
from grader.outside.client import SameProcess
from grader.outside.versions import difference

SEED = "CHAINRULE_SEED"
"""The environment variable that gives the seed of all checks."""


def load_ipython_extension(shell: InteractiveShell) -> None:
    """For `%load_ext grader.kernel`."""
    shell.register_magics(GivenMagics)
    shell.events.register("pre_run_cell", executions_of(shell).note)


def unload_ipython_extension(shell: InteractiveShell) -> None:
    """For `%reload_ext grader.kernel`."""
    shell.events.unregister("pre_run_cell", executions_of(shell).note)


@magics_class
class GivenMagics(Magics):
    """The magic of cells that hold a given module."""

    @cell_magic
    def given(self, line: str, cell: str) -> None:
        """Run the cell as the module of this name, from which other cells can import."""
        name = line.strip()
        module, file = type(sys)(name), f"{name}.py"
        module.__file__ = file
        linecache.cache[file] = (len(cell), None, cell.splitlines(keepends=True), file)
        exec(compile(cell, file, "exec", dont_inherit=True), module.__dict__)
        sys.modules[name] = module


def check_task(stage: str, task: str, seed: int | None = None) -> float:
    """Run the task's part of the suite on the cells that were run so far, show the report, give the points.

    stage: name of the stage, such as stage1_relu; seed: of the data drawn, by default that of the environment
    variable CHAINRULE_SEED, else drawn anew.
    """
    where = find_stage(stage)
    seed = int(os.environ.get(SEED) or secrets.randbelow(2**31)) if seed is None else seed
    tests = _run(where, task, _written(where), seed)
    print(report(tests, suites((where,)).labels(where), call_again(stage, task, seed)))
    if told := difference():
        print(told)
    if executions_of(_shell()).forgotten() and any(test.outcome != "passed" for test in tests):
        print("A cell that was deleted, or cut and pasted, counts when it is run again.")
    return earned(tests)


def show_pictures() -> None:
    """Train the learner's own model, and draw it; say what cannot be drawn and why."""
    from grader.learner.pictures.figures import overview_in_two  # matplotlib takes its time, and checks do without
    from grader.learner.pictures.runs import runs_of

    which = _this_notebook()
    with _torch_draws_as_before():
        found = runs_of(_in_this_kernel(_written(which.stages[-1])), which)
    for note in found.notes if found.runs or found.notes else ["Of this notebook there are no pictures."]:
        print(note)
    for picture in overview_in_two(found.runs, found.overview):
        display(picture)


def _run(stage: Stage, task: str, code: Written, seed: int) -> list[TestResult]:
    try:
        return suites((stage,)).run(stage, _in_this_kernel(code), seed, task, Names(waiting()))
    except KeyboardInterrupt:  # the session stands in the middle of a test
        suites.cache_clear()
        raise


def _in_this_kernel(code: Written) -> Code:
    """Puts a stage where the learner's debugger and Ctrl-C reach it."""

    def start(stage: Stage) -> SameProcess:
        pytorch.check(stage, code.sources.get(stage.name))
        return SameProcess(code.load_request(stage), code.sources, (KeyboardInterrupt, pytest.exit.Exception))

    return start


def _torch_draws_as_before() -> contextlib.AbstractContextManager[None]:
    """Put PyTorch's generators back afterwards, where it is loaded."""
    torch = sys.modules.get("torch")
    kept: contextlib.AbstractContextManager[None] = torch.random.fork_rng() if torch else contextlib.nullcontext()
    return kept


def _written(stage: Stage) -> Written:
    """The learner's stages of this notebook, from the cells that were run."""
    which = notebook_of(stage)
    cells = executions_of(_shell()).cells()
    read = sources_of(reading(which, cells.values(), cells))
    code = Written()
    for own in which.stages:
        code.sources[own.name] = read[own.name]["source"]
        code.places[own.name] = [(line, cell, first) for line, cell, first in read[own.name]["places"]]
    return code


def _this_notebook() -> Notebook:
    """The notebook that is open, by the checks that were run in it, or by its task cells."""
    text = "\n".join(cell.source for cell in executions_of(_shell()).cells().values())
    found = [which for which in NOTEBOOKS if any(f'"{stage.name}"' in text for stage in which.stages)]
    return found[0] if found else NOTEBOOKS[0]


def _shell() -> InteractiveShell:
    shell: InteractiveShell | None = get_ipython()
    if shell is None:
        raise RuntimeError("this is for notebooks: there is no IPython here")
    return shell
