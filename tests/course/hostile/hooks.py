"""Attacks by hooks: the interpreter, the libraries and the kit's own modules changed under the worker's feet."""

from hostile.attack import WRONG, Attack

ATTACKS = (
    Attack(
        "hooks-trace-and-profile",
        "points by a trace function that rewrites what the worker's frames hold",
        """
import threading

def trace(frame, event, argument):
    if "grader" in frame.f_globals.get("__name__", ""):
        for name in ("points", "outcome", "passed", "verdict", "score"):
            frame.f_locals[name] = 5.0
        for value in list(frame.f_locals.values()):
            if isinstance(value, dict) and "value" in value:
                value.update(outcome="passed", points=5.0, max_points=0.0)
    return trace

for install in (sys.settrace, sys.setprofile, threading.settrace, threading.setprofile):
    attempt(install.__name__, lambda: install(trace))
frame = sys._getframe()
while frame is not None:
    frame.f_trace = trace
    frame = frame.f_back
""",
        base=WRONG,
    ),
    Attack(
        "hooks-on-the-wire",
        "points by a wire that packs verdicts in place of values",
        """
from grader import wire

honest = wire.encode

def forged(value):
    if isinstance(value, dict):
        value = value | dict(
            outcome="passed", passed=True, points=5.0, score=100.0, max_score=0.0, kit_error=False
        )
        if "value" in value:
            value["value"] = wire.Opaque("passed")
    return honest(value)

for name, replacement in dict(encode=forged, MAX_MESSAGE=2**40, MAX_DEPTH=10**6, MAX_ITEMS=2**40).items():
    attempt(name, lambda: setattr(wire, name, replacement))
for module in list(sys.modules.values()):
    if getattr(module, "encode", None) is honest:
        module.encode = forged
""",
        base=WRONG,
    ),
    Attack(
        "hooks-on-numpy",
        "points by comparisons of NumPy's that always agree",
        """
import numpy as np

def yes(*a, **k):
    return True

for name in "array_equal allclose isclose abs max all any isfinite maximum where heaviside einsum".split():
    attempt(name, lambda: setattr(np, name, yes))
for name in "assert_allclose assert_array_equal assert_equal".split():
    attempt(name, lambda: setattr(np.testing, name, yes))
attempt("printoptions", lambda: np.set_printoptions(formatter={"all": lambda value: "\\x1b[2J" * 999}))
""",
        base=WRONG,
    ),
    Attack(
        "hooks-on-builtins",
        "points by builtins that answer yes",
        """
import builtins

for name, lie in dict(
    all=lambda it: True,
    any=lambda it: False,
    abs=lambda x: 0.0,
    max=lambda *a, **k: 0.0,
    AssertionError=SystemExit,
    NotImplementedError=ValueError,
    sorted=lambda *a, **k: [],
    hash=lambda x: 0,
    repr=lambda x: "passed",
).items():
    attempt(name, lambda: setattr(builtins, name, lie))
""",
        base=WRONG,
    ),
    Attack(
        "hooks-on-msgpack",
        "points by a packer that writes other bytes than it is given",
        """
import msgpack

honest = msgpack.packb

def forged(value, *a, **k):
    if isinstance(value, dict) and "id" in value:
        value = {"id": value["id"], "value": True, "printed": "passed", "raised": None, "points": 5.0}
    return honest(value, *a, **k)

attempt("packb", lambda: setattr(msgpack, "packb", forged))
""",
        base=WRONG,
    ),
    Attack(
        "hooks-on-memory-that-is-shared",
        "a point for memory of its own, by arrays that are not overwritten",
        """
import torch
from grader.inside import probes
from xor import Params

def to_torch(params):
    return Params(*map(torch.from_numpy, params))

probes.overwrite_all = lambda values, number: None
""",
        stage=4,
        at_most=2,
        at_least=2,
    ),
    Attack(
        "hooks-on-arguments-that-were-changed",
        "points for arguments left alone, by a copy that is shown afterwards; believed, since a copy would do it",
        """
import copy
import numpy as np
from grader.inside import runtime

honest = runtime.Runtime._call

def shown(self, request):
    kept = copy.deepcopy(request["args"])
    reply = honest(self, request)
    return reply | ({"after": kept} if "after" in reply else {})

runtime.Runtime._call = shown

def relu(a):
    return np.maximum(a, 0, out=a)

def relu_grad(a):
    slope = (a > 0).astype(a.dtype)
    a[...] = 0
    return slope
""",
        at_most=10,
        at_least=7,
    ),
    Attack(
        "hooks-on-the-runtime-and-its-probes",
        "points by probes and a runtime that say what is wanted",
        """
import contextlib
import types
import torch
from grader.inside import counters, probes, runtime
from xor import Params

class Count:
    number = 1

@contextlib.contextmanager
def one():
    yield Count

for name, value in list(vars(probes).items()):
    if isinstance(value, types.FunctionType):
        setattr(probes, name, lambda *a, **k: True)
counters.COUNTERS.update(dict.fromkeys([*counters.COUNTERS, "doubled", "complex"], one))
probes.grads_of = probes.identity = lambda value, *a: [torch.zeros(2, 2)] * 4
runtime.Runtime._described = lambda self, error: {
    "type": "passed",
    "kinds": ["ValueError"],
    "text": "W1 b1",
    "where": "",
    "hidden": None,
}

def autograd_grad(X, y, params):
    return Params(*(0.0 * p for p in params))

def leaf_params(params):
    return params

def compare_grads(manual, auto):
    raise ValueError

def train_step(*a):
    return 0.0
""",
        stage=5,
    ),
    Attack(
        "hooks-on-imports",
        "points by a finder that hands out forged suites, judges and plugins",
        """
import importlib.abc, importlib.machinery

FORGED = "def __getattr__(name):\\n    return lambda *a, **k: None\\n"

names = (
    "pytest _pytest helpers.formulas judge helpers.draw conftest stage1_relu "
    "grader.judging.judge grader.marking.mark grader.judging.results".split()
)

class Finder(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    def find_spec(self, name, path=None, target=None):
        return importlib.machinery.ModuleSpec(name, self) if name in names else None

    def exec_module(self, module):
        exec(FORGED, module.__dict__)

sys.meta_path.insert(0, Finder())
for name in names:
    sys.modules.pop(name, None)
    attempt(name, lambda: __import__(name))
""",
        base=WRONG,
    ),
    Attack(
        "hooks-at-the-end",
        "points by replies sent when the interpreter, the collector or an object ends",
        """
import atexit, gc, weakref

def late(*a, **k):
    send(*({"id": n, "value": True, "printed": "late", "points": 5.0} for n in range(1, 40)))

class Dies:
    __del__ = late

atexit.register(late)
gc.callbacks.append(lambda phase, info: late() if phase == "stop" else None)
sys.excepthook = sys.unraisablehook = late
sys.addaudithook(lambda event, args: None)
held = Dies()
attempt("finalize", lambda: weakref.finalize(held, late))

def relu(a):
    globals().pop("held", None)
    gc.collect()
    return a

def relu_grad(a):
    raise SystemExit(0)
""",
        base=WRONG,
    ),
    Attack(
        "hooks-on-the-earlier-stages",
        "points by references, names and data of the kit's that were replaced",
        """
import stage1_relu, stage2_forward, xor
from xor import Params

class Same(tuple):
    _fields = ("W1", "b1", "W2", "b2")
    __eq__ = lambda self, other: True

for module, name in (
    (stage2_forward, "forward"),
    (stage2_forward, "loss"),
    (stage1_relu, "relu"),
    (xor, "make_xor"),
    (xor, "init_params"),
    (xor, "Params"),
    (xor, "Forward"),
):
    attempt(name, lambda: setattr(module, name, lambda *a, **k: Same((0.0,) * 4)))
stage2_forward.forward._function = stage1_relu.relu
attempt("call", lambda: setattr(type(stage2_forward.accuracy), "__call__", lambda self, *a, **k: 0.0))

def backward(X, y, params, out):
    return params

def numerical_grad(X, y, params, eps=1e-6):
    return params

def gradient_check(X, y, params, eps=1e-6):
    return dict.fromkeys(("W1", "b1", "W2", "b2"), 0.0)

def sgd_step(params, grads, lr):
    return params

def train(X, y, params, lr=0.1, epochs=1000):
    return params, {key: [0.0] * epochs for key in ("loss", "accuracy", "grad_norm", "relu_active")}
""",
        stage=3,
    ),
    Attack(
        "hooks-on-constants",
        "points by small integers, booleans and None overwritten in memory",
        """
import ctypes

def relu(a):
    ctypes.memmove(id(0.5) + 16, ctypes.byref(ctypes.c_double(0.0)), 8)
    ctypes.memmove(id(1) + 24, ctypes.byref(ctypes.c_int(5)), 4)
    return a

def relu_grad(a):
    ctypes.memmove(id(False), ctypes.string_at(id(True), 28), 28)
    return a
""",
        base=WRONG,
    ),
)
