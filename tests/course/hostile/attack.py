"""What an attack of the hostile corpus is, and how it becomes a submission.

The sources of the attacks are test data: texts here, run nowhere but in a worker. Each is put together from
WORLD (what an attacker may know of the machine), TOOLS, a base that earns known points, and the attack itself.
"""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from grader.course.catalogue import STAGES


@dataclass(frozen=True)
class Attack:
    """A hostile submission of one stage, and what it may earn.

    tries: what it is after. at_most: the points that its code earns honestly; more are forged. at_least: points
    that it must still earn, where marking must bear it. base: the functions that the attack has or replaces.
    folder: the name it is handed in under, where that is part of the attack; further: other files in its folder.
    """

    name: str
    tries: str
    source: str
    at_most: float = 0.0
    at_least: float = 0.0
    stage: int = 1
    base: str = ""
    folder: str = ""
    further: dict[str, str] = field(default_factory=dict)

    def write(self, cohort: Path, world: dict[str, Any]) -> None:
        """Write the submission into the cohort's folder. world: what the attack is told of its surroundings."""
        home = cohort / (self.folder or self.name)
        home.mkdir()
        parts = (f"WORLD = {world!r}", TOOLS, f"print('attack {self.name} begins')", self.base, self.source)
        for name, text in (self.further | {STAGES[self.stage - 1].file: "\n".join(parts)}).items():
            (home / name).write_text(text, encoding="utf-8", errors="surrogatepass")


WRONG = """
def relu(a):
    return a

def relu_grad(a):
    return a
"""
"""Stage 1, worth nothing."""

RIGHT = """
import numpy as np

def relu(a):
    return np.maximum(a, 0)

def relu_grad(a):
    return (a > 0).astype(a.dtype)
"""
"""Stage 1, worth its ten points."""

TOOLS = '''
import os, sys
sys.modules["grader.inside.refusals"]._learners.clear()  # the wall is to hold by itself
__builtins__["__import__"] = sys.modules["builtins"].__import__

def attempt(what, act):
    """Try one thing and print what came of it."""
    try:
        got = act()
    except BaseException as error:
        print(f"attempt {what}: {type(error).__name__}: {str(error)[:200]}")
    else:
        print(f"attempt {what}: done: {str(got)[:300]}")

def found(act):
    """Does what finds something out that no worker should, and says so in one word."""
    def told():
        return (act() or 1 / 0) and "found" + "-out"
    return told

def pipe():
    """The descriptor of the worker's own connection."""
    import stat
    return next(fd for fd in range(1024) if is_open(fd) and stat.S_ISSOCK(os.fstat(fd).st_mode))

def is_open(fd):
    try:
        os.fstat(fd)
    except OSError:
        return False
    return True

def own_socket():
    """Another socket object on the worker's own connection; told what it is, Python need not ask the kernel."""
    import socket
    return socket.socket(socket.AF_UNIX, socket.SOCK_STREAM, 0, os.dup(pipe()))

def framed(reply):
    """A reply as the worker would send it."""
    import struct
    from grader import wire
    message = reply if isinstance(reply, bytes) else wire.encode(reply)
    return struct.pack(">I", len(message)) + message

def send(*replies):
    """Write replies to the connection, past the worker's own code."""
    for reply in replies:
        rest = framed(reply)
        while rest:
            rest = rest[os.write(pipe(), rest):]

def request():
    """The request that is being answered, found in the frames of the callers."""
    frame = sys._getframe()
    while frame is not None:
        for value in frame.f_locals.values():
            if isinstance(value, dict) and "id" in value and "do" in value:
                return value
        frame = frame.f_back

def one_of(items):
    """Another one in each worker and in each call: requests are numbered on from one worker to the next."""
    return items[request()["id"] // 2 % len(items)]

def libc():
    import ctypes
    return ctypes.CDLL(None, use_errno=True)

def call(function, *arguments):
    """Call a function of the C library; an OSError when it fails."""
    import ctypes
    function.restype = ctypes.c_long if function.__name__ == "syscall" else ctypes.c_int
    got = function(*(ctypes.c_long(a) if isinstance(a, int) else a for a in arguments))
    if got == -1:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    return got

def syscall(name, *arguments):
    """Make a system call by its number on this machine."""
    numbers = {
        "x86_64": dict(
            fork=57, vfork=58, clone=56, ptrace=101, add_key=248, keyctl=250, perf_event_open=298, bpf=321,
            userfaultfd=323, seccomp=317, tkill=200, tgkill=234, rt_sigqueueinfo=129, process_vm_readv=310,
            process_vm_writev=311, open_by_handle_at=304, shmget=29, msgget=68, semget=64,
        ),
        "aarch64": dict(
            clone=220, ptrace=117, add_key=217, keyctl=219, perf_event_open=241, bpf=280, userfaultfd=282,
            seccomp=277, tkill=130, tgkill=131, rt_sigqueueinfo=138, process_vm_readv=270,
            process_vm_writev=271, open_by_handle_at=265, shmget=194, msgget=186, semget=190,
        ),
    }[os.uname().machine]
    numbers |= dict(pidfd_send_signal=424, io_uring_setup=425, open_tree=428, move_mount=429, fsopen=430,
                    pidfd_open=434, clone3=435, openat2=437, pidfd_getfd=438, process_madvise=440)
    return call(libc().syscall, numbers[name], *arguments)
'''
"""Put before every attack."""
