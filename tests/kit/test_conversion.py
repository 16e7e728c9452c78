"""From modules to notebooks and back: what was right stays right, and nothing is lost."""

import ast
import sys
from collections.abc import Mapping
from pathlib import Path
from types import ModuleType
from typing import Any

import nbformat
import pytest
from click.testing import CliRunner
from handed_in import put

from grader.catalogue import EXERCISES, NOTEBOOKS, SOLUTIONS, STAGES, Notebook, task_cell
from grader.cells.sources import sources_of
from grader.conversion.command import convert
from grader.conversion.forms import modules_of, notebook_of
from grader.extraction import reading
from grader.intake.notebook_files import Cell, read_cells
from grader.notebooks.layout import given_ids

FIRST = NOTEBOOKS[0]
SOLVED = {stage.name: (SOLUTIONS / stage.file).read_text(encoding="utf-8") for stage in STAGES}
STUBS = {stage.name: (EXERCISES / stage.file).read_text(encoding="utf-8") for stage in STAGES}

STYLES = {
    "module access": {
        "stage1_relu": SOLVED["stage1_relu"],
        "stage2_forward": SOLVED["stage2_forward"]
        .replace("from stage1_relu import relu\n", "import stage1_relu as one\n")
        .replace(" relu(a1)", " one.relu(a1)"),
        "stage3_backward": SOLVED["stage3_backward"]
        .replace("from stage1_relu import relu_grad\n", "import stage1_relu\n")
        .replace("from stage2_forward import accuracy, forward, loss\n", "import stage2_forward as two\n")
        .replace("relu_grad(out", "stage1_relu.relu_grad(out")
        .replace("(forward(", "(two.forward(")
        .replace(" forward(", " two.forward(")
        .replace(" loss(", " two.loss(")
        .replace("(loss(", "(two.loss(")
        .replace("accuracy(out", "two.accuracy(out"),
    },
    "names that mean two things": {
        "stage1_relu": "import numpy as np\n\nSCALE = 1.0\n\n\ndef loss(a):\n    return a > 0\n\n\ndef _mask(a):\n"
        "    return loss(a) * SCALE\n\n\ndef relu(a):\n    return a * _mask(a).astype(a.dtype)\n\n\n"
        "def relu_grad(a):\n    return _mask(a).astype(a.dtype)\n",
        "stage2_forward": "from stage1_relu import _mask as positive\n\nSCALE = 0.5\n\n\n"
        "def _mask(f, *, SCALE=SCALE):\n    return f >= SCALE\n\n\n"
        + SOLVED["stage2_forward"]
        .replace("(f >= 0.5)", "_mask(f, SCALE=SCALE)")
        .replace("relu(a1)", "a1 * positive(a1)"),
        "stage3_backward": SOLVED["stage3_backward"],
    },
    "stars and renamed imports": {
        "stage1_relu": "from numpy import *\n__all__ = ['relu', 'relu_grad']\nrelu = lambda a: maximum(a, 0)\n"
        "relu_grad = lambda a: (a > 0).astype(a.dtype)\n",
        "stage2_forward": SOLVED["stage2_forward"]
        .replace(
            "from stage1_relu import relu\n",
            "from stage1_relu import *\nfrom stage1_relu import relu as rectify\n",
        )
        .replace(" relu(a1)", " rectify(a1)"),
        "stage3_backward": SOLVED["stage3_backward"]
        .replace("from stage1_relu import relu_grad\n", "")
        .replace("from stage2_forward import accuracy, forward, loss\n", "from stage2_forward import *\n"),
    },
    "another order": {
        "stage1_relu": "import numpy as np\nKINDS = {}\n\n\ndef kind(f):\n    KINDS[f.__name__] = f\n    return f"
        "\n\n\n@kind\ndef relu_grad(a):\n    return np.greater(a, 0).astype(a.dtype)\n\n\n"
        "relu = lambda a, slope=relu_grad: a * KINDS['relu_grad'](a)\n",
        "stage2_forward": SOLVED["stage2_forward"],
        "stage3_backward": SOLVED["stage3_backward"],
    },
    "from one stage over another": {
        "stage1_relu": SOLVED["stage1_relu"] + "\n\ndef largest(a):\n    return float(np.max(np.abs(a)))\n",
        "stage2_forward": f"from stage1_relu import largest\n{SOLVED['stage2_forward']}",
        "stage3_backward": f"from stage2_forward import largest\n{SOLVED['stage3_backward']}".replace(
            "float(np.max(np.abs(a - b)))", "largest(a - b)"
        ),
    },
}


def cells_of(which: Notebook, sources: Mapping[str, str]) -> tuple[Cell, ...]:
    """The code cells of the learner's notebook, as they are read from its file."""
    made = notebook_of(which, sources)
    nbformat.validate(made)
    return read_cells(nbformat.writes(made).encode())


def run(sources: Mapping[str, str]) -> dict[str, ModuleType]:
    """The modules of the first three stages, each importing the ones before."""
    held: dict[str, ModuleType] = {}
    before = dict(sys.modules)
    try:
        for name in ("xor", *(stage.name for stage in FIRST.stages)):
            text = sources.get(name) or (SOLUTIONS / f"{name}.py").read_text(encoding="utf-8")
            held[name] = sys.modules[name] = ModuleType(name)
            exec(compile(text, f"{name}.py", "exec", dont_inherit=True), held[name].__dict__)
    finally:
        for name in held:
            sys.modules.pop(name)
            if name in before:
                sys.modules[name] = before[name]
    return held


def told(sources: Mapping[str, str]) -> list[Any]:
    """What the first three stages compute."""
    modules = run(sources)
    xor, three = modules["xor"], modules["stage3_backward"]
    X, y = xor.make_xor(20)
    params, history = three.train(X, y, xor.init_params(), epochs=20)
    return [history, sorted(three.gradient_check(X, y, params)), modules["stage1_relu"].relu_grad(X).tolist()]


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("how", ["marked", "converted"])
def test_there_and_back(style: str, how: str) -> None:
    """Modules put into a notebook and taken out of it do what they did, however they import each other."""
    sources = STYLES[style]
    cells = cells_of(FIRST, sources)
    if how == "marked":
        back = {name: found["source"] for name, found in sources_of(reading(FIRST, cells)).items()}
    else:
        back = modules_of(FIRST, cells)
    assert told(back) == told(sources)


@pytest.mark.parametrize("style", STYLES)
def test_a_converted_notebook_runs_from_top_to_bottom(style: str) -> None:
    """Its cells work in one namespace, in their order."""
    names: dict[str, Any] = {"__name__": "__main__"}
    given = {f"{stage.name}-imports" for stage in FIRST.stages}
    sys.modules["xor"] = run({})["xor"]
    try:
        for cell in cells_of(FIRST, STYLES[style]):
            if cell.id not in given_ids(FIRST) or cell.id in given:
                exec(compile(cell.source, cell.id, "exec", dont_inherit=True), names)
        X, y = names["make_xor"](20) if "make_xor" in names else sys.modules["xor"].make_xor(20)
        _, history = names["train"](X, y, sys.modules["xor"].init_params(), epochs=20)
    finally:
        del sys.modules["xor"]
    assert history == told(STYLES[style])[0]


@pytest.mark.parametrize("which", NOTEBOOKS)
def test_the_solutions(which: Notebook) -> None:
    """Each solution stands in its task's cell, and nothing else is put to the notebook."""
    cells = {cell.id: cell.source for cell in cells_of(which, SOLVED)}
    tasks = {task_cell(stage, task): task for stage in which.stages for task in stage.tasks}
    assert set(cells) == {*given_ids(which), *tasks}
    for id, task in tasks.items():
        assert getattr(ast.parse(cells[id]).body[-1], "name", "") == task


@pytest.mark.parametrize("which", NOTEBOOKS)
def test_stubs_stay_stubs(which: Notebook) -> None:
    """What is not written is not written in the notebook either, and neither is what did not come."""
    for sources in (STUBS, {}):
        cells = {cell.id: cell.source for cell in cells_of(which, sources)}
        stubs = [cells[task_cell(stage, task)] for stage in which.stages for task in stage.tasks]
        assert all("raise NotImplementedError" in stub for stub in stubs)


def test_helpers_come_along_to_other_notebooks() -> None:
    """What a stage takes of the learner's own from another notebook's stage stands before its first task."""
    helper = "\n\ndef same(a, b):\n    if loss(a, a) or a.shape != b.shape:\n        raise ValueError('shapes')\n"
    four = SOLVED["stage4_torch_forward"].replace("import stage2_forward\n", "import stage2_forward as two\n")
    four = four.replace("    if f.shape != y.shape:\n", "    two.same(f, y)\n    if f.shape != y.shape:\n")
    sources = SOLVED | {"stage2_forward": SOLVED["stage2_forward"] + helper, "stage4_torch_forward": four}
    cells = {cell.id: cell.source for cell in cells_of(NOTEBOOKS[1], sources)}
    own = cells["stage2_forward-own"]
    assert "from stage2_forward import loss as loss_of_stage2" in own
    assert "loss_of_stage2(a, a)" in own
    assert "two.same = same" in cells["stage4_torch_forward-loss"]
    found = sources_of(reading(NOTEBOOKS[1], (Cell(id, source) for id, source in cells.items())))
    assert "def same" in found["stage4_torch_forward"]["source"]


def test_a_module_that_cannot_be_parsed_is_kept() -> None:
    """Its text goes whole into the first task's cell, and each task says where the mistake is."""
    broken = SOLVED["stage1_relu"] + "\n\ndef more(:\n    pass\n"
    cells = cells_of(FIRST, {"stage1_relu": broken})
    assert broken.rstrip() in [cell.source for cell in cells]
    back = sources_of(reading(FIRST, cells))["stage1_relu"]["source"]
    line = broken.split("\n").index("def more(:") + 1
    for task in ("relu", "relu_grad"):
        with pytest.raises(SyntaxError, match=f"the cell of relu, line {line}: "):
            getattr(run({"stage1_relu": back})["stage1_relu"], task)(1)
    assert "# def more(:" in modules_of(FIRST, cells)["stage1_relu"]


@pytest.mark.parametrize(
    "start",
    [
        "x = " + "+".join("1" * 900),
        "x = a" + ".b" * 900,
        "x = 1\n" * 2000,
        "from stage1_relu import *\nimport stage1_relu\nfrom stage3_backward import train as relu_too",
        "import stage2_forward as later\nlater.x = 1",
    ],
    ids=["sum", "attributes", "length", "itself", "later ones"],
)
def test_strange_modules_are_kept(start: str) -> None:
    """Whatever a module holds, a notebook is made of it, with all that was in it."""
    cells = cells_of(FIRST, {"stage1_relu": f"{start}\n{SOLVED['stage1_relu']}"})
    text = "\n".join(cell.source for cell in cells)
    assert all(line in text for line in (*start.splitlines(), "    return np.maximum(a, 0)"))


def test_scripts_and_remarks_are_kept() -> None:
    """What a learner's module prints, asserts and does as a script is still there; the kit's own script is not."""
    remarks = "# mine\nassert relu(np.zeros(2)).shape == (2,)\n"
    script = 'if __name__ == "__main__":\n    print("mine")'
    cells = cells_of(FIRST, {"stage1_relu": f"{SOLVED['stage1_relu']}\n\n{remarks}\n\n{script}\n"})
    text = "\n".join(cell.source for cell in cells)
    assert remarks in f"{text}\n"
    assert script in text
    assert "np.linspace(-2.0" not in text


def test_modules_are_tidy() -> None:
    """Modules made of a notebook import what they use, and nothing guards their statements."""
    back = modules_of(FIRST, cells_of(FIRST, SOLVED))
    assert "from stage1_relu import relu_grad\nfrom stage2_forward import " in back["stage3_backward"]
    assert not any(
        "__unmade__" in source or "check_shapes" in source for source in back.values() if "affine" not in source
    )
    assert list(back) == [stage.name for stage in FIRST.stages]


def test_the_command_both_ways(tmp_path: Path) -> None:
    """`chainrule convert` makes notebooks of modules and modules of notebooks, and overwrites nothing unasked."""
    put(tmp_path / "ann", {"stage1_relu.py": SOLVED["stage1_relu"].encode()})
    runner = CliRunner()
    done = runner.invoke(convert, [str(tmp_path / "ann"), "--out", str(tmp_path / "new")])
    assert done.exit_code == 0, done.output
    assert [path.name for path in (tmp_path / "new").iterdir()] == [FIRST.file]
    again = runner.invoke(convert, [str(tmp_path / "ann" / "stage1_relu.py"), "--out", str(tmp_path / "new")])
    assert again.exit_code == 1
    assert "would be overwritten; nothing was written. Overwrite with --force" in again.output
    done = runner.invoke(convert, [str(tmp_path / "new" / FIRST.file)])
    assert done.exit_code == 0, done.output
    assert {path.name for path in (tmp_path / "new").glob("*.py")} == {"xor.py", *(s.file for s in FIRST.stages)}
    both = runner.invoke(convert, [str(tmp_path / "new")])
    assert "holds both modules and notebooks; say which to make" in both.output
    forced = runner.invoke(convert, [str(tmp_path / "new"), "--to", "modules", "--force"])
    assert forced.exit_code == 0, forced.output


@pytest.mark.parametrize(
    ("files", "error"),
    [
        ({}, "no stage file"),
        ({"01_numpy_manual.ipynb": b"{"}, "cannot be read: damaged"),
        ({"stage1_relu.py": b"\xff"}, "not UTF-8 text"),
    ],
)
def test_the_command_says_what_is_wrong(tmp_path: Path, files: dict[str, bytes], error: str) -> None:
    """A path with nothing to convert gets a sentence."""
    put(tmp_path, files | {"readme.txt": b""})
    for path, sentence in (
        (tmp_path, error),
        (tmp_path / "nowhere", "there is no such folder or file"),
        (tmp_path / "readme.txt", "neither a notebook nor a stage's file"),
    ):
        done = CliRunner().invoke(convert, [str(path)])
        assert done.exit_code == 1
        assert sentence in done.output
