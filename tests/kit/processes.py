"""Python in a process of its own, as whoever uses the kit starts it."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from grader.course.finding import KIT, VARIABLE
from grader.course.location import ROOT

COPIED = shutil.ignore_patterns("kit", "course", "docs", "package", "__pycache__", ".*", "build", "results")
"""What is not part of a copy of a course."""


def run_python(
    *arguments: str | Path, cwd: Path = ROOT, given: str = "", **environment: str
) -> subprocess.CompletedProcess[str]:
    """Run Python in a terminal of 80 columns; environment: beside that of this process."""
    return subprocess.run(
        [sys.executable, *map(str, arguments)],
        cwd=cwd,
        env=os.environ | {"COLUMNS": "80", "PYTHONUTF8": "1"} | environment,
        input=given,
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )


def run(where: Path, *command: str | Path, code: int = 0) -> str:
    """What a command of Python's prints that is started in a folder, with nothing naming a course."""
    environment = {name: value for name, value in os.environ.items() if name != VARIABLE}
    environment |= {"PYTHONPATH": str(KIT), "PYTHONUTF8": "1", "COLUMNS": "200"}
    done = subprocess.run(
        [sys.executable, "-m", *map(str, command)],
        cwd=where,
        env=environment,
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=600,
    )
    assert done.returncode == code, done.stdout + done.stderr
    return done.stdout + done.stderr
