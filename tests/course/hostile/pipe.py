"""Attacks by the pipe: the worker's connection taken over, and replies forged, doubled, hurried or delayed."""

from hostile.attack import RIGHT, WRONG, Attack

ZEROS = """
import numpy as np

def zeros():
    asked = request()
    return {"id": asked["id"], "value": np.zeros_like(asked["args"][0]), "printed": "", "count": 0,
            "after": asked["args"], "outcome": "passed", "points": 5.0, "score": 100.0}
"""
"""Builds a reply of the right form to the request at hand."""

ATTACKS = (
    Attack(
        "pipe-honest-impostor",
        "nothing: answers rightly by messages of its own, so that what the others forge is known to be understood",
        """
import socket, struct
from grader import wire

def answer(asked):
    function = {"relu": np.maximum, "relu_grad": lambda a, zero: (a > zero).astype(a.dtype)}[asked["name"]]
    value = np.asarray(function(asked["args"][0], 0), dtype=asked["args"][0].dtype)
    send({"id": asked["id"], "value": value, "printed": "", "count": 0, "after": asked["args"]})

def read(length):
    got = b""
    while len(got) < length:
        got += os.read(pipe(), length - len(got)) or os._exit(0)
    return got

def relu(a):
    os.set_blocking(pipe(), True)
    answer(request())
    while True:
        answer(wire.decode(read(struct.unpack(">I", read(4))[0])))

relu_grad = relu
""",
        at_most=10,
        at_least=10,
        base=RIGHT,
    ),
    Attack(
        "pipe-replies-before-they-are-asked-for",
        "points by replies to every call to come, sent while the module is loaded",
        """
for number in range(300):
    send({"id": number, "value": np.zeros(3), "printed": "", "count": 0, "after": [np.zeros(3)], "points": 5.0})
""",
        base=WRONG + ZEROS,
    ),
    Attack(
        "pipe-two-replies-to-one-call",
        "points by a second reply, to be taken for the next call's",
        """
def relu(a):
    reply = zeros()
    send(reply, reply | {"id": reply["id"] + 1}, reply | {"id": reply["id"] + 2})
    return a

relu_grad = relu
""",
        base=ZEROS,
    ),
    Attack(
        "pipe-replies-of-other-ids",
        "points by replies for other calls: negative, of other types, of earlier calls",
        """
wrong = [-1, 0, 10 ** 30, True, 1.0, "1", None, [1], b"1", float("nan")]

def relu(a):
    send(zeros() | {"id": one_of(wrong)})
    return a

relu_grad = relu
""",
        base=ZEROS,
    ),
    Attack(
        "pipe-forged-results",
        "points by replies that are results, verdicts and reports, in whole lines of results.jsonl",
        """
import json

line = {
    "submission": "innocent",
    "status": "graded",
    "score": 100.0,
    "max_score": 100.0,
    "stages": [
        {
            "stage": "stage1_relu",
            "score": 10.0,
            "max_score": 10.0,
            "output": "",
            "tests": [
                {
                    "task": "relu",
                    "test": "TestRelu::test_values",
                    "points": 10.0,
                    "max_points": 10.0,
                    "outcome": "passed",
                }
            ],
        }
    ],
}
forged = [line, [line], json.dumps(line), json.dumps(line).encode() + b"\\n", "ready", {"raised": None}, None, 1.0]

def relu(a):
    reply = one_of(forged)
    send(reply if not isinstance(reply, dict) else zeros() | reply)
    return a

relu_grad = relu
""",
        base=ZEROS,
    ),
    Attack(
        "pipe-forged-exceptions",
        "an error of the kit, by exceptions with parts of the wrong kind and of every size",
        """
plain = {"type": "E", "kinds": ["E"], "text": "t", "where": "w", "hidden": None}
forged = [
    plain | {"kinds": ["ValueError"] * 100_000},
    plain | {"hidden": "torch." + "A" * 10**6},
    plain | {"text": b"t"},
    plain | {"type": "T" * 10**6, "where": "\\x1b[2J\\u202e" * 10**5},
    plain | {"kinds": {}},
    {},
    [],
    None,
    "x",
    plain | {"type": "Unfit", "text": "passed\\n" * 10**5},
    plain | {"hidden": 5},
    plain | {"kinds": [None]},
    plain | {"kinds": ["NotImplementedError"]},
    plain | {"kinds": ["AttributeError"], "text": "has no attribute ''"},
]

def relu(a):
    send({"id": request()["id"], "printed": "\\x1b[2J" * 10**6, "raised": one_of(forged)})
    return a

relu_grad = relu
""",
        base=ZEROS,
    ),
    Attack(
        "pipe-forged-handles",
        "an error of the kit, by handles of other workers and of impossible numbers",
        """
from grader.wire import Handle

handles = [Handle(0, 99), Handle(10 ** 30, 0), Handle(-1, -1), Handle(True, False), Handle("0", 0), [Handle(0, 0)]]

def TinyMLP(*a):
    send({"id": request()["id"], "value": one_of(handles), "printed": "", "count": 0})
    return 0

make_sequential = scores = make_loader = train = accuracy = TinyMLP
""",
        stage=6,
    ),
    Attack(
        "pipe-late-replies",
        "points by a thread that answers after the time limit, and for calls that come later",
        """
import threading, time

def late(reply):
    for number in range(reply["id"], reply["id"] + 50):
        time.sleep(0.05)
        send(reply | {"id": number})

def relu(a):
    threading.Thread(target=late, args=(zeros(),)).start()
    time.sleep(2.2)
    return a

def relu_grad(a):
    threading.Thread(target=late, args=(zeros(),), daemon=True).start()
    return a
""",
        base=ZEROS,
    ),
    Attack(
        "pipe-closed",
        "an error of the kit, by a pipe that is closed, shut down or replaced",
        """
import socket

def shut_down():
    own_socket().shutdown(socket.SHUT_RDWR)

def replace():
    os.dup2(os.open(os.devnull, os.O_RDWR), pipe())

ways = [lambda: os.close(pipe()), shut_down, replace, lambda: os.closerange(0, 1000)]

def relu(a):
    one_of(ways)()
    return a

def relu_grad(a):
    own_socket().shutdown(socket.SHUT_RD)
    return a
""",
    ),
    Attack(
        "pipe-descriptors-and-urgent-bytes",
        "descriptors, credentials and out-of-band bytes left in the trusted side's lap",
        """
import array, socket

def relu(a):
    given = array.array("i", [0, 1, 2])
    rights = (socket.SOL_SOCKET, socket.SCM_RIGHTS, given)
    attempt("descriptors", lambda: own_socket().sendmsg([framed(zeros())], [rights]))
    attempt("peer", lambda: own_socket().getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12))
    attempt("buffers", lambda: own_socket().setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 2**30))
    return a

def relu_grad(a):
    reply = framed(zeros())
    own_socket().send(reply[:9])
    attempt("urgent", lambda: own_socket().send(b"!", socket.MSG_OOB))
    own_socket().send(reply[9:])
    return a
""",
        base=ZEROS,
    ),
    Attack(
        "pipe-wishes-without-end",
        "the marking's time, by asking again and again for earlier stages, real and invented ones",
        """
def affine(x, W, b):
    while True:
        send({"need": "stage1_relu"})

def forward(X, params):
    while True:
        send({"need": "stage1_relu"})
        os.set_blocking(pipe(), False)
        try:
            while os.read(pipe(), 65536):
                pass
        except BlockingIOError:
            pass
        os.set_blocking(pipe(), True)

names = ["stage2_forward", "xor", "formulas", "../solutions/stage2_forward", "", 5, ["stage1_relu"], b"x", True]

def loss(f, y):
    send({"need": one_of(names), "id": request()["id"], "value": 0.5})
    return 0.5

accuracy = check_shapes = loss
""",
        stage=2,
        further={"stage1_relu.py": "x = 1"},
    ),
    Attack(
        "pipe-requests-read-by-another",
        "calls that hang the trusted side, by a thread that takes requests away from the worker",
        """
import threading

def take():
    while os.read(pipe(), 65536):
        pass

def relu(a):
    os.set_blocking(pipe(), True)
    threading.Thread(target=take, daemon=True).start()
    return a

relu_grad = relu
""",
    ),
)
