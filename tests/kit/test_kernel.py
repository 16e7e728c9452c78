"""What a check says in a front end, whatever was done to the cells, is what marking says of the notebook."""

import contextlib
from typing import Any

import front_ends
import pytest
from front_ends import OpenNotebook, Sends
from sample_cohort import ISOLATION

from grader.course.catalogue import NOTEBOOKS, STAGES, Notebook, Stage, check_cell, task_cell
from grader.course.points import points
from grader.inside.cells.order import in_place
from grader.intake.extraction import written
from grader.intake.notebook_files import read_cells
from grader.intake.submissions import Submission
from grader.judging.suites import suites
from grader.learner.executions import Origin, origin_of
from grader.outside.process import Allowance, Limits, WorkerProcess
from grader.publishing.assembly import notebook, text

SEED = 7
CHECKS = [(stage, task, check_cell(stage, task)) for stage in STAGES for task in stage.tasks]
RELU, RELU_CHECK = task_cell(STAGES[0], "relu"), check_cell(STAGES[0], "relu")
SLOPE, SLOPE_CHECK = task_cell(STAGES[0], "relu_grad"), check_cell(STAGES[0], "relu_grad")
LIMITS = Limits(call=30.0, memory=2**30, isolation=ISOLATION)
MOST = [points()[STAGES[0].name, task] for task in STAGES[0].tasks]
"""What the tasks of the first stage are worth."""

each = pytest.mark.parametrize("which", NOTEBOOKS, ids=lambda which: which.name)


@each
def test_a_solved_notebook_in_jupyterlab(which: Notebook) -> None:
    """Run from top to bottom it has every point, and its pictures."""
    with front_ends.opened(notebook(which, solved=True), front_ends.jupyterlab, SEED) as lab:
        lab.run_all()
    for stage, task, check in CHECKS:
        if stage in which.stages:
            assert lab.points(check) == points()[stage.name, task], lab.printed(check)
    assert [output for output in lab["pictures"].outputs if "image/png" in output.get("data", ())]


@each
def test_a_released_notebook_in_jupyterlab(which: Notebook) -> None:
    """Nothing fails: each check says that its task is not written yet, and gives 0 points."""
    with front_ends.opened(notebook(which), front_ends.jupyterlab, SEED) as lab:
        lab.run_all()
    for stage, _, check in CHECKS:
        if stage in which.stages:
            assert "is not written yet: 0 of " in lab.printed(check)
            assert lab.points(check) == 0.0
    told = lab.printed("pictures")
    assert told.startswith("No picture of ")
    assert "not written yet" in told
    outputs = [output for cell in lab.made.cells for output in cell.get("outputs", ())]
    assert not any(output.get("name") == "stderr" or output.output_type == "error" for output in outputs)


@pytest.mark.parametrize(
    "sends", [front_ends.jupyterlab, front_ends.vscode, front_ends.colab], ids=lambda one: one.__name__
)
def test_cells_edited_and_run_again_in_disorder(sends: Sends) -> None:
    """After each thing that learners do, the checks give what marking gives for the notebook as it stands.

    A step says which tasks of the first stage are right after it.
    """
    with front_ends.opened(notebook(NOTEBOOKS[0]), sends, SEED) as front_end:
        front_end.run("setup", "xor-given", "stage1_relu-imports")
        for step in (*STEPS, *(DELETING if sends is front_ends.jupyterlab else ())):
            expected = step(front_end)
            points = checked(front_end)
            assert points == marked(front_end), step.__name__
            assert [given == most for given, most in zip(points, MOST, strict=True)] == expected, step.__name__


def checked(front_end: OpenNotebook) -> list[float]:
    """The points that the checks of stage 1 give."""
    front_end.run(RELU_CHECK, SLOPE_CHECK)
    return [front_end.points(RELU_CHECK), front_end.points(SLOPE_CHECK)]


def marked(front_end: OpenNotebook) -> list[float]:
    """The points that marking gives for the tasks of stage 1 in the notebook as it stands."""
    cells = read_cells(text(front_end.made).encode())
    submission = Submission("ann", form="notebooks", notebooks={NOTEBOOKS[0].name: cells})
    allowance = Allowance(1000)
    code = written(submission, LIMITS, allowance)
    with contextlib.ExitStack() as workers:

        def start(stage: Stage) -> WorkerProcess:
            worker = WorkerProcess(code.load_request(stage), code.sources, LIMITS, allowance)
            return workers.enter_context(contextlib.closing(worker))

        tests = suites().run(STAGES[0], start, SEED)
    return [sum(test.points for test in tests if test.task == task) for task in STAGES[0].tasks]


def write_wrongly(front_end: OpenNotebook) -> list[bool]:
    """The first task is written, and is wrong."""
    front_end.run(RELU, source="def relu(a):\n    return a")
    return [False, False]


def write_rightly(front_end: OpenNotebook) -> list[bool]:
    """Both tasks are written, the first one over what was wrong."""
    front_end.run(RELU, source="def relu(a):\n    return np.maximum(a, 0)")
    front_end.run(SLOPE, source="def relu_grad(a):\n    return np.where(a > 0, 1.0, 0.0).astype(a.dtype)")
    return [True, True]


def run_too_early(front_end: OpenNotebook) -> list[bool]:
    """A cell fails since another one was not run, and is run again after that."""
    front_end.insert(RELU, "floor", "def floor():\n    return LOWEST")
    front_end.insert(RELU, "limits", "LIMITS = [floor()]")
    front_end.insert("floor", "lowest", "LOWEST = 0")
    front_end.run("floor", "limits", "lowest", "limits")
    front_end.run(RELU, source="def relu(a):\n    return np.maximum(a, LIMITS[0]).astype(a.dtype)")
    return [True, True]


def run_again_alone(front_end: OpenNotebook) -> list[bool]:
    """A cell on which others were built is edited and run again without them."""
    front_end.run("lowest", source="LOWEST = 0.0")
    return [True, True]


def come_to_need_a_new_cell(front_end: OpenNotebook) -> list[bool]:
    """A cell put above an old one, which is edited to use it."""
    front_end.run(front_end.insert("lowest", "zero", "ZERO = -1.0"))
    front_end.run("lowest", source="LOWEST = ZERO + 1")
    front_end.run("limits")
    return [True, True]


def rename(front_end: OpenNotebook) -> list[bool]:
    """A helper gets another name: the old one is still there in the kernel, and nowhere in the notebook."""
    front_end.run(front_end.insert(SLOPE, "helper", "def one(a):\n    return np.where(a > 0, 1.0, 0.0)"))
    front_end.run(SLOPE, source="def relu_grad(a):\n    return one(a).astype(a.dtype)")
    front_end.run("helper", source="def slope(a):\n    return np.where(a > 0, 1.0, 0.0)")
    return [True, False]


def rename_its_use(front_end: OpenNotebook) -> list[bool]:
    """The use gets the new name, too."""
    front_end.run(SLOPE, source="def relu_grad(a):\n    return slope(a).astype(a.dtype)")
    return [True, True]


def load_again(front_end: OpenNotebook) -> list[bool]:
    """The kit is loaded again in the running kernel."""
    front_end.run("setup")
    front_end.run(front_end.insert("xor-given", "again", "%reload_ext grader.kernel"))
    return [True, True]


def try_elsewhere(front_end: OpenNotebook) -> list[bool]:
    """A cell for experiments below defines a task again, and wrongly; it is run more than once."""
    front_end.run(front_end.insert("stage2_forward-imports", "scratch", "def relu(a):\n    return a\n\nrelu(3)"))
    front_end.run("scratch", RELU, "scratch")
    return [True, True]


def break_and_mend(front_end: OpenNotebook) -> list[bool]:
    """A task's cell that was right cannot be parsed for a while."""
    front_end.run(SLOPE, source="def relu_grad(a:\n    return a")
    assert checked(front_end) == marked(front_end)
    return rename_its_use(front_end)


def move(front_end: OpenNotebook) -> list[bool]:
    """Cells are moved, which no kernel is told, and others run."""
    front_end.move("helper", before="stage1_relu-reading")
    front_end.run("scratch", "limits")
    return [True, True]


def delete(front_end: OpenNotebook) -> list[bool]:
    """A cell is deleted whose function is still there in the kernel."""
    kept = front_end.delete("helper")
    checked(front_end)
    assert "A cell that was deleted, or cut and pasted, counts when it is run again." in front_end.printed(
        SLOPE_CHECK
    )
    front_end.paste(SLOPE, kept)
    front_end.run("helper")
    assert "deleted" not in front_end.run(SLOPE_CHECK)
    front_end.delete("helper")
    return [True, False]


STEPS = (
    *(
        write_wrongly,
        write_rightly,
        run_too_early,
        run_again_alone,
        come_to_need_a_new_cell,
        rename,
        rename_its_use,
    ),
    *(load_again, try_elsewhere, break_and_mend, move),
)
DELETING = (delete,)
"""What JupyterLab alone tells kernels of."""


@pytest.mark.parametrize(
    ("metadata", "origin"),
    [
        ({}, Origin()),
        ({"cellId": "stage1_relu-relu", "deletedCells": []}, Origin("stage1_relu-relu", "stage1_relu-relu")),
        (
            {"cellId": "c0ffee", "nbgrader": {"grade_id": "stage1_relu-relu"}},  # a copy of the task's cell
            Origin("c0ffee", "c0ffee"),
        ),
        (
            {"cellId": "vscode-notebook-cell:/a.ipynb#W0", "nbgrader": {"grade_id": "stage1_relu-relu"}},
            Origin("vscode-notebook-cell:/a.ipynb#W0", "stage1_relu-relu"),
        ),
        ({"cellId": "vscode-notebook-cell:/a.ipynb#W1"}, Origin("vscode-notebook-cell:/a.ipynb#W1", "")),
        ({"colab": {"cell_id": "aBc_-9"}}, Origin("aBc_-9", "aBc_-9")),
        ({"colab": None, "cellId": 3, "nbgrader": []}, Origin()),
    ],
)
def test_front_ends_tell_a_cell_in_their_own_ways(metadata: dict[str, Any], origin: Origin) -> None:
    """What tells a cell from others, and its id in the file, are taken from what each of them sends."""
    assert origin_of(metadata) == origin


@pytest.mark.parametrize(
    ("runs", "sources", "placed"),
    [
        ("ab", {"a": "x = 1", "b": "y = x"}, "ab"),
        ("aba", {"a": "x = 1", "b": "y = x"}, "ab"),
        ("bab", {"a": "x = 1", "b": "y = x"}, "ab"),
        ("acba", {"a": "x = z", "b": "y = 1", "c": "z = 2"}, "cba"),
        ("acaba", {"a": "x = z", "b": "y = x", "c": "z = 2"}, "cab"),
        ("ba", {"a": "x = 1", "b": "y = x"}, "ba"),
        ("fbab", {"a": "x = 1", "b": "y = f()", "f": "def f():\n    return x"}, "fab"),
        ("aa", {"a": "x = unknown"}, "a"),
        ("aba", {"a": "x = y", "b": "y = x"}, "ba"),
        ("aba", {"a": "x = 1\ny = x", "b": "def ("}, "ab"),
    ],
)
def test_a_cell_stands_where_it_can_be_run(runs: str, sources: dict[str, str], placed: str) -> None:
    """Where it was run first, unless it needs there what was run only later."""
    assert "".join(in_place(runs, sources)) == placed
