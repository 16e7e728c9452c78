"""Time that nbgrader's gradebook takes for many submissions' results: new ones, and the same again."""

import contextlib
import random
import statistics
import time
from collections.abc import Callable
from pathlib import Path

from results_by_hand import notebooks, result

from grader.course.catalogue import STAGES
from grader.gradebook.book import Gradebook
from grader.intake.submissions import Submission
from grader.judging.results import Result

TASKS = [(stage.name, task) for stage in STAGES for task in stage.tasks]
MESSAGE = "relu(a)[3, 1]\n  expected: 0\n  got:      1.5\n  7 of 12 entries are off, this one the most, by 1.5"


def submissions(number: int, seed: int) -> list[tuple[Submission, Result]]:
    """Submissions of all four notebooks with their results, up to six tasks wrong in each."""
    draw, cells = random.Random(seed), notebooks()
    made = []
    for i in range(number):
        wrong = dict.fromkeys(draw.sample(TASKS, draw.randrange(7)), MESSAGE)
        name = f"learner-{i:05}"
        made.append((Submission(name, form="notebooks", notebooks=cells), result(name, wrong)))
    return made


def measure(number: int, folder: Path, db: str | None, say: Callable[[str], None], seed: int = 1) -> None:
    """Write so many results into a new gradebook, then again, and say how long each submission takes."""
    say(f"{number} submissions of all four notebooks, drawn with seed {seed}, into nbgrader's gradebook:")
    made = submissions(number, seed)
    for what in ("new", "again, unchanged"):
        times = []
        began = time.perf_counter()
        with contextlib.closing(Gradebook(folder, db)) as gradebook:
            for submission, marked in made:
                start = time.perf_counter()
                gradebook.write(marked, submission)
                times.append(time.perf_counter() - start)
        took = time.perf_counter() - began
        say(f"{what:<18}{took:7.1f} s, each: median {1000 * statistics.median(times):.1f} ms, {gradebook.url}")
