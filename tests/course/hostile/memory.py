"""Attacks by memory: balloons of every make, each of which stops by itself at three gigabytes."""

from hostile.attack import Attack

BALLOON = """
held = []

def fill(make):
    '''Take 3 GiB, every page of them touched, in ever smaller pieces as the large ones are refused.'''
    size, taken = 2 ** 30, 0
    while taken < 3 * 2 ** 30 and size >= 2 ** 20:
        try:
            piece = memoryview(make(size)).cast("B")
            piece[::4096] = b"x" * len(piece[::4096])
            held.append(piece)
            taken += size
        except (MemoryError, OSError, RuntimeError):
            size, piece = size // 2, None
    return taken
"""
"""Takes memory."""

ATTACKS = (
    Attack(
        "memory-of-python",
        "memory, by byte arrays and lists of three gigabytes",
        """
def relu(a):
    attempt("bytearray", lambda: fill(bytearray))
    return a

def relu_grad(a):
    rows = []
    while len(rows) < 400:
        rows.append([0] * 2 ** 20)
    return rows
""",
        base=BALLOON,
    ),
    Attack(
        "memory-of-numpy",
        "memory, by arrays of three gigabytes",
        """
import numpy as np

def relu(a):
    attempt("empty", lambda: fill(lambda n: np.empty(n, np.uint8)))
    return a

def relu_grad(a):
    return np.outer(np.ones(20_000), np.ones(20_000))
""",
        base=BALLOON,
    ),
    Attack(
        "memory-of-torch",
        "memory, by tensors of three gigabytes",
        """
import torch

def to_torch(params):
    attempt("tensors", lambda: fill(lambda n: torch.empty(n, dtype=torch.uint8).numpy()))
    return params

def forward(X, params):
    return torch.ones(20_000, 20_000)

def loss(f, y):
    return torch.zeros(1).expand(2 ** 40)
""",
        stage=4,
        base=BALLOON,
    ),
    Attack(
        "memory-shared-and-unnamed",
        "memory that belongs to no process: shared mappings, memory files, pipes, System V's",
        """
import mmap

def by_file(n):
    file = os.memfd_create(WORLD["token"])
    os.truncate(file, n)
    return mmap.mmap(file, n)

def by_pipe(n):
    import fcntl
    for _ in range(n // 2 ** 20):
        fcntl.fcntl(os.pipe()[1], 1031, 2 ** 20)

attempt("pipes", lambda: by_pipe(2 ** 28))
attempt("segment", lambda: syscall("shmget", WORLD["key"], 2 ** 20, 0o1600))
attempt("queue", lambda: syscall("msgget", WORLD["key"], 0o1600))
attempt("semaphores", lambda: syscall("semget", WORLD["key"], 1, 0o1600))

def relu(a):
    attempt("shared", lambda: fill(lambda n: mmap.mmap(-1, n, mmap.MAP_SHARED)))
    return a

def relu_grad(a):
    attempt("written file", lambda: [os.write(os.memfd_create(WORLD["token"]), bytes(2 ** 27)) for _ in range(24)])
    attempt("file", lambda: fill(by_file))
    return a
""",
        base=BALLOON,
    ),
    Attack(
        "memory-of-the-stack",
        "a crash, by recursion without end in Python and in C",
        """
def relu(a):
    sys.setrecursionlimit(10 ** 9)
    def down(n):
        return down(n + 1) + 1
    return down(0)

def relu_grad(a):
    import functools
    sys.setrecursionlimit(10 ** 9)
    function = len
    for _ in range(10 ** 6):
        function = functools.partial(function)
    deep = []
    for _ in range(10 ** 6):
        deep = [deep]
    return repr(deep)
""",
    ),
)
