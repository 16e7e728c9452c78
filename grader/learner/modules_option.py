"""The option `--from DIR` of a learner's commands: where their modules, or their notebooks, are."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from grader.course.location import EXERCISES


def modules_option(help: str) -> Callable[[Any], Any]:
    """The option, given to the command as `folder`; None where nobody names one, see `modules_folder`."""
    return click.option(
        "--from",
        "folder",
        metavar="DIR",
        type=click.Path(path_type=Path, exists=True, file_okay=False),
        help=f"{help}  [default: {EXERCISES.name}/]",
    )


def modules_folder(named: Path | None) -> Path:
    """The folder that was named, else the exercises here. Raises ClickException where there are none."""
    if named is None and not EXERCISES.is_dir():
        raise click.ClickException(
            f"there is no {EXERCISES.name}/ here. `chainrule init` makes a folder to work in; if you have one, go "
            "there, or name where your modules are: --from DIR"
        )
    return named or EXERCISES
