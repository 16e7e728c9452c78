"""What crosses between the suites and a worker: data only, in bounded messages.

`values` holds the types and the bounds, `encoding` makes messages, `decoding` takes them apart, `messages` passes
them through a socket.
"""

from grader.wire.decoding import Revive, decode
from grader.wire.encoding import encode
from grader.wire.messages import Deadline, receive, send
from grader.wire.values import MAX_MESSAGE, Handle, Malformed, Opaque, Records, Tensor

__all__ = [
    "MAX_MESSAGE",
    "Deadline",
    "Handle",
    "Malformed",
    "Opaque",
    "Records",
    "Revive",
    "Tensor",
    "decode",
    "encode",
    "receive",
    "send",
]
