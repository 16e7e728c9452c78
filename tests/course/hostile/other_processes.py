"""Attacks on other processes: signals, debuggers, limits, and the marking's own processes ended."""

from hostile.attack import RIGHT, Attack

ATTACKS = (
    Attack(
        "processes-of-others-found",
        "which processes there are, by what the kernel tells of each",
        """
import time

for pid in (WORLD["victim"], os.getppid()):
    attempt("processors", found(lambda: os.sched_getaffinity(pid)))
    attempt("signal", found(lambda: os.kill(pid, 0) is None))
    attempt("priority", found(lambda: os.getpriority(os.PRIO_PROCESS, pid) + 100))
    attempt("scheduler", found(lambda: os.sched_getscheduler(pid) + 1))
    attempt("session", found(lambda: os.getsid(pid) + 1))
    attempt("group", found(lambda: os.getpgid(pid)))
    for kind in range(8):
        attempt("clock", found(lambda: time.clock_gettime(~pid << 3 | kind)))
        attempt("precision", found(lambda: time.clock_getres(~pid << 3 | kind)))
""",
        at_most=10,
        base=RIGHT,
    ),
    Attack(
        "processes-of-others-signalled",
        "another process, by every way to send a signal",
        """
import ctypes, signal

pid = WORLD["victim"]
attempt("group", lambda: os.kill(-1, signal.SIGURG))
for number in (signal.SIGURG, signal.SIGSTOP, signal.SIGKILL):
    attempt("kill", lambda: os.kill(pid, number))
    attempt("killpg", lambda: os.killpg(WORLD["victim_group"], number))
    attempt("pidfd", lambda: signal.pidfd_send_signal(os.pidfd_open(pid), number))
    attempt("tgkill", lambda: syscall("tgkill", pid, pid, int(number)))
    attempt("tkill", lambda: syscall("tkill", pid, int(number)))
    attempt("queue", lambda: syscall("rt_sigqueueinfo", pid, int(number), (ctypes.c_int * 32)(int(number), 0, -1)))
""",
        at_most=10,
        base=RIGHT,
    ),
    Attack(
        "processes-signalled-by-a-descriptor",
        "another process, by a descriptor that sends it signals when it can be read",
        """
import fcntl, signal, struct

F_SETSIG, F_SETOWN_EX = 10, 15

for number in (signal.SIGURG, signal.SIGKILL):
    for owner in (WORLD["victim"], -WORLD["victim_group"]):
        attempt("signal", lambda: fcntl.fcntl(pipe(), F_SETSIG, number))
        attempt("owner", lambda: fcntl.fcntl(pipe(), fcntl.F_SETOWN, owner))
        attempt("owner", lambda: fcntl.fcntl(pipe(), F_SETOWN_EX, struct.pack("ii", 1, abs(owner))))
        attempt("owner", lambda: fcntl.ioctl(pipe(), 0x8901, struct.pack("i", owner)))
        flags = fcntl.fcntl(pipe(), fcntl.F_GETFL)
        attempt("on", lambda: fcntl.fcntl(pipe(), fcntl.F_SETFL, flags | os.O_ASYNC))
        attempt("on", lambda: fcntl.ioctl(pipe(), 0x5452, struct.pack("i", 1)))
        attempt("off", lambda: fcntl.fcntl(pipe(), fcntl.F_SETFL, flags))
        if number == signal.SIGURG:
            continue
        attempt("on", lambda: fcntl.fcntl(pipe(), fcntl.F_SETFL, flags | os.O_ASYNC))
""",
        at_most=10,
        base=RIGHT,
    ),
    Attack(
        "processes-of-others-changed",
        "another process, by its memory, limits, priority, processors and a debugger",
        """
import ctypes, resource

pid, address = WORLD["victim"], WORLD["victim_address"]
junk = ctypes.create_string_buffer(b"overwritten", 16)
local, remote = (ctypes.c_uint64 * 2)(ctypes.addressof(junk), 8), (ctypes.c_uint64 * 2)(address, 8)
attempt("write", lambda: syscall("process_vm_writev", pid, local, 1, remote, 1, 0))
attempt("mem", lambda: os.pwrite(os.open(f"/proc/{pid}/mem", os.O_RDWR), b"overwritten", address))
attempt("limit", lambda: resource.prlimit(pid, resource.RLIMIT_NOFILE, (3, 3)))
attempt("priority", lambda: os.setpriority(os.PRIO_PROCESS, pid, 19))
attempt("processors", lambda: os.sched_setaffinity(pid, {0}))
attempt("scheduler", lambda: os.sched_setscheduler(pid, os.SCHED_IDLE, os.sched_param(0)))
attempt("score", lambda: open(f"/proc/{pid}/oom_score_adj", "w").write("1000"))
attempt("seize", lambda: syscall("ptrace", 0x4206, pid, 0, 0))
attempt("interrupt", lambda: syscall("ptrace", 0x4207, pid, 0, 0))
attempt("attach", lambda: syscall("ptrace", 16, pid, 0, 0))
""",
        at_most=10,
        base=RIGHT,
    ),
    Attack(
        "processes-of-the-marking-ended",
        "the marking itself, by signals to the parent, its group and its neighbours",
        """
import signal

def relu(a):
    for number in (signal.SIGSTOP, signal.SIGKILL):
        attempt("parent", lambda: os.kill(os.getppid(), number))
        attempt("group", lambda: os.killpg(os.getpgid(os.getppid()), number))
        attempt("own group", lambda: os.kill(0, number))
    attempt("terminal", lambda: os.tcsetpgrp(0, os.getpgrp()))
    return np.maximum(a, 0)
""",
        at_most=10,
        base=RIGHT,
    ),
)
