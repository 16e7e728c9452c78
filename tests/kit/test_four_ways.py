"""pytest, watch, the check in a notebook and marking say the same of the same code, to the word."""

import ast
import contextlib
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import front_ends
import pytest
from by_seed import TIME_LIMIT, by_marking, by_pytest
from fixtures import with_proofs

from grader.course.catalogue import STAGES, Stage, check_cell, find_task, notebook_of, source_of, task_cell
from grader.intake.learners_folder import read_own
from grader.intake.notebook_files import read_cells
from grader.intake.submissions import Submission
from grader.judging import rendering
from grader.judging.suites import suites
from grader.learner.watch import files
from grader.learner.watch.running import Runner
from grader.outside.client import NOTEBOOK
from grader.publishing.assembly import notebook, text

SEED = 20261127
RIGHT = "def double(x):\n    return x + x\n"
FIRST_THEN = "def double(x):\n    {}\n    return x + x"
NOT_THERE = "is not there when this is marked: marking has NumPy and Python's own library"
ALONE = "when this is marked it works on its arguments alone"
DOUBLE = {
    "right": (RIGHT, ""),
    "wrong": ("def double(x):\n    return x * x", "The numbers were squared"),
    "not-written": ("def double(x):\n    raise NotImplementedError", "not written yet"),
    "raises": ("def double(x):\n    return x[undefined]", "NameError"),
    "syntax": ("def double(x):\n    return (x + x", "SyntaxError"),
    "newer-python": (f"{RIGHT}\nlazy import json", "this needs Python 3.15"),
    "matplotlib": (f"import matplotlib.pyplot as plt\nfig, ax = plt.subplots()\n{RIGHT}", ""),
    "plots-inside": (f"import matplotlib.pyplot as plt\n{FIRST_THEN.format('plt.plot(x)')}", ""),
    "seaborn": (f"import seaborn as sns\nsns.set_theme()\n{RIGHT}", ""),
    "pandas-unused": (f"import pandas as pd\n{RIGHT}", ""),
    "pandas-used": ("import pandas as pd\ndef double(x):\n    return pd.Series(x) * 2", f"pandas {NOT_THERE}"),
    "scipy-used": (
        "from scipy.special import expit\ndef double(x):\n    return expit(x)",
        "this stage is NumPy only",
    ),
    "tqdm-or-list": (f"try:\n    from tqdm import tqdm\nexcept ImportError:\n    tqdm = list\n{RIGHT}", ""),
    "torch-unused": (f"import torch\n{RIGHT}", ""),
    "torch-used": ("import torch\ndef double(x):\n    return torch.abs(x)", "NumPy only, but double imports"),
    "torch-inside": ("def double(x):\n    import torch\n    return torch.abs(x)", "NumPy only, but double"),
    "own-module": ("from own import f\ndef double(x):\n    return f(x)", f"own {NOT_THERE}"),
    "chdir": (f"import os\nos.chdir('nowhere')\n{RIGHT}", ""),
    "folder": (f"import os\nos.makedirs('cache', exist_ok=True)\n{RIGHT}", ""),
    "thread": (
        f"import threading\n{FIRST_THEN.format('threading.Thread(target=print).start()')}",
        f"starts a thread: {ALONE}",
    ),
    "file": (FIRST_THEN.format("np.save('x.npy', x)"), f"uses a file: {ALONE}"),
    "process": (f"import os\n{FIRST_THEN.format('os.system(str())')}", f"starts a process: {ALONE}"),
    "input": (FIRST_THEN.format("input()"), f"asks for input: {ALONE}"),
    "prints": (FIRST_THEN.format("print(x)"), ""),
    "exits": ("def double(x):\n    raise SystemExit(1)", "SystemExit"),
    "a-value": ("double = 3", "double is no function: the name was given a value, of type int"),
    "a-lambda": ("double = lambda x: x + x", ""),
}
TRAIN = """
from torch.utils.data import DataLoader, TensorDataset

def train(model, x, y, lr=0.1, epochs=20):
    loader, losses = DataLoader(TensorDataset(x, y), len(x){more}), []
    {first}
    for _ in range(epochs):
        for x, y in loader:
            loss = ((model(x) - y) ** 2).mean()
            model.zero_grad()
            loss.backward()
            with torch.no_grad():
                model.w -= lr * model.w.grad
            losses.append(loss.item())
    return losses
"""
OWN_TRAIN = """
class Doubler(nn.Module):
    def __init__(self):
        super().__init__()
        self.w = nn.Parameter(torch.tensor(1.0))

    def train(self, data):
        for points, classes in data:
            pass

    def forward(self, x):
        return self.w * x
"""
HANDED_IN = {
    **{name: ("1.double", *code) for name, code in DOUBLE.items()},
    "loader": ("2.train", TRAIN.format(more="", first=""), ""),
    "loader-with-workers": (
        "2.train",
        TRAIN.format(more=", num_workers=2, persistent_workers=True", first=""),
        "",
    ),
    "file-by-torch": ("2.train", TRAIN.format(more="", first="torch.save(x, 'x')"), f"uses a file: {ALONE}"),
    "own-train": ("2.Doubler", OWN_TRAIN, "Doubler.train has the place of nn.Module.train"),
}
"""Code that learners hand in, each in the place of a task, and what the report holds where not all is right."""
PART = (
    "right",
    "wrong",
    "raises",
    "syntax",
    "not-written",
    "pandas-used",
    "torch-inside",
    "file",
    "exits",
    "loader",
    "own-train",
)
"""What is run in every run of the tests; the rest is among the proofs."""


@pytest.fixture(scope="module")
def kernels() -> Iterator[dict[Stage, front_ends.OpenNotebook]]:
    """The notebook of each stage in a front end, solved, its cells run but for checks and pictures."""
    with contextlib.ExitStack() as stack:
        opened = {}
        for stage in STAGES:
            made = notebook(notebook_of(stage), solved=True)
            front_end = stack.enter_context(front_ends.opened(made, front_ends.jupyterlab, SEED))
            code = [cell.id for cell in made.cells if cell.cell_type == "code" and cell.id != "pictures"]
            front_end.run(*(id for id in code if not id.endswith("-check")))
            opened[stage] = front_end
        yield opened


@pytest.fixture(scope="module")
def watching() -> Iterator[Runner]:
    """What runs the suites while somebody watches."""
    with contextlib.closing(Runner(SEED, TIME_LIMIT)) as runner:
        yield runner


@pytest.mark.parametrize("name", with_proofs(HANDED_IN, PART))
def test_four_ways(
    name: str, tmp_path: Path, watching: Runner, kernels: dict[Stage, front_ends.OpenNotebook]
) -> None:
    """Points and messages of a task are those of pytest, whoever runs its tests."""
    full, source, says = HANDED_IN[name]
    stage, task = find_task(full)

    def report_of(tests: Any) -> str:
        """The check's report on the task, without the places in the learner's code."""
        own = [test for test in tests if test.task == task]
        return plain(rendering.report(own, suites((stage,)).labels(stage)))

    def marked(submission: Submission) -> str:
        [result] = by_marking(submission, (stage,), SEED)
        return report_of(result.tests)

    (tmp_path / stage.file).write_text(module_of(stage, task, source), encoding="utf-8")
    expected = report_of(by_pytest(tmp_path, (stage,), SEED, "-k", f"Test{task}")[stage.name])
    assert (says in expected) if says else ("✗" not in expected), expected
    run = watching.start(stage, files.read(tmp_path)).result()
    assert run is not None
    assert report_of(run.tests) == expected
    assert marked(read_own(tmp_path)) == expected
    front_end, cell = kernels[stage], task_cell(stage, task)
    solved = front_end[cell].source
    front_end.write(cell, source)
    printed = front_end.run(check_cell(stage, task))
    cells = read_cells(text(front_end.made).encode())
    front_end.write(cell, solved)
    assert plain(printed.partition("The data were drawn")[0]).endswith(expected)
    notebooks = {notebook_of(stage).name: cells}
    assert marked(Submission("ann", form="notebooks", notebooks=notebooks)) == expected


def module_of(stage: Stage, task: str, code: str) -> str:
    """The stage's solution, with the code in the place of the task."""
    source = source_of(stage.name)
    node = next(node for node in ast.parse(source).body if getattr(node, "name", "") == task)
    lines = source.split("\n")
    return "\n".join([*lines[: node.lineno - 1], code, *lines[node.end_lineno :]])


def plain(report: str) -> str:
    """A report on one line, without where in the code something is: files and cells have other names."""
    told = re.sub(r" \([^()]*, line \d+\)", "", " ".join(report.split()))
    told = re.sub(r"\w+ raised SyntaxError: the cell of \w+, line \d+:", "MODULE raised SyntaxError:", told)
    return re.sub(r"stage\d_\w+\.py", "MODULE", told.replace(NOTEBOOK, "MODULE"))
