"""A long cohort marked twice: undisturbed, and with kill -9 of a marking process and of the command itself."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil

from bench import memory, ours
from bench.way import Setup


def measure(setup: Setup, number: int, folder: Path, tell: Callable[[str], None]) -> bool:
    """Mark so many small submissions both ways, telling what happens; whether the results are the same."""
    memory.write(number, folder / "cohort")
    out = folder / "killed"
    ours.ended(ours.started(setup, folder / "cohort", folder / "undisturbed"), folder / "undisturbed")
    killed = ours.started(setup, folder / "cohort", out)
    ours.until(killed, out, number // 3)
    _marking(killed).kill()
    tell(f"marking process killed after {ours.done(out)} results")
    ours.until(killed, out, 2 * number // 3)
    everything = [killed, *killed.children(recursive=True)]
    killed.kill()
    _, alive = psutil.wait_procs(everything, timeout=30)
    tell(f"command killed after {ours.done(out)} results; {len(alive)} of its processes ran on")
    before = (out / "results.jsonl").read_bytes().rpartition(b"\n")[0].splitlines()
    ours.ended(ours.started(setup, folder / "cohort", out), out)
    after = (out / "results.jsonl").read_bytes().splitlines()
    tell(f"{len(after) - len(before)} results after going on, {len(after)} in all")
    same = _results(folder / "undisturbed") == _results(out)
    kept = after[: len(before)] == before
    tell(f"results as of the undisturbed run: {same}; what was there before kept to the byte: {kept}")
    return same and kept and not alive


def _marking(process: psutil.Process) -> psutil.Process:
    """A marking process: of those that are spawned, the readers come first."""
    spawned = [child for child in process.children() if "spawn_main" in " ".join(child.cmdline())]
    return max(spawned, key=psutil.Process.create_time)


def _results(out: Path) -> dict[str, Any]:
    """Every result by its submission, but for the time that it took."""
    lines = (out / "results.jsonl").read_text(encoding="utf-8").splitlines()
    results = {result["submission"]: result for result in map(json.loads, lines)}
    for result in results.values():
        del result["seconds"]
    assert len(results) == len(lines), "a submission has two results"
    return results
