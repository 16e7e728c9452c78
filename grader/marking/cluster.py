"""Marks on the workers of a Dask cluster that runs elsewhere: hands out submissions, and checks results."""

import contextlib
import json
import logging
import pickle
import queue
import secrets
import time
from collections.abc import Callable
from concurrent.futures import CancelledError
from dataclasses import dataclass
from typing import Any

import cloudpickle
from distributed import Future

from grader.intake.submissions import Submission
from grader.judging.results import Result, result_from
from grader.marking import cluster_tasks
from grader.marking.cluster_tasks import KIT_ERROR, NO_WORKERS, MarkingPlugin, mark_on_worker, refusal_of_worker
from grader.marking.cluster_worker import installed
from grader.marking.dask_client import CONNECT_LIMIT, ClusterError, address_of, connected
from grader.marking.mark import Settings, digest_of
from grader.outside.plain_text import plain_text
from grader.outside.workers import START_LIMIT, Isolation, KitError, NoWorkersError

AHEAD = 1
"""Submissions that a worker is given beyond those that it can mark at a time, so that it never waits for one."""
LOOK = 1.0
"""Seconds from one look at the cluster's workers to the next."""
SILENCE = 30.0
"""Seconds after which a worker that sends no sign of life is given up; with 1,000 workers one comes every 6 s."""
SLOWEST = 10
"""How many times its total limit a submission may take on the clock: a worker may have too few processors."""


CONNECTION_LOST = "the connection to the scheduler was lost"


class LostError(KitError):
    """The worker that was to mark a submission is gone, or does not answer."""

    tries = 5
    """A cluster takes workers away while they are at work, for others or by the clock; no submission did that."""


@dataclass
class _Worker:
    """A worker of the cluster: `host` for sentences, and how many submissions it marks at a time.

    usable: whether it can mark as this command would, None until it has said so; running: how many submissions it
    has; seen: its last sign of life on the scheduler's clock, and when that was noticed on this one's.
    """

    host: str
    threads: int
    seen: tuple[float, float]
    usable: bool | None = None
    running: int = 0
    silent: bool = False

    @property
    def has_room(self) -> bool:
        """Whether it can be given another submission."""
        return self.usable is True and not self.silent and self.running < self.threads + AHEAD


@dataclass(frozen=True)
class _Asked:
    """What a worker was asked for, and until when that may take: to mark a submission, or to say if it can."""

    address: str
    until: float
    submission: Submission | None = None
    digest: str = ""


class Cluster:
    """The workers of a Dask cluster, as far as they have what this command has.

    scheduler: its address, as tcp://HOST:PORT or tls://HOST:PORT, or the path of its scheduler file; say: is given
    sentences on workers that cannot be used, and on waiting for some. Certificates for TLS are Dask's settings.
    Raises ClusterError where no scheduler answers.
    """

    def __init__(self, scheduler: str, isolation: Isolation, say: Callable[[str], None]) -> None:
        logging.getLogger("distributed").setLevel(logging.CRITICAL)  # what matters of it is said here
        self.address = address_of(scheduler)
        cloudpickle.register_pickle_by_value(cluster_tasks)
        self._plugin = MarkingPlugin(installed(), isolation)
        self._plugin_name = f"chainrule-{secrets.token_hex(8)}"
        self._say = say
        self._workers: dict[str, _Worker] = {}
        self._refusals: dict[str, str] = {}
        self._asked: dict[Future, _Asked] = {}
        self._arrived: queue.SimpleQueue[tuple[Future, bytes | BaseException | None]] = queue.SimpleQueue()
        self._lost: list[tuple[str, Result | KitError]] = []
        self._looked_at = -LOOK
        self._is_registered = self._is_waiting = self._has_begun = False
        self._client = connected(self.address)

    def has_room(self) -> bool:
        """Whether another submission can be begun now; where no worker can be used, one may come."""
        self._look()
        return any(worker.has_room for worker in self._workers.values())

    def begin(self, submission: Submission, settings: Settings, earlier: Result | None) -> None:
        """Give a submission to the worker that has the least to do."""
        able = {address: worker for address, worker in self._workers.items() if worker.has_room}
        address = min(able, key=lambda address: able[address].running / able[address].threads)
        able[address].running += 1
        until = time.monotonic() + 2 * START_LIMIT + SLOWEST * settings.total_limit * (1 + AHEAD)
        asked = pickle.dumps((submission, settings, earlier))
        self._ask(_Asked(address, until, submission, digest_of(submission, settings)), mark_on_worker, asked)
        self._has_begun = True

    def done(self, seconds: float) -> list[tuple[str, Result | KitError]]:
        """What came of submissions, by name: of those that are done, else of who is done within the time.

        Raises ClusterError where the scheduler is gone, or every worker was refused.
        """
        self._look()
        found, self._lost = self._lost, []
        finished: list[Future] = []
        with contextlib.suppress(queue.Empty):
            future, answer = self._arrived.get(timeout=0.0 if found else seconds)
            while True:
                if answer is None:
                    finished.append(future)
                else:
                    if asked := self._asked.pop(future, None):
                        found += self._answered(asked, answer)
                    future.release()
                future, answer = self._arrived.get_nowait()
        if finished:
            self._client.loop.add_callback(self._fetch, finished)
        return found

    def close(self) -> None:
        """Have the workers end what was started for this run, and leave the cluster."""
        # What cannot be reached any more has nothing to end, nor has what was started anew meanwhile.
        with contextlib.suppress(OSError, TimeoutError, KeyError, ValueError):
            if self._is_registered:
                self._within_limit(self._client.unregister_worker_plugin, self._plugin_name)
        self._client.close(CONNECT_LIMIT)

    def _ask(self, asked: _Asked, task: Callable[..., bytes], *arguments: bytes) -> None:
        """Have a worker, and no other, run a task."""
        where = {"workers": [asked.address], "allow_other_workers": False}
        future = self._client.submit(task, self._plugin_name, *arguments, pure=False, **where)
        self._asked[future] = asked
        future.add_done_callback(lambda future: self._arrived.put((future, None)))

    async def _fetch(self, finished: list[Future]) -> None:
        """Get what tasks gave, in the client's thread: from a worker that is gone it may never come."""
        answers: list[bytes | BaseException]
        try:
            answers = await self._client.gather(finished, asynchronous=True)
        except (Exception, CancelledError) as error:  # what a task raised, or Dask
            if len(finished) > 1:
                for future in finished:
                    self._client.loop.add_callback(self._fetch, [future])
                return
            answers = [error]
        for one in zip(finished, answers, strict=True):
            self._arrived.put(one)

    def _answered(self, asked: _Asked, answer: bytes | BaseException) -> list[tuple[str, Result | KitError]]:
        """What an answer says of a submission; what it says of a worker is noted."""
        worker = self._workers[asked.address]
        if asked.submission:
            worker.running -= 1
        if isinstance(answer, CancelledError):  # the connection to the scheduler was lost, and what it knew of us
            self._forget_all()
            return [(asked.submission.name, LostError(CONNECTION_LOST))] if asked.submission else []
        if isinstance(answer, BaseException):
            answer = KitError(plain_text(f"on {worker.host}: {type(answer).__name__}: {answer}"))
        if not asked.submission:
            refusal = answer.decode() if isinstance(answer, bytes) else str(answer)
            self._greeted(asked.address, plain_text(refusal))
            return []
        result = answer if isinstance(answer, KitError) else _checked(asked.submission.name, asked.digest, answer)
        if isinstance(result, NoWorkersError):  # there, but perhaps elsewhere
            self._greeted(asked.address, str(result))
            result = LostError(str(result))
        return [(asked.submission.name, result)]

    def _look(self) -> None:
        """Look, now and then, at which workers there are, and give up those that are gone or say nothing.

        Raises ClusterError where the scheduler is gone, or every worker was refused.
        """
        now = time.monotonic()
        if now < self._looked_at + LOOK:
            return
        self._looked_at = now
        if self._client.status not in ("running", "connecting"):
            gone = f"the scheduler at {self.address} cannot be reached any more"
            raise ClusterError(f"{gone}. What was marked is kept; the same command goes on.")
        try:
            self._register()
            told = self._within_limit(self._client.scheduler.identity, n_workers=-1)["workers"]
        except (OSError, TimeoutError):
            return  # it is tried again as long as the client has not given up
        for address in set(self._workers) - set(told):
            self._give_up(address, "is gone")
            del self._workers[address]
        for address, known in told.items():
            self._hear(address, known, now)
        for future, asked in list(self._asked.items()):
            if now > asked.until:
                self._lose(future, f"{self._workers[asked.address].host} did not come to an end")
        self._tell_of_waiting()

    def _register(self) -> None:
        """Give the plugin to all workers, and to those to come."""
        if self._is_registered:
            return
        self._within_limit(self._client.register_plugin, self._plugin, self._plugin_name)
        self._is_registered = True

    def _hear(self, address: str, known: dict[str, Any], now: float) -> None:
        """Take down what the scheduler says of a worker; ask a new one if it can mark."""
        alive = known["last_seen"] if known["status"] == "running" else None
        if address not in self._workers:
            host = plain_text(f"{known['host']} ({known['name']})")
            self._workers[address] = _Worker(host, known["nthreads"], (alive or 0.0, now))
            self._ask(_Asked(address, now + 2 * START_LIMIT), refusal_of_worker)
        worker = self._workers[address]
        if alive not in (None, worker.seen[0]):
            worker.seen, worker.silent = (alive, now), False
        elif now > worker.seen[1] + SILENCE and not worker.silent:
            worker.silent = True
            self._give_up(address, "does not answer")

    def _greeted(self, address: str, refusal: str) -> None:
        """Take down whether a worker can mark, and tell why not."""
        worker = self._workers[address]
        worker.usable = not refusal
        if refusal and refusal != self._refusals.get(address):
            self._refusals[address] = refusal
            self._say(f"Worker {worker.host} is left out: {refusal}")
        self._tell_of_waiting()

    def _give_up(self, address: str, why: str) -> None:
        """Have what a worker was asked for done elsewhere; if it answers all the same, nobody listens."""
        futures = [future for future, asked in self._asked.items() if asked.address == address]
        lost = [future for future in futures if self._asked[future].submission]
        if lost:
            here = "1 submission is" if len(lost) == 1 else f"{len(lost)} submissions are"
            self._say(f"Worker {self._workers[address].host} {why}; {here} marked elsewhere.")
        for future in futures:
            self._lose(future, f"the worker {self._workers[address].host} {why}")

    def _lose(self, future: Future, why: str) -> None:
        """Give up a task."""
        asked = self._asked.pop(future)
        future.release()
        if asked.submission:
            self._workers[asked.address].running -= 1
            self._lost.append((asked.submission.name, LostError(why)))

    def _forget_all(self) -> None:
        """Begin anew with the cluster: its scheduler may be another one."""
        for address in self._workers:
            for future in [future for future, asked in self._asked.items() if asked.address == address]:
                self._lose(future, CONNECTION_LOST)
        self._workers.clear()
        self._is_registered = False

    def _tell_of_waiting(self) -> None:
        """Say when there is nobody to mark, and when there is again."""
        usable = sum(worker.usable is True and not worker.silent for worker in self._workers.values())
        if usable and self._is_waiting:
            self._say(f"Going on, with {usable} worker{'' if usable == 1 else 's'}.")
            self._is_waiting = False
        if usable or self._is_waiting or any(worker.usable is None for worker in self._workers.values()):
            return
        if self._workers and not self._has_begun:
            raise ClusterError(f"no worker of the scheduler at {self.address} can be used, as was said of each")
        self._is_waiting = True
        self._say("There is no worker; waiting for one. Ctrl-C stops, and what was marked is kept.")

    def _within_limit(self, method: Callable[..., Any], *arguments: Any, **named: Any) -> Any:
        """What a method of the client gives that asks the scheduler. Raises TimeoutError."""

        async def called() -> Any:
            return await method(*arguments, **named)

        return self._client.sync(called, callback_timeout=CONNECT_LIMIT)


def _checked(name: str, digest: str, line: bytes) -> Result | KitError:
    """The result that a worker sent, if it is one of this submission, marked with what the digest is of."""
    try:
        told = json.loads(line)
        if KIT_ERROR in told:
            kind = NoWorkersError if told[NO_WORKERS] else KitError
            return kind(plain_text(told[KIT_ERROR]))
        result = result_from(told)
        score, points = (
            sum(stage.score for stage in result.stages),
            sum(stage.max_score for stage in result.stages),
        )
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        return KitError(plain_text(f"a worker sent no result: {type(error).__name__}: {error}"))
    if (name, digest, score) != (result.submission, result.digest, result.score) or score > points:
        return KitError("a worker sent a result of something else")
    return result
