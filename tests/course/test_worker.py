"""Workers and benches: the learner's code is called, bounded and replaced, and sees what it should."""

import os
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sample_cohort import ISOLATION

from grader.course.catalogue import STAGES
from grader.judging.pytest_plugin import same_process
from grader.outside.client import Client, Transport, load_request
from grader.outside.process import Allowance, Limits, WorkerProcess
from grader.outside.verdicts import NoAnswer
from grader.wire import Handle, Opaque

Make = Callable[..., Client]
LIMITS = Limits(call=100.0, memory=2**30, isolation=ISOLATION)
"""Seconds for a call that no honest one takes on the busiest machine, confined where this system can."""


@pytest.fixture(params=["worker", "same process"])
def make(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Make]:
    """Puts sources, given by stage number, on a bench of either kind; the highest is the stage under test."""
    opened: list[Transport] = []

    def make(sources: dict[int, str]) -> Client:
        stage = STAGES[max(sources) - 1]
        if request.param == "worker":
            own = {STAGES[number - 1].name: source for number, source in sources.items()}
            load = load_request(stage, own, {name: f"{name}.py" for name in own})
            opened.append(WorkerProcess(load, own, LIMITS, Allowance(1000.0)))
        else:
            for number, source in sources.items():
                (tmp_path / STAGES[number - 1].file).write_text(source, encoding="utf-8")
            opened.append(same_process(stage, tmp_path))
        opened[-1].load()
        return Client(opened[-1])

    yield make
    for transport in opened:
        transport.close()


@pytest.fixture
def worker() -> Iterator[Callable[..., WorkerProcess]]:
    """Starts workers with a source as stage 1."""
    opened: list[WorkerProcess] = []

    def start(source: str, limits: Limits = LIMITS, total: float = 1000.0) -> WorkerProcess:
        load = load_request(STAGES[0], {"stage1_relu": source}, {"stage1_relu": "stage1_relu.py"})
        own = {"stage1_relu": source}
        opened.append(WorkerProcess(load, own, limits, Allowance(total)))
        opened[-1].load()
        return opened[-1]

    yield start
    for process in opened:
        process.close()


def test_a_function_is_called(make: Make) -> None:
    """Arguments arrive, the value comes back, keywords pass."""
    impl = make({1: "def relu(a, scale=1):\n    return a * scale"})
    assert impl.relu(np.array([1.0, 2.0]), scale=3).tolist() == [3.0, 6.0]
    assert impl.call("relu", 2.0) == 2.0


def test_arguments_are_seen_afterwards(make: Make) -> None:
    """A function that changes its argument is found out, and the caller's own array is not touched."""
    impl = make({1: "def relu(a):\n    a[0] = 7.0\n    return a"})
    a = np.zeros(2)
    value, (after,) = impl.watched("relu", a)
    assert value.tolist() == after.tolist() == [7.0, 0.0]
    assert a.tolist() == [0.0, 0.0]


def test_objects_are_kept(make: Make) -> None:
    """A kept value stays with the code, can be changed there and read."""
    impl = make({1: "import numpy as np\ndef relu(n):\n    return np.zeros(n)"})
    kept = impl.call("relu", 3, keep=True)
    assert isinstance(kept, Handle)
    impl.probe("overwrite_all", [kept], 4.0)
    assert impl.probe("identity", kept).tolist() == [4.0, 4.0, 4.0]


@pytest.mark.parametrize(
    ("body", "outcome", "says"),
    [
        ("raise ValueError('no')", "error", "relu raised ValueError: no (stage1_relu.py, line 2)"),
        ("raise NotImplementedError", "not written", "relu is not written yet"),
        ("raise SystemExit(3)", "error", "relu raised SystemExit: 3"),
        ("import torch", "failed", "this stage is NumPy only, but relu imports torch"),
        ("import torch.nn as nn", "failed", "this stage is NumPy only, but relu imports torch"),
        ("__import__('importlib').import_module('torch')", "failed", "this stage is NumPy only"),
        ("from scipy import special", "failed", "this stage is NumPy only, but relu imports scipy"),
        ("import no_such_thing", "error", "no_such_thing is not there when this is marked"),
        ("return 1 / 0", "error", "ZeroDivisionError"),
        ("def f(): return f()\n    return f()", "error", "RecursionError"),
        (
            "class E(Exception):\n        def __str__(self): raise KeyError\n    raise E",
            "error",
            "it cannot be shown",
        ),
        (
            "class M(type):\n        @property\n        def __name__(self): raise SystemExit\n"
            "    class E(Exception, metaclass=M): pass\n    raise E",
            "error",
            "it cannot be shown",
        ),
    ],
)
def test_exceptions_are_told(make: Make, body: str, outcome: str, says: str) -> None:
    """What a function raises comes back as a sentence with its line, and nothing else is harmed."""
    impl = make({1: f"def relu(a):\n    {body}\ndef relu_grad(a):\n    return a"})
    with pytest.raises(NoAnswer) as raised:
        impl.relu(1.0)
    assert raised.value.outcome == outcome
    assert says in str(raised.value)
    assert impl.relu_grad(5.0) == 5.0


def test_kinds_of_exceptions_come_with_their_bases(make: Make) -> None:
    """An exception of the learner's own class is known by the built-in ones that it derives from."""
    impl = make({1: "class Mine(ValueError): pass\ndef relu(a):\n    raise Mine('W1 is wrong')"})
    with pytest.raises(NoAnswer) as raised:
        impl.relu(1.0)
    assert "ValueError" in raised.value.kinds
    assert raised.value.text == "W1 is wrong"


def test_a_value_in_the_place_of_a_function_is_told_as_that(make: Make) -> None:
    """A task's name that was given to a value is told, not what calling the value leads to."""
    with pytest.raises(NoAnswer, match="the name was given a value, of type int"):
        make({1: "def relu(a):\n    return a\n\n\nrelu = 3"}).relu(1.0)


def test_a_missing_function_is_not_written(make: Make) -> None:
    """A module without the function says so."""
    with pytest.raises(NoAnswer, match=r"stage1_relu\.py defines no relu") as raised:
        make({1: "x = 1"}).relu(1.0)
    assert raised.value.outcome == "not written"


@pytest.mark.parametrize(
    ("source", "says"),
    [
        ("def relu(:", "SyntaxError"),
        ("import torch; torch.zeros(1)", "NumPy only, but stage1_relu.py imports torch"),
        ("1 / 0", "ZeroDivisionError"),
        ("raise SystemExit", "SystemExit"),
    ],
)
def test_a_module_that_cannot_be_run(make: Make, source: str, says: str) -> None:
    """A module that fails to load says what is wrong with it, with the line."""
    with pytest.raises(NoAnswer, match="line 1") as raised:
        make({1: source})
    assert says in str(raised.value)


def test_an_unused_attempt_to_import_torch_is_free(make: Make) -> None:
    """A NumPy stage that does without torch where there is none is right."""
    impl = make(
        {1: "try:\n    import torch\nexcept ImportError:\n    torch = None\ndef relu(a):\n    return torch"}
    )
    assert impl.relu(1.0) is None


def test_the_reference_stands_in_for_earlier_stages(make: Make) -> None:
    """A wrong relu in stage 1 does no harm in stage 2, whichever way it is imported."""
    for source in (
        "from stage1_relu import relu\ndef affine(a):\n    return relu(a)",
        "import stage1_relu as one\ndef affine(a):\n    return one.relu(a)",
        "from stage1_relu import *\ndef affine(a):\n    return relu(a)",
        "def affine(a):\n    from stage1_relu import relu\n    return relu(a)",
    ):
        impl = make({1: "def relu(a):\n    return a + 100", 2: source})
        assert impl.affine(np.array([-1.0, 2.0])).tolist() == [0.0, 2.0]


def test_other_names_of_earlier_stages_stay_the_learners(make: Make) -> None:
    """A helper from stage 1, or an attribute given to relu there, is the learner's own."""
    own = "def helper(a):\n    return a + 100\ndef _hidden(a):\n    return a\ndef relu(a): ...\nrelu.fast = helper"
    for source in (
        "from stage1_relu import helper\ndef affine(a):\n    return helper(a)",
        "import stage1_relu\ndef affine(a):\n    return stage1_relu.helper(a)",
        "from stage1_relu import *\ndef affine(a):\n    return helper(a)",
        "from stage1_relu import relu\ndef affine(a):\n    return relu.fast(a)",
    ):
        assert make({1: own, 2: source}).affine(1.0) == 101.0


@pytest.mark.parametrize("earlier", [{}, {1: "def relu(:"}, {1: "1 / 0"}, {1: "import pandas"}], ids=str)
def test_all_names_of_an_earlier_stage_without_its_file(make: Make, earlier: dict[int, str]) -> None:
    """`import *` of a stage that is missing, or cannot be run, brings in the contract's names."""
    impl = make(earlier | {2: "from stage1_relu import *\ndef affine(a):\n    return relu(a)"})
    assert impl.affine(np.array([-1.0, 2.0])).tolist() == [0.0, 2.0]


@pytest.mark.parametrize("broken", ["def relu(:", "while True: pass", "1 / 0", "import os; os._exit(1)"])
def test_a_broken_earlier_stage_costs_its_own_only(make: Make, broken: str) -> None:
    """An earlier stage that cannot even be loaded does no harm to one that needs its functions only."""
    impl = make({1: broken, 2: "from stage1_relu import relu\ndef affine(a):\n    return relu(a)"})
    assert impl.affine(np.array([-1.0])).tolist() == [0.0]


def test_xor_is_the_kits_own(make: Make, tmp_path: Path) -> None:
    """A submission's own xor.py is not used."""
    (tmp_path / "xor.py").write_text("H = 99", encoding="utf-8")
    assert make({1: "from xor import H\ndef relu(a):\n    return H"}).relu(0) == 16


def test_stages_see_their_own_name(make: Make) -> None:
    """A stage's script part does not run, and dataclasses find their module."""
    source = (
        "from __future__ import annotations\nimport dataclasses\n@dataclasses.dataclass\nclass A:\n    x: float\n"
        "if __name__ == '__main__':\n    raise SystemExit\ndef relu(a):\n    return __name__"
    )
    assert make({1: source}).relu(0) == "stage1_relu"


def test_unknown_types_come_back_by_name(make: Make) -> None:
    """An object that the wire does not carry comes back as its type's name."""
    got = make({1: "class Odd:\n    pass\ndef relu(a):\n    return Odd()"}).relu(0)
    assert got == Opaque("Odd")


def test_a_hang_is_stopped_and_the_next_call_answered(worker: Callable[..., WorkerProcess]) -> None:
    """A call that takes too long is ended; the next one gets a worker of its own."""
    impl = Client(worker("def relu(a):\n    while True: pass\ndef relu_grad(a):\n    return a"))
    for _ in range(2):
        with pytest.raises(NoAnswer, match="relu took more than") as raised:
            impl.call("relu", 1.0, patience=0.5 / LIMITS.call)
        assert raised.value.outcome == "timeout"
        assert impl.relu_grad(2.0) == 2.0


def test_a_hang_at_import_is_stopped(worker: Callable[..., WorkerProcess]) -> None:
    """A module that never finishes loading is a time-out."""
    with pytest.raises(NoAnswer, match=r"stage1_relu\.py took more than") as raised:
        worker("while True: pass", replace(LIMITS, call=0.5))
    assert raised.value.outcome == "timeout"


def test_a_submission_has_a_time_in_all(worker: Callable[..., WorkerProcess]) -> None:
    """When the submission's time is up, a call within its own limit, or the loading, is ended too."""
    with pytest.raises(NoAnswer, match="the time for the whole submission is up"):
        Client(worker("import time\ndef relu(a):\n    time.sleep(90)", total=2.0)).relu(1.0)


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
def test_a_crash_is_told_and_the_worker_replaced(
    worker: Callable[..., WorkerProcess], body: str, told: str
) -> None:
    """Code that ends its process costs that call; what was kept in it is lost, and that is said."""
    impl = Client(worker(f"def relu(a):\n    {body}\ndef relu_grad(a):\n    return a"))
    kept = impl.call("relu_grad", 1.0, keep=True)
    with pytest.raises(NoAnswer) as raised:
        impl.relu(1.0)
    assert raised.value.outcome == "crashed"
    assert told in str(raised.value)
    assert impl.relu_grad(2.0) == 2.0
    with pytest.raises(NoAnswer, match="was lost"):
        impl.relu_grad(kept)
    with pytest.raises(NoAnswer, match="was lost"):
        impl.relu_grad([kept])


FORGED = """
import gc, os, socket, struct, sys
wire = sys.modules["grader.wire"]
def is_open(o):
    try:
        return o.fileno() > 2 and bool(os.fstat(o.fileno()))
    except OSError:
        return False
def relu(a):
    [mine] = [o for o in gc.get_objects() if isinstance(o, socket.socket) and is_open(o)]
    message = wire.encode({reply})
    mine.sendall(struct.pack('>I', len(message)) + message)
    return a
def relu_grad(a):
    return a
"""


@pytest.mark.parametrize(
    "reply",
    [
        "{'id': 99, 'value': 1.0, 'printed': ''}",
        "{'id': 'x', 'value': 1.0, 'printed': ''}",
        "{'id': __import__('numpy').zeros(2), 'value': 1.0, 'printed': ''}",
        "{'need': 'stage1_relu'}",
        "{'need': ['stage1_relu']}",
        "{'value': 1.0}",
        "[1, 2, 3]",
        "'passed'",
        "{'id': 2, 'printed': ''}",
        "{'id': 2, 'raised': 'ValueError', 'printed': ''}",
        "{'id': 2, 'raised': {'kinds': [1], 'type': '', 'text': '', 'where': ''}, 'printed': ''}",
        "{'id': 2, 'value': 1.0}",
    ],
)
def test_a_forged_reply_is_an_error_of_its_call(worker: Callable[..., WorkerProcess], reply: str) -> None:
    """A reply that is none costs its call and the worker; the next call is answered by a fresh one."""
    impl = Client(worker(FORGED.replace("{reply}", reply)))
    with pytest.raises(NoAnswer) as raised:
        impl.relu(1.0)
    assert raised.value.outcome == "crashed"
    assert impl.relu_grad(3.0) == 3.0


@pytest.mark.parametrize("part", ["'after': 3", ""])
def test_a_reply_without_what_was_asked_for(worker: Callable[..., WorkerProcess], part: str) -> None:
    """A reply that leaves out the arguments, or sends something else for them, is no reply."""
    source = FORGED.replace("{reply}", f"{{'id': 2, 'value': 1.0, 'printed': '', {part}}}")
    with pytest.raises(NoAnswer, match=r"without its parts|bytes beyond"):  # the true reply may follow at once
        Client(worker(source)).watched("relu", 1.0)


def test_a_cause_is_not_believed(worker: Callable[..., WorkerProcess]) -> None:
    """What a forged reply adds beside its parts is dropped."""
    raised = "{'type': 'E', 'kinds': [], 'text': 'x' * 10**4, 'where': 'w' * 10**4, 'hidden': None}"
    source = FORGED.replace("{reply}", f"{{'id': 2, 'raised': {raised}, 'printed': '', 'cause': 1}}")
    with pytest.raises(NoAnswer) as told:
        Client(worker(source)).relu(1.0)
    assert len(str(told.value)) < 2000


def test_a_second_reply_is_not_taken_for_the_next_call(worker: Callable[..., WorkerProcess]) -> None:
    """A worker that answers a call twice fails at that one or the next, as its replies come, and is replaced."""
    source = FORGED.replace("{reply}", "{'id': 2, 'value': 5.0, 'printed': ''}")
    impl = Client(worker(source))
    with pytest.raises(NoAnswer, match=r"not a reply to this call|bytes beyond the message"):
        assert impl.relu(1.0) == 5.0
        impl.relu_grad(3.0)
    assert impl.relu_grad(3.0) == 3.0


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no way to ask whether a process is there")
def test_workers_end_with_their_transport(worker: Callable[..., WorkerProcess]) -> None:
    """After close, the worker's process is gone."""
    process = worker("import os\ndef relu(a):\n    return os.getpid()")
    pid = Client(process).relu(0)
    process.close()
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


def test_a_worker_has_nothing_of_the_suites(worker: Callable[..., WorkerProcess]) -> None:
    """In a worker's memory there are the untrusted side's modules of the kit, and no others."""
    source = "import sys\ndef relu(a):\n    return sorted(m for m in sys.modules if m.split('.')[0] in a)"
    seen = {*Client(worker(source)).relu(["grader", "pytest", "formulas", "conftest"])}
    assert {"grader.inside.runtime", "grader.inside.worker"} <= seen
    assert {".".join(name.split(".")[:2]) for name in seen} <= {"grader", "grader.inside", "grader.wire"}


def test_a_worker_cannot_import_the_kits_folders(worker: Callable[..., WorkerProcess]) -> None:
    """Neither the solutions nor the suites can be imported by a submission."""
    source = "import importlib\ndef relu(a):\n    importlib.import_module(a)"
    impl = Client(worker(source))
    for name in (
        "solutions.stage1_relu",
        "tests.formulas",
        "formulas",
        "stage2_forward",
        "grader.course.catalogue",
    ):
        with pytest.raises(NoAnswer, match="No module named"):
            impl.relu(name)


def test_the_seed_is_not_in_the_request() -> None:
    """What a worker is told to load holds neither the seed nor the stage's own reference."""
    request: dict[str, Any] = load_request(STAGES[2], {"stage3_backward": "x = 1"}, {"stage3_backward": "f"})
    assert sorted(request["references"]) == ["stage1_relu", "stage2_forward"]
    assert "seed" not in request


def test_a_worker_holds_no_descriptor_but_its_own(worker: Callable[..., WorkerProcess]) -> None:
    """Beside its connection a worker has standard streams that lead nowhere."""
    source = (
        "import os\ndef is_open(fd):\n    try:\n        os.fstat(fd)\n    except OSError:\n        return False\n"
        "    return True\n"
        "def relu(a):\n    os.write(1, b'past Python')\n    return [fd for fd in range(64) if is_open(fd)]"
    )
    if sys.platform != "linux":
        pytest.skip("elsewhere a worker is a process of its own, with what that system gives one")
    seen = Client(worker(source)).relu(0)
    assert seen[:3] == [0, 1, 2]
    assert len(seen) == 4
