"""pytest, watch, the check in a notebook and marking say the same of the same code, to the word."""

import ast
import contextlib
import io
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import front_ends
import pytest
from sample_cohort import ISOLATION

from grader.course.catalogue import NOTEBOOKS, STAGES, Stage, check_cell, task_cell
from grader.course.location import ROOT, SOLUTIONS
from grader.intake.extraction import written
from grader.intake.learners_folder import read_own
from grader.intake.notebook_files import read_cells
from grader.intake.submissions import Submission
from grader.judging import checks
from grader.judging.results import TestResult as Ending
from grader.judging.suites import suites
from grader.learner.watch import files
from grader.learner.watch.running import Runner
from grader.marking.mark import Settings
from grader.outside.client import NOTEBOOK
from grader.outside.process import Allowance, Limits, WorkerProcess
from grader.publishing.assembly import notebook, text

SEED = 20261127
TIME_LIMIT = 100.0
"""Seconds for a call, far beyond what any takes here: a busy machine must not make two ways differ."""
LIMITS = Limits(TIME_LIMIT, Settings.memory_limit, ISOLATION)


class Handed(NamedTuple):
    """What a learner put in the place of a task: the stage's number, the task, the code, and what comes of it.

    says: what the report holds where not all is right; "" where the task has all its points. shows: the task whose
    report it is, where it is another one.
    """

    stage: int
    task: str
    source: str
    says: str = ""
    shows: str = ""


RELU = "def relu(a):\n    return np.maximum(a, 0)\n"
LOADER = """
def make_loader(X, y, batch_size=32, seed=0):
    data = TensorDataset(torch.tensor(X, dtype=torch.float32), torch.tensor(y, dtype=torch.float32))
    return DataLoader(data, batch_size, shuffle=True, generator=torch.Generator().manual_seed(seed)MORE)
"""
OWN_TRAIN = """
class TinyMLP(nn.Module):
    def __init__(self, d=D, h=H):
        super().__init__()
        self.W1, self.b1 = nn.Parameter(0.1 * torch.randn(h, d)), nn.Parameter(torch.zeros(h))
        self.W2, self.b2 = nn.Parameter(0.1 * torch.randn(1, h)), nn.Parameter(torch.zeros(()))

    def train(self, data):
        for points, classes in data:
            pass

    def forward(self, X):
        a1 = X @ self.W1.T + self.b1
        return Forward((torch.relu(a1) @ self.W2.T + self.b2)[:, 0], a1, torch.relu(a1))
"""
NOT_THERE = "is not there when this is marked: marking has NumPy and Python's own library"
ALONE = "when this is marked it works on its arguments alone"
HANDED_IN = {
    "right": Handed(1, "relu", RELU),
    "wrong": Handed(1, "relu", "def relu(a):\n    return np.abs(a)", "absolute value"),
    "not-written": Handed(1, "relu", "def relu(a):\n    raise NotImplementedError", "not written yet"),
    "raises": Handed(1, "relu", "def relu(a):\n    return a[undefined]", "NameError"),
    "syntax": Handed(1, "relu", "def relu(a):\n    return np.maximum(a, 0", "SyntaxError"),
    "newer-python": Handed(1, "relu", f"{RELU}\nlazy import json", "this needs Python 3.15"),
    "matplotlib": Handed(1, "relu", f"import matplotlib.pyplot as plt\nfig, ax = plt.subplots()\n{RELU}"),
    "plots-inside": Handed(
        1, "relu", "import matplotlib.pyplot as plt\ndef relu(a):\n    plt.plot(a)\n    return np.maximum(a, 0)"
    ),
    "seaborn": Handed(1, "relu", f"import seaborn as sns\nsns.set_theme()\n{RELU}"),
    "pandas-unused": Handed(1, "relu", f"import pandas as pd\n{RELU}"),
    "pandas-used": Handed(
        1, "relu", "import pandas as pd\ndef relu(a):\n    return pd.Series(a).clip(0)", f"pandas {NOT_THERE}"
    ),
    "scipy-used": Handed(
        1, "relu", "from scipy.special import expit\ndef relu(a):\n    return expit(a)", "this stage is NumPy only"
    ),
    "tqdm-or-list": Handed(
        1, "relu", f"try:\n    from tqdm import tqdm\nexcept ImportError:\n    tqdm = list\n{RELU}"
    ),
    "torch-unused": Handed(1, "relu", f"import torch\n{RELU}"),
    "torch-used": Handed(
        1, "relu", "import torch\ndef relu(a):\n    return torch.relu(a)", "NumPy only, but relu imports"
    ),
    "torch-inside": Handed(
        1, "relu", "def relu(a):\n    import torch\n    return torch.relu(a)", "NumPy only, but relu"
    ),
    "own-module": Handed(
        1, "relu", "from helpers import f\ndef relu(a):\n    return f(a)", f"helpers {NOT_THERE}"
    ),
    "chdir": Handed(1, "relu", f"import os\nos.chdir('nowhere')\n{RELU}"),
    "folder": Handed(1, "relu", f"import os\nos.makedirs('cache', exist_ok=True)\n{RELU}"),
    "thread": Handed(
        1,
        "relu",
        "import threading\ndef relu(a):\n    threading.Thread(target=print).start()\n    return np.maximum(a, 0)",
        f"starts a thread: {ALONE}",
    ),
    "file": Handed(
        1, "relu", "def relu(a):\n    np.save('a.npy', a)\n    return np.maximum(a, 0)", f"uses a file: {ALONE}"
    ),
    "process": Handed(
        1,
        "relu",
        "import os\ndef relu(a):\n    os.system('true')\n    return np.maximum(a, 0)",
        f"starts a process: {ALONE}",
    ),
    "input": Handed(
        1, "relu", "def relu(a):\n    input()\n    return np.maximum(a, 0)", f"asks for input: {ALONE}"
    ),
    "prints": Handed(1, "relu", "def relu(a):\n    print(a)\n    return np.maximum(a, 0)"),
    "exits": Handed(1, "relu", "def relu(a):\n    raise SystemExit(1)", "SystemExit"),
    "a-value": Handed(1, "relu", "relu = 3", "relu is no function: the name was given a value, of type int"),
    "a-lambda": Handed(1, "relu", "relu = lambda a: np.maximum(a, 0)"),
    "loader": Handed(6, "make_loader", LOADER.replace("MORE", "")),
    "loader-with-workers": Handed(
        6, "make_loader", LOADER.replace("MORE", ", num_workers=2, persistent_workers=True")
    ),
    "loader-from-file": Handed(
        6,
        "make_loader",
        f"import torch\n{LOADER}".replace("MORE", "").replace("    data", "    torch.save(X, 'x')\n    data"),
        f"uses a file: {ALONE}",
    ),
    "own-train": Handed(6, "TinyMLP", OWN_TRAIN, "TinyMLP.train has the place of nn.Module.train", "accuracy"),
}
"""Code that learners hand in, each in the place of one task."""


@pytest.fixture(scope="module")
def kernels() -> Iterator[dict[int, front_ends.OpenNotebook]]:
    """The notebooks of stages 1 and 6 in a front end, solved, their given cells run."""
    with contextlib.ExitStack() as stack:
        opened = {}
        for number in (1, 6):
            which = next(one for one in NOTEBOOKS if STAGES[number - 1] in one.stages)
            front_end = stack.enter_context(
                front_ends.opened(notebook(which, solved=True), front_ends.jupyterlab, SEED)
            )
            checks_and_pictures = {check_cell(stage, task) for stage in which.stages for task in stage.tasks} | {
                "pictures"
            }
            front_end.run(
                *(c.id for c in front_end.made.cells if c.cell_type == "code" and c.id not in checks_and_pictures)
            )
            opened[number] = front_end
        yield opened


@pytest.fixture(scope="module")
def watching() -> Iterator[Runner]:
    """What runs the suites while somebody watches."""
    with contextlib.closing(Runner(SEED, TIME_LIMIT)) as runner:
        yield runner


@pytest.mark.parametrize("name", HANDED_IN)
def test_four_ways(
    name: str, tmp_path: Path, watching: Runner, kernels: dict[int, front_ends.OpenNotebook]
) -> None:
    """Points and messages of a task are those of pytest, whoever runs its tests."""
    handed = HANDED_IN[name]
    stage = STAGES[handed.stage - 1]
    (tmp_path / stage.file).write_text(module_of(handed), encoding="utf-8")
    shows = handed.shows or handed.task
    by_pytest = report_of(handed, run_pytest(tmp_path, stage, shows))
    assert (handed.says in by_pytest) if handed.says else ("✗" not in by_pytest), by_pytest
    run = watching.start(stage, files.read(tmp_path)).result()
    assert run is not None
    assert report_of(handed, run.tests) == by_pytest
    assert report_of(handed, marked(read_own(tmp_path), stage, shows)) == by_pytest
    front_end = kernels[handed.stage]
    cell, check = task_cell(stage, handed.task), check_cell(stage, shows)
    solved = front_end[cell].source
    front_end.run(cell, source=handed.source)
    printed = front_end.run(check)
    cells = read_cells(text(front_end.made).encode())
    front_end.run(cell, source=solved)
    assert plain(printed.partition("The data were drawn")[0]).endswith(by_pytest)
    as_notebook = Submission("ann", form="notebooks", notebooks={which_of(stage): cells})
    assert report_of(handed, marked(as_notebook, stage, shows)) == by_pytest


def which_of(stage: Stage) -> str:
    """The name of the notebook that holds a stage."""
    return next(which.name for which in NOTEBOOKS if stage in which.stages)


def module_of(handed: Handed) -> str:
    """The stage's solution, with the code in the place of the task."""
    source = (SOLUTIONS / STAGES[handed.stage - 1].file).read_text(encoding="utf-8")
    node = next(node for node in ast.parse(source).body if getattr(node, "name", "") == handed.task)
    lines = source.split("\n")
    return "\n".join([*lines[: node.lineno - 1], handed.source, *lines[node.end_lineno :]])


def marked(submission: Submission, stage: Stage, task: str) -> list[Ending]:
    """What marking says of a task."""
    allowance = Allowance(TIME_LIMIT * 100)
    code = written(submission, LIMITS, allowance)
    with contextlib.ExitStack() as workers:

        def start(stage: Stage) -> WorkerProcess:
            worker = WorkerProcess(code.load_request(stage), code.sources, LIMITS, allowance)
            return workers.enter_context(contextlib.closing(worker))

        return suites((stage,)).run(stage, start, SEED, task)


def report_of(handed: Handed, tests: Any) -> str:
    """The check's report on the task, without the places in the learner's code."""
    stage = STAGES[handed.stage - 1]
    own = [test for test in tests if test.task == (handed.shows or handed.task)]
    return plain(checks.report(own, suites((stage,)).labels(stage)))


def plain(report: str) -> str:
    """A report on one line, without where in the code something is: files and cells have other names."""
    told = re.sub(r" \([^()]*, line \d+\)", "", " ".join(report.split()))
    told = re.sub(r"\w+ raised SyntaxError: the cell of \w+, line \d+:", "MODULE raised SyntaxError:", told)
    return re.sub(r"stage\d_\w+\.py", "MODULE", told.replace(NOTEBOOK, "MODULE"))


class Collected:
    """A pytest plugin: the results of a stage's tests."""

    def __init__(self) -> None:
        self.tests: list[Ending] = []

    def pytest_runtest_logreport(self, report: Any) -> None:
        """Take a test's result."""
        if report.when == "call" or report.failed:
            verdict = report.verdict
            outcome = "passed" if report.passed else verdict.outcome
            points, name = report.points if report.passed else 0.0, report.nodeid.partition("::")[2]
            told = "" if report.passed else str(verdict)
            self.tests.append(Ending(report.task, name, points, report.points, outcome, told, ""))


def run_pytest(folder: Path, stage: Stage, task: str) -> list[Ending]:
    """What a learner's own `pytest` says of a task."""
    collected = Collected()
    options = [
        f"--rootdir={ROOT}",
        f"--config-file={ROOT / 'pyproject.toml'}",
        f"--impl={folder}",
        f"--seed={SEED}",
    ]
    own = ["--full", "-q", "-p", "no:cacheprovider", "-W", "ignore", str(stage.suite)]
    with contextlib.redirect_stdout(io.StringIO()):
        pytest.main([*options, *own, "-k", f"Test{task.replace('_', '')}"], plugins=[collected])
    return collected.tests
