"""Runs suites on a learner's modules, in one thread, each on a worker that can be ended from another."""

import threading
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace

from grader.course.catalogue import Stage
from grader.intake.learners_folder import parted
from grader.judging.naming import Names, waiting
from grader.judging.suites import suites
from grader.learner.watch.state import Run, Sources
from grader.outside import pytorch, workers
from grader.outside.client import load_request
from grader.outside.plain_text import LAYOUT, plain_text
from grader.outside.process import MAX_PRINTED, Allowance, Limits, WorkerProcess
from grader.outside.workers import KitError

ISOLATION: workers.Isolation = "process"
"""On the learner's own machine their code may do what it could do there anyway."""
MEMORY = 2**30
"""Not a limit without the kernel's isolation."""
KINDS = tuple(kind for kind in pytorch.KINDS if kind != "torch" or pytorch.is_installed())
"""What the stages run on, as far as it is there."""
TOTAL = 40
"""Times the limit for one call, for a stage as a whole."""


class _Worker(WorkerProcess):
    """One whose end nobody waits for: with PyTorch it takes as long as a fork."""

    def close(self) -> None:
        """Have it end."""
        if self._worker is not None:
            self._worker.kill()
        super().close()


class Runner:
    """The suites, collected once, and workers kept warm for them."""

    def __init__(self, seed: int, time_limit: float) -> None:
        """seed: of the data drawn; time_limit: seconds of processor time for one call of a learner's function."""
        self._seed = seed
        self._limit = time_limit
        self._thread = ThreadPoolExecutor(1, "suites")
        self._lock = threading.Lock()
        self._worker: WorkerProcess | None = None
        self._stopped = False
        self._started_runs = 0
        workers.keep_spare(KINDS)
        self._thread.submit(suites)

    def start(self, stage: Stage, sources: Sources) -> "Future[Run | None]":
        """Run a stage's suite on these modules, once the run before is over; gives None where it was stopped."""
        self._stopped = False
        self._started_runs += 1
        return self._thread.submit(self._run, stage, sources, self._started_runs)

    def stop(self) -> None:
        """End the run under way at once."""
        with self._lock:
            self._stopped = True
            if self._worker is not None:
                self._worker.stop()

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
        worker = _Worker(load_request(stage, own, files, unread=unread), own, limits, allowance)
        with self._lock:
            self._worker = worker
            if self._stopped:
                worker.stop()
        return worker
