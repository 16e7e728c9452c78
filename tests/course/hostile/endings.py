"""Attacks by endings: a worker that ends itself in every way, at every time."""

from hostile.attack import RIGHT, WRONG, Attack

ATTACKS = (
    Attack(
        "endings-at-import",
        "an end of the marking, by a module that exits with success",
        "os._exit(0)",
        base=RIGHT,
    ),
    Attack(
        "endings-in-calls",
        "an end of the marking, by exits, aborts and crashes in calls",
        """
import ctypes, signal

ways = [lambda: os._exit(0), os.abort, lambda: ctypes.string_at(0), lambda: os.kill(os.getpid(), signal.SIGKILL),
             lambda: sys.exit(0), lambda: ctypes.pythonapi.Py_Exit(0), lambda: exec("raise SystemExit"),
             lambda: signal.raise_signal(signal.SIGSEGV), lambda: signal.alarm(1)]

def relu(a):
    one_of(ways)()
    return a

def relu_grad(a):
    ctypes.pythonapi.Py_FatalError(b"passed")
""",
    ),
    Attack(
        "endings-by-stopping",
        "a marking that waits, by a worker that stops itself and reads no request",
        """
import signal

def relu(a):
    os.kill(os.getpid(), signal.SIGSTOP)
    return a

def relu_grad(a):
    signal.raise_signal(signal.SIGTSTP)
    signal.raise_signal(signal.SIGTTIN)
    return a
""",
    ),
    Attack(
        "endings-after-the-answer",
        "an end of the marking, by threads that exit while the next call is on its way",
        """
import _thread, threading, time

def later(way):
    def wait():
        time.sleep(0.01)
        way()
    threading.Thread(target=wait, daemon=True).start()

def relu(a):
    later(lambda: os._exit(0))
    return a

def relu_grad(a):
    later(_thread.interrupt_main)
    return a
""",
    ),
    Attack(
        "endings-by-odd-signals",
        "an error of the kit, by signals that have no name",
        """
import signal

numbers = range(35, 64)

def relu(a):
    os.kill(os.getpid(), one_of(numbers))
    return a

def relu_grad(a):
    signal.raise_signal(one_of(numbers))
    return a
""",
    ),
    Attack(
        "endings-of-the-first-thread",
        "points by a thread that goes on and answers when the worker's own thread has ended",
        """
import threading, time

def go_on(asked):
    time.sleep(0.1)
    for number in range(asked["id"], asked["id"] + 30):
        send({"id": number, "value": 0.0 * asked["args"][0], "printed": "", "count": 0, "after": asked["args"]})
    time.sleep(60)

def relu(a):
    threading.Thread(target=go_on, args=(request(),)).start()
    libc().pthread_exit(0)

def relu_grad(a):
    libc().syscall({"x86_64": 60, "aarch64": 93}[os.uname().machine], 0)
""",
    ),
    Attack(
        "endings-of-the-interpreter",
        "an end of the marking, by an interpreter that is torn down beneath the worker",
        """
import ctypes

def relu(a):
    ctypes.pythonapi.Py_FinalizeEx()
    return a

def relu_grad(a):
    for name in list(sys.modules):
        del sys.modules[name]
    sys.stdout = sys.stderr = None
    vars(__builtins__ if not isinstance(__builtins__, dict) else sys).clear()
    return a
""",
        base=WRONG,
    ),
)
