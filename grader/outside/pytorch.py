"""Whether PyTorch is there, without which the stages that use it cannot be run, and how to get it."""

import sys
from collections.abc import Iterable
from importlib.util import find_spec

from grader.course.catalogue import Stage
from grader.outside.verdicts import NoAnswer


class PyTorchMissing(Exception):
    """Stages were handed in that need PyTorch, and it is not there; the text says how to get it."""


GETTING_IT = 'It comes with: python -m pip install "chainrule[torch]"'
SMALLER = (
    "On Linux that may bring gigabytes of CUDA libraries, which nothing here uses. The build for processors alone is "
    "a tenth of that: uv pip install torch --torch-backend=cpu, or what https://pytorch.org/get-started shows for CPU."
)


def is_installed() -> bool:
    """Whether PyTorch can be found; it is not imported."""
    return find_spec("torch") is not None


def how_to_get_it() -> str:
    """The command that installs it, and where the index may offer gigabytes, how to do with less."""
    return f"{GETTING_IT}\n{SMALLER}" if sys.platform == "linux" else GETTING_IT


def check_all(stages: Iterable[Stage]) -> None:
    """Raise PyTorchMissing where one of these stages, which are to be marked, needs PyTorch and it is not there."""
    if not is_installed() and any(not stage.numpy_only for stage in stages):
        raise PyTorchMissing(
            f"PyTorch is not installed, and stages are to be marked that need it. {how_to_get_it()}"
        )


def check(stage: Stage) -> None:
    """Raise NoAnswer where a learner's stage needs PyTorch and it is not there: no verdict on their code."""
    if not stage.numpy_only and not is_installed():
        raise NoAnswer(
            "error", f"stage {stage.number} needs PyTorch, which is not installed here. {how_to_get_it()}"
        )
