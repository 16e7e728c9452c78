"""Measures what users wait for: the suites as a learner runs them, and the marking of the sample cohort.

`nox -s bench` prints medians and ranges in seconds. Each run of a suite is a process of its own, with the
caches of compiled code filled; the cohort is marked with all cores, and as the sum of its submissions' times.
"""

import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import sample_cohort

from grader.catalogue import ROOT, SOLUTIONS, STAGES
from grader.cohort import mark_cohort
from grader.marking import Settings
from grader.submissions import read_cohort

RUNS = 5


def seconds(*suites: str) -> float:
    """How long one run of pytest on the solutions takes, from the command to its end."""
    command = [sys.executable, "-m", "pytest", "--impl", str(SOLUTIONS), *suites]
    environment = os.environ | {"PYTHONDONTWRITEBYTECODE": ""}
    began = time.perf_counter()
    subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.DEVNULL, env=environment)
    return time.perf_counter() - began


def suites(runs: int) -> None:
    """Print a line for each suite."""
    print(f"{'pytest on the solutions':<26} median   from … to, of {runs} runs")
    for name, paths in [*((s.name, [str(s.suite)]) for s in STAGES), ("all six", [])]:
        seconds(*paths)
        times = sorted(seconds(*paths) for _ in range(runs))
        print(f"{name:<26} {statistics.median(times):6.2f}   {times[0]:.2f} … {times[-1]:.2f} s")


def cohort() -> None:
    """Print how long the sample cohort takes."""
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary) / "cohort"
        sample_cohort.write(folder)
        began = time.perf_counter()
        outcome = mark_cohort(read_cohort(folder), Settings(seed=1, time_limit=3.0), Path(temporary) / "out")
        took = time.perf_counter() - began
    each = sorted(result.seconds for result in outcome.results if result.status == "graded")
    print(f"\nthe sample cohort, {len(outcome.results)} submissions, with {os.cpu_count()} cores: {took:.1f} s")
    print(f"a graded submission: median {statistics.median(each):.2f} s, from {each[0]:.2f} to {each[-1]:.2f} s")


if __name__ == "__main__":
    suites(int(sys.argv[1]) if len(sys.argv) > 1 else RUNS)
    cohort()
