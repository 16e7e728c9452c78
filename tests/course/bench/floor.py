"""The floor: the same suites and submissions in one warm process, nothing but the learners' code beside them.

No isolation and no time limits; the suites are collected once, one submission is marked to warm up, then each
is timed. Writes, as JSON, for each submission its score and wall and CPU seconds, CPU seconds by stage,
and CPU seconds that passed in the learner's own functions.
"""

import contextlib
import json
import os
import sys
import time
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from bench.check import IN_PROCESS, SEED, Points
from grader.course.catalogue import STAGES
from grader.inside.runtime import Runtime
from grader.judging.pytest_plugin import SEED as SEED_OF_RUN


class Floor(Points):
    """A pytest plugin: in the place of one run of what was collected, a run for each submission."""

    def __init__(self, folders: list[Path]) -> None:
        super().__init__()
        self._folders = folders
        self.marked: dict[str, dict[str, Any]] = {}
        self.own = 0.0

    def timed(self, answer: Callable[[Runtime, bytes], bytes]) -> Callable[[Runtime, bytes], bytes]:
        """`Runtime.answer`, with the CPU seconds that pass in it added up."""

        def answered(bench: Runtime, message: bytes) -> bytes:
            began = time.process_time()
            try:
                return answer(bench, message)
            finally:
                self.own += time.process_time() - began

        return answered

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """Run all tests on one submission after the other; the first goes twice, and counts the second time.

        Each on data of its own, as in marking: what the suites have worked out for one is of no use for the next.
        """
        for number, folder in enumerate([self._folders[0], *self._folders]):
            session.config.option.impl = folder
            session.config.stash[SEED_OF_RUN] = SEED + number
            self.passed.clear()
            own = self.own
            stages: dict[str, float] = defaultdict(float)
            wall, cpu = time.perf_counter(), time.process_time()
            for item, after in zip(session.items, [*session.items[1:], None], strict=True):
                began = time.process_time()
                item.config.hook.pytest_runtest_protocol(item=item, nextitem=after)
                stages[item.path.stem.removeprefix("test_")] += time.process_time() - began
            self.marked[folder.name] = {
                "wall": time.perf_counter() - wall,
                "cpu": time.process_time() - cpu,
                "own": self.own - own,
                "stages": stages,
                "score": self.score,
            }
        return True


def mark(cohort: Path) -> dict[str, dict[str, Any]]:
    """Mark every submission in a folder, in this process."""
    import torch

    torch.set_num_threads(1)
    torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=0.1)
    floor = Floor(sorted(cohort.iterdir()))
    Runtime.answer = floor.timed(Runtime.answer)  # type: ignore[method-assign]
    suites = [str(stage.suite) for stage in STAGES]
    with Path(os.devnull).open("w", encoding="utf-8") as nowhere, contextlib.redirect_stdout(nowhere):
        pytest.main([*IN_PROCESS, "--full", "-q", "--tb=no", f"--seed={SEED}", *suites], plugins=[floor])
    return floor.marked


if __name__ == "__main__":
    Path(sys.argv[2]).write_text(json.dumps(mark(Path(sys.argv[1]))), encoding="utf-8")
