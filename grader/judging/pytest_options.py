"""What pytest loads at its start: the kit's options. The plugin follows when the course is known."""

import os
from pathlib import Path

import pytest

from grader.course.finding import VARIABLE, CourseError, course_around, is_course


def pytest_addoption(parser: pytest.Parser) -> None:
    """Declare the kit's options."""
    group = parser.getgroup("chainrule")
    group.addoption("--impl", metavar="DIR", type=Path, help="folder of the modules to test (default: exercises/)")
    group.addoption("--seed", type=int, help="seed of the data that the suites draw (default: drawn)")
    group.addoption("--full", action="store_true", help="pytest's own output, with tracebacks (also -v)")


@pytest.hookimpl(tryfirst=True)
def pytest_cmdline_main(config: pytest.Config) -> int | pytest.ExitCode | None:
    """Load the plugin, for the course around the folder in which pytest was started, else for that of the suites.

    Starts pytest again with the course's configuration where it looked for one in the folder after `--impl`.
    """
    here = config.invocation_params.dir
    if not os.environ.get(VARIABLE) and course_around(here) is None and is_course(config.rootpath):
        os.environ[VARIABLE] = str(config.rootpath)
    try:
        from grader.course import catalogue  # noqa: F401 -- what is wrong with the course is found here
        from grader.course.location import EXERCISES, ROOT

        config.pluginmanager.import_plugin("grader.judging.pytest_plugin")
    except CourseError as error:
        raise pytest.UsageError(str(error)) from None

    if config.rootpath == ROOT or not here.is_relative_to(ROOT) or config.option.impl in (None, EXERCISES):
        return None
    own = [f"--rootdir={ROOT}", f"--config-file={ROOT / 'pyproject.toml'}"]
    return pytest.main([*own, *config.invocation_params.args])
