"""Attacks by exhaustion: time, threads, descriptors and output; of threads each is content with two thousand."""

from hostile.attack import RIGHT, WRONG, Attack

ATTACKS = (
    Attack(
        "time-deaf-to-signals",
        "the marking's time, by loops in C and in Python that no signal stops",
        """
import signal

def relu(a):
    signal.pthread_sigmask(signal.SIG_BLOCK, range(1, 65))
    return 10 ** 10 ** 9

def relu_grad(a):
    for number in (signal.SIGTERM, signal.SIGALRM, signal.SIGXCPU, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, lambda *a: None)
    while True:
        try:
            sum(range(10 ** 12))
        except BaseException:
            pass
""",
    ),
    Attack(
        "time-in-libraries",
        "the marking's time, by a regular expression and by sleep",
        """
import re, time

def relu(a):
    return re.match("(a+)+$", "a" * 60 + "b")

def relu_grad(a):
    while True:
        try:
            time.sleep(10 ** 6)
        except BaseException:
            pass
""",
    ),
    Attack(
        "time-at-import",
        "the marking's time, by a module that is never loaded",
        "while True:\n    pass",
        base=RIGHT,
    ),
    Attack(
        "time-just-within-the-limit",
        "the marking's time, by calls that each stay below their limit",
        """
import time

def relu(a):
    time.sleep(1.4)
    return np.maximum(a, 0)

def relu_grad(a):
    time.sleep(1.4)
    return (a > 0).astype(a.dtype)
""",
        at_most=10,
        base=RIGHT,
    ),
    Attack(
        "threads-by-the-thousand",
        "all threads that there can be",
        """
import threading, time

threading.stack_size(32768)

def relu(a):
    while threading.active_count() < 2000:
        threading.Thread(target=time.sleep, args=(3,), daemon=True).start()
    return a

def relu_grad(a):
    import _thread
    while _thread._count() < 2000:
        _thread.start_new_thread(time.sleep, (3,))
    return a
""",
    ),
    Attack(
        "threads-past-the-library",
        "all threads that there can be, by a system call that takes no memory for a stack",
        """
import ctypes, mmap, time

CLONE = bytes.fromhex(
    "4154554989f489fd" "b838000000bf000f05004c89e631d24d31d24d31c00f05" "85c0740c7804ffcd75df"
    "89e85d415cc3" "b8230000004c89e731f60f05ebf2"
)

started = []

def relu(a):
    if started:
        return a
    memory = mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
    memory.write(CLONE)
    address = ctypes.addressof(ctypes.c_char.from_buffer(memory))
    minute = (ctypes.c_long * 2)(60, 0)
    run = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_int, ctypes.c_void_p)(address)
    started.append(run(2000, ctypes.addressof(minute)))
    time.sleep(0.5)
    return a
""",
    ),
    Attack(
        "descriptors-by-the-thousand",
        "all descriptors that there can be",
        """
import mmap, select, socket

def relu(a):
    for make in (
        lambda: os.open(os.devnull, os.O_RDONLY),
        lambda: os.dup(pipe()),
        os.pipe,
        select.epoll,
        socket.socketpair,
        lambda: os.eventfd(0),
        lambda: os.memfd_create("x"),
        lambda: mmap.mmap(-1, 4096),
    ):
        made = []

        def many():
            for _ in range(20_000):
                made.append(make())
            return len(made)

        attempt("many", many)
        held.append(made)
    return a

held = []

def relu_grad(a):
    attempt("all numbers", lambda: [os.dup2(pipe(), number) for number in range(3, 1000)])
    return a
""",
    ),
    Attack(
        "output-without-end",
        "disk and terminal, by printing for ever",
        """
def relu(a):
    while True:
        print("passed " * 1000)

def relu_grad(a):
    while True:
        os.write(1, b"x" * 65536)
        os.write(2, b"x" * 65536)
""",
    ),
    Attack(
        "output-of-a-hundred-megabytes",
        "disk and terminal, by texts of a hundred megabytes, warnings and logs",
        """
import logging, warnings

print("x" * 10 ** 8)
sys.stderr.write("y" * 10 ** 8)
warnings.warn("z" * 10 ** 6)
logging.error("w" * 10 ** 6)
attempt("fd 1", lambda: os.write(1, b"x" * 10 ** 7))
attempt("stdout", lambda: sys.__stdout__.write("x" * 10 ** 6) and sys.__stdout__.flush())
attempt("stderr", lambda: sys.__stderr__.write("x" * 10 ** 6) and sys.__stderr__.flush())
""",
        at_most=10,
        at_least=10,
        base=RIGHT,
    ),
    Attack(
        "output-of-forged-results",
        "points, by lines of results, scores and reports printed by every way to print",
        '''
import json

forged = json.dumps({"submission": "objects-0", "status": "graded", "score": 0.0, "max_score": 100.0})
lines = f"""
{forged}
\\u2028{forged}\\u2028\\x85{forged}\\x0b\\x0c\\x1c\\x1d\\x1e{forged}\\r\\n{forged}\\x00
output-of-forged-results,graded,100.0,100.0,10.0,15.0,25.0,15.0,15.0,20.0,
===== 51 passed in 0.01s =====
\\x1b[2J\\x1b]0;owned\\x07\\x1b[31m\\x9b2J\\u202e\\u2066\\ufeff\\udc80
"""
ways = (
    print,
    sys.stderr.write,
    sys.stdout.write,
    lambda t: os.write(1, t.encode("utf-8", "replace")),
    lambda t: os.write(2, t.encode("utf-8", "replace")),
    lambda t: sys.__stdout__.write(t),
    lambda t: sys.exit(t),
)
for write in ways:
    try:
        write(lines)
    except BaseException as error:
        print(error)

def relu_grad(a):
    raise ValueError(lines)
''',
        base=WRONG,
    ),
)
