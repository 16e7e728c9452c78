"""Marks a whole cohort: submissions spread over processes, each result written as it comes."""

import multiprocessing
import os
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass, field
from pathlib import Path

from grader import results
from grader.marking import Settings, mark
from grader.results import Result
from grader.submissions import Submission

RESULTS = "results.jsonl"
SCORES = "scores.csv"


@dataclass
class Outcome:
    """What came of a cohort: its results, and what the kit failed on."""

    results: list[Result] = field(default_factory=list)
    kit_errors: dict[str, str] = field(default_factory=dict)


def mark_cohort(
    cohort: list[Submission],
    settings: Settings,
    out: Path,
    jobs: int | None = None,
    on_result: Callable[[], None] = lambda: None,
) -> Outcome:
    """Mark each submission and write `out`/results.jsonl line by line, then `out`/scores.csv.

    jobs: how many are marked at a time, by default one for each core; on_result is called after each.
    Results that an earlier run left in `out` are kept beside as results.jsonl.old.
    """
    out.mkdir(parents=True, exist_ok=True)
    path = out / RESULTS
    if path.exists():
        path.replace(path.with_suffix(".jsonl.old"))
    outcome = Outcome()
    with path.open("x", encoding="utf-8") as file:
        for name, result in _marked(cohort, settings, jobs or os.cpu_count() or 1):
            if isinstance(result, Result):
                results.append(result, file)
                outcome.results.append(result)
            else:
                outcome.kit_errors[name] = result
            on_result()
    outcome.results.sort(key=lambda result: result.submission)
    results.write_scores(outcome.results, out / SCORES)
    return outcome


def _marked(cohort: list[Submission], settings: Settings, jobs: int) -> Iterator[tuple[str, Result | str]]:
    """Each submission's name with its result, or with what the kit failed on, in the order they are done."""
    context = multiprocessing.get_context("spawn")  # a fork would copy the progress bar's thread
    with ProcessPoolExecutor(max_workers=min(jobs, len(cohort)), mp_context=context) as pool:
        futures = {pool.submit(mark, submission, settings): submission.name for submission in cohort}
        for future in as_completed(futures):
            try:
                yield futures[future], future.result()
            except Exception as error:  # whatever the kit failed on, the others are still marked
                yield futures[future], f"{type(error).__name__}: {error}"
