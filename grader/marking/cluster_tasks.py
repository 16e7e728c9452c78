"""What a command sends to the workers of a Dask cluster: as code, so that it says where no kit is installed.

Nothing here may use a name of the kit but inside a function: the scheduler unpacks this too, and need not have it.
"""

import json
import pickle
import threading
from typing import TYPE_CHECKING

from distributed import Worker, WorkerPlugin, get_worker

if TYPE_CHECKING:
    from grader.marking.cluster_worker import Marking
    from grader.outside.workers import Isolation

KIT_ERROR, NO_WORKERS = "kit_error", "no_workers"
"""What an answer that holds no result has: on what the kit failed, and whether this worker can mark nothing."""


class MarkingPlugin(WorkerPlugin):  # type: ignore[misc]
    """What marks in one Dask worker; it ends with it, or when the plugin is unregistered.

    wanted: what must be installed there, as of `cluster_worker.installed`; isolation: as of Settings.
    """

    def __init__(self, wanted: dict[str, str], isolation: "Isolation") -> None:
        self._beginning = wanted, isolation

    def setup(self, worker: Worker) -> None:
        """Be ready to start what marks, with the first task."""
        self._lock = threading.Lock()
        self._threads = worker.state.nthreads
        self._marking: Marking | None = None

    def teardown(self, worker: Worker) -> None:
        """End everything."""
        with self._lock:
            if self._marking:
                self._marking.close()

    def marking(self) -> "Marking":
        """What marks here. Raises ImportError where no kit is installed, or another one."""
        from grader.marking.cluster_worker import Marking

        with self._lock:
            if not self._marking:
                self._marking = Marking(*self._beginning, self._threads)
            return self._marking


def refusal_of_worker(plugin: str) -> bytes:
    """A task: a sentence, in UTF-8, why the Dask worker that runs it can mark nothing; empty where it can."""
    try:
        told = get_worker().plugins[plugin].marking().refusal()
    except ImportError as error:
        told = f"it has no chainrule, or another one: install the same there ({error})"
    return str(told).encode("utf-8", "replace")


def mark_on_worker(plugin: str, asked: bytes) -> bytes:
    """A task: a submission's line as the record holds it, or JSON that says on what the kit failed.

    asked: the submission, the settings and an earlier result, pickled: the scheduler need not unpack them.
    """
    from grader.judging.results import Result, line_of
    from grader.outside.workers import NoWorkersError

    result = get_worker().plugins[plugin].marking().mark(*pickle.loads(asked))
    if isinstance(result, Result):
        return line_of(result)
    return json.dumps({KIT_ERROR: str(result), NO_WORKERS: isinstance(result, NoWorkersError)}).encode()
