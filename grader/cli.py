"""The command `chainrule`: finds the course, then the command, each in its room."""

import ast
import difflib
import importlib
import os
from pathlib import Path

import click
from click.shell_completion import CompletionItem

from grader import __version__
from grader.course.finding import IS_INSTALLED, KIT, VARIABLE, CourseError, course_around, find_course, is_course
from grader.outside import versions

READERS = {
    "Learners": {
        "init": "learner.init",
        "watch": "learner.watch.command",
        "hint": "learner.tutor",
        "read": "learner.tutor",
        "plot": "learner.pictures.command",
    },
    "Instructors": {
        "grade": "commands.grade",
        "regrade": "commands.regrade",
        "export": "commands.export",
        "report": "commands.report",
        "feedback": "commands.feedback",
        "doctor": "commands.doctor",
        "course": "commands.authoring",
        "gradescope": "commands.hosts",
        "prairielearn": "commands.hosts",
        "classroom50": "commands.hosts",
    },
    "Authors of a course": {
        "new": "commands.authoring",
        "mistakes": "commands.mistakes",
        "check": "commands.authoring",
        "release": "commands.authoring",
    },
}
"""Those whom commands are for, and the module of grader/ that holds each command, under its own name."""
COMMANDS = {name: module for commands in READERS.values() for name, module in commands.items()}
CHANGING = ("new", "release")
"""What writes into a course."""


class Commands(click.Group):
    """The commands. A command's module is imported when it is asked for, since by then the course is known."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names of the commands, in the order in which help shows them."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        """The command of a name. Raises UsageError where there is no course, ClickException for one of no use."""
        if name not in COMMANDS:
            return None
        try:
            if not is_course(find_course()):
                raise CourseError("there is no course here: go to a course's folder, or name one: --course DIR")
        except CourseError as error:
            raise click.UsageError(str(error)) from None
        try:
            command: click.Command = getattr(importlib.import_module(f"grader.{COMMANDS[name]}"), name)
        except CourseError as error:
            raise click.ClickException(str(error)) from None
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """The command that the first word names.

        Raises UsageError for another word, with what may be meant, ClickException where the command must not work
        on the course that is found.
        """
        name = args[0]
        if name not in COMMANDS and not name.startswith("-") and not ctx.resilient_parsing:
            near = difflib.get_close_matches(name, COMMANDS, n=1)
            remedy = f"Did you mean {near[0]!r}?" if near else f"There are {', '.join(COMMANDS)}."
            raise click.UsageError(f"No such command {name!r}. {remedy}", ctx)
        found = super().resolve_command(ctx, args)
        try:
            _check_course(name)
        except CourseError as error:
            raise click.ClickException(str(error)) from None
        return found

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Say in help what each command does, by whom it is for."""
        width = max(map(len, COMMANDS))
        for reader, commands in READERS.items():
            with formatter.section(reader):
                formatter.write_dl([(name.ljust(width), summary(name)) for name in commands])

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """The commands and options that begin so; no command's module is imported for it."""
        commands = [CompletionItem(n, help=summary(n)) for n in COMMANDS if n.startswith(incomplete)]
        return [*commands, *click.Command.shell_complete(self, ctx, incomplete)]

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Take `--course DIR` from wherever it stands before a `--`, so that it may follow the command."""
        end = args.index("--") if "--" in args else len(args)
        at = next((n for n, word in enumerate(args[:end]) if word.partition("=")[0] == "--course"), end)
        after = at + (0 if at == end else 1 if "=" in args[at] else 2)
        if after > end and not ctx.resilient_parsing:
            raise click.BadOptionUsage("--course", "Option '--course' requires a folder after it.", ctx)
        return super().parse_args(ctx, [*args[at:after], *args[:at], *args[after:]])


def _check_course(command: str) -> None:
    """Raise CourseError where a command must not work on the course that is found.

    What a learner's folder names as its course counts for learners' commands alone: elsewhere the suites of a
    stranger's choice would run as whoever marks.
    """
    course = find_course()
    if command in CHANGING and IS_INSTALLED and course == KIT:
        raise CourseError(
            "the course that is installed with the kit is not changed: go to a clone of the kit, or to a course "
            "of your own, or name one: --course DIR"
        )
    is_chosen = os.environ.get(VARIABLE) or course in (KIT, course_around(Path.cwd()))
    if command not in READERS["Learners"] and not is_chosen:
        raise CourseError(
            f"this is a learner's folder, and names {course} as its course, whose files would run as you. If that "
            f"is yours, name it: --course {course}"
        )


def summary(name: str) -> str:
    """What a command does, in a line: its docstring's first, read without importing it, which may take seconds."""
    path = Path(__file__).parent.joinpath(*COMMANDS[name].split(".")).with_suffix(".py")
    body = ast.parse(path.read_text(encoding="utf-8")).body
    function = next(node for node in body if isinstance(node, ast.FunctionDef) and node.name == name)
    return (ast.get_docstring(function) or "").partition("\n")[0]


def choose_course(context: click.Context, parameter: click.Parameter, folder: Path | None) -> None:
    """Have this process, and those that it starts, work on the course in a folder."""
    if folder is not None:
        os.environ[VARIABLE] = str(folder.resolve())


def show_version(context: click.Context, parameter: click.Parameter, asked: bool) -> None:
    """Print the kit's version, and those on which a verdict may depend."""
    if asked and not context.resilient_parsing:
        click.echo(f"chainrule {__version__} ({versions.told()})")
        context.exit()


EPILOG = """\b
Examples:
  chainrule                      tell at every save what is right
  chainrule hint 3.backward      a hint for a task of stage 3
  chainrule grade submissions    mark a folder of submissions
  chainrule grade --help         all about a command

A command ends with 0 where all went well, with 1 where something did not, and with 2 where it was called wrongly.

\b
The Tab key completes commands, options, stages and tasks, with this line
  bash, in ~/.bashrc:    eval "$(_CHAINRULE_COMPLETE=bash_source chainrule)"
  zsh, in ~/.zshrc:      eval "$(_CHAINRULE_COMPLETE=zsh_source chainrule)"
  fish, in config.fish:  _CHAINRULE_COMPLETE=fish_source chainrule | source
"""


@click.group(
    cls=Commands,
    context_settings={"help_option_names": ["-h", "--help"]},
    invoke_without_command=True,
    epilog=EPILOG,
)
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
