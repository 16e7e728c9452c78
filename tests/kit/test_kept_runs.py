"""What known mistakes' wrong code gave is kept for other processes, as it was, or not at all."""

import contextlib
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from transports import LIMITS, TOTAL, in_this_process, load_of

from grader import wire
from grader.course.catalogue import STAGES
from grader.course.mistakes import mistakes_of
from grader.course.records import RECORDS
from grader.judging import kept_runs, naming, results
from grader.judging.kept_runs import CACHE, MOST_KITS, Run, found, keep, key_of
from grader.judging.likeness import likeness
from grader.judging.naming import Names
from grader.judging.suites import suites
from grader.outside.process import Allowance, Limits, WorkerProcess
from grader.outside.verdicts import NoAnswer, Wrong
from grader.wire import Handle, Tensor

DOUBLE = STAGES[0]
SQUARED = next(mistake for mistake in mistakes_of(DOUBLE) if mistake.name == "squared").ways[0]
KEY = key_of("test_stage1_double.py::TestDouble::test_values", SQUARED, 1)
PAIR = RECORDS["Pair"](np.array([1.0, np.nan]), np.array(2.0))


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty cache, in a process that has run nothing yet."""
    monkeypatch.setenv(CACHE, str(tmp_path / "cache"))
    monkeypatch.setattr(naming, "_runs", {})
    return tmp_path / "cache"


def files(cache: Path) -> list[Path]:
    """What is kept."""
    return [path for path in cache.rglob("*") if path.is_file()]


def in_a_worker(limits: Limits = LIMITS) -> WorkerProcess:
    """The wrong code in a worker, not loaded yet."""
    own = {DOUBLE.name: SQUARED}
    return WorkerProcess(load_of(DOUBLE, own), own, limits, Allowance(TOTAL))


def told(transport: Any, names: Names) -> list[results.TestResult]:
    """What the tests of the task say of the wrong code."""
    return suites().run(DOUBLE, lambda _: transport, 7, "double", names)


def test_another_process_has_not_to_run_it_again(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a worker's process has run is known in any other at once, also where nobody waits."""
    assert {test.mistake for test in told(in_a_worker(), Names(wait=0.0))} == {""}
    assert not files(cache)
    assert told(in_a_worker(), Names())[0].mistake == "squared"
    assert files(cache)
    monkeypatch.setattr(naming, "_runs", {})
    names = Names(wait=0.0)
    assert told(in_this_process(DOUBLE, SQUARED), names)[0].mistake == "squared"
    assert not names.open


def test_nothing_is_kept_of_what_runs_beside_learners_code(cache: Path) -> None:
    """A learner's module may have changed the process that it runs in, for all that runs there after it."""
    assert told(in_this_process(DOUBLE, SQUARED), Names())[0].mistake == "squared"
    assert not files(cache)


def test_what_was_stopped_is_not_the_same_everywhere() -> None:
    """A slow or busy machine stops what another one lets end; the next piece of wrong code begins anew."""
    worker = in_a_worker(Limits(0.1, LIMITS.memory, LIMITS.isolation))
    load = load_of(DOUBLE, {DOUBLE.name: SQUARED})
    with contextlib.closing(worker):
        worker.load()
        assert worker.is_fresh
        worker.use(load | {"source": "while True: pass"})
        with pytest.raises(NoAnswer, match="took more than"):
            worker.load()
        assert not worker.is_fresh
        worker.use(load)
        assert worker.is_fresh


def wrong(got: Any, expected: Any) -> Wrong:
    """A verdict on a whole answer, of which a part differed."""
    made = Wrong("f(x).a\n  expected: 1\n  got:      2", got, expected)
    made.call, made.whole, made.whole_expected, made.tolerance = "f(x)", [got, 1.0], [expected, 1.0], np.inf
    return made


@pytest.mark.parametrize(
    "verdict",
    [
        NoAnswer("error", "f raised KeyError: 1 (line 3)", ("KeyError", "LookupError")),
        Wrong("f(x)\n  changes its argument"),
        Wrong("f(x)", NoAnswer("error", "f raised KeyError", ("KeyError",))),
        wrong(np.array([[1.0, np.inf]]), np.array([1.0])),
        wrong(np.float32(1), 1.0),
        wrong(Tensor(np.ones(2), requires_grad=True), Tensor(np.ones(2))),
        wrong(PAIR, PAIR),
        wrong({"a": (True, "b", b"c", 7, None)}, {}),
        wrong(Handle(3, 1), None),
    ],
)
def test_a_verdict_comes_back_as_it_was(verdict: Any) -> None:
    """What is kept is alike in all to what was, and so was it found to pass, and to be stopped."""
    keep(KEY, Run(verdict))
    back = found(KEY)
    assert back is not None and back.verdict is not None and back.asked is None
    assert (back.verdict.outcome, back.verdict.plain) == (verdict.outcome, verdict.plain)
    assert likeness(verdict, back.verdict) == likeness(verdict, verdict)
    keep(KEY, Run(None, 7))
    assert found(KEY) == Run(None, 7)


@pytest.mark.parametrize(
    "value", [{1}, {1: 2}, object(), [{2}], np.zeros(10**6)], ids=["set", "keys", "object", "within", "large"]
)
def test_what_would_come_back_otherwise_is_not_kept(value: Any, cache: Path) -> None:
    """A value that does not cross the wire as it is, or is large, is run again."""
    keep(KEY, Run(wrong(1.0, value)))
    assert found(KEY) is None
    assert not files(cache)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\xc1",
        wire.encode("text"),
        wire.encode([None, 3]),
        wire.encode([None, ["failed"]]),
        wire.encode([None, ["f", "f", 0.0, [(1,)]]]),
        wire.encode([None, ["f", "f", 0.0, 3]]),
        wire.encode([None, None]) * 2,
    ],
)
def test_what_cannot_be_read_is_not_there(content: bytes, cache: Path) -> None:
    """Whatever stands in a file of the cache, nothing is believed of it that is no run."""
    keep(KEY, Run(None))
    [file] = files(cache)
    file.write_bytes(content)
    assert found(KEY) is None
    keep(KEY, Run(None))
    assert found(KEY) == Run(None)


@pytest.mark.skipif(sys.platform == "win32", reason="links are for administrators there")
def test_no_link_is_followed(cache: Path, tmp_path: Path) -> None:
    """Neither what is read nor what is written leads out of the cache."""
    keep(KEY, Run(None))
    [file] = files(cache)
    outside = tmp_path / "outside"
    outside.write_bytes(file.read_bytes())
    file.unlink()
    file.symlink_to(outside)
    assert found(KEY) is None
    keep(KEY, Run(None, 9))
    assert found(KEY) == Run(None, 9)
    assert outside.read_bytes() == wire.encode([None, None])


@pytest.mark.parametrize("make", [lambda path: path.write_text("a file", encoding="utf-8"), lambda path: None])
def test_without_a_cache_all_is_as_without_it(
    make: Callable[[Path], object], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where no folder can be made, nothing is kept, and nothing fails."""
    make(tmp_path / "there")
    for place in (tmp_path / "there" / "cache", Path("not/absolute")):
        monkeypatch.setenv(CACHE, str(place))
        if place.parent.is_file() or not place.is_absolute():
            keep(KEY, Run(None))
            assert found(KEY) is None


def test_runs_of_earlier_kits_make_room(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another kit finds nothing of this one's, and the kits that were used longest ago are deleted."""
    for number in range(MOST_KITS + 1):
        monkeypatch.setattr(kept_runs, "digest_of_kit", lambda number=number: f"kit-{number}")
        kept_runs._made.cache_clear()
        assert found(KEY) is None
        keep(KEY, Run(None))
        os.utime(cache / "runs" / f"kit-{number}", (number, number))
    kept_runs._made.cache_clear()
    assert sorted(path.name for path in (cache / "runs").iterdir()) == [
        f"kit-{n}" for n in range(1, MOST_KITS + 1)
    ]
