"""Fork servers: what workers find of the machine, and what comes of a server that does not come to fork."""

import contextlib
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any, get_args

import psutil
import pytest
from click.testing import CliRunner
from fixtures import Libraries
from isolation import ISOLATION
from transports import DOUBLE, SLOPE, InWorker, function

from grader import cli
from grader.course.catalogue import NOTEBOOKS, STAGES, source_of
from grader.course.location import ROOT
from grader.course.points import points_of
from grader.inside import worker
from grader.intake.submissions import Submission
from grader.learner.pictures import runs
from grader.learner.pictures.runs import Overview, Panel, Runs
from grader.learner.watch.running import Runner
from grader.marking.cohort import mark_cohort
from grader.marking.fork_servers import ForkServers, kinds_for
from grader.marking.mark import Settings, mark
from grader.marking.processes import Processes
from grader.marking.record import Record
from grader.outside import process, workers
from grader.outside.process import Limits
from grader.outside.verdicts import NoAnswer
from grader.outside.workers import ForkedWorker, ForkServer, Kind, KitError, NoWorkersError
from grader.wire import messages

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="fork servers are there on Linux only")
confined = pytest.mark.skipif(ISOLATION != "kernel", reason="takes Linux with Landlock and seccomp")

BROKEN = "import sys\nprint('loading', file=sys.stderr)\nraise ImportError('libcudart.so.12: cannot open it')\n"
"""A library that cannot be loaded."""
TOLD = "ImportError: libcudart.so.12: cannot open it"
THREAD = """
import sys
import threading
__path__ = [__file__.rpartition("/")[0]]
for part in ("core", "core.inputtransformer2"):
    sys.modules[f"IPython.{part}"] = sys.modules[__name__]
named = threading.Event()
def stay():
    with open(f"/proc/self/task/{threading.get_native_id()}/comm", "w") as name:
        name.write("pt_autograd_0")
    named.set()
    threading.Event().wait()
threading.Thread(target=stay, daemon=True).start()
named.wait()
"""
"""An IPython that starts a thread, which stays."""
TWO_DEVICES = """
import sys
from unittest.mock import MagicMock
torch = sys.modules[__name__] = MagicMock()
torch.accelerator.is_available.return_value = True
torch.accelerator.device_count.return_value = 2
torch.accelerator.current_accelerator.return_value = "cuda"
"""
"""A PyTorch that sees two devices, whatever the environment says."""
RESERVED = """
import ctypes
libc = ctypes.CDLL(None)
libc.mmap.restype = ctypes.c_void_p
libc.mmap.argtypes = [ctypes.c_void_p, ctypes.c_size_t, *[ctypes.c_int] * 3, ctypes.c_long]
address = libc.mmap(None, 2**36, 0, 0x4022, -1, 0)
"""
"""64 GiB of address space that nothing fills, as CUDA builds reserve it."""

STALL = """
import os, socket, sys
if os.geteuid() == 0:
    os.setgid(65534)
    os.setuid(65534)
held = []
for name in sys.argv[1:]:
    for kind in (socket.SOCK_STREAM, socket.SOCK_SEQPACKET):
        try:
            held.append(socket.socket(socket.AF_UNIX, kind))
            held[-1].connect(name.replace("@", "\\0", 1))
        except OSError:
            held.pop()
print(len(held), "reached", end="")
"""
"""Another process, of another user where that can be: connects to addresses and says nothing."""

Put = Callable[..., Callable[..., Any]]


LIMITS = Limits(20.0, 2**28, ISOLATION)


@pytest.fixture
def calls(in_worker: InWorker) -> Put:
    """Puts the body of `f(a)` into a worker, as stage 1 or another; gives what calls it."""
    return lambda body, stage=DOUBLE: in_worker(function(body), stage, LIMITS, total=60).f


def refusal(kind: Kind) -> str:
    """Why no worker of a kind can be had."""
    with pytest.raises(NoWorkersError) as raised:
        workers.start(kind, ISOLATION, 2**28, 60)
    return str(raised.value)


FIND = "import os\nreturn [[name, os.environ[name]] for name in os.environ]"


def test_workers_find_what_is_meant_for_them(calls: Put, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever the environment of who marks holds, that of a worker hides accelerators, and holds nothing else."""
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "0")
    workers.end_all()
    found = dict(calls(FIND, SLOPE)())
    assert found == worker.ENVIRONMENT
    assert found["CUDA_VISIBLE_DEVICES"] == "-1"


def test_workers_draw_numbers_of_their_own(in_worker: InWorker) -> None:
    """NumPy's and Python's global generators, which all workers of a server have from it, begin anew in each."""
    source = function("import numpy, random\nreturn [numpy.random.rand(), random.random()]")
    (one, other), (its_one, its_other) = [in_worker(source, SLOPE, LIMITS).f() for _ in range(2)]
    assert one != its_one
    assert other != its_other


def test_spawned_workers_see_no_accelerator_either(in_worker: InWorker, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where nothing can be forked, a worker's environment hides accelerators as well."""
    monkeypatch.setattr(workers, "CAN_FORK", False)
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "0")
    found = dict(in_worker(function(FIND), SLOPE, replace(LIMITS, isolation="process")).f())
    assert found == found | worker.ENVIRONMENT


def test_what_libraries_print_is_no_refusal(calls: Put, libraries: Libraries) -> None:
    """A library may print at its import, and more than a pipe holds."""
    libraries("sitecustomize", "import sys\nprint('welcome' * 20_000)\nprint('mind', file=sys.stderr, end='')")
    assert calls("return 7")() == 7


@pytest.mark.parametrize("end", ["closed", "asked for nobody"])
def test_a_server_has_one_thread_whatever_libraries_start(libraries: Libraries, end: str) -> None:
    """A thread that a library leaves, as NVIDIA's driver does, stays behind in a process that serves nobody."""
    libraries("IPython", THREAD)
    server = ForkServer("notebooks", ISOLATION)
    server.wait_until_ready()
    first = psutil.Process(server._process.pid)
    (serving,) = first.children()
    assert [len(process.threads()) for process in (first, serving)] == [2, 1]
    ForkedWorker(server.connection, 2**28, 60).end()
    if end == "closed":
        server.close()
    else:
        server.connection.close()
        assert server._process.wait(60) == 0
    _, alive = psutil.wait_procs([first, serving], 60)
    assert not alive
    server.close()


def test_an_accelerator_that_cannot_be_hidden_is_told(libraries: Libraries) -> None:
    """Where PyTorch sees an accelerator all the same, no worker is forked, and the sentence says what helps."""
    libraries("torch", TWO_DEVICES)
    told = refusal("torch")
    assert "PyTorch sees cuda:0, cuda:1" in told
    assert "install PyTorch's CPU build" in told


def test_a_server_that_hangs_is_not_waited_for_for_ever(
    libraries: Libraries, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A server that never comes to fork is given up."""
    monkeypatch.setattr(workers, "START_LIMIT", 0.1)
    libraries("IPython", "import threading\nthreading.Event().wait()")
    assert "the notebooks fork server did not start: it was not ready after 0.1 s" in refusal("notebooks")


@pytest.mark.parametrize(
    ("source", "says"),
    [
        (BROKEN, TOLD),
        ("import os, signal\nos.kill(os.getpid(), signal.SIGKILL)", "killed: out of memory"),
        ("import os\nos._exit(3)", "exit code 3"),
        ("raise ImportError('\\x1b[2J' + 100_000 * 'x')", "xxx"),
    ],
)
def test_how_a_server_ended_is_told(libraries: Libraries, source: str, says: str) -> None:
    """Of a server that dies the error is told, or how it ended: a line, printable, and what to try."""
    libraries("IPython", source)
    reason, trial = refusal("notebooks").split("\n")
    assert says in reason
    assert reason.isprintable()
    assert len(reason) < 1000
    assert trial.endswith('-c "import IPython"')


@pytest.fixture
def cohort_of_one(tmp_path: Path) -> Path:
    """A submission that takes every kind of fork server."""
    folder = tmp_path / "cohort" / "ann"
    folder.mkdir(parents=True)
    shutil.copy(ROOT / "notebooks" / NOTEBOOKS[0].file, folder)
    (folder / SLOPE.file).write_text(source_of(SLOPE.name), encoding="utf-8")
    return folder.parent


@pytest.mark.parametrize("kind", get_args(Kind))
def test_a_server_that_does_not_start_stops_the_run(
    cohort_of_one: Path, tmp_path: Path, libraries: Libraries, kind: Kind
) -> None:
    """Whichever fork server it is: nobody is marked, and the reason and what to do are told."""
    libraries(workers.MODULES[kind], BROKEN)
    arguments = ["grade", str(cohort_of_one), "--out", str(tmp_path / "out"), "--isolation", ISOLATION]
    done = CliRunner().invoke(cli.main, arguments)
    assert done.exit_code == 1
    assert f"the {kind} fork server did not start: {TOLD}" in done.output
    assert f'-c "import {workers.MODULES[kind]}"' in done.output
    assert "Traceback" not in done.output
    assert (tmp_path / "out" / "results.jsonl").read_bytes() == b""


class Failing:
    """Marks one at a time, and gets no worker."""

    def __init__(self) -> None:
        self.begun: list[str] = []
        self._failed: list[tuple[str, KitError]] = []

    def has_room(self) -> bool:
        """Whether nothing is begun."""
        return not self._failed

    def begin(self, submission: Submission, *others: object) -> None:
        """Fail, as `mark` does."""
        self.begun.append(submission.name)
        self._failed = [(submission.name, NoWorkersError("no memory"))]

    def done(self, seconds: float) -> list[tuple[str, KitError]]:
        """What has failed."""
        failed, self._failed = self._failed, []
        return failed


def addresses_of(process: int) -> list[str]:
    """The addresses of a process's Unix sockets, as everybody on the machine can read them."""
    open_files = [str(entry.readlink()) for entry in Path(f"/proc/{process}/fd").iterdir()]
    sockets = {name.removeprefix("socket:[").removesuffix("]") for name in open_files}
    table = Path("/proc/net/unix").read_text(encoding="utf-8").splitlines()[1:]
    return [line.split()[7] for line in table if len(line.split()) > 7 and line.split()[6] in sockets]


def test_nobody_else_comes_by_a_fork_server() -> None:
    """A fork server has no address: another user of the machine finds nothing that could be kept waiting."""
    with contextlib.closing(ForkServer("numpy", ISOLATION)) as server:
        server.wait_until_ready()
        found = addresses_of(server._process.pid)
        done = subprocess.run([sys.executable, "-c", STALL, *found], capture_output=True, text=True, check=True)
        assert (found, done.stdout) == ([], "0 reached")
        ForkedWorker(server.connection, 2**28, 60).end()


def children(process: psutil.Process, module: str) -> list[psutil.Process]:
    """The processes that one has started to run a module of the kit's, or of multiprocessing's."""
    alive = [child for child in process.children() if child.status() != psutil.STATUS_ZOMBIE]
    return [child for child in alive if any(module in word for word in child.cmdline())]


def test_marking_processes_share_the_servers() -> None:
    """Each marking process is given the run's fork servers as it starts, also in the place of one that died."""
    this = psutil.Process()
    before = this.children()
    ann, bob = (Submission(name, {DOUBLE.name: source_of(DOUBLE.name)}) for name in ("ann", "bob"))
    with contextlib.closing(Processes(ISOLATION, jobs=2)) as processes:
        for victims in (0, 1):
            marking = [child for child in children(this, "spawn_main") if child not in before]
            for victim in marking[:victims]:
                victim.kill()
                victim.wait()
            results = {}
            for submission in (ann, bob):
                processes.begin(submission, Settings(1, isolation=ISOLATION), None)
            while len(results) < 2:
                results.update(processes.done(60.0))
            marking = [child for child in children(this, "spawn_main") if child not in before]
            assert [result.score for result in results.values()] == [points_of(DOUBLE)] * 2
            assert len(marking) == 2
            assert not any(children(process, "fork_server") for process in marking)
            assert len([child for child in children(this, "fork_server") if child not in before]) == 1


def test_no_server_starts_that_nobody_needs() -> None:
    """PyTorch is imported for those who handed in a stage that uses it, in a module or a notebook."""
    needs = {
        DOUBLE.name: ["numpy"],
        SLOPE.name: ["numpy", "torch"],
        NOTEBOOKS[1].name: ["numpy", "torch", "notebooks"],
    }
    for name, kinds in needs.items():
        sources = {} if name == NOTEBOOKS[1].name else {name: ""}
        notebooks = {} if sources else {name: ()}
        assert [*kinds_for(Submission("ann", sources, notebooks=notebooks))] == kinds
    before = psutil.Process().children()
    with contextlib.ExitStack() as stack:
        servers = ForkServers(ISOLATION, stack)
        servers.start(kinds_for(Submission("ann", {DOUBLE.name: ""})))
        started = [child for child in children(psutil.Process(), "fork_server") if child not in before]
        assert [child.cmdline()[-2] for child in started] == ["numpy"]


def test_a_server_serves_on_after_a_request_that_came_without_its_connections() -> None:
    """A request that lacks its connections costs nobody anything."""
    with contextlib.closing(ForkServer("numpy", ISOLATION)) as server:
        server.wait_until_ready()
        server.connection.send(worker.FORK_REQUEST.pack(2**28, 60, -1))
        forked = ForkedWorker(server.connection, 2**28, 60)
        forked.end()
        assert server._process.poll() is None


def test_a_server_ends_with_those_who_could_ask() -> None:
    """When nobody holds the other end of its connection any more, a fork server ends by itself."""
    server = ForkServer("numpy", ISOLATION)
    server.wait_until_ready()
    server.connection.close()
    assert server._process.wait(60) == 0
    server.close()


def test_what_the_kit_takes_is_no_learners_time(in_worker: InWorker, monkeypatch: pytest.MonkeyPatch) -> None:
    """However long a worker takes to start, a submission has its time."""
    late = [0]
    clock = SimpleNamespace(monotonic=lambda: time.monotonic() + late[0])
    for module in (process, messages):
        monkeypatch.setattr(module, "time", clock)
    start = workers.start

    def slow(*arguments: Any) -> workers.Worker:
        late[0] += 10_000
        return start(*arguments)

    monkeypatch.setattr(workers, "start", slow)
    impl = in_worker("def double(a):\n    return a", limits=LIMITS, total=60)
    assert impl.double(1.0) == 1.0
    assert 0 < impl._transport._allowance.left <= 60


def test_a_run_that_loses_its_servers_stops(tmp_path: Path) -> None:
    """Where no new fork server starts in the place of one that died, those who follow are not tried in vain."""
    todo = [Submission(name, {DOUBLE.name: ""}) for name in ("ann", "bob", "eve")]
    failing = Failing()
    with (
        contextlib.closing(Record(tmp_path / "out")) as record,
        pytest.raises(NoWorkersError, match="no memory\nWhat was marked is kept; the same command goes on"),
    ):
        mark_cohort(todo, Settings(1, isolation=ISOLATION), record, failing)
    assert failing.begun == ["ann", "ann"]


def test_marking_without_a_server_is_told_in_a_sentence(
    libraries: Libraries, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where the run's server is gone and another does not start, marking says so, and shows no traceback."""
    connection, other_end = socket.socketpair()
    other_end.close()
    monkeypatch.setitem(workers._shared, ("torch", ISOLATION), connection)
    libraries("torch", BROKEN)
    with pytest.raises(NoWorkersError) as raised:
        mark(Submission("ann", {SLOPE.name: "x = 1"}), Settings(1, isolation=ISOLATION))
    assert TOLD in str(raised.value)
    assert "Traceback" not in str(raised.value)


def test_watch_mode_tells_it(libraries: Libraries) -> None:
    """In watch mode the sentence stands where the tests would."""
    libraries("torch", BROKEN)
    with contextlib.closing(Runner(seed=1, time_limit=5.0)) as runner:
        run = runner.start(SLOPE, {SLOPE.name: "x = 1"}).result()
    assert run is not None
    assert f"the torch fork server did not start: {TOLD}" in run.failure
    assert "Traceback" not in run.failure


def draw(found: Runs) -> None:
    """A picture of what the first stage gives."""
    with found.attempt("your code"), found.stage(DOUBLE.number) as impl:
        impl.double(1.0)


@pytest.mark.parametrize(
    "arguments", [pytest.param(["doctor"], marks=confined), ["plot", "--no-show"], ["hint"]], ids=lambda a: a[0]
)
def test_other_commands_tell_it(
    libraries: Libraries, arguments: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A command that gets no worker says why, without a traceback."""
    shown = Overview({"loss": Panel("Loss", "L")}, results=("loss",))
    monkeypatch.setattr(runs, "PICTURES", Path(__file__))
    monkeypatch.setattr(runs, "_course", lambda: SimpleNamespace(OVERVIEW=shown, RUNS={DOUBLE.number: draw}))
    monkeypatch.chdir(tmp_path)
    for stage in STAGES:
        Path(stage.file).write_text(source_of(stage.name), encoding="utf-8")
    libraries("numpy", BROKEN)
    own = [] if arguments == ["doctor"] else ["--from", "."]
    done = CliRunner().invoke(cli.main, [*arguments, *own])
    assert done.exit_code == 1
    assert TOLD in done.output
    assert "Traceback" not in done.output


@confined
def test_reserved_memory_gives_a_worker_no_more(calls: Put, libraries: Libraries) -> None:
    """Beside address space that a library has reserved a worker has its limit's worth of memory, and no more."""
    libraries("sitecustomize", RESERVED)
    call = calls("import sys\nreturn len(bytearray(a)) if sys.modules['sitecustomize'].address else None")
    assert call(2**27) == 2**27
    with pytest.raises(NoAnswer, match="MemoryError"):
        call(2**29)
    assert call(2**27) == 2**27
