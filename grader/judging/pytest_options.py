"""What pytest loads at its start: the kit's options. The plugin follows when the course is known."""

import os
from pathlib import Path

import pytest

from grader.course.finding import (
    IS_INSTALLED,
    VARIABLE,
    CourseError,
    course_around,
    course_named_by,
    is_course,
    learners_folder_around,
)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Declare the kit's options."""
    group = parser.getgroup("chainrule")
    group.addoption("--impl", metavar="DIR", type=Path, help="folder of the modules to test (default: exercises/)")
    group.addoption("--seed", type=int, help="seed of the data that the suites draw (default: drawn)")
    group.addoption("--full", action="store_true", help="pytest's own output, with tracebacks (also -v)")


@pytest.hookimpl(tryfirst=True)
def pytest_cmdline_main(config: pytest.Config) -> int | pytest.ExitCode | None:
    """Load the plugin, for the course or learner's folder where pytest was started, else for that of the suites.

    Where there is neither, and the kit is only installed, these are somebody else's tests.

    Starts pytest again with the course's configuration where it looked for one in the folder after `--impl`.
    """
    here, root = config.invocation_params.dir, config.rootpath
    try:
        if not os.environ.get(VARIABLE) and not (course_around(here) or learners_folder_around(here)):
            if is_course(root) or course_named_by(root):
                os.environ[VARIABLE] = str(root)
            elif IS_INSTALLED:
                return None
        from grader.course import catalogue  # noqa: F401 -- what is wrong with the course is found here
        from grader.course.location import EXERCISES, WORKPLACE

        config.pluginmanager.import_plugin("grader.judging.pytest_plugin")
    except CourseError as error:
        raise pytest.UsageError(str(error)) from None

    if root == WORKPLACE or not here.is_relative_to(WORKPLACE) or config.option.impl in (None, EXERCISES):
        return None
    own = [f"--rootdir={WORKPLACE}", f"--config-file={WORKPLACE / 'pyproject.toml'}"]
    return pytest.main([*own, *config.invocation_params.args])
