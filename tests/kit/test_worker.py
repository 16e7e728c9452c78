"""Workers and this process: the learner's code is called, bounded and replaced, and sees what it should."""

import os
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from transports import DOUBLE, LIMITS, SLOPE, InWorker, load_of

from grader.course.catalogue import STAGES
from grader.judging.pytest_plugin import same_process
from grader.outside.client import Client, Transport
from grader.outside.process import Allowance, WorkerProcess
from grader.outside.verdicts import NoAnswer
from grader.wire import Handle, Opaque

Make = Callable[..., Client]
NEXT = "\ndef both(a):\n    return a"
"""A function that answers after another has failed."""
UNSHOWN = "class E(Exception):\n        def __str__(self): raise KeyError"
NAMELESS = "class M(type):\n        @property\n        def __name__(self): raise SystemExit"


@pytest.fixture(params=["worker", "same process"])
def make(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Make]:
    """Puts the source of stage 1, or of stage 2 with that of stage 1 if there is one, in either place."""
    opened: list[Transport] = []

    def make(first: str | None, second: str | None = None) -> Client:
        stage = DOUBLE if second is None else SLOPE
        own = {s.name: source for s, source in zip(STAGES, (first, second), strict=True) if source is not None}
        if request.param == "worker":
            opened.append(WorkerProcess(load_of(stage, own), own, LIMITS, Allowance(1000.0)))
        else:
            for name, source in own.items():
                (tmp_path / f"{name}.py").write_text(source, encoding="utf-8")
            opened.append(same_process(stage, tmp_path))
        opened[-1].load()
        return Client(opened[-1])

    yield make
    for transport in opened:
        transport.close()


def test_a_function_is_called(make: Make) -> None:
    """Arguments arrive, the value comes back, keywords pass."""
    impl = make("def double(a, scale=1):\n    return a * scale")
    assert impl.double(np.array([1.0, 2.0]), scale=3).tolist() == [3.0, 6.0]
    assert impl.call("double", 2.0) == 2.0


def test_arguments_are_seen_afterwards(make: Make) -> None:
    """A function that changes its argument is found out, and the caller's own array is not touched."""
    a = np.zeros(2)
    value, (after,) = make("def double(a):\n    a[0] = 7.0\n    return a").watched("double", a)
    assert value.tolist() == after.tolist() == [7.0, 0.0]
    assert a.tolist() == [0.0, 0.0]


def test_objects_are_kept(make: Make) -> None:
    """A kept value stays with the code, can be changed there and read."""
    impl = make("import numpy as np\ndef double(n):\n    return np.zeros(n)")
    kept = impl.call("double", 3, keep=True)
    assert isinstance(kept, Handle)
    impl.probe("overwrite_all", [kept], 4.0)
    assert impl.probe("identity", kept).tolist() == [4.0, 4.0, 4.0]


@pytest.mark.parametrize(
    ("body", "outcome", "says"),
    [
        ("raise ValueError('no')", "error", "double raised ValueError: no (stage1_double.py, line 2)"),
        ("raise NotImplementedError", "not written", "double is not written yet"),
        ("raise SystemExit(3)", "error", "double raised SystemExit: 3"),
        ("import torch", "failed", "this stage is NumPy only, but double imports torch"),
        ("import torch.nn as nn", "failed", "this stage is NumPy only, but double imports torch"),
        ("__import__('importlib').import_module('torch')", "failed", "this stage is NumPy only"),
        ("from scipy import special", "failed", "this stage is NumPy only, but double imports scipy"),
        ("import no_such_thing", "error", "no_such_thing is not there when this is marked"),
        ("return 1 / 0", "error", "ZeroDivisionError"),
        ("def f(): return f()\n    return f()", "error", "RecursionError"),
        (f"{UNSHOWN}\n    raise E", "error", "it cannot be shown"),
        (f"{NAMELESS}\n    class E(Exception, metaclass=M): pass\n    raise E", "error", "it cannot be shown"),
    ],
)
def test_exceptions_are_told(make: Make, body: str, outcome: str, says: str) -> None:
    """What a function raises comes back as a sentence with its line, and nothing else is harmed."""
    impl = make(f"def double(a):\n    {body}{NEXT}")
    with pytest.raises(NoAnswer) as raised:
        impl.double(1.0)
    assert raised.value.outcome == outcome
    assert says in str(raised.value)
    assert impl.both(5.0) == 5.0


def test_kinds_of_exceptions_come_with_their_bases(make: Make) -> None:
    """An exception of the learner's own class is known by the built-in ones that it derives from."""
    with pytest.raises(NoAnswer) as raised:
        make("class Mine(ValueError): pass\ndef double(a):\n    raise Mine('a is wrong')").double(1.0)
    assert "ValueError" in raised.value.kinds
    assert raised.value.text == "a is wrong"


@pytest.mark.parametrize(
    ("source", "outcome", "says"),
    [
        ("def double(a):\n    return a\ndouble = 3", "error", "the name was given a value, of type int"),
        ("x = 1", "not written", "stage1_double.py defines no double"),
    ],
)
def test_a_function_that_is_none(make: Make, source: str, outcome: str, says: str) -> None:
    """A task's name that was given to a value is told as that; a module without the function says so."""
    with pytest.raises(NoAnswer) as raised:
        make(source).double(1.0)
    assert raised.value.outcome == outcome
    assert says in str(raised.value)


@pytest.mark.parametrize(
    ("source", "says"),
    [
        ("def double(:", "SyntaxError"),
        ("import torch; torch.zeros(1)", "NumPy only, but stage1_double.py imports torch"),
        ("1 / 0", "ZeroDivisionError"),
        ("raise SystemExit", "SystemExit"),
    ],
)
def test_a_module_that_cannot_be_run(make: Make, source: str, says: str) -> None:
    """A module that fails to load says what is wrong with it, with the line."""
    with pytest.raises(NoAnswer, match="line 1") as raised:
        make(source)
    assert says in str(raised.value)


@pytest.mark.parametrize(
    ("source", "value"),
    [
        ("try:\n    import torch\nexcept ImportError:\n    torch = None\ndef double(a):\n    return torch", None),
        ("from pair import SIZE\ndef double(a):\n    return SIZE", 4),
        (
            "from __future__ import annotations\nfrom dataclasses import dataclass\n"
            "@dataclass\nclass A: pass\nif __name__ == '__main__':\n    1 / 0\ndef double(a): return __name__",
            "stage1_double",
        ),
        ("class Odd:\n    pass\ndef double(a):\n    return Odd()", Opaque("Odd")),
    ],
    ids=["an attempt to import torch is free", "a given module is the kit's", "own name", "unknown type by name"],
)
def test_what_a_module_sees(make: Make, tmp_path: Path, source: str, value: object) -> None:
    """A stage has its own name, the kit's given modules, and what it does without may be missing."""
    (tmp_path / "pair.py").write_text("SIZE = 99", encoding="utf-8")
    assert make(source).double(0) == value


REFERENCE = "from stage1_double import double\ndef slope(a):\n    return double(a)"


@pytest.mark.parametrize(
    "source",
    [
        REFERENCE,
        "import stage1_double as one\ndef slope(a):\n    return one.double(a)",
        "from stage1_double import *\ndef slope(a):\n    return double(a)",
        "def slope(a):\n    from stage1_double import double\n    return double(a)",
    ],
)
def test_the_reference_stands_in_for_earlier_stages(make: Make, source: str) -> None:
    """A wrong function in stage 1 does no harm in stage 2, whichever way it is imported."""
    assert make("def double(a):\n    return a + 100", source).slope(np.array([2.0])).tolist() == [4.0]


@pytest.mark.parametrize(
    "source",
    [
        "from stage1_double import helper\ndef slope(a):\n    return helper(a)",
        "import stage1_double\ndef slope(a):\n    return stage1_double.helper(a)",
        "from stage1_double import *\ndef slope(a):\n    return helper(a)",
        "from stage1_double import double\ndef slope(a):\n    return double.fast(a)",
    ],
)
def test_other_names_of_earlier_stages_stay_the_learners(make: Make, source: str) -> None:
    """A helper from stage 1, or an attribute given to a function there, is the learner's own."""
    own = "def helper(a):\n    return a + 100\ndef _hidden(a): ...\ndef double(a): ...\ndouble.fast = helper"
    assert make(own, source).slope(1.0) == 101.0


BROKEN = ["def double(:", "while True: pass", "1 / 0", "import os; os._exit(1)"]


@pytest.mark.parametrize(
    ("first", "second"),
    [
        *((broken, REFERENCE) for broken in BROKEN),
        *(
            (broken, REFERENCE.replace("double\n", "*\n", 1))
            for broken in (None, BROKEN[0], BROKEN[2], "import pandas")
        ),
    ],
    ids=str,
)
def test_a_broken_earlier_stage_costs_its_own_only(make: Make, first: str | None, second: str) -> None:
    """A stage that is missing or cannot be loaded does no harm to a later one that needs its tasks only."""
    assert make(first, second).slope(np.array([2.0])).tolist() == [4.0]


def test_a_hang_is_stopped_and_the_next_call_answered(in_worker: InWorker) -> None:
    """A call that takes too long is ended; the next one gets a worker of its own."""
    impl = in_worker(f"def double(a):\n    while True: pass{NEXT}")
    for _ in range(2):
        with pytest.raises(NoAnswer, match="double took more than") as raised:
            impl.call("double", 1.0, patience=0.5 / LIMITS.call)
        assert raised.value.outcome == "timeout"
        assert impl.both(2.0) == 2.0


def test_a_hang_at_import_is_stopped(in_worker: InWorker) -> None:
    """A module that never finishes loading is a time-out."""
    with pytest.raises(NoAnswer, match=r"stage1_double\.py took more than") as raised:
        in_worker("while True: pass", limits=replace(LIMITS, call=0.5))
    assert raised.value.outcome == "timeout"


def test_a_submission_has_a_time_in_all(in_worker: InWorker) -> None:
    """When the submission's time is up, a call within its own limit, or the loading, is ended too."""
    with pytest.raises(NoAnswer, match="the time for the whole submission is up"):
        in_worker("import time\ndef double(a):\n    time.sleep(90)", total=2.0).double(1.0)


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ("import os; os._exit(3)", "exit code 3"),
        pytest.param(
            "import ctypes; ctypes.memset(1, 0, 1)",
            "SIGSEGV",
            marks=pytest.mark.skipif(sys.platform == "win32", reason="Windows has no signals"),
        ),
    ],
)
def test_a_crash_is_told_and_the_worker_replaced(in_worker: InWorker, body: str, told: str) -> None:
    """Code that ends its process costs that call; what was kept in it is lost, and that is said."""
    impl = in_worker(f"def double(a):\n    {body}{NEXT}")
    kept = impl.call("both", 1.0, keep=True)
    with pytest.raises(NoAnswer, match=told) as raised:
        impl.double(1.0)
    assert raised.value.outcome == "crashed"
    assert impl.both(2.0) == 2.0
    for argument in (kept, [kept]):
        with pytest.raises(NoAnswer, match="was lost"):
            impl.both(argument)


def forged(reply: str) -> str:
    """A source whose function sends this reply to its call, before that is answered."""
    return f"""
import gc, os, socket, struct, sys
wire = sys.modules["grader.wire"]
def is_open(o):
    try:
        return o.fileno() > 2 and bool(os.fstat(o.fileno()))
    except OSError:
        return False
def double(a):
    [mine] = [o for o in gc.get_objects() if isinstance(o, socket.socket) and is_open(o)]
    message = wire.encode({reply})
    mine.sendall(struct.pack('>I', len(message)) + message)
    return a{NEXT}
"""


@pytest.mark.parametrize(
    "reply",
    [
        "{'id': 99, 'value': 1.0, 'printed': ''}",
        "{'id': 'x', 'value': 1.0, 'printed': ''}",
        "{'id': __import__('numpy').zeros(2), 'value': 1.0, 'printed': ''}",
        "{'need': 'stage1_double'}",
        "{'need': ['stage1_double']}",
        "{'value': 1.0}",
        "[1, 2, 3]",
        "'passed'",
        "{'id': 2, 'printed': ''}",
        "{'id': 2, 'raised': 'ValueError', 'printed': ''}",
        "{'id': 2, 'raised': {'kinds': [1], 'type': '', 'text': '', 'where': ''}, 'printed': ''}",
        "{'id': 2, 'value': 1.0}",
    ],
)
def test_a_forged_reply_is_an_error_of_its_call(in_worker: InWorker, reply: str) -> None:
    """A reply that is none costs its call and the worker; the next call is answered by a fresh one."""
    impl = in_worker(forged(reply))
    with pytest.raises(NoAnswer) as raised:
        impl.double(1.0)
    assert raised.value.outcome == "crashed"
    assert impl.both(3.0) == 3.0


@pytest.mark.parametrize("part", ["'after': 3", ""])
def test_a_reply_without_what_was_asked_for(in_worker: InWorker, part: str) -> None:
    """A reply that leaves out the arguments, or sends something else for them, is no reply."""
    impl = in_worker(forged(f"{{'id': 2, 'value': 1.0, 'printed': '', {part}}}"))
    with pytest.raises(NoAnswer, match=r"without its parts|bytes beyond"):  # the true reply may follow at once
        impl.watched("double", 1.0)


def test_a_cause_is_not_believed(in_worker: InWorker) -> None:
    """What a forged reply adds beside its parts is dropped."""
    raised = "{'type': 'E', 'kinds': [], 'text': 'x' * 10**4, 'where': 'w' * 10**4, 'hidden': None}"
    with pytest.raises(NoAnswer) as told:
        in_worker(forged(f"{{'id': 2, 'raised': {raised}, 'printed': '', 'cause': 1}}")).double(1.0)
    assert len(str(told.value)) < 2000


def test_a_second_reply_is_not_taken_for_the_next_call(in_worker: InWorker) -> None:
    """A worker that answers a call twice fails at that one or the next, as its replies come, and is replaced."""
    impl = in_worker(forged("{'id': 2, 'value': 5.0, 'printed': ''}"))
    with pytest.raises(NoAnswer, match=r"not a reply to this call|bytes beyond the message"):
        assert impl.double(1.0) == 5.0
        impl.both(3.0)
    assert impl.both(3.0) == 3.0


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no way to ask whether a process is there")
def test_workers_end_with_their_transport(in_worker: InWorker) -> None:
    """After close, the worker's process is gone."""
    impl = in_worker("import os\ndef double(a):\n    return os.getpid()")
    pid = impl.double(0)
    impl._transport.close()
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


def test_a_worker_has_nothing_of_the_suites(in_worker: InWorker) -> None:
    """In a worker's memory there are the untrusted side's modules of the kit, and no others."""
    source = "import sys\ndef double(a):\n    return sorted(m for m in sys.modules if m.split('.')[0] in a)"
    seen = {*in_worker(source).double(["grader", "pytest", "mistakes", "conftest"])}
    assert {"grader.inside.runtime", "grader.inside.worker"} <= seen
    assert {".".join(name.split(".")[:2]) for name in seen} <= {"grader", "grader.inside", "grader.wire"}


def test_a_worker_cannot_import_the_kits_folders(in_worker: InWorker) -> None:
    """Neither the solutions nor the suites can be imported by a submission."""
    impl = in_worker("import importlib\ndef double(a):\n    importlib.import_module(a)")
    for name in (
        "solutions.stage1_double",
        "tests.mistakes",
        "mistakes",
        "stage2_slope",
        "grader.course.catalogue",
    ):
        with pytest.raises(NoAnswer, match="No module named"):
            impl.double(name)


def test_no_reference_is_in_the_request() -> None:
    """What a worker is told to load holds neither the seed nor any reference: these come as they are asked for."""
    request = load_of(SLOPE, {SLOPE.name: "x = 1"})
    assert (request["earlier"], request["records"], [*request["given"]]) == (
        [DOUBLE.name],
        {"Pair": "pair"},
        ["pair"],
    )
    assert "seed" not in request
    assert "BEGIN SOLUTION" not in repr(request)


def test_a_worker_holds_no_descriptor_but_its_own(in_worker: InWorker) -> None:
    """Beside its connection a worker has standard streams that lead nowhere."""
    source = (
        "import os\ndef is_open(fd):\n    try:\n        os.fstat(fd)\n    except OSError:\n        return False\n"
        "    return True\n"
        "def double(a):\n    os.write(1, b'past Python')\n    return [fd for fd in range(64) if is_open(fd)]"
    )
    if sys.platform != "linux":
        pytest.skip("elsewhere a worker is a process of its own, with what that system gives one")
    seen = in_worker(source).double(0)
    assert seen[:3] == [0, 1, 2]
    assert len(seen) == 4
