"""Whether PyTorch is there, without which the stages that use it cannot be run, and how to get it."""

import sys
from importlib.util import find_spec

from grader.course.catalogue import STAGES, Stage
from grader.course.finding import installing
from grader.course.stubs import stubs
from grader.outside.verdicts import NoAnswer
from grader.outside.workers import Kind

SMALLER = (
    "On Linux that may bring gigabytes of CUDA libraries, which nothing here uses. Without them: "
    "uv pip install torch --torch-backend=cpu, or as https://pytorch.org/get-started shows for CPU"
)


IS_NEEDED = any(not stage.numpy_only for stage in STAGES)
"""Whether the course has a stage that uses PyTorch."""
KINDS: tuple[Kind, ...] = ("numpy", "torch") if IS_NEEDED else ("numpy",)
"""The kinds of workers on which the stages run."""


class PyTorchMissing(Exception):
    """PyTorch is not there, and the course needs it; the text says how to get it."""


def is_installed() -> bool:
    """Whether PyTorch can be found; it is not imported."""
    return find_spec("torch") is not None


def how_to_get_it() -> str:
    """The command that installs it, and where the index may offer gigabytes, how to do with less."""
    command = f"{installing('torch')} brings it"
    return f"{command}. {SMALLER}" if sys.platform == "linux" else command


def check_course() -> None:
    """Raise PyTorchMissing where the course needs PyTorch, which whoever marks must have, and it is not there."""
    if IS_NEEDED and not is_installed():
        told = "PyTorch is not installed, and stages of this course need it."
        raise PyTorchMissing(f"{told} {how_to_get_it()}")


def check(stage: Stage, source: str | None) -> None:
    """Raise NoAnswer where a learner's stage needs PyTorch and it is not there: no verdict on their code.

    source: what they wrote, which may be the stub still; None where the file is missing.
    """
    if not stage.numpy_only and not is_installed():
        is_open = source in (None, stubs()[stage.file])
        told = f"stage {stage.number} needs PyTorch, which is not installed here. {how_to_get_it()}"
        raise NoAnswer("not written" if is_open else "error", told)
