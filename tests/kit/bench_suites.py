"""Measures the suites on the solutions as a learner runs them, each time in a new process.

`nox -s bench` prints the median and the range of some runs, in seconds, for each suite and for all six.
"""

import os
import statistics
import subprocess
import sys
import time

from grader.catalogue import ROOT, SOLUTIONS, STAGES

RUNS = 5


def seconds(*suites: str) -> float:
    """How long one run takes, from the command to its end."""
    began = time.perf_counter()
    command = [sys.executable, "-m", "pytest", "--impl", str(SOLUTIONS), *suites]
    environment = os.environ | {"PYTHONDONTWRITEBYTECODE": ""}
    subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.DEVNULL, env=environment)
    return time.perf_counter() - began


def main() -> None:
    """Print a line for each suite."""
    runs = int(sys.argv[1]) if len(sys.argv) > 1 else RUNS
    print(f"{'suite':<26} median   from … to, of {runs} runs")
    for name, suites in [*((s.name, [str(s.suite)]) for s in STAGES), ("all six", [])]:
        seconds(*suites)  # fills the caches of compiled code
        times = sorted(seconds(*suites) for _ in range(runs))
        print(f"{name:<26} {statistics.median(times):6.2f}   {times[0]:.2f} … {times[-1]:.2f} s")


if __name__ == "__main__":
    main()
