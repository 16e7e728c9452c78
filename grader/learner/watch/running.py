"""Runs suites on a learner's modules, in one thread, each on a worker that can be ended from another."""

import contextlib
import threading
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from typing import Any

from grader.course.catalogue import Stage
from grader.intake.learners_folder import parted
from grader.judging.naming import Names, waiting
from grader.judging.suites import suites
from grader.learner.watch.state import Run, Sources
from grader.outside import pytorch, workers
from grader.outside.client import load_request
from grader.outside.plain_text import LAYOUT, plain_text
from grader.outside.process import MAX_PRINTED, Allowance, Limits, WorkerProcess
from grader.outside.verdicts import NoAnswer
from grader.outside.workers import START_LIMIT, KitError

ISOLATION: workers.Isolation = "process"
"""On the learner's own machine their code may do what it could do there anyway."""
MEMORY = 2**30
"""Not a limit without the kernel's isolation."""
KINDS = tuple(kind for kind in pytorch.KINDS if kind != "torch" or pytorch.is_installed())
"""What the stages run on, as far as it is there."""
TOTAL = 40
"""Times the limit for one call, for a stage as a whole."""


class _Worker(WorkerProcess):
    """One that is stopped without a verdict: what it was asked then raises KitError.

    aside: takes the worker that runs known mistakes beside it.
    """

    def __init__(self, aside: Callable[[WorkerProcess], None], *process: Any) -> None:
        super().__init__(*process)
        self._aside = aside

    def load(self) -> dict[str, Any]:
        """Load the stage. Raises NoAnswer when the module cannot be run."""
        with self._unless_stopped():
            return super().load()

    def exchange(self, request: dict[str, Any], patience: float) -> dict[str, Any]:
        """Send a request and wait for its reply. Raises NoAnswer where there is none."""
        with self._unless_stopped():
            return super().exchange(request, patience)

    def beside(self, load: dict[str, Any], own: Mapping[str, str]) -> WorkerProcess:
        """Another worker, within the same limits, for known mistakes."""
        worker = _Worker(self._aside, load, own, self._limits, Allowance(10 * START_LIMIT))
        self._aside(worker)
        return worker

    def close(self) -> None:
        """Have it end, and do not wait for that: with PyTorch it takes as long as a fork."""
        if self._worker is not None:
            self._worker.kill()
        super().close()

    @contextlib.contextmanager
    def _unless_stopped(self) -> Iterator[None]:
        try:
            yield
        except NoAnswer as answer:
            if self._stopped:
                raise KitError(str(answer)) from None
            raise


class Runner:
    """The suites, collected once, and workers kept warm for them."""

    def __init__(self, seed: int, time_limit: float) -> None:
        """seed: of the data drawn; time_limit: seconds of processor time for one call of a learner's function."""
        self._seed = seed
        self._limit = time_limit
        self._thread = ThreadPoolExecutor(1, "suites")
        self._lock = threading.Lock()
        self._worker: WorkerProcess | None = None
        self._aside: WorkerProcess | None = None
        self._stopped = False
        self._started_runs = 0
        workers.keep_spare(KINDS)
        self._thread.submit(suites)

    def start(self, stage: Stage, sources: Sources) -> "Future[Run | None]":
        """Run a stage's suite on these modules, once the run before is over; gives None where it was stopped.

        It waits for no known mistake that is run for later.
        """
        self._stopped = False
        self._started_runs += 1
        with self._lock:
            if self._aside is not None:
                self._aside.stop()
        return self._thread.submit(self._run, stage, sources, self._started_runs)

    def stop(self) -> None:
        """End the run under way at once."""
        with self._lock:
            self._stopped = True
            for worker in (self._worker, self._aside):
                if worker is not None:
                    worker.stop()

    def close(self) -> None:
        """End everything that was started."""
        self.stop()
        workers.end_all()  # also what the thread may be waiting for
        self._thread.shutdown(cancel_futures=True)
        workers.end_all()

    def _run(self, stage: Stage, sources: Sources, number: int) -> Run | None:
        try:
            names = Names(waiting())
            tests = suites().run(stage, lambda stage: self._started(stage, sources), self._seed, names=names)
        except KitError as error:
            return None if self._stopped else Run(failure=str(error))
        finally:
            worker, self._worker = self._worker, None
            if not self._stopped:
                workers.keep_spare(KINDS)
        if self._stopped:
            return None
        self._thread.submit(names.go_on, lambda: self._started_runs == number and not self._stopped)
        run = Run(tuple(tests), suites().labels(stage))
        if worker is None:
            return run
        printed = plain_text(worker.printed, MAX_PRINTED, keep=LAYOUT)
        return replace(run, printed=printed, uses=frozenset(worker.needed))

    def _started(self, stage: Stage, sources: Sources) -> WorkerProcess:
        own, unread = parted(sources)
        pytorch.check(stage, own.get(stage.name))
        files = {name: f"{name}.py" for name in own}
        limits = Limits(self._limit, MEMORY, ISOLATION)
        allowance = Allowance(TOTAL * self._limit)
        load = load_request(stage, own, files, unread=unread)
        worker = _Worker(self._goes_aside, load, own, limits, allowance)
        with self._lock:
            self._worker = worker
            if self._stopped:
                worker.stop()
        return worker

    def _goes_aside(self, worker: WorkerProcess) -> None:
        with self._lock:
            self._aside = worker
            if self._stopped:
                worker.stop()
