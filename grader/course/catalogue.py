"""The stages in their order, the notebooks that hold them, and where the kit keeps its files."""

import difflib
import re
import tomllib
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SOLUTIONS = ROOT / "solutions"
EXERCISES = ROOT / "exercises"
TESTS = ROOT / "tests"
HINTS = ROOT / "hints"
RELEASED_NOTEBOOKS = ROOT / "notebooks"

PYPROJECT = ROOT / "pyproject.toml"
SETTINGS = tomllib.loads(PYPROJECT.read_text(encoding="utf-8")) if PYPROJECT.exists() else {}
LIBRARIES: tuple[str, ...] = tuple(SETTINGS.get("tool", {}).get("chainrule", {}).get("libraries", ()))
"""What learners' code may import beside Python's own library, NumPy and PyTorch, where the course lists it."""

GIVEN = "xor"
"""The module that every stage may import and nobody writes."""


@dataclass(frozen=True)
class Stage:
    """One stage: a module that a learner writes, its tasks in reading order, and its suite."""

    number: int
    name: str
    title: str
    tasks: tuple[str, ...]
    numpy_only: bool = False

    @property
    def file(self) -> str:
        """Name of the module's file, as a learner hands it in."""
        return f"{self.name}.py"

    @property
    def suite(self) -> Path:
        """The suite that teaches and grades this stage."""
        return TESTS / f"test_{self.name}.py"


STAGES = (
    Stage(1, "stage1_relu", "ReLU", ("relu", "relu_grad"), numpy_only=True),
    Stage(
        2,
        "stage2_forward",
        "forward pass",
        ("affine", "forward", "loss", "accuracy", "check_shapes"),
        numpy_only=True,
    ),
    Stage(
        3,
        "stage3_backward",
        "backward pass and training",
        ("backward", "numerical_grad", "gradient_check", "sgd_step", "train"),
        numpy_only=True,
    ),
    Stage(4, "stage4_torch_forward", "forward pass in PyTorch", ("to_torch", "forward", "loss", "agreement")),
    Stage(5, "stage5_autograd", "autograd", ("leaf_params", "autograd_grad", "compare_grads", "train_step")),
    Stage(
        6,
        "stage6_module",
        "nn.Module",
        ("TinyMLP", "make_sequential", "scores", "make_loader", "train", "accuracy"),
    ),
)


def find_stage(text: str) -> Stage:
    """The stage that `3`, `stage3` or `stage3_backward` names. Raises ValueError with what to write instead."""
    name = text.strip().lower()
    for stage in STAGES:
        if name in (str(stage.number), f"stage{stage.number}", stage.name):
            return stage
    raise ValueError(f"there is no stage {text!r}; the stages are 1 to {len(STAGES)}")


def find_task(text: str) -> tuple[Stage, str]:
    """The task that `2.loss`, `stage2.loss` or `stage2_forward.loss` names, or `relu` where only one stage has it.

    Upper and lower case are one. Raises ValueError with what to write instead.
    """
    before, dot, name = text.strip().rpartition(".")
    if not dot and re.fullmatch(r"\d+|stage\d.*", name.lower()):
        before, dot, name = name, ".", ""  # a stage, and no task of it
    stages = (find_stage(before),) if dot else STAGES
    found = [(stage, task) for stage in stages for task in stage.tasks if task.lower() == name.lower()]
    if len(found) == 1:
        return found[0]
    if found:
        full = " or ".join(task_name(stage, task) for stage, task in found)
        raise ValueError(f"several stages have a task {name!r}: write {full}")
    raise ValueError(_no_task(stages, name))


def task_name(stage: Stage, task: str) -> str:
    """A task as a learner writes it: `2.loss`."""
    return f"{stage.number}.{task}"


def _no_task(stages: tuple[Stage, ...], name: str) -> str:
    """That no stage has a task of this name, with those that are meant perhaps, else those that there are."""
    known = {task_name(stage, task): task for stage in stages for task in stage.tasks}
    near = difflib.get_close_matches(name.lower(), {task.lower() for task in known.values()})
    meant = [full for close in near for full, task in known.items() if task.lower() == close]
    where = f"stage {stages[0].number} has" if len(stages) == 1 else "there is"
    said = f"{where} no task {name!r}" if name else "a task's name is missing"
    if meant:
        return f"{said}; did you mean {' or '.join(meant)}?"
    return f"{said}; the tasks are {', '.join(known)}"


ASSIGNMENT = "chainrule"
"""The notebooks together, as nbgrader's gradebook names them."""


@dataclass(frozen=True)
class Notebook:
    """Some of the stages, as one notebook of the course."""

    name: str
    title: str
    stages: tuple[Stage, ...]

    @property
    def file(self) -> str:
        """Name of the notebook's file, as a learner hands it in."""
        return f"{self.name}.ipynb"


NOTEBOOKS = (
    Notebook("01_numpy_manual", "By hand in NumPy", STAGES[:3]),
    Notebook("02_pytorch_no_autograd", "PyTorch without autograd", STAGES[3:4]),
    Notebook("03_pytorch_autograd", "PyTorch with autograd", STAGES[4:5]),
    Notebook("04_pytorch_nn_module", "The model as an nn.Module", STAGES[5:]),
)


def task_cell(stage: Stage, task: str) -> str:
    """Id of the notebook cell in which a task is written; nbgrader's grade_id of it, too."""
    return f"{stage.name}-{task}"


def check_cell(stage: Stage, task: str) -> str:
    """Id of the notebook cell that checks a task; nbgrader's grade_id of it, too."""
    return f"{stage.name}-{task}-check"
