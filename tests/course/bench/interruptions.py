"""A long cohort marked twice: undisturbed, and with kill -9 of a marking process and of the command itself."""

import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil

from bench import memory
from bench.check import SEED
from bench.way import Setup, environment

POLL = 0.05
"""Seconds between two looks at the results."""


def measure(setup: Setup, number: int, folder: Path, tell: Callable[[str], None]) -> bool:
    """Mark so many small submissions both ways, telling what happens; whether the results are the same."""
    memory.write(number, folder / "cohort")
    undisturbed = _start(setup, folder, "undisturbed")
    _wait(undisturbed, folder)
    killed = _start(setup, folder, "killed")
    _when(folder / "killed", number // 3, killed)
    marking = _marking(killed)[0]
    marking.kill()
    tell(f"marking process killed after {_count(folder / 'killed')} results")
    _when(folder / "killed", 2 * number // 3, killed)
    everything = [killed, *killed.children(recursive=True)]
    killed.kill()
    _, alive = psutil.wait_procs(everything, timeout=30)
    tell(f"command killed after {_count(folder / 'killed')} results; {len(alive)} of its processes ran on")
    before = (folder / "killed" / "results.jsonl").read_bytes().rpartition(b"\n")[0].splitlines()
    again = _start(setup, folder, "killed")
    _wait(again, folder)
    after = (folder / "killed" / "results.jsonl").read_bytes().splitlines()
    tell(f"{len(after) - len(before)} results after going on, {len(after)} in all")
    same = _results(folder / "undisturbed") == _results(folder / "killed")
    kept = after[: len(before)] == before
    tell(f"results as of the undisturbed run: {same}; what was there before kept to the byte: {kept}")
    return same and kept and not alive


def _start(setup: Setup, folder: Path, out: str) -> psutil.Popen:
    command = [setup.kit, "-m", "grader", "grade", folder / "cohort", "--out", folder / out, "--seed", SEED]
    command += ["--no-gradebook"]
    environ = environment(setup.kit, folder / "home")
    shown = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    return psutil.Popen([str(part) for part in command], cwd=folder, env=environ, **shown)


def _wait(process: psutil.Popen, folder: Path) -> None:
    if process.wait() != 0:
        raise RuntimeError(f"the command ended with {process.returncode}; its results are in {folder}")


def _when(out: Path, count: int, process: psutil.Popen) -> None:
    """Wait until so many results are there."""
    while _count(out) < count:
        try:
            raise RuntimeError(f"the command ended with {process.wait(POLL)} before it was to be disturbed")
        except psutil.TimeoutExpired:
            continue


def _count(out: Path) -> int:
    path = out / "results.jsonl"
    return path.read_bytes().count(b"\n") if path.exists() else 0


def _marking(process: psutil.Popen) -> list[psutil.Process]:
    return [child for child in process.children() if "spawn_main" in " ".join(child.cmdline())]


def _results(out: Path) -> dict[str, Any]:
    """Every result by its submission, but for the time that it took."""
    lines = (out / "results.jsonl").read_text(encoding="utf-8").splitlines()
    results = {result["submission"]: result for result in map(json.loads, lines)}
    for result in results.values():
        del result["seconds"]
    assert len(results) == len(lines), "a submission has two results"
    return results
