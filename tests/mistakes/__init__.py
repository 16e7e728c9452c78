"""The known mistakes: a table for each task, in a module for each stage, and those that any task can have.

A table is named like its task in capitals. What a mistake predicts is written as a formula of the suites' own.
"""

import importlib
from collections.abc import Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

from grader.course.catalogue import STAGES
from grader.judging import mistakes
from grader.judging.likeness import NEAR
from grader.judging.mistakes import Mistake, Seen
from mistakes.exceptions import EXCEPTIONS
from mistakes.form import FORM


def naming(table: Sequence[Mistake], *arguments: Any, near: float = NEAR) -> AbstractContextManager[Seen]:
    """Let a verdict that is reached within begin with the known mistake: one of the table's, or one of form."""
    return mistakes.naming(table, *arguments, near=near, form=(*FORM, *EXCEPTIONS))


def tables() -> dict[tuple[str, str], tuple[Mistake, ...]]:
    """Every task's table, by the names of its stage and its own; a stage, or a task, may be without."""
    found = {}
    for stage in STAGES:
        if (Path(__file__).parent / stage.file).exists():
            module = importlib.import_module(f"mistakes.{stage.name}")
            for task in stage.tasks:
                found[stage.name, task] = getattr(module, task.upper(), ())
    return found
