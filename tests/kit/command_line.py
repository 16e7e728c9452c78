"""`chainrule` in this process, without a terminal."""

from pathlib import Path

from click.testing import CliRunner

from grader import cli


def chainrule(*arguments: str | Path, code: int = 0, answers: str = "") -> str:
    """What a command prints, which must end with this exit code; answers: to what it asks."""
    done = CliRunner().invoke(cli.main, [str(argument) for argument in arguments], input=answers)
    assert done.exit_code == code, done.output
    return done.output
