"""Workers that forge: transports with everything in their hands but the knowledge of what is right.

Each stands where a worker would and answers in its place. So it gets every type, shape and flag right, and what
is left to fail by is the values.
"""

from collections import defaultdict
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from transports import solved

from grader.course.catalogue import Stage
from grader.outside.client import SameProcess, Transport
from grader.wire import Tensor

Request = dict[str, Any]
Reply = dict[str, Any]


class Memory:
    """Answers with what it was handed: of all values of the same size, the one nearest to what is right.

    No real worker could choose so well; what this one cannot pass, none can by remembering. It knows which calls
    to refuse, reshapes what it was handed, and tells the truth of what its calls left behind.
    """

    life = 0
    home = "a forger's"

    def __init__(self, stage: Stage) -> None:
        self._honest = solved(stage)
        self._arrays: list[np.ndarray] = [np.zeros(()), np.ones(())]

    def load(self) -> None:
        """Load the solution."""
        self._honest.load()

    def exchange(self, request: Request, patience: float) -> Reply:
        """The honest reply, each of its values replaced by one that was handed over."""
        self._remember([request["args"], request.get("kwargs")])
        reply = self._honest.exchange(request, patience)
        if "raised" in reply or request.get("keep"):
            return reply
        return reply | {"value": self._nearest(reply["value"])}

    def close(self) -> None:
        """Put the replaced modules back."""
        self._honest.close()

    def _remember(self, value: Any) -> None:
        if isinstance(value, Tensor):
            self._remember(value.array)
        elif isinstance(value, (float, np.ndarray)):
            self._arrays.append(np.array(value))
        elif isinstance(value, (list, tuple, dict)):
            for entry in value.values() if isinstance(value, dict) else value:
                self._remember(entry)

    def _nearest(self, value: Any) -> Any:
        if isinstance(value, Tensor):
            return Tensor(self._nearest_array(value.array), value.requires_grad, value.is_leaf, value.has_graph)
        if isinstance(value, np.ndarray):
            return self._nearest_array(value)
        if isinstance(value, (float, np.floating)):
            return type(value)(self._nearest_array(np.asarray(value)))
        if isinstance(value, (list, tuple)):
            entries = map(self._nearest, value)
            return type(value)(*entries) if hasattr(value, "_fields") else type(value)(entries)
        if isinstance(value, dict):
            return {name: self._nearest(entry) for name, entry in value.items()}
        return value

    def _nearest_array(self, right: np.ndarray) -> np.ndarray:
        fitting = [a.reshape(right.shape) for a in self._arrays if a.size == right.size]
        nearest = min(fitting, key=lambda a: np.abs(a - right).max(initial=0.0), default=np.zeros(right.shape))
        return nearest.astype(right.dtype)


class Transcript:
    """Writes down what an honest worker replies, test by test, and gives it again in another run."""

    def __init__(self) -> None:
        self._replies: dict[str, list[Reply]] = defaultdict(list)
        self._test = ""
        self._said = 0

    def pytest_runtest_setup(self, item: pytest.Item) -> None:
        """Know which test it is; a worker can tell by the calls."""
        self._test, self._said = item.nodeid, 0

    def recorder(self, stage: Stage) -> Transport:
        """An honest worker whose replies are written down."""
        honest = solved(stage)
        return _Answering(honest, lambda request: self._write(honest.exchange(request, 1)))

    def player(self, stage: Stage) -> Transport:
        """A worker that reads its replies from what was written, and works nothing out."""
        return _Answering(None, lambda request: self._read())

    def _write(self, reply: Reply) -> Reply:
        self._replies[self._test].append(reply)
        return reply

    def _read(self) -> Reply:
        replies = self._replies[self._test]
        self._said += 1
        return replies[min(self._said, len(replies)) - 1]


class _Answering:
    """A transport whose replies a function gives."""

    life = 0
    home = "a forger's"

    def __init__(self, honest: SameProcess | None, answer: Callable[[Request], Reply]) -> None:
        self._honest = honest
        self._answer = answer

    def load(self) -> None:
        if self._honest:
            self._honest.load()

    def exchange(self, request: Request, patience: float) -> Reply:
        return self._answer(request)

    def close(self) -> None:
        if self._honest:
            self._honest.close()
