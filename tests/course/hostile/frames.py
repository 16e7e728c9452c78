"""Attacks by frames and memory: expected values, seeds and suites looked for where code can look."""

from hostile.attack import WRONG, Attack

ATTACKS = (
    Attack(
        "frames-of-the-callers",
        "expected values, in the locals and globals of every frame below",
        """
import numpy as np

def found(a):
    frame = sys._getframe(1)
    while frame is not None:
        for name, value in [*frame.f_locals.items(), *frame.f_globals.items()]:
            if name in ("seed", "expected", "rng", "SEED", "right"):
                print("found", frame.f_code.co_filename, name, repr(value)[:100])
            if isinstance(value, np.ndarray) and value.shape == a.shape and not np.array_equal(value, a):
                return value
        frame = frame.f_back
    return a

relu = relu_grad = found
""",
    ),
    Attack(
        "frames-by-the-collector",
        "expected values, among all objects that the collector knows",
        """
import gc
import numpy as np

gc.unfreeze()

def found(a):
    near = [v for o in gc.get_objects() if isinstance(o, (list, tuple, dict)) and len(o) < 100
            for v in (list(o.values()) if isinstance(o, dict) else o)
            if isinstance(v, np.ndarray) and v.shape == a.shape and v.dtype == a.dtype and v is not a]
    return next((v for v in near if np.all(v >= 0) and v.size), a)

relu = relu_grad = found
""",
    ),
    Attack(
        "frames-the-suites-own-formulas",
        "right answers, from the suites' formulas or the solutions if any is loaded or can be imported",
        """
import importlib

def right(name):
    for place in (
        "formulas",
        "tests.formulas",
        "solutions.stage1_relu",
        "stage1_relu",
        "test_stage1_relu",
        "judge",
    ):
        try:
            module = importlib.import_module(place)
        except BaseException:
            continue
        yield from (
            getattr(module, n, None) for n in name if getattr(module, n, None) not in (None, relu, relu_grad)
        )
    for module in list(sys.modules.values()):
        if getattr(module, "__name__", "") != __name__:
            yield from (vars(module)[n] for n in name if callable(getattr(module, "__dict__", {}).get(n)))

sys.path[:0] = [WORLD["kit"], WORLD["kit"] + "/tests", WORLD["kit"] + "/solutions", ".", "..", "/"]

def relu(a):
    return next((f(a) for f in right(["relu"])), a)

def relu_grad(a):
    return next((f(a) for f in right(["slope", "relu_grad"])), a)
""",
    ),
    Attack(
        "frames-what-was-handed-before",
        "points by arguments of earlier calls, offered as the answers to later ones",
        """
import numpy as np
from xor import Params

seen = []

def remember(values):
    for value in values:
        if isinstance(value, tuple):
            seen.append(value)
            remember(value)

def like(shapes):
    tuples = [t for t in reversed(seen) if [np.shape(v) for v in t] == shapes]
    return tuples[-1] if tuples else None

def backward(X, y, params, out):
    remember((params, out))
    return Params(*(like([np.shape(p) for p in params]) or params))

def numerical_grad(X, y, params, eps=1e-6):
    remember((params,))
    return like([np.shape(p) for p in params])

def gradient_check(X, y, params, eps=1e-6):
    remember((params,))
    return {name: 0.0 for name in Params._fields}

def sgd_step(params, grads, lr):
    remember((params, grads))
    return seen[0] if isinstance(seen[0], Params) else params

def train(X, y, params, lr=0.1, epochs=1000):
    remember((params,))
    return seen[-1], {key: [0.03132575673] * epochs for key in ("loss", "accuracy", "grad_norm", "relu_active")}
""",
        stage=3,
    ),
    Attack(
        "frames-counted-calls",
        "points by the place of a call in the suite's order, its arguments not looked at",
        """
from itertools import chain, combinations

names = ("W1", "b1", "W2", "b2")
subsets = list(chain.from_iterable(combinations(names, k) for k in range(1, 5)))
answers = iter([None, *subsets, None, None, None, ("W1", "b1", "W2")] * 9)

def check_shapes(params, d=2, h=16):
    answer = next(answers)
    if answer:
        raise ValueError(" ".join(answer))

refusals = iter([False, False, False, False, *[True] * 8] * 9)

def loss(f, y):
    if next(refusals):
        raise ValueError("shapes")
    return 0.5

def accuracy(f, y): return 0.5
def affine(x, W, b): return x
def forward(X, params): return params
""",
        stage=2,
    ),
    Attack(
        "frames-secrets-in-own-memory",
        "the environment that the process was started with, still lying above its stack",
        """
import ctypes

AT_EXECFN, AT_RANDOM, AT_PLATFORM = 31, 25, 15

def above(vector):
    getauxval = libc().getauxval
    getauxval.restype = ctypes.c_ulong
    top = getauxval(vector)
    return top and ctypes.string_at(top, (top | 4095) + 1 - top)

def below():
    getauxval = libc().getauxval
    getauxval.restype = ctypes.c_ulong
    top = getauxval(AT_EXECFN)
    at = top & ~4095
    return ctypes.string_at(at - 4096, top - at + 4096)

def canaries(memory):
    import re
    return re.findall(rb"canary-[0-9a-f]{8,}", memory), memory[-120:]

for vector in (AT_EXECFN, AT_RANDOM, AT_PLATFORM):
    attempt(f"memory above {vector}", lambda: canaries(above(vector)))
attempt("memory below", lambda: canaries(below()))
attempt("environ", lambda: dict(os.environ))
attempt("environb", lambda: canaries(repr(os.environb).encode()))
attempt("arguments", lambda: (sys.argv, sys.orig_argv, os.getcwd(), sys.path))
""",
        base=WRONG,
    ),
)
