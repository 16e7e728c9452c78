"""What commands take as arguments: stages and tasks by name, which a shell completes, and seconds."""

import math
from typing import Any

import click
from click.shell_completion import CompletionItem

from grader.course.catalogue import STAGES, Stage, find_stage, find_task, task_name

DAY = 24 * 60 * 60


class Seconds(click.FloatRange):
    """A time limit of a day at the most, which neither `inf` nor `nan` is."""

    def __init__(self, least: float) -> None:
        super().__init__(least, DAY)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """The seconds. Raises BadParameter for what is no number, or outside the range."""
        seconds: float = super().convert(value, param, ctx)
        if math.isnan(seconds):
            self.fail(f"{value!r} is no number of seconds.", param, ctx)
        return seconds


def to_stage(context: click.Context, parameter: click.Parameter, text: str) -> Stage:
    """The stage that an argument names. Raises UsageError with what to write instead."""
    try:
        return find_stage(text)
    except ValueError as error:
        raise click.UsageError(str(error), context) from None


def to_task(context: click.Context, parameter: click.Parameter, text: str | None) -> tuple[Stage, str] | None:
    """The stage and the task that an argument names; None where there is none. Raises UsageError as `to_stage`."""
    try:
        return None if text is None else find_task(text)
    except ValueError as error:
        raise click.UsageError(str(error), context) from None


def stages_from(context: click.Context, parameter: click.Parameter, begun: str) -> list[CompletionItem]:
    """The stages whose numbers, or else names, begin so: what a shell offers."""
    by_number = [CompletionItem(str(stage.number), help=stage.title) for stage in STAGES]
    by_name = [CompletionItem(stage.name, help=stage.title) for stage in STAGES]
    return [item for item in by_number if item.value.startswith(begun)] or [
        item for item in by_name if item.value.startswith(begun)
    ]


def tasks_from(context: click.Context, parameter: click.Parameter, begun: str) -> list[CompletionItem]:
    """The tasks that begin so, such as 3.backward: what a shell offers."""
    names = {task_name(stage, task): stage for stage in STAGES for task in stage.tasks}
    return [CompletionItem(name, help=stage.title) for name, stage in names.items() if name.startswith(begun)]
