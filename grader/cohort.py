"""Marks a whole cohort: submissions spread over processes, each result written as it comes."""

import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from dataclasses import dataclass, field
from pathlib import Path

from grader import results
from grader.marking import Settings, mark
from grader.results import Result
from grader.submissions import Submission

RESULTS = "results.jsonl"
SCORES = "scores.csv"
STOP_POLL = 0.2
"""Seconds until a wish to stop is seen."""


@dataclass
class Outcome:
    """What came of a cohort: its results, and what the kit failed on."""

    results: list[Result] = field(default_factory=list)
    kit_errors: dict[str, str] = field(default_factory=dict)
    stopped: bool = False


def mark_cohort(
    cohort: list[Submission],
    settings: Settings,
    out: Path,
    jobs: int | None = None,
    on_result: Callable[[], None] = lambda: None,
    stop: threading.Event | None = None,
) -> Outcome:
    """Mark each submission and write `out`/results.jsonl line by line, then `out`/scores.csv.

    jobs: how many are marked at a time, by default one for each core; on_result is called after each; once
    `stop` is set, what is being marked is finished and written, and the rest is left.
    Results that an earlier run left in `out` are kept beside as results.jsonl.old.
    """
    out.mkdir(parents=True, exist_ok=True)
    path = out / RESULTS
    if path.exists():
        path.replace(path.with_suffix(".jsonl.old"))
    outcome = Outcome()
    with path.open("x", encoding="utf-8") as file:
        for name, result in _marked(cohort, settings, jobs or os.cpu_count() or 1, stop or threading.Event()):
            if isinstance(result, Result):
                results.append(result, file)
                outcome.results.append(result)
            else:
                outcome.kit_errors[name] = result
            on_result()
        outcome.stopped = len(outcome.results) + len(outcome.kit_errors) < len(cohort)
    outcome.results.sort(key=lambda result: result.submission)
    results.write_scores(outcome.results, out / SCORES)
    return outcome


def _marked(
    cohort: list[Submission], settings: Settings, jobs: int, stop: threading.Event
) -> Iterator[tuple[str, Result | str]]:
    """Each submission's name with its result, or with what the kit failed on, in the order they are done.

    After `stop` what is not begun is left, and what is being marked still comes.
    """
    context = multiprocessing.get_context("spawn")  # a fork would copy the progress bar's thread
    with ProcessPoolExecutor(min(jobs, len(cohort)), context, _follow_parent) as pool:
        names = {pool.submit(mark, submission, settings): submission.name for submission in cohort}
        waiting: set[Future[Result]] = set(names)
        while waiting:
            if stop.is_set():
                waiting = {future for future in waiting if not future.cancel()}
            done, waiting = wait(waiting, timeout=STOP_POLL, return_when=FIRST_COMPLETED)
            for future in done:
                try:
                    yield names[future], future.result()
                except Exception as error:  # whatever the kit failed on, the others are still marked
                    yield names[future], f"{type(error).__name__}: {error}"


def _follow_parent() -> None:
    """Leave Ctrl-C to the process that was started by hand, and end when it is gone, however it ended."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_after_parent, daemon=True).start()


def _end_after_parent() -> None:
    parent = multiprocessing.parent_process()
    assert parent is not None
    parent.join()
    os._exit(1)
