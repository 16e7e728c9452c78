"""Confined workers: what learners ordinarily do still works; what they must not do is an error of its call."""

import platform
import subprocess
import sys
import sysconfig
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from fixtures import Libraries
from isolation import ISOLATION
from transports import DOUBLE, LIMITS, SLOPE, TOTAL, InWorker, function

from grader.course.catalogue import Stage
from grader.outside import process
from grader.outside.verdicts import NoAnswer

pytestmark = pytest.mark.skipif(
    ISOLATION != "kernel", reason="takes Linux with Landlock and seccomp: `chainrule doctor`"
)

if sys.platform == "linux":
    import landlockpy

    from grader.inside import confinement

Put = Callable[..., Callable[..., object]]


@pytest.fixture
def calls(in_worker: InWorker) -> Put:
    """Puts the body of `f(a)` into a confined worker, as stage 1 or another; gives what calls it."""

    def put(body: str, stage: Stage = DOUBLE, is_learners: bool = True) -> Callable[..., object]:
        limits = replace(LIMITS, memory=2**28)
        return in_worker(function(body), stage, limits, is_learners=is_learners).f

    return put


@pytest.mark.parametrize(
    "body",
    [
        "import contextlib, os\nwith contextlib.redirect_stdout(open(os.devnull, 'w')): print(1)\nreturn 1",
        "import sqlite3, asyncio, decimal, fractions, statistics, uuid, json, unittest\nreturn 1",
        "import numpy.fft, numpy.polynomial, numpy.testing, numpy.ma\nreturn 1",
        "import matplotlib.pyplot\nreturn 1",
        "try:\n    import torch\nexcept ImportError:\n    return 1",
        "import os\nreturn len({os.urandom(8), os.urandom(8)}) - 1",
        "import time\ntime.sleep(0.01)\nreturn 1",
        "import multiprocessing, os, pathlib\nreturn int(pathlib.Path().resolve().is_dir())",
        "import warnings\nwarnings.warn('mind')\nreturn 1",
        "from platform import machine, platform, system\nreturn int(system() in platform())",
        "import platform, sysconfig\nreturn int(platform.machine() in sysconfig.get_platform())",
        "import os\nreturn int(len(os.sched_getaffinity(0)) > 0)",
        "import time\nreturn int(0 < time.process_time() and time.thread_time() < time.clock_gettime(7))",
        "import importlib\nimportlib.invalidate_caches()\nimport xmlrpc.client, numpy.f2py\nreturn 1",
    ],
)
def test_what_learners_do_still_works(calls: Put, body: str) -> None:
    """What Python brings along, NumPy's parts, and output that is thrown away are free."""
    assert calls(body)() == 1


@pytest.mark.parametrize(
    "body",
    [
        "import torch.func, torch.autograd.functional, torch.nn.utils, torch.distributions\nreturn 1",
        "import torch.profiler, torch.utils.benchmark, torch.distributed, torch.jit, torch.fx\nreturn 1",
        "import torch\nreturn int(torch.func.grad(lambda x: x ** 2)(torch.tensor(0.5)).item())",
        "import torch\nmodel = torch.nn.Linear(2, 1)\noptimizer = torch.optim.Adam(model.parameters())\n"
        "model(torch.ones(3, 2)).sum().backward()\noptimizer.step()\nreturn 1",
        "import torch\nfrom torch.utils.data import DataLoader, TensorDataset, random_split\n"
        "return len(list(DataLoader(TensorDataset(torch.ones(4)), 4, shuffle=True)))",
    ],
)
def test_what_learners_do_with_torch_still_works(calls: Put, body: str) -> None:
    """PyTorch's parts are read as they are needed."""
    assert calls(body, stage=SLOPE)() == 1


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ("return bytearray(2**30)", "MemoryError"),
        ("import mmap\nreturn len(mmap.mmap(-1, 2**30))", "Cannot allocate memory"),
        ("import os\nos.fork()", "PermissionError"),
        ("import threading\nthreading.Thread(target=print).start()", "can't start new thread"),
        ("import os\nos.kill(os.getppid(), 9)", "PermissionError"),
        ("import os\nos.chmod('/tmp', 0o777)", "PermissionError"),
        ("import os\nos.utime('/tmp')", "PermissionError"),
        ("import os\nos.memfd_create('x')", "PermissionError"),
        ("import os\nos.mkfifo('/tmp/fifo')", "PermissionError"),
        ("import os\nos.link('/dev/null', '/tmp/x')", "PermissionError"),
        ("import os\nos.listdir('/')", "PermissionError"),
        ("import os\nos.truncate('/dev/null', 0)", "PermissionError"),
        ("import os\nos.execv('/bin/true', ['true'])", "PermissionError"),
        ("import socket\nsocket.socketpair()", "PermissionError"),
        ("import fcntl, os\nfcntl.fcntl(0, fcntl.F_SETOWN, os.getppid())", "PermissionError"),
        ("import fcntl, termios\nfcntl.ioctl(0, termios.TIOCSTI, b'x')", "PermissionError"),
        ("import resource\nresource.setrlimit(resource.RLIMIT_CPU, (1, 1))", "ValueError"),
        ("open('/proc/self/maps').read()", "PermissionError"),
        ("open('/etc/passwd').read()", "PermissionError"),
        ("import os\nos.open(os.devnull, os.O_RDONLY | os.O_TRUNC)", "PermissionError"),
        ("import os\nos.open(os.devnull, os.O_ACCMODE)", "PermissionError"),
        ("import os\nos.sched_getaffinity(os.getppid())", "PermissionError"),
        ("import os, time\ntime.clock_gettime(~os.getppid() << 3 | 2)", "PermissionError"),
        ("import os, time\ntime.clock_getres(~os.getppid() << 3 | 2)", "PermissionError"),
        ("import posix\nposix.uname()", "PermissionError"),
        ("import socket\nsocket.gethostname()", "PermissionError"),
    ],
)
def test_what_is_denied_is_an_error_of_its_call(calls: Put, body: str, says: str) -> None:
    """A call that the kernel denies raises in the learner's code, and the worker goes on."""
    call = calls(f"if a:\n    return a\n{body}", is_learners=False)  # the kernel alone is asked
    with pytest.raises(NoAnswer) as raised:
        call()
    assert raised.value.outcome == "error"
    assert says in str(raised.value)
    assert call(7) == 7


@pytest.mark.parametrize(
    "name", ["io_uring_setup", "unshare", "ptrace", "keyctl", "bpf", "mount", "userfaultfd", "clone3"]
)
def test_system_calls_made_directly_are_denied(calls: Put, name: str) -> None:
    """What is not on the list fails, also past Python."""
    import seccompy

    number = seccompy.syscall_nr(name)
    body = "import ctypes\nlibc = ctypes.CDLL(None, use_errno=True)\n"
    body += f"return [libc.syscall({number}, 0, 0, 0, 0, 0, 0), ctypes.get_errno()]"
    result, error = calls(body)()  # type: ignore[misc]
    assert result == -1
    assert error in (1, 38)  # EPERM; ENOSYS, after which the C library takes clone


def test_python_tells_no_name_of_the_machine(calls: Put) -> None:
    """What Python knows of the machine is its kind; the name is nowhere, whatever was loaded before."""
    body = "import os, platform\nreturn [os.uname().nodename, platform.node(), os.uname().machine]"
    for stage in (DOUBLE, SLOPE):
        assert calls(body, stage)() == ["", "", platform.machine()]


def test_no_folder_is_listed_but_those_of_imports(calls: Put) -> None:
    """Where shared libraries and the loader's settings stand, a worker sees no names."""
    python = [Path(sysconfig.get_path(name)).resolve() for name in ("stdlib", "platstdlib")]
    folders = {path.parent.resolve() for path in confinement._shared_libraries()}
    outside = [str(f) for f in {*folders, Path("/etc")} if not any(f.is_relative_to(home) for home in python)]
    body = "import os\nreturn [names for folder in a for _, *names in os.walk(folder)]"
    for stage in (DOUBLE, SLOPE):
        assert calls(body, stage)(outside) == []


@pytest.fixture
def planted() -> Iterator[Path]:
    """A file that every user may change."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        file = Path(folder) / "planted"
        file.write_text("as it was", encoding="utf-8")
        file.chmod(0o666)
        yield file


@pytest.mark.parametrize("version", [1, 2, landlockpy.abi_version()])
def test_no_version_of_landlock_lets_a_file_be_emptied(
    calls: Put, libraries: Libraries, planted: Path, version: int
) -> None:
    """Whichever way a file is opened, none is emptied; versions 1 and 2 would let it happen."""
    libraries("sitecustomize", f"from landlockpy import _syscall\n_syscall.abi_version = lambda: {version}")
    body = "import os\nopened = []\nfor mode in range(4):\n    try:\n        os.open(a, mode | os.O_TRUNC)\n"
    body += "        opened.append(mode)\n    except PermissionError:\n        pass\nreturn opened"
    assert calls(body)(str(planted)) == []
    assert planted.read_text(encoding="utf-8") == "as it was"
    assert calls("open('/dev/null', 'w').write('thrown away')\nreturn 1")() == 1


def test_a_worker_is_nobody(calls: Put) -> None:
    """A worker does not have the rights of root, whoever marks."""
    assert calls("import os\nreturn [os.getuid(), os.geteuid()]")() != [0, 0]


def test_processor_time_is_bounded(calls: Put) -> None:
    """The kernel's bound on processor time is that of the submission."""
    soft, hard = calls("import resource\nreturn list(resource.getrlimit(resource.RLIMIT_CPU))")()  # type: ignore[misc]
    assert 0 < soft == hard <= process.SPARE * TOTAL + 1


WITHOUT_LANDLOCK = """
import errno, sys
from seccompy import Filter
kernel = Filter()
kernel.errno("landlock_create_ruleset", errno.ENOSYS)
kernel.load()
from grader.cli import main
main()
"""


def grade_without_landlock(cohort: Path, out: Path, *options: str) -> subprocess.CompletedProcess[str]:
    """Run `chainrule grade` where the kernel answers as one that was built without Landlock."""
    command = [sys.executable, "-c", WITHOUT_LANDLOCK, "grade", str(cohort), "--out", str(out), "--no-gradebook"]
    command += options
    return subprocess.run(command, capture_output=True, text=True, encoding="utf-8", check=False)


def test_a_missing_layer_stops_the_marking_unless_asked(tmp_path: Path) -> None:
    """Where the kernel lacks Landlock, `grade` says so and marks nothing; `--isolation process` goes on."""
    submission = tmp_path / "cohort" / "ann"
    submission.mkdir(parents=True)
    (submission / DOUBLE.file).write_text("x = 1", encoding="utf-8")
    refused = grade_without_landlock(tmp_path / "cohort", tmp_path / "out")
    assert refused.returncode == 1
    for told in ("Landlock is not there", "it takes Linux 5.13 or later", "--isolation process"):
        assert told in " ".join(refused.stderr.split())
    assert not (tmp_path / "out").exists()
    done = grade_without_landlock(tmp_path / "cohort", tmp_path / "out", "--isolation", "process")
    assert done.returncode == 0, done.stderr
    assert "isolation: process" in " ".join(done.stdout.split())
    assert b'"isolation": "process"' in (tmp_path / "out" / "results.jsonl").read_bytes()
