"""Attacks by exceptions: endings that bear false names, long texts, and rings of causes."""

from hostile.attack import WRONG, Attack

ATTACKS = (
    Attack(
        "exceptions-named-like-verdicts",
        "points by exceptions that bear the names of the kit's and pytest's own",
        """
names = [
    "NoAnswer",
    "Verdict",
    "Wrong",
    "Skipped",
    "Exit",
    "Unfit",
    "XFailed",
    "TimeoutError",
    "KitError",
    "Malformed",
]

class Meta(type):
    __name__ = "passed"
    mro = lambda cls: [cls, Exception, BaseException, object]

made = [Meta(name, (Exception,), dict(outcome="passed", points=5.0, kinds=("ValueError",))) for name in names]
each = iter(made * 100)

def relu(a):
    raise next(each)("passed")

relu_grad = relu
""",
    ),
    Attack(
        "exceptions-that-end-pytest",
        "an end of the marking, by every exception that ends an interpreter or pytest",
        """
import asyncio

class Base(BaseException):
    pass

kinds = [SystemExit, KeyboardInterrupt, GeneratorExit, Base, asyncio.CancelledError, StopIteration, MemoryError]
try:
    import pytest
    kinds += [pytest.skip.Exception, pytest.exit.Exception, pytest.fail.Exception, pytest.xfail.Exception]
except Exception as error:
    print("no pytest:", error)
each = iter(kinds * 100)

def relu(a):
    raise next(each)("0")

def relu_grad(a):
    raise BaseExceptionGroup("several", [SystemExit(0), KeyboardInterrupt()])
""",
    ),
    Attack(
        "exceptions-with-hostile-texts",
        "the marking's time and memory, by __str__ that loops and by texts of a hundred megabytes",
        """
class Loops(Exception):
    def __str__(self):
        while True:
            pass

class Lies(Exception):
    __str__ = lambda self: b"passed"

class Huge(Exception):
    __str__ = lambda self: "\\x1b[31m\\u202e" * 10 ** 7

each = iter([Huge, Lies, ValueError] * 100)

def relu(a):
    raise Loops

def relu_grad(a):
    kind = next(each)
    raise kind("relu passed\\n" * 10 ** 6) from kind()
""",
    ),
    Attack(
        "exceptions-of-huge-names",
        "results of gigabytes, by an ImportError that names a module of a megabyte",
        """
def relu(a):
    raise ImportError("no", name="torch." + "A" * 10 ** 6)

def relu_grad(a):
    raise type("E" * 10 ** 6, (ValueError,), {})("x" * 10 ** 6)
""",
    ),
    Attack(
        "exceptions-in-a-ring",
        "a walk without end through causes, contexts and tracebacks",
        """
def relu(a):
    one, two = ValueError("one"), ValueError("two")
    one.__cause__, two.__cause__ = two, one
    one.__context__, two.__context__ = two, one
    one.__notes__ = ["x" * 10 ** 7]
    raise one

def relu_grad(a):
    try:
        relu(a)
    except ValueError as error:
        for _ in range(5000):
            try:
                raise error
            except ValueError:
                pass
        raise
""",
        base=WRONG,
    ),
)
