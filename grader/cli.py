"""The command `chainrule`: finds the course, then the command, each in its room."""

import importlib
import os
from pathlib import Path

import click

from grader import __version__
from grader.course.finding import VARIABLE, CourseError, find_course, is_course
from grader.outside import versions

COMMANDS = {
    "watch": "learner.watch.command",
    "hint": "learner.tutor",
    "read": "learner.tutor",
    "plot": "learner.pictures.command",
    "grade": "commands.grade",
    "doctor": "commands.doctor",
    "course": "commands.authoring",
    "new": "commands.authoring",
    "mistakes": "commands.mistakes",
    "check": "commands.authoring",
    "release": "commands.authoring",
}
"""The module of grader/ that holds each command, under its own name."""


class Commands(click.Group):
    """The commands. A command's module is imported when it is asked for, since by then the course is known."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names of the commands, in the order in which help shows them."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        """The command of a name. Raises ClickException where there is no course, or it cannot be read."""
        if name not in COMMANDS:
            return None
        try:
            if not is_course(find_course()):
                raise CourseError("there is no course here: go to a course's folder, or name one: --course DIR")
            command: click.Command = getattr(importlib.import_module(f"grader.{COMMANDS[name]}"), name)
        except CourseError as error:
            raise click.ClickException(str(error)) from None
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Say in help what each command does; where there is no course, what is missing."""
        try:
            super().format_commands(ctx, formatter)
        except click.ClickException as error:
            with formatter.section("Commands"):
                formatter.write_text(f"{', '.join(COMMANDS)}: {error.message}")

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Take `--course DIR` from wherever it stands before a `--`, so that it may follow the command."""
        end = args.index("--") if "--" in args else len(args)
        at = next((n for n, word in enumerate(args[:end]) if word.partition("=")[0] == "--course"), end)
        after = at + (0 if at == end else 1 if "=" in args[at] else 2)
        return super().parse_args(ctx, [*args[at:after], *args[:at], *args[after:]])


def choose_course(context: click.Context, parameter: click.Parameter, folder: Path | None) -> None:
    """Have this process, and those that it starts, work on the course in a folder."""
    if folder is not None:
        os.environ[VARIABLE] = str(folder.resolve())


def show_version(context: click.Context, parameter: click.Parameter, asked: bool) -> None:
    """Print the kit's version, and those on which a verdict may depend."""
    if asked and not context.resilient_parsing:
        click.echo(f"chainrule {__version__} ({versions.told()})")
        context.exit()


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]}, invoke_without_command=True)
@click.option(
    "--course",
    metavar="DIR",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    callback=choose_course,
    expose_value=False,
    is_eager=True,
    help="The course to work on.  [default: the one around the current folder, else the kit's own]",
)
@click.option(
    "--version",
    is_flag=True,
    callback=show_version,
    expose_value=False,
    is_eager=True,
    help="Show the versions of the kit and of what it runs on.",
)
@click.pass_context
def main(context: click.Context) -> None:
    """Write a course's stages and watch them pass, or grade what others wrote.

    Without a command this is `chainrule watch`.
    """
    if context.invoked_subcommand is None:
        command = main.get_command(context, "watch")
        assert command is not None
        context.invoke(command)
