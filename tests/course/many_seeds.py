"""Marks the solutions with many seeds, to see that no right submission is harmed by what is drawn.

`nox -s seeds -- 200` marks them with the seeds 0 to 199 and fails when any of them loses a point.
"""

import multiprocessing
import os
import sys
from concurrent.futures import ProcessPoolExecutor

from rich.progress import track
from sample_cohort import ISOLATION

from grader.course.location import SOLUTIONS
from grader.intake.submissions import read_cohort
from grader.judging.results import Result
from grader.marking.mark import Settings, mark


def marked_with(seed: int) -> Result:
    """The solutions' result with this seed."""
    [solutions] = read_cohort(SOLUTIONS)
    return mark(solutions, Settings(seed, isolation=ISOLATION))


def main() -> None:
    """Mark with the seeds from 0 to the number given."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 200
    failed = 0
    with ProcessPoolExecutor(os.cpu_count(), multiprocessing.get_context("spawn")) as pool:
        for result in track(pool.map(marked_with, range(count)), "marking the solutions", count):
            wrong = [test for stage in result.stages for test in stage.tests if test.outcome != "passed"]
            failed += bool(wrong)
            for test in wrong:
                print(f"seed {result.seed}: {test.test}: {test.message}")
    print(f"{count} seeds, {failed} with a failure")
    sys.exit(failed > 0)


if __name__ == "__main__":
    main()
