"""Attacks by processes: new ones, other people's, and what goes on when the marking is over.

A child names itself after the run's token and ends by itself after a minute."""

from hostile.attack import RIGHT, Attack

CHILD = """
def child():
    import time
    try:
        libc().prctl(15, WORLD["token"].encode(), 0, 0, 0)
        time.sleep(60)
    finally:
        os._exit(0)

def in_child(fork):
    pid = fork()
    if pid == 0:
        child()
    return pid
"""
"""What a child does."""

COMMAND = """[sys.executable, "-c", "import time; time.sleep(60)", WORLD["token"]]"""
"""A command that the watch knows by its arguments."""

ATTACKS = (
    Attack(
        "processes-forked",
        "a process of its own, by every fork that Python and the C library have",
        """
import multiprocessing, pty

attempt("fork", lambda: in_child(os.fork))
attempt("forkpty", lambda: in_child(lambda: os.forkpty()[0]))
attempt("C fork", lambda: in_child(lambda: call(libc().fork)))
attempt("clone", lambda: in_child(lambda: syscall("clone", 17, 0, 0, 0, 0)))
attempt("clone and parent", lambda: in_child(lambda: syscall("clone", 0x8000 | 17, 0, 0, 0, 0)))
attempt("multiprocessing", lambda: multiprocessing.get_context("fork").Process(target=child).start())
""",
        at_most=10,
        base=RIGHT + CHILD,
    ),
    Attack(
        "processes-by-new-system-calls",
        "a process of its own, by clone3, vfork and io_uring",
        """
import ctypes

arguments = (ctypes.c_uint64 * 11)(0, 0, 0, 0, 17)
attempt("clone3", lambda: in_child(lambda: syscall("clone3", arguments, 88)))
attempt("fork", lambda: in_child(lambda: syscall("fork")))
attempt("new pids", lambda: in_child(lambda: syscall("clone", 0x10000000 | 0x20000000 | 17, 0, 0, 0, 0)))
attempt("io_uring", lambda: syscall("io_uring_setup", 8, ctypes.create_string_buffer(120)))
""",
        at_most=10,
        base=RIGHT + CHILD,
    ),
    Attack(
        "processes-run",
        "a program, by subprocess, system, spawn and popen",
        f"""
import shlex, subprocess

command = {COMMAND}
attempt("Popen", lambda: subprocess.Popen(command).pid)
attempt("new session", lambda: subprocess.Popen(command, start_new_session=True, close_fds=False).pid)
attempt(
    "vfork",
    lambda: setattr(subprocess, "_USE_POSIX_SPAWN", True) or subprocess.Popen(command, close_fds=False).pid,
)
attempt("spawn", lambda: os.posix_spawn(command[0], command, {{}}))
attempt("spawnv", lambda: os.spawnv(os.P_NOWAIT, command[0], command))
attempt("system", lambda: 1 / (os.system(shlex.join(command) + " &") == 0))
attempt("popen", lambda: os.popen(shlex.join(command) + " & echo ran").read() or 1 / 0)
""",
        at_most=10,
        base=RIGHT + CHILD,
    ),
    Attack(
        "processes-replaced",
        "another program in the worker's place",
        f"""
command = {COMMAND}

def relu(a):
    attempt("memory", lambda: os.execve(os.memfd_create("x"), command, {{}}))
    os.execv(command[0], command)

def relu_grad(a):
    os.execve(os.open(command[0], os.O_RDONLY), command, {{}})
""",
    ),
    Attack(
        "processes-that-outlive-the-marking",
        "a process that goes on afterwards: forked twice, in a session of its own, deaf to signals",
        """
import signal

def deaf():
    for number in range(1, 65):
        try:
            signal.signal(number, signal.SIG_IGN)
        except (OSError, ValueError):
            pass
    libc().prctl(1, 0, 0, 0, 0)
    os.setsid()
    if os.fork() == 0:
        os.closerange(0, 100)
        child()
    os._exit(0)

attempt("own death", lambda: call(libc().prctl, 1, 0, 0, 0, 0))
attempt("session", os.setsid)
attempt("daemon", lambda: os.fork() or deaf())
attempt("daemon by C", lambda: call(libc().daemon, 0, 0))
""",
        at_most=10,
        base=RIGHT + CHILD,
    ),
    Attack(
        "processes-by-the-dozen",
        "all processes that there can be",
        """
def relu(a):
    for _ in range(60):
        in_child(os.fork)
    return a

def relu_grad(a):
    import _posixsubprocess
    for _ in range(60):
        in_child(lambda: syscall("clone", 17, 0, 0, 0, 0))
    return a
""",
        base=CHILD,
    ),
    Attack(
        "processes-threads-that-go-on",
        "the processor, by threads and timers that go on after the call",
        """
import signal, threading

def spin():
    while True:
        pass

def relu(a):
    for _ in range(3):
        threading.Thread(target=spin).start()
    attempt("timer", lambda: signal.setitimer(signal.ITIMER_REAL, 0.01, 0.01))
    threading.Timer(0.1, spin).start()
    return a
""",
        at_most=5,
        base=RIGHT,
    ),
    Attack(
        "processes-by-the-32-bit-door",
        "a filter of system calls that looks at numbers only, by the calls of 32-bit programs",
        """
import ctypes, mmap

def run(code):
    memory = mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
    memory.write(code)
    address = ctypes.addressof(ctypes.c_char.from_buffer(memory))
    return ctypes.CFUNCTYPE(ctypes.c_int)(address)()

def by_interrupt(number, first, second):
    moves = b"".join(
        bytes([op]) + v.to_bytes(4, "little") for op, v in ((0xB8, number), (0xBB, first), (0xB9, second))
    )
    return run(b"\\x53" + moves + b"\\xcd\\x80" + b"\\x5b\\xc3")

def relu(a):
    attempt("kill", lambda: by_interrupt(37, WORLD["victim"], 23))
    return a

def relu_grad(a):
    attempt("x32", lambda: call(libc().syscall, 0x40000000 | 62, WORLD["victim"], 23))
    attempt("x32 fork", lambda: in_child(lambda: call(libc().syscall, 0x40000000 | 57)))
    attempt("fork", lambda: in_child(lambda: by_interrupt(2, 0, 0)))
    return a
""",
        base=CHILD,
    ),
)
