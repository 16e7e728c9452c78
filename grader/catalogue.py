"""The stages in their order, the notebooks that hold them, and where the kit keeps its files."""

from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SOLUTIONS = ROOT / "solutions"
EXERCISES = ROOT / "exercises"
TESTS = ROOT / "tests"
RELEASED_NOTEBOOKS = ROOT / "notebooks"

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
