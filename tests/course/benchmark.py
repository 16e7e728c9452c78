"""Measures what users wait for: a learner's own runs, and the marking of a cohort beside other ways of marking it.

`nox -s bench` prints medians of interleaved rounds, in seconds; see `nox -s bench -- --help`. It runs in the kit's
environment, and runs the peers in theirs.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import sample_cohort
from bench import gradebooks, interruptions, memory, report, reports, rounds, scaling, throughput, watching
from bench.cohort import LEARNERS
from bench.way import Setup
from rich.console import Console

from grader.course.catalogue import STAGES
from grader.course.location import ROOT, SOLUTIONS

RUNS = 5
FIGURES = ROOT / "build" / "bench.json"
CONSOLE = Console(width=115)


def seconds(setup: Setup, *suites: str) -> float:
    """How long one run of pytest on the solutions takes, from the command to its end."""
    command = [str(setup.kit), "-m", "pytest", "--impl", str(SOLUTIONS), *suites]
    environ = os.environ | {"PYTHONDONTWRITEBYTECODE": ""}
    began = time.perf_counter()
    subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.DEVNULL, env=environ)
    return time.perf_counter() - began


def suites(setup: Setup) -> None:
    """Print a line for each suite. Each run is a process of its own, with the caches of compiled code filled."""
    print(f"{'pytest on the solutions':<26} median   from … to, of {RUNS} runs")
    for name, paths in [*((s.name, [str(s.suite)]) for s in STAGES), ("all six", [])]:
        seconds(setup, *paths)
        times = sorted(seconds(setup, *paths) for _ in range(RUNS))
        print(f"{name:<26} {statistics.median(times):6.2f}   {times[0]:.2f} … {times[-1]:.2f} s")


def sample(setup: Setup) -> None:
    """Print how long the sample cohort takes, with all cores, and each of its submissions."""
    with tempfile.TemporaryDirectory() as temporary:
        folder, out = Path(temporary) / "cohort", Path(temporary) / "out"
        sample_cohort.write(folder)
        command = [
            str(setup.kit),
            "-m",
            "grader",
            "grade",
            str(folder),
            "--out",
            str(out),
            "--seed",
            "1",
            "--time-limit",
            "3",
            "--no-gradebook",
        ]
        began = time.perf_counter()
        subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
        took = time.perf_counter() - began
        lines = (out / "results.jsonl").read_text(encoding="utf-8").splitlines()
    results = [json.loads(line) for line in lines]
    each = sorted(result["seconds"] for result in results if result["status"] == "graded")
    print(f"the sample cohort, {len(results)} submissions, with {os.cpu_count()} cores: {took:.1f} s")
    print(f"a graded submission: median {statistics.median(each):.2f} s, from {each[0]:.2f} to {each[-1]:.2f} s")


def compare(setup: Setup, number: int, only: set[str]) -> None:
    """Mark the benchmark's cohort in every way, print the figures beside the bars, and keep them."""
    figures = rounds.run(setup, number, only, lambda line: print(line, flush=True))
    figures.write(FIGURES)
    report.show(CONSOLE, figures, number)
    print(f"every round's figures: {FIGURES}")


def main() -> None:
    """Measure what is asked for; without a word, all but the memory."""
    parser = argparse.ArgumentParser(prog="nox -s bench --", description=__doc__)
    parser.add_argument("--peers", type=Path, required=True, help=argparse.SUPPRESS)
    parser.add_argument("--rounds", type=int, default=3, help="interleaved rounds of all ways (default: 3)")
    parser.add_argument("--only", nargs="+", choices=rounds.WAYS, default=[], help="these ways, and no more")
    parser.add_argument("--learners", type=int, default=12, help="the first so many submissions (default: all 12)")
    parser.add_argument("--suites", action="store_true", help="only a learner's runs and the sample cohort")
    memory_help = "only the memory of grading N small submissions (default: 2000)"
    parser.add_argument("--memory", type=int, metavar="N", nargs="?", const=2000, help=memory_help)
    told = "only mark N small submissions undisturbed and with kill -9 on the way, and compare"
    parser.add_argument("--interrupted", type=int, metavar="N", help=told)
    written = "only write N submissions' results into nbgrader's gradebook"
    parser.add_argument("--gradebook", type=int, metavar="N", help=written)
    parser.add_argument("--db", metavar="URL", help="an empty database for it (default: SQLite in a new folder)")
    saves = "only watch mode: N saves of each stage, to the verdict (default: 12)"
    parser.add_argument("--watch", type=int, metavar="N", nargs="?", const=12, help=saves)
    large = "only the report of N submissions: to be made, and to be opened in Chromium (default: 3000)"
    parser.add_argument("--report", type=int, metavar="N", nargs="?", const=3000, help=large)
    more = (
        "only the cohort with more and more jobs and Dask workers, and the command's own work on N (default: 3000)"
    )
    parser.add_argument("--scaling", type=int, metavar="N", nargs="?", const=3000, help=more)
    parser.add_argument("--copies", type=int, default=4, help="of each submission, for --scaling (default: 4)")
    asked = parser.parse_args()
    setup = Setup(Path(sys.executable), asked.peers, LEARNERS[: asked.learners])
    with tempfile.TemporaryDirectory() as temporary:
        sys.exit(not measured(setup, asked, Path(temporary)))


def measured(setup: Setup, asked: argparse.Namespace, folder: Path) -> bool:
    """Measure what is asked for; whether all is as it has to be, where the bench itself can tell."""
    if asked.memory:
        memory.show(CONSOLE, memory.measure(setup, asked.memory, folder))
    elif asked.report:
        reports.measure(setup, asked.report, folder, print)
    elif asked.watch:
        watching.show(CONSOLE, watching.measure(setup.kit, asked.watch, folder))
    elif asked.gradebook:
        gradebooks.measure(asked.gradebook, folder, asked.db, print)
    elif asked.interrupted:
        return interruptions.measure(setup, asked.interrupted, folder, print)
    elif asked.scaling:
        scale(setup, asked, folder)
    else:
        if asked.suites or not asked.only:
            suites(setup)
            sample(setup)
        if not asked.suites:
            compare(setup, asked.rounds, set(asked.only))
    return True


def scale(setup: Setup, asked: argparse.Namespace, folder: Path) -> None:
    """Mark a cohort with more and more jobs and workers, then measure the command's own work with its results."""
    figures, out = scaling.run(setup, asked.copies, asked.rounds, folder, lambda line: print(line, flush=True))
    scaling.show(CONSOLE, figures)
    steps = [*throughput.measure(setup, asked.scaling, out / "results.jsonl", folder)]
    throughput.show(CONSOLE, steps, asked.scaling)


if __name__ == "__main__":
    main()
