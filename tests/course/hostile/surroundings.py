"""What is planted around a run of the hostile corpus, and what is found changed there afterwards. For Linux.

Everything is looked at from outside: no attack is asked whether it succeeded. What is planted may be read and
written by every user, so that nothing but the confinement stands in the way.
"""

import contextlib
import hashlib
import json
import os
import secrets
import site
import socket
import stat
import subprocess
import sys
import sysconfig
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from grader.course.location import ROOT, SOLUTIONS, TESTS

SHARED = Path("/dev/shm")

VICTIM = """
import ctypes, json, os, resource, signal, sys
if os.geteuid() == 0:
    os.setgroups([])
    os.setgid(65534)
    os.setuid(65534)
    ctypes.CDLL(None).prctl(4, 1, 0, 0, 0)
got = []
for number in (signal.SIGURG, signal.SIGCONT, signal.SIGTERM, signal.SIGIO):
    signal.signal(number, lambda number, frame: got.append(number))
text = sys.stdin.readline().strip().encode()
file = os.open(sys.stdin.readline().strip(), os.O_RDONLY)
memory = ctypes.create_string_buffer(text)
def state():
    return [memory.value.decode(), resource.getrlimit(resource.RLIMIT_NOFILE), os.getpriority(os.PRIO_PROCESS, 0),
            len(os.sched_getaffinity(0)), os.sched_getscheduler(0), got]
print(json.dumps([ctypes.addressof(memory), len(text), file]), flush=True)
print(json.dumps(state()), flush=True)
while sys.stdin.readline():
    print(json.dumps(state()), flush=True)
"""
"""A process that minds its own business: it holds a secret, and tells when asked what was done to it.

Of root's it becomes nobody's, as a worker does, and may be debugged, so that no user's rights protect it.
"""


class Surroundings:
    """Planted folders, secrets, listeners and a victim. `world` is what the attacks are told of them."""

    def __init__(self, root: Path) -> None:
        self.key = 1 + secrets.randbelow(2**31 - 1)
        self.token = f"hostile{secrets.token_hex(3)}"
        self.canaries: dict[str, str] = {}
        self.root = root
        self.cohort, self.out = root / "cohort", root / "out"
        self.folders = [root / name for name in ("home", "cwd", "tmp", "beside")]
        for folder in (self.cohort, self.out, *self.folders):
            folder.mkdir()
            folder.chmod(0o777)
        places = [folder / "secret.txt" for folder in (*self.folders, root)]
        self.planted = [self._plant(path) for path in (*places, SHARED / f"chainrule-{secrets.token_hex(6)}")]
        for folder in self.folders:
            self._write(folder / self.canary(f"a name in {folder.name}"), "")
        (self.folders[3] / "link").symlink_to(self.canary("a link's target"))
        self.environment = dict(os.environ, HOME=str(self.folders[0]), TMPDIR=str(self.folders[2]))
        self.environment["CHAINRULE_CANARY"] = self.canary("the environment")
        self._listen()
        self.victim = self._start_victim()

    def canary(self, where: str) -> str:
        """A secret that stands in one place only."""
        self.canaries[where] = f"canary-{secrets.token_hex(12)}"
        return self.canaries[where]

    def world(self, neighbour: Path) -> dict[str, Any]:
        """What every attack is told. neighbour: the file of another submission."""
        suites = [TESTS / "formulas.py", TESTS / "test_stage1_relu.py", SOLUTIONS / "stage1_relu.py"]
        secret = [*self.planted, neighbour, self.out / "results.jsonl", *suites]
        address, length, file = self.victim_memory
        return {
            "token": self.token,
            "key": self.key,
            "kit": str(ROOT),
            "out": str(self.out),
            "home": str(self.folders[0]),
            "cohort": str(self.cohort),
            "folders": [str(folder) for folder in self.folders],
            "secrets": [str(path) for path in secret],
            "neighbour": str(neighbour),
            "link": str(self.folders[3] / "link"),
            "tcp": self._tcp.getsockname()[1],
            "udp": self._udp.getsockname()[1],
            "unix": str(self.root / "socket"),
            "abstract": self.token,
            "victim": self.victim.pid,
            "victim_group": self.victim.pid,
            "victim_address": address,
            "victim_length": length,
            "victim_file": file,
        }

    def reached(self) -> list[str]:
        """Which listeners were reached."""
        found = []
        for name, listener in self._listeners.items():
            with contextlib.suppress(BlockingIOError):
                if listener.type == socket.SOCK_STREAM:
                    listener.accept()[0].close()
                else:
                    listener.recv(100)
                found.append(name)
        return found

    def victim_changes(self) -> list[str]:
        """What was done to the victim; empty where nothing was."""
        state = process_status(self.victim.pid)
        if state.get("State", "Z")[0] not in "SRD":
            return [f"the victim's state is {state.get('State', 'gone')}"]
        if state["TracerPid"] != "0":
            return [f"the victim is traced by {state['TracerPid']}"]
        assert self.victim.stdin and self.victim.stdout
        self.victim.stdin.write("\n")
        self.victim.stdin.flush()
        after = json.loads(self.victim.stdout.readline())
        return [f"{old} became {new}" for old, new in zip(self._victim_before, after, strict=True) if old != new]

    def snapshot(self) -> dict[str, str]:
        """Every file that must stay as it is: owner, mode, time and content."""
        kit = [
            path for name in ("grader", "tests", "solutions", "exercises") for path in (ROOT / name).rglob("*.*")
        ]
        watched = [self.folders[0], self.folders[1], self.folders[3], self.cohort]
        found = [*self.planted, *kit, *watched, *(path for folder in watched for path in folder.rglob("*"))]
        return {str(path): _told(path) for path in found if "__pycache__" not in path.parts}

    def left_names(self) -> list[str]:
        """Files anywhere that bear the run's token, or hold it where an interpreter would run them."""
        libraries = [*site.getsitepackages(), site.getusersitepackages(), sysconfig.get_path("stdlib")]
        common = ["/", "/tmp", "/var/tmp", "/run", "/dev/shm", "/dev/mqueue", str(Path.home())]
        places = [*self.folders, self.root, self.out, ROOT, TESTS, *map(Path, [*libraries, *common])]
        places += [place / "__pycache__" for place in places] + [Path(np.__file__).parent]
        found = []
        for place in places:
            for path in place.iterdir() if place.is_dir() else ():
                if self.token in path.name or (path.name in TRAPS and self.token in path.read_text("utf-8")):
                    found.append(str(path))
        return found

    def left_segments(self) -> list[str]:
        """System V's segments, queues and semaphores that bear the run's key."""
        rows = [row for path in Path("/proc/sysvipc").glob("*") for row in path.read_text("utf-8").splitlines()]
        return [row for row in rows if row.split()[0] == str(self.key)]

    def close(self) -> None:
        """Take everything away again, whatever became of it."""
        self.victim.kill()
        self.victim.communicate()
        for listener in self._listeners.values():
            listener.close()
        self.planted[-1].unlink(missing_ok=True)

    def _plant(self, path: Path) -> Path:
        return self._write(path, self.canary(str(path.parent)))

    @staticmethod
    def _write(path: Path, text: str) -> Path:
        path.write_text(text, encoding="utf-8")
        path.chmod(0o666)
        return path

    def _listen(self) -> None:
        self._tcp, self._udp = socket.socket(), socket.socket(type=socket.SOCK_DGRAM)
        stream, datagram = socket.socket(socket.AF_UNIX), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        abstract = socket.socket(socket.AF_UNIX)
        abstract_datagram = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        for listener in (self._tcp, self._udp):
            listener.bind(("127.0.0.1", 0))
        path = str(self.root / "socket")
        stream.bind(path)
        datagram.bind(path + "d")
        Path(path).chmod(0o777)
        Path(path + "d").chmod(0o777)
        abstract.bind("\0" + self.token)
        abstract_datagram.bind("\0" + self.token + "d")
        for listener in (self._tcp, stream, abstract):
            listener.listen(128)
        self._listeners = {"tcp": self._tcp, "udp": self._udp, "stream": stream, "datagram": datagram}
        self._listeners |= {"abstract": abstract, "abstract_datagram": abstract_datagram}
        for listener in self._listeners.values():
            listener.setblocking(False)

    def _start_victim(self) -> subprocess.Popen[str]:
        victim = subprocess.Popen(
            [sys.executable, "-c", VICTIM],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        assert victim.stdin and victim.stdout
        victim.stdin.write(f"{self.canary('the victim')}\n{self.planted[0]}\n")
        victim.stdin.flush()
        self.victim_memory: list[int] = json.loads(victim.stdout.readline())
        self._victim_before = json.loads(victim.stdout.readline())
        return victim


TRAPS = ("conftest.py", "pytest.ini", "tox.ini", "formulas.py", "sitecustomize.py", "usercustomize.py")
"""Files that pytest or an interpreter takes notice of."""


def process_status(pid: int) -> dict[str, str]:
    """What /proc tells of a process; empty where it is gone."""
    try:
        text = Path(f"/proc/{pid}/status").read_text(encoding="utf-8", errors="replace")
    except (FileNotFoundError, ProcessLookupError):
        return {}
    return {name: value.strip() for name, _, value in (line.partition(":") for line in text.splitlines())}


def _told(path: Path) -> str:
    """A file's owner, mode, time, attributes and content, in short."""
    known = path.lstat()
    content = hashlib.sha256(path.read_bytes()).hexdigest() if stat.S_ISREG(known.st_mode) else ""
    attributes = os.listxattr(path, follow_symlinks=False)
    fields = (known.st_mode, known.st_uid, known.st_gid, known.st_size, known.st_mtime_ns, attributes, content)
    return repr(fields)


@contextlib.contextmanager
def planted() -> Iterator[Surroundings]:
    """Surroundings in a folder of their own, into which every user may look."""
    with tempfile.TemporaryDirectory(prefix="chainrule-corpus-", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o755)
        surroundings = Surroundings(Path(folder))
        try:
            yield surroundings
        finally:
            surroundings.close()
