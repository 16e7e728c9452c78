"""Carries out what a page of the documentation shows: writes files, runs commands, compares what they print."""

import doctest
import os
import re
import select
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from ptyprocess import PtyProcess

from grader.judging.kept_runs import CACHE

PATIENCE = 300
"""Seconds for one command, on the slowest and busiest machine."""
PROMPT = "$ "
CHECKER = doctest.OutputChecker()


def same(shown: str, got: str) -> bool:
    """Whether a page shows what came; `...` stands for anything, spaces at the ends of lines for nothing."""
    return CHECKER.check_output(_bare(shown), _bare(got), doctest.ELLIPSIS)


def difference(shown: str, got: str) -> str:
    """What a page shows beside what came, to be read."""
    return CHECKER.output_difference(doctest.Example("", _bare(shown)), _bare(got), doctest.REPORT_NDIFF)


class Session:
    """What a reader has who follows a page: an empty folder, a home of their own, and the kit's commands."""

    def __init__(self, folder: Path, home: Path) -> None:
        self._here = folder
        self._start = folder
        kept = {name: value for name, value in os.environ.items() if not name.startswith(_NOT_KEPT)}
        own = {"HOME": str(home), "CHAINRULE_STATE": str(home / "state"), "CHAINRULE_WAIT": "60", "COLUMNS": "80"}
        own |= {"LC_ALL": "C.UTF-8", "TERM": "xterm", "NO_COLOR": "1", "OMP_NUM_THREADS": "1"}
        own |= {CACHE: os.environ[CACHE]} if CACHE in os.environ else {}  # else each reader waits for all names
        commands = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
        self._environment = kept | own | {"PATH": commands}

    def write(self, name: str, text: str) -> None:
        """Write a file that a page shows, under the folder in which the reader began."""
        path = self._start / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8", newline="\n")

    def run(self, command: str, code: int = 0) -> str:
        """What a command prints, which must end with this exit code; `cd` and `export` last."""
        told = self._start.parent / "surroundings"
        script = f"{command}\nended=$?; pwd >{told}; env -0 >>{told}; exit $ended"
        done = subprocess.run(
            ["bash", "-c", script],
            cwd=self._here,
            env=self._environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            timeout=PATIENCE,
        )
        assert done.returncode == code, f"{command}: exit code {done.returncode}\n{done.stdout}"
        here, _, variables = told.read_text(encoding="utf-8").partition("\n")
        self._here = Path(here)
        self._environment = dict(pair.split("=", 1) for pair in variables.split("\0") if "=" in pair)
        return done.stdout

    def type(self, command: str, parts: list[tuple[str, str]]) -> None:
        """Run a command in a terminal. parts: what is seen, and the key that is typed after it, with Enter."""
        process = PtyProcess.spawn(
            ["bash", "-c", command], cwd=str(self._here), env=self._environment, dimensions=(50, 80)
        )
        try:
            for shown, key in parts:
                _see(process, shown)
                process.write(f"{key}\n".encode())
            assert process.wait() == 0
        finally:
            process.close(force=True)


_NOT_KEPT = ("CHAINRULE_", "PYTEST_", "JUPYTER", "IPYTHON", "FORCE_COLOR", "CLICOLOR", "LINES")
"""What the surroundings of the tests have and a reader does not."""


def transcript(block: str) -> Iterator[tuple[str, str]]:
    """The commands of a block, each with what it shows below it."""
    for part in re.split(rf"^{re.escape(PROMPT)}", block, flags=re.MULTILINE)[1:]:
        lines = part.splitlines(keepends=True)
        size = 1
        while size < len(lines) and lines[size - 1].endswith("\\\n"):
            size += 1
        yield "".join(lines[:size]).rstrip("\n"), "".join(lines[size:])


def typed(shown: str, keys: list[str]) -> list[tuple[str, str]]:
    """What is seen before each key, in a transcript in which keys stand on lines of their own, echoed."""
    parts, rest, echo = [], shown, ""
    for key in keys:
        before, rest = re.split(rf"^{re.escape(key)}\n", rest, maxsplit=1, flags=re.MULTILINE)
        parts.append((echo + before, key))
        echo = f"{key}\n"
    return parts


def _see(process: PtyProcess, shown: str) -> None:
    """Read until what is shown has come; where it never comes, or the command ends, say what there was."""
    came, until = b"", time.monotonic() + PATIENCE
    while not (came.endswith(b"\n") and same(shown, came.decode("utf-8", "replace").replace("\r\n", "\n"))):
        ready = select.select([process.fd], [], [], max(until - time.monotonic(), 0.0))[0]
        try:
            new = process.read() if ready else b""
        except EOFError:
            new = b""
        assert new, difference(shown, came.decode("utf-8", "replace"))
        came += new


def _bare(text: str) -> str:
    lines = [line.rstrip() for line in text.splitlines()]
    return "\n".join(lines).strip("\n") + "\n"
