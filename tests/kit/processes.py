"""Python in a process of its own, as whoever uses the kit starts it."""

import os
import subprocess
import sys
from pathlib import Path

from grader.course.location import ROOT


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
