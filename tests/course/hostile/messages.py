"""Attacks by messages: bytes on the worker's connection that claim, nest, swell or never end."""

from hostile.attack import Attack

ZEROS = """
import numpy as np

def zeros():
    asked = request()
    return {"id": asked["id"], "value": np.zeros_like(asked["args"][0]), "printed": "", "count": 0,
            "after": asked["args"], "outcome": "passed", "points": 5.0, "score": 100.0}
"""
"""Builds a reply of the right form to the request at hand."""

ARRAYS = """
import msgpack

def array(*fields, code=0):
    return msgpack.ExtType(code, msgpack.packb(list(fields)))

arrays = [
    array("float64", [2**26, 2**26], b""),
    array("float64", [0] * 33, b""),
    array("float64", [-1, -8], b"\\0" * 64),
    array("object", [1], b"\\0" * 8),
    array("O", [1], b"\\0" * 8),
    array("float64", [1], b"\\0" * 7),
    array([], {}, 0),
    array("float64", [0, 2**26, 2**26, 2**26], b""),
    array("float64", [True], b"\\0" * 8),
    array("V8", [1], b"\\0" * 8),
    array("float64", [], b"\\0" * 8, 1, 1, 1, code=1),
    array("float64", [2], b"\\0" * 16, code=2),
    array(code=4),
    array("Params", 1, code=4),
    array("tuple", 1, 2, 3, 4, code=4),
    array("x", "y", code=5),
    array(2**63, 0, code=5),
    msgpack.ExtType(6, b"\\xff" * 10**6),
    msgpack.ExtType(7, b"\\xff" * 10**6),
    msgpack.ExtType(127, b""),
    msgpack.ExtType(3, b"\\xc7\\x01\\x03\\xc7" * 9),
    msgpack.Timestamp(2**40, 1),
]

def relu(a):
    value = one_of(arrays[len(arrays) * PART // 3 :])
    send(msgpack.packb({"id": request()["id"], "value": value, "printed": "", "count": 0, "after": [value]}))

relu_grad = relu
"""
"""Arrays and extensions that cannot be; more than one submission has calls for."""

ATTACKS = (
    Attack(
        "pipe-keys-of-two-kinds",
        "an error of the kit, by dicts whose keys are bytes and texts",
        """
import msgpack

def gradient_check(*a):
    value = {b"W1": 0.0, "W1": 0.0, "\\x1b[2J\\u202e": 0.0}
    send(msgpack.packb({"id": request()["id"], "value": value, "printed": "", "count": 0}))

def train(*a):
    history = {b"loss": [0.0], "loss": msgpack.ExtType(3, msgpack.packb([0.0]))}
    value = msgpack.ExtType(3, msgpack.packb([0.0, history]))
    send(msgpack.packb({"id": request()["id"], "value": value, "printed": "", "count": 0, "after": [value] * 5}))

backward = numerical_grad = sgd_step = gradient_check
""",
        stage=3,
    ),
    Attack(
        "pipe-garbage",
        "an error of the kit, by bytes that are no message",
        """
import random, struct

junk = random.Random(1)
garbage = [
    junk.randbytes(99),
    b"",
    b"\\xc1" * 50,
    b"\\xd9\\x02\\xed\\xa0",
    b"\\x81\\xa2id\\x01" * 9,
    b"\\xc7\\xff\\x63",
]

def relu(a):
    send(one_of(garbage))
    return a

def relu_grad(a):
    os.write(pipe(), junk.randbytes(10**5))
    return a
""",
    ),
    Attack(
        "pipe-claimed-lengths",
        "the trusted side's memory, by gigabytes and a billion entries that are only claimed",
        """
import struct

claims = [
    b"\\xdd\\xff\\xff\\xff\\xff",
    b"\\xdf\\xff\\xff\\xff\\xff",
    b"\\xdb\\xff\\xff\\xff\\xff",
    b"\\xc9\\xff\\xff\\xff\\xff\\x00",
    b"\\xc6\\xff\\xff\\xff\\xff",
    b"\\xdd\\x00\\x01\\x86\\xa0" * 1000,
]

def relu(a):
    send(one_of(claims))
    return a

def relu_grad(a):
    os.write(pipe(), struct.pack(">I", one_of(lengths)) + b"\\x80")
    import time

    time.sleep(60)

lengths = [0xFFFFFFFF, 60 * 2**20]
""",
    ),
    *(
        Attack(
            f"pipe-arrays-that-claim-{part + 1}",
            "memory or a crash, by arrays whose shape, dtype and bytes do not go together",
            f"PART = {part}" + ARRAYS,
        )
        for part in range(3)
    ),
    Attack(
        "pipe-nested-messages",
        "an overflow of the trusted side's stack, by lists, maps and extensions nested without end",
        """
import msgpack, struct

def nested_extensions(levels):
    message = b"\\x90"
    for _ in range(levels):
        message = b"\\xc9" + struct.pack(">I", len(message) + 1) + b"\\x03\\x91" + message
    return message

deep = [
    b"\\x91" * 10**6,
    b"\\x81\\xa1a" * 10**6,
    nested_extensions(3000),
    nested_extensions(11),
    b"\\x91" * 500 + b"\\xc0",
]

def relu(a):
    value = one_of(deep)
    id = msgpack.packb(request()["id"])
    send(b"\\x84\\xa2id" + id + b"\\xa7printed\\xa0\\xa5count\\x00\\xa5value" + value)
    return a

relu_grad = relu
""",
    ),
    Attack(
        "pipe-one-byte-is-many",
        "gigabytes of the trusted side's memory, by a message of 30 MB in which each byte becomes a dict",
        """
import struct

def relu(a):
    inner = b"\\xdd" + struct.pack(">I", 100_000) + b"\\x80" * 100_000
    send(b"\\xdd" + struct.pack(">I", 300) + inner * 300)

def relu_grad(a):
    inner = b"\\xdd" + struct.pack(">I", 100_000) + b"\\xd4\\x07x" * 100_000
    send(b"\\xdd" + struct.pack(">I", 40) + inner * 40)
""",
    ),
    Attack(
        "pipe-slow-to-decode",
        "the trusted side's time, by millions of extensions that each take long to unpack",
        """
import struct

def relu(a):
    one = b"\\xc7\\x0c\\x00\\x93\\xa5int64\\x91\\x00\\xc4\\x00"
    inner = b"\\xdd" + struct.pack(">I", 100_000) + one * 100_000
    send(b"\\xdd" + struct.pack(">I", 40) + inner * 40)

relu_grad = relu
""",
    ),
    Attack(
        "pipe-one-byte-a-time",
        "the marking's time, by a reply that comes byte by byte",
        """
import time

def relu(a):
    for byte in framed(zeros()):
        os.write(pipe(), bytes([byte]))
        time.sleep(0.2)
    return a

def relu_grad(a):
    return a
""",
        base=ZEROS,
    ),
    Attack(
        "pipe-replies-that-never-stop",
        "the trusted side's memory, by a stream of messages without end",
        """
def relu(a):
    os.set_blocking(pipe(), True)
    message = framed(zeros()) * 1000
    while True:
        os.write(pipe(), message)

def relu_grad(a):
    os.set_blocking(pipe(), True)
    while True:
        os.write(pipe(), b"\\x00" * 65536)
""",
        base=ZEROS,
    ),
)
