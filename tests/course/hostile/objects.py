"""Attacks by objects: answers that claim to be right, to be something else, or never to end."""

from hostile.attack import Attack

ATTACKS = (
    Attack(
        "objects-equal-to-everything",
        "points by an answer that says yes to every comparison",
        """
import numpy as np

class Yes(np.ndarray):
    __eq__ = __le__ = __lt__ = __ge__ = __gt__ = lambda self, other: True
    __ne__ = lambda self, other: False
    __bool__ = __contains__ = lambda self, *a: True
    __array_ufunc__ = lambda self, *a, **k: np.True_
    __array_function__ = lambda self, *a, **k: True
    __array_finalize__ = lambda self, other: None
    __reduce__ = lambda self: (print, ("unpickled",))
    def all(self, *a, **k): return True
    def any(self, *a, **k): return True

def relu(a):
    return np.zeros_like(a).view(Yes)

relu_grad = relu
""",
    ),
    Attack(
        "objects-of-a-claimed-class",
        "points by an object that is no array and says it is one",
        """
import numpy as np

class Claims:
    __class__ = np.ndarray
    ndim, nbytes, size = 1, 8, 1
    dtype = np.dtype("float64")
    def __init__(self, a): self.shape = a.shape
    def __eq__(self, other): return True
    def __array__(self, *a, **k): return self
    def tobytes(self): return b"\\0" * 8
    def __getattr__(self, name): return lambda *a, **k: True

def relu(a):
    return Claims(a)

relu_grad = relu
""",
    ),
    Attack(
        "objects-over-foreign-memory",
        "values found in memory by arrays laid over any address",
        """
import numpy as np

class Over:
    def __init__(self, a, address):
        self.__array_interface__ = dict(shape=a.shape, typestr=a.dtype.str, data=(address, True), version=3)

def relu(a):
    return np.asarray(Over(a, id(a) & ~4095))

def relu_grad(a):
    return np.asarray(Over(a, 8))
""",
    ),
    Attack(
        "objects-numbers-that-lie",
        "points by floats and integers that agree with everything",
        """
class Float(float):
    __eq__ = __le__ = __lt__ = __ge__ = __gt__ = lambda self, other: True
    __float__ = __abs__ = __sub__ = __rsub__ = lambda self, *a: 0.0
    as_integer_ratio = hex = lambda self: True

class Int(int):
    __eq__ = __index__ = lambda self, *a: True
    to_bytes = lambda self, *a, **k: b""

def affine(*a, **k): return Float("nan")
def forward(*a, **k): return Int(10 ** 5000)
def loss(*a, **k): return Float(0.25)
def accuracy(*a, **k): return Float(0.5)
def check_shapes(*a, **k): return Int(0)
""",
        stage=2,
    ),
    Attack(
        "objects-containers-that-lie",
        "points by tuples and dicts that show another face when they are compared",
        """
from xor import Params

class Lying(dict):
    __eq__ = lambda self, other: True
    __missing__ = get = lambda self, *a: 0.0
    keys = lambda self: ["W1", "b1", "W2", "b2"]
    items = lambda self: [("W1", 0.0)]
    __iter__ = lambda self: iter(self.keys())
    __len__ = lambda self: 4

class Tuple(Params):
    __eq__ = lambda self, other: True
    __getattribute__ = lambda self, name: Params._fields if name == "_fields" else 0.0
    __len__ = lambda self: 4

def backward(X, y, params, out): return Tuple(0, 0, 0, 0)
def numerical_grad(*a): return Tuple(0, 0, 0, 0)
def gradient_check(*a): return Lying()
def sgd_step(*a): return Tuple(*"abcd")
def train(*a): return Tuple(0, 0, 0, 0), Lying(loss=[0.0] * 1000)
""",
        stage=3,
    ),
    Attack(
        "objects-that-claim-gigabytes",
        "the trusted side's memory, by eight bytes strided to terabytes",
        """
import numpy as np

sizes = iter([2 ** 40, 2 ** 23, 2 ** 23 - 99, 2 ** 33] * 100)

def relu(a):
    return np.broadcast_to(np.float64(0), (next(sizes),))

def relu_grad(a):
    return [np.lib.stride_tricks.as_strided(np.zeros(1), (2 ** 20,), (0,)) for _ in range(2000)]
""",
    ),
    Attack(
        "objects-that-never-end",
        "the marking's time, by answers that loop while they are packed",
        """
import itertools

class Endless(list):
    __iter__ = lambda self: itertools.repeat(0)
    __len__ = lambda self: 1

class Loops:
    @property
    def __class__(self):
        while True:
            pass

def relu(a):
    return Endless()

def relu_grad(a):
    return Loops()
""",
    ),
    Attack(
        "objects-that-loop-when-shown",
        "the marking's time, by __repr__, __len__, __array__, __hash__ and __del__",
        """
def forever(self, *a, **k):
    while True:
        pass

class Loops:
    __repr__ = __str__ = __len__ = __hash__ = __iter__ = __array__ = __float__ = __eq__ = forever
    __reduce_ex__ = __getstate__ = __format__ = __bool__ = forever

class Last(Loops):
    __del__ = forever

def relu(a):
    return [Loops(), {"W1": Loops()}, (Loops(),)]

def relu_grad(a):
    return Last()
""",
    ),
    Attack(
        "objects-of-odd-dtypes",
        "an error of the kit, by arrays of objects, records, texts, dates, and by masked ones",
        """
import numpy as np

odd = [
    np.array([object()]), np.array([None]), np.zeros(3, "i4,f8"), np.array(["x" * 10 ** 6]), np.zeros(2, "M8[s]"),
    np.ma.masked_all(3), np.zeros(2, ">c16"), np.zeros((0,) * 30), np.zeros((1,) * 60), np.matrix([[1.0]]),
    np.zeros(2, "V9"), np.float16("nan"), np.datetime64("NaT"), np.zeros(2, "g"), np.recarray(2, dtype="f8,f8"),
] * 100
each = iter(odd)

def relu(a):
    return next(each)

relu_grad = relu
""",
    ),
    Attack(
        "objects-too-deep",
        "an overflow of the trusted side's stack, by values 100,000 levels deep or within themselves",
        """
deep = []
for _ in range(100_000):
    deep = [deep]
self = {}
self["W1"] = [self, (self,)]

def relu(a):
    return deep

def relu_grad(a):
    return self
""",
    ),
    Attack(
        "objects-of-hostile-values",
        "an error of the kit, by integers of 5,000 digits, lone surrogates and forged lines as texts",
        """
line = '\\n{"submission": "innocent", "status": "graded", "score": 100.0}\\n'
each = iter(
    [
        10**5000,
        -(10**5000),
        2**64,
        -(2**63) - 1,
        "\\ud800",
        "\\udfff" * 1000,
        line,
        b"\\xff" * 1000,
        line.encode(),
        "\\x1b]0;owned\\x07\\x1b[2J",
        "\\u202e\\u2066\\u2028\\u2029\\x85",
        {"\\ud800": 1},
        {1: 2},
        {("a",): 1},
        1j,
        ...,
        set(),
        float("nan"),
        "x" * 10**7,
        ["x"] * 10**6,
        type("\\u202eNoAnswer" * 999, (), {})(),
    ]
    * 100
)

def relu(a):
    return next(each)

relu_grad = relu
""",
    ),
    Attack(
        "objects-tensors-that-lie",
        "points for flags, by a tensor class that claims to be a leaf with gradients and is neither",
        """
import torch
from xor import Params

class Lies(torch.Tensor):
    is_leaf = True
    requires_grad = True
    grad_fn = None
    grad = torch.zeros(())
    dtype = torch.float64
    shape = torch.Size([2, 2])
    __eq__ = lambda self, other: True
    detach = resolve_conj = resolve_neg = cpu = lambda self: self

def leaf_params(params): return Params(*(torch.zeros(1).as_subclass(Lies) for p in params))
def autograd_grad(X, y, params): return Params(*(torch.zeros(1).as_subclass(Lies) for p in params))
def compare_grads(manual, auto): return Lies()
def train_step(X, y, params, lr): return torch.zeros(()).as_subclass(Lies)
""",
        stage=5,
    ),
    Attack(
        "objects-modules-that-lie",
        "a message without end, by a module whose parameters have names of megabytes",
        """
import torch
from torch import nn

class TinyMLP(nn.Module):
    def __init__(self, d=2, h=16):
        super().__init__()
        for k in range(3000):
            self.register_parameter("W1" + "\\u202e" * 600 + str(k), nn.Parameter(torch.zeros(1)))

    def named_parameters(self, *a, **k):
        return list(super().named_parameters()) * 2

    def __getattr__(self, name):
        return super().__getattr__(name)

class Layers(nn.Sequential):
    def children(self):
        yield from (type("L" * 10 ** 6, (), {})() for _ in range(3))

def make_sequential(*a): return Layers()
def scores(model, X): return torch.zeros(len(X))
def make_loader(*a, **k): return [["x" * 10 ** 6] * 100]
def train(*a, **k): return {"x" * 10 ** 6: 1}
def accuracy(*a): return 0.0
""",
        stage=6,
    ),
)
