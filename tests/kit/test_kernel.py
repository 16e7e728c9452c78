"""What a check says in a front end, whatever was done to the cells, is what marking says of the notebook."""

from typing import Any

import front_ends
import pytest
from by_seed import by_marking
from fixtures import with_proofs
from front_ends import OpenNotebook, Sends

from grader.course.catalogue import NOTEBOOKS, Notebook, check_cell, task_cell
from grader.course.points import points
from grader.inside.cells.order import in_place
from grader.intake.notebook_files import read_cells
from grader.intake.submissions import Submission
from grader.judging import rendering
from grader.learner.executions import Origin, origin_of
from grader.publishing.assembly import notebook, text

SEED = 7
DOUBLING = NOTEBOOKS[0]
(STAGE,) = DOUBLING.stages
DOUBLE, BOTH = (task_cell(STAGE, task) for task in STAGE.tasks)

each = pytest.mark.parametrize("which", NOTEBOOKS, ids=lambda which: which.name)


@each
def test_a_notebook_in_jupyterlab(which: Notebook) -> None:
    """Released, each check says that its task is not written yet, and gives 0 points; written, it gives them all.

    Nothing fails.
    """
    checks = [(stage.name, task, check_cell(stage, task)) for stage in which.stages for task in stage.tasks]
    with front_ends.opened(notebook(which), front_ends.jupyterlab, SEED) as lab:
        lab.write_all(lab.made, "pictures")
        assert lab.failures() == []
        for _, _, check in checks:
            assert "is not written yet: 0 of " in lab.printed(check)
            assert lab.points(check) == 0.0
        lab.write_all(notebook(which, solved=True), "pictures")
    assert lab.failures() == []
    for stage, task, check in checks:
        assert lab.points(check) == points()[stage, task], lab.printed(check)


DOUBLING_BY = "def double(x):\n    return (x * {factor}).astype(x.dtype)"
PAIR_BY = "def both(pair):\n    return Pair({function}(pair.a), {function}(pair.b))"
TWICE = "def {name}(x):\n    return 2 * x"
STEPS: tuple[tuple[str, list[tuple[str, ...]], str], ...] = (
    ("the first task is written, and is wrong", [("write", DOUBLE, "def double(x):\n    return x")], "✗✗"),
    (
        "both tasks are written, the first one over what was wrong",
        [
            ("write", DOUBLE, TWICE.format(name="double")),
            ("write", BOTH, "def both(pair):\n    return Pair(*(2 * x for x in pair))"),
        ],
        "✓✓",
    ),
    (
        "a cell fails since another one was not run, and is run again after that",
        [
            ("insert", DOUBLE, "factor", "def factor():\n    return SIZE_OF_IT"),
            ("insert", DOUBLE, "factors", "FACTORS = [factor()]"),
            ("insert", "factor", "size", "SIZE_OF_IT = 2"),
            ("run", "factor", "factors", "size", "factors"),
            ("write", DOUBLE, DOUBLING_BY.format(factor="FACTORS[0]")),
        ],
        "✓✓",
    ),
    (
        "a cell on which others were built is edited and run again without them",
        [("write", "size", "SIZE_OF_IT = 2.0")],
        "✓✓",
    ),
    (
        "a cell is put above an old one, which is edited to use it",
        [("add", "size", "one", "ONE = 1.0"), ("write", "size", "SIZE_OF_IT = ONE + 1"), ("run", "factors")],
        "✓✓",
    ),
    (
        "a helper gets another name: the old one is there in the kernel, and nowhere in the notebook",
        [
            ("add", BOTH, "helper", TWICE.format(name="twice")),
            ("write", BOTH, PAIR_BY.format(function="twice")),
            ("write", "helper", TWICE.format(name="doubled")),
        ],
        "✓✗",
    ),
    ("its use gets the new name, too", [("write", BOTH, PAIR_BY.format(function="doubled"))], "✓✓"),
    (
        "the kit is loaded again in the running kernel",
        [("run", "setup"), ("add", "pair-given", "again", "%reload_ext grader.kernel")],
        "✓✓",
    ),
    (
        "a cell for experiments below defines a task again, and wrongly; it is run more than once",
        [
            ("add", BOTH, "scratch", "def double(x):\n    return x\n\ndouble(3)"),
            ("run", "scratch", DOUBLE, "scratch"),
        ],
        "✓✓",
    ),
    ("a task's cell that was right cannot be parsed", [("write", BOTH, "def both(pair:\n    return")], "✓✗"),
    ("it is mended", [("write", BOTH, PAIR_BY.format(function="doubled"))], "✓✓"),
    (
        "cells are moved, which no kernel is told, and others run",
        [("move", "helper", "stage1_double-reading"), ("run", "scratch", "factors")],
        "✓✓",
    ),
)


SENDERS: dict[str, Sends] = {
    one.__name__: one for one in (front_ends.jupyterlab, front_ends.vscode, front_ends.colab)
}


@pytest.mark.parametrize("sender", with_proofs(SENDERS, ["jupyterlab"]))
def test_cells_edited_and_run_again_in_disorder(sender: str) -> None:
    """After each thing that learners do, the checks give what marking gives for the notebook as it stands.

    A step has what was done, the calls that do it, and which tasks of the first stage are right after it.
    """
    with front_ends.opened(notebook(DOUBLING), SENDERS[sender], SEED) as front_end:
        front_end.run("setup", "pair-given", "stage1_double-imports")
        for what, calls, right in STEPS:
            for call, *arguments in calls:
                getattr(front_end, call)(*arguments)
            assert checked(front_end) == marked(front_end) == right, what
        if sender == "jupyterlab":  # which alone tells kernels what was deleted
            deleting(front_end)


def deleting(front_end: OpenNotebook) -> None:
    """A cell is deleted whose function is still there in the kernel."""
    kept = front_end.delete("helper")
    checked(front_end)
    told = "A cell that was deleted, or cut and pasted, counts when it is run again."
    assert told in front_end.printed(f"{BOTH}-check")
    front_end.paste(BOTH, kept)
    front_end.run("helper")
    assert "deleted" not in front_end.run(f"{BOTH}-check")
    front_end.delete("helper")
    assert checked(front_end) == marked(front_end) == "✓✗"


def checked(front_end: OpenNotebook) -> str:
    """Which tasks of the first stage have all their points by their checks."""
    ids = [check_cell(STAGE, task) for task in STAGE.tasks]
    front_end.run(*ids)
    return right([front_end.points(id) for id in ids])


def marked(front_end: OpenNotebook) -> str:
    """Which tasks of the first stage marking gives all their points, in the notebook as it stands."""
    cells = read_cells(text(front_end.made).encode())
    [result] = by_marking(
        Submission("ann", form="notebooks", notebooks={DOUBLING.name: cells}), DOUBLING.stages, SEED
    )
    return right([rendering.earned([test for test in result.tests if test.task == task]) for task in STAGE.tasks])


def right(given: list[float]) -> str:
    """A sign for each task: all of its points, or less."""
    most = [points()[STAGE.name, task] for task in STAGE.tasks]
    return "".join("✓" if one == of else "✗" for one, of in zip(given, most, strict=True))


CELL = "stage1_double-double"
IN_VSCODE = "vscode-notebook-cell:/a.ipynb#W0"


@pytest.mark.parametrize(
    ("metadata", "origin"),
    [
        ({}, Origin()),
        ({"cellId": CELL, "deletedCells": []}, Origin(CELL, CELL)),
        ({"cellId": "c0ffee", "nbgrader": {"grade_id": CELL}}, Origin("c0ffee", "c0ffee")),  # a copy of its cell
        ({"cellId": IN_VSCODE, "nbgrader": {"grade_id": CELL}}, Origin(IN_VSCODE, CELL)),
        ({"cellId": IN_VSCODE}, Origin(IN_VSCODE, "")),
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
